/* SPDX-License-Identifier: MIT */
#include "metrics/edges.h"

#include <string.h>

#include "base/size.h"

/* Entry a is entry (a + 2^SHIFT) - 2^(c + SHIFT) of chunk c, c + SHIFT the highest bit of a + 2^SHIFT. */
static int chunk_of(int64_t at, int64_t *inside, int64_t *size)
{
    const int64_t moved = at + ((int64_t)1 << NBL__EDGES_SHIFT);
#if defined(__GNUC__)
    const int c = 63 - NBL__EDGES_SHIFT - __builtin_clzll((unsigned long long)moved);
#else
    int c = 0;
    while (moved >> NBL__EDGES_SHIFT >> (c + 1) != 0)
        c++;
#endif
    *size = (int64_t)1 << (c + NBL__EDGES_SHIFT);
    *inside = moved - *size;
    return c;
}

void nbl__edges_clear(nbl__edges *edges)
{
    atomic_store_explicit(&edges->used, 0, memory_order_relaxed);
}

void nbl__edges_free(nbl__edges *edges, nbl__memory *memory)
{
    for (int c = 0; c < NBL__EDGES_CHUNKS; c++) {
        int32_t *chunk = atomic_load_explicit(&edges->chunks[c], memory_order_relaxed);
        nbl__memory_give(memory, chunk, sizeof(int32_t) << (c + NBL__EDGES_SHIFT));
        atomic_store_explicit(&edges->chunks[c], NULL, memory_order_relaxed);
    }
}

static nbl_status chunk_at(nbl__edges *edges, nbl__memory *memory, int c, int32_t **out, nbl__fault *fault)
{
    *out = atomic_load_explicit(&edges->chunks[c], memory_order_acquire);
    if (*out)
        return NBL_OK;
    void *made = NULL;
    nbl_status status = NBL_OK;
    nbl__lock_take(&edges->lock);
    *out = atomic_load_explicit(&edges->chunks[c], memory_order_acquire);
    if (!*out) {
        const size_t bytes = nbl__size_of_count(UINT64_C(1) << (c + NBL__EDGES_SHIFT), sizeof(int32_t));
        status = nbl__memory_take(memory, bytes, &made, fault);
        *out = made;
        atomic_store_explicit(&edges->chunks[c], *out, memory_order_release);
    }
    nbl__lock_give(&edges->lock);
    return status;
}

nbl_status nbl__edges_append(nbl__edges *edges, nbl__memory *memory, int32_t k, const int32_t *j,
                             int64_t *first, nbl__fault *fault)
{
    int64_t at = atomic_fetch_add_explicit(&edges->used, k, memory_order_relaxed);
    *first = at;
    while (k > 0) {
        int64_t inside, size;
        int32_t *chunk;
        const int c = chunk_of(at, &inside, &size);
        nbl_status status = chunk_at(edges, memory, c, &chunk, fault);
        if (status != NBL_OK)
            return status;
        const int64_t fits = size - inside < k ? size - inside : k;
        memcpy(chunk + inside, j, (size_t)fits * sizeof *j);
        at += fits;
        j += fits;
        k -= (int32_t)fits;
    }
    return NBL_OK;
}

const int32_t *nbl__edges_piece(const nbl__edges *edges, int64_t at, int64_t *entries)
{
    int64_t inside, size;
    const int c = chunk_of(at, &inside, &size);
    *entries = size - inside;
    return atomic_load_explicit(&edges->chunks[c], memory_order_relaxed) + inside;
}
