/* SPDX-License-Identifier: MIT */
/*
 * All frames of all files of the command line, in groups, with --cell and --pbc applied. Says what is wrong
 * with a file, goes on with the next one, and remembers that something was wrong. Nothing is said before the
 * frames in front of the place have been handed out.
 */
#ifndef NBL_CLI_SOURCE_H
#define NBL_CLI_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

struct nbl__cli_extras;
struct nbl__cli_group;
struct nbl__cli_options;

/* One system. Who hands it out says how long the arrays are valid. */
struct nbl__cli_frame {
    int64_t number;         /* over all files, from 0 */
    int64_t number_in_file; /* from 0 */
    int64_t line;           /* of the comment, from 1 */
    const char *file;
    int64_t n;
    const double *positions; /* [n][3] */
    const double *cell;      /* [3][3], or NULL: none */
    uint8_t pbc[3];
    /* Where the command wants them; NULL otherwise. */
    const int32_t *numbers; /* [n]: atomic numbers, 0 where unknown */
    const struct nbl__cli_extras *extras;
};

struct nbl__cli_source;

/* NULL: out of memory. options must outlive the source. */
struct nbl__cli_source *nbl__cli_source_create(const struct nbl__cli_options *options);
void nbl__cli_source_destroy(struct nbl__cli_source *source);

/*
 * Makes the group the next frames, at least one; false at the end of the last file, or when memory ran out.
 * With --batch it gets as many as that says. Otherwise at most `most_atoms` atoms (but one frame in any
 * case), not too many frames, and no more than arrive in a fraction of a second, so that a slow pipe is not
 * waited for.
 */
bool nbl__cli_source_collect(struct nbl__cli_source *source, struct nbl__cli_group *group, int64_t most_atoms);

/* CLI_OK, CLI_INPUT after a malformed or unreadable file, CLI_FAILED after memory ran out. */
int nbl__cli_source_status(const struct nbl__cli_source *source);

/* Part of all input that has been read, 0 ... 1; negative where that cannot be known. */
double nbl__cli_source_fraction(const struct nbl__cli_source *source);

#endif
