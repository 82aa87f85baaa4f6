/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdlib.h>
#include <string.h>

/* Powers of two of the last point. */
enum { LAST = 20, QUICK_LAST = 8 };

static const double cutoff = 5;

/* 2^count copies: each doubling is along the shortest axis, the first of several. */
static bool make(bench_systems *set, int64_t count, int64_t n)
{
    (void)n;
    int64_t repeat[3];
    for (int axis = 0; axis < 3; axis++)
        repeat[axis] = (int64_t)1 << (count + 2 - axis) / 3;
    return nbl__bench_fcc_primitive(set, 3.615, repeat);
}

/* Of the passes before there is none yet, if its median is zero. */
static void keep_better(bench_timing *time, const bench_timing *before)
{
    if (before->median > 0 && before->median < time->median)
        *time = *before;
}

/* What failed once has failed. Figures that are not of luck are those of the last pass. */
static void merge(bench_outcome *best, bench_outcome *found)
{
    if (best->error[0])
        return;
    if (!found->error[0])
        keep_better(&found->time, &best->time);
    for (int p = 0; p < found->n_peers && p < best->n_peers; p++)
        keep_better(&found->peers[p].time, &best->peers[p].time);
    *best = *found;
}

static bool measure(const bench_settings *settings, bench_peer *peers, int n_peers, int point,
                    bench_sweep *sweep, bench_outcome *found)
{
    const bench_case item = {.name = "sweep", .text = sweep->text, .cutoff = cutoff, .make = make};
    bench_systems set = {0};
    if (!make(&set, point, 0)) {
        nbl__bench_systems_free(&set);
        return false;
    }
    nbl__bench_run(&item, &set, settings, peers, n_peers, found);
    merge(sweep->points + point, found);
    return true;
}

bool nbl__bench_sweep_run(const bench_settings *settings, bench_peer *peers, int n_peers,
                          void (*told)(void *context, const bench_sweep *sweep, int point), void *context,
                          bench_sweep *sweep)
{
    bench_settings brief = *settings;
    brief.brief = true;
    brief.narrow = brief.isas = false;
    const int last = settings->quick ? QUICK_LAST : LAST;
    bench_outcome *found = malloc(sizeof *found);
    sweep->text = "Cu fcc a=3.615, copies of the primitive cell, the shortest axis doubled each time";
    sweep->cutoff = cutoff;
    sweep->n_points = 0;
    sweep->points = calloc((size_t)last + 1, sizeof *sweep->points);
    bool good = found && sweep->points;
    for (int pass = 1; good && pass <= BENCH_SWEEP_PASSES; pass++)
        for (int point = 0; good && point <= last; point++) {
            good = measure(&brief, peers, n_peers, point, sweep, found);
            if (good && pass == BENCH_SWEEP_PASSES) {
                sweep->n_points = point + 1;
                told(context, sweep, point);
            }
        }
    free(found);
    return good;
}

void nbl__bench_sweep_close(bench_sweep *sweep)
{
    free(sweep->points);
    memset(sweep, 0, sizeof *sweep);
}
