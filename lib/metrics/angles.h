/* SPDX-License-Identifier: MIT */
/*
 * What the directions and lengths of one row say: angles between neighbours, which neighbours are joined by an
 * edge themselves, and the moments of lengths and directions. Bins of angle are told apart by their cosines, so
 * that no arccos is taken.
 */
#ifndef NBL_METRICS_ANGLES_H
#define NBL_METRICS_ANGLES_H

#include "metrics/row.h"

enum { NBL__ANGLE_CELLS = 4096 };

/* n equal bins of angle on [0, pi]. A cell is a slice of cosines; `starts` tells the lowest bin that it holds,
   and whether it holds others. */
typedef struct nbl__angle_bins {
    int32_t n;
    const double *edges; /* [n + 1]: cosines of the lower ends of the bins; edges[n] is below every cosine */
    uint16_t starts[NBL__ANGLE_CELLS + 1];
} nbl__angle_bins;

/* n >= 1. edges: memory that the bins keep a pointer to, [n + 1]. */
void nbl__angle_bins_init(nbl__angle_bins *bins, int32_t n, double *edges);

/* floor(arccos(cosine) / (pi / n)), at most n - 1; ends of bins by their cosine. |cosine| <= 1 within rounding.
 */
int32_t nbl__angle_bin(const nbl__angle_bins *bins, double cosine);

/* What is wanted of the pairs of neighbours of a row. */
typedef struct nbl__pairs {
    const nbl__angle_bins *bins; /* NULL: no angles */
    uint32_t *counts;            /* [bins->n], set to the angles of this row */
    bool triangles;              /* `joined` is wanted */
    bool avx2;
    int64_t joined; /* pairs that are joined by an edge: T of the clustering coefficient */
} nbl__pairs;

void nbl__angles_pairs(const nbl__row *row, nbl__pairs *pairs);

/* counts [bins->n] are set to the angles of -u_j with the z axis. */
void nbl__angles_polar(const nbl__row *row, const nbl__angle_bins *bins, uint32_t *counts);

/* max(0, <d^2> - <d>^2); 0 for k = 0. */
double nbl__radial_variance(const nbl__row *row);

/* 1.5 |T|^2 / (tr T)^2 - 0.5, clipped to 0 ... 1, T = mean of u u^T; 0 for k = 0. */
double nbl__local_anisotropy(const nbl__row *row);

#endif
