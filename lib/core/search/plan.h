/* SPDX-License-Identifier: MIT */
/*
 * How a system is searched: brute force or cells, and how wide the bins are. Decides time, never the set;
 * depends on the input alone, so that the order of rows does.
 */
#ifndef NBL_SEARCH_PLAN_H
#define NBL_SEARCH_PLAN_H

#include "cell/wrap.h"

typedef struct nbl__plan {
    bool brute;
    double error;    /* nbl__wrap_error() at twice the cutoff: an upper bound */
    double distance; /* what the grid must reach */
    double width[3]; /* of bins, wanted */
    double max_bins;
} nbl__plan;

void nbl__plan_make(nbl__plan *plan, const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n,
                    double cutoff, int32_t algorithm);

#endif
