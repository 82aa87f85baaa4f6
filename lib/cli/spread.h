/* SPDX-License-Identifier: MIT */
/*
 * How values are spread: count, mean, extremes, and a histogram whose bins double in width whenever the values
 * do not fit, so that memory is bounded and the order of the values does not matter. NaN is counted apart.
 */
#ifndef NBL_CLI_SPREAD_H
#define NBL_CLI_SPREAD_H

#include <stdint.h>

enum { CLI_SPREAD_BINS = 1024 };

struct nbl__cli_spread {
    int64_t n, n_nan; /* values, and NaNs beside them */
    double sum, min, max;
    int exponent;  /* bins are 2^exponent wide */
    int64_t first; /* number of the first bin: it begins at first * 2^exponent */
    int64_t bins[CLI_SPREAD_BINS];
};

void nbl__cli_spread_init(struct nbl__cli_spread *spread);
void nbl__cli_spread_add(struct nbl__cli_spread *spread, double value);

/* The histogram in at most `most` bins of equal width, as bars. */
struct nbl__cli_bars {
    int n;
    double start, width;
    int64_t counts[CLI_SPREAD_BINS];
    int64_t largest; /* entry */
};

void nbl__cli_spread_bars(const struct nbl__cli_spread *spread, int most, struct nbl__cli_bars *bars);

#endif
