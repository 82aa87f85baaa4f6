/* SPDX-License-Identifier: MIT */
/*
 * Counts every allocation of the process, and makes one fail on demand: malloc, calloc, realloc, aligned_alloc,
 * posix_memalign and memalign are interposed in the executable that links this, for itself and for every shared
 * library. Not for use under sanitizers, which interpose the same names.
 */
#ifndef TESTS_SUPPORT_MALLOC_COUNT_H
#define TESTS_SUPPORT_MALLOC_COUNT_H

/* 0 where a sanitizer is compiled in, or the C library is not one that this works with. */
int malloc_count_works(void);

/* Allocations since the program began. */
long long malloc_count(void);

/* Blocks that are not freed. */
long long malloc_live(void);

/* The nth allocation from here (1 = the next; 0: none) fails with ENOMEM, and with `rest` all later ones too.
 */
void malloc_fail(long long nth, int rest);

#endif
