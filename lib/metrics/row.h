/* SPDX-License-Identifier: MIT */
/*
 * The edges of one atom, prepared for everything that is computed from them: one array per quantity. Lies in
 * scratch of one thread; functions of a row allocate nothing and see no other row.
 *
 * Invariant: real arrays have NBL__ROW_PAD entries more than k, finite and harmless ones: vector and direction
 * 0, distance 1. `padded`, k rounded up to a multiple of NBL__ROW_PAD, is within them. Arrays are 64-byte
 * aligned. Edges stand in the order of the list, whatever the number of threads: sums over a row have the same
 * bits.
 */
#ifndef NBL_METRICS_ROW_H
#define NBL_METRICS_ROW_H

#include <nblist/nblist.h>
#include <stdbool.h>

enum { NBL__ROW_PAD = 8 };

/* One system as its rows need it for exact decisions. */
typedef struct nbl__frame {
    const double *r; /* [n][3] of this system, as doubles */
    double h[9];     /* entries of open axes are 0 */
    double cutoff;   /* of edges, inclusive */
    double cutoff2;  /* its square, rounded */
    /* The squared length of a difference of two vectors of a row tells whether its ends are joined: no up to
       and above these limits, but for nbl__row_bonded() to decide up to least2, and above in2 up to out2. The
       band is wide where a periodic system has atoms many cells away. */
    double least2, in2, out2;
} nbl__frame;

typedef struct nbl__row {
    int32_t k; /* edges; 0 is possible */
    int32_t padded;
    int32_t i;             /* the atom, in its system */
    const int32_t *j;      /* [k] its neighbours, in their system */
    const int32_t *shifts; /* [k][3]; NULL: all 0 */
    const double *x;       /* vectors from i to j */
    const double *y;
    const double *z;
    const double *d; /* their lengths: 1e-10 <= d <= cutoff */
    const double *ux;
    const double *uy;
    const double *uz; /* x / d, y / d, z / d */
    const nbl__frame *frame;
} nbl__row;

/* Whether neighbours a and b of a row are joined by an edge, by the formula of the list. */
bool nbl__row_bonded(const nbl__row *row, int32_t a, int32_t b);

#endif
