/* SPDX-License-Identifier: MIT */
/*
 * Buffers that end where an unreadable page begins: a write or read past the end stops the program at
 * once. In front of the buffer, and in it, lies a byte pattern that shows whether anything was written.
 * One guard serves any number of buffers in turn; it keeps its mapping.
 */
#ifndef TESTS_SUPPORT_GUARD_H
#define TESTS_SUPPORT_GUARD_H

#include <stddef.h>

struct guard {
    unsigned char *base; /* NULL before the first use */
    size_t usable;       /* bytes before the guard page */
    size_t taken;        /* size of the buffer that is out now */
};

#define GUARD_INIT                                                                                             \
    {                                                                                                          \
        NULL, 0, 0                                                                                             \
    }

/* A buffer of `size` bytes, 0 included, filled with the pattern; the one given before is gone. */
void *guard_take(struct guard *g, size_t size);

/* The buffer holds nothing but the pattern. */
int guard_untouched(const struct guard *g);

/* The bytes in front of the buffer hold nothing but the pattern. */
int guard_front_untouched(const struct guard *g);

void guard_free(struct guard *g);

#endif
