/* SPDX-License-Identifier: MIT */
/*
 * The kernels: which points lie near a box, and which of those lie near a centre. They know coordinates and
 * numbers, nothing of cells, shifts or lists; but for `strips`, what a build does with many atoms. Points near
 * a box are single precision, relative to a point of the box, so that their rounding is a fixed small part of
 * the cutoff. Invariant, of every instance: exactly the candidates whose squared distance is below the outer
 * bound are written, in their order, up to a tolerance that the band between the inner and the outer bound
 * covers; a doubt is reported whenever one of them is not below the inner bound.
 */
#ifndef NBL_SEARCH_KERNEL_H
#define NBL_SEARCH_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bin/guests.h"
#include "emit/expand.h"

/* Arrays of points can be read NBL__KERNEL_OVERRUN beyond the last one. */
typedef struct nbl__points {
    const double *x, *y, *z;
} nbl__points;

/* Points of a grid: whole numbers, modulo 2^32. */
typedef struct nbl__slot_points {
    const uint32_t *x, *y, *z;
    const uint32_t *key; /* their order, or NULL */
} nbl__slot_points;

typedef struct nbl__run {
    uint32_t begin, end;
} nbl__run;

/* A box around its origin, and what coordinates become: (x - origin) * scale. */
typedef struct nbl__box {
    double origin[3], scale;
    float half[3]; /* as they become: the box reaches so far to both sides */
    float reach2;
} nbl__box;

/* The same among slots, whose coordinates become (int32_t)(x - origin). */
typedef struct nbl__slot_box {
    uint32_t origin[3];
    float half[3];
    float reach2;
    uint32_t least_key; /* with keys: points below are left out */
} nbl__slot_box;

/* Half a box that reaches from low to high, which become floats as the points in it do. */
static inline float nbl__box_half(double low, double high, double origin, double scale)
{
    const float below = (float)((origin - low) * scale), above = (float)((high - origin) * scale);
    return below > above ? below : above;
}

/*
 * Points near a box, or all of a small system. Arrays have room for NBL__KERNEL_OVERRUN more than n, and the
 * coordinates there are infinite when rows are asked for.
 */
typedef struct nbl__near {
    float *x, *y, *z;
    uint32_t *number; /* what rows consist of; all different, below UINT32_MAX */
    uint32_t *key;    /* their order, of which half lists are the later half; may be `number` itself */
    uint32_t n;
} nbl__near;

/* Squared distances, >= 0: below `inner` surely a neighbour, not below `outer` surely none. */
typedef struct nbl__band {
    float inner, outer;
} nbl__band;

/* Rows that are asked for. */
typedef struct nbl__ask {
    const uint32_t *homes; /* [n_rows] which of the points are the centres; NULL: those from `first` on */
    uint32_t first, n_rows;
    bool half;    /* only what comes after the centre in the order of keys */
    bool self;    /* the centre itself too */
    bool ordered; /* keys ascend */
    nbl__band band;
} nbl__ask;

/* Entries beyond the last that an instance may read, or overwrite in what it writes. */
enum { NBL__KERNEL_OVERRUN = 16 };

/*
 * Appends to `near` the points of the runs that lie nearer to the box than the root of reach2, with their
 * places as numbers.
 */
typedef void (*nbl__kernel_gather)(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                                   const nbl__box *box, nbl__near *near);
typedef void (*nbl__kernel_gather_slots)(const nbl__slot_points *points, const nbl__run *runs, int64_t n_runs,
                                         const nbl__slot_box *box, nbl__near *near);

/*
 * Rows stand in `out` one after the other, counts[k] long, and with d2 (if not NULL) their squared distances
 * beside them, as the filter sees them. Returns the sum; *close: any entry has a doubt, or, without d2, may
 * have: a point that is not wanted in a row may be what is within the band. Room: n_rows * n and the overrun.
 */
typedef uint32_t (*nbl__kernel_rows)(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2,
                                     uint32_t *counts, bool *close);

/* Open systems of a few atoms each, one behind the other. */
typedef struct nbl__flock {
    const double (*r)[3]; /* of all */
    const int64_t *first; /* [n + 1] first atom of each, NBL__MASK_ATOMS at most; r begins with first[0] */
    int64_t n;
    double scale;   /* coordinates become (r - that of the system's first atom) * scale */
    nbl__band band; /* for coordinates up to NBL__FLOCK_REACH */
    bool half, self;
} nbl__flock;

