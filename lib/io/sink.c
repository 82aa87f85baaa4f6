/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700
#include "io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

enum { BUFFER = 256 * 1024, LARGEST_WRITE = 1 << 30, MOST_NAMES = 100 };

void nbl__io_sink_init(nbl__io_sink *sink)
{
    *sink = (nbl__io_sink){.fd = -1};
}

/* Lets go of everything but the buffer; what is to become of the file is decided before. init() sets the
   pointers to NULL, which clang's analyzer does not follow. */
/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
static void let_go(nbl__io_sink *sink)
{
    if (sink->deflater != NULL) {
        deflateEnd(sink->deflater);
        free(sink->deflater);
    }
    if (sink->owned && sink->fd >= 0)
        close(sink->fd);
    free(sink->name);
    free(sink->path);
    free(sink->part);
    unsigned char *buffer = sink->buffer;
    nbl__io_sink_init(sink);
    sink->buffer = buffer;
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */

void nbl__io_sink_abandon(nbl__io_sink *sink)
{
    if (sink->part != NULL && sink->fd >= 0)
        unlink(sink->part);
    let_go(sink);
}

void nbl__io_sink_free(nbl__io_sink *sink)
{
    nbl__io_sink_abandon(sink);
    free(sink->buffer);
    sink->buffer = NULL;
}

/* The first failure: the partial file goes at once, the sink stays open so that every call fails alike. */
static nbl_io_status fail(nbl__io_sink *sink, int error, nbl__io_message *message)
{
    nbl__io_excerpt why;
    if (sink->part != NULL)
        unlink(sink->part);
    if (sink->owned && sink->fd >= 0)
        close(sink->fd);
    sink->fd = -1;
    sink->failed = true;
    return nbl__io_message_set(message, NBL_IO_EWRITE, "%s: writing failed: %s", sink->name,
                               nbl__io_errno_text(error, &why));
}

nbl_io_status nbl__io_sink_check(const nbl__io_sink *sink, nbl__io_message *message)
{
    if (!sink->is_open)
        return nbl__io_message_set(message, NBL_IO_ESTATE, "no file is open");
    if (sink->failed)
        return nbl__io_message_set(message, NBL_IO_EWRITE, "%s: writing failed before", sink->name);
    return NBL_IO_OK;
}

static char *join(const char *a, const char *b)
{
    size_t length = strlen(a) + strlen(b) + 1;
    char *text = malloc(length);
    if (text != NULL)
        snprintf(text, length, "%s%s", a, b);
    return text;
}

static nbl_io_status open_failed(nbl__io_sink *sink, nbl_io_status status, const char *path, const char *why,
                                 nbl__io_message *message)
{
    nbl__io_message_set(message, status, "%s: %s", path, why);
    sink->fd = -1; /* nothing to unlink: the temporary file is not ours */
    let_go(sink);
    return status;
}

/* Six letters that another process, thread or call hardly draws as well; O_EXCL decides. */
static void draw_letters(char *letters, const void *salt, int attempt)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t x = (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30 ^ (uint64_t)getpid() << 40;
    x += (uint64_t)(uintptr_t)salt + (uint64_t)attempt;
    for (int k = 0; k < 6; k++) {
        x = (x ^ x >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
        letters[k] = alphabet[(x >> 32) % (sizeof alphabet - 1)];
    }
}

/* Creates PATH.XXXXXX.part with the permissions of any new file. mkstemps() would make it private. */
static int create_part(nbl__io_sink *sink)
{
    char *letters = sink->part + strlen(sink->path) + 1;
    int fd = -1;
    for (int attempt = 0; attempt < MOST_NAMES; attempt++) {
        draw_letters(letters, sink, attempt);
        fd = open(sink->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || (errno != EEXIST && errno != EINTR))
            break;
    }
    return fd;
}

/*
 * A regular file, new or to be replaced: opens the partial file. A symbolic link is followed by name, so
 * that its target is replaced and not the link.
 */
static nbl_io_status open_part(nbl__io_sink *sink, const char *path, const struct stat *old,
                               nbl__io_message *message)
{
    nbl__io_excerpt why;
    if (old != NULL && !sink->overwrite)
        return open_failed(sink, NBL_IO_EEXIST, path, "the file exists already", message);
    sink->path = old != NULL ? realpath(path, NULL) : join(path, "");
    if (sink->path == NULL && errno != ENOMEM)
        return open_failed(sink, NBL_IO_EOPEN, path, nbl__io_errno_text(errno, &why), message);
    sink->part = sink->path != NULL ? join(sink->path, ".XXXXXX.part") : NULL;
    if (sink->part == NULL)
        return open_failed(sink, NBL_IO_ENOMEM, path, "out of memory", message);
    int fd = create_part(sink);
    if (fd < 0)
        return open_failed(sink, NBL_IO_EOPEN, path, nbl__io_errno_text(errno, &why), message);
    sink->fd = fd;
    sink->owned = true;
    sink->patchable = true;
    sink->mode = old != NULL ? (uint32_t)(old->st_mode & 0777) : 0;
    return NBL_IO_OK;
}

static nbl_io_status open_target(nbl__io_sink *sink, const char *path, nbl__io_message *message)
{
    nbl__io_excerpt why;
    struct stat about;
    if (strcmp(path, "-") == 0) {
        sink->fd = STDOUT_FILENO;
        return NBL_IO_OK;
    }
    if (stat(path, &about) != 0) {
        /* A link that leads nowhere takes the name, too. */
        if (!sink->overwrite && lstat(path, &about) == 0)
            return open_failed(sink, NBL_IO_EEXIST, path, "the file exists already", message);
        return open_part(sink, path, NULL, message);
    }
    if (S_ISDIR(about.st_mode))
        return open_failed(sink, NBL_IO_EOPEN, path, "is a directory", message);
    if (S_ISREG(about.st_mode))
        return open_part(sink, path, &about, message);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(sink, NBL_IO_EOPEN, path, nbl__io_errno_text(errno, &why), message);
    sink->fd = fd;
    sink->owned = true;
    return NBL_IO_OK;
}

static bool start_gzip(nbl__io_sink *sink)
{
    z_stream *z = calloc(1, sizeof *z);
    if (z == NULL)
        return false;
    if (deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(z);
        return false;
    }
    sink->deflater = z;
    sink->patchable = false;
    return true;
}

nbl_io_status nbl__io_sink_open(nbl__io_sink *sink, const char *path, uint32_t flags, bool gzip,
                                nbl__io_message *message)
{
    nbl__io_sink_abandon(sink);
    if ((flags & ~(uint32_t)NBL_IO_OVERWRITE) != 0)
        return nbl__io_message_set(message, NBL_IO_EOPTION, "flags is 0x%x: unknown flags", (unsigned)flags);
    sink->overwrite = (flags & NBL_IO_OVERWRITE) != 0;
    sink->name = join(strcmp(path, "-") == 0 ? "<stdout>" : path, "");
    if (sink->buffer == NULL)
        sink->buffer = malloc(2 * (size_t)BUFFER); /* the second half takes what gzip makes */
    if (sink->name == NULL || sink->buffer == NULL)
        return open_failed(sink, NBL_IO_ENOMEM, path, "out of memory", message);
    nbl_io_status status = open_target(sink, path, message);
    if (status != NBL_IO_OK)
        return status;
    size_t length = strlen(path);
    if (gzip && length > 3 && strcmp(path + length - 3, ".gz") == 0 && !start_gzip(sink)) {
        nbl__io_sink_abandon(sink);
        return nbl__io_message_set(message, NBL_IO_ENOMEM, "%s: out of memory", path);
    }
    sink->is_open = true;
    return NBL_IO_OK;
}

/* A target that does not block (a terminal shared with such a program) is waited for. */
static nbl_io_status write_out(nbl__io_sink *sink, const unsigned char *data, size_t size,
                               nbl__io_message *message)
{
    while (size > 0) {
        ssize_t n = write(sink->fd, data, size < LARGEST_WRITE ? size : LARGEST_WRITE);
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd ready = {.fd = sink->fd, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (n == 0 || errno != EINTR) {
            return fail(sink, n == 0 ? ENOSPC : errno, message);
        }
    }
    return NBL_IO_OK;
}

/* size is at most the buffer's, or smaller than 2^32 in any case */
static nbl_io_status pass_on(nbl__io_sink *sink, const unsigned char *data, size_t size, bool last,
                             nbl__io_message *message)
{
    if (sink->deflater == NULL)
        return write_out(sink, data, size, message);
    z_stream *z = sink->deflater;
    unsigned char *packed = sink->buffer + BUFFER;
    z->next_in = data;
    z->avail_in = (uInt)size;
    do {
        z->next_out = packed;
        z->avail_out = BUFFER;
        deflate(z, last ? Z_FINISH : Z_NO_FLUSH);
        nbl_io_status status = write_out(sink, packed, BUFFER - z->avail_out, message);
        if (status != NBL_IO_OK)
            return status;
    } while (z->avail_out == 0);
    return NBL_IO_OK;
}

static nbl_io_status flush(nbl__io_sink *sink, bool last, nbl__io_message *message)
{
    size_t used = sink->used;
    sink->used = 0;
    return used > 0 || last ? pass_on(sink, sink->buffer, used, last, message) : NBL_IO_OK;
}

nbl_io_status nbl__io_sink_write(nbl__io_sink *sink, const void *data, size_t size, nbl__io_message *message)
{
    const unsigned char *from = data;
    nbl_io_status status = nbl__io_sink_check(sink, message);
    if (status == NBL_IO_OK && size > BUFFER - sink->used)
        status = flush(sink, false, message);
    while (status == NBL_IO_OK && size >= BUFFER) {
        size_t part = size < LARGEST_WRITE ? size : LARGEST_WRITE;
        status = pass_on(sink, from, part, false, message);
        from += part;
        size -= part;
        sink->offset += (int64_t)part;
    }
    if (status != NBL_IO_OK)
        return status;
    if (size > 0)
        memcpy(sink->buffer + sink->used, from, size);
    sink->used += size;
    sink->offset += (int64_t)size;
    return NBL_IO_OK;
}

char *nbl__io_sink_room(nbl__io_sink *sink, size_t size, nbl__io_message *message)
{
    if (nbl__io_sink_check(sink, message) != NBL_IO_OK)
        return NULL;
    if (size > BUFFER - sink->used && flush(sink, false, message) != NBL_IO_OK)
        return NULL;
    return (char *)sink->buffer + sink->used;
}

void nbl__io_sink_give(nbl__io_sink *sink, const char *end)
{
    size_t used = (size_t)(end - (char *)sink->buffer);
    sink->offset += (int64_t)(used - sink->used);
    sink->used = used;
}

nbl_io_status nbl__io_sink_patch(nbl__io_sink *sink, int64_t offset, const void *data, size_t size,
                                 nbl__io_message *message)
{
    nbl_io_status status = nbl__io_sink_check(sink, message);
    int64_t flushed = sink->offset - (int64_t)sink->used;
    if (status != NBL_IO_OK)
        return status;
    if (offset >= flushed) {
        memcpy(sink->buffer + (offset - flushed), data, size);
        return NBL_IO_OK;
    }
    status = flush(sink, false, message);
    const unsigned char *from = data;
    while (status == NBL_IO_OK && size > 0) {
        ssize_t n = pwrite(sink->fd, from, size, (off_t)offset);
        if (n > 0) {
            from += n;
            size -= (size_t)n;
            offset += n;
        } else if (n == 0 || errno != EINTR) {
            status = fail(sink, n == 0 ? ENOSPC : errno, message);
        }
    }
    return status;
}

/* Without the right to overwrite, link() refuses a target that appeared meanwhile; some file systems lack it.
 */
static nbl_io_status take_name(nbl__io_sink *sink, nbl__io_message *message)
{
    if (sink->overwrite)
        return rename(sink->part, sink->path) == 0 ? NBL_IO_OK : fail(sink, errno, message);
    if (link(sink->part, sink->path) == 0) {
        unlink(sink->part);
        return NBL_IO_OK;
    }
    struct stat about;
    if (errno == EEXIST || lstat(sink->path, &about) == 0) {
        unlink(sink->part);
        return nbl__io_message_set(message, NBL_IO_EEXIST, "%s: the file exists already", sink->name);
    }
    return rename(sink->part, sink->path) == 0 ? NBL_IO_OK : fail(sink, errno, message);
}

const char *nbl__io_sink_part(const nbl__io_sink *sink)
{
    return sink->is_open && !sink->failed ? sink->part : NULL;
}

nbl_io_status nbl__io_sink_commit(nbl__io_sink *sink, nbl__io_message *message)
{
    nbl_io_status status = nbl__io_sink_check(sink, message);
    if (status == NBL_IO_OK)
        status = flush(sink, true, message);
    if (status == NBL_IO_OK && sink->mode != 0)
        fchmod(sink->fd, (mode_t)sink->mode);
    if (status == NBL_IO_OK && sink->owned) {
        int fd = sink->fd;
        sink->fd = -1;
        if (close(fd) != 0)
            status = fail(sink, errno, message);
    }
    if (status == NBL_IO_OK && sink->part != NULL)
        status = take_name(sink, message);
    sink->fd = -1; /* the partial file is gone, one way or the other */
    let_go(sink);
    return status;
}
