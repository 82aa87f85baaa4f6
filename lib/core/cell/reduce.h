/* SPDX-License-Identifier: MIT */
/*
 * Reduction of a skewed lattice basis of one, two or three vectors to short, nearly orthogonal ones
 * (Lagrange and Gauss in pairs, Semaev's three-vector step). Knows integers and vectors, nothing of atoms.
 * Invariant: m stays unimodular, and r is m . h computed anew from h after every step, so that rounding
 * does not add up.
 */
#ifndef NBL_CELL_REDUCE_H
#define NBL_CELL_REDUCE_H

#include <stdbool.h>
#include <stdint.h>

/* Rows a of h with pbc[a] are reduced; m and r are written for them. false: integers beyond 2^50. */
bool nbl__reduce(double h[3][3], const uint8_t pbc[3], int64_t m[3][3], double r[3][3]);

#endif
