/* SPDX-License-Identifier: MIT */
/*
 * What a frame of a file has beside positions, elements, cell and pbc: labels, further columns, further pairs
 * of its comment. A copy in one piece of memory, for commands that write the frame again.
 */
#ifndef NBL_CLI_EXTRAS_H
#define NBL_CLI_EXTRAS_H

#include <nblist/io.h>

struct nbl__cli_extras {
    const char *const *labels; /* [n]; NULL: the file has none */
    const nbl_xyz_column *columns;
    const nbl_xyz_pair *pairs;
    int64_t n_columns, n_pairs;
};

/* A copy of what the current frame of the reader has, to be given to free(); NULL: out of memory. */
struct nbl__cli_extras *nbl__cli_extras_copy(nbl_xyz_reader *reader, const nbl_xyz_frame *frame);

#endif
