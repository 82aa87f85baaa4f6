/* SPDX-License-Identifier: MIT */
#include "metrics/wigner.h"

#include <math.h>
#include <stdlib.h>

/* Below 2^34 for n <= 37: exact as a double, and a product of the three in a sum of Racah's fits 64 bits, since
   their upper numbers add up to j1 + j2 + j3 <= 36. */
static int64_t binomial(int32_t n, int32_t k)
{
    if (k < 0 || k > n)
        return 0;
    int64_t b = 1;
    for (int32_t i = 1; i <= k; i++)
        b = b * (n - k + i) / i;
    return b;
}

double nbl__wigner_3j(int32_t j1, int32_t j2, int32_t j3, int32_t m1, int32_t m2, int32_t m3)
{
    if (m1 + m2 + m3 != 0 || abs(m1) > j1 || abs(m2) > j2 || abs(m3) > j3 || j3 < abs(j1 - j2) || j3 > j1 + j2)
        return 0;
    const int32_t sum = j1 + j2 + j3;
    int64_t racah = 0;
    for (int32_t k = 0; k <= sum - 2 * j3; k++) {
        int64_t term = binomial(sum - 2 * j3, k) * binomial(sum - 2 * j2, j1 - m1 - k) *
                       binomial(sum - 2 * j1, j2 + m2 - k);
        racah += k % 2 ? -term : term;
    }
    double above = (double)binomial(2 * j1, sum - 2 * j2) * (double)binomial(2 * j2, sum - 2 * j3);
    double below = (double)(sum + 1) * (double)binomial(sum, sum - 2 * j3) * (double)binomial(2 * j1, j1 - m1) *
                   (double)binomial(2 * j2, j2 - m2) * (double)binomial(2 * j3, j3 - m3);
    double symbol = (double)racah * sqrt(above / below);
    return (j1 - j2 - m3) % 2 ? -symbol : symbol;
}
