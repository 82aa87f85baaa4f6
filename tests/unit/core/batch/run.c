/* SPDX-License-Identifier: MIT */
#include "batch/run.h"

#include <math.h>
#include <stdlib.h>

#include "batch.h"
#include "check.h"
#include "scale.h"
#include "search/dispatch.h"

/* A set and its lists over counted memory, each as a handle would own them. */
struct setting {
    struct batch batch; /* the input only */
    struct unit_memory of_set, of_list;
    nbl__set set;
    nbl__list list;
    nbl__refusal refusal;
    nbl__fault fault;
};

static void open_setting(struct setting *t)
{
    memset(t, 0, sizeof *t);
    unit_memory_open(&t->of_set);
    unit_memory_open(&t->of_list);
    nbl__list_init(&t->list, &t->of_list.memory);
}

static void close_setting(struct setting *t)
{
    nbl__set_free(&t->set, &t->of_set.memory);
    nbl__list_free(&t->list);
    check_int(unit_memory_leaks(&t->of_set), 0);
    check_int(unit_memory_leaks(&t->of_list), 0);
    batch_close(&t->batch);
    t->batch.n_systems = 0;
}

static void take_batch(struct setting *t, struct random *g, int64_t most)
{
    batch_close(&t->batch);
    batch_random(&t->batch, g, most);
}

/* One system alone, as a cell list has it. */
static void take_world(struct setting *t, struct random *g, int64_t most)
{
    struct world fresh;
    world_random(&fresh, g, most);
    fresh.rc = fmin(fresh.rc, 4.0);
    batch_close(&t->batch);
    batch_alone(&t->batch, &fresh);
    check_int(world_close(&fresh), 0);
}

static nbl_status build(struct setting *t)
{
    return nbl__set_build(&t->set, &t->batch.input, &t->of_set.memory, &t->refusal, &t->fault);
}

/* Opens and searches; t->refusal has what either says. */
static nbl_status search(struct setting *t, const nbl__query *query, int32_t mode)
{
    nbl__refusal found = {.system = -1};
    nbl_status status = nbl__list_open(&t->list, &t->set, query, &t->refusal, &t->fault);
    if (status == NBL_OK)
        status = nbl__list_search(&t->list, &t->set, query, mode, &found, &t->fault);
    if (found.system >= 0 && (t->refusal.system < 0 || found.system < t->refusal.system))
        t->refusal = found;
    return status;
}

/* Everything that a fetch gives, of a list of at most this many pairs. */
enum { ROOM = 120000 };

struct arrays {
    int64_t i[ROOM], j[ROOM], batch[ROOM], reverse[ROOM], row_ptr[BATCH_ATOMS + 1], counts[BATCH_ATOMS];
    int64_t edge_ptr[BATCH_SYSTEMS + 1], atom_ptr[BATCH_SYSTEMS + 1];
    int32_t shifts[3 * ROOM];
    double vectors[3 * ROOM], distances[ROOM];
};

static nbl__sink sink_of(const struct setting *t, int32_t k)
{
    return (nbl__sink){.out = NBL_OUTPUTS_INIT,
                       .rows = &t->list.rows[k],
                       .n_systems = t->set.n_systems,
                       .first = t->set.first,
                       .expand = nbl__dispatch_kernels(NBL_ISA_AUTO)->expand};
}

static nbl_status fetch(struct setting *t, const nbl__query *query, int32_t k, struct arrays *a)
{
    const bool centers = query->n_centers >= 0;
    nbl__sink sink = sink_of(t, k);
    nbl__sink_fault refused;
    sink.out.pair_capacity = ROOM;
    sink.out.row_capacity = BATCH_ATOMS;
    sink.out.system_capacity = BATCH_SYSTEMS;
    sink.out.i = a->i, sink.out.j = a->j, sink.out.batch = a->batch, sink.out.shifts = a->shifts;
    sink.out.vectors = a->vectors, sink.out.distances = a->distances, sink.out.row_ptr = a->row_ptr;
    sink.out.counts = a->counts, sink.out.edge_ptr = a->edge_ptr, sink.out.atom_ptr = a->atom_ptr;
    sink.out.reverse = query->half || centers ? NULL : a->reverse;
    check_int(nbl__sink_check(&sink, query->half, centers, &refused), NBL_OK);
    return nbl__list_fetch(&t->list, &t->set, query, k, &sink, &t->fault);
}

