/* SPDX-License-Identifier: MIT */
/*
 * Batches of hard systems, each batch a function of its seed alone: none to fifty systems, empty ones among
 * them, small ones of system_random(), now and then one of thousands of atoms; cells, flags and cutoffs
 * shared or one per system; atoms assigned by pointer or by ids. And the caller's arrays for it, in guarded
 * buffers. What belongs to empty systems there is garbage: whoever reads it is found out.
 *
 * Members hold their own atoms, so that a test may drop systems and try again.
 */
#ifndef TESTS_SUPPORT_BATCHES_H
#define TESTS_SUPPORT_BATCHES_H

#include <nblist/nblist.h>

#include "guard.h"
#include "systems.h"

struct batch_member {
    uint64_t seed;
    int64_t n;
    double *r; /* [n][3]; values of float32 where positions_f32 */
    int has_cell;
    double h[9];
    uint8_t pbc[3]; /* as resolved: zero or not */
    double rc;
};

/* How an array is given: not at all, one entry for all systems, or one each. */
enum { BATCH_NONE, BATCH_ONE, BATCH_EACH };

struct batch_draft {
    uint64_t seed;
    int64_t n_systems;
    struct batch_member *at;
    int cells, pbc, cutoffs; /* BATCH_... */
    int cell_flags;          /* has_cell is passed */
    int positions_f32, cell_f32, by_ids, ids_32;
    int64_t stride;
};

/* Draws a batch of at most `most` systems. batch_free() gives its memory back. */
void batch_draw(struct batch_draft *d, uint64_t seed, int64_t most);
void batch_free(struct batch_draft *d);

/* A copy without system `left_out`; -1 copies all. */
void batch_copy(struct batch_draft *to, const struct batch_draft *from, int64_t left_out);

int64_t batch_atoms(const struct batch_draft *d);

/* Prints what is needed to make the batch again: settings, and systems of up to SYSTEM_ATOMS atoms in full. */
void batch_print(const struct batch_draft *d, FILE *file);

/* The arrays of a batch as a caller has them. */
struct batch_arrays {
    nbl_batch_input input;
    nbl_build_options options; /* dtypes and stride; the rest for the test to set */
    int64_t *first;            /* [n_systems + 1]: atoms before each system */
    size_t step;               /* bytes from atom to atom */
    struct guard positions, ids, cells, has_cell, pbc, cutoffs;
};

#define BATCH_ARRAYS_INIT                                                                                      \
    {                                                                                                          \
        .first = NULL                                                                                          \
    }

void batch_pack(struct batch_arrays *a, const struct batch_draft *d);

/* All bytes become 0xff, as a caller may do after the build. */
void batch_spoil(struct batch_arrays *a);
void batch_arrays_free(struct batch_arrays *a);

/* Builds system b alone, from the same bytes. Returns the status of the build. */
nbl_status batch_build_alone(nbl_cell_list *list, const struct batch_arrays *a, const struct batch_draft *d,
                             int64_t b, int32_t algorithm);

/* The system as the oracle takes it. */
struct oracle_input batch_oracle_input(const struct batch_member *m);

#endif
