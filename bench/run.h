/* SPDX-License-Identifier: MIT */
/* One case from its atoms to its figures: the library, then the stores, then the peers, one after another. */
#ifndef NBL_BENCH_RUN_H
#define NBL_BENCH_RUN_H

#include "cases.h"
#include "peers.h"
#include "report.h"

/* Takes the set over and frees it. What failed is in outcome->error and in the peers' errors. */
void nbl__bench_run(const bench_case *item, bench_systems *set, const bench_settings *settings,
                    bench_peer *peers, int n_peers, bench_outcome *outcome);

/* The same case with several numbers of threads, in turns. Takes the set over, too. */
void nbl__bench_scale(const bench_case *item, bench_systems *set, const bench_settings *settings,
                      const int32_t *threads, int n_runs, bench_scaling *scaling);

/* 1, 2, 4 ... and the greatest itself; how many. */
int nbl__bench_thread_counts(int32_t greatest, int32_t threads[BENCH_MAX_RUNS]);

/*
 * One crystal of copper in 1, 2, 4 ... copies of its primitive cell, several times over; of each point and
 * contender the best median. Opens with no points, and calls `told` when a point is final. False: out of
 * memory. In either case close.
 */
bool nbl__bench_sweep_run(const bench_settings *settings, bench_peer *peers, int n_peers,
                          void (*told)(void *context, const bench_sweep *sweep, int point), void *context,
                          bench_sweep *sweep);
void nbl__bench_sweep_close(bench_sweep *sweep);

/* For all: what was asked for, and how long the yardstick may take. */
void nbl__bench_subject(const bench_case *item, const bench_systems *set, bench_subject *subject);
bench_budget nbl__bench_store_budget(const bench_settings *settings);

#endif
