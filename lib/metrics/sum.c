/* SPDX-License-Identifier: MIT */
#include "metrics/sum.h"

enum { LANES = 8, BLOCK = 128 * LANES };

static double sum_block(int64_t n, const double *terms, int64_t stride)
{
    double lanes[LANES] = {0}, rest = 0;
    const int64_t whole = n - n % LANES;
    for (int64_t k = 0; k < whole; k += LANES)
        for (int l = 0; l < LANES; l++)
            lanes[l] += terms[(k + l) * stride];
    for (int64_t k = whole; k < n; k++)
        rest += terms[k * stride];
    return (((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))) +
           rest;
}

/* Blocks are added with what their addition loses carried along (Neumaier 1974): terms are not negative, or
 * few. */
static void add(nbl__total *total, double term)
{
    const double sum = total->sum, next = sum + term;
    const double large = sum > term ? sum : term, small = sum > term ? term : sum;
    total->lost += (large - next) + small;
    total->sum = next;
}

void nbl__sums(int64_t n, int32_t n_columns, const nbl__terms *columns, nbl__total *totals)
{
    for (int32_t c = 0; c < n_columns; c++)
        totals[c] = (nbl__total){0, 0};
    for (int64_t k = 0; k < n; k += BLOCK)
        for (int32_t c = 0; c < n_columns; c++)
            add(&totals[c], sum_block(n - k < BLOCK ? n - k : BLOCK, columns[c].first + k * columns[c].stride,
                                      columns[c].stride));
}

/*
 * With c0 the first count and D = c - c0: (n sum D^2 - (sum D)^2) / n^2. Sums of 2^31 counts fit doubles well
 * enough, and where n sum D^2 is below 2^53, which it is for all but huge systems, nothing is rounded before
 * the division.
 */
double nbl__variance_of_counts(int64_t n, const int32_t *counts)
{
    double first = 0, second = 0;
    if (n == 0)
        return 0;
    for (int64_t k = 0; k < n; k++) {
        const double d = (double)counts[k] - (double)counts[0];
        first += d;
        second += d * d;
    }
    const double mean = first / (double)n;
    const double exact = (double)n * second - first * first;
    if ((double)n * second < 9007199254740992.0)
        return exact / ((double)n * (double)n);
    const double variance = second / (double)n - mean * mean;
    return variance > 0 ? variance : 0;
}
