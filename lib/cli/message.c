/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "text.h"

static const char *command_name;

void nbl__cli_set_command(const char *command)
{
    command_name = command;
}

/* Standard output first, so that both streams on one terminal read in the order of events. */
static void before(void)
{
    fflush(stdout);
    nbl__cli_progress_clear();
}

/* Messages hold names and pieces of files. Without memory they are cut, not lost. */
static void put(const char *format, va_list arguments)
{
    char cut[1024], *text = NULL;
    va_list again;
    va_copy(again, arguments);
    if (vasprintf(&text, format, arguments) < 0) {
        text = NULL;
        vsnprintf(cut, sizeof cut, format, again);
    }
    va_end(again);
    nbl__cli_put_plain(stderr, text ? text : cut);
    free(text);
}

void nbl__cli_error(const char *format, ...)
{
    va_list arguments;
    before();
    va_start(arguments, format);
    fputs("nblist: ", stderr);
    put(format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void nbl__cli_complain(const char *format, ...)
{
    va_list arguments;
    before();
    va_start(arguments, format);
    put(format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void nbl__cli_usage(const char *format, ...)
{
    const char *space = command_name ? " " : "", *name = command_name ? command_name : "";
    va_list arguments;
    before();
    va_start(arguments, format);
    fprintf(stderr, "nblist%s%s: ", space, name);
    put(format, arguments);
    fprintf(stderr, "\nTry 'nblist%s%s --help'.\n", space, name);
    va_end(arguments);
}

bool nbl__cli_stdout_good(void)
{
    static bool said;
    static int reason;
    errno = 0;
    if (fflush(stdout) != 0 && !reason)
        reason = errno;
    if (!ferror(stdout))
        return true;
    if (!said)
        nbl__cli_error("cannot write to standard output: %s", reason ? strerror(reason) : "write error");
    said = true;
    return false;
}
