/* SPDX-License-Identifier: MIT */
/* What callers pass, checked in one place: options, the description of a system or a batch. */
#include <inttypes.h>
#include <string.h>

#include "api/handle.h"
#include "base/size.h"
#include "base/struct.h"
#include "base/threads.h"
#include "search/dispatch.h"

/* Sizes of the structs in their first release. */
enum {
    HANDLE_OPTIONS_FIRST = NBL__THROUGH(nbl_handle_options, isa),
    ALLOCATOR_FIRST = NBL__THROUGH(nbl_allocator, user),
    BUILD_OPTIONS_FIRST = NBL__THROUGH(nbl_build_options, max_bytes),
    SEARCH_OPTIONS_FIRST = NBL__THROUGH(nbl_search_options, fields)
};

typedef struct row {
    bool bad;
    nbl_status status;
    const char *what;
    int64_t value;
} row;

/* The first bad row of a table speaks. */
static nbl_status check(const row *rows, size_t n, char *message)
{
    for (size_t k = 0; k < n; k++)
        if (rows[k].bad)
            return nbl__say(message, rows[k].status, "%s is %" PRId64, rows[k].what, rows[k].value);
    return NBL_OK;
}

#define CHECK(rows, message) check(rows, sizeof(rows) / sizeof *(rows), message)

static bool bad_threads(int32_t n_threads)
{
    return n_threads < 0 || n_threads > NBL__THREADS_MAX;
}

static bool bad_real(int32_t dtype)
{
    return dtype != NBL_DTYPE_DEFAULT && dtype != NBL_FLOAT32 && dtype != NBL_FLOAT64;
}

static nbl_status read_handle_options(nbl_handle_options *own, nbl_allocator *hooks,
                                      const nbl_handle_options *given)
{
    *own = (nbl_handle_options)NBL_HANDLE_OPTIONS_INIT;
    nbl_status status = nbl__struct_read(own, sizeof *own, HANDLE_OPTIONS_FIRST, given);
    if (status != NBL_OK)
        return status;
    if (bad_threads(own->n_threads))
        return NBL_ESIZE;
    if (own->isa != NBL_ISA_AUTO && !nbl__dispatch_name(own->isa))
        return NBL_EOPTION;
    if (!own->allocator)
        return NBL_OK;
    *hooks = (nbl_allocator)NBL_ALLOCATOR_INIT;
    status = nbl__struct_read(hooks, sizeof *hooks, ALLOCATOR_FIRST, own->allocator);
    return status == NBL_OK && (!hooks->allocate || !hooks->release) ? NBL_ENULL : status;
}

nbl_status nbl__handle_make(void **handle, size_t size, const nbl_handle_options *given,
                            nbl_handle_options *own, nbl__memory *memory)
{
    nbl_allocator hooks;
    nbl__fault fault;
    nbl_status status = read_handle_options(own, &hooks, given);
    if (status != NBL_OK)
        return status;
    nbl__memory_init(memory, own->allocator ? &hooks : NULL);
    status = nbl__memory_take(memory, size, handle, &fault);
    if (status == NBL_OK)
        memset(*handle, 0, size);
    return status;
}

nbl_status nbl__read_build_options(nbl_build_options *own, const nbl_build_options *given, char *message)
{
    *own = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
    if (nbl__struct_read(own, sizeof *own, BUILD_OPTIONS_FIRST, given) != NBL_OK)
        return nbl__say(message, NBL_ESTRUCT, "build options: size is %zu, or unknown fields are not zero",
                        given->size);
    const int64_t item = own->positions_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
    const int64_t stride = own->positions_stride;
    const row rows[] = {
        {bad_real(own->positions_dtype), NBL_EOPTION, "positions_dtype", own->positions_dtype},
        {bad_real(own->cell_dtype), NBL_EOPTION, "cell_dtype", own->cell_dtype},
        {own->algorithm < NBL_ALGORITHM_AUTO || own->algorithm > NBL_ALGORITHM_CELLS, NBL_EOPTION, "algorithm",
         own->algorithm},
        {stride != 0 && stride < 3 * item, NBL_ESIZE, "positions_stride", stride},
        {bad_threads(own->n_threads), NBL_ESIZE, "n_threads", own->n_threads},
        {(own->flags & ~(uint32_t)NBL_ALL_OR_NOTHING) != 0, NBL_EOPTION, "flags", own->flags},
        {own->reserved != 0, NBL_EOPTION, "reserved", own->reserved},
    };
    return CHECK(rows, message);
}

