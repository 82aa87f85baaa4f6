/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATTERN = 0xa5, FRONT = 128 };

static void fail(const char *what)
{
    perror(what);
    exit(99);
}

static void map(struct guard *g, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t usable = (2 * size + FRONT + page - 1) / page * page;
    guard_free(g);
    void *base = mmap(NULL, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        fail("mmap");
    g->base = base;
    g->usable = usable;
    if (mprotect(g->base + usable, page, PROT_NONE) != 0)
        fail("mprotect");
}

void *guard_take(struct guard *g, size_t size)
{
    if (!g->base || g->usable < size + FRONT)
        map(g, size);
    unsigned char *buffer = g->base + g->usable - size;
    g->taken = size;
    memset(buffer - FRONT, PATTERN, size + FRONT);
    return buffer;
}

static int patterned(const unsigned char *from, size_t size)
{
    for (size_t k = 0; k < size; k++)
        if (from[k] != PATTERN)
            return 0;
    return 1;
}

int guard_untouched(const struct guard *g)
{
    return patterned(g->base + g->usable - g->taken, g->taken);
}

int guard_front_untouched(const struct guard *g)
{
    return patterned(g->base + g->usable - g->taken - FRONT, FRONT);
}

void guard_free(struct guard *g)
{
    if (g->base)
        munmap(g->base, g->usable + (size_t)sysconf(_SC_PAGESIZE));
    memset(g, 0, sizeof *g);
}
