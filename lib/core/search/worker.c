/* SPDX-License-Identifier: MIT */
#include "search/worker.h"

#include <math.h>
#include <string.h>

#include "base/size.h"

/* Pairs that a thread counts before it reports them. */
enum { REPORT_PAIRS = 65536 };

void nbl__job_init(nbl__job *job, const nbl__scene *scene, const nbl__query *query, const nbl__target *target,
                   const nbl__level *levels, int64_t system, int64_t first)
{
    job->scene = *scene;
    job->query = query;
    job->target = target;
    job->levels = levels;
    job->n_levels = query->n_lists;
    job->n_above = 0;
    job->system = system;
    job->first = first;
    job->n_rows = nbl__query_rows(query, scene->n);
    job->n_pieces = 1;
    job->first_piece = 0;
    atomic_init(&job->failed_at, INT64_MAX);
    nbl__lock_init(&job->lock);
    job->status = NBL_OK;
}

void nbl__job_fail(nbl__job *job, int64_t piece, nbl_status status, const nbl__fault *fault)
{
    nbl__lock_take(&job->lock);
    if (piece < atomic_load_explicit(&job->failed_at, memory_order_relaxed)) {
        atomic_store_explicit(&job->failed_at, piece, memory_order_relaxed);
        job->status = status;
        job->fault = *fault;
    }
    nbl__lock_give(&job->lock);
}

nbl_status nbl__worker_scratch(nbl__worker *w, nbl__arena *arena, nbl__cursor *cursor, size_t bytes)
{
    w->most_scratch = bytes > w->most_scratch ? bytes : w->most_scratch;
    return nbl__arena_room(arena, cursor, bytes, &w->fault);
}

bool nbl__worker_report(nbl__worker *w)
{
    bool fits = nbl__team_count(w->team, w->unreported);
    w->unreported = 0;
    return fits;
}

void nbl__worker_close(nbl__worker *w)
{
    nbl__worker_report(w);
    if (w->past)
        w->past->fence();
}

void nbl__worker_add(nbl__worker *w, uint32_t pairs)
{
    w->unreported += pairs;
    if (w->unreported >= REPORT_PAIRS)
        nbl__worker_report(w);
}

static nbl_status keep(nbl__worker *w, const nbl__job *job, nbl__rows *rows, const nbl__view *view)
{
    const bool wide = !view->number;
    const void *entries = wide ? (const void *)view->images : view->number;
    const size_t bytes = view->count * (wide ? sizeof(nbl__image) : sizeof(uint32_t));
    void *place = w->kept->next;
    nbl_status status = NBL_OK;
    w->kept_bytes += bytes;
    w->kept_rows++;
    /* Made where it stays, unless that is full: segments follow each other, and scratch may begin there. */
    if (bytes != 0 && entries == place && w->kept->next < w->kept->end) {
        w->kept->next += bytes;
    } else {
        status = nbl__arena_keep(job->target->arena, w->kept, bytes, &place, &w->fault);
        if (status == NBL_OK && bytes != 0)
            memcpy(place, entries, bytes);
    }
    rows->entry[job->first + view->atom] = place;
    return status;
}

nbl_status nbl__worker_deliver(nbl__worker *w, const nbl__job *job, int32_t list, const nbl__view *view)
{
    const nbl__target *target = job->target;
    nbl__rows *rows = nbl__target_rows(target, list);
    nbl_status status = NBL_OK;
    if (target->only >= 0 && target->only != list)
        return NBL_OK;
    if (target->consume) {
        w->fault.what = NBL__FAULT_NONE;
        w->fault.a = job->first + view->atom;
        status = target->consume(target->context, w->thread, view);
    }
    if (!rows || status != NBL_OK)
        return status;
    rows->count[job->first + view->atom] = view->count;
    return rows->kept ? keep(w, job, rows, view) : NBL_OK;
}

void nbl__job_focus(nbl__job *job, double most)
{
    const nbl__level *highest = nbl__job_highest(job);
    job->focus = nbl__focus_make(nbl__job_unit(job), job->scene.error, most);
    job->band = nbl__level_band(highest, &job->focus);
}

void nbl__worker_focus(nbl__worker *w, nbl__job *job, double most)
{
    const double asked[3] = {nbl__job_highest(job)->cutoff, job->scene.error, most};
    if (memcmp(w->met, asked, sizeof asked) != 0) {
        nbl__job_focus(job, most);
        memcpy(w->met, asked, sizeof asked);
        w->focus = job->focus;
        w->band = job->band;
    }
    job->focus = w->focus;
    job->band = w->band;
}

size_t nbl__found_bytes(const nbl__query *query, size_t room)
{
    return nbl__size_mul(room, sizeof(float) + sizeof(uint32_t) * (query->n_lists > 1 ? 2 : 1));
}

