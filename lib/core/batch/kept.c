/* SPDX-License-Identifier: MIT */
#include "batch/kept.h"

#include <string.h>

#include "base/cpu.h"
#include "base/page.h"
#include "emit/stage.h"
#include "search/team.h"

nbl__view nbl__kept_view(const nbl__set *set, const nbl__image **tables, int64_t system)
{
    const nbl__member *member = &set->members[system];
    nbl__view view = {.system = system,
                      .first = set->first[system],
                      .r = nbl__set_positions(set, system),
                      .lattice = nbl__set_lattice(set, system)};
    if (member->path == NBL__PATH_CELLS)
        view.images = set->binned[member->grid].slots.images;
    else if (member->path == NBL__PATH_BLOCK && member->lattice >= 0)
        view.images = tables[system];
    return view;
}

bool nbl__kept_is_shifted(const nbl__set *set, int64_t system)
{
    const nbl__member *member = &set->members[system];
    const bool wraps =
        member->path == NBL__PATH_CELLS || (member->path == NBL__PATH_BLOCK && member->lattice >= 0);
    return wraps && nbl__set_atoms(set, system) > 0 && set->wrapped[system].w_max > 0;
}

typedef struct reading {
    const nbl__kept *kept;
    nbl__row_function consume;
    void *context;
    int64_t rows_per_piece;
    uint32_t images_ahead;   /* entries of a row */
    nbl__expand_fence fence; /* after each piece; or NULL */
    const nbl__sink *sink;   /* as it was given; or NULL: rows go elsewhere */
    bool past_zeros;         /* whether shifts of open systems go past the caches */
    bool staged;             /* whether rows that are written one by one go through a stage */
    bool pages_ahead;        /* whether pages are worth asking for where they are written next */
    nbl__sink_plain plain;   /* of masks, and of rows of images that are not staged */
    nbl__sink rest;          /* what is not plain of them */
    nbl__expand_masks masks; /* makes numbers of masks */
    bool alone;              /* one thread writes */
    bool all_masked;         /* rows of all systems are masks */
    nbl__team team;
} reading;

/* Rows that are a piece of work of some tens of microseconds. */
enum { LEAST_ROWS = 64, PIECE_PAIRS = 16384 };

static int64_t rows_per_piece(const nbl__rows *rows)
{
    const int64_t wanted = PIECE_PAIRS * rows->n / (rows->total + 1) + 1;
    return wanted > LEAST_ROWS ? wanted : LEAST_ROWS;
}

/*
 * Bytes from which on images, and entries, are asked for some rows ahead: in the cache it costs a little. Long
 * rows are left alone where the processor looks ahead by itself (nbl__expand).
 */
enum { LARGE_TABLE = 1024 * 1024 };

/* Whether the rows first ... end - 1 follow each other in memory, from *next on, which then is behind them.
 * NULL: wherever the first one is, which becomes *begin. */
static bool follow(const nbl__rows *rows, int64_t first, int64_t end, const uint32_t **begin,
                   const uint32_t **next)
{
    for (int64_t row = first; row < end; row++) {
        if (rows->count[row] == 0)
            continue;
        if (!*next)
            *begin = *next = rows->entry[row];
        if (rows->entry[row] != *next)
            return false;
        *next += rows->count[row];
    }
    return true;
}

