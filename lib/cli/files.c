/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include "files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool nbl__cli_is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* The folder of a path with its links followed, to be freed; NULL: there is none. */
static char *real_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return realpath(".", NULL);
    char *folder = malloc((size_t)(slash - path) + 2);
    if (!folder)
        return NULL;
    memcpy(folder, path, (size_t)(slash - path) + 1);
    folder[slash - path + 1] = '\0';
    char *real = realpath(folder, NULL);
    free(folder);
    return real;
}

static const char *name_in_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return S_ISREG(a->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool nbl__cli_same_output(const char *a, const char *b)
{
    struct stat about_a, about_b;
    if (nbl__cli_is_dash(a) || nbl__cli_is_dash(b))
        return nbl__cli_is_dash(a) && nbl__cli_is_dash(b);
    const bool is_a = stat(a, &about_a) == 0, is_b = stat(b, &about_b) == 0;
    if (is_a || is_b)
        return is_a && is_b && same_file(&about_a, &about_b);
    if (strcmp(name_in_folder(a), name_in_folder(b)) != 0)
        return false;
    char *folder_a = real_folder(a), *folder_b = real_folder(b);
    const bool same = folder_a && folder_b ? strcmp(folder_a, folder_b) == 0 : strcmp(a, b) == 0;
    free(folder_a);
    free(folder_b);
    return same;
}

bool nbl__cli_is_input(const char *output, const char *input)
{
    struct stat target, file;
    if (nbl__cli_is_dash(output) || stat(output, &target) != 0)
        return false;
    if ((nbl__cli_is_dash(input) ? fstat(STDIN_FILENO, &file) : stat(input, &file)) != 0)
        return false;
    return same_file(&target, &file);
}
