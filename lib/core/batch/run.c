/* SPDX-License-Identifier: MIT */
#include "batch/run.h"

#include <string.h>

#include "base/size.h"
#include "batch/kept.h"
#include "emit/reverse.h"

void nbl__list_init(nbl__list *list, nbl__memory *memory)
{
    memset(list, 0, sizeof *list);
    nbl__arena_init(&list->arena, memory);
    nbl__arena_init(&list->again_arena, memory);
}

/* What one fetch needed and no search does. */
static void free_extras(nbl__list *list)
{
    nbl__memory *memory = list->arena.memory;
    nbl__buffer_free(memory, &list->reverse_memory);
    nbl__buffer_free(memory, &list->again_tables);
    nbl__rows_free(&list->again, memory);
    nbl__arena_free(&list->again_arena);
    nbl__blocks_free(&list->block_memory, memory);
}

void nbl__list_free(nbl__list *list)
{
    nbl__memory *memory = list->arena.memory;
    nbl__rows *rows = list->rows_memory.data;
    for (size_t k = 0; k < list->rows_memory.bytes / sizeof *rows; k++)
        nbl__rows_free(&rows[k], memory);
    nbl__buffer *buffers[] = {&list->rows_memory, &list->status_memory, &list->table_memory,
                              &list->cutoff_memory};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    nbl__trace_free(&list->trace, memory);
    nbl__arena_free(&list->arena);
    free_extras(list);
}

static nbl_status check_cutoffs(const nbl__set *set, const nbl__query *query, int64_t system, nbl__fault *fault)
{
    const double *cutoffs = nbl__query_cutoffs(query, system);
    const double most = set->members[system].cutoff;
    for (int32_t k = 0; k < query->n_lists; k++) {
        const bool good = cutoffs[k] >= 1e-100 && cutoffs[k] <= 1e100;
        if (good && cutoffs[k] <= most)
            continue;
        *fault = (nbl__fault){.what = good ? NBL__FAULT_CUTOFFS : NBL__FAULT_CUTOFF,
                              .value = cutoffs[k],
                              .other = most,
                              .a = k,
                              .b = query->n_lists};
        return good ? NBL_ECUTOFF_BUILD : NBL_ECUTOFF;
    }
    return NBL_OK;
}

static nbl_status reserve_statuses(nbl__list *list, int64_t n_systems, nbl__fault *fault)
{
    nbl__buffer *buffer = &list->status_memory;
    const size_t had = buffer->bytes;
    nbl_status status = nbl__buffer_reserve(list->arena.memory, buffer,
                                            nbl__size_of_count((uint64_t)n_systems, sizeof(int32_t)), fault);
    if (status == NBL_OK && buffer->bytes > had)
        memset(buffer->data, 0, buffer->bytes);
    list->statuses = buffer->data;
    return status;
}

/* Whether one look at shared cutoffs tells that they are right for all systems, none of which failed. */
static bool are_right(const nbl__set *set, const nbl__query *query)
{
    bool right = set->n_failed == 0 && query->n_sets == 1;
    for (int32_t k = 0; k < query->n_lists && right; k++)
        right = query->cutoffs[k] >= 1e-100 && query->cutoffs[k] <= set->cutoff;
    return right;
}

/* Written only where something changes: what stays is in the caches of all threads. */
static void clear_statuses(nbl__list *list, int64_t n)
{
    if (!nbl__set_is_right(list->statuses, n))
        memset(list->statuses, 0, (size_t)n * sizeof *list->statuses);
}

nbl_status nbl__list_open(nbl__list *list, const nbl__set *set, const nbl__query *query, nbl__refusal *refusal,
                          nbl__fault *fault)
{
    nbl__memory *memory = list->arena.memory;
    if (memory->limit != 0) {
        free_extras(list);
        if (memory->held > memory->limit)
            nbl__list_free(list);
    }
    *refusal = (nbl__refusal){.system = -1};
    nbl_status status = reserve_statuses(list, set->n_systems, fault);
    if (status != NBL_OK)
        return status;
    if (are_right(set, query)) {
        clear_statuses(list, set->n_systems);
        return NBL_OK;
    }
    for (int64_t s = 0; s < set->n_systems; s++) {
        nbl_status own = set->members[s].status;
        nbl__fault why;
        if (own == NBL_OK && (nbl__set_atoms(set, s) > 0 || set->lone)) {
            own = check_cutoffs(set, query, s, &why);
            if (own != NBL_OK && refusal->system < 0)
                *refusal = (nbl__refusal){s, own, why};
        }
        list->statuses[s] = own;
    }
    return NBL_OK;
}

