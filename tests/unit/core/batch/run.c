/* SPDX-License-Identifier: MIT */
#include "batch/run.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "reference.h"
#include "scale.h"

/* A system and a list over counted memory, each as a handle would own them. */
struct setting {
    struct world world; /* the input only */
    struct unit_memory of_system, of_list;
    nbl__system system;
    nbl__list list;
    nbl__fault fault;
};

static void open_setting(struct setting *t)
{
    memset(t, 0, sizeof *t);
    world_open(&t->world);
    unit_memory_open(&t->of_system);
    unit_memory_open(&t->of_list);
    nbl__list_init(&t->list, &t->of_list.memory);
}

static void close_setting(struct setting *t)
{
    nbl__system_free(&t->system, &t->of_system.memory);
    nbl__list_free(&t->list);
    check_int(unit_memory_leaks(&t->of_system), 0);
    check_int(unit_memory_leaks(&t->of_list), 0);
    check_int(world_close(&t->world), 0);
}

static void take_world(struct setting *t, struct random *g, int64_t most)
{
    struct world fresh;
    world_random(&fresh, g, most);
    t->world.n = fresh.n;
    t->world.rc = fresh.rc < 4.0 ? fresh.rc : 4.0;
    memcpy(t->world.r, fresh.r, sizeof fresh.r);
    memcpy(t->world.h, fresh.h, sizeof fresh.h);
    memcpy(t->world.pbc, fresh.pbc, sizeof fresh.pbc);
    check_int(world_close(&fresh), 0);
}

static nbl_status build(struct setting *t, int32_t algorithm)
{
    nbl__input input = {.n = t->world.n, .positions = t->world.r, .cell = t->world.h};
    memcpy(input.pbc, t->world.pbc, sizeof input.pbc);
    return nbl__system_build(&t->system, &input, t->world.rc, algorithm, &t->of_system.memory, &t->fault);
}

static nbl_status search(struct setting *t, const nbl__query *query, int32_t mode)
{
    return nbl__list_search(&t->list, &t->system, query, mode, &t->fault);
}

/* Everything that a fetch gives, of a list of at most this many pairs. */
enum { ROOM = 60000 };

struct arrays {
    int64_t i[ROOM], j[ROOM], reverse[ROOM], row_ptr[WORLD_ATOMS + 1];
    int32_t shifts[3 * ROOM];
    double vectors[3 * ROOM], distances[ROOM];
};

static nbl_status fetch(struct setting *t, const nbl__query *query, struct arrays *a)
{
    nbl__sink sink = {.out = NBL_OUTPUTS_INIT, .rows = &t->list.rows};
    nbl__sink_fault refused;
    sink.out.pair_capacity = ROOM;
    sink.out.row_capacity = WORLD_ATOMS;
    sink.out.i = a->i, sink.out.j = a->j, sink.out.shifts = a->shifts, sink.out.vectors = a->vectors;
    sink.out.distances = a->distances, sink.out.row_ptr = a->row_ptr;
    sink.out.reverse = query->half || query->n_rows < t->world.n ? NULL : a->reverse;
    check_int(nbl__sink_check(&sink, query->half, query->n_rows < t->world.n, &refused), NBL_OK);
    return nbl__list_fetch(&t->list, &t->system, query, &sink, &t->fault);
}

static nbl__query random_query(const struct setting *t, struct random *g)
{
    nbl__query query = world_query(&t->world, t->world.rc);
    query.half = random_chance(g, 2);
    query.inclusive = random_chance(g, 2);
    query.self = random_chance(g, 2);
    query.sorted = random_chance(g, 2);
    query.n_threads = (int)random_int(g, 1, 3);
    return query;
}

