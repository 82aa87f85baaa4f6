/* SPDX-License-Identifier: MIT */
#include "base/struct.h"
#include "io/columns.h"
#include "io/number.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LINE = 1 << 20, MAX_COMMENT = 1 << 24, LARGEST_LIMIT = 1 << 30, LARGEST_STRUCT = 65536 };

/* Sizes of the structs in their first release. */
enum {
    OPTIONS_FIRST = NBL__THROUGH(nbl_xyz_reader_options, max_comment_line),
    FRAME_FIRST = NBL__THROUGH(nbl_xyz_frame, reserved),
    COLUMN_FIRST = NBL__THROUGH(nbl_xyz_column, width)
};

struct nbl_xyz_reader {
    nbl__io_source source;
    nbl__io_comment comment;
    nbl__io_header header;
    nbl__io_columns columns;
    nbl__io_message message;
    nbl__io_message failure; /* of the reading, told again by every further next() */
    nbl_io_status state;     /* NBL_IO_OK, or why there are no more frames */
    nbl_xyz_reader_options options;
    int64_t n_frames, count_line;
    bool has_frame;
};

nbl_io_status nbl_xyz_reader_create(nbl_xyz_reader **reader)
{
    if (reader == NULL)
        return NBL_IO_ENULL;
    *reader = calloc(1, sizeof **reader);
    if (*reader == NULL)
        return NBL_IO_ENOMEM;
    nbl__io_source_init(&(*reader)->source);
    return NBL_IO_OK;
}

void nbl_xyz_reader_destroy(nbl_xyz_reader **reader)
{
    if (reader == NULL || *reader == NULL)
        return;
    nbl__io_source_free(&(*reader)->source);
    nbl__io_comment_free(&(*reader)->comment);
    nbl__io_header_free(&(*reader)->header);
    nbl__io_columns_free(&(*reader)->columns);
    free(*reader);
    *reader = NULL;
}

const char *nbl_xyz_reader_message(const nbl_xyz_reader *reader)
{
    return reader == NULL ? "" : reader->message.text;
}

static nbl_io_status limit(nbl__io_message *message, const char *name, int64_t *value, int64_t otherwise,
                           int64_t largest)
{
    if (*value < 0 || *value > largest)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "options.%s is %lld, not 0 ... %lld", name,
                                   (long long)*value, (long long)largest);
    if (*value == 0)
        *value = otherwise;
    return NBL_IO_OK;
}

static nbl_io_status read_options(nbl_xyz_reader *reader, const nbl_xyz_reader_options *given)
{
    nbl_xyz_reader_options *own = &reader->options;
    nbl_io_status status;
    *own = (nbl_xyz_reader_options)NBL_XYZ_READER_OPTIONS_INIT;
    if (nbl__struct_read(own, sizeof *own, OPTIONS_FIRST, given) != NBL_OK)
        return nbl__io_message_set(&reader->message, NBL_IO_ESTRUCT,
                                   "options has an impossible size or unknown fields that are not zero");
    if ((status = limit(&reader->message, "max_atoms", &own->max_atoms, INT32_MAX, INT32_MAX)) != NBL_IO_OK ||
        (status = limit(&reader->message, "max_line", &own->max_line, MAX_LINE, LARGEST_LIMIT)) != NBL_IO_OK)
        return status;
    return limit(&reader->message, "max_comment_line", &own->max_comment_line, MAX_COMMENT, LARGEST_LIMIT);
}

nbl_io_status nbl_xyz_reader_open(nbl_xyz_reader *reader, const char *path,
                                  const nbl_xyz_reader_options *options)
{
    if (reader == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&reader->message);
    nbl__io_source_close(&reader->source);
    reader->state = NBL_IO_OK;
    reader->n_frames = 0;
    reader->has_frame = false;
    if (path == NULL)
        return nbl__io_message_set(&reader->message, NBL_IO_ENULL, "path is NULL");
    nbl_io_status status = read_options(reader, options);
    if (status != NBL_IO_OK)
        return status;
    return nbl__io_source_open(&reader->source, path, &reader->message);
}

/* ---- one frame ---- */

/* A failure of header or columns, with its place: the line that was read last. */
static nbl_io_status locate(nbl_xyz_reader *reader, nbl_io_status status, const nbl__io_message *why)
{
    return nbl__io_message_at(&reader->message, status, reader->source.name, reader->source.line, "%s",
                              why->text);
}

static char *trim(nbl__io_line *line)
{
    char *p = line->text, *end = line->text + line->length;
    while (end > p && strchr(" \t\v\f\r", end[-1]) != NULL)
        end--;
    *end = '\0';
    return p + strspn(p, " \t\v\f\r");
}

