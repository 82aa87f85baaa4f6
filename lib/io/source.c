/* SPDX-License-Identifier: MIT */
#include "io/source.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 * 1024 };

void nbl__io_source_init(nbl__io_source *source)
{
    *source = (nbl__io_source){.name = NULL};
    nbl__io_bytes_init(&source->bytes);
}

void nbl__io_source_close(nbl__io_source *source)
{
    nbl__io_bytes_close(&source->bytes);
    free(source->name);
    source->name = NULL;
    source->begin = source->end = 0;
    source->line = 0;
    source->at_end = false;
}

void nbl__io_source_free(nbl__io_source *source)
{
    nbl__io_source_close(source);
    free(source->data);
    source->data = NULL;
    source->capacity = 0;
}

nbl_io_status nbl__io_source_open(nbl__io_source *source, const char *path, nbl__io_message *message)
{
    nbl__io_source_close(source);
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    nbl_io_status status = nbl__io_bytes_open(&source->bytes, path, name, message);
    if (status != NBL_IO_OK)
        return status;
    source->name = malloc(strlen(name) + 1);
    if (source->name == NULL) {
        nbl__io_source_close(source);
        return nbl__io_message_set(message, NBL_IO_ENOMEM, "%s: out of memory", name);
    }
    strcpy(source->name, name);
    return NBL_IO_OK;
}

/* Room for a block and a zero behind it: moves what is left to the front, then grows. */
static bool make_room(nbl__io_source *source)
{
    if (source->data != NULL && source->capacity - source->end > BLOCK)
        return true;
    size_t held = source->end - source->begin;
    if (source->data != NULL && source->begin > 0)
        memmove(source->data, source->data + source->begin, held);
    source->begin = 0;
    source->end = held;
    if (source->capacity > held + BLOCK)
        return true;
    size_t capacity = held + held / 2 + 2 * BLOCK;
    char *data = realloc(source->data, capacity);
    if (data == NULL)
        return false;
    source->data = data;
    source->capacity = capacity;
    return true;
}

static nbl_io_status fill(nbl__io_source *source, nbl__io_message *message)
{
    nbl__io_excerpt why;
    size_t got = 0;
    if (!make_room(source))
        return nbl__io_message_at(message, NBL_IO_ENOMEM, source->name, source->line + 1, "out of memory");
    nbl_io_status status = nbl__io_bytes_read(&source->bytes, source->data + source->end, BLOCK, &got, &why);
    if (status == NBL_IO_EREAD)
        return nbl__io_message_at(message, status, source->name, source->line + 1, "reading failed: %s",
                                  why.text);
    if (status != NBL_IO_OK)
        return nbl__io_message_at(message, status, source->name, source->line + 1, "%s", why.text);
    source->end += got;
    source->at_end = got == 0;
    return NBL_IO_OK;
}

static nbl_io_status too_long(nbl__io_source *source, size_t limit, nbl__io_message *message)
{
    return nbl__io_message_at(message, NBL_IO_ELONG, source->name, source->line + 1,
                              "the line is longer than %zu bytes", limit);
}

/* Where the line at the front ends, *newline; NULL where the file ends first. */
static nbl_io_status find_end(nbl__io_source *source, size_t limit, char **newline, nbl__io_message *message)
{
    size_t searched = 0;
    for (;;) {
        size_t held = source->end - source->begin;
        *newline = NULL;
        if (held > searched)
            *newline = memchr(source->data + source->begin + searched, '\n', held - searched);
        if (*newline != NULL || (source->at_end && held > 0))
            return NBL_IO_OK;
        if (source->at_end && source->bytes.trailing)
            return nbl__io_message_at(message, NBL_IO_EGZIP, source->name, source->line + 1,
                                      "trailing data after the compressed data");
        if (source->at_end)
            return NBL_IO_END;
        if (held > limit + 1) /* one more may be the CR of a line that just fits */
            return too_long(source, limit, message);
        searched = held;
        nbl_io_status status = fill(source, message);
        if (status != NBL_IO_OK)
            return status;
    }
}

nbl_io_status nbl__io_source_line(nbl__io_source *source, size_t limit, nbl__io_line *line,
                                  nbl__io_message *message)
{
    char *newline;
    nbl_io_status status = find_end(source, limit, &newline, message);
    if (status != NBL_IO_OK)
        return status;

    line->text = source->data + source->begin;
    size_t length = newline != NULL ? (size_t)(newline - line->text) : source->end - source->begin;
    size_t taken = newline != NULL ? length + 1 : length;
    if (length > 0 && line->text[length - 1] == '\r')
        length--;
    const char *zero = memchr(line->text, '\0', length);
    if (zero != NULL)
        return nbl__io_message_at(message, NBL_IO_EBINARY, source->name, source->line + 1,
                                  "NUL byte in column %zu: not a text file", (size_t)(zero - line->text) + 1);
    if (length > limit)
        return too_long(source, limit, message);
    line->text[length] = '\0';
    line->length = length;
    source->begin += taken;
    source->line++;
    return NBL_IO_OK;
}
