/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the UTF-8 character at `s`; 0 where it is none (also surrogates and overlong forms). */
static size_t character(const unsigned char *s)
{
    static const struct {
        unsigned char low, high; /* of the first byte */
        unsigned char second_low, second_high;
        size_t length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    if (s[0] < 0x80)
        return 1;
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        if (s[0] < forms[k].low || s[0] > forms[k].high)
            continue;
        if (s[1] < forms[k].second_low || s[1] > forms[k].second_high)
            return 0;
        for (size_t b = 2; b < forms[k].length; b++)
            if ((s[b] & 0xc0) != 0x80)
                return 0;
        /* U+FFFE and U+FFFF are no characters, and XML does not allow them. */
        return s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe ? 0 : forms[k].length;
    }
    return 0;
}

static void put_xml(FILE *stream, unsigned char c)
{
    if (c == '&')
        fputs("&amp;", stream);
    else if (c == '<')
        fputs("&lt;", stream);
    else if (c == '>')
        fputs("&gt;", stream);
    else if (c == '"')
        fputs("&quot;", stream);
    else if (c < 0x20 && c != '\t') /* control characters are not even legal as references */
        fputs("\xef\xbf\xbd", stream);
    else
        fputc(c, stream);
}

static void put_json(FILE *stream, unsigned char c)
{
    if (c == '"' || c == '\\')
        fprintf(stream, "\\%c", c);
    else if (c < 0x20)
        fprintf(stream, "\\u%04x", c);
    else
        fputc(c, stream);
}

static void put(FILE *stream, const char *text, void (*put_one)(FILE *, unsigned char))
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t length = character(s);
        if (length == 1)
            put_one(stream, *s);
        else if (length == 0)
            fputs("\xef\xbf\xbd", stream);
        else
            fwrite(s, 1, length, stream);
        s += length ? length : 1;
    }
}

void nbl__cli_put_plain(FILE *stream, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t length = character(s);
        const bool control = length == 1 ? *s < 0x20 || *s == 0x7f : length == 2 && s[0] == 0xc2 && s[1] < 0xa0;
        if (length > 0 && !control) {
            fwrite(s, 1, length, stream);
            s += length;
        } else {
            fprintf(stream, "\\x%02x", *s++);
        }
    }
}

void nbl__cli_put_xml(FILE *stream, const char *text)
{
    put(stream, text, put_xml);
}

void nbl__cli_put_json(FILE *stream, const char *text)
{
    fputc('"', stream);
    put(stream, text, put_json);
    fputc('"', stream);
}
