/* SPDX-License-Identifier: MIT */
#include "emit/rows.h"

#include <string.h>

#include "base/size.h"
#include "base/sums.h"
#include "base/threads.h"

/* Large enough that taking one is rare, small against the 4 MiB per thread that the contract allows. */
enum { SEGMENT_BYTES = 256 * 1024 };

/*
 * Where there are many, several are made at once, of one block that is a huge page where there are any: rows of
 * large results are written past the caches, and read in another order. Search + fetch, ns per atom, before and
 * after (Zen 4): copper, 108,000 atoms, 61 + 47 / 58 + 45, with AVX2 74 + 55 / 69 + 53, in plain C 180 + 110 /
 * 174 + 107; random rc 6, 119 + 145 / 115 + 140; 10,000 atoms at 6, 14 and 20, 3030 + 5960 / 2720 + 5620. And
 * with new handles each time, most of which is page faults, build and search of copper: 16,000 atoms, 235 / 80,
 * 108,000, 265 / 135.
 */
enum { MANY = 8, AT_ONCE = 8 };

void nbl__arena_init(nbl__arena *arena, nbl__memory *memory)
{
    memset(arena, 0, sizeof *arena);
    arena->memory = memory;
    nbl__lock_init(&arena->lock);
}

void nbl__arena_free(nbl__arena *arena)
{
    nbl__segment *segments = arena->list.data;
    for (int64_t k = 0; k < arena->n_segments; k++)
        if (segments[k].of_block > 0)
            nbl__memory_give(arena->memory, segments[k].data, segments[k].of_block);
    nbl__buffer_free(arena->memory, &arena->list);
    arena->n_segments = arena->n_taken = 0;
}

void nbl__arena_rewind(nbl__arena *arena)
{
    arena->n_taken = 0;
}

/* Room in the list for n segments more. */
static nbl_status grow_list(nbl__arena *arena, size_t n, nbl__fault *fault)
{
    const size_t used = (size_t)arena->n_segments * sizeof(nbl__segment),
                 want = used + n * sizeof(nbl__segment);
    if (want <= arena->list.bytes)
        return NBL_OK;
    return nbl__buffer_grow(arena->memory, &arena->list, used, want < 1024 ? 1024 : 2 * want, fault);
}

/* Adds one segment, or, where there is no limit, some of the smallest size. */
static nbl_status add_segment(nbl__arena *arena, size_t bytes, nbl__fault *fault)
{
    const bool many = bytes == SEGMENT_BYTES && arena->n_segments >= MANY && arena->memory->limit == 0;
    const size_t n = many ? AT_ONCE : 1;
    void *data = NULL;
    nbl_status status = grow_list(arena, n, fault);
    if (status == NBL_OK)
        status = nbl__memory_take(arena->memory, n * bytes, &data, fault);
    for (size_t k = 0; k < n && status == NBL_OK; k++) {
        nbl__segment *segments = arena->list.data;
        segments[arena->n_segments++] =
            (nbl__segment){(char *)data + k * bytes, bytes, k == 0 ? n * bytes : 0, -1, false};
    }
    return status;
}

static size_t segment_size(size_t bytes)
{
    size_t size = SEGMENT_BYTES;
    while (size < bytes && size <= SIZE_MAX / 2)
        size *= 2;
    return size < bytes ? bytes : size;
}

/* Free segments that are looked at for one that the thread had before. */
enum { LOOK = 64 };

/* The smallest free segment of at least `bytes` becomes number n_taken. */
static nbl_status take_segment(nbl__arena *arena, size_t bytes, const nbl__cursor *cursor, nbl__segment *out,
                               nbl__fault *fault)
{
    const int taker = cursor->taker;
    nbl__segment *segments = arena->list.data;
    int64_t best = -1;
    for (int64_t k = arena->n_taken; k < arena->n_segments; k++) {
        const nbl__segment *s = &segments[k];
        if (s->bytes < bytes)
            continue;
        if (best < 0 || s->bytes < segments[best].bytes ||
            (s->bytes == segments[best].bytes && s->taker == taker && segments[best].taker != taker))
            best = k;
        if (segments[best].bytes == SEGMENT_BYTES &&
            (segments[best].taker == taker || k - arena->n_taken >= LOOK))
            break;
    }
    if (best < 0) {
        best = arena->n_segments;
        nbl_status status = add_segment(arena, segment_size(bytes), fault);
        if (status != NBL_OK)
            return status;
        segments = arena->list.data;
    }
    segments[best].taker = taker;
    segments[best].scratch = cursor->scratch;
    *out = segments[best];
    segments[best] = segments[arena->n_taken];
    segments[arena->n_taken++] = *out;
    return NBL_OK;
}

