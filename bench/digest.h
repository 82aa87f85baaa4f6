/* SPDX-License-Identifier: MIT */
/*
 * A fingerprint of a set of pairs that does not depend on their order: 64 mixed bits of each
 * (system, i, j, shift), summed and exclusive-ored. Two different sets of the same size agree in both by
 * accident only. Of several lists, each counts as one more set of systems.
 */
#ifndef NBL_BENCH_DIGEST_H
#define NBL_BENCH_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bench_digest {
    int64_t pairs;
    uint64_t sum, xored;
} bench_digest;

/* Pair k is (i[k * stride] - base, j[k * stride] - base, shifts[k]). */
typedef struct bench_pairs {
    int64_t count, base, stride;
    const int64_t *i, *j;
    const int32_t *shifts;
} bench_pairs;

/* Adds the pairs of one system; or takes them away, where they are a part of what is there. */
void nbl__bench_digest_add(bench_digest *digest, int64_t system, const bench_pairs *pairs);
void nbl__bench_digest_remove(bench_digest *digest, int64_t system, const bench_pairs *pairs);

/* Adds numbers that belong to atoms, bit by bit; no pairs. */
void nbl__bench_digest_values(bench_digest *digest, int64_t n, const double *values);

bool nbl__bench_digest_same(const bench_digest *a, const bench_digest *b);

#endif
