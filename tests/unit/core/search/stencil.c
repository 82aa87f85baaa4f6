/* SPDX-License-Identifier: MIT */
#include "search/stencil.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "scale.h"
#include "world.h"

/* Linear distance from the bin of atom i to that of the image of j moved by m. */
static int64_t bin_offset(const struct world *world, int64_t i, int64_t j, const int m[3])
{
    const nbl__grid *grid = &world->grid;
    int64_t offset = 0;
    for (int a = 0; a < 3; a++) {
        int64_t bins = nbl__grid_bin(grid, a, nbl__dot(world->lattice.g[a], world->p[j]));
        bins -= nbl__grid_bin(grid, a, nbl__dot(world->lattice.g[a], world->p[i]));
        offset += (bins + (int64_t)m[a] * grid->n[a]) * grid->stride[a];
    }
    return offset;
}

static bool lists(const nbl__stencil *stencil, int64_t offset)
{
    int found = 0;
    for (int64_t c = 0; c < stencil->n; c++)
        found += offset >= stencil->columns[c].first && offset <= stencil->columns[c].last;
    return found == 1;
}

/* Every pair of points within the distance is in bins that the stencil joins, and joins once. */
static void check_pairs(const struct world *world, const nbl__stencil *stencil, double distance, uint64_t seed)
{
    const nbl__lattice *lattice = &world->lattice;
    int most[3];
    for (int a = 0; a < 3; a++)
        most[a] = lattice->pbc[a] ? (int)(distance / lattice->height[a]) + 1 : 0;
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
                        if (!lists(stencil, bin_offset(world, i, j, m)))
                            fail_msg("seed %llu: atoms %lld and %lld, image (%d, %d, %d), are not joined",
                                     (unsigned long long)seed, (long long)i, (long long)j, m0, m1, m2);
                    }
}

/* Ascending runs inside the padded grid, apart from each other, the bin itself in one of them. */
static void check_columns(const struct world *world, const nbl__stencil *stencil)
{
    const nbl__grid *grid = &world->grid;
    int64_t inside = 0;
    for (int a = 0; a < 3; a++)
        inside += grid->reach[a] * grid->stride[a];
    assert_true(lists(stencil, 0));
    for (int64_t c = 0; c < stencil->n; c++) {
        const nbl__column *column = &stencil->columns[c];
        assert_true(column->first <= column->last);
        assert_true(column->first >= -inside && column->last <= inside);
        if (c > 0)
            assert_true(column->first > stencil->columns[c - 1].last);
    }
}

static void random_world(struct world *world, struct random *g, uint64_t seed)
{
    random_seed(g, seed);
    world_random(world, g, random_chance(g, 10) ? 120 : 30);
    world->rc = fmin(world->rc, 5.0);
    check_int(world_wrap(world), NBL_OK);
}

static nbl_status make_grid(struct world *world, struct random *g, double distance)
{
    double width[3];
    for (int a = 0; a < 3; a++)
        width[a] = distance / (random_chance(g, 4) ? 12.0 : (double)random_int(g, 1, 4));
    return nbl__grid_init(&world->grid, &world->lattice, &world->wrapped, world->n, distance, width,
                          64.0 + 4.0 * (double)world->n, &world->memory.memory, &world->fault);
}

/* A stencil in a block of exactly the size that is asked for, so that a tool sees any step beyond. */
static nbl__column *make_stencil(nbl__stencil *stencil, const struct world *world, double distance)
{
    const uint64_t room = nbl__stencil_room(&world->grid);
    nbl__column *columns = malloc((size_t)room * sizeof *columns);
    assert_non_null(columns);
    memset(stencil, 0x5a, sizeof *stencil);
    nbl__stencil_init(stencil, &world->grid, distance, columns);
    assert_ptr_equal(stencil->columns, columns);
    assert_true(stencil->n >= 1 && (uint64_t)stencil->n <= room);
    return columns;
}

static void no_neighbour_is_out_of_the_stencil(void **state)
{
    (void)state;
    int64_t n = scale_count(3000, 150);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        nbl__stencil stencil;
        random_world(&world, &g, seed);
        check_int(make_grid(&world, &g, world.rc), NBL_OK);
        double distance = world.rc * (random_chance(&g, 2) ? 1.0 : random_unit(&g));
        nbl__column *columns = make_stencil(&stencil, &world, distance);
        check_columns(&world, &stencil);
        check_pairs(&world, &stencil, distance, seed);
        free(columns);
        check_int(world_close(&world), 0);
    }
}

