/* SPDX-License-Identifier: MIT */
#include "search/plan.h"

#include <math.h>

#include "check.h"
#include "reference.h"
#include "scale.h"

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

static void cubic(struct world *world, double length)
{
    for (int a = 0; a < 3; a++) {
        world->pbc[a] = 1;
        world->h[a][a] = length;
    }
}

/* Brute force is a block as long as its table is small. */
static void a_choice_of_the_caller_holds(void **state)
{
    (void)state;
    const int64_t sizes[] = {1, 2, 30, WORLD_ATOMS};
    for (int periodic = 0; periodic < 2; periodic++) {
        struct world world;
        world_open(&world);
        if (periodic)
            cubic(&world, 10.0);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            fill(&world, sizes[k], 10.0);
            make(&world, 2.0, NBL_ALGORITHM_BRUTE);
            check_int(world.plan.path, periodic && sizes[k] > 303 ? NBL__PATH_FORMULA : NBL__PATH_BLOCK);
            make(&world, 2.0, NBL_ALGORITHM_CELLS);
            check_int(world.plan.path, NBL__PATH_CELLS);
        }
        check_int(world_close(&world), 0);
    }
}

static void handfuls_are_blocks_and_crowds_go_to_cells(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 3, 5.0);
    make(&world, 5.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.path, NBL__PATH_BLOCK);
    fill(&world, WORLD_ATOMS, 20.0);
    make(&world, 2.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.path, NBL__PATH_CELLS);
    cubic(&world, 20.0);
    make(&world, 2.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.path, NBL__PATH_CELLS);
    fill(&world, 8, 20.0);
    make(&world, 2.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.path, NBL__PATH_BLOCK);
    check_int(world_close(&world), 0);
}

/* An open block is neither wrapped nor planned: what says so must be of the plan's opinion. */
static void open_blocks_are_those_of_the_plan(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++)
        for (int64_t n = 1; n <= WORLD_ATOMS; n++) {
            fill(&world, n, 9.0);
            make(&world, 2.0, algorithm);
            check_int(nbl__plan_is_open_block(n, algorithm), world.plan.path == NBL__PATH_BLOCK);
            if (world.plan.path == NBL__PATH_BLOCK)
                check_bits(world.plan.error, 0.0);
        }
    for (int64_t n = NBL__BLOCK_IMAGES; n <= NBL__BLOCK_IMAGES + 1;
         n++) { /* of which the plan sees the extent */
        const bool block = n <= NBL__BLOCK_IMAGES;
        check_int(nbl__plan_is_open_block(n, NBL_ALGORITHM_BRUTE), block);
        nbl__plan_make(&world.plan, &world.lattice, &world.wrapped, n, 2.0, NBL_ALGORITHM_BRUTE);
        check_int(world.plan.path, block ? NBL__PATH_BLOCK : NBL__PATH_FORMULA);
    }
    check_int(world_close(&world), 0);
}

/* Steps and images that a table has room for are at least those that bring two atoms within the distance. */
static void the_room_of_a_table_covers_all_images(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 54);
    for (int64_t trial = scale_count(300, 40); trial > 0; trial--) {
        struct world world;
        world_random(&world, &g, 12);
        double rc = fmin(world.rc, 4.0), range[3][2], room = (double)world.n;
        check_int(world_wrap(&world), NBL_OK);
        for (int a = 0; a < 3; a++) {
            nbl__plan_steps(&world.lattice, &world.wrapped, a, rc, range[a]);
            check_bits(range[a][0], nearbyint(range[a][0]));
            assert_true(range[a][0] <= 0.0 && range[a][1] >= 0.0);
            room *= range[a][1] - range[a][0] + 1.0;
        }
        check_bits(nbl__plan_images(&world.lattice, &world.wrapped, world.n, rc), room);
        struct unit_pairs pairs = {NULL, 0, 0};
        const struct unit_rule rule = {false, true, true, world.n};
        unit_reference(&world, rc * (1.0 - 1e-9), &rule, &pairs);
        for (size_t e = 0; e < pairs.count; e++)
            for (int a = 0; a < 3 && world.pbc[a]; a++) {
                const struct unit_pair *pair = &pairs.data[e];
                double apart = 0.0; /* in steps: the pair's vector less that of the wrapped atoms */
                for (int k = 0; k < 3; k++)
                    apart += world.lattice.g[a][k] * (pair->d[k] - world.p[pair->j][k] + world.p[pair->i][k]);
                assert_true(nearbyint(apart) >= range[a][0] && nearbyint(apart) <= range[a][1]);
            }
        unit_pairs_free(&pairs);
        check_int(world_close(&world), 0);
    }
}

