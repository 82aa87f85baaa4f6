/* SPDX-License-Identifier: MIT */
/*
 * Rows that were kept, read by a team of threads in the order of atoms: handed to a consumer one by one, or, if
 * it is a sink, written many at a time where systems are small. Invariant: each row is handed out by one
 * thread, and what a sink writes does not depend on which rows were written together.
 */
#ifndef NBL_BATCH_KEPT_H
#define NBL_BATCH_KEPT_H

#include "batch/set.h"
#include "emit/rows.h"
#include "emit/sink.h"
#include "search/scene.h"

typedef struct nbl__kept {
    const nbl__set *set;
    const nbl__rows *rows;     /* of all systems */
    double n_pairs;            /* of all lists that are there, which are likely wanted one after the other */
    const int32_t *statuses;   /* [n_systems]: rows of systems that failed are passed over */
    const nbl__image **tables; /* [n_systems]: what kept numbers of blocks refer to */
} nbl__kept;

/* What all rows of a system have in common. */
nbl__view nbl__kept_view(const nbl__set *set, const nbl__image **tables, int64_t system);

/* Whether numbers of this system refer to images relative to wrapped positions, and any of these was moved. */
bool nbl__kept_is_shifted(const nbl__set *set, int64_t system);

/* By as many threads as the query has. Returns what the consumer did, of the lowest piece. */
nbl_status nbl__kept_visit(const nbl__kept *kept, const nbl__query *query, nbl__row_function consume,
                           void *context, nbl__fault *fault);

#endif
