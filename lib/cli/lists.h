/* SPDX-License-Identifier: MIT */
/*
 * The pairs of a search, fetched into arrays when they are first asked for. A search of several frames is
 * small and keeps all arrays of all lists at once, since each frame wants them; that of one frame may be large
 * and keeps only what was asked for last.
 */
#ifndef NBL_CLI_LISTS_H
#define NBL_CLI_LISTS_H

#include <stdbool.h>

#include <nblist/nblist.h>

struct nbl__cli_options;
struct nbl__cli_slot;

/* Arrays of a list beside row_ptr; or-ed. */
enum nbl__cli_field {
    CLI_I = 1,
    CLI_J = 2,
    CLI_SHIFTS = 4,
    CLI_VECTORS = 8,
    CLI_DISTANCES = 16,
    CLI_ALL_FIELDS = 31
};

struct nbl__cli_lists {
    const struct nbl__cli_options *options;
    nbl_result *result;
    bool one_frame;
    struct nbl__cli_slot *slots; /* one per cutoff */
};

/* One list of one frame. Atoms are counted from 0 within the frame. Arrays not asked for may be NULL. */
struct nbl__cli_list {
    int64_t n_atoms, n_pairs;
    uint32_t flags;          /* enum nbl_search_flag */
    const int64_t *row_ptr;  /* [n_atoms + 1]: pairs of atom a are row_ptr[a] - row_ptr[0] and so on */
    const int32_t *i, *j;    /* [n_pairs] */
    const int32_t *shifts;   /* [n_pairs][3] */
    const double *vectors;   /* [n_pairs][3] */
    const double *distances; /* [n_pairs] */
};

/* False: out of memory. */
bool nbl__cli_lists_create(struct nbl__cli_lists *lists, const struct nbl__cli_options *options);
void nbl__cli_lists_destroy(struct nbl__cli_lists *lists);

/* A new search: what was fetched before is forgotten. */
void nbl__cli_lists_begin(struct nbl__cli_lists *lists, nbl_result *result, bool one_frame);

/*
 * List `number` of the atoms first ... first + n - 1 of the search, with some fields. Its arrays are valid
 * until others are asked for. On failure the message is that of the result.
 */
nbl_status nbl__cli_lists_get(struct nbl__cli_lists *lists, int32_t number, int64_t first, int64_t n,
                              uint32_t fields, struct nbl__cli_list *list);

#endif
