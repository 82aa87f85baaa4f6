/* SPDX-License-Identifier: MIT */
/*
 * Some frames that are searched in one call: copies of what the reader lends, concatenated as the library
 * wants them. Knows nothing of how many frames are too many.
 */
#ifndef NBL_CLI_GROUP_H
#define NBL_CLI_GROUP_H

#include <stdbool.h>
#include <stdint.h>

struct nbl__cli_frame;

/* What is kept of a frame beside its arrays. */
struct nbl__cli_group_entry {
    int64_t number, number_in_file, line;
    const char *file;
};

struct nbl__cli_group {
    int64_t n, n_atoms; /* frames, and atoms of all */
    int64_t capacity, atom_capacity;
    struct nbl__cli_group_entry *entries; /* [n] */
    int64_t *first;                       /* [n + 1]: first atom of each frame */
    double *positions;                    /* [n_atoms][3] */
    double *cells;                        /* [n][3][3] */
    uint8_t *has_cell;                    /* [n] */
    uint8_t *pbc;                         /* [n][3] */
};

/* Empties a group, which keeps its memory. A zeroed group is empty. */
void nbl__cli_group_clear(struct nbl__cli_group *group);
void nbl__cli_group_free(struct nbl__cli_group *group);

/* Appends a copy of the frame. False: out of memory, and the group is as before. */
bool nbl__cli_group_add(struct nbl__cli_group *group, const struct nbl__cli_frame *frame);

/* Frame k of the group; its arrays are those of the group, valid until that is changed. */
struct nbl__cli_frame nbl__cli_group_frame(const struct nbl__cli_group *group, int64_t k);

#endif