nbl_status nbl__read_search_options(nbl_search_options *own, const nbl_search_options *given, char *message)
{
    const uint32_t known = NBL_HALF | NBL_INCLUSIVE | NBL_SELF | NBL_SORTED | NBL_CENTERS | NBL_DISJOINT;
    const uint32_t fields = NBL_ROW_SHIFTS | NBL_ROW_VECTORS | NBL_ROW_D2 | NBL_ROW_SHELLS | NBL_ROW_INDICES;
    *own = (nbl_search_options)NBL_SEARCH_OPTIONS_INIT;
    if (nbl__struct_read(own, sizeof *own, SEARCH_OPTIONS_FIRST, given) != NBL_OK)
        return nbl__say(message, NBL_ESTRUCT, "search options: size is %zu, or unknown fields are not zero",
                        given->size);
    const row rows[] = {
        {(own->flags & ~known) != 0, NBL_EOPTION, "flags", own->flags},
        {own->mode < NBL_MODE_AUTO || own->mode > NBL_MODE_COUNTS, NBL_EOPTION, "mode", own->mode},
        {(own->fields & ~fields) != 0, NBL_EOPTION, "fields", own->fields},
        {own->max_pairs < 0, NBL_ESIZE, "max_pairs", own->max_pairs},
        {bad_threads(own->n_threads), NBL_ESIZE, "n_threads", own->n_threads},
    };
    nbl_status status = CHECK(rows, message);
    if (status == NBL_OK && (own->flags & NBL_CENTERS) && (own->flags & NBL_HALF))
        return nbl__say(message, NBL_ECONFLICT, "NBL_CENTERS with NBL_HALF: n_centers needs a full list");
    return status;
}

/* Sizes of positions that overflow. */
static nbl_status check_positions(int64_t n, const char *name, const nbl_build_options *options, char *message)
{
    const int64_t item = options->positions_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
    const int64_t step = options->positions_stride != 0 ? options->positions_stride : 3 * item;
    const row rows[] = {
        {n > 0 && step > PTRDIFF_MAX / n, NBL_ESIZE, options->positions_stride ? "positions_stride" : name,
         options->positions_stride ? step : n},
    };
    return CHECK(rows, message);
}

static void take_options(nbl__input *input, const nbl_build_options *options)
{
    input->positions_dtype = options->positions_dtype;
    input->cell_dtype = options->cell_dtype;
    input->positions_stride = options->positions_stride;
    input->algorithm = options->algorithm;
    input->all_or_nothing = options->flags & NBL_ALL_OR_NOTHING;
}

nbl_status nbl__read_input(nbl__input *input, int64_t n, const void *positions, const void *cell,
                           const uint8_t *pbc, const double *cutoff, const nbl_build_options *options,
                           int64_t first[2], char *message)
{
    const row rows[] = {{n < 0 || n > INT32_MAX, NBL_ESIZE, "n", n}};
    nbl_status status = CHECK(rows, message);
    if (status == NBL_OK)
        status = check_positions(n, "n", options, message);
    if (status != NBL_OK)
        return status;
    if (n > 0 && !positions)
        return nbl__say(message, NBL_ENULL, "positions is NULL, n is %" PRId64, n);
    first[0] = 0;
    first[1] = n;
    *input = (nbl__input){.n_systems = 1,
                          .n_atoms = n,
                          .first = first,
                          .positions = positions,
                          .cells = cell,
                          .pbc = pbc,
                          .cutoffs = cutoff,
                          .n_cells = cell != NULL,
                          .n_pbc = pbc != NULL,
                          .n_cutoffs = 1};
    take_options(input, options);
    return NBL_OK;
}

/* An array of systems: there, and one for all or one per system; or absent altogether. */
static nbl_status check_array(const char *name, const void *array, const char *count_name, int64_t count,
                              int64_t n_systems, bool required, char *message)
{
    if (!array && (count != 0 || (required && n_systems > 0)))
        return nbl__say(message, NBL_ENULL, "%s is NULL, %s is %" PRId64, name, count_name, count);
    if (array && count != 1 && count != n_systems)
        return nbl__say(message, NBL_ESIZE, "%s is %" PRId64 ", not 1 or n_systems = %" PRId64, count_name,
                        count, n_systems);
    return NBL_OK;
}

static nbl_status check_batch(const nbl_batch_input *in, char *message)
{
    const row rows[] = {
        {in->n_systems < 0 || in->n_systems > INT32_MAX, NBL_ESIZE, "n_systems", in->n_systems},
        {in->n_atoms < 0 || in->n_atoms > INT64_MAX / 64, NBL_ESIZE, "n_atoms", in->n_atoms},
        {in->ids_dtype != NBL_DTYPE_DEFAULT && in->ids_dtype != NBL_INT64 && in->ids_dtype != NBL_INT32,
         NBL_EOPTION, "ids_dtype", in->ids_dtype},
        {in->reserved != 0, NBL_EOPTION, "reserved", in->reserved},
    };
    nbl_status status = CHECK(rows, message);
    if (status != NBL_OK)
        return status;
    if (in->n_atoms > 0 && !in->positions)
        return nbl__say(message, NBL_ENULL, "positions is NULL, n_atoms is %" PRId64, in->n_atoms);
    if (in->ptr && in->batch)
        return nbl__say(message, NBL_ECONFLICT, "ptr and batch: give one of them");
    if (!in->ptr && !in->batch && in->n_atoms > 0)
        return nbl__say(message, NBL_ENULL, "ptr and batch are NULL, n_atoms is %" PRId64, in->n_atoms);
    if (in->has_cell && !in->cells)
        return nbl__say(message, NBL_ENULL, "cells is NULL, but has_cell is not");
    status = check_array("cells", in->cells, "n_cells", in->n_cells, in->n_systems, false, message);
    if (status == NBL_OK)
        status = check_array("pbc", in->pbc, "n_pbc", in->n_pbc, in->n_systems, false, message);
    if (status == NBL_OK)
        status = check_array("cutoffs", in->cutoffs, "n_cutoffs", in->n_cutoffs, in->n_systems, true, message);
    return status;
}

