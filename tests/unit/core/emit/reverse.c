/* SPDX-License-Identifier: MIT */
#include "emit/reverse.h"

#include <math.h>

#include "check.h"
#include "reference.h"
#include "scale.h"

/* Each entry is the place of the mirrored pair, and the mirror of the mirror is the pair itself. */
static void check_map(const struct unit_pairs *rows, const int64_t *map, uint64_t seed)
{
    for (size_t e = 0; e < rows->count; e++) {
        if (map[e] < 0 || map[e] >= (int64_t)rows->count)
            fail_msg("seed %llu: edge %zu has no mirror", (unsigned long long)seed, e);
        const struct unit_pair *pair = &rows->data[e], *mirror = &rows->data[map[e]];
        bool same = mirror->i == pair->j && mirror->j == pair->i;
        for (int k = 0; k < 3; k++)
            same &= mirror->s[k] == -pair->s[k];
        if (!same || map[map[e]] != (int64_t)e)
            fail_msg("seed %llu: edge %zu, wrong mirror", (unsigned long long)seed, e);
    }
}

/* The map of the rows of the last search. */
static nbl__reverse reverse_of(const struct world *world, const nbl__query *query, void *out)
{
    const bool wide = world->path == NBL__PATH_FORMULA;
    const bool plain = world->path == NBL__PATH_BLOCK && world_is_open(world);
    return (nbl__reverse){.rows = world->rows,
                          .n = world->n,
                          .images = wide                             ? NULL
                                    : world->path == NBL__PATH_CELLS ? world->slots.images
                                                                     : world->table,
                          .key = world->path == NBL__PATH_CELLS ? world->slots.key : NULL,
                          .w = wide || plain ? NULL : (const int32_t(*)[3])world->w,
                          .wide = wide,
                          .sorted = query->sorted || world->path == NBL__PATH_BLOCK,
                          .dtype = NBL_INT64,
                          .out = out};
}

static nbl_status fill(struct world *world, const nbl__reverse *reverse)
{
    return nbl__reverse_fill(reverse, &world->reverse_memory, &world->memory.memory, &world->fault);
}

static void check_reverse(struct world *world, const nbl__query *query, enum nbl__path path, int64_t base,
                          int32_t dtype, uint64_t seed)
{
    struct unit_pairs rows = {NULL, 0, 0};
    check_int(world_search(world, query, path, true), NBL_OK);
    unit_rows(world, 0, &rows);
    size_t count = rows.count;
    int64_t *map = test_malloc((count + 1) * sizeof *map);
    int32_t *narrow = test_malloc((count + 1) * sizeof *narrow);
    nbl__reverse reverse = reverse_of(world, query, dtype == NBL_INT32 ? (void *)narrow : (void *)map);
    reverse.base = base;
    reverse.dtype = dtype;
    narrow[count] = 12345;
    map[count] = 12345;
    check_int(fill(world, &reverse), NBL_OK);
    check_int(narrow[count], 12345);
    check_int(map[count], 12345);
    for (size_t e = 0; e < count; e++)
        map[e] = (dtype == NBL_INT32 ? narrow[e] : map[e]) - base;
    check_map(&rows, map, seed);
    test_free(map);
    test_free(narrow);
    unit_pairs_free(&rows);
}

/* Any of the three ways to search that this world has. */
static enum nbl__path random_path(struct world *world, struct random *g, double rc)
{
    world_plan(world, rc, NBL_ALGORITHM_BRUTE);
    const bool block = world->plan.path == NBL__PATH_BLOCK;
    check_int(world_bin(world, rc), NBL_OK);
    const int64_t way = random_int(g, 0, 2);
    return way == 0 ? NBL__PATH_FORMULA : way == 1 && block ? NBL__PATH_BLOCK : NBL__PATH_CELLS;
}

