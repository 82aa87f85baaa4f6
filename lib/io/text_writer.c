/* SPDX-License-Identifier: MIT */
#include "io/sink.h"

#include <stdlib.h>

struct nbl_text_writer {
    nbl__io_sink sink;
    nbl__io_message message;
};

nbl_io_status nbl_text_writer_create(nbl_text_writer **writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    *writer = calloc(1, sizeof **writer);
    if (*writer == NULL)
        return NBL_IO_ENOMEM;
    nbl__io_sink_init(&(*writer)->sink);
    return NBL_IO_OK;
}

void nbl_text_writer_destroy(nbl_text_writer **writer)
{
    if (writer == NULL || *writer == NULL)
        return;
    nbl__io_sink_free(&(*writer)->sink);
    free(*writer);
    *writer = NULL;
}

const char *nbl_text_writer_message(const nbl_text_writer *writer)
{
    return writer == NULL ? "" : writer->message.text;
}

const char *nbl_text_writer_part(const nbl_text_writer *writer)
{
    return writer == NULL ? NULL : nbl__io_sink_part(&writer->sink);
}

nbl_io_status nbl_text_writer_open(nbl_text_writer *writer, const char *path, uint32_t flags)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    nbl__io_sink_abandon(&writer->sink);
    if (path == NULL)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "path is NULL");
    return nbl__io_sink_open(&writer->sink, path, flags, true, &writer->message);
}

nbl_io_status nbl_text_writer_write(nbl_text_writer *writer, int64_t size, const void *text)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message *message = &writer->message;
    nbl__io_message_clear(message);
    nbl_io_status status = nbl__io_sink_check(&writer->sink, message);
    if (status != NBL_IO_OK)
        return status;
    if (size < 0 || (uint64_t)size > SIZE_MAX)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "size is %lld", (long long)size);
    if (size > 0 && text == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "text is NULL");
    return nbl__io_sink_write(&writer->sink, text, (size_t)size, message);
}

nbl_io_status nbl_text_writer_close(nbl_text_writer *writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    return nbl__io_sink_commit(&writer->sink, &writer->message);
}
