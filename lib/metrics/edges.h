/* SPDX-License-Identifier: MIT */
/*
 * Neighbours of all atoms, for what needs the graph as a whole. Threads append rows as they come; an entry is
 * found by its number. Chunks double in size and never move, and which exist depends on the number of entries
 * alone, so that the same work again allocates nothing, whichever thread does what.
 */
#ifndef NBL_METRICS_EDGES_H
#define NBL_METRICS_EDGES_H

#include <stdatomic.h>

#include "base/memory.h"

enum { NBL__EDGES_SHIFT = 12, NBL__EDGES_CHUNKS = 44 };

typedef struct nbl__edges {
    atomic_llong used;
    _Atomic(int32_t *) chunks[NBL__EDGES_CHUNKS]; /* chunk c has 2^(c + SHIFT) entries */
    nbl__lock lock;
} nbl__edges;

/* Forgets the entries, keeps the memory. */
void nbl__edges_clear(nbl__edges *edges);
void nbl__edges_free(nbl__edges *edges, nbl__memory *memory);

/* Appends k entries; *first is the number of the first. Any thread. */
nbl_status nbl__edges_append(nbl__edges *edges, nbl__memory *memory, int32_t k, const int32_t *j,
                             int64_t *first, nbl__fault *fault);

/* Where entry `at` lies, and how many more, itself included, lie behind it in one piece. */
const int32_t *nbl__edges_piece(const nbl__edges *edges, int64_t at, int64_t *entries);

#endif
