/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "io/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZLIB_CONST
#include <zlib.h>

enum { BLOCK = 64 * 1024, LARGEST_READ = 1 << 30 };

void nbl__io_bytes_init(nbl__io_bytes *bytes)
{
    *bytes = (nbl__io_bytes){.fd = -1, .total = -1};
}

void nbl__io_bytes_close(nbl__io_bytes *bytes)
{
    if (bytes->inflater != NULL) {
        inflateEnd(bytes->inflater);
        free(bytes->inflater);
    }
    if (bytes->fd >= 0)
        close(bytes->fd);
    free(bytes->data);
    nbl__io_bytes_init(bytes);
}

/* Standard input is read through a copy of its descriptor, so that closing leaves it open. */
nbl_io_status nbl__io_bytes_open(nbl__io_bytes *bytes, const char *path, const char *name,
                                 nbl__io_message *message)
{
    nbl__io_excerpt why;
    struct stat about;
    nbl__io_bytes_init(bytes);
    if (strcmp(path, "-") == 0)
        bytes->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        bytes->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (bytes->fd < 0 || fstat(bytes->fd, &about) != 0) {
        int error = errno;
        nbl__io_bytes_close(bytes);
        return nbl__io_message_set(message, NBL_IO_EOPEN, "%s: %s", name, nbl__io_errno_text(error, &why));
    }
    if (S_ISDIR(about.st_mode)) {
        nbl__io_bytes_close(bytes);
        return nbl__io_message_set(message, NBL_IO_EOPEN, "%s: is a directory", name);
    }
    bytes->data = malloc(BLOCK);
    if (bytes->data == NULL) {
        nbl__io_bytes_close(bytes);
        return nbl__io_message_set(message, NBL_IO_ENOMEM, "%s: out of memory", name);
    }
    if (S_ISREG(about.st_mode))
        bytes->total = (int64_t)about.st_size;
    return NBL_IO_OK;
}

static nbl_io_status fail(nbl_io_status status, const char *text, nbl__io_excerpt *why)
{
    nbl__io_excerpt_make(why, text, strlen(text));
    return status;
}

static nbl_io_status read_plain(nbl__io_bytes *bytes, void *out, size_t capacity, size_t *got,
                                nbl__io_excerpt *why)
{
    ssize_t n;
    do
        n = read(bytes->fd, out, capacity < LARGEST_READ ? capacity : LARGEST_READ);
    while (n < 0 && errno == EINTR);
    *got = n > 0 ? (size_t)n : 0;
    if (n < 0) {
        nbl__io_errno_text(errno, why);
        return NBL_IO_EREAD;
    }
    bytes->offset += n;
    bytes->at_end = n == 0;
    return NBL_IO_OK;
}

/* Makes at least `least` bytes (1 or 2) of the file ready in data, unless it ends before. */
static nbl_io_status look(nbl__io_bytes *bytes, size_t least, nbl__io_excerpt *why)
{
    while (bytes->end - bytes->begin < least && !bytes->at_end) {
        size_t held = bytes->end - bytes->begin, got;
        memmove(bytes->data, bytes->data + bytes->begin, held);
        bytes->begin = 0;
        bytes->end = held;
        nbl_io_status status = read_plain(bytes, bytes->data + held, BLOCK - held, &got, why);
        if (status != NBL_IO_OK)
            return status;
        bytes->end += got;
    }
    return NBL_IO_OK;
}

static bool at_magic(const nbl__io_bytes *bytes)
{
    return bytes->end - bytes->begin >= 2 && bytes->data[bytes->begin] == 0x1f &&
           bytes->data[bytes->begin + 1] == 0x8b;
}

static nbl_io_status start(nbl__io_bytes *bytes, nbl__io_excerpt *why)
{
    nbl_io_status status = look(bytes, 2, why);
    if (status != NBL_IO_OK)
        return status;
    bytes->started = true;
    if (!at_magic(bytes))
        return NBL_IO_OK;
    z_stream *z = calloc(1, sizeof *z);
    if (z == NULL)
        return fail(NBL_IO_ENOMEM, "out of memory", why);
    if (inflateInit2(z, 15 + 16) != Z_OK) {
        free(z);
        return fail(NBL_IO_ENOMEM, "out of memory", why);
    }
    bytes->inflater = z;
    bytes->inside = true;
    return NBL_IO_OK;
}

/* One call of inflate(), of which `bytes` keeps the account. */
static int unpack_some(nbl__io_bytes *bytes, void *out, size_t capacity, size_t *got)
{
    z_stream *z = bytes->inflater;
    uInt room = (uInt)(capacity < LARGEST_READ ? capacity : LARGEST_READ);
    z->next_in = bytes->data + bytes->begin;
    z->avail_in = (uInt)(bytes->end - bytes->begin);
    z->next_out = out;
    z->avail_out = room;
    int code = inflate(z, Z_NO_FLUSH);
    bytes->begin = bytes->end - z->avail_in;
    *got = room - z->avail_out;
    return code;
}

/* Between members: passes zero padding, and tells whether another member begins. */
static nbl_io_status next_member(nbl__io_bytes *bytes, nbl__io_excerpt *why)
{
    for (;;) {
        nbl_io_status status = look(bytes, 2, why);
        if (status != NBL_IO_OK)
            return status;
        if (bytes->begin == bytes->end || bytes->data[bytes->begin] != 0)
            break;
        bytes->begin++;
    }
    bytes->inside = at_magic(bytes);
    bytes->trailing = !bytes->inside && bytes->begin < bytes->end;
    if (bytes->inside)
        inflateReset(bytes->inflater);
    return NBL_IO_OK;
}

/* Members may follow each other. */
static nbl_io_status unpack(nbl__io_bytes *bytes, void *out, size_t capacity, size_t *got, nbl__io_excerpt *why)
{
    *got = 0;
    while (*got == 0) {
        nbl_io_status status = bytes->inside ? look(bytes, 1, why) : next_member(bytes, why);
        if (status != NBL_IO_OK || !bytes->inside)
            return status;
        if (bytes->begin == bytes->end)
            return fail(NBL_IO_EGZIP, "the compressed file ends too early", why);
        int code = unpack_some(bytes, out, capacity, got);
        if (code == Z_STREAM_END)
            bytes->inside = false;
        else if (code == Z_MEM_ERROR && *got == 0)
            return fail(NBL_IO_ENOMEM, "out of memory", why);
        else if (code != Z_OK && *got == 0)
            return fail(NBL_IO_EGZIP, "the compressed data are corrupt", why);
    }
    return NBL_IO_OK;
}

nbl_io_status nbl__io_bytes_read(nbl__io_bytes *bytes, void *out, size_t capacity, size_t *got,
                                 nbl__io_excerpt *why)
{
    *got = 0;
    if (!bytes->started) {
        nbl_io_status status = start(bytes, why);
        if (status != NBL_IO_OK)
            return status;
    }
    if (bytes->inflater != NULL)
        return unpack(bytes, out, capacity, got, why);
    size_t held = bytes->end - bytes->begin;
    if (held == 0)
        return bytes->at_end ? NBL_IO_OK : read_plain(bytes, out, capacity, got, why);
    *got = held < capacity ? held : capacity;
    memcpy(out, bytes->data + bytes->begin, *got);
    bytes->begin += *got;
    return NBL_IO_OK;
}
