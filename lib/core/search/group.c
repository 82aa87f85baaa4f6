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

/* Rows whose entries follow each other from `numbers` on, where they stay. */
static void keep_rows(nbl__group *g, uint32_t first, uint32_t n, nbl__rows *rows, const uint32_t *numbers)
{
    nbl__worker *w = g->worker;
    const uint32_t *next = numbers;
    for (uint32_t k = 0; k < n; k++) {
        const int64_t at = g->job->first + atom_of(g, first + k);
        rows->entry[at] = next;
        rows->count[at] = g->counts[k];
        next += g->counts[k];
    }
    w->kept.next += (size_t)(next - numbers) * sizeof *numbers;
    w->kept_bytes += (uint64_t)(next - numbers) * sizeof *numbers;
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
    if (!direct || target->consume)
        return deliver_rows(g, first, n, numbers);
    keep_rows(g, first, n, target->rows, numbers);
    return NBL_OK;
}

/* Rows of several levels, one after the other: `total` entries in all. */
typedef struct many {
    uint32_t first, n, total;
    uint32_t *numbers;
    float *d2;
    uint32_t *left; /* [n] how many entries of each row are not kept yet */
} many;

/* Whether any level leaves any entry open. */
static bool has_doubts(const nbl__group *g, const many *m)
{
    const nbl__query *query = g->job->query;
    bool any = false;
    for (int32_t k = 0; k < query->n_lists - 1 && !any; k++)
        any = query->kernels->doubts(m->d2, m->total, nbl__level_band(&g->job->levels[k], &g->job->focus));
    return any;
}

/* Where the entries that are left of all rows can be kept. */
static nbl_status keep_room(nbl__group *g, const many *m, uint32_t **place)
{
    nbl__worker *w = g->worker;
    const size_t bytes = ((size_t)m->total + NBL__KERNEL_OVERRUN) * sizeof **place;
    nbl_status status = nbl__arena_room(g->job->target->arena, &w->kept, bytes, &w->fault);
    *place = (uint32_t *)(void *)w->kept.next;
    return status;
}

/* How many entries of each row are below a limit. */
static void count_below(const many *m, float limit, uint32_t *counts)
{
    const float *d2 = m->d2;
    for (uint32_t k = 0; k < m->n; k++) {
        uint32_t below = 0;
        for (uint32_t e = 0; e < m->left[k]; e++)
            below += d2[e] < limit;
        d2 += m->left[k];
        counts[k] = below;
    }
}

/* From the highest level down, what is within the next lower level goes on behind what is kept. */
static nbl_status keep_nested(nbl__group *g, many *m)
{
    const nbl__job *job = g->job;
    for (int32_t level = job->query->n_lists - 1;; level--) {
        keep_rows(g, m->first, m->n, nbl__target_rows(job->target, job->levels[level].list), m->numbers);
        if (level == 0)
            return NBL_OK;
        const float limit = nbl__level_band(&job->levels[level - 1], &job->focus).outer;
        uint32_t *to;
        nbl_status status = keep_room(g, m, &to);
        if (status != NBL_OK)
            return status;
        memcpy(m->left, g->counts, m->n * sizeof *m->left);
        count_below(m, limit, g->counts);
        m->total = job->query->kernels->narrow(m->numbers, m->d2, m->total, limit, to);
        m->numbers = to;
    }
}

/* From the highest level down, what is beyond the next lower level is kept. */
static nbl_status keep_shells(nbl__group *g, many *m)
{
    const nbl__job *job = g->job;
    uint32_t *to;
    memcpy(m->left, g->counts, m->n * sizeof *m->left);
    for (int32_t level = job->query->n_lists - 1; level >= 0; level--) {
        nbl_status status = keep_room(g, m, &to);
        if (status != NBL_OK)
            return status;
        if (level == 0) {
            memcpy(to, m->numbers, m->total * sizeof *to);
            memcpy(g->counts, m->left, m->n * sizeof *m->left);
        } else {
            const float limit = nbl__level_band(&job->levels[level - 1], &job->focus).outer;
            count_below(m, limit, g->counts);
            m->total = job->query->kernels->part(m->numbers, m->d2, m->total, limit, to);
            for (uint32_t k = 0; k < m->n; k++) {
                const uint32_t stay = g->counts[k];
                g->counts[k] = m->left[k] - stay;
                m->left[k] = stay;
            }
        }
        keep_rows(g, m->first, m->n, nbl__target_rows(job->target, job->levels[level].list), to);
    }
    return NBL_OK;
}

/*
 * The same rows of several levels that are only to be kept: level by level for all of them, so that the rows of
 * each follow each other. *done is false where anything is in doubt.
 */
static nbl_status make_levels(nbl__group *g, uint32_t first, uint32_t n, bool *done)
{
    nbl__worker *w = g->worker;
    const nbl__query *query = g->job->query;
    nbl__arena *arena = g->job->target->arena;
    const size_t room = (size_t)g->near.n * n + NBL__KERNEL_OVERRUN;
    const nbl__ask ask = ask_for(g, first, n);
    bool close;
    nbl_status status = nbl__arena_room(arena, &w->kept, room * sizeof(uint32_t), &w->fault);
    if (status == NBL_OK)
        status = nbl__worker_scratch(w, arena, &w->made, (2 * room + n) * sizeof(uint32_t));
    if (status != NBL_OK)
        return status;
    many m = {.first = first, .n = n, .d2 = (float *)(void *)w->made.next};
    uint32_t *scratch = (uint32_t *)(void *)(m.d2 + room);
    m.numbers = query->disjoint ? scratch : (uint32_t *)(void *)w->kept.next;
    m.left = scratch + room;
    m.total = query->kernels->rows(&g->near, &ask, m.numbers, m.d2, g->counts, &close);
    *done = !close && !has_doubts(g, &m);
    if (!*done)
        return NBL_OK;
    nbl__worker_add(w, m.total);
    return query->disjoint ? keep_shells(g, &m) : keep_nested(g, &m);
}

/* Whether rows are to be kept and nothing else, and there are several to be made at once. */
static bool keeps_levels(const nbl__group *g, uint32_t n)
{
    const nbl__target *target = g->job->target;
    return n > 1 && nbl__target_keeps(target) && !target->consume && target->only < 0;
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
        else if (keeps_levels(g, some))
            status = make_levels(g, first, some, &done);
        for (uint32_t row = first; row < first + some && status == NBL_OK && !done; row++)
            status = make_row(g, row);
        if (!nbl__job_wants(g->job, g->worker))
            break;
    }
    return status;
}
