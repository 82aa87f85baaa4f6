/* SPDX-License-Identifier: MIT */
/* A pair of atoms, and a growing array of them: the common coin of oracle, library listing and comparer. */
#ifndef TESTS_SUPPORT_PAIR_H
#define TESTS_SUPPORT_PAIR_H

#include <stdint.h>

struct pair {
    int64_t i, j, s[3];
    double d[3]; /* vector from i to the image of j */
    double r;    /* its length */
};

struct pairs {
    int64_t n, capacity;
    struct pair *at;
};

/* Room for one more pair, which the caller fills. Ends the test program when memory runs out. */
struct pair *pairs_push(struct pairs *p);
void pairs_free(struct pairs *p);

/* By i, then j, then s lexicographically: <0, 0, >0. */
int pair_order(const struct pair *a, const struct pair *b);

/* Sorts by pair_order(). */
void pairs_sort(struct pairs *p);

/* Bit patterns of the five reals are equal. */
int pair_same_reals(const struct pair *a, const struct pair *b);

#endif