static void the_map_is_an_involution(void **state)
{
    (void)state;
    int64_t n = scale_count(800, 60);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, random_chance(&g, 5) ? 100 : 12);
        double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        const enum nbl__path path = random_path(&world, &g, rc);
        nbl__query query = world_query(&world, rc);
        query.sorted = random_chance(&g, 2);
        query.self = random_chance(&g, 2);
        query.inclusive = random_chance(&g, 2);
        check_reverse(&world, &query, path, random_int(&g, 0, 1), random_chance(&g, 2) ? NBL_INT32 : NBL_INT64,
                      seed);
        check_int(world_close(&world), 0);
    }
}

enum { SYSTEMS = 5, IN_SYSTEM = 20 };

/* Rows of several systems in one list: each system fills its own part of the map, and no other. */
struct in_a_batch {
    struct world worlds[SYSTEMS];
    nbl__query query;
    nbl__rows rows;
    const nbl__image *tables[SYSTEMS];
    int64_t first[SYSTEMS + 1];
};

static void open_batch(struct in_a_batch *b, struct random *g)
{
    const nbl__query flags = {.sorted = random_chance(g, 2), .self = random_chance(g, 2)};
    struct world *owner = &b->worlds[0];
    memset(&b->rows, 0, sizeof b->rows);
    memset(b->tables, 0, sizeof b->tables);
    b->first[0] = 0;
    for (int s = 0; s < SYSTEMS; s++) {
        world_random(&b->worlds[s], g, IN_SYSTEM);
        check_int(world_wrap(&b->worlds[s]), NBL_OK);
        b->first[s + 1] = b->first[s] + b->worlds[s].n;
    }
    check_int(nbl__rows_open(&b->rows, b->first[SYSTEMS], true, &owner->memory.memory, &owner->fault), NBL_OK);
    const nbl__target target = {.rows = &b->rows, .only = -1, .arena = &owner->arena, .tables = b->tables};
    for (int s = 0; s < SYSTEMS; s++) {
        struct world *world = &b->worlds[s];
        const double rc = fmin(world->rc, 4.0);
        const enum nbl__path path = random_path(world, g, rc);
        nbl__query query = world_query(world, rc);
        query.sorted = flags.sorted;
        query.self = flags.self;
        check_int(world_traverse(world, &query, &target, path, s, b->first[s]), NBL_OK);
        world->table = b->tables[s];
        b->query = query;
    }
    nbl__rows_close(&b->rows, b->query.kernels->expand, 1);
}

static void close_batch(struct in_a_batch *b)
{
    nbl__rows_free(&b->rows, &b->worlds[0].memory.memory);
    for (int s = SYSTEMS - 1; s >= 0; s--)
        check_int(world_close(&b->worlds[s]), 0);
}

static void add_rows(const struct in_a_batch *b, int s, struct unit_pairs *pairs)
{
    for (int64_t i = 0; i < b->worlds[s].n; i++) {
        const nbl__view view = unit_view(&b->worlds[s], &b->rows, b->first[s], i);
        for (uint32_t e = 0; e < view.count; e++) {
            struct unit_pair pair = unit_pair_of(&b->worlds[s], &view, e);
            pair.i += b->first[s];
            pair.j += b->first[s];
            unit_pairs_add(pairs, &pair);
        }
    }
}

static void systems_in_the_middle_of_a_batch(void **state)
{
    (void)state;
    static struct in_a_batch b;
    for (int64_t seed = scale_count(150, 20); seed > 0; seed--) {
        struct unit_pairs pairs = {NULL, 0, 0};
        struct random g;
        random_seed(&g, (uint64_t)seed + 4000);
        open_batch(&b, &g);
        const int64_t total = b.rows.total, base = random_int(&g, 0, 1);
        int64_t *map = test_malloc((size_t)(total + 1) * sizeof *map), order[SYSTEMS];
        for (int s = 0; s < SYSTEMS; s++)
            add_rows(&b, s, &pairs);
        check_int(pairs.count, total);
        memset(map, 0x5a, (size_t)(total + 1) * sizeof *map);
        random_permutation(&g, SYSTEMS, order);
        for (int k = 0; k < SYSTEMS; k++) {
            struct world *world = &b.worlds[order[k]];
            nbl__reverse reverse = reverse_of(world, &b.query, map);
            const int64_t first = b.rows.offset[b.first[order[k]]];
            const int64_t end = b.rows.offset[b.first[order[k] + 1]];
            reverse.rows = &b.rows;
            reverse.first = b.first[order[k]];
            reverse.base = base;
            check_int(fill(world, &reverse), NBL_OK);
            for (int64_t e = first; e < end; e++)
                assert_true(map[e] - base >= first && map[e] - base < end);
            if (k == 0)
                for (int64_t e = 0; e < total; e++)
                    assert_true((map[e] != 0x5a5a5a5a5a5a5a5a) == (e >= first && e < end));
        }
        for (int64_t e = 0; e < total; e++)
            map[e] -= base;
        check_map(&pairs, map, (uint64_t)seed);
        unit_pairs_free(&pairs);
        test_free(map);
        close_batch(&b);
    }
}

