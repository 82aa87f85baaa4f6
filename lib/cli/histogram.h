/* SPDX-License-Identifier: MIT */
/*
 * What the pairs of one frame, and of all frames together, look like: neighbours per atom, the shortest
 * distance, pairs per distance shell. Counts each pair in both directions whatever the list kind, so that a
 * half list shows the same numbers as a full one. Knows nothing of drawing.
 */
#ifndef NBL_CLI_HISTOGRAM_H
#define NBL_CLI_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Divisible by the bin counts in use; a terminal of any width gets bins that differ by one shell at most. */
#define CLI_N_SHELLS 7200

struct nbl__cli_list;

struct nbl__cli_histogram {
    double cutoff;
    int64_t n_frames, n_atoms, n_pairs;
    double norm;           /* sum over the frames of atoms times number density */
    bool open;             /* a frame has an open axis, thus no density: counts are shown instead */
    int64_t *coordination; /* [n_coordination]: atoms with k neighbours */
    size_t n_coordination;
    int64_t shells[CLI_N_SHELLS]; /* ordered pairs by distance */
};

struct nbl__cli_stats {
    int64_t n_atoms, n_pairs;
    int64_t n_neighbours, min, max; /* sum, smallest, largest over the atoms */
    double shortest;                /* identities left out; infinite where there is no pair */
};

/*
 * Summary of one list; adds its pairs to `histogram` unless that is NULL. neighbours: [n_atoms], out: those of
 * each atom; identities count.
 */
void nbl__cli_stats_compute(struct nbl__cli_stats *stats, const struct nbl__cli_list *list, int64_t *neighbours,
                            struct nbl__cli_histogram *histogram);

/* A frame whose pairs were added: neighbours of each atom, and the cell for its density. */
struct nbl__cli_histogram_frame {
    int64_t n_atoms, n_pairs;
    const int64_t *neighbours; /* [n_atoms] */
    const double *cell;        /* [3][3], or NULL */
    const uint8_t *pbc;        /* [3] */
};

/* Counts a frame. False: out of memory. */
bool nbl__cli_histogram_add_frame(struct nbl__cli_histogram *histogram,
                                  const struct nbl__cli_histogram_frame *frame);

/* The radial curve in n_bins equal bins: g(r), or, with open axes, pairs per bin; each pair counts once. */
void nbl__cli_histogram_radial(const struct nbl__cli_histogram *histogram, int n_bins, double *values);

/* Coordination numbers in at most max_groups groups of equal width. */
struct nbl__cli_groups {
    int64_t first; /* coordination number that the first group starts with */
    int64_t width;
    int n;
    int64_t atoms[64];
    int64_t largest; /* entry */
};

void nbl__cli_histogram_groups(const struct nbl__cli_histogram *histogram, int max_groups,
                               struct nbl__cli_groups *groups);

/* A step of 1, 2 or 5 times a power of ten that divides `range` into at most `most` parts. */
double nbl__cli_nice_step(double range, int most);

void nbl__cli_histogram_free(struct nbl__cli_histogram *histogram);

#endif