/* Lists that are not in use keep their memory. */
static nbl_status reserve_rows(nbl__list *list, int32_t n_lists, nbl__fault *fault)
{
    const size_t had = list->rows_memory.bytes;
    nbl_status status = nbl__buffer_grow(list->arena.memory, &list->rows_memory, had,
                                         (size_t)n_lists * sizeof *list->rows, fault);
    if (status != NBL_OK)
        return status;
    if (list->rows_memory.bytes > had)
        memset((char *)list->rows_memory.data + had, 0, list->rows_memory.bytes - had);
    list->rows = list->rows_memory.data;
    list->n_lists = n_lists;
    return NBL_OK;
}

static nbl_status open_tables(nbl__memory *memory, nbl__buffer *buffer, const nbl__set *set, bool keep,
                              nbl__fault *fault)
{
    const size_t bytes =
        keep && set->n_lattices > 0 ? nbl__size_of_count((uint64_t)set->n_systems, sizeof(void *)) : 0;
    nbl_status status = nbl__buffer_reserve(memory, buffer, bytes, fault);
    if (status == NBL_OK && bytes != 0)
        memset(buffer->data, 0, bytes);
    return status;
}

/* A search takes what a later fetch of counts needs: what it may hold does not depend on fetches before. */
static nbl_status reserve_cutoffs(nbl__list *list, const nbl__query *query, nbl__fault *fault)
{
    const uint64_t n = query->n_lists > 1 ? (uint64_t)query->n_sets : 0;
    return nbl__buffer_reserve(list->arena.memory, &list->cutoff_memory, nbl__size_of_count(n, sizeof(double)),
                               fault);
}

static nbl_status search_once(nbl__list *list, const nbl__set *set, const nbl__query *query, bool keep,
                              nbl__refusal *refusal, nbl__fault *fault)
{
    nbl__memory *memory = list->arena.memory;
    nbl_status status = reserve_rows(list, query->n_lists, fault);
    if (status == NBL_OK)
        status = open_tables(memory, &list->table_memory, set, keep, fault);
    if (status == NBL_OK)
        status = reserve_cutoffs(list, query, fault);
    for (int32_t k = 0; k < query->n_lists && status == NBL_OK; k++) {
        status = nbl__rows_open(&list->rows[k], nbl__query_rows(query, set->n_atoms), keep, memory, fault);
        list->rows[k].masked = keep && query->n_centers < 0; /* a mask is of all atoms, a row of each */
    }
    if (status != NBL_OK)
        return status;
    list->tables = list->table_memory.data;
    const int64_t before = list->arena.n_segments;
    const nbl__target target = {.rows = list->rows,
                                .only = -1,
                                .arena = &list->arena,
                                .tables = list->tables,
                                .most_wide = NBL__KEEP_WIDE};
    status = nbl__schedule_run(set, query, &target, list->statuses, &list->trace, refusal, fault);
    list->scratch = list->trace.scratch;
    if (status == NBL_OK)
        nbl__arena_provide_spare(&list->arena, before);
    /* Any later schedule of the same search then finds the memory that it needs. */
    const nbl__trace *trace = &list->trace;
    const nbl__need need = nbl__worker_need(trace->n_threads, trace->scratch, trace->kept, query->n_lists);
    if (status == NBL_OK && need.n_threads > 1)
        status = nbl__arena_provide(&list->arena, &need, fault);
    for (int32_t k = 0; k < query->n_lists && status == NBL_OK; k++)
        nbl__rows_close(&list->rows[k], query->kernels->expand, list->trace.n_threads);
    return status;
}

/*
 * Whether one bin alone may hold more pairs than the caller allows (a collapsed system): then counting first
 * refuses it without filling memory.
 */
static bool is_suspicious(const nbl__set *set, const nbl__query *query)
{
    bool found = false;
    for (int64_t k = 0; k < set->n_binned && query->max_pairs > 0; k++) {
        const double fullest = (double)set->binned[k].slots.fullest;
        found |= set->binned[k].plan.path == NBL__PATH_CELLS && fullest * fullest > (double)query->max_pairs;
    }
    return found;
}

/*
 * Over a limit of memory, the caller's or that of wide rows, keep counts only. The segments that did fit stay:
 * they are below the limit, and the next search of this kind allocates nothing.
 */
