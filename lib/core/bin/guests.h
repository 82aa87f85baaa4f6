/* SPDX-License-Identifier: MIT */
/*
 * Which images of atoms fall into the padded bins of a grid, and into which of them: counted first, and written
 * when the caller has room for them. A guest is an image on its way into a bin. Invariant: guests are in the
 * order of (atom, shift in lexicographic order), each exactly once, for every number of threads.
 */
#ifndef NBL_BIN_GUESTS_H
#define NBL_BIN_GUESTS_H

#include "bin/grid.h"

/* A lattice translation in steps of the reduced basis, and what it does. */
typedef struct nbl__offset {
    int32_t m[3];
    int32_t shift[3]; /* in the caller's terms */
    double t[3];
    int64_t bins; /* from the bin of an atom to that of its image */
} nbl__offset;

typedef struct nbl__guest {
    uint32_t bin, atom, offset;
} nbl__guest;

/*
 * Where no image is more than one cell away, which is so in all but the smallest cells, atoms are of
 * NBL__GUEST_KINDS kinds: for each axis whether there is an image to either side.
 */
enum { NBL__GUEST_KINDS = 64, NBL__GUEST_SIDES = 27 };

/* The offsets of the images of one kind of atoms. */
typedef struct nbl__sides {
    uint8_t n;
    uint8_t offset[NBL__GUEST_SIDES];
} nbl__sides;

/*
 * The spot of an atom: 64 times the number of its bin, plus its kind. As whole numbers below 2^37, which
 * doubles are as well: step[a] for each bin along an axis, `first` for bin 0 of all three; below[a] for bins
 * from below_from[a] on and above[a] for bins before above_to[a], the two bits of the kind.
 */
typedef struct nbl__spotter {
    double g[3][3], origin[3], scale[3], last[3]; /* as in nbl__lattice and nbl__grid */
    double step[3], first, below_from[3], below[3], above_to[3], above[3];
} nbl__spotter;

/* The spots of n atoms, several at a time; returns n, or, of a few, 0. */
typedef int64_t (*nbl__spot)(const nbl__spotter *by, int64_t n, const double (*p)[3], uint64_t *spots);

/* What an instruction set does better for a build than plain C, or NULL. It changes time alone. */
typedef struct nbl__strips {
    nbl__wrap_several wrap;
    nbl__spot spot;
} nbl__strips;

/* What outlives a build. */
typedef struct nbl__guest_memory {
    nbl__buffer pieces, offsets;
} nbl__guest_memory;

typedef struct nbl__guests {
    const nbl__grid *grid;
    const nbl__lattice *lattice;
    const nbl__wrapped *wrapped;
    nbl__guest_memory *memory;
    nbl__spot spot;
    int64_t n_atoms, n_pieces; /* a piece is a stretch of atoms */
    uint64_t n;                /* images; UINT64_MAX: too many to count */
    const nbl__offset *offsets;
    int64_t n_offsets;
    nbl__guest *out;
    bool sided;                     /* no image is more than one cell away */
    int64_t *counts;                /* [n_pieces] images of the atoms of a piece; then of all before it */
    struct nbl__guest_span *widest; /* [n_pieces] */
    uint64_t *spots;                /* [n_atoms] */
    nbl__sides kinds[NBL__GUEST_KINDS];
} nbl__guests;

/* Pieces of work that there are for threads. */
int64_t nbl__guests_pieces(int64_t n_atoms);

/* Counts the images of atoms: guests->n. spot: or NULL. */
nbl_status nbl__guests_count(nbl__guests *guests, const nbl__grid *grid, const nbl__lattice *lattice,
                             const nbl__wrapped *wrapped, int64_t n_atoms, nbl__spot spot,
                             nbl__guest_memory *room, int n_threads, nbl__memory *memory, nbl__fault *fault);

/* After that: the offsets, and the guests into out, [n]. */
nbl_status nbl__guests_write(nbl__guests *guests, nbl__guest *out, int n_threads, nbl__memory *memory,
                             nbl__fault *fault);

void nbl__guests_free(nbl__guest_memory *room, nbl__memory *memory);

#endif
