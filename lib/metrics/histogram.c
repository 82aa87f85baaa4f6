/* SPDX-License-Identifier: MIT */
#include "metrics/histogram.h"

#include <math.h>

void nbl__logs_init(nbl__logs *logs)
{
    logs->c_ln_c[0] = 0;
    for (int32_t c = 1; c < NBL__LOGS; c++)
        logs->c_ln_c[c] = c * log(c);
}

static double c_ln_c(double c)
{
    return c > 0 ? c * log(c) : 0;
}

/* -sum p ln p = ln N - (sum of c ln c) / N; not below 0, where rounding would put it. */
static double entropy(double total, double largest, double sum)
{
    if (largest >= total)
        return 0;
    double h = log(total) - sum / total;
    return h > 0 ? h : 0;
}

/* Few: all logarithms from the table. One bin has the very number that is subtracted, hence exactly 0. */
static double entropy_of_few(const nbl__logs *logs, int32_t n, const uint32_t *counts, uint64_t total)
{
    if (total == 0)
        return 0;
    double sums[4] = {0}; /* a single one would wait for each addition */
    int32_t b = 0;
    for (; b + 4 <= n; b += 4)
        for (int c = 0; c < 4; c++)
            sums[c] += logs->c_ln_c[counts[b + c]];
    for (; b < n; b++)
        sums[0] += logs->c_ln_c[counts[b]];
    const double sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    const double h = (logs->c_ln_c[total] - sum) / (double)total;
    return h > 0 ? h : 0;
}

double nbl__entropy(const nbl__logs *logs, int32_t n, const uint32_t *counts)
{
    uint64_t total = 0;
    for (int32_t b = 0; b < n; b++)
        total += counts[b];
    if (total < NBL__LOGS)
        return entropy_of_few(logs, n, counts, total);
    uint32_t largest = 0;
    double sum = 0;
    for (int32_t b = 0; b < n; b++) {
        largest = counts[b] > largest ? counts[b] : largest;
        sum += counts[b] < NBL__LOGS ? logs->c_ln_c[counts[b]] : c_ln_c(counts[b]);
    }
    return entropy((double)total, largest, sum);
}

double nbl__entropy_wide(int32_t n, const uint64_t *counts)
{
    double total = 0, largest = 0, sum = 0;
    for (int32_t b = 0; b < n; b++) {
        double c = (double)counts[b];
        total += c;
        largest = c > largest ? c : largest;
        sum += c_ln_c(c);
    }
    return entropy(total, largest, sum);
}

void nbl__rdf(int32_t n_bins, const uint64_t *counts, double cutoff, double density, int64_t n, double *g)
{
    const double pi = 3.14159265358979323846, w = cutoff / n_bins;
    for (int32_t b = 0; b < n_bins; b++) {
        double c = (b + 0.5) * w, ideal = density * (4 * pi * c * c * w) * (double)n / 2;
        g[b] = ideal > 0 ? (double)counts[b] / ideal : 0;
    }
}

double nbl__rdf_deviation(int32_t n_bins, const double *g)
{
    double sum = 0;
    for (int32_t b = 0; b < n_bins; b++)
        sum += (g[b] - 1) * (g[b] - 1);
    return sqrt(sum / n_bins);
}

void nbl__count_values(int64_t m, const int32_t *values, int32_t n, int64_t *counts)
{
    for (int64_t i = 0; i < m; i++)
        counts[values[i] < n ? values[i] : n - 1]++;
}
