/* SPDX-License-Identifier: MIT */
#include "io/zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIMENSIONS = 8, LONGEST_NAME = 1000, ALIGNMENT = 64, SWAP_BYTES = 4096 };

struct nbl_npz_writer {
    nbl__io_zip zip;
    nbl__io_message message;
    size_t item; /* bytes of an item of the current array */
};

nbl_io_status nbl_npz_writer_create(nbl_npz_writer **writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    *writer = calloc(1, sizeof **writer);
    if (*writer == NULL)
        return NBL_IO_ENOMEM;
    nbl__io_zip_init(&(*writer)->zip);
    return NBL_IO_OK;
}

void nbl_npz_writer_destroy(nbl_npz_writer **writer)
{
    if (writer == NULL || *writer == NULL)
        return;
    nbl__io_zip_free(&(*writer)->zip);
    free(*writer);
    *writer = NULL;
}

const char *nbl_npz_writer_message(const nbl_npz_writer *writer)
{
    return writer == NULL ? "" : writer->message.text;
}

const char *nbl_npz_writer_part(const nbl_npz_writer *writer)
{
    return writer == NULL ? NULL : nbl__io_sink_part(&writer->zip.sink);
}

nbl_io_status nbl_npz_writer_open(nbl_npz_writer *writer, const char *path, uint32_t flags)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message_clear(&writer->message);
    nbl__io_sink_abandon(&writer->zip.sink);
    if (path == NULL)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "path is NULL");
    return nbl__io_zip_open(&writer->zip, path, flags, &writer->message);
}

/* ---- arrays ---- */

static const char *type_text(int32_t dtype, size_t *item)
{
    static const struct {
        const char *text;
        size_t item;
    } types[] = {{"|i1", 1}, {"<i4", 4}, {"<i8", 8}, {"<f4", 4}, {"<f8", 8}};
    if (dtype < NBL_INT8 || dtype > NBL_FLOAT64)
        return NULL;
    *item = types[dtype - NBL_INT8].item;
    return types[dtype - NBL_INT8].text;
}

/* Parts between slashes: not empty, no "..". */
static bool is_name(const char *name)
{
    size_t length = strlen(name), part = 0, dots = 0;
    if (length > LONGEST_NAME)
        return false;
    for (size_t k = 0; k <= length; k++) {
        char c = name[k];
        if (c == '/' || c == '\0') {
            if (part == 0 || (part == 2 && dots == 2) || (part == 1 && dots == 1))
                return false;
            part = dots = 0;
            continue;
        }
        bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                    c == '-' || c == '.';
        if (!fits)
            return false;
        part++;
        dots += c == '.';
    }
    return true;
}

/*
 * Header of the .npy format, version 1.0: magic, version, length, a Python dictionary, blanks to a multiple
 * of 64 bytes, the last byte a line feed. 8 dimensions of 19 digits stay far below `capacity`.
 */
static size_t make_header(char *out, size_t capacity, const char *type, int32_t ndim, const int64_t *shape)
{
    enum { PREFIX = 10 };
    size_t used = PREFIX;
    used += (size_t)snprintf(out + used, capacity - used, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                             type);
    for (int32_t k = 0; k < ndim; k++)
        used += (size_t)snprintf(out + used, capacity - used, "%s%lld", k > 0 ? ", " : "", (long long)shape[k]);
    used += (size_t)snprintf(out + used, capacity - used, "%s), }", ndim == 1 ? "," : "");
    size_t size = (used + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    memset(out + used, ' ', size - used - 1);
    out[size - 1] = '\n';
    memcpy(out, "\x93NUMPY\x01", 8); /* the zero at the end is the minor version */
    out[8] = (char)((size - PREFIX) & 0xff);
    out[9] = (char)((size - PREFIX) >> 8);
    return size;
}

/* Items of a shape, -1 if their bytes do not fit 63 bits. */
static int64_t count_items(int32_t ndim, const int64_t *shape, size_t item)
{
    int64_t most = (INT64_MAX - 65536) / (int64_t)item, n = 1;
    for (int32_t k = 0; k < ndim; k++)
        if (shape[k] == 0)
            return 0;
    for (int32_t k = 0; k < ndim; k++) {
        if (shape[k] > most / n)
            return -1;
        n *= shape[k];
    }
    return n;
}

static nbl_io_status check_open(nbl_npz_writer *writer, bool in_array)
{
    nbl__io_message_clear(&writer->message);
    nbl_io_status status = nbl__io_sink_check(&writer->zip.sink, &writer->message);
    if (status == NBL_IO_OK && writer->zip.in_entry != in_array)
        return nbl__io_message_set(&writer->message, NBL_IO_ESTATE,
                                   in_array ? "no array has been begun"
                                            : "the array before has not been ended");
    return status;
}

nbl_io_status nbl_npz_writer_begin(nbl_npz_writer *writer, const char *name, int32_t dtype, int32_t ndim,
                                   const int64_t *shape)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl__io_message *message = &writer->message;
    nbl_io_status status = check_open(writer, false);
    if (status != NBL_IO_OK)
        return status;
    if (name == NULL || (shape == NULL && ndim > 0))
        return nbl__io_message_set(message, NBL_IO_ENULL, "%s is NULL", name == NULL ? "name" : "shape");
    if (!is_name(name))
        return nbl__io_message_set(message, NBL_IO_ENAME, "name is '%s'", name);
    size_t item = 0;
    const char *type = type_text(dtype, &item);
    if (type == NULL)
        return nbl__io_message_set(message, NBL_IO_EOPTION, "dtype is %d", (int)dtype);
    if (ndim < 0 || ndim > MOST_DIMENSIONS)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "ndim is %d, not 0 ... %d", (int)ndim,
                                   MOST_DIMENSIONS);
    for (int32_t k = 0; k < ndim; k++)
        if (shape[k] < 0)
            return nbl__io_message_set(message, NBL_IO_ESIZE, "shape[%d] is %lld", (int)k, (long long)shape[k]);
    int64_t n = count_items(ndim, shape, item);
    if (n < 0)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "shape: the array is too large");

    char file[LONGEST_NAME + 8], header[512];
    snprintf(file, sizeof file, "%s.npy", name);
    size_t size = make_header(header, sizeof header, type, ndim, shape);
    status = nbl__io_zip_begin(&writer->zip, file, size + (uint64_t)n * item, message);
    if (status != NBL_IO_OK)
        return status;
    writer->item = item;
    return nbl__io_zip_write(&writer->zip, header, size, message);
}

