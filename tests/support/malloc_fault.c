/* SPDX-License-Identifier: MIT */
/*
 * malloc_count.c as a module that is loaded in front of a program's libraries. In the environment:
 * TEST_MALLOC_FAIL, the number of the allocation that fails, counted from main() on, with a + behind it if all
 * later ones fail, too; TEST_MALLOC_COUNT, a file that gets the number of allocations. After main() none fails:
 * some OpenMP runtimes need memory to end.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "malloc_count.h"

typedef int program(int, char **, char **);
typedef int starter(program *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static program *real_main;

static void tell(long long count)
{
    const char *path = getenv("TEST_MALLOC_COUNT");
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;
    if (fd < 0)
        return;
    char text[32];
    int length = snprintf(text, sizeof text, "%lld", count);
    (void)!write(fd, text, (size_t)length);
    close(fd);
}

static int watched_main(int argc, char **argv, char **environment)
{
    const char *wanted = getenv("TEST_MALLOC_FAIL");
    const long long start = malloc_count();
    if (wanted)
        malloc_fail(strtoll(wanted, NULL, 10), strchr(wanted, '+') != NULL);
    int status = real_main(argc, argv, environment);
    fflush(NULL);
    malloc_fail(0, 0);
    tell(malloc_count() - start);
    return status;
}

/* What the C library's start-up code calls, with the program's main(). */
__attribute__((visibility("default"))) int __libc_start_main(program *, int, char **, void (*)(void),
                                                             void (*)(void), void (*)(void), void *);

int __libc_start_main(program *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end)
{
    starter *start = NULL;
    void *found = dlsym(RTLD_NEXT, "__libc_start_main");
    memcpy(&start, &found, sizeof start);
    real_main = main;
    return start(watched_main, argc, argv, init, fini, rtld_fini, stack_end);
}
