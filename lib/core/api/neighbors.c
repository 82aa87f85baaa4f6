/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "api/handle.h"

static void copy_message(char *to, size_t size, const char *from)
{
    if (!to || size == 0)
        return;
    size_t length = strlen(from);
    length = length < size ? length : size - 1;
    memcpy(to, from, length);
    to[length] = '\0';
}

nbl_status nbl_neighbors(int64_t n, const void *positions, const void *cell, const uint8_t *pbc, double cutoff,
                         const nbl_build_options *build_options, const nbl_search_options *search_options,
                         const nbl_outputs *outputs, int64_t *n_pairs, char *message, size_t message_size)
{
    copy_message(message, message_size, n_pairs ? "" : "n_pairs is NULL");
    if (!n_pairs)
        return NBL_ENULL;
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    const char *said = "out of memory";
    nbl_status status = nbl_cell_list_create(&list, NULL);
    if (status == NBL_OK)
        status = nbl_result_create(&result, NULL);
    if (status == NBL_OK) {
        status = nbl_cell_list_build(list, n, positions, cell, pbc, cutoff, build_options);
        said = nbl_cell_list_message(list);
    }
    if (status == NBL_OK) {
        status = nbl_cell_list_search(list, cutoff, search_options, result);
        said = nbl_result_message(result);
    }
    if (status == NBL_OK) {
        *n_pairs = nbl_result_n_pairs(result, 0);
        if (outputs)
            status = nbl_result_fetch(result, 0, outputs);
    }
    copy_message(message, message_size, said);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return status;
}
