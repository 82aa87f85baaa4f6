/* SPDX-License-Identifier: MIT */
#include "digest.h"

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

void nbl__bench_digest_add(bench_digest *digest, int64_t system, int64_t n_pairs, const int64_t *i,
                           const int64_t *j, int64_t stride, const int32_t *shifts)
{
    const uint64_t start = mix((uint64_t)system);
    for (int64_t k = 0; k < n_pairs; k++) {
        const int32_t *s = shifts + 3 * k;
        uint64_t x = mix(start ^ (uint64_t)i[k * stride]);
        x = mix(x ^ (uint64_t)j[k * stride]);
        x = mix(x ^ two(s[0], s[1]));
        x = mix(x ^ two(s[2], 0));
        digest->sum += x;
        digest->xored ^= x;
    }
    digest->pairs += n_pairs;
}

bool nbl__bench_digest_same(const bench_digest *a, const bench_digest *b)
{
    return a->pairs == b->pairs && a->sum == b->sum && a->xored == b->xored;
}
