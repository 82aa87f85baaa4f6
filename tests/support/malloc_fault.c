/* SPDX-License-Identifier: MIT */
/*
 * malloc_count.c as a module that is loaded in front of a program's libraries. In the environment:
 * TEST_MALLOC_FAIL, the number of the allocation that fails, counted from main() on, with a + behind it if all
 * later ones fail, too; TEST_MALLOC_COUNT, a file that gets the number of allocations.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "malloc_count.h"

static long long start;

__attribute__((constructor)) static void arm(void)
{
    const char *wanted = getenv("TEST_MALLOC_FAIL");
    start = malloc_count();
    if (wanted)
        malloc_fail(strtoll(wanted, NULL, 10), strchr(wanted, '+') != NULL);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("TEST_MALLOC_COUNT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    char text[32];
    int length = snprintf(text, sizeof text, "%lld", malloc_count() - start);
    (void)!write(fd, text, (size_t)length);
    close(fd);
}
