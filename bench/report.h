/* SPDX-License-Identifier: MIT */
/*
 * What a run found, as a table for people and as JSON for programs. The JSON is one object:
 *
 * - schema: 1; grows by keys, changes when one changes its meaning
 * - program: "nbl_bench"
 * - library: version, isa, build (object of the lines of nbl_build_info())
 * - machine: cpu, system, cores, memory_bytes, load, compiler (of this program)
 * - settings: quick, cpu_time (processor time of one thread, instead of wall time), threads (0 = the library's
 *   default), used_threads
 * - cases: array, in order of execution; empty with --scaling
 * - scaling: array, with --scaling only
 *
 * A case:
 *
 * - name, text, cutoff (of the build), cutoffs (of the searches, where there are several), way (what was
 *   measured), systems, atoms (of all systems)
 * - error: instead of all that follows, if the case failed
 * - pairs (of all lists), digest (order-independent, hex; of results, where rows are consumed on the fly)
 * - time: seconds per pass over all systems: median, lowest, highest, repetitions, passes (in one repetition),
 *   build, search, fetch (medians; null where there is no such phase)
 * - ns_per_atom, ns_per_pair, mpairs_per_s, bytes_per_s (of the outputs, over the whole time)
 * - store: bytes per second into the same memory: regular, stream, fraction (bytes_per_s over the higher one)
 * - memory: peak (resident bytes of the process), above_buffers (peak less what was resident with inputs and
 *   outputs in place), outputs, list (held by the cell list or batch), result
 * - plan: algorithm (brute, cells or mixed), bins, images (of the last system), grids (of a batch: systems
 *   that are sorted into bins)
 * - reference: our own other way to the same, in turns with the case, or null: name, time, ns_per_atom, pairs,
 *   digest, same, ratio (its median over that of the case), share (the inverse), overhead_ns_per_atom (the case
 *   less the reference)
 * - peers: array: name, interface, time, ns_per_atom, peak, pairs, digest, same, ratio (its median over ours),
 *   or name, interface, error
 *
 * A scaling has name to digest like a case, same (every number of threads found the same), and runs, an array:
 * threads, time, ns_per_atom, bytes_per_s, store, speedup (the median of one thread over this one).
 *
 * Numbers that are not known are null.
 */
#ifndef NBL_BENCH_REPORT_H
#define NBL_BENCH_REPORT_H

#include "digest.h"
#include "harness.h"
#include "library.h"
#include "machine.h"
#include "stores.h"

#include <stdio.h>

enum { BENCH_MAX_PEERS = 8, BENCH_MAX_RUNS = 20 };

typedef struct bench_peer_outcome {
    const char *name, *interface;
    bench_timing time;
    bench_digest digest;
    int64_t peak;
    bool same;
    char error[256]; /* empty if the peer ran */
} bench_peer_outcome;

typedef struct bench_reference {
    const char *name; /* NULL: there is none */
    bench_timing time;
    bench_digest digest;
    bool same;
} bench_reference;

/* What was asked for. */
typedef struct bench_subject {
    const char *name, *text, *way;
    double cutoff;
    int32_t n_cutoffs;
    double cutoffs[BENCH_MAX_CUTOFFS];
    int64_t systems, atoms;
    int pair_bytes; /* written per pair */
} bench_subject;

typedef struct bench_outcome {
    bench_subject subject;
    bench_digest digest;
    bench_timing time;
    bench_stores stores;
    int64_t peak, above_buffers; /* bytes; -1 if not known */
    int64_t output_bytes, list_bytes, result_bytes;
    int64_t bins, images, grids; /* -1 if not known */
    const char *algorithm;
    bench_reference reference;
    int n_peers;
    bench_peer_outcome peers[BENCH_MAX_PEERS];
    char error[256]; /* empty if the case ran */
} bench_outcome;

typedef struct bench_run {
    int32_t n_threads;
    bench_timing time;
    bench_stores stores;
} bench_run;

typedef struct bench_scaling {
    bench_subject subject;
    bench_digest digest; /* of the first run */
    bool same;
    int n_runs;
    bench_run runs[BENCH_MAX_RUNS];
    char error[256]; /* empty if all ran */
} bench_scaling;

typedef struct bench_settings {
    bool quick, cpu_time;
    int32_t n_threads, used_threads;
} bench_settings;

/* Derived figures; 0 where there is nothing to divide by. */
double nbl__bench_ns_per_atom(const bench_subject *subject, double seconds);
double nbl__bench_ns_per_pair(const bench_digest *digest, double seconds);
double nbl__bench_bytes_per_s(const bench_subject *subject, const bench_digest *digest, double seconds);

void nbl__bench_table_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           const char *const *peers, int n_peers);
void nbl__bench_table_row(FILE *file, const bench_outcome *outcome);

void nbl__bench_scaling_head(FILE *file, const bench_machine *machine, const int32_t *threads, int n_runs);
void nbl__bench_scaling_rows(FILE *file, const bench_scaling *scaling);

/* Cases or scalings, not both, go between begin and end. */
void nbl__bench_json_begin(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           bool scaling);
void nbl__bench_json_case(FILE *file, const bench_outcome *outcome, bool first);
void nbl__bench_json_scaling(FILE *file, const bench_scaling *scaling, bool first);
void nbl__bench_json_end(FILE *file);

#endif