/* Row by row, and system by system, the pointers say where the pairs are. */
static void check_pointers(const struct setting *t, int32_t k, const struct arrays *a)
{
    const nbl__rows *rows = &t->list.rows[k];
    check_int(a->row_ptr[rows->n], rows->total);
    for (int64_t row = 0; row < rows->n; row++) {
        check_int(a->row_ptr[row + 1] - a->row_ptr[row], a->counts[row]);
        for (int64_t e = a->row_ptr[row]; e < a->row_ptr[row + 1]; e++)
            check_int(a->i[e], row);
    }
    for (int64_t s = 0; s < t->batch.n_systems; s++) {
        const int64_t end = t->batch.first[s + 1] < rows->n ? t->batch.first[s + 1] : rows->n;
        check_int(a->atom_ptr[s + 1], end);
        check_int(a->edge_ptr[s + 1], a->row_ptr[end]);
        for (int64_t e = a->edge_ptr[s]; e < a->edge_ptr[s + 1]; e++)
            check_int(a->batch[e], s);
    }
    check_int(a->atom_ptr[0], 0);
    check_int(a->edge_ptr[0], 0);
}

static void check_mirrors(const struct arrays *a, int64_t total)
{
    for (int64_t e = 0; e < total; e++) {
        const int64_t m = a->reverse[e];
        assert_true(m >= 0 && m < total);
        check_int(a->reverse[m], e);
        assert_true(a->i[m] == a->j[e] && a->j[m] == a->i[e]);
        for (int c = 0; c < 3; c++)
            check_int(a->shifts[3 * m + c], -a->shifts[3 * e + c]);
    }
}

/* The fetched list k against the reference, values bit for bit; sorted rows in their order. */
static void check_arrays(struct setting *t, const nbl__query *query, int32_t k, const struct arrays *a,
                         uint64_t seed)
{
    struct unit_pairs expected = {NULL, 0, 0}, found = {NULL, 0, 0};
    batch_reference(&t->batch, query, t->list.statuses, k, &expected);
    for (int64_t e = 0; e < t->list.rows[k].total; e++) {
        struct unit_pair pair = {.i = a->i[e], .j = a->j[e], .distance = a->distances[e]};
        for (int c = 0; c < 3; c++) {
            pair.s[c] = a->shifts[3 * e + c];
            pair.d[c] = a->vectors[3 * e + c];
        }
        unit_pairs_add(&found, &pair);
    }
    for (size_t e = 1; e < found.count; e++)
        if (query->sorted && unit_pair_order(&found.data[e - 1], &found.data[e]) >= 0)
            fail_msg("seed %llu: a row is not in order", (unsigned long long)seed);
    if (found.count)
        qsort(found.data, found.count, sizeof *found.data, unit_pair_order);
    if (unit_pairs_differ(&expected, &found) >= 0)
        fail_msg("seed %llu, list %d: other pairs than the reference", (unsigned long long)seed, k);
    for (size_t e = 0; e < found.count; e++) {
        assert_memory_equal(found.data[e].d, expected.data[e].d, sizeof found.data[e].d);
        check_bits(found.data[e].distance, expected.data[e].distance);
    }
    check_pointers(t, k, a);
    if (!query->half && query->n_centers < 0)
        check_mirrors(a, (int64_t)found.count);
    unit_pairs_free(&expected);
    unit_pairs_free(&found);
}

static void check_same(const struct arrays *a, const struct arrays *b, int64_t total, bool reverse)
{
    const size_t count = (size_t)total;
    if (count == 0)
        return;
    assert_memory_equal(a->i, b->i, count * sizeof *a->i);
    assert_memory_equal(a->j, b->j, count * sizeof *a->j);
    assert_memory_equal(a->batch, b->batch, count * sizeof *a->batch);
    assert_memory_equal(a->shifts, b->shifts, 3 * count * sizeof *a->shifts);
    assert_memory_equal(a->vectors, b->vectors, 3 * count * sizeof *a->vectors);
    assert_memory_equal(a->distances, b->distances, count * sizeof *a->distances);
    if (reverse)
        assert_memory_equal(a->reverse, b->reverse, count * sizeof *a->reverse);
}

