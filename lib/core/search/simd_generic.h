/* SPDX-License-Identifier: MIT */
/*
 * Vectors in plain C, as gcc and clang extend it: the compiler makes of them what the machine has. Packing is
 * free of jumps. Included by isa_portable.c alone.
 */
#ifndef NBL_SEARCH_SIMD_GENERIC_H
#define NBL_SEARCH_SIMD_GENERIC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>

#include "search/simd_lanes.h"
#endif

enum { LANES = 4 }; /* what every compiler makes one register of */
typedef float reals __attribute__((vector_size(LANES * sizeof(float))));
typedef uint32_t naturals __attribute__((vector_size(LANES * sizeof(uint32_t))));
typedef int32_t mask __attribute__((vector_size(LANES * sizeof(int32_t))));

static const naturals lane = {0, 1, 2, 3};

static inline reals load_reals(const float *p)
{
    reals v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline naturals load_naturals(const uint32_t *p)
{
    naturals v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline reals place(const double *p, double o, double s)
{
    float v[LANES];
    for (int k = 0; k < LANES; k++)
        v[k] = (float)((p[k] - o) * s);
    return load_reals(v);
}

static inline reals magnitude(reals a)
{
    return (reals)((mask)a & INT32_MAX);
}

/* Plain C has no choice between vectors that both compilers share. */
static inline reals greater(reals a, reals b)
{
    const mask more = (mask)(a > b);
    return (reals)(((mask)a & more) | ((mask)b & ~more));
}

/* A bit for each lane that is true. */
static inline uint32_t bits_of(mask m)
{
#if defined(__SSE2__)
    return (uint32_t)_mm_movemask_ps((__m128)m);
#else
    const mask weights = {1, 2, 4, 8}, bits = m & weights;
    uint64_t half[2];
    memcpy(half, &bits, sizeof half);
    half[0] |= half[1];
    return (uint32_t)(half[0] | half[0] >> 32);
#endif
}

static inline bool any(mask m)
{
    return bits_of(m) != 0;
}

static inline uint32_t count_bits(uint32_t b)
{
    return (uint32_t)(0x4332322132212110u >> (4 * b)) & 7u;
}

/* The lanes one by one, on x86-64 without a way through memory. */
static inline void spread(uint32_t lanes[LANES], naturals v)
{
#if defined(__SSE2__) && defined(__x86_64__)
    const __m128i all = (__m128i)v;
    const uint64_t low = (uint64_t)_mm_cvtsi128_si64(all);
    const uint64_t high = (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(all, all));
    lanes[0] = (uint32_t)low;
    lanes[1] = (uint32_t)(low >> 32);
    lanes[2] = (uint32_t)high;
    lanes[3] = (uint32_t)(high >> 32);
#else
    memcpy(lanes, &v, sizeof v);
#endif
}

#if defined(__SSE2__)
/* How many bits of a byte are set. */
#define COUNT1(m)  (uint8_t)(BELOW(m, 7) + BIT(m, 7))
#define COUNT4(m)  COUNT1(m), COUNT1((m) + 1u), COUNT1((m) + 2u), COUNT1((m) + 3u)
#define COUNT16(m) COUNT4(m), COUNT4((m) + 4u), COUNT4((m) + 8u), COUNT4((m) + 12u)
#define COUNT64(m) COUNT16(m), COUNT16((m) + 16u), COUNT16((m) + 32u), COUNT16((m) + 48u)
static const uint8_t count_of[256] = {COUNT64(0u), COUNT64(64u), COUNT64(128u), COUNT64(192u)};

/* The numbers of set bits, plus base, eight at a time. */
static inline uint32_t put_mask(uint32_t *out, uint64_t bits, uint32_t base)
{
    const __m128i zero = _mm_setzero_si128();
    uint32_t total = 0;
    for (; bits != 0; base += 8, bits >>= 8) {
        const __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)&lanes_of[bits & 0xff]),
                      words = _mm_unpacklo_epi8(bytes, zero), bases = _mm_set1_epi32((int32_t)base);
        __m128i *to = (__m128i *)(void *)(out + total);
        _mm_storeu_si128(to, _mm_add_epi32(_mm_unpacklo_epi16(words, zero), bases));
        _mm_storeu_si128(to + 1, _mm_add_epi32(_mm_unpackhi_epi16(words, zero), bases));
        total += count_of[bits & 0xff];
    }
    return total;
}

#define EXPAND_MASK(mask, base, out) put_mask((out), (mask), (base))
#endif

/* Each lane is written where it belongs if it is true; one that is not is overwritten by the next one. */
static inline void pack(void *out, naturals v, uint32_t bits)
{
    const uint32_t at[LANES] = {0, bits & 1, (bits & 1) + (bits >> 1 & 1),
                                (bits & 1) + (bits >> 1 & 1) + (bits >> 2 & 1)};
    uint32_t lanes[LANES];
    spread(lanes, v);
    for (int k = 0; k < LANES; k++)
        memcpy((char *)out + at[k] * sizeof *lanes, &lanes[k], sizeof *lanes);
}

#endif