void nbl__found_place(nbl__found *found, const nbl__query *query, size_t room, void *place)
{
    found->d2 = place;
    found->numbers = (uint32_t *)(void *)(found->d2 + room);
    found->spare = query->n_lists > 1 ? found->numbers + room : NULL;
}

/* The formula's squared distance of the atom to the image of a number. */
static double exact_d2(const nbl__view *view, uint32_t number)
{
    double d[3];
    nbl__view one = *view;
    one.number = &number;
    return nbl__view_d2(&one, 0, d);
}

/* Where the filter's distances do not tell the side of a level, the formula does: what is outside is moved far.
 */
static void sharpen(const nbl__job *job, const nbl__view *view, nbl__found *found, const nbl__level *level,
                    nbl__band band)
{
    if (!job->query->kernels->doubts(found->d2, found->count, band))
        return;
    for (uint32_t e = 0; e < found->count; e++)
        if (found->d2[e] < band.outer && !(found->d2[e] < band.inner) &&
            !(exact_d2(view, found->numbers[e]) < level->limit))
            found->d2[e] = HUGE_VALF;
}

/* Decides a row of the highest level. */
static void decide(const nbl__job *job, const nbl__view *view, nbl__found *found)
{
    sharpen(job, view, found, nbl__job_highest(job), job->band);
    found->count =
        job->query->kernels->narrow(found->numbers, found->d2, found->count, job->band.outer, found->numbers);
}

/* Where the entries of a level are made: where they will stay, if there is room, or else in `otherwise`. */
static nbl_status place_level(nbl__worker *w, const nbl__job *job, uint32_t count, uint32_t *otherwise,
                              uint32_t **place)
{
    const size_t bytes = ((size_t)count + NBL__KERNEL_OVERRUN) * sizeof **place;
    *place = otherwise;
    if (!nbl__target_keeps(job->target) || bytes > NBL__ROWS_DIRECT)
        return NBL_OK;
    nbl_status status = nbl__arena_room(job->target->arena, w->kept, bytes, &w->fault);
    *place = (uint32_t *)(void *)w->kept->next;
    return status;
}

static nbl_status deliver_level(nbl__worker *w, const nbl__job *job, int32_t k, nbl__view *view,
                                const uint32_t *numbers, uint32_t count)
{
    view->number = numbers;
    view->count = count;
    return nbl__worker_deliver(w, job, job->levels[k].list, view);
}

/* From the highest level down, each row is narrowed to that of the next lower level. */
static nbl_status deliver_nested(nbl__worker *w, const nbl__job *job, nbl__view *view, nbl__found *found)
{
    const nbl__kernels *kernels = job->query->kernels;
    const int32_t highest = job->n_levels - 1;
    nbl_status status = deliver_level(w, job, highest, view, found->numbers, found->count);
    for (int32_t k = highest - 1; k >= 0 && status == NBL_OK; k--) {
        const nbl__band band = nbl__level_band(&job->levels[k], &job->focus);
        uint32_t *place;
        sharpen(job, view, found, &job->levels[k], band);
        status = place_level(w, job, found->count, found->numbers, &place);
        if (status != NBL_OK)
            return status;
        found->count = kernels->narrow(found->numbers, found->d2, found->count, band.outer, place);
        found->numbers = place;
        status = deliver_level(w, job, k, view, found->numbers, found->count);
    }
    return status;
}

/* From the highest level down, the shell between two levels is taken from the row. */
static nbl_status deliver_shells(nbl__worker *w, const nbl__job *job, nbl__view *view, nbl__found *found)
{
    const nbl__kernels *kernels = job->query->kernels;
    nbl_status status = NBL_OK;
    for (int32_t k = job->n_levels - 1; k > 0 && status == NBL_OK; k--) {
        const uint32_t before = found->count;
        const nbl__band band = nbl__level_band(&job->levels[k - 1], &job->focus);
        uint32_t *place;
        sharpen(job, view, found, &job->levels[k - 1], band);
        status = place_level(w, job, found->count, found->spare, &place);
        if (status != NBL_OK)
            return status;
        found->count = kernels->part(found->numbers, found->d2, before, band.outer, place);
        status = deliver_level(w, job, k, view, place, before - found->count);
    }
    return status == NBL_OK ? deliver_level(w, job, 0, view, found->numbers, found->count) : status;
}

nbl_status nbl__worker_finish(nbl__worker *w, const nbl__job *job, nbl__view *view, nbl__found *found)
{
    if (found->close)
        decide(job, view, found);
    nbl__worker_add(w, nbl__job_pairs(job, found->count));
    if (job->n_levels > 1)
        return job->query->disjoint ? deliver_shells(w, job, view, found) : deliver_nested(w, job, view, found);
    return deliver_level(w, job, 0, view, found->numbers, found->count);
}
