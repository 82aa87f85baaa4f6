/* SPDX-License-Identifier: MIT */
/*
 * Vectors in plain C, as gcc and clang extend it: the compiler makes of them what the machine has. Packing goes
 * from one lane that is true to the next. Included by isa_portable.c alone.
 */
#ifndef NBL_SEARCH_SIMD_GENERIC_H
#define NBL_SEARCH_SIMD_GENERIC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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
    const mask weights = {1, 2, 4, 8}, bits = m & weights;
    uint64_t half[2];
    memcpy(half, &bits, sizeof half);
    half[0] |= half[1];
    return (uint32_t)(half[0] | half[0] >> 32);
}

static inline bool any(mask m)
{
    return bits_of(m) != 0;
}

static inline uint32_t count_bits(uint32_t b)
{
    return (uint32_t)(0x4332322132212110u >> (4 * b)) & 7u;
}

static inline void pack_reals(float *out, reals v, uint32_t bits)
{
    float from[LANES];
    memcpy(from, &v, sizeof from);
    for (; bits != 0; bits &= bits - 1)
        *out++ = from[__builtin_ctz(bits)];
}

static inline void pack_naturals(uint32_t *out, naturals v, uint32_t bits)
{
    uint32_t from[LANES];
    memcpy(from, &v, sizeof from);
    for (; bits != 0; bits &= bits - 1)
        *out++ = from[__builtin_ctz(bits)];
}

static inline void pack_points(float *x, float *y, float *z, uint32_t *number, reals vx, reals vy, reals vz,
                               uint32_t first, uint32_t bits)
{
    float fx[LANES], fy[LANES], fz[LANES];
    memcpy(fx, &vx, sizeof fx);
    memcpy(fy, &vy, sizeof fy);
    memcpy(fz, &vz, sizeof fz);
    for (; bits != 0; bits &= bits - 1) {
        const uint32_t k = (uint32_t)__builtin_ctz(bits);
        *x++ = fx[k];
        *y++ = fy[k];
        *z++ = fz[k];
        *number++ = first + k;
    }
}

#endif
