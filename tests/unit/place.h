/* SPDX-License-Identifier: MIT */
/*
 * Outputs of kernels at any alignment of their type, often ending at an unreadable page, blank before they are
 * written: what is found outside the bytes asked for has been written there.
 */
#ifndef TESTS_UNIT_PLACE_H
#define TESTS_UNIT_PLACE_H

#include <stdbool.h>

#include "guard.h"
#include "random.h"

enum { PLACE_BLANK = 0x55 };

struct place {
    struct guard guard;
    unsigned char *at;
    size_t bytes, behind; /* behind: from the end to the page, up to 64 */
};

/* Blank bytes; those given before are gone. `behind` is a multiple of align, in half of all cases 0. */
void *place_take(struct place *place, struct random *g, size_t bytes, size_t align);

/* Nothing was written in front or behind. */
bool place_untouched_outside(const struct place *place);

void place_free(struct place *place);

#endif
