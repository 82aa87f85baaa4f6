/* SPDX-License-Identifier: MIT */
#include "base/size.h"

#include "check.h"

static void products_that_fit_are_exact(void **state)
{
    (void)state;
    assert_true(nbl__size_mul(0, 0) == 0);
    assert_true(nbl__size_mul(0, SIZE_MAX) == 0);
    assert_true(nbl__size_mul(SIZE_MAX, 0) == 0);
    assert_true(nbl__size_mul(1, SIZE_MAX) == SIZE_MAX);
    assert_true(nbl__size_mul(12345, 678) == 8369910);
    assert_true(nbl__size_mul(SIZE_MAX / 24, 24) == SIZE_MAX / 24 * 24);
}

static void products_that_do_not_fit_become_the_largest(void **state)
{
    (void)state;
    assert_true(nbl__size_mul(SIZE_MAX / 24 + 1, 24) == SIZE_MAX);
    assert_true(nbl__size_mul(24, SIZE_MAX / 24 + 1) == SIZE_MAX);
    assert_true(nbl__size_mul(SIZE_MAX, SIZE_MAX) == SIZE_MAX);
    size_t half = (size_t)1 << (sizeof(size_t) * 4);
    assert_true(nbl__size_mul(half, half) == SIZE_MAX);
    assert_true(nbl__size_mul(half, half - 1) == half * (half - 1));
}

static void sums_saturate(void **state)
{
    (void)state;
    assert_true(nbl__size_add(2, 3) == 5);
    assert_true(nbl__size_add(SIZE_MAX, 0) == SIZE_MAX);
    assert_true(nbl__size_add(SIZE_MAX - 1, 1) == SIZE_MAX);
    assert_true(nbl__size_add(SIZE_MAX, 1) == SIZE_MAX);
    assert_true(nbl__size_add(SIZE_MAX, SIZE_MAX) == SIZE_MAX);
}

static void counts_of_64_bits_saturate(void **state)
{
    (void)state;
    assert_true(nbl__size_of_count(7, 8) == 56);
    assert_true(nbl__size_of_count(0, 8) == 0);
    assert_true(nbl__size_of_count(UINT64_MAX, 1) == SIZE_MAX);
    assert_true(nbl__size_of_count(UINT64_MAX, 2) == SIZE_MAX);
    assert_true(nbl__size_of_count(UINT64_MAX / 2 + 1, 2) == SIZE_MAX);
}

/* An overflow must survive the sums and products that come after it. */
static void overflow_is_not_lost_again(void **state)
{
    (void)state;
    size_t lost = nbl__size_mul(SIZE_MAX / 2, 3);
    assert_true(nbl__size_add(lost, 8) == SIZE_MAX);
    assert_true(nbl__size_mul(lost, 4) == SIZE_MAX);
    assert_true(nbl__size_of_count(lost, 16) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_that_fit_are_exact),
        cmocka_unit_test(products_that_do_not_fit_become_the_largest),
        cmocka_unit_test(sums_saturate),
        cmocka_unit_test(counts_of_64_bits_saturate),
        cmocka_unit_test(overflow_is_not_lost_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
