/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "reference.h"
#include "scale.h"
#include "search/worker.h"

/* The rows of the search against the reference, as sets; sorted rows also in their order. */
static void check_rows(struct world *world, const nbl__query *query, uint64_t seed)
{
    unit_check_search(world, query, NBL__PATH_CELLS, query->sorted, seed);
}

static void random_systems_match_the_reference(void **state)
{
    (void)state;
    int64_t n = scale_count(800, 80);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, random_chance(&g, 10) ? 120 : 15);
        double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, rc), NBL_OK);
        for (int k = 0; k < 3; k++) {
            nbl__query query = world_random_query(&world, &g, rc * (k ? random_range(&g, 0.2, 1.0) : 1.0));
            check_rows(&world, &query, seed);
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
        for (int inclusive = 0; inclusive < 2; inclusive++) {
            struct world world;
            world_open(&world);
            for (int a = 0; a < 3; a++) {
                world.pbc[a] = 1;
                world.h[a][a] = 3.0 * constants[c];
            }
            for (int x = 0; x < 3; x++)
                for (int y = 0; y < 3; y++)
                    for (int z = 0; z < 3; z++) {
                        const double r[3] = {x * constants[c], y * constants[c], z * constants[c]};
                        memcpy(world.r[world.n++], r, sizeof r);
                    }
            check_int(world_wrap(&world), NBL_OK);
            check_int(world_bin(&world, constants[c]), NBL_OK);
            nbl__query query = world_query(&world, constants[c]);
            query.inclusive = inclusive;
            check_rows(&world, &query, c);
            if (c < 4)
                check_int(world.rows[0].total, inclusive ? 27 * 6 : 0);
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
        world_random(&world, &g, random_chance(&g, 10) ? 120 : 15);
        double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, rc), NBL_OK);
        nbl__query query = world_random_query(&world, &g, rc);
        unit_check_alone(&world, &query, NBL__PATH_CELLS, (uint64_t)seed);
        check_int(world_close(&world), 0);
    }
}

static void threads_change_no_byte(void **state)
{
    (void)state;
    struct random g;
    struct world world;
    random_seed(&g, 61);
    world_open(&world);
    world.n = WORLD_ATOMS;
    for (int a = 0; a < 3; a++)
        world.pbc[a] = a != 1, world.h[a][a] = 9.0;
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, 0.0, 9.0);
    check_int(world_wrap(&world), NBL_OK);
    check_int(world_bin(&world, 3.0), NBL_OK);
    struct unit_pairs one = {NULL, 0, 0};
    nbl__query query = world_query(&world, 3.0);
    check_int(world_search(&world, &query, NBL__PATH_CELLS, true), NBL_OK);
    unit_rows(&world, 0, &one);
    for (int n_threads = 2; n_threads <= 6; n_threads++) {
        struct unit_pairs many = {NULL, 0, 0};
        query.n_threads = n_threads;
        check_int(world_search(&world, &query, NBL__PATH_CELLS, true), NBL_OK);
        unit_rows(&world, 0, &many);
        check_int(unit_pairs_differ(&one, &many), -1);
        unit_pairs_free(&many);
    }
    unit_pairs_free(&one);
    check_int(world_close(&world), 0);
}

struct consumer {
    uint64_t count[WORLD_ATOMS];
    atomic_int calls[WORLD_ATOMS];
    int64_t refuse; /* this atom, or -1 */
};

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    struct consumer *consumer = context;
    atomic_fetch_add(&consumer->calls[view->atom], 1);
    consumer->count[view->atom] = view->count;
    return view->atom == consumer->refuse ? NBL_EARGUMENT : NBL_OK;
}

/* Without rows: each one is handed over once, complete; a refusal ends the search with its status. */
static void rows_are_handed_over_once(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct world world;
        static struct consumer consumer;
        random_seed(&g, seed + 300);
        world_random(&world, &g, 60);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 3.0), NBL_OK);
        nbl__query query = world_random_query(&world, &g, 3.0);
        query.n_centers = -1;
        query.n_lists = 1;
        world.cutoffs[0] = 3.0;
        check_int(world_search(&world, &query, NBL__PATH_CELLS, false), NBL_OK);
        nbl__arena_rewind(&world.arena);
        const nbl__target target = {
            .only = -1, .arena = &world.arena, .consume = consume, .context = &consumer};
        memset(&consumer, 0, sizeof consumer);
        consumer.refuse = -1;
        check_int(world_traverse(&world, &query, &target, NBL__PATH_CELLS, 0, 0), NBL_OK);
        for (int64_t i = 0; i < world.n; i++) {
            check_int(atomic_load(&consumer.calls[i]), 1);
            check_int(consumer.count[i], world.rows[0].count[i]);
        }
        consumer.refuse = random_int(&g, 0, world.n - 1);
        check_int(world_traverse(&world, &query, &target, NBL__PATH_CELLS, 0, 0), NBL_EARGUMENT);
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
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 3.0), NBL_OK);
        nbl__query query = world_random_query(&world, &g, 3.0);
        check_int(world_search(&world, &query, NBL__PATH_CELLS, true), NBL_OK);
        int64_t total = unit_total(&world, &query);
        if (total < 2) {
            check_int(world_close(&world), 0);
            continue;
        }
        query.max_pairs = total;
        check_int(world_search(&world, &query, NBL__PATH_CELLS, false), NBL_OK);
        check_int(unit_total(&world, &query), total);
        query.max_pairs = total - 1;
        check_int(world_search(&world, &query, NBL__PATH_CELLS, random_chance(&g, 2)), NBL_ELIMIT);
        check_int(world.fault.what, NBL__FAULT_PAIRS);
        check_int(world.fault.limit, total - 1);
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
        world_random(&world, &g, 200);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 3.0), NBL_OK);
        nbl__query query = world_random_query(&world, &g, 3.0);
        check_int(world_search(&world, &query, NBL__PATH_CELLS, true), NBL_OK);
        count_alloc_arm(&world.memory.counter, 1, 1);
        for (int k = 0; k < 5; k++)
            check_int(world_search(&world, &query, NBL__PATH_CELLS, true), NBL_OK);
        for (int32_t k = 0; k < query.n_lists; k++)
            world.cutoffs[k] *= 0.5;
        check_int(world_search(&world, &query, NBL__PATH_CELLS, true), NBL_OK);
        check_int(unit_memory_calls(&world.memory), 0);
        check_int(world_close(&world), 0);
    }
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    nbl_status status = NBL_ENOMEM;
    for (long long nth = 1; status != NBL_OK; nth++) {
        struct random g;
        struct world world;
        random_seed(&g, 9);
        world_random(&world, &g, 300);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 3.0), NBL_OK);
        nbl__query query = world_query(&world, 3.0);
        query.sorted = true;
        count_alloc_arm(&world.memory.counter, nth, 1);
        status = world_search(&world, &query, NBL__PATH_CELLS, true);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_systems_match_the_reference),
        cmocka_unit_test(shells_at_the_cutoff),
        cmocka_unit_test(each_list_is_that_of_its_cutoff_alone),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(rows_are_handed_over_once),
        cmocka_unit_test(limits_of_pairs_are_exact),
        cmocka_unit_test(a_second_search_allocates_nothing),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