static void check_arrays(const struct setting *t, const nbl__query *query, const struct arrays *a,
                         uint64_t seed)
{
    struct unit_pairs expected = {NULL, 0, 0}, found = {NULL, 0, 0};
    const struct unit_rule rule = {query->half, query->inclusive, query->self, query->n_rows};
    unit_reference(&t->world, query->cutoff, &rule, &expected);
    for (int64_t e = 0; e < t->list.rows.total; e++) {
        struct unit_pair pair = {.i = a->i[e], .j = a->j[e], .distance = a->distances[e]};
        for (int k = 0; k < 3; k++) {
            pair.s[k] = a->shifts[3 * e + k];
            pair.d[k] = a->vectors[3 * e + k];
        }
        unit_pairs_add(&found, &pair);
    }
    if (found.count)
        qsort(found.data, found.count, sizeof *found.data, unit_pair_order);
    if (unit_pairs_differ(&expected, &found) >= 0)
        fail_msg("seed %llu: other pairs than the reference", (unsigned long long)seed);
    for (size_t e = 0; e < found.count; e++) {
        assert_memory_equal(found.data[e].d, expected.data[e].d, sizeof found.data[e].d);
        check_bits(found.data[e].distance, expected.data[e].distance);
    }
    unit_pairs_free(&expected);
    unit_pairs_free(&found);
}

/* One handle through systems of all kinds: the whole line, in both modes, by both algorithms. */
static void the_whole_line_in_every_mode(void **state)
{
    (void)state;
    static struct arrays kept, counted;
    struct random g;
    struct setting t;
    open_setting(&t);
    int64_t n = scale_count(400, 40);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        random_seed(&g, seed);
        take_world(&t, &g, random_chance(&g, 8) ? 100 : 15);
        check_int(build(&t, (int32_t)random_int(&g, 0, 2)), NBL_OK);
        check_int(t.system.built, 1);
        nbl__query query = random_query(&t, &g);
        check_int(search(&t, &query, NBL_MODE_COUNTS), NBL_OK);
        int64_t total = t.list.rows.total;
        check_int(t.list.rows.kept, 0);
        if (total > ROOM)
            continue;
        check_int(fetch(&t, &query, &counted), NBL_OK);
        check_arrays(&t, &query, &counted, seed);
        check_int(search(&t, &query, NBL_MODE_PAIRS), NBL_OK);
        check_int(t.list.rows.kept, 1);
        check_int(t.list.rows.total, total);
        check_int(fetch(&t, &query, &kept), NBL_OK);
        size_t count = (size_t)total;
        if (count == 0)
            continue;
        assert_memory_equal(kept.i, counted.i, count * sizeof *kept.i);
        assert_memory_equal(kept.j, counted.j, count * sizeof *kept.j);
        assert_memory_equal(kept.shifts, counted.shifts, 3 * count * sizeof *kept.shifts);
        assert_memory_equal(kept.vectors, counted.vectors, 3 * count * sizeof *kept.vectors);
        if (!query.half)
            assert_memory_equal(kept.reverse, counted.reverse, count * sizeof *kept.reverse);
    }
    close_setting(&t);
}

static void a_failed_build_is_not_built_and_does_no_harm(void **state)
{
    (void)state;
    static struct arrays arrays;
    struct random g;
    struct setting t;
    random_seed(&g, 91);
    open_setting(&t);
    for (uint64_t trial = 0; trial < 30; trial++) {
        take_world(&t, &g, 20);
        double kept = t.world.r[0][0];
        t.world.r[0][0] = trial % 2 ? NAN : 1e101;
        check_int(build(&t, NBL_ALGORITHM_AUTO), trial % 2 ? NBL_EPOSITION : NBL_ERANGE);
        check_int(t.system.built, 0);
        t.world.r[0][0] = kept;
        check_int(build(&t, NBL_ALGORITHM_AUTO), NBL_OK);
        check_int(t.system.built, 1);
        nbl__query query = random_query(&t, &g);
        check_int(search(&t, &query, NBL_MODE_AUTO), NBL_OK);
        if (t.list.rows.total <= ROOM) {
            check_int(fetch(&t, &query, &arrays), NBL_OK);
            check_arrays(&t, &query, &arrays, trial);
        }
    }
    close_setting(&t);
}

static void crowd(struct setting *t, int64_t n)
{
    struct random g;
    random_seed(&g, 92);
    memset(t->world.pbc, 0, sizeof t->world.pbc);
    t->world.n = n;
    t->world.rc = 4.0;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            t->world.r[i][k] = random_range(&g, 0.0, 10.0);
}