enum { NBL__FLOCK_REACH = 4 };

/*
 * The rows of all atoms as masks, and how many bits they have, system by system, up to the first that reaches
 * farther or has a doubt, also about two atoms that are not wanted in a row. Returns how many systems are done;
 * *total is the sum of their counts. Of a system that is not done, masks and counts may be written.
 */
typedef int64_t (*nbl__kernel_flock)(const nbl__flock *flock, uint64_t *masks, uint32_t *counts,
                                     uint64_t *total);

/* Whether any of these squared distances lies in the band. */
typedef bool (*nbl__kernel_doubts)(const float *d2, uint32_t count, nbl__band band);

/*
 * Parts a row in place: entries with d2 < limit stay, in order, in numbers and d2; the numbers of the others go
 * to spare, in order. Returns how many stay. All arrays have room for NBL__KERNEL_OVERRUN entries more.
 */
typedef uint32_t (*nbl__kernel_part)(uint32_t *numbers, float *d2, uint32_t count, float limit,
                                     uint32_t *spare);

/*
 * The entries with d2 < limit, in order: their numbers go to out, which may be `numbers` itself, their d2 stay.
 * Returns how many there are.
 */
typedef uint32_t (*nbl__kernel_narrow)(const uint32_t *numbers, float *d2, uint32_t count, float limit,
                                       uint32_t *out);

/* Entries of scratch for a row of n candidates: the overrun, and so that the next one begins a line as well. */
#define NBL__NESTED_ROOM(n) ((size_t)(n) / 16 * 16 + 2 * NBL__KERNEL_OVERRUN)

/* What of rows lies within a lower band, or of a shell. */
typedef struct nbl__tier {
    nbl__band band;
    uint32_t *out;    /* rows one after the other, with room as for those that are asked for */
    uint32_t *counts; /* [n_rows] */
    uint32_t total;   /* their sum */
} nbl__tier;

/*
 * The rows that are asked for, and tiers of them, whose bands ascend up to that of the rows. Shells: a tier has
 * nothing of those below, the highest has the band of the rows, and `out` is scratch, as d2 is: two times
 * NBL__NESTED_ROOM(n). There is at least one tier. *close: any entry has a doubt, of the rows or of any tier,
 * or would have, were all bands as wide as the widest.
 */
typedef uint32_t (*nbl__kernel_nested)(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2,
                                       uint32_t *counts, nbl__tier *tiers, int32_t n_tiers, bool shells,
                                       bool *close);

/*
 * Copies points in the order of their keys, which all differ; the keys themselves only if they are wanted.
 * Homes are places of some of them, and become their new places. False, and nothing is done: there are many,
 * and keys are too far apart for it to pay. from->key can be read to the overrun; other lengths and overruns
 * are the caller's.
 */
typedef bool (*nbl__kernel_order)(const nbl__near *from, nbl__near *to, bool keys, uint32_t *homes,
                                  uint32_t n_homes);

/*
 * When lists of lower cutoffs are found apart from those of the highest, which decides time alone: where they
 * have fewer neighbours than `share` of those that the highest has beyond `alone` (search/levels).
 */
typedef struct nbl__apart {
    double share, alone;
} nbl__apart;

/* The instances of one instruction set. */
typedef struct nbl__kernels {
    nbl__kernel_gather gather;
    nbl__kernel_gather_slots gather_slots;
    nbl__kernel_rows rows;
    nbl__kernel_flock flock;
    nbl__kernel_doubts doubts;
    nbl__kernel_part part;
    nbl__kernel_narrow narrow;
    nbl__kernel_nested nested;
    nbl__kernel_order order;
    nbl__strips strips;
    const nbl__expand *expand;
    nbl__apart apart;
} nbl__kernels;

extern const nbl__kernels nbl__kernels_portable;
#if defined(NBL_HAVE_AVX2)
extern const nbl__kernels nbl__kernels_avx2;
#endif
#if defined(NBL_HAVE_AVX512)
extern const nbl__kernels nbl__kernels_avx512;
#endif
#if defined(NBL_HAVE_NEON)
extern const nbl__kernels nbl__kernels_neon;
#endif

#endif