nbl_status nbl__arena_room(nbl__arena *arena, nbl__cursor *cursor, size_t bytes, nbl__fault *fault)
{
    if (bytes <= (size_t)(cursor->end - cursor->next))
        return NBL_OK;
    nbl__segment segment;
    nbl__lock_take(&arena->lock);
    nbl_status status = take_segment(arena, bytes, cursor, &segment, fault);
    nbl__lock_give(&arena->lock);
    if (status != NBL_OK)
        return status;
    cursor->next = segment.data;
    cursor->end = segment.data + segment.bytes;
    return NBL_OK;
}

nbl_status nbl__arena_keep(nbl__arena *arena, nbl__cursor *cursor, size_t bytes, void **out, nbl__fault *fault)
{
    nbl__cursor own = {NULL, NULL, cursor->taker, cursor->scratch};
    nbl__cursor *place = bytes > SEGMENT_BYTES / 2 ? &own : cursor;
    nbl_status status = nbl__arena_room(arena, place, bytes, fault);
    *out = place->next;
    if (status == NBL_OK && place == cursor && bytes != 0)
        cursor->next += bytes;
    return status;
}

/* Whoever adds segments adds one in so many more: pairs of atoms that move by 0.02 vary by some thousandths. */
enum { SPARE = 32 };

/* Segments of a size: all, those that the work took, and those of them where rows stay. */
typedef struct census {
    uint64_t found, taken, kept;
} census;

static census count_segments(const nbl__arena *arena, size_t size)
{
    const nbl__segment *segments = arena->list.data;
    census c = {0, 0, 0};
    for (int64_t k = 0; k < arena->n_segments; k++) {
        const bool taken = k < arena->n_taken;
        if (segments[k].bytes != size)
            continue;
        c.found++;
        c.taken += taken;
        c.kept += taken && !segments[k].scratch;
    }
    return c;
}

static nbl_status add_segments(nbl__arena *arena, size_t size, uint64_t found, uint64_t wanted,
                               nbl__fault *fault)
{
    const int64_t before = arena->n_segments;
    nbl_status status = NBL_OK;
    if (found < wanted && arena->memory->limit == 0)
        wanted += wanted / SPARE;
    while (found + (uint64_t)(arena->n_segments - before) < wanted && status == NBL_OK)
        status = add_segment(arena, size, fault);
    return status;
}

/*
 * Segments of the smallest size are at least half full, but for one per cursor; of the larger sizes, kept rows
 * take as many in every schedule, and each cursor for scratch takes one or none.
 */
nbl_status nbl__arena_provide(nbl__arena *arena, const nbl__need *need, nbl__fault *fault)
{
    const uint64_t n_threads = (uint64_t)need->n_threads, cursors = n_threads * (uint64_t)need->n_scratch;
    const uint64_t rows =
        need->kept != 0 ? need->kept / (SEGMENT_BYTES / 2) + n_threads * (uint64_t)need->n_kept : 0;
    size_t size = SEGMENT_BYTES;
    nbl_status status = add_segments(arena, size, count_segments(arena, size).found, rows + cursors, fault);
    while (size < need->scratch && size <= SIZE_MAX / 2 && status == NBL_OK) {
        size *= 2;
        const census c = count_segments(arena, size);
        status = add_segments(arena, size, c.found, c.kept + cursors, fault);
    }
    return status;
}

void nbl__arena_provide_spare(nbl__arena *arena, int64_t before)
{
    nbl__fault ignored;
    if (arena->n_segments > before && arena->memory->limit == 0) {
        const census c = count_segments(arena, SEGMENT_BYTES);
        add_segments(arena, SEGMENT_BYTES, c.found, c.taken + (uint64_t)arena->n_taken / SPARE, &ignored);
    }
}

