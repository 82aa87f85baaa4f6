/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "reference.h"
#include "scale.h"
#include "search/worker.h"

/* Wraps and plans; false where the world is no block at this cutoff. */
static bool make_block(struct world *world, double cutoff)
{
    check_int(world_wrap(world), NBL_OK);
    world_plan(world, cutoff, NBL_ALGORITHM_BRUTE);
    return world->plan.path == NBL__PATH_BLOCK;
}

/* Against the reference, in order: rows of blocks are sorted whether or not it was asked for. */
static void check_rows(struct world *world, const nbl__query *query, uint64_t seed)
{
    unit_check_search(world, query, NBL__PATH_BLOCK, true, seed);
    check_int(world->table != NULL, !world_is_open(world));
}

static void random_systems_match_the_reference(void **state)
{
    (void)state;
    int blocks = 0;
    int64_t n = scale_count(1200, 120);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, random_chance(&g, 10) ? 120 : 15);
        const double rc = fmin(world.rc, 4.0);
        if (make_block(&world, rc)) {
            blocks++;
            for (int k = 0; k < 3; k++) {
                nbl__query query = world_random_query(&world, &g, rc * (k ? random_range(&g, 0.2, 1.0) : 1.0));
                check_rows(&world, &query, seed);
            }
        }
        check_int(world_close(&world), 0);
    }
    assert_true(blocks > n / 2);
}

static void each_list_is_that_of_its_cutoff_alone(void **state)
{
    (void)state;
    struct random g;
    for (int64_t seed = scale_count(300, 40); seed > 0; seed--) {
        struct world world;
        random_seed(&g, (uint64_t)seed + 900);
        world_random(&world, &g, random_chance(&g, 10) ? 100 : 15);
        const double rc = fmin(world.rc, 4.0);
        if (make_block(&world, rc)) {
            nbl__query query = world_random_query(&world, &g, rc);
            unit_check_alone(&world, &query, NBL__PATH_BLOCK, (uint64_t)seed);
        }
        check_int(world_close(&world), 0);
    }
}

/* Neighbours at exactly the cutoff: in or out with the whole shell. */
static void shells_at_the_cutoff(void **state)
{
    (void)state;
    const double constants[] = {2.0, 2.5, 4.0, 5.5, 3.615, 0.1};
    for (size_t c = 0; c < sizeof constants / sizeof *constants; c++)
        for (int inclusive = 0; inclusive < 2; inclusive++)
            for (int away = 1; away <= 3; away++) {
                struct world world;
                world_open(&world);
                world.n = 1;
                for (int a = 0; a < 3; a++) {
                    world.pbc[a] = 1;
                    world.h[a][a] = constants[c];
                    world.r[0][a] = -7.0 * constants[c];
                }
                assert_true(make_block(&world, away * constants[c]));
                nbl__query query = world_query(&world, away * constants[c]);
                query.inclusive = inclusive;
                check_rows(&world, &query, c);
                if (c < 4 && away == 1)
                    check_int(world.rows[0].total, inclusive ? 6 : 0);
                check_int(world_close(&world), 0);
            }
}

/* As many images as a block may have, in one line: all are found, with room to the last. */
static void the_largest_tables(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++)
        for (double cutoff = 2000.5; cutoff < 2100.0; cutoff += 23.0) {
            struct world world;
            world_open(&world);
            world.n = 2;
            world.pbc[0] = 1;
            world.r[1][0] = 0.5;
            const bool block = make_block(&world, cutoff);
            check_int(block, nbl__plan_images(&world.lattice, &world.wrapped, 2, cutoff) <= NBL__BLOCK_IMAGES);
            if (block) {
                nbl__query query = world_query(&world, cutoff);
                query.half = half;
                query.sorted = true;
                check_rows(&world, &query, (uint64_t)cutoff);
            }
            check_int(world_close(&world), 0);
        }
}

/* From the smallest numbers to the largest: nothing depends on the unit of length. */
static void units_change_nothing(void **state)
{
    (void)state;
    int blocks = 0;
    for (int64_t seed = scale_count(600, 80); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 6000);
        world_random(&world, &g, 15);
        world_scale(&world, (int)random_int(&g, -320, 300));
        const double rc = world.rc;
        if (make_block(&world, rc)) {
            blocks++;
            nbl__query query = world_random_query(&world, &g, rc);
            check_rows(&world, &query, (uint64_t)seed);
        }
        check_int(world_close(&world), 0);
    }
    assert_true(blocks > 20);
}

