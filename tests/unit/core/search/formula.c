/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "reference.h"
#include "scale.h"
#include "search/worker.h"

/* The reference itself, pair by pair, as rows always come sorted. */
static void check_rows(struct world *world, const nbl__query *query, uint64_t seed)
{
    unit_check_search(world, query, NBL__PATH_FORMULA, true, seed);
}

static void random_systems_match_the_reference(void **state)
{
    (void)state;
    int64_t n = scale_count(800, 80);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, random_chance(&g, 10) ? 60 : 10);
        check_int(world_wrap(&world), NBL_OK);
        nbl__query query = world_random_query(&world, &g, fmin(world.rc, 4.0));
        check_rows(&world, &query, seed);
        check_int(world_close(&world), 0);
    }
}

/* List k of several: what a search at its cutoff alone finds, in the same order. */
static void each_list_is_that_of_its_cutoff_alone(void **state)
{
    (void)state;
    struct random g;
    for (int64_t seed = scale_count(300, 40); seed > 0; seed--) {
        struct world world;
        random_seed(&g, (uint64_t)seed + 900);
        world_random(&world, &g, random_chance(&g, 10) ? 60 : 15);
        double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        nbl__query query = world_random_query(&world, &g, rc);
        unit_check_alone(&world, &query, NBL__PATH_FORMULA, (uint64_t)seed);
        check_int(world_close(&world), 0);
    }
}

static void cubic_world(struct world *world, double length, int64_t n)
{
    world_open(world);
    world->n = n;
    for (int a = 0; a < 3; a++) {
        world->pbc[a] = 1;
        world->h[a][a] = length;
    }
}

static void shells_at_the_cutoff(void **state)
{
    (void)state;
    const double constants[] = {2.0, 2.5, 4.0, 5.5, 3.615, 0.1};
    for (size_t c = 0; c < sizeof constants / sizeof *constants; c++)
        for (int inclusive = 0; inclusive < 2; inclusive++)
            for (int away = 1; away <= 3; away++) {
                struct world world;
                cubic_world(&world, constants[c], 1);
                check_int(world_wrap(&world), NBL_OK);
                nbl__query query = world_query(&world, away * constants[c]);
                query.inclusive = inclusive;
                check_rows(&world, &query, c);
                if (c < 4 && away == 1)
                    check_int(world.rows[0].total, inclusive ? 6 : 0);
                check_int(world_close(&world), 0);
            }
}

/*
 * Atoms so far away that few digits are left, on a lattice whose shells are meant to lie at the cutoff:
 * rounding puts them to either side of it, by much more than the cutoff's own last digits.
 */
static void coordinates_with_few_digits(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 71);
    for (int64_t trial = scale_count(600, 60); trial > 0; trial--) {
        struct world world;
        cubic_world(&world, 3.1, 6);
        world.pbc[1] = (uint8_t)random_int(&g, 0, 1);
        world.h[1][0] = world.pbc[1] ? 0.1 * (double)random_int(&g, -9, 9) : 0.0;
        int axes = random_chance(&g, 3) ? 3 : 1;
        for (int64_t i = 0; i < world.n; i++)
            for (int k = 0; k < axes; k++) {
                double far = 3.1 * (double)random_int(&g, -1, 1) * 0x1p28;
                world.r[i][k] = 0.1 * (double)random_int(&g, 0, 30) + far;
            }
        check_int(world_wrap(&world), NBL_OK);
        nbl__query query = world_random_query(&world, &g, 0.1 * (double)random_int(&g, 1, 25));
        check_rows(&world, &query, (uint64_t)trial);
        check_int(world_close(&world), 0);
    }
}

static void huge_open_systems(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 4;
    world.r[0][0] = 1e100;
    world.r[1][0] = 1e100;
    world.r[2][1] = -1e100;
    check_int(world_wrap(&world), NBL_OK);
    nbl__query query = world_query(&world, 1e-100);
    check_rows(&world, &query, 1);
    check_int(world.rows[0].total, 2);
    world.cutoffs[0] = 1e100;
    check_rows(&world, &query, 2);
    check_int(world_close(&world), 0);
}

static nbl_status search_needle(struct world *world, int axis, double length, int64_t max_pairs, bool half)
{
    world_open(world);
    world->n = 1;
    world->pbc[axis] = 1;
    for (int k = 0; k < 3; k++)
        world->h[axis][k] = k == axis ? length : 0.0;
    check_int(world_wrap(world), NBL_OK);
    nbl__query query = world_query(world, 5.0);
    query.max_pairs = max_pairs;
    query.half = half;
    return world_search(world, &query, NBL__PATH_FORMULA, false);
}

