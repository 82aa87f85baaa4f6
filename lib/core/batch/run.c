/* SPDX-License-Identifier: MIT */
#include "batch/run.h"

#include <string.h>

#include "base/size.h"
#include "cell/load.h"
#include "emit/reverse.h"
#include "search/team.h"

enum { PIECE_ROWS = 64 };

static nbl_status reserve(nbl__system *system, int64_t n, nbl__memory *memory, nbl__fault *fault)
{
    size_t of_positions = nbl__size_of_count((uint64_t)n, 3 * sizeof(double));
    size_t of_shifts = nbl__size_of_count((uint64_t)n, 3 * sizeof(int32_t));
    nbl_status status = nbl__buffer_reserve(memory, &system->r_memory, of_positions, fault);
    if (status == NBL_OK)
        status = nbl__buffer_reserve(memory, &system->p_memory, of_positions, fault);
    if (status == NBL_OK)
        status = nbl__buffer_reserve(memory, &system->w_memory, of_shifts, fault);
    system->r = system->r_memory.data;
    system->wrapped.p = system->p_memory.data;
    system->wrapped.w = system->w_memory.data;
    return status;
}

static const double (*positions(const nbl__system *system))[3]
{
    return (const double(*)[3])system->r;
}

nbl_status nbl__system_build(nbl__system *system, const nbl__input *input, double cutoff, int32_t algorithm,
                             nbl__memory *memory, nbl__fault *fault)
{
    double h[3][3];
    int64_t n = input->n;
    system->built = false;
    nbl_status status = nbl__load_cell(h, input->cell, input->cell_dtype, input->pbc, fault);
    if (status == NBL_OK)
        status = nbl__lattice_init(&system->lattice, h, input->pbc, fault);
    if (status == NBL_OK)
        status = reserve(system, n, memory, fault);
    if (status == NBL_OK)
        status = nbl__load_positions(system->r, n, input->positions, input->positions_dtype,
                                     input->positions_stride, fault);
    if (status == NBL_OK)
        status = nbl__wrap(&system->lattice, n, positions(system), &system->wrapped, fault);
    if (status != NBL_OK)
        return status;
    nbl__plan *plan = &system->plan;
    nbl__plan_make(plan, &system->lattice, &system->wrapped, n, cutoff, algorithm);
    if (!plan->brute)
        status = nbl__grid_init(&system->grid, &system->lattice, &system->wrapped, n, plan->distance,
                                plan->width, plan->max_bins, memory, fault);
    if (status == NBL_OK && !plan->brute)
        status = nbl__slots_init(&system->slots, &system->grid, &system->lattice, &system->wrapped, n, memory,
                                 fault);
    system->n = n;
    system->cutoff = cutoff;
    system->built = status == NBL_OK;
    return status;
}

void nbl__system_free(nbl__system *system, nbl__memory *memory)
{
    nbl__buffer_free(memory, &system->r_memory);
    nbl__buffer_free(memory, &system->p_memory);
    nbl__buffer_free(memory, &system->w_memory);
    nbl__grid_free(&system->grid, memory);
    nbl__slots_free(&system->slots, memory);
    system->built = false;
}

void nbl__list_init(nbl__list *list, nbl__memory *memory)
{
    memset(list, 0, sizeof *list);
    nbl__arena_init(&list->arena, memory);
}

void nbl__list_free(nbl__list *list)
{
    nbl__memory *memory = list->arena.memory;
    nbl__rows_free(&list->rows, memory);
    nbl__buffer_free(memory, &list->stencil_memory);
    nbl__buffer_free(memory, &list->reverse_memory);
    nbl__buffer_free(memory, &list->collect_memory);
    nbl__arena_free(&list->arena);
}

static nbl__scene scene_of(const nbl__system *system)
{
    nbl__scene scene = {system->n,     positions(system), &system->lattice,  &system->wrapped,
                        &system->grid, &system->slots,    system->plan.error};
    return scene;
}

static nbl_status traverse(const nbl__system *system, const nbl__query *query, const nbl__target *target,
                           nbl__fault *fault)
{
    nbl__scene scene = scene_of(system);
    return system->plan.brute ? nbl__search_brute(&scene, query, target, fault)
                              : nbl__search_cells(&scene, query, target, fault);
}

