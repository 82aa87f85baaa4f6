/* SPDX-License-Identifier: MIT */
/*
 * Rows for tests of what is computed from one row. Atom 0 stands at the origin, neighbour e is atom e + 1.
 * Padding is as row.h has it; behind it stand NaN: what reads them shows it.
 */
#ifndef TESTS_METRICS_UNIT_ROWS_H
#define TESTS_METRICS_UNIT_ROWS_H

#include "metrics/row.h"
#include "random.h"

enum { LONGEST = 200, PADDED = LONGEST + NBL__ROW_PAD };

struct made_row {
    nbl__row row;
    nbl__frame frame;
    double r[3 * (LONGEST + 1)];
    int32_t j[LONGEST];
    double x[PADDED], y[PADDED], z[PADDED], d[PADDED];
    double ux[PADDED], uy[PADDED], uz[PADDED];
};

void row_make(struct made_row *made, int32_t k, double (*vectors)[3], double cutoff);

/* k vectors of lengths 0.3 ... 1, directions anywhere. */
void row_random(struct made_row *made, struct random *g, int32_t k);

/* Perfect surroundings, nearest distance 1 (bcc: second-nearest 1); how many vectors. */
enum crystal { SC, FCC, HCP, BCC8, BCC, DIAMOND, ICOSAHEDRON, N_CRYSTALS };
int32_t crystal_vectors(enum crystal crystal, double (*vectors)[3]);
const char *crystal_name(enum crystal crystal);

/* vectors = m vectors, for rotations. */
void rotate(double (*m)[3], int32_t k, double (*vectors)[3]);

#endif
