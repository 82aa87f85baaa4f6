/* SPDX-License-Identifier: MIT */
#include "metrics/steinhardt.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "metrics/wigner.h"
#include "rows.h"
#include "scale.h"

static const int32_t all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static void check_near(const char *what, double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error)) {
        print_error("%s: %.17g, expected %.17g\n", what, found, expected);
        fail();
    }
}

static void sums_of(struct made_row *made, const nbl__harmonics *harmonics, double *sums)
{
    nbl__harmonics_sum(harmonics, &made->row, sums);
}

static int64_t binomial(int n, int k)
{
    int64_t b = 1;
    for (int i = 1; i <= k; i++)
        b = b * (n - k + i) / i;
    return b;
}

/*
 * Q_l of a perfect crystal without harmonics: by the addition theorem Q_l^2 = sum over pairs of neighbours of
 * P_l(cos gamma) / k^2. All cosines of these crystals are p / 6, or, where only even l are not 0, have squares
 * p / 45; so that numerators of
 *
 *     P_l(c) = 2^-l sum over i of (-1)^i C(l, i) C(2 l - 2 i, l) c^(l - 2 i)
 *
 * are integers, and the sum is exact.
 */
static double exact_q(int l, int32_t k, double (*vectors)[3], bool by_squares)
{
    const int q = by_squares ? 45 : 36; /* common denominator of squares */
    double total = 0;
    for (int32_t a = 0; a < k; a++)
        for (int32_t b = 0; b < k; b++) {
            double dot = 0, a2 = 0, b2 = 0;
            for (int c = 0; c < 3; c++) {
                dot += vectors[a][c] * vectors[b][c];
                a2 += vectors[a][c] * vectors[a][c];
                b2 += vectors[b][c] * vectors[b][c];
            }
            const double cosine = dot / sqrt(a2 * b2);
            const double root = by_squares ? cosine * cosine * q : cosine * 6;
            const int64_t p = llround(root);
            assert_true(fabs(root - (double)p) < 1e-12);
            int64_t sum = 0; /* 2^l q^(l / 2) P_l, or with 6^l */
            for (int i = 0; 2 * i <= l; i++) {
                int64_t term = binomial(l, i) * binomial(2 * l - 2 * i, l) * (i % 2 ? -1 : 1);
                for (int f = 0; f < (by_squares ? l / 2 - i : l - 2 * i); f++)
                    term *= p;
                for (int f = 0; f < i; f++)
                    term *= q;
                sum += term;
            }
            total += (double)sum;
        }
    return sqrt(fmax(0, ldexp(total, -l))) / (sqrt(pow(by_squares ? sqrt(q) : 6, l)) * k);
}

static void q_of_crystals(void **state)
{
    (void)state;
    nbl__harmonics harmonics;
    struct made_row made;
    struct random g;
    random_seed(&g, 1);
    for (int round = 0; round < 20; round++)
        for (enum crystal crystal = SC; crystal < N_CRYSTALS; crystal++) {
            double vectors[LONGEST][3], sums[NBL__HARMONICS_WIDTH], m[3][3];
            const int32_t k = crystal_vectors(crystal, vectors);
            const bool by_squares = crystal == BCC || crystal == BCC8 || crystal == ICOSAHEDRON;
            double exact[NBL__L_MAX + 1];
            for (int l = 0; l <= NBL__L_MAX; l++) /* these have a centre of inversion: odd l vanish */
                exact[l] = by_squares && l % 2 ? 0 : exact_q(l, k, vectors, by_squares);
            random_rotation(&g, m);
            if (round > 0)
                rotate(m, k, vectors);
            nbl__harmonics_init(&harmonics, 13, all, round % 2);
            row_make(&made, k, vectors, 1.2);
            sums_of(&made, &harmonics, sums);
            for (int l = 0; l <= NBL__L_MAX; l++) /* of a sum that vanishes, a root of rounding is left */
                check_near(crystal_name(crystal), nbl__steinhardt_q(l, sums + harmonics.first[l], k), exact[l],
                           1e-13);
        }
}

/* Closed forms: squares are rational. Q_4 of fcc is sqrt(7 / 3) / 8. */
static void q_in_closed_form(void **state)
{
    (void)state;
    double vectors[LONGEST][3];
    static const struct {
        enum crystal crystal;
        int l;
        double square;
    } table[] = {
        {SC, 4, 7 / 12.0},      {SC, 6, 1 / 8.0},        {FCC, 4, 7 / 192.0},    {FCC, 6, 169 / 512.0},
        {BCC8, 4, 7 / 27.0},    {BCC8, 6, 32 / 81.0},    {HCP, 4, 49 / 5184.0},  {DIAMOND, 3, 5 / 9.0},
        {DIAMOND, 4, 7 / 27.0}, {DIAMOND, 6, 32 / 81.0}, {ICOSAHEDRON, 6, 0.44},
    };
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        const int32_t k = crystal_vectors(table[t].crystal, vectors);
        const bool by_squares = table[t].crystal == BCC8 || table[t].crystal == ICOSAHEDRON;
        check_near(crystal_name(table[t].crystal), exact_q(table[t].l, k, vectors, by_squares),
                   sqrt(table[t].square), 1e-15);
    }
}

