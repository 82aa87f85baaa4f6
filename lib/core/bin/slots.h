/* SPDX-License-Identifier: MIT */
/*
 * Atoms and their periodic images, sorted by bin: structure of arrays, so that a stretch of bins along the
 * fastest axis is one contiguous run of x, y, z. Every atom or image is an "image" numbered by (atom, shift
 * in lexicographic order); a slot is its place in bin order. Invariants: images of one atom have
 * consecutive numbers in ascending order of their shift; every image that lies in a padded bin is there
 * exactly once, hence so is every neighbour of an atom of the cell.
 */
#ifndef NBL_BIN_SLOTS_H
#define NBL_BIN_SLOTS_H

#include "bin/grid.h"

/*
 * An image of an atom. For a pair of atom i and this image, the shift in the caller's terms is
 * shift + w[i], w as in nbl__wrapped.
 */
typedef struct nbl__image {
    int32_t atom;
    int32_t shift[3];
} nbl__image;

typedef struct nbl__slots {
    int64_t n;          /* slots = images */
    double *x, *y, *z;  /* [n] in bin order */
    uint32_t *image;    /* [n] slot -> image */
    nbl__image *images; /* [n] in order of atom and shift */
    uint32_t *start;    /* [n_padded + 1] first slot of each padded bin */
    uint32_t fullest;   /* slots of the fullest bin */
    nbl__buffer slot_memory, image_memory, start_memory, order_memory, offset_memory, scratch, piece_memory;
} nbl__slots;

/* The same slots for every number of threads. */
nbl_status nbl__slots_init(nbl__slots *slots, const nbl__grid *grid, const nbl__lattice *lattice,
                           const nbl__wrapped *wrapped, int64_t n_atoms, int n_threads, nbl__memory *memory,
                           nbl__fault *fault);

void nbl__slots_free(nbl__slots *slots, nbl__memory *memory);

#endif
