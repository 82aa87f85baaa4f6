/* SPDX-License-Identifier: MIT */
/*
 * Expansion of a series by AVX-512. Numbers of many rows are gathered and become one run of entries: no row has
 * a beginning and an end of its own, where short stores, and jumps that no processor can guess, take half of
 * the time of short rows. What comes for an array is shifted so that it leaves in whole lines. Included by
 * isa_avx512.c alone.
 */
#ifndef NBL_SEARCH_SIMD_SERIES_H
#define NBL_SEARCH_SIMD_SERIES_H

#include "search/simd_avx512.h"

/* Entries of a group; those that are gathered before they are written; those of a row that are taken at once.
 */
enum { GROUP = 16, GATHERED = 256, PART = 240 };

typedef struct gathered {
    _Alignas(LINE) uint32_t number[GATHERED + PART + GROUP];
    _Alignas(LINE) uint32_t row[GATHERED + PART + GROUP];
    _Alignas(LINE) int32_t w[3 * (GATHERED + PART + GROUP)]; /* if the series has any */
    size_t n;
} gathered;

/* An array that is written vector by vector, and what the last one has left for the line that is next. */
typedef struct stream {
    char *array; /* or NULL: there is none */
    char *line;
    unsigned before; /* lanes of the first line that are not ours */
    __m512i order;   /* of the last vector and one that comes, what makes a line */
    __m512i last;
} stream;

typedef struct streams {
    stream i, j, shifts;
    size_t written; /* entries */
} streams;

static inline stream open_stream(void *array)
{
    const unsigned before = (unsigned)((uintptr_t)array % LINE / sizeof(int32_t));
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return (stream){.array = array,
                    .line = array ? (char *)array - before * sizeof(int32_t) : NULL,
                    .before = before,
                    .order = _mm512_add_epi32(lane, _mm512_set1_epi32((int32_t)(16 - before))),
                    .last = _mm512_setzero_si512()};
}

static NBL__INLINE void push(bool past, bool first, stream *to, __m512i v)
{
    const __m512i line = _mm512_permutex2var_epi32(to->last, to->order, v);
    if (first)
        _mm512_mask_store_epi32(to->line, (__mmask16)(0xffffu << to->before), line);
    else if (past)
        _mm512_stream_si512((void *)to->line, line);
    else
        _mm512_store_si512(to->line, line);
    to->line += LINE;
    to->last = v;
}

/* What is left for a line that does not become whole. */
static inline void end_stream(const stream *of)
{
    const __m512i line = _mm512_permutex2var_epi32(of->last, of->order, _mm512_setzero_si512());
    if (of->array)
        _mm512_mask_store_epi32(of->line, (__mmask16)((1u << of->before) - 1u), line);
}

static NBL__INLINE void push_group(bool past, bool first, bool wide, const nbl__series *s, const gathered *g,
                                   size_t e, streams *to)
{
    const sixteen v = load_sixteen(s->images, g->number + e);
    const __m512i row = _mm512_loadu_si512(g->row + e);
    if (wide && to->i.array) {
        const __m512i i = _mm512_set1_epi64(s->i);
        push(past, first, &to->i, _mm512_add_epi64(_mm512_cvtepu32_epi64(_mm512_castsi512_si256(row)), i));
        push(past, false, &to->i,
             _mm512_add_epi64(_mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(row, 1)), i));
    } else if (to->i.array) {
        push(past, first, &to->i, _mm512_add_epi32(row, _mm512_set1_epi32((int32_t)s->i)));
    }
    if (wide && to->j.array) {
        const __m512i base = _mm512_set1_epi64(s->base);
        push(past, first, &to->j, _mm512_add_epi64(wide_atoms(v.a, v.b), base));
        push(past, false, &to->j, _mm512_add_epi64(wide_atoms(v.c, v.d), base));
    } else if (to->j.array) {
        push(past, first, &to->j, _mm512_add_epi32(sixteen_atoms(&v), _mm512_set1_epi32((int32_t)s->base)));
    }
    if (to->shifts.array)
        for (int k = 0; k < 3; k++) {
            __m512i shifts = sixteen_shifts(&v, k);
            if (s->w)
                shifts = _mm512_add_epi32(shifts, _mm512_loadu_si512(g->w + 3 * e + 16 * (size_t)k));
            push(past, first && k == 0, &to->shifts, shifts);
        }
}

