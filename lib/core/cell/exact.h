/* SPDX-License-Identifier: MIT */
/*
 * The one formula that decides whether a pair is listed, and that every returned vector and distance comes
 * from. Invariant: each operation is rounded once to binary64, in this order. Only verify/ has a second
 * version, on purpose.
 */
#ifndef NBL_CELL_EXACT_H
#define NBL_CELL_EXACT_H

#include <float.h>
#include <math.h>

_Static_assert(FLT_EVAL_METHOD == 0, "double arithmetic must not carry excess precision");
_Static_assert(DBL_MANT_DIG == 53 && DBL_MAX_EXP == 1024, "double must be IEEE binary64");

/* Rows of open axes in h are zero, which leaves their terms out. s: integers, exact as doubles. */
static inline double nbl__exact_d2(const double *ri, const double *rj, const double h[3][3], double s0,
                                   double s1, double s2, double *d)
{
    for (int k = 0; k < 3; k++) {
        double t = (s0 * h[0][k] + s1 * h[1][k]) + s2 * h[2][k];
        d[k] = ((rj[k] - ri[k]) + t) + 0.0;
    }
    return (d[0] * d[0] + d[1] * d[1]) + d[2] * d[2];
}

/* The same without periodic axes, where t is +0, which no square can tell from -0. */
static inline double nbl__exact_open_d2(const double *ri, const double *rj)
{
    double d0 = rj[0] - ri[0], d1 = rj[1] - ri[1], d2 = rj[2] - ri[2];
    return (d0 * d0 + d1 * d1) + d2 * d2;
}

/*
 * The limit of d2: a pair is listed if and only if d2 < limit. Strict: the smallest double whose square
 * root is not below rc; inclusive: the smallest whose square root is above rc.
 */
static inline double nbl__exact_limit(double rc, int inclusive)
{
    double x = rc * rc;
    while (inclusive ? sqrt(x) > rc : sqrt(x) >= rc)
        x = nextafter(x, 0.0);
    while (inclusive ? sqrt(x) <= rc : sqrt(x) < rc)
        x = nextafter(x, HUGE_VAL);
    return x;
}

#endif
