/* SPDX-License-Identifier: MIT */
/* The metrics of frames with the options of the command line: the handle and the arrays that all calls share.
 */
#ifndef NBL_CLI_MEASURE_H
#define NBL_CLI_MEASURE_H

#include <stdbool.h>

#include <nblist/metrics.h>

#include "buffer.h"

struct nbl__cli_frame;
struct nbl__cli_group;
struct nbl__cli_options;

enum { CLI_N_L = 3 }; /* of what --per-atom writes: l = 4, 6, 8, as in the metrics */

/* Arrays of atoms of the library. */
enum { CLI_N_ATOM_ARRAYS = 13 };

struct nbl__cli_measure {
    const struct nbl__cli_options *options;
    nbl_metrics *metrics;
    uint32_t computed; /* what is shown, and what filters look at */
    int32_t n_columns;
    double seconds;      /* of the last run */
    const char *message; /* of the last frame that was refused alone, valid until the next */
    struct nbl__cli_buffer values, cutoffs, statuses, atoms[CLI_N_ATOM_ARRAYS];
};

nbl_status nbl__cli_measure_create(struct nbl__cli_measure *measure, const struct nbl__cli_options *options);
void nbl__cli_measure_destroy(struct nbl__cli_measure *measure);

/*
 * Computes for frames first ... first + count - 1 of the group. NBL_OK also where frames are refused; other
 * statuses are those of a call that failed as a whole.
 */
nbl_status nbl__cli_measure_run(struct nbl__cli_measure *measure, struct nbl__cli_group *group, int64_t first,
                                int64_t count);

/* Why frame k of the last run was refused, in words that know of no other frames. frame: that frame. */
nbl_status nbl__cli_measure_run_alone(struct nbl__cli_measure *measure, const struct nbl__cli_frame *frame,
                                      int64_t k, int64_t atom);

/* Of frame k of the last run: its status, cutoff, and one metric among those computed. */
nbl_status nbl__cli_measure_status(const struct nbl__cli_measure *measure, int64_t k);
double nbl__cli_measure_cutoff(const struct nbl__cli_measure *measure, int64_t k);
double nbl__cli_measure_value(const struct nbl__cli_measure *measure, int64_t k, int32_t metric);

/* Whether frame k passes every filter; NaN passes none. */
bool nbl__cli_measure_passes(const struct nbl__cli_measure *measure, int64_t k);

/* With --per-atom: the arrays of what the atoms from number `atom` of the last run on have, l as CLI_N_L says.
 */
nbl_metrics_outputs nbl__cli_measure_atoms(const struct nbl__cli_measure *measure, int64_t atom);

#endif
