/* SPDX-License-Identifier: MIT */
/*
 * What AVX2 lacks for the filter: masks for the lanes of a tail, and packing of the lanes of a mask by shuffles
 * from tables. Included by isa_avx2.c alone.
 */
#ifndef NBL_SEARCH_SIMD_AVX2_H
#define NBL_SEARCH_SIMD_AVX2_H

#include <immintrin.h>
#include <stdint.h>

static const int64_t lane_masks[8] = {-1, -1, -1, -1, 0, 0, 0, 0};

static inline uint64_t at_most_four(uint64_t rest)
{
    return rest < 4 ? rest : 4;
}

static inline __m256i lanes(uint64_t rest)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(lane_masks + 4 - at_most_four(rest)));
}

static inline uint32_t tail(uint64_t rest)
{
    return (1u << at_most_four(rest)) - 1u;
}

static inline uint32_t less_mask(__m256d a, __m256d b)
{
    return (uint32_t)_mm256_movemask_pd(_mm256_cmp_pd(a, b, _CMP_LT_OQ));
}

/* For each mask, the lanes of its set bits in front: as bytes of numbers, and as 32-bit halves of reals. */
#define BYTES(k) 4 * (k), 4 * (k) + 1, 4 * (k) + 2, 4 * (k) + 3
#define NUMBERS(a, b, c, d)                                                                                    \
    {                                                                                                          \
        BYTES(a), BYTES(b), BYTES(c), BYTES(d)                                                                 \
    }
#define REALS(a, b, c, d)                                                                                      \
    {                                                                                                          \
        2 * (a), 2 * (a) + 1, 2 * (b), 2 * (b) + 1, 2 * (c), 2 * (c) + 1, 2 * (d), 2 * (d) + 1                 \
    }
static const uint8_t number_lanes[16][16] = {
    NUMBERS(0, 0, 0, 0), NUMBERS(0, 0, 0, 0), NUMBERS(1, 0, 0, 0), NUMBERS(0, 1, 0, 0),
    NUMBERS(2, 0, 0, 0), NUMBERS(0, 2, 0, 0), NUMBERS(1, 2, 0, 0), NUMBERS(0, 1, 2, 0),
    NUMBERS(3, 0, 0, 0), NUMBERS(0, 3, 0, 0), NUMBERS(1, 3, 0, 0), NUMBERS(0, 1, 3, 0),
    NUMBERS(2, 3, 0, 0), NUMBERS(0, 2, 3, 0), NUMBERS(1, 2, 3, 0), NUMBERS(0, 1, 2, 3),
};
static const int32_t real_lanes[16][8] = {
    REALS(0, 0, 0, 0), REALS(0, 0, 0, 0), REALS(1, 0, 0, 0), REALS(0, 1, 0, 0),
    REALS(2, 0, 0, 0), REALS(0, 2, 0, 0), REALS(1, 2, 0, 0), REALS(0, 1, 2, 0),
    REALS(3, 0, 0, 0), REALS(0, 3, 0, 0), REALS(1, 3, 0, 0), REALS(0, 1, 3, 0),
    REALS(2, 3, 0, 0), REALS(0, 2, 3, 0), REALS(1, 2, 3, 0), REALS(0, 1, 2, 3),
};

/* Numbers p[lane] of the mask to out, of which all four are written; nothing else of p is read. */
static inline void pack_numbers(uint32_t *out, const uint32_t *p, uint32_t m)
{
    const __m128i bits = _mm_setr_epi32(1, 2, 4, 8);
    const __m128i wanted = _mm_cmpeq_epi32(_mm_and_si128(_mm_set1_epi32((int)m), bits), bits);
    const __m128i numbers = _mm_maskload_epi32((const int *)(const void *)p, wanted);
    const __m128i order = _mm_loadu_si128((const __m128i *)(const void *)number_lanes[m]);
    _mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(numbers, order));
}

static inline void pack_reals(double *out, __m256d v, uint32_t m)
{
    const __m256i order = _mm256_loadu_si256((const __m256i *)(const void *)real_lanes[m]);
    _mm256_storeu_pd(out, _mm256_castsi256_pd(_mm256_permutevar8x32_epi32(_mm256_castpd_si256(v), order)));
}

#endif
