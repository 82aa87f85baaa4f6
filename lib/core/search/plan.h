/* SPDX-License-Identifier: MIT */
/*
 * How a system is searched: brute force or cells, and how wide the bins are. Decides time, never the set;
 * depends on the input alone, so that the order of rows does.
 */
#ifndef NBL_SEARCH_PLAN_H
#define NBL_SEARCH_PLAN_H

#include "cell/wrap.h"

enum nbl__path {
    NBL__PATH_FORMULA, /* all pairs by the formula: search/formula.c */
    NBL__PATH_BLOCK,   /* all pairs by the filter, of a small system: search/block.c */
    NBL__PATH_CELLS    /* a grid: search/cells.c */
};

/* Images that the table of a block may hold; its 16 bytes per image are half a segment of memory. */
enum { NBL__BLOCK_IMAGES = 8192 };

typedef struct nbl__plan {
    enum nbl__path path;
    double error;    /* nbl__wrap_error() at twice the cutoff: an upper bound */
    double distance; /* what the grid must reach */
    double atoms;    /* in a cube of that edge, as if they were spread evenly */
    double width[3]; /* of bins, wanted */
    double max_bins;
} nbl__plan;

/* Steps along reduced axis a that may bring one atom within `distance` of another. */
void nbl__plan_steps(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int a, double distance,
                     double range[2]);

/* Images that the table of a block may hold at most for a distance; infinite where they cannot be counted. */
double nbl__plan_images(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n, double distance);

void nbl__plan_make(nbl__plan *plan, const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n,
                    double cutoff, int32_t algorithm);

/* Whether an open system of n atoms is a block, which needs neither wrapping nor a plan of its own. */
bool nbl__plan_is_open_block(int64_t n, int32_t algorithm);

#endif
