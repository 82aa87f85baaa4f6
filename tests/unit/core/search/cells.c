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

/* Bins of any width, from a twelfth of the distance to many times as much, and few of them or many. */
static nbl_status bin_anyhow(struct world *world, struct random *g, double cutoff)
{
    nbl__memory *memory = &world->memory.memory;
    double width[3];
    world_plan(world, cutoff, NBL_ALGORITHM_CELLS);
    for (int a = 0; a < 3; a++)
        width[a] = world->plan.distance * (random_chance(g, 3)   ? 1.0 / 12.0
                                           : random_chance(g, 2) ? random_log(g, 1.0 / 12.0, 3.0)
                                                                 : random_log(g, 1.0, 1e6));
    nbl_status status =
        nbl__grid_init(&world->grid, &world->lattice, &world->wrapped, world->n, world->plan.distance, width,
                       random_log(g, 8.0, 10000.0), memory, &world->fault);
    return status == NBL_OK ? nbl__slots_init(&world->slots, &world->grid, &world->lattice, &world->wrapped,
                                              world->n, world->plan.distance, NULL, 1, memory, &world->fault)
                            : status;
}

/* Blocks are cut from bins by atoms and length: of whatever bins, rows are those of the reference. */
static void any_bins_find_the_same(void **state)
{
    (void)state;
    for (int64_t seed = scale_count(800, 80); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 2000);
        world_random(&world, &g, random_chance(&g, 10) ? 150 : 20);
        const double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        check_int(bin_anyhow(&world, &g, rc), NBL_OK);
        for (int k = 0; k < 3; k++) {
            nbl__query query = world_random_query(&world, &g, rc * (k ? random_log(&g, 1e-6, 1.0) : 1.0));
            check_rows(&world, &query, (uint64_t)seed);
        }
        check_int(world_close(&world), 0);
    }
}

/* A block is at most three cutoffs long, in bins of the fastest axis: 0.5125 wide here, 1.3 on the others. */
static void blocks_are_three_cutoffs_long(void **state)
{
    (void)state;
    const double cutoffs[] = {1.0, 0.7, 0.5, 0.2};
    const int64_t spans[] = {5, 4, 2, 1};
    for (int fast = 0; fast < 3; fast++) {
        struct random g;
        struct world world;
        random_seed(&g, 62);
        world_open(&world);
        world.n = 200;
        for (int a = 0; a < 3; a++)
            world.pbc[a] = 1, world.h[a][a] = a == fast ? 4.1 : 1.3;
        for (int64_t i = 0; i < world.n; i++)
            for (int k = 0; k < 3; k++)
                world.r[i][k] = random_range(&g, 0.0, world.h[k][k]);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 1.0), NBL_OK);
        for (size_t k = 0; k < sizeof cutoffs / sizeof *cutoffs; k++) {
            struct world_job job;
            const nbl__target target = {.only = -1};
            const nbl__query query = world_query(&world, cutoffs[k]);
            check_int(world_prepare(&world, &job, &query, &target, NBL__PATH_CELLS, 0, 0), NBL_OK);
            check_int(job.job.span, spans[k]);
        }
        check_int(world_close(&world), 0);
    }
}

/* From the smallest numbers to the largest: nothing depends on the unit of length. */
static void units_change_nothing(void **state)
{
    (void)state;
    for (int64_t seed = scale_count(400, 60); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 6000);
        world_random(&world, &g, 15);
        world.rc = fmin(world.rc, 4.0);
        world_scale(&world, (int)random_int(&g, -320, 300));
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, world.rc), NBL_OK);
        nbl__query query = world_random_query(&world, &g, world.rc);
        check_rows(&world, &query, (uint64_t)seed);
        check_int(world_close(&world), 0);
    }
}