/* A smaller distance: columns of the larger stencil, shortened or left out, in the same order. */
static void smaller_distances_keep_the_order(void **state)
{
    (void)state;
    int64_t n = scale_count(500, 50);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        nbl__stencil large, small;
        random_world(&world, &g, seed + 555);
        check_int(make_grid(&world, &g, world.rc), NBL_OK);
        nbl__column *all = make_stencil(&large, &world, world.rc);
        for (double part = 0.9; part > 0.05; part *= 0.7) {
            nbl__column *some = make_stencil(&small, &world, part * world.rc);
            check_columns(&world, &small);
            int64_t c = 0;
            for (int64_t s = 0; s < small.n; s++, c++) {
                while (c < large.n && !(large.columns[c].first <= small.columns[s].first &&
                                        large.columns[c].last >= small.columns[s].last))
                    c++;
                assert_true(c < large.n);
            }
            assert_true(small.n <= large.n);
            free(some);
        }
        free(all);
        check_int(world_close(&world), 0);
    }
}

/* Smallest distance between points of two cubic bins d apart, in bins, squared. */
static int64_t least2(int64_t d)
{
    d = d < 0 ? -d : d;
    return d > 1 ? (d - 1) * (d - 1) : 0;
}

/* Not merely complete: in a cubic cell few bins are listed that could not hold a neighbour. */
static void bins_that_are_too_far_are_left_out(void **state)
{
    (void)state;
    struct world world;
    nbl__stencil stencil;
    world_open(&world);
    for (int a = 0; a < 3; a++) {
        world.pbc[a] = 1;
        world.h[a][a] = 40.0;
    }
    world.n = 1;
    check_int(world_wrap(&world), NBL_OK);
    for (int parts = 2; parts <= 8; parts++) {
        const double width[3] = {2.0 / parts, 2.0 / parts, 2.0 / parts};
        check_int(nbl__grid_init(&world.grid, &world.lattice, &world.wrapped, 1, 2.0, width, 1e9,
                                 &world.memory.memory, &world.fault),
                  NBL_OK);
        nbl__column *columns = make_stencil(&stencil, &world, 2.0);
        int64_t listed = 0, needed = 0;
        for (int64_t c = 0; c < stencil.n; c++)
            listed += stencil.columns[c].last - stencil.columns[c].first + 1;
        for (int64_t x = -parts; x <= parts; x++)
            for (int64_t y = -parts; y <= parts; y++)
                for (int64_t z = -parts; z <= parts; z++)
                    needed += least2(x) + least2(y) + least2(z) < (int64_t)parts * parts;
        assert_true(listed >= needed);
        assert_true((double)listed <= 1.1 * (double)needed);
        free(columns);
    }
    check_int(world_close(&world), 0);
}

/* Of columns no more than the two slow axes can give, whatever the distance. */
static void the_room_covers_any_distance(void **state)
{
    (void)state;
    struct random g;
    for (int64_t seed = scale_count(300, 40); seed > 0; seed--) {
        struct world world;
        nbl__stencil stencil;
        random_world(&world, &g, (uint64_t)seed + 777);
        check_int(make_grid(&world, &g, world.rc), NBL_OK);
        const nbl__grid *grid = &world.grid;
        const int64_t slow0 = grid->reach[grid->order[0]], slow1 = grid->reach[grid->order[1]];
        check_int(nbl__stencil_room(grid), (2 * slow0 + 1) * (2 * slow1 + 1));
        for (double part = 1e-3; part < 1e3; part *= 10.0) {
            nbl__column *columns = make_stencil(&stencil, &world, part * world.rc);
            check_columns(&world, &stencil);
            free(columns);
        }
        check_int(world_close(&world), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_neighbour_is_out_of_the_stencil),
        cmocka_unit_test(smaller_distances_keep_the_order),
        cmocka_unit_test(bins_that_are_too_far_are_left_out),
        cmocka_unit_test(the_room_covers_any_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
