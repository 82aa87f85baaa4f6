/* SPDX-License-Identifier: MIT */
/*
 * Bytes of a file or of standard input, unpacked if they begin as gzip does. Invariant: everything that
 * could be read or unpacked before a failure is handed out before the failure is told. (zlib's own file
 * functions drop up to a buffer of good bytes before a bad one.) Knows nothing of lines.
 */
#ifndef NBL_IO_BYTES_H
#define NBL_IO_BYTES_H

#include "io/message.h"

#include <stdbool.h>

typedef struct nbl__io_bytes {
    int fd;              /* -1 = not open */
    int64_t offset;      /* bytes read from the file */
    int64_t total;       /* size of the file, or -1 */
    unsigned char *data; /* bytes of the file, begin ... end not used yet */
    size_t begin, end;
    void *inflater;       /* z_stream *, NULL = plain */
    bool started, inside; /* looked at the first bytes; inside a gzip member */
    bool at_end;          /* of the file */
    bool trailing;        /* behind the last gzip member is something that is neither member nor padding */
} nbl__io_bytes;

void nbl__io_bytes_init(nbl__io_bytes *bytes);

/* Failures: NBL_IO_EOPEN, NBL_IO_ENOMEM, with a message that begins with `name`. */
nbl_io_status nbl__io_bytes_open(nbl__io_bytes *bytes, const char *path, const char *name,
                                 nbl__io_message *message);
void nbl__io_bytes_close(nbl__io_bytes *bytes);

/*
 * Up to `capacity` bytes; *got = 0 only at the end, where `trailing` is to be looked at. Failures:
 * NBL_IO_EREAD, NBL_IO_EGZIP, NBL_IO_ENOMEM, *why saying what happened.
 */
nbl_io_status nbl__io_bytes_read(nbl__io_bytes *bytes, void *out, size_t capacity, size_t *got,
                                 nbl__io_excerpt *why);

#endif
