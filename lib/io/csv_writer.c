/* SPDX-License-Identifier: MIT */
#include "io/number.h"
#include "io/sink.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_COLUMNS = 1024 };

struct nbl_csv_writer {
    nbl__io_sink sink;
    nbl__io_message message;
    int32_t n_columns;
    int32_t dtypes[MOST_COLUMNS];
};

nbl_io_status nbl_csv_writer_create(nbl_csv_writer **writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    *writer = calloc(1, sizeof **writer);
    if (*writer == NULL)
        return NBL_IO_ENOMEM;
    nbl__io_sink_init(&(*writer)->sink);
    return NBL_IO_OK;
}

void nbl_csv_writer_destroy(nbl_csv_writer **writer)
{
    if (writer == NULL || *writer == NULL)
        return;
    nbl__io_sink_free(&(*writer)->sink);
    free(*writer);
    *writer = NULL;
}

const char *nbl_csv_writer_message(const nbl_csv_writer *writer)
{
    return writer == NULL ? "" : writer->message.text;
}

const char *nbl_csv_writer_part(const nbl_csv_writer *writer)
{
    return writer == NULL ? NULL : nbl__io_sink_part(&writer->sink);
}

static nbl_io_status check_columns(nbl_csv_writer *writer, int32_t n_columns, const char *const *names,
                                   const int32_t *dtypes)
{
    nbl__io_message *message = &writer->message;
    if (n_columns < 1 || n_columns > MOST_COLUMNS)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "n_columns is %d, not 1 ... %d", (int)n_columns,
                                   MOST_COLUMNS);
    if (names == NULL || dtypes == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "%s is NULL", names == NULL ? "names" : "dtypes");
    for (int32_t c = 0; c < n_columns; c++) {
        if (names[c] == NULL || names[c][0] == '\0')
            return nbl__io_message_set(message, NBL_IO_ENAME, "names[%d] is %s", (int)c,
                                       names[c] == NULL ? "NULL" : "empty");
        for (const char *p = names[c]; *p != '\0'; p++)
            if ((unsigned char)*p < 0x20)
                return nbl__io_message_set(message, NBL_IO_ENAME, "names[%d] has control characters", (int)c);
        if (dtypes[c] < NBL_INT8 || dtypes[c] > NBL_FLOAT64)
            return nbl__io_message_set(message, NBL_IO_EOPTION, "dtypes[%d] is %d", (int)c, (int)dtypes[c]);
    }
    return NBL_IO_OK;
}

static nbl_io_status put(nbl_csv_writer *writer, const char *text, size_t length)
{
    return nbl__io_sink_write(&writer->sink, text, length, &writer->message);
}

/* Errors are sticky in the sink: the last put() tells of all. */
static nbl_io_status put_name(nbl_csv_writer *writer, const char *name)
{
    if (strpbrk(name, ",\"") == NULL)
        return put(writer, name, strlen(name));
    put(writer, "\"", 1);
    for (const char *p = name; *p != '\0'; p++)
        put(writer, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
    return put(writer, "\"", 1);
}

nbl_io_status nbl_csv_writer_open(nbl_csv_writer *writer, const char *path, uint32_t flags, int32_t n_columns,
                                  const char *const *names, const int32_t *dtypes)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    nbl__io_sink_abandon(&writer->sink);
    if (path == NULL)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "path is NULL");
    nbl_io_status status = check_columns(writer, n_columns, names, dtypes);
    if (status == NBL_IO_OK)
        status = nbl__io_sink_open(&writer->sink, path, flags, true, &writer->message);
    if (status != NBL_IO_OK)
        return status;
    writer->n_columns = n_columns;
    memcpy(writer->dtypes, dtypes, (size_t)n_columns * sizeof *dtypes);
    for (int32_t c = 0; c < n_columns && status == NBL_IO_OK; c++) {
        status = put_name(writer, names[c]);
        if (status == NBL_IO_OK)
            status = put(writer, c + 1 < n_columns ? "," : "\n", 1);
    }
    return status;
}

static char *write_item(char *out, int32_t dtype, const void *data, int64_t item)
{
    switch (dtype) {
    case NBL_INT8:
        return nbl__io_integer_write(out, ((const int8_t *)data)[item]);
    case NBL_INT32:
        return nbl__io_integer_write(out, ((const int32_t *)data)[item]);
    case NBL_INT64:
        return nbl__io_integer_write(out, ((const int64_t *)data)[item]);
    case NBL_FLOAT32:
        return nbl__io_real_write(out, (double)((const float *)data)[item]);
    default:
        return nbl__io_real_write(out, ((const double *)data)[item]);
    }
}

nbl_io_status nbl_csv_writer_rows(nbl_csv_writer *writer, int64_t n_rows, const void *const *data,
                                  const int64_t *strides)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message *message = &writer->message;
    nbl__io_message_clear(message);
    nbl_io_status status = nbl__io_sink_check(&writer->sink, message);
    if (status != NBL_IO_OK)
        return status;
    if (n_rows < 0)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "n_rows is %lld", (long long)n_rows);
    if (n_rows > 0 && data == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "data is NULL");
    for (int32_t c = 0; c < writer->n_columns; c++) {
        if (n_rows > 0 && data[c] == NULL)
            return nbl__io_message_set(message, NBL_IO_ENULL, "data[%d] is NULL", (int)c);
        if (strides != NULL && strides[c] < 0)
            return nbl__io_message_set(message, NBL_IO_ESIZE, "strides[%d] is %lld", (int)c,
                                       (long long)strides[c]);
    }
    for (int64_t k = 0; k < n_rows; k++) {
        for (int32_t c = 0; c < writer->n_columns; c++) {
            char *out = nbl__io_sink_room(&writer->sink, NBL__REAL_TEXT + 1, message);
            if (out == NULL)
                return NBL_IO_EWRITE;
            out = write_item(out, writer->dtypes[c], data[c], strides == NULL ? k : k * strides[c]);
            *out++ = c + 1 < writer->n_columns ? ',' : '\n';
            nbl__io_sink_give(&writer->sink, out);
        }
    }
    return NBL_IO_OK;
}

nbl_io_status nbl_csv_writer_close(nbl_csv_writer *writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    return nbl__io_sink_commit(&writer->sink, &writer->message);
}
