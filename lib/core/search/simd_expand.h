/* SPDX-License-Identifier: MIT */
/*
 * Expansion of four entries with AVX2; AVX-512 has nothing better for it. An image is one vector of its shift
 * and its atom: a store of all of it puts the shift in place, and what is too much is overwritten by the next
 * one. Included by isa_*.c alone.
 */
#ifndef NBL_SEARCH_SIMD_EXPAND_H
#define NBL_SEARCH_SIMD_EXPAND_H

#include <immintrin.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "emit/expand.h"

typedef struct four {
    __m128i a, b, c, d;
} four;

static inline __m128i load_image(const nbl__image *images, uint32_t number)
{
    return _mm_loadu_si128((const __m128i *)(const void *)&images[number]);
}

static inline four load_four(const nbl__image *images, const uint32_t *number)
{
    return (four){load_image(images, number[0]), load_image(images, number[1]), load_image(images, number[2]),
                  load_image(images, number[3])};
}

static inline void store_shifts(int32_t *shifts, four v, __m128i by)
{
    _mm_storeu_si128((__m128i *)(void *)shifts, _mm_add_epi32(v.a, by));
    _mm_storeu_si128((__m128i *)(void *)(shifts + 3), _mm_add_epi32(v.b, by));
    _mm_storeu_si128((__m128i *)(void *)(shifts + 6), _mm_add_epi32(v.c, by));
    _mm_storeu_si128((__m128i *)(void *)(shifts + 9), _mm_add_epi32(v.d, by));
}

static inline __m128i atoms_of(four v)
{
    return _mm_unpackhi_epi64(_mm_unpackhi_epi32(v.a, v.b), _mm_unpackhi_epi32(v.c, v.d));
}

static inline void store_atoms64(int64_t *j, four v, __m256i base)
{
    _mm256_storeu_si256((__m256i *)(void *)j, _mm256_add_epi64(_mm256_cvtepi32_epi64(atoms_of(v)), base));
}

static inline void store_atoms32(int32_t *j, four v, __m128i base)
{
    _mm_storeu_si128((__m128i *)(void *)j, _mm_add_epi32(atoms_of(v), base));
}

/* All entries but one to four, which stores of whole vectors would go beyond; returns how many. */
#define EXPAND_MOST(store_atoms, bases)                                                                        \
    const nbl__image *images = view->images;                                                                   \
    const uint32_t *number = view->number, count = view->count;                                                \
    const __m128i by = _mm_setr_epi32(view->w[0], view->w[1], view->w[2], 0);                                  \
    uint32_t e = 0;                                                                                            \
    if (j && shifts)                                                                                           \
        for (; e + 4 < count; e += 4) {                                                                        \
            const four v = load_four(images, number + e);                                                      \
            store_atoms(j + e, v, bases);                                                                      \
            store_shifts(shifts + 3 * (size_t)e, v, by);                                                       \
        }                                                                                                      \
    else if (j)                                                                                                \
        for (; e + 4 < count; e += 4)                                                                          \
            store_atoms(j + e, load_four(images, number + e), bases);                                          \
    else                                                                                                       \
        for (; e + 4 < count; e += 4)                                                                          \
            store_shifts(shifts + 3 * (size_t)e, load_four(images, number + e), by);                           \
    return e

static inline uint32_t most_pairs64(const nbl__view *view, int64_t base, int64_t *j, int32_t *shifts)
{
    const __m256i bases = _mm256_set1_epi64x(base);
    EXPAND_MOST(store_atoms64, bases);
}

static inline uint32_t most_pairs32(const nbl__view *view, int64_t base, int32_t *j, int32_t *shifts)
{
    const __m128i bases = _mm_set1_epi32((int32_t)base);
    EXPAND_MOST(store_atoms32, bases);
}

/* What the entries of a row have in common. The fourth of each vector is anything. */
typedef struct place_of_row {
    __m256d r, h[3];
    __m128i w;
} place_of_row;

