/* SPDX-License-Identifier: MIT */
/*
 * The same expansion past the caches, for output that nobody reads soon: rows as in simd_expand.h, and what
 * runs on from row to row in whole lines (simd_past_lines.h); with AVX-512 also series. Needs SSE2 on x86-64.
 * Included by isa_*.c alone.
 */
#ifndef NBL_SEARCH_SIMD_PAST_H
#define NBL_SEARCH_SIMD_PAST_H

#include "search/simd_expand.h"
#include "search/simd_past_lines.h"
#if defined(__AVX512F__)
#include "search/simd_series.h"
#endif

static NBL__INLINE void ask_for_arrays(const void *a, const void *b, const void *c)
{
    nbl__ask_for_page(a);
    nbl__ask_for_page(b);
    nbl__ask_for_page(c);
}

static void past_pairs32(const nbl__view *view, int64_t base, void *i, void *j, int32_t *shifts)
{
    ask_for_arrays(i, j, shifts);
    if (i)
        past_values(false, i, view->count, view->atom + base);
    put_pairs(true, false, view, base, j, shifts);
}

static void past_pairs64(const nbl__view *view, int64_t base, void *i, void *j, int32_t *shifts)
{
    ask_for_arrays(i, j, shifts);
    if (i)
        past_values(true, i, view->count, view->atom + base);
    put_pairs(true, true, view, base, j, shifts);
}

static NBL__INLINE void past_reals(bool wide, bool squared, const nbl__view *view, void *vectors,
                                   void *distances)
{
    uint32_t head;
    ask_for_arrays(vectors, distances, NULL);
    if (find_common_reals(wide, vectors, distances, &head))
        put_reals(true, wide, squared, view, vectors, distances, head);
    else
        put_reals(false, wide, squared, view, vectors, distances, 0);
}

static void past_reals32(const nbl__view *view, void *vectors, void *distances)
{
    past_reals(false, false, view, vectors, distances);
}

static void past_reals64(const nbl__view *view, void *vectors, void *distances)
{
    past_reals(true, false, view, vectors, distances);
}

static void past_squares64(const nbl__view *view, void *vectors, void *d2)
{
    past_reals(true, true, view, vectors, d2);
}

#if defined(__AVX512F__)
static void past_series32(const nbl__series *series, const nbl__series_arrays *to)
{
    put_series(true, false, series, to);
}

static void past_series64(const nbl__series *series, const nbl__series_arrays *to)
{
    put_series(true, true, series, to);
}

static void past_lines(void *to, const void *from, size_t n)
{
    for (size_t k = 0; k < n; k++)
        _mm512_stream_si512((void *)((char *)to + LINE * k), _mm512_load_si512((const char *)from + LINE * k));
}

#define EXPAND_LINES past_lines
#endif

static const nbl__expand past_caches = {.pairs32 = past_pairs32,
                                        .pairs64 = past_pairs64,
                                        .fill32 = past_fill32,
                                        .fill64 = past_fill64,
                                        .rows32 = past_rows32,
                                        .rows64 = past_rows64,
                                        .atoms32 = past_atoms32,
                                        .atoms64 = past_atoms64,
                                        .reals32 = past_reals32,
                                        .reals64 = past_reals64,
                                        .squares64 = past_squares64,
#if defined(__AVX512F__)
                                        .series32 = past_series32,
                                        .series64 = past_series64,
#endif
                                        .fence = past_fence};

#define EXPAND_PAST &past_caches

#endif
