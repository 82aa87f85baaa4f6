/* SPDX-License-Identifier: MIT */
/* What all frames that were measured and kept have in common. */
#ifndef NBL_CLI_TOTALS_H
#define NBL_CLI_TOTALS_H

#include <nblist/metrics.h>

#include "spread.h"

enum { CLI_N_METRICS = NBL_METRIC_ANGULAR_ENTROPY + 1 };

struct nbl__cli_totals {
    uint32_t shown;         /* mask */
    int64_t n_frames;       /* kept: those of the spreads */
    int64_t n_filtered_out; /* measured, but not kept */
    int64_t n_atoms;        /* of the frames kept */
    double seconds;         /* of all frames measured */
    struct nbl__cli_spread spreads[CLI_N_METRICS];
};

#endif
