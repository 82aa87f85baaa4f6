/* SPDX-License-Identifier: MIT */
/*
 * What Advanced SIMD lacks for the kernels: packing of the lanes of a mask, by shuffles of bytes from a table.
 * Included by isa_neon.c alone.
 */
#ifndef NBL_SEARCH_SIMD_NEON_H
#define NBL_SEARCH_SIMD_NEON_H

#include <arm_neon.h>
#include <stdint.h>

/* For each mask of 4 bits, the bytes of the lanes of its set bits. */
#define LANE(k) 4 * (k), 4 * (k) + 1, 4 * (k) + 2, 4 * (k) + 3
#define LANES(a, b, c, d)                                                                                      \
    {                                                                                                          \
        LANE(a), LANE(b), LANE(c), LANE(d)                                                                     \
    }
static const uint8_t lanes_of[16][16] = {
    LANES(0, 0, 0, 0), LANES(0, 0, 0, 0), LANES(1, 0, 0, 0), LANES(0, 1, 0, 0),
    LANES(2, 0, 0, 0), LANES(0, 2, 0, 0), LANES(1, 2, 0, 0), LANES(0, 1, 2, 0),
    LANES(3, 0, 0, 0), LANES(0, 3, 0, 0), LANES(1, 3, 0, 0), LANES(0, 1, 3, 0),
    LANES(2, 3, 0, 0), LANES(0, 2, 3, 0), LANES(1, 2, 3, 0), LANES(0, 1, 2, 3),
};

typedef struct choice {
    uint8x16_t order;
    uint32_t count;
} choice;

static inline uint32x4_t lanes(void)
{
    static const uint32_t lane[4] = {0, 1, 2, 3};
    return vld1q_u32(lane);
}

static inline uint32_t bits_of(uint32x4_t mask)
{
    static const uint32_t weight[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(mask, vld1q_u32(weight)));
}

static inline choice choose_bits(uint32_t bits)
{
    return (choice){vld1q_u8(lanes_of[bits]), (uint32_t)__builtin_popcount(bits)};
}

static inline choice choose(uint32x4_t mask)
{
    return choose_bits(bits_of(mask));
}

/* As bits, floats that are not negative are in the same order, and nothing below `inner` is little above it. */
static inline uint32x4_t above(float32x4_t d2, float32x4_t inner)
{
    return vsubq_u32(vreinterpretq_u32_f32(d2), vreinterpretq_u32_f32(inner));
}

static inline uint32x4_t first_lanes(uint64_t rest)
{
    return vcltq_u32(lanes(), vdupq_n_u32(rest < 4 ? (uint32_t)rest : 4));
}

/* Four doubles, placed and rounded. */
static inline float32x4_t place(const double *p, float64x2_t o, float64x2_t s)
{
    const float32x2_t low = vcvt_f32_f64(vmulq_f64(vsubq_f64(vld1q_f64(p), o), s));
    return vcvt_high_f32_f64(low, vmulq_f64(vsubq_f64(vld1q_f64(p + 2), o), s));
}

static inline void pack_numbers(uint32_t *out, uint32x4_t v, choice c)
{
    vst1q_u32(out, vreinterpretq_u32_u8(vqtbl1q_u8(vreinterpretq_u8_u32(v), c.order)));
}

static inline void pack_reals(float *out, float32x4_t v, choice c)
{
    vst1q_f32(out, vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(v), c.order)));
}

/* The numbers of set bits, plus base, four at a time. */
static inline uint32_t put_mask(uint32_t *out, uint64_t bits, uint32_t base)
{
    uint32_t total = 0;
    for (; bits != 0; base += 4, bits >>= 4) {
        const choice c = choose_bits(bits & 15);
        pack_numbers(out + total, vaddq_u32(lanes(), vdupq_n_u32(base)), c);
        total += c.count;
    }
    return total;
}

#define EXPAND_MASK(mask, base, out) put_mask((out), (mask), (base))

#endif
