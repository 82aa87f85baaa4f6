/* SPDX-License-Identifier: MIT */
/*
 * Memory of one handle: the allocator hooks, what is held, and a limit. Buffers only grow, so that work of
 * a size seen before allocates nothing. Invariant: `held` is the sum of all live allocations made through
 * this struct. Several threads may take and give at once; a buffer belongs to one thread at a time.
 */
#ifndef NBL_BASE_MEMORY_H
#define NBL_BASE_MEMORY_H

#include "base/fault.h"
#include "base/threads.h"

typedef struct nbl__memory {
    void *(*allocate)(void *user, size_t size, size_t alignment);
    void (*release)(void *user, void *pointer, size_t size);
    void *user;
    uint64_t held;
    uint64_t limit; /* 0 = none */
    nbl__lock lock;
} nbl__memory;

typedef struct nbl__buffer {
    void *data;
    size_t bytes;
} nbl__buffer;

/* Hooks NULL: the C library's. */
void nbl__memory_init(nbl__memory *memory, const nbl_allocator *hooks);

/* 64-byte aligned; NBL_ELIMIT or NBL_ENOMEM with *fault filled, *out NULL. bytes > 0. */
nbl_status nbl__memory_take(nbl__memory *memory, size_t bytes, void **out, nbl__fault *fault);
void nbl__memory_give(nbl__memory *memory, void *pointer, size_t bytes);

/* At least `bytes`, contents not kept when it has to grow; on failure the buffer is empty. */
nbl_status nbl__buffer_reserve(nbl__memory *memory, nbl__buffer *buffer, size_t bytes, nbl__fault *fault);

/* At least `bytes`, the first `used` bytes kept; on failure the buffer is as before. */
nbl_status nbl__buffer_grow(nbl__memory *memory, nbl__buffer *buffer, size_t used, size_t bytes,
                            nbl__fault *fault);

void nbl__buffer_free(nbl__memory *memory, nbl__buffer *buffer);

#endif
