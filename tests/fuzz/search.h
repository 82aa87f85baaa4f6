/* SPDX-License-Identifier: MIT */
/* What the two halves of the search target share: the input, and the systems decoded from it. */
#ifndef TESTS_FUZZ_SEARCH_H
#define TESTS_FUZZ_SEARCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

enum { MAX_ATOMS = 24, MAX_SYSTEMS = 5 };

typedef struct input {
    const uint8_t *data;
    size_t left;
} input;

typedef struct system_in {
    int64_t n;
    double positions[MAX_ATOMS][3];
    double cell[3][3];
    uint8_t pbc[3];
    double cutoff;
    uint32_t flags;
} system_in;

#define REQUIRE(condition)                                                                                     \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                           \
        }                                                                                                      \
    } while (0)

/* The next byte of the input; 0 behind its end. */
uint8_t fuzz_byte(input *in);

/* The systems as one batch, searched for several cutoffs and visited, against the systems by themselves. */
void fuzz_many(input *in, const system_in *systems, int n_systems);

#endif
