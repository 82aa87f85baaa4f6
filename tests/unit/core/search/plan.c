/* SPDX-License-Identifier: MIT */
#include "search/plan.h"

#include <math.h>

#include "check.h"
#include "world.h"

static void make(struct world *world, double cutoff, int32_t algorithm)
{
    check_int(world_wrap(world), NBL_OK);
    memset(&world->plan, 0x7f, sizeof world->plan);
    nbl__plan_make(&world->plan, &world->lattice, &world->wrapped, world->n, cutoff, algorithm);
}

static void fill(struct world *world, int64_t n, double size)
{
    struct random g;
    random_seed(&g, 51);
    world->n = n;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            world->r[i][k] = random_range(&g, 0.0, size);
}

static void a_choice_of_the_caller_holds(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    const int64_t sizes[] = {1, 2, 30, WORLD_ATOMS};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        fill(&world, sizes[k], 10.0);
        make(&world, 2.0, NBL_ALGORITHM_BRUTE);
        check_int(world.plan.brute, true);
        make(&world, 2.0, NBL_ALGORITHM_CELLS);
        check_int(world.plan.brute, false);
    }
    check_int(world_close(&world), 0);
}

static void handfuls_go_to_brute_force_and_crowds_to_cells(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 3, 5.0);
    make(&world, 5.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.brute, true);
    fill(&world, WORLD_ATOMS, 20.0);
    make(&world, 2.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.brute, false);
    for (int a = 0; a < 3; a++) {
        world.pbc[a] = 1;
        world.h[a][a] = 20.0;
    }
    make(&world, 2.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.brute, false);
    check_int(world_close(&world), 0);
}

static void without_atoms_there_is_no_grid(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int mask = 0; mask < 8; mask++) {
        for (int a = 0; a < 3; a++)
            world.pbc[a] = (uint8_t)((mask >> a) & 1);
        make(&world, 1.0, NBL_ALGORITHM_CELLS);
        check_int(world.plan.brute, true);
        check_bits(world.plan.error, 0.0);
        check_bits(world.plan.distance, 1.0);
    }
    check_int(world_close(&world), 0);
}

/* Where rounding is as large as the cutoff the filter is of no use, whatever the caller asks for. */
static void coordinates_beyond_the_band_go_to_brute_force(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 100, 10.0);
    world.pbc[0] = 1;
    world.h[0][0] = 1e-3;
    world.r[3][0] = 1e5;
    make(&world, 1e-3, NBL_ALGORITHM_CELLS);
    check_int(world.plan.brute, false);
    make(&world, 1e-15, NBL_ALGORITHM_CELLS);
    check_int(world.plan.brute, true);
    /* Along an open axis alone there is no rounding of this kind. */
    world.r[3][0] = 1.0;
    world.r[3][1] = 1e90;
    make(&world, 1e-3, NBL_ALGORITHM_CELLS);
    check_int(world.plan.brute, false);
    check_int(world_close(&world), 0);
}

static void shifts_beyond_32_bits_go_to_brute_force(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 1, 1.0);
    world.pbc[2] = 1;
    world.h[2][2] = 1e-9;
    world.r[0][2] = 0.0;
    make(&world, 5.0, NBL_ALGORITHM_CELLS);
    check_int(world.plan.brute, true);
    world.h[2][2] = 1e-4;
    make(&world, 5.0, NBL_ALGORITHM_CELLS);
    check_int(world.plan.brute, false);
    check_int(world_close(&world), 0);
}

static void distances_and_widths(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 52);
    for (int trial = 0; trial < 500; trial++) {
        struct world world;
        world_random(&world, &g, 100);
        make(&world, world.rc, NBL_ALGORITHM_CELLS);
        bool open = !world.pbc[0] && !world.pbc[1] && !world.pbc[2];
        assert_true(world.plan.error >= 0.0);
        assert_true(world.plan.distance >= world.rc + 2.0 * world.plan.error);
        assert_true(world.plan.distance <= world.rc * 1.01);
        if (open)
            check_bits(world.plan.distance, world.rc);
        for (int a = 0; a < 3; a++)
            assert_true(world.plan.width[a] > 0.0 && world.plan.width[a] <= world.plan.distance);
        assert_true(world.plan.max_bins >= 1.0);
        assert_true(world.plan.max_bins <= 4096.0 + 8.0 * (double)world.n);
        nbl__plan again;
        memset(&again, 0x11, sizeof again);
        nbl__plan_make(&again, &world.lattice, &world.wrapped, world.n, world.rc, NBL_ALGORITHM_CELLS);
        check_int(again.brute, world.plan.brute);
        check_bits(again.error, world.plan.error);
        check_bits(again.distance, world.plan.distance);
        check_bits(again.max_bins, world.plan.max_bins);
        assert_memory_equal(again.width, world.plan.width, sizeof again.width);
        check_int(world_close(&world), 0);
    }
}

/* The error of the plan covers every image that a search at the cutoff of the build looks at. */
static void the_error_covers_the_images_in_use(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 53);
    for (int trial = 0; trial < 200; trial++) {
        struct world world;
        world_random(&world, &g, 20);
        double rc = fmin(world.rc, 4.0), images[3];
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, rc), NBL_OK);
        for (int a = 0; a < 3; a++) {
            const nbl__grid *grid = &world.grid;
            images[a] = world.pbc[a] ? (double)((grid->reach[a] + grid->n[a] - 1) / grid->n[a]) : 0.0;
        }
        assert_true(nbl__wrap_error(&world.lattice, &world.wrapped, images) <= world.plan.error);
        check_int(world_close(&world), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_choice_of_the_caller_holds),
        cmocka_unit_test(handfuls_go_to_brute_force_and_crowds_to_cells),
        cmocka_unit_test(without_atoms_there_is_no_grid),
        cmocka_unit_test(coordinates_beyond_the_band_go_to_brute_force),
        cmocka_unit_test(shifts_beyond_32_bits_go_to_brute_force),
        cmocka_unit_test(distances_and_widths),
        cmocka_unit_test(the_error_covers_the_images_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
