/* SPDX-License-Identifier: MIT */
/*
 * Numbers that look random and have the same bits on every machine: splitmix64 from a fixed seed, and no
 * function whose last bit depends on libm.
 */
#ifndef NBL_BENCH_RANDOM_H
#define NBL_BENCH_RANDOM_H

#include <stdint.h>

static const uint64_t nbl__bench_seed = 20240521;

static inline uint64_t nbl__bench_draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t x = *state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* At least 0, less than 1. */
static inline double nbl__bench_uniform(uint64_t *state)
{
    return (double)(nbl__bench_draw(state) >> 11) * 0x1p-53;
}

/* The sum of twelve uniform numbers: mean 0, variance 1. */
static inline double nbl__bench_normal(uint64_t *state)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += nbl__bench_uniform(state);
    return sum;
}

#endif