static nbl_status search_once(nbl__list *list, const nbl__system *system, const nbl__query *query, bool keep,
                              nbl__fault *fault)
{
    nbl__target target = {&list->rows, &list->arena, NULL, NULL, &list->stencil_memory};
    nbl_status status =
        nbl__rows_open(&list->rows, query->n_rows, keep, system->plan.brute, list->arena.memory, fault);
    if (status == NBL_OK)
        status = traverse(system, query, &target, fault);
    if (status == NBL_OK)
        nbl__rows_close(&list->rows);
    return status;
}

/*
 * Whether one bin alone may hold more pairs than the caller allows (a collapsed system): then counting first
 * refuses it without filling memory.
 */
static bool is_suspicious(const nbl__system *system, const nbl__query *query)
{
    double fullest = (double)system->slots.fullest;
    return query->max_pairs > 0 && !system->plan.brute && fullest * fullest > (double)query->max_pairs;
}

/*
 * Over a limit of memory, the caller's or that of wide rows, keep counts only. The segments that did fit stay:
 * they are below the limit, and the next search of this kind allocates nothing.
 */
nbl_status nbl__list_search(nbl__list *list, const nbl__system *system, const nbl__query *query, int32_t mode,
                            nbl__fault *fault)
{
    nbl__memory *memory = list->arena.memory;
    bool keep = mode != NBL_MODE_COUNTS;
    nbl_status status = NBL_OK;
    if (memory->limit != 0) {
        nbl__buffer_free(memory, &list->reverse_memory);
        nbl__buffer_free(memory, &list->collect_memory);
        if (memory->held > memory->limit)
            nbl__list_free(list);
    }
    if (keep && is_suspicious(system, query))
        status = search_once(list, system, query, false, fault);
    if (status == NBL_OK)
        status = search_once(list, system, query, keep, fault);
    bool own_limit = system->plan.brute && fault->limit == NBL__BRUTE_KEEP && fault->need == 0;
    if (keep && status == NBL_ELIMIT && fault->what == NBL__FAULT_BYTES && (mode == NBL_MODE_AUTO || own_limit))
        status = search_once(list, system, query, false, fault);
    return status;
}

typedef struct kept {
    const nbl__rows *rows;
    const nbl__system *system;
    nbl__row_function consume;
    void *context;
    nbl__team team;
} kept;

/*
 * Rows of atoms in random order refer to images all over a table that is larger than the cache: asking for them
 * a few rows ahead speeds up the fetch of 100,000 random atoms (rc 3: 163 -> 97 ns per atom). In the cache it
 * costs a little, so small tables are left alone.
 */
enum { LARGE_TABLE = 1024 * 1024, ROWS_AHEAD = 8, IMAGES_AHEAD = 3 };

static void look_ahead(const kept *job, int64_t i)
{
#ifdef __GNUC__
    const nbl__rows *rows = job->rows;
    if (i + ROWS_AHEAD < rows->n)
        for (uint32_t e = 0; e < rows->count[i + ROWS_AHEAD]; e += 16)
            __builtin_prefetch((const uint32_t *)rows->entry[i + ROWS_AHEAD] + e);
    if (i + IMAGES_AHEAD < rows->n) {
        const uint32_t *row = rows->entry[i + IMAGES_AHEAD];
        for (uint32_t e = 0; e < rows->count[i + IMAGES_AHEAD]; e++)
            __builtin_prefetch(&job->system->slots.images[row[e]]);
    }
#else
    (void)job;
    (void)i;
#endif
}

static void visit_kept(void *context, int thread, int team_size)
{
    (void)team_size;
    kept *job = context;
    const nbl__rows *rows = job->rows;
    const bool large = !rows->wide && (uint64_t)job->system->slots.n * sizeof(nbl__image) > LARGE_TABLE;
    int64_t piece;
    while ((piece = nbl__team_next(&job->team)) >= 0) {
        int64_t first = piece * PIECE_ROWS, end = first + PIECE_ROWS < rows->n ? first + PIECE_ROWS : rows->n;
        for (int64_t i = first; i < end; i++) {
            nbl__view view = {rows->wide ? rows->entry[i] : job->system->slots.images,
                              rows->wide ? NULL : rows->entry[i],
                              {0, 0, 0},
                              rows->count[i],
                              i};
            if (large)
                look_ahead(job, i);
            if (!rows->wide)
                memcpy(view.w, job->system->wrapped.w[i], sizeof view.w);
            nbl_status status = job->consume(job->context, thread, &view);
            if (status != NBL_OK) {
                nbl__fault fault = {.a = i};
                nbl__team_fail(&job->team, piece, status, &fault);
                break;
            }
        }
    }
}

