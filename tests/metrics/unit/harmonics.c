/* SPDX-License-Identifier: MIT */
#include "metrics/harmonics.h"

#include <math.h>

#include "check.h"
#include "rows.h"
#include "scale.h"

static const long double pi = 3.14159265358979323846264338327950288L;

/*
 * Y_lm of a direction by the recurrence of associated Legendre functions in l, from P_mm on, and angles:
 * nothing that the library does. Without the sign of Condon and Shortley. out: [2 l + 1].
 */
static void oracle(int l, long double x, long double y, long double z, long double *out)
{
    long double r = sqrtl(x * x + y * y + z * z), phi = atan2l(y, x);
    z /= r;
    long double rho = sqrtl(x * x + y * y) / r;
    for (int m = 0; m <= l; m++) {
        long double p = 1, before = 0;
        for (int f = 1; f <= m; f++)
            p *= (2 * f - 1) * rho;
        for (int k = m + 1; k <= l; k++) {
            long double next = ((2 * k - 1) * z * p - (k + m - 1) * before) / (k - m);
            before = p;
            p = next;
        }
        long double norm = (2 * l + 1) / (4 * pi);
        for (int f = l - m + 1; f <= l + m; f++)
            norm /= f;
        p *= sqrtl(norm);
        if (m == 0) {
            out[0] = p;
        } else {
            out[2 * m - 1] = sqrtl(2) * p * cosl(m * phi);
            out[2 * m] = sqrtl(2) * p * sinl(m * phi);
        }
    }
}

static double worst;

/* Each sum within 1e-14 of what sums of k harmonics can reach. */
static void check_sums(const nbl__harmonics *harmonics, const nbl__row *row)
{
    double sums[NBL__HARMONICS_WIDTH + 1];
    sums[harmonics->width] = -7;
    nbl__harmonics_sum(harmonics, row, sums);
    assert_true(sums[harmonics->width] == -7);
    for (int32_t s = 0; s < harmonics->n_l; s++) {
        const int32_t l = harmonics->l[s];
        long double expected[2 * NBL__L_MAX + 1] = {0};
        for (int32_t e = 0; e < row->k; e++) {
            long double y[2 * NBL__L_MAX + 1];
            oracle(l, row->ux[e], row->uy[e], row->uz[e], y);
            for (int32_t t = 0; t < 2 * l + 1; t++)
                expected[t] += y[t];
        }
        for (int32_t t = 0; t < 2 * l + 1; t++) {
            double scale = (row->k + 1) * sqrt((2 * l + 1) / (4 * (double)pi));
            double error = fabs(sums[harmonics->first[s] + t] - (double)expected[t]) / scale;
            worst = error > worst ? error : worst;
            if (!(error <= 1e-14)) {
                print_error("l %d, k %d, entry %d: %.17g, expected %.17Lg\n", l, row->k, t,
                            sums[harmonics->first[s] + t], expected[t]);
                fail();
            }
        }
    }
}

static void every_l_of_random_rows(void **state)
{
    (void)state;
    struct made_row made;
    struct random g;
    random_seed(&g, 1);
    const int64_t rounds = scale_count(300, 20);
    for (int64_t round = 0; round < rounds; round++) {
        row_random(&made, &g, (int32_t)random_int(&g, 0, round % 10 == 0 ? LONGEST : 20));
        for (int32_t l = 0; l <= NBL__L_MAX; l++) {
            nbl__harmonics harmonics;
            nbl__harmonics_init(&harmonics, 1, &l, random_chance(&g, 2));
            check_sums(&harmonics, &made.row);
        }
    }
}

/* Any set, in any order, with repetitions. */
static void random_sets(void **state)
{
    (void)state;
    struct made_row made;
    struct random g;
    random_seed(&g, 2);
    const int64_t rounds = scale_count(500, 20);
    for (int64_t round = 0; round < rounds; round++) {
        int32_t l[NBL__L_COUNT], n = (int32_t)random_int(&g, 1, NBL__L_COUNT);
        for (int32_t s = 0; s < n; s++)
            l[s] = (int32_t)random_int(&g, 0, random_chance(&g, 2) ? 8 : NBL__L_MAX);
        nbl__harmonics harmonics;
        nbl__harmonics_init(&harmonics, n, l, random_chance(&g, 2));
        row_random(&made, &g, (int32_t)random_int(&g, 0, 20));
        check_sums(&harmonics, &made.row);
    }
    print_message("largest error %.2g\n", worst);
}

/* The axes, where factors vanish, and directions that differ in the last bits. */
static void special_directions(void **state)
{
    (void)state;
    static const int32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    double vectors[LONGEST][3];
    int32_t n = 0;
    for (int c = 0; c < 3; c++)
        for (int s = -1; s <= 1; s += 2)
            for (int v = 0; v < 2; v++, n++)
                for (int k = 0; k < 3; k++)
                    vectors[n][k] = k == c ? s : v == 0 ? 0 : 1e-16 * (k + 1);
    struct made_row made;
    nbl__harmonics harmonics;
    for (int avx2 = 0; avx2 < 2; avx2++) {
        nbl__harmonics_init(&harmonics, 13, all, avx2);
        for (int32_t e = 0; e < n; e++) {
            row_make(&made, 1, vectors + e, 1);
            check_sums(&harmonics, &made.row);
        }
        for (int32_t k = 0; k <= n; k++) {
            row_make(&made, k, vectors, 1);
            check_sums(&harmonics, &made.row);
        }
    }
}

/* With AVX2 and without: the same bits. Padding is 0, and nothing behind it is read. */
static void same_bits_for_all_instructions(void **state)
{
    (void)state;
    struct made_row made;
    struct random g;
    random_seed(&g, 3);
#if defined(__GNUC__) && defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2"))
        skip();
#else
    skip();
#endif
    const int64_t rounds = scale_count(500, 20);
    for (int64_t round = 0; round < rounds; round++) {
        int32_t l[NBL__L_COUNT], n = (int32_t)random_int(&g, 1, 4);
        for (int32_t s = 0; s < n; s++)
            l[s] = (int32_t)random_int(&g, 0, round % 2 ? 8 : NBL__L_MAX);
        row_random(&made, &g, (int32_t)random_int(&g, 0, round % 5 == 0 ? LONGEST : 40));
        nbl__harmonics harmonics;
        double sums[2][NBL__HARMONICS_WIDTH];
        for (int avx2 = 0; avx2 < 2; avx2++) {
            nbl__harmonics_init(&harmonics, n, l, avx2);
            nbl__harmonics_sum(&harmonics, &made.row, sums[avx2]);
        }
        assert_memory_equal(sums[0], sums[1], (size_t)harmonics.width * sizeof sums[0][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_l_of_random_rows),
        cmocka_unit_test(random_sets),
        cmocka_unit_test(special_directions),
        cmocka_unit_test(same_bits_for_all_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
