/* SPDX-License-Identifier: MIT */
/*
 * Expansion of a series by AVX-512. Numbers of many rows are gathered and become one run of entries: no row has
 * a beginning and an end of its own, where short stores, and jumps that no processor can guess, take half of
 * the time of short rows. What comes for an array is shifted so that it leaves in whole lines. Included by
 * isa_avx512.c alone.
 */
#ifndef NBL_SEARCH_SIMD_SERIES_H
#define NBL_SEARCH_SIMD_SERIES_H

#include "base/page.h"
#include "search/simd_avx512.h"

/* Entries of a group; those that are gathered before they are written; those of a row that are taken at once.
 */
enum { GROUP = 16, GATHERED = 256, PART = 240, GATHERED_BYTES = (GATHERED + PART + GROUP) * sizeof(uint32_t) };
_Static_assert((GATHERED_BYTES & (GATHERED_BYTES - 1)) == 0, "an alignment");

/*
 * No page ends within an array: what is stored across such an end is read only after all stores before it have
 * left the processor, which takes long where they go to the memory (Zen 4, copper, 108,000 atoms, fetch 55 ns
 * per atom, or 53 ... 76).
 */
typedef struct gathered {
    _Alignas(GATHERED_BYTES) uint32_t number[GATHERED + PART + GROUP];
    _Alignas(GATHERED_BYTES) uint32_t row[GATHERED + PART + GROUP];
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
    stream i, j, shifts, vectors, distances;
    bool floats;    /* vectors and distances are float, not double */
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

static inline streams open_streams(const nbl__series_arrays *to)
{
    return (streams){open_stream(to->i),
                     open_stream(to->j),
                     open_stream(to->shifts),
                     open_stream(to->vectors),
                     open_stream(to->distances),
                     to->floats,
                     0};
}

/* What a stream has become, and nothing else: copied as a whole, it would have to wait for what was stored of
 * it last. */
static NBL__INLINE void keep_stream(const stream *from, stream *to)
{
    to->line = from->line;
    to->last = from->last;
}

static inline void end_streams(const streams *of)
{
    end_stream(&of->i);
    end_stream(&of->j);
    end_stream(&of->shifts);
    end_stream(&of->vectors);
    end_stream(&of->distances);
}

/* Sixteen indices of 32 bits, or twice eight of 64. */
static NBL__INLINE void push_indices(bool past, bool first, bool wide, stream *to, __m512i low, __m512i high,
                                     int64_t base)
{
    if (wide) {
        push(past, first, to, _mm512_add_epi64(low, _mm512_set1_epi64(base)));
        push(past, false, to, _mm512_add_epi64(high, _mm512_set1_epi64(base)));
    } else {
        push(past, first, to, _mm512_add_epi32(low, _mm512_set1_epi32((int32_t)base)));
    }
}

static NBL__INLINE void push_numbers(bool past, bool first, bool wide, stream *to, const uint32_t *number,
                                     int64_t base)
{
    const __m512i v = _mm512_loadu_si512(number);
    if (wide)
        push_indices(past, first, true, to, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(v)),
                     _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(v, 1)), base);
    else
        push_indices(past, first, false, to, v, v, base);
}

static inline __m128i load_w(const int32_t (*w)[3], uint32_t row)
{
    return _mm_maskz_loadu_epi32(7, w[row]);
}

static inline __m512i load_quarter_w(const int32_t (*w)[3], const uint32_t *row)
{
    __m512i v = _mm512_castsi128_si512(load_w(w, row[0]));
    v = _mm512_inserti32x4(v, load_w(w, row[1]), 1);
    v = _mm512_inserti32x4(v, load_w(w, row[2]), 2);
    return _mm512_inserti32x4(v, load_w(w, row[3]), 3);
}

