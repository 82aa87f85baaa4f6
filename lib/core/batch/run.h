/* SPDX-License-Identifier: MIT */
/*
 * The line cell -> bin -> search -> emit for a set of systems: search it, visit the rows that were found or
 * find them again, write them to the caller. Owns no policy beyond their order. Invariant: whether rows were
 * kept or are found again, the consumer sees the same ones in the same order within.
 */
#ifndef NBL_BATCH_RUN_H
#define NBL_BATCH_RUN_H

#include "batch/schedule.h"
#include "emit/blocks.h"
#include "emit/sink.h"

/* The lists of one search and the memory to make and fetch them: what nbl_result owns. */
typedef struct nbl__list {
    int32_t n_lists;
    nbl__rows *rows;           /* [n_lists] */
    int32_t *statuses;         /* [n_systems] of build and search */
    const nbl__image **tables; /* [n_systems]: what kept numbers of blocks refer to; NULL: atoms */
    nbl__arena arena;
    nbl__trace trace;
    size_t scratch;  /* bytes that a thread needed in the search, and so may need again */
    nbl__rows again; /* rows of a list that were found again because `reverse` needs them all */
    nbl__arena again_arena;
    nbl__buffer rows_memory, status_memory, table_memory, cutoff_memory, again_tables, reverse_memory,
        block_memory;
} nbl__list;

void nbl__list_init(nbl__list *list, nbl__memory *memory);
void nbl__list_free(nbl__list *list);

/*
 * Takes the statuses of the build, and gives NBL_ECUTOFF or NBL_ECUTOFF_BUILD to systems whose cutoffs are bad.
 * Returns NBL_ENOMEM or NBL_ELIMIT, else NBL_OK with the lowest such system in *refusal.
 */
nbl_status nbl__list_open(nbl__list *list, const nbl__set *set, const nbl__query *query, nbl__refusal *refusal,
                          nbl__fault *fault);

/* mode: enum nbl_result_mode. After nbl__list_open(). Systems that fail are in *refusal and in the statuses. */
nbl_status nbl__list_search(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t mode,
                            nbl__refusal *refusal, nbl__fault *fault);

/* Hands every row of list k to consume, from the kept rows or by searching again. */
nbl_status nbl__list_visit(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                           nbl__row_function consume, void *context, nbl__fault *fault);

/*
 * Hands the rows of the largest cutoff of each system to blocks->visitor, without a list: no row is recorded.
 * After nbl__list_open(). NBL_ESTOP, NBL_ENOMEM, NBL_ELIMIT.
 */
nbl_status nbl__list_walk(nbl__list *list, const nbl__set *set, const nbl__query *query, nbl__blocks *blocks,
                          nbl__refusal *refusal, nbl__fault *fault);

/*
 * Writes a checked sink of list k. NBL_ENARROW: a shift does not fit int8 (nothing written); NBL_ENOMEM,
 * NBL_ELIMIT: memory to search again or for `reverse` (nothing written).
 */
nbl_status nbl__list_fetch(nbl__list *list, const nbl__set *set, const nbl__query *query, int32_t k,
                           nbl__sink *sink, nbl__fault *fault);

#endif
