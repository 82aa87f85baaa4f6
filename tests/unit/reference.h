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

/*
 * The pairs of each list of a query at world->cutoffs, as sets of their own, sorted: lists[k] must be empty.
 * Shells where the query is disjoint.
 */
void unit_reference_lists(const struct world *world, const nbl__query *query, struct unit_pairs *lists);

/* A pair as a view has it. */
struct unit_pair unit_pair_of(const struct world *world, const nbl__view *view, uint32_t e);

/* Appends the rows of the last search as they stand, of list number `list`. */
void unit_rows(const struct world *world, int32_t list, struct unit_pairs *pairs);

/*
 * Whether the last search, kept, found the lists of unit_reference_lists(); `ordered`: and each row in order.
 * NULL, or what is wrong.
 */
const char *unit_lists_differ(const struct world *world, const nbl__query *query, bool ordered);

/*
 * Searches several lists at once and each one alone: whether they are the same in the same order, shells a part
 * of it. NULL, or what is wrong.
 */
const char *unit_lists_alone_differ(struct world *world, const nbl__query *query, enum nbl__path path);

/* Searches by this path, kept, and fails the test where the lists are not those of the reference. */
void unit_check_search(struct world *world, const nbl__query *query, enum nbl__path path, bool ordered,
                       uint64_t seed);

/* Fails the test where a list of several is not, in number and order, what a search at its cutoff alone finds.
 */
void unit_check_alone(struct world *world, const nbl__query *query, enum nbl__path path, uint64_t seed);

/* Fails the test where another instruction set finds other rows, or the same in another order. */
void unit_check_levels(struct world *world, const nbl__query *query, enum nbl__path path, uint64_t seed);

/* Pairs within the largest cutoff of the last search. */
int64_t unit_total(const struct world *world, const nbl__query *query);

/* What a kept row of the last search is, as its consumer would see it. */
nbl__view unit_view(const struct world *world, const nbl__rows *rows, int64_t first, int64_t i);

/* Index of the first pair in which they differ by (i, j, s), or -1. */
int64_t unit_pairs_differ(const struct unit_pairs *a, const struct unit_pairs *b);

/* Heights and inverse Gram matrix of the periodic rows; entries of open axes as in the unit matrix. */
void unit_heights(double h[3][3], const uint8_t pbc[3], long double height[3], long double inverse[3][3]);

/*
 * Searches once, and then, with the length of one of the pairs as cutoff, which leaves a doubt, once more: a
 * search that is no larger allocates nothing. False: no pair was long enough to be a cutoff. query: of
 * world->cutoffs.
 */
bool unit_check_doubts(struct world *world, const nbl__query *query, enum nbl__path path, struct random *g);

#endif
