/* SPDX-License-Identifier: MIT */
/*
 * What runs on from row to row, past the caches: values, rows of values and numbers of atoms, in whole lines.
 * Needs SSE2 on x86-64. Included by isa_*.c alone.
 */
#ifndef NBL_SEARCH_SIMD_PAST_LINES_H
#define NBL_SEARCH_SIMD_PAST_LINES_H

#include "base/page.h"
#include "search/simd_stores.h"

/*
 * Lines in few stores, of which a processor has only so many under way to the memory: with AVX-512 on Zen 4,
 * one in place of four take the fetch of molecules of 9 atoms, 20 MB, from 9.0 ... 13 to 6.8 ns per atom.
 */
static inline void stream_value(void *to, __m128i v)
{
#if defined(__AVX512F__)
    _mm512_stream_si512(to, _mm512_broadcast_i32x4(v));
#elif defined(__AVX2__)
    const __m256i both = _mm256_broadcastsi128_si256(v);
    _mm256_stream_si256((__m256i *)to, both);
    _mm256_stream_si256((__m256i *)to + 1, both);
#else
    for (size_t k = 0; k < LINE / 16; k++)
        put(true, (__m128i *)to + k, v);
#endif
}

static NBL__INLINE void stream_atoms(bool wide, void *to, const uint32_t *number, __m128i bases)
{
#if defined(__AVX512F__)
    _mm512_stream_si512(to, line_of_atoms(wide, number, bases));
#elif defined(__AVX2__)
    const __m128i *half = (const __m128i *)(const void *)number;
    const __m256i *from = (const __m256i *)(const void *)number;
    const __m256i base = _mm256_broadcastsi128_si256(bases);
    for (int k = 0; k < 2; k++) {
        const __m256i v =
            wide ? _mm256_cvtepu32_epi64(_mm_loadu_si128(half + k)) : _mm256_loadu_si256(from + k);
        _mm256_stream_si256((__m256i *)to + k, wide ? _mm256_add_epi64(v, base) : _mm256_add_epi32(v, base));
    }
#else
    const size_t lanes = values_per_line(wide);
    for (size_t e = 0; e < lanes; e += 4) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(number + e));
        put_four_numbers(true, wide, entry_of(to, wide, e), v, bases);
    }
#endif
}

/* The entries of an array before its first whole line, of those in lines, and, with these, before the rest. */
typedef struct in_lines {
    size_t before, end;
} in_lines;

static inline in_lines find_lines(bool wide, const void *out, size_t n)
{
    const size_t lanes = values_per_line(wide), before = entries_to_line(wide, out) % lanes;
    return n < before ? (in_lines){n, n} : (in_lines){before, n - (n - before) % lanes};
}

/* An array of values that are not at multiples of their size is written in the ordinary way. */
static NBL__INLINE void past_values(bool wide, void *out, int64_t count, int64_t value)
{
    const size_t n = (size_t)count, head = values_before(wide, out);
    if (!is_whole(entry_of(out, wide, head))) {
        put_values(false, wide, out, n, value, 0);
        return;
    }
    const __m128i v = wide ? _mm_set1_epi64x(value) : _mm_set1_epi32((int32_t)value);
    const in_lines lines = find_lines(wide, out, n);
    put_values(true, wide, out, lines.before, value, head);
    for (size_t e = lines.before; e < lines.end; e += values_per_line(wide)) {
        nbl__ask_for_page(entry_of(out, wide, e));
        stream_value(entry_of(out, wide, e), v);
    }
    put_values(true, wide, entry_of(out, wide, lines.end), n - lines.end, value, 0);
}

static void past_fill32(void *out, int64_t count, int64_t value)
{
    past_values(false, out, count, value);
}

static void past_fill64(void *out, int64_t count, int64_t value)
{
    past_values(true, out, count, value);
}

/*
 * Rows are shorter than the lines of the cache, or not much longer: they are made in a little memory, as
 * ordinary ones are, and leave it in whole lines. No page ends within that memory: what is stored across such
 * an end is read only after all stores before it have left the processor, which takes long where they go to the
 * memory (Zen 4, molecules of 9, fetch 7.7 ns per atom, or 12 in a process whose stack lies so).
 */
