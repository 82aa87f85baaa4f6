/* SPDX-License-Identifier: MIT */
/*
 * Several worlds as the input of a set, and what lists of them must hold: the references of the single worlds,
 * one behind the other. What belongs to empty systems is garbage that nobody may read.
 */
#ifndef TESTS_UNIT_BATCH_H
#define TESTS_UNIT_BATCH_H

#include "reference.h"

enum { BATCH_SYSTEMS = 12, BATCH_LISTS = 5, BATCH_ATOMS = BATCH_SYSTEMS * 100 };

struct batch {
    int64_t n_systems, n_atoms, first[BATCH_SYSTEMS + 1];
    struct world at[BATCH_SYSTEMS];
    double positions[BATCH_ATOMS][3], cells[BATCH_SYSTEMS][3][3], cutoffs[BATCH_SYSTEMS];
    uint8_t has_cell[BATCH_SYSTEMS], pbc[BATCH_SYSTEMS][3];
    double searched[BATCH_SYSTEMS * BATCH_LISTS]; /* cutoffs of the query */
    nbl__input input;
};

/* Opens the worlds; 1 ... most systems, empty ones among them, of up to 100 atoms; packed. */
void batch_random(struct batch *b, struct random *g, int64_t most);

/* One system, as a cell list has it; packed. */
void batch_alone(struct batch *b, const struct world *world);

/* Makes the input of the worlds as they are now, rc their cutoffs; the other members as set before. */
void batch_pack(struct batch *b);
void batch_close(struct batch *b);

/* Any flags, threads and several cutoffs, at most those of the systems: one set for all, or one each. */
nbl__query batch_query(struct batch *b, struct random *g);

/* Full, strict, unsorted, one thread, all rows, at the cutoff of each system. */
nbl__query batch_plain_query(struct batch *b);

/* The pairs of list k, atoms numbered through the batch; those of systems with a status left out. */
void batch_reference(struct batch *b, const nbl__query *query, const int32_t *statuses, int32_t k,
                     struct unit_pairs *pairs);

/* The rows of a list of a set that was built from the batch, as they stand. */
void batch_rows(struct batch *b, const nbl__set *set, const nbl__rows *rows, const nbl__image **tables,
                const int32_t *statuses, struct unit_pairs *pairs);

#endif
