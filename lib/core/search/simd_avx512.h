/* SPDX-License-Identifier: MIT */
/*
 * Expansion by AVX-512: pairs sixteen at a time, vectors and distances eight at a time. Included by
 * isa_avx512.c alone.
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

static inline __m512i sixteen_atoms(const sixteen *v)
{
    const __m512i low = narrow_atoms(v->a, v->b), high = narrow_atoms(v->c, v->d);
    return _mm512_inserti64x4(low, _mm512_castsi512_si256(high), 1);
}

static NBL__INLINE void put_sixteen_atoms(bool wide, void *to, const sixteen *v, int64_t base)
{
    if (wide) {
        const __m512i bases = _mm512_set1_epi64(base);
        _mm512_storeu_si512(to, _mm512_add_epi64(wide_atoms(v->a, v->b), bases));
        _mm512_storeu_si512((int64_t *)to + 8, _mm512_add_epi64(wide_atoms(v->c, v->d), bases));
    } else {
        _mm512_storeu_si512(to, _mm512_add_epi32(sixteen_atoms(v), _mm512_set1_epi32((int32_t)base)));
    }
}

/* Vector k of three, without the fourth lanes. */
static NBL__INLINE __m512i sixteen_shifts(const sixteen *v, int k)
{
    if (k == 0)
        return _mm512_permutex2var_epi32(v->a, LANES(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20),
                                         v->b);
    if (k == 1)
        return _mm512_permutex2var_epi32(
            v->b, LANES(5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25), v->c);
    return _mm512_permutex2var_epi32(
        v->c, LANES(10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30), v->d);
}

/* w: what is added. */
static inline void put_sixteen_shifts(int32_t *to, const sixteen *v, const __m512i w[3])
{
    for (int k = 0; k < 3; k++)
        _mm512_storeu_si512(to + 16 * (size_t)k, _mm512_add_epi32(sixteen_shifts(v, k), w[k]));
}

/* w over and over, from its component k on. */
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

/* Components of eight vectors; squared lengths. */
typedef struct eight {
    __m512d d[3], d2;
} eight;

/* The positions of eight atoms, component by component. Four doubles of each are read, of which three count. */
static inline void load_positions(const double (*r)[3], const int32_t atom[8], __m512d at[3])
{
    __m512d v[4];
    for (int k = 0; k < 4; k++)
        v[k] = _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(r[atom[k]])),
                                  _mm256_loadu_pd(r[atom[k + 4]]), 1);
    const __m512d xz01 = _mm512_unpacklo_pd(v[0], v[1]), xz23 = _mm512_unpacklo_pd(v[2], v[3]);
    const __m512d y01 = _mm512_unpackhi_pd(v[0], v[1]), y23 = _mm512_unpackhi_pd(v[2], v[3]);
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
    const __m512i high = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
    at[0] = _mm512_permutex2var_pd(xz01, low, xz23);
    at[1] = _mm512_permutex2var_pd(y01, low, y23);
    at[2] = _mm512_permutex2var_pd(xz01, high, xz23);
}

/* Lane `k` of each of eight images. */
static inline __m256i lanes_of(__m512i a, __m512i b, int k)
{
    const __m512i which =
        _mm512_add_epi32(LANES(0, 4, 8, 12, 16, 20, 24, 28, 0, 0, 0, 0, 0, 0, 0, 0), _mm512_set1_epi32(k));
    return _mm512_castsi512_si256(_mm512_permutex2var_epi32(a, which, b));
}

/* s . h of the formula in cell/exact.h, operation by operation; nothing where all shifts are zero. w: what is
 * added to the shifts of images. */
static inline void translate_eight(const nbl__lattice *lattice, __m512i a, __m512i b, const __m256i w[3],
                                   __m512d d[3])
{
    const double(*h)[3] = lattice->h;
    __m256i s[3];
    for (int k = 0; k < 3; k++)
        s[k] = _mm256_add_epi32(lanes_of(a, b, k), w[k]);
    const __m256i any = _mm256_or_si256(_mm256_or_si256(s[0], s[1]), s[2]);
    if (_mm256_testz_si256(any, any))
        return;
    const __m512d x = _mm512_cvtepi32_pd(s[0]), y = _mm512_cvtepi32_pd(s[1]), z = _mm512_cvtepi32_pd(s[2]);
    for (int k = 0; k < 3; k++) {
        const __m512d t = _mm512_add_pd(
            _mm512_add_pd(_mm512_mul_pd(x, _mm512_set1_pd(h[0][k])), _mm512_mul_pd(y, _mm512_set1_pd(h[1][k]))),
            _mm512_mul_pd(z, _mm512_set1_pd(h[2][k])));
        d[k] = _mm512_add_pd(d[k], t);
    }
}

