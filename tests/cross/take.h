/* SPDX-License-Identifier: MIT */
/* Zeroed memory, or the end of the process. */
#ifndef TESTS_CROSS_TAKE_H
#define TESTS_CROSS_TAKE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline void *take(int64_t count, size_t size)
{
    void *memory = calloc((size_t)count + 1, size);
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(99);
    }
    return memory;
}

#endif
