/* SPDX-License-Identifier: MIT */
#include "metrics/wigner.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { MOST = 12 };

static void check_near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error)) {
        print_error("%.17g, expected %.17g\n", found, expected);
        fail();
    }
}

/* From tables (A. R. Edmonds, Angular Momentum in Quantum Mechanics, 1957, and its formula for m = 0). */
static void closed_values(void **state)
{
    (void)state;
    check_near(nbl__wigner_3j(0, 0, 0, 0, 0, 0), 1, 0);
    check_near(nbl__wigner_3j(1, 1, 0, 0, 0, 0), -1 / sqrt(3), 1e-15);
    check_near(nbl__wigner_3j(1, 1, 0, 1, -1, 0), 1 / sqrt(3), 1e-15);
    check_near(nbl__wigner_3j(1, 1, 1, 1, -1, 0), 1 / sqrt(6), 1e-15);
    check_near(nbl__wigner_3j(1, 1, 2, 0, 0, 0), sqrt(2 / 15.0), 1e-15);
    check_near(nbl__wigner_3j(2, 2, 2, 0, 0, 0), -sqrt(2 / 35.0), 1e-15);
    check_near(nbl__wigner_3j(4, 4, 4, 0, 0, 0), sqrt(18 / 1001.0), 1e-15);
    check_near(nbl__wigner_3j(6, 6, 6, 0, 0, 0), -20 / sqrt(46189), 1e-15);
    check_near(nbl__wigner_3j(6, 6, 6, 5, -5, 0), 5 * sqrt(46189) / 8398, 1e-15);
    check_near(nbl__wigner_3j(8, 8, 8, 0, 0, 0), 7 * sqrt(965770) / 96577, 1e-15);
    check_near(nbl__wigner_3j(12, 12, 12, 0, 0, 0), 924 * sqrt(14535931) / 72679655, 1e-15);
}

static void zero_where_rules_say_so(void **state)
{
    (void)state;
    check_bits(nbl__wigner_3j(4, 4, 4, 1, 1, 1), 0);
    check_bits(nbl__wigner_3j(4, 4, 4, 5, -5, 0), 0);
    check_bits(nbl__wigner_3j(1, 1, 3, 0, 0, 0), 0);
    check_bits(nbl__wigner_3j(5, 1, 3, 0, 0, 0), 0);
    check_bits(fabs(nbl__wigner_3j(3, 3, 3, 0, 0, 0)), 0); /* odd sum, all m = 0 */
}

/* (2 j3 + 1) sum over m1, m2 of (j1 j2 j3; m1 m2 m3) (j1 j2 j3'; m1 m2 m3') = 1 if both are the same, else 0.
 */
static void orthogonality(void **state)
{
    (void)state;
    for (int32_t j1 = 0; j1 <= MOST; j1 += 3)
        for (int32_t j2 = 0; j2 <= MOST; j2 += 2)
            for (int32_t j3 = abs(j1 - j2); j3 <= j1 + j2 && j3 <= MOST; j3++)
                for (int32_t other = abs(j1 - j2); other <= j1 + j2 && other <= MOST; other++)
                    for (int32_t m3 = -j3; m3 <= j3; m3++) {
                        double sum = 0;
                        for (int32_t m1 = -j1; m1 <= j1; m1++)
                            sum += nbl__wigner_3j(j1, j2, j3, m1, -m1 - m3, m3) *
                                   nbl__wigner_3j(j1, j2, other, m1, -m1 - m3, m3);
                        check_near(sum * (2 * j3 + 1), j3 == other && abs(m3) <= j3, 1e-13);
                    }
}

/* Even permutations and, for an even sum, odd ones and all signs at once change nothing; for an odd sum they
   change the sign. */
static void symmetries(void **state)
{
    (void)state;
    for (int32_t j1 = 0; j1 <= MOST; j1 += 3)
        for (int32_t j2 = 0; j2 <= MOST; j2++)
            for (int32_t j3 = abs(j1 - j2); j3 <= j1 + j2 && j3 <= MOST; j3++)
                for (int32_t m1 = -j1; m1 <= j1; m1 += 2)
                    for (int32_t m2 = -j2; m2 <= j2; m2++) {
                        int32_t m3 = -m1 - m2;
                        double symbol = nbl__wigner_3j(j1, j2, j3, m1, m2, m3);
                        double sign = (j1 + j2 + j3) % 2 ? -1 : 1;
                        check_near(nbl__wigner_3j(j2, j3, j1, m2, m3, m1), symbol, 1e-15);
                        check_near(nbl__wigner_3j(j2, j1, j3, m2, m1, m3), sign * symbol, 1e-15);
                        check_near(nbl__wigner_3j(j1, j2, j3, -m1, -m2, -m3), sign * symbol, 1e-15);
                    }
}

static long double factorial(int32_t n)
{
    long double f = 1;
    for (int32_t i = 2; i <= n; i++)
        f *= i;
    return f;
}

/* Racah's formula as he gives it, with factorials; its alternating sum loses digits that the library keeps. */
static void factorials(void **state)
{
    (void)state;
    for (int32_t l = 0; l <= MOST; l += 2)
        for (int32_t a = -l; a <= l; a++)
            for (int32_t b = -l; b <= l; b++) {
                int32_t c = -a - b;
                if (abs(c) > l)
                    continue;
                long double sum = 0;
                for (int32_t t = 0; t <= 3 * l; t++) {
                    int32_t f[] = {t, b + t, t - a, l - t, l - t - b, l - t + a};
                    long double term = t % 2 ? -1 : 1;
                    for (int k = 0; k < 6; k++)
                        term = f[k] < 0 ? 0 : term / factorial(f[k]);
                    sum += term;
                }
                long double square = factorial(l) * factorial(l) * factorial(l) / factorial(3 * l + 1);
                int32_t m[] = {a, b, c};
                for (int k = 0; k < 3; k++)
                    square *= factorial(l + m[k]) * factorial(l - m[k]);
                check_near(nbl__wigner_3j(l, l, l, a, b, c), (double)((c % 2 ? -1 : 1) * sqrtl(square) * sum),
                           1e-13);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_values), cmocka_unit_test(zero_where_rules_say_so),
        cmocka_unit_test(orthogonality), cmocka_unit_test(symmetries),
        cmocka_unit_test(factorials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
