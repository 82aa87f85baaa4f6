/* SPDX-License-Identifier: MIT */
/* All outputs of a call, in arrays of one block: to be compared as bytes, or number by number. */
#ifndef TESTS_METRICS_EVERYTHING_H
#define TESTS_METRICS_EVERYTHING_H

#include "structures.h"

enum {
    EVERYTHING_L = 13,
    EVERYTHING_BINS = 20,
    EVERYTHING_COUNTS = 24,
    EVERYTHING_VALUES = NBL_METRICS_COUNT + 1
};

struct everything {
    int64_t n_systems, n_atoms;
    nbl_metrics_outputs out; /* all eighteen metrics, all other outputs, l = 0 ... 12 */
    size_t bytes;
    unsigned char *block;
};

/* Arrays filled with a pattern. everything_free() frees them. */
void everything_make(struct everything *e, int64_t n_systems, int64_t n_atoms);
void everything_free(struct everything *e);

/* Fills the arrays with the pattern again. */
void everything_clear(struct everything *e);

/* The arrays of part of a batch, from these systems and atoms on: what a single call would have filled. Fails
   the test where they differ in any byte. */
void everything_same_bytes(const struct everything *batch, int64_t system, int64_t atom,
                           const struct everything *single, const char *what);

#endif
