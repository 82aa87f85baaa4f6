/* SPDX-License-Identifier: MIT */
#include "search/flock.h"

bool nbl__flock_fits(const nbl__query *query, const nbl__target *target)
{
    return query->n_lists == 1 && query->n_centers < 0 && nbl__target_keeps(target) && !target->consume &&
           target->only < 0;
}

nbl__flock nbl__flock_make(const nbl__query *query, const nbl__level *level)
{
    const nbl__focus focus = nbl__focus_make(level->cutoff, 0.0, NBL__FLOCK_REACH * level->cutoff);
    return (nbl__flock){.scale = 1.0 / level->cutoff,
                        .band = nbl__level_band(level, &focus),
                        .half = query->half,
                        .self = query->self};
}

nbl_status nbl__flock_search(nbl__worker *w, const nbl__query *query, const nbl__target *target,
                             const nbl__flock *flock, int64_t *done)
{
    nbl__rows *rows = target->rows;
    const int64_t first = flock->first[0];
    uint64_t total;
    *done = 0;
    nbl_status status = nbl__arena_room(target->arena, &w->kept,
                                        NBL__FLOCK_BYTES + NBL__KERNEL_OVERRUN * sizeof(uint32_t), &w->fault);
    if (status != NBL_OK)
        return status;
    uint32_t *next = (uint32_t *)(void *)w->kept.next;
    *done = query->kernels->flock(flock, next, rows->count + first, &total);
    for (int64_t row = first; row < flock->first[*done]; row++) {
        rows->entry[row] = next;
        next += rows->count[row];
    }
    w->kept.next += total * sizeof *next;
    w->kept_bytes += total * sizeof *next;
    nbl__worker_add(w, (uint32_t)total);
    return NBL_OK;
}
