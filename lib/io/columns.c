/* SPDX-License-Identifier: MIT */
#include "io/columns.h"

#include "base/size.h"
#include "io/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ATOMS = 256, TEXT_BLOCK = 32 * 1024 };

/* ---- texts ---- */

static char *take_text(nbl__io_columns *columns, size_t size)
{
    nbl__io_text_block *block = columns->current;
    while (block != NULL && block->size - block->used < size) {
        block = block->next;
        if (block != NULL)
            block->used = 0;
    }
    if (block == NULL) {
        size_t room = size > TEXT_BLOCK ? size : TEXT_BLOCK;
        block = malloc(sizeof *block + room);
        if (block == NULL)
            return NULL;
        block->size = room;
        block->used = 0;
        block->next = NULL;
        nbl__io_text_block **last = &columns->first;
        if (columns->current != NULL)
            for (last = &columns->current->next; *last != NULL; last = &(*last)->next)
                ;
        *last = block;
    }
    columns->current = block;
    char *text = block->data + block->used;
    block->used += size;
    return text;
}

static const nbl__io_label *find_label(nbl__io_columns *columns, const char *word, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t k = 0; k < length; k++)
        hash = (hash ^ (unsigned char)word[k]) * 16777619u;
    nbl__io_label *label = &columns->cache[(hash ^ hash >> 16) % NBL__LABEL_CACHE];
    if (label->text != NULL && label->length == length && memcmp(label->text, word, length) == 0)
        return label;
    char *text = take_text(columns, length + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, word, length);
    text[length] = '\0';
    *label = (nbl__io_label){text, length, nbl_element_from_label(text)};
    return label;
}

/* ---- storage ---- */

static size_t item_size(int32_t type)
{
    switch (type) {
    case NBL_XYZ_STRING:
        return sizeof(char *);
    case NBL_XYZ_INTEGER:
        return sizeof(int64_t);
    case NBL_XYZ_REAL:
        return sizeof(double);
    default:
        return sizeof(uint8_t);
    }
}

static bool grow(nbl__io_column *column, int64_t atoms, size_t row)
{
    size_t bytes = nbl__size_of_count((uint64_t)atoms, row);
    if (bytes <= column->bytes)
        return true;
    void *data = realloc(column->data, bytes);
    if (data == NULL)
        return false;
    column->data = data;
    column->bytes = bytes;
    return true;
}

static size_t row_size(const nbl__io_property *property)
{
    return item_size(property->type) * (size_t)property->width;
}

static bool reserve(nbl__io_columns *columns, int64_t atoms)
{
    const nbl__io_header *header = columns->header;
    for (size_t c = 0; c < header->n_properties; c++)
        if (!grow(&columns->column[c], atoms, row_size(&header->properties[c])))
            return false;
    if (!grow(&columns->numbers, atoms, sizeof(int32_t)))
        return false;
    columns->capacity = atoms;
    return true;
}

/* How many atoms the buffers of the last frames hold under the columns of this one. */
static int64_t held_atoms(const nbl__io_columns *columns)
{
    size_t atoms = columns->numbers.bytes / sizeof(int32_t);
    for (size_t c = 0; c < columns->header->n_properties; c++) {
        size_t rows = columns->column[c].bytes / row_size(&columns->header->properties[c]);
        if (rows < atoms)
            atoms = rows;
    }
    return (int64_t)atoms;
}

static size_t find(const nbl__io_header *header, const char *name, int32_t type)
{
    for (size_t c = 0; c < header->n_properties; c++)
        if (header->properties[c].type == type && header->properties[c].width == 1 &&
            strcmp(header->properties[c].name, name) == 0)
            return c;
    return SIZE_MAX;
}

static void name_columns(nbl__io_columns *columns)
{
    static const char *const names[] = {"Z", "atomic_numbers", "numbers", "species"};
    const nbl__io_header *header = columns->header;
    columns->species = find(header, "species", NBL_XYZ_STRING);
    columns->element = SIZE_MAX;
    for (int k = 0; k < 4 && columns->element == SIZE_MAX; k++)
        columns->element = find(header, names[k], NBL_XYZ_INTEGER);
    columns->per_line = 0;
    for (size_t c = 0; c < header->n_properties; c++) {
        columns->per_line += (size_t)header->properties[c].width;
        if (strcmp(header->properties[c].name, "pos") == 0)
            columns->pos = c;
    }
}

