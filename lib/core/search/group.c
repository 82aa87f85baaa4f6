/* SPDX-License-Identifier: MIT */
#include "search/group.h"

#include <math.h>
#include <string.h>

#include "base/size.h"

/* Rows of several levels are made together in about this much scratch; where one needs more, it is made alone.
 */
enum { LEVELS_BYTES = 256 * 1024 };
_Static_assert(LEVELS_BYTES / 6 <= NBL__ROWS_DIRECT, "a row of two levels may be made where it stays");

size_t nbl__group_row_bytes(const nbl__query *query, size_t n)
{
    return nbl__found_bytes(query, n + NBL__KERNEL_OVERRUN);
}

/*
 * Rows that stay go past the caches where the result is too large to be found there later; shorter rows would
 * leave too much of the lines empty in which groups begin. ns per atom of search and fetch on one thread,
 * before (with stores that read each line of memory first) and after (Zen 4): copper, 18 MB of rows, 67 + 61 /
 * 62 + 60, 168 MB, 67 + 59 / 60 + 57; random rc 3.5, 29 MB, 81 + 78 / 73 + 75, rc 10, 168 MB, 324 + 783 / 310 +
 * 751, rc 12, 290 MB, 570 + 1372 / 486 + 1294, rc 20, 134 MB, 2278 + 5080 / 1888 + 4886; not worth it: rc
 * 6, 3.6 MB, 102 + 93 / 109 + 107, rc 3, 45 bytes per row, 45 MB, 98 + 78 / 101 + 78. (Zen 5, pages asked for)
 * copper, 18 MB, 43 + 37 / 37 + 37, half a list, 9 MB, 38 + 21 / 37 + 21; random rc 8, 8.5 MB, 160 + 134 / 145
 * + 137, rc 5, 5.5 and 6, 8.4 MB, 160 + 161 / 146 + 160; not worth it: copper, 5.4 MB, 41 + 24 / 38 + 27,
 * shells of 5, 5.5 and 6, 3.6 MB, 150 + 89 / 148 + 115.
 */
static const double past_bytes = 6.0 * 1024.0 * 1024.0, past_row_bytes = 64.0;

bool nbl__group_goes_past(const nbl__group *g)
{
    const nbl__query *query = g->job->query;
    const nbl__target *target = g->job->target;
    if (!nbl__target_keeps(target) || target->consume || !query->kernels->expand->past)
        return false;
    const double bytes = (double)g->worker->kept_bytes, rows = (double)g->worker->kept_rows,
                 all_rows = (double)target->rows[0].n * (target->only < 0 ? query->n_lists : 1);
    return bytes >= past_row_bytes * rows && bytes * all_rows >= past_bytes * rows && rows > 0.0;
}

/*
 * Rows that were made in scratch go to where they stay. They begin a line, and what comes next does, too, so
 * that none is written in two ways; fewer entries would leave too much of the segments empty (emit/rows.h), and
 * are copied. `made` can be read to the end of its last line: that is less than the overrun.
 */
enum { LEAST_MOVED = 128, LINE = 64, LINE_ENTRIES = LINE / sizeof(uint32_t) };
_Static_assert(LINE <= NBL__KERNEL_OVERRUN * sizeof(uint32_t), "the rest of a line can be read");

static nbl_status move_rows(nbl__group *g, int32_t level, const uint32_t *made, uint32_t total,
                            uint32_t **place)
{
    nbl__worker *w = g->worker;
    nbl__cursor *kept = nbl__job_cursor(g->job, w, level);
    const bool moved = g->past && total >= LEAST_MOVED;
    const size_t lines = ((size_t)total + LINE_ENTRIES - 1) / LINE_ENTRIES;
    nbl_status status = nbl__arena_room(g->job->target->arena, kept, (lines + 1) * LINE, &w->fault);
    if (status != NBL_OK)
        return status;
    if (moved)
        kept->next += (LINE - (uintptr_t)kept->next % LINE) % LINE;
    *place = (uint32_t *)(void *)kept->next;
    if (!moved) {
        memcpy(*place, made, total * sizeof *made);
        return NBL_OK;
    }
    w->past = g->job->query->kernels->expand->past;
    w->past->atoms32(*place, made, (int64_t)(lines * LINE_ENTRIES), 0);
    kept->next += lines * LINE;
    return NBL_OK;
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
    const bool direct = nbl__target_keeps(g->job->target) && !(g->job->n_levels > 1 && query->disjoint) &&
                        of_numbers <= NBL__ROWS_DIRECT;
    const nbl__ask ask = ask_for(g, row, 1);
    nbl__found found;
    nbl_status status = direct ? nbl__arena_room(arena, w->kept, of_numbers, &w->fault) : NBL_OK;
    if (status != NBL_OK)
        return status;
    nbl__found_place(&found, query, room, g->row);
    if (direct)
        found.numbers = (uint32_t *)(void *)w->kept->next;
    found.count = query->kernels->rows(&g->near, &ask, found.numbers, found.d2, g->counts, &found.close);
    nbl__view view = view_of(g, row);
    return nbl__worker_finish(w, g->job, &view, &found);
}

