/* SPDX-License-Identifier: MIT */
/* Which names of the command line mean one and the same file. Nothing is opened or printed. */
#ifndef NBL_CLI_FILES_H
#define NBL_CLI_FILES_H

#include <stdbool.h>

/* The path "-": standard input or output, whatever files there are. */
bool nbl__cli_is_dash(const char *path);

/*
 * Whether two outputs would end up in one regular file, which need not exist yet: "a.csv" and "./a.csv", a
 * link and its target, standard output twice.
 */
bool nbl__cli_same_output(const char *a, const char *b);

/* Whether the output is the regular file that the input is read from, possibly as standard input. */
bool nbl__cli_is_input(const char *output, const char *input);

#endif