/* A cell whose diagonals are as short as its edges, so that images lie beyond translations that are farther. */
static void short_diagonals_in_any_unit(void **state)
{
    (void)state;
    for (int exponent = -330; exponent <= 330; exponent += 10) {
        static const double bcc[3][3] = {{-1, 1, 1}, {1, -1, 1}, {1, 1, -1}};
        struct world world;
        world_open(&world);
        world.n = 1;
        for (int a = 0; a < 3; a++) {
            world.pbc[a] = 1;
            memcpy(world.h[a], bcc[a], sizeof world.h[a]);
        }
        world_scale(&world, exponent);
        const double cutoff = ldexp(1.8, exponent);
        if (cutoff >= 1e-100 && cutoff <= 1e100) {
            assert_true(make_block(&world, cutoff));
            nbl__query query = world_query(&world, cutoff);
            check_rows(&world, &query, (uint64_t)(exponent + 330));
            check_int(world.rows[0].total, 8);
        }
        check_int(world_close(&world), 0);
    }
}

/* Clusters far from each other: a few atoms at one place, or near it by what a double still tells there. */
static void place_clusters(struct world *world, struct random *g, double cutoff, double apart)
{
    world->n = random_int(g, 2, 30);
    for (int64_t i = 0; i < world->n; i++)
        for (int k = 0; k < 3; k++) {
            const double place = apart * (double)random_int(g, -2, 2);
            world->r[i][k] = place + (random_chance(g, 2) ? 0.0 : 0.5 * cutoff * random_range(g, -1.0, 1.0));
        }
    for (int64_t i = 1; i < world->n; i++)
        if (random_chance(g, 2)) /* with another atom, however far out that is */
            memcpy(world->r[i], world->r[random_int(g, 0, i - 1)], sizeof world->r[i]);
}

/*
 * From where single precision sees little to where it sees nothing, up to the largest doubles: what is near is
 * found however far away the rest is. Some axes may be periodic, with cells as large.
 */
static void clusters_far_apart(void **state)
{
    (void)state;
    int blocks = 0, far_pairs = 0;
    for (int64_t seed = scale_count(1500, 150); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 7000);
        world_open(&world);
        const bool open = random_chance(&g, 2);
        const double cutoff = random_chance(&g, 2) ? 1.0 : random_log(&g, 1e-100, open ? 1e100 : 1e3);
        const double farthest = open ? 1e300 : cutoff * 1e16;
        const double apart = random_chance(&g, 2) ? cutoff * random_log(&g, 10.0, 1e13)
                                                  : random_log(&g, cutoff * 10.0, farthest);
        for (int a = 0; a < 3 && !open; a++)
            if (random_chance(&g, 2)) {
                world.pbc[a] = 1;
                world.h[a][a] = apart * random_range(&g, 0.3, 5.0);
            }
        place_clusters(&world, &g, cutoff, apart);
        if (make_block(&world, cutoff)) {
            blocks++;
            nbl__query query = world_random_query(&world, &g, cutoff);
            check_rows(&world, &query, (uint64_t)seed);
            far_pairs += apart > 1e9 * cutoff && unit_total(&world, &query) > 0;
        }
        check_int(world_close(&world), 0);
    }
    assert_true(blocks > 10 && far_pairs > 10);
}

/* The two atoms of the contract's extremes: 1e12 cutoffs apart, or at the ends of all doubles; and one beside
 * each. */
static void coincident_pairs_far_apart(void **state)
{
    (void)state;
    const double places[] = {1e6, 1e9, 1.0000001e9, 1e12, 1e15, 1e100, 1e300};
    for (size_t p = 0; p < sizeof places / sizeof *places; p++)
        for (int n_lists = 1; n_lists <= 2; n_lists++) {
            struct world world;
            world_open(&world);
            world.n = 5;
            for (int k = 0; k < 3; k++) {
                world.r[0][k] = world.r[3][k] = -places[p];
                world.r[1][k] = world.r[2][k] = places[p];
                world.r[4][k] = 0.0;
            }
            assert_true(make_block(&world, 1.0));
            nbl__query query = world_query(&world, 1.0);
            query.n_lists = n_lists;
            world.cutoffs[1] = 0.25;
            check_rows(&world, &query, p);
            for (int k = 0; k < n_lists; k++)
                check_int(world.rows[k].total, 4);
            check_int(world_close(&world), 0);
        }
}

