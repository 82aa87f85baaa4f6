/* SPDX-License-Identifier: MIT */
/*
 * Writes JSON as it comes, with commas and braces in their places. Keys are NULL in arrays. What is not known
 * is null. Invariant: whatever the texts hold, the result is ASCII and valid.
 */
#ifndef NBL_BENCH_WRITER_H
#define NBL_BENCH_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { BENCH_WRITER_DEPTH = 16 };

typedef struct bench_writer { /* begins with the file, and zeros */
    FILE *file;
    int depth;
    char ends[BENCH_WRITER_DEPTH]; /* what closes each level */
    bool filled;                   /* the current level has an entry */
} bench_writer;

void nbl__bench_write_object(bench_writer *w, const char *key);
void nbl__bench_write_array(bench_writer *w, const char *key);
void nbl__bench_write_end(bench_writer *w); /* of the innermost object or array */

void nbl__bench_write_text(bench_writer *w, const char *key, const char *value);
void nbl__bench_write_truth(bench_writer *w, const char *key, bool value);
void nbl__bench_write_null(bench_writer *w, const char *key);

/* A count: below zero it is not known. */
void nbl__bench_write_whole(bench_writer *w, const char *key, int64_t value);

/* A measured number: zero is "not measured", and JSON has no infinity. */
void nbl__bench_write_positive(bench_writer *w, const char *key, double value);

/* Any finite number, with so many digits. */
void nbl__bench_write_number(bench_writer *w, const char *key, double value, int digits);

#endif
