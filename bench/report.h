/* SPDX-License-Identifier: MIT */
/*
 * What a run found, as a table for people and as JSON for programs. The JSON is one object:
 *
 *   schema       1; grows by keys, changes when one changes its meaning
 *   program      "nbl_bench"
 *   library      version, isa, build (object of the lines of nbl_build_info())
 *   machine      cpu, system, cores, memory_bytes, load, compiler (of this program)
 *   settings     quick, cpu_time (processor time of one thread, instead of wall time), threads (0 = the
 * library's default), used_threads cases        array, in order of execution: name, text, cutoff, systems,
 * atoms (of all systems), pairs, digest (order-independent, hex) error                  instead of all that
 * follows, if the case failed time                   seconds per pass over all systems: median, lowest,
 * highest, repetitions, passes (in one repetition), build, search, fetch (medians) ns_per_atom, ns_per_pair,
 * mpairs_per_s, bytes_per_s (of the outputs, over the whole time) store                  bytes per second into
 * the same memory: regular, stream, fraction (bytes_per_s over the higher of the two) memory peak (resident
 * bytes of the process), above_buffers (peak less what was resident with inputs and outputs in place), outputs,
 * list, result (held by the handles) plan                   algorithm, bins, images (of the last system) peers
 * array: name, interface, time, ns_per_atom, peak, pairs, digest, same, ratio (its median over ours), or name,
 * interface, error
 *
 * Numbers that are not known are null.
 */
#ifndef NBL_BENCH_REPORT_H
#define NBL_BENCH_REPORT_H

#include "digest.h"
#include "harness.h"
#include "machine.h"
#include "stores.h"

#include <stdio.h>

enum { BENCH_MAX_PEERS = 8 };

typedef struct bench_peer_outcome {
    const char *name, *interface;
    bench_timing time;
    bench_digest digest;
    int64_t peak;
    bool same;
    char error[256]; /* empty if the peer ran */
} bench_peer_outcome;

typedef struct bench_outcome {
    const char *name, *text;
    double cutoff;
    int64_t systems, atoms;
    bench_digest digest;
    bench_timing time;
    bench_stores stores;
    int64_t peak, above_buffers; /* bytes; -1 if not known */
    int64_t output_bytes, list_bytes, result_bytes;
    int64_t bins, images;
    int32_t algorithm;
    int n_peers;
    bench_peer_outcome peers[BENCH_MAX_PEERS];
    char error[256]; /* empty if the case ran */
} bench_outcome;

typedef struct bench_settings {
    bool quick, cpu_time;
    int32_t n_threads, used_threads;
} bench_settings;

/* Derived figures; 0 where there is nothing to divide by. */
double nbl__bench_ns_per_atom(const bench_outcome *outcome, double seconds);
double nbl__bench_ns_per_pair(const bench_outcome *outcome);
double nbl__bench_bytes_per_s(const bench_outcome *outcome);

void nbl__bench_table_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           const char *const *peers, int n_peers);
void nbl__bench_table_row(FILE *file, const bench_outcome *outcome);

void nbl__bench_json_begin(FILE *file, const bench_machine *machine, const bench_settings *settings);
void nbl__bench_json_case(FILE *file, const bench_outcome *outcome, bool first);
void nbl__bench_json_end(FILE *file);

#endif
