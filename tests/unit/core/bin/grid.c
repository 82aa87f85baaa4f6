/* SPDX-License-Identifier: MIT */
#include "bin/grid.h"

#include <math.h>

#include "check.h"
#include "scale.h"
#include "world.h"

static const double no_limit = 1e9;

static nbl_status make_grid(struct world *world, double distance, double wanted, double max_bins)
{
    const double width[3] = {wanted, wanted, wanted};
    return nbl__grid_init(&world->grid, &world->lattice, &world->wrapped, world->n, distance, width, max_bins,
                          &world->memory.memory, &world->fault);
}

static int64_t bin_of(const struct world *world, int64_t i, int a)
{
    return nbl__grid_bin(&world->grid, a, nbl__dot(world->lattice.g[a], world->p[i]));
}

static void check_layout(const struct world *world, double max_bins)
{
    const nbl__grid *grid = &world->grid;
    int64_t padded = 1, stride = 1;
    double bins = 1.0;
    bool seen[3] = {false, false, false};
    for (int o = 2; o >= 0; o--) {
        int a = grid->order[o];
        assert_true(a >= 0 && a < 3 && !seen[a]);
        seen[a] = true;
        assert_true(grid->n[a] >= 1 && grid->reach[a] >= 0);
        check_int(grid->padded[a], grid->n[a] + 2 * grid->reach[a]);
        check_int(grid->stride[a], stride);
        stride *= grid->padded[a];
        padded *= grid->padded[a];
        bins *= grid->n[a];
        assert_true(grid->n[a] <= grid->n[grid->order[2]]);
    }
    check_int(grid->n_padded, padded);
    assert_true(bins <= max_bins);
    for (int64_t i = 0; i < world->n; i++)
        for (int a = 0; a < 3; a++)
            assert_true(bin_of(world, i, a) >= 0 && bin_of(world, i, a) < grid->n[a]);
}

/* Whatever lies within the distance, through whatever image, lies within the reach on every axis. */
static void check_reach(const struct world *world, double distance, uint64_t seed)
{
    const nbl__lattice *lattice = &world->lattice;
    int most[3];
    for (int a = 0; a < 3; a++)
        most[a] = lattice->pbc[a] ? (int)fmin(distance / lattice->height[a], 6.0) + 1 : 0;
    for (int64_t i = 0; i < world->n; i++)
        for (int64_t j = 0; j < world->n; j++)
            for (int m0 = -most[0]; m0 <= most[0]; m0++)
                for (int m1 = -most[1]; m1 <= most[1]; m1++)
                    for (int m2 = -most[2]; m2 <= most[2]; m2++) {
                        const int m[3] = {m0, m1, m2};
                        double d[3];
                        for (int k = 0; k < 3; k++) {
                            d[k] = world->p[j][k] - world->p[i][k];
                            for (int a = 0; a < 3; a++)
                                d[k] += m[a] * (lattice->pbc[a] ? lattice->r[a][k] : 0.0);
                        }
                        if (!(nbl__dot(d, d) <= distance * distance))
                            continue;
                        for (int a = 0; a < 3; a++) {
                            int64_t bins = bin_of(world, j, a) - bin_of(world, i, a);
                            bins += (int64_t)m[a] * world->grid.n[a];
                            if (bins > world->grid.reach[a] || bins < -world->grid.reach[a])
                                fail_msg(
                                    "seed %llu: atoms %lld and %lld are %lld bins apart on axis %d, reach %d",
                                    (unsigned long long)seed, (long long)i, (long long)j, (long long)bins, a,
                                    (int)world->grid.reach[a]);
                        }
                    }
}

static void close_points_are_within_reach(void **state)
{
    (void)state;
    int64_t n = scale_count(3000, 150);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, 40);
        check_int(world_wrap(&world), NBL_OK);
        double distance = world.rc, wanted = distance / (double)random_int(&g, 1, 3);
        double max_bins = random_chance(&g, 2) ? no_limit : 16.0 + 4.0 * (double)world.n;
        check_int(make_grid(&world, distance, wanted, max_bins), NBL_OK);
        check_layout(&world, max_bins);
        check_reach(&world, distance, seed);
        check_int(world_close(&world), 0);
    }
}

