/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/handle.h"
#include "base/struct.h"

enum { INFO_FIRST = NBL__THROUGH(nbl_cell_list_info, pbc) };

nbl_status nbl_cell_list_create(nbl_cell_list **list, const nbl_handle_options *options)
{
    if (!list)
        return NBL_ENULL;
    void *made;
    nbl_status status = nbl__built_create(&made, sizeof **list, false, options);
    *list = status == NBL_OK ? made : NULL;
    return status;
}

void nbl_cell_list_destroy(nbl_cell_list **list)
{
    if (!list || !*list)
        return;
    nbl__built_destroy(&(*list)->built, sizeof **list);
    *list = NULL;
}

const char *nbl_cell_list_message(const nbl_cell_list *list)
{
    return list ? list->built.message : "";
}

nbl_status nbl_cell_list_build(nbl_cell_list *list, int64_t n, const void *positions, const void *cell,
                               const uint8_t *pbc, double cutoff, const nbl_build_options *options)
{
    if (!list)
        return NBL_ENULL;
    nbl__built *built = &list->built;
    nbl_build_options own;
    nbl__input input;
    int64_t first[2];
    nbl__built_begin(built);
    nbl_status status = nbl__read_build_options(&own, options, built->message);
    if (status == NBL_OK)
        status = nbl__read_input(&input, n, positions, cell, pbc, &cutoff, &own, first, built->message);
    if (status != NBL_OK)
        return status;
    input.all_or_nothing = input.lone = true;
    built->memory.limit = own.max_bytes;
    return nbl__built_build(built, &input, &own);
}

nbl_status nbl_cell_list_get_info(nbl_cell_list *list, nbl_cell_list_info *info)
{
    if (!list)
        return NBL_ENULL;
    nbl__built *built = &list->built;
    const nbl__set *set = &built->set;
    built->message[0] = '\0';
    if (!info)
        return nbl__say(built->message, NBL_ENULL, "info is NULL");
    if (!set->built)
        return nbl__say(built->message, NBL_EUNBUILT, "nothing has been built in this cell list");
    nbl_cell_list_info own = NBL_CELL_LIST_INFO_INIT;
    own.n_atoms = set->n_atoms;
    own.n_bytes = built->memory.held;
    own.cutoff = set->members[0].cutoff;
    own.algorithm = NBL_ALGORITHM_BRUTE;
    if (set->members[0].path == NBL__PATH_CELLS) {
        const nbl__grid *grid = &set->binned[0].grid;
        own.n_images = set->binned[0].slots.n - set->n_atoms;
        own.n_bins = (int64_t)grid->n[0] * grid->n[1] * grid->n[2];
        own.algorithm = NBL_ALGORITHM_CELLS;
    }
    memcpy(own.pbc, nbl__set_lattice(set, 0)->pbc, 3);
    if (nbl__struct_write(info, INFO_FIRST, &own, sizeof own) != NBL_OK)
        return nbl__say(built->message, NBL_ESTRUCT, "info: size is %zu", info->size);
    return NBL_OK;
}

nbl_status nbl_cell_list_search(const nbl_cell_list *list, double cutoff, const nbl_search_options *options,
                                nbl_result *result)
{
    const nbl__cutoffs cutoffs = {1, 1, &cutoff, "", ""};
    return nbl__search_any(list ? &list->built : NULL, "list", &cutoffs, options, result, NULL, NULL);
}

nbl_status nbl_cell_list_search_multi(const nbl_cell_list *list, int32_t n_cutoffs, const double *cutoffs,
                                      const nbl_search_options *options, nbl_result *result)
{
    const nbl__cutoffs several = {n_cutoffs, 1, cutoffs, "n_cutoffs", ""};
    return nbl__search_any(list ? &list->built : NULL, "list", &several, options, result, NULL, NULL);
}

nbl_status nbl_cell_list_visit(const nbl_cell_list *list, int32_t n_cutoffs, const double *cutoffs,
                               const nbl_search_options *options, nbl_result *result, nbl_visitor *visitor,
                               void *user)
{
    const nbl__cutoffs several = {n_cutoffs, 1, cutoffs, "n_cutoffs", ""};
    if (!visitor && result)
        return nbl__search_any(NULL, "visitor", &several, options, result, NULL, NULL);
    return nbl__search_any(list ? &list->built : NULL, "list", &several, options, result, visitor, user);
}
