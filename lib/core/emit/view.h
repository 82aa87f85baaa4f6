/* SPDX-License-Identifier: MIT */
/*
 * One complete row as it was found: what passes from the search to everything that consumes pairs. Entries come
 * in three forms: numbers of images in a table; numbers of atoms, all shifts zero (no table: open systems); or
 * the images themselves (no numbers: wide rows). Invariant: the shift of a pair in the caller's terms is that
 * of the image + w. Valid only during the call that hands it over.
 */
#ifndef NBL_EMIT_VIEW_H
#define NBL_EMIT_VIEW_H

#include "bin/slots.h"
#include "cell/exact.h"

/* Rows of an open system of so few atoms can be kept as masks: a bit for each atom. */
enum { NBL__MASK_ATOMS = 64 };

typedef struct nbl__view {
    const nbl__image *images; /* NULL: numbers are atoms */
    const uint32_t *number;   /* NULL: the images themselves are the row */
    int32_t w[3];
    uint32_t count;
    int64_t atom;         /* whose row it is, in its system */
    int64_t system;       /* in the batch */
    int64_t first;        /* atom of the system in the batch */
    const double (*r)[3]; /* positions of the system */
    const nbl__lattice *lattice;
} nbl__view;

static inline nbl__image nbl__view_at(const nbl__view *view, uint32_t e)
{
    if (!view->number)
        return view->images[e];
    if (view->images)
        return view->images[view->number[e]];
    return (nbl__image){.atom = (int32_t)view->number[e]};
}

/* Vector d and squared length of an entry, by the formula. */
static inline double nbl__view_d2(const nbl__view *view, uint32_t e, double d[3])
{
    const nbl__image image = nbl__view_at(view, e);
    return nbl__exact_d2(view->r[view->atom], view->r[image.atom], view->lattice->h,
                         (double)(image.shift[0] + view->w[0]), (double)(image.shift[1] + view->w[1]),
                         (double)(image.shift[2] + view->w[2]), d);
}

/* Consumes one row; called from several threads at once, each row exactly once, in any order. */
typedef nbl_status (*nbl__row_function)(void *context, int thread, const nbl__view *view);

#endif
