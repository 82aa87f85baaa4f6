/* SPDX-License-Identifier: MIT */
/* Structures of the tests of the metrics: read from data/, or made. Memory is freed by structure_free(). */
#ifndef TESTS_METRICS_STRUCTURES_H
#define TESTS_METRICS_STRUCTURES_H

#include <nblist/metrics.h>

#include "random.h"

struct structure {
    int64_t n;
    double *r; /* [n][3] */
    int32_t *numbers;
    int has_cell;
    double h[9];
};

/* Room for n atoms of element z at the origin. The test ends where there is no memory. */
void structure_make(struct structure *s, int64_t n, int32_t z);
void structure_free(struct structure *s);

/* data/NAME.xyz in the folder; the test ends where it cannot be read. */
void structure_read(struct structure *s, const char *folder, const char *name);

/* n atoms of the given elements in turn, in a ball of such a radius, no two nearer than `apart`. */
void structure_ball(struct structure *s, int64_t n, int kinds, const int32_t *z, double radius, double apart,
                    uint64_t seed);

/* cells^3 copies of a cubic cell of `edge` with a basis of n atoms; periodic. */
void structure_lattice(struct structure *s, int n, const double basis[][3], double edge, int cells, int32_t z);

extern const double lattice_fcc[4][3], lattice_bcc[2][3], lattice_diamond[8][3];

/* `by` copies along every axis of the cell. */
void structure_repeat(struct structure *to, const struct structure *from, int by);

void structure_copy(struct structure *to, const struct structure *from);
void structure_rotate(struct structure *s, double m[3][3]);
void structure_move(struct structure *s, double x, double y, double z);

/* Atom k of the result is atom order[k] of the original. */
void structure_permute(struct structure *s, const int64_t *order);

/* Computes with all checks; the test fails if that fails. */
void structure_compute(nbl_metrics *metrics, const struct structure *s, const nbl_metrics_options *options,
                       const nbl_metrics_outputs *outputs);

#endif
