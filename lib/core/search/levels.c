/* SPDX-License-Identifier: MIT */
#include "search/levels.h"

#include <float.h>

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

/* The rounding of the filter itself, relative to d2, on top of that of the coordinates. */
nbl__band nbl__level_band(const nbl__level *level, double error)
{
    const double rounding = 16.0 * DBL_EPSILON;
    double inner = level->cutoff - error, outer = level->cutoff + error;
    nbl__band band;
    band.inner = inner > 0.0 ? inner * inner * (1.0 - rounding) : 0.0;
    band.outer = outer * outer * (1.0 + rounding);
    return band;
}