/* Over a limit of memory: counts only where the caller left the choice, else a refusal. */
static void limits_of_memory_choose_the_mode(void **state)
{
    (void)state;
    static struct arrays arrays;
    struct setting t;
    open_setting(&t);
    crowd(&t, WORLD_ATOMS);
    check_int(build(&t, NBL_ALGORITHM_CELLS), NBL_OK);
    nbl__query query = world_query(&t.world, 4.0);
    check_int(search(&t, &query, NBL_MODE_AUTO), NBL_OK);
    check_int(t.list.rows.kept, 1);
    uint64_t whole = t.of_list.memory.held;
    nbl__list_free(&t.list);
    check_int(t.of_list.memory.held, 0);

    bool counted = false, refused = false;
    for (uint64_t limit = 1024; limit <= whole; limit += whole / 40) {
        t.of_list.memory.limit = limit;
        nbl_status status = search(&t, &query, NBL_MODE_PAIRS);
        assert_true(t.of_list.memory.held <= limit);
        if (status != NBL_OK) {
            check_int(status, NBL_ELIMIT);
            check_int(t.fault.what, NBL__FAULT_BYTES);
            check_int(t.fault.limit, limit);
            assert_true(t.fault.need > limit);
            refused = true;
        }
        nbl_status choice = search(&t, &query, NBL_MODE_AUTO);
        assert_true(t.of_list.memory.held <= limit);
        if (choice == NBL_OK && !t.list.rows.kept) {
            counted = true;
            check_int(status, NBL_ELIMIT);
            check_int(t.list.rows.total <= ROOM, 1);
            check_int(fetch(&t, &query, &arrays), NBL_ELIMIT); /* reverse would have to keep them */
            query.half = true;
            check_int(search(&t, &query, NBL_MODE_COUNTS), NBL_OK);
            check_int(fetch(&t, &query, &arrays), NBL_OK);
            check_arrays(&t, &query, &arrays, limit);
            query.half = false;
        }
    }
    assert_true(counted && refused);
    t.of_list.memory.limit = whole;
    check_int(search(&t, &query, NBL_MODE_PAIRS), NBL_OK);
    close_setting(&t);
}

/* Whatever the mode is and whichever limit decided, work that is repeated allocates nothing. */
static void the_steady_state_allocates_nothing(void **state)
{
    (void)state;
    static struct arrays arrays;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct setting t;
        random_seed(&g, seed + 600);
        open_setting(&t);
        take_world(&t, &g, 100);
        int32_t algorithm = (int32_t)random_int(&g, 0, 2), mode = (int32_t)random_int(&g, 0, 2);
        nbl__query query = random_query(&t, &g);
        if (seed % 10 == 0) {
            crowd(&t, WORLD_ATOMS);
            t.world.rc = query.cutoff = 10.0;
            t.of_list.memory.limit = 700000;
            query.n_rows = WORLD_ATOMS;
            query.n_threads = 1;
            mode = NBL_MODE_AUTO;
        }
        query.half = true;
        for (int round = 0; round < 4; round++) {
            check_int(build(&t, algorithm), NBL_OK);
            check_int(search(&t, &query, mode), NBL_OK);
            assert_true(seed % 10 != 0 || !t.list.rows.kept);
            if (t.list.rows.total <= ROOM)
                check_int(fetch(&t, &query, &arrays), NBL_OK);
            if (round > 0 && query.n_threads == 1)
                check_int(unit_memory_calls(&t.of_list), 0);
            if (round > 0)
                check_int(unit_memory_calls(&t.of_system), 0);
            count_alloc_arm(&t.of_system.counter, 0, 0);
            count_alloc_arm(&t.of_list.counter, 0, 0);
        }
        close_setting(&t);
    }
}

/* The n-th allocation fails, for every n: reported, nothing lost, and the next attempt works. */
static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static struct arrays arrays;
    for (uint64_t kind = 0; kind < 6; kind++) {
        bool failed = true;
        for (long long nth = 1; failed; nth++) {
            struct random g;
            struct setting t;
            random_seed(&g, kind + 700);
            open_setting(&t);
            take_world(&t, &g, 40);
            nbl__query query = world_query(&t.world, t.world.rc);
            query.sorted = kind % 2;
            count_alloc_arm(&t.of_system.counter, nth, 0);
            nbl_status status = build(&t, kind < 2 ? NBL_ALGORITHM_BRUTE : NBL_ALGORITHM_CELLS);
            failed = status != NBL_OK;
            count_alloc_arm(&t.of_system.counter, 0, 0);
            if (failed) {
                check_int(status, NBL_ENOMEM);
                check_int(t.system.built, 0);
                check_int(build(&t, kind < 2 ? NBL_ALGORITHM_BRUTE : NBL_ALGORITHM_CELLS), NBL_OK);
            }
            count_alloc_arm(&t.of_list.counter, nth, 0);
            status = search(&t, &query, kind % 3 ? NBL_MODE_PAIRS : NBL_MODE_COUNTS);
            bool fits = t.list.rows.total <= ROOM;
            if (status == NBL_OK && fits)
                status = fetch(&t, &query, &arrays);
            if (status != NBL_OK) {
                check_int(status, NBL_ENOMEM);
                check_int(t.fault.what, NBL__FAULT_BYTES);
                failed = true;
            }
            count_alloc_arm(&t.of_list.counter, 0, 0);
            check_int(search(&t, &query, NBL_MODE_AUTO), NBL_OK);
            if (t.list.rows.total <= ROOM) {
                check_int(fetch(&t, &query, &arrays), NBL_OK);
                check_arrays(&t, &query, &arrays, kind);
            }
            close_setting(&t);
        }
    }
}

