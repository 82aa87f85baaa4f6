/* SPDX-License-Identifier: MIT */
/*
 * Which bin an atom belongs to. The cell (on open axes: the extent of the atoms) is divided into bins of
 * equal width per axis; where that would be far more bins than atoms, long empty gaps are cut out, so that
 * the number of bins stays in proportion to the atoms however far they are apart. Invariant: two points
 * closer than the reach distance lie at most reach[a] bins apart on every axis a, images included.
 */
#ifndef NBL_BIN_GRID_H
#define NBL_BIN_GRID_H

#include "base/memory.h"
#include "cell/wrap.h"

/* A stretch of bins without a long gap: counted from `first` before gaps are cut out, from `at` after. */
typedef struct nbl__island {
    int64_t first;
    int32_t at;
} nbl__island;

typedef struct nbl__grid {
    int32_t n[3];      /* bins of the cell itself */
    int32_t reach[3];  /* bins to either side that a search may look into; ghost bins on periodic axes */
    int32_t padded[3]; /* n + 2 reach */
    int64_t stride[3]; /* in the linear index of padded bins; 1 on the fastest axis */
    int order[3];      /* axes from slow to fast */
    int64_t n_padded;
    double origin[3];
    double scale[3];               /* bins per unit of the coordinate g[a] . p, before gaps are cut out */
    double last[3];                /* number of the last such bin */
    double edge[3][3];             /* vector from a bin to the next */
    const nbl__island *islands[3]; /* NULL: no gaps cut out */
    int32_t n_islands[3];
    nbl__buffer island_memory;
} nbl__grid;

/*
 * distance: how far apart two points may be and must still be found; width[a]: wanted width of the bins;
 * max_bins: of the cell itself. NBL_ENOMEM where the ghost bins would not fit 32-bit indices.
 */
nbl_status nbl__grid_init(nbl__grid *grid, const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n,
                          double distance, const double width[3], double max_bins, nbl__memory *memory,
                          nbl__fault *fault);

void nbl__grid_free(nbl__grid *grid, nbl__memory *memory);

int32_t nbl__grid_island_bin(const nbl__grid *grid, int axis, int64_t bin);

/* Bins from this one on, one at least, within reach of which no other island begins. */
int64_t nbl__grid_stretch(const nbl__grid *grid, int axis, int32_t bin);

/* Coordinate u = g[axis] . p in bins, before gaps are cut out. Without jumps: what is compared is loaded. */
static inline double nbl__grid_place(const nbl__grid *grid, int axis, double u)
{
    const double last = grid->last[axis], t = (u - grid->origin[axis]) * grid->scale[axis],
                 above = t > 0.0 ? t : 0.0;
    return above < last ? above : last;
}

/* The bin of that place, in 0 ... n[axis] - 1. */
static inline int32_t nbl__grid_bin(const nbl__grid *grid, int axis, double u)
{
    const double place = nbl__grid_place(grid, axis, u);
    return grid->islands[axis] ? nbl__grid_island_bin(grid, axis, (int64_t)place) : (int32_t)place;
}

#endif