enum { ROWS_ROOM = 120, ROWS_STEP = 8, ROWS_BYTES = (ROWS_ROOM + ROWS_STEP) * sizeof(int64_t) };

typedef struct row_buffer {
    _Alignas(ROWS_BYTES) char memory[ROWS_BYTES];
    char *to;          /* where the memory belongs: a line */
    size_t begin, end; /* values; those before `begin` are not ours */
} row_buffer;

static inline void stream_line(void *to, const void *from)
{
#if defined(__AVX512F__)
    _mm512_stream_si512(to, _mm512_load_si512(from));
#else
    for (size_t k = 0; k < LINE / 16; k++)
        put(true, (__m128i *)to + k, _mm_load_si128((const __m128i *)from + k));
#endif
}

/* What is in the memory from value `begin` on, to `end`. */
static NBL__INLINE void move_values(bool wide, const row_buffer *buffer, size_t end)
{
    const size_t from = buffer->begin * (wide ? 8 : 4);
    memcpy(buffer->to + from, buffer->memory + from, end * (wide ? 8 : 4) - from);
}

/* Whole lines leave the memory; what is left becomes its first line. */
static NBL__INLINE void empty_rows(bool wide, row_buffer *buffer)
{
    const size_t lanes = values_per_line(wide), lines = buffer->end / lanes;
    if (lines == 0)
        return;
    if (buffer->begin > 0)
        move_values(wide, buffer, lanes);
    nbl__ask_for_page(buffer->to);
    for (size_t k = buffer->begin > 0; k < lines; k++)
        stream_line(buffer->to + k * LINE, buffer->memory + k * LINE);
    memcpy(buffer->memory, buffer->memory + lines * LINE, LINE);
    buffer->to += lines * LINE;
    buffer->begin = 0;
    buffer->end -= lines * lanes;
}

static NBL__INLINE void past_rows(bool wide, void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    const size_t item = wide ? sizeof(int64_t) : sizeof(int32_t), before = (uintptr_t)out % LINE;
    row_buffer buffer;
    buffer.to = (char *)out - before;
    buffer.begin = buffer.end = before / item;
    if (before % item != 0) {
        for (int64_t k = 0; k < n; out = entry_of(out, wide, counts[k++]))
            put_values(false, wide, out, counts[k], value + k, 0);
        return;
    }
    for (int64_t k = 0; k < n; k++)
        for (size_t left = counts[k]; left > 0;) {
            const size_t part = left < ROWS_ROOM / 2 ? left : ROWS_ROOM / 2;
            if (buffer.end + part > ROWS_ROOM)
                empty_rows(wide, &buffer);
            for (size_t e = 0; e < part; e += ROWS_STEP)
                put_values(false, wide, entry_of(buffer.memory, wide, buffer.end + e), ROWS_STEP, value + k, 0);
            buffer.end += part;
            left -= part;
        }
    empty_rows(wide, &buffer);
    move_values(wide, &buffer, buffer.end);
}

static void past_rows32(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    past_rows(false, out, counts, n, value);
}

static void past_rows64(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    past_rows(true, out, counts, n, value);
}

static NBL__INLINE void past_numbers(bool wide, void *out, const uint32_t *number, int64_t count, int64_t base)
{
    const size_t n = (size_t)count, head = values_before(wide, out);
    if (!is_whole(entry_of(out, wide, head))) {
        put_numbers(false, wide, out, number, n, base, 0);
        return;
    }
    const __m128i bases = wide ? _mm_set1_epi64x(base) : _mm_set1_epi32((int32_t)base);
    const in_lines lines = find_lines(wide, out, n);
    put_numbers(true, wide, out, number, lines.before, base, head);
    for (size_t e = lines.before; e < lines.end; e += values_per_line(wide))
        stream_atoms(wide, entry_of(out, wide, e), number + e, bases);
    put_numbers(true, wide, entry_of(out, wide, lines.end), number + lines.end, n - lines.end, base, 0);
}

static void past_atoms32(void *out, const uint32_t *number, int64_t count, int64_t base)
{
    past_numbers(false, out, number, count, base);
}

static void past_atoms64(void *out, const uint32_t *number, int64_t count, int64_t base)
{
    past_numbers(true, out, number, count, base);
}

static void past_fence(void)
{
    _mm_sfence();
}

#endif
