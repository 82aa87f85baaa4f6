/* SPDX-License-Identifier: MIT */
/*
 * Library against oracle: the same pairs as multisets of (i, j, s), every vector and distance the same
 * to the last bit, sorted rows in their order. On a difference: the smallest system that still shows it,
 * found by dropping atoms, printed as C.
 */
#ifndef TESTS_SUPPORT_COMPARE_H
#define TESTS_SUPPORT_COMPARE_H

#include <stdio.h>

#include "listing.h"

enum { COMPARE_TEXT = 400 };

/*
 * `expected` in the order of pair_order(); `found` is put into it (with `sorted` it must lie in it
 * already). Returns 0 where they agree, else 1 and what differs first in text.
 */
int compare_pairs(const struct pairs *expected, struct pairs *found, int sorted, char text[COMPARE_TEXT]);

/* `all`: what oracle_find() gave for the system. 0 or 1 with text; a refusal by the library is a difference. */
int compare_variant(struct listing *l, const struct system *s, const struct pairs *all, const struct variant *v,
                    char text[COMPARE_TEXT]);

/* The same with an oracle search and handles of its own. */
int compare_system(const struct system *s, const struct variant *v, char text[COMPARE_TEXT]);

/*
 * Drops atoms from *s, and simplifies what is left, for as long as differs(s, context) holds; returns the
 * number of atoms dropped.
 */
int64_t compare_shrink(struct system *s, int (*differs)(const struct system *s, void *context), void *context);

/* Prints seed, variant, difference and the smallest reproducer of compare_system(). */
void compare_report(const struct system *s, const struct variant *v, const char *text, FILE *file);

#endif
