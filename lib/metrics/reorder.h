/* SPDX-License-Identifier: MIT */
/*
 * Large systems whose atoms are numbered in any order: for the time of a call they are numbered bin by bin,
 * about as the core visits them, so that what belongs to neighbours lies near each other. Nobody sees it: open
 * puts copies in the place of the caller's input, and arrays of its own in that of the outputs of atoms; close
 * brings these back into the caller's order. Invariants: an order depends on its system alone; a system that
 * something is wrong with keeps the caller's order, in which messages speak of its atoms.
 */
#ifndef NBL_METRICS_REORDER_H
#define NBL_METRICS_REORDER_H

#include <stdatomic.h>

#include "base/memory.h"
#include "metrics/request.h"

/* Systems of fewer atoms are left as they are: their memory stays in the caches. */
enum { NBL__REORDER_ATOMS = 16384 };

typedef struct nbl__reorder {
    bool active;
    nbl__buffer memory;
    int32_t *place; /* [n_atoms] the atom of the system in the caller's order */
    int32_t *keys;  /* [n_atoms] scratch, as is the next */
    int32_t *counts;
    double *r; /* [n_atoms][3] */
    int32_t *numbers;
    struct nbl__bins *bins; /* of the system at hand */
    const double *from;     /* [n][3] its positions */
    int32_t *to;            /* [n] its keys */
    atomic_bool bad;        /* a position is not a number */
    /* The caller's, in the meantime. */
    const void *given_positions;
    const int32_t *given_numbers;
    nbl_build_options given_build;
    nbl_metrics_outputs given_outputs;
} nbl__reorder;

/* Marks the systems whose order stays: all that are not large. */
void nbl__reorder_mark(nbl_metrics *metrics);

/*
 * Before anybody has checked the input: whatever the core would refuse as a whole is left to it. Does nothing
 * where there is no memory for it.
 */
void nbl__reorder_open(nbl_metrics *metrics);

/* Of a call that ended with `status`: marks systems that failed in an order of ours. False: there are none. */
bool nbl__reorder_spoilt(nbl_metrics *metrics, nbl_status status);

/* Brings the outputs back, if there are any; and the caller's input. */
void nbl__reorder_close(nbl_metrics *metrics, bool outputs);

#endif
