/* SPDX-License-Identifier: MIT */
#include "metrics/angles.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "rows.h"
#include "scale.h"

static const long double pi = 3.14159265358979323846264338327950288L;

enum { MOST_BINS = 100000 };
static double edges[MOST_BINS + 1], others[MOST_BINS + 1];
static nbl__angle_bins bins;
static struct made_row made;

static void check_near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error)) {
        print_error("%.17g, expected %.17g\n", found, expected);
        fail();
    }
}

/* By arccos; *tie: so near an end of a bin that rounding decides. */
static int32_t oracle_bin(int32_t n, double cosine, bool *tie)
{
    long double c = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
    long double at = acosl(c) / (pi / n);
    long double nearest = roundl(at);
    /* an ulp of the cosine, in units of bins */
    *tie = fabsl(at - nearest) * sqrtl(1 - c * c) * (pi / n) < 4e-16L && nearest > 0 && nearest < n;
    return at >= n ? n - 1 : (int32_t)at;
}

static void bins_by_cosine(void **state)
{
    (void)state;
    static const int32_t counts[] = {1, 2, 3, 5, 18, 20, 36, 180, 1000, 4096, 32767, 40000, MOST_BINS};
    struct random g;
    random_seed(&g, 1);
    for (size_t t = 0; t < sizeof counts / sizeof *counts; t++) {
        const int32_t n = counts[t];
        int64_t ties = 0;
        const int64_t rounds = scale_count(100000, 5000);
        nbl__angle_bins_init(&bins, n, edges);
        for (int64_t round = 0; round < rounds; round++) {
            bool tie;
            double cosine = round % 3 == 0 ? cos((double)pi * random_unit(&g)) : random_range(&g, -1, 1);
            int32_t expected = oracle_bin(n, cosine, &tie);
            ties += tie;
            if (!tie)
                check_int(nbl__angle_bin(&bins, cosine), expected);
        }
        assert_true(ties <= rounds / 100);
        check_int(nbl__angle_bin(&bins, 1), 0);
        check_int(nbl__angle_bin(&bins, -1), n - 1);
        check_int(nbl__angle_bin(&bins, 1 + 1e-15), 0);
        check_int(nbl__angle_bin(&bins, -1 - 1e-15), n - 1);
    }
}

/* The end of a bin belongs to the bin above it; the next cosine to the one below. */
static void ends_of_bins(void **state)
{
    (void)state;
    static const int32_t counts[] = {2, 3, 20, 36, 500, 5000, 40000};
    for (size_t t = 0; t < sizeof counts / sizeof *counts; t++) {
        const int32_t n = counts[t];
        nbl__angle_bins_init(&bins, n, edges);
        for (int32_t e = 1; e < n; e++) {
            check_near(edges[e], (double)cosl(pi * e / n), 2e-16);
            check_int(nbl__angle_bin(&bins, edges[e]), e);
            check_int(nbl__angle_bin(&bins, nextafter(edges[e], 2)), e - 1);
        }
    }
    nbl__angle_bins_init(&bins, 36, edges);
    check_bits(edges[12], 0.5);
    check_bits(edges[18], 0);
    check_bits(edges[24], -0.5);
}

/* Counts and triangles by arccos and by the formula of the list, pair by pair. Returns how many ties. */
static int64_t check_pairs(int32_t n, bool avx2)
{
    const nbl__row *row = &made.row;
    uint32_t expected[64] = {0}, counts[65];
    int64_t joined = 0, ties = 0;
    for (int32_t a = 0; a < row->k; a++)
        for (int32_t b = a + 1; b < row->k; b++) {
            bool tie;
            double c = (row->ux[a] * row->ux[b] + row->uy[a] * row->uy[b]) + row->uz[a] * row->uz[b];
            int32_t bin = oracle_bin(n, c, &tie);
            expected[tie ? nbl__angle_bin(&bins, c) : bin]++;
            ties += tie;
            const double *ra = made.r + 3 * (a + 1), *rb = made.r + 3 * (b + 1);
            double x = rb[0] - ra[0], y = rb[1] - ra[1], z = rb[2] - ra[2];
            double d = sqrt((x * x + y * y) + z * z);
            joined += d >= 1e-10 && d <= made.frame.cutoff;
        }
    for (int what = 1; what < 4; what++) {
        nbl__pairs pairs = {what & 1 ? &bins : NULL, counts, (what & 2) != 0, avx2, -1};
        memset(counts, 0xa5, sizeof counts);
        nbl__angles_pairs(row, &pairs);
        if (what & 1)
            assert_memory_equal(counts, expected, (size_t)n * sizeof *counts);
        check_int(counts[what & 1 ? n : 0], 0xa5a5a5a5);
        check_int(pairs.joined, what & 2 ? joined : 0);
    }
    return ties;
}

