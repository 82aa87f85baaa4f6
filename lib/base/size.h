/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic on sizes that cannot wrap. Invariant: a size that does not fit becomes SIZE_MAX, which no
 * allocation can satisfy, so that overflow ends as "out of memory" and never as a short buffer.
 */
#ifndef NBL_BASE_SIZE_H
#define NBL_BASE_SIZE_H

#include <stddef.h>
#include <stdint.h>

static inline size_t nbl__size_mul(size_t a, size_t b)
{
    return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

static inline size_t nbl__size_add(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/* a count that may exceed size_t on 32-bit machines */
static inline size_t nbl__size_of_count(uint64_t count, size_t item)
{
    return count > SIZE_MAX ? SIZE_MAX : nbl__size_mul((size_t)count, item);
}

#endif
