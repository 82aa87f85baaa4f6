/* SPDX-License-Identifier: MIT */
#include "io/header.h"
#include "io/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Text that stands for numbers or flags, in any bracketing: the next word, NULL at the end. */
static const char *next_word(const char *p, const char **end)
{
    static const char separators[] = " \t\v\f\r\n,;[]{}()";
    p += strspn(p, separators);
    if (*p == '\0')
        return NULL;
    *end = p + strcspn(p, separators);
    return p;
}

static nbl_io_status read_lattice(nbl__io_header *header, const char *text, nbl__io_message *why)
{
    double numbers[9];
    int n = 0;
    const char *end = text;
    for (const char *p; (p = next_word(end, &end)) != NULL; n++) {
        double value;
        nbl__io_excerpt shown;
        enum nbl__io_number answer = nbl__io_real_read(p, end, &value);
        if (answer == NBL__NUMBER_NOMEM)
            return nbl__io_message_set(why, NBL_IO_ENOMEM, "out of memory");
        if (answer == NBL__NUMBER_BAD || answer == NBL__NUMBER_RANGE)
            return nbl__io_message_set(why, NBL_IO_ELATTICE, "'%s' in Lattice is not a number%s",
                                       nbl__io_excerpt_make(&shown, p, (size_t)(end - p)),
                                       answer == NBL__NUMBER_RANGE ? " that fits a double" : "");
        if (n < 9)
            numbers[n] = value;
    }
    if (n != 9 && n != 3)
        return nbl__io_message_set(why, NBL_IO_ELATTICE, "Lattice has %d numbers, not 9 or 3", n);
    if (n == 9)
        memcpy(header->cell, numbers, sizeof numbers);
    else
        for (int a = 0; a < 3; a++)
            header->cell[4 * a] = numbers[a];
    header->has_cell = true;
    return NBL_IO_OK;
}

static nbl_io_status read_pbc(nbl__io_header *header, const char *text, nbl__io_message *why)
{
    int flags[3] = {-1, -1, -1}, n = 0;
    const char *end = text, *p, *first = NULL;
    size_t length = 0;
    for (; (p = next_word(end, &end)) != NULL; n++) {
        if (n == 0) {
            first = p;
            length = (size_t)(end - p);
        }
        if (n < 3)
            flags[n] = nbl__io_flag_read(p, end);
    }
    if (n == 1 && flags[0] >= 0)
        flags[1] = flags[2] = flags[0];
    else if (n == 1 && length == 3)
        for (int a = 0; a < 3; a++)
            flags[a] = nbl__io_flag_read(first + a, first + a + 1);
    if ((n != 1 && n != 3) || flags[0] < 0 || flags[1] < 0 || flags[2] < 0) {
        nbl__io_excerpt shown;
        return nbl__io_message_set(why, NBL_IO_EPBC, "pbc is '%s', not three of T and F",
                                   nbl__io_excerpt_make(&shown, text, strlen(text)));
    }
    for (int a = 0; a < 3; a++)
        header->pbc[a] = (uint8_t)flags[a];
    header->has_pbc = true;
    return NBL_IO_OK;
}

static nbl_io_status settle_axes(nbl__io_header *header, nbl__io_message *why)
{
    for (int a = 0; a < 3; a++) {
        const double *row = header->cell + 3 * a;
        if (!header->has_pbc)
            header->pbc[a] = header->has_cell && !(row[0] == 0 && row[1] == 0 && row[2] == 0);
        for (int k = 0; k < 3; k++)
            if (header->pbc[a] && !isfinite(row[k]))
                return nbl__io_message_set(why, NBL_IO_ELATTICE, "Lattice[%d][%d] is %s, and the axis periodic",
                                           a, k, isnan(row[k]) ? "nan" : "infinite");
    }
    return NBL_IO_OK;
}

static nbl_io_status bad_properties(nbl__io_message *why, const char *text)
{
    return nbl__io_message_set(why, NBL_IO_EHEADER, "Properties: %s", text);
}

/* Cuts a field at the next colon; *p moves behind it, or becomes NULL after the last field. */
static char *cut_field(char **p)
{
    char *field = *p, *colon = strchr(field, ':');
    if (colon != NULL)
        *colon++ = '\0';
    *p = colon;
    return field;
}