static bool is_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static nbl_io_status write_swapped(nbl_npz_writer *writer, const unsigned char *from, size_t size)
{
    unsigned char swapped[SWAP_BYTES];
    nbl_io_status status = NBL_IO_OK;
    while (status == NBL_IO_OK && size > 0) {
        size_t part = size < SWAP_BYTES ? size : SWAP_BYTES;
        for (size_t k = 0; k < part; k++)
            swapped[k] = from[k - k % writer->item + (writer->item - 1 - k % writer->item)];
        status = nbl__io_zip_write(&writer->zip, swapped, part, &writer->message);
        from += part;
        size -= part;
    }
    return status;
}

nbl_io_status nbl_npz_writer_write(nbl_npz_writer *writer, int64_t n_items, const void *items)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl_io_status status = check_open(writer, true);
    if (status != NBL_IO_OK)
        return status;
    uint64_t left = writer->zip.left / writer->item;
    if (n_items < 0 || (uint64_t)n_items > left || (uint64_t)n_items > SIZE_MAX / writer->item)
        return nbl__io_message_set(&writer->message, NBL_IO_ESIZE,
                                   "n_items is %lld, and the array has %lld left", (long long)n_items,
                                   (long long)left);
    if (n_items == 0)
        return NBL_IO_OK;
    if (items == NULL)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "items is NULL");
    size_t size = (size_t)n_items * writer->item;
    if (!is_little_endian())
        return write_swapped(writer, items, size);
    return nbl__io_zip_write(&writer->zip, items, size, &writer->message);
}

nbl_io_status nbl_npz_writer_end(nbl_npz_writer *writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl_io_status status = check_open(writer, true);
    if (status != NBL_IO_OK)
        return status;
    if (writer->zip.left > 0)
        return nbl__io_message_set(&writer->message, NBL_IO_ESIZE, "%lld items of the array are missing",
                                   (long long)(writer->zip.left / writer->item));
    return nbl__io_zip_end(&writer->zip, &writer->message);
}

nbl_io_status nbl_npz_writer_add(nbl_npz_writer *writer, const char *name, int32_t dtype, int32_t ndim,
                                 const int64_t *shape, const void *items)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    size_t item = 0;
    bool known = type_text(dtype, &item) != NULL && ndim >= 0 && ndim <= MOST_DIMENSIONS && shape != NULL;
    bool empty = false;
    for (int32_t k = 0; known && k < ndim; k++)
        empty = empty || shape[k] == 0;
    nbl_io_status status = check_open(writer, false);
    if (status != NBL_IO_OK)
        return status;
    if (items == NULL && !empty)
        return nbl__io_message_set(&writer->message, NBL_IO_ENULL, "items is NULL");
    status = nbl_npz_writer_begin(writer, name, dtype, ndim, shape);
    if (status == NBL_IO_OK)
        status = nbl_npz_writer_write(writer, (int64_t)(writer->zip.left / writer->item), items);
    return status == NBL_IO_OK ? nbl_npz_writer_end(writer) : status;
}

nbl_io_status nbl_npz_writer_close(nbl_npz_writer *writer)
{
    if (writer == NULL)
        return NBL_IO_ENULL;
    nbl_io_status status = check_open(writer, false);
    if (status == NBL_IO_ESTATE)
        return status;
    return nbl__io_zip_close(&writer->zip, &writer->message);
}
