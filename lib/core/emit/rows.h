/* SPDX-License-Identifier: MIT */
/*
 * The rows of one list, of all systems one after the other: how long each is, where it starts in the caller's
 * arrays, and, if kept, where its compact entries lie, or which atoms they are. Entries are written once into
 * segments and never moved, so that memory is not doubled by growth. Invariant: after nbl__rows_close(),
 * offset[] is the prefix sum of count[], and with `kept` every non-empty row has its entries or its mask.
 */
#ifndef NBL_EMIT_ROWS_H
#define NBL_EMIT_ROWS_H

#include "base/memory.h"
#include "base/threads.h"
#include "emit/expand.h"

typedef struct nbl__segment {
    char *data;
    size_t bytes;
    size_t of_block; /* bytes of the block of memory that begins with it; 0: it is a later part of one */
    int taker;       /* who took it last; negative: nobody */
    bool scratch;    /* what for */
} nbl__segment;

/*
 * Segments of one result, handed out to threads. Their sizes are powers of two from 256 KiB on, and the
 * smallest free one that suffices is taken: work that is repeated finds what it needs, whichever thread asks
 * first. Of equal ones a thread prefers what it took before, which is in its caches.
 */
typedef struct nbl__arena {
    nbl__memory *memory;
    nbl__buffer list; /* nbl__segment[] */
    int64_t n_segments;
    int64_t n_taken;
    nbl__lock lock;
} nbl__arena;

/* The segment that one thread writes into. */
typedef struct nbl__cursor {
    char *next, *end;
    int taker;    /* number of the thread */
    bool scratch; /* what is written there does not stay */
} nbl__cursor;

typedef struct nbl__rows {
    int64_t n;
    uint32_t *count;    /* [n] */
    const void **entry; /* [n]: uint32_t numbers, or nbl__image in wide rows (emit/view.h) */
    uint64_t *mask;     /* [n]: in place of entries where `masked`; in the memory of entry[] if that has room */
    int64_t *offset;    /* [n + 1] */
    int64_t total;
    int64_t max_count;
    bool kept;
    bool masked; /* rows of small open systems (batch/set.h) are masks: whoever searches decides */
    nbl__buffer row_memory;
} nbl__rows;

void nbl__arena_init(nbl__arena *arena, nbl__memory *memory);
void nbl__arena_free(nbl__arena *arena);

/* All segments are free again; cursors taken before are void. */
void nbl__arena_rewind(nbl__arena *arena);

/*
 * What is made straight where it stays has up to so many bytes of room: not more of a segment is wasted by what
 * is not used of them, and the segments that are taken do not depend on which thread made which row. More is
 * made elsewhere, and kept by nbl__arena_keep(). What is moved in whole lines (search/group) has 512 bytes and
 * more, and leaves parts of two lines empty: a segment is more than half full then as well.
 */
enum { NBL__ROWS_DIRECT = 64 * 1024 };

/* Makes room for `bytes` at cursor->next. Thread-safe. */
nbl_status nbl__arena_room(nbl__arena *arena, nbl__cursor *cursor, size_t bytes, nbl__fault *fault);

/*
 * A place for `bytes` that stay: behind what the cursor keeps, or, beyond half a segment, in a segment of its
 * own, so that long rows take the same segments in every schedule. Thread-safe.
 */
nbl_status nbl__arena_keep(nbl__arena *arena, nbl__cursor *cursor, size_t bytes, void **out, nbl__fault *fault);

/* What threads need, each with cursors of its own. */
typedef struct nbl__need {
    int n_threads;
    uint64_t kept;  /* bytes that all of them keep, */
    int n_kept;     /* with so many cursors each */
    size_t scratch; /* bytes that each of the others needs at once */
    int n_scratch;
} nbl__need;

/* Provides segments for any later schedule of the work just done. */
nbl_status nbl__arena_provide(nbl__arena *arena, const nbl__need *need, nbl__fault *fault);

/*
 * After work that took more segments than there were, `before`: provides some beyond, so that work that is a
 * little larger, as that of atoms that have moved, finds them. A courtesy: nothing fails for want of memory.
 */
void nbl__arena_provide_spare(nbl__arena *arena, int64_t before);

/* Room for n rows, not masked; the counts are still to be written, also those of rows that stay empty. */
nbl_status nbl__rows_open(nbl__rows *rows, int64_t n, bool kept, nbl__memory *memory, nbl__fault *fault);

/* Sums up the counts, on up to n_threads threads, with the offsets of `expand`. */
void nbl__rows_close(nbl__rows *rows, const nbl__expand *expand, int n_threads);
void nbl__rows_free(nbl__rows *rows, nbl__memory *memory);

#endif
