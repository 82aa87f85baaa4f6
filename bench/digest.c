/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <string.h>

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t two(int32_t a, int32_t b)
{
    return (uint64_t)(uint32_t)a << 32 | (uint32_t)b;
}

void nbl__bench_digest_add(bench_digest *digest, int64_t system, const bench_pairs *pairs)
{
    const uint64_t start = mix((uint64_t)system);
    for (int64_t k = 0; k < pairs->count; k++) {
        const int32_t *s = pairs->shifts + 3 * k;
        uint64_t x = mix(start ^ (uint64_t)(pairs->i[k * pairs->stride] - pairs->base));
        x = mix(x ^ (uint64_t)(pairs->j[k * pairs->stride] - pairs->base));
        x = mix(x ^ two(s[0], s[1]));
        x = mix(x ^ two(s[2], 0));
        digest->sum += x;
        digest->xored ^= x;
    }
    digest->pairs += pairs->count;
}

void nbl__bench_digest_remove(bench_digest *digest, int64_t system, const bench_pairs *pairs)
{
    bench_digest part = {0, 0, 0};
    nbl__bench_digest_add(&part, system, pairs);
    digest->pairs -= part.pairs;
    digest->sum -= part.sum;
    digest->xored ^= part.xored;
}

void nbl__bench_digest_values(bench_digest *digest, int64_t n, const double *values)
{
    for (int64_t k = 0; k < n; k++) {
        uint64_t bits;
        memcpy(&bits, values + k, sizeof bits);
        const uint64_t x = mix(mix((uint64_t)k) ^ bits);
        digest->sum += x;
        digest->xored ^= x;
    }
}

bool nbl__bench_digest_same(const bench_digest *a, const bench_digest *b)
{
    return a->pairs == b->pairs && a->sum == b->sum && a->xored == b->xored;
}
