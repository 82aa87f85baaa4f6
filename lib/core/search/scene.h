/* SPDX-License-Identifier: MIT */
/*
 * What a search looks at and what it is asked: one built system by reference, and one query for all systems.
 * Invariant: nothing here is changed by a search; several threads and several searches may share it.
 */
#ifndef NBL_SEARCH_SCENE_H
#define NBL_SEARCH_SCENE_H

#include "bin/slots.h"
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
    bool half, inclusive, self, sorted, disjoint;
    int32_t n_lists;       /* cutoffs per system */
    int64_t n_sets;        /* 1: the same cutoffs for all systems; else one set per system */
    const double *cutoffs; /* [n_sets][n_lists] */
    int64_t n_centers;     /* rows for atoms 0 ... n_centers - 1 of each system; negative: for all */
    int64_t max_pairs;
    int n_threads;
    int least_pieces; /* that a thread must have to do: nbl__team_run() */
    const nbl__kernels *kernels;
} nbl__query;

static inline const double *nbl__query_cutoffs(const nbl__query *query, int64_t system)
{
    return query->cutoffs + (query->n_sets == 1 ? 0 : system * query->n_lists);
}

static inline int64_t nbl__query_rows(const nbl__query *query, int64_t n)
{
    return query->n_centers >= 0 && query->n_centers < n ? query->n_centers : n;
}

#endif
