/* SPDX-License-Identifier: MIT */
/*
 * Asking for the page in which an array is written soon: a store that has to wait for the address of a page
 * holds up all stores behind it, most of all where they go past the caches. Functions that do nothing but ask
 * have to be inlined: compilers leave out calls that have no effect.
 */
#ifndef NBL_BASE_PAGE_H
#define NBL_BASE_PAGE_H

#include <stdint.h>

#include "base/inline.h"

/* Bytes that a processor finds by one address, unless the system gives it larger pages. */
enum { NBL__PAGE = 4096 };

/*
 * `at` is written next; NULL: nothing is. What is asked for is the last line of the page, as a store past the
 * caches takes long where its line is in one: that line is written latest. ns per atom of the fetch (Zen 4),
 * copper and random rc 6: without 68, 121; so 50, 98; with the first line of the next page as it begins 52, 98;
 * with the line that is 1, 2 and 4 KiB ahead 72, 131, 66, 113 and 62, 105.
 */
static NBL__INLINE void nbl__ask_for_page(const void *at)
{
#if defined(__GNUC__)
    if (!at)
        return;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): there may be no object any more */
    __builtin_prefetch((const void *)(((uintptr_t)at + NBL__PAGE / 2) | (NBL__PAGE - 1)), 0, 0);
#else
    (void)at;
#endif
}

#endif