static nbl_io_status read_property(nbl__io_header *header, char *fields[3], nbl__io_message *why)
{
    nbl__io_excerpt shown;
    size_t length = strlen(fields[0]);
    const char *name = nbl__io_excerpt_make(&shown, fields[0], length);
    int64_t width = 0;
    if (length == 0)
        return bad_properties(why, "a name is empty");
    int32_t type = fields[1][0] & ~0x20;
    if (strlen(fields[1]) != 1 || strchr("SIRL", type) == NULL)
        return nbl__io_message_set(why, NBL_IO_EHEADER, "Properties: the type of '%s' is none of S, I, R, L",
                                   name);
    const char *end = fields[2] + strlen(fields[2]);
    if (nbl__io_integer_read(fields[2], end, &width) != NBL__NUMBER_OK || width < 1 || width > NBL__WIDTH_MAX)
        return nbl__io_message_set(why, NBL_IO_EHEADER, "Properties: the width of '%s' is not 1 ... %d", name,
                                   NBL__WIDTH_MAX);
    for (size_t k = 0; k < header->n_properties; k++)
        if (strcmp(header->properties[k].name, fields[0]) == 0)
            return nbl__io_message_set(why, NBL_IO_EHEADER, "Properties: '%s' is there twice", name);
    if (header->n_properties == NBL__PROPERTIES_MAX)
        return nbl__io_message_set(why, NBL_IO_EHEADER, "Properties: more than %d columns",
                                   NBL__PROPERTIES_MAX);
    header->width += width;
    if (header->width > NBL__WIDTH_MAX)
        return nbl__io_message_set(why, NBL_IO_EHEADER, "Properties: more than %d words per line",
                                   NBL__WIDTH_MAX);
    header->properties[header->n_properties++] = (nbl__io_property){fields[0], type, (int32_t)width};
    return NBL_IO_OK;
}

static nbl_io_status read_properties(nbl__io_header *header, const char *text, nbl__io_message *why)
{
    size_t bytes = strlen(text) + 1;
    if (bytes > header->capacity) {
        char *copy = realloc(header->text, bytes);
        if (copy == NULL)
            return nbl__io_message_set(why, NBL_IO_ENOMEM, "out of memory");
        header->text = copy;
        header->capacity = bytes;
    }
    memcpy(header->text, text, bytes);
    char *p = header->text;
    while (p != NULL) {
        char *fields[3];
        for (int k = 0; k < 3; k++) {
            if (p == NULL)
                return bad_properties(why, "not a sequence of name:type:width");
            fields[k] = cut_field(&p);
        }
        nbl_io_status status = read_property(header, fields, why);
        if (status != NBL_IO_OK)
            return status;
    }
    for (size_t k = 0; k < header->n_properties; k++)
        if (strcmp(header->properties[k].name, "pos") == 0)
            return header->properties[k].type == NBL_XYZ_REAL && header->properties[k].width == 3
                       ? NBL_IO_OK
                       : bad_properties(why, "pos is not pos:R:3");
    return bad_properties(why, "pos:R:3 is missing");
}

static nbl_io_status unique(const nbl__io_comment *comment, const char *key, const char **value,
                            nbl__io_message *why)
{
    size_t count;
    *value = nbl__io_comment_value_any_case(comment, key, &count);
    if (count > 1)
        return nbl__io_message_set(why, NBL_IO_EHEADER, "%s is given twice", key);
    return NBL_IO_OK;
}

nbl_io_status nbl__io_header_read(nbl__io_header *header, const nbl__io_comment *comment, nbl__io_message *why)
{
    const char *lattice, *pbc, *properties;
    nbl_io_status status;
    memset(header->cell, 0, sizeof header->cell);
    memset(header->pbc, 0, sizeof header->pbc);
    header->has_cell = header->has_pbc = header->has_properties = false;
    header->n_properties = 0;
    header->width = 0;
    if (comment->problem != NULL &&
        (nbl__io_comment_mentions(comment, "lattice") || nbl__io_comment_mentions(comment, "properties")))
        return nbl__io_message_set(why, NBL_IO_EHEADER, "the comment line: %s", comment->problem);

    if ((status = unique(comment, "Lattice", &lattice, why)) != NBL_IO_OK ||
        (status = unique(comment, "pbc", &pbc, why)) != NBL_IO_OK ||
        (status = unique(comment, "Properties", &properties, why)) != NBL_IO_OK)
        return status;
    if (lattice != NULL && (status = read_lattice(header, lattice, why)) != NBL_IO_OK)
        return status;
    if (pbc != NULL && (status = read_pbc(header, pbc, why)) != NBL_IO_OK)
        return status;
    if ((status = settle_axes(header, why)) != NBL_IO_OK)
        return status;
    if (properties != NULL) {
        header->has_properties = true;
        return read_properties(header, properties, why);
    }
    header->properties[0] = (nbl__io_property){"species", NBL_XYZ_STRING, 1};
    header->properties[1] = (nbl__io_property){"pos", NBL_XYZ_REAL, 3};
    header->n_properties = 2;
    return NBL_IO_OK;
}

void nbl__io_header_free(nbl__io_header *header)
{
    free(header->text);
    header->text = NULL;
    header->capacity = 0;
}
