/* SPDX-License-Identifier: MIT */
/*
 * What a run found, as a table for people and as JSON for programs. The JSON is one object:
 *
 * - schema: 1; grows by keys, changes when one changes its meaning
 * - program: "nbl_bench"
 * - library: version, isa (the best level of this machine), build (object of the lines of nbl_build_info())
 * - machine: cpu, system, cores, memory_bytes, load, compiler (of this program)
 * - settings: quick, cpu_time (processor time of one thread, instead of wall time), threads (0 = the library's
 *   default), used_threads, isa (as given to --isa), used_isa
 * - cases: array, in order of execution; empty with --scaling and --metrics
 * - scaling: array, with --scaling only
 * - sweep: object, with --sweep only
 * - metrics: array, with --metrics only
 *
 * A case:
 *
 * - name, text, cutoff (of the build), cutoffs (of the searches, where there are several), way (what was
 *   measured), systems, atoms (of all systems), pair_bytes (written per pair; 0 where rows are consumed on the
 *   fly)
 * - error: instead of all that follows, if the case failed
 * - pairs (of all lists), digest (order-independent, hex; of results, where rows are consumed on the fly)
 * - time: seconds per pass over all systems: median, lowest, highest, repetitions, passes (in one repetition),
 *   build, search, fetch (medians; null where there is no such phase)
 * - ns_per_atom, ns_per_pair, mpairs_per_s, bytes_per_s (of the outputs, over the whole time)
 * - store: bytes per second into the same memory: regular, stream, fraction (bytes_per_s over the higher one)
 * - memory: peak (resident bytes of the process), above_buffers (peak less what was resident with inputs and
 *   outputs in place), outputs, list (held by the cell list or batch), result, allocations (of the handles, in
 *   5 passes after the first, where atoms move between passes; otherwise null)
 * - plan: algorithm (brute, cells or mixed), bins, images (of the last system), grids (of a batch: systems
 *   that are sorted into bins)
 * - reference: our own other way to the same, or null
 * - narrow: the same with int32 i and j, or null
 * - isas: array: the same on lower levels of instructions
 * - peers: array: name, interface, and then error, or unable (why it has no figures), or time (without phases),
 *   figures as above, store_fraction, peak, above_inputs (peak less what was resident with the inputs in place:
 *   its outputs are its own), pairs, digest, wrong (pairs with a wrong vector or distance), same, ratio (its
 *   median over ours), narrow_ratio (over ours with int32 i and j; null where that was not measured)
 *
 * A reference, narrow or level was measured in turns with the case: name, pair_bytes, time, figures as above,
 * store_fraction, pairs, digest, same, ratio (its median over that of the case), share (the inverse),
 * overhead_ns_per_atom (the case less this one).
 *
 * A scaling has name to digest like a case, same (every number of threads found the same), and runs, an array:
 * threads, time, ns_per_atom, bytes_per_s, store, speedup (the median of one thread over this one).
 *
 * The sweep: text, cutoff, passes (over all points; of each point the pass with the lowest median is
 * told, of peers too), points: array of cases, each with step (its time per atom over that of the point before;
 * null for the first), and largest_step: ratio, from, to (atoms).
 *
 * An entry of metrics: name, text, cutoff, systems, atoms (of all systems), threads, neighbours (mean), time
 * (without phases), ns_per_atom, original_seconds (of another program on another machine; null if not known).
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

enum { BENCH_MAX_PEERS = 8, BENCH_MAX_RUNS = 20, BENCH_MAX_ISA = 15, BENCH_MAX_VARIANTS = 2 + BENCH_MAX_ISA };

typedef struct bench_peer_outcome {
    const char *name, *interface;
    bench_timing time;
    bench_digest digest;
    int64_t peak, above_inputs; /* bytes; -1 if not known */
    bool same;
    bool unable;     /* it does not have what was asked for; error tells what */
    char error[256]; /* empty if the peer ran */
} bench_peer_outcome;

/* What the case is measured in turns with, of our own. */
enum bench_variant_kind { BENCH_REFERENCE, BENCH_NARROW, BENCH_ISA };

typedef struct bench_variant {
    int kind; /* enum bench_variant_kind */
    const char *name;
    int pair_bytes;
    bench_timing time;
    bench_digest digest;
    bool same;
} bench_variant;

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
    int64_t allocations;         /* -1 if not counted */
    int64_t bins, images, grids; /* -1 if not known */
    const char *algorithm;
    int n_variants;
    bench_variant variants[BENCH_MAX_VARIANTS];
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

enum { BENCH_SWEEP_PASSES = 3 };

typedef struct bench_sweep {
    const char *text;
    double cutoff;
    int n_points;
    bench_outcome *points;
} bench_sweep;

typedef struct bench_settings {
    bool quick, cpu_time;
    bool brief;  /* less time for each: it is not measured once only */
    bool narrow; /* measure with int32 i and j too */
    bool isas;   /* measure lower levels of instructions too */
    int32_t n_threads, used_threads;
    int32_t isa, used_isa; /* enum nbl_isa; the latter is never AUTO */
} bench_settings;

/* Derived figures; 0 where there is nothing to divide by. */
double nbl__bench_ratio(double a, double b);
double nbl__bench_ns_per_atom(const bench_subject *subject, double seconds);
double nbl__bench_ns_per_pair(const bench_digest *digest, double seconds);
double nbl__bench_bytes_per_s(int pair_bytes, const bench_digest *digest, double seconds);

/* The median with int32 i and j; 0 if that was not measured. */
double nbl__bench_narrow_time(const bench_outcome *outcome);

/* Time per atom over that of the point before; 0 for the first and for what failed. And the point of the
 * largest. */
double nbl__bench_sweep_step(const bench_sweep *sweep, int point);
int nbl__bench_sweep_largest(const bench_sweep *sweep);

#endif