bool nbl__io_columns_begin(nbl__io_columns *columns, const nbl__io_header *header)
{
    columns->header = header;
    columns->n = 0;
    columns->current = columns->first;
    if (columns->first != NULL)
        columns->first->used = 0;
    memset(columns->cache, 0, sizeof columns->cache);
    if (header->n_properties > columns->n_column) {
        nbl__io_column *column = realloc(columns->column, header->n_properties * sizeof *column);
        if (column == NULL)
            return false;
        for (size_t c = columns->n_column; c < header->n_properties; c++)
            column[c] = (nbl__io_column){NULL, 0};
        columns->column = column;
        columns->n_column = header->n_properties;
    }
    name_columns(columns);
    columns->capacity = held_atoms(columns);
    if (columns->capacity > 0)
        return true;
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a header without columns was refused */
    int64_t atoms = (int64_t)(NBL__WIDTH_MAX / columns->per_line);
    return reserve(columns, atoms < 1 ? 1 : atoms > FIRST_ATOMS ? FIRST_ATOMS : atoms);
}

void nbl__io_columns_free(nbl__io_columns *columns)
{
    for (size_t c = 0; c < columns->n_column; c++)
        free(columns->column[c].data);
    for (nbl__io_text_block *block = columns->first; block != NULL;) {
        nbl__io_text_block *next = block->next;
        free(block);
        block = next;
    }
    free(columns->column);
    free(columns->numbers.data);
    *columns = (nbl__io_columns){.header = NULL};
}

const double *nbl__io_columns_positions(const nbl__io_columns *columns)
{
    return columns->column[columns->pos].data;
}

const char *const *nbl__io_columns_labels(const nbl__io_columns *columns)
{
    return columns->species == SIZE_MAX ? NULL : columns->column[columns->species].data;
}

const int32_t *nbl__io_columns_numbers(const nbl__io_columns *columns)
{
    return columns->numbers.data;
}

/* ---- lines ---- */

