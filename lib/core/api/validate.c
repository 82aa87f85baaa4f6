/* SPDX-License-Identifier: MIT */
/* What callers pass, checked in one place: options, the description of a system, cutoffs. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "api/handle.h"
#include "base/struct.h"
#include "base/threads.h"
#include "search/dispatch.h"

/* Sizes of the structs in their first release. */
enum {
    HANDLE_OPTIONS_FIRST = sizeof(nbl_handle_options),
    ALLOCATOR_FIRST = sizeof(nbl_allocator),
    BUILD_OPTIONS_FIRST = sizeof(nbl_build_options),
    SEARCH_OPTIONS_FIRST = sizeof(nbl_search_options)
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
    };
    return CHECK(rows, message);
}

nbl_status nbl__read_search_options(nbl_search_options *own, const nbl_search_options *given, char *message)
{
    const uint32_t known = NBL_HALF | NBL_INCLUSIVE | NBL_SELF | NBL_SORTED | NBL_CENTERS;
    *own = (nbl_search_options)NBL_SEARCH_OPTIONS_INIT;
    if (nbl__struct_read(own, sizeof *own, SEARCH_OPTIONS_FIRST, given) != NBL_OK)
        return nbl__say(message, NBL_ESTRUCT, "search options: size is %zu, or unknown fields are not zero",
                        given->size);
    const row rows[] = {
        {(own->flags & ~known) != 0, NBL_EOPTION, "flags", own->flags},
        {own->mode < NBL_MODE_AUTO || own->mode > NBL_MODE_COUNTS, NBL_EOPTION, "mode", own->mode},
        {own->reserved != 0, NBL_EOPTION, "reserved", own->reserved},
        {own->max_pairs < 0, NBL_ESIZE, "max_pairs", own->max_pairs},
        {bad_threads(own->n_threads), NBL_ESIZE, "n_threads", own->n_threads},
    };
    nbl_status status = CHECK(rows, message);
    if (status == NBL_OK && (own->flags & NBL_CENTERS) && (own->flags & NBL_HALF))
        return nbl__say(message, NBL_ECONFLICT, "NBL_CENTERS with NBL_HALF: n_centers needs a full list");
    return status;
}

nbl_status nbl__check_cutoff(double cutoff, char *message)
{
    if (!(cutoff >= 1e-100 && cutoff <= 1e100))
        return nbl__say(message, NBL_ECUTOFF, "cutoff is %g, not between 1e-100 and 1e100", cutoff);
    return NBL_OK;
}

nbl_status nbl__read_input(nbl__input *input, int64_t n, const void *positions, const void *cell,
                           const uint8_t *pbc, const nbl_build_options *options, char *message)
{
    const int64_t item = options->positions_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
    const int64_t step = options->positions_stride != 0 ? options->positions_stride : 3 * item;
    const row rows[] = {
        {n < 0 || n > INT32_MAX, NBL_ESIZE, "n", n},
        {n > 0 && step > PTRDIFF_MAX / n, NBL_ESIZE, "positions_stride", step},
    };
    nbl_status status = CHECK(rows, message);
    if (status != NBL_OK)
        return status;
    if (n > 0 && !positions)
        return nbl__say(message, NBL_ENULL, "positions is NULL, n is %" PRId64, n);
    for (int a = 0; a < 3; a++) {
        input->pbc[a] = pbc ? pbc[a] != 0 : cell != NULL;
        if (input->pbc[a] && !cell)
            return nbl__say(message, NBL_ECELL, "cell is NULL, but pbc[%d] is %d", a, pbc[a]);
    }
    input->n = n;
    input->positions = positions;
    input->cell = cell;
    input->positions_dtype = options->positions_dtype;
    input->cell_dtype = options->cell_dtype;
    input->positions_stride = options->positions_stride;
    return NBL_OK;
}
