/* SPDX-License-Identifier: MIT */
/*
 * The oracle: every pair of a system by the plainest possible search, n^2 times images, sharing no file
 * with the library. Images are searched in the caller's own cell: for each ordered pair of atoms all
 * shifts within rc of it by the perpendicular heights of the periodic lattice, and two layers more on
 * either side. Every candidate is decided by the published formula in binary64.
 *
 * Its one assumption: rounding moves an atom by less than two layers of the periodic lattice.
 */
#ifndef TESTS_SUPPORT_ORACLE_H
#define TESTS_SUPPORT_ORACLE_H

#include <stdint.h>

#include "pair.h"

struct oracle_input {
    int64_t n;
    const double *r; /* [n][3] */
    const double *h; /* [3][3], rows; may be NULL where all axes are open */
    uint8_t pbc[3];
    double rc;
};

/* What is to be in a list: bits of oracle_select(). */
enum { ORACLE_HALF = 1, ORACLE_INCLUSIVE = 2, ORACLE_SELF = 4 };

/*
 * Appends all pairs with |d| <= rc and the identity pairs to *out, which becomes ordered by i, j, s: the
 * largest list that any options ask for. *n_close gets the number of ordered pairs, identities left
 * out, whose |d| lies within 4 ulp of rc on either side. Returns 0, or -1 where an image number would
 * leave the range of int64.
 */
int oracle_find(const struct oracle_input *in, struct pairs *out, int64_t *n_close);

/* The pairs of `all` (as found at rc_found >= rc) that a list with these flags and rc holds. */
void oracle_select(const struct pairs *all, double rc, unsigned flags, int64_t n_centers, struct pairs *out);

/* The formula: vector and length of one pair, listed or not. */
void oracle_vector(const struct oracle_input *in, struct pair *p);

/*
 * Rows of `dual` satisfy dual[a] . h[b] = (a == b) over the periodic axes and lie in the space that these
 * span; rows of open axes are 0. The perpendicular height of axis a is 1 / |dual[a]|.
 */
void oracle_dual(const double *h, const uint8_t pbc[3], long double dual[3][3]);

/* Number of shifts that the oracle looks at for one pair of atoms (1 where all axes are open). */
double oracle_images(const double *h, const uint8_t pbc[3], double rc);

/* x moved by `steps` representable numbers, down if negative. */
double oracle_ulps(double x, int steps);

#endif