static inline void square_eight(eight *v)
{
    for (int k = 0; k < 3; k++)
        v->d[k] = _mm512_add_pd(v->d[k], _mm512_setzero_pd());
    v->d2 = _mm512_add_pd(_mm512_add_pd(_mm512_mul_pd(v->d[0], v->d[0]), _mm512_mul_pd(v->d[1], v->d[1])),
                          _mm512_mul_pd(v->d[2], v->d[2]));
}

static inline eight eight_reals(const nbl__view *view, const uint32_t *number)
{
    const double *r = view->r[view->atom];
    int32_t atom[8];
    __m512i a, b;
    eight v;
    if (view->images) {
        a = load_quarter(view->images, number);
        b = load_quarter(view->images, number + 4);
        _mm256_storeu_si256((__m256i *)(void *)atom, lanes_of(a, b, 3));
    } else {
        a = b = _mm512_setzero_si512();
        memcpy(atom, number, sizeof atom);
    }
    load_positions(view->r, atom, v.d);
    for (int k = 0; k < 3; k++)
        v.d[k] = _mm512_sub_pd(v.d[k], _mm512_set1_pd(r[k]));
    if (view->images) {
        const __m256i w[3] = {_mm256_set1_epi32(view->w[0]), _mm256_set1_epi32(view->w[1]),
                              _mm256_set1_epi32(view->w[2])};
        translate_eight(view->lattice, a, b, w, v.d);
    }
    square_eight(&v);
    return v;
}

/* xyzxyzxy zxyzxyzx yzxyzxyz */
static inline void weave_eight(const eight *v, __m512d woven[3])
{
    const __m512d x = v->d[0], y = v->d[1], z = v->d[2];
    const __m512d xy0 = _mm512_permutex2var_pd(x, _mm512_setr_epi64(0, 8, 0, 1, 9, 0, 2, 10), y);
    const __m512d xy1 = _mm512_permutex2var_pd(x, _mm512_setr_epi64(0, 3, 11, 0, 4, 12, 0, 5), y);
    const __m512d xy2 = _mm512_permutex2var_pd(x, _mm512_setr_epi64(13, 0, 6, 14, 0, 7, 15, 0), y);
    woven[0] = _mm512_permutex2var_pd(xy0, _mm512_setr_epi64(0, 1, 8, 3, 4, 9, 6, 7), z);
    woven[1] = _mm512_permutex2var_pd(xy1, _mm512_setr_epi64(10, 1, 2, 11, 4, 5, 12, 7), z);
    woven[2] = _mm512_permutex2var_pd(xy2, _mm512_setr_epi64(0, 13, 2, 3, 14, 5, 6, 15), z);
}

static NBL__INLINE void store_reals(bool wide, void *array, size_t at, __m512d v)
{
    if (wide)
        _mm512_storeu_pd((double *)array + at, v);
    else
        _mm256_storeu_ps((float *)array + at, _mm512_cvtpd_ps(v));
}

/* Rows of at least eight; the last eight of them may be done once more. */
static NBL__INLINE void put_long_reals(bool wide, bool squared, const nbl__view *view, void *vectors,
                                       void *distances)
{
    for (size_t e = 0; e < view->count; e += 8) {
        const size_t at = e + 8 <= view->count ? e : view->count - 8u;
        const eight v = eight_reals(view, view->number + at);
        if (vectors) {
            __m512d woven[3];
            weave_eight(&v, woven);
            for (size_t k = 0; k < 3; k++)
                store_reals(wide, vectors, 3 * at + 8 * k, woven[k]);
        }
        if (distances)
            store_reals(wide, distances, at, squared ? v.d2 : _mm512_sqrt_pd(v.d2));
    }
}

static NBL__INLINE void put_any_reals(bool wide, bool squared, const nbl__view *view, void *vectors,
                                      void *distances)
{
    if (view->count >= 8)
        put_long_reals(wide, squared, view, vectors, distances);
    else
        put_reals(false, wide, squared, view, vectors, distances, 0);
}

