/* SPDX-License-Identifier: MIT */
/*
 * Which neighbours of an atom are joined by edges themselves, from the vectors of the row alone. Invariant: the
 * answer is that of the list. Rounded differences of vectors decide outside a band; within it the formula of
 * the list does.
 */
#ifndef NBL_METRICS_BONDS_H
#define NBL_METRICS_BONDS_H

#include "metrics/row.h"

/* Edges shorter than this are none. */
#define NBL__SHORTEST 1e-10

/* The limits of a frame, from its cutoff and the spread of its positions (0 where no axis is periodic). */
void nbl__bonds_limits(nbl__frame *frame, double spread);

/* bonds [k], k <= 64: bit b of bonds[a] is set if neighbours a and b of the row are joined by an edge;
   symmetric, diagonal 0. Returns how many pairs are. */
int64_t nbl__bonds_fill(const nbl__row *row, uint64_t *bonds);

#endif