static nbl_io_status read_count(nbl_xyz_reader *reader, int64_t *n)
{
    nbl__io_source *source = &reader->source;
    nbl__io_line line;
    char *text;
    do {
        nbl_io_status status =
            nbl__io_source_line(source, (size_t)reader->options.max_line, &line, &reader->message);
        if (status != NBL_IO_OK)
            return status;
        if (source->line == 1 && line.length >= 3 && memcmp(line.text, "\xef\xbb\xbf", 3) == 0) {
            line.text += 3; /* the byte order mark of some editors */
            line.length -= 3;
        }
        text = trim(&line);
    } while (*text == '\0');

    nbl__io_excerpt shown;
    reader->count_line = source->line;
    nbl__io_excerpt_make(&shown, text, strlen(text));
    enum nbl__io_number answer = nbl__io_integer_read(text, text + strlen(text), n);
    if (answer == NBL__NUMBER_BAD)
        return nbl__io_message_at(&reader->message, NBL_IO_ECOUNT, source->name, source->line,
                                  "'%s' is not a number of atoms", shown.text);
    if (answer == NBL__NUMBER_OK && *n < 0)
        return nbl__io_message_at(&reader->message, NBL_IO_ECOUNT, source->name, source->line,
                                  "the number of atoms is negative: %s", shown.text);
    if (answer != NBL__NUMBER_OK || *n > reader->options.max_atoms)
        return nbl__io_message_at(&reader->message, NBL_IO_ECOUNT, source->name, source->line,
                                  "the number of atoms is too large: %s (at most %lld)", shown.text,
                                  (long long)reader->options.max_atoms);
    return NBL_IO_OK;
}

static nbl_io_status read_comment(nbl_xyz_reader *reader)
{
    nbl__io_line line;
    nbl__io_message why;
    nbl_io_status status =
        nbl__io_source_line(&reader->source, (size_t)reader->options.max_comment_line, &line, &reader->message);
    if (status == NBL_IO_END)
        return nbl__io_message_at(
            &reader->message, NBL_IO_ETRUNCATED, reader->source.name, reader->source.line + 1,
            "the file ends before the comment line of frame %lld", (long long)reader->n_frames);
    if (status != NBL_IO_OK)
        return status;
    if (!nbl__io_comment_parse(&reader->comment, line.text, line.length)) {
        nbl__io_message_set(&why, NBL_IO_ENOMEM, "out of memory");
        return locate(reader, NBL_IO_ENOMEM, &why);
    }
    status = nbl__io_header_read(&reader->header, &reader->comment, &why);
    return status == NBL_IO_OK ? status : locate(reader, status, &why);
}

static nbl_io_status read_atoms(nbl_xyz_reader *reader, int64_t n)
{
    nbl__io_source *source = &reader->source;
    nbl__io_message why;
    if (!nbl__io_columns_begin(&reader->columns, &reader->header)) {
        nbl__io_message_set(&why, NBL_IO_ENOMEM, "out of memory");
        return locate(reader, NBL_IO_ENOMEM, &why);
    }
    for (int64_t k = 0; k < n; k++) {
        nbl__io_line line;
        nbl_io_status status =
            nbl__io_source_line(source, (size_t)reader->options.max_line, &line, &reader->message);
        if (status == NBL_IO_END)
            return nbl__io_message_at(&reader->message, NBL_IO_ETRUNCATED, source->name, source->line + 1,
                                      "the file ends after %lld of %lld atoms of frame %lld", (long long)k,
                                      (long long)n, (long long)reader->n_frames);
        if (status != NBL_IO_OK)
            return status;
        status = nbl__io_columns_add(&reader->columns, &line, &why);
        if (status != NBL_IO_OK)
            return locate(reader, status, &why);
    }
    return NBL_IO_OK;
}

static void describe(const nbl_xyz_reader *reader, nbl_xyz_frame *frame)
{
    const nbl__io_header *header = &reader->header;
    frame->index = reader->n_frames;
    frame->line = reader->count_line;
    frame->n = reader->columns.n;
    frame->positions = nbl__io_columns_positions(&reader->columns);
    frame->numbers = nbl__io_columns_numbers(&reader->columns);
    frame->labels = nbl__io_columns_labels(&reader->columns);
    frame->comment = reader->comment.line;
    frame->n_columns = (int64_t)header->n_properties;
    frame->n_pairs = (int64_t)reader->comment.n_pairs;
    memcpy(frame->cell, header->cell, sizeof frame->cell);
    memcpy(frame->pbc, header->pbc, sizeof frame->pbc);
    frame->has_cell = header->has_cell;
    frame->has_pbc = header->has_pbc;
}

