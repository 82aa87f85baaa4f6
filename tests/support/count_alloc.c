/* SPDX-License-Identifier: MIT */
#include "count_alloc.h"

#include <stdlib.h>
#include <string.h>

struct header {
    uint64_t magic;
    size_t size, alignment;
    void *raw;
};

enum { TAIL = 32, PATTERN = 0x5c };
static const uint64_t live_magic = 0x6e626c6c69766521u, dead_magic = 0x6e626c6465616421u;

static void add_live(struct count_alloc *c, long long bytes)
{
    long long now = atomic_fetch_add(&c->live_bytes, bytes) + bytes;
    long long peak = atomic_load(&c->peak_bytes);
    while (now > peak && !atomic_compare_exchange_weak(&c->peak_bytes, &peak, now))
        continue;
}

/* The header lies right before the block, copied byte by byte: the block may be aligned to 1. */
static void *take(void *user, size_t size, size_t alignment)
{
    struct count_alloc *c = user;
    long long call = atomic_fetch_add(&c->calls, 1) + 1;
    long long fail_at = atomic_load(&c->fail_at);
    if (size == 0 || alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > 4096)
        atomic_fetch_add(&c->faults, 1);
    if (fail_at && (call == fail_at || (c->fail_rest && call > fail_at)))
        return NULL;

    unsigned char *raw = malloc(sizeof(struct header) + 2 * alignment + size + TAIL);
    if (!raw)
        return NULL;
    uintptr_t at =
        ((uintptr_t)raw + sizeof(struct header) + 2 * alignment - 1) / (2 * alignment) * (2 * alignment);
    unsigned char *block = raw + (at - (uintptr_t)raw);
    if ((size_t)(block - raw) >= sizeof(struct header) + alignment)
        block -= alignment;
    else
        block += alignment;

    struct header header = {live_magic, size, alignment, raw};
    memcpy(block - sizeof header, &header, sizeof header);
    memset(block, 0xcd, size);
    memset(block + size, PATTERN, TAIL);
    atomic_fetch_add(&c->live, 1);
    add_live(c, (long long)size);
    return block;
}

static void give(void *user, void *pointer, size_t size)
{
    struct count_alloc *c = user;
    unsigned char *block = pointer;
    struct header header = {0, 0, 0, NULL};
    if (block)
        memcpy(&header, block - sizeof header, sizeof header);
    if (header.magic != live_magic || header.size != size) {
        atomic_fetch_add(&c->faults, 1);
        return;
    }
    for (size_t k = 0; k < TAIL; k++)
        if (block[size + k] != PATTERN) {
            atomic_fetch_add(&c->faults, 1);
            break;
        }
    header.magic = dead_magic;
    memcpy(block - sizeof header, &header, sizeof header);
    memset(block, 0xdd, size);
    atomic_fetch_sub(&c->live, 1);
    atomic_fetch_sub(&c->live_bytes, (long long)size);
    free(header.raw);
}

nbl_allocator count_alloc_hooks(struct count_alloc *c)
{
    nbl_allocator hooks = NBL_ALLOCATOR_INIT;
    hooks.allocate = take;
    hooks.release = give;
    hooks.user = c;
    return hooks;
}

void count_alloc_arm(struct count_alloc *c, long long nth, int rest)
{
    atomic_store(&c->calls, 0);
    atomic_store(&c->fail_at, nth);
    c->fail_rest = rest;
}
