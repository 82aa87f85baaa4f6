/* SPDX-License-Identifier: MIT */
/*
 * Atoms that share their candidates: the atoms of a few bins, or all of a small system. Makes and delivers
 * their rows, all in one pass where that is possible. Invariant: a row has the order of the candidates.
 */
#ifndef NBL_SEARCH_GROUP_H
#define NBL_SEARCH_GROUP_H

#include "base/size.h"
#include "search/worker.h"

typedef struct nbl__group {
    nbl__worker *worker;
    nbl__job *job;
    nbl__near near;        /* the candidates */
    bool ordered;          /* their keys ascend */
    bool past;             /* rows that stay go past the caches */
    const uint32_t *homes; /* [n_rows] which of them the atoms are; NULL: the first ones */
    const int32_t *atoms;  /* [n_rows]; NULL: the first ones */
    uint32_t n_rows;
    uint32_t *counts;         /* [n_rows] scratch */
    void *row;                /* scratch of nbl__group_row_bytes() */
    const nbl__image *images; /* what numbers refer to, as in nbl__view */
} nbl__group;

/* Bytes of an array in scratch: whole lines of the cache, so that vectors do not cross them. */
static inline size_t nbl__group_bytes(size_t count, size_t size)
{
    return nbl__size_add(nbl__size_mul(count, size), 63) & ~(size_t)63;
}

/* Takes such arrays one after the other from *place, which is at the beginning of a line. */
static inline void *nbl__group_take(char **place, size_t count, size_t size)
{
    void *array = *place;
    *place += nbl__group_bytes(count, size);
    return array;
}

/*
 * What one row of n candidates by itself needs. It is there before anybody knows whether a row has a doubt:
 * what is allocated must not depend on that.
 */
size_t nbl__group_row_bytes(const nbl__query *query, size_t n);

/*
 * Whether rows should go past the caches, if all are as those that this thread has kept so far. For groups of
 * some ten rows: each begins a line of memory.
 */
bool nbl__group_goes_past(const nbl__group *group);

/* Rows that nobody wants any more may be left out. */
nbl_status nbl__group_search(nbl__group *group);

#endif
