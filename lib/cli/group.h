/* SPDX-License-Identifier: MIT */
/*
 * Some frames that are searched in one call: copies of what the reader lends, concatenated as the library
 * wants them. Knows nothing of how many frames are too many.
 */
#ifndef NBL_CLI_GROUP_H
#define NBL_CLI_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include <nblist/nblist.h>

struct nbl__cli_extras;
struct nbl__cli_frame;

/* What is kept of a frame beside its arrays. */
struct nbl__cli_group_entry {
    int64_t number, number_in_file, line;
    const char *file;
    struct nbl__cli_extras *extras; /* or NULL; owned by the group */
};

struct nbl__cli_group {
    int64_t n, n_atoms; /* frames, and atoms of all */
    int64_t capacity, atom_capacity;
    struct nbl__cli_group_entry *entries; /* [n] */
    int64_t *first;                       /* [n + 1]: first atom of each frame */
    double *positions;                    /* [n_atoms][3] */
    int32_t *numbers;                     /* [n_atoms]; only if the frames have them */
    double *cells;                        /* [n][3][3] */
    uint8_t *has_cell;                    /* [n] */
    uint8_t *pbc;                         /* [n][3] */
    int64_t *ptr;                         /* [n + 1]: of the last input */
};

/* Empties a group, which keeps its memory. A zeroed group is empty. */
void nbl__cli_group_clear(struct nbl__cli_group *group);
void nbl__cli_group_free(struct nbl__cli_group *group);

/*
 * Appends a copy of the frame, but takes over `extras`, the frame's own. Either all frames have numbers, or
 * none. False: out of memory, and the group is as before.
 */
bool nbl__cli_group_add(struct nbl__cli_group *group, const struct nbl__cli_frame *frame,
                        struct nbl__cli_extras *extras);

/* Frame k of the group; its arrays are those of the group, valid until that is changed. */
struct nbl__cli_frame nbl__cli_group_frame(const struct nbl__cli_group *group, int64_t k);

/* Frames first ... first + count - 1 as the library takes them, without cutoffs; valid until the next call. */
nbl_batch_input nbl__cli_group_input(struct nbl__cli_group *group, int64_t first, int64_t count);

#endif
