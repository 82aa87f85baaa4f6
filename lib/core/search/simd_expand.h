/* SPDX-License-Identifier: MIT */
/*
 * Expansion of rows in vectors of 16 bytes; simd_avx512.h adds what longer ones do better. An image is one
 * vector of its shift and its atom. Needs SSE2 on x86-64. Included by isa_*.c alone.
 */
#ifndef NBL_SEARCH_SIMD_EXPAND_H
#define NBL_SEARCH_SIMD_EXPAND_H

#include "emit/expand.h"
#include "search/simd_stores.h"

/* ------------------------------------------------------------------------------------------------- pairs */

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

/* What a row of pairs becomes, and where: arrays may be NULL, indices are int64 if `wide`. */
typedef struct row_of_pairs {
    void *j;
    int32_t *shifts;
    int64_t base;     /* added to atoms */
    __m128i bases;    /* the same in each lane */
    const int32_t *w; /* added to the shift of an image */
    __m128i w_of[3];  /* and to the three vectors of four shifts */
} row_of_pairs;

static inline row_of_pairs begin_row(bool wide, const nbl__view *view, int64_t base, void *j, int32_t *shifts)
{
    const int32_t *w = view->w;
    return (row_of_pairs){.j = j,
                          .shifts = shifts,
                          .base = base,
                          .bases = wide ? _mm_set1_epi64x(base) : _mm_set1_epi32((int32_t)base),
                          .w = w,
                          .w_of = {_mm_setr_epi32(w[0], w[1], w[2], w[0]),
                                   _mm_setr_epi32(w[1], w[2], w[0], w[1]),
                                   _mm_setr_epi32(w[2], w[0], w[1], w[2])}};
}

static NBL__INLINE void put_pair(bool past, bool wide, const row_of_pairs *row, const nbl__image *images,
                                 uint32_t number, size_t e)
{
    const nbl__image *image = &images[number];
    if (row->j)
        put_value(past, wide, row->j, e, image->atom + row->base);
    for (size_t k = 0; row->shifts && k < 3; k++)
        put_value(past, false, row->shifts, 3 * e + k, image->shift[k] + row->w[k]);
}

/* The atoms of two images at a time as 64 bits: the upper halves of shift[2] and atom, moved down. */
static NBL__INLINE void put_atoms(bool past, bool wide, void *to, four v, __m128i bases)
{
    const __m128i ab = _mm_unpackhi_epi64(v.a, v.b), cd = _mm_unpackhi_epi64(v.c, v.d);
    if (wide) {
        put(past, to, _mm_add_epi64(_mm_srli_epi64(ab, 32), bases));
        put(past, (int64_t *)to + 2, _mm_add_epi64(_mm_srli_epi64(cd, 32), bases));
    } else {
        const __m128 atoms =
            _mm_shuffle_ps(_mm_castsi128_ps(ab), _mm_castsi128_ps(cd), _MM_SHUFFLE(3, 1, 3, 1));
        put(past, to, _mm_add_epi32(_mm_castps_si128(atoms), bases));
    }
}

/* xyzx yzxy zxyz */
static NBL__INLINE void put_shifts(bool past, int32_t *to, four v, const __m128i w_of[3])
{
    const __m128 a = _mm_castsi128_ps(v.a), b = _mm_castsi128_ps(v.b), c = _mm_castsi128_ps(v.c),
                 d = _mm_castsi128_ps(v.d);
    const __m128 a2_b0 = _mm_shuffle_ps(a, b, _MM_SHUFFLE(0, 0, 2, 2)),
                 c2_d0 = _mm_shuffle_ps(c, d, _MM_SHUFFLE(0, 0, 2, 2));
    const __m128 of_four[3] = {_mm_shuffle_ps(a, a2_b0, _MM_SHUFFLE(2, 0, 1, 0)),
                               _mm_shuffle_ps(b, c, _MM_SHUFFLE(1, 0, 2, 1)),
                               _mm_shuffle_ps(c2_d0, d, _MM_SHUFFLE(2, 1, 2, 0))};
    for (size_t k = 0; k < 3; k++)
        put(past, to + 4 * k, _mm_add_epi32(_mm_castps_si128(of_four[k]), w_of[k]));
}

static NBL__INLINE void put_four_pairs(bool past, bool wide, const row_of_pairs *row, const nbl__image *images,
                                       const uint32_t *number, size_t e)
{
    const four v = load_four(images, number + e);
    if (row->j)
        put_atoms(past, wide, entry_of(row->j, wide, e), v, row->bases);
    if (row->shifts)
        put_shifts(past, row->shifts + 3 * e, v, row->w_of);
}

/* Entries until all arrays are at multiples of 16 bytes; of shifts, 12 bytes each, as many as there are odd
 * words. False: they never are at once. */
