/* SPDX-License-Identifier: MIT */
#include "counted.h"

#include <string.h>

void unit_memory_open(struct unit_memory *m)
{
    memset(m, 0, sizeof *m);
    nbl_allocator hooks = count_alloc_hooks(&m->counter);
    nbl__memory_init(&m->memory, &hooks);
}

long long unit_memory_leaks(struct unit_memory *m)
{
    return atomic_load(&m->counter.live) + atomic_load(&m->counter.faults) + (m->memory.held != 0);
}

long long unit_memory_calls(const struct unit_memory *m)
{
    return atomic_load(&m->counter.calls);
}
