/* SPDX-License-Identifier: MIT */
/* What the parts of the structs target share: the plainest list, and the arrays that outputs may name. */
#ifndef TESTS_FUZZ_STRUCTS_H
#define TESTS_FUZZ_STRUCTS_H

#include "input.h"

enum { SYSTEMS = 2, ATOMS_OF = 7, ATOMS = SYSTEMS * ATOMS_OF, PAIRS = 700 };

/* Arrays of nbl_outputs, in the order of `arrays_of`. */
enum {
    OF_I,
    OF_J,
    OF_EDGES,
    OF_PAIRS,
    OF_SHIFTS,
    OF_VECTORS,
    OF_DISTANCES,
    OF_ROW_PTR,
    OF_COUNTS,
    OF_REVERSE,
    OF_BATCH,
    OF_EDGE_PTR,
    OF_ATOM_PTR,
    N_ARRAYS
};

/* Room for PAIRS vectors of doubles, or edges with any stride up to PAIRS; what is too much shows overruns. */
typedef struct arrays_of {
    _Alignas(64) uint8_t bytes[N_ARRAYS][PAIRS * 24 + 64];
} arrays_of;

/* A list of both systems, as it is asked for most plainly. */
typedef struct plain {
    int64_t m, rows, most, i[PAIRS], j[PAIRS], ptr[ATOMS + 1];
    int32_t s[PAIRS][3];
    double d[PAIRS][3], x[PAIRS];
} plain;

/* Puts into the arrays what a successful fetch of the list with these outputs writes. */
void fuzz_expect(const plain *list, const nbl_outputs *outputs, arrays_of *to);

/* A batch that was built and can be searched, and with what. */
typedef struct around {
    nbl_batch *batch;
    nbl_result *result;
    const nbl_batch_input *in;
    const nbl_build_options *build;
    const nbl_search_options *search;
} around;

/* Calls of other kinds on these, which leave the result stale. */
void fuzz_calls(input *in, const around *given);

#endif
