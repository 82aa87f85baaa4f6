/* SPDX-License-Identifier: MIT */
/* The bytes that a target of more than one file decodes, and what it does where something is not true. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

typedef struct input {
    const uint8_t *data;
    size_t left;
} input;

/* The next byte of the input; 0 behind its end. */
static inline uint8_t fuzz_byte(input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->data++;
}

#define REQUIRE(condition)                                                                                     \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                           \
        }                                                                                                      \
    } while (0)

#endif
