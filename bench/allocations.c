/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct counter {
    atomic_llong taken;
} counter;

static void *take(void *user, size_t size, size_t alignment)
{
    counter *c = user;
    atomic_fetch_add(&c->taken, 1);
    return aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

static void give(void *user, void *pointer, size_t size)
{
    (void)user;
    (void)size;
    free(pointer);
}

static bool count_passes(bench_library *library, counter *c, int64_t *count)
{
    const bench_contender it = nbl__bench_library_contender(library);
    if (!it.pass(library, NULL))
        return false;
    const long long before = atomic_load(&c->taken);
    for (int k = 0; k < BENCH_COUNTED_PASSES; k++)
        if ((it.ready && !it.ready(library)) || !it.pass(library, NULL))
            return false;
    *count = atomic_load(&c->taken) - before;
    return true;
}

bool nbl__bench_library_allocations(bench_library *library, int64_t *count)
{
    bench_library other;
    counter c;
    atomic_init(&c.taken, 0);
    const nbl_allocator allocator = {sizeof allocator, take, give, &c};
    bench_manner manner = library->manner;
    manner.allocator = &allocator;
    const bool good = nbl__bench_library_open(&other, library->way, &library->work, &manner, library) &&
                      count_passes(&other, &c, count);
    if (!good)
        memcpy(library->message, other.message, sizeof library->message);
    nbl__bench_library_close(&other);
    return good;
}
