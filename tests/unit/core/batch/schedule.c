/* SPDX-License-Identifier: MIT */
#include "batch/schedule.h"

#include <math.h>
#include <stdlib.h>

#include "batch.h"
#include "check.h"
#include "scale.h"

/* A built set, and what one traversal of it leaves. */
struct setting {
    struct batch batch;
    struct unit_memory of_set, m;
    nbl__set set;
    nbl__query query;
    nbl__kernels kernels; /* the query's, which hold other cutoffs to be worth a job of their own */
    nbl__rows rows[WORLD_LISTS];
    nbl__arena arena;
    const nbl__image *tables[BATCH_SYSTEMS];
    int32_t statuses[BATCH_SYSTEMS];
    nbl__trace trace;
    nbl__refusal refusal;
    nbl__fault fault;
    bool masks; /* rows of small open systems */
};

static void build(struct setting *t)
{
    check_int(nbl__set_build(&t->set, &t->batch.input, &t->of_set.memory, &t->refusal, &t->fault), NBL_OK);
    check_int(t->set.built, true);
    for (int64_t s = 0; s < t->batch.n_systems; s++)
        t->statuses[s] = t->set.members[s].status;
}

static void open_setting(struct setting *t)
{
    memset(&t->set, 0, sizeof t->set);
    memset(t->rows, 0, sizeof t->rows);
    memset(&t->trace, 0, sizeof t->trace);
    unit_memory_open(&t->of_set);
    unit_memory_open(&t->m);
    nbl__arena_init(&t->arena, &t->m.memory);
}

static void random_setting(struct setting *t, uint64_t seed)
{
    struct random g;
    random_seed(&g, seed);
    open_setting(t);
    batch_random(&t->batch, &g, BATCH_SYSTEMS);
    t->query = batch_query(&t->batch, &g);
    t->masks = random_chance(&g, 2);
    t->kernels = *t->query.kernels;
    if (!random_chance(&g, 3))
        t->kernels.apart = (nbl__apart){random_range(&g, 0.1, 1.0), 0.0};
    t->query.kernels = &t->kernels;
    build(t);
}

static void close_setting(struct setting *t)
{
    for (int k = 0; k < WORLD_LISTS; k++)
        nbl__rows_free(&t->rows[k], &t->m.memory);
    nbl__arena_free(&t->arena);
    nbl__trace_free(&t->trace, &t->m.memory);
    nbl__set_free(&t->set, &t->of_set.memory);
    check_int(unit_memory_leaks(&t->of_set), 0);
    check_int(unit_memory_leaks(&t->m), 0);
    batch_close(&t->batch);
}

static void open_rows(struct setting *t, int32_t k, bool keep, bool masks)
{
    check_int(nbl__rows_open(&t->rows[k], t->batch.n_atoms, keep, &t->m.memory, &t->fault), NBL_OK);
    assert_false(t->rows[k].masked);
    t->rows[k].masked = masks;
}

static nbl_status run(struct setting *t, bool keep, int32_t only)
{
    const bool masks = t->masks && keep && only < 0 && t->query.n_centers < 0;
    const nbl__target target = {.rows = t->rows, .only = only, .arena = &t->arena, .tables = t->tables};
    memset(t->tables, 0, sizeof t->tables);
    for (int32_t k = 0; k < t->query.n_lists; k++)
        open_rows(t, k, keep, masks);
    nbl_status status =
        nbl__schedule_run(&t->set, &t->query, &target, t->statuses, &t->trace, &t->refusal, &t->fault);
    for (int32_t k = 0; k < t->query.n_lists; k++)
        nbl__rows_close(&t->rows[k], t->query.kernels->expand, 1);
    return status;
}

static void rows_of(struct setting *t, int32_t k, struct unit_pairs *pairs)
{
    batch_rows(&t->batch, &t->set, &t->rows[k], t->tables, t->statuses, pairs);
    check_int(pairs->count, t->rows[k].total);
}