/* Adds to the shifts of a group what belongs to their rows, which ascend. */
static NBL__INLINE void add_w(const int32_t (*w)[3], const uint32_t *row, sixteen *v)
{
    sixteen by;
    if (row[0] == row[GROUP - 1])
        by.a = by.b = by.c = by.d = _mm512_broadcast_i32x4(load_w(w, row[0]));
    else
        by = (sixteen){load_quarter_w(w, row), load_quarter_w(w, row + 4), load_quarter_w(w, row + 8),
                       load_quarter_w(w, row + 12)};
    v->a = _mm512_add_epi32(v->a, by.a);
    v->b = _mm512_add_epi32(v->b, by.b);
    v->c = _mm512_add_epi32(v->c, by.c);
    v->d = _mm512_add_epi32(v->d, by.d);
}

/* The positions of the atoms of eight entries, whose rows ascend. */
static NBL__INLINE void load_centers(const nbl__series *s, const uint32_t *row, __m512d at[3])
{
    const double(*r)[3] = s->r + s->atom;
    int32_t rows[8];
    memcpy(rows, row, sizeof rows);
    if (row[0] != row[7])
        load_positions(r, rows, at);
    else
        for (int k = 0; k < 3; k++)
            at[k] = _mm512_set1_pd(r[rows[0]][k]);
}

/* Entries e ... e + 7, whose images are a and b, w included; or, of masks, atoms. */
static NBL__INLINE eight measure_eight(const nbl__series *s, bool masks, const gathered *g, size_t e, __m512i a,
                                       __m512i b)
{
    const __m256i none[3] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
    int32_t atoms[8];
    __m512d from[3];
    eight v;
    if (masks)
        memcpy(atoms, g->number + e, sizeof atoms);
    else
        _mm256_storeu_si256((__m256i *)(void *)atoms, lanes_of(a, b, 3));
    load_positions(s->r, atoms, v.d);
    load_centers(s, g->row + e, from);
    for (int k = 0; k < 3; k++)
        v.d[k] = _mm512_sub_pd(v.d[k], from[k]);
    if (!masks)
        translate_eight(s->lattice, a, b, none, v.d);
    square_eight(&v);
    return v;
}

static inline __m512i sixteen_floats(__m512d low, __m512d high)
{
    const __m512 first = _mm512_castps256_ps512(_mm512_cvtpd_ps(low));
    return _mm512_castps_si512(_mm512_insertf32x8(first, _mm512_cvtpd_ps(high), 1));
}

/* n vectors, an even number. */
static NBL__INLINE void push_reals(bool past, bool first, bool floats, stream *to, const __m512d *v, int n)
{
    for (int k = 0; k < n; k += 2)
        if (floats) {
            push(past, first && k == 0, to, sixteen_floats(v[k], v[k + 1]));
        } else {
            push(past, first && k == 0, to, _mm512_castpd_si512(v[k]));
            push(past, false, to, _mm512_castpd_si512(v[k + 1]));
        }
}

static NBL__INLINE void push_measures(bool past, bool first, bool masks, const nbl__series *s,
                                      const gathered *g, size_t e, const sixteen *v, streams *to)
{
    const eight low = measure_eight(s, masks, g, e, v->a, v->b),
                high = measure_eight(s, masks, g, e + 8, v->c, v->d);
    if (to->vectors.array) {
        __m512d woven[6];
        weave_eight(&low, woven);
        weave_eight(&high, woven + 3);
        push_reals(past, first, to->floats, &to->vectors, woven, 6);
    }
    if (to->distances.array) {
        const __m512d lengths[2] = {_mm512_sqrt_pd(low.d2), _mm512_sqrt_pd(high.d2)};
        push_reals(past, first, to->floats, &to->distances, lengths, 2);
    }
}

/* How a series is written: past the caches or not, indices of 64 bits or of 32, with vectors or distances or
 * without, of masks or of numbers of images, all constants; and whether zeros go past the caches. */
typedef struct manner {
    bool past, wide, reals, masks, past_zeros;
} manner;

