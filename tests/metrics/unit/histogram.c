/* SPDX-License-Identifier: MIT */
#include "metrics/histogram.h"

#include <math.h>

#include "check.h"
#include "random.h"
#include "scale.h"

enum { MOST = 80 };
static nbl__logs logs;

static void check_near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error)) {
        print_error("%.17g, expected %.17g\n", found, expected);
        fail();
    }
}

static void entropies(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 1);
    const int64_t rounds = scale_count(2000, 200);
    for (int64_t round = 0; round < rounds; round++) {
        uint32_t counts[MOST];
        uint64_t wide[MOST];
        const int32_t n = (int32_t)random_int(&g, 1, MOST);
        const int64_t largest = random_int(&g, 1, 1 << random_int(&g, 0, 30));
        long double total = 0, expected = 0;
        for (int32_t b = 0; b < n; b++) {
            counts[b] = random_chance(&g, 2) ? 0 : (uint32_t)random_int(&g, 0, largest);
            wide[b] = counts[b] * (UINT64_C(1) << 20);
            total += counts[b];
        }
        for (int32_t b = 0; b < n; b++)
            if (counts[b] > 0)
                expected -= counts[b] / total * logl(counts[b] / total);
        check_near(nbl__entropy(&logs, n, counts), (double)expected, 1e-13);
        check_near(nbl__entropy_wide(n, wide), (double)expected, 1e-13);
    }
}

static void known_entropies(void **state)
{
    (void)state;
    uint32_t counts[MOST] = {0};
    uint64_t wide[MOST] = {0};
    check_bits(nbl__entropy(&logs, MOST, counts), 0);
    check_bits(nbl__entropy_wide(MOST, wide), 0);
    for (uint32_t c = 1; c < 5000; c += 7) { /* one bin: 0 to the last bit */
        counts[3] = c;
        wide[3] = c;
        check_bits(nbl__entropy(&logs, MOST, counts), 0);
        check_bits(nbl__entropy_wide(MOST, wide), 0);
    }
    for (int32_t n = 2; n < MOST; n++)
        for (uint32_t c = 1; c < 3000; c = 3 * c + 1) {
            for (int32_t b = 0; b < n; b++)
                wide[b] = counts[b] = c;
            check_near(nbl__entropy(&logs, n, counts), log(n), 1e-14);
            check_near(nbl__entropy_wide(n, wide), log(n), 1e-14);
        }
}

/* Counts of an ideal gas give 1; nothing gives 0, or a deviation of 1. */
static void radial_distribution(void **state)
{
    (void)state;
    const double pi = 3.14159265358979323846, w = 5.0 / MOST;
    uint64_t counts[MOST] = {0};
    double g[MOST + 1];
    g[MOST] = -7;
    nbl__rdf(MOST, counts, 5, 0.01, 1000, g);
    check_bits(g[MOST], -7);
    check_near(nbl__rdf_deviation(MOST, g), 1, 1e-15);
    for (int32_t b = 0; b < MOST; b++)
        counts[b] = (uint64_t)llround(1e9 * 4 * pi * (b + 0.5) * w * (b + 0.5) * w * w / 2);
    nbl__rdf(MOST, counts, 5, 1e-3, 1000000000000, g);
    for (int32_t b = 0; b < MOST; b++)
        check_near(g[b], 1, 1e-4);
    assert_true(nbl__rdf_deviation(MOST, g) < 1e-4);
    nbl__rdf(MOST, counts, 5, 0, 1000, g);
    for (int32_t b = 0; b < MOST; b++)
        check_bits(g[b], 0);
    const double two[] = {1, 3};
    check_near(nbl__rdf_deviation(2, two), sqrt(2), 1e-15);
}

static void counted_values(void **state)
{
    (void)state;
    const int32_t values[] = {0, 3, 3, 12, 2147483647, 5, 4};
    int64_t counts[7] = {0, 0, 0, 0, 0, 0, -7};
    nbl__count_values(7, values, 6, counts);
    const int64_t expected[] = {1, 0, 0, 2, 1, 3, -7};
    assert_memory_equal(counts, expected, sizeof expected);
    nbl__count_values(7, values, 1, counts);
    check_int(counts[0], 8);
    nbl__count_values(0, values, 1, counts);
    check_int(counts[0], 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entropies),
        cmocka_unit_test(known_entropies),
        cmocka_unit_test(radial_distribution),
        cmocka_unit_test(counted_values),
    };
    nbl__logs_init(&logs);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
