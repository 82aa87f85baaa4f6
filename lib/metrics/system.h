/* SPDX-License-Identifier: MIT */
/*
 * One system as the caller describes it: its cell and flags as doubles and booleans, its positions as doubles.
 * To be called on input that the core has accepted.
 */
#ifndef NBL_METRICS_SYSTEM_H
#define NBL_METRICS_SYSTEM_H

#include <nblist/nblist.h>
#include <stdbool.h>

typedef struct nbl__cell {
    double h[9]; /* rows of open axes are 0 */
    bool periodic[3];
    int n_periodic;
} nbl__cell;

void nbl__cell_read(nbl__cell *cell, const nbl_batch_input *input, const nbl_build_options *build,
                    int64_t system);

/* Atoms begin ... end - 1. */
void nbl__positions_copy(double *to, const nbl_batch_input *input, const nbl_build_options *build,
                         int64_t begin, int64_t end);

/* Length of the diagonal of the box around the atoms. */
double nbl__shape_spread(int64_t n, const double *r);

/* shape_aniso of metrics.h. */
double nbl__shape_anisotropy(int64_t n, const double *r);

/* The volume that the density of RDF_dev refers to; 0: none. */
double nbl__shape_volume(int64_t n, const double *r, const nbl__cell *cell);

#endif