/* Neighbours beyond the reach of 32-bit shifts are no list; whatever the axis they end as NBL_ESHIFT. */
static void shifts_beyond_32_bits_are_refused(void **state)
{
    (void)state;
    const double lengths[] = {2e-9, 1e-9, 5e-10, 1e-12, 1e-99};
    for (int axis = 0; axis < 3; axis++)
        for (int half = 0; half < 2; half++)
            for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
                struct world world;
                if (half && lengths[k] > 6e-10)
                    continue; /* two thousand million legal neighbours come first */
                check_int(search_needle(&world, axis, lengths[k], 0, half), NBL_ESHIFT);
                check_int(world.fault.what, NBL__FAULT_PAIR);
                check_int(world.fault.a, 0);
                check_int(world.fault.b, 0);
                check_int(world_close(&world), 0);
            }
}

/* The limit is tested while counting: a billion images must not be made before it is noticed. */
static void limits_end_long_lines_early(void **state)
{
    (void)state;
    for (int axis = 0; axis < 3; axis++) {
        struct world world;
        check_int(search_needle(&world, axis, 1e-7, 1000, false), NBL_ELIMIT);
        check_int(world.fault.what, NBL__FAULT_PAIRS);
        check_int(world.fault.limit, 1000);
        assert_true(world.memory.memory.held < 4000000);
        check_int(world_close(&world), 0);
    }
}

static void shifts_of_five_digits(void **state)
{
    (void)state;
    struct world world;
    check_int(search_needle(&world, 1, 1e-4, 0, false), NBL_OK);
    int64_t total = world.rows[0].total;
    assert_true(total == 99998 || total == 100000);
    check_int(world_close(&world), 0);
    struct unit_pairs expected = {NULL, 0, 0};
    const struct unit_rule rule = {false, false, false, 1};
    unit_reference(&world, 5.0, &rule, &expected);
    check_int(expected.count, total);
    unit_pairs_free(&expected);
}

static void limits_of_pairs_are_exact(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 700);
        world_random(&world, &g, 40);
        check_int(world_wrap(&world), NBL_OK);
        nbl__query query = world_random_query(&world, &g, 2.0);
        check_int(world_search(&world, &query, NBL__PATH_FORMULA, true), NBL_OK);
        int64_t total = unit_total(&world, &query);
        if (total > 1) {
            query.max_pairs = total;
            check_int(world_search(&world, &query, NBL__PATH_FORMULA, true), NBL_OK);
            query.max_pairs = total - 1;
            check_int(world_search(&world, &query, NBL__PATH_FORMULA, random_chance(&g, 2)), NBL_ELIMIT);
            check_int(world.fault.what, NBL__FAULT_PAIRS);
            check_int(world.fault.limit, total - 1);
        }
        check_int(world_close(&world), 0);
    }
}

/* Wide rows take four times the memory of a pair: beyond a few MiB they are given up, counts are not. */
static void many_wide_rows_are_not_kept(void **state)
{
    (void)state;
    struct random g;
    struct world world;
    random_seed(&g, 73);
    cubic_world(&world, 4.0, 200);
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, 0.0, 4.0);
    check_int(world_wrap(&world), NBL_OK);
    nbl__query query = world_query(&world, 5.0);
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        query.n_threads = n_threads;
        check_int(world_search(&world, &query, NBL__PATH_FORMULA, true), NBL_ELIMIT);
        check_int(world.fault.what, NBL__FAULT_BYTES);
        check_int(world.fault.limit, NBL__KEEP_WIDE);
        check_int(world_search(&world, &query, NBL__PATH_FORMULA, false), NBL_OK);
        assert_true(world.rows[0].total * (int64_t)sizeof(nbl__image) > NBL__KEEP_WIDE);
        assert_true(world.memory.memory.held < 16000000);
    }
    check_int(world_close(&world), 0);
}

static void a_second_search_allocates_nothing(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 800);
        world_random(&world, &g, 60);
        check_int(world_wrap(&world), NBL_OK);
        nbl__query query = world_random_query(&world, &g, 2.0);
        check_int(world_search(&world, &query, NBL__PATH_FORMULA, true), NBL_OK);
        count_alloc_arm(&world.memory.counter, 1, 1);
        for (int k = 0; k < 5; k++)
            check_int(world_search(&world, &query, NBL__PATH_FORMULA, true), NBL_OK);
        check_int(unit_memory_calls(&world.memory), 0);
        check_int(world_close(&world), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_systems_match_the_reference),
        cmocka_unit_test(each_list_is_that_of_its_cutoff_alone),
        cmocka_unit_test(shells_at_the_cutoff),
        cmocka_unit_test(coordinates_with_few_digits),
        cmocka_unit_test(huge_open_systems),
        cmocka_unit_test(shifts_beyond_32_bits_are_refused),
        cmocka_unit_test(limits_end_long_lines_early),
        cmocka_unit_test(shifts_of_five_digits),
        cmocka_unit_test(limits_of_pairs_are_exact),
        cmocka_unit_test(many_wide_rows_are_not_kept),
        cmocka_unit_test(a_second_search_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