/* Rows of all systems and lists against the references of the single systems. */
static void check_lists(struct setting *t, uint64_t seed)
{
    char text[240];
    for (int32_t k = 0; k < t->query.n_lists; k++) {
        struct unit_pairs expected = {NULL, 0, 0}, found = {NULL, 0, 0};
        batch_reference(&t->batch, &t->query, t->statuses, k, &expected);
        rows_of(t, k, &found);
        for (size_t e = 1; e < found.count; e++)
            if (t->query.sorted && unit_pair_order(&found.data[e - 1], &found.data[e]) >= 0)
                fail_msg("seed %llu: a row of list %d is not sorted", (unsigned long long)seed, k);
        if (found.count)
            qsort(found.data, found.count, sizeof *found.data, unit_pair_order);
        if (unit_pairs_differ(&expected, &found) >= 0)
            fail_msg("seed %llu, %s: list %d differs", (unsigned long long)seed,
                     world_query_text(&t->query, text), k);
        unit_pairs_free(&expected);
        unit_pairs_free(&found);
    }
}

static void random_batches_match_the_reference(void **state)
{
    (void)state;
    static struct setting t;
    int64_t n = scale_count(300, 30);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        random_setting(&t, seed);
        check_int(run(&t, true, -1), NBL_OK);
        check_int(t.refusal.system, -1);
        check_lists(&t, seed);
        close_setting(&t);
    }
}

/* Whoever takes which piece: the same rows in the same order, of all lists and of one. */
static void threads_and_choice_change_no_row(void **state)
{
    (void)state;
    static struct setting t;
    for (int64_t seed = scale_count(100, 15); seed > 0; seed--) {
        struct unit_pairs lists[WORLD_LISTS] = {{NULL, 0, 0}};
        random_setting(&t, (uint64_t)seed + 1000);
        t.query.n_threads = 1;
        check_int(run(&t, true, -1), NBL_OK);
        check_int(t.trace.n_threads, 1);
        for (int32_t k = 0; k < t.query.n_lists; k++)
            rows_of(&t, k, &lists[k]);
        for (t.query.n_threads = 2; t.query.n_threads <= 5; t.query.n_threads++) {
            check_int(run(&t, true, -1), NBL_OK);
            for (int32_t k = 0; k < t.query.n_lists; k++) {
                struct unit_pairs found = {NULL, 0, 0};
                rows_of(&t, k, &found);
                check_int(unit_pairs_differ(&lists[k], &found), -1);
                unit_pairs_free(&found);
            }
        }
        for (int32_t k = 0; k < t.query.n_lists; k++) {
            struct unit_pairs found = {NULL, 0, 0};
            check_int(run(&t, true, k), NBL_OK);
            rows_of(&t, 0, &found);
            check_int(unit_pairs_differ(&lists[k], &found), -1);
            unit_pairs_free(&found);
            unit_pairs_free(&lists[k]);
        }
        close_setting(&t);
    }
}

/* System s becomes one whose pairs have shifts beyond 32 bits. */
static void make_endless(struct world *world)
{
    world->n = 3;
    memset(world->r, 0, sizeof world->r);
    memset(world->h, 0, sizeof world->h);
    memset(world->pbc, 0, sizeof world->pbc);
    world->pbc[1] = 1;
    world->h[1][1] = 1e-10;
    world->rc = 4.0;
}

static void systems_that_fail_leave_the_others_alone(void **state)
{
    (void)state;
    static struct setting t;
    for (int64_t seed = scale_count(100, 15); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed + 2000);
        open_setting(&t);
        batch_random(&t.batch, &g, BATCH_SYSTEMS);
        int64_t lowest = -1;
        bool bad[BATCH_SYSTEMS] = {false};
        for (int64_t s = t.batch.n_systems - 1; s >= 0; s--)
            if (random_chance(&g, 3)) {
                make_endless(&t.batch.at[s]);
                bad[s] = true;
                lowest = s;
            }
        batch_pack(&t.batch);
        t.query = batch_query(&t.batch, &g);
        if (t.query.n_sets == 1) {
            t.query = batch_plain_query(&t.batch);
            t.query.n_threads = 3;
        }
        for (int64_t s = 0; s < t.batch.n_systems; s++)
            if (bad[s])
                t.batch.searched[s * t.query.n_lists] = 4.0;
        build(&t);
        for (int keep = 0; keep < 2; keep++) {
            for (int64_t s = 0; s < t.batch.n_systems; s++)
                t.statuses[s] = NBL_OK;
            check_int(run(&t, keep, -1), NBL_OK);
            check_int(t.refusal.system, lowest);
            if (lowest >= 0) {
                check_int(t.refusal.status, NBL_ESHIFT);
                check_int(t.refusal.fault.what, NBL__FAULT_PAIR);
                check_int(t.refusal.fault.k, 1);
            }
            for (int64_t s = 0; s < t.batch.n_systems; s++) {
                check_int(t.statuses[s], bad[s] ? NBL_ESHIFT : NBL_OK);
                for (int64_t i = t.batch.first[s]; i < t.batch.first[s + 1] && bad[s]; i++)
                    for (int32_t k = 0; k < t.query.n_lists; k++)
                        check_int(t.rows[k].count[i], 0);
            }
            if (keep)
                check_lists(&t, (uint64_t)seed);
            /* Once it has a status, a system is not looked at again. */
            check_int(run(&t, keep, -1), NBL_OK);
            check_int(t.refusal.system, -1);
        }
        close_setting(&t);
    }
}