nbl_status nbl__rows_open(nbl__rows *rows, int64_t n, bool kept, nbl__memory *memory, nbl__fault *fault)
{
    /* A row has an entry or a mask. Where pointers are shorter, they have places of their own. */
    const bool shared = sizeof *rows->entry == sizeof *rows->mask;
    const size_t of_entry = shared ? 0 : sizeof *rows->entry,
                 item = sizeof *rows->offset + sizeof *rows->mask + of_entry + sizeof *rows->count;
    const size_t bytes = nbl__size_add(nbl__size_of_count((uint64_t)n, item), sizeof *rows->offset);
    nbl_status status = nbl__buffer_reserve(memory, &rows->row_memory, bytes, fault);
    if (status != NBL_OK)
        return status;
    rows->n = n;
    rows->offset = rows->row_memory.data;
    rows->mask = (uint64_t *)(void *)(rows->offset + n + 1);
    rows->entry = (const void **)(void *)(shared ? rows->mask : rows->mask + n);
    rows->count = (uint32_t *)(void *)(shared ? (char *)(rows->mask + n) : (char *)(rows->entry + n));
    rows->kept = kept;
    rows->masked = false;
    rows->total = rows->max_count = 0;
    return NBL_OK;
}

/*
 * A thread sums up the stretch of rows that it most likely found: other rows are in another cache, and what one
 * thread alone reads, the others take back line by line when they write it next. A batch of 10,000 molecules of
 * 3 on two threads (Zen 5), all in all, with at least 16,384 and 4,096 rows, ns per atom: 6.8 / 5.7.
 */
enum { MOST_STRETCHES = 64, LEAST_ROWS = 4096 };

typedef struct closing {
    nbl__rows *rows;
    const nbl__expand *expand;
    int n_stretches;
    int64_t sums[MOST_STRETCHES];
    uint32_t longest[MOST_STRETCHES];
} closing;

static int64_t first_row(const closing *c, int64_t stretch)
{
    const int64_t each = c->rows->n / c->n_stretches, rest = c->rows->n % c->n_stretches;
    return each * stretch + (stretch < rest ? stretch : rest);
}

/* Four sums, none of which waits for the others. */
static void sum_stretch(void *context, int64_t stretch)
{
    closing *c = context;
    const uint32_t *count = c->rows->count;
    const int64_t first = first_row(c, stretch), end = first_row(c, stretch + 1);
    int64_t sum[4] = {0, 0, 0, 0}, i = first;
    for (; i + 4 <= end; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += count[i + k];
    for (; i < end; i++)
        sum[0] += count[i];
    c->sums[stretch] = sum[0] + sum[1] + sum[2] + sum[3];
}

static void place_stretch(void *context, int64_t stretch)
{
    closing *c = context;
    const nbl__rows *rows = c->rows;
    const int64_t first = first_row(c, stretch), end = first_row(c, stretch + 1);
    const int64_t sum = c->expand->offsets(rows->count + first, end - first, c->sums[stretch],
                                           rows->offset + first, &c->longest[stretch]);
    if (end == rows->n)
        rows->offset[end] = sum;
}

void nbl__rows_close(nbl__rows *rows, const nbl__expand *expand, int n_threads)
{
    const int64_t worth = rows->n / LEAST_ROWS;
    closing c = {.rows = rows, .expand = expand, .sums = {0}};
    n_threads = n_threads < worth ? n_threads : worth > 1 ? (int)worth : 1;
    c.n_stretches = n_threads < MOST_STRETCHES ? n_threads : MOST_STRETCHES;
    if (c.n_stretches > 1) {
        nbl__threads_each(c.n_stretches, c.n_stretches, sum_stretch, &c);
        nbl__sums_place(c.sums, c.n_stretches);
    }
    nbl__threads_each(c.n_stretches, c.n_stretches, place_stretch, &c);
    rows->total = rows->offset[rows->n];
    for (int k = 0; k < c.n_stretches; k++)
        rows->max_count = c.longest[k] > rows->max_count ? c.longest[k] : rows->max_count;
}

void nbl__rows_free(nbl__rows *rows, nbl__memory *memory)
{
    nbl__buffer_free(memory, &rows->row_memory);
    memset(rows, 0, sizeof *rows);
}
