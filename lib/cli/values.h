/* SPDX-License-Identifier: MIT */
/*
 * What `metrics` says on standard output: a table, with the spread of each metric over the frames; or one JSON
 * document, an array with an object per frame; or CSV. JSON and CSV have no times: they are the same for any
 * number of threads and of frames per call. In a table the first frame waits for the second: alone it is shown
 * with a line for each metric.
 */
#ifndef NBL_CLI_VALUES_H
#define NBL_CLI_VALUES_H

#include <stdbool.h>

#include "atoms.h"
#include "totals.h"

struct nbl__cli_frame;
struct nbl__cli_options;

/* A frame that was measured. */
struct nbl__cli_line {
    int64_t number, number_in_file, n_atoms;
    int file_number;
    const char *file;
    uint8_t pbc[3];
    double cutoff;
    double values[CLI_N_METRICS]; /* by number of the metric; only those shown */
};

struct nbl__cli_values {
    const struct nbl__cli_options *options;
    enum { CLI_VALUES_NONE, CLI_VALUES_TABLE, CLI_VALUES_JSON, CLI_VALUES_CSV } style;
    int64_t n_lines;
    struct nbl__cli_line first;
    nbl_csv_writer *csv;
    bool csv_failed; /* and said so */
};

/* False: an error message has been printed. */
bool nbl__cli_values_begin(struct nbl__cli_values *values, const struct nbl__cli_options *options);

/* atoms: n_atoms of each column for JSON, or NULL. False: an error message has been printed. */
bool nbl__cli_values_add(struct nbl__cli_values *values, const struct nbl__cli_line *line,
                         const struct nbl__cli_atoms *atoms);

/* A frame that the library refused: an entry of its own in JSON; the others leave it to standard error. */
void nbl__cli_values_refused(struct nbl__cli_values *values, const struct nbl__cli_frame *frame,
                             const char *message);

/* False: an error message has been printed. */
bool nbl__cli_values_end(struct nbl__cli_values *values, const struct nbl__cli_totals *totals);
void nbl__cli_values_free(struct nbl__cli_values *values);

#endif
