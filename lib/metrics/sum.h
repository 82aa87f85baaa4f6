/* SPDX-License-Identifier: MIT */
/*
 * Sums whose bits depend on the terms and their order alone, with an error that hardly grows with their number.
 */
#ifndef NBL_METRICS_SUM_H
#define NBL_METRICS_SUM_H

#include <stdint.h>

/* first[0], first[stride], ... */
typedef struct nbl__terms {
    const double *first;
    int64_t stride;
} nbl__terms;

/* The sum of a column is sum + lost. */
typedef struct nbl__total {
    double sum, lost;
} nbl__total;

/* Of n terms of each column, block by block for all of them: columns may lie between each other. */
void nbl__sums(int64_t n, int32_t n_columns, const nbl__terms *columns, nbl__total *totals);

/* Population variance of integers, exact up to its last rounding where it can be. */
double nbl__variance_of_counts(int64_t n, const int32_t *counts);

#endif
