/* SPDX-License-Identifier: MIT */
#include "cell/exact.h"

#include "check.h"
#include "random.h"
#include "scale.h"

static void check_limit(double rc)
{
    double strict = nbl__exact_limit(rc, 0), inclusive = nbl__exact_limit(rc, 1);
    assert_true(sqrt(strict) >= rc);
    assert_true(sqrt(nextafter(strict, 0.0)) < rc);
    assert_true(sqrt(inclusive) > rc);
    assert_true(sqrt(nextafter(inclusive, 0.0)) <= rc);
    assert_true(strict < inclusive);
}

/* d2 below the limit must mean the same as sqrt(d2) below the cutoff, for every double around it. */
static void the_limit_separates_square_roots(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 20);
    const double corners[] = {1e-100, 1e100, 1.0, 5.0, 6.0, 3.615, 0.1, 14.0, 1.0 + 0x1p-52, 2.0 - 0x1p-52};
    for (size_t k = 0; k < sizeof corners / sizeof *corners; k++)
        check_limit(corners[k]);
    for (int64_t k = scale_count(100000, 1000); k > 0; k--)
        check_limit(random_log(&g, 1e-100, 1e100));
    for (int64_t k = scale_count(100000, 1000); k > 0; k--)
        check_limit(random_range(&g, 0.5, 20.0));
}

static void the_square_of_the_cutoff_would_decide_differently(void **state)
{
    (void)state;
    /* The double below 25 has the square root 5: with d2 < 25 such a pair would be listed at rc = 5. */
    double below = nextafter(25.0, 0.0);
    assert_true(sqrt(below) == 5.0);
    assert_true(below >= nbl__exact_limit(5.0, 0));
    assert_true(below < nbl__exact_limit(5.0, 1));
    assert_true(25.0 < nbl__exact_limit(5.0, 1));
}

/* (i, j, s) and (j, i, -s): the same d2, opposite vectors, zeros positive in both. */
static void mirrors_are_bit_opposite(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 21);
    for (int64_t trial = scale_count(100000, 2000); trial > 0; trial--) {
        double ri[3], rj[3], h[3][3], s[3], d[3], e[3];
        for (int k = 0; k < 3; k++) {
            ri[k] = random_range(&g, -9.0, 9.0);
            rj[k] = random_chance(&g, 3) ? ri[k] : random_range(&g, -9.0, 9.0);
            s[k] = (double)random_int(&g, -3, 3);
            for (int a = 0; a < 3; a++)
                h[a][k] = random_chance(&g, 3) ? 0.0 : random_range(&g, -5.0, 5.0);
        }
        if (random_chance(&g, 5))
            s[0] = s[1] = s[2] = 0.0;
        double d2 = nbl__exact_d2(ri, rj, (const double(*)[3])h, s[0], s[1], s[2], d);
        double e2 = nbl__exact_d2(rj, ri, (const double(*)[3])h, -s[0], -s[1], -s[2], e);
        check_bits(d2, e2);
        for (int k = 0; k < 3; k++) {
            double opposite = d[k] == 0.0 ? 0.0 : -d[k];
            check_bits(e[k], opposite);
            assert_false(d[k] == 0.0 && signbit(d[k]));
        }
    }
}

static void each_operation_is_rounded_once(void **state)
{
    (void)state;
    /* 0.1 * 3 rounds up, the product by itself does not: a fused operation would give another digit. */
    const double h[3][3] = {{0.1, 0, 0}, {0, 0, 0}, {0, 0, 0}}, ri[3] = {0.3, 0, 0}, rj[3] = {0, 0, 0};
    double d[3];
    volatile double product = 3.0 * 0.1;
    volatile double expected = (0.0 - 0.3) + product;
    nbl__exact_d2(ri, rj, h, 3.0, 0.0, 0.0, d);
    check_bits(d[0], expected);
    assert_true(d[0] > 5e-17);
    check_bits(d[1], 0.0);

    /* The shift is summed before it meets the positions. */
    const double g[3][3] = {{1e16, 0, 0}, {1.0, 0, 0}, {0, 0, 0}}, far[3] = {-1e16, 0, 0};
    nbl__exact_d2(rj, far, g, 1.0, 1.0, 0.0, d);
    check_bits(d[0], 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_limit_separates_square_roots),
        cmocka_unit_test(the_square_of_the_cutoff_would_decide_differently),
        cmocka_unit_test(mirrors_are_bit_opposite),
        cmocka_unit_test(each_operation_is_rounded_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
