/* SPDX-License-Identifier: MIT */
/*
 * The filter: which candidates of a few contiguous runs lie near a centre. Knows coordinates and numbers,
 * nothing of cells, shifts or lists. Invariant, of every instance: exactly the candidates whose distance is
 * below the outer bound are written, in the order of the runs, up to a tolerance that the band between the
 * inner and the outer bound covers; `close` is set whenever one of them is not below the inner bound.
 */
#ifndef NBL_SEARCH_KERNEL_H
#define NBL_SEARCH_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

typedef struct nbl__points {
    const double *x, *y, *z;
    const uint32_t *number;
} nbl__points;

typedef struct nbl__run {
    uint32_t begin, end;
} nbl__run;

/* Squared distances, >= 0: below `inner` surely a neighbour, not below `outer` surely none. */
typedef struct nbl__band {
    double inner, outer;
} nbl__band;

/* Numbers beyond the returned count that an instance may overwrite in `out`. */
enum { NBL__KERNEL_OVERRUN = 16 };

typedef uint32_t (*nbl__kernel)(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                                const double centre[3], nbl__band band, uint32_t *out, bool *close);

uint32_t nbl__kernel_portable(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                              const double centre[3], nbl__band band, uint32_t *out, bool *close);

#endif
