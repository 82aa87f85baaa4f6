/* SPDX-License-Identifier: MIT */
#include "search/plan.h"

#include <math.h>

/*
 * Bin widths as a fraction of the cutoff. Narrow bins waste fewer candidates (27 bins of one cutoff hold 6.4
 * times the sphere, 5 x 5 columns of half a cutoff, cut to the sphere, about 3) but cost one lookup per
 * column and bin. With fewer than about `dense` atoms in a cube of one cutoff the lookups win.
 */
static const double dense = 6.0;

/* Bins per atom: beyond, empty bins cost more than they save, and memory grows without bound. */
static const double bins_per_atom = 4.0;
static const double least_bins = 1024.0;
static const double most_bins = 1e9; /* 32-bit bin numbers, with ghost bins */

/*
 * Brute force below this many (atoms x candidates of one atom): about 5 ns each, against the fixed cost of a
 * grid of some microseconds.
 */
static const double brute_candidates = 600.0;

/* Candidates that brute force looks at, all atoms together. */
static double brute_cost(const nbl__lattice *lattice, int64_t n, double cutoff)
{
    double images = 1.0;
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a])
            images *= 2.0 * cutoff / lattice->height[a] + 1.0;
    return (double)n * (double)n * images;
}

/* Atoms in a cube of one cutoff, as if they were spread evenly. */
static double atoms_per_cube(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n, double cutoff)
{
    double cubes = 1.0;
    for (int a = 0; a < 3; a++) {
        double length = lattice->pbc[a] ? lattice->height[a] : wrapped->high[a] - wrapped->low[a];
        cubes *= lattice->pbc[a] ? length / cutoff : fmax(length / cutoff, 1.0);
    }
    return (double)n / cubes;
}

void nbl__plan_make(nbl__plan *plan, const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n,
                    double cutoff, int32_t algorithm)
{
    double images[3], translation = 0.0;
    for (int a = 0; a < 3; a++) {
        images[a] = lattice->pbc[a] ? 3.0 * cutoff / lattice->height[a] + 2.0 : 0.0;
        for (int b = 0; b < 3; b++)
            translation = fmax(translation, fabs((double)lattice->m[a][b]) * images[a] * 3.0);
    }
    plan->error = n > 0 ? nbl__wrap_error(lattice, wrapped, images) : 0.0;
    plan->distance = cutoff + 3.0 * plan->error;

    /* Shifts of stored images are 32-bit; brute force computes each pair's own and checks it. */
    bool far = translation + 2.0 * (double)wrapped->w_max >= (double)INT32_MAX;
    plan->brute = !(plan->error <= 0.25 * cutoff) || far || n == 0;
    if (algorithm == NBL_ALGORITHM_BRUTE)
        plan->brute = true;
    if (algorithm == NBL_ALGORITHM_AUTO && brute_cost(lattice, n, cutoff) <= brute_candidates)
        plan->brute = true;

    double parts = atoms_per_cube(lattice, wrapped, n, cutoff) >= dense ? 2.0 : 1.0;
    for (int a = 0; a < 3; a++)
        plan->width[a] = plan->distance / parts;
    plan->max_bins = fmin(least_bins + bins_per_atom * (double)n, most_bins);
}
