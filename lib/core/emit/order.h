/* SPDX-License-Identifier: MIT */
/*
 * Sorting of what belongs to one row or block. Keys of images ascend with (atom, shift), so a row in contract
 * order is one of ascending keys; wide rows carry atom and shift themselves.
 */
#ifndef NBL_EMIT_ORDER_H
#define NBL_EMIT_ORDER_H

#include "emit/view.h"

/*
 * Ranks: a key in the upper half, what it belongs to in the lower one, which ascends where keys are equal.
 * scratch: room for `count`
 */
void nbl__order_ranks(uint64_t *ranks, uint32_t count, uint64_t *scratch);

/* Order of contract: atom, then shift; < 0, 0 or > 0. */
static inline int nbl__order_compare(const nbl__image *a, const nbl__image *b)
{
    if (a->atom != b->atom)
        return a->atom < b->atom ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (a->shift[k] != b->shift[k])
            return a->shift[k] < b->shift[k] ? -1 : 1;
    return 0;
}

#endif
