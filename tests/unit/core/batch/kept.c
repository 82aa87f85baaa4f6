/* SPDX-License-Identifier: MIT */
#include "batch/kept.h"

#include <stdlib.h>

#include "batch.h"
#include "batch/run.h"
#include "check.h"
#include "scale.h"
#include "search/dispatch.h"

/* A searched set, whose rows were kept. */
struct setting {
    struct batch batch;
    struct unit_memory of_set, of_list;
    nbl__set set;
    nbl__list list;
    nbl__query query;
    nbl__fault fault;
};

/* Every other time systems of a few atoms without cells, of which many are written together. */
static void open_setting(struct setting *t, struct random *g, bool molecules)
{
    nbl__refusal refusal;
    memset(t, 0, sizeof *t);
    unit_memory_open(&t->of_set);
    unit_memory_open(&t->of_list);
    nbl__list_init(&t->list, &t->of_list.memory);
    batch_random(&t->batch, g, BATCH_SYSTEMS);
    for (int64_t s = 0; s < t->batch.n_systems && molecules; s++) {
        struct world *world = &t->batch.at[s];
        world->n = world->n < 9 ? world->n : 9;
        memset(world->pbc, 0, sizeof world->pbc);
    }
    if (molecules) {
        t->batch.input = (nbl__input){0};
        batch_pack(&t->batch);
        t->batch.input.n_threads = t->batch.input.least_pieces = 1;
    }
    check_int(nbl__set_build(&t->set, &t->batch.input, &t->of_set.memory, &refusal, &t->fault), NBL_OK);
    t->query = batch_query(&t->batch, g);
    check_int(nbl__list_open(&t->list, &t->set, &t->query, &refusal, &t->fault), NBL_OK);
    check_int(nbl__list_search(&t->list, &t->set, &t->query, NBL_MODE_PAIRS, &refusal, &t->fault), NBL_OK);
}

enum { MANY = 6000 };

/*
 * Many open systems of up to 64 atoms, some empty, some larger: dense ones, of which few fill what is written
 * together, or lone atoms nearly all, of which many do.
 */
static void open_many(struct setting *t, struct random *g, bool dense)
{
    static double r[4 * MANY][3];
    static int64_t first[MANY + 1];
    static const double cutoffs[2] = {1.0, 0.4};
    nbl__refusal refusal;
    memset(t, 0, sizeof *t);
    unit_memory_open(&t->of_set);
    unit_memory_open(&t->of_list);
    nbl__list_init(&t->list, &t->of_list.memory);
    nbl__input input = {.n_systems = dense ? 30 : MANY,
                        .first = first,
                        .positions = r,
                        .positions_dtype = NBL_FLOAT64,
                        .cutoffs = cutoffs,
                        .n_cutoffs = 1,
                        .algorithm = NBL_ALGORITHM_AUTO,
                        .n_threads = 1,
                        .least_pieces = 1};
    for (int64_t s = 0; s < input.n_systems; s++) {
        const int64_t most = random_chance(g, dense ? 50 : 400) ? NBL__MASK_ATOMS + 8
                             : dense                            ? NBL__MASK_ATOMS
                                                                : 1;
        first[s + 1] = first[s] + random_int(g, dense && s % 10 ? most - 2 : 0, most);
    }
    input.n_atoms = first[input.n_systems];
    assert_true(input.n_atoms <= 4 * MANY);
    for (int64_t i = 0; i < input.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = random_range(g, 0.0, 0.6);
    check_int(nbl__set_build(&t->set, &input, &t->of_set.memory, &refusal, &t->fault), NBL_OK);
    t->query = (nbl__query){.n_lists = 2,
                            .n_sets = 1,
                            .cutoffs = cutoffs,
                            .n_centers = -1,
                            .half = random_chance(g, 2),
                            .disjoint = random_chance(g, 2),
                            .n_threads = 1,
                            .least_pieces = 1,
                            .kernels = nbl__dispatch_kernels((int32_t)random_int(g, 0, 3))};
    if (!t->query.kernels)
        t->query.kernels = nbl__dispatch_kernels(NBL_ISA_AUTO);
    /* The second search refuses some of the systems that the first one has found. */
    for (int again = 0; again < 2; again++) {
        for (int64_t s = 0; s < input.n_systems && again > 0; s += random_int(g, 1, 20))
            t->set.members[s].cutoff = 0.3;
        check_int(nbl__list_open(&t->list, &t->set, &t->query, &refusal, &t->fault), NBL_OK);
        check_int(nbl__list_search(&t->list, &t->set, &t->query, NBL_MODE_PAIRS, &refusal, &t->fault), NBL_OK);
    }
}

static void close_setting(struct setting *t)
{
    nbl__set_free(&t->set, &t->of_set.memory);
    nbl__list_free(&t->list);
    check_int(unit_memory_leaks(&t->of_set), 0);
    check_int(unit_memory_leaks(&t->of_list), 0);
    batch_close(&t->batch);
}

static nbl__kept kept_of(const struct setting *t, int32_t k)
{
    return (nbl__kept){
        .set = &t->set, .rows = &t->list.rows[k], .statuses = t->list.statuses, .tables = t->list.tables};
}

/* Where the numbers of a row lie is nobody's promise: those of one row of each list are moved elsewhere. */
static uint32_t *move_row(const struct setting *t, int32_t k, struct random *g)
{
    nbl__rows *rows = &t->list.rows[k];
    const int64_t row = rows->n > 0 ? random_int(g, 0, rows->n - 1) : 0;
    const uint32_t count = rows->n > 0 ? rows->count[row] : 0;
    int64_t system = 0;
    while (system < t->set.n_systems - 1 && t->set.first[system + 1] <= row)
        system++;
    if (count == 0 || t->list.statuses[system] != NBL_OK || t->set.members[system].path == NBL__PATH_FORMULA ||
        (rows->masked && nbl__set_is_masked(&t->set, system)))
        return NULL;
    uint32_t *moved = malloc(count * sizeof *moved);
    assert_non_null(moved);
    memcpy(moved, rows->entry[row], count * sizeof *moved);
    rows->entry[row] = moved;
    return moved;
}

enum { ROOM = 150000 };

struct arrays {
    int64_t i[ROOM], j[ROOM], batch[ROOM];
    int32_t shifts[3 * ROOM];
    double distances[ROOM];
};

/* Passes rows on to a sink that the reader does not know to be one: it writes them one by one. */
static nbl_status write_alone(void *context, int thread, const nbl__view *view)
{
    return nbl__sink_row(context, thread, view);
}

/* As if all output were so many bytes. */
static void write_rows(struct setting *t, int32_t k, nbl__row_function consume, uint32_t wanted, double bytes,
                       struct arrays *a)
{
    nbl__kept kept = kept_of(t, k);
    nbl__sink sink = {.out = NBL_OUTPUTS_INIT,
                      .rows = kept.rows,
                      .n_systems = t->set.n_systems,
                      .first = t->set.first,
                      .expand = t->query.kernels->expand};
    nbl__sink_fault refused;
    memset(a, 0xaa, sizeof *a);
    sink.out.pair_capacity = ROOM;
    sink.out.i = wanted & 1 ? a->i : NULL;
    sink.out.j = wanted & 2 ? a->j : NULL;
    sink.out.batch = wanted & 4 ? a->batch : NULL;
    sink.out.shifts = wanted & 8 ? a->shifts : NULL;
    sink.out.distances = wanted & 16 ? a->distances : NULL;
    sink.out.local_indices = wanted & 32 ? 1 : 0;
    check_int(nbl__sink_check(&sink, t->query.half, false, &refused), NBL_OK);
    if (bytes > 0.0)
        kept.n_pairs = bytes / (double)nbl__sink_pair_bytes(&sink);
    check_int(nbl__kept_visit(&kept, &t->query, consume, &sink, &t->fault), NBL_OK);
}

/* Together or one by one, all or zeros past the caches as if there were many more pairs, by any number of
 * threads, with any outputs: the same bytes, and none beyond. */
static void check_outputs(struct setting *t, int32_t k, struct random *g)
{
    static struct arrays together, alone;
    const uint32_t wanted = (uint32_t)random_int(g, 1, 63);
    t->query.n_threads = (int)random_int(g, 1, 3);
    write_rows(t, k, write_alone, wanted, 0.0, &alone);
    for (int size = 0; size < 4; size++) {
        static const double bytes[4] = {0.0, 12e6, 20e6, 1e12};
        write_rows(t, k, nbl__sink_row, wanted, bytes[size], &together);
        assert_memory_equal(&together, &alone, sizeof alone);
    }
}

static void rows_written_together_are_those_written_alone(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 101);
    for (int64_t trial = scale_count(60, 10); trial > 0; trial--) {
        open_setting(&t, &g, trial % 2);
        for (int32_t k = 0; k < t.query.n_lists; k++) {
            uint32_t *moved = random_chance(&g, 2) ? move_row(&t, k, &g) : NULL;
            check_outputs(&t, k, &g);
            free(moved);
        }
        close_setting(&t);
    }
}