/* A shift that only some pieces come to is found while others of the system have rows already. */
static void systems_that_fail_halfway_are_empty(void **state)
{
    (void)state;
    static struct setting t;
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        struct random g;
        random_seed(&g, 77);
        open_setting(&t);
        batch_random(&t.batch, &g, BATCH_SYSTEMS);
        struct world *world = &t.batch.at[0];
        /* Atoms within one cutoff, but the last, which is as many cells away as are allowed. */
        memset(world->h, 0, sizeof world->h);
        memset(world->pbc, 0, sizeof world->pbc);
        world->n = 100;
        world->rc = 3.0;
        world->pbc[0] = 1;
        world->h[0][0] = 3e-9;
        for (int64_t i = 0; i < world->n; i++) {
            world->r[i][0] = 0.0;
            world->r[i][1] = i < 60 ? 10.0 * (double)i : 10.0 * (double)i + 2.99999999;
            world->r[i][2] = 0.0;
        }
        world->r[99][1] = world->r[98][1] + 2.9;
        world->r[99][0] = 3.2;
        batch_pack(&t.batch);
        t.batch.cutoffs[0] = 3.0;
        t.query = batch_plain_query(&t.batch);
        t.query.n_threads = n_threads;
        t.query.max_pairs = 0;
        t.batch.searched[0] = 1e-7;
        build(&t);
        check_int(t.statuses[0], NBL_OK);
        check_int(run(&t, false, -1), NBL_OK);
        check_int(t.refusal.system, -1);
        close_setting(&t);
    }
}

struct consumer {
    atomic_int calls[BATCH_ATOMS];
    atomic_int wrong;
    const struct setting *t;
    int64_t refuse; /* this atom of the batch, or -1 */
};

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    struct consumer *consumer = context;
    const struct setting *t = consumer->t;
    const int64_t atom = view->first + view->atom;
    const bool right = thread >= 0 && thread < t->query.n_threads && view->system >= 0 &&
                       view->system < t->batch.n_systems && view->first == t->batch.first[view->system] &&
                       atom < t->batch.first[view->system + 1] && view->count == t->rows[0].count[atom];
    if (right)
        atomic_fetch_add(&consumer->calls[atom], 1);
    else
        atomic_fetch_add(&consumer->wrong, 1);
    return atom == consumer->refuse ? NBL_EARGUMENT : NBL_OK;
}

static void rows_are_handed_over_once(void **state)
{
    (void)state;
    static struct setting t;
    static struct consumer consumer;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_setting(&t, seed + 3000);
        t.query = batch_plain_query(&t.batch);
        t.query.n_threads = 1 + (int)(seed % 4);
        check_int(run(&t, false, -1), NBL_OK);
        memset(&consumer, 0, sizeof consumer);
        consumer.t = &t;
        consumer.refuse = -1;
        const nbl__target target = {.only = -1, .arena = &t.arena, .consume = consume, .context = &consumer};
        check_int(nbl__schedule_run(&t.set, &t.query, &target, t.statuses, &t.trace, &t.refusal, &t.fault),
                  NBL_OK);
        check_int(atomic_load(&consumer.wrong), 0);
        for (int64_t i = 0; i < t.batch.n_atoms; i++)
            check_int(atomic_load(&consumer.calls[i]), 1);
        consumer.refuse = t.batch.n_atoms / 2;
        if (t.batch.n_atoms > 0) {
            check_int(nbl__schedule_run(&t.set, &t.query, &target, t.statuses, &t.trace, &t.refusal, &t.fault),
                      NBL_EARGUMENT);
            check_int(t.fault.a, consumer.refuse);
        }
        close_setting(&t);
    }
}

