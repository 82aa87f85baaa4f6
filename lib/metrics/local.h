/* SPDX-License-Identifier: MIT */
/*
 * What one row gives by the elements of its atoms, and its distances in bins.
 */
#ifndef NBL_METRICS_LOCAL_H
#define NBL_METRICS_LOCAL_H

#include "metrics/row.h"

/* Edges with d <= scale * (radius of i + radius of j); numbers are those of the system. */
int32_t nbl__local_coordination(const nbl__row *row, const int32_t *numbers, const double *radius,
                                double scale);

/* Over the edges: the mean of x = |chi_i - chi_j|, which is x itself where all are equal, and the sums of
   (x - mean of x)^2 and of (chi_j - mean) times (chi_i - mean). 0 where there are none. */
void nbl__local_chi(const nbl__row *row, const int32_t *numbers, const double *chi, double mean,
                    double sums[3]);

/* bins[e] = min(floor(d / width), n_bins - 1) for every entry of the row, padding too. */
void nbl__local_bins(const nbl__row *row, double width, int32_t n_bins, bool avx2, int32_t *bins);

#endif