static bool fits(const struct setting *t, const nbl__query *query)
{
    bool all = true;
    for (int32_t k = 0; k < query->n_lists; k++)
        all &= t->list.rows[k].total <= ROOM;
    return all;
}

/* All lists of a built set, in both modes: right, and the same. */
static void check_both_modes(struct setting *t, const nbl__query *query, uint64_t seed)
{
    static struct arrays kept, counted[BATCH_LISTS];
    int64_t totals[BATCH_LISTS];
    check_int(search(t, query, NBL_MODE_COUNTS), NBL_OK);
    if (!fits(t, query))
        return;
    for (int32_t k = 0; k < query->n_lists; k++) {
        totals[k] = t->list.rows[k].total;
        check_int(t->list.rows[k].kept, 0);
        check_int(fetch(t, query, k, &counted[k]), NBL_OK);
        check_arrays(t, query, k, &counted[k], seed);
    }
    check_int(search(t, query, NBL_MODE_PAIRS), NBL_OK);
    for (int32_t k = 0; k < query->n_lists; k++) {
        check_int(t->list.rows[k].kept, 1);
        check_int(t->list.rows[k].total, totals[k]);
        check_int(fetch(t, query, k, &kept), NBL_OK);
        check_same(&kept, &counted[k], totals[k], !query->half && query->n_centers < 0);
    }
}

/* One handle through batches of all kinds: the whole line, in both modes. */
static void the_whole_line_of_batches(void **state)
{
    (void)state;
    static struct setting t;
    open_setting(&t);
    int64_t n = scale_count(250, 30);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        random_seed(&g, seed);
        take_batch(&t, &g, BATCH_SYSTEMS);
        check_int(build(&t), NBL_OK);
        const nbl__query query = batch_query(&t.batch, &g);
        check_both_modes(&t, &query, seed);
        check_int(t.refusal.system, -1);
    }
    close_setting(&t);
}

/* Rows of the first atoms only: of the right length, and their pointers lead no further. */
static void check_centers(struct setting *t, const nbl__query *query)
{
    static struct arrays arrays;
    for (int32_t k = 0; k < query->n_lists && fits(t, query); k++) {
        struct unit_pairs all = {NULL, 0, 0};
        nbl__query whole = *query;
        whole.n_centers = -1;
        check_int(fetch(t, query, k, &arrays), NBL_OK);
        batch_reference(&t->batch, &whole, NULL, k, &all);
        int64_t expected = 0;
        for (size_t e = 0; e < all.count; e++)
            expected += all.data[e].i < query->n_centers;
        check_int(t->list.rows[k].n, query->n_centers);
        check_int(t->list.rows[k].total, expected);
        check_pointers(t, k, &arrays);
        unit_pairs_free(&all);
    }
}

static void the_whole_line_of_one_system(void **state)
{
    (void)state;
    static struct setting t;
    open_setting(&t);
    int64_t n = scale_count(400, 40);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        random_seed(&g, seed + 100);
        take_world(&t, &g, random_chance(&g, 8) ? 100 : 15);
        t.batch.input.algorithm = (int32_t)random_int(&g, 0, 2);
        check_int(build(&t), NBL_OK);
        check_int(t.set.built, 1);
        nbl__query query = batch_query(&t.batch, &g);
        check_both_modes(&t, &query, seed);
        if (query.half)
            continue;
        query.n_centers = random_int(&g, 0, t.batch.n_atoms);
        check_int(search(&t, &query, seed % 2 ? NBL_MODE_PAIRS : NBL_MODE_COUNTS), NBL_OK);
        check_centers(&t, &query);
    }
    close_setting(&t);
}

static void a_failed_build_is_not_built_and_does_no_harm(void **state)
{
    (void)state;
    static struct setting t;
    static struct arrays arrays;
    struct random g;
    random_seed(&g, 91);
    open_setting(&t);
    for (uint64_t trial = 0; trial < 30; trial++) {
        take_world(&t, &g, 20);
        const double kept = t.batch.positions[0][0];
        t.batch.input.all_or_nothing = true;
        t.batch.positions[0][0] = trial % 2 ? NAN : 1e101;
        check_int(build(&t), NBL_OK);
        check_int(t.refusal.status, trial % 2 ? NBL_EPOSITION : NBL_ERANGE);
        check_int(t.set.built, 0);
        t.batch.positions[0][0] = kept;
        check_int(build(&t), NBL_OK);
        check_int(t.set.built, 1);
        const nbl__query query = batch_query(&t.batch, &g);
        check_int(search(&t, &query, NBL_MODE_AUTO), NBL_OK);
        for (int32_t k = 0; k < query.n_lists && fits(&t, &query); k++) {
            check_int(fetch(&t, &query, k, &arrays), NBL_OK);
            check_arrays(&t, &query, k, &arrays, trial);
        }
    }
    close_setting(&t);
}

