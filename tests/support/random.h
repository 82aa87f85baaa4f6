/* SPDX-License-Identifier: MIT */
/*
 * Seeded random numbers of the tests: the same sequence on every machine and with every C library.
 * The state is one 64-bit word; each draw passes a counter through a bit mixer (splitmix64, after
 * G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
 */
#ifndef TESTS_SUPPORT_RANDOM_H
#define TESTS_SUPPORT_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

void random_seed(struct random *g, uint64_t seed);
uint64_t random_bits(struct random *g);

/* 0 <= x < 1, 53 random bits. */
double random_unit(struct random *g);

/* lo <= x < hi. */
double random_range(struct random *g, double lo, double hi);

/* Equal shares of lo..hi on a logarithmic axis; 0 < lo < hi. */
double random_log(struct random *g, double lo, double hi);

/* lo <= x <= hi. */
int64_t random_int(struct random *g, int64_t lo, int64_t hi);

/* True once in `one_in` draws. */
int random_chance(struct random *g, int64_t one_in);

/* A rotation, uniform over all of them; rows are orthonormal within rounding. */
void random_rotation(struct random *g, double m[3][3]);

/* Fisher and Yates: order[0..n-1] becomes a random permutation of 0..n-1. */
void random_permutation(struct random *g, int64_t n, int64_t *order);

#endif