static bool have_avx2(void)
{
#if defined(__GNUC__) && defined(__x86_64__)
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

static void random_rows(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 2);
    const int64_t rounds = scale_count(2000, 200);
    for (int64_t round = 0; round < rounds; round++) {
        const int32_t n = round % 2 ? 36 : (int32_t)random_int(&g, 1, 64);
        nbl__angle_bins_init(&bins, n, edges);
        row_random(&made, &g, (int32_t)random_int(&g, 0, round % 10 == 0 ? LONGEST : 30));
        double vectors[LONGEST][3];
        memcpy(vectors, made.r + 3, sizeof vectors);
        row_make(&made, made.row.k, vectors, random_range(&g, 0.3, 1.2));
        check_int(check_pairs(n, have_avx2() && random_chance(&g, 2)), 0);
    }
}

/* Lattices: distances that equal the cutoff to the last bit, or nearly, and angles at the ends of bins. */
static void ties(void **state)
{
    (void)state;
    static const double scales[] = {1, 0.1, 1 / 3.0, 1e-6, 1e5};
    nbl__angle_bins_init(&bins, 36, edges);
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
        for (int squared = 1; squared <= 6; squared++) {
            double vectors[LONGEST][3];
            int32_t k = 0;
            for (int x = -2; x <= 2; x++)
                for (int y = -2; y <= 2; y++)
                    for (int z = -2; z <= 2; z++)
                        if (x * x + y * y + z * z > 0 && x * x + y * y + z * z <= squared) {
                            vectors[k][0] = x * scales[s];
                            vectors[k][1] = y * scales[s];
                            vectors[k][2] = z * scales[s];
                            k++;
                        }
            for (int ulps = -2; ulps <= 2; ulps++) {
                double cutoff = sqrt(squared) * scales[s];
                for (int u = 0; u < abs(ulps); u++)
                    cutoff = nextafter(cutoff, ulps < 0 ? 0 : INFINITY);
                row_make(&made, k, vectors, cutoff);
                check_pairs(36, have_avx2() && ulps % 2);
                check_pairs(36, false);
            }
        }
}

/* Neighbours at one place, or too near each other for an edge; one line; one direction. */
static void degenerate(void **state)
{
    (void)state;
    nbl__angle_bins_init(&bins, 36, edges);
    double vectors[LONGEST][3] = {{0}};
    for (int32_t k = 0; k < 12; k++) {
        for (int32_t e = 0; e < k; e++) {
            vectors[e][0] = 0.5;
            vectors[e][1] = (e % 4) * 0.4e-10;
        }
        row_make(&made, k, vectors, 1);
        check_pairs(36, have_avx2());
        check_pairs(36, false);
        for (int32_t e = 0; e < k; e++) {
            vectors[e][0] = e % 2 ? -0.1 * (e + 1) : 0.1 * (e + 1);
            vectors[e][1] = 0;
        }
        row_make(&made, k, vectors, 1.2);
        check_pairs(36, have_avx2());
        check_pairs(36, false);
    }
    uint32_t counts[36];
    nbl__pairs pairs = {&bins, counts, true, false, -1};
    row_make(&made, 0, NULL, 1);
    nbl__angles_pairs(&made.row, &pairs);
    for (int b = 0; b < 36; b++)
        check_int(counts[b], 0);
    check_int(pairs.joined, 0);
}

