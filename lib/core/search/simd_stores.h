/* SPDX-License-Identifier: MIT */
/*
 * Values and numbers of atoms in vectors of 16 bytes, or longer ones where there are. Stores are ordinary ones,
 * or (`past`) go past the caches: those want a multiple of 16 bytes, so that the entries before one, and what
 * is left at the end, are written by one value each; no byte is written twice, and none in another way. Needs
 * SSE2 on x86-64. Included by isa_*.c alone.
 */
#ifndef NBL_SEARCH_SIMD_STORES_H
#define NBL_SEARCH_SIMD_STORES_H

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/inline.h"

enum { LINE = 64 }; /* bytes of one of the cache */

static NBL__INLINE void put(bool past, void *to, __m128i v)
{
    if (past)
        _mm_stream_si128(to, v);
    else
        _mm_storeu_si128(to, v);
}

/* Entry e of an array of values of 4 bytes, or of 8 if `wide`. */
static inline void *entry_of(void *array, bool wide, size_t e)
{
    return (char *)array + e * (wide ? sizeof(int64_t) : sizeof(int32_t));
}

static NBL__INLINE void put_value(bool past, bool wide, void *array, size_t e, int64_t value)
{
    void *to = entry_of(array, wide, e);
    const int32_t low = (int32_t)value;
    if (past && wide)
        _mm_stream_si64(to, value);
    else if (past)
        _mm_stream_si32(to, low);
    else
        memcpy(to, wide ? (const void *)&value : (const void *)&low, wide ? sizeof value : sizeof low);
}

static inline size_t values_per_line(bool wide)
{
    return wide ? LINE / sizeof(int64_t) : LINE / sizeof(int32_t);
}

static inline bool is_whole(const void *at)
{
    return (uintptr_t)at % 16u == 0;
}

/* Values from an address on to the next multiple of 16 bytes; any number if there is none. */
static inline uint32_t values_before(bool wide, const void *at)
{
    return (uint32_t)((0u - (uintptr_t)at) % 16u / (wide ? sizeof(int64_t) : sizeof(int32_t)));
}

/* Entries of an array from an address on to the next line of the cache, one at least; if it has entries there.
 */
static inline size_t entries_to_line(bool wide, const void *at)
{
    return (LINE - (uintptr_t)at % LINE + (wide ? 7 : 3)) / (wide ? sizeof(int64_t) : sizeof(int32_t));
}

#if defined(__AVX512F__)
/* At least as many values as fill a line: some of the first and the last ones are written twice. */
static NBL__INLINE void put_lines(bool wide, void *out, size_t n, int64_t value)
{
    const __m512i v = wide ? _mm512_set1_epi64(value) : _mm512_set1_epi32((int32_t)value);
    const size_t lanes = values_per_line(wide);
    _mm512_storeu_si512(out, v);
    if (n == lanes)
        return;
    for (size_t e = entries_to_line(wide, out); e + lanes <= n; e += lanes)
        _mm512_storeu_si512(entry_of(out, wide, e), v);
    _mm512_storeu_si512(entry_of(out, wide, n - lanes), v);
}
#endif

static NBL__INLINE void put_values(bool past, bool wide, void *out, size_t n, int64_t value, size_t head)
{
    const __m128i v = wide ? _mm_set1_epi64x(value) : _mm_set1_epi32((int32_t)value);
    const size_t lanes = wide ? 2 : 4;
    size_t e = 0;
#if defined(__AVX512F__)
    if (!past && n >= values_per_line(wide)) {
        put_lines(wide, out, n, value);
        return;
    }
#endif
    for (; past && e < head && e < n; e++)
        put_value(past, wide, out, e, value);
    for (; e + lanes <= n; e += lanes)
        put(past, entry_of(out, wide, e), v);
    if (!past && e < n && n >= lanes)
        put(past, entry_of(out, wide, n - lanes), v);
    else
        for (; e < n; e++)
            put_value(past, wide, out, e, value);
}

static NBL__INLINE void put_four_numbers(bool past, bool wide, void *to, __m128i v, __m128i bases)
{
    const __m128i zero = _mm_setzero_si128();
    if (wide) {
        put(past, to, _mm_add_epi64(_mm_unpacklo_epi32(v, zero), bases));
        put(past, (char *)to + 16, _mm_add_epi64(_mm_unpackhi_epi32(v, zero), bases));
    } else {
        put(past, to, _mm_add_epi32(v, bases));
    }
}

/* Numbers below 2^31. */
static NBL__INLINE void put_numbers(bool past, bool wide, void *out, const uint32_t *number, size_t n,
                                    int64_t base, size_t head)
{
    const __m128i bases = wide ? _mm_set1_epi64x(base) : _mm_set1_epi32((int32_t)base);
    size_t e = 0;
    for (; past && e < head && e < n; e++)
        put_value(past, wide, out, e, number[e] + base);
    for (; e + 4 <= n; e += 4) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(number + e));
        put_four_numbers(past, wide, entry_of(out, wide, e), v, bases);
    }
    for (; e < n; e++)
        put_value(past, wide, out, e, number[e] + base);
}

#define EXPAND_FILL(wide, out, count, value) put_values(false, (wide), (out), (size_t)(count), (value), 0)
#define EXPAND_ATOMS(wide, out, number, count, base)                                                           \
    put_numbers(false, (wide), (out), (number), (size_t)(count), (base), 0)

#endif
