/* SPDX-License-Identifier: MIT */
#include "cell/reduce.h"

#include <math.h>

#include "cell/lattice.h"
#include "check.h"
#include "random.h"
#include "scale.h"

__extension__ typedef __int128 wide;

static const uint8_t all[3] = {1, 1, 1};

static double dot(const double *a, const double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void check_unimodular(int64_t m[3][3])
{
    wide det = 0;
    for (int a = 0; a < 3; a++) {
        int b = (a + 1) % 3, c = (a + 2) % 3;
        det += (wide)m[0][a] * ((wide)m[1][b] * m[2][c] - (wide)m[1][c] * m[2][b]);
    }
    check_int(det * det, 1);
}

/* For h and m of integers below 2^53 in products: r = m h to the last digit. */
static void check_exact(double h[3][3], const uint8_t pbc[3], int64_t m[3][3], double r[3][3])
{
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3 && pbc[a]; k++) {
            wide sum = 0;
            for (int b = 0; b < 3; b++)
                sum += pbc[b] ? (wide)m[a][b] * (wide)h[b][k] : 0;
            assert_true((wide)r[a][k] == sum);
        }
}

static void check_open_rows(const uint8_t pbc[3], int64_t m[3][3])
{
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            if (!pbc[a] || !pbc[b])
                check_int(m[a][b], a == b);
}

static bool independent(const double *a, const double *b, const double *c)
{
    const double x[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    double size2 = c ? dot(c, x) * dot(c, x) : dot(x, x);
    double scale2 = dot(a, a) * dot(b, b) * (c ? dot(c, c) : 1.0);
    return size2 > 1e-16 * scale2;
}

/*
 * The k-th shortest row must be as short as any combination of small integers that is independent of the
 * rows before it: then the rows are the successive minima of the lattice.
 */
static void check_shortest(double r[3][3], const uint8_t pbc[3], uint64_t seed)
{
    const double *rows[3];
    int n = 0;
    for (int a = 0; a < 3; a++)
        if (pbc[a])
            rows[n++] = r[a];
    if (n == 0)
        return;
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++)
            if (dot(rows[b], rows[b]) < dot(rows[a], rows[a])) {
                const double *swap = rows[a];
                rows[a] = rows[b];
                rows[b] = swap;
            }
    for (int c0 = -4; c0 <= 4; c0++)
        for (int c1 = -4; c1 <= 4; c1++)
            for (int c2 = -4; c2 <= 4; c2++) {
                const int c[3] = {c0, c1, c2};
                double v[3] = {0, 0, 0};
                for (int a = 0; a < 3; a++)
                    for (int k = 0; k < 3 && pbc[a]; k++)
                        v[k] += c[a] * r[a][k];
                double length2 = dot(v, v) * (1.0 + 1e-8);
                bool shorter = length2 < dot(rows[0], rows[0]) && dot(v, v) > 0.0;
                if (n > 1 && independent(rows[0], v, NULL))
                    shorter |= length2 < dot(rows[1], rows[1]);
                if (n > 2 && independent(rows[0], rows[1], v))
                    shorter |= length2 < dot(rows[2], rows[2]);
                if (shorter)
                    fail_msg("seed %llu: (%d, %d, %d) is shorter", (unsigned long long)seed, c0, c1, c2);
            }
}

/* Adds multiples of rows to each other: the same lattice, badly described. */
static void skew(struct random *g, double h[3][3], const uint8_t pbc[3], int steps, int64_t most)
{
    for (int k = 0; k < steps; k++) {
        int64_t a = random_int(g, 0, 2), b = random_int(g, 0, 2);
        double q = (double)random_int(g, -most, most);
        for (int x = 0; x < 3 && a != b && pbc[a] && pbc[b]; x++)
            h[a][x] += q * h[b][x];
    }
}

static void integer_lattices_come_back_short_and_exact(void **state)
{
    (void)state;
    int64_t n = scale_count(4000, 200);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        random_seed(&g, seed);
        uint8_t pbc[3];
        double h[3][3], r[3][3];
        int64_t m[3][3];
        for (int a = 0; a < 3; a++) {
            pbc[a] = random_chance(&g, 4) ? 0 : 1;
            for (int k = 0; k < 3; k++)
                h[a][k] = (double)random_int(&g, -9, 9) + (a == k ? 20.0 : 0.0);
        }
        skew(&g, h, pbc, 6, 30);
        assert_true(nbl__reduce(h, pbc, m, r));
        check_unimodular(m);
        check_exact(h, pbc, m, r);
        check_open_rows(pbc, m);
        check_shortest(r, pbc, seed);
    }
}

static void needles_and_plates_are_reduced(void **state)
{
    (void)state;
    int64_t n = scale_count(2000, 100);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        random_seed(&g, seed + 77777);
        double h[3][3] = {{0}}, turn[3][3], r[3][3];
        int64_t m[3][3];
        random_rotation(&g, turn);
        for (int a = 0; a < 3; a++) {
            double length = random_log(&g, 1e-3, 1e3);
            for (int k = 0; k < 3; k++)
                h[a][k] = length * (turn[a][k] + 0.3 * random_range(&g, -1.0, 1.0));
        }
        skew(&g, h, all, 3, 8);
        assert_true(nbl__reduce(h, all, m, r));
        check_unimodular(m);
        check_shortest(r, all, seed);
    }
}

