/* SPDX-License-Identifier: MIT */
/*
 * How long does it take? A pass is the whole work of a case, once. Short passes are repeated inside one
 * repetition until that is long against the clock; the median of at least seven repetitions is the answer.
 * What is to be compared takes turns, so that a machine that slows down slows all alike.
 */
#ifndef NBL_BENCH_HARNESS_H
#define NBL_BENCH_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

enum { BENCH_PHASES = 3 }; /* build, search, fetch */

/*
 * One pass. If `phases` is not NULL, adds the seconds spent in each phase to it; a NULL keeps the clock out
 * of the loop, because reading it three times costs as much as a molecule does. False: the pass failed.
 */
typedef bool bench_pass(void *context, double *phases);

typedef struct bench_budget {
    double repetition; /* seconds that one repetition lasts at least */
    double total;      /* seconds that all repetitions last at least */
    double rest;       /* seconds of sleep before each repetition; then one pass that is not measured */
} bench_budget;

typedef struct bench_timing { /* seconds per pass */
    double median, lowest, highest;
    double phases[BENCH_PHASES]; /* medians; they come from passes of their own where a call is short */
    int64_t repetitions;
    int64_t passes; /* in one repetition */
} bench_timing;

typedef struct bench_contender {
    bench_pass *pass;
    bool (*ready)(void *context); /* before each pass and not timed, so that repetitions are single passes */
    void *context;
    int64_t calls; /* library calls in a pass; 0 if the pass knows no phases */
    bench_timing timing;
} bench_contender;

/* From now on the time that this thread ran, instead of the time on the wall. */
void nbl__bench_clock_thread(void);

double nbl__bench_clock(void);

/*
 * In every round each contender does one repetition. False: a pass failed. A rest is for contenders with
 * different numbers of threads: those of the one before may still spin in wait of more work, and share a core.
 */
bool nbl__bench_measure(bench_contender *contenders, int n_contenders, bench_budget budget);

/* One contender without phases. */
bool nbl__bench_measure_pass(bench_pass *pass, void *context, bench_budget budget, bench_timing *timing);

#endif
