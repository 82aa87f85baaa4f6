/* SPDX-License-Identifier: MIT */
/*
 * The cutoffs of one system in ascending order, each with the exact limit of d2 and the list that it makes.
 * Invariant: a pair that is within one level is within all above it; of equal cutoffs the one that the caller
 * named first is the lower.
 */
#ifndef NBL_SEARCH_LEVELS_H
#define NBL_SEARCH_LEVELS_H

#include <stdbool.h>
#include <stdint.h>

#include "search/kernel.h"

typedef struct nbl__level {
    double cutoff;
    double limit; /* nbl__exact_limit() */
    int32_t list;
} nbl__level;

/* levels: room for n */
void nbl__levels_make(nbl__level *levels, const double *cutoffs, int32_t n, bool inclusive);

/*
 * The first of the `end` lowest levels whose rows are made together with those of the highest of them, where
 * `atoms` lie in a cube of edge `distance`.
 */
int32_t nbl__levels_together(const nbl__level *levels, int32_t end, double atoms, double distance,
                             const nbl__apart *apart);

/* How many such parts n levels with this highest one can have at most. */
int32_t nbl__levels_most_parts(const nbl__level *levels, int32_t n, double atoms, double distance,
                               const nbl__apart *apart);

/* How a filter sees distances: in units of `unit`, from coordinates that carry `error`, and in those units
 * `blur`. */
typedef struct nbl__focus {
    double unit, error, blur;
} nbl__focus;

/* Of coordinates within `most` of the origin. */
nbl__focus nbl__focus_make(double unit, double error, double most);

/* Of slots: whole numbers of steps. */
nbl__focus nbl__focus_steps(double step, double error);

/* The band of a level: what the filter leaves open there is decided by the formula. */
nbl__band nbl__level_band(const nbl__level *level, const nbl__focus *focus);

#endif
