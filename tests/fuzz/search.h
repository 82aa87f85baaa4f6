/* SPDX-License-Identifier: MIT */
/* What the two halves of the search target share: the systems decoded from the input. */
#ifndef TESTS_FUZZ_SEARCH_H
#define TESTS_FUZZ_SEARCH_H

#include "input.h"

enum { MAX_ATOMS = 24, MAX_SYSTEMS = 5 };

typedef struct system_in {
    int64_t n;
    double positions[MAX_ATOMS][3];
    double cell[3][3];
    uint8_t pbc[3];
    double cutoff;
    uint32_t flags;
} system_in;

/* The systems as one batch, searched for several cutoffs and visited, against the systems by themselves. */
void fuzz_many(input *in, const system_in *systems, int n_systems);

#endif
