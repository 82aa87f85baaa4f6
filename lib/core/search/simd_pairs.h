/* SPDX-License-Identifier: MIT */
/*
 * Expansion of pairs with vectors in plain C, as gcc and clang extend it. Included by those isa_*.c that have
 * nothing better.
 */
#ifndef NBL_SEARCH_SIMD_PAIRS_H
#define NBL_SEARCH_SIMD_PAIRS_H

#include <string.h>

#include "emit/expand.h"

typedef int32_t quad __attribute__((vector_size(4 * sizeof(int32_t))));

/* An image is one vector of its shift and its atom: what is too much of it is overwritten by the next one. */
static inline quad load_image(const nbl__view *view, uint32_t e)
{
    quad v;
    memcpy(&v, &view->images[view->number[e]], sizeof v);
    return v;
}

/* All entries but the last. */
#define MOST_PAIRS(name, index)                                                                                \
    static inline uint32_t name(const nbl__view *view, int64_t base, index *j, int32_t *shifts)                \
    {                                                                                                          \
        const quad by = {view->w[0], view->w[1], view->w[2], 0};                                               \
        uint32_t e = 0;                                                                                        \
        for (; j && e + 1 < view->count; e++)                                                                  \
            j[e] = (index)(view->images[view->number[e]].atom + base);                                         \
        for (e = 0; shifts && e + 1 < view->count; e++) {                                                      \
            const quad v = load_image(view, e) + by;                                                           \
            memcpy(shifts + 3 * (size_t)e, &v, sizeof v);                                                      \
        }                                                                                                      \
        return view->count > 0 ? view->count - 1 : 0;                                                          \
    }
MOST_PAIRS(most_pairs32, int32_t)
MOST_PAIRS(most_pairs64, int64_t)
#undef MOST_PAIRS

#define EXPAND_PAIRS

#endif
