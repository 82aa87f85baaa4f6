/* SPDX-License-Identifier: MIT */
/*
 * The reverse-edge map: for each pair (i, j, s) the place of (j, i, -s) in the same list. Needs a full list
 * whose rows are kept. Invariant: an involution.
 */
#ifndef NBL_EMIT_REVERSE_H
#define NBL_EMIT_REVERSE_H

#include "cell/wrap.h"
#include "emit/rows.h"

/* The rows of one system. */
typedef struct nbl__reverse {
    const nbl__rows *rows;    /* of all systems */
    int64_t first, n;         /* its first row, and how many */
    const nbl__image *images; /* what numbers refer to, as in nbl__view; NULL for wide rows */
    const uint32_t *key;      /* of a number, in contract order; NULL: the number itself */
    const int32_t (*w)[3];    /* as in nbl__wrapped; NULL for wide rows and where all are zero */
    bool wide, masked;
    bool sorted; /* keys ascend in every row; wide rows always are in contract order */
    int64_t base;
    int32_t dtype; /* NBL_INT32 or NBL_INT64 */
    void *out;     /* [rows->total] */
} nbl__reverse;

/* Bytes of scratch for rows that are not sorted: of `pairs` pairs in all, up to `longest` in a row. */
size_t nbl__reverse_bytes(int64_t pairs, int64_t longest);

/* scratch is reserved from memory: nothing for rows that are sorted. */
nbl_status nbl__reverse_fill(const nbl__reverse *reverse, nbl__buffer *scratch, nbl__memory *memory,
                             nbl__fault *fault);

#endif
