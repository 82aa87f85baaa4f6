/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "extras.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * The copy is described twice, first without memory to learn its size. All pieces but texts have a size that
 * is a multiple of 8, and texts come last.
 */
struct copy {
    char *data, *text; /* NULL: only the sizes are wanted */
    size_t data_size, text_size;
};

static size_t rounded(size_t size)
{
    return (size + 7) / 8 * 8;
}

/* Room among the data; NULL while sizes are found. */
static void *take(struct copy *copy, size_t size)
{
    char *place = copy->data ? copy->data + copy->data_size : NULL;
    copy->data_size += rounded(size);
    return place;
}

static const char *put_text(struct copy *copy, const char *text)
{
    const size_t size = strlen(text) + 1;
    char *place = copy->text ? copy->text + copy->text_size : NULL;
    if (place)
        memcpy(place, text, size);
    copy->text_size += size;
    return place;
}

static const char *const *put_texts(struct copy *copy, int64_t n, const char *const *texts)
{
    const char **places = take(copy, (size_t)n * sizeof *places);
    for (int64_t k = 0; k < n; k++) {
        const char *place = put_text(copy, texts[k]);
        if (places)
            places[k] = place;
    }
    return places;
}

static const void *put_items(struct copy *copy, int64_t n, const nbl_xyz_column *column)
{
    if (column->type == NBL_XYZ_STRING)
        return put_texts(copy, n, column->data);
    const size_t width = column->type == NBL_XYZ_LOGICAL ? 1 : 8, size = (size_t)n * width;
    void *place = take(copy, size);
    if (place && size > 0)
        memcpy(place, column->data, size);
    return place;
}

/* A name of which no character may be refused where it is written: what could be is replaced. */
static const char *put_name(struct copy *copy, const char *name, bool (*is_fine)(char c))
{
    const char *place = put_text(copy, name[0] != '\0' ? name : "_");
    for (char *p = copy->text ? copy->text + (place - copy->text) : NULL; p && *p != '\0'; p++)
        if (!is_fine(*p))
            *p = '_';
    return place;
}

static bool is_fine_in_column(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("_-.", c) != NULL;
}

static bool is_fine_in_key(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f && strchr("=\"'[]{}", c) == NULL;
}

/* Positions and labels are kept elsewhere; a column of numbers called species would clash with the labels. */
static bool is_further_column(const char *name)
{
    return strcmp(name, "pos") != 0 && strcmp(name, "species") != 0;
}

static bool is_further_pair(const char *key)
{
    return strcasecmp(key, "lattice") != 0 && strcasecmp(key, "pbc") != 0 && strcasecmp(key, "properties") != 0;
}

static void put_columns(struct copy *copy, nbl_xyz_reader *reader, const nbl_xyz_frame *frame,
                        struct nbl__cli_extras *extras)
{
    nbl_xyz_column *columns = take(copy, (size_t)frame->n_columns * sizeof *columns);
    extras->n_columns = 0;
    for (int64_t k = 0; k < frame->n_columns; k++) {
        nbl_xyz_column column = NBL_XYZ_COLUMN_INIT;
        if (nbl_xyz_reader_column_at(reader, k, &column) != NBL_IO_OK || !is_further_column(column.name))
            continue;
        column.name = put_name(copy, column.name, is_fine_in_column);
        column.data = put_items(copy, frame->n * column.width, &column);
        if (columns)
            columns[extras->n_columns] = column;
        extras->n_columns++;
    }
    extras->columns = columns;
}

static void put_pair(struct copy *copy, const char *key, const char *value, nbl_xyz_pair *pairs, int64_t *n)
{
    key = put_name(copy, key, is_fine_in_key);
    value = put_text(copy, value);
    if (pairs)
        pairs[*n] = (nbl_xyz_pair){key, value};
    ++*n;
}

/* A comment without any value is prose, and becomes the value of one pair; to the reader it is a list of flags.
 */
static void put_pairs(struct copy *copy, const nbl_xyz_reader *reader, const nbl_xyz_frame *frame,
                      struct nbl__cli_extras *extras)
{
    nbl_xyz_pair *pairs = take(copy, ((size_t)frame->n_pairs + 1) * sizeof *pairs);
    int64_t n = 0;
    if (frame->n_pairs == 0 || strchr(frame->comment, '=') == NULL) {
        if (frame->comment[strspn(frame->comment, " \t")] != '\0')
            put_pair(copy, "comment", frame->comment, pairs, &n);
    } else {
        for (int64_t k = 0; k < frame->n_pairs; k++) {
            const char *key, *value;
            nbl_xyz_reader_pair_at(reader, k, &key, &value);
            if (is_further_pair(key))
                put_pair(copy, key, value, pairs, &n);
        }
    }
    extras->pairs = pairs;
    extras->n_pairs = n;
}

static void put_all(struct copy *copy, nbl_xyz_reader *reader, const nbl_xyz_frame *frame,
                    struct nbl__cli_extras *extras)
{
    copy->data_size = rounded(sizeof *extras);
    copy->text_size = 0;
    extras->labels = frame->labels ? put_texts(copy, frame->n, frame->labels) : NULL;
    put_columns(copy, reader, frame, extras);
    put_pairs(copy, reader, frame, extras);
}

struct nbl__cli_extras *nbl__cli_extras_copy(nbl_xyz_reader *reader, const nbl_xyz_frame *frame)
{
    struct nbl__cli_extras sizes, *extras;
    struct copy copy = {0};
    put_all(&copy, reader, frame, &sizes);
    extras = malloc(copy.data_size + copy.text_size);
    if (!extras)
        return NULL;
    copy.data = (char *)extras;
    copy.text = copy.data + copy.data_size;
    put_all(&copy, reader, frame, extras);
    return extras;
}
