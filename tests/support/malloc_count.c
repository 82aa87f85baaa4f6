/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "malloc_count.h"

#include <stdlib.h>

#include "sanitized.h"

#if defined(__GLIBC__) && !SANITIZED

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

/* Programs of this tree hide their symbols: shared libraries would go on calling the C library's. */
#pragma GCC visibility push(default)
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *pointer, size_t size);
void *memalign(size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void **pointer, size_t alignment, size_t size);
void free(void *pointer);
#pragma GCC visibility pop

static atomic_llong count, live, fail_at;
static atomic_int fail_rest;

static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void *(*next_memalign)(size_t, size_t);
static void (*next_free)(void *);

/* dlsym() itself may allocate, before the functions that it looks for are known: it gets these bytes. */
static union {
    max_align_t align;
    unsigned char bytes[8192];
} early;
static size_t early_used;
static int looking;

static void *take_early(size_t size)
{
    size_t from = early_used;
    size = (size + 15) / 16 * 16;
    if (size > sizeof early.bytes - from)
        return NULL;
    early_used = from + size;
    return early.bytes + from;
}

static int is_early(const void *pointer)
{
    uintptr_t at = (uintptr_t)pointer, first = (uintptr_t)early.bytes;
    return at >= first && at < first + sizeof early.bytes;
}

/* ISO C has no cast from an object pointer to a function pointer; POSIX says the bytes are the same. */
static void find(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(function, &found, sizeof found);
}

static void look(void)
{
    if (looking)
        return;
    looking = 1;
    find("calloc", &next_calloc);
    find("realloc", &next_realloc);
    find("memalign", &next_memalign);
    find("free", &next_free);
    find("malloc", &next_malloc);
    looking = 0;
}

/* Counts a call; true if it is one that has to fail. */
static int refuse(void)
{
    long long call = atomic_fetch_add(&count, 1) + 1, at = atomic_load(&fail_at);
    if (at == 0 || call < at || (call > at && !atomic_load(&fail_rest)))
        return 0;
    errno = ENOMEM;
    return 1;
}

static void *out(void *made)
{
    atomic_fetch_add(&live, made != NULL);
    return made;
}

void *malloc(size_t size)
{
    if (refuse())
        return NULL;
    if (!next_malloc)
        look();
    return next_malloc ? out(next_malloc(size)) : take_early(size);
}

void *calloc(size_t n, size_t size)
{
    if (refuse())
        return NULL;
    if (!next_malloc)
        look();
    return next_malloc ? out(next_calloc(n, size)) : take_early(n * size);
}

void *realloc(void *pointer, size_t size)
{
    if (refuse())
        return NULL;
    if (!next_malloc)
        look();
    if (!is_early(pointer)) {
        void *moved = next_realloc(pointer, size);
        atomic_fetch_add(&live, (moved != NULL) - (pointer != NULL && (moved != NULL || size == 0)));
        return moved;
    }
    void *moved = out(next_malloc(size));
    size_t left = sizeof early.bytes - ((uintptr_t)pointer - (uintptr_t)early.bytes);
    if (moved)
        memcpy(moved, pointer, size < left ? size : left);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    if (refuse())
        return NULL;
    if (!next_malloc)
        look();
    return out(next_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **pointer, size_t alignment, size_t size)
{
    void *made = memalign(alignment, size);
    if (!made)
        return ENOMEM;
    *pointer = made;
    return 0;
}

void free(void *pointer)
{
    if (pointer && !is_early(pointer)) {
        if (!next_malloc)
            look();
        atomic_fetch_sub(&live, 1);
        next_free(pointer);
    }
}

int malloc_count_works(void)
{
    return 1;
}

long long malloc_count(void)
{
    return atomic_load(&count);
}

long long malloc_live(void)
{
    return atomic_load(&live);
}

void malloc_fail(long long nth, int rest)
{
    atomic_store(&fail_rest, rest);
    atomic_store(&fail_at, nth > 0 ? atomic_load(&count) + nth : 0);
}

#else

int malloc_count_works(void)
{
    return 0;
}

long long malloc_count(void)
{
    return 0;
}

long long malloc_live(void)
{
    return 0;
}

void malloc_fail(long long nth, int rest)
{
    (void)nth, (void)rest;
}

#endif
