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
    bool together; /* a pass is measured together with its phases */
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

static bool repeat(const bench_contender *c, int64_t passes, bool split, samples *s)
{
    double phases[BENCH_PHASES] = {0, 0, 0};
    if (c->ready && !c->ready(c->context))
        return false;
    const double begin = nbl__bench_clock();
    for (int64_t k = 0; k < passes; k++)
        if (!c->pass(c->context, split ? phases : NULL))
            return false;
    s->total[s->count] = (nbl__bench_clock() - begin) / (double)passes;
    for (int p = 0; p < BENCH_PHASES; p++)
        s->phases[p][s->count] = phases[p] / (double)passes;
    s->count++;
    return true;
}

/* The first pass warms caches, pages and handles; the second tells how long a pass is. */
static bool warm(bench_contender *c, bench_budget budget, samples *s)
{
    s->count = 0;
    if (!repeat(c, 1, false, s) || !repeat(c, 1, false, s))
        return false;
    const double once = s->total[1];
    const bool several = once < budget.repetition && !c->ready;
    c->timing.passes = several ? (int64_t)ceil(budget.repetition / fmax(once, 1e-9)) : 1;
    s->together = c->calls > 0 && once / (double)c->calls >= short_call;
    s->count = 0;
    return true;
}

/* A pass that fills a repetition needs no other one to wake its threads and caches. */
static bool rest(bench_contender *c, double seconds)
{
    if (seconds <= 0)
        return true;
    const struct timespec time = {(time_t)seconds, (long)(1e9 * (seconds - floor(seconds)))};
    nanosleep(&time, NULL);
    return c->timing.passes == 1 || c->pass(c->context, NULL);
}

/* An odd number of repetitions has a median that was measured. */
static bool collect(bench_contender *c, int n, bench_budget budget, samples *s)
{
    double spent = 0;
    while (s->count < LEAST || (spent < n * budget.total && s->count < MOST) || s->count % 2 == 0)
        for (int k = 0; k < n; k++) {
            const int64_t passes = c[k].timing.passes;
            if (!rest(c + k, budget.rest) || !repeat(c + k, passes, s[k].together, s + k))
                return false;
            spent += s[k].total[s[k].count - 1] * (double)passes;
        }
    return true;
}

static void summarise(samples *s, bench_timing *timing)
{
    timing->repetitions = s->count;
    timing->median = median(s->total, s->count);
    timing->lowest = s->total[0];
    timing->highest = s->total[s->count - 1];
}

static bool find_phases(bench_contender *c, samples *s)
{
    if (!s->together) {
        s->together = true;
        s->count = 0;
        if (!collect(c, 1, (bench_budget){0, 0, 0}, s))
            return false;
    }
    for (int p = 0; p < BENCH_PHASES; p++)
        c->timing.phases[p] = median(s->phases[p], s->count);
    return true;
}

static bool measure(bench_contender *c, int n, bench_budget budget, samples *s)
{
    for (int k = 0; k < n; k++) {
        memset(&c[k].timing, 0, sizeof c[k].timing);
        if (!warm(c + k, budget, s + k))
            return false;
    }
    if (!collect(c, n, budget, s))
        return false;
    for (int k = 0; k < n; k++) {
        summarise(s + k, &c[k].timing);
        if (c[k].calls > 0 && !find_phases(c + k, s + k))
            return false;
    }
    return true;
}

bool nbl__bench_measure(bench_contender *contenders, int n_contenders, bench_budget budget)
{
    samples *s = calloc((size_t)n_contenders, sizeof *s);
    bool good = s && measure(contenders, n_contenders, budget, s);
    free(s);
    return good;
}

bool nbl__bench_measure_pass(bench_pass *pass, void *context, bench_budget budget, bench_timing *timing)
{
    bench_contender one = {.pass = pass, .context = context};
    bool good = nbl__bench_measure(&one, 1, budget);
    *timing = one.timing;
    return good;
}
