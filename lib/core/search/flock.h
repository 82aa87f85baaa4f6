/* SPDX-License-Identifier: MIT */
/*
 * Open systems of a few atoms, as a batch has thousands of them: the kernel makes the rows of many in one call,
 * without a job for each; where it is in doubt, the formula makes those of a whole system. Rows are those that
 * nbl__block_system() makes, in the same order.
 */
#ifndef NBL_SEARCH_FLOCK_H
#define NBL_SEARCH_FLOCK_H

#include "search/worker.h"

/* Bytes of candidates of one flock, for all lists together: its rows are made where they stay. */
enum { NBL__FLOCK_BYTES = NBL__ROWS_DIRECT };

/* Whether rows of a query are made and kept in the way of flocks: lists of all atoms, for later. */
bool nbl__flock_fits(const nbl__query *query, const nbl__target *target);

/* What systems without errors of wrapping share. r, first, n and band are set elsewhere. levels: [n_lists] */
nbl__flock nbl__flock_make(const nbl__query *query, const nbl__level *levels);

/* Bytes of candidates of a system. */
static inline size_t nbl__flock_bytes(const nbl__query *query, int64_t n)
{
    return (size_t)(n * n) * (size_t)query->n_lists * sizeof(uint32_t);
}

/* Keeps the rows of all systems. Fails only for want of memory, before the first row. */
nbl_status nbl__flock_search(nbl__worker *w, const nbl__query *query, const nbl__target *target,
                             const nbl__level *levels, const nbl__flock *flock);

#endif