/* Dense rows of a batch: right where a system is good, filled up where it is not, nothing untouched. */
static void check_dense(struct setting *t, const nbl__query *query, int32_t k)
{
    const nbl__rows *rows = &t->list.rows[k];
    const int64_t w = rows->max_count + 1, n = rows->n;
    const size_t room = (size_t)(n * w + 1);
    int64_t *j = test_malloc(room * sizeof *j);
    double *distances = test_malloc(room * sizeof *distances);
    nbl__sink sink = sink_of(t, k);
    nbl__sink_fault refused;
    memset(j, 0x55, room * sizeof *j);
    memset(distances, 0x55, room * sizeof *distances);
    sink.out.layout = NBL_LAYOUT_DENSE;
    sink.out.row_capacity = n;
    sink.out.dense_width = w;
    sink.out.dense_fill = -4;
    sink.out.j = j;
    sink.out.distances = distances;
    check_int(nbl__sink_check(&sink, query->half, false, &refused), NBL_OK);
    check_int(nbl__list_fetch(&t->list, &t->set, query, k, &sink, &t->fault), NBL_OK);
    for (int64_t row = 0; row < n; row++)
        for (int64_t c = 0; c < w; c++) {
            assert_true((j[row * w + c] == -4) == (c >= rows->count[row]));
            if (c >= rows->count[row])
                check_bits(distances[row * w + c], 0.0);
        }
    check_int(j[n * w], 0x5555555555555555);
    test_free(j);
    test_free(distances);
}

/* Makes some systems bad, in the build or in the search; the lowest that the search refuses, or -1. */
static int64_t spoil_some(struct batch *b, struct random *g, nbl_status *expected)
{
    int64_t lowest = -1;
    for (int64_t s = b->n_systems - 1; s >= 0; s--) {
        const int64_t wrong = b->at[s].n > 0 ? random_int(g, 0, 6) : 6;
        expected[s] = NBL_OK;
        if (wrong == 0) {
            b->positions[b->first[s]][1] = NAN;
            expected[s] = NBL_EPOSITION;
        } else if (wrong <= 2) {
            b->searched[s] = wrong == 1 ? b->cutoffs[s] * 1.01 : NAN;
            expected[s] = wrong == 1 ? NBL_ECUTOFF_BUILD : NBL_ECUTOFF;
            lowest = s;
        }
    }
    return lowest;
}

/* Refused by the build or by a cutoff: empty rows, a status, and the rest as ever. */
static void refused_systems_are_empty(void **state)
{
    (void)state;
    static struct setting t;
    static struct arrays arrays;
    open_setting(&t);
    for (int64_t seed = scale_count(150, 30); seed > 0; seed--) {
        struct random g;
        nbl_status expected[BATCH_SYSTEMS];
        random_seed(&g, (uint64_t)seed + 2000);
        take_batch(&t, &g, BATCH_SYSTEMS);
        const nbl__query query = batch_plain_query(&t.batch);
        const int64_t lowest = spoil_some(&t.batch, &g, expected);
        check_int(build(&t), NBL_OK);
        for (int32_t mode = NBL_MODE_AUTO; mode <= NBL_MODE_COUNTS; mode++) {
            check_int(search(&t, &query, mode), NBL_OK);
            check_int(t.refusal.system, lowest);
            if (lowest >= 0) {
                check_int(t.refusal.status, expected[lowest]);
                check_int(t.refusal.fault.what,
                          expected[lowest] == NBL_ECUTOFF ? NBL__FAULT_CUTOFF : NBL__FAULT_CUTOFFS);
            }
            for (int64_t s = 0; s < t.batch.n_systems; s++)
                check_int(t.list.statuses[s], expected[s]);
            if (!fits(&t, &query))
                continue;
            check_int(fetch(&t, &query, 0, &arrays), NBL_OK);
            check_arrays(&t, &query, 0, &arrays, (uint64_t)seed);
            check_dense(&t, &query, 0);
        }
    }
    close_setting(&t);
}

