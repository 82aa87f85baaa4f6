/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target without libFuzzer, so that every compiler and every test run exercises it:
 *
 *     fuzz_x_driver            pseudo-random inputs
 *     fuzz_x_driver FILE...    each file, and each file of a folder, as it is (a crash found elsewhere), then
 *                              damaged copies of it
 *
 * NBL_TEST_SCALE * 4000 inputs in all, the same in every run.
 */
#define _XOPEN_SOURCE 700

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_SIZE = 1 << 16, MAX_RANDOM = 600 };

static uint8_t original[MAX_SIZE], data[MAX_SIZE];
static uint64_t state = 1;

/* One multiplication: plenty for bytes that only need to differ. */
static size_t below(size_t limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(state >> 33) % limit;
}

/* Up to three wounds: a byte changed, a piece cut out, or a piece copied to somewhere else. */
static size_t damage(size_t size)
{
    memcpy(data, original, size);
    for (size_t wounds = 1 + below(3); wounds > 0 && size > 0; wounds--) {
        const size_t at = below(size), length = 1 + below(size - at < 40 ? size - at : 40);
        const size_t kind = below(4), to = below(size - length + 1);
        if (kind == 0) {
            memmove(data + at, data + at + length, size - at - length);
            size -= length;
        } else if (kind == 1) {
            memmove(data + to, data + at, length);
        } else {
            data[at] = kind == 2 ? (uint8_t)below(256) : (uint8_t) "0129 -.eTF\n\"=\0"[below(14)];
        }
    }
    return size;
}

static int run_file(const char *path, size_t copies)
{
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        return 1;
    }
    const size_t size = fread(original, 1, sizeof original, stream);
    fclose(stream);
    LLVMFuzzerTestOneInput(original, size);
    for (size_t k = 0; k < copies; k++)
        LLVMFuzzerTestOneInput(data, damage(size));
    return 0;
}

/* By their names, so that damage is the same in every run. */
static int run_folder(const char *folder, size_t copies)
{
    struct dirent **entries;
    const int n = scandir(folder, &entries, NULL, alphasort);
    int failed = n < 0;
    for (int k = 0; k < n; k++) {
        char path[4096];
        const int length = snprintf(path, sizeof path, "%s/%s", folder, entries[k]->d_name);
        if (entries[k]->d_name[0] != '.')
            failed |= length >= (int)sizeof path || run_file(path, copies / (size_t)n);
        free(entries[k]);
    }
    if (n >= 0)
        free(entries);
    return failed;
}

static int run_path(const char *path, size_t copies)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode) ? run_folder(path, copies) : run_file(path, copies);
}

int main(int argc, char **argv)
{
    const char *scale = getenv("NBL_TEST_SCALE");
    const size_t runs = (size_t)(4000 * (scale ? strtod(scale, NULL) : 1.0)) + 100;
    int failed = 0;
    for (int k = 1; k < argc; k++)
        failed |= run_path(argv[k], runs / (size_t)(argc - 1));
    for (size_t run = 0; argc == 1 && run < runs; run++) {
        const size_t size = below(MAX_RANDOM);
        for (size_t k = 0; k < size; k++)
            data[k] = (uint8_t)below(256);
        LLVMFuzzerTestOneInput(data, size);
    }
    printf("%zu inputs, no complaint\n", runs);
    return failed;
}
