/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/handle.h"
#include "base/struct.h"
#include "base/threads.h"
#include "search/dispatch.h"

/* With the default number of threads, a thread must have so many pieces of work to be worth its start. */
enum { DEFAULT_PIECES = 16 };

static nbl__anchor *make_anchor(const nbl__memory *hooks)
{
    nbl__memory memory = *hooks;
    nbl__fault fault;
    void *made;
    memory.held = memory.limit = 0;
    if (nbl__memory_take(&memory, sizeof(nbl__anchor), &made, &fault) != NBL_OK)
        return NULL;
    nbl__anchor *anchor = made;
    atomic_init(&anchor->references, 1);
    atomic_init(&anchor->generation, 1);
    anchor->memory = memory;
    return anchor;
}

void nbl__anchor_hold(nbl__anchor *anchor)
{
    atomic_fetch_add_explicit(&anchor->references, 1, memory_order_relaxed);
}

void nbl__anchor_drop(nbl__anchor **anchor)
{
    nbl__anchor *dropped = *anchor;
    *anchor = NULL;
    if (!dropped || atomic_fetch_sub_explicit(&dropped->references, 1, memory_order_acq_rel) != 1)
        return;
    nbl__memory memory = dropped->memory;
    nbl__memory_give(&memory, dropped, sizeof *dropped);
}

nbl_status nbl_cell_list_create(nbl_cell_list **list, const nbl_handle_options *options)
{
    if (!list)
        return NBL_ENULL;
    *list = NULL;
    nbl_handle_options own;
    nbl__memory memory;
    void *made;
    nbl_status status = nbl__handle_make(&made, sizeof **list, options, &own, &memory);
    if (status != NBL_OK)
        return status;
    nbl_cell_list *handle = made;
    handle->memory = memory;
    handle->n_threads = own.n_threads;
    handle->isa = own.isa;
    handle->anchor = make_anchor(&memory);
    if (!handle->anchor) {
        nbl__memory_give(&memory, handle, sizeof *handle);
        return NBL_ENOMEM;
    }
    *list = handle;
    return NBL_OK;
}

void nbl_cell_list_destroy(nbl_cell_list **list)
{
    if (!list || !*list)
        return;
    nbl_cell_list *handle = *list;
    *list = NULL;
    nbl__system_free(&handle->system, &handle->memory);
    atomic_store_explicit(&handle->anchor->generation, 0, memory_order_release);
    nbl__anchor_drop(&handle->anchor);
    nbl__memory memory = handle->memory;
    nbl__memory_give(&memory, handle, sizeof *handle);
}

const char *nbl_cell_list_message(const nbl_cell_list *list)
{
    return list ? list->message : "";
}

nbl_status nbl_cell_list_build(nbl_cell_list *list, int64_t n, const void *positions, const void *cell,
                               const uint8_t *pbc, double cutoff, const nbl_build_options *options)
{
    if (!list)
        return NBL_ENULL;
    nbl_build_options own;
    nbl__input input;
    list->message[0] = '\0';
    list->system.built = false;
    atomic_fetch_add_explicit(&list->anchor->generation, 1, memory_order_release);
    nbl_status status = nbl__read_build_options(&own, options, list->message);
    if (status == NBL_OK)
        status = nbl__read_input(&input, n, positions, cell, pbc, &own, list->message);
    if (status == NBL_OK)
        status = nbl__check_cutoff(cutoff, list->message);
    if (status != NBL_OK)
        return status;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    list->memory.limit = own.max_bytes;
    if (own.max_bytes != 0 && list->memory.held > own.max_bytes)
        nbl__system_free(&list->system, &list->memory);
    status = nbl__system_build(&list->system, &input, cutoff, own.algorithm, &list->memory, &fault);
    return status == NBL_OK ? NBL_OK : nbl__say_fault(list->message, status, &fault);
}