static void crowd(struct setting *t, int64_t n, double rc)
{
    struct random g;
    struct world world;
    random_seed(&g, 92);
    world_open(&world);
    world.n = n;
    world.rc = rc;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, 0.0, 10.0);
    batch_close(&t->batch);
    batch_alone(&t->batch, &world);
    check_int(world_close(&world), 0);
    t->batch.input.algorithm = NBL_ALGORITHM_CELLS;
}

/* Over a limit of memory: counts only where the caller left the choice, else a refusal. */
static void limits_of_memory_choose_the_mode(void **state)
{
    (void)state;
    static struct arrays arrays;
    static struct setting t;
    open_setting(&t);
    crowd(&t, WORLD_ATOMS, 5.5);
    check_int(build(&t), NBL_OK);
    nbl__query query = batch_plain_query(&t.batch);
    check_int(search(&t, &query, NBL_MODE_AUTO), NBL_OK);
    check_int(t.list.rows[0].kept, 1);
    check_int(t.list.table_memory.bytes, 0); /* no small periodic system */
    check_int(fits(&t, &query), 1);
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
        if (choice == NBL_OK && !t.list.rows[0].kept) {
            counted = true;
            check_int(status, NBL_ELIMIT);
            check_int(fetch(&t, &query, 0, &arrays), NBL_ELIMIT); /* reverse would have to keep them */
            query.half = true;
            check_int(search(&t, &query, NBL_MODE_COUNTS), NBL_OK);
            check_int(fetch(&t, &query, 0, &arrays), NBL_OK);
            check_arrays(&t, &query, 0, &arrays, limit);
            query.half = false;
        }
    }
    assert_true(counted && refused);
    t.of_list.memory.limit = whole;
    check_int(search(&t, &query, NBL_MODE_PAIRS), NBL_OK);
    close_setting(&t);
}

/* Wide rows beyond what is kept of them: counts, whatever the mode, and as many pairs. */
static void many_wide_rows_become_counts(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    struct world world;
    random_seed(&g, 93);
    open_setting(&t);
    world_open(&world);
    world.n = 200;
    world.rc = 5.0;
    for (int a = 0; a < 3; a++) {
        world.pbc[a] = 1;
        world.h[a][a] = 4.0;
    }
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, 0.0, 4.0);
    batch_alone(&t.batch, &world);
    check_int(world_close(&world), 0);
    t.batch.input.algorithm = NBL_ALGORITHM_BRUTE;
    check_int(build(&t), NBL_OK);
    check_int(t.set.members[0].path, NBL__PATH_FORMULA);
    const nbl__query query = batch_plain_query(&t.batch);
    check_int(search(&t, &query, NBL_MODE_COUNTS), NBL_OK);
    const int64_t total = t.list.rows[0].total;
    assert_true(total * (int64_t)sizeof(nbl__image) > NBL__KEEP_WIDE);
    for (int32_t mode = NBL_MODE_AUTO; mode <= NBL_MODE_PAIRS; mode++) {
        check_int(search(&t, &query, mode), NBL_OK);
        check_int(t.list.rows[0].kept, 0);
        check_int(t.list.rows[0].total, total);
    }
    close_setting(&t);
}

