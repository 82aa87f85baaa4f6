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

static void check_reverse(struct world *world, const nbl__query *query, bool brute, int64_t base, int32_t dtype,
                          uint64_t seed)
{
    struct unit_pairs rows = {NULL, 0, 0};
    check_int(world_search(world, query, brute, true), NBL_OK);
    unit_rows(world, &rows);
    size_t count = rows.count;
    int64_t *map = test_malloc((count + 1) * sizeof *map);
    int32_t *narrow = test_malloc((count + 1) * sizeof *narrow);
    nbl__reverse reverse = {&world->list.rows,
                            brute ? NULL : world->slots.images,
                            brute ? NULL : (const int32_t(*)[3])world->w,
                            query->sorted,
                            base,
                            dtype,
                            dtype == NBL_INT32 ? (void *)narrow : (void *)map};
    narrow[count] = 12345;
    map[count] = 12345;
    check_int(nbl__reverse_fill(&reverse, &world->list.reverse_memory, &world->memory.memory, &world->fault),
              NBL_OK);
    check_int(narrow[count], 12345);
    check_int(map[count], 12345);
    for (size_t e = 0; e < count; e++)
        map[e] = (dtype == NBL_INT32 ? narrow[e] : map[e]) - base;
    check_map(&rows, map, seed);
    test_free(map);
    test_free(narrow);
    unit_pairs_free(&rows);
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
        check_int(world_bin(&world, rc), NBL_OK);
        nbl__query query = world_query(&world, rc);
        query.sorted = random_chance(&g, 2);
        query.self = random_chance(&g, 2);
        query.inclusive = random_chance(&g, 2);
        check_reverse(&world, &query, random_chance(&g, 3), random_int(&g, 0, 1),
                      random_chance(&g, 2) ? NBL_INT32 : NBL_INT64, seed);
        check_int(world_close(&world), 0);
    }
}

static void an_identity_is_its_own_mirror(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 4;
    for (int64_t i = 0; i < world.n; i++)
        world.r[i][0] = 50.0 * (double)i;
    check_int(world_wrap(&world), NBL_OK);
    check_int(world_bin(&world, 1.0), NBL_OK);
    nbl__query query = world_query(&world, 1.0);
    query.self = true;
    check_int(world_search(&world, &query, false, true), NBL_OK);
    int64_t map[4];
    nbl__reverse reverse = {
        &world.list.rows, world.slots.images, (const int32_t(*)[3])world.w, false, 0, NBL_INT64, map};
    check_int(nbl__reverse_fill(&reverse, &world.list.reverse_memory, &world.memory.memory, &world.fault),
              NBL_OK);
    for (int i = 0; i < 4; i++)
        check_int(map[i], i);
    check_int(world_close(&world), 0);
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
    check_reverse(&world, &query, false, 0, NBL_INT64, 1);
    check_int(world.list.reverse_memory.bytes, 0);
    query.sorted = false;
    check_reverse(&world, &query, false, 0, NBL_INT64, 2);
    assert_true(world.list.reverse_memory.bytes > 0);
    count_alloc_arm(&world.memory.counter, 1, 1);
    check_reverse(&world, &query, false, 0, NBL_INT64, 3);
    check_int(unit_memory_calls(&world.memory), 0);
    nbl__buffer_free(&world.memory.memory, &world.list.reverse_memory);
    int64_t *map = test_malloc((size_t)(world.list.rows.total + 1) * sizeof *map);
    nbl__reverse reverse = {
        &world.list.rows, world.slots.images, (const int32_t(*)[3])world.w, false, 0, NBL_INT64, map};
    check_int(nbl__reverse_fill(&reverse, &world.list.reverse_memory, &world.memory.memory, &world.fault),
              NBL_ENOMEM);
    check_int(world.fault.what, NBL__FAULT_BYTES);
    test_free(map);
    check_int(world_close(&world), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_is_an_involution),
        cmocka_unit_test(an_identity_is_its_own_mirror),
        cmocka_unit_test(sorted_rows_need_no_memory_and_others_keep_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
