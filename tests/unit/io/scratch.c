/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static char folder[512];

int scratch_setup(void **state)
{
    (void)state;
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/nblist-io-XXXXXX", parent != NULL ? parent : "/tmp");
    return mkdtemp(folder) == NULL;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *place)
{
    (void)about, (void)type, (void)place;
    return remove(path);
}

int scratch_teardown(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const char *name)
{
    static char paths[4][1024];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void scratch_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void scratch_write_text(const char *path, const char *text)
{
    scratch_write(path, text, strlen(text));
}

void scratch_write_gzip(const char *path, const void *data, size_t size)
{
    gzFile file = gzopen(path, "wb6");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, data, (unsigned)size), (int)size);
    assert_int_equal(gzclose(file), Z_OK);
}

char *scratch_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long length = ftell(file);
    assert_true(length >= 0);
    rewind(file);
    char *data = malloc((size_t)length + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)length, file), (size_t)length);
    data[length] = '\0';
    fclose(file);
    if (size != NULL)
        *size = (size_t)length;
    return data;
}

char *scratch_read_gzip(const char *path, size_t most)
{
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    char *data = malloc(most + 1);
    assert_non_null(data);
    assert_int_equal(gzdirect(file), 0);
    int got = gzread(file, data, (unsigned)most);
    assert_true(got >= 0);
    data[got] = '\0';
    assert_int_equal(gzclose(file), Z_OK);
    return data;
}

int scratch_limit_file_size(long size)
{
    struct rlimit limit;
    signal(SIGXFSZ, size >= 0 ? SIG_IGN : SIG_DFL);
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0)
        return -1;
    limit.rlim_cur = size >= 0 ? (rlim_t)size : limit.rlim_max;
    return setrlimit(RLIMIT_FSIZE, &limit);
}

int scratch_open_fifo(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    assert_true(fd >= 0);
    return fd;
}

bool scratch_exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}
