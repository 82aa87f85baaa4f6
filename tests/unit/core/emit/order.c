/* SPDX-License-Identifier: MIT */
#include "emit/order.h"

#include <stdlib.h>

#include "check.h"
#include "random.h"
#include "scale.h"

enum { MOST = 5000 };

static int compare_ranks(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts a copy in blocks of exactly the size that is promised, so that a tool sees any step beyond. */
static void check_sorted(const uint64_t *ranks, uint32_t count)
{
    size_t bytes = count * sizeof *ranks;
    uint64_t *row = malloc(bytes + 1), *scratch = malloc(bytes + 1), *expected = malloc(bytes + 1);
    assert_true(row && scratch && expected);
    for (uint32_t e = 0; e < count; e++)
        row[e] = expected[e] = ranks[e];
    ((unsigned char *)row)[bytes] = ((unsigned char *)scratch)[bytes] = 0xa5;
    qsort(expected, count, sizeof *expected, compare_ranks);
    nbl__order_ranks(row, count, scratch);
    if (count > 0)
        assert_memory_equal(row, expected, bytes);
    check_int(((unsigned char *)row)[bytes], 0xa5);
    check_int(((unsigned char *)scratch)[bytes], 0xa5);
    free(row);
    free(scratch);
    free(expected);
}

/* A key, and the place that it belongs to. */
static uint64_t rank(uint32_t key, uint32_t place)
{
    return (uint64_t)key << 32 | place;
}

static void permutations_of_all_small_sizes(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 1);
    for (uint32_t count = 0; count <= 200; count++)
        for (int trial = 0; trial < 20; trial++) {
            int64_t order[200];
            uint64_t ranks[200];
            random_permutation(&g, count, order);
            for (uint32_t e = 0; e < count; e++)
                ranks[e] = rank((uint32_t)order[e] * 7u, e);
            check_sorted(ranks, count);
        }
}

static void keys_of_every_kind(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 2);
    static uint64_t ranks[MOST];
    for (int64_t trial = scale_count(300, 30); trial > 0; trial--) {
        uint32_t count = (uint32_t)random_int(&g, 0, MOST);
        uint64_t mask = random_chance(&g, 3) ? 7 : UINT32_MAX;
        for (uint32_t e = 0; e < count; e++)
            ranks[e] = rank((uint32_t)(random_bits(&g) & mask), e);
        check_sorted(ranks, count);
    }
}

static void rows_in_order_and_backwards(void **state)
{
    (void)state;
    static uint64_t ranks[MOST];
    const uint32_t counts[] = {1, 2, 15, 16, 17, 31, 32, 33, 64, 65, 1024, MOST};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (int kind = 0; kind < 4; kind++) {
            for (uint32_t e = 0; e < counts[c]; e++) {
                const uint32_t keys[] = {e, UINT32_MAX - e, 42u, e % 16u};
                ranks[e] = rank(keys[kind], UINT32_MAX - counts[c] + e);
            }
            check_sorted(ranks, counts[c]);
        }
}

/* What keys belong to travels with them. */
static void places_follow_their_keys(void **state)
{
    (void)state;
    static uint64_t ranks[2 * MOST];
    struct random g;
    random_seed(&g, 3);
    for (int64_t trial = scale_count(100, 10); trial > 0; trial--) {
        int64_t order[MOST];
        const uint32_t count = (uint32_t)random_int(&g, 0, MOST);
        random_permutation(&g, count, order);
        for (uint32_t e = 0; e < count; e++)
            ranks[e] = rank(UINT32_MAX - (uint32_t)order[e], e);
        nbl__order_ranks(ranks, count, ranks + count);
        for (uint32_t e = 0; e < count; e++) {
            check_int(ranks[e] >> 32, UINT32_MAX - (count - 1 - e));
            check_int(order[(uint32_t)ranks[e]], count - 1 - e);
        }
    }
}

static void images_compare_by_atom_then_shift(void **state)
{
    (void)state;
    const nbl__image ascending[] = {
        {{5, 5, 5}, 0},          {{INT32_MIN, 0, 0}, 1},
        {{-1, INT32_MAX, 9}, 1}, {{0, -1, 7}, 1},
        {{0, 0, INT32_MIN}, 1},  {{0, 0, 0}, 1},
        {{0, 0, 1}, 1},          {{0, 1, -3}, 1},
        {{INT32_MAX, -2, 0}, 1}, {{INT32_MIN, INT32_MIN, INT32_MIN}, INT32_MAX},
    };
    int count = sizeof ascending / sizeof *ascending;
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++) {
            int order = nbl__order_compare(&ascending[a], &ascending[b]);
            check_int((order > 0) - (order < 0), (a > b) - (a < b));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permutations_of_all_small_sizes),   cmocka_unit_test(keys_of_every_kind),
        cmocka_unit_test(rows_in_order_and_backwards),       cmocka_unit_test(places_follow_their_keys),
        cmocka_unit_test(images_compare_by_atom_then_shift),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
