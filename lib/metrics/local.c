/* SPDX-License-Identifier: MIT */
#include "metrics/local.h"

#include <math.h>

int32_t nbl__local_coordination(const nbl__row *row, const int32_t *numbers, const double *radius, double scale)
{
    const double own = radius[numbers[row->i]];
    int32_t bonds = 0;
    for (int32_t e = 0; e < row->k; e++)
        bonds += row->d[e] <= scale * (own + radius[numbers[row->j[e]]]);
    return bonds;
}

void nbl__local_chi(const nbl__row *row, const int32_t *numbers, const double *chi, double mean, double sums[3])
{
    const double own = chi[numbers[row->i]];
    double first = 0, second = 0, deltas = 0;
    for (int32_t e = 0; e < row->k; e++) {
        const double other = chi[numbers[row->j[e]]];
        const double d = fabs(own - other);
        first += d;
        second += d * d;
        deltas += other - mean;
    }
    sums[0] = first;
    sums[1] = second;
    sums[2] = (own - mean) * deltas;
}

void nbl__local_bins(const nbl__row *row, double width, int32_t n_bins, int32_t *bins)
{
    const double *restrict d = row->d;
    const double last = n_bins - 1;
    for (int32_t e = 0; e < row->padded; e++) {
        const double bin = d[e] / width;
        bins[e] = (int32_t)(bin < last ? bin : last);
    }
}