/* Whatever the mode is and whichever limit decided, work that is repeated allocates nothing. */
static void the_steady_state_allocates_nothing(void **state)
{
    (void)state;
    static struct arrays arrays;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random g;
        random_seed(&g, seed + 600);
        open_setting(&t);
        take_batch(&t, &g, seed % 2 ? 1 : BATCH_SYSTEMS);
        nbl__query query = batch_query(&t.batch, &g);
        int32_t mode = (int32_t)random_int(&g, 0, 2);
        if (seed % 10 == 0) {
            crowd(&t, WORLD_ATOMS, 10.0);
            query = batch_plain_query(&t.batch);
            t.of_list.memory.limit = 700000;
            mode = NBL_MODE_AUTO;
        }
        query.half = seed % 10 == 0 || query.half;
        for (int round = 0; round < 4; round++) {
            check_int(build(&t), NBL_OK);
            check_int(search(&t, &query, mode), NBL_OK);
            assert_true(seed % 10 != 0 || !t.list.rows[0].kept);
            const size_t of_cutoffs = t.list.cutoff_memory.bytes; /* taken by the search, not by a fetch */
            for (int32_t k = 0; k < query.n_lists && fits(&t, &query); k++)
                check_int(fetch(&t, &query, k, &arrays), NBL_OK);
            check_int(t.list.cutoff_memory.bytes, of_cutoffs);
            if (round > 0 && query.n_threads == 1)
                check_int(unit_memory_calls(&t.of_list), 0);
            if (round > 0)
                check_int(unit_memory_calls(&t.of_set), 0);
            count_alloc_arm(&t.of_set.counter, 0, 0);
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
    static struct setting t;
    for (uint64_t kind = 0; kind < 8; kind++) {
        bool failed = true;
        for (long long nth = 1; failed; nth++) {
            struct random g;
            random_seed(&g, kind + 700);
            open_setting(&t);
            take_batch(&t, &g, kind < 4 ? 1 : 4);
            t.batch.input.algorithm = kind < 2 ? NBL_ALGORITHM_BRUTE : NBL_ALGORITHM_AUTO;
            nbl__query query = batch_query(&t.batch, &g);
            query.n_threads = 1;
            check_int(build(&t), NBL_OK);
            count_alloc_arm(&t.of_list.counter, nth, kind % 2);
            nbl_status status = search(&t, &query, kind % 3 ? NBL_MODE_PAIRS : NBL_MODE_COUNTS);
            for (int32_t k = 0; k < query.n_lists && status == NBL_OK && fits(&t, &query); k++)
                status = fetch(&t, &query, k, &arrays);
            count_alloc_arm(&t.of_list.counter, 0, 0);
            failed = status != NBL_OK;
            if (failed) {
                check_int(status, NBL_ENOMEM);
                check_int(t.fault.what, NBL__FAULT_BYTES);
            }
            check_int(search(&t, &query, NBL_MODE_AUTO), NBL_OK);
            for (int32_t k = 0; k < query.n_lists && fits(&t, &query); k++) {
                check_int(fetch(&t, &query, k, &arrays), NBL_OK);
                check_arrays(&t, &query, k, &arrays, kind);
            }
            close_setting(&t);
        }
    }
}

/* One pair with a shift of 127 or 128. */
static void check_narrow(int32_t mode, int32_t algorithm, int far)
{
    static struct setting t;
    struct world world;
    open_setting(&t);
    world_open(&world);
    world.n = 2;
    world.pbc[0] = 1;
    world.r[1][0] = -(double)far + 0.25;
    world.rc = 0.5;
    batch_alone(&t.batch, &world);
    check_int(world_close(&world), 0);
    t.batch.input.algorithm = algorithm;
    check_int(build(&t), NBL_OK);
    nbl__query query = batch_plain_query(&t.batch);
    query.n_centers = 1;
    check_int(search(&t, &query, mode), NBL_OK);
    check_int(t.list.rows[0].total, 1);
    int8_t shifts[3] = {77, 77, 77};
    int64_t j = 77;
    nbl__sink sink = sink_of(&t, 0);
    nbl__sink_fault refused;
    sink.out.pair_capacity = 1;
    sink.out.shift_dtype = NBL_INT8;
    sink.out.shifts = shifts;
    sink.out.j = &j;
    check_int(nbl__sink_check(&sink, false, true, &refused), NBL_OK);
    check_int(nbl__list_fetch(&t.list, &t.set, &query, 0, &sink, &t.fault), far == 127 ? NBL_OK : NBL_ENARROW);
    check_int(shifts[0], far == 127 ? 127 : 77);
    check_int(shifts[1], far == 127 ? 0 : 77);
    check_int(j, far == 127 ? 1 : 77);
    close_setting(&t);
}

static void narrow_shifts_are_refused_before_writing(void **state)
{
    (void)state;
    for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++)
        for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++)
            for (int far = 127; far <= 128; far++)
                check_narrow(mode, algorithm, far);
}