static void many_small_systems_are_written_in_turns(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 103);
    for (int64_t trial = scale_count(20, 6); trial > 0; trial--) {
        open_many(&t, &g, trial % 2);
        for (int32_t k = 0; k < t.query.n_lists; k++)
            check_outputs(&t, k, &g);
        close_setting(&t);
    }
}

/* Systems that failed, and who refuses to go on. */
struct consumer {
    atomic_int calls[BATCH_ATOMS];
    int64_t refuse; /* rows of the batch from here on */
};

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    struct consumer *consumer = context;
    const int64_t row = view->first + view->atom;
    (void)thread;
    atomic_fetch_add(&consumer->calls[row], 1);
    return row >= consumer->refuse ? NBL_EARGUMENT : NBL_OK;
}

static void each_row_is_handed_out_once(void **state)
{
    (void)state;
    static struct setting t;
    static struct consumer c;
    struct random g;
    random_seed(&g, 102);
    for (int64_t trial = scale_count(60, 10); trial > 0; trial--) {
        open_setting(&t, &g, trial % 2);
        const nbl__kept kept = kept_of(&t, 0);
        const int64_t failed = random_int(&g, 0, t.set.n_systems - 1);
        t.query.n_threads = (int)random_int(&g, 1, 3);
        t.list.statuses[failed] = NBL_ESHIFT;
        memset(&c, 0, sizeof c);
        c.refuse = INT64_MAX;
        check_int(nbl__kept_visit(&kept, &t.query, consume, &c, &t.fault), NBL_OK);
        for (int64_t i = 0; i < t.batch.n_atoms; i++)
            check_int(atomic_load(&c.calls[i]), i < t.set.first[failed] || i >= t.set.first[failed + 1]);
        /* The lowest refusal is told, whoever comes first. */
        if (t.set.first[failed] > 0) {
            c.refuse = t.set.first[failed] / 2;
            check_int(nbl__kept_visit(&kept, &t.query, consume, &c, &t.fault), NBL_EARGUMENT);
            check_int(t.fault.a, c.refuse);
        }
        close_setting(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_written_together_are_those_written_alone),
        cmocka_unit_test(many_small_systems_are_written_in_turns),
        cmocka_unit_test(each_row_is_handed_out_once),
    };
    return cmocka_run_group_tests_name("batch/kept", tests, NULL, NULL);
}
