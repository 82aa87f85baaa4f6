/* SPDX-License-Identifier: MIT */
#include "spread.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Values that differ by less than 2^-30, about 1e-9, are noise of one value. */
enum { FINEST = -30 };

/* Numbers of bins stay exact in 64 bits. */
#define MOST_NUMBER 0x1p60

void nbl__cli_spread_init(struct nbl__cli_spread *spread)
{
    *spread = (struct nbl__cli_spread){.min = INFINITY, .max = -INFINITY, .exponent = FINEST};
}

/* Halving a number of a bin, rounded down, is what widening the bin twofold makes of it. */
static int64_t halved(int64_t number)
{
    return (number - (number & 1)) / 2;
}

static int64_t number_of(double value, int exponent)
{
    return (int64_t)floor(ldexp(value, -exponent));
}

static void widen(struct nbl__cli_spread *spread)
{
    int64_t old[CLI_SPREAD_BINS];
    const int64_t first = halved(spread->first);
    memcpy(old, spread->bins, sizeof old);
    memset(spread->bins, 0, sizeof spread->bins);
    for (int64_t k = 0; k < CLI_SPREAD_BINS; k++)
        if (old[k] > 0)
            spread->bins[halved(spread->first + k) - first] += old[k];
    spread->first = first;
    spread->exponent++;
}

static bool fits(const struct nbl__cli_spread *spread)
{
    if (ldexp(fmax(-spread->min, spread->max), -spread->exponent) >= MOST_NUMBER)
        return false;
    return number_of(spread->max, spread->exponent) - number_of(spread->min, spread->exponent) <
           CLI_SPREAD_BINS;
}

/* Makes bin 0 that of the smallest value, which may be below all before. */
static void move_first(struct nbl__cli_spread *spread)
{
    const int64_t first = number_of(spread->min, spread->exponent), by = spread->first - first;
    if (by > 0 && by < CLI_SPREAD_BINS) {
        memmove(spread->bins + by, spread->bins, (size_t)(CLI_SPREAD_BINS - by) * sizeof *spread->bins);
        memset(spread->bins, 0, (size_t)by * sizeof *spread->bins);
    }
    spread->first = first;
}

void nbl__cli_spread_add(struct nbl__cli_spread *spread, double value)
{
    if (!isfinite(value)) {
        spread->n_nan++;
        return;
    }
    const bool lonely = spread->n == 0;
    spread->n++;
    spread->sum += value;
    spread->min = fmin(spread->min, value);
    spread->max = fmax(spread->max, value);
    while (!fits(spread)) {
        if (lonely)
            spread->exponent++;
        else
            widen(spread);
    }
    if (lonely)
        spread->first = number_of(value, spread->exponent);
    else if (number_of(value, spread->exponent) < spread->first)
        move_first(spread);
    spread->bins[number_of(value, spread->exponent) - spread->first]++;
}

void nbl__cli_spread_bars(const struct nbl__cli_spread *spread, int most, struct nbl__cli_bars *bars)
{
    int64_t last = CLI_SPREAD_BINS - 1;
    *bars = (struct nbl__cli_bars){.n = 0};
    if (spread->n == 0)
        return;
    while (last > 0 && spread->bins[last] == 0)
        last--;
    const int64_t together = last / most + 1; /* bins of a bar */
    bars->n = (int)(last / together) + 1;
    bars->start = ldexp((double)spread->first, spread->exponent);
    bars->width = ldexp((double)together, spread->exponent);
    for (int64_t k = 0; k <= last; k++) {
        int64_t *count = &bars->counts[k / together];
        *count += spread->bins[k];
        if (*count > bars->largest)
            bars->largest = *count;
    }
}
