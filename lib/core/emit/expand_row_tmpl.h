/* SPDX-License-Identifier: MIT */
/*
 * The bodies of an nbl__expand. An instance defines EXPAND_NAME, the name of what is defined, and, where it has
 * vectors, these macros, with `wide` a constant: values of 8 bytes, not 4.
 *   EXPAND_PAIRS(wide, view, base, j, shifts)
 *   EXPAND_REALS(wide, squared, view, vectors, distances)
 *   EXPAND_FILL(wide, out, count, value)
 *   EXPAND_ATOMS(wide, out, number, count, base)
 *   EXPAND_MASK(mask, base, out)   the atoms of one mask, plus base, and perhaps more; how many there are
 *   EXPAND_OFFSETS(counts, n, at, offsets, longest)   as far as there are whole vectors: advances *at, raises
 *                 *longest, and tells how many rows are done
 *   EXPAND_SERIES  defined: there are series32 and series64
 *   EXPAND_PAST   the address of its nbl__expand past the caches
 *   EXPAND_LINES  its function of whole lines, if it has one for a stage
 *   EXPAND_IMAGES_AHEAD   if not all
 */
/* Pairs of a short row. */
enum { SHORT_ROW = 8 };

#define INDEX            int64_t
#define INDEX_NAME(name) name##64
#include "emit/expand_index_tmpl.h"
#define INDEX            int32_t
#define INDEX_NAME(name) name##32
#include "emit/expand_index_tmpl.h"

static uint32_t *masks(const uint64_t *masks, int64_t n, uint32_t base, uint32_t *out)
{
    for (int64_t row = 0; row < n; row++) {
#ifdef EXPAND_MASK
        out += EXPAND_MASK(masks[row], base, out);
#else
        for (uint32_t k = 0; k < NBL__MASK_ATOMS; k++) {
            *out = base + k;
            out += masks[row] >> k & 1;
        }
#endif
    }
    return out;
}

static inline uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static int64_t offsets(const uint32_t *counts, int64_t n, int64_t at, int64_t *offsets, uint32_t *longest)
{
    int64_t row = 0;
    uint32_t most = 0;
#ifdef EXPAND_OFFSETS
    row = EXPAND_OFFSETS(counts, n, &at, offsets, &most);
#else
    for (; row + 4 <= n; row += 4) { /* the next four wait for one sum, and for one comparison */
        const uint32_t *c = counts + row;
        const int64_t half = (int64_t)c[0] + c[1], whole = half + c[2] + c[3];
        offsets[row] = at;
        offsets[row + 1] = at + c[0];
        offsets[row + 2] = at + half;
        offsets[row + 3] = at + half + c[2];
        at += whole;
        most = larger(most, larger(larger(c[0], c[1]), larger(c[2], c[3])));
    }
#endif
    for (; row < n; row++) {
        offsets[row] = at;
        at += counts[row];
        most = larger(most, counts[row]);
    }
    *longest = most;
    return at;
}

static inline void write_reals(bool squared, const nbl__view *view, double *v, double *x)
{
#ifdef EXPAND_REALS
    EXPAND_REALS(true, squared, view, v, x);
#else
    for (size_t e = 0; e < view->count; e++) {
        double d[3];
        const double d2 = nbl__view_d2(view, (uint32_t)e, d);
        if (v)
            memcpy(v + 3 * e, d, sizeof d);
        if (x)
            x[e] = squared ? d2 : sqrt(d2);
    }
#endif
}

static void reals64(const nbl__view *view, void *vectors, void *distances)
{
    write_reals(false, view, vectors, distances);
}

static void squares64(const nbl__view *view, void *vectors, void *d2)
{
    write_reals(true, view, vectors, d2);
}

static void reals32(const nbl__view *view, void *vectors, void *distances)
{
    float *v = vectors, *x = distances;
#ifdef EXPAND_REALS
    EXPAND_REALS(false, false, view, v, x);
#else
    for (size_t e = 0; e < view->count; e++) {
        double d[3];
        const double d2 = nbl__view_d2(view, (uint32_t)e, d);
        for (size_t k = 0; v && k < 3; k++)
            v[3 * e + k] = (float)d[k];
        if (x)
            x[e] = (float)sqrt(d2);
    }
#endif
}

#ifndef EXPAND_PAST
#define EXPAND_PAST NULL
#endif
#ifndef EXPAND_LINES
#define EXPAND_LINES NULL
#endif
#ifndef EXPAND_IMAGES_AHEAD
#define EXPAND_IMAGES_AHEAD UINT32_MAX
#endif
#ifdef EXPAND_SERIES
#define EXPAND_SERIES32 series32
#define EXPAND_SERIES64 series64
#else
#define EXPAND_SERIES32 NULL
#define EXPAND_SERIES64 NULL
#endif
static const nbl__expand EXPAND_NAME = {.pairs32 = pairs32,
                                        .pairs64 = pairs64,
                                        .fill32 = fill32,
                                        .fill64 = fill64,
                                        .rows32 = rows32,
                                        .rows64 = rows64,
                                        .atoms32 = atoms32,
                                        .atoms64 = atoms64,
                                        .masks = masks,
                                        .offsets = offsets,
                                        .reals32 = reals32,
                                        .reals64 = reals64,
                                        .squares64 = squares64,
                                        .series32 = EXPAND_SERIES32,
                                        .series64 = EXPAND_SERIES64,
                                        .past = EXPAND_PAST,
                                        .lines = EXPAND_LINES,
                                        .images_ahead = EXPAND_IMAGES_AHEAD};