static void an_identity_is_its_own_mirror(void **state)
{
    (void)state;
    for (int path = NBL__PATH_FORMULA; path <= NBL__PATH_CELLS; path++) {
        struct world world;
        world_open(&world);
        world.n = 4;
        for (int64_t i = 0; i < world.n; i++)
            world.r[i][0] = 50.0 * (double)i;
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, 1.0), NBL_OK);
        nbl__query query = world_query(&world, 1.0);
        query.self = true;
        check_int(world_search(&world, &query, (enum nbl__path)path, true), NBL_OK);
        int64_t map[4];
        nbl__reverse reverse = reverse_of(&world, &query, map);
        check_int(fill(&world, &reverse), NBL_OK);
        for (int i = 0; i < 4; i++)
            check_int(map[i], i);
        check_int(world_close(&world), 0);
    }
}

static void sorted_rows_need_no_memory_and_others_keep_theirs(void **state)
{
    (void)state;
    struct random g;
    struct world world;
    random_seed(&g, 5);
    world_random(&world, &g, 60);
    check_int(world_wrap(&world), NBL_OK);
    check_int(world_bin(&world, 3.0), NBL_OK);
    nbl__query query = world_query(&world, 3.0);
    query.sorted = true;
    check_reverse(&world, &query, NBL__PATH_CELLS, 0, NBL_INT64, 1);
    check_int(world.reverse_memory.bytes, 0);
    query.sorted = false;
    check_reverse(&world, &query, NBL__PATH_CELLS, 0, NBL_INT64, 2);
    assert_true(world.reverse_memory.bytes > 0);
    assert_true(world.reverse_memory.bytes <=
                4 * (size_t)world.rows[0].total + 16 * (size_t)world.rows[0].max_count);
    count_alloc_arm(&world.memory.counter, 1, 1);
    check_reverse(&world, &query, NBL__PATH_CELLS, 0, NBL_INT64, 3);
    check_int(unit_memory_calls(&world.memory), 0);
    nbl__buffer_free(&world.memory.memory, &world.reverse_memory);
    int64_t *map = test_malloc((size_t)(world.rows[0].total + 1) * sizeof *map);
    nbl__reverse reverse = reverse_of(&world, &query, map), none = reverse;
    none.first = world.rows[0].n;
    none.n = 0;
    check_int(fill(&world, &none), NBL_OK); /* no rows behind the last one, no memory for them */
    check_int(fill(&world, &reverse), NBL_ENOMEM);
    check_int(world.fault.what, NBL__FAULT_BYTES);
    test_free(map);
    check_int(world_close(&world), 0);
}

/* A list with a pair taken out has no map: the pair's mirror says so. */
static void a_missing_mirror_is_noticed(void **state)
{
    (void)state;
    struct random g;
    int tried = 0;
    for (int64_t seed = scale_count(200, 40); seed > 0; seed--) {
        struct world world;
        random_seed(&g, (uint64_t)seed + 6000);
        world_random(&world, &g, 30);
        const double rc = fmin(world.rc, 4.0);
        check_int(world_wrap(&world), NBL_OK);
        const enum nbl__path path = random_path(&world, &g, rc);
        nbl__query query = world_query(&world, rc);
        query.sorted = random_chance(&g, 2);
        check_int(world_search(&world, &query, path, true), NBL_OK);
        const int64_t i = random_int(&g, 0, world.n - 1);
        if (world.rows[0].count[i] > 0) {
            int64_t *map = test_malloc((size_t)world.rows[0].total * sizeof *map);
            nbl__reverse reverse = reverse_of(&world, &query, map);
            world.rows[0].count[i]--;
            check_int(fill(&world, &reverse), NBL_EVERIFY);
            test_free(map);
            tried++;
        }
        check_int(world_close(&world), 0);
    }
    assert_true(tried > 10);
}

