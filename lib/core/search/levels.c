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