/* A limit counts the pairs of all systems within their largest cutoffs. */
static void limits_of_pairs_are_exact(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_setting(&t, seed + 4000);
        check_int(run(&t, true, -1), NBL_OK);
        int64_t total = 0;
        for (int64_t i = 0; i < t.batch.n_atoms; i++) {
            uint32_t row = 0;
            for (int32_t k = 0; k < t.query.n_lists; k++) {
                const uint32_t count = t.rows[k].count[i];
                row = t.query.disjoint ? row + count : count > row ? count : row;
            }
            total += row;
        }
        if (total > 1) {
            t.query.max_pairs = total;
            check_int(run(&t, seed % 2, -1), NBL_OK);
            t.query.max_pairs = total - 1;
            check_int(run(&t, seed % 2, -1), NBL_ELIMIT);
            check_int(t.fault.what, NBL__FAULT_PAIRS);
            check_int(t.fault.limit, total - 1);
        }
        close_setting(&t);
    }
}

static void a_second_traversal_allocates_nothing(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        random_setting(&t, seed + 5000);
        t.query.n_threads = 1;
        check_int(run(&t, true, -1), NBL_OK);
        count_alloc_arm(&t.m.counter, 1, 1);
        for (int k = 0; k < 3; k++)
            check_int(run(&t, true, -1), NBL_OK);
        check_int(unit_memory_calls(&t.m), 0);
        count_alloc_arm(&t.m.counter, 0, 0);
        close_setting(&t);
    }
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    static struct setting t;
    nbl_status status = NBL_ENOMEM;
    for (long long nth = 1; status != NBL_OK; nth++) {
        random_setting(&t, 6003);
        t.query.n_threads = 1;
        for (int32_t k = 0; k < t.query.n_lists; k++)
            open_rows(&t, k, true, t.masks);
        count_alloc_arm(&t.m.counter, nth, 1);
        status = run(&t, true, -1);
        count_alloc_arm(&t.m.counter, 0, 0);
        if (status == NBL_OK) {
            assert_true(nth > 3);
        } else {
            check_int(status, NBL_ENOMEM);
            check_int(t.fault.what, NBL__FAULT_BYTES);
            check_int(run(&t, true, -1), NBL_OK);
        }
        check_lists(&t, 6003);
        close_setting(&t);
    }
}

static const nbl__kernels *real;
static int64_t flocks, in_flocks;

static int64_t counting_flock(const nbl__flock *flock, uint64_t *masks, uint32_t *counts, uint64_t *total)
{
    const int64_t done = real->flock(flock, masks, counts, total);
    flocks++;
    in_flocks += done;
    return done;
}

/* Open systems of up to `most` atoms in a cube of 2, of one cutoff. */
static void small_setting(struct setting *t, struct random *g, uint64_t seed, int64_t most)
{
    random_setting(t, seed);
    nbl__set_free(&t->set, &t->of_set.memory);
    for (int64_t s = 0; s < t->batch.n_systems; s++) {
        struct world *world = &t->batch.at[s];
        world->n = random_int(g, 1, most);
        world->rc = 1.0;
        for (int a = 0; a < 3; a++)
            world->pbc[a] = 0;
        for (int64_t i = 0; i < 3 * world->n; i++)
            world->r[i / 3][i % 3] = random_range(g, 0.0, 2.0);
    }
    t->batch.input = (nbl__input){0};
    t->masks = true;
}

static void build_small(struct setting *t)
{
    batch_pack(&t->batch);
    t->batch.input.n_threads = t->batch.input.least_pieces = 1;
    build(t);
    t->query = batch_plain_query(&t->batch);
}

/* Searches with a kernel that is counted; returns its calls. */
static int64_t count_flocks(struct setting *t)
{
    real = t->query.kernels;
    nbl__kernels counting = *real;
    counting.flock = counting_flock;
    t->query.kernels = &counting;
    flocks = in_flocks = 0;
    check_int(run(t, true, -1), NBL_OK);
    t->query.kernels = real;
    return flocks;
}

/* Small open systems with one cutoff that follow each other are one call of a kernel; larger ones come alone,
 * as all do whose rows are not to be masks. */
