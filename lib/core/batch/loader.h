/* SPDX-License-Identifier: MIT */
/*
 * Systems of a batch from the caller's arrays: what can be said of them before their atoms are looked at, and
 * positions, lattices and wrapped atoms as pieces of work, by any thread. Invariant: what is found wrong is
 * that of the lowest atom of each system, and of the lowest system, whoever finds it, and when.
 */
#ifndef NBL_BATCH_LOADER_H
#define NBL_BATCH_LOADER_H

#include "base/threads.h"
#include "batch/set.h"

typedef struct nbl__loader {
    nbl__set *set;
    const nbl__input *input;
    nbl__refusal *refusal;
    nbl__lock lock;
    bool known; /* members are what they are to be, if nothing is wrong with any position */
} nbl__loader;

/* Systems first ... end - 1, or, where there is one, its atoms atom ... atom_end - 1. */
typedef struct nbl__piece {
    int64_t first, end;
    int64_t atom, atom_end;
} nbl__piece;

static inline int64_t nbl__input_atoms(const nbl__input *input, int64_t system)
{
    return input->first[system + 1] - input->first[system];
}

/* The caller's flags of a system as 0 or other; its cell, NULL where it has none; the place of an atom. */
void nbl__input_pbc(const nbl__input *input, int64_t system, uint8_t pbc[3]);
const void *nbl__input_cell(const nbl__input *input, int64_t system);
const void *nbl__input_positions(const nbl__input *input, int64_t atom);

/* What can be said of a system before its atoms are looked at. Returns whether it has a periodic axis. */
bool nbl__loader_describe(nbl__loader *l, int64_t system);

/* An open system without a grid, which is described, is neither wrapped nor planned. */
bool nbl__loader_is_block(const nbl__loader *l, int64_t system);

/* Starts a large system: its lattice, and bounds that its parts will widen. False: refused. */
bool nbl__loader_open(nbl__loader *l, int64_t system);

/* Loads what is described. */
void nbl__loader_piece(nbl__loader *l, const nbl__piece *p);

/* Describes and loads open blocks. */
void nbl__loader_blocks(nbl__loader *l, const nbl__piece *p);

/* The plan of a system that is loaded, and what its member says of it. */
void nbl__loader_plan(const nbl__loader *l, int64_t system, nbl__plan *plan);

#endif