nbl_status nbl__list_search(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t mode,
                            nbl__refusal *refusal, nbl__fault *fault)
{
    const bool keep = mode != NBL_MODE_COUNTS;
    nbl_status status = NBL_OK;
    if (keep && is_suspicious(set, query))
        status = search_once(list, set, query, false, refusal, fault);
    if (status == NBL_OK)
        status = search_once(list, set, query, keep, refusal, fault);
    const bool own_limit = fault->limit == NBL__KEEP_WIDE && fault->need == 0;
    if (keep && status == NBL_ELIMIT && fault->what == NBL__FAULT_BYTES && (mode == NBL_MODE_AUTO || own_limit))
        status = search_once(list, set, query, false, refusal, fault);
    return status;
}

/* The k-th cutoff of each set, or (k negative) the largest. */
static nbl_status pick_cutoffs(nbl__list *list, const nbl__query *query, int32_t k, nbl__query *picked,
                               nbl__fault *fault)
{
    *picked = *query;
    if (query->n_lists == 1)
        return NBL_OK;
    nbl_status status = reserve_cutoffs(list, query, fault);
    double *cutoffs = list->cutoff_memory.data;
    for (int64_t s = 0; s < query->n_sets && status == NBL_OK; s++) {
        const double *given = query->cutoffs + s * query->n_lists;
        cutoffs[s] = given[k < 0 ? 0 : k];
        for (int32_t other = 1; other < query->n_lists && k < 0; other++)
            cutoffs[s] = given[other] > cutoffs[s] ? given[other] : cutoffs[s];
    }
    picked->n_lists = 1;
    picked->disjoint = false;
    picked->cutoffs = cutoffs;
    return status;
}

/*
 * Searches list k again: alone, or, where it is the shell between two cutoffs, with all lists, of which the
 * others are passed over.
 */
static nbl_status search_again(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                               nbl__target *target, nbl__fault *fault)
{
    nbl__query again = *query;
    nbl__refusal refusal;
    nbl_status status = NBL_OK;
    target->only = -1;
    if (query->disjoint && query->n_lists > 1)
        target->only = k;
    else
        status = pick_cutoffs(list, query, k, &again, fault);
    again.max_pairs = 0;
    return status == NBL_OK
               ? nbl__schedule_run(set, &again, target, list->statuses, &list->trace, &refusal, fault)
               : status;
}

nbl_status nbl__list_visit(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                           nbl__row_function consume, void *context, nbl__fault *fault)
{
    const nbl__rows *rows = &list->rows[k];
    if (!rows->kept) {
        nbl__target target = {.arena = &list->arena, .consume = consume, .context = context};
        /* There before the first row is handed out: consumers cannot take back what they wrote. */
        nbl__arena_rewind(&list->arena);
        const nbl__need need = nbl__worker_need(query->n_threads, list->scratch, 0, 1);
        nbl_status status = nbl__arena_provide(&list->arena, &need, fault);
        return status == NBL_OK ? search_again(list, set, query, k, &target, fault) : status;
    }
    nbl__kept kept = {.set = set, .rows = rows, .statuses = list->statuses, .tables = list->tables};
    for (int32_t other = 0; other < list->n_lists; other++)
        kept.n_pairs += (double)list->rows[other].total;
    return nbl__kept_visit(&kept, query, consume, context, fault);
}

nbl_status nbl__list_walk(nbl__list *list, const nbl__set *set, const nbl__query *query, nbl__blocks *blocks,
                          nbl__refusal *refusal, nbl__fault *fault)
{
    nbl__query largest;
    const nbl__target target = {
        .only = -1, .arena = &list->arena, .consume = nbl__blocks_row, .context = blocks};
    nbl_status status = pick_cutoffs(list, query, -1, &largest, fault);
    if (status == NBL_OK)
        status = nbl__blocks_open(blocks, query->n_threads, &list->block_memory, fault);
    if (status == NBL_OK)
        status = nbl__schedule_run(set, &largest, &target, list->statuses, &list->trace, refusal, fault);
    if (status != NBL_OK) {
        if (fault->what == NBL__FAULT_NONE && blocks->fault.what != NBL__FAULT_NONE)
            *fault = blocks->fault;
        return status;
    }
    /* A courtesy to the next visit: all rows of this one are found. */
    nbl__fault ignored;
    const nbl__need need = nbl__worker_need(query->n_threads, list->trace.scratch, 0, 1);
    if (list->trace.n_threads > 1)
        nbl__arena_provide(&list->arena, &need, &ignored);
    return nbl__blocks_close(blocks);
}

static nbl_status fits_narrow(void *context, int thread, const nbl__view *view)
{
    (void)context;
    (void)thread;
    return nbl__sink_fits_narrow(view) ? NBL_OK : NBL_ENARROW;
}

