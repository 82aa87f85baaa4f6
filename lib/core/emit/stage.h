/* SPDX-License-Identifier: MIT */
/*
 * Between rows of one system and arrays that are far larger than the caches: rows are written into a little
 * memory that stays in the first cache, and whole lines of it past the caches to their place. For processors
 * that would rather have a line at once than in parts, several arrays in turns (nbl__cpu_wants_lines()).
 */
#ifndef NBL_EMIT_STAGE_H
#define NBL_EMIT_STAGE_H

#include "emit/sink.h"

/*
 * Lines are handed on once an array has so many bytes of them, rows in parts of so many pairs. ns per atom of
 * the fetch of copper, 108,000 atoms, with 4, 16 and 60 KiB: 104, 119, 127 (Emerald Rapids).
 */
enum { NBL__STAGE_FULL = 4096, NBL__STAGE_PART = 128, NBL__STAGE_LINE = 64 };

/* Indices in two arrays, pairs, batch, shifts, vectors, distances. */
enum { NBL__STAGE_ARRAYS = 7 };

typedef struct nbl__stage_array {
    void **field;      /* of the outputs that rows are written to */
    char *memory, *to; /* both begin at a line */
    size_t item;       /* bytes per pair */
    size_t begin, end; /* bytes that are in memory; those before `begin`, of a line begun by others, are not */
} nbl__stage_array;

typedef struct nbl__stage {
    nbl__sink sink; /* whose arrays are the memory */
    int n_arrays;
    nbl__stage_array arrays[NBL__STAGE_ARRAYS];
    /* A multiple of lines that is none of 4096 bytes, which would make loads wait for unrelated stores. */
    _Alignas(NBL__STAGE_LINE) char memory[NBL__STAGE_ARRAYS]
                                         [NBL__STAGE_FULL + NBL__STAGE_PART * 24 + NBL__STAGE_LINE];
} nbl__stage;

/* Whether rows can go through a stage. */
bool nbl__stage_fits(const nbl__sink *sink);

/* Rows follow, in the order of the list; `at` is where the first one begins. */
void nbl__stage_open(nbl__stage *stage, const nbl__sink *sink, int64_t at);
void nbl__stage_row(nbl__stage *stage, const nbl__view *view);

/* What is still in the stage goes to its place. Other threads see it after the fence of expand->past. */
void nbl__stage_close(nbl__stage *stage);

#endif
