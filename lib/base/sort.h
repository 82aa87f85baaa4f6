/* SPDX-License-Identifier: MIT */
/*
 * Sorting that allocates nothing: the C library's qsort() may. Stable merge sort.
 */
#ifndef NBL_BASE_SORT_H
#define NBL_BASE_SORT_H

#include <stddef.h>

/* scratch: room for n items */
void nbl__sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *), void *scratch);

#endif
