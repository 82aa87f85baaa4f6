/* SPDX-License-Identifier: MIT */
/*
 * Geometry of one cell: which axes are periodic, a reduced basis of the same lattice, its inverse and its
 * perpendicular heights. Invariant: rows of `r` on periodic axes span the lattice of the caller's periodic
 * rows, r[a] = sum_b m[a][b] h[b] exactly (then rounded once); on open axes `r` holds unit vectors that are
 * orthogonal to all others, whatever the caller's rows say: those are never read.
 */
#ifndef NBL_CELL_LATTICE_H
#define NBL_CELL_LATTICE_H

#include <stdbool.h>

#include "base/fault.h"

typedef struct nbl__lattice {
    double h[3][3];   /* the caller's rows; open rows zero */
    double r[3][3];   /* reduced rows; open rows orthonormal */
    double g[3][3];   /* dual rows: fractional coordinate a of x is g[a] . x; a length on open axes */
    double height[3]; /* distance between lattice planes: 1 / |g[a]| */
    double spread[3]; /* sum over b, k of |m[a][b] h[b][k]|: what rounding of one step along a scales with */
    int64_t m[3][3];  /* open rows and columns as in the unit matrix */
    uint8_t pbc[3];   /* 0 or 1 */
    bool reduced;     /* m is not the unit matrix */
} nbl__lattice;

/*
 * h: the caller's rows, checked to be finite and in range where pbc[a] != 0. NBL_ESINGULAR: zero or
 * dependent rows, also where the reduction would need integers beyond 2^50.
 */
nbl_status nbl__lattice_init(nbl__lattice *lattice, double h[3][3], const uint8_t pbc[3], nbl__fault *fault);

/* What nbl__lattice_init() makes of three open axes. */
extern const nbl__lattice nbl__lattice_open;

static inline double nbl__dot(const double *a, const double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

#endif
