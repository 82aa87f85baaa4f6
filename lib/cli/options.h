/* SPDX-License-Identifier: MIT */
/*
 * The options of all subcommands: one table from which the parser and every --help are made, so that they
 * cannot disagree. Knows nothing of what the options do.
 */
#ifndef NBL_CLI_OPTIONS_H
#define NBL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <nblist/nblist.h>

/* Which subcommands an option belongs to; or-ed in the table. */
enum nbl__cli_command { CLI_PAIRS = 1, CLI_VERIFY = 2, CLI_INFO = 4, CLI_METRICS = 8 };

enum nbl__cli_format { CLI_NO_OUTPUT = 0, CLI_CSV, CLI_NPZ, CLI_XYZ };

enum { CLI_MOST_FILTERS = 64 };

/* A range that a metric has to lie in, ends included. */
struct nbl__cli_filter {
    int32_t metric;
    double min, max;
};

struct nbl__cli_options {
    char **files; /* at least one where the subcommand takes files */
    int n_files;
    double cutoffs[NBL_MAX_LISTS]; /* one list each, in the order given */
    int32_t n_cutoffs;
    int32_t largest; /* number of the first of the largest ones */
    int64_t batch;   /* frames per call of the library; 0: as many as fit a bounded memory */
    uint32_t flags;  /* enum nbl_search_flag */
    int32_t algorithm;
    int32_t n_threads;
    int64_t max_pairs; /* per frame; 0: no limit */
    bool has_pbc, has_cell;
    uint8_t pbc[3];
    double cell[9];
    const char *output, *svg; /* NULL: not asked for; --plot is svg, too */
    enum nbl__cli_format format;
    bool histogram, json, timing, quiet, force;
    bool to_stdout;       /* an output is written there, in place of the table */
    bool numbers, extras; /* what frames have beside positions, cell and pbc */
    /* Of metrics alone. */
    uint32_t metrics; /* mask of those shown */
    struct nbl__cli_filter filters[CLI_MOST_FILTERS];
    int n_filters;
    double cov_scale, w_atom, w_spatial;
    int32_t n_bins;
    bool csv, per_atom;
};

/*
 * Reads argv. Returns true if the subcommand shall run; otherwise *status is the exit status and all has
 * been said: help that was asked for (on standard output), or what is wrong.
 */
bool nbl__cli_options_parse(struct nbl__cli_options *options, enum nbl__cli_command command, int argc,
                            char **argv, int *status);

/* Prints the help of a subcommand on standard output. */
void nbl__cli_options_help(enum nbl__cli_command command);

#endif
