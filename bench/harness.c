/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LEAST = 7, MOST = 501 };

/* A call shorter than this is not measured together with its phases. */
static const double short_call = 1e-4;

typedef struct samples {
    double total[MOST];
    double phases[BENCH_PHASES][MOST];
    int count;
} samples;

static clockid_t clock_id = CLOCK_MONOTONIC;

void nbl__bench_clock_thread(void)
{
    clock_id = CLOCK_THREAD_CPUTIME_ID;
}

double nbl__bench_clock(void)
{
    struct timespec now;
    clock_gettime(clock_id, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

static bool repeat(bench_pass *pass, void *context, int64_t passes, bool split, samples *s)
{
    double phases[BENCH_PHASES] = {0, 0, 0};
    const double begin = nbl__bench_clock();
    for (int64_t k = 0; k < passes; k++)
        if (!pass(context, split ? phases : NULL))
            return false;
    s->total[s->count] = (nbl__bench_clock() - begin) / (double)passes;
    for (int p = 0; p < BENCH_PHASES; p++)
        s->phases[p][s->count] = phases[p] / (double)passes;
    s->count++;
    return true;
}

/* An odd number of repetitions has a median that was measured. */
static bool collect(bench_pass *pass, void *context, int64_t passes, bool split, double total, samples *s)
{
    double spent = 0;
    s->count = 0;
    while (s->count < LEAST || (spent < total && s->count < MOST) || s->count % 2 == 0) {
        if (!repeat(pass, context, passes, split, s))
            return false;
        spent += s->total[s->count - 1] * (double)passes;
    }
    return true;
}

static void summarise_phases(samples *s, bench_timing *timing)
{
    for (int p = 0; p < BENCH_PHASES; p++)
        timing->phases[p] = median(s->phases[p], s->count);
}

static bool measure(bench_pass *pass, void *context, int64_t calls, bench_budget budget, bench_timing *timing,
                    samples *s)
{
    /* The first pass warms caches, pages and handles; the second tells how long a pass is. */
    s->count = 0;
    if (!repeat(pass, context, 1, false, s) || !repeat(pass, context, 1, false, s))
        return false;
    const double once = s->total[1];
    timing->passes = once < budget.repetition ? (int64_t)ceil(budget.repetition / fmax(once, 1e-9)) : 1;

    const bool together = calls > 0 && once / (double)calls >= short_call;
    if (!collect(pass, context, timing->passes, together, budget.total, s))
        return false;
    timing->repetitions = s->count;
    if (together)
        summarise_phases(s, timing);
    timing->median = median(s->total, s->count);
    timing->lowest = s->total[0];
    timing->highest = s->total[s->count - 1];

    if (calls > 0 && !together) {
        if (!collect(pass, context, timing->passes, true, 0, s))
            return false;
        summarise_phases(s, timing);
    }
    return true;
}

bool nbl__bench_measure(bench_pass *pass, void *context, int64_t calls, bench_budget budget,
                        bench_timing *timing)
{
    samples *s = malloc(sizeof *s);
    memset(timing, 0, sizeof *timing);
    bool good = s && measure(pass, context, calls, budget, timing, s);
    free(s);
    return good;
}
