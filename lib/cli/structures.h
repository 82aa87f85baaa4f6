/* SPDX-License-Identifier: MIT */
/*
 * Frames written again as extended XYZ, with everything that they had, and the metrics in the comment line and,
 * with --per-atom, further columns. What has one of these names already is replaced.
 */
#ifndef NBL_CLI_STRUCTURES_H
#define NBL_CLI_STRUCTURES_H

#include <stdbool.h>

struct nbl__cli_atoms;
struct nbl__cli_frame;
struct nbl__cli_line;
struct nbl__cli_options;
struct nbl__cli_structures;

/* Opens the output that options name. NULL: an error message has been printed. */
struct nbl__cli_structures *nbl__cli_structures_open(const struct nbl__cli_options *options);

/* atoms: NULL without --per-atom. False: an error message has been printed. */
bool nbl__cli_structures_add(struct nbl__cli_structures *structures, const struct nbl__cli_frame *frame,
                             const struct nbl__cli_line *line, const struct nbl__cli_atoms *atoms);

/* After the last frame: completes the file. */
bool nbl__cli_structures_finish(struct nbl__cli_structures *structures);

/* Frees all; a file that was not finished is removed. NULL is fine. */
void nbl__cli_structures_close(struct nbl__cli_structures *structures);

#endif
