/* SPDX-License-Identifier: MIT */
#include "writer.h"

#include <math.h>

/* Levels whose entries have lines of their own; deeper ones stay on the line. */
enum { LINES = 2 };

static void text(FILE *file, const char *value)
{
    fputc('"', file);
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            fprintf(file, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            fputc(*c, file);
    }
    fputc('"', file);
}

static void entry(bench_writer *w, const char *key)
{
    if (w->filled)
        fputc(',', w->file);
    if (w->depth > 0 && w->depth <= LINES)
        fprintf(w->file, "\n%*s", w->depth, "");
    else if (w->filled)
        fputc(' ', w->file);
    w->filled = true;
    if (!key)
        return;
    text(w->file, key);
    fputs(": ", w->file);
}

static void begin(bench_writer *w, const char *key, char start, char end)
{
    entry(w, key);
    fputc(start, w->file);
    w->ends[w->depth++] = end;
    w->filled = false;
}

void nbl__bench_write_object(bench_writer *w, const char *key)
{
    begin(w, key, '{', '}');
}

void nbl__bench_write_array(bench_writer *w, const char *key)
{
    begin(w, key, '[', ']');
}

void nbl__bench_write_end(bench_writer *w)
{
    fputc(w->ends[--w->depth], w->file);
    w->filled = true;
    if (w->depth == 0)
        fputc('\n', w->file);
}

void nbl__bench_write_text(bench_writer *w, const char *key, const char *value)
{
    entry(w, key);
    text(w->file, value);
}

void nbl__bench_write_truth(bench_writer *w, const char *key, bool value)
{
    entry(w, key);
    fputs(value ? "true" : "false", w->file);
}

void nbl__bench_write_null(bench_writer *w, const char *key)
{
    entry(w, key);
    fputs("null", w->file);
}

void nbl__bench_write_whole(bench_writer *w, const char *key, int64_t value)
{
    if (value < 0) {
        nbl__bench_write_null(w, key);
        return;
    }
    entry(w, key);
    fprintf(w->file, "%lld", (long long)value);
}

void nbl__bench_write_positive(bench_writer *w, const char *key, double value)
{
    nbl__bench_write_number(w, key, value > 0 ? value : NAN, 6);
}

void nbl__bench_write_number(bench_writer *w, const char *key, double value, int digits)
{
    if (!isfinite(value)) {
        nbl__bench_write_null(w, key);
        return;
    }
    entry(w, key);
    fprintf(w->file, "%.*g", digits, value);
}
