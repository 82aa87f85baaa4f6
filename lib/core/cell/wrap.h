/* SPDX-License-Identifier: MIT */
/*
 * Atoms into the reduced cell. Invariant: r[i] = p[i] + w[i] . h up to rounding, with p[i] inside the cell
 * of reduced rows (fractional coordinates in [0, 1) up to rounding) on periodic axes and untouched on open
 * ones. The removed shift w is in the caller's basis. p serves the fast filter only; decisions use r.
 */
#ifndef NBL_CELL_WRAP_H
#define NBL_CELL_WRAP_H

#include "cell/lattice.h"

typedef struct nbl__wrapped {
    double (*p)[3];   /* [n] */
    int32_t (*w)[3];  /* [n] */
    int64_t w_max;    /* largest |component| of w */
    double steps[3];  /* largest |steps| removed along each reduced axis */
    double extent[3]; /* largest |r[i][k]| */
    double low[3];    /* bounds of the coordinates g[a] . p */
    double high[3];
} nbl__wrapped;

/*
 * The reduced cell as loops over atoms take it: coordinates g[a] . r, between which of them atoms lie in the
 * cell (from least on, below most), its rows, and what a step along each is in the caller's basis, which is
 * exact up to `far` cells.
 */
typedef struct nbl__cell_box {
    double g[3][3], least[3], most[3], r[3][3], m[3][3], far[3];
} nbl__cell_box;

/*
 * Wraps atoms first ... end - 1, several at a time, and widens the bounds of *wrapped: up to some of which one
 * is too far away; of a few, none. Returns the first that is left.
 */
typedef int64_t (*nbl__wrap_several)(const nbl__cell_box *box, int64_t first, int64_t end, const double (*r)[3],
                                     nbl__wrapped *wrapped);

/*
 * r: [n][3], checked. p and w are given, the rest is filled. several: or NULL, which changes time
 * alone. NBL_ESHIFT: an atom is more than 2^30 cells from the caller's origin cell.
 */
nbl_status nbl__wrap(const nbl__lattice *lattice, int64_t n, const double (*r)[3], nbl__wrapped *wrapped,
                     nbl__wrap_several several, nbl__fault *fault);

/* No atoms yet: what nbl__wrapped_merge() starts from. p and w stay. */
void nbl__wrapped_clear(nbl__wrapped *wrapped);

/* Widens the bounds of *wrapped by those of a part of its atoms, wrapped by itself. */
void nbl__wrapped_merge(nbl__wrapped *wrapped, const nbl__wrapped *part);

/*
 * A bound of the error of |p_j + m . r - p_i| against the distance of the exact formula, for images up to
 * `images[a]` steps along reduced axis a. Zero for open systems, where both are the same arithmetic.
 */
double nbl__wrap_error(const nbl__lattice *lattice, const nbl__wrapped *wrapped, const double images[3]);

#endif