/* j and shifts of images, which become v. */
static NBL__INLINE void push_images(manner how, bool first, const nbl__series *s, const gathered *g, size_t e,
                                    streams *to, sixteen *v)
{
    *v = load_sixteen(s->images, g->number + e);
    if (to->j.array && how.wide)
        push_indices(how.past, first, true, &to->j, wide_atoms(v->a, v->b), wide_atoms(v->c, v->d), s->base);
    else if (to->j.array)
        push_indices(how.past, first, false, &to->j, sixteen_atoms(v), sixteen_atoms(v), s->base);
    if (s->w)
        add_w(s->w, g->row + e, v);
    for (int k = 0; to->shifts.array && k < 3; k++)
        push(how.past, first && k == 0, &to->shifts, sixteen_shifts(v, k));
}

/* j and shifts of atoms. */
static NBL__INLINE void push_atoms(manner how, bool first, const nbl__series *s, const gathered *g, size_t e,
                                   streams *to)
{
    if (to->j.array)
        push_numbers(how.past, first, how.wide, &to->j, g->number + e, s->base);
    for (int k = 0; to->shifts.array && k < 3; k++)
        push(how.past_zeros, first && k == 0, &to->shifts, _mm512_setzero_si512());
}

static NBL__INLINE void push_group(manner how, bool first, const nbl__series *s, const gathered *g, size_t e,
                                   streams *to)
{
    sixteen v;
    if (how.masks)
        v.a = v.b = v.c = v.d = _mm512_setzero_si512();
    if (to->i.array)
        push_numbers(how.past, first, how.wide, &to->i, g->row + e, s->base + s->atom);
    if (how.masks)
        push_atoms(how, first, s, g, e, to);
    else
        push_images(how, first, s, g, e, to, &v);
    if (how.reals)
        push_measures(how.past, first, how.masks, s, g, e, &v, to);
}

static NBL__INLINE void ask_for_pages(bool reals, const streams *to)
{
    nbl__ask_for_page(to->i.line);
    nbl__ask_for_page(to->j.line);
    nbl__ask_for_page(to->shifts.line);
    if (reals) {
        nbl__ask_for_page(to->vectors.line);
        nbl__ask_for_page(to->distances.line);
    }
}

/* Whole groups; what is left of less than one becomes the first entries. */
static NBL__INLINE void push_groups(manner how, const nbl__series *s, gathered *g, streams *to)
{
    streams at = *to; /* in registers */
    size_t e = 0;
    if (how.past)
        ask_for_pages(how.reals, &at);
    if (at.written == 0 && g->n >= GROUP) {
        push_group(how, true, s, g, 0, &at);
        e = GROUP;
    }
    for (; e + GROUP <= g->n; e += GROUP)
        push_group(how, false, s, g, e, &at);
    at.written += e;
    g->n -= e;
    _mm512_store_si512(g->number, _mm512_loadu_si512(g->number + e));
    _mm512_store_si512(g->row, _mm512_loadu_si512(g->row + e));
    to->written = at.written;
    keep_stream(&at.i, &to->i);
    keep_stream(&at.j, &to->j);
    keep_stream(&at.shifts, &to->shifts);
    if (how.reals) {
        keep_stream(&at.vectors, &to->vectors);
        keep_stream(&at.distances, &to->distances);
    }
}

/* The last entries, less than a group: they are made as a whole one, elsewhere. */
static NBL__INLINE void put_rest(manner how, const nbl__series *s, gathered *g, const streams *to)
{
    _Alignas(LINE) char memory[5][GROUP * 3 * sizeof(double)];
    const stream *const into[5] = {&to->i, &to->j, &to->shifts, &to->vectors, &to->distances};
    const size_t index = how.wide ? sizeof(int64_t) : sizeof(int32_t),
                 real = to->floats ? sizeof(float) : sizeof(double);
    const size_t item[5] = {index, index, 3 * sizeof(int32_t), 3 * real, real};
    streams group = *to;
    stream *const made[5] = {&group.i, &group.j, &group.shifts, &group.vectors, &group.distances};
    for (int k = 0; k < 5; k++)
        *made[k] = open_stream(into[k]->array ? memory[k] : NULL);
    for (size_t e = g->n; e < GROUP; e++) {
        g->number[e] = g->number[g->n - 1];
        g->row[e] = g->row[g->n - 1];
    }
    how.past = how.past_zeros = false;
    push_group(how, false, s, g, 0, &group);
    for (int k = 0; k < 5; k++)
        if (into[k]->array)
            memcpy(into[k]->array + to->written * item[k], memory[k], g->n * item[k]);
}