/* Atoms a hair to either side of where bins of the wanted width could meet, and of the box. */
static void check_borders(bool periodic, int parts, int cells, double stretch)
{
    struct world world;
    world_open(&world);
    double wanted = 1.0 / parts, length = cells * wanted * stretch;
    world.pbc[0] = periodic;
    world.h[0][0] = length;
    for (int b = 0; b <= cells && world.n < WORLD_ATOMS - 5; b++) {
        double border = length * b / cells;
        const double near[] = {border, nextafter(border, -1.0), nextafter(border, 99.0), border - 1e-12,
                               border + 1e-12};
        for (int k = 0; k < 5; k++)
            world.r[world.n++][0] = near[k];
    }
    check_int(world_wrap(&world), NBL_OK);
    check_int(make_grid(&world, 1.0, wanted, no_limit), NBL_OK);
    check_layout(&world, no_limit);
    check_reach(&world, 1.0, (uint64_t)cells);
    check_int(world_close(&world), 0);
}

static void points_on_the_borders_of_bins(void **state)
{
    (void)state;
    const double stretches[] = {1.0, 1.0 + 1e-15, 1.0 - 1e-15, 1.004, 1.01};
    for (int parts = 1; parts <= 12; parts++)
        for (int cells = 1; cells <= 24; cells++)
            for (size_t s = 0; s < sizeof stretches / sizeof *stretches; s++) {
                check_borders(true, parts, cells, stretches[s]);
                check_borders(false, parts, cells, stretches[s]);
            }
}

/*
 * Bins from that of an atom on, and those within reach of them: all atoms there are as far from it as their
 * bins say, since no gap has been cut out between. The stretch goes on as far as that, if there is an atom
 * behind.
 */
static void check_stretches(const struct world *world, uint64_t seed)
{
    const nbl__grid *grid = &world->grid;
    for (int a = 0; a < 3; a++)
        for (int64_t i = 0; i < world->n; i++) {
            const double u = nbl__dot(world->lattice.g[a], world->p[i]);
            const int32_t bin = nbl__grid_bin(grid, a, u);
            const int64_t stretch = nbl__grid_stretch(grid, a, bin);
            assert_true(stretch >= 1 && (grid->islands[a] || stretch == grid->n[a] - bin));
            for (int64_t j = 0; j < world->n; j++) {
                const double v = nbl__dot(world->lattice.g[a], world->p[j]);
                const int32_t other = nbl__grid_bin(grid, a, v);
                const bool inside = other >= bin && other < bin + stretch + grid->reach[a];
                if (inside && !(fabs((v - u) * grid->scale[a]) < (double)(other - bin) + 1.01))
                    fail_msg("seed %llu: a gap between bins %d and %d of axis %d", (unsigned long long)seed,
                             (int)bin, (int)other, a);
            }
        }
}

/* Clusters with long gaps between them, on open and on periodic axes, also across the border of the cell. */
static void islands_keep_their_neighbours(void **state)
{
    (void)state;
    int64_t n = scale_count(1500, 100);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed + 999);
        world_open(&world);
        world.n = random_int(&g, 2, 60);
        double size = random_log(&g, 50.0, 1e7);
        for (int a = 0; a < 3; a++)
            world.pbc[a] = random_chance(&g, 2) ? 1 : 0;
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                world.h[a][k] = world.pbc[a] ? size * ((a == k) + random_range(&g, -0.3, 0.3)) : 0.0;
        for (int64_t i = 0; i < world.n; i++) {
            int64_t island = random_int(&g, 0, 3);
            for (int k = 0; k < 3; k++)
                world.r[i][k] = random_range(&g, -2.0, 2.0) + (double)(island * (k + island) % 4) * size / 4.0;
        }
        check_int(world_wrap(&world), NBL_OK);
        double distance = random_range(&g, 0.5, 3.0), max_bins = 64.0 + 4.0 * (double)world.n;
        check_int(make_grid(&world, distance, distance / 2.0, max_bins), NBL_OK);
        check_layout(&world, max_bins);
        check_reach(&world, distance, seed);
        check_stretches(&world, seed);
        check_int(world_close(&world), 0);
    }
}

static void gaps_do_not_cost_bins_of_their_own_width(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 400;
    struct random g;
    random_seed(&g, 4);
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, 0.0, 6.0) + (i < 200 ? 0.0 : 1e9);
    check_int(world_wrap(&world), NBL_OK);
    check_int(make_grid(&world, 1.0, 0.5, 16384.0), NBL_OK);
    check_layout(&world, 16384.0);
    check_reach(&world, 1.0, 0);
    /* Inside the droplets bins are still about as narrow as they were wanted. */
    for (int a = 0; a < 3; a++)
        assert_true(sqrt(nbl__dot(world.grid.edge[a], world.grid.edge[a])) < 1.0);
    check_int(world_close(&world), 0);
}

