/* SPDX-License-Identifier: MIT */
/*
 * Sums over a row of real spherical harmonics, for any set of l up to 12. An orthonormal basis without the sign
 * of Condon and Shortley: with P the associated Legendre functions without that sign either,
 *
 *     Y_l0 = N_l0 P_l0(cos theta)
 *     Y_lmc, Y_lms = sqrt(2) N_lm P_lm(cos theta) * cos(m phi), sin(m phi)        m = 1 ... l
 *     N_lm = sqrt((2 l + 1) / (4 pi) * (l - m)! / (l + m)!)
 *
 * in the order Y_l0, Y_l1c, Y_l1s, Y_l2c, ...: 2 l + 1 numbers for each l.
 *
 * All harmonics of one parity up to degree D span what the products z^p w^a (x + i y)^m span, w = 2 z^2 - 1, so
 * these, which cost one multiplication each, are summed over the neighbours, and the harmonics are made from
 * the sums. Powers of w, not of z^2, because they are the better conditioned ones.
 *
 * Invariant: neighbours are added in one order, whatever the instruction set: the same bits. Padding has the
 * direction 0, for which every product vanishes.
 */
#ifndef NBL_METRICS_HARMONICS_H
#define NBL_METRICS_HARMONICS_H

#include "metrics/row.h"

enum {
    NBL__L_MAX = 12,
    NBL__L_COUNT = 16,       /* entries of a set, repeated ones too */
    NBL__HARMONICS_ROW = 28, /* 2 l + 1, rounded up */
    NBL__HARMONICS_WIDTH = NBL__L_COUNT * (2 * NBL__L_MAX + 1)
};

/* A set of l. Built once, then only read. */
typedef struct nbl__harmonics {
    int32_t n_l;
    int32_t width; /* of all sums */
    int32_t l[NBL__L_COUNT];
    int32_t first[NBL__L_COUNT]; /* where the 2 l + 1 sums of l[k] stand */
    int32_t degree[2];           /* of the even and of the odd moments: -1 = none needed */
    bool avx2;
    double factors[NBL__L_MAX + 1][NBL__HARMONICS_ROW * (NBL__L_MAX / 2 + 1)]; /* of l and each moment */
} nbl__harmonics;

/* l: [n_l], each 0 ... NBL__L_MAX, n_l <= NBL__L_COUNT. avx2: whether the machine has it, and may use it. */
void nbl__harmonics_init(nbl__harmonics *harmonics, int32_t n_l, const int32_t *l, bool avx2);

/* sums [width]: over the row, not divided by k; 0 for an empty row. */
void nbl__harmonics_sum(const nbl__harmonics *harmonics, const nbl__row *row, double *sums);

#endif
