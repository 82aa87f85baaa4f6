/* SPDX-License-Identifier: MIT */
/*
 * Wigner's 3j symbols of integers, by Racah's formula in its form of binomials (L. Wei, Comput. Phys. Commun.
 * 120, 222 (1999)): the alternating sum is one of integers, and exact; only a square root of a quotient rounds.
 */
#ifndef NBL_METRICS_WIGNER_H
#define NBL_METRICS_WIGNER_H

#include <stdint.h>

/* (j1 j2 j3; m1 m2 m3), each j 0 ... 12, any m; 0 where the selection rules say so. */
double nbl__wigner_3j(int32_t j1, int32_t j2, int32_t j3, int32_t m1, int32_t m2, int32_t m3);

#endif