static void two_atoms_as_far_apart_as_can_be(void **state)
{
    (void)state;
    const double distances[] = {1e-100, 1e-3, 1.0, 1e100};
    const double places[] = {1e-99, 1e9, 1e100};
    for (size_t d = 0; d < sizeof distances / sizeof *distances; d++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
            struct world world;
            world_open(&world);
            world.n = 3;
            for (int k = 0; k < 3; k++) {
                world.r[1][k] = places[p];
                world.r[2][k] = -places[p];
            }
            check_int(world_wrap(&world), NBL_OK);
            check_int(make_grid(&world, distances[d], distances[d] / 2.0, 64.0), NBL_OK);
            check_layout(&world, 64.0);
            check_reach(&world, distances[d], d);
            check_int(world_close(&world), 0);
        }
}

static void coincident_atoms_share_one_bin(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 100;
    for (int64_t i = 0; i < world.n; i++)
        world.r[i][1] = 77.0;
    check_int(world_wrap(&world), NBL_OK);
    check_int(make_grid(&world, 2.0, 1.0, 400.0), NBL_OK);
    for (int a = 0; a < 3; a++) {
        check_int(world.grid.n[a], 1);
        check_int(world.grid.reach[a], 0);
    }
    check_int(world_close(&world), 0);
}

/* The step from bin to bin, as a vector: bins of an axis times that step make the cell. */
static void bins_divide_the_cell(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 6);
    for (int trial = 0; trial < 200; trial++) {
        struct world world;
        world_open(&world);
        world.n = 1;
        for (int a = 0; a < 3; a++)
            world.pbc[a] = 1;
        world_random_cell(&g, world.pbc, world.h);
        check_int(world_wrap(&world), NBL_OK);
        double wanted = random_range(&g, 0.2, 2.0);
        check_int(make_grid(&world, 2.0 * wanted, wanted, no_limit), NBL_OK);
        for (int a = 0; a < 3; a++) {
            for (int k = 0; k < 3; k++) {
                double across = world.grid.edge[a][k] * world.grid.n[a];
                assert_true(fabs(across - world.lattice.r[a][k]) <= 1e-14 * fabs(world.lattice.r[a][k]));
            }
            double width = world.lattice.height[a] / world.grid.n[a];
            assert_true(width >= wanted || world.grid.n[a] == 1);
            assert_true(width * world.grid.reach[a] >= 2.0 * wanted);
        }
        check_int(world_close(&world), 0);
    }
}

static void too_many_ghost_bins_are_refused(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 1;
    for (int a = 0; a < 3; a++)
        world.pbc[a] = 1;
    check_int(world_wrap(&world), NBL_OK);
    check_int(make_grid(&world, 640.0, 640.0, no_limit), NBL_OK);
    check_int(make_grid(&world, 660.0, 660.0, no_limit), NBL_ENOMEM);
    check_int(world.fault.what, NBL__FAULT_BYTES);
    assert_true(world.fault.need > 2147483647u);
    check_int(make_grid(&world, 1e60, 1e60, no_limit), NBL_ENOMEM);
    check_int(make_grid(&world, 1.0, 1.0, no_limit), NBL_OK);
    check_int(world_close(&world), 0);
}

static void memory_is_reused_and_failure_leaves_none(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 300;
    for (int64_t i = 0; i < world.n; i++)
        world.r[i][i % 3] = (double)(i % 7) * 1e6;
    check_int(world_wrap(&world), NBL_OK);
    count_alloc_arm(&world.memory.counter, 1, 1);
    check_int(make_grid(&world, 1.0, 0.5, 1200.0), NBL_ENOMEM);
    check_int(world.fault.what, NBL__FAULT_BYTES);
    count_alloc_arm(&world.memory.counter, 0, 0);
    check_int(make_grid(&world, 1.0, 0.5, 1200.0), NBL_OK);
    assert_true(unit_memory_calls(&world.memory) > 0);
    count_alloc_arm(&world.memory.counter, 1, 1);
    check_int(make_grid(&world, 1.0, 0.5, 1200.0), NBL_OK);
    check_int(unit_memory_calls(&world.memory), 0);
    world.memory.memory.limit = 1;
    nbl__grid_free(&world.grid, &world.memory.memory);
    check_int(make_grid(&world, 1.0, 0.5, 1200.0), NBL_ELIMIT);
    check_int(world_close(&world), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(close_points_are_within_reach),
        cmocka_unit_test(points_on_the_borders_of_bins),
        cmocka_unit_test(islands_keep_their_neighbours),
        cmocka_unit_test(gaps_do_not_cost_bins_of_their_own_width),
        cmocka_unit_test(two_atoms_as_far_apart_as_can_be),
        cmocka_unit_test(coincident_atoms_share_one_bin),
        cmocka_unit_test(bins_divide_the_cell),
        cmocka_unit_test(too_many_ghost_bins_are_refused),
        cmocka_unit_test(memory_is_reused_and_failure_leaves_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
