/* SPDX-License-Identifier: MIT */
/* Products of vectors of three doubles. */
#ifndef NBL_METRICS_VECTOR_H
#define NBL_METRICS_VECTOR_H

static inline double nbl__vector_dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static inline void nbl__vector_cross(const double a[3], const double b[3], double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

#endif
