/* SPDX-License-Identifier: MIT */
/*
 * What follows from the elements of a system alone: their entropy, the cutoff of their radii, the mean of their
 * electronegativities. Invariant: independent of the order of the atoms, to the last bit.
 */
#ifndef NBL_METRICS_SPECIES_H
#define NBL_METRICS_SPECIES_H

#include <nblist/metrics.h>
#include <stdbool.h>

enum { NBL__NUMBERS = NBL_METRICS_MAX_NUMBER + 1 };

/* By atomic number; NaN where there is none. */
typedef struct nbl__elements {
    double radius[NBL__NUMBERS];
    double chi[NBL__NUMBERS];
} nbl__elements;

enum nbl__species_lack {
    NBL__LACK_NOTHING = 0,
    NBL__LACK_NUMBER, /* the atomic number is out of range */
    NBL__LACK_RADIUS,
    NBL__LACK_CHI
};

typedef struct nbl__species {
    double entropy;
    double cutoff;     /* 3 * median radius; NaN for no atoms or where not asked for */
    double chi_mean;   /* the rest 0 where not asked for */
    double chi_square; /* sum of (chi - mean)^2 */
    bool chi_equal;    /* all are the same */
    enum nbl__species_lack lack;
    int32_t lack_atom; /* the first atom that lacks it, in its system */
} nbl__species;

/* Scratch of one thread; `count` is zero between calls. */
typedef struct nbl__species_scratch {
    int32_t count[NBL__NUMBERS];
    int32_t found[NBL__NUMBERS];
} nbl__species_scratch;

/* The built-in values. */
void nbl__elements_default(nbl__elements *elements);

void nbl__species_of(nbl__species *species, const nbl__elements *elements, int64_t n, const int32_t *numbers,
                     bool need_radius, bool need_chi, nbl__species_scratch *scratch);

#endif
