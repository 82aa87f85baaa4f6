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

/* Entries beyond the returned count that an instance may overwrite in `out` and `d2`. */
enum { NBL__KERNEL_OVERRUN = 16 };

typedef uint32_t (*nbl__kernel)(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                                const double centre[3], nbl__band band, uint32_t *out, bool *close);

/* The same, and the squared distances of what is written, as the filter sees them. */
typedef uint32_t (*nbl__kernel_d2)(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                                   const double centre[3], nbl__band band, uint32_t *out, double *d2,
                                   bool *close);

/*
 * All rows of a small system: its n points are the candidates of every row, number k is point k, and row i has
 * the centre homes[i] (NULL: i). A row leaves out its centre (with_self: it does not) and, with `half`, all
 * numbers below. Rows stand in `out` one after the other, counts[i] long. Returns their sum; close: any of them
 * has a doubt.
 */
typedef uint32_t (*nbl__kernel_rows)(const nbl__points *points, uint32_t n, const uint32_t *homes,
                                     uint32_t n_rows, bool half, bool with_self, nbl__band band, uint32_t *out,
                                     uint32_t *counts, bool *close);

/* Numbers of the n points that, moved by p, lie nearer to a box than the root of reach2. Room as for a row. */
typedef uint32_t (*nbl__kernel_box)(const nbl__points *points, uint32_t n, const double p[3],
                                    const double low[3], const double high[3], double reach2, uint32_t *out);

/* Whether any of these squared distances lies in the band. */
typedef bool (*nbl__kernel_doubts)(const double *d2, uint32_t count, nbl__band band);

/*
 * Parts a row in place: entries with d2 < limit stay, in order, in numbers and d2; the numbers of the others go
 * to spare, in order. Returns how many stay. All arrays have room for NBL__KERNEL_OVERRUN entries more.
 */
typedef uint32_t (*nbl__kernel_part)(uint32_t *numbers, double *d2, uint32_t count, double limit,
                                     uint32_t *spare);

/*
 * The entries with d2 < limit, in order: their numbers go to out, which may be `numbers` itself, their d2 stay.
 * Returns how many there are.
 */
typedef uint32_t (*nbl__kernel_narrow)(const uint32_t *numbers, double *d2, uint32_t count, double limit,
                                       uint32_t *out);

/* The instances of one instruction set. */
typedef struct nbl__kernels {
    nbl__kernel filter;
    nbl__kernel_d2 filter_d2;
    nbl__kernel_rows filter_rows;
    nbl__kernel_box filter_box;
    nbl__kernel_doubts doubts;
    nbl__kernel_part part;
    nbl__kernel_narrow narrow;
} nbl__kernels;

extern const nbl__kernels nbl__kernels_portable;
#if defined(NBL_HAVE_AVX2)
extern const nbl__kernels nbl__kernels_avx2;
#endif
#if defined(NBL_HAVE_AVX512)
extern const nbl__kernels nbl__kernels_avx512;
#endif

#endif
