/* SPDX-License-Identifier: MIT */
#include "search/flock.h"

#include <math.h>
#include <string.h>

#include "cell/exact.h"

bool nbl__flock_fits(const nbl__query *query, const nbl__target *target)
{
    return query->n_centers < 0 && nbl__target_keeps(target) && !target->consume && target->only < 0;
}

static nbl__focus focus_of(const nbl__level *highest)
{
    return nbl__focus_make(highest->cutoff, 0.0, NBL__FLOCK_REACH * highest->cutoff);
}

nbl__flock nbl__flock_make(const nbl__query *query, const nbl__level *levels)
{
    return (nbl__flock){
        .scale = 1.0 / levels[query->n_lists - 1].cutoff, .half = query->half, .self = query->self};
}

static void go_on(nbl__flock *flock, int64_t systems)
{
    flock->r += flock->first[systems] - flock->first[0];
    flock->first += systems;
}

/* The rows of the first system by the formula; returns how many entries they have. */
static uint64_t decide(const nbl__flock *flock, double limit, uint32_t *out, uint32_t *counts)
{
    const int64_t n = flock->first[1] - flock->first[0];
    double x[NBL__FLOCK_ATOMS], y[NBL__FLOCK_ATOMS], z[NBL__FLOCK_ATOMS], d2[NBL__FLOCK_ATOMS];
    uint64_t total = 0;
    for (int64_t j = 0; j < n; j++) {
        x[j] = flock->r[j][0];
        y[j] = flock->r[j][1];
        z[j] = flock->r[j][2];
    }
    for (int64_t i = 0; i < n; i++) {
        const uint64_t before = total;
        for (int64_t j = 0; j < n; j++)
            d2[j] = nbl__exact_open_d2(flock->r[i], (const double[]){x[j], y[j], z[j]});
        if (!flock->self)
            d2[i] = HUGE_VAL;
        for (int64_t j = flock->half ? i : 0; j < n; j++) {
            out[total] = (uint32_t)j;
            total += d2[j] < limit;
        }
        counts[i] = (uint32_t)(total - before);
    }
    return total;
}

/* Behind a doubt there are likely more: the kernel is given few systems then, which it would begin in vain. */
enum { MORE = 8 };

/* All rows at one cutoff; returns how many entries they have. */
static uint64_t make_list(nbl__kernel_flock kernel, const nbl__flock *flock, double limit, uint32_t *out,
                          uint32_t *counts)
{
    nbl__flock part = *flock;
    uint64_t total = 0;
    for (int64_t left = flock->n, most = left; left > 0;) {
        uint64_t found;
        part.n = most < left ? most : left;
        int64_t made = kernel(&part, out + total, counts + (part.first[0] - flock->first[0]), &found);
        total += found;
        most = made < part.n ? 1 : MORE * most;
        const bool stopped = made < part.n;
        go_on(&part, made);
        if (stopped) {
            total += decide(&part, limit, out + total, counts + (part.first[0] - flock->first[0]));
            go_on(&part, 1);
            made++;
        }
        left -= made;
    }
    return total;
}

/* Bytes of the entries of all lists, and so of any, and of what a kernel may write beyond. */
enum { LIST_BYTES = NBL__FLOCK_BYTES + NBL__KERNEL_OVERRUN * sizeof(uint32_t) };

/* What all lists of a flock share. */
typedef struct lists {
    nbl__worker *worker;
    const nbl__target *target;
    const nbl__level *levels;
    nbl__kernel_flock kernel;
    const nbl__flock *flock;
    nbl__focus focus;
} lists;

/* The rows within one cutoff, made at `out`. */
static uint64_t make_level(const lists *l, int32_t level, uint32_t *out)
{
    nbl__flock at = *l->flock;
    uint32_t *counts = nbl__target_rows(l->target, l->levels[level].list)->count + at.first[0];
    at.band = nbl__level_band(&l->levels[level], &l->focus);
    return make_list(l->kernel, &at, l->levels[level].limit, out, counts);
}

/* The rows of a list, which stand where they stay. */
static void keep(const lists *l, int32_t level)
{
    nbl__rows *rows = nbl__target_rows(l->target, l->levels[level].list);
    uint32_t *next = (uint32_t *)(void *)l->worker->kept.next;
    for (int64_t row = l->flock->first[0]; row < l->flock->first[l->flock->n]; row++) {
        rows->entry[row] = next;
        next += rows->count[row];
    }
    l->worker->kept_bytes += (uint64_t)((char *)next - l->worker->kept.next);
    l->worker->kept.next = (char *)next;
}

/* What the rows of a level have beyond those of the next lower one: all ascend. */
static void keep_shell(const lists *l, int32_t level, const uint32_t *all, const uint32_t *below)
{
    uint32_t *counts = nbl__target_rows(l->target, l->levels[level].list)->count;
    const uint32_t *fewer = nbl__target_rows(l->target, l->levels[level - 1].list)->count;
    uint32_t *out = (uint32_t *)(void *)l->worker->kept.next;
    for (int64_t row = l->flock->first[0]; row < l->flock->first[l->flock->n]; row++) {
        uint32_t left = 0, seen = 0;
        for (uint32_t e = 0; e < counts[row]; e++) {
            const bool within = seen < fewer[row] && below[seen] == all[e];
            out[left] = all[e];
            left += !within;
            seen += within;
        }
        all += counts[row];
        below += fewer[row];
        counts[row] = left;
        out += left;
    }
    keep(l, level);
}

/* From the highest level down, the shell between two of them, and at last what is within the lowest. */
static nbl_status keep_shells(const lists *l, int32_t highest)
{
    nbl__worker *w = l->worker;
    nbl_status status = nbl__worker_scratch(w, l->target->arena, &w->made, 2 * (size_t)LIST_BYTES);
    if (status != NBL_OK)
        return status;
    uint32_t *all = (uint32_t *)(void *)w->made.next, *below = (uint32_t *)(void *)(w->made.next + LIST_BYTES);
    uint64_t total = make_level(l, highest, all);
    nbl__worker_add(w, (uint32_t)total);
    for (int32_t k = highest; k > 0; k--) {
        uint32_t *const spare = all;
        total = make_level(l, k - 1, below);
        keep_shell(l, k, all, below);
        all = below;
        below = spare;
    }
    memcpy(w->kept.next, all, (size_t)total * sizeof *all);
    keep(l, 0);
    return NBL_OK;
}

/* List by list, from the highest level down. */
static nbl_status keep_lists(const lists *l, int32_t highest)
{
    nbl__worker *w = l->worker;
    for (int32_t k = highest; k >= 0; k--) {
        const uint64_t total = make_level(l, k, (uint32_t *)(void *)w->kept.next);
        if (k == highest)
            nbl__worker_add(w, (uint32_t)total);
        keep(l, k);
    }
    return NBL_OK;
}

nbl_status nbl__flock_search(nbl__worker *w, const nbl__query *query, const nbl__target *target,
                             const nbl__level *levels, const nbl__flock *flock)
{
    const int32_t highest = query->n_lists - 1;
    const lists l = {.worker = w,
                     .target = target,
                     .levels = levels,
                     .kernel = query->kernels->flock,
                     .flock = flock,
                     .focus = focus_of(&levels[highest])};
    nbl_status status = nbl__arena_room(target->arena, &w->kept, LIST_BYTES, &w->fault);
    if (status != NBL_OK)
        return status;
    return query->disjoint && highest > 0 ? keep_shells(&l, highest) : keep_lists(&l, highest);
}