static int64_t id_at(const void *ids, bool narrow, int64_t at)
{
    return narrow ? ((const int32_t *)ids)[at] : ((const int64_t *)ids)[at];
}

/* Whether n + 1 numbers are not negative and do not descend; without a jump for each. */
static bool ascend(const int64_t *first, int64_t n)
{
    uint64_t signs = (uint64_t)first[n];
    for (int64_t s = 0; s < n; s++)
        signs |= (uint64_t)first[s] | ((uint64_t)first[s + 1] - (uint64_t)first[s]);
    return signs >> 63 == 0;
}

static nbl_status check_ptr(const int64_t *first, const nbl_batch_input *in, char *message)
{
    if (first[0] != 0)
        return nbl__say(message, NBL_EPTR, "ptr[0] is %" PRId64 ", not 0", first[0]);
    const int64_t n = ascend(first, in->n_systems) ? 0 : in->n_systems;
    for (int64_t s = 1; s <= n; s++)
        if (first[s] < first[s - 1])
            return nbl__say(message, NBL_EPTR, "ptr[%" PRId64 "] is %" PRId64 ", less than ptr[%" PRId64 "]", s,
                            first[s], s - 1);
    if (first[in->n_systems] != in->n_atoms)
        return nbl__say(message, NBL_EPTR, "ptr[%" PRId64 "] is %" PRId64 ", n_atoms is %" PRId64,
                        in->n_systems, first[in->n_systems], in->n_atoms);
    return NBL_OK;
}

static nbl_status read_ids(int64_t *first, const nbl_batch_input *in, char *message)
{
    const bool narrow = in->ids_dtype == NBL_INT32;
    int64_t system = 0;
    first[0] = 0;
    for (int64_t i = 0; i < in->n_atoms; i++) {
        const int64_t id = id_at(in->batch, narrow, i);
        if (id == system && id < in->n_systems)
            continue;
        if (id < 0 || id >= in->n_systems)
            return nbl__say(message, NBL_EIDS, "batch[%" PRId64 "] is %" PRId64 ", n_systems is %" PRId64, i,
                            id, in->n_systems);
        if (id < system)
            return nbl__say(message, NBL_EIDS,
                            "batch[%" PRId64 "] is %" PRId64 ", less than batch[%" PRId64 "]", i, id, i - 1);
        while (system < id)
            first[++system] = i;
    }
    while (system < in->n_systems)
        first[++system] = in->n_atoms;
    return NBL_OK;
}

nbl_status nbl__read_batch(nbl__input *input, const nbl_batch_input *given, const nbl_build_options *options,
                           nbl__memory *memory, nbl__buffer *first, char *message)
{
    nbl__fault fault;
    nbl_status status = check_batch(given, message);
    if (status == NBL_OK)
        status = check_positions(given->n_atoms, "n_atoms", options, message);
    if (status != NBL_OK)
        return status;
    status = nbl__buffer_reserve(memory, first,
                                 nbl__size_of_count((uint64_t)given->n_systems + 1, sizeof(int64_t)), &fault);
    if (status != NBL_OK)
        return nbl__say_fault(message, status, &fault);
    const int64_t *ptr = first->data;
    if (given->ptr && given->ids_dtype != NBL_INT32) {
        ptr = given->ptr;
    } else if (given->ptr) {
        for (int64_t s = 0; s <= given->n_systems; s++)
            ((int64_t *)first->data)[s] = id_at(given->ptr, true, s);
    } else if (given->batch) {
        status = read_ids(first->data, given, message);
    } else {
        memset(first->data, 0, ((size_t)given->n_systems + 1) * sizeof(int64_t));
    }
    if (given->ptr)
        status = check_ptr(ptr, given, message);
    if (status != NBL_OK)
        return status;
    *input = (nbl__input){.n_systems = given->n_systems,
                          .n_atoms = given->n_atoms,
                          .first = ptr,
                          .positions = given->positions,
                          .cells = given->cells,
                          .has_cell = given->has_cell,
                          .pbc = given->pbc,
                          .cutoffs = given->cutoffs,
                          .n_cells = given->n_cells,
                          .n_pbc = given->n_pbc,
                          .n_cutoffs = given->n_cutoffs};
    take_options(input, options);
    return NBL_OK;
}