/* A line of indices; bases: in all lanes. */
static NBL__INLINE __m512i line_of_atoms(bool wide, const uint32_t *number, __m128i bases)
{
    const __m512i base = _mm512_broadcast_i32x4(bases);
    if (wide)
        return _mm512_add_epi64(
            _mm512_cvtepu32_epi64(_mm256_loadu_si256((const __m256i *)(const void *)number)), base);
    return _mm512_add_epi32(_mm512_loadu_si512(number), base);
}

/* As put_lines(). */
static NBL__INLINE void put_any_atoms(bool wide, void *out, const uint32_t *number, size_t n, int64_t base)
{
    const __m128i bases = wide ? _mm_set1_epi64x(base) : _mm_set1_epi32((int32_t)base);
    const size_t lanes = values_per_line(wide);
    if (n < lanes) {
        put_numbers(false, wide, out, number, n, base, 0);
        return;
    }
    _mm512_storeu_si512(out, line_of_atoms(wide, number, bases));
    for (size_t e = entries_to_line(wide, out); e + lanes <= n; e += lanes)
        _mm512_storeu_si512(entry_of(out, wide, e), line_of_atoms(wide, number + e, bases));
    _mm512_storeu_si512(entry_of(out, wide, n - lanes), line_of_atoms(wide, number + n - lanes, bases));
}

/* The numbers of set bits, plus base, sixteen at a time. */
static inline uint32_t put_mask(uint32_t *out, uint64_t bits, uint32_t base)
{
    __m512i lane = _mm512_add_epi32(LANES(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                    _mm512_set1_epi32((int32_t)base));
    uint32_t total = 0;
    do {
        _mm512_storeu_si512(out + total, _mm512_mask_compress_epi32(lane, (__mmask16)bits, lane));
        total += (uint32_t)_mm_popcnt_u32(bits & 0xffff);
        lane = _mm512_add_epi32(lane, _mm512_set1_epi32(16));
        bits >>= 16;
    } while (bits != 0);
    return total;
}

/* Eight rows at a time. */
static inline int64_t put_offsets(const uint32_t *counts, int64_t n, int64_t *at, int64_t *offsets,
                                  uint32_t *longest)
{
    const __m512i zero = _mm512_setzero_si512(), last = _mm512_set1_epi64(7);
    __m512i from = _mm512_set1_epi64(*at), most = zero;
    int64_t row = 0;
    for (; row + 8 <= n; row += 8) {
        const __m512i own = _mm512_cvtepu32_epi64(_mm256_loadu_si256((const void *)(counts + row)));
        const __m512i pair = _mm512_add_epi64(own, _mm512_alignr_epi64(own, zero, 7)),
                      quad = _mm512_add_epi64(pair, _mm512_alignr_epi64(pair, zero, 6)),
                      sum = _mm512_add_epi64(quad, _mm512_alignr_epi64(quad, zero, 4));
        _mm512_storeu_si512(offsets + row, _mm512_add_epi64(from, _mm512_sub_epi64(sum, own)));
        from = _mm512_add_epi64(from, _mm512_permutexvar_epi64(last, sum));
        most = _mm512_max_epu64(most, own);
    }
    *longest = (uint32_t)_mm512_reduce_max_epu64(most);
    *at = _mm_cvtsi128_si64(_mm512_castsi512_si128(from));
    return row;
}

#undef LANES

#undef EXPAND_PAIRS
#undef EXPAND_REALS
#undef EXPAND_ATOMS
#define EXPAND_PAIRS(wide, view, base, j, shifts) put_any_row((wide), (view), (base), (j), (shifts))
#define EXPAND_REALS(wide, squared, view, v, x)   put_any_reals((wide), (squared), (view), (v), (x))
#define EXPAND_ATOMS(wide, out, number, count, base)                                                           \
    put_any_atoms((wide), (out), (number), (size_t)(count), (base))
#define EXPAND_MASK(mask, base, out)                    put_mask((out), (mask), (base))
#define EXPAND_OFFSETS(counts, n, at, offsets, longest) put_offsets((counts), (n), (at), (offsets), (longest))
#define EXPAND_IMAGES_AHEAD                             16

#endif
