/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <string.h>

/*
 * Doubles that are not negative compare like their bits. As integers the two comparisons become additions
 * of the carry, a tenth of the search's time less than comparisons of doubles (gcc 12, x86-64).
 */
static inline uint64_t bits(double value)
{
    uint64_t b;
    memcpy(&b, &value, sizeof b);
    return b;
}

#define KERNEL_NAME                 nbl__kernels_portable
#define KERNEL_LANES                1
#define KERNEL_REAL                 double
#define KERNEL_SET(a)               (a)
#define KERNEL_LOAD(p, rest)        (*(p))
#define KERNEL_SUB(a, b)            ((a) - (b))
#define KERNEL_MUL(a, b)            ((a) * (b))
#define KERNEL_MAX(a, b)            ((a) > (b) ? (a) : (b))
#define KERNEL_MULADD(a, b, c)      ((c) + (a) * (b))
#define KERNEL_BOUND                uint64_t
#define KERNEL_MASK                 uint64_t
#define KERNEL_SET_BOUND(a)         bits(a)
#define KERNEL_LESS(a, b, rest)     (bits(a) < (b))
#define KERNEL_ALL(rest)            ((uint64_t)1)
#define KERNEL_COUNT(m)             (m)
#define KERNEL_PACK(out, p, m)      (*(out) = *(p))
#define KERNEL_PACK_REAL(out, v, m) (*(out) = (v))
#include "search/kernel_tmpl.h"