/*
 * A crystal of cubic symmetry has one invariant of each l = 4, 6, 8, an icosahedron one of l = 6, 10, 12: its
 * normalised W_l is a number that only the sign of the invariant changes. Squares from symbolic evaluation of
 * the definition; decimals as in P. J. Steinhardt, D. R. Nelson, M. Ronchetti, Phys. Rev. B 28, 784 (1983), and
 * in W. Mickel et al., J. Chem. Phys. 138, 044501 (2013).
 */
static void w_of_crystals(void **state)
{
    (void)state;
    static const struct {
        enum crystal crystal;
        int l, sign;
        double square;
    } table[] = {
        {SC, 4, 1, 98 / 3861.0},
        {SC, 6, 1, 8 / 46189.0},
        {SC, 8, 1, 330 / 96577.0},
        {FCC, 4, -1, 98 / 3861.0},
        {FCC, 6, -1, 8 / 46189.0},
        {FCC, 8, 1, 330 / 96577.0},
        {BCC8, 4, -1, 98 / 3861.0},
        {BCC8, 6, 1, 8 / 46189.0},
        {BCC8, 8, 1, 330 / 96577.0},
        {BCC, 4, 1, 98 / 3861.0},
        {BCC, 6, 1, 8 / 46189.0},
        {BCC, 8, 1, 330 / 96577.0},
        {DIAMOND, 4, -1, 98 / 3861.0},
        {DIAMOND, 6, 1, 8 / 46189.0},
        {HCP, 4, 1, 18 / 1001.0},
        {HCP, 6, -1, 37021536 / 239153570513.0},
        {HCP, 8, 1, 22969864170 / 8742038879873.0},
        {ICOSAHEDRON, 6, -1, 121 / 4199.0},
        {ICOSAHEDRON, 10, -1, 586625 / 66435201.0},
        {ICOSAHEDRON, 12, 1, 17822511 / 1816991375.0},
    };
    nbl__wigner wigner;
    nbl__wigner_init(&wigner);
    nbl__harmonics harmonics;
    struct made_row made;
    struct random g;
    random_seed(&g, 1);
    for (int round = 0; round < 10; round++) {
        nbl__harmonics_init(&harmonics, 13, all, round % 2);
        for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
            double vectors[LONGEST][3], sums[NBL__HARMONICS_WIDTH], m[3][3];
            const int32_t k = crystal_vectors(table[t].crystal, vectors);
            random_rotation(&g, m);
            if (round > 0)
                rotate(m, k, vectors);
            row_make(&made, k, vectors, 1.2);
            sums_of(&made, &harmonics, sums);
            check_near(crystal_name(table[t].crystal),
                       nbl__steinhardt_w(&wigner, table[t].l, sums + harmonics.first[table[t].l], k),
                       table[t].sign * sqrt(table[t].square), 1e-11);
        }
    }
}

/* What vanishes by symmetry is exactly 0, not the quotient of two rounding errors. */
static void w_of_nothing(void **state)
{
    (void)state;
    nbl__wigner wigner;
    nbl__wigner_init(&wigner);
    nbl__harmonics harmonics;
    nbl__harmonics_init(&harmonics, 13, all, true);
    struct made_row made;
    struct random g;
    random_seed(&g, 1);
    for (int round = 0; round < 50; round++) {
        double vectors[LONGEST][3], sums[NBL__HARMONICS_WIDTH], m[3][3];
        int32_t k = crystal_vectors(ICOSAHEDRON, vectors);
        random_rotation(&g, m);
        rotate(m, k, vectors);
        row_make(&made, k, vectors, 1.2);
        sums_of(&made, &harmonics, sums);
        check_bits(nbl__steinhardt_w(&wigner, 4, sums + harmonics.first[4], k), 0);
        check_bits(nbl__steinhardt_w(&wigner, 8, sums + harmonics.first[8], k), 0);
        check_bits(nbl__steinhardt_w(&wigner, 7, sums + harmonics.first[7], k), 0);
    }
    row_make(&made, 0, NULL, 1);
    double sums[NBL__HARMONICS_WIDTH];
    sums_of(&made, &harmonics, sums);
    for (int l = 0; l <= NBL__L_MAX; l++) {
        check_bits(nbl__steinhardt_q(l, sums + harmonics.first[l], 0), 0);
        check_bits(nbl__steinhardt_w(&wigner, l, sums + harmonics.first[l], 0), 0);
    }
}

/* Complex q_m with the sign of Condon and Shortley, m = -l ... l, from real sums. */
static void complex_sums(int l, const double *sums, double complex *q)
{
    q[l] = sums[0];
    for (int m = 1; m <= l; m++) {
        double complex positive = (sums[2 * m - 1] + sums[2 * m] * I) / sqrt(2);
        q[l + m] = m % 2 ? -positive : positive;
        q[l - m] = conj(positive);
    }
}