/* Vectors of equal length: a reduction that takes steps without gain would never end, or flip. */
static void ties_are_left_alone(void **state)
{
    (void)state;
    static const double cells[][3][3] = {
        {{1, 0, 0}, {-0.5, 0.86602540378443865, 0}, {0, 0, 1.6}}, /* hexagonal, 120 degrees */
        {{1, 0, 0}, {0.5, 0.86602540378443865, 0}, {0, 0, 1.6}},  /* hexagonal, 60 degrees */
        {{0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}},            /* fcc */
        {{-0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0.5, 0.5, -0.5}},   /* bcc */
        {{1, 0, 0}, {0.5, 0.86602540378443865, 0}, {0.5, 0.28867513459481287, 0.81649658092772603}},
        {{2, 0, 0}, {1, 2, 0}, {1, 1, 2}},
    };
    struct random g;
    random_seed(&g, 5);
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++)
        for (int turn = 0; turn < 200; turn++) {
            double t[3][3], h[3][3], r[3][3], again[3][3];
            int64_t m[3][3], second[3][3];
            random_rotation(&g, t);
            for (int a = 0; a < 3; a++)
                for (int k = 0; k < 3; k++)
                    h[a][k] = turn == 0 ? cells[c][a][k] : dot(cells[c][a], t[k]);
            assert_true(nbl__reduce(h, all, m, r));
            check_unimodular(m);
            check_shortest(r, all, c);
            for (int a = 0; a < 3; a++)
                assert_true(dot(r[a], r[a]) <= dot(h[a], h[a]) * (1.0 + 1e-12));
            assert_true(nbl__reduce(r, all, second, again));
            for (int a = 0; a < 3; a++)
                for (int b = 0; b < 3; b++)
                    check_int(second[a][b], a == b);
            for (int a = 0; a < 3 && c < 2; a++)
                for (int b = 0; b < 3; b++)
                    check_int(m[a][b], a == b);
        }
}

/* Exactly dependent rows: an end, and either a refusal or a row that is gone. */
static void parallel_vectors_come_to_an_end(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 9);
    for (int trial = 0; trial < 300; trial++) {
        const double factors[] = {2.0, -1.0, 0.25, 1024.0};
        double h[3][3], r[3][3];
        int64_t m[3][3];
        for (int k = 0; k < 3; k++) {
            h[0][k] = random_range(&g, -1.0, 1.0);
            h[1][k] = factors[trial % 4] * h[0][k];
            h[2][k] = random_range(&g, -1.0, 1.0);
        }
        bool gone = !nbl__reduce(h, all, m, r);
        for (int a = 0; a < 3; a++)
            gone |= dot(r[a], r[a]) == 0.0;
        assert_true(gone);
    }
}

/* Rows that are dependent but for a trace span a lattice with much shorter vectors: those must be found. */
static void nearly_parallel_vectors_are_reduced(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 10);
    for (uint64_t trial = 0; trial < 300; trial++) {
        double h[3][3], r[3][3], q = random_range(&g, -3.0, 3.0);
        int64_t m[3][3];
        for (int k = 0; k < 3; k++) {
            h[0][k] = random_range(&g, -1.0, 1.0);
            h[2][k] = random_range(&g, -1.0, 1.0);
            h[1][k] = q * h[0][k] + (trial % 2 ? h[2][k] : 0.0) + 1e-9 * random_range(&g, -1.0, 1.0);
        }
        assert_true(nbl__reduce(h, all, m, r));
        check_unimodular(m);
        check_shortest(r, all, trial);
    }
}

static void integers_beyond_the_limit_are_reported(void **state)
{
    (void)state;
    const double inside = 0x1p49, outside = 0x1p52;
    double h[3][3] = {{1, 0, 0}, {inside, 1, 0}, {0, 0, 1}}, r[3][3];
    int64_t m[3][3];
    assert_true(nbl__reduce(h, all, m, r));
    check_unimodular(m);
    check_exact(h, all, m, r);
    check_int(m[1][0], -(int64_t)inside);
    h[1][0] = outside;
    assert_false(nbl__reduce(h, all, m, r));
    const uint8_t two[3] = {0, 1, 1};
    assert_true(nbl__reduce(h, two, m, r));
    /* Two steps of which each is short enough, but not what they come to. */
    h[1][0] = inside;
    h[2][1] = 100.0;
    assert_false(nbl__reduce(h, all, m, r));
}

/* Rows of open axes: neither read nor written. */
static void open_rows_are_not_touched(void **state)
{
    (void)state;
    for (int mask = 0; mask < 8; mask++) {
        double h[3][3] = {{3, 0, 0}, {7, 3, 0}, {10, -8, 3}}, r[3][3];
        int64_t m[3][3];
        uint8_t pbc[3];
        for (int a = 0; a < 3; a++) {
            pbc[a] = (mask >> a) & 1;
            for (int k = 0; k < 3; k++) {
                h[a][k] = pbc[a] ? h[a][k] : NAN;
                r[a][k] = -99.0;
            }
        }
        assert_true(nbl__reduce(h, pbc, m, r));
        check_unimodular(m);
        check_exact(h, pbc, m, r);
        check_open_rows(pbc, m);
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3 && !pbc[a]; k++)
                check_bits(r[a][k], -99.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integer_lattices_come_back_short_and_exact),
        cmocka_unit_test(needles_and_plates_are_reduced),
        cmocka_unit_test(ties_are_left_alone),
        cmocka_unit_test(parallel_vectors_come_to_an_end),
        cmocka_unit_test(nearly_parallel_vectors_are_reduced),
        cmocka_unit_test(integers_beyond_the_limit_are_reported),
        cmocka_unit_test(open_rows_are_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
