/* SPDX-License-Identifier: MIT */
/* What a plain test program cannot go on without: it says so, and ends. */
#ifndef TESTS_SUPPORT_NEED_H
#define TESTS_SUPPORT_NEED_H

#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

static inline void need(nbl_status status, const char *message)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "%s: %s\n", nbl_status_name(status), message);
    exit(1);
}

/* One byte more, so that nothing is not NULL. */
static inline void *room_for(int64_t count, size_t item)
{
    void *memory = malloc((size_t)count * item + 1);
    if (!memory)
        exit(99);
    return memory;
}

#endif
