/* SPDX-License-Identifier: MIT */
/*
 * Steinhardt's bond-order parameters from sums of real harmonics (harmonics.h): Q_l, W_l, and the average of
 * q_lm over an atom and its neighbours. Sums or means: whatever is linear in q_lm is taken per edge end by `k`.
 */
#ifndef NBL_METRICS_STEINHARDT_H
#define NBL_METRICS_STEINHARDT_H

#include "metrics/harmonics.h"

/* The products q_a q_b conj(q_(a+b)) of W_l, a >= b >= 0, a + b <= l, and their factors, for even l. */
typedef struct nbl__wigner {
    int32_t first[NBL__L_MAX + 2]; /* terms of l: first[l] ... first[l + 1] - 1 */
    struct {
        int32_t a, b;
        double factor;
    } terms[140]; /* (l / 2 + 1)^2 for each even l up to 12 */
} nbl__wigner;

void nbl__wigner_init(nbl__wigner *wigner);

/* Q_l = sqrt(4 pi / (2 l + 1) sum |q_lm|^2), q_lm = sums [2 l + 1] / k; 0 for k = 0. */
double nbl__steinhardt_q(int32_t l, const double *sums, int32_t k);

/* W_l / (sum |q_lm|^2)^(3/2): the same for sums and means. 0 where all q_lm vanish, or are rounding errors of
   sums over k edges, and for odd l. */
double nbl__steinhardt_w(const nbl__wigner *wigner, int32_t l, const double *sums, int32_t k);

/* mean [width] = (q of atom i + sum over its k neighbours j of q of j) / (k + 1), q: [n][width] of means. */
void nbl__steinhardt_average(int32_t width, const double *q, int64_t i, int32_t k, const int32_t *j,
                             double *mean);

#endif
