/* SPDX-License-Identifier: MIT */
/*
 * Random fetches of a list whose content is known: any outputs in any layout, type and base, local or global
 * numbers. Each buffer ends at a guard page and starts out with a byte pattern; the expected bytes are made
 * from the known pairs, gaps and spare capacity included, and compared as a whole.
 */
#ifndef TESTS_SUPPORT_REQUEST_H
#define TESTS_SUPPORT_REQUEST_H

#include <nblist/nblist.h>

#include "compare.h"

/* What a list is to hold. */
struct request_list {
    const struct pairs *pairs; /* in its order; atoms numbered through the batch */
    int64_t n_rows, n_systems;
    const int64_t *atom_ptr; /* [n_systems + 1] */
    int is_full;             /* a full list of all atoms: it has a reverse map */
};

enum request_output {
    REQUEST_I,
    REQUEST_J,
    REQUEST_EDGE_INDEX,
    REQUEST_PAIRS,
    REQUEST_SHIFTS,
    REQUEST_VECTORS,
    REQUEST_DISTANCES,
    REQUEST_ROW_PTR,
    REQUEST_COUNTS,
    REQUEST_REVERSE,
    REQUEST_BATCH,
    REQUEST_EDGE_PTR,
    REQUEST_ATOM_PTR,
    REQUEST_OUTPUTS
};

struct request {
    struct guard guards[REQUEST_OUTPUTS];
};

/* One random fetch. 0, or 1 and what is wrong in text. */
int request_check(struct request *q, nbl_result *result, int32_t list, const struct request_list *expected,
                  struct random *g, char text[COMPARE_TEXT]);

void request_free(struct request *q);

#endif