static inline bool find_common(bool wide, const row_of_pairs *row, uint32_t *entries)
{
    const uint32_t n =
        row->shifts ? (uint32_t)((uintptr_t)row->shifts / sizeof(int32_t) % 4u) : values_before(wide, row->j);
    *entries = n;
    return (!row->shifts || is_whole(row->shifts + 3 * (size_t)n)) &&
           (!row->j || is_whole(entry_of(row->j, wide, n)));
}

/* The first `head` entries, so that vectors begin at multiples of 16 bytes, one by one. */
static NBL__INLINE void put_row(bool past, bool wide, const nbl__view *view, const row_of_pairs *row,
                                uint32_t head)
{
    const nbl__image *images = view->images;
    const uint32_t *number = view->number, count = view->count;
    uint32_t e = 0;
    for (; past && e < head && e < count; e++)
        put_pair(past, wide, row, images, number[e], e);
    for (; e + 4 <= count; e += 4)
        put_four_pairs(past, wide, row, images, number, e);
    if (!past && e < count && count >= 4)
        put_four_pairs(past, wide, row, images, number, count - 4);
    else
        for (; e < count; e++)
            put_pair(past, wide, row, images, number[e], e);
}

static NBL__INLINE void put_pairs(bool past, bool wide, const nbl__view *view, int64_t base, void *j,
                                  int32_t *shifts)
{
    const row_of_pairs row = begin_row(wide, view, base, j, shifts);
    uint32_t head = 0;
    if (past && find_common(wide, &row, &head))
        put_row(true, wide, view, &row, head);
    else
        put_row(false, wide, view, &row, 0);
}

/* ----------------------------------------------------------------------------------- vectors and distances */

/* What the entries of a row have in common. */
typedef struct row_of_reals {
    const nbl__view *view;
    __m128d r[3], h[3][3];
    __m128i w;
} row_of_reals;

static inline row_of_reals begin_reals(const nbl__view *view)
{
    const double *r = view->r[view->atom];
    row_of_reals row = {.view = view, .w = _mm_setr_epi32(view->w[0], view->w[1], view->w[2], 0)};
    for (int k = 0; k < 3; k++) {
        row.r[k] = _mm_set1_pd(r[k]);
        for (int a = 0; a < 3; a++)
            row.h[a][k] = _mm_set1_pd(view->lattice->h[a][k]);
    }
    return row;
}

/* Components and squared distances of two entries. */
typedef struct two {
    __m128d d[3], d2;
} two;

static inline __m128d load_both(const double *a, const double *b)
{
    return _mm_loadh_pd(_mm_load_sd(a), b);
}

/* s . h of the formula in cell/exact.h, operation by operation. */
static inline void translate(two *v, const row_of_reals *row, __m128i shift_a, __m128i shift_b)
{
    const __m128i xy = _mm_unpacklo_epi32(shift_a, shift_b);
    const __m128d s[3] = {_mm_cvtepi32_pd(xy), _mm_cvtepi32_pd(_mm_unpackhi_epi64(xy, xy)),
                          _mm_cvtepi32_pd(_mm_unpackhi_epi32(shift_a, shift_b))};
    for (int k = 0; k < 3; k++) {
        const __m128d t = _mm_add_pd(_mm_add_pd(_mm_mul_pd(s[0], row->h[0][k]), _mm_mul_pd(s[1], row->h[1][k])),
                                     _mm_mul_pd(s[2], row->h[2][k]));
        v->d[k] = _mm_add_pd(v->d[k], t);
    }
}

static inline bool has_shift(__m128i image)
{
    const __m128i zeros = _mm_cmpeq_epi32(image, _mm_setzero_si128());
    return (~_mm_movemask_epi8(zeros) & 0xfff) != 0;
}

/* Without shifts, s . h is a zero, which changes nothing once 0 is added. */
static inline two two_reals(const row_of_reals *row, uint32_t a, uint32_t b)
{
    const nbl__image *images = row->view->images;
    const double *at_a = row->view->r[images ? (uint32_t)images[a].atom : a];
    const double *at_b = row->view->r[images ? (uint32_t)images[b].atom : b];
    two v;
    for (int k = 0; k < 3; k++)
        v.d[k] = _mm_sub_pd(load_both(at_a + k, at_b + k), row->r[k]);
    if (images) {
        const __m128i shift_a = _mm_add_epi32(load_image(images, a), row->w),
                      shift_b = _mm_add_epi32(load_image(images, b), row->w);
        if (has_shift(_mm_or_si128(shift_a, shift_b)))
            translate(&v, row, shift_a, shift_b);
    }
    for (int k = 0; k < 3; k++)
        v.d[k] = _mm_add_pd(v.d[k], _mm_setzero_pd());
    v.d2 = _mm_add_pd(_mm_add_pd(_mm_mul_pd(v.d[0], v.d[0]), _mm_mul_pd(v.d[1], v.d[1])),
                      _mm_mul_pd(v.d[2], v.d[2]));
    return v;
}

