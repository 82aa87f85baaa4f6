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
 * Part of a line of the cache: as much as a register holds. Lines leave in few stores, of which a processor has
 * only so many under way to the memory: with AVX-512 on Zen 4, one in place of four take the fetch of molecules
 * of 9 atoms, 20 MB, from 9.0 ... 13 to 6.8 ns per atom.
 */
#if defined(__AVX512F__)
typedef __m512i chunk;
#define CHUNK_OF(v)           _mm512_broadcast_i32x4(v)
#define CHUNK_LOAD(at)        _mm512_loadu_si512(at)
#define CHUNK_LOAD_HALF(at)   _mm512_cvtepu32_epi64(_mm256_loadu_si256(at))
#define CHUNK_ADD(wide, a, b) ((wide) ? _mm512_add_epi64((a), (b)) : _mm512_add_epi32((a), (b)))
#define CHUNK_SUB(wide, a, b) ((wide) ? _mm512_sub_epi64((a), (b)) : _mm512_sub_epi32((a), (b)))
#define CHUNK_STORE(at, v)    _mm512_store_si512((at), (v))
#define CHUNK_STREAM(at, v)   _mm512_stream_si512((at), (v))
#elif defined(__AVX2__)
typedef __m256i chunk;
#define CHUNK_OF(v)           _mm256_broadcastsi128_si256(v)
#define CHUNK_LOAD(at)        _mm256_loadu_si256(at)
#define CHUNK_LOAD_HALF(at)   _mm256_cvtepu32_epi64(_mm_loadu_si128(at))
#define CHUNK_ADD(wide, a, b) ((wide) ? _mm256_add_epi64((a), (b)) : _mm256_add_epi32((a), (b)))
#define CHUNK_SUB(wide, a, b) ((wide) ? _mm256_sub_epi64((a), (b)) : _mm256_sub_epi32((a), (b)))
#define CHUNK_STORE(at, v)    _mm256_store_si256((at), (v))
#define CHUNK_STREAM(at, v)   _mm256_stream_si256((at), (v))
#else
typedef __m128i chunk;
#define CHUNK_OF(v)           (v)
#define CHUNK_LOAD(at)        _mm_loadu_si128(at)
#define CHUNK_LOAD_HALF(at)   _mm_unpacklo_epi32(_mm_loadl_epi64(at), _mm_setzero_si128())
#define CHUNK_ADD(wide, a, b) ((wide) ? _mm_add_epi64((a), (b)) : _mm_add_epi32((a), (b)))
#define CHUNK_SUB(wide, a, b) ((wide) ? _mm_sub_epi64((a), (b)) : _mm_sub_epi32((a), (b)))
#define CHUNK_STORE(at, v)    _mm_store_si128((at), (v))
#define CHUNK_STREAM(at, v)   _mm_stream_si128((at), (v))
#endif
enum { CHUNKS = LINE / sizeof(chunk) };

static inline void stream_value(void *to, __m128i v)
{
    for (size_t k = 0; k < CHUNKS; k++)
        CHUNK_STREAM((chunk *)to + k, CHUNK_OF(v));
}

static NBL__INLINE void stream_atoms(bool wide, void *to, const uint32_t *number, __m128i bases)
{
    const size_t lanes = values_per_line(wide) / CHUNKS;
    for (size_t k = 0; k < CHUNKS; k++) {
        const void *from = number + lanes * k;
        const chunk v = wide ? CHUNK_LOAD_HALF(from) : CHUNK_LOAD(from);
        CHUNK_STREAM((chunk *)to + k, CHUNK_ADD(wide, v, CHUNK_OF(bases)));
    }
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

/* Values of a line, of which the last ones are equal. */
typedef struct line_of_values {
    chunk chunks[CHUNKS];
} line_of_values;

/* From byte `from` on, each value becomes the next. */
static NBL__INLINE void count_on(bool wide, line_of_values *of, size_t from)
{
    static const int64_t none_and_all[2 * LINE / sizeof(int64_t)] = {
        [LINE / sizeof(int64_t)] = -1, -1, -1, -1, -1, -1, -1, -1};
    const char *const from_on = (const char *)none_and_all + LINE - from;
    for (size_t k = 0; k < CHUNKS; k++)
        of->chunks[k] = CHUNK_SUB(wide, of->chunks[k], CHUNK_LOAD((const chunk *)(const void *)from_on + k));
}

/* The bytes from `from` to `end` of a line. */
static inline void store_bytes(char *line, const line_of_values *v, size_t from, size_t end)
{
    _Alignas(LINE) chunk bytes[CHUNKS];
    for (size_t k = 0; k < CHUNKS; k++)
        CHUNK_STORE(bytes + k, v->chunks[k]);
    memcpy(line + from, (const char *)bytes + from, end - from);
}

static NBL__INLINE void stream_line(char *line, const line_of_values *v)
{
    nbl__ask_for_page(line);
    for (size_t k = 0; k < CHUNKS; k++)
        CHUNK_STREAM((chunk *)(void *)line + k, v->chunks[k]);
}

/*
 * Rows are shorter than the lines of the cache, or not much longer: lines are made in registers. Made in
 * memory, they could be read only after all stores before them have left the processor, which takes long where
 * those go past the caches (Zen 5, AVX2, fetch of molecules of 21: 17.9 / 15.9 ns per atom).
 */
static NBL__INLINE void past_rows(bool wide, void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    const size_t item = wide ? sizeof(int64_t) : sizeof(int32_t);
    size_t begin = (uintptr_t)out % LINE, end = begin; /* bytes of the line that are ours */
    char *line = (char *)out - begin;
    if (begin % item != 0) {
        for (int64_t k = 0; k < n; out = entry_of(out, wide, counts[k++]))
            put_values(false, wide, out, counts[k], value + k, 0);
        return;
    }
    const chunk before = CHUNK_OF(wide ? _mm_set1_epi64x(value - 1) : _mm_set1_epi32((int32_t)(value - 1)));
    line_of_values own, all; /* all: the value of the row */
    for (size_t k = 0; k < CHUNKS; k++)
        own.chunks[k] = all.chunks[k] = before;
    for (int64_t k = 0; k < n; k++) {
        count_on(wide, &own, end);
        count_on(wide, &all, 0);
        for (end += counts[k] * item; end >= LINE; end -= LINE, line += LINE) {
            if (begin == 0)
                stream_line(line, &own);
            else
                store_bytes(line, &own, begin, LINE);
            begin = 0;
            own = all;
        }
    }
    if (end > begin)
        store_bytes(line, &own, begin, end);
}

static void past_rows32(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    past_rows(false, out, counts, n, value);
}

static void past_rows64(void *out, const uint32_t *counts, int64_t n, int64_t value)
{
    past_rows(true, out, counts, n, value);
}

/* ns per atom of the fetch of molecules of 21 without asking for pages, and with (Zen 5): AVX2 19.7 / 15.0,
 * SSE2 23.7 / 17.7. */
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
    for (size_t e = lines.before; e < lines.end; e += values_per_line(wide)) {
        nbl__ask_for_page(entry_of(out, wide, e));
        stream_atoms(wide, entry_of(out, wide, e), number + e, bases);
    }
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
