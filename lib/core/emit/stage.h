/* SPDX-License-Identifier: MIT */
/*
 * Between the rows and arrays of the caller that are far larger than the caches: rows are written into a little
 * memory that stays in the caches, and whole lines of it past them into the arrays. Ordinary stores would read
 * every line before they write it, and drive out what the expansion needs. Rows come in the order of the list.
 */
#ifndef NBL_EMIT_STAGE_H
#define NBL_EMIT_STAGE_H

#include "emit/sink.h"

/*
 * All arrays together. Stays in the second cache; smaller stages are emptied in more and shorter pieces, each
 * with two broken lines: 16 KiB cost 35 ns more per atom of copper, 8 KiB 80 ns (Zen 1).
 */
enum { NBL__STAGE_BYTES = 64 * 1024 };

typedef struct nbl__stage {
    nbl__sink sink;      /* writes into the memory of the stage */
    const nbl__sink *to; /* the caller's arrays */
    int64_t n, room;     /* pairs */
    uint64_t memory[NBL__STAGE_BYTES / sizeof(uint64_t)];
} nbl__stage;

/* Whether the arrays of a sink are worth a stage to so many threads. */
bool nbl__stage_pays(const nbl__sink *sink, int n_threads);

/* Rows come from `first` on. The sink's arrays are whole: its `before` is 0. */
void nbl__stage_open(nbl__stage *stage, const nbl__sink *sink, int64_t first);
void nbl__stage_row(nbl__stage *stage, const nbl__view *view);

/* As nbl__sink_stretch(). */
void nbl__stage_stretch(nbl__stage *stage, const nbl__view *view, int64_t first, int64_t n,
                        const int32_t (*w)[3]);

/* What is still in the stage goes to its place. */
void nbl__stage_close(nbl__stage *stage);

#endif
