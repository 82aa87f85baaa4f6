/* SPDX-License-Identifier: MIT */
#include "bin/grid.h"

#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/sort.h"

/* Bin numbers carry a rounding error of about 2^36 / 2^53 of a bin, well inside `slack`. */
static const double max_axis_bins = 68719476736.0; /* 2^36 */
static const double slack = 2e-3;                  /* of a bin */

/* Times the limit of bins from which on cutting gaps out is tried before bins are widened. */
static const double sparse = 8.0;

/* One axis under consideration, before gaps are cut out. */
typedef struct axis {
    double length; /* of the cell or of the atoms' extent, perpendicular */
    double bins;
    double width;
    int32_t reach;
    bool periodic;
} axis;

static void divide(axis *x, double wanted, double distance)
{
    double bins = floor(x->length / (wanted * (1.0 + 2.0 * slack)));
    bins = bins > max_axis_bins ? max_axis_bins : bins;
    x->bins = bins >= 1.0 ? bins : 1.0;
    x->width = x->length / x->bins;
    if (!x->periodic && x->width < wanted)
        x->width = wanted;
    double reach = ceil(distance / x->width + slack);
    if (!x->periodic && reach > x->bins - 1.0)
        reach = x->bins - 1.0;
    x->reach = reach < 1e9 ? (int32_t)reach : 1000000000;
}

/* The cube root, made of operations that are the same to the bit everywhere: x = (x r)^(1/4), from 1. */
static double cube_root(double r)
{
    double x = 1.0;
    for (int k = 0; k < 40; k++)
        x = sqrt(sqrt(r * x));
    return x;
}

/* Wider bins until they are few enough; axes of one bin cannot give, so more than one round may be needed. */
static void widen(axis x[3], const double width[3], double distance, double max_bins, double *total)
{
    for (double factor = 1.0; *total > max_bins && *total > 1.0;) {
        factor *= fmax(cube_root(*total / max_bins), 1.05);
        *total = 1.0;
        for (int a = 0; a < 3; a++) {
            divide(&x[a], width[a] * factor, distance);
            *total *= x[a].bins;
        }
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int64_t raw_bin(const nbl__grid *grid, int a, double u)
{
    double t = (u - grid->origin[a]) * grid->scale[a];
    t = t > 0.0 ? t : 0.0;
    return (int64_t)(t < grid->last[a] ? t : grid->last[a]);
}

/*
 * Cuts gaps longer than the reach out of axis a. sorted: the atoms' coordinates. Returns the bins that
 * remain (as a double: it may be many) and writes the islands.
 */
static double cut_gaps(const nbl__grid *grid, int a, const axis *x, const double *sorted, int64_t n,
                       nbl__island *islands, int32_t *n_islands)
{
    double shortest = (double)x->reach + 1.0, removed = 0.0;
    int64_t first = raw_bin(grid, a, sorted[0]), previous = first;
    int32_t count = 0;
    islands[count++] = (nbl__island){first, 0};
    for (int64_t i = 1; i < n; i++) {
        int64_t bin = raw_bin(grid, a, sorted[i]);
        double gap = (double)(bin - previous) - 1.0;
        if (gap > shortest) {
            removed += gap - shortest;
            double at = (double)(bin - first) - removed;
            islands[count++] = (nbl__island){bin, at < 2e9 ? (int32_t)at : 2000000000};
        }
        previous = bin;
    }
    *n_islands = count;
    double left = (double)(previous - first) - removed + 1.0;
    if (x->periodic) {
        double gap = x->bins - (double)(previous - first) - 1.0;
        left += gap < shortest ? gap : shortest;
    }
    return left;
}

static void set_scale(nbl__grid *grid, int a, const axis *x, const nbl__lattice *lattice,
                      const nbl__wrapped *wrapped)
{
    grid->origin[a] = x->periodic ? 0.0 : wrapped->low[a];
    grid->scale[a] = x->periodic ? x->bins : 1.0 / x->width;
    grid->last[a] = x->bins - 1.0;
    grid->reach[a] = x->reach;
    for (int k = 0; k < 3; k++)
        grid->edge[a][k] = lattice->r[a][k] * (x->periodic ? 1.0 / x->bins : x->width);
}

/* Wider and wider bins until the bins between the gaps are few enough. */
static nbl_status init_sparse(nbl__grid *grid, axis x[3], const nbl__lattice *lattice,
                              const nbl__wrapped *wrapped, int64_t n, double distance, const double width[3],
                              double max_bins, nbl__memory *memory, nbl__fault *fault)
{
    size_t of_doubles = nbl__size_of_count((uint64_t)n, 4 * sizeof(double));
    size_t of_islands = nbl__size_of_count((uint64_t)n, 3 * sizeof(nbl__island));
    nbl_status status =
        nbl__buffer_reserve(memory, &grid->island_memory, nbl__size_add(of_islands, of_doubles), fault);
    if (status != NBL_OK)
        return status;
    nbl__island *islands = grid->island_memory.data;
    double *sorted = (double *)(void *)(islands + 3 * n);
    for (int a = 0; a < 3; a++) {
        for (int64_t i = 0; i < n; i++)
            sorted[a * n + i] = nbl__dot(lattice->g[a], wrapped->p[i]);
        nbl__sort(sorted + a * n, (size_t)n, sizeof *sorted, compare_doubles, sorted + 3 * n);
    }
    for (double factor = 1.0;; factor *= 1.5) {
        double total = 1.0, bins[3];
        for (int a = 0; a < 3; a++) {
            divide(&x[a], width[a] * factor, distance);
            set_scale(grid, a, &x[a], lattice, wrapped);
            bins[a] = cut_gaps(grid, a, &x[a], sorted + a * n, n, islands + a * n, &grid->n_islands[a]);
            total *= bins[a];
        }
        if (!(total <= max_bins) && x[0].bins * x[1].bins * x[2].bins > 1.0)
            continue;
        for (int a = 0; a < 3; a++) {
            grid->n[a] = (int32_t)bins[a];
            grid->islands[a] = islands + a * n;
        }
        return NBL_OK;
    }
}

int32_t nbl__grid_island_bin(const nbl__grid *grid, int a, int64_t bin)
{
    const nbl__island *islands = grid->islands[a];
    int32_t low = 0, high = grid->n_islands[a];
    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;
        if (islands[middle].first <= bin)
            low = middle;
        else
            high = middle;
    }
    return islands[low].at + (int32_t)(bin - islands[low].first);
}

int64_t nbl__grid_stretch(const nbl__grid *grid, int a, int32_t bin)
{
    const nbl__island *islands = grid->islands[a];
    int64_t next = grid->n[a];
    int32_t low = 0, high = islands ? grid->n_islands[a] : 0;
    if (!islands)
        return next - bin;
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (islands[middle].at <= bin)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < grid->n_islands[a])
        next = islands[low].at;
    const int64_t stretch = next - grid->reach[a] - bin;
    return stretch > 1 ? stretch : 1;
}

