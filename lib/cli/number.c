/* SPDX-License-Identifier: MIT */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS " \t,;"

const char *nbl__cli_parse_real(const char *text, double *value)
{
    char *end;
    if (*text == '\0')
        return "is empty, not a number";
    /* Tells "nan" from a number, and keeps strtod() from skipping blanks. */
    if (text[strspn(text, "0123456789+-.eE")] != '\0')
        return "is not a number";
    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end != '\0')
        return "is not a number";
    if (errno == ERANGE && fabs(*value) > 1.0)
        return "is too large";
    return NULL;
}

const char *nbl__cli_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return "is not an integer";
    errno = 0;
    long long parsed = strtoll(text, NULL, 10);
    if (errno == ERANGE || parsed > high)
        return "is too large";
    if (parsed < low)
        return low == 0 ? "is negative" : "is too small";
    *value = parsed;
    return NULL;
}

/* Reads T, F, 1, 0, true or false in any case; returns the characters read, 0 if it is none of them. */
static size_t flag(const char *text, uint8_t *value)
{
    static const struct {
        const char *name;
        uint8_t value;
    } names[] = {{"true", 1}, {"false", 0}, {"t", 1}, {"f", 0}, {"1", 1}, {"0", 0}};

    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t length = 0;
        while (names[k].name[length] && tolower((unsigned char)text[length]) == names[k].name[length])
            length++;
        if (names[k].name[length] == '\0') {
            *value = names[k].value;
            return length;
        }
    }
    return 0;
}

const char *nbl__cli_parse_pbc(const char *text, uint8_t pbc[3])
{
    static const char *const wrong = "is not three of T and F, such as TTF, or one for all axes";
    for (int k = 0; k < 3; k++) {
        text += strspn(text, SEPARATORS);
        size_t length = flag(text, &pbc[k]);
        if (length == 0)
            return wrong;
        text += length;
        if (k == 0 && text[strspn(text, SEPARATORS)] == '\0') {
            pbc[1] = pbc[2] = pbc[0];
            return NULL;
        }
    }
    text += strspn(text, SEPARATORS);
    return *text ? wrong : NULL;
}

const char *nbl__cli_parse_cell(const char *text, double cell[9])
{
    static const char *const wrong = "is not 9 numbers (rows a, b, c) or 3 numbers";
    double values[9];
    int n = 0;
    while (text += strspn(text, SEPARATORS), *text) {
        char word[64];
        size_t length = strcspn(text, SEPARATORS);
        if (n == 9 || length >= sizeof word)
            return wrong;
        memcpy(word, text, length);
        word[length] = '\0';
        if (nbl__cli_parse_real(word, &values[n++]))
            return wrong;
        text += length;
    }
    if (n == 9) {
        memcpy(cell, values, sizeof values);
        return NULL;
    }
    if (n != 3)
        return wrong;
    memset(cell, 0, sizeof values);
    for (int k = 0; k < 3; k++)
        cell[4 * k] = values[k];
    return NULL;
}