/* The system of an atom: the last that begins at or before it, and is not empty. */
static int64_t system_of(const nbl__set *set, int64_t atom)
{
    int64_t low = 0, high = set->n_systems;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (set->first[middle] <= atom)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static int64_t last_row(const nbl__set *set, int64_t system, int64_t end)
{
    return set->first[system + 1] < end ? set->first[system + 1] : end;
}

static bool is_written_in_pairs(const reading *job)
{
    return job->sink && job->sink->out.layout == NBL_LAYOUT_PAIRS;
}

/*
 * A small system, of which the rows first ... last - 1 are written together, if they follow each other in
 * memory, as those do that were found at once.
 */
static bool write_block(const reading *job, int64_t system, int64_t first, int64_t last)
{
    const nbl__set *set = job->kept->set;
    const uint32_t *begin = NULL, *next = NULL;
    if (!is_written_in_pairs(job) || set->members[system].path != NBL__PATH_BLOCK ||
        !follow(job->kept->rows, first, last, &begin, &next))
        return false;
    nbl__view view = nbl__kept_view(set, job->kept->tables, system);
    const int32_t(*w)[3] =
        view.images ? (const int32_t(*)[3])set->wrapped[system].w + (first - view.first) : NULL;
    view.number = begin;
    view.atom = first - view.first;
    if (begin)
        nbl__sink_stretch(job->context, &view, first, last - first, w);
    return true;
}

static bool is_masked(const nbl__kept *kept, int64_t system)
{
    return kept->rows->masked && kept->statuses[system] == NBL_OK && nbl__set_is_masked(kept->set, system);
}

/*
 * Entries from which on what is plain of rows that are masks becomes a series, in which numbers of atoms run
 * on; with vectors or distances, which gain more by it, and without. Its beginning and its end take time. ns
 * per atom of the fetch of molecules of 9, rows together and a series (Zen 4): with them, 72 entries, 50 / 51,
 * 144, 41 / 27, 9,000, 23.2 / 13.9; without, 72 entries, 29 / 36, 2,300, 5.4 / 5.6, 36,000, 5.3 / 5.2, and past
 * the caches, 717,000, 7.8 / 6.5.
 */
enum { LEAST_MEASURED = 128, LEAST_ENTRIES = 8192 };

static bool is_series(const reading *job, int64_t first, int64_t end)
{
    const nbl__series_arrays *arrays = &job->plain.arrays;
    const int64_t *offset = job->kept->rows->offset;
    const bool measured = arrays->vectors || arrays->distances;
    return job->plain.series && !job->plain.local && end - first <= INT32_MAX &&
           offset[end] - offset[first] >= (measured ? LEAST_MEASURED : LEAST_ENTRIES);
}

static void write_series(const reading *job, int64_t system, int64_t first, int64_t end)
{
    const nbl__set *set = job->kept->set;
    const nbl__rows *rows = job->kept->rows;
    const nbl__view view = nbl__kept_view(set, NULL, system);
    const nbl__series series = {.mask = rows->mask + first,
                                .first = set->first + system,
                                .n = end - first,
                                .atom = first - view.first,
                                .r = view.r,
                                .past_zeros = job->past_zeros};
    nbl__sink_plain_series(&job->plain, series, &view, rows->offset[first]);
}

/* Rows, and entries, that are made of masks and written together: they stay in a near cache. */
enum { MADE = 4096 };
_Static_assert(NBL__MASK_ATOMS *NBL__MASK_ATOMS <= MADE, "a system has room");

/* The row behind those of as many systems as there is room for. */
static int64_t last_made(const nbl__set *set, const nbl__rows *rows, int64_t system, int64_t first, int64_t end)
{
    int64_t row = first;
    while (row < end) {
        const int64_t last = last_row(set, system++, end);
        if (last - first > MADE || rows->offset[last] - rows->offset[first] > MADE)
            break;
        row = last;
    }
    return row;
}

/*
 * Rows first ... end - 1, for which there is room, are written as if their systems were one, of which numbers
 * of atoms run on; or, where the caller wants them to begin anew, system by system.
 */
static void write_made(const reading *job, const nbl__sink *sink, int64_t system, int64_t first, int64_t end)
{
    const nbl__set *set = job->kept->set;
    const nbl__rows *rows = job->kept->rows;
    const bool local = sink->out.local_indices != 0;
    const int64_t from = system;
    uint32_t made[MADE + NBL__EXPAND_OVERRUN], *next = made;
    for (int64_t row = first, last; row < end; system++, row = last) {
        last = last_row(set, system, end);
        next = job->masks(rows->mask + row, last - row,
                          local ? 0 : (uint32_t)(set->first[system] - set->first[from]), next);
    }
    for (int64_t row = first, last; row < end; row = last) {
        nbl__view view = nbl__kept_view(set, job->kept->tables, local ? system_of(set, row) : from);
        last = local ? last_row(set, view.system, end) : end;
        view.number = made + (rows->offset[row] - rows->offset[first]);
        view.atom = row - view.first;
        nbl__sink_stretch(sink, &view, row, last - row, NULL);
    }
}

/* Rows that are masks. */
static void write_masks(const reading *job, int64_t system, int64_t first, int64_t end)
{
    nbl__sink sink = *(const nbl__sink *)job->context;
    if (is_series(job, first, end)) {
        write_series(job, system, first, end);
        sink = job->rest;
    }
    nbl__sink_take_batch(&sink, system, first, end);
    for (int64_t last; first < end && nbl__sink_wants_pairs(&sink); first = last) {
        system = system_of(job->kept->set, first);
        last = last_made(job->kept->set, job->kept->rows, system, first, end);
        write_made(job, &sink, system, first, last);
    }
}

/* The row behind those of *system and of all after it whose rows are masks, too; *system becomes the next, if
 * there is one. */
static int64_t last_masked(const reading *job, int64_t *system, int64_t end)
{
    const nbl__kept *kept = job->kept;
    int64_t last = end;
    if (job->all_masked)
        return end;
    while (is_masked(kept, *system) && (last = last_row(kept->set, (*system)++, end)) < end)
        continue;
    return last;
}

/*
 * Rows lie in the order of bins, and are wanted in that of atoms. What is asked for ahead is counted in
 * entries: AVX-512 reads those of many short rows at once. ns per atom of the fetch, 8 rows ahead and without
 * the last line of each, and so (Zen 5): copper, 33 / 30, half lists, 24 / 17, random rc 3, 25 / 18, with AVX2
 * 51 / 44, in plain C 70 / 54, rc 6, 107 / 101.
 */
enum { ENTRIES_AHEAD = 512, LEAST_ROWS_AHEAD = 4, MOST_ROWS_AHEAD = 32 };

static int64_t rows_ahead(const nbl__rows *rows, int64_t first, int64_t end)
{
    const int64_t entries = rows->offset[end] - rows->offset[first],
                  ahead = ENTRIES_AHEAD * (end - first) / (entries + 1);
    return ahead < LEAST_ROWS_AHEAD ? LEAST_ROWS_AHEAD : ahead < MOST_ROWS_AHEAD ? ahead : MOST_ROWS_AHEAD;
}

/* The rows of a system, if they are numbers of images or of atoms. */
static nbl__series make_series(const reading *job, const nbl__view *view, int64_t first, int64_t end)
{
    const nbl__set *set = job->kept->set;
    const nbl__rows *rows = job->kept->rows;
    const nbl__member *member = &set->members[view->system];
    const bool cells = member->path == NBL__PATH_CELLS;
    const bool large = cells && (uint64_t)set->binned[member->grid].slots.n * sizeof(nbl__image) > LARGE_TABLE;
    const bool far = cells && (uint64_t)rows->total * sizeof(uint32_t) > LARGE_TABLE;
    const int32_t(*w)[3] = nbl__kept_is_shifted(set, view->system)
                               ? (const int32_t(*)[3])set->wrapped[view->system].w + (first - view->first)
                               : NULL;
    return (nbl__series){.images = view->images,
                         .entry = (const void *const *)rows->entry + first,
                         .count = rows->count + first,
                         .w = nbl__series_is_moved(w, end - first) ? w : NULL,
                         .n = end - first,
                         .atom = first - view->first,
                         .r = view->r,
                         .lattice = view->lattice,
                         .rows_ahead = large || far ? rows_ahead(rows, first, end) : 0,
                         .images_ahead = large ? job->images_ahead : 0};
}

static NBL__INLINE void ask_for_pages(const nbl__series_arrays *to)
{
    nbl__ask_for_page(to->i);
    nbl__ask_for_page(to->j);
    nbl__ask_for_page(to->shifts);
    nbl__ask_for_page(to->vectors);
    nbl__ask_for_page(to->distances);
}

/* Rows first ... end - 1, all of one system. */
static nbl_status visit_system(const reading *job, int thread, int64_t system, int64_t first, int64_t end,
                               nbl__fault *fault)
{
    const nbl__set *set = job->kept->set;
    const nbl__rows *rows = job->kept->rows;
    const bool wide = set->members[system].path == NBL__PATH_FORMULA, masked = is_masked(job->kept, system);
    uint32_t made[NBL__MASK_ATOMS + NBL__EXPAND_OVERRUN];
    nbl__view view = nbl__kept_view(set, job->kept->tables, system);
    const nbl__series series = make_series(job, &view, first, end);
    const bool plain = view.images && !wide && !job->staged;
    void *context = job->context;
    nbl_status status = NBL_OK;
    nbl__stage stage;
    if (plain && job->plain.series) {
        nbl__sink_plain_series(&job->plain, series, &view, rows->offset[first]);
        if (!nbl__sink_wants_pairs(&job->rest))
            return NBL_OK;
        context = (void *)&job->rest;
    }
    if (job->staged)
        nbl__stage_open(&stage, job->sink, rows->offset[first]);
    for (int64_t row = first; row < end && status == NBL_OK; row++) {
        view.images = wide ? rows->entry[row] : view.images;
        view.number = wide ? NULL : masked ? made : rows->entry[row];
        view.count = rows->count[row];
        view.atom = row - view.first;
        if (masked)
            job->masks(rows->mask + row, 1, 0, made);
        nbl__series_ask_for_entries(&series, row - first);
        nbl__series_ask_for_images(&series, row - first);
        if (series.w)
            memcpy(view.w, series.w[row - first], sizeof view.w);
        if (job->pages_ahead) {
            const nbl__series_arrays next = nbl__sink_plain_arrays(&job->plain, rows->offset[row]);
            ask_for_pages(&next);
        }
        if (job->staged)
            nbl__stage_row(&stage, &view);
        else if (plain && job->plain.row)
            nbl__sink_plain_row(&job->plain, &view, rows->offset[row]);
        else
            status = job->consume(context, thread, &view);
        fault->a = row;
    }
    if (job->staged)
        nbl__stage_close(&stage);
    return status;
}

static nbl_status visit_piece(reading *job, int thread, int64_t first, int64_t end, nbl__fault *fault)
{
    const nbl__set *set = job->kept->set;
    nbl_status status = NBL_OK;
    int64_t system = system_of(set, first);
    while (first < end && status == NBL_OK) {
        if (is_written_in_pairs(job) && is_masked(job->kept, system)) {
            const int64_t own = system, last = last_masked(job, &system, end);
            write_masks(job, own, first, last);
            first = last;
            continue;
        }
        const int64_t last = last_row(set, system, end);
        if (last > first && job->kept->statuses[system] == NBL_OK && !write_block(job, system, first, last))
            status = visit_system(job, thread, system, first, last, fault);
        first = last;
        system++;
    }
    if (job->fence)
        job->fence();
    return status;
}

static void visit_kept(void *context, int thread, int team_size)
{
    (void)team_size;
    reading *job = context;
    int64_t piece;
    while ((piece = nbl__team_next(&job->team, thread)) >= 0) {
        const int64_t first = piece * job->rows_per_piece, end = first + job->rows_per_piece;
        nbl__fault fault = {.what = NBL__FAULT_NONE};
        nbl_status status =
            visit_piece(job, thread, first, end < job->kept->rows->n ? end : job->kept->rows->n, &fault);
        if (status != NBL_OK)
            nbl__team_fail(&job->team, piece, status, &fault);
    }
}

#define MIB (1024.0 * 1024.0)

/*
 * Bytes of output from which on lines are written past the caches: beyond what a core's share of the last cache
 * holds, and what a caller who reads it at once would find there; all lists together. Blocks are written in
 * long stretches, which the cache takes better than rows, and two threads better than one, while they share the
 * way to the memory. ns per atom of the fetch, before and after, on one thread and on two: (Zen 1) random rc 3,
 * 31 MB, 153 / 122; molecules of 9 atoms, 20 MB, 27 / 28 and 14.4 / 13.2; of 21, 112 MB, 59 / 49 and 31 / 23;
 * (Zen 4) copper, 8.1 MB, 37 / 38 and 18 / 31, 10.3 MB, 44 ... 58 / 38, 12.9 MB, 61 ... 76 / 38 and 32 / 31,
 * and if the caller then reads it all, 71 ... 149 / 69 ... 90; random rc 5, 14.7 MB, 117 / 57; molecules of 9,
 * 16 MB, 6.2 / 6.6, 20 MB, 7.0 ... 7.9 / 6.6 and 3.1 / 3.0, with AVX2 9.2 ... 11 / 8.8 and 4.1 / 6.0, periodic
 * ones, 21 MB, 37 / 50, of 21 atoms, 121 MB, 80 / 68.
 */
static double large_output(const reading *job)
{
    const nbl__set *set = job->kept->set;
    const bool rows = set->n_binned > 0, open = set->n_lattices == 0;
    const double alone = rows ? 10.0 : open ? 18.0 : 24.0, shared = rows ? 16.0 : 24.0;
    return MIB * (job->alone ? alone : shared);
}

/*
 * Shifts of open systems, which are zero, go that way before all the rest does: what remains is less, and finds
 * room in the cache, while the memory takes the zeros, for which Zen 4 needs a third of the time (lines of
 * zeros 79 GB/s, others 27). Molecules of 9 (Zen 4), ns per atom of the fetch before and after, on one thread:
 * 8 MB, 5.3 / 5.5, 12 MB, 6.2 / 5.8, 20 MB, 8.7 / 7.5; on two: 12 MB, 2.9 / 2.9, 20 MB, 3.4 / 3.2.
 */
static const double large_zeros = 10.0 * MIB;

static double output_bytes(const nbl__kept *kept, const nbl__sink *sink)
{
    return sink->out.layout == NBL_LAYOUT_PAIRS ? kept->n_pairs * (double)nbl__sink_pair_bytes(sink) : 0.0;
}

/* What kind of stores the sink takes, and what follows from it. */
static void choose_stores(reading *job, nbl__sink *sink)
{
    const double bytes = output_bytes(job->kept, sink);
    const bool large = bytes >= large_output(job);
    const nbl__expand *past = sink->expand->past;
    job->staged = large && past && nbl__cpu_wants_lines() && nbl__stage_fits(sink);
    if (past && bytes >= large_zeros) {
        sink->zeros = past;
        job->past_zeros = true;
        sink->expand = large ? past : sink->expand;
        job->fence = past->fence;
    }
    /* What goes past the caches asks by itself. */
    job->pages_ahead = large && !past;
}

nbl_status nbl__kept_visit(const nbl__kept *kept, const nbl__query *query, nbl__row_function consume,
                           void *context, nbl__fault *fault)
{
    const nbl__rows *rows = kept->rows;
    reading job = {.kept = kept,
                   .consume = consume,
                   .context = context,
                   .rows_per_piece = rows_per_piece(rows),
                   .images_ahead = query->kernels->expand->images_ahead,
                   .masks = query->kernels->expand->masks,
                   .alone = query->n_threads == 1,
                   .all_masked = rows->masked && kept->set->masked &&
                                 nbl__set_is_right(kept->statuses, kept->set->n_systems)};
    nbl__sink sink;
    if (consume == nbl__sink_row) {
        job.sink = context;
        job.context = &sink;
        sink = *job.sink;
        choose_stores(&job, &sink);
        job.rest = sink;
        job.plain = nbl__sink_take_plain(&job.rest);
    }
    nbl__team_init(&job.team, (rows->n + job.rows_per_piece - 1) / job.rows_per_piece, 0);
    nbl__team_run(&job.team, query->n_threads, query->least_pieces, visit_kept, &job);
    if (job.team.status != NBL_OK)
        *fault = job.team.fault;
    return job.team.status;
}
