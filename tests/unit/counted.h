/* SPDX-License-Identifier: MIT */
/*
 * The memory of a handle as the library sees it, over hooks that count: every block must come back with
 * its size, and none may be left.
 */
#ifndef TESTS_UNIT_COUNTED_H
#define TESTS_UNIT_COUNTED_H

#include "base/memory.h"
#include "count_alloc.h"

struct unit_memory {
    struct count_alloc counter;
    nbl__memory memory;
};

void unit_memory_open(struct unit_memory *m);

/* Blocks still out, plus what the hooks found wrong, plus a wrong `held`: 0 when all is well. */
long long unit_memory_leaks(struct unit_memory *m);

/* Allocations since the last call of count_alloc_arm(). */
long long unit_memory_calls(const struct unit_memory *m);

#endif
