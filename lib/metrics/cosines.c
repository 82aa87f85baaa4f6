/* SPDX-License-Identifier: MIT */
#include "metrics/cosines.h"

#include <math.h>

#include "base/inline.h"

/* Each sum is that of LANES sums, over every LANES-th pair of a neighbour with those behind it. */
enum { LANES = 4 };

#if defined(__GNUC__)
typedef double vector __attribute__((vector_size(LANES * sizeof(double))));
typedef double vector_loose __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
enum { AT_ONCE = LANES };
#else
typedef double vector, vector_loose;
enum { AT_ONCE = 1 };
#endif

/* Not functions: what vectors are passed in depends on the instruction set. */
#define LOAD(p)     (*(const vector_loose *)(const void *)(p))
#define STORE(p, v) (*(vector_loose *)(void *)(p) = (v))

/* Behind the last neighbour there is padding with the direction 0, of which all powers vanish. */
static NBL__INLINE void sum_pairs(nbl__cosines *cosines, const nbl__row *row)
{
    const double *ux = row->ux, *uy = row->uy, *uz = row->uz;
    double sums[4][LANES];
    for (int lane = 0; lane < LANES; lane += AT_ONCE) {
        vector s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0};
        for (int32_t a = 0; a + 1 < row->k; a++) {
            const vector x = ux[a] + (vector){0}, y = uy[a] + (vector){0}, z = uz[a] + (vector){0};
            for (int32_t b = a + 1; b < row->k; b += LANES) {
                const vector c = x * LOAD(ux + b + lane) + y * LOAD(uy + b + lane) + z * LOAD(uz + b + lane);
                const vector c2 = c * c, c4 = c2 * c2;
                s1 += c2;
                s2 += c4;
                s3 += c4 * c2;
                s4 += c4 * c4;
            }
        }
        STORE(&sums[0][lane], s1);
        STORE(&sums[1][lane], s2);
        STORE(&sums[2][lane], s3);
        STORE(&sums[3][lane], s4);
    }
    for (int p = 0; p < 4; p++)
        cosines->powers[p] = (sums[p][0] + sums[p][1]) + (sums[p][2] + sums[p][3]);
    cosines->k = row->k;
}

#if defined(__GNUC__) && defined(__x86_64__)
__attribute__((target("avx2"))) static void sum_pairs_avx2(nbl__cosines *cosines, const nbl__row *row)
{
    sum_pairs(cosines, row);
}
#else
#define sum_pairs_avx2 sum_pairs
#endif

void nbl__cosines_sum(nbl__cosines *cosines, const nbl__row *row, bool avx2)
{
    if (avx2)
        sum_pairs_avx2(cosines, row);
    else
        sum_pairs(cosines, row);
}

/* Terms of P_l are below 100, and rounding of them 1e-14: with a Q_l^2 from here on, it is 1e-11 of Q_l. */
static const double least = 1e-3;

double nbl__cosines_q(const nbl__cosines *cosines, int32_t l)
{
    const double *s = cosines->powers, k = cosines->k, pairs = 0.5 * k * (k - 1);
    const double p = l == 4   ? (35 * s[1] - 30 * s[0] + 3 * pairs) / 8
                     : l == 6 ? (231 * s[2] - 315 * s[1] + 105 * s[0] - 5 * pairs) / 16
                              : (6435 * s[3] - 12012 * s[2] + 6930 * s[1] - 1260 * s[0] + 35 * pairs) / 128;
    const double square = (k + 2 * p) / (k * k);
    return square >= least ? sqrt(square) : -1;
}