/* The longest axis runs fastest: neighbours along it are contiguous, and there are fewest rows. */
static nbl_status lay_out(nbl__grid *grid, nbl__fault *fault)
{
    for (int a = 0; a < 3; a++)
        grid->order[a] = a;
    for (int a = 0; a < 2; a++)
        if (grid->n[grid->order[a]] > grid->n[grid->order[2]]) {
            int swap = grid->order[a];
            grid->order[a] = grid->order[2];
            grid->order[2] = swap;
        }
    double total = 1.0;
    for (int a = 0; a < 3; a++)
        total *= (double)grid->n[a] + 2.0 * (double)grid->reach[a];
    if (!(total < 2147483647.0)) {
        fault->what = NBL__FAULT_BYTES;
        fault->need = total < 1e18 ? (uint64_t)total * 4u : UINT64_MAX;
        fault->limit = 0;
        return NBL_ENOMEM;
    }
    grid->n_padded = 1;
    for (int o = 2; o >= 0; o--) {
        int a = grid->order[o];
        grid->padded[a] = grid->n[a] + 2 * grid->reach[a];
        grid->stride[a] = grid->n_padded;
        grid->n_padded *= grid->padded[a];
    }
    return NBL_OK;
}

nbl_status nbl__grid_init(nbl__grid *grid, const nbl__lattice *lattice, const nbl__wrapped *wrapped, int64_t n,
                          double distance, const double width[3], double max_bins, nbl__memory *memory,
                          nbl__fault *fault)
{
    axis x[3];
    double total = 1.0;
    for (int a = 0; a < 3; a++) {
        x[a].periodic = lattice->pbc[a];
        x[a].length = x[a].periodic ? lattice->height[a] : wrapped->high[a] - wrapped->low[a];
        divide(&x[a], width[a], distance);
        total *= x[a].bins;
        grid->islands[a] = NULL;
    }
    /* A little too many bins: wider ones. Far too many: the atoms fill little of the space. */
    if (total > sparse * max_bins) {
        nbl_status status = init_sparse(grid, x, lattice, wrapped, n, distance, width, max_bins, memory, fault);
        if (status != NBL_OK)
            return status;
    } else {
        widen(x, width, distance, max_bins, &total);
        for (int a = 0; a < 3; a++) {
            set_scale(grid, a, &x[a], lattice, wrapped);
            grid->n[a] = (int32_t)x[a].bins;
        }
    }
    return lay_out(grid, fault);
}

void nbl__grid_free(nbl__grid *grid, nbl__memory *memory)
{
    nbl__buffer_free(memory, &grid->island_memory);
    memset(grid, 0, sizeof *grid);
}
