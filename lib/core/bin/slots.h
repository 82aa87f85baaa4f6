/* SPDX-License-Identifier: MIT */
/*
 * Atoms and their periodic images, sorted by bin: structure of arrays, so that a stretch of bins along the
 * fastest axis is one contiguous run of x, y, z. A slot is the place of an atom or image in bin order; its key
 * is its place in the order of (atom, shift in lexicographic order). Invariants: images of one atom have
 * consecutive keys in ascending order of their shift; every image that lies in a padded bin is there exactly
 * once, hence so is every neighbour of an atom of the cell; within a bin, keys ascend.
 *
 * Coordinates are whole numbers of steps from a corner on, modulo 2^32, rounded to the nearest: what is
 * subtracted lies in bins that are near each other, and its difference is exact however large the cell is.
 */
#ifndef NBL_BIN_SLOTS_H
#define NBL_BIN_SLOTS_H

#include "bin/guests.h"

/*
 * An image of an atom. For a pair of atom i and this image, the shift in the caller's terms is
 * shift + w[i], w as in nbl__wrapped.
 */
typedef struct nbl__image {
    int32_t shift[3];
    int32_t atom;
} nbl__image;

/* Coordinates and keys that may be read beyond the last slot: a vector of any instruction set. */
enum { NBL__SLOTS_OVERRUN = 16 };

typedef struct nbl__slots {
    int64_t n; /* slots = images */
    double step, corner[3];
    uint32_t *x, *y, *z; /* [n] in bin order, and the overrun */
    nbl__image *images;  /* [n] in bin order */
    uint32_t *key;       /* [n] in bin order, and the overrun */
    uint32_t *start;     /* [n_padded + 1] first slot of each padded bin */
    uint32_t fullest;    /* slots of the fullest bin */
    nbl__buffer slot_memory, image_memory, start_memory, key_memory, guest_memory, range_memory;
    nbl__guest_memory guest_pieces;
} nbl__slots;

/*
 * Slots are compared with those of a stretch of bins along the fastest axis and of up to reach bins around it,
 * if the stretch is not longer than NBL__SLOTS_STRETCH distances or one bin, and none of the bins between is
 * the remainder of a gap.
 */
enum { NBL__SLOTS_STRETCH = 3 };

/* Up to so many distances, a difference of coordinates is an exact float. */
enum { NBL__SLOTS_EXACT = 4 };

/* A coordinate in steps is off by so much at most: half a step, and what rounding adds before. */
static const double nbl__slots_rounding = 0.59375;

/* distance: that of the grid; spot: or NULL. The same slots for every number of threads. */
nbl_status nbl__slots_init(nbl__slots *slots, const nbl__grid *grid, const nbl__lattice *lattice,
                           const nbl__wrapped *wrapped, int64_t n_atoms, double distance, nbl__spot spot,
                           int n_threads, nbl__memory *memory, nbl__fault *fault);

void nbl__slots_free(nbl__slots *slots, nbl__memory *memory);

#endif