nbl_status nbl__list_visit(nbl__list *list, const nbl__system *system, const nbl__query *query,
                           nbl__row_function consume, void *context, nbl__fault *fault)
{
    if (!list->rows.kept) {
        nbl__query again = *query;
        nbl__target target = {NULL, &list->arena, consume, context, &list->stencil_memory};
        nbl_status status = NBL_OK;
        again.max_pairs = 0;
        /* There before the first row is handed out: consumers cannot take back what they wrote. */
        nbl__arena_rewind(&list->arena);
        if (system->plan.brute)
            status = nbl__arena_provide(&list->arena, 0, nbl__brute_scratch((uint64_t)list->rows.max_count),
                                        query->n_threads, fault);
        return status == NBL_OK ? traverse(system, &again, &target, fault) : status;
    }
    kept job = {.rows = &list->rows, .system = system, .consume = consume, .context = context};
    nbl__team_init(&job.team, (list->rows.n + PIECE_ROWS - 1) / PIECE_ROWS, 0);
    nbl__team_run(&job.team, query->n_threads, query->least_pieces, visit_kept, &job);
    *fault = job.team.fault;
    return job.team.status;
}

static nbl_status fits_narrow(void *context, int thread, const nbl__view *view)
{
    (void)context;
    (void)thread;
    return nbl__sink_fits_narrow(view) ? NBL_OK : NBL_ENARROW;
}

typedef struct collector {
    const nbl__rows *rows;
    size_t item;
    char *data;
} collector;

static nbl_status collect(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    const collector *c = context;
    char *to = c->data + (size_t)c->rows->offset[view->atom] * c->item;
    const void *from = c->rows->wide ? (const void *)view->images : view->number;
    if (view->count != 0)
        memcpy(to, from, view->count * c->item);
    c->rows->entry[view->atom] = to;
    return NBL_OK;
}

/* `reverse` looks rows up in any order: those that were not kept are collected first. */
static nbl_status fill_reverse(nbl__list *list, const nbl__system *system, const nbl__query *query,
                               const nbl__sink *sink, nbl__fault *fault)
{
    nbl__memory *memory = list->arena.memory;
    if (!list->rows.kept) {
        collector c = {&list->rows, list->rows.wide ? sizeof(nbl__image) : sizeof(uint32_t), NULL};
        nbl_status status = nbl__buffer_reserve(
            memory, &list->collect_memory, nbl__size_of_count((uint64_t)list->rows.total + 1, c.item), fault);
        c.data = list->collect_memory.data;
        if (status == NBL_OK)
            status = nbl__list_visit(list, system, query, collect, &c, fault);
        if (status != NBL_OK)
            return status;
    }
    nbl__reverse reverse = {&list->rows,      system->slots.images, (const int32_t(*)[3])system->wrapped.w,
                            query->sorted,    sink->out.index_base, sink->out.offset_dtype,
                            sink->out.reverse};
    return nbl__reverse_fill(&reverse, &list->reverse_memory, memory, fault);
}

nbl_status nbl__list_fetch(nbl__list *list, const nbl__system *system, const nbl__query *query, nbl__sink *sink,
                           nbl__fault *fault)
{
    nbl_status status = NBL_OK;
    sink->r = positions(system);
    sink->lattice = &system->lattice;
    if (nbl__sink_needs_narrow(sink))
        status = nbl__list_visit(list, system, query, fits_narrow, NULL, fault);
    if (status == NBL_OK && sink->out.reverse)
        status = fill_reverse(list, system, query, sink, fault);
    if (status == NBL_OK && nbl__sink_wants_pairs(sink))
        status = nbl__list_visit(list, system, query, nbl__sink_row, sink, fault);
    if (status == NBL_OK)
        nbl__sink_row_arrays(sink);
    return status;
}
