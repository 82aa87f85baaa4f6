/* SPDX-License-Identifier: MIT */
/*
 * Sums whose bits depend on the terms and their order alone, with an error that hardly grows with their number.
 */
#ifndef NBL_METRICS_SUM_H
#define NBL_METRICS_SUM_H

#include <stdint.h>

/* Of terms[0], terms[stride], ... */
double nbl__sum(int64_t n, const double *terms, int64_t stride);

/* Population variance of integers, exact up to its last rounding where it can be. */
double nbl__variance_of_counts(int64_t n, const int32_t *counts);

#endif
