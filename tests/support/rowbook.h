/* SPDX-License-Identifier: MIT */
/*
 * A visitor that writes down every row it is shown, from any number of threads, and notes what no visit may
 * do: show a row twice, call from two threads under one number, hand over arrays that were not asked for.
 * Afterwards the book is compared with a list. No assertion is made off the main thread.
 */
#ifndef TESTS_SUPPORT_ROWBOOK_H
#define TESTS_SUPPORT_ROWBOOK_H

#include <nblist/nblist.h>
#include <stdatomic.h>

#include "compare.h"

enum { ROWBOOK_THREADS = 64 };

struct rowbook_row {
    atomic_int seen;
    int64_t n;
    int32_t *j, *s;
    double *d, *d2;
    uint8_t *shells;
};

struct rowbook {
    int64_t n_systems, n_atoms;
    const int64_t *first; /* [n_systems + 1]: atoms before each system */
    uint32_t fields;      /* as asked for; 0 = all */
    int32_t n_threads, n_cutoffs;
    struct rowbook_row *rows; /* [n_atoms] */
    atomic_int busy[ROWBOOK_THREADS];
    atomic_llong blocks, stop_at; /* the block, counted from 1, at which the visitor says stop; 0 = never */
    atomic_int complaints;
    char complaint[100]; /* the first */
};

void rowbook_open(struct rowbook *b, int64_t n_systems, const int64_t *first);
void rowbook_close(struct rowbook *b);

/* Forgets all rows. */
void rowbook_clear(struct rowbook *b);

/* The visitor; user is the book. */
int rowbook_visit(void *user, const nbl_rows *rows);

/*
 * The rows of atoms with wanted[atom] (NULL: all) against a list, bit for bit; the others must not have been
 * seen. sets: [n_systems][n_cutoffs], or one set for all. 0, or 1 with text.
 */
int rowbook_compare(const struct rowbook *b, const struct pairs *list, const unsigned char *wanted,
                    const double *sets, int one_set, uint32_t flags, char text[COMPARE_TEXT]);

#endif
