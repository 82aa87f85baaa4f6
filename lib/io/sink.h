/* SPDX-License-Identifier: MIT */
/*
 * A file that is being written: buffered, optionally through gzip, under a temporary name beside the target
 * until it is complete. Invariants: no file is removed or written to that was not created here; after the first
 * failure nothing is written any more, the partial file is gone and every further call fails; the final name
 * only ever belongs to a complete file. What the bytes mean is not known here.
 */
#ifndef NBL_IO_SINK_H
#define NBL_IO_SINK_H

#include "io/message.h"

#include <stdbool.h>

enum { NBL__SINK_ROOM = 4096 }; /* most that nbl__io_sink_room() gives */

typedef struct nbl__io_sink {
    int fd;     /* -1 = not open */
    bool owned; /* fd is to be closed: not standard output */
    bool is_open;
    bool failed;
    bool overwrite;
    bool patchable;        /* a new regular file, not compressed: nbl__io_sink_patch() works */
    char *name;            /* as the user gave it, for messages */
    char *path, *part;     /* final and temporary name; NULL where the target is written directly */
    unsigned char *buffer; /* kept between files */
    size_t used;
    int64_t offset; /* bytes taken so far, those in the buffer included */
    void *deflater; /* z_stream *, NULL = plain */
    uint32_t mode;  /* permissions of the file that is replaced; 0 = none */
} nbl__io_sink;

void nbl__io_sink_init(nbl__io_sink *sink);
void nbl__io_sink_free(nbl__io_sink *sink);

/* gzip: compress names that end in .gz. NBL_IO_EOPTION, NBL_IO_EEXIST, NBL_IO_EOPEN, NBL_IO_ENOMEM. */
nbl_io_status nbl__io_sink_open(nbl__io_sink *sink, const char *path, uint32_t flags, bool gzip,
                                nbl__io_message *message);

/* NBL_IO_OK, or a failure with its message: NBL_IO_ESTATE (not open), NBL_IO_EWRITE (failed before). */
nbl_io_status nbl__io_sink_check(const nbl__io_sink *sink, nbl__io_message *message);

nbl_io_status nbl__io_sink_write(nbl__io_sink *sink, const void *data, size_t size, nbl__io_message *message);

/* `size` <= NBL__SINK_ROOM bytes of buffer to be filled, then given in with their end; NULL: failed. */
char *nbl__io_sink_room(nbl__io_sink *sink, size_t size, nbl__io_message *message);
void nbl__io_sink_give(nbl__io_sink *sink, const char *end);

/* Replaces bytes written before; patchable sinks only. */
nbl_io_status nbl__io_sink_patch(nbl__io_sink *sink, int64_t offset, const void *data, size_t size,
                                 nbl__io_message *message);

/* The temporary name while there is a file of that name, else NULL. */
const char *nbl__io_sink_part(const nbl__io_sink *sink);

/* Completes the file, or gives it up. Both leave the sink closed. */
nbl_io_status nbl__io_sink_commit(nbl__io_sink *sink, nbl__io_message *message);
void nbl__io_sink_abandon(nbl__io_sink *sink);

#endif
