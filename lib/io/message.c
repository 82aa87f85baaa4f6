/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "io/message.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ROW(name, value, text) {#name, value, text},
static const struct {
    const char *name;
    nbl_io_status value;
    const char *text;
} statuses[] = {NBL_IO_STATUS_MAP(ROW)};
#undef ROW

const char *nbl_io_status_name(nbl_io_status status)
{
    for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++)
        if (statuses[k].value == status)
            return statuses[k].name;
    return "NBL_IO_E?";
}

const char *nbl_io_status_text(nbl_io_status status)
{
    for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++)
        if (statuses[k].value == status)
            return statuses[k].text;
    return "unknown status";
}

/* Bytes from 0x80 on pass: names of files are UTF-8 today. */
static bool printable(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x20 && u != 0x7f;
}

/* Appends text as far as it fits, and "..." where it does not. */
static void append(char *out, size_t capacity, const char *text, size_t length)
{
    size_t n = strlen(out);
    for (size_t k = 0; k < length; k++) {
        size_t need = printable(text[k]) ? 1 : 4;
        if (n + need + 4 > capacity) {
            strcpy(out + n, "...");
            return;
        }
        if (need == 1)
            out[n++] = text[k];
        else
            n += (size_t)snprintf(out + n, 5, "\\x%02x", (unsigned)(unsigned char)text[k]);
        out[n] = '\0';
    }
}

void nbl__io_message_clear(nbl__io_message *message)
{
    message->text[0] = '\0';
}

nbl_io_status nbl__io_message_set(nbl__io_message *message, nbl_io_status status, const char *format, ...)
{
    char raw[NBL__MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    message->text[0] = '\0';
    append(message->text, sizeof message->text, raw, strlen(raw));
    return status;
}

nbl_io_status nbl__io_message_at(nbl__io_message *message, nbl_io_status status, const char *name, int64_t line,
                                 const char *format, ...)
{
    char raw[NBL__MESSAGE_SIZE], number[32];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    message->text[0] = '\0';
    /* a very long path must not push out what is wrong: its end tells most */
    size_t length = strlen(name), most = NBL__MESSAGE_SIZE / 4;
    append(message->text, sizeof message->text, length > most ? "..." : "", length > most ? 3 : 0);
    append(message->text, sizeof message->text, name + (length > most ? length - most : 0),
           length > most ? most : length);
    snprintf(number, sizeof number, ":%lld: ", (long long)line);
    append(message->text, sizeof message->text, number, strlen(number));
    append(message->text, sizeof message->text, raw, strlen(raw));
    return status;
}

const char *nbl__io_excerpt_make(nbl__io_excerpt *into, const char *text, size_t length)
{
    into->text[0] = '\0';
    append(into->text, sizeof into->text, text, length);
    return into->text;
}

const char *nbl__io_errno_text(int error, nbl__io_excerpt *into)
{
    if (strerror_r(error, into->text, sizeof into->text) != 0)
        snprintf(into->text, sizeof into->text, "error %d", error);
    return into->text;
}