/* W_l by its definition: the sum over all m1 and m2 of complex products. */
static void w_by_definition(void **state)
{
    (void)state;
    nbl__wigner wigner;
    nbl__wigner_init(&wigner);
    check_int(wigner.first[NBL__L_MAX + 1], 140);
    nbl__harmonics harmonics;
    nbl__harmonics_init(&harmonics, 13, all, false);
    struct made_row made;
    struct random g;
    random_seed(&g, 5);
    const int64_t rounds = scale_count(100, 10);
    for (int64_t round = 0; round < rounds; round++) {
        double sums[NBL__HARMONICS_WIDTH];
        row_random(&made, &g, (int32_t)random_int(&g, 1, 30));
        sums_of(&made, &harmonics, sums);
        for (int l = 0; l <= NBL__L_MAX; l++) {
            double complex q[2 * NBL__L_MAX + 1], total = 0;
            double square = 0;
            complex_sums(l, sums + harmonics.first[l], q);
            for (int m = -l; m <= l; m++) {
                square += creal(q[l + m] * conj(q[l + m]));
                for (int b = -l; b <= l; b++)
                    if (abs(m + b) <= l)
                        total += nbl__wigner_3j(l, l, l, m, b, -m - b) * q[l + m] * q[l + b] * q[l - m - b];
            }
            assert_true(fabs(cimag(total)) <= 1e-12 * pow(square, 1.5));
            double found = nbl__steinhardt_w(&wigner, l, sums + harmonics.first[l], made.row.k);
            check_near("w", found, creal(total) / pow(square, 1.5), 1e-13);
            double mean[2 * NBL__L_MAX + 1]; /* of means the same */
            for (int t = 0; t < 2 * l + 1; t++)
                mean[t] = sums[harmonics.first[l] + t] / made.row.k;
            check_near("w of means", nbl__steinhardt_w(&wigner, l, mean, 1), found, 1e-13);
            check_near("q of means", nbl__steinhardt_q(l, mean, 1),
                       nbl__steinhardt_q(l, sums + harmonics.first[l], made.row.k), 1e-14);
        }
    }
}

/* One neighbour: |Y_l|^2 summed over m is (2 l + 1) / 4 pi, so Q_l = 1 whatever the direction; two opposite
   ones: 1 for even l, 0 for odd ones. */
static void one_line(void **state)
{
    (void)state;
    nbl__harmonics harmonics;
    nbl__harmonics_init(&harmonics, 13, all, true);
    struct made_row made;
    struct random g;
    random_seed(&g, 7);
    for (int round = 0; round < 100; round++) {
        double vectors[3][3], sums[NBL__HARMONICS_WIDTH];
        for (int c = 0; c < 3; c++) {
            vectors[0][c] = random_range(&g, -1, 1);
            vectors[1][c] = -0.5 * vectors[0][c];
            vectors[2][c] = 0.25 * vectors[0][c];
        }
        for (int32_t k = 1; k <= 3; k++) {
            row_make(&made, k, vectors, 2);
            sums_of(&made, &harmonics, sums);
            for (int l = 0; l <= NBL__L_MAX; l++)
                check_near("line", nbl__steinhardt_q(l, sums + harmonics.first[l], k),
                           k == 1 || l % 2 == 0 ? 1
                           : k == 2             ? 0
                                                : 1 / 3.0,
                           1e-14);
        }
    }
}

/* Means of vectors, one's own and the neighbours', the same atom several times and oneself, too. */
static void averages(void **state)
{
    (void)state;
    enum { WIDTH = 39, ATOMS = 7 };
    struct random g;
    random_seed(&g, 9);
    double q[ATOMS * WIDTH], mean[WIDTH + 1];
    for (int t = 0; t < ATOMS * WIDTH; t++)
        q[t] = random_range(&g, -1, 1);
    for (int round = 0; round < 100; round++) {
        int32_t j[20], k = (int32_t)random_int(&g, 0, 20), i = (int32_t)random_int(&g, 0, ATOMS - 1);
        for (int e = 0; e < k; e++)
            j[e] = (int32_t)random_int(&g, 0, ATOMS - 1);
        mean[WIDTH] = -7;
        nbl__steinhardt_average(WIDTH, q, i, k, j, mean);
        assert_true(mean[WIDTH] == -7);
        for (int t = 0; t < WIDTH; t++) {
            long double sum = q[i * WIDTH + t];
            for (int e = 0; e < k; e++)
                sum += q[j[e] * WIDTH + t];
            check_near("average", mean[t], (double)(sum / (k + 1)), 1e-15);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(q_of_crystals), cmocka_unit_test(q_in_closed_form), cmocka_unit_test(w_of_crystals),
        cmocka_unit_test(w_of_nothing),  cmocka_unit_test(w_by_definition),  cmocka_unit_test(one_line),
        cmocka_unit_test(averages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
