/* SPDX-License-Identifier: MIT */
/*
 * Rows that follow each other in the list, while their entries lie anywhere: what is written of them is one run
 * of entries, whose rows are told apart by i alone. They are those of one system, or masks (see emit/rows.h) of
 * several small ones, whose atoms are counted on from the first of the first system. Invariant: the bytes are
 * those of the rows written one by one.
 */
#ifndef NBL_EMIT_SERIES_H
#define NBL_EMIT_SERIES_H

#include "base/inline.h"
#include "emit/view.h"

typedef struct nbl__series {
    const nbl__image *images;
    const void *const *entry; /* [n] uint32_t numbers of images */
    const uint32_t *count;    /* [n] */
    const uint64_t *mask;     /* [n] in place of these three, or NULL */
    const int64_t *first;     /* with masks: the first atom of each system, of the list, and of one more */
    const int32_t (*w)[3];    /* [n], as in a view; or NULL: all zero */
    int64_t n;
    int64_t atom;         /* of the first row, in its system, or in the first one */
    int64_t base;         /* added to atoms */
    const double (*r)[3]; /* positions of the system, and one more; wanted with vectors and distances only */
    const nbl__lattice *lattice;
    bool past_zeros;       /* whether shifts that are zero in all rows go past the caches, whatever else does */
    int64_t rows_ahead;    /* entries are asked for so many rows before they are read; 0: not at all */
    uint32_t images_ahead; /* and images of so many of a row */
} nbl__series;

/* Where a series is written to; any array may be NULL, and all begin at multiples of 4 bytes. */
typedef struct nbl__series_arrays {
    void *i, *j;
    int32_t *shifts;
    void *vectors, *distances;
    bool floats; /* vectors and distances are float, not double */
} nbl__series_arrays;

static inline bool nbl__series_is_moved(const int32_t (*w)[3], int64_t n)
{
    int32_t any = 0;
    for (int64_t k = 0; w && k < n; k++)
        any |= w[k][0] | w[k][1] | w[k][2];
    return any != 0;
}

/* What only asks has to be inlined (base/page.h). */
static NBL__INLINE void nbl__series_ask_for_entries(const nbl__series *series, int64_t row)
{
#ifdef __GNUC__
    const int64_t ahead = row + series->rows_ahead;
    if (series->rows_ahead > 0 && ahead < series->n && series->count[ahead] > 0) {
        const uint32_t *entry = series->entry[ahead], *last = entry + series->count[ahead] - 1;
        for (; entry < last; entry += 16)
            __builtin_prefetch(entry);
        __builtin_prefetch(last);
    }
#else
    (void)series;
    (void)row;
#endif
}

/*
 * Rows of atoms in random order refer to images all over a table that is larger than the cache: asking for them
 * a few rows ahead speeds up the fetch of 100,000 random atoms (rc 3, Zen 1: 163 -> 97 ns per atom).
 */
enum { NBL__SERIES_IMAGES_AHEAD = 3 };

static NBL__INLINE void nbl__series_ask_for_images(const nbl__series *series, int64_t row)
{
#ifdef __GNUC__
    const int64_t ahead = row + NBL__SERIES_IMAGES_AHEAD;
    if (series->images_ahead > 0 && ahead < series->n) {
        const uint32_t *numbers = series->entry[ahead], count = series->count[ahead];
        for (uint32_t e = 0; e < (count < series->images_ahead ? count : series->images_ahead); e += 4)
            __builtin_prefetch(&series->images[numbers[e]]);
    }
#else
    (void)series;
    (void)row;
#endif
}

#endif
