/* SPDX-License-Identifier: MIT */
/*
 * NBL_TEST_SCALE, the one knob of the random tests: 1 (also when unset) for the full counts, smaller under
 * sanitizers and valgrind, larger for a long search.
 */
#ifndef TESTS_SUPPORT_SCALE_H
#define TESTS_SUPPORT_SCALE_H

#include <stdint.h>

/* `count` times the scale, but never fewer than `least`. */
int64_t scale_count(int64_t count, int64_t least);

/* What the environment variable `name` holds as a number, or `otherwise`. */
uint64_t scale_seed(const char *name, uint64_t otherwise);

#endif