static void images_beyond_counting_are_infinite(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 3, 1.0);
    cubic(&world, 1e-100);
    world.n = 1;
    memset(world.r[0], 0, sizeof world.r[0]);
    check_int(world_wrap(&world), NBL_OK);
    check_bits(nbl__plan_images(&world.lattice, &world.wrapped, 1, 1e100), HUGE_VAL);
    make(&world, 1e100, NBL_ALGORITHM_BRUTE);
    check_int(world.plan.path, NBL__PATH_FORMULA);
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
        check_int(world.plan.path, NBL__PATH_FORMULA);
        check_bits(world.plan.error, 0.0);
        check_bits(world.plan.distance, 1.0);
    }
    check_int(world_close(&world), 0);
}

/* Where rounding is as large as the cutoff no filter is of any use, whatever the caller asks for. */
static void coordinates_beyond_the_band_go_to_the_formula(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 100, 10.0);
    world.pbc[0] = 1;
    world.h[0][0] = 1e-3;
    world.r[3][0] = 1e5;
    make(&world, 1e-3, NBL_ALGORITHM_CELLS);
    check_int(world.plan.path, NBL__PATH_CELLS);
    for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++) {
        make(&world, 1e-15, algorithm);
        check_int(world.plan.path, NBL__PATH_FORMULA);
    }
    /* Along an open axis alone there is no rounding of this kind. */
    world.r[3][0] = 1.0;
    world.r[3][1] = 1e90;
    make(&world, 1e-3, NBL_ALGORITHM_CELLS);
    check_int(world.plan.path, NBL__PATH_CELLS);
    check_int(world_close(&world), 0);
}

static void shifts_beyond_32_bits_go_to_the_formula(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    fill(&world, 1, 1.0);
    world.pbc[2] = 1;
    world.h[2][2] = 1e-9;
    world.r[0][2] = 0.0;
    for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++) {
        make(&world, 5.0, algorithm);
        check_int(world.plan.path, NBL__PATH_FORMULA);
    }
    world.h[2][2] = 1e-4;
    make(&world, 5.0, NBL_ALGORITHM_CELLS);
    check_int(world.plan.path, NBL__PATH_CELLS);
    /* A table of a hundred thousand images around one atom is not worth its memory. */
    make(&world, 5.0, NBL_ALGORITHM_AUTO);
    check_int(world.plan.path, NBL__PATH_FORMULA);
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
        check_int(again.path, world.plan.path);
        check_bits(again.error, world.plan.error);
        check_bits(again.distance, world.plan.distance);
        check_bits(again.max_bins, world.plan.max_bins);
        check_bits(again.atoms, world.plan.atoms);
        assert_memory_equal(again.width, world.plan.width, sizeof again.width);
        check_int(world_close(&world), 0);
    }
}

/* The more atoms in a cutoff, the narrower the bins; along the longest axis no wider than along the others. */
static void bins_are_narrower_where_atoms_are_dense(void **state)
{
    (void)state;
    for (int longest = 0; longest < 3; longest++) {
        double last[3] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
        bool narrower = false;
        for (double cutoff = 1.0; cutoff < 20.0; cutoff *= 1.1) {
            struct world world;
            world_open(&world);
            cubic(&world, 10.0);
            world.h[longest][longest] = 12.0;
            fill(&world, WORLD_ATOMS, 10.0);
            make(&world, cutoff, NBL_ALGORITHM_CELLS);
            for (int a = 0; a < 3; a++) {
                const double part = world.plan.width[a] / world.plan.distance;
                const double cubes = 10.0 * 10.0 * 12.0 / pow(world.plan.distance, 3.0);
                assert_true(fabs(world.plan.atoms * cubes - WORLD_ATOMS) < 1e-9 * WORLD_ATOMS);
                assert_true(part <= last[a] * (1.0 + 1e-9));
                assert_true(world.plan.width[longest] <= world.plan.width[a]);
                narrower |= part < 0.9 * last[a] && last[a] < HUGE_VAL;
                last[a] = part;
            }
            check_int(world_close(&world), 0);
        }
        assert_true(narrower);
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
        cmocka_unit_test(handfuls_are_blocks_and_crowds_go_to_cells),
        cmocka_unit_test(open_blocks_are_those_of_the_plan),
        cmocka_unit_test(the_room_of_a_table_covers_all_images),
        cmocka_unit_test(images_beyond_counting_are_infinite),
        cmocka_unit_test(without_atoms_there_is_no_grid),
        cmocka_unit_test(coordinates_beyond_the_band_go_to_the_formula),
        cmocka_unit_test(shifts_beyond_32_bits_go_to_the_formula),
        cmocka_unit_test(distances_and_widths),
        cmocka_unit_test(bins_are_narrower_where_atoms_are_dense),
        cmocka_unit_test(the_error_covers_the_images_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
