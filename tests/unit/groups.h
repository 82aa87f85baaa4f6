/* SPDX-License-Identifier: MIT */
/*
 * A group as nbl__group_search() is given it: atoms in a cubic cell of which candidates are images, or atoms by
 * themselves. What the rows must be is found by the formula, pair by pair, in the order of the candidates.
 */
#ifndef TESTS_UNIT_GROUPS_H
#define TESTS_UNIT_GROUPS_H

#include <stdlib.h>

#include <nblist/nblist.h>

#include "check.h"
#include "counted.h"
#include "isa.h"
#include "random.h"
#include "scale.h"
#include "search/group.h"

/* As many candidates as do not fit a place of 64 KiB any more, where a row by itself is made in scratch. */
enum {
    GROUP_ATOMS = 700,
    GROUP_SIDES = 27,
    GROUP_CANDIDATES = GROUP_ATOMS * GROUP_SIDES,
    GROUP_LISTS = 4,
    GROUP_FIRST = 3
};

struct group {
    int64_t n;
    double r[GROUP_ATOMS][3], p[GROUP_ATOMS][3];
    int32_t w[GROUP_ATOMS][3];
    nbl__lattice lattice;
    nbl__wrapped wrapped;
    nbl__image images[GROUP_CANDIDATES]; /* what numbers refer to */
    bool plain;                          /* numbers are atoms */
    uint32_t n_candidates;
    float *x, *y, *z;
    uint32_t *number, *key, *homes, *counts;
    void *row;
    int32_t *atoms;
    double cutoffs[GROUP_LISTS];
    nbl__level levels[GROUP_LISTS];
    nbl__query query;
    nbl__target target;
    nbl__rows rows[GROUP_LISTS];
    nbl__arena arena;
    nbl__job job;
    nbl__team team;
    nbl__worker worker;
    nbl__group group;
    struct unit_memory memory;
    nbl__fault fault;
    int64_t consumed[GROUP_ATOMS], calls, refuse; /* the consumer's: it refuses this atom (-1: none) */
    uint32_t *expected;
};

/* Up to GROUP_ATOMS atoms, candidates in any order, any rows and flags; `exact`: on a lattice. */
void group_random(struct group *t, struct random *g, int64_t n, double cutoff, bool exact,
                  const nbl__kernels *kernels);
void group_close(struct group *t);

/* Rows of all lists, for a target. */
void group_rows(struct group *t, bool kept);

/* Everything is as before the first group of a search. */
void group_start(struct group *t, const nbl__target *target);

/* As if the worker had kept many long rows, so that the next ones may go past the caches; returns the bytes. */
uint64_t group_as_if_long(struct group *t, bool many);

/* The candidate that row `row` is of. */
uint32_t group_home(const struct group *t, uint32_t row);

/* By the formula, from the caller's coordinates. */
double group_distance(const struct group *t, int32_t i, const nbl__image *image);

/* Writes the row of a list, in the order of the candidates, to t->expected; returns its length. */
uint32_t group_expect(const struct group *t, uint32_t row, int32_t list);

/* Rows first ... first + n - 1 of the lists, as they were kept or counted; returns the bytes that they take. */
int64_t group_check(const struct group *t, uint32_t first, uint32_t n, bool kept);

/* Pairs within the largest cutoff. */
int64_t group_pairs(struct group *t);

#endif
