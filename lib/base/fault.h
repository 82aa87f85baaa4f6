/* SPDX-License-Identifier: MIT */
/*
 * Why a call failed, as numbers: what the layers below the API hand up together with a status. The text
 * for the user is composed from it in api/ alone. Which fields count depends on the status and on `what`.
 */
#ifndef NBL_BASE_FAULT_H
#define NBL_BASE_FAULT_H

#include <nblist/nblist.h>

enum nbl__fault_what {
    NBL__FAULT_NONE = 0,
    NBL__FAULT_POSITION,  /* positions[a][k] = value */
    NBL__FAULT_CELL,      /* cell[a][k] = value */
    NBL__FAULT_ATOM,      /* atom a, axis k: value cells away */
    NBL__FAULT_PAIR,      /* pair of atoms a and b, axis k */
    NBL__FAULT_CELL_SIZE, /* smallest height over longest vector = value */
    NBL__FAULT_BYTES,     /* need bytes wanted, limit allowed */
    NBL__FAULT_ROW,       /* a row of more than limit pairs */
    NBL__FAULT_PAIRS,     /* more than limit pairs */
    NBL__FAULT_CUTOFF,    /* cutoff = value, number a of b */
    NBL__FAULT_CUTOFFS,   /* the same: it exceeds that of the build = other */
    NBL__FAULT_NO_CELL,   /* axis k is periodic, but there is no cell */
    NBL__FAULT_ATOMS      /* a atoms in one system */
};

typedef struct nbl__fault {
    enum nbl__fault_what what;
    int k;
    int64_t a, b;
    double value, other;
    uint64_t need, limit;
} nbl__fault;

#endif
