/* SPDX-License-Identifier: MIT */
/*
 * Lines of a file. Invariants: a line is handed out zero-terminated and without its end (LF or CR LF),
 * holds no zero byte itself, and is no longer than the limit of the call; memory stays below twice the
 * longest limit asked for, plus a block. Knows nothing of atoms.
 */
#ifndef NBL_IO_SOURCE_H
#define NBL_IO_SOURCE_H

#include "io/bytes.h"

typedef struct nbl__io_source {
    nbl__io_bytes bytes;
    char *name; /* for messages; NULL = not open */
    char *data;
    size_t capacity;
    size_t begin, end; /* bytes of data not handed out yet */
    int64_t line;      /* of the line handed out last, from 1 */
    bool at_end;
} nbl__io_source;

typedef struct nbl__io_line {
    char *text; /* text[length] is 0; all of it may be written */
    size_t length;
} nbl__io_line;

void nbl__io_source_init(nbl__io_source *source);
void nbl__io_source_free(nbl__io_source *source);

/* Closes what was open. NBL_IO_EOPEN, NBL_IO_ENOMEM. */
nbl_io_status nbl__io_source_open(nbl__io_source *source, const char *path, nbl__io_message *message);
void nbl__io_source_close(nbl__io_source *source);

/*
 * The next line, valid until the next call; NBL_IO_END at the end of the file. Failures come with
 * their message: NBL_IO_ELONG, NBL_IO_EBINARY, NBL_IO_EREAD, NBL_IO_EGZIP, NBL_IO_ENOMEM.
 */
nbl_io_status nbl__io_source_line(nbl__io_source *source, size_t limit, nbl__io_line *line,
                                  nbl__io_message *message);

#endif
