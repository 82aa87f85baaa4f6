/* SPDX-License-Identifier: MIT */
#include "base/sort.h"

#include <stdbool.h>
#include <stdlib.h>

#include "check.h"
#include "random.h"
#include "scale.h"

/* An item of odd size with a key to compare and the place that it started from. */
struct item {
    unsigned char key;
    unsigned char place[2];
};

static int compare_keys(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static unsigned place_of(const struct item *item)
{
    return item->place[0] + 256u * item->place[1];
}

/* In order, equal keys in their old order, every item still there, nothing touched beyond n items. */
static void check_sort(struct random *g, size_t n, int keys)
{
    struct item *items = malloc((n + 1) * sizeof *items), *scratch = malloc((n + 1) * sizeof *scratch);
    bool *seen = calloc(n + 1, sizeof *seen);
    assert_true(items && scratch && seen);
    unsigned char *origin = malloc(n + 1);
    assert_non_null(origin);
    for (size_t k = 0; k < n; k++) {
        origin[k] = (unsigned char)random_int(g, 0, keys - 1);
        items[k] = (struct item){origin[k], {(unsigned char)(k % 256), (unsigned char)(k / 256)}};
    }
    memset(&items[n], 0xa5, sizeof *items);
    memset(&scratch[n], 0xa5, sizeof *scratch);
    nbl__sort(items, n, sizeof *items, compare_keys, scratch);
    for (size_t k = 0; k < n; k++) {
        unsigned place = place_of(&items[k]);
        assert_true(place < n && !seen[place]);
        seen[place] = true;
        check_int(items[k].key, origin[place]);
        if (k > 0)
            assert_true(items[k - 1].key < items[k].key ||
                        (items[k - 1].key == items[k].key && place_of(&items[k - 1]) < place));
    }
    check_int(items[n].key, 0xa5);
    check_int(scratch[n].key, 0xa5);
    free(items);
    free(scratch);
    free(seen);
    free(origin);
}

static void every_small_size(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 1);
    for (size_t n = 0; n <= 150; n++)
        for (int trial = 0; trial < 10; trial++)
            check_sort(&g, n, trial % 2 ? 256 : 3);
}

static void large_sizes(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 2);
    for (int64_t trial = scale_count(40, 4); trial > 0; trial--)
        check_sort(&g, (size_t)random_int(&g, 151, 20000), trial % 2 ? 256 : 2);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void doubles(void **state)
{
    (void)state;
    double values[] = {3.0, -1e300, 0.0, 5e-324, -0.0, 1e300, -1.0, 3.0, 2.5}, scratch[9];
    nbl__sort(values, 9, sizeof *values, compare_doubles, scratch);
    const double expected[] = {-1e300, -1.0, 0.0, -0.0, 5e-324, 2.5, 3.0, 3.0, 1e300};
    assert_memory_equal(values, expected, sizeof values);
}

static void nothing_to_sort_needs_nothing(void **state)
{
    (void)state;
    double one = 1.5;
    nbl__sort(NULL, 0, sizeof one, compare_doubles, NULL);
    nbl__sort(&one, 1, sizeof one, compare_doubles, NULL);
    check_bits(one, 1.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_size),
        cmocka_unit_test(large_sizes),
        cmocka_unit_test(doubles),
        cmocka_unit_test(nothing_to_sort_needs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
