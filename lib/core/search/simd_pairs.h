/* SPDX-License-Identifier: MIT */
/*
 * Expansion of pairs with vectors in plain C, as gcc and clang extend it. Included by those isa_*.c that have
 * nothing better.
 */
#ifndef NBL_SEARCH_SIMD_PAIRS_H
#define NBL_SEARCH_SIMD_PAIRS_H

#include <stdbool.h>
#include <string.h>

#include "base/inline.h"
#include "emit/expand.h"

typedef int32_t quad __attribute__((vector_size(4 * sizeof(int32_t))));

/* An image is one vector of its shift and its atom: what is too much of it is overwritten by the next one. */
static inline quad load_image(const nbl__view *view, uint32_t e)
{
    quad v;
    memcpy(&v, &view->images[view->number[e]], sizeof v);
    return v;
}

static NBL__INLINE void put_index(bool wide, void *array, size_t e, int64_t value)
{
    if (wide)
        ((int64_t *)array)[e] = value;
    else
        ((int32_t *)array)[e] = (int32_t)value;
}

static NBL__INLINE void put_pairs(bool wide, const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    const quad by = {view->w[0], view->w[1], view->w[2], 0};
    const uint32_t count = view->count;
    for (size_t e = 0; j && e < count; e++)
        put_index(wide, j, e, view->images[view->number[e]].atom + base);
    for (uint32_t e = 0; shifts && e < count; e++) {
        const quad v = load_image(view, e) + by;
        if (e + 1 < count)
            memcpy(shifts + 3 * (size_t)e, &v, sizeof v);
        else
            memcpy(shifts + 3 * (size_t)e, &v, 3 * sizeof *shifts);
    }
}

#define EXPAND_PAIRS(wide, view, base, j, shifts) put_pairs((wide), (view), (base), (j), (shifts))

#endif
