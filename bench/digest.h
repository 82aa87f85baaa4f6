/* SPDX-License-Identifier: MIT */
/*
 * A fingerprint of a set of pairs that does not depend on their order: 64 mixed bits of each
 * (system, i, j, shift), summed and exclusive-ored. Two different sets of the same size agree in both by
 * accident only.
 */
#ifndef NBL_BENCH_DIGEST_H
#define NBL_BENCH_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bench_digest {
    int64_t pairs;
    uint64_t sum, xored;
} bench_digest;

/* Adds the pairs (i[k * stride], j[k * stride], shifts[k]) of one system. */
void nbl__bench_digest_add(bench_digest *digest, int64_t system, int64_t n_pairs, const int64_t *i,
                           const int64_t *j, int64_t stride, const int32_t *shifts);

bool nbl__bench_digest_same(const bench_digest *a, const bench_digest *b);

#endif