static inline place_of_row place_row(const nbl__view *view)
{
    return (place_of_row){_mm256_loadu_pd(view->r[view->atom]),
                          {_mm256_loadu_pd(view->lattice->h[0]), _mm256_loadu_pd(view->lattice->h[1]),
                           _mm256_loadu_pd(view->lattice->h[2])},
                          _mm_setr_epi32(view->w[0], view->w[1], view->w[2], 0)};
}

/* s . h of the formula in cell/exact.h, all components at once, operation by operation. */
static inline __m256d translation(__m128i image, const __m256d h[3])
{
    const __m256d s = _mm256_cvtepi32_pd(image);
    const __m128d low = _mm256_castpd256_pd128(s);
    const __m256d s0 = _mm256_broadcastsd_pd(low), s1 = _mm256_broadcastsd_pd(_mm_unpackhi_pd(low, low)),
                  s2 = _mm256_broadcastsd_pd(_mm256_extractf128_pd(s, 1));
    return _mm256_add_pd(_mm256_add_pd(_mm256_mul_pd(s0, h[0]), _mm256_mul_pd(s1, h[1])),
                         _mm256_mul_pd(s2, h[2]));
}

/*
 * Vectors with a zero behind each, and squared distances, of four entries. There is one atom more in r than can
 * be named. Without shifts, s . h is a zero, which changes nothing once 0 is added.
 */
static inline __m256d four_reals(const nbl__view *view, uint32_t e, const place_of_row *at, __m256d row[4])
{
    const uint32_t *number = view->number + e;
    const double(*r)[3] = view->r;
    four v;
    if (view->images)
        v = load_four(view->images, number);
    else
        v = (four){_mm_setr_epi32(0, 0, 0, (int)number[0]), _mm_setr_epi32(0, 0, 0, (int)number[1]),
                   _mm_setr_epi32(0, 0, 0, (int)number[2]), _mm_setr_epi32(0, 0, 0, (int)number[3])};
    const __m128i image[4] = {_mm_add_epi32(v.a, at->w), _mm_add_epi32(v.b, at->w), _mm_add_epi32(v.c, at->w),
                              _mm_add_epi32(v.d, at->w)};
    for (int k = 0; k < 4; k++)
        row[k] = _mm256_sub_pd(_mm256_loadu_pd(r[_mm_extract_epi32(image[k], 3)]), at->r);
    const __m128i any = _mm_or_si128(_mm_or_si128(image[0], image[1]), _mm_or_si128(image[2], image[3]));
    if (!_mm_testz_si128(any, _mm_setr_epi32(-1, -1, -1, 0)))
        for (int k = 0; k < 4; k++)
            row[k] = _mm256_add_pd(row[k], translation(image[k], at->h));
    __m256d square[4];
    for (int k = 0; k < 4; k++) {
        row[k] = _mm256_blend_pd(_mm256_add_pd(row[k], _mm256_setzero_pd()), _mm256_setzero_pd(), 8);
        square[k] = _mm256_mul_pd(row[k], row[k]);
    }
    /* x x + y y of two entries, then z z + 0 of both */
    const __m256d ab = _mm256_hadd_pd(square[0], square[1]), cd = _mm256_hadd_pd(square[2], square[3]);
    const __m128d d2_ab = _mm_add_pd(_mm256_castpd256_pd128(ab), _mm256_extractf128_pd(ab, 1));
    const __m128d d2_cd = _mm_add_pd(_mm256_castpd256_pd128(cd), _mm256_extractf128_pd(cd, 1));
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(d2_ab), d2_cd, 1);
}

/* All entries but one to four; returns how many. */
static inline uint32_t most_reals64(const nbl__view *view, double *vectors, double *distances, bool squared)
{
    const place_of_row at = place_row(view);
    const uint32_t count = view->count;
    uint32_t e = 0;
    for (; e + 4 < count; e += 4) {
        __m256d row[4];
        const __m256d d2 = four_reals(view, e, &at, row);
        for (int k = 0; vectors && k < 4; k++)
            _mm256_storeu_pd(vectors + 3 * ((size_t)e + (size_t)k), row[k]);
        if (distances)
            _mm256_storeu_pd(distances + e, squared ? d2 : _mm256_sqrt_pd(d2));
    }
    return e;
}

