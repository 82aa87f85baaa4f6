/* SPDX-License-Identifier: MIT */
#include "search/levels.h"

#include <math.h>

#include <nblist/nblist.h>

#include "cell/exact.h"
#include "check.h"
#include "random.h"
#include "scale.h"

static void random_cutoffs(struct random *g, double *cutoffs, int32_t n)
{
    for (int32_t k = 0; k < n; k++) {
        cutoffs[k] = random_chance(g, 2) ? random_log(g, 1e-100, 1e100) : 0.5 * (double)random_int(g, 1, 9);
        if (k > 0 && random_chance(g, 4))
            cutoffs[k] = cutoffs[random_int(g, 0, k - 1)];
    }
}

/* Each cutoff once, ascending; of equal ones the first named is the lower. */
static void levels_ascend_and_equal_ones_keep_their_order(void **state)
{
    (void)state;
    static double cutoffs[NBL_MAX_LISTS];
    static nbl__level levels[NBL_MAX_LISTS + 1];
    struct random g;
    random_seed(&g, 1);
    for (int64_t trial = scale_count(2000, 200); trial > 0; trial--) {
        const int32_t n = (int32_t)random_int(&g, 1, random_chance(&g, 20) ? NBL_MAX_LISTS : 9);
        const bool inclusive = random_chance(&g, 2);
        bool seen[NBL_MAX_LISTS] = {false};
        random_cutoffs(&g, cutoffs, n);
        levels[n].list = -77;
        nbl__levels_make(levels, cutoffs, n, inclusive);
        check_int(levels[n].list, -77);
        for (int32_t k = 0; k < n; k++) {
            const int32_t list = levels[k].list;
            assert_true(list >= 0 && list < n && !seen[list]);
            seen[list] = true;
            check_bits(levels[k].cutoff, cutoffs[list]);
            if (k == 0)
                continue;
            assert_true(levels[k - 1].cutoff <= levels[k].cutoff);
            assert_true(levels[k - 1].limit <= levels[k].limit);
            assert_true(levels[k - 1].cutoff < levels[k].cutoff || levels[k - 1].list < list);
        }
    }
}

/* The limit parts squares as the contract parts their roots. */
static void limits_decide_like_roots(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 2);
    for (int64_t trial = scale_count(20000, 2000); trial > 0; trial--) {
        double cutoff;
        nbl__level level;
        const bool inclusive = random_chance(&g, 2);
        random_cutoffs(&g, &cutoff, 1);
        nbl__levels_make(&level, &cutoff, 1, inclusive);
        double d2 = cutoff * cutoff;
        for (int k = 0; k < 6; k++)
            d2 = nextafter(d2, 0.0);
        for (int k = 0; k < 12; k++, d2 = nextafter(d2, HUGE_VAL))
            check_int(d2 < level.limit, inclusive ? sqrt(d2) <= cutoff : sqrt(d2) < cutoff);
    }
}

/* A filter that is off by no more than the error in the distance, and rounds, is never surely wrong. */
static void bands_cover_the_error(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 3);
    for (int64_t trial = scale_count(20000, 2000); trial > 0; trial--) {
        double cutoff;
        nbl__level level;
        const bool inclusive = random_chance(&g, 2);
        random_cutoffs(&g, &cutoff, 1);
        nbl__levels_make(&level, &cutoff, 1, inclusive);
        const double error = random_chance(&g, 4) ? 0.0 : cutoff * random_log(&g, 1e-18, 0.3);
        const nbl__band band = nbl__level_band(&level, error);
        assert_true(band.inner >= 0.0 && band.inner < band.outer);
        for (int side = -1; side <= 1; side += 2)
            for (int step = 0; step < 4; step++) {
                /* just in or out by the formula, and seen from as far as the error allows */
                const double in = nextafter(level.limit, 0.0), out = level.limit;
                const long double seen_in = sqrtl((long double)in) + side * (long double)error;
                const long double seen_out = sqrtl((long double)out) + side * (long double)error;
                const double rounding = 1.0 + ((double)step - 1.5) * 2.0 * 0x1p-52;
                const double in2 = (double)(seen_in * seen_in) * rounding;
                const double out2 = (double)(seen_out * seen_out) * rounding;
                assert_true(in2 < band.outer);
                assert_true(!(out2 < band.inner));
            }
    }
}

static void bands_are_narrow(void **state)
{
    (void)state;
    const double cutoff = 3.0;
    nbl__level level;
    nbl__levels_make(&level, &cutoff, 1, false);
    nbl__band band = nbl__level_band(&level, 0.0);
    assert_true(band.outer - band.inner < 1e-13);
    band = nbl__level_band(&level, 1e-3);
    assert_true(band.inner > 2.998 * 2.998 && band.outer < 3.002 * 3.002);
    /* An error beyond the cutoff leaves everything open. */
    band = nbl__level_band(&level, 4.0);
    check_bits(band.inner, 0.0);
    assert_true(band.outer >= 49.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_ascend_and_equal_ones_keep_their_order),
        cmocka_unit_test(limits_decide_like_roots),
        cmocka_unit_test(bands_cover_the_error),
        cmocka_unit_test(bands_are_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