nbl_status nbl_cell_list_get_info(nbl_cell_list *list, nbl_cell_list_info *info)
{
    if (!list)
        return NBL_ENULL;
    list->message[0] = '\0';
    if (!info)
        return nbl__say(list->message, NBL_ENULL, "info is NULL");
    if (!list->system.built)
        return nbl__say(list->message, NBL_EUNBUILT, "nothing has been built in this cell list");
    const nbl__system *system = &list->system;
    const bool brute = system->plan.brute;
    const nbl__grid *grid = &system->grid;
    nbl_cell_list_info own = NBL_CELL_LIST_INFO_INIT;
    own.n_atoms = system->n;
    own.n_images = brute ? 0 : system->slots.n - system->n;
    own.n_bins = brute ? 0 : (int64_t)grid->n[0] * grid->n[1] * grid->n[2];
    own.n_bytes = list->memory.held;
    own.cutoff = system->cutoff;
    own.algorithm = brute ? NBL_ALGORITHM_BRUTE : NBL_ALGORITHM_CELLS;
    memcpy(own.pbc, system->lattice.pbc, sizeof system->lattice.pbc);
    if (nbl__struct_write(info, sizeof *info, &own, sizeof own) != NBL_OK)
        return nbl__say(list->message, NBL_ESTRUCT, "info: size is %zu", info->size);
    return NBL_OK;
}

static nbl__query make_query(const nbl_cell_list *list, const nbl_search_options *options, double cutoff,
                             const nbl_result *result)
{
    int32_t n_threads = options->n_threads ? options->n_threads : result->n_threads;
    n_threads = n_threads ? n_threads : list->n_threads;
    int32_t isa = result->isa && (!list->isa || result->isa < list->isa) ? result->isa : list->isa;
    nbl__query query = {
        .cutoff = cutoff,
        .half = options->flags & NBL_HALF,
        .inclusive = options->flags & NBL_INCLUSIVE,
        .self = options->flags & NBL_SELF,
        .sorted = options->flags & NBL_SORTED,
        .n_rows = options->flags & NBL_CENTERS ? options->n_centers : list->system.n,
        .max_pairs = options->max_pairs,
        .n_threads = nbl__threads_count(n_threads),
        .least_pieces = n_threads ? 1 : DEFAULT_PIECES,
        .kernel = nbl__dispatch_kernel(isa),
    };
    return query;
}

static nbl_status check_search(const nbl_cell_list *list, double cutoff, const nbl_search_options *own,
                               char *message)
{
    if (!list->system.built)
        return nbl__say(message, NBL_EUNBUILT, "nothing has been built in this cell list");
    if ((own->flags & NBL_CENTERS) && (own->n_centers < 0 || own->n_centers > list->system.n))
        return nbl__say(message, NBL_ESIZE, "n_centers is %lld, n is %lld", (long long)own->n_centers,
                        (long long)list->system.n);
    nbl_status status = nbl__check_cutoff(cutoff, message);
    if (status == NBL_OK && cutoff > list->system.cutoff)
        return nbl__say(message, NBL_ECUTOFF_BUILD, "cutoff is %.17g, that of the build %.17g", cutoff,
                        list->system.cutoff);
    return status;
}

nbl_status nbl_cell_list_search(const nbl_cell_list *list, double cutoff, const nbl_search_options *options,
                                nbl_result *result)
{
    if (!result)
        return NBL_ENULL;
    result->message[0] = '\0';
    result->searched = false;
    nbl__anchor_drop(&result->anchor);
    if (!list)
        return nbl__say(result->message, NBL_ENULL, "list is NULL");
    nbl_search_options own;
    nbl_status status = nbl__read_search_options(&own, options, result->message);
    if (status == NBL_OK)
        status = check_search(list, cutoff, &own, result->message);
    if (status != NBL_OK)
        return status;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    result->query = make_query(list, &own, cutoff, result);
    result->centers = own.flags & NBL_CENTERS;
    result->memory.limit = own.max_bytes;
    status = nbl__list_search(&result->list, &list->system, &result->query, own.mode, &fault);
    if (status != NBL_OK)
        return nbl__say_fault(result->message, status, &fault);
    nbl__anchor_hold(list->anchor);
    result->anchor = list->anchor;
    result->generation = atomic_load_explicit(&list->anchor->generation, memory_order_acquire);
    result->system = &list->system;
    result->searched = true;
    return NBL_OK;
}
