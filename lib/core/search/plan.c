/* SPDX-License-Identifier: MIT */
#include "search/plan.h"

#include <math.h>

/*
 * Bins per cutoff, by the number of atoms in a cube of one cutoff. Narrow bins waste fewer candidates (27 bins
 * of one cutoff hold 6.4 times the sphere), but every column of bins around a centre costs a lookup and a
 * mispredicted branch, about 4 ns, against 1.5 ns per candidate. Along the fastest axis a column is one run
 * whatever its bins, so they are fine there. ns per atom of the portable search, parts (slow, fast):
 *
 *     atoms per cube      (1,1)   (1,8)   (2,2)   (2,8)   (3,12)
 *     2.7 (random)          305     245     271     267      478
 *     10.8 (silicon, 6 A)   561       -     378     338        -
 *     21.6 (random)        1248     936     801     668      776
 *     100 (random)         6953    4460    3501    2678     2281
 */
static const struct {
    double atoms;
    double slow, fast;
} parts[] = {
    {3.0, 1.0, 8.0},
    {50.0, 2.0, 8.0},
    {HUGE_VAL, 3.0, 12.0},
};

/* Bins per atom: beyond, empty bins cost more than they save, and memory grows without bound. */
static const double bins_per_atom = 4.0;
static const double least_bins = 1024.0;
static const double most_bins = 1e9; /* 32-bit bin numbers, with ghost bins */

/*
 * Up to so many atoms brute force is faster than a grid: microseconds for build, search and fetch, brute force
 * against cells, of open systems (random, density 0.1, rc 5): 3 atoms 0.6 / 0.9, 9 atoms 1.1 / 1.7, 21 atoms
 * 2.9 / 4.3, 60 atoms 14 / 17, 100 atoms 32 / 31; of periodic cells: 1 atom with 42 images 2.5 / 6.2, with
 * 1,204 images 28 / 62; 2 atoms 4.3 / 5.6, 9 atoms 22 / 16.
 */
static const int64_t brute_atoms_open = 80, brute_atoms_periodic = 2;

static double axis_length(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int a)
{
    return lattice->pbc[a] ? lattice->height[a] : wrapped->high[a] - wrapped->low[a];
}

/* Atoms in a cube of one cutoff, as if they were spread evenly. */
static double atoms_per_cube(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n, double cutoff)
{
    double cubes = 1.0;
    for (int a = 0; a < 3; a++) {
        double length = axis_length(lattice, wrapped, a) / cutoff;
        cubes *= lattice->pbc[a] || length > 1.0 ? length : 1.0;
    }
    return (double)n / cubes;
}

static void choose_widths(nbl__plan *plan, const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n)
{
    double atoms = atoms_per_cube(lattice, wrapped, n, plan->distance);
    int row = 0, fast = 2;
    while (!(atoms < parts[row].atoms) && parts[row].atoms < HUGE_VAL)
        row++;
    for (int a = 1; a >= 0; a--)
        if (axis_length(lattice, wrapped, a) > axis_length(lattice, wrapped, fast))
            fast = a;
    for (int a = 0; a < 3; a++)
        plan->width[a] = plan->distance / (a == fast ? parts[row].fast : parts[row].slow);
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
    const bool periodic = lattice->pbc[0] || lattice->pbc[1] || lattice->pbc[2];
    if (algorithm == NBL_ALGORITHM_AUTO && n <= (periodic ? brute_atoms_periodic : brute_atoms_open))
        plan->brute = true;

    choose_widths(plan, lattice, wrapped, n);
    plan->max_bins = fmin(least_bins + bins_per_atom * (double)n, most_bins);
}
