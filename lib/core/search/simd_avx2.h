/* SPDX-License-Identifier: MIT */
/* What AVX2 lacks for the kernels: packing of the lanes of a mask, by shuffles from a table. Included by
 * isa_avx2.c alone. */
#ifndef NBL_SEARCH_SIMD_AVX2_H
#define NBL_SEARCH_SIMD_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#include "search/simd_lanes.h"

typedef struct choice {
    __m256i order;
    uint32_t count;
} choice;

static inline choice choose_bits(uint32_t bits)
{
    const __m128i lanes = _mm_loadl_epi64((const __m128i *)(const void *)&lanes_of[bits]);
    return (choice){_mm256_cvtepu8_epi32(lanes), (uint32_t)_mm_popcnt_u32(bits)};
}

static inline choice choose(__m256 mask)
{
    return choose_bits((uint32_t)_mm256_movemask_ps(mask));
}

static const int32_t lane_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

static inline __m256 first_lanes(uint64_t rest)
{
    return _mm256_loadu_ps((const float *)(const void *)(lane_masks + 8 - (rest < 8 ? rest : 8)));
}

/* Eight doubles, placed and rounded. */
static inline __m256 place(const double *p, __m256d o, __m256d s)
{
    const __m128 low = _mm256_cvtpd_ps(_mm256_mul_pd(_mm256_sub_pd(_mm256_loadu_pd(p), o), s));
    const __m128 high = _mm256_cvtpd_ps(_mm256_mul_pd(_mm256_sub_pd(_mm256_loadu_pd(p + 4), o), s));
    return _mm256_insertf128_ps(_mm256_castps128_ps256(low), high, 1);
}

/* Four triples, component by component. */
static inline void load_three(const double *p, __m256d v[3])
{
    const __m256d a = _mm256_loadu_pd(p), b = _mm256_loadu_pd(p + 4), c = _mm256_loadu_pd(p + 8);
    const __m256d xy = _mm256_permute2f128_pd(a, b, 0x30), zx = _mm256_permute2f128_pd(a, c, 0x21),
                  yz = _mm256_blend_pd(b, c, 12);
    v[0] = _mm256_shuffle_pd(xy, zx, 10);
    v[1] = _mm256_shuffle_pd(xy, yz, 5);
    v[2] = _mm256_shuffle_pd(zx, yz, 10);
}

/* Whole numbers, whose bits are the last ones of what they are 2^52 larger. */
static inline void store_whole(uint64_t *out, __m256d v)
{
    const __m256d large = _mm256_set1_pd(0x1p52);
    _mm256_storeu_si256((__m256i *)(void *)out,
                        _mm256_castpd_si256(_mm256_xor_pd(_mm256_add_pd(v, large), large)));
}

static inline __m256i load_numbers(const uint32_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline void store_numbers(uint32_t *out, __m256i v)
{
    _mm256_storeu_si256((__m256i *)(void *)out, v);
}

static inline void pack_numbers(uint32_t *out, __m256i v, __m256i order)
{
    store_numbers(out, _mm256_permutevar8x32_epi32(v, order));
}

/* The numbers of set bits, plus base, eight at a time. */
static inline uint32_t put_mask(uint32_t *out, uint64_t bits, uint32_t base)
{
    uint32_t total = 0;
    for (; bits != 0; base += 8, bits >>= 8) {
        const choice c = choose_bits(bits & 0xff);
        store_numbers(out + total, _mm256_add_epi32(c.order, _mm256_set1_epi32((int32_t)base)));
        total += c.count;
    }
    return total;
}

#define EXPAND_MASK(mask, base, out) put_mask((out), (mask), (base))

/* Four rows at a time. */
static inline int64_t put_offsets(const uint32_t *counts, int64_t n, int64_t *at, int64_t *offsets,
                                  uint32_t *longest)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i from = _mm256_set1_epi64x(*at);
    __m128i most = _mm_setzero_si128();
    int64_t row = 0;
    for (; row + 4 <= n; row += 4) {
        const __m128i narrow = _mm_loadu_si128((const __m128i *)(const void *)(counts + row));
        const __m256i own = _mm256_cvtepu32_epi64(narrow);
        const __m256i before = _mm256_blend_epi32(_mm256_permute4x64_epi64(own, 0x90), zero, 0x03),
                      pair = _mm256_add_epi64(own, before);
        const __m256i sum =
            _mm256_add_epi64(pair, _mm256_blend_epi32(_mm256_permute4x64_epi64(pair, 0x40), zero, 0x0f));
        _mm256_storeu_si256((__m256i *)(void *)(offsets + row),
                            _mm256_add_epi64(from, _mm256_sub_epi64(sum, own)));
        from = _mm256_add_epi64(from, _mm256_permute4x64_epi64(sum, 0xff));
        most = _mm_max_epu32(most, narrow);
    }
    most = _mm_max_epu32(most, _mm_shuffle_epi32(most, 0x4e));
    most = _mm_max_epu32(most, _mm_shuffle_epi32(most, 0xb1));
    *longest = (uint32_t)_mm_cvtsi128_si32(most);
    *at = _mm_cvtsi128_si64(_mm256_castsi256_si128(from));
    return row;
}

#define EXPAND_OFFSETS(counts, n, at, offsets, longest) put_offsets((counts), (n), (at), (offsets), (longest))

static inline __m256i same(__m256i a, __m256i b)
{
    return _mm256_cmpeq_epi32(a, b);
}

/* As bits, floats that are not negative are in the same order, and nothing below `inner` is little above it. */
static inline __m256i above(__m256 d2, __m256 inner)
{
    return _mm256_sub_epi32(_mm256_castps_si256(d2), _mm256_castps_si256(inner));
}

static inline bool any_below(__m256i a, __m256i b)
{
    return _mm256_movemask_epi8(same(_mm256_max_epu32(a, b), a)) != -1;
}

#endif
