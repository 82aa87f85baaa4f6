/* SPDX-License-Identifier: MIT */
#include "lists.h"

#include <stdlib.h>

#include "buffer.h"
#include "options.h"

enum { N_FIELDS = 5 };

/* Bytes per pair of each field, in the order of their bits. */
static const size_t widths[N_FIELDS] = {sizeof(int32_t), sizeof(int32_t), 3 * sizeof(int32_t),
                                        3 * sizeof(double), sizeof(double)};

struct nbl__cli_slot {
    int32_t number;  /* of the list that is there; -1: none */
    uint32_t fields; /* of it */
    struct nbl__cli_buffer row_ptr, arrays[N_FIELDS];
};

bool nbl__cli_lists_create(struct nbl__cli_lists *lists, const struct nbl__cli_options *options)
{
    *lists = (struct nbl__cli_lists){.options = options};
    lists->slots = calloc((size_t)options->n_cutoffs, sizeof *lists->slots);
    return lists->slots != NULL;
}

void nbl__cli_lists_destroy(struct nbl__cli_lists *lists)
{
    for (int32_t k = 0; lists->slots && k < lists->options->n_cutoffs; k++) {
        struct nbl__cli_slot *slot = &lists->slots[k];
        nbl__cli_buffer_free(&slot->row_ptr);
        for (int f = 0; f < N_FIELDS; f++)
            nbl__cli_buffer_free(&slot->arrays[f]);
    }
    free(lists->slots);
    lists->slots = NULL;
}

void nbl__cli_lists_begin(struct nbl__cli_lists *lists, nbl_result *result, bool one_frame)
{
    lists->result = result;
    lists->one_frame = one_frame;
    for (int32_t k = 0; k < lists->options->n_cutoffs; k++)
        lists->slots[k].number = -1;
}

/* What all frames of a search will ask for: statistics need j of half lists alone, files everything. */
static uint32_t all_fields(const struct nbl__cli_lists *lists)
{
    if (lists->options->output)
        return CLI_ALL_FIELDS;
    return CLI_DISTANCES | (lists->options->flags & NBL_HALF ? CLI_J : 0);
}

static nbl_status fetch(const struct nbl__cli_lists *lists, struct nbl__cli_slot *slot, int32_t number,
                        uint32_t fields)
{
    const int64_t m = nbl_result_n_pairs(lists->result, number), rows = nbl_result_n_rows(lists->result);
    nbl_outputs out = NBL_OUTPUTS_INIT;
    void **places[N_FIELDS] = {&out.i, &out.j, &out.shifts, &out.vectors, &out.distances};
    out.index_dtype = NBL_INT32;
    out.local_indices = 1;
    out.pair_capacity = m;
    out.row_capacity = rows;
    out.row_ptr = nbl__cli_buffer_get(&slot->row_ptr, rows + 1, sizeof(int64_t));
    bool good = out.row_ptr != NULL;
    for (int f = 0; f < N_FIELDS; f++)
        if (!(fields >> f & 1))
            nbl__cli_buffer_free(&slot->arrays[f]);
    for (int f = 0; good && f < N_FIELDS; f++) {
        if (fields >> f & 1) {
            *places[f] = nbl__cli_buffer_get(&slot->arrays[f], m, widths[f]);
            good = *places[f] != NULL;
        }
    }
    return good ? nbl_result_fetch(lists->result, number, &out) : NBL_ENOMEM;
}

/* Item e of the array of a field. */
static const void *item(const struct nbl__cli_slot *slot, int field, int64_t e)
{
    const char *data = slot->arrays[field].data;
    return slot->fields >> field & 1 ? data + (size_t)e * widths[field] : NULL;
}

nbl_status nbl__cli_lists_get(struct nbl__cli_lists *lists, int32_t number, int64_t first, int64_t n,
                              uint32_t fields, struct nbl__cli_list *list)
{
    struct nbl__cli_slot *slot = &lists->slots[lists->one_frame ? 0 : number];
    if (slot->number != number || (fields & ~slot->fields)) {
        const uint32_t wanted = lists->one_frame ? fields : fields | all_fields(lists);
        slot->number = -1;
        nbl_status status = fetch(lists, slot, number, wanted);
        if (status != NBL_OK)
            return status;
        slot->number = number;
        slot->fields = wanted;
    }
    *list = (struct nbl__cli_list){.n_atoms = n, .flags = lists->options->flags};
    list->row_ptr = (const int64_t *)slot->row_ptr.data + first;
    const int64_t e = list->row_ptr[0];
    list->n_pairs = list->row_ptr[n] - e;
    list->i = item(slot, 0, e);
    list->j = item(slot, 1, e);
    list->shifts = item(slot, 2, e);
    list->vectors = item(slot, 3, e);
    list->distances = item(slot, 4, e);
    return NBL_OK;
}