/*
 * An image right beyond the corner of a box so wide that floats there are many units apart: the box's end and
 * the image round to neighbouring floats in each dimension, which must not count as a distance.
 */
static void images_beyond_the_corner_of_a_wide_box(void **state)
{
    (void)state;
    for (int exponent = 18; exponent <= 29; exponent++)
        for (int step = 0; step < 40; step++)
            for (int dimensions = 1; dimensions <= 3; dimensions++) {
                struct world world;
                const double power = ldexp(1.0, exponent), ulp = ldexp(1.0, exponent - 23);
                double unit = 1.0, length = 0.0;
                world_open(&world);
                world.n = 2;
                for (int round = 0; round < 3; round++) { /* the unit depends a little on the cell */
                    length = 2.0 * unit * (power + ulp * (0.5 + 100.0 * step));
                    for (int a = 0; a < 3; a++) {
                        world.pbc[a] = 1;
                        world.h[a][a] = length;
                        world.r[1][a] = a < dimensions ? length - 0.4 : 0.0;
                    }
                    assert_true(make_block(&world, 1.0));
                    unit = 1.0 + 3.0 * world.plan.error;
                }
                nbl__query query = world_query(&world, 1.0);
                check_int(world_search(&world, &query, NBL__PATH_BLOCK, true), NBL_OK);
                if (world.rows[0].total != 2)
                    fail_msg("cell %.17g, an image across %d faces: %lld pairs, expected 2", length, dimensions,
                             (long long)world.rows[0].total);
                check_int(world_close(&world), 0);
            }
}

/* The same rows in the same order, whatever the instruction set. */
static void levels_change_no_byte(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed + 600);
        world_random(&world, &g, 100);
        if (make_block(&world, 3.0)) {
            nbl__query query = world_random_query(&world, &g, 3.0);
            unit_check_levels(&world, &query, NBL__PATH_BLOCK, seed);
        }
        check_int(world_close(&world), 0);
    }
}

struct consumer {
    const struct world *world;
    struct unit_pairs pairs;
    int64_t next; /* atom whose row comes next */
    int wrong;
    int64_t refuse; /* this atom, or -1 */
};

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    struct consumer *consumer = context;
    consumer->wrong += thread != 0 || view->atom != consumer->next++ || view->system != 4 || view->first != 77;
    for (uint32_t e = 0; e < view->count; e++) {
        const struct unit_pair pair = unit_pair_of(consumer->world, view, e);
        double d[3];
        consumer->wrong += sqrt(nbl__view_d2(view, e, d)) != pair.distance;
        consumer->wrong += memcmp(d, pair.d, sizeof d) != 0;
        unit_pairs_add(&consumer->pairs, &pair);
    }
    return view->atom == consumer->refuse ? NBL_EARGUMENT : NBL_OK;
}

/* Without rows: what is handed over is what would be kept; a refusal ends the search with its status. */
static void rows_are_handed_over_in_order(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 300);
        world_random(&world, &g, 60);
        if (!make_block(&world, 3.0)) {
            check_int(world_close(&world), 0);
            continue;
        }
        nbl__query query = world_random_query(&world, &g, 3.0);
        query.n_lists = 1;
        query.n_centers = -1;
        world.cutoffs[0] = 3.0;
        struct unit_pairs kept = {NULL, 0, 0};
        struct consumer consumer = {.world = &world, .refuse = -1};
        check_int(world_search(&world, &query, NBL__PATH_BLOCK, true), NBL_OK);
        unit_rows(&world, 0, &kept);
        const nbl__target target = {
            .only = -1, .arena = &world.arena, .consume = consume, .context = &consumer};
        check_int(world_traverse(&world, &query, &target, NBL__PATH_BLOCK, 4, 77), NBL_OK);
        check_int(consumer.wrong, 0);
        check_int(consumer.next, world.n);
        check_int(unit_pairs_differ(&kept, &consumer.pairs), -1);
        consumer.next = 0;
        consumer.refuse = random_int(&g, 0, world.n - 1);
        check_int(world_traverse(&world, &query, &target, NBL__PATH_BLOCK, 4, 77), NBL_EARGUMENT);
        check_int(consumer.next, consumer.refuse + 1);
        unit_pairs_free(&kept);
        unit_pairs_free(&consumer.pairs);
        check_int(world_close(&world), 0);
    }
}