/* At most PART entries of a row. */
static inline void gather_entries(int64_t row, const uint32_t *number, uint32_t n, gathered *g)
{
    const __m512i rows = _mm512_set1_epi32((int32_t)row);
    for (uint32_t e = 0; e < n; e += 16) {
        const __mmask16 there = (__mmask16)_bzhi_u32(0xffffu, n - e);
        _mm512_storeu_si512(g->number + g->n + e, _mm512_maskz_loadu_epi32(there, number + e));
        _mm512_storeu_si512(g->row + g->n + e, rows);
    }
    g->n += n;
}

static NBL__INLINE void push_entries(manner how, const nbl__series *s, gathered *g, streams *to)
{
    for (int64_t row = 0; row < s->n; row++) {
        const uint32_t *number = s->entry[row];
        nbl__series_ask_for_entries(s, row);
        for (uint32_t left = s->count[row], part; left > 0; left -= part, number += part) {
            part = left < PART ? left : PART;
            gather_entries(row, number, part, g);
            if (g->n >= GATHERED)
                push_groups(how, s, g, to);
        }
    }
}

static inline void gather_mask(int64_t row, uint64_t mask, uint32_t base, gathered *g)
{
    const __m512i rows = _mm512_set1_epi32((int32_t)row);
    const uint32_t n = put_mask(g->number + g->n, mask, base);
    for (uint32_t e = 0; e < n; e += 16)
        _mm512_storeu_si512(g->row + g->n + e, rows);
    g->n += n;
}
_Static_assert((int)NBL__MASK_ATOMS <= (int)PART, "a mask has room");

static NBL__INLINE void push_masks(manner how, const nbl__series *s, gathered *g, streams *to)
{
    const int64_t *first = s->first;
    for (int64_t row = 0; row < s->n; first++) {
        const int64_t next = first[1] - s->first[0] - s->atom, end = next < s->n ? next : s->n;
        const uint32_t base = (uint32_t)(first[0] - s->first[0]);
        for (; row < end; row++) {
            gather_mask(row, s->mask[row], base, g);
            if (g->n >= GATHERED)
                push_groups(how, s, g, to);
        }
    }
}

static NBL__INLINE void put_any_series(manner how, const nbl__series *s, const nbl__series_arrays *arrays)
{
    streams to = open_streams(arrays);
    gathered g;
    g.n = 0;
    if (how.masks)
        push_masks(how, s, &g, &to);
    else
        push_entries(how, s, &g, &to);
    push_groups(how, s, &g, &to);
    if (to.written > 0)
        end_streams(&to);
    if (g.n > 0)
        put_rest(how, s, &g, &to);
}

static NBL__INLINE void put_series(bool past, bool wide, const nbl__series *s, const nbl__series_arrays *to)
{
    const bool reals = to->vectors || to->distances, zeros = past || s->past_zeros;
    if (s->mask && reals)
        put_any_series((manner){past, wide, true, true, zeros}, s, to);
    else if (s->mask)
        put_any_series((manner){past, wide, false, true, zeros}, s, to);
    else if (reals)
        put_any_series((manner){past, wide, true, false, false}, s, to);
    else
        put_any_series((manner){past, wide, false, false, false}, s, to);
}

static void series32(const nbl__series *s, const nbl__series_arrays *to)
{
    put_series(false, false, s, to);
}

static void series64(const nbl__series *s, const nbl__series_arrays *to)
{
    put_series(false, true, s, to);
}

#define EXPAND_SERIES

#endif