/* Any symmetric matrix of bits: its entries in order are the pairs; no memory is needed. */
static void masks_have_a_map(void **state)
{
    enum { BEFORE = 3, ROWS = BEFORE + NBL__MASK_ATOMS };
    (void)state;
    struct random g;
    random_seed(&g, 7000);
    for (int64_t trial = scale_count(300, 100); trial > 0; trial--) {
        uint64_t masks[ROWS] = {0};
        uint32_t counts[ROWS] = {0};
        int64_t offset[ROWS + 1] = {0}, map[NBL__MASK_ATOMS * NBL__MASK_ATOMS],
                              of[NBL__MASK_ATOMS][NBL__MASK_ATOMS];
        int32_t narrow[NBL__MASK_ATOMS * NBL__MASK_ATOMS];
        const int64_t n = random_int(&g, 1, NBL__MASK_ATOMS), base = random_int(&g, 0, 1);
        const int rare = (int)random_int(&g, 1, 5);
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = i; j < n; j++)
                if (random_chance(&g, rare)) {
                    masks[BEFORE + i] |= UINT64_C(1) << j;
                    masks[BEFORE + j] |= UINT64_C(1) << i;
                }
        int64_t total = 0;
        for (int64_t row = 0; row < ROWS; row++) {
            offset[row] = total;
            for (int64_t j = 0; j < n; j++)
                if (masks[row] >> j & 1) {
                    of[row - BEFORE][j] = total++;
                    counts[row]++;
                }
        }
        offset[ROWS] = total;
        const nbl__rows rows = {.n = ROWS, .count = counts, .offset = offset, .mask = masks, .total = total};
        nbl__reverse reverse = {.rows = &rows,
                                .first = BEFORE,
                                .n = n,
                                .masked = true,
                                .base = base,
                                .dtype = NBL_INT64,
                                .out = map};
        nbl__fault fault;
        check_int(nbl__reverse_fill(&reverse, NULL, NULL, &fault), NBL_OK);
        reverse.dtype = NBL_INT32;
        reverse.out = narrow;
        check_int(nbl__reverse_fill(&reverse, NULL, NULL, &fault), NBL_OK);
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++)
                if (masks[BEFORE + i] >> j & 1) {
                    check_int(map[of[i][j]], of[j][i] + base);
                    check_int(narrow[of[i][j]], of[j][i] + base);
                }
        const int64_t i = random_int(&g, 0, n - 1), j = random_int(&g, 0, n - 1);
        if (i == j || (masks[BEFORE + i] >> j & 1) == 0)
            continue;
        masks[BEFORE + i] &= ~(UINT64_C(1) << j);
        check_int(nbl__reverse_fill(&reverse, NULL, NULL, &fault), NBL_EVERIFY);
    }
}

static void scratch_is_counted(void **state)
{
    (void)state;
    check_int(nbl__reverse_bytes(0, 0), 0);
    check_int(nbl__reverse_bytes(1000, 30), 1000 * sizeof(uint32_t) + 2 * 30 * sizeof(uint64_t));
    assert_true(nbl__reverse_bytes(INT64_MAX, 1) == SIZE_MAX);
    assert_true(nbl__reverse_bytes(1, INT64_MAX) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_is_an_involution),
        cmocka_unit_test(systems_in_the_middle_of_a_batch),
        cmocka_unit_test(an_identity_is_its_own_mirror),
        cmocka_unit_test(a_missing_mirror_is_noticed),
        cmocka_unit_test(masks_have_a_map),
        cmocka_unit_test(scratch_is_counted),
        cmocka_unit_test(sorted_rows_need_no_memory_and_others_keep_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
