/* SPDX-License-Identifier: MIT */
/*
 * One call from its first stage to its last, and the handle that keeps the memory for it:
 *
 *     elements -> order -> build -> frames -> rows (the traversal) -> averages -> values
 *
 * Invariant: whatever two threads add up is an integer; whatever is real is stored per atom and summed per
 * system by one thread. That is why no result depends on threads.
 */
#ifndef NBL_METRICS_RUN_H
#define NBL_METRICS_RUN_H

#include "metrics/angles.h"
#include "metrics/edges.h"
#include "metrics/graph.h"
#include "metrics/histogram.h"
#include "metrics/reorder.h"
#include "metrics/row.h"
#include "metrics/species.h"
#include "metrics/steinhardt.h"

/* Real values of atoms that means are taken over. */
enum nbl__column {
    NBL__COLUMN_Q4,
    NBL__COLUMN_Q6,
    NBL__COLUMN_Q8,
    NBL__COLUMN_CLUSTERING,
    NBL__COLUMN_ANGLES,
    NBL__COLUMN_RADIAL,
    NBL__COLUMN_ANISOTROPY,
    NBL__COLUMN_POLAR,
    NBL__COLUMN_CHI,         /* mean of |chi_i - chi_j| over the edges */
    NBL__COLUMN_CHI_SQUARES, /* sum of the squares of what they are beside it */
    NBL__COLUMN_MORAN,       /* sum of delta_i delta_j */
    NBL__COLUMNS
};

/* One system on its way. */
typedef struct nbl__system {
    nbl__species species;
    double volume; /* of the atoms' density; 0: none */
    double shape;
    bool bad_cutoff;   /* the caller's, of a system without atoms: the core does not look at it */
    bool plain;        /* stays in the caller's order: metrics/reorder.h */
    atomic_llong rows; /* that were visited */
} nbl__system;

/* What one thread has: a part of fixed size, and a part that grows with the longest row. */
typedef struct nbl__scratch {
    nbl__buffer fixed, grown;
    int32_t room; /* edges of a row */
    nbl__species_scratch *species;
    uint32_t *polar;     /* [n_bins] */
    uint64_t *histogram; /* [n_bins], zero between blocks */
    double *g;           /* [n_bins] */
    double *sums;        /* [NBL__HARMONICS_WIDTH] */
    double *x, *y, *z, *d, *ux, *uy, *uz;
    int32_t *j, *shifts, *bins;
} nbl__scratch;

typedef struct nbl__run {
    nbl__request request;
    nbl_batch_input input; /* of a single system as well */
    const int64_t *first;  /* [n_systems + 1] */
    const int32_t *numbers;
    const nbl__elements *elements;
    bool single;
    bool avx2;
    int32_t n_threads; /* wanted */
    int team;          /* at most */
    double *cutoffs;   /* [n_systems] */
    int32_t *statuses; /* [n_systems] */
    nbl__system *systems;
    nbl__frame *frames;
    const double *r; /* [n_atoms][3] */
    double *copy;    /* the same, where it is not the caller's */
    /* What belongs to one atom lies together: atoms of neighbouring rows may be far apart in the caller's
       order. Column c of atom a is columns[c][a * strides[c]]; NULL where it is not wanted. */
    double *columns[NBL__COLUMNS];
    int64_t strides[NBL__COLUMNS];
    int32_t *degree, *coordination, *component;
    uint8_t *ring;
    int64_t *first_edge; /* [n_atoms] */
    double *moments;     /* [n_atoms][moments_width]: means of q_lm */
    int32_t moments_width;
    uint64_t *histogram;    /* [n_systems][n_bins]: every edge twice */
    nbl__graph_node *nodes; /* [n_atoms] of the search of the graph */
    int32_t *reached;       /* [n_atoms] when, in it */
    nbl__scratch *scratch;  /* [team] */
} nbl__run;

static inline double *nbl__column(const nbl__run *run, enum nbl__column column, int64_t atom)
{
    return run->columns[column] + atom * run->strides[column];
}

struct nbl_metrics {
    nbl__memory memory;
    int32_t n_threads;
    bool avx2;
    char message[NBL__MESSAGE_BYTES];
    nbl_cell_list *list;
    nbl_batch *batch;
    nbl_result *result;
    nbl__elements defaults, elements;
    nbl__logs logs;
    nbl__wigner wigner;
    nbl__harmonics harmonics;
    nbl__angle_bins bond_angles, polar_angles;
    double bond_edges[NBL_METRICS_ANGLE_BINS + 1];
    int32_t n_polar; /* bins that polar_angles has; 0: none yet */
    nbl__buffer polar_edges, scratch, first, systems, atoms;
    int n_scratch; /* threads that have ever had scratch */
    nbl__edges edges;
    nbl__reorder reorder;
    nbl__run run;
    atomic_int failed; /* status of the first failure inside a visitor */
    nbl__fault fault;
    nbl__lock lock;
};

/* Calls work(metrics, begin, end, scratch) for parts of 0 ... n - 1, by several threads where that pays. */
typedef void nbl__part(nbl_metrics *metrics, int64_t begin, int64_t end, nbl__scratch *scratch);
void nbl__run_parts(nbl_metrics *metrics, int64_t n, int64_t atoms, nbl__part *part);

/* The system that an atom belongs to, where a part of the atoms begins. */
int64_t nbl__run_system_of(const nbl__run *run, int64_t atom);

/* Room for rows of up to k edges in the scratch of a thread. */
nbl_status nbl__scratch_grow(nbl_metrics *metrics, nbl__scratch *scratch, int32_t k, nbl__fault *fault);

/*
 * Arrays of systems, with the scratch of fixed size; then, once it is known that systems have no fault of their
 * own, those of atoms.
 */
nbl_status nbl__run_reserve_systems(nbl_metrics *metrics, nbl__fault *fault);
nbl_status nbl__run_reserve_atoms(nbl_metrics *metrics, nbl__fault *fault);

/* Every thread gets as much room as the one that needed most: what comes next may be any thread's. */
nbl_status nbl__run_even_out(nbl_metrics *metrics, nbl__fault *fault);
void nbl__run_free(nbl_metrics *metrics);

/* The stages. */
nbl__part nbl__run_elements, nbl__run_copy, nbl__run_frames, nbl__run_averages, nbl__run_values;
nbl_visitor nbl__run_rows;

/* The caller's positions as packed doubles: in place where they are that already, else run.r is to be filled.
 */
bool nbl__run_in_place(const nbl_metrics *metrics);

/* NaN and 0 for a system that was refused. */
void nbl__run_blank(nbl_metrics *metrics, int64_t system);

#endif
