/* SPDX-License-Identifier: MIT */
#include "base/struct.h"
#include "io/number.h"
#include "io/sink.h"
#include "io/xyz_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUT_FIRST = NBL__THROUGH(nbl_xyz_output, n_pairs) };

struct nbl_xyz_writer {
    nbl__io_sink sink;
    nbl__io_message message;
};

nbl_io_status nbl_xyz_writer_create(nbl_xyz_writer **writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    *writer = calloc(1, sizeof **writer);
    if (*writer == NULL)
        return NBL_IO_ENOMEM;
    nbl__io_sink_init(&(*writer)->sink);
    return NBL_IO_OK;
}

void nbl_xyz_writer_destroy(nbl_xyz_writer **writer)
{
    if (writer == NULL || *writer == NULL)
        return;
    nbl__io_sink_free(&(*writer)->sink);
    free(*writer);
    *writer = NULL;
}

const char *nbl_xyz_writer_message(const nbl_xyz_writer *writer)
{
    return writer == NULL ? "" : writer->message.text;
}

const char *nbl_xyz_writer_part(const nbl_xyz_writer *writer)
{
    return writer == NULL ? NULL : nbl__io_sink_part(&writer->sink);
}

nbl_io_status nbl_xyz_writer_open(nbl_xyz_writer *writer, const char *path, uint32_t flags)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    nbl__io_sink_abandon(&writer->sink);
    if (path == NULL)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "path is NULL");
    return nbl__io_sink_open(&writer->sink, path, flags, true, &writer->message);
}

/* ---- pieces of a frame; each returns false once writing has failed ---- */

static bool put_text(nbl_xyz_writer *writer, const char *text)
{
    return nbl__io_sink_write(&writer->sink, text, strlen(text), &writer->message) == NBL_IO_OK;
}

/* `before`, which may be 0 for nothing, and a number. */
static bool put_real(nbl_xyz_writer *writer, char before, double value)
{
    char *out = nbl__io_sink_room(&writer->sink, NBL__REAL_TEXT + 2, &writer->message);
    if (out == NULL)
        return false;
    if (before != '\0')
        *out++ = before;
    nbl__io_sink_give(&writer->sink, nbl__io_real_write_short(out, value));
    return true;
}

static bool put_integer(nbl_xyz_writer *writer, char before, int64_t value)
{
    char *out = nbl__io_sink_room(&writer->sink, NBL__INTEGER_TEXT + 1, &writer->message);
    if (out == NULL)
        return false;
    if (before != '\0')
        *out++ = before;
    nbl__io_sink_give(&writer->sink, nbl__io_integer_write(out, value));
    return true;
}

static bool put_value(nbl_xyz_writer *writer, const char *value)
{
    if (nbl__io_xyz_is_bare(value))
        return put_text(writer, value);
    if (!put_text(writer, "\""))
        return false;
    for (const char *p = value; *p != '\0'; p++) {
        char piece[3] = {'\\', *p == '\n' ? 'n' : *p, '\0'};
        bool escaped = *p == '\n' || *p == '"' || *p == '\\';
        if (!put_text(writer, escaped ? piece : piece + 1))
            return false;
    }
    return put_text(writer, "\"");
}

static bool put_cell(nbl_xyz_writer *writer, const nbl_xyz_output *frame)
{
    if (frame->cell != NULL) {
        if (!put_text(writer, "Lattice=\""))
            return false;
        for (int k = 0; k < 9; k++)
            if (!put_real(writer, k == 0 ? '\0' : ' ', frame->cell[k]))
                return false;
        if (!put_text(writer, "\" "))
            return false;
    }
    if (frame->pbc != NULL) {
        char text[] = "pbc=\"F F F\" ";
        for (int a = 0; a < 3; a++)
            if (frame->pbc[a])
                text[5 + 2 * a] = 'T';
        return put_text(writer, text);
    }
    return true;
}