/* Pairs and handfuls, each within a cutoff or at one place, in a space that is up to 1e300 wide. */
static void scatter(struct world *world, struct random *g, double cutoff, double space)
{
    world->n = random_int(g, 1, 80);
    for (int64_t i = 0; i < world->n; i++) {
        const bool beside = i > 0 && !random_chance(g, 3);
        const int64_t other = beside ? random_int(g, 0, i - 1) : 0;
        for (int k = 0; k < 3; k++) {
            const double near = random_chance(g, 3) ? 0.0 : cutoff * random_range(g, -0.7, 0.7);
            world->r[i][k] = beside                     ? world->r[other][k] + near
                             : random_chance(g, 4) && i ? world->r[i - 1][k]
                                                        : space * random_range(g, -1.0, 1.0);
        }
    }
}

/*
 * Few atoms in much space: bins that are far wider than the cutoff, and islands along any axis, so that the
 * atoms of one stretch of bins, even of one bin, are too far apart for single precision.
 */
static void atoms_of_a_bin_far_apart(void **state)
{
    (void)state;
    int pairs = 0;
    for (int64_t seed = scale_count(2000, 200); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 3000);
        world_open(&world);
        const double cutoff = random_chance(&g, 2) ? 1.0 : random_log(&g, 1e-100, 1e100);
        const double space =
            random_chance(&g, 2) ? cutoff * random_log(&g, 3.0, 1e6) : cutoff * random_log(&g, 1e6, 1e13);
        scatter(&world, &g, cutoff, random_chance(&g, 10) ? 1e300 : space);
        check_int(world_wrap(&world), NBL_OK);
        if (random_chance(&g, 2)) {
            check_int(world_bin(&world, cutoff), NBL_OK);
        } else {
            check_int(bin_anyhow(&world, &g, cutoff), NBL_OK);
        }
        for (int k = 0; k < 2; k++) {
            nbl__query query = world_random_query(&world, &g, cutoff * (k ? random_log(&g, 1e-3, 1.0) : 1.0));
            check_rows(&world, &query, (uint64_t)seed);
            pairs += unit_total(&world, &query) > world.n;
        }
        check_int(world_close(&world), 0);
    }
    assert_true(pairs > 10);
}

/*
 * Handfuls at one place but for 2^32 steps and multiples, which coordinates in steps cannot tell: with gaps
 * that are cut out, and bins that are as wide. Of the grid that is made for a cutoff, 2^32 steps are 1024
 * cutoffs.
 */
static void handfuls_a_turn_apart(void **state)
{
    (void)state;
    int with_gaps = 0;
    for (int64_t seed = scale_count(600, 100); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 7000);
        world_open(&world);
        const double cutoff = random_log(&g, 0.1, 10.0), turn = 1024.0 * cutoff;
        const int64_t places = random_int(&g, 2, 5), away = random_chance(&g, 2) ? 4 : 4096;
        double offset[5][3];
        for (int64_t k = 0; k < places; k++)
            for (int a = 0; a < 3; a++)
                offset[k][a] = random_chance(&g, 2) ? 0.0 : turn * (double)random_int(&g, 0, away);
        for (int a = 0; a < 3; a++) {
            world.pbc[a] = random_chance(&g, 3) ? 1 : 0;
            world.h[a][a] = world.pbc[a] ? turn * (double)(2 * away) : 0.0;
        }
        world.n = random_int(&g, 2, 100);
        for (int64_t i = 0; i < world.n; i++)
            for (int a = 0; a < 3; a++)
                world.r[i][a] = offset[random_int(&g, 0, places - 1)][a] + cutoff * random_range(&g, 0.0, 2.0);
        check_int(world_wrap(&world), NBL_OK);
        if (random_chance(&g, 2)) {
            check_int(world_bin(&world, cutoff), NBL_OK);
        } else {
            check_int(bin_anyhow(&world, &g, cutoff), NBL_OK);
        }
        with_gaps += world.grid.islands[0] && world.slots.step < cutoff * 0x1p-21;
        for (int k = 0; k < 2; k++) {
            nbl__query query = world_random_query(&world, &g, cutoff * (k ? random_range(&g, 0.1, 1.0) : 1.0));
            check_rows(&world, &query, (uint64_t)seed);
        }
        check_int(world_close(&world), 0);
    }
    assert_true(with_gaps > 10);
}

