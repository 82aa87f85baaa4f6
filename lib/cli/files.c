/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include "files.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool nbl__cli_is_dash(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* Where the folder of a path is; false: there is none. */
static bool find_folder(const char *path, struct stat *about)
{
    const char *slash = strrchr(path, '/');
    char folder[PATH_MAX]; /* longer ones cannot be opened */
    const size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    if (length >= sizeof folder)
        return false;
    memcpy(folder, path, length);
    folder[length] = '\0';
    return stat(slash ? folder : ".", about) == 0;
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
    if (!find_folder(a, &about_a) || !find_folder(b, &about_b))
        return strcmp(a, b) == 0;
    return about_a.st_dev == about_b.st_dev && about_a.st_ino == about_b.st_ino;
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
