/* SPDX-License-Identifier: MIT */
/*
 * Expansion of pairs, sixteen at a time, and of whole lines past the caches, by AVX-512. Included by
 * isa_avx512.c alone, after search/simd_expand.h.
 */
#ifndef NBL_SEARCH_SIMD_AVX512_H
#define NBL_SEARCH_SIMD_AVX512_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/inline.h"
#include "search/simd_expand.h"

/* Lane k of a shuffle of two vectors: of the first below 16, of the second from 16 on. */
#define LANES(...) _mm512_setr_epi32(__VA_ARGS__)

typedef struct sixteen {
    __m512i a, b, c, d; /* four images each */
} sixteen;

static inline __m512i load_quarter(const nbl__image *images, const uint32_t *number)
{
    __m512i v = _mm512_castsi128_si512(load_image(images, number[0]));
    v = _mm512_inserti32x4(v, load_image(images, number[1]), 1);
    v = _mm512_inserti32x4(v, load_image(images, number[2]), 2);
    return _mm512_inserti32x4(v, load_image(images, number[3]), 3);
}

static inline sixteen load_sixteen(const nbl__image *images, const uint32_t *number)
{
    return (sixteen){load_quarter(images, number), load_quarter(images, number + 4),
                     load_quarter(images, number + 8), load_quarter(images, number + 12)};
}

/* The atoms of eight images: their fourth lanes, as 64 bits or in the lower half. */
static inline __m512i wide_atoms(__m512i a, __m512i b)
{
    return _mm512_maskz_permutex2var_epi32(0x5555, a,
                                           LANES(3, 0, 7, 0, 11, 0, 15, 0, 19, 0, 23, 0, 27, 0, 31, 0), b);
}

static inline __m512i narrow_atoms(__m512i a, __m512i b)
{
    return _mm512_permutex2var_epi32(a, LANES(3, 7, 11, 15, 19, 23, 27, 31, 0, 0, 0, 0, 0, 0, 0, 0), b);
}

static NBL__INLINE void put_sixteen_atoms(bool wide, void *to, const sixteen *v, int64_t base)
{
    if (wide) {
        const __m512i bases = _mm512_set1_epi64(base);
        _mm512_storeu_si512(to, _mm512_add_epi64(wide_atoms(v->a, v->b), bases));
        _mm512_storeu_si512((int64_t *)to + 8, _mm512_add_epi64(wide_atoms(v->c, v->d), bases));
    } else {
        const __m512i low = narrow_atoms(v->a, v->b), high = narrow_atoms(v->c, v->d);
        const __m512i atoms = _mm512_inserti64x4(low, _mm512_castsi512_si256(high), 1);
        _mm512_storeu_si512(to, _mm512_add_epi32(atoms, _mm512_set1_epi32((int32_t)base)));
    }
}

/* Three vectors without the fourth lanes. w: what is added to them. */
static inline void put_sixteen_shifts(int32_t *to, const sixteen *v, const __m512i w[3])
{
    const __m512i first =
        _mm512_permutex2var_epi32(v->a, LANES(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20), v->b);
    const __m512i second = _mm512_permutex2var_epi32(
        v->b, LANES(5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25), v->c);
    const __m512i third = _mm512_permutex2var_epi32(
        v->c, LANES(10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30), v->d);
    _mm512_storeu_si512(to, _mm512_add_epi32(first, w[0]));
    _mm512_storeu_si512(to + 16, _mm512_add_epi32(second, w[1]));
    _mm512_storeu_si512(to + 32, _mm512_add_epi32(third, w[2]));
}

/* w of the view, over and over, from its component k on. */
static inline __m512i repeat(const int32_t w[3], int k)
{
    const int32_t a = w[k], b = w[(k + 1) % 3], c = w[(k + 2) % 3];
    return LANES(a, b, c, a, b, c, a, b, c, a, b, c, a, b, c, a);
}

/* Rows of at least sixteen. What is left at the end is at most eight, or done once more. */
static NBL__INLINE void put_long_row(bool wide, const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    const __m512i w[3] = {repeat(view->w, 0), repeat(view->w, 1), repeat(view->w, 2)};
    const uint32_t count = view->count;
    uint32_t e = 0;
    while (e + 8 < count) {
        const uint32_t at = e + 16 <= count ? e : count - 16;
        const sixteen v = load_sixteen(view->images, view->number + at);
        if (j)
            put_sixteen_atoms(wide, entry_of(j, wide, at), &v, base);
        if (shifts)
            put_sixteen_shifts(shifts + 3 * (size_t)at, &v, w);
        e = at + 16;
    }
    if (e < count) {
        nbl__view rest = *view;
        rest.number += e;
        rest.count -= e;
        put_pairs(false, wide, &rest, base, j ? entry_of(j, wide, e) : NULL,
                  shifts ? shifts + 3 * (size_t)e : NULL);
    }
}

static NBL__INLINE void put_any_row(bool wide, const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    if (view->count >= 16)
        put_long_row(wide, view, base, j, shifts);
    else
        put_pairs(false, wide, view, base, j, shifts);
}

static void past_lines(void *to, const void *from, size_t n)
{
    for (size_t k = 0; k < n; k++)
        _mm512_stream_si512((void *)((char *)to + 64 * k),
                            _mm512_load_si512((const void *)((const char *)from + 64 * k)));
}

#undef LANES

#undef EXPAND_PAIRS
#define EXPAND_PAIRS(wide, view, base, j, shifts) put_any_row((wide), (view), (base), (j), (shifts))
#define EXPAND_LINES                              past_lines

#endif