static void polar_angles(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 4);
    for (int round = 0; round < 200; round++) {
        const int32_t n = (int32_t)random_int(&g, 1, 60);
        uint32_t expected[60] = {0}, counts[61];
        nbl__angle_bins_init(&bins, n, edges);
        row_random(&made, &g, (int32_t)random_int(&g, 0, 30));
        for (int32_t e = 0; e < made.row.k; e++) {
            bool tie;
            expected[oracle_bin(n, -made.row.uz[e], &tie)]++;
            assert_false(tie);
        }
        counts[n] = 7;
        nbl__angles_polar(&made.row, &bins, counts);
        assert_memory_equal(counts, expected, (size_t)n * sizeof *counts);
        check_int(counts[n], 7);
    }
}

static void moments(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 5);
    row_make(&made, 0, NULL, 1);
    check_bits(nbl__radial_variance(&made.row), 0);
    check_bits(nbl__local_anisotropy(&made.row), 0);
    for (int round = 0; round < 500; round++) {
        row_random(&made, &g, (int32_t)random_int(&g, 1, 40));
        const nbl__row *row = &made.row;
        long double sum = 0, square = 0, t[3][3] = {{0}}, norm = 0;
        for (int32_t e = 0; e < row->k; e++) {
            const double u[3] = {row->ux[e], row->uy[e], row->uz[e]};
            sum += row->d[e];
            square += (long double)row->d[e] * row->d[e];
            for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++)
                    t[a][b] += (long double)u[a] * u[b] / row->k;
        }
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                norm += t[a][b] * t[a][b];
        long double trace = t[0][0] + t[1][1] + t[2][2];
        sum /= row->k;
        check_near(nbl__radial_variance(row), (double)(square / row->k - sum * sum), 1e-15);
        check_near(nbl__local_anisotropy(row), (double)(1.5L * norm / (trace * trace) - 0.5L), 1e-14);
        if (row->k == 1)
            check_bits(nbl__radial_variance(row), 0);
    }
}

/* A line has 1, a plane of regular directions 1/4, the directions of a cubic crystal 0. */
static void known_anisotropy(void **state)
{
    (void)state;
    double vectors[LONGEST][3];
    const int32_t k = crystal_vectors(FCC, vectors);
    row_make(&made, k, vectors, 1.1);
    check_near(nbl__local_anisotropy(&made.row), 0, 1e-15);
    check_near(nbl__radial_variance(&made.row), 0, 1e-30);
    for (int e = 0; e < 5; e++) {
        vectors[e][0] = cos(2 * (double)pi * e / 5);
        vectors[e][1] = sin(2 * (double)pi * e / 5);
        vectors[e][2] = 0;
    }
    row_make(&made, 5, vectors, 1.1);
    check_near(nbl__local_anisotropy(&made.row), 0.25, 1e-15);
    for (int e = 0; e < 5; e++)
        vectors[e][0] = vectors[e][1] = vectors[e][2] = e - 2.5;
    row_make(&made, 5, vectors, 10);
    check_near(nbl__local_anisotropy(&made.row), 1, 1e-15);
    assert_true(nbl__local_anisotropy(&made.row) <= 1);
}

/* Two sets of bins do not share anything. */
static void two_sets(void **state)
{
    (void)state;
    static nbl__angle_bins second;
    nbl__angle_bins_init(&bins, 36, edges);
    nbl__angle_bins_init(&second, 7, others);
    check_int(nbl__angle_bin(&bins, -0.01), 18);
    check_int(nbl__angle_bin(&second, -0.01), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_by_cosine), cmocka_unit_test(ends_of_bins),     cmocka_unit_test(random_rows),
        cmocka_unit_test(ties),           cmocka_unit_test(degenerate),       cmocka_unit_test(polar_angles),
        cmocka_unit_test(moments),        cmocka_unit_test(known_anisotropy), cmocka_unit_test(two_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
