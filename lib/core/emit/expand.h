/* SPDX-License-Identifier: MIT */
/*
 * How compact entries become what the caller reads, for the layouts that are asked for most: what of it pays in
 * vector instructions, one instance for each instruction set. Invariant: the same bytes from every instance,
 * and none written beyond those of the row.
 */
#ifndef NBL_EMIT_EXPAND_H
#define NBL_EMIT_EXPAND_H

#include <stddef.h>

#include "emit/series.h"

/* i and j (plus base) and shifts of a row of numbers of images; any of them may be NULL. */
typedef void (*nbl__expand_pairs)(const nbl__view *view, int64_t base, void *i, void *j, int32_t *shifts);

/* The same value to `count` places. */
typedef void (*nbl__expand_fill)(void *out, int64_t count, int64_t value);

/* value + k to counts[k] places each, one after the other. */
typedef void (*nbl__expand_rows)(void *out, const uint32_t *counts, int64_t n, int64_t value);

/* Numbers of atoms, plus base. */
typedef void (*nbl__expand_atoms)(void *out, const uint32_t *number, int64_t count, int64_t base);

/* Entries behind the last one that an nbl__expand_masks may overwrite. */
enum { NBL__EXPAND_OVERRUN = 16 };

/* The atoms of n rows that are masks, plus base, one row after the other. Returns where they end. Room: their
 * entries and the overrun. */
typedef uint32_t *(*nbl__expand_masks)(const uint64_t *masks, int64_t n, uint32_t base, uint32_t *out);

/* Where n rows begin, one after the other from `at` on. Returns where they end; *longest: the largest count. */
typedef int64_t (*nbl__expand_offsets)(const uint32_t *counts, int64_t n, int64_t at, int64_t *offsets,
                                       uint32_t *longest);

/* Vectors and distances of a row of numbers, by the formula; either may be NULL. There is an atom behind the
 * last. */
typedef void (*nbl__expand_reals)(const nbl__view *view, void *vectors, void *distances);

/* A series, by the type of indices. */
typedef void (*nbl__expand_series)(const nbl__series *series, const nbl__series_arrays *to);

/* After it, whatever this thread has written is there for all threads. */
typedef void (*nbl__expand_fence)(void);

/* n lines of 64 bytes, past the caches; both begin at one. */
typedef void (*nbl__expand_lines)(void *to, const void *from, size_t n);

typedef struct nbl__expand {
    nbl__expand_pairs pairs32, pairs64; /* by the type of i and j */
    nbl__expand_fill fill32, fill64;
    nbl__expand_rows rows32, rows64;
    nbl__expand_atoms atoms32, atoms64;
    nbl__expand_masks masks;     /* NULL past the caches */
    nbl__expand_offsets offsets; /* as well */
    nbl__expand_reals reals32, reals64;
    nbl__expand_reals squares64;           /* squared distances in place of distances */
    nbl__expand_series series32, series64; /* NULL: it does not pay */
    nbl__expand_fence fence;               /* past the caches only */
    const struct nbl__expand *past; /* the same past the caches, for memory that nobody reads soon; or NULL */
    nbl__expand_lines lines;        /* for rows that go through a stage; or NULL: there are none */
    /*
     * Entries of a row whose images are worth asking for some rows before, where rows are written one by one:
     * all, but with AVX-512, whose processors have room for hundreds of instructions under way, only the first
     * ones. ns per atom of such a fetch with all, 16 and none (Zen 4): random rc 3, 55, 52, 57; rc 6, 198, 187,
     * 186; rc 10, 842, 730, 740. A series does not ask: rc 3, 47 with 16, 39 with none.
     */
    uint32_t images_ahead;
} nbl__expand;

#endif
