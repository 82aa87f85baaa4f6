/* SPDX-License-Identifier: MIT */
/* Sets as bits of a word. */
#ifndef NBL_BASE_BITS_H
#define NBL_BASE_BITS_H

#include <stdint.h>

/* How many bits are set. */
static inline uint32_t nbl__count_bits(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    return (uint32_t)(((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56);
}

#endif
