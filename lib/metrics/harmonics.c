/* SPDX-License-Identifier: MIT */
#include "metrics/harmonics.h"

#include <math.h>
#include <string.h>

#include "base/inline.h"

/*
 * Moments lie as factors do: a row of ROW for each power of w, in it m = 0, then both parts of m = 1, 2, ...
 * Each is the sum of LANES sums, over every LANES-th neighbour. PIECE neighbours at a time.
 */
enum { ROW = NBL__HARMONICS_ROW, ROWS = NBL__L_MAX / 2 + 1, LANES = 4, PIECE = 64 };

#define POWERS(D, m) ((m) > (D) ? 0 : ((D) - (m)) / 2 + 1)

/* Directions of n neighbours, and behind them, up to a multiple of LANES, of padding: 0. */
struct piece {
    int n;
    const double *x, *y, *z;
};

/* w; (c, s) = (x + i y)^2; the next odd and even power of x + i y, with its factor z. */
struct powers {
    double w[PIECE], c[PIECE], s[PIECE], odd_re[PIECE], odd_im[PIECE], even_re[PIECE], even_im[PIECE];
};

#if defined(__GNUC__)
typedef double pair __attribute__((vector_size(16)));
typedef double pair_loose __attribute__((vector_size(16), aligned(8), may_alias));
#define V       pair
#define V_LOOSE pair_loose
#define V_LANES 2
#else
#define V       double
#define V_LOOSE double
#define V_LANES 1
#endif
#define NAME(x) x##_base
#define TARGET
#include "metrics/harmonics_tmpl.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define HAVE_AVX2
typedef double quad __attribute__((vector_size(32)));
typedef double quad_loose __attribute__((vector_size(32), aligned(8), may_alias));
#define V       quad
#define V_LOOSE quad_loose
#define V_LANES 4
#define NAME(x) x##_avx2
#define TARGET  __attribute__((target("avx2")))
#include "metrics/harmonics_tmpl.h"
#endif

static double binomial(int32_t n, int32_t k)
{
    double b = 1;
    for (int32_t i = 1; i <= k; i++)
        b = b * (n - k + i) / i; /* exact: each is a binomial, all below 2^53 */
    return b;
}

/*
 * The factors of z^p w^a in 2^(l + h) d^m P_l / dz^m, h = (l - m) / 2 the highest power of w. All are integers:
 *
 *     2^l d^m P_l / dz^m = sum over i of (-1)^i C(l, i) C(2 l - 2 i, l) (l - 2 i)! / (l - 2 i - m)! z^(l - 2 i
 * - m) z^(2 b) = 2^-b sum over a of C(b, a) w^a
 */
static void expand(int32_t l, int32_t m, int64_t *c)
{
    int32_t highest = (l - m) / 2;
    for (int32_t a = 0; a <= highest; a++)
        c[a] = 0;
    for (int32_t i = 0; i <= highest; i++) {
        int32_t b = highest - i;
        int64_t term = (int64_t)binomial(l, i) * (int64_t)binomial(2 * l - 2 * i, l) * (i % 2 ? -1 : 1);
        for (int32_t f = l - 2 * i; f > l - 2 * i - m; f--)
            term *= f;
        for (int32_t a = 0; a <= b; a++)
            c[a] += term * (int64_t)binomial(b, a) * (INT64_C(1) << i);
    }
}

static void fill_factors(int32_t l, double *factors)
{
    const double pi = 3.14159265358979323846;
    for (int32_t m = 0; m <= l; m++) {
        double square = (2 * l + 1) / (4 * pi) * (m > 0 ? 2 : 1);
        for (int32_t f = l - m + 1; f <= l + m; f++)
            square /= f;
        int64_t c[ROWS];
        expand(l, m, c);
        for (int32_t a = 0; a <= (l - m) / 2; a++) {
            double factor = ldexp(sqrt(square) * (double)c[a], -(l + (l - m) / 2));
            if (m > 0)
                factors[a * ROW + 2 * m - 1] = factor;
            factors[a * ROW + 2 * m] = factor;
        }
    }
}

/* The least degree of moments that there is a pass for, of the parity of l and not below it. */
static int32_t degree_of(int32_t l)
{
    static const int32_t degrees[] = {4, 6, 7, 8, NBL__L_MAX - 1, NBL__L_MAX};
    size_t k = 0;
    while (degrees[k] < l || (degrees[k] - l) % 2 != 0)
        k++;
    return degrees[k];
}

void nbl__harmonics_init(nbl__harmonics *harmonics, int32_t n_l, const int32_t *l, bool avx2)
{
    memset(harmonics, 0, sizeof *harmonics);
    harmonics->n_l = n_l;
    harmonics->degree[0] = harmonics->degree[1] = -1;
    harmonics->avx2 = avx2;
    for (int32_t k = 0; k < n_l; k++) {
        int32_t degree = degree_of(l[k]), *highest = &harmonics->degree[l[k] % 2];
        harmonics->l[k] = l[k];
        harmonics->first[k] = harmonics->width;
        harmonics->width += 2 * l[k] + 1;
        *highest = degree > *highest ? degree : *highest;
        fill_factors(l[k], harmonics->factors[l[k]]);
    }
}

static void sum_piece(bool avx2, int32_t degree, const nbl__row *row, int32_t at, double *moments)
{
    const int n = row->k - at < PIECE ? row->k - at : PIECE;
    const struct piece piece = {n, row->ux + at, row->uy + at, row->uz + at};
#if defined(HAVE_AVX2)
    if (avx2)
        sum_avx2(degree, &piece, moments);
    else
#endif
        sum_base(degree, &piece, moments);
    (void)avx2;
}

static void sum_moments(bool avx2, int32_t degree, const nbl__row *row, double *restrict moments)
{
    sum_piece(avx2, degree, row, 0, moments);
    for (int32_t at = PIECE; at < row->k; at += PIECE) {
        double more[ROWS * ROW];
        sum_piece(avx2, degree, row, at, more);
        for (int32_t a = 0; a <= degree / 2; a++)
            for (int32_t t = 0; t < 2 * (degree - 2 * a) + 1; t++)
                moments[a * ROW + t] += more[a * ROW + t];
    }
    if (degree % 2 == 0)
        moments[0] = row->k; /* what 1 sums to */
}

void nbl__harmonics_sum(const nbl__harmonics *harmonics, const nbl__row *row, double *sums)
{
    double moments[2][ROWS * ROW];
    for (int parity = 0; parity < 2; parity++)
        if (harmonics->degree[parity] >= 0)
            sum_moments(harmonics->avx2, harmonics->degree[parity], row, moments[parity]);
    for (int32_t k = 0; k < harmonics->n_l; k++) {
        const int32_t l = harmonics->l[k];
        double *of_l = sums + harmonics->first[k];
#if defined(HAVE_AVX2)
        if (harmonics->avx2)
            combine_avx2(l, harmonics->factors[l], moments[l % 2], of_l);
        else
#endif
            combine_base(l, harmonics->factors[l], moments[l % 2], of_l);
    }
}