static void limits_of_pairs_are_exact(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 400);
        world_random(&world, &g, 60);
        const bool block = make_block(&world, 3.0);
        nbl__query query = world_random_query(&world, &g, 3.0);
        if (block) {
            check_int(world_search(&world, &query, NBL__PATH_BLOCK, true), NBL_OK);
            query.max_pairs = unit_total(&world, &query);
            if (query.max_pairs > 1) {
                check_int(world_search(&world, &query, NBL__PATH_BLOCK, false), NBL_OK);
                query.max_pairs--;
                check_int(world_search(&world, &query, NBL__PATH_BLOCK, random_chance(&g, 2)), NBL_ELIMIT);
                check_int(world.fault.what, NBL__FAULT_PAIRS);
                check_int(world.fault.limit, query.max_pairs);
            }
        }
        check_int(world_close(&world), 0);
    }
}

static void a_second_search_allocates_nothing(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 500);
        world_random(&world, &g, 100);
        if (make_block(&world, 3.0)) {
            nbl__query query = world_random_query(&world, &g, 3.0);
            check_int(world_search(&world, &query, NBL__PATH_BLOCK, true), NBL_OK);
            count_alloc_arm(&world.memory.counter, 1, 1);
            for (int k = 0; k < 5; k++)
                check_int(world_search(&world, &query, NBL__PATH_BLOCK, true), NBL_OK);
            for (int32_t k = 0; k < query.n_lists; k++)
                world.cutoffs[k] *= 0.5;
            check_int(world_search(&world, &query, NBL__PATH_BLOCK, true), NBL_OK);
            check_int(unit_memory_calls(&world.memory), 0);
        }
        check_int(world_close(&world), 0);
    }
}

/* A search that leaves doubts, after one that left none: it is no larger, and allocates nothing either. */
static void doubts_allocate_nothing(void **state)
{
    (void)state;
    struct random g;
    int doubtful = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 700);
        world_random(&world, &g, 80);
        const bool searched = make_block(&world, 3.0);
        nbl__query query = world_query(&world, 3.0);
        query.half = random_chance(&g, 2);
        query.sorted = random_chance(&g, 2);
        doubtful += searched && unit_check_doubts(&world, &query, NBL__PATH_BLOCK, &g);
        check_int(world_close(&world), 0);
    }
    assert_true(doubtful > 10);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int n_lists = 1; n_lists <= 3; n_lists++) {
        nbl_status status = NBL_ENOMEM;
        for (long long nth = 1; status != NBL_OK; nth++) {
            struct random g;
            struct world world;
            random_seed(&g, 9);
            world_random(&world, &g, 60);
            assert_true(make_block(&world, 2.0));
            nbl__query query = world_query(&world, 2.0);
            query.n_lists = n_lists;
            world.cutoffs[1] = 1.0, world.cutoffs[2] = 1.5;
            count_alloc_arm(&world.memory.counter, nth, 1);
            status = world_search(&world, &query, NBL__PATH_BLOCK, true);
            if (status == NBL_OK) {
                assert_true(nth > 3);
            } else {
                check_int(status, NBL_ENOMEM);
                check_int(world.fault.what, NBL__FAULT_BYTES);
                count_alloc_arm(&world.memory.counter, 0, 0);
                check_rows(&world, &query, 9);
            }
            check_int(world_close(&world), 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_systems_match_the_reference),
        cmocka_unit_test(each_list_is_that_of_its_cutoff_alone),
        cmocka_unit_test(shells_at_the_cutoff),
        cmocka_unit_test(the_largest_tables),
        cmocka_unit_test(units_change_nothing),
        cmocka_unit_test(short_diagonals_in_any_unit),
        cmocka_unit_test(clusters_far_apart),
        cmocka_unit_test(coincident_pairs_far_apart),
        cmocka_unit_test(images_beyond_the_corner_of_a_wide_box),
        cmocka_unit_test(levels_change_no_byte),
        cmocka_unit_test(rows_are_handed_over_in_order),
        cmocka_unit_test(limits_of_pairs_are_exact),
        cmocka_unit_test(a_second_search_allocates_nothing),
        cmocka_unit_test(doubts_allocate_nothing),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
