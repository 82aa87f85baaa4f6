/* SPDX-License-Identifier: MIT */
/* Counts that become places: where each piece of work begins, if all lie one behind the other. */
#ifndef NBL_BASE_SUMS_H
#define NBL_BASE_SUMS_H

#include <stdint.h>

/* Each count becomes the sum of all before it. Returns the sum of all. */
static inline int64_t nbl__sums_place(int64_t *counts, int64_t n)
{
    int64_t total = 0;
    for (int64_t k = 0; k < n; k++) {
        const int64_t count = counts[k];
        counts[k] = total;
        total += count;
    }
    return total;
}

#endif