/* xy zx yz */
static inline void weave(const two *v, __m128d woven[3])
{
    woven[0] = _mm_unpacklo_pd(v->d[0], v->d[1]);
    woven[1] = _mm_shuffle_pd(v->d[2], v->d[0], 2);
    woven[2] = _mm_unpackhi_pd(v->d[1], v->d[2]);
}

static NBL__INLINE void put_two64(bool past, bool squared, const row_of_reals *row, size_t e, double *vectors,
                                  double *distances)
{
    const uint32_t *number = row->view->number + e;
    const two v = two_reals(row, number[0], number[1]);
    if (vectors) {
        __m128d woven[3];
        weave(&v, woven);
        for (int k = 0; k < 3; k++)
            put(past, vectors + 3 * e + 2 * (size_t)k, _mm_castpd_si128(woven[k]));
    }
    if (distances)
        put(past, distances + e, _mm_castpd_si128(squared ? v.d2 : _mm_sqrt_pd(v.d2)));
}

static inline __m128i two_floats(__m128d a, __m128d b)
{
    return _mm_castps_si128(_mm_movelh_ps(_mm_cvtpd_ps(a), _mm_cvtpd_ps(b)));
}

static NBL__INLINE void put_four32(bool past, const row_of_reals *row, size_t e, float *vectors,
                                   float *distances)
{
    const uint32_t *number = row->view->number + e;
    const two v = two_reals(row, number[0], number[1]), u = two_reals(row, number[2], number[3]);
    if (vectors) {
        __m128d woven[6];
        weave(&v, woven);
        weave(&u, woven + 3);
        for (int k = 0; k < 3; k++)
            put(past, vectors + 3 * e + 4 * (size_t)k, two_floats(woven[2 * k], woven[2 * k + 1]));
    }
    if (distances)
        put(past, distances + e, two_floats(_mm_sqrt_pd(v.d2), _mm_sqrt_pd(u.d2)));
}

/* One entry, as two of which the second is the first. */
static NBL__INLINE void put_real(bool past, bool wide, bool squared, const row_of_reals *row, size_t e,
                                 void *vectors, void *distances)
{
    const uint32_t number = row->view->number[e];
    const two v = two_reals(row, number, number);
    const __m128d x = squared ? v.d2 : _mm_sqrt_pd(v.d2);
    for (size_t k = 0; k < 4; k++) {
        void *array = k < 3 ? vectors : distances;
        const size_t at = k < 3 ? 3 * e + k : e;
        const __m128d value = k < 3 ? v.d[k] : x;
        const __m128i bits = wide ? _mm_castpd_si128(value) : _mm_castps_si128(_mm_cvtpd_ps(value));
        if (array)
            put_value(past, wide, array, at, wide ? _mm_cvtsi128_si64(bits) : _mm_cvtsi128_si32(bits));
    }
}

/* The first `head` entries, so that vectors begin at multiples of 16 bytes, one by one. */
static NBL__INLINE void put_reals(bool past, bool wide, bool squared, const nbl__view *view, void *vectors,
                                  void *distances, uint32_t head)
{
    const row_of_reals row = begin_reals(view);
    const uint32_t count = view->count;
    uint32_t e = 0;
    for (; past && e < head && e < count; e++)
        put_real(past, wide, squared, &row, e, vectors, distances);
    if (wide)
        for (; e + 2 <= count; e += 2)
            put_two64(past, squared, &row, e, vectors, distances);
    else
        for (; e + 4 <= count; e += 4)
            put_four32(past, &row, e, vectors, distances);
    for (; e < count; e++)
        put_real(past, wide, squared, &row, e, vectors, distances);
}

/* Entries until both arrays are at multiples of 16 bytes. False: they never are at once. */
static inline bool find_common_reals(bool wide, const void *vectors, const void *distances, uint32_t *entries)
{
    const size_t item = wide ? sizeof(double) : sizeof(float);
    const uint32_t n =
        vectors ? (uint32_t)((uintptr_t)vectors / item % (16u / item)) : values_before(wide, distances);
    *entries = n;
    return (!vectors || is_whole((const char *)vectors + 3 * n * item)) &&
           (!distances || is_whole((const char *)distances + n * item));
}

#define EXPAND_PAIRS(wide, view, base, j, shifts) put_pairs(false, (wide), (view), (base), (j), (shifts))
#define EXPAND_REALS(wide, squared, view, v, x)   put_reals(false, (wide), (squared), (view), (v), (x), 0)

#endif