static inline uint32_t most_reals32(const nbl__view *view, float *vectors, float *distances)
{
    const place_of_row at = place_row(view);
    const uint32_t count = view->count;
    uint32_t e = 0;
    for (; e + 4 < count; e += 4) {
        __m256d row[4];
        const __m256d d2 = four_reals(view, e, &at, row);
        for (int k = 0; vectors && k < 4; k++)
            _mm_storeu_ps(vectors + 3 * ((size_t)e + (size_t)k), _mm256_cvtpd_ps(row[k]));
        if (distances)
            _mm_storeu_ps(distances + e, _mm256_cvtpd_ps(_mm256_sqrt_pd(d2)));
    }
    return e;
}

/* Whole vectors, of which the last ends where the row does. */
static inline void all_fill64(int64_t *out, int64_t count, int64_t value)
{
    const __m256i v = _mm256_set1_epi64x(value);
    if (count < 4) {
        for (int64_t e = 0; e < count; e++)
            out[e] = value;
        return;
    }
    for (int64_t e = 0; e < count - 4; e += 4)
        _mm256_storeu_si256((__m256i *)(void *)(out + e), v);
    _mm256_storeu_si256((__m256i *)(void *)(out + count - 4), v);
}

static inline void all_fill32(int32_t *out, int64_t count, int32_t value)
{
    const __m256i v = _mm256_set1_epi32(value);
    if (count < 8) {
        for (int64_t e = 0; e < count; e++)
            out[e] = value;
        return;
    }
    for (int64_t e = 0; e < count - 8; e += 8)
        _mm256_storeu_si256((__m256i *)(void *)(out + e), v);
    _mm256_storeu_si256((__m256i *)(void *)(out + count - 8), v);
}

/* Numbers below 2^31. The last vector ends where the numbers do. */
static inline void all_atoms64(int64_t *out, const uint32_t *number, int64_t count, int64_t base)
{
    const __m256i bases = _mm256_set1_epi64x(base);
    for (int64_t e = 0; e < count; e += 4) {
        if (e + 4 > count) {
            if (count < 4)
                break;
            e = count - 4;
        }
        const __m128i some = _mm_loadu_si128((const __m128i *)(const void *)(number + e));
        _mm256_storeu_si256((__m256i *)(void *)(out + e), _mm256_add_epi64(_mm256_cvtepi32_epi64(some), bases));
    }
    for (int64_t e = 0; count < 4 && e < count; e++)
        out[e] = (int64_t)number[e] + base;
}

static inline void all_atoms32(int32_t *out, const uint32_t *number, int64_t count, int64_t base)
{
    const __m256i bases = _mm256_set1_epi32((int32_t)base);
    for (int64_t e = 0; e < count; e += 8) {
        if (e + 8 > count) {
            if (count < 8)
                break;
            e = count - 8;
        }
        const __m256i eight = _mm256_loadu_si256((const __m256i *)(const void *)(number + e));
        _mm256_storeu_si256((__m256i *)(void *)(out + e), _mm256_add_epi32(eight, bases));
    }
    for (int64_t e = 0; count < 8 && e < count; e++)
        out[e] = (int32_t)((int64_t)number[e] + base);
}

/* Whole lines past the caches; what is left at the ends is written like anything else. */
static inline void stream_all(char *to, const char *from, size_t bytes)
{
    const size_t head = (size_t)(-(uintptr_t)to & 63u);
    if (bytes < head + 64) {
        memcpy(to, from, bytes);
        return;
    }
    memcpy(to, from, head);
    to += head;
    from += head;
    bytes -= head;
    for (; bytes >= 64; bytes -= 64, to += 64, from += 64) {
        const __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)from);
        const __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(from + 32));
        _mm256_stream_si256((__m256i *)(void *)to, a);
        _mm256_stream_si256((__m256i *)(void *)(to + 32), b);
    }
    memcpy(to, from, bytes);
}

#define EXPAND_PAIRS
#define EXPAND_REALS
#define EXPAND_FILL
#define EXPAND_ATOMS
#define EXPAND_STREAM stream_all
#define EXPAND_FENCE  _mm_sfence

#endif
