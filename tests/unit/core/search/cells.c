/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "reference.h"
#include "scale.h"
#include "search/scene.h"

static void describe(const struct world *world, const nbl__query *query, uint64_t seed, const char *what)
{
    fail_msg("seed %llu, %lld atoms, cutoff %.17g%s%s%s%s, %lld rows: %s", (unsigned long long)seed,
             (long long)world->n, query->cutoff, query->half ? ", half" : "",
             query->inclusive ? ", inclusive" : "", query->self ? ", self" : "",
             query->sorted ? ", sorted" : "", (long long)query->n_rows, what);
}

/* The rows of the search against the reference, as sets; sorted rows also in their order. */
static void check_rows(struct world *world, const nbl__query *query, uint64_t seed)
{
    struct unit_pairs expected = {NULL, 0, 0}, found = {NULL, 0, 0};
    const struct unit_rule rule = {query->half, query->inclusive, query->self, query->n_rows};
    check_int(world_search(world, query, false, true), NBL_OK);
    check_int(world->list.rows.n, query->n_rows);
    check_int(world->list.rows.wide, 0);
    unit_reference(world, query->cutoff, &rule, &expected);
    unit_rows(world, &found);
    check_int(found.count, world->list.rows.total);
    for (size_t e = 1; e < found.count; e++)
        if (query->sorted && unit_pair_order(&found.data[e - 1], &found.data[e]) >= 0)
            describe(world, query, seed, "a row is not sorted");
    if (found.count)
        qsort(found.data, found.count, sizeof *found.data, unit_pair_order);
    if (unit_pairs_differ(&expected, &found) >= 0)
        describe(world, query, seed, "other pairs than the reference");
    unit_pairs_free(&expected);
    unit_pairs_free(&found);
}

static nbl__query random_query(const struct world *world, struct random *g, double cutoff)
{
    nbl__query query = world_query(world, cutoff);
    query.half = random_chance(g, 2);
    query.inclusive = random_chance(g, 2);
    query.self = random_chance(g, 2);
    query.sorted = random_chance(g, 2);
    query.n_threads = (int)random_int(g, 1, 4);
    if (!query.half && random_chance(g, 3))
        query.n_rows = random_int(g, 0, world->n);
    return query;
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
            nbl__query query = random_query(&world, &g, rc * (k ? random_range(&g, 0.2, 1.0) : 1.0));
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
                check_int(world.list.rows.total, inclusive ? 27 * 6 : 0);
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
    check_int(world_search(&world, &query, false, true), NBL_OK);
    unit_rows(&world, &one);
    for (int n_threads = 2; n_threads <= 6; n_threads++) {
        struct unit_pairs many = {NULL, 0, 0};
        query.n_threads = n_threads;
        check_int(world_search(&world, &query, false, true), NBL_OK);
        unit_rows(&world, &many);
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
        nbl__query query = random_query(&world, &g, 3.0);
        query.n_rows = world.n;
        check_int(world_search(&world, &query, false, false), NBL_OK);
        nbl__scene scene = world_scene(&world);
        nbl__target target = {NULL, &world.list.arena, consume, &consumer, &world.list.stencil_memory};
        memset(&consumer, 0, sizeof consumer);
        consumer.refuse = -1;
        check_int(nbl__search_cells(&scene, &query, &target, &world.fault), NBL_OK);
        for (int64_t i = 0; i < world.n; i++) {
            check_int(atomic_load(&consumer.calls[i]), 1);
            check_int(consumer.count[i], world.list.rows.count[i]);
        }
        consumer.refuse = random_int(&g, 0, world.n - 1);
        check_int(nbl__search_cells(&scene, &query, &target, &world.fault), NBL_EARGUMENT);
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
        nbl__query query = random_query(&world, &g, 3.0);
        check_int(world_search(&world, &query, false, true), NBL_OK);
        int64_t total = world.list.rows.total;
        if (total < 2) {
            check_int(world_close(&world), 0);
            continue;
        }
        query.max_pairs = total;
        check_int(world_search(&world, &query, false, false), NBL_OK);
        check_int(world.list.rows.total, total);
        query.max_pairs = total - 1;
        check_int(world_search(&world, &query, false, random_chance(&g, 2)), NBL_ELIMIT);
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
        nbl__query query = random_query(&world, &g, 3.0);
        check_int(world_search(&world, &query, false, true), NBL_OK);
        count_alloc_arm(&world.memory.counter, 1, 1);
        for (int k = 0; k < 5; k++)
            check_int(world_search(&world, &query, false, true), NBL_OK);
        query.cutoff = 1.5;
        check_int(world_search(&world, &query, false, true), NBL_OK);
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
        status = world_search(&world, &query, false, true);
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
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(rows_are_handed_over_once),
        cmocka_unit_test(limits_of_pairs_are_exact),
        cmocka_unit_test(a_second_search_allocates_nothing),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