static void narrow_shifts_are_refused_before_writing(void **state)
{
    (void)state;
    for (int mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++)
        for (int algorithm = NBL_ALGORITHM_BRUTE; algorithm <= NBL_ALGORITHM_CELLS; algorithm++)
            for (int far = 127; far <= 128; far++) {
                struct setting t;
                open_setting(&t);
                t.world.n = 2;
                t.world.pbc[0] = 1;
                t.world.r[1][0] = -(double)far + 0.25;
                t.world.rc = 0.5;
                check_int(build(&t, algorithm), NBL_OK);
                nbl__query query = world_query(&t.world, 0.5);
                query.n_rows = 1;
                check_int(search(&t, &query, mode), NBL_OK);
                check_int(t.list.rows.total, 1);
                int8_t shifts[3] = {77, 77, 77};
                int64_t j = 77;
                nbl__sink sink = {.out = NBL_OUTPUTS_INIT, .rows = &t.list.rows};
                nbl__sink_fault refused;
                sink.out.pair_capacity = 1;
                sink.out.shift_dtype = NBL_INT8;
                sink.out.shifts = shifts;
                sink.out.j = &j;
                check_int(nbl__sink_check(&sink, false, true, &refused), NBL_OK);
                check_int(nbl__list_fetch(&t.list, &t.system, &query, &sink, &t.fault),
                          far == 127 ? NBL_OK : NBL_ENARROW);
                check_int(shifts[0], far == 127 ? 127 : 77);
                check_int(shifts[1], far == 127 ? 0 : 77);
                check_int(j, far == 127 ? 1 : 77);
                close_setting(&t);
            }
}

struct visitor {
    atomic_int calls[WORLD_ATOMS];
    int64_t refuse;
};

static nbl_status visit(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    struct visitor *visitor = context;
    atomic_fetch_add(&visitor->calls[view->atom], 1);
    return view->atom == visitor->refuse ? NBL_EARGUMENT : NBL_OK;
}

static void visits_see_each_row_once(void **state)
{
    (void)state;
    struct setting t;
    static struct visitor visitor;
    open_setting(&t);
    crowd(&t, WORLD_ATOMS);
    check_int(build(&t, NBL_ALGORITHM_CELLS), NBL_OK);
    nbl__query query = world_query(&t.world, 2.0);
    for (int mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++)
        for (query.n_threads = 1; query.n_threads <= 3; query.n_threads++) {
            check_int(search(&t, &query, mode), NBL_OK);
            memset(&visitor, 0, sizeof visitor);
            visitor.refuse = -1;
            check_int(nbl__list_visit(&t.list, &t.system, &query, visit, &visitor, &t.fault), NBL_OK);
            for (int64_t i = 0; i < t.world.n; i++)
                check_int(atomic_load(&visitor.calls[i]), 1);
            visitor.refuse = 100;
            check_int(nbl__list_visit(&t.list, &t.system, &query, visit, &visitor, &t.fault), NBL_EARGUMENT);
        }
    close_setting(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_line_in_every_mode),
        cmocka_unit_test(a_failed_build_is_not_built_and_does_no_harm),
        cmocka_unit_test(limits_of_memory_choose_the_mode),
        cmocka_unit_test(the_steady_state_allocates_nothing),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(narrow_shifts_are_refused_before_writing),
        cmocka_unit_test(visits_see_each_row_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
