/* SPDX-License-Identifier: MIT */
/*
 * All pairs of a small world by plain loops over the caller's own cell: image ranges from the inverse of
 * the matrix of scalar products, the formula of the contract written down once more. Shares nothing with
 * the layers under test.
 */
#ifndef TESTS_UNIT_REFERENCE_H
#define TESTS_UNIT_REFERENCE_H

#include "world.h"

struct unit_pair {
    int64_t i, j, s[3];
    double d[3], distance;
};

struct unit_pairs {
    struct unit_pair *data;
    size_t count, room;
};

struct unit_rule {
    bool half, inclusive, self;
    int64_t n_rows;
};

/* -1, 0, 1 in the order of (i, j, s). */
int unit_pair_order(const void *a, const void *b);

void unit_pairs_add(struct unit_pairs *pairs, const struct unit_pair *pair);
void unit_pairs_free(struct unit_pairs *pairs);

/* Appends the pairs of the world, sorted. */
void unit_reference(const struct world *world, double cutoff, const struct unit_rule *rule,
                    struct unit_pairs *pairs);

/* Appends the rows of world->list as they stand. */
void unit_rows(const struct world *world, struct unit_pairs *pairs);

/* Index of the first pair in which they differ by (i, j, s), or -1. */
int64_t unit_pairs_differ(const struct unit_pairs *a, const struct unit_pairs *b);

/* Heights and inverse Gram matrix of the periodic rows; entries of open axes as in the unit matrix. */
void unit_heights(double h[3][3], const uint8_t pbc[3], long double height[3], long double inverse[3][3]);

#endif
