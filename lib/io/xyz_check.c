/* SPDX-License-Identifier: MIT */
#include "io/xyz_check.h"

#include "base/struct.h"

#include <math.h>
#include <string.h>

enum { LARGEST_STRUCT = 65536, LARGEST_WIDTH = 65536, MOST_COLUMNS = 1022 /* pos and species make 1024 */ };
enum { COLUMN_FIRST = NBL__THROUGH(nbl_xyz_column, width) }; /* size of the struct in its first release */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

static bool is_control_or_blank(char c)
{
    unsigned char u = (unsigned char)c;
    return u <= 0x20 || u == 0x7f;
}

static bool same_any_case(const char *a, const char *b)
{
    for (; *a != '\0' && ((*a >= 'A' && *a <= 'Z') ? *a | 0x20 : *a) == *b; a++, b++)
        ;
    return *a == *b;
}

bool nbl__io_xyz_is_bare(const char *value)
{
    size_t length = strlen(value);
    bool array = value[0] == '[' || value[0] == '{';
    int depth = 0;
    for (size_t k = 0; k < length; k++) {
        char c = value[k];
        if (strchr("\"'\\\n=", c) != NULL || (!array && (is_control_or_blank(c) || strchr("[]{},", c) != NULL)))
            return false;
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
        if (array && (depth == 0) != (k + 1 == length))
            return false;
    }
    return length > 0;
}

const nbl_xyz_column *nbl__io_xyz_column_at(const nbl_xyz_output *frame, int64_t k)
{
    return (const nbl_xyz_column *)(const void *)((const char *)frame->columns +
                                                  (size_t)k * frame->columns->size);
}

static nbl_io_status check_text(const char *text, const char *what, int64_t k, nbl__io_message *message)
{
    if (text == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "%s[%lld] is NULL", what, (long long)k);
    size_t n = 0;
    while (text[n] != '\0' && !is_control_or_blank(text[n]))
        n++;
    if (n == 0 || text[n] != '\0')
        return nbl__io_message_set(message, NBL_IO_ENAME, "%s[%lld] is '%s': empty, or with blanks", what,
                                   (long long)k, text);
    return NBL_IO_OK;
}

static nbl_io_status check_name(const nbl_xyz_output *frame, int64_t k, nbl__io_message *message)
{
    const char *name = nbl__io_xyz_column_at(frame, k)->name;
    if (name == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "columns[%lld].name is NULL", (long long)k);
    size_t n = 0;
    while (is_name_char(name[n]))
        n++;
    if (n == 0 || name[n] != '\0')
        return nbl__io_message_set(message, NBL_IO_ENAME, "columns[%lld].name is '%s'", (long long)k, name);
    bool taken = strcmp(name, "pos") == 0 || strcmp(name, "species") == 0;
    for (int64_t m = 0; m < k && !taken; m++)
        taken = strcmp(nbl__io_xyz_column_at(frame, m)->name, name) == 0;
    if (taken)
        return nbl__io_message_set(message, NBL_IO_ENAME,
                                   "columns[%lld].name is '%s': the frame has that already", (long long)k,
                                   name);
    return NBL_IO_OK;
}

static nbl_io_status check_column(const nbl_xyz_output *frame, int64_t k, nbl__io_message *message)
{
    const nbl_xyz_column *column = nbl__io_xyz_column_at(frame, k);
    nbl_io_status status = check_name(frame, k, message);
    if (status != NBL_IO_OK)
        return status;
    if (column->type != NBL_XYZ_STRING && column->type != NBL_XYZ_INTEGER && column->type != NBL_XYZ_REAL &&
        column->type != NBL_XYZ_LOGICAL)
        return nbl__io_message_set(message, NBL_IO_EOPTION, "columns[%lld].type is %d", (long long)k,
                                   (int)column->type);
    if (column->width < 1 || column->width > LARGEST_WIDTH)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "columns[%lld].width is %d", (long long)k,
                                   (int)column->width);
    if (column->data == NULL && frame->n > 0)
        return nbl__io_message_set(message, NBL_IO_ENULL, "columns[%lld].data is NULL", (long long)k);
    if (column->type == NBL_XYZ_STRING) {
        const char *const *texts = column->data;
        for (int64_t m = 0; m < frame->n * column->width; m++)
            if ((status = check_text(texts[m], column->name, m, message)) != NBL_IO_OK)
                return status;
    }
    return NBL_IO_OK;
}

static nbl_io_status check_pair(const nbl_xyz_pair *pair, int64_t k, nbl__io_message *message)
{
    if (pair->key == NULL || pair->value == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "pairs[%lld] has a key or value that is NULL",
                                   (long long)k);
    size_t n = 0;
    while (pair->key[n] != '\0' && !is_control_or_blank(pair->key[n]) &&
           strchr("=\"'[]{}", pair->key[n]) == NULL)
        n++;
    bool taken = same_any_case(pair->key, "lattice") || same_any_case(pair->key, "pbc") ||
                 same_any_case(pair->key, "properties");
    if (n == 0 || pair->key[n] != '\0' || taken)
        return nbl__io_message_set(message, NBL_IO_ENAME, "pairs[%lld].key is '%s'", (long long)k, pair->key);
    return NBL_IO_OK;
}

static nbl_io_status check_sizes(const nbl_xyz_output *frame, nbl__io_message *message)
{
    if (frame->n < 0 || frame->n > INT32_MAX)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "n is %lld", (long long)frame->n);
    if (frame->n_columns < 0 || frame->n_columns > MOST_COLUMNS)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "n_columns is %lld", (long long)frame->n_columns);
    if (frame->n_pairs < 0)
        return nbl__io_message_set(message, NBL_IO_ESIZE, "n_pairs is %lld", (long long)frame->n_pairs);
    if (frame->n > 0 && frame->positions == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "positions is NULL");
    if (frame->n_columns > 0 && frame->columns == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "columns is NULL");
    if (frame->n_pairs > 0 && frame->pairs == NULL)
        return nbl__io_message_set(message, NBL_IO_ENULL, "pairs is NULL");
    if (frame->n_columns > 0 && (frame->columns->size < COLUMN_FIRST || frame->columns->size > LARGEST_STRUCT ||
                                 frame->columns->size % sizeof(void *)))
        return nbl__io_message_set(message, NBL_IO_ESTRUCT, "columns[0].size is %zu", frame->columns->size);
    return NBL_IO_OK;
}

nbl_io_status nbl__io_xyz_check(const nbl_xyz_output *frame, nbl__io_message *message)
{
    nbl_io_status status = check_sizes(frame, message);
    for (int64_t k = 0; status == NBL_IO_OK && k < 3 * frame->n; k++)
        if (!isfinite(frame->positions[k]))
            return nbl__io_message_set(message, NBL_IO_EPOSITION, "positions[%lld][%d] is %s",
                                       (long long)(k / 3), (int)(k % 3),
                                       isnan(frame->positions[k]) ? "nan" : "infinite");
    for (int64_t k = 0; status == NBL_IO_OK && frame->labels != NULL && k < frame->n; k++)
        status = check_text(frame->labels[k], "labels", k, message);
    for (int64_t k = 0; status == NBL_IO_OK && k < frame->n_columns; k++)
        status = check_column(frame, k, message);
    for (int64_t k = 0; status == NBL_IO_OK && k < frame->n_pairs; k++)
        status = check_pair(&frame->pairs[k], k, message);
    return status;
}
