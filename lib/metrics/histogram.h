/* SPDX-License-Identifier: MIT */
/* Histograms: entropy, and distances against those of the ideal gas. Counts are exact below 2^53. */
#ifndef NBL_METRICS_HISTOGRAM_H
#define NBL_METRICS_HISTOGRAM_H

#include <stdint.h>

enum { NBL__LOGS = 1024 };

/* c ln c for small c: an entropy per atom needs no logarithm of its own. */
typedef struct nbl__logs {
    double c_ln_c[NBL__LOGS];
} nbl__logs;

void nbl__logs_init(nbl__logs *logs);

/* -sum p ln p, p = counts / their sum; exactly 0 where nothing or only one bin is counted. */
double nbl__entropy(const nbl__logs *logs, int32_t n, const uint32_t *counts);
double nbl__entropy_wide(int32_t n, const uint64_t *counts);

/* g [n_bins]: counts of unordered pairs in equal bins on [0, cutoff], against n atoms in a gas of that density:
   density * 4 pi c^2 w * n / 2, c the middle of a bin, w its width. 0 where density or n is 0. */
void nbl__rdf(int32_t n_bins, const uint64_t *counts, double cutoff, double density, int64_t n, double *g);

/* sqrt(mean of (g - 1)^2). */
double nbl__rdf_deviation(int32_t n_bins, const double *g);

/* counts [n]: how often 0, 1, 2, ... occurs among m values that are not negative; the last takes what is
   larger. Adds to what is there. */
void nbl__count_values(int64_t m, const int32_t *values, int32_t n, int64_t *counts);

#endif
