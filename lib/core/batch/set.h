/* SPDX-License-Identifier: MIT */
/*
 * Built systems: any number, one behind the other; a cell list has a set of one. Positions of all lie in one
 * array. A small system (a block, see search/plan.h) has nothing else of its own but, where it is periodic, a
 * lattice and wrapped positions; a large one has a grid. Invariants: a set that failed to build holds memory
 * but is not `built`; a system whose status is not NBL_OK is never looked at; what is built depends on the
 * input alone.
 */
#ifndef NBL_BATCH_SET_H
#define NBL_BATCH_SET_H

#include "bin/slots.h"
#include "emit/view.h"
#include "search/plan.h"

/* The caller's input, checked as far as whole arrays go, types resolved. Counts are 0, 1 or n_systems. */
typedef struct nbl__input {
    int64_t n_systems, n_atoms;
    const int64_t *first; /* [n_systems + 1] */
    const void *positions, *cells;
    const uint8_t *has_cell, *pbc;
    const double *cutoffs;
    int64_t n_cells, n_pbc, n_cutoffs;
    int32_t positions_dtype, cell_dtype;
    int64_t positions_stride;
    int32_t algorithm;
    bool all_or_nothing;
    bool lone; /* a cell list: its cell, flags and cutoff are checked even if it has no atoms */
    int n_threads, least_pieces;
    nbl__strips strips;
} nbl__input;

typedef struct nbl__member {
    double cutoff;
    double error;  /* of the plan */
    double images; /* of a block that is periodic: candidates of each of its atoms */
    int64_t bad;   /* the lowest atom that `status` speaks of */
    nbl_status status;
    enum nbl__path path;
    int32_t grid;    /* number of its nbl__binned; negative: none */
    int32_t lattice; /* number of its lattice; negative: open */
} nbl__member;

/* What a large system has beyond a small one. */
typedef struct nbl__binned {
    int64_t system;
    nbl__plan plan;
    nbl__grid grid;   /* cells only */
    nbl__slots slots; /* cells only */
} nbl__binned;

typedef struct nbl__set {
    bool built, all_or_nothing, lone;
    int64_t n_systems, n_atoms, n_failed, n_lattices, n_binned, n_chunks;
    double cutoff;         /* of all systems, unless they have cutoffs of their own: 0 then */
    bool masked;           /* rows of all systems are masks (nbl__set_is_masked), and none is empty or failed */
    int64_t n_known;       /* members 0 ... n_known - 1 are those of right open blocks with known_cutoff */
    double known_cutoff;   /* that of the last batch that told */
    int64_t *first;        /* [n_systems + 1] first atom of each system */
    nbl__member *members;  /* [n_systems] */
    nbl__wrapped *wrapped; /* [n_systems]: not of open blocks */
    nbl__lattice *lattices;
    double (*r)[3], (*p)[3];
    int32_t (*w)[3];
    nbl__binned *binned; /* [n_binned], by falling number of atoms */
    int64_t *chunks;     /* [n_chunks + 1]: systems whose blocks are one piece of work */
    nbl__buffer first_memory, member_memory, wrapped_memory, lattice_memory, r_memory, p_memory, w_memory,
        binned_memory, chunk_memory, work_memory;
} nbl__set;

/* The lowest system that was refused, and why. */
typedef struct nbl__refusal {
    int64_t system; /* negative: none */
    nbl_status status;
    nbl__fault fault;
} nbl__refusal;

/*
 * NBL_OK: built, but for the systems that *refusal speaks of; with all_or_nothing it is not built if there is
 * one. NBL_ENOMEM, NBL_ELIMIT with *fault.
 */
nbl_status nbl__set_build(nbl__set *set, const nbl__input *input, nbl__memory *memory, nbl__refusal *refusal,
                          nbl__fault *fault);

void nbl__set_free(nbl__set *set, nbl__memory *memory);

static inline int64_t nbl__set_atoms(const nbl__set *set, int64_t system)
{
    return set->first[system + 1] - set->first[system];
}

/* Whether rows of all atoms of a system are kept as masks: it is open, and small. */
static inline bool nbl__set_is_masked(const nbl__set *set, int64_t system)
{
    const nbl__member *member = &set->members[system];
    return member->path == NBL__PATH_BLOCK && member->lattice < 0 &&
           nbl__set_atoms(set, system) <= NBL__MASK_ATOMS;
}

/* Whether there is nothing wrong with any of n systems. */
static inline bool nbl__set_is_right(const int32_t *statuses, int64_t n)
{
    int32_t any = NBL_OK;
    for (int64_t s = 0; s < n; s++)
        any |= statuses[s];
    return any == NBL_OK;
}

static inline const double (*nbl__set_positions(const nbl__set *set, int64_t system))[3]
{
    return (const double(*)[3])(set->r + set->first[system]);
}

static inline const nbl__lattice *nbl__set_lattice(const nbl__set *set, int64_t system)
{
    const int32_t lattice = set->members[system].lattice;
    return lattice < 0 ? &nbl__lattice_open : &set->lattices[lattice];
}

#endif
