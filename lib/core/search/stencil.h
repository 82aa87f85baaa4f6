/* SPDX-License-Identifier: MIT */
/*
 * Which bins around a bin can hold a neighbour. A column is a pair of offsets on the two slower axes; along
 * the fastest axis its bins are one contiguous run. Invariant: two points of bins that are not listed are
 * farther apart than `distance`, whatever the shape of the cell. Fewer columns, never another order, for a
 * smaller distance.
 */
#ifndef NBL_SEARCH_STENCIL_H
#define NBL_SEARCH_STENCIL_H

#include "bin/grid.h"

typedef struct nbl__column {
    int32_t first, last; /* offsets of the run's first and last bin in the linear index */
} nbl__column;

typedef struct nbl__stencil {
    nbl__column *columns; /* apart from each other, in ascending order; one of them holds the bin itself */
    int64_t n;
} nbl__stencil;

/* Columns that a stencil of this grid may have. */
uint64_t nbl__stencil_room(const nbl__grid *grid);

/* columns: room for nbl__stencil_room() */
void nbl__stencil_init(nbl__stencil *stencil, const nbl__grid *grid, double distance, nbl__column *columns);

#endif