struct visitor {
    atomic_int calls[BATCH_ATOMS];
    int64_t refuse; /* this atom of the batch, or -1 */
};

static nbl_status visit(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    struct visitor *visitor = context;
    const int64_t atom = view->first + view->atom;
    atomic_fetch_add(&visitor->calls[atom], 1);
    return atom == visitor->refuse ? NBL_EARGUMENT : NBL_OK;
}

static void visits_see_each_row_once(void **state)
{
    (void)state;
    static struct setting t;
    static struct visitor visitor;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct random g;
        random_seed(&g, seed + 800);
        open_setting(&t);
        if (seed % 2)
            take_batch(&t, &g, BATCH_SYSTEMS);
        else
            crowd(&t, WORLD_ATOMS, 2.0);
        check_int(build(&t), NBL_OK);
        nbl__query query = batch_query(&t.batch, &g);
        for (int mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++)
            for (query.n_threads = 1; query.n_threads <= 3; query.n_threads++) {
                const int32_t k = (int32_t)random_int(&g, 0, query.n_lists - 1);
                check_int(search(&t, &query, mode), NBL_OK);
                memset(&visitor, 0, sizeof visitor);
                visitor.refuse = -1;
                check_int(nbl__list_visit(&t.list, &t.set, &query, k, visit, &visitor, &t.fault), NBL_OK);
                for (int64_t i = 0; i < t.batch.n_atoms; i++)
                    check_int(atomic_load(&visitor.calls[i]), 1);
                if (t.batch.n_atoms == 0)
                    continue;
                visitor.refuse = t.batch.n_atoms / 3;
                check_int(nbl__list_visit(&t.list, &t.set, &query, k, visit, &visitor, &t.fault),
                          NBL_EARGUMENT);
            }
        close_setting(&t);
    }
}

/* What a walk shows, row by row. */
struct walk {
    struct setting *t;
    atomic_int calls[BATCH_ATOMS];
    struct unit_pairs rows[BATCH_ATOMS];
    atomic_int wrong;
    atomic_int blocks;
    int stop_at;
};

static int walk_rows(void *user, const nbl_rows *rows)
{
    struct walk *walk = user;
    for (int32_t k = 0; k < rows->n_rows; k++) {
        const int64_t atom = rows->first_atom + rows->i[k];
        if (atomic_fetch_add(&walk->calls[atom], 1) != 0 ||
            rows->first_atom != walk->t->batch.first[rows->system]) {
            atomic_fetch_add(&walk->wrong, 1);
            continue;
        }
        for (int64_t e = rows->row_ptr[k]; e < rows->row_ptr[k + 1]; e++) {
            struct unit_pair pair = {.i = atom, .j = rows->j[e] + rows->first_atom};
            pair.distance = sqrt(rows->d2[e]);
            for (int c = 0; c < 3; c++) {
                pair.s[c] = rows->shifts[3 * e + c];
                pair.d[c] = rows->vectors[3 * e + c];
            }
            unit_pairs_add(&walk->rows[atom], &pair);
        }
    }
    return atomic_fetch_add(&walk->blocks, 1) + 1 == walk->stop_at;
}

static void forget_rows(struct walk *walk)
{
    for (int64_t i = 0; i < BATCH_ATOMS; i++) {
        unit_pairs_free(&walk->rows[i]);
        atomic_store(&walk->calls[i], 0);
    }
    atomic_store(&walk->blocks, 0);
}

static nbl_status do_walk(struct walk *walk, const nbl__query *query)
{
    struct setting *t = walk->t;
    nbl__blocks blocks = {.expand = query->kernels->expand,
                          .visitor = walk_rows,
                          .user = walk,
                          .fields = NBL_ROW_SHIFTS | NBL_ROW_VECTORS | NBL_ROW_D2,
                          .n_cutoffs = query->n_lists,
                          .memory = &t->of_list.memory};
    forget_rows(walk);
    nbl_status status = nbl__list_open(&t->list, &t->set, query, &t->refusal, &t->fault);
    return status == NBL_OK ? nbl__list_walk(&t->list, &t->set, query, &blocks, &t->refusal, &t->fault)
                            : status;
}

