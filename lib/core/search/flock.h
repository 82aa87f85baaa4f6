/* SPDX-License-Identifier: MIT */
/*
 * Open systems of a few atoms, as a batch has thousands of them: the kernel makes the rows of many in one call,
 * without a job for each; where it is in doubt, the formula makes those of a whole system. A row is a mask of
 * its atoms, which has what nbl__block_system() finds.
 */
#ifndef NBL_SEARCH_FLOCK_H
#define NBL_SEARCH_FLOCK_H

#include "search/worker.h"

/* Whether rows are made in the way of flocks: lists that are kept, and masked. */
bool nbl__flock_fits(const nbl__target *target);

/* What systems without errors of wrapping share. r, first, n and band are set elsewhere. levels: [n_lists] */
nbl__flock nbl__flock_make(const nbl__query *query, const nbl__level *levels);

/* Makes the rows of all systems where they stay. */
void nbl__flock_search(nbl__worker *w, const nbl__query *query, const nbl__target *target,
                       const nbl__level *levels, const nbl__flock *flock);

#endif
