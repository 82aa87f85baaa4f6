/* SPDX-License-Identifier: MIT */
#include "metrics/harmonics.h"

#include <math.h>
#include <string.h>

/* Moments lie as factors do: a row of ROW for each power of w, in it m = 0, then both parts of m = 1, 2, ... */
enum { ROW = NBL__HARMONICS_ROW, ROWS = NBL__L_MAX / 2 + 1 };

#define POWERS(D, m) ((m) > (D) ? 0 : ((D) - (m)) / 2 + 1)

#if defined(__GNUC__)
#define HAVE_NARROW
#define ALWAYS_INLINE inline __attribute__((always_inline))
typedef double narrow __attribute__((vector_size(16)));
typedef double narrow_loose __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t narrow_mask __attribute__((vector_size(16)));
#define V                   narrow
#define V_LOOSE             narrow_loose
#define V_LANES             2
#define V_ALL(x)            ((narrow){(x), (x)})
#define V_TURN(s)           ((narrow){-(s), (s)})
#define V_POWER(a, b, c, d) ((narrow){(a), (b)})
#if defined(__clang__)
#define V_SWAP(v) __builtin_shufflevector((v), (v), 1, 0)
#else
#define V_SWAP(v) __builtin_shuffle((v), (narrow_mask){1, 0})
#endif
#define NAME(x) x##_narrow
#define TARGET
#include "metrics/harmonics_tmpl.h"
#endif

#if defined(__GNUC__) && defined(__x86_64__)
#define HAVE_WIDE
typedef double wide __attribute__((vector_size(32)));
typedef double wide_loose __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t wide_mask __attribute__((vector_size(32)));
#define V                   wide
#define V_LOOSE             wide_loose
#define V_LANES             4
#define V_ALL(x)            ((wide){(x), (x), (x), (x)})
#define V_TURN(s)           ((wide){-(s), (s), -(s), (s)})
#define V_POWER(a, b, c, d) ((wide){(a), (b), (c), (d)})
#if defined(__clang__)
#define V_SWAP(v) __builtin_shufflevector((v), (v), 1, 0, 3, 2)
#else
#define V_SWAP(v) __builtin_shuffle((v), (wide_mask){1, 0, 3, 2})
#endif
#define NAME(x) x##_wide
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
    harmonics->lanes = avx2 ? 4 : 2;
    for (int32_t k = 0; k < n_l; k++) {
        int32_t degree = degree_of(l[k]), *highest = &harmonics->degree[l[k] % 2];
        harmonics->l[k] = l[k];
        harmonics->first[k] = harmonics->width;
        harmonics->width += 2 * l[k] + 1;
        *highest = degree > *highest ? degree : *highest;
        fill_factors(l[k], harmonics->factors[l[k]]);
    }
}

/* The moments of any degree: what the passes of the template do, without their registers. */
static void sum_plain(int32_t degree, const nbl__row *row, double *restrict moments)
{
    const bool even = degree % 2 == 0;
    for (int32_t a = 0; a <= degree / 2; a++)
        for (int32_t t = 0; t < 2 * (degree - 2 * a) + 1; t++)
            moments[a * ROW + t] = 0;
    for (int32_t j = 0; j < row->k; j++) {
        const double x = row->ux[j], y = row->uy[j], z = row->uz[j];
        const double xx = x * x, yy = y * y, xy = x * y;
        const double w = z * z - (xx + yy), c = xx - yy, s = xy + xy;
        double power = even ? w : z;
        for (int32_t a = even; a <= degree / 2; a++, power *= w)
            moments[a * ROW] += power;
        for (int32_t first = 1; first <= 2; first++) {
            const bool with_z = even == (first == 1);
            double re = first == 1 ? x : c, im = first == 1 ? y : s;
            re = with_z ? re * z : re, im = with_z ? im * z : im;
            for (int32_t m = first; m <= degree; m += 2) {
                double re_w = re, im_w = im;
                for (int32_t a = 0; a < POWERS(degree, m); a++, re_w *= w, im_w *= w) {
                    moments[a * ROW + 2 * m - 1] += re_w;
                    moments[a * ROW + 2 * m] += im_w;
                }
                const double next = re * c + im * -s;
                im = im * c + re * s;
                re = next;
            }
        }
    }
}

static void combine_plain(int32_t l, const double *restrict factors, const double *restrict moments,
                          double *restrict sums)
{
    for (int32_t t = 0; t < 2 * l + 1; t++)
        sums[t] = factors[t] * moments[t];
    for (int32_t a = 1; a <= l / 2; a++)
        for (int32_t t = 0; t < 2 * (l - 2 * a) + 1; t++)
            sums[t] += factors[a * ROW + t] * moments[a * ROW + t];
}

static void sum_moments(int32_t lanes, int32_t degree, const nbl__row *row, double *moments)
{
    for (int32_t a = 0; a <= degree / 2; a++) /* what blocks of factors reach of a row beyond its moments */
        for (int32_t t = 1; t < 4; t++)
            moments[a * ROW + 2 * (degree - 2 * a) + t] = 0;
#if defined(HAVE_WIDE)
    if (lanes == 4 && degree <= 8)
        sum_wide(degree, row, moments);
    else
#endif
#if defined(HAVE_NARROW)
        if (lanes >= 2 && degree <= 8)
        sum_narrow(degree, row, moments);
    else
#endif
        sum_plain(degree, row, moments);
    (void)lanes;
    if (degree % 2 == 0)
        moments[0] = row->k; /* what the power 0 of everything sums to */
}

static void combine(int32_t lanes, int32_t l, const double *factors, const double *moments, double *sums)
{
#if defined(HAVE_WIDE)
    if (lanes == 4)
        combine_wide(l, factors, moments, sums);
    else
#endif
#if defined(HAVE_NARROW)
        if (lanes >= 2)
        combine_narrow(l, factors, moments, sums);
    else
#endif
        combine_plain(l, factors, moments, sums);
    (void)lanes;
}

void nbl__harmonics_sum(const nbl__harmonics *harmonics, const nbl__row *row, double *sums)
{
    double moments[2][ROWS * ROW];
    for (int parity = 0; parity < 2; parity++)
        if (harmonics->degree[parity] >= 0)
            sum_moments(harmonics->lanes, harmonics->degree[parity], row, moments[parity]);
    for (int32_t k = 0; k < harmonics->n_l; k++) {
        int32_t l = harmonics->l[k];
        combine(harmonics->lanes, l, harmonics->factors[l], moments[l % 2], sums + harmonics->first[k]);
    }
}