static void small_open_systems_are_searched_together(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 91);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        small_setting(&t, &g, seed + 7000, NBL__MASK_ATOMS);
        const int64_t n = t.batch.n_systems, second = n / 2, large = seed % 2 ? n - 1 : n;
        for (int64_t s = second; s < n; s++)
            t.batch.at[s].rc = 1.5;
        if (large < n)
            t.batch.at[large].n = NBL__MASK_ATOMS + 1;
        build_small(&t);
        check_int(count_flocks(&t), (second > 0) + (second < large));
        check_int(in_flocks, n - (large < n));
        check_lists(&t, seed);
        t.masks = false;
        check_int(count_flocks(&t), 0);
        check_lists(&t, seed);
        close_setting(&t);
    }
}

/* With several cutoffs, those are that have all of them alike, in the same order: a call for each list. */
static void systems_of_the_same_cutoffs_are_searched_together(void **state)
{
    (void)state;
    static const double sets[][2] = {{1.0, 0.5}, {1.0, 0.5}, {1.0, 0.4}, {1.0, 0.5}, {0.5, 1.0}, {0.5, 1.0}};
    static struct setting t;
    struct random g;
    random_seed(&g, 93);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        int64_t groups = 0;
        small_setting(&t, &g, seed + 9000, 9);
        build_small(&t);
        t.query.n_lists = 2;
        t.query.disjoint = seed % 2;
        for (int64_t s = 0; s < t.batch.n_systems; s++) {
            const double *own = sets[s % 6];
            memcpy(t.batch.searched + 2 * s, own, sizeof *sets);
            groups += s == 0 || memcmp(own, own == sets[0] ? sets[5] : own - 2, sizeof *sets) != 0;
        }
        check_int(count_flocks(&t), 2 * groups);
        check_int(in_flocks, 2 * t.batch.n_systems);
        check_lists(&t, seed);
        close_setting(&t);
    }
}

/* Systems with a pair at the cutoff are left to the formula, and the kernel goes on with the others, few at
 * first.
 */
static void doubtful_systems_are_decided_alone(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 92);
    for (uint64_t seed = 1; seed <= 60; seed++) {
        small_setting(&t, &g, seed + 8000, 9);
        const int64_t n = t.batch.n_systems;
        int64_t doubtful = 0;
        for (int64_t s = 0; s < n; s++)
            if (seed % 3 == 0 || random_chance(&g, 4)) {
                struct world *world = &t.batch.at[s];
                world->n = world->n > 1 ? world->n : 2;
                memcpy(world->r[1], world->r[0], sizeof world->r[0]);
                world->r[0][1] = 0.0;
                world->r[1][1] = 1.0;
                doubtful++;
            }
        build_small(&t);
        const int64_t calls = count_flocks(&t);
        if (doubtful == n)
            check_int(calls, n);
        assert_true(calls <= 3 * doubtful + 1);
        check_int(in_flocks, n - doubtful);
        check_lists(&t, seed);
        close_setting(&t);
    }
}

/* Where there is nobody to search, nobody looks at the cutoffs. */
static void no_atoms(void **state)
{
    (void)state;
    static struct setting t;
    random_setting(&t, 9);
    for (int64_t s = 0; s < t.batch.n_systems; s++)
        t.batch.at[s].n = 0;
    batch_pack(&t.batch);
    build(&t);
    t.query = batch_plain_query(&t.batch);
    for (int64_t s = 0; s < t.batch.n_systems; s++)
        t.batch.searched[s] = NAN;
    check_int(run(&t, true, -1), NBL_OK);
    check_int(t.rows[0].total, 0);
    check_int(t.refusal.system, -1);
    close_setting(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_batches_match_the_reference),
        cmocka_unit_test(threads_and_choice_change_no_row),
        cmocka_unit_test(systems_that_fail_leave_the_others_alone),
        cmocka_unit_test(systems_that_fail_halfway_are_empty),
        cmocka_unit_test(rows_are_handed_over_once),
        cmocka_unit_test(limits_of_pairs_are_exact),
        cmocka_unit_test(a_second_traversal_allocates_nothing),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(small_open_systems_are_searched_together),
        cmocka_unit_test(systems_of_the_same_cutoffs_are_searched_together),
        cmocka_unit_test(doubtful_systems_are_decided_alone),
        cmocka_unit_test(no_atoms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
