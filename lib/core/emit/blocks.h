/* SPDX-License-Identifier: MIT */
/*
 * Rows on the fly: rows as they are found are gathered into blocks of one system, expanded into the arrays of
 * nbl_rows, and handed to the caller's visitor. Invariant: a block belongs to one thread; every row is handed
 * over exactly once, whole, unless the visitor stops.
 */
#ifndef NBL_EMIT_BLOCKS_H
#define NBL_EMIT_BLOCKS_H

#include <stdatomic.h>

#include "base/memory.h"
#include "emit/expand.h"

/* Squared distances below limits[k], and not below limits[k - 1], belong to shell lists[k]. */
typedef struct nbl__shells {
    int32_t n;
    double limits[NBL_MAX_LISTS];
    uint8_t lists[NBL_MAX_LISTS];
} nbl__shells;

/* What one thread has gathered. Buffers are kept from visit to visit. */
typedef struct nbl__block {
    int64_t system, first;
    int32_t n_rows;
    int64_t n_pairs, room; /* of pairs */
    int64_t wanted;        /* the most room that any row asked for */
    int32_t *i;
    int64_t *row_ptr;
    int32_t *j, *shifts;
    double *vectors, *d2;
    uint8_t *shells;
    nbl__buffer memory;
} nbl__block;

typedef struct nbl__blocks {
    nbl_visitor *visitor;
    void *user;
    uint32_t fields; /* enum nbl_row_field */
    int32_t n_cutoffs;
    const nbl__expand *expand;
    /* The shells of a system, which may differ from system to system. */
    void (*shells_of)(const void *context, int64_t system, nbl__shells *shells);
    const void *shells_context;
    nbl__memory *memory;
    nbl__block *threads; /* [n_threads] */
    int32_t n_threads;
    atomic_bool stopped;
    nbl__lock lock;
    nbl__fault fault; /* of memory that was not there */
} nbl__blocks;

/* Empties the blocks of n_threads threads, which lie in *threads_memory; makes room for them there. */
nbl_status nbl__blocks_open(nbl__blocks *blocks, int32_t n_threads, nbl__buffer *threads_memory,
                            nbl__fault *fault);

/* A nbl__row_function; context is the nbl__blocks. NBL_ESTOP after the visitor stopped. */
nbl_status nbl__blocks_row(void *blocks, int thread, const nbl__view *view);

/*
 * Hands over what all threads still hold. Then any thread has as much room as the one that needed most, so that
 * the same visit again allocates nothing whoever meets the longest row; where memory is short it stays as it
 * is.
 */
nbl_status nbl__blocks_close(nbl__blocks *blocks);

/* Frees the buffers of all blocks that *threads_memory ever held, and itself. */
void nbl__blocks_free(nbl__buffer *threads_memory, nbl__memory *memory);

#endif
