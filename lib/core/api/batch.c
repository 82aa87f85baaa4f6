/* SPDX-License-Identifier: MIT */
#include "api/handle.h"
#include "base/struct.h"

enum { INFO_FIRST = NBL__THROUGH(nbl_batch_info, n_bytes) };

nbl_status nbl_batch_create(nbl_batch **batch, const nbl_handle_options *options)
{
    if (!batch)
        return NBL_ENULL;
    void *made;
    nbl_status status = nbl__built_create(&made, sizeof **batch, true, options);
    *batch = status == NBL_OK ? made : NULL;
    return status;
}

void nbl_batch_destroy(nbl_batch **batch)
{
    if (!batch || !*batch)
        return;
    nbl__built_destroy(&(*batch)->built, sizeof **batch);
    *batch = NULL;
}

const char *nbl_batch_message(const nbl_batch *batch)
{
    return batch ? batch->built.message : "";
}

nbl_status nbl_batch_build(nbl_batch *batch, const nbl_batch_input *input, const nbl_build_options *options,
                           int32_t *statuses)
{
    if (!batch)
        return NBL_ENULL;
    nbl__built *built = &batch->built;
    nbl_batch_input own = NBL_BATCH_INPUT_INIT;
    nbl_build_options own_options;
    nbl__input read;
    nbl__built_begin(built);
    if (!input)
        return nbl__say(built->message, NBL_ENULL, "input is NULL");
    if (nbl__struct_read(&own, sizeof own, NBL__BATCH_INPUT_FIRST, input) != NBL_OK)
        return nbl__say(built->message, NBL_ESTRUCT, "batch input: size is %zu, or unknown fields are not zero",
                        input->size);
    nbl_status status = nbl__read_build_options(&own_options, options, built->message);
    built->memory.limit = status == NBL_OK ? own_options.max_bytes : 0;
    if (status == NBL_OK)
        status =
            nbl__read_batch(&read, &own, &own_options, &built->memory, &built->first_memory, built->message);
    if (status != NBL_OK)
        return status;
    status = nbl__built_build(built, &read, &own_options);
    if (statuses && status != NBL_ENOMEM && status != NBL_ELIMIT)
        for (int64_t s = 0; s < read.n_systems; s++)
            statuses[s] = built->set.members[s].status;
    return status;
}

nbl_status nbl_batch_get_info(nbl_batch *batch, nbl_batch_info *info)
{
    if (!batch)
        return NBL_ENULL;
    nbl__built *built = &batch->built;
    const nbl__set *set = &built->set;
    built->message[0] = '\0';
    if (!info)
        return nbl__say(built->message, NBL_ENULL, "info is NULL");
    if (!set->built)
        return nbl__say(built->message, NBL_EUNBUILT, "nothing has been built in this batch");
    nbl_batch_info own = NBL_BATCH_INFO_INIT;
    own.n_systems = set->n_systems;
    own.n_atoms = set->n_atoms;
    own.n_failed = set->n_failed;
    own.n_bytes = built->memory.held;
    for (int64_t k = 0; k < set->n_binned; k++)
        own.n_grids += set->binned[k].plan.path == NBL__PATH_CELLS;
    if (nbl__struct_write(info, INFO_FIRST, &own, sizeof own) != NBL_OK)
        return nbl__say(built->message, NBL_ESTRUCT, "info: size is %zu", info->size);
    return NBL_OK;
}

nbl_status nbl_batch_search(const nbl_batch *batch, int64_t n_cutoffs, const double *cutoffs,
                            const nbl_search_options *options, nbl_result *result)
{
    const nbl__cutoffs given = {1, n_cutoffs, cutoffs, "", "n_cutoffs"};
    return nbl__search_any(batch ? &batch->built : NULL, "batch", &given, options, result, NULL, NULL);
}

nbl_status nbl_batch_search_multi(const nbl_batch *batch, int32_t n_lists, int64_t n_sets,
                                  const double *cutoffs, const nbl_search_options *options, nbl_result *result)
{
    const nbl__cutoffs given = {n_lists, n_sets, cutoffs, "n_lists", "n_sets"};
    return nbl__search_any(batch ? &batch->built : NULL, "batch", &given, options, result, NULL, NULL);
}

nbl_status nbl_batch_visit(const nbl_batch *batch, int32_t n_lists, int64_t n_sets, const double *cutoffs,
                           const nbl_search_options *options, nbl_result *result, nbl_visitor *visitor,
                           void *user)
{
    const nbl__cutoffs given = {n_lists, n_sets, cutoffs, "n_lists", "n_sets"};
    if (!visitor && result)
        return nbl__search_any(NULL, "visitor", &given, options, result, NULL, NULL);
    return nbl__search_any(batch ? &batch->built : NULL, "batch", &given, options, result, visitor, user);
}
