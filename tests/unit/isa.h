/* SPDX-License-Identifier: MIT */
/* The instruction sets that run here, one after the other: tests of kernels hold each of them to one reference.
 */
#ifndef TESTS_UNIT_ISA_H
#define TESTS_UNIT_ISA_H

#include <stddef.h>

#include "search/dispatch.h"

enum { UNIT_HIGHEST_ISA = 64 };

/* The kernels of the next level above *isa, which becomes that level; NULL: there is none. Begins at 0. */
static inline const nbl__kernels *unit_next_kernels(int32_t *isa)
{
    while (++*isa <= UNIT_HIGHEST_ISA)
        if (nbl__dispatch_name(*isa) && nbl__dispatch_level(*isa) == *isa)
            return nbl__dispatch_kernels(*isa);
    return NULL;
}

#endif