static int32_t *number_at(nbl__io_columns *columns)
{
    return (int32_t *)columns->numbers.data + columns->n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static size_t count_words(const char *p)
{
    size_t words = 0;
    for (;;) {
        while (is_blank(*p))
            p++;
        if (*p == '\0')
            return words;
        words++;
        while (*p != '\0' && !is_blank(*p))
            p++;
    }
}

static nbl_io_status bad_word(const nbl__io_property *property, int32_t k, const char *word, const char *end,
                              const char *what, nbl__io_message *why)
{
    nbl__io_excerpt shown, name;
    nbl__io_excerpt_make(&shown, word, (size_t)(end - word));
    nbl__io_excerpt_make(&name, property->name, strlen(property->name));
    if (property->width == 1)
        return nbl__io_message_set(why, NBL_IO_ENUMBER, "'%s' is %s (%s)", shown.text, what, name.text);
    return nbl__io_message_set(why, NBL_IO_ENUMBER, "'%s' is %s (%s[%d])", shown.text, what, name.text, (int)k);
}

static nbl_io_status read_real(nbl__io_columns *columns, size_t c, int32_t k, const char *word, const char *end,
                               double *out, nbl__io_message *why)
{
    const nbl__io_property *property = &columns->header->properties[c];
    switch (nbl__io_real_read(word, end, out)) {
    case NBL__NUMBER_OK:
        return NBL_IO_OK;
    case NBL__NUMBER_SPECIAL:
        if (c != columns->pos)
            return NBL_IO_OK;
        return nbl__io_message_set(why, NBL_IO_EPOSITION, "pos[%d] is %s", (int)k,
                                   isnan(*out) ? "nan" : "infinite");
    case NBL__NUMBER_RANGE:
        return bad_word(property, k, word, end, "too large for a double", why);
    case NBL__NUMBER_NOMEM:
        return nbl__io_message_set(why, NBL_IO_ENOMEM, "out of memory");
    default:
        return bad_word(property, k, word, end, "not a number", why);
    }
}

static nbl_io_status read_text(nbl__io_columns *columns, size_t c, const char *word, const char *end,
                               const char **out, nbl__io_message *why)
{
    const nbl__io_label *label = find_label(columns, word, (size_t)(end - word));
    if (label == NULL)
        return nbl__io_message_set(why, NBL_IO_ENOMEM, "out of memory");
    *out = label->text;
    if (c == columns->species && columns->element == SIZE_MAX)
        *number_at(columns) = label->number;
    return NBL_IO_OK;
}

static nbl_io_status read_integer(nbl__io_columns *columns, size_t c, int32_t k, const char *word,
                                  const char *end, int64_t *out, nbl__io_message *why)
{
    enum nbl__io_number answer = nbl__io_integer_read(word, end, out);
    if (answer != NBL__NUMBER_OK)
        return bad_word(&columns->header->properties[c], k, word, end,
                        answer == NBL__NUMBER_RANGE ? "too large for 64 bits" : "not an integer", why);
    if (c == columns->element)
        *number_at(columns) = *out >= 1 && *out <= 118 ? (int32_t)*out : 0;
    return NBL_IO_OK;
}

static nbl_io_status read_logical(nbl__io_columns *columns, size_t c, int32_t k, const char *word,
                                  const char *end, uint8_t *out, nbl__io_message *why)
{
    int flag = nbl__io_flag_read(word, end);
    if (flag < 0)
        return bad_word(&columns->header->properties[c], k, word, end, "not T or F", why);
    *out = (uint8_t)flag;
    return NBL_IO_OK;
}

static nbl_io_status read_word(nbl__io_columns *columns, size_t c, int32_t k, const char *word, const char *end,
                               nbl__io_message *why)
{
    const nbl__io_property *property = &columns->header->properties[c];
    size_t item = (size_t)columns->n * (size_t)property->width + (size_t)k;
    void *data = columns->column[c].data;
    switch (property->type) {
    case NBL_XYZ_REAL:
        return read_real(columns, c, k, word, end, (double *)data + item, why);
    case NBL_XYZ_INTEGER:
        return read_integer(columns, c, k, word, end, (int64_t *)data + item, why);
    case NBL_XYZ_STRING:
        return read_text(columns, c, word, end, (const char **)data + item, why);
    default:
        return read_logical(columns, c, k, word, end, (uint8_t *)data + item, why);
    }
}

/* A line with too few or too many words; `whose` says what wants another number. */
static nbl_io_status bad_count(const nbl__io_columns *columns, const nbl__io_line *line, const char *whose,
                               nbl__io_message *why)
{
    size_t words = count_words(line->text);
    return nbl__io_message_set(why, NBL_IO_ECOLUMNS, "%zu column%s where %s %zu", words, words == 1 ? "" : "s",
                               whose, columns->per_line);
}

nbl_io_status nbl__io_columns_add(nbl__io_columns *columns, const nbl__io_line *line, nbl__io_message *why)
{
    const nbl__io_header *header = columns->header;
    if (columns->n == columns->capacity && !reserve(columns, columns->capacity + columns->capacity / 2 + 1))
        return nbl__io_message_set(why, NBL_IO_ENOMEM, "out of memory");
    *number_at(columns) = 0;

    const char *p = line->text;
    for (size_t c = 0; c < header->n_properties; c++) {
        for (int32_t k = 0; k < header->properties[c].width; k++) {
            while (is_blank(*p))
                p++;
            if (*p == '\0')
                return bad_count(columns, line, header->has_properties ? "Properties has" : "an atom line has",
                                 why);
            const char *word = p;
            while (*p != '\0' && !is_blank(*p))
                p++;
            nbl_io_status status = read_word(columns, c, k, word, p, why);
            if (status != NBL_IO_OK)
                return status;
        }
    }
    if (header->has_properties && count_words(p) > 0)
        return bad_count(columns, line, "Properties has", why);
    columns->n++;
    return NBL_IO_OK;
}