nbl_io_status nbl_xyz_reader_next(nbl_xyz_reader *reader, nbl_xyz_frame *frame)
{
    if (reader == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&reader->message);
    if (frame == NULL)
        return nbl__io_message_set(&reader->message, NBL_IO_ENULL, "frame is NULL");
    nbl_xyz_frame own = NBL_XYZ_FRAME_INIT;
    if (frame->size < FRAME_FIRST || frame->size > LARGEST_STRUCT)
        return nbl__io_message_set(&reader->message, NBL_IO_ESTRUCT, "frame->size is %zu", frame->size);
    if (reader->source.name == NULL)
        return nbl__io_message_set(&reader->message, NBL_IO_ESTATE, "no file is open");
    reader->has_frame = false;
    if (reader->state != NBL_IO_OK) {
        reader->message = reader->failure;
        return reader->state;
    }

    int64_t n = 0;
    nbl_io_status status = read_count(reader, &n);
    if (status == NBL_IO_OK)
        status = read_comment(reader);
    if (status == NBL_IO_OK)
        status = read_atoms(reader, n);
    if (status != NBL_IO_OK) {
        reader->state = status;
        reader->failure = reader->message;
        return status;
    }
    describe(reader, &own);
    nbl__struct_write(frame, FRAME_FIRST, &own, sizeof own);
    reader->n_frames++;
    reader->has_frame = true;
    return NBL_IO_OK;
}

/* ---- what else a frame holds ---- */

static nbl_io_status describe_column(nbl_xyz_reader *reader, size_t c, nbl_xyz_column *column)
{
    const nbl__io_property *property = &reader->header.properties[c];
    nbl_xyz_column own = NBL_XYZ_COLUMN_INIT;
    own.name = property->name;
    own.data = reader->columns.column[c].data;
    own.type = property->type;
    own.width = property->width;
    if (nbl__struct_write(column, COLUMN_FIRST, &own, sizeof own) != NBL_OK)
        return nbl__io_message_set(&reader->message, NBL_IO_ESTRUCT, "column->size is %zu", column->size);
    return NBL_IO_OK;
}

static nbl_io_status check_lookup(nbl_xyz_reader *reader, const void *column)
{
    nbl__io_message_clear(&reader->message);
    if (column == NULL)
        return nbl__io_message_set(&reader->message, NBL_IO_ENULL, "column is NULL");
    if (!reader->has_frame)
        return nbl__io_message_set(&reader->message, NBL_IO_ESTATE, "there is no current frame");
    return NBL_IO_OK;
}

nbl_io_status nbl_xyz_reader_column(nbl_xyz_reader *reader, const char *name, nbl_xyz_column *column)
{
    if (reader == NULL)
        return NBL_IO_ENULL;
    nbl_io_status status = check_lookup(reader, column);
    if (status != NBL_IO_OK)
        return status;
    if (name == NULL)
        return nbl__io_message_set(&reader->message, NBL_IO_ENULL, "name is NULL");
    for (size_t c = 0; c < reader->header.n_properties; c++)
        if (strcmp(reader->header.properties[c].name, name) == 0)
            return describe_column(reader, c, column);
    nbl__io_excerpt shown;
    return nbl__io_message_set(&reader->message, NBL_IO_ENAME, "the frame has no column '%s'",
                               nbl__io_excerpt_make(&shown, name, strlen(name)));
}

nbl_io_status nbl_xyz_reader_column_at(nbl_xyz_reader *reader, int64_t number, nbl_xyz_column *column)
{
    if (reader == NULL)
        return NBL_IO_ENULL;
    nbl_io_status status = check_lookup(reader, column);
    if (status != NBL_IO_OK)
        return status;
    if (number < 0 || number >= (int64_t)reader->header.n_properties)
        return nbl__io_message_set(&reader->message, NBL_IO_ESIZE,
                                   "number is %lld, and the frame has %zu columns", (long long)number,
                                   reader->header.n_properties);
    return describe_column(reader, (size_t)number, column);
}

const char *nbl_xyz_reader_value(const nbl_xyz_reader *reader, const char *key)
{
    if (reader == NULL || key == NULL || !reader->has_frame)
        return NULL;
    return nbl__io_comment_value(&reader->comment, key);
}

void nbl_xyz_reader_pair_at(const nbl_xyz_reader *reader, int64_t number, const char **key, const char **value)
{
    bool there =
        reader != NULL && reader->has_frame && number >= 0 && number < (int64_t)reader->comment.n_pairs;
    if (key != NULL)
        *key = there ? reader->comment.pairs[number].key : NULL;
    if (value != NULL)
        *value = there ? reader->comment.pairs[number].value : NULL;
}

void nbl_xyz_reader_progress(const nbl_xyz_reader *reader, int64_t *done, int64_t *total)
{
    bool is_open = reader != NULL && reader->source.name != NULL;
    if (done != NULL)
        *done = is_open ? reader->source.bytes.offset : 0;
    if (total != NULL)
        *total = is_open ? reader->source.bytes.total : 0;
}
