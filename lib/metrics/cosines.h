/* SPDX-License-Identifier: MIT */
/*
 * Steinhardt's Q_4, Q_6 and Q_8 of short rows without harmonics. By the addition theorem,
 *
 *     Q_l^2 = 1 / k^2 sum over all neighbours a, b of P_l(cos of the angle between a and b)
 *
 * and P_l of even l is a polynomial in the squared cosine: four sums over the pairs serve all three. They cost
 * k^2 / 2, harmonics k: up to NBL__COSINES_MOST neighbours this is the faster way.
 *
 * Invariant: pairs are added in one order, whatever the instruction set: the same bits.
 */
#ifndef NBL_METRICS_COSINES_H
#define NBL_METRICS_COSINES_H

#include "metrics/row.h"

enum { NBL__COSINES_MOST = 24 };

/* Sums of cos^2, cos^4, cos^6, cos^8 over the pairs of a row. */
typedef struct nbl__cosines {
    double powers[4];
    int32_t k;
} nbl__cosines;

static inline bool nbl__cosines_suit(int32_t l, int32_t k)
{
    return (l == 4 || l == 6 || l == 8) && k > 0 && k <= NBL__COSINES_MOST;
}

/* avx2: whether the machine has it, and may use it. */
void nbl__cosines_sum(nbl__cosines *cosines, const nbl__row *row, bool avx2);

/*
 * Q_l, for l and k that suit. Negative: it is so small that too little of it is left between the terms, which
 * are about 1; harmonics tell.
 */
double nbl__cosines_q(const nbl__cosines *cosines, int32_t l);

#endif
