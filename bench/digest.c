/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <math.h>
#include <string.h>

/* Rounding of coordinates of 1e4 and less stays far below it, in the units of the cases. */
static const double tolerance = 1e-8;

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

int64_t nbl__bench_pairs_index(const bench_pairs *pairs, const void *array, int64_t k)
{
    const int64_t at = k * pairs->stride;
    return (pairs->narrow ? ((const int32_t *)array)[at] : ((const int64_t *)array)[at]) - pairs->base;
}

static bool in_half(int64_t i, int64_t j, const int32_t s[3])
{
    if (i != j)
        return i < j;
    const int32_t first = s[0] != 0 ? s[0] : s[1] != 0 ? s[1] : s[2];
    return first > 0;
}

void nbl__bench_digest_add(bench_digest *digest, int64_t system, const bench_pairs *pairs)
{
    const uint64_t start = mix((uint64_t)system);
    for (int64_t k = 0; k < pairs->count; k++) {
        const int32_t *s = pairs->shifts + 3 * k;
        const int64_t i = nbl__bench_pairs_index(pairs, pairs->i, k);
        const int64_t j = nbl__bench_pairs_index(pairs, pairs->j, k);
        if (pairs->half && !in_half(i, j, s))
            continue;
        uint64_t x = mix(start ^ (uint64_t)i);
        x = mix(x ^ (uint64_t)j);
        x = mix(x ^ two(s[0], s[1]));
        x = mix(x ^ two(s[2], 0));
        digest->sum += x;
        digest->xored ^= x;
        digest->pairs++;
    }
}

void nbl__bench_digest_remove(bench_digest *digest, int64_t system, const bench_pairs *pairs)
{
    bench_digest part = {0, 0, 0, 0};
    nbl__bench_digest_add(&part, system, pairs);
    digest->pairs -= part.pairs;
    digest->sum -= part.sum;
    digest->xored ^= part.xored;
}

/* From i to the image of j; terms of open axes left out. */
static void vector(const bench_systems *set, int64_t system, int64_t i, int64_t j, const int32_t s[3],
                   double d[3])
{
    const double *r = set->positions + 3 * set->first[system], *h = set->cells[system];
    for (int k = 0; k < 3; k++) {
        d[k] = r[3 * j + k] - r[3 * i + k];
        for (int axis = 0; axis < 3; axis++)
            d[k] += set->pbc[system][axis] ? s[axis] * h[3 * axis + k] : 0;
    }
}

void nbl__bench_digest_geometry(bench_digest *digest, const bench_systems *set, int64_t system,
                                const bench_pairs *pairs)
{
    const int64_t n = set->first[system + 1] - set->first[system];
    for (int64_t k = 0; k < pairs->count && (pairs->vectors || pairs->distances); k++) {
        const int64_t i = nbl__bench_pairs_index(pairs, pairs->i, k);
        const int64_t j = nbl__bench_pairs_index(pairs, pairs->j, k);
        double d[3] = {0, 0, 0}, error = 0;
        if (i < 0 || i >= n || j < 0 || j >= n)
            error = tolerance;
        else
            vector(set, system, i, j, pairs->shifts + 3 * k, d);
        if (pairs->distances)
            error += fabs(sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - pairs->distances[k]);
        for (int axis = 0; axis < 3 && pairs->vectors; axis++)
            error += fabs(d[axis] - pairs->vectors[3 * k + axis]);
        digest->wrong += !(error < tolerance);
    }
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
    return a->pairs == b->pairs && a->sum == b->sum && a->xored == b->xored && a->wrong == 0 && b->wrong == 0;
}
