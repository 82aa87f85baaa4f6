/* SPDX-License-Identifier: MIT */
/*
 * Sorting of short rows. Image numbers ascend with (atom, shift), so a row in contract order is a row of
 * ascending numbers; wide rows carry atom and shift themselves.
 */
#ifndef NBL_EMIT_ORDER_H
#define NBL_EMIT_ORDER_H

#include "emit/view.h"

/* scratch: room for `count` numbers */
void nbl__order_numbers(uint32_t *numbers, uint32_t count, uint32_t *scratch);

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
