/* SPDX-License-Identifier: MIT */
/*
 * What AVX2 lacks for the kernels: packing of the lanes of a mask, by shuffles from a table of one nibble per
 * lane that is made once per translation unit by the compiler. Included by isa_avx2.c alone.
 */
#ifndef NBL_SEARCH_SIMD_AVX2_H
#define NBL_SEARCH_SIMD_AVX2_H

#include <immintrin.h>
#include <stdint.h>

/* For each mask of 8 bits, its set bits from low to high, one byte each, and zeros. */
#define BIT(m, k) (((m) >> (k)) & 1u)
#define BELOW(m, k)                                                                                            \
    (BIT(m, 0) * ((k) > 0) + BIT(m, 1) * ((k) > 1) + BIT(m, 2) * ((k) > 2) + BIT(m, 3) * ((k) > 3) +           \
     BIT(m, 4) * ((k) > 4) + BIT(m, 5) * ((k) > 5) + BIT(m, 6) * ((k) > 6))
#define LANE(m, k) ((uint64_t)(BIT(m, k) * (unsigned)(k)) << (8 * BELOW(m, k)))
#define LANES1(m)                                                                                              \
    (LANE(m, 0) | LANE(m, 1) | LANE(m, 2) | LANE(m, 3) | LANE(m, 4) | LANE(m, 5) | LANE(m, 6) | LANE(m, 7))
#define LANES4(m)  LANES1(m), LANES1((m) + 1u), LANES1((m) + 2u), LANES1((m) + 3u)
#define LANES16(m) LANES4(m), LANES4((m) + 4u), LANES4((m) + 8u), LANES4((m) + 12u)
#define LANES64(m) LANES16(m), LANES16((m) + 16u), LANES16((m) + 32u), LANES16((m) + 48u)
static const uint64_t lanes_of[256] = {LANES64(0u), LANES64(64u), LANES64(128u), LANES64(192u)};

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

static inline __m256i same(__m256i a, __m256i b)
{
    return _mm256_cmpeq_epi32(a, b);
}

#endif
