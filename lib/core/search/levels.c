/* SPDX-License-Identifier: MIT */
#include "search/levels.h"

#include <math.h>

#include "bin/slots.h"
#include "cell/exact.h"

void nbl__levels_make(nbl__level *levels, const double *cutoffs, int32_t n, bool inclusive)
{
    for (int32_t k = 0; k < n; k++) {
        int32_t at = k;
        for (; at > 0 && levels[at - 1].cutoff > cutoffs[k]; at--)
            levels[at] = levels[at - 1];
        levels[at] = (nbl__level){cutoffs[k], nbl__exact_limit(cutoffs[k], inclusive), k};
    }
}

static double neighbours(const nbl__level *level, double atoms, double distance)
{
    const double cutoff = level->cutoff / distance;
    return 4.0 / 3.0 * 3.14159265358979 * cutoff * cutoff * cutoff * atoms;
}

/*
 * Rows of a lower cutoff are split off those of a higher one, or made by a traversal of their own: splitting
 * takes some 0.4 ns per entry of the higher row, a traversal 45 ns and 0.6 ns per entry of its own. ns per atom
 * of the search, together / apart, random atoms (Zen 4; neighbours of both):
 *
 *     cutoffs         3, 6        4, 8        5, 10       7, 10       8, 10       10, 14
 *     neighbours      11, 90      27, 214     52, 419     144, 419    214, 419    419, 1149
 *     AVX-512         137 / 171   318 / 276   482 / 436   501 / 447   495 / 527   1292 / 1153
 *     AVX2            166 / 213   377 / 361   536 / 523   535 / 567   570 / 652   1331 / 1432
 *
 * Below this many neighbours a level is apart from one with n.
 */
static double limit_apart(double n, const nbl__apart *apart)
{
    return apart->share * (n - apart->alone);
}

int32_t nbl__levels_together(const nbl__level *levels, int32_t end, double atoms, double distance,
                             const nbl__apart *apart)
{
    const double limit = limit_apart(neighbours(&levels[end - 1], atoms, distance), apart);
    int32_t begin = end - 1;
    while (begin > 0 && !(neighbours(&levels[begin - 1], atoms, distance) < limit))
        begin--;
    return begin;
}

int32_t nbl__levels_most_parts(const nbl__level *levels, int32_t n, double atoms, double distance,
                               const nbl__apart *apart)
{
    double limit = limit_apart(neighbours(&levels[n - 1], atoms, distance), apart);
    int32_t parts = 1;
    for (; parts < n && limit > 0.0; parts++)
        limit = limit_apart(limit, apart);
    return parts;
}

/* Coordinates in single precision, and their differences: 2^-24 of the largest each, over three dimensions. */
nbl__focus nbl__focus_make(double unit, double error, double most)
{
    return (nbl__focus){unit, error, most / unit * 0x1p-22};
}

/* Two coordinates, over three dimensions. */
nbl__focus nbl__focus_steps(double step, double error)
{
    return (nbl__focus){step, error, 2.0 * nbl__slots_rounding * sqrt(3.0) * (1.0 + 1e-6)};
}

/* The rounding of the filter itself, and of the bounds, relative to d2: on top of that of the coordinates. */
nbl__band nbl__level_band(const nbl__level *level, const nbl__focus *focus)
{
    const double rounding = 0x1p-20;
    const double inner = (level->cutoff - focus->error) / focus->unit - focus->blur;
    const double outer = (level->cutoff + focus->error) / focus->unit + focus->blur;
    nbl__band band;
    band.inner = inner > 0.0 ? (float)(inner * inner * (1.0 - rounding)) : 0.0f;
    band.outer = outer < 1e15 ? (float)(outer * outer * (1.0 + rounding)) : HUGE_VALF;
    return band;
}
