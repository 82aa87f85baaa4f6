/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>

#include "api/handle.h"
#include "base/struct.h"

enum { OUTPUTS_FIRST = NBL__THROUGH(nbl_outputs, reverse) };

nbl_status nbl_result_create(nbl_result **result, const nbl_handle_options *options)
{
    if (!result)
        return NBL_ENULL;
    *result = NULL;
    nbl_handle_options own;
    nbl__memory memory;
    void *made;
    nbl_status status = nbl__handle_make(&made, sizeof **result, options, &own, &memory);
    if (status != NBL_OK)
        return status;
    nbl_result *handle = made;
    handle->memory = memory;
    nbl__list_init(&handle->list, &handle->memory);
    handle->n_threads = own.n_threads;
    handle->isa = own.isa;
    *result = handle;
    return NBL_OK;
}

void nbl_result_destroy(nbl_result **result)
{
    if (!result || !*result)
        return;
    nbl_result *handle = *result;
    *result = NULL;
    nbl__anchor_drop(&handle->anchor);
    nbl__list_free(&handle->list);
    nbl__buffer_free(&handle->memory, &handle->cutoff_memory);
    nbl__memory memory = handle->memory;
    nbl__memory_give(&memory, handle, sizeof *handle);
}

const char *nbl_result_message(const nbl_result *result)
{
    return result ? result->message : "";
}

static nbl_status check_sizes(const nbl_result *result, int32_t list)
{
    if (!result)
        return NBL_ENULL;
    if (!result->searched)
        return NBL_EUNBUILT;
    return list >= 0 && list < result->list.n_lists ? NBL_OK : NBL_EARGUMENT;
}

int32_t nbl_result_n_lists(const nbl_result *result)
{
    nbl_status status = check_sizes(result, 0);
    return status == NBL_OK ? result->list.n_lists : status;
}

int64_t nbl_result_n_systems(const nbl_result *result)
{
    nbl_status status = check_sizes(result, 0);
    return status == NBL_OK ? result->n_systems : status;
}

nbl_status nbl_result_system_status(const nbl_result *result, int64_t system)
{
    nbl_status status = check_sizes(result, 0);
    if (status != NBL_OK)
        return status;
    return system >= 0 && system < result->n_systems ? result->list.statuses[system] : NBL_EARGUMENT;
}

int64_t nbl_result_n_rows(const nbl_result *result)
{
    nbl_status status = check_sizes(result, 0);
    return status == NBL_OK ? result->list.rows[0].n : status;
}

int64_t nbl_result_n_pairs(const nbl_result *result, int32_t list)
{
    nbl_status status = check_sizes(result, list);
    return status == NBL_OK ? result->list.rows[list].total : status;
}

int64_t nbl_result_max_count(const nbl_result *result, int32_t list)
{
    nbl_status status = check_sizes(result, list);
    return status == NBL_OK ? result->list.rows[list].max_count : status;
}

int64_t nbl_result_n_bytes(const nbl_result *result)
{
    nbl_status status = check_sizes(result, 0);
    return status == NBL_OK ? (int64_t)result->memory.held : status;
}

int32_t nbl_result_mode(const nbl_result *result)
{
    nbl_status status = check_sizes(result, 0);
    if (status != NBL_OK)
        return status;
    return result->list.rows[0].kept ? NBL_MODE_PAIRS : NBL_MODE_COUNTS;
}

nbl_status nbl__result_check(nbl_result *result, int32_t list)
{
    if (!result->searched)
        return nbl__say(result->message, NBL_EUNBUILT, "nothing has been searched in this result");
    if (list < 0 || list >= result->list.n_lists)
        return nbl__say(result->message, NBL_EARGUMENT, "list is %" PRId32 ", the result has %" PRId32, list,
                        result->list.n_lists);
    if (atomic_load_explicit(&result->anchor->generation, memory_order_acquire) != result->generation)
        return nbl__say(result->message, NBL_ESTALE,
                        "the %s has been rebuilt or destroyed since this result was searched",
                        result->batch ? "batch" : "cell list");
    return NBL_OK;
}

static nbl_status say_outputs(char *message, nbl_status status, const nbl__sink_fault *fault)
{
    switch (status) {
    case NBL_ECAPACITY:
        return nbl__say(message, status, "outputs: %s is %" PRId64 ", %" PRId64 " needed", fault->what,
                        fault->given, fault->need);
    case NBL_ENARROW:
        return nbl__say(message, status, "outputs: %s of %" PRId64 " does not fit int32", fault->what,
                        fault->need);
    case NBL_ECONFLICT:
        return nbl__say(message, status, "outputs: there is no %s", fault->what);
    default:
        return nbl__say(message, status, "outputs: %s is %" PRId64, fault->what, fault->given);
    }
}

nbl_status nbl_result_fetch(nbl_result *result, int32_t list, const nbl_outputs *outputs)
{
    if (!result)
        return NBL_ENULL;
    result->message[0] = '\0';
    if (!outputs)
        return nbl__say(result->message, NBL_ENULL, "outputs is NULL");
    nbl_status status = nbl__result_check(result, list);
    if (status != NBL_OK)
        return status;
    nbl__sink sink = {.out = NBL_OUTPUTS_INIT,
                      .rows = &result->list.rows[list],
                      .n_systems = result->n_systems,
                      .first = result->set->first,
                      .expand = result->query.kernels->expand};
    if (nbl__struct_read(&sink.out, sizeof sink.out, OUTPUTS_FIRST, outputs) != NBL_OK)
        return nbl__say(result->message, NBL_ESTRUCT, "outputs: size is %zu, or unknown fields are not zero",
                        outputs->size);
    nbl__sink_fault refused = {NULL, 0, 0};
    status = nbl__sink_check(&sink, result->query.half, result->centers, &refused);
    if (status != NBL_OK)
        return say_outputs(result->message, status, &refused);
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    status = nbl__list_fetch(&result->list, result->set, &result->query, list, &sink, &fault);
    if (status == NBL_ENARROW)
        return nbl__say(result->message, status, "outputs: a shift does not fit int8");
    return status == NBL_OK ? NBL_OK : nbl__say_fault(result->message, status, &fault);
}
