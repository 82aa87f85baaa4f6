/* SPDX-License-Identifier: MIT */
/* What the field tests share: a listing per group, and lists of plain arrays that must be found. */
#ifndef TESTS_REGRESS_FIELD_H
#define TESTS_REGRESS_FIELD_H

#include "check.h"
#include "compare.h"

int field_open(void **state);
int field_close(void **state);

/* The list of arrays, or the test fails. h and pbc may be NULL. The pairs replace those in *out. */
void field_find(struct listing *l, int64_t n, const double *r, const double *h, const uint8_t *pbc, double rc,
                const struct variant *v, struct pairs *out);

/*
 * The list of arrays by every algorithm, full and half, inclusive or not, against the oracle: any
 * difference fails the test. Returns the number of pairs of the strict full list.
 */
int64_t field_against_oracle(struct listing *l, int64_t n, const double *r, const double *h, const uint8_t *pbc,
                             double rc);

#endif
