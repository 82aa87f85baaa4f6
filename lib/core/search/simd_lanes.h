/* SPDX-License-Identifier: MIT */
/*
 * Which bits of a byte are set, as a table that the compiler makes. Included by isa_*.c, once each, through
 * what their instruction sets lack.
 */
#ifndef NBL_SEARCH_SIMD_LANES_H
#define NBL_SEARCH_SIMD_LANES_H

#include <stdint.h>

/* For each mask of 8 bits, its set bits from low to high, one byte each, and zeros. */
#define BIT(m, k) (((m) >> (k)) & 1u)
#define BELOW(m, k)                                                                                            \
    (BIT(m, 0) * ((k) > 0) + BIT(m, 1) * ((k) > 1) + BIT(m, 2) * ((k) > 2) + BIT(m, 3) * ((k) > 3) +           \
     BIT(m, 4) * ((k) > 4) + BIT(m, 5) * ((k) > 5) + BIT(m, 6) * ((k) > 6))
#define LANE(m, k) ((uint64_t)(BIT(m, k) * (unsigned)(k)) << (8 * BELOW(m, k)))
#define LANES1(m)                                                                                              \
    (LANE(m, 0) | LANE(m, 1) | LANE(m, 2) | LANE(m, 3) | LANE(m, 4) | LANE(m, 5) | LANE(m, 6) | LANE(m, 7))
#define LANES4(m)  LANES1(m), LANES1((m) + 1u), LANES1((m) + 2u), LANES1((m) + 3u)
#define LANES16(m) LANES4(m), LANES4((m) + 4u), LANES4((m) + 8u), LANES4((m) + 12u)
#define LANES64(m) LANES16(m), LANES16((m) + 16u), LANES16((m) + 32u), LANES16((m) + 48u)
static const uint64_t lanes_of[256] = {LANES64(0u), LANES64(64u), LANES64(128u), LANES64(192u)};

#endif