/* `reverse` looks rows up in any order: those that were not kept are found again and kept. */
static nbl_status keep_again(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                             nbl__fault *fault)
{
    nbl__memory *memory = list->arena.memory;
    nbl_status status = open_tables(memory, &list->again_tables, set, true, fault);
    if (status == NBL_OK)
        status = nbl__rows_open(&list->again, list->rows[k].n, true, memory, fault);
    if (status != NBL_OK)
        return status;
    nbl__target target = {.rows = &list->again, .arena = &list->again_arena, .tables = list->again_tables.data};
    status = search_again(list, set, query, k, &target, fault);
    if (status == NBL_OK)
        nbl__rows_close(&list->again, query->kernels->expand, list->trace.n_threads);
    return status;
}

/* Room to rank the rows of any system, there before the first number is written. */
static nbl_status reserve_reverse(nbl__list *list, const nbl__set *set, const nbl__rows *rows,
                                  nbl__fault *fault)
{
    int64_t most = 0;
    for (int64_t s = 0; s < set->n_systems; s++) {
        const int64_t pairs = rows->offset[set->first[s + 1]] - rows->offset[set->first[s]];
        most = pairs > most ? pairs : most;
    }
    return nbl__buffer_reserve(list->arena.memory, &list->reverse_memory,
                               nbl__reverse_bytes(most, rows->max_count), fault);
}

static nbl_status prepare_reverse(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                                  nbl__fault *fault)
{
    const bool kept = list->rows[k].kept;
    nbl_status status = kept ? NBL_OK : keep_again(list, set, query, k, fault);
    if (status == NBL_OK && !query->sorted)
        status = reserve_reverse(list, set, kept ? &list->rows[k] : &list->again, fault);
    return status;
}

static nbl_status fill_reverse(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                               const nbl__sink *sink, nbl__fault *fault)
{
    const bool kept = list->rows[k].kept;
    nbl_status status = NBL_OK;
    for (int64_t s = 0; s < set->n_systems && status == NBL_OK; s++) {
        const nbl__member *member = &set->members[s];
        if (list->statuses[s] != NBL_OK)
            continue;
        const nbl__view view = nbl__kept_view(set, kept ? list->tables : list->again_tables.data, s);
        const nbl__rows *rows = kept ? &list->rows[k] : &list->again;
        const nbl__reverse reverse = {
            .rows = rows,
            .first = set->first[s],
            .n = nbl__set_atoms(set, s),
            .images = view.images,
            .key = member->path == NBL__PATH_CELLS ? set->binned[member->grid].slots.key : NULL,
            .w = nbl__kept_is_shifted(set, s) ? (const int32_t(*)[3])set->wrapped[s].w : NULL,
            .wide = member->path == NBL__PATH_FORMULA,
            .masked = rows->masked && nbl__set_is_masked(set, s),
            .sorted = query->sorted || member->path == NBL__PATH_BLOCK,
            .base = sink->out.index_base,
            .dtype = sink->out.offset_dtype,
            .out = sink->out.reverse,
        };
        status = nbl__reverse_fill(&reverse, &list->reverse_memory, list->arena.memory, fault);
    }
    return status;
}

/* Rows of systems that were refused: no visit comes there, but the dense layout has room for them. */
static void write_refused(const nbl__list *list, const nbl__set *set, nbl__sink *sink)
{
    for (int64_t s = 0; s < set->n_systems; s++) {
        nbl__view view = {.system = s, .first = set->first[s]};
        if (list->statuses[s] == NBL_OK)
            continue;
        for (int64_t row = set->first[s]; row < set->first[s + 1] && row < sink->rows->n; row++) {
            view.atom = row - view.first;
            nbl__sink_row(sink, 0, &view);
        }
    }
}

/* What may fail comes before the first byte that is written. */
nbl_status nbl__list_fetch(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                           nbl__sink *sink, nbl__fault *fault)
{
    nbl_status status = NBL_OK;
    if (nbl__sink_needs_narrow(sink))
        status = nbl__list_visit(list, set, query, k, fits_narrow, NULL, fault);
    if (status == NBL_OK && sink->out.reverse)
        status = prepare_reverse(list, set, query, k, fault);
    if (status == NBL_OK && nbl__sink_wants_pairs(sink))
        status = nbl__list_visit(list, set, query, k, nbl__sink_row, sink, fault);
    if (status == NBL_OK && sink->out.reverse)
        status = fill_reverse(list, set, query, k, sink, fault);
    if (status != NBL_OK)
        return status;
    if (sink->out.layout == NBL_LAYOUT_DENSE)
        write_refused(list, set, sink);
    nbl__sink_row_arrays(sink);
    return NBL_OK;
}
