/* SPDX-License-Identifier: MIT */
/*
 * What a search looks at and what it is asked: the built system by reference, and one query. Invariant:
 * nothing here is changed by a search; several threads and several searches may share it.
 */
#ifndef NBL_SEARCH_SCENE_H
#define NBL_SEARCH_SCENE_H

#include "bin/slots.h"
#include "emit/rows.h"
#include "search/kernel.h"

typedef struct nbl__scene {
    int64_t n;
    const double (*r)[3];
    const nbl__lattice *lattice;
    const nbl__wrapped *wrapped;
    const nbl__grid *grid;   /* cells only */
    const nbl__slots *slots; /* cells only */
    double error;            /* nbl__wrap_error() for the images in use */
} nbl__scene;

typedef struct nbl__query {
    double cutoff;
    bool half, inclusive, self, sorted;
    int64_t n_rows; /* centres 0 ... n_rows - 1 */
    int64_t max_pairs;
    int n_threads;
    int least_pieces; /* that a thread must have to do: nbl__team_run() */
    nbl__kernel kernel;
} nbl__query;

/* Where rows go: recorded in `rows` (if not NULL), handed to `consume` (if not NULL). */
typedef struct nbl__target {
    nbl__rows *rows;
    nbl__arena *arena;
    nbl__row_function consume;
    void *context;
    nbl__buffer *stencil_memory;
} nbl__target;

/*
 * One traversal. Statuses: NBL_ELIMIT (pairs: fault PAIRS; memory: fault BYTES), NBL_ENOMEM, NBL_ESHIFT
 * (brute force only), and whatever `consume` returns.
 */
nbl_status nbl__search_cells(const nbl__scene *scene, const nbl__query *query, const nbl__target *target,
                             nbl__fault *fault);
nbl_status nbl__search_brute(const nbl__scene *scene, const nbl__query *query, const nbl__target *target,
                             nbl__fault *fault);

/* Bytes that a thread needs to make the rows of brute force, the longest of which is given. */
size_t nbl__brute_scratch(uint64_t longest_row);

/* Bytes of wide rows that brute force keeps; beyond, it stops with NBL_ELIMIT and fault BYTES. */
enum { NBL__BRUTE_KEEP = 4 * 1024 * 1024 };

#endif
