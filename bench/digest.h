/* SPDX-License-Identifier: MIT */
/*
 * A fingerprint of a set of pairs that does not depend on their order: 64 mixed bits of each
 * (system, i, j, shift), summed and exclusive-ored. Two different sets of the same size agree in both by
 * accident only. Of several lists, each counts as one more set of systems. Vectors and distances are not part
 * of it, because libraries round them differently: those that are wrong by more than rounding are counted.
 */
#ifndef NBL_BENCH_DIGEST_H
#define NBL_BENCH_DIGEST_H

#include "systems.h"

typedef struct bench_digest {
    int64_t pairs;
    uint64_t sum, xored;
    int64_t wrong; /* pairs with a wrong vector or distance */
} bench_digest;

/* Pair k is (i[k * stride] - base, j[k * stride] - base, shifts[k]). */
typedef struct bench_pairs {
    int64_t count, base, stride;
    const void *i, *j; /* int64_t, or int32_t where narrow */
    const int32_t *shifts;
    const double *vectors, *distances; /* NULL: not there */
    bool narrow;
    bool half; /* of the two mirrored pairs only that one is looked at which half lists hold */
} bench_pairs;

/* Index k of i or j, without base. */
int64_t nbl__bench_pairs_index(const bench_pairs *pairs, const void *array, int64_t k);

/* Adds the pairs of one system; or takes them away, where they are a part of what is there. */
void nbl__bench_digest_add(bench_digest *digest, int64_t system, const bench_pairs *pairs);
void nbl__bench_digest_remove(bench_digest *digest, int64_t system, const bench_pairs *pairs);

/* Adds those that are wrong to digest->wrong; `system` is that of the set, and tells positions and cell. */
void nbl__bench_digest_geometry(bench_digest *digest, const bench_systems *set, int64_t system,
                                const bench_pairs *pairs);

/* Adds numbers that belong to atoms, bit by bit; no pairs. */
void nbl__bench_digest_values(bench_digest *digest, int64_t n, const double *values);

/* The same pairs, and nothing wrong in either. */
bool nbl__bench_digest_same(const bench_digest *a, const bench_digest *b);

#endif