static bool put_properties(nbl_xyz_writer *writer, const nbl_xyz_output *frame)
{
    if (!put_text(writer, "Properties=species:S:1:pos:R:3"))
        return false;
    for (int64_t k = 0; k < frame->n_columns; k++) {
        const nbl_xyz_column *column = nbl__io_xyz_column_at(frame, k);
        char type[4] = {':', (char)column->type, '\0', '\0'};
        if (!put_text(writer, ":") || !put_text(writer, column->name) || !put_text(writer, type) ||
            !put_integer(writer, ':', column->width))
            return false;
    }
    return true;
}

static bool put_header(nbl_xyz_writer *writer, const nbl_xyz_output *frame)
{
    if (!put_integer(writer, '\0', frame->n) || !put_text(writer, "\n") || !put_cell(writer, frame) ||
        !put_properties(writer, frame))
        return false;
    for (int64_t k = 0; k < frame->n_pairs; k++)
        if (!put_text(writer, " ") || !put_text(writer, frame->pairs[k].key) || !put_text(writer, "=") ||
            !put_value(writer, frame->pairs[k].value))
            return false;
    return put_text(writer, "\n");
}

static bool put_item(nbl_xyz_writer *writer, const nbl_xyz_column *column, int64_t item)
{
    switch (column->type) {
    case NBL_XYZ_REAL:
        return put_real(writer, ' ', ((const double *)column->data)[item]);
    case NBL_XYZ_INTEGER:
        return put_integer(writer, ' ', ((const int64_t *)column->data)[item]);
    case NBL_XYZ_STRING:
        return put_text(writer, " ") && put_text(writer, ((const char *const *)column->data)[item]);
    default:
        return put_text(writer, ((const uint8_t *)column->data)[item] != 0 ? " T" : " F");
    }
}

static const char *label_of(const nbl_xyz_output *frame, int64_t k)
{
    if (frame->labels != NULL)
        return frame->labels[k];
    const char *symbol = frame->numbers == NULL ? NULL : nbl_element_symbol(frame->numbers[k]);
    return symbol == NULL ? "X" : symbol;
}

static bool put_atom(nbl_xyz_writer *writer, const nbl_xyz_output *frame, int64_t k)
{
    if (!put_text(writer, label_of(frame, k)))
        return false;
    for (int axis = 0; axis < 3; axis++)
        if (!put_real(writer, ' ', frame->positions[3 * k + axis]))
            return false;
    for (int64_t c = 0; c < frame->n_columns; c++) {
        const nbl_xyz_column *column = nbl__io_xyz_column_at(frame, c);
        for (int32_t m = 0; m < column->width; m++)
            if (!put_item(writer, column, k * column->width + m))
                return false;
    }
    return put_text(writer, "\n");
}

nbl_io_status nbl_xyz_writer_write(nbl_xyz_writer *writer, const nbl_xyz_output *frame)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    nbl_io_status status = nbl__io_sink_check(&writer->sink, &writer->message);
    if (status != NBL_IO_OK)
        return status;
    if (frame == NULL)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "frame is NULL");
    nbl_xyz_output own = NBL_XYZ_OUTPUT_INIT;
    if (nbl__struct_read(&own, sizeof own, OUTPUT_FIRST, frame) != NBL_OK)
        return nbl__io_message_set(&writer->message, NBL_IO_ESTRUCT,
                                   "frame has an impossible size or unknown fields that are not zero");
    status = nbl__io_xyz_check(&own, &writer->message);
    if (status != NBL_IO_OK)
        return status;
    bool good = put_header(writer, &own);
    for (int64_t k = 0; good && k < own.n; k++)
        good = put_atom(writer, &own, k);
    return good ? NBL_IO_OK : NBL_IO_EWRITE;
}

nbl_io_status nbl_xyz_writer_close(nbl_xyz_writer *writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    return nbl__io_sink_commit(&writer->sink, &writer->message);
}