/* Blocks of many bins next to bins that alone are fuller than a block may be. */
static void full_and_empty_stretches(void **state)
{
    (void)state;
    for (int64_t seed = scale_count(60, 15); seed > 0; seed--) {
        struct random g;
        struct world world;
        random_seed(&g, (uint64_t)seed + 4000);
        world_open(&world);
        world.n = random_int(&g, 100, 250);
        const int fast = (int)random_int(&g, 0, 2);
        for (int a = 0; a < 3; a++) {
            world.pbc[a] = random_chance(&g, 2) ? 1 : 0;
            world.h[a][a] = a == fast ? 12.0 : 3.0;
        }
        for (int64_t i = 0; i < world.n; i++)
            for (int k = 0; k < 3; k++) {
                const double f = random_unit(&g);
                world.r[i][k] = world.h[k][k] * (k == fast ? pow(f, 4.0) : f);
            }
        check_int(world_wrap(&world), NBL_OK);
        check_int(random_chance(&g, 2) ? world_bin(&world, 1.0) : bin_anyhow(&world, &g, 1.0), NBL_OK);
        for (int k = 0; k < 2; k++) {
            nbl__query query = world_random_query(&world, &g, k ? random_range(&g, 0.2, 1.0) : 1.0);
            check_rows(&world, &query, (uint64_t)seed);
        }
        check_int(world_close(&world), 0);
    }
}

/* Tens of thousands of candidates, and rows nearly as long: beyond what is made straight in its place. */
static void rows_longer_than_their_place(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= (uint64_t)scale_count(16, 4); seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed + 800);
        world_open(&world);
        world.n = random_int(&g, 3, 12);
        for (int a = 0; a < 3; a++) {
            world.pbc[a] = 1;
            for (int64_t i = 0; i < world.n; i++)
                world.r[i][a] = random_unit(&g);
        }
        const double cutoff = cbrt(random_range(&g, 15000.0, 40000.0) / (double)world.n / 4.19);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, cutoff), NBL_OK);
        nbl__query query = world_random_query(&world, &g, cutoff);
        query.n_lists = (int32_t)random_int(&g, 1, 2);
        world.cutoffs[0] = cutoff;
        world.cutoffs[1] = 0.95 * cutoff;
        check_rows(&world, &query, seed);
        check_int(world_close(&world), 0);
    }
}

/* The same rows in the same order, whatever the instruction set. */
static void levels_change_no_byte(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed + 600);
        world_random(&world, &g, 200);
        const double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, rc), NBL_OK);
        nbl__query query = world_random_query(&world, &g, rc);
        unit_check_levels(&world, &query, NBL__PATH_CELLS, seed);
        check_int(world_close(&world), 0);
    }
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
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 3.0), NBL_OK);
        nbl__query query = world_query(&world, 3.0);
        query.half = random_chance(&g, 2);
        query.sorted = random_chance(&g, 2);
        doubtful += unit_check_doubts(&world, &query, NBL__PATH_CELLS, &g);
        check_int(world_close(&world), 0);
    }
    assert_true(doubtful > 10);
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
        cmocka_unit_test(any_bins_find_the_same),
        cmocka_unit_test(blocks_are_three_cutoffs_long),
        cmocka_unit_test(units_change_nothing),
        cmocka_unit_test(atoms_of_a_bin_far_apart),
        cmocka_unit_test(handfuls_a_turn_apart),
        cmocka_unit_test(full_and_empty_stretches),
        cmocka_unit_test(rows_longer_than_their_place),
        cmocka_unit_test(levels_change_no_byte),
        cmocka_unit_test(rows_are_handed_over_once),
        cmocka_unit_test(limits_of_pairs_are_exact),
        cmocka_unit_test(a_second_search_allocates_nothing),
        cmocka_unit_test(doubts_allocate_nothing),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
