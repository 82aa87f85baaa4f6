/* SPDX-License-Identifier: MIT */
#include "metrics/local.h"

#include <math.h>

#include "base/inline.h"

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
    const double first = row->k > 0 ? fabs(own - chi[numbers[row->j[0]]]) : 0;
    double beyond = 0, deltas = 0, squares = 0;
    for (int32_t e = 0; e < row->k; e++) {
        const double other = chi[numbers[row->j[e]]];
        beyond += fabs(own - other) - first;
        deltas += other - mean;
    }
    const double average = row->k > 0 ? first + beyond / row->k : 0;
    for (int32_t e = 0; e < row->k; e++) {
        const double x = fabs(own - chi[numbers[row->j[e]]]) - average;
        squares += x * x;
    }
    sums[0] = average;
    sums[1] = squares;
    sums[2] = (own - mean) * deltas;
}

static NBL__INLINE void bins_of(int32_t n, const double *restrict d, double width, double last,
                                int32_t *restrict bins)
{
    for (int32_t e = 0; e < n; e++) {
        const double bin = d[e] / width;
        bins[e] = (int32_t)(bin < last ? bin : last);
    }
}

#if defined(__GNUC__) && defined(__x86_64__)
__attribute__((target("avx2"))) static void bins_wide(int32_t n, const double *d, double width, double last,
                                                      int32_t *bins)
{
    bins_of(n, d, width, last, bins);
}
#else
#define bins_wide bins_of
#endif

void nbl__local_bins(const nbl__row *row, double width, int32_t n_bins, bool avx2, int32_t *bins)
{
    if (avx2)
        bins_wide(row->padded, row->d, width, n_bins - 1, bins);
    else
        bins_of(row->padded, row->d, width, n_bins - 1, bins);
}
