/* SPDX-License-Identifier: MIT */
/*
 * One complete row as it was found: what passes from the search to everything that consumes pairs.
 * Invariant: entry e is the image images[number ? number[e] : e], its shift in the caller's terms
 * images[...].shift + w. Valid only during the call that hands it over.
 */
#ifndef NBL_EMIT_VIEW_H
#define NBL_EMIT_VIEW_H

#include "bin/slots.h"

typedef struct nbl__view {
    const nbl__image *images;
    const uint32_t *number; /* NULL: the images themselves are the row */
    int32_t w[3];
    uint32_t count;
    int64_t atom;
} nbl__view;

static inline const nbl__image *nbl__view_at(const nbl__view *view, uint32_t e)
{
    return &view->images[view->number ? view->number[e] : e];
}

/* Consumes one row; called from several threads at once, each row exactly once, in any order. */
typedef nbl_status (*nbl__row_function)(void *context, int thread, const nbl__view *view);

#endif