/* The list of the largest cutoff of each system. */
static void fetch_largest(struct setting *t, const nbl__query *query, struct arrays *arrays)
{
    double most[BATCH_SYSTEMS];
    nbl__query largest = *query;
    for (int64_t s = 0; s < query->n_sets; s++) {
        most[s] = query->cutoffs[s * query->n_lists];
        for (int32_t k = 1; k < query->n_lists; k++)
            most[s] = fmax(most[s], query->cutoffs[s * query->n_lists + k]);
    }
    largest.n_lists = 1;
    largest.disjoint = false;
    largest.cutoffs = most;
    check_int(search(t, &largest, NBL_MODE_PAIRS), NBL_OK);
    check_int(fetch(t, &largest, 0, arrays), NBL_OK);
}

/* The rows of the largest cutoff of each system: those of the list, in its order. */
static void walks_show_the_rows_of_the_largest_cutoff(void **state)
{
    (void)state;
    static struct setting t;
    static struct walk walk;
    static struct arrays arrays;
    walk.t = &t;
    for (int64_t seed = scale_count(100, 15); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed + 900);
        open_setting(&t);
        take_batch(&t, &g, BATCH_SYSTEMS);
        check_int(build(&t), NBL_OK);
        const nbl__query query = batch_query(&t.batch, &g);
        check_int(do_walk(&walk, &query), NBL_OK);
        check_int(atomic_load(&walk.wrong), 0);
        fetch_largest(&t, &query, &arrays);
        int64_t at = 0;
        for (int64_t i = 0; i < t.batch.n_atoms; i++) {
            check_int(atomic_load(&walk.calls[i]), 1);
            for (size_t e = 0; e < walk.rows[i].count; e++, at++) {
                const struct unit_pair *pair = &walk.rows[i].data[e];
                check_int(pair->i, arrays.i[at]);
                check_int(pair->j, arrays.j[at]);
                for (int c = 0; c < 3; c++)
                    check_int(pair->s[c], arrays.shifts[3 * at + c]);
                assert_memory_equal(pair->d, arrays.vectors + 3 * at, sizeof pair->d);
                check_bits(pair->distance, arrays.distances[at]);
            }
        }
        check_int(at, t.list.rows[0].total);
        if (t.batch.n_atoms > 0) {
            walk.stop_at = 1;
            check_int(do_walk(&walk, &query), NBL_ESTOP);
            walk.stop_at = 0;
        }
        close_setting(&t);
    }
    forget_rows(&walk);
}

/* Memory that a walk does not get is told of like that of a search. */
static void walks_without_memory_say_so(void **state)
{
    (void)state;
    static struct setting t;
    static struct walk walk;
    nbl_status status = NBL_ENOMEM;
    walk.t = &t;
    for (long long nth = 1; status != NBL_OK; nth++) {
        struct random g;
        random_seed(&g, 950);
        open_setting(&t);
        take_batch(&t, &g, BATCH_SYSTEMS);
        check_int(build(&t), NBL_OK);
        const nbl__query query = batch_plain_query(&t.batch);
        count_alloc_arm(&t.of_list.counter, nth, 1);
        status = do_walk(&walk, &query);
        count_alloc_arm(&t.of_list.counter, 0, 0);
        if (status != NBL_OK) {
            check_int(status, NBL_ENOMEM);
            check_int(t.fault.what, NBL__FAULT_BYTES);
        }
        check_int(do_walk(&walk, &query), NBL_OK);
        count_alloc_arm(&t.of_list.counter, 1, 1);
        check_int(do_walk(&walk, &query), NBL_OK);
        check_int(unit_memory_calls(&t.of_list), 0);
        count_alloc_arm(&t.of_list.counter, 0, 0);
        close_setting(&t);
    }
    forget_rows(&walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_line_of_batches),
        cmocka_unit_test(the_whole_line_of_one_system),
        cmocka_unit_test(a_failed_build_is_not_built_and_does_no_harm),
        cmocka_unit_test(refused_systems_are_empty),
        cmocka_unit_test(limits_of_memory_choose_the_mode),
        cmocka_unit_test(many_wide_rows_become_counts),
        cmocka_unit_test(the_steady_state_allocates_nothing),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(narrow_shifts_are_refused_before_writing),
        cmocka_unit_test(visits_see_each_row_once),
        cmocka_unit_test(walks_show_the_rows_of_the_largest_cutoff),
        cmocka_unit_test(walks_without_memory_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
