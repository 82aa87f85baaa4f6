/* SPDX-License-Identifier: MIT */
/* Histograms of unknown range: every value is in the bar that spans it, in whatever order they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/spread.h"

static uint64_t draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Values of very different sizes, both signs, with repetitions. */
static double any_value(uint64_t *state, int family)
{
    const double unit = (double)draw(state) / 2147483648.0;
    switch (family) {
    case 0:
        return unit;
    case 1:
        return 1e6 * unit - 3e5;
    case 2:
        return ldexp(unit - 0.5, (int)(draw(state) % 400) - 200);
    case 3:
        return (double)(draw(state) % 3);
    default:
        return 5 + 1e-13 * unit;
    }
}

static int64_t counted_between(const double *values, int n, double low, double high)
{
    int64_t count = 0;
    for (int k = 0; k < n; k++)
        count += values[k] >= low && values[k] < high;
    return count;
}

static void check_bars(const struct nbl__cli_spread *spread, const double *values, int n, int most)
{
    static struct nbl__cli_bars bars;
    int64_t sum = 0;
    nbl__cli_spread_bars(spread, most, &bars);
    assert_in_range(bars.n, 1, most);
    for (int k = 0; k < bars.n; k++) {
        const double low = bars.start + k * bars.width;
        assert_int_equal(bars.counts[k], counted_between(values, n, low, low + bars.width));
        assert_true(bars.counts[k] <= bars.largest);
        sum += bars.counts[k];
    }
    assert_int_equal(sum, n);
    assert_true(bars.counts[0] > 0 && bars.counts[bars.n - 1] > 0);
}

static void test_random(void **state)
{
    (void)state;
    enum { N = 3000 };
    static double values[N];
    static struct nbl__cli_spread spread, backwards;
    uint64_t seed = 7;
    for (int family = 0; family < 5; family++) {
        double sum = 0;
        nbl__cli_spread_init(&spread);
        nbl__cli_spread_init(&backwards);
        for (int k = 0; k < N; k++) {
            values[k] = any_value(&seed, family);
            sum += values[k];
            nbl__cli_spread_add(&spread, values[k]);
            if (k % 500 == 499)
                check_bars(&spread, values, k + 1, 40);
        }
        for (int k = N; k-- > 0;)
            nbl__cli_spread_add(&backwards, values[k]);
        check_bars(&spread, values, N, 1);
        check_bars(&spread, values, N, 45);
        check_bars(&spread, values, N, CLI_SPREAD_BINS);
        assert_int_equal(spread.exponent, backwards.exponent);
        assert_int_equal(spread.first, backwards.first);
        assert_memory_equal(spread.bins, backwards.bins, sizeof spread.bins);
        assert_true(fabs(spread.sum - sum) <= 0);
    }
}

static void test_resolution(void **state)
{
    (void)state;
    static struct nbl__cli_spread spread;
    nbl__cli_spread_init(&spread);
    for (int k = 0; k <= 1000; k++)
        nbl__cli_spread_add(&spread, k / 1000.0);
    /* a width at which the range takes more than half of the bins */
    assert_int_equal(spread.exponent, -9);
    assert_true(spread.min >= 0 && spread.min <= 0 && spread.max >= 1 && spread.max <= 1);
}

static void test_no_values(void **state)
{
    (void)state;
    static struct nbl__cli_spread spread;
    static struct nbl__cli_bars bars;
    nbl__cli_spread_init(&spread);
    nbl__cli_spread_add(&spread, (double)NAN);
    nbl__cli_spread_add(&spread, (double)INFINITY);
    nbl__cli_spread_bars(&spread, 10, &bars);
    assert_int_equal(bars.n, 0);
    assert_int_equal(spread.n, 0);
    assert_int_equal(spread.n_nan, 2);
    nbl__cli_spread_add(&spread, -1e308);
    nbl__cli_spread_add(&spread, 1e308);
    nbl__cli_spread_bars(&spread, 10, &bars);
    assert_int_equal(bars.counts[0] + bars.counts[bars.n - 1], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_resolution),
        cmocka_unit_test(test_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
