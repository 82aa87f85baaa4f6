/* SPDX-License-Identifier: MIT */
/*
 * The reference that users can run against a result: all images of all atoms, one row at a time, decided by
 * a formula written down a second time. Knows cells and arithmetic; independent of grid, kernels and plan.
 * Invariant: memory of one row.
 */
#ifndef NBL_VERIFY_VERIFY_H
#define NBL_VERIFY_VERIFY_H

#include "base/memory.h"
#include "cell/lattice.h"

typedef struct nbl__verify_pair {
    int64_t j;
    int32_t shift[3];
    double d[3];
    double distance;
    long double distance_long; /* reference only */
} nbl__verify_pair;

typedef struct nbl__verify {
    int64_t n;
    const double (*r)[3];
    const nbl__lattice *lattice;
    double cutoff;
    double lower; /* pairs within this cutoff are not listed (shells); 0: none */
    bool half, inclusive, self, sorted;
    nbl__memory *memory;
    nbl__buffer reference;    /* nbl__verify_pair[] */
    nbl__buffer scratch;      /* to sort pairs */
    nbl_verify_report report; /* of the lowest row with a difference so far */
} nbl__verify;

/*
 * Compares the row of atom i as found (count pairs, reordered by this call) with the reference; NBL_OK
 * also where they differ: see report.verdict. Statuses: NBL_ENOMEM, NBL_ELIMIT, NBL_ESHIFT.
 */
nbl_status nbl__verify_row(nbl__verify *verify, int64_t i, nbl__verify_pair *found, int64_t count,
                           nbl__fault *fault);

#endif