/* Whole groups; what is left of less than one becomes the first entries. */
static NBL__INLINE void push_groups(bool past, bool wide, const nbl__series *s, gathered *g, streams *to)
{
    streams at = *to; /* in registers */
    size_t e = 0;
    if (at.written == 0 && g->n >= GROUP) {
        push_group(past, true, wide, s, g, 0, &at);
        e = GROUP;
    }
    for (; e + GROUP <= g->n; e += GROUP)
        push_group(past, false, wide, s, g, e, &at);
    at.written += e;
    g->n -= e;
    _mm512_store_si512(g->number, _mm512_loadu_si512(g->number + e));
    _mm512_store_si512(g->row, _mm512_loadu_si512(g->row + e));
    for (size_t k = 0; s->w && k < 3; k++)
        _mm512_store_si512(g->w + 16 * k, _mm512_loadu_si512(g->w + 3 * e + 16 * k));
    *to = at;
}

/* The last entries, less than a group. */
static NBL__INLINE void end_streams(bool wide, const nbl__series *s, const gathered *g, const streams *to)
{
    if (to->written > 0) {
        end_stream(&to->i);
        end_stream(&to->j);
        end_stream(&to->shifts);
    }
    for (size_t e = 0; e < g->n; e++) {
        const nbl__image *image = &s->images[g->number[e]];
        const size_t at = to->written + e;
        if (to->i.array)
            put_value(false, wide, to->i.array, at, g->row[e] + s->i);
        if (to->j.array)
            put_value(false, wide, to->j.array, at, image->atom + s->base);
        for (size_t k = 0; to->shifts.array && k < 3; k++)
            put_value(false, false, to->shifts.array, 3 * at + k,
                      image->shift[k] + (s->w ? g->w[3 * e + k] : 0));
    }
}

/* At most PART entries of a row. */
static inline void gather_entries(const nbl__series *s, int64_t row, const uint32_t *number, uint32_t n,
                                  gathered *g)
{
    const __m512i rows = _mm512_set1_epi32((int32_t)row);
    for (uint32_t e = 0; e < n; e += 16) {
        const __mmask16 there = (__mmask16)_bzhi_u32(0xffffu, n - e);
        _mm512_storeu_si512(g->number + g->n + e, _mm512_maskz_loadu_epi32(there, number + e));
        _mm512_storeu_si512(g->row + g->n + e, rows);
    }
    if (s->w)
        for (int k = 0; k < 3; k++) {
            const __m512i w = repeat(s->w[row], k);
            for (uint32_t e = 0; e < n; e += 16)
                _mm512_storeu_si512(g->w + 3 * (g->n + e) + 16 * k, w);
        }
    g->n += n;
}

static NBL__INLINE void put_series(bool past, bool wide, const nbl__series *s, void *i, void *j,
                                   int32_t *shifts)
{
    streams to = {open_stream(i), open_stream(j), open_stream(shifts), 0};
    gathered g;
    g.n = 0;
    for (int64_t row = 0; row < s->n; row++) {
        const uint32_t *number = s->entry[row];
        nbl__series_ask_for_entries(s, row);
        for (uint32_t left = s->count[row], part; left > 0; left -= part, number += part) {
            part = left < PART ? left : PART;
            gather_entries(s, row, number, part, &g);
            if (g.n >= GATHERED)
                push_groups(past, wide, s, &g, &to);
        }
    }
    push_groups(past, wide, s, &g, &to);
    end_streams(wide, s, &g, &to);
}

static void series32(const nbl__series *s, void *i, void *j, int32_t *shifts)
{
    put_series(false, false, s, i, j, shifts);
}

static void series64(const nbl__series *s, void *i, void *j, int32_t *shifts)
{
    put_series(false, true, s, i, j, shifts);
}

#define EXPAND_SERIES

#endif
