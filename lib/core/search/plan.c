/* SPDX-License-Identifier: MIT */
#include "search/plan.h"

#include <math.h>

/*
 * Bins per cutoff, by the number of atoms in a cube of one cutoff. The candidates of a block of bins are
 * gathered once for all its atoms, which costs about 2 ns for each column of bins and 0.8 ns for each atom in
 * it: wide bins share that among many atoms, narrow ones have fewer candidates per row. ns per atom of the
 * search, parts (slow, fast), AVX2 at 2.5 GHz:
 *
 *     atoms per cube      (1,1)   (1,2)   (1,4)   (2,2)   (2,4)
 *     2.7 (random)          219     280     226       -       -
 *     10.6 (copper, 5 A)    206     250     208     580     427
 *     10.8 (silicon, 6 A)   286     314     290       -       -
 *     21.6 (random)         556     490     500       -       -
 *     100 (random)         2490    2005    1830    1460    1450
 *
 * and AVX-512 (Zen 4), 10,000 random atoms:
 *
 *     atoms per cube      (2,2)   (3,3)   (4,4)   (5,5)
 *     173                   614     625     748     806
 *     274                   914     840     915    1043
 *     410                  1356    1196    1250    1314
 *     583                  1848    1679    1631    1726
 *     800                  2700    2295    2238    2272
 *     1560                 6345    4324    4033    4049
 *
 * The others agree within some per cent on where the best is.
 */
static const struct {
    double atoms;
    double slow, fast;
} parts[] = {
    {15.0, 1.0, 1.0}, {60.0, 1.0, 2.0}, {200.0, 2.0, 2.0}, {500.0, 3.0, 3.0}, {HUGE_VAL, 4.0, 4.0},
};

/* Bins per atom: beyond, empty bins cost more than they save, and memory grows without bound. */
static const double bins_per_atom = 4.0;
static const double least_bins = 1024.0;
static const double most_bins = 1e9; /* 32-bit bin numbers, with ghost bins */

/*
 * Up to so many atoms a block is faster than a grid, if its table holds the images. ns per atom of build,
 * search and fetch, block / grid, random atoms of density 0.1, rc 5, with AVX2 (Zen 1):
 *
 *     open         128 atoms   256         384         768
 *                  152 / 274   243 / 312   342 / 316   813 / 355
 *     periodic     32          96          128
 *                  580 / 1102  758 / 1152  832 / 621
 *
 * In plain C they cross at about the same places. The order of rows must not depend on the kernel, so neither
 * may the limits. With more images around hardly any atom, the formula, which makes no table of them, takes the
 * least memory.
 */
static const int64_t block_atoms_open = 256, block_atoms = 96, formula_atoms = 2;

void nbl__plan_steps(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int a, double distance,
                     double range[2])
{
    const double spread = wrapped->high[a] - wrapped->low[a], reach = distance / lattice->height[a];
    range[0] = lattice->pbc[a] ? ceil(-reach - spread) : 0.0;
    range[1] = lattice->pbc[a] ? floor(reach + spread) : 0.0;
}

double nbl__plan_images(const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n, double distance)
{
    double images = (double)n;
    for (int a = 0; a < 3; a++) {
        double range[2];
        nbl__plan_steps(lattice, wrapped, a, distance, range);
        images *= range[1] - range[0] + 1.0;
    }
    return images < HUGE_VAL ? images : HUGE_VAL;
}

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

static void choose_widths(nbl__plan *plan, const nbl__lattice *lattice, const nbl__wrapped *wrapped)
{
    int row = 0, fast = 2;
    while (!(plan->atoms < parts[row].atoms) && parts[row].atoms < HUGE_VAL)
        row++;
    for (int a = 1; a >= 0; a--)
        if (axis_length(lattice, wrapped, a) > axis_length(lattice, wrapped, fast))
            fast = a;
    for (int a = 0; a < 3; a++)
        plan->width[a] = plan->distance / (a == fast ? parts[row].fast : parts[row].slow);
}

static enum nbl__path choose_path(int64_t n, bool open, double table)
{
    if (open ? n <= block_atoms_open : n <= block_atoms && table <= NBL__BLOCK_IMAGES)
        return NBL__PATH_BLOCK;
    return !open && n <= formula_atoms ? NBL__PATH_FORMULA : NBL__PATH_CELLS;
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

    /* Shifts of stored images are 32-bit; the formula computes each pair's own and checks it. */
    const bool far = translation + 2.0 * (double)wrapped->w_max >= (double)INT32_MAX;
    const bool formula = !(plan->error <= 0.25 * cutoff) || far || n == 0;
    const double table = formula ? 0.0 : nbl__plan_images(lattice, wrapped, n, plan->distance);
    const bool open = !lattice->pbc[0] && !lattice->pbc[1] && !lattice->pbc[2];
    plan->path = NBL__PATH_CELLS;
    if (formula)
        plan->path = NBL__PATH_FORMULA;
    else if (algorithm == NBL_ALGORITHM_BRUTE)
        plan->path = table <= NBL__BLOCK_IMAGES ? NBL__PATH_BLOCK : NBL__PATH_FORMULA;
    else if (algorithm == NBL_ALGORITHM_AUTO)
        plan->path = choose_path(n, open, table);

    plan->atoms = atoms_per_cube(lattice, wrapped, n, plan->distance);
    choose_widths(plan, lattice, wrapped);
    plan->max_bins = fmin(least_bins + bins_per_atom * (double)n, most_bins);
}

bool nbl__plan_is_open_block(int64_t n, int32_t algorithm)
{
    return algorithm == NBL_ALGORITHM_AUTO ? n <= block_atoms_open
                                           : algorithm == NBL_ALGORITHM_BRUTE && n <= NBL__BLOCK_IMAGES;
}