/* Rows of a level whose entries follow each other from `numbers` on, where they stay; if they begin what is
 * still free there, it begins behind them now. */
static void keep_rows(nbl__group *g, uint32_t first, uint32_t n, int32_t level, const uint32_t *numbers,
                      const uint32_t *counts)
{
    nbl__worker *w = g->worker;
    nbl__cursor *kept = nbl__job_cursor(g->job, w, level);
    nbl__rows *rows = nbl__target_rows(g->job->target, g->job->levels[level].list);
    const uint32_t *next = numbers;
    for (uint32_t k = 0; k < n; k++) {
        const int64_t at = g->job->first + atom_of(g, first + k);
        rows->entry[at] = next;
        rows->count[at] = counts[k];
        next += counts[k];
    }
    if ((const char *)numbers == kept->next)
        kept->next += (size_t)(next - numbers) * sizeof *numbers;
    w->kept_bytes += (uint64_t)(next - numbers) * sizeof *numbers;
    w->kept_rows += n;
}

static nbl_status deliver_rows(nbl__group *g, uint32_t first, uint32_t n, const uint32_t *numbers)
{
    nbl_status status = NBL_OK;
    for (uint32_t k = 0; k < n && status == NBL_OK; k++) {
        nbl__view view = view_of(g, first + k);
        view.number = numbers;
        view.count = g->counts[k];
        status = nbl__worker_deliver(g->worker, g->job, g->job->levels->list, &view);
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
    const bool fits = nbl__target_keeps(target) && bytes <= NBL__ROWS_DIRECT, direct = fits && !g->past;
    nbl__cursor *cursor = direct ? nbl__job_cursor(g->job, w, 0) : &w->made;
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
    nbl__worker_add(w, nbl__job_pairs(g->job, total));
    if (!fits || target->consume)
        return deliver_rows(g, first, n, numbers);
    if (g->past)
        status = move_rows(g, 0, numbers, total, &numbers);
    if (status == NBL_OK)
        keep_rows(g, first, n, 0, numbers, g->counts);
    return status;
}

/* Rows of several levels. */
typedef struct levels {
    nbl__tier *tiers; /* [n]; the highest has all, or, as a shell, what the others have not */
    int32_t n;
    uint32_t *numbers; /* shells */
    float *d2;
} levels;

/* Entries that there is room for in n rows. */
static size_t room_of(const nbl__group *g, uint32_t n)
{
    return nbl__size_mul(g->near.n, n) + NBL__KERNEL_OVERRUN;
}

/* Scratch for n rows. All levels have room there: which of them are made where they stay depends on `past`, and
 * that on the rows which the thread has met before. */
static size_t levels_bytes(const nbl__group *g, uint32_t n)
{
    const size_t n_levels = (size_t)g->job->n_levels, nested = 2 * NBL__NESTED_ROOM(g->near.n);
    const size_t of_tier =
        nbl__size_add(nbl__group_bytes(room_of(g, n), sizeof(uint32_t)), nbl__group_bytes(n, sizeof(uint32_t)));
    return nbl__size_add(
        nbl__size_add(nbl__group_bytes(n_levels, sizeof(nbl__tier)), nbl__size_mul(n_levels, of_tier)),
        nbl__size_add(nbl__group_bytes(nested, sizeof(uint32_t)), nbl__group_bytes(nested, sizeof(float))));
}

static nbl_status place_scratch(nbl__group *g, uint32_t n_rows, levels *l)
{
    const nbl__job *job = g->job;
    const size_t nested = 2 * NBL__NESTED_ROOM(g->near.n);
    nbl_status status =
        nbl__worker_scratch(g->worker, job->target->arena, &g->worker->made, levels_bytes(g, n_rows));
    if (status != NBL_OK)
        return status;
    char *place = g->worker->made.next;
    l->n = job->n_levels;
    l->tiers = nbl__group_take(&place, (size_t)l->n, sizeof *l->tiers);
    l->numbers = nbl__group_take(&place, nested, sizeof *l->numbers);
    l->d2 = nbl__group_take(&place, nested, sizeof *l->d2);
    for (int32_t k = 0; k < l->n; k++) {
        l->tiers[k].band = nbl__level_band(&job->levels[k], &job->focus);
        l->tiers[k].counts = nbl__group_take(&place, n_rows, sizeof *l->tiers[k].counts);
        l->tiers[k].out = nbl__group_take(&place, room_of(g, n_rows), sizeof *l->tiers[k].out);
    }
    return NBL_OK;
}

/* Whether the rows of a level are made where they stay. */
static bool is_direct(const nbl__group *g, int32_t level)
{
    return !g->past && nbl__job_has_cursor(g->job, level);
}

static nbl_status place_levels(nbl__group *g, uint32_t n_rows, levels *l)
{
    const size_t bytes = nbl__size_mul(room_of(g, n_rows), sizeof(uint32_t));
    nbl_status status = place_scratch(g, n_rows, l);
    for (int32_t k = 0; status == NBL_OK && k < l->n; k++) {
        nbl__cursor *cursor = nbl__job_cursor(g->job, g->worker, k);
        if (!is_direct(g, k))
            continue;
        status = nbl__arena_room(g->job->target->arena, cursor, bytes, &g->worker->fault);
        l->tiers[k].out = (uint32_t *)(void *)cursor->next;
    }
    return status;
}

static nbl_status keep_level(nbl__group *g, uint32_t first, uint32_t n, int32_t level, const nbl__tier *tier)
{
    uint32_t *place = tier->out;
    nbl_status status = is_direct(g, level) ? NBL_OK : move_rows(g, level, tier->out, tier->total, &place);
    if (status == NBL_OK)
        keep_rows(g, first, n, level, place, tier->counts);
    return status;
}

/*
 * The same rows of several levels that are only to be kept: the rows of each follow each other. *done is false
 * where anything is in doubt.
 */
static nbl_status make_levels(nbl__group *g, uint32_t first, uint32_t n, bool *done)
{
    const bool shells = g->job->query->disjoint;
    const nbl__kernel_nested nested = g->job->query->kernels->nested;
    const nbl__ask ask = ask_for(g, first, n);
    levels l = {.n = 0};
    bool close;
    nbl_status status = place_levels(g, n, &l);
    if (status != NBL_OK)
        return status;
    nbl__tier *highest = &l.tiers[l.n - 1];
    uint32_t total;
    if (shells)
        total = nested(&g->near, &ask, l.numbers, l.d2, g->counts, l.tiers, l.n, true, &close);
    else
        total = highest->total =
            nested(&g->near, &ask, highest->out, l.d2, highest->counts, l.tiers, l.n - 1, false, &close);
    *done = !close;
    if (close)
        return NBL_OK;
    nbl__worker_add(g->worker, nbl__job_pairs(g->job, total));
    for (int32_t k = l.n - 1; k >= 0 && status == NBL_OK; k--)
        status = keep_level(g, first, n, k, &l.tiers[k]);
    return status;
}

/* Whether rows of several levels are to be kept and nothing else, and one of all levels is short. */
static bool keeps_levels(const nbl__group *g)
{
    const nbl__target *target = g->job->target;
    return nbl__target_keeps(target) && !target->consume && target->only < 0 &&
           levels_bytes(g, 1) <= LEVELS_BYTES;
}

/* Behind the last candidate there are only points that are near nothing. */
static void end_coordinates(float *end)
{
    for (int k = 0; k < NBL__KERNEL_OVERRUN; k++)
        end[k] = HUGE_VALF;
}

/* Rows that are made in one pass. */
static uint32_t rows_at_once(const nbl__group *g)
{
    const size_t of_row = ((size_t)g->near.n + NBL__KERNEL_OVERRUN) * sizeof(uint32_t);
    uint32_t fit = (uint32_t)(NBL__ROWS_DIRECT / of_row);
    if (g->job->n_levels > 1) {
        const size_t of_one = levels_bytes(g, 1), more = LEVELS_BYTES > of_one ? LEVELS_BYTES - of_one : 0;
        const size_t of_levels = 1 + more / ((size_t)g->job->n_levels * (of_row + sizeof(uint32_t)));
        fit = of_levels < fit ? (uint32_t)of_levels : fit;
    }
    return fit > 1 ? fit : 1;
}

/* Whether or not rows of several levels are made together here, a search no larger may do so. */
static nbl_status reserve_scratch(nbl__group *g)
{
    nbl__worker *w = g->worker;
    if (g->job->query->n_lists == 1)
        return NBL_OK;
    return nbl__arena_room(g->job->target->arena, &w->made, LEVELS_BYTES, &w->fault);
}

nbl_status nbl__group_search(nbl__group *g)
{
    const uint32_t n = g->near.n, step = rows_at_once(g);
    nbl_status status = reserve_scratch(g);
    end_coordinates(g->near.x + n);
    end_coordinates(g->near.y + n);
    end_coordinates(g->near.z + n);
    for (uint32_t first = 0, some; first < g->n_rows && status == NBL_OK; first += some) {
        bool done = false;
        some = g->n_rows - first < step ? g->n_rows - first : step;
        if (g->job->n_levels == 1)
            status = make_rows(g, first, some, &done);
        else if (keeps_levels(g))
            status = make_levels(g, first, some, &done);
        for (uint32_t row = first; row < first + some && status == NBL_OK && !done; row++)
            status = make_row(g, row);
        if (!nbl__job_wants(g->job, g->worker))
            break;
    }
    return status;
}
