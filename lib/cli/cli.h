/* SPDX-License-Identifier: MIT */
/*
 * The program nblist, as its own files see it: exit statuses, the subcommands, and what is said on
 * standard error. Uses the public headers only: what the program cannot do, the API lacks.
 */
#ifndef NBL_CLI_CLI_H
#define NBL_CLI_CLI_H

#include <stdbool.h>

enum nbl__cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1, /* a difference found by verify; out of memory; an output that cannot be written */
    CLI_INPUT = 2   /* a usage error, a malformed file, a system that the library refuses */
};

/* The subcommands. argv[0] is the name of the subcommand; the result is the exit status. */
int nbl__cli_pairs(int argc, char **argv);
int nbl__cli_metrics(int argc, char **argv); /* where libnblist-metrics is built */
int nbl__cli_verify(int argc, char **argv);
int nbl__cli_info(int argc, char **argv);

#if defined(__GNUC__)
#define CLI_PRINTF __attribute__((format(printf, 1, 2)))
#else
#define CLI_PRINTF
#endif

/* One line on standard error, made fit for a terminal, after anything that standard output still holds:
 * "nblist: ...". */
void nbl__cli_error(const char *format, ...) CLI_PRINTF;

/* The same without the name of the program, for "file:line: what is wrong", which editors can follow. */
void nbl__cli_complain(const char *format, ...) CLI_PRINTF;

/* A usage error: "nblist COMMAND: ...", then the hint at --help. */
void nbl__cli_usage(const char *format, ...) CLI_PRINTF;

/* The subcommand that usage errors name; NULL at the start. */
void nbl__cli_set_command(const char *command);

/* Flushes standard output; false, and an error message once, if anything was lost on it so far. */
bool nbl__cli_stdout_good(void);

#endif
