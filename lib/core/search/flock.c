/* SPDX-License-Identifier: MIT */
#include "search/flock.h"

#include <math.h>

#include "base/bits.h"
#include "cell/exact.h"

bool nbl__flock_fits(const nbl__target *target)
{
    return target->rows && target->rows[0].masked && !target->consume && target->only < 0;
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
static uint64_t decide(const nbl__flock *flock, double limit, uint64_t *masks, uint32_t *counts)
{
    const int64_t n = flock->first[1] - flock->first[0];
    double x[NBL__MASK_ATOMS], y[NBL__MASK_ATOMS], z[NBL__MASK_ATOMS], d2[NBL__MASK_ATOMS];
    uint64_t total = 0;
    for (int64_t j = 0; j < n; j++) {
        x[j] = flock->r[j][0];
        y[j] = flock->r[j][1];
        z[j] = flock->r[j][2];
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++)
            d2[j] = nbl__exact_open_d2(flock->r[i], (const double[]){x[j], y[j], z[j]});
        if (!flock->self)
            d2[i] = HUGE_VAL;
        masks[i] = 0;
        for (int64_t j = flock->half ? i : 0; j < n; j++)
            masks[i] |= (uint64_t)(d2[j] < limit) << j;
        counts[i] = nbl__count_bits(masks[i]);
        total += counts[i];
    }
    return total;
}

/* Behind a doubt there are likely more: the kernel is given few systems then, which it would begin in vain. */
enum { MORE = 8 };

/* All rows at one cutoff; returns how many entries they have. */
static uint64_t make_list(nbl__kernel_flock kernel, const nbl__flock *flock, double limit, uint64_t *masks,
                          uint32_t *counts)
{
    nbl__flock part = *flock;
    uint64_t total = 0;
    for (int64_t left = flock->n, most = left; left > 0;) {
        uint64_t found;
        part.n = most < left ? most : left;
        const int64_t made = kernel(&part, masks, counts, &found);
        const bool stopped = made < part.n;
        const int64_t rows = part.first[made] - part.first[0];
        total += found;
        most = stopped ? 1 : MORE * most;
        masks += rows;
        counts += rows;
        left -= made;
        go_on(&part, made);
        if (stopped) {
            const int64_t n = part.first[1] - part.first[0];
            total += decide(&part, limit, masks, counts);
            masks += n;
            counts += n;
            left--;
            go_on(&part, 1);
        }
    }
    return total;
}

/* What is within a level as masks becomes what lies between it and the next lower one. */
static void leave_shell(nbl__rows *rows, const nbl__rows *below, int64_t first, int64_t end)
{
    for (int64_t row = first; row < end; row++) {
        rows->mask[row] &= ~below->mask[row];
        rows->count[row] -= below->count[row];
    }
}

void nbl__flock_search(nbl__worker *w, const nbl__query *query, const nbl__target *target,
                       const nbl__level *levels, const nbl__flock *flock)
{
    const int32_t highest = query->n_lists - 1;
    const nbl__focus focus = focus_of(&levels[highest]);
    const int64_t first = flock->first[0], end = flock->first[flock->n];
    uint64_t total = 0;
    for (int32_t k = 0; k <= highest; k++) {
        const nbl__rows *rows = &target->rows[levels[k].list];
        nbl__flock at = *flock;
        at.band = nbl__level_band(&levels[k], &focus);
        total = make_list(query->kernels->flock, &at, levels[k].limit, rows->mask + first, rows->count + first);
    }
    for (int32_t k = highest; k > 0 && query->disjoint; k--)
        leave_shell(&target->rows[levels[k].list], &target->rows[levels[k - 1].list], first, end);
    nbl__worker_add(w, (uint32_t)total);
}
