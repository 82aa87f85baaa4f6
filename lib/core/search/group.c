/* SPDX-License-Identifier: MIT */
#include "search/group.h"

#include <math.h>
#include <string.h>

#include "base/size.h"

/*
 * Rows of up to this many bytes of candidates are made straight in their place, which wastes at most so much of
 * a segment; longer ones are made in scratch and copied, so that kept pairs take 4 bytes each.
 */
enum { DIRECT_BYTES = 64 * 1024 };

size_t nbl__group_row_bytes(const nbl__query *query, size_t n)
{
    return nbl__found_bytes(query, n + NBL__KERNEL_OVERRUN);
}

static int64_t atom_of(const nbl__group *g, uint32_t row)
{
    return g->atoms ? g->atoms[row] : (int64_t)row;
}

static nbl__ask ask_for(const nbl__group *g, uint32_t first, uint32_t n)
{
    const nbl__query *query = g->job->query;
    return (nbl__ask){.homes = g->homes ? g->homes + first : NULL,
                      .first = first,
                      .n_rows = n,
                      .half = query->half,
                      .self = query->self,
                      .ordered = g->ordered,
                      .band = g->job->band};
}

static nbl__view view_of(const nbl__group *g, uint32_t row)
{
    const nbl__job *job = g->job;
    nbl__view view = {.images = g->images,
                      .atom = atom_of(g, row),
                      .system = job->system,
                      .first = job->first,
                      .r = job->scene.r,
                      .lattice = job->scene.lattice};
    if (g->images)
        memcpy(view.w, job->scene.wrapped->w[view.atom], sizeof view.w);
    return view;
}

/*
 * One row by itself, with its distances. With several lists, the numbers of the largest are made where they
 * stay; shells are taken from a row that does not.
 */
static nbl_status make_row(nbl__group *g, uint32_t row)
{
    const nbl__query *query = g->job->query;
    nbl__worker *w = g->worker;
    nbl__arena *arena = g->job->target->arena;
    const size_t room = (size_t)g->near.n + NBL__KERNEL_OVERRUN,
                 of_numbers = nbl__size_mul(room, sizeof(uint32_t));
    const bool direct = nbl__target_keeps(g->job->target) && !(query->n_lists > 1 && query->disjoint) &&
                        of_numbers <= DIRECT_BYTES;
    const nbl__ask ask = ask_for(g, row, 1);
    nbl__found found;
    nbl_status status = direct ? nbl__arena_room(arena, &w->kept, of_numbers, &w->fault) : NBL_OK;
    if (status != NBL_OK)
        return status;
    nbl__found_place(&found, query, room, g->row);
    if (direct)
        found.numbers = (uint32_t *)(void *)w->kept.next;
    found.count = query->kernels->rows(&g->near, &ask, found.numbers, found.d2, g->counts, &found.close);
    nbl__view view = view_of(g, row);
    return nbl__worker_finish(w, g->job, &view, &found);
}

/* Rows that are only to be kept, made in their place: they cost little beside their pairs. */
static void keep_rows(nbl__group *g, uint32_t first, uint32_t n, const uint32_t *numbers, uint32_t total)
{
    nbl__worker *w = g->worker;
    const nbl__rows *rows = g->job->target->rows;
    w->kept.next += total * sizeof *numbers;
    w->kept_bytes += total * sizeof *numbers;
    for (uint32_t k = 0; k < n; k++) {
        const int64_t at = g->job->first + atom_of(g, first + k);
        rows->entry[at] = numbers;
        rows->count[at] = g->counts[k];
        numbers += g->counts[k];
    }
}

static nbl_status deliver_rows(nbl__group *g, uint32_t first, uint32_t n, const uint32_t *numbers)
{
    nbl_status status = NBL_OK;
    for (uint32_t k = 0; k < n && status == NBL_OK; k++) {
        nbl__view view = view_of(g, first + k);
        view.number = numbers;
        view.count = g->counts[k];
        status = nbl__worker_deliver(g->worker, g->job, 0, &view);
        numbers += g->counts[k];
    }
    return status;
}

/* Rows first ... first + n - 1 at once; *done is false where one of them has a doubt. */
static nbl_status make_rows(nbl__group *g, uint32_t first, uint32_t n, bool *done)
{
    nbl__worker *w = g->worker;
    const nbl__target *target = g->job->target;
    const size_t bytes = nbl__size_mul((size_t)g->near.n * n + NBL__KERNEL_OVERRUN, sizeof(uint32_t));
    const bool direct = nbl__target_keeps(target) && bytes <= DIRECT_BYTES;
    nbl__cursor *cursor = direct ? &w->kept : &w->made;
    const nbl__ask ask = ask_for(g, first, n);
    bool close;
    nbl_status status = direct ? nbl__arena_room(target->arena, cursor, bytes, &w->fault)
                               : nbl__worker_scratch(w, target->arena, cursor, bytes);
    if (status != NBL_OK)
        return status;
    uint32_t *numbers = (uint32_t *)(void *)cursor->next;
    const uint32_t total = g->job->query->kernels->rows(&g->near, &ask, numbers, NULL, g->counts, &close);
    *done = !close;
    if (close)
        return NBL_OK;
    nbl__worker_add(w, total);
    if (!direct || target->consume || target->only > 0)
        return deliver_rows(g, first, n, numbers);
    keep_rows(g, first, n, numbers, total);
    return NBL_OK;
}

/* Behind the last candidate there are only points that are near nothing. */
static void end_coordinates(float *end)
{
    for (int k = 0; k < NBL__KERNEL_OVERRUN; k++)
        end[k] = HUGE_VALF;
}

nbl_status nbl__group_search(nbl__group *g)
{
    const uint32_t n = g->near.n, fit = DIRECT_BYTES / sizeof(uint32_t) / (n + NBL__KERNEL_OVERRUN);
    const uint32_t step = fit > 1 ? fit : 1;
    nbl_status status = NBL_OK;
    end_coordinates(g->near.x + n);
    end_coordinates(g->near.y + n);
    end_coordinates(g->near.z + n);
    for (uint32_t first = 0, some; first < g->n_rows && status == NBL_OK; first += some) {
        bool done = false;
        some = g->n_rows - first < step ? g->n_rows - first : step;
        if (g->job->query->n_lists == 1)
            status = make_rows(g, first, some, &done);
        for (uint32_t row = first; row < first + some && status == NBL_OK && !done; row++)
            status = make_row(g, row);
        if (!nbl__job_wants(g->job, g->worker))
            break;
    }
    return status;
}
