/* SPDX-License-Identifier: MIT */
/* What users were hurt by, part one: open axes, slim and skewed cells, handedness, borders. */
#include <math.h>

#include "field.h"

static const double far_row[3] = {1e300, -1e300, 1e300};

static void put_row(double *h, int a, const double row[3])
{
    memcpy(h + 3 * a, row, 3 * sizeof *row);
}

/* For every mask, whatever stands in the rows of the open axes, the list keeps its bytes. */
static void open_rows_are_never_read(void **state)
{
    struct listing *l = *state;
    static const double nan_row[3] = {NAN, NAN, NAN}, zero_row[3] = {0, 0, 0};
    struct system s;
    struct pairs first = {0, 0, NULL}, other = {0, 0, NULL};
    system_plain(&s, 40, 11);
    for (int mask = 0; mask < 7; mask++)
        for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
            uint8_t pbc[3] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1};
            struct variant v = {algorithm, 0, 0, 1, 0, 0};
            field_find(l, s.n, s.r[0], s.h[0], pbc, s.rc, &v, &first);
            for (int how = 0; how < 5; how++) {
                double h[9];
                memcpy(h, s.h, sizeof h);
                for (int a = 0; a < 3; a++) {
                    const double *rows[5] = {zero_row, nan_row, far_row, s.h[(a + 1) % 3], s.h[(a + 2) % 3]};
                    if (!pbc[a])
                        put_row(h, a, rows[how]);
                }
                field_find(l, s.n, s.r[0], h, pbc, s.rc, &v, &other);
                check_int(other.n, first.n);
                assert_memory_equal(other.at, first.at, (size_t)first.n * sizeof *first.at);
            }
        }
    pairs_free(&first);
    pairs_free(&other);
}

/* A slab whose third vector is zero, atoms on both sides of z = 0 and outside the cell. */
static void slab_with_zero_vector(void **state)
{
    const double h[9] = {4, 0, 0, 1, 5, 0, 0, 0, 0};
    const double r[18] = {0, 0, -3, 1, 1, -1, 3.9, 4.9, 0, -2, 7, 1, 2, 2, 2.5, 9, -8, -40};
    const uint8_t pbc[3] = {1, 1, 0};
    assert_true(field_against_oracle(*state, 6, r, h, pbc, 3.5) > 0);
    assert_true(field_against_oracle(*state, 6, r, h, pbc, 12) > 0);
    struct variant v = {0, 0, 0, 1, 0, 0};
    struct pairs p = {0, 0, NULL};
    field_find(*state, 6, r, h, pbc, 12, &v, &p);
    for (int64_t e = 0; e < p.n; e++)
        check_int(p.at[e].s[2], 0);
    pairs_free(&p);
}

/* No cell at all: nothing below zero is lost, nothing is shifted. */
static void open_box_with_negative_coordinates(void **state)
{
    double r[27 * 3];
    for (int i = 0; i < 27; i++)
        for (int k = 0; k < 3; k++)
            r[3 * i + k] = (double)(k == 0 ? i / 9 : k == 1 ? i / 3 % 3 : i % 3) - 1;
    check_int(field_against_oracle(*state, 27, r, NULL, NULL, 1.25), 108);
    check_int(field_against_oracle(*state, 27, r, NULL, NULL, 10), 27 * 26);
}

/* An axis of one, two, three and a few bins: images are neither lost nor counted twice. */
static void few_bins_along_an_axis(void **state)
{
    static const double ratios[] = {0.2, 0.3, 0.334, 0.4, 0.499, 0.5, 0.501, 0.9, 1, 1.01, 1.5, 2, 2.5, 4.2};
    const double edge = 8, r[12] = {0.1, 0.2, 0.3, 4, 4, 4, 7.9, 7.9, 0.1, 2, 7, 5};
    for (size_t k = 0; k < sizeof ratios / sizeof ratios[0]; k++)
        for (int mask = 1; mask < 8; mask++) {
            const double h[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
            const uint8_t pbc[3] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1};
            field_against_oracle(*state, 4, r, h, pbc, ratios[k] * edge);
        }
}

static void needles_and_plates(void **state)
{
    static const double edges[][3] = {
        {0.5, 0.5, 100}, {100, 0.5, 0.5}, {0.5, 60, 60}, {60, 60, 0.5}, {0.1, 30, 3}};
    struct random g;
    random_seed(&g, 5);
    for (int k = 0; k < 5; k++) {
        double h[9] = {edges[k][0], 0, 0, 0, edges[k][1], 0, 0, 0, edges[k][2]}, r[30];
        for (int x = 0; x < 30; x++)
            r[x] = random_range(&g, -0.5, 1.5) * edges[k][x % 3];
        assert_true(field_against_oracle(*state, 10, r, h, NULL, 2) > 0);
    }
}

/* Long edges, small heights: 8 degrees between two vectors of length 20. */
static void heights_not_edges(void **state)
{
    const double angle = 8 * 0x1.1df46a2529d39p-6;
    const double h[9] = {20, 0, 0, 20 * cos(angle), 20 * sin(angle), 0, 3, 1, 15};
    const double r[9] = {0, 0, 0, 19, 1, 7, 30, 2, 14};
    assert_true(field_against_oracle(*state, 3, r, h, NULL, 6) > 0);
    assert_true(field_against_oracle(*state, 3, r, h, NULL, 9) > 0);
}

/* One atom, a cutoff of many cells. */
static void cutoff_far_beyond_the_cell(void **state)
{
    const double cube[9] = {3, 0, 0, 0, 3, 0, 0, 0, 3}, r[3] = {1, 2, -3};
    check_int(field_against_oracle(*state, 1, r, cube, NULL, 15), 484);
    const double oblique[9] = {3, 0, 0, 1.4, 2.5, 0, -1.2, 0.8, 2.9};
    assert_true(field_against_oracle(*state, 1, r, oblique, NULL, 15) > 500);
}

/* Two rows that nearly agree and are 3e11 long: no pair is a step along them apart, nor rounded like one. */
static void long_rows_that_nearly_agree(void **state)
{
    const double h[9] = {28.0234375,  336316071936.0, 32.49609375, 25.0234375, 336316071939.0,
                         39.15234375, 39.15234375,    39.15234375, 42.15234375};
    const double r[6] = {39.25, 39.25, 39.25, 39.25, 40.5, 39.25};
    const uint8_t pbc[3] = {1, 1, 1};
    assert_true(field_against_oracle(*state, 2, r, h, pbc, 32.49609375) > 0);
}

/* The same crystal left-handed, and with its axes turned into any order: pair for pair the same shells. */
static void left_handed_and_rotated(void **state)
{
    static const int orders[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};
    const double edges[3] = {5, 7, 11};
    for (int turn = 0; turn < 6; turn++)
        for (int signs = 0; signs < 8; signs++) {
            double h[9] = {0}, r[9];
            for (int a = 0; a < 3; a++)
                h[3 * a + orders[turn][a]] = (signs >> a & 1 ? -1 : 1) * edges[a];
            for (int i = 0; i < 3; i++)
                for (int k = 0; k < 3; k++)
                    r[3 * i + k] = 0.3 * i * (h[k] + h[3 + k] + h[6 + k]) + 0.25 * i;
            assert_true(field_against_oracle(*state, 3, r, h, NULL, 6) > 0);
        }
}

/* -4e-52 wraps to the upper border of the cell by rounding; nothing may be lost there. */
static void coordinates_at_the_border(void **state)
{
    static const double edge = 10;
    static const double values[] = {-4e-52, 0,   -0.0, 5e-324, 10, 9.999999999999998, 10.000000000000002,
                                    5,      -10, 20};
    for (int mask = 0; mask < 8; mask++) {
        double r[60], h[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
        const uint8_t pbc[3] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1};
        for (int i = 0; i < 20; i++) {
            r[3 * i] = values[i % 10];
            r[3 * i + 1] = values[(3 * i + 1) % 10];
            r[3 * i + 2] = values[(7 * i + i / 10) % 10];
        }
        field_against_oracle(*state, 20, r, h, pbc, 1);
        field_against_oracle(*state, 20, r, h, pbc, 5);
        field_against_oracle(*state, 20, r, h, pbc, 2.5);
    }
}

/* Zeros of both signs, cells of negative numbers: every zero component of a vector is +0. */
static void zeros_are_positive(void **state)
{
    static const double cells[2][9] = {{-4, -1, -1, -1, -4, -1, -1, -1, -4},
                                       {-4, -0.0, -0.0, 0, 4, 0, 0, 0, -4}};
    const double r[15] = {0, 0, 0, -0.0, -0.0, -0.0, 0, -0.0, 1, -0.0, 0, 1, 4, 1, 1};
    for (int mask = 0; mask < 8; mask++)
        for (int cell = 0; cell < 2; cell++)
            for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
                const uint8_t pbc[3] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1};
                struct variant v = {algorithm, 0, 0, 1, 0, 0};
                struct pairs p = {0, 0, NULL};
                assert_true(field_against_oracle(*state, 5, r, cells[cell], pbc, 2) >= 8);
                field_find(*state, 5, r, cells[cell], pbc, 2, &v, &p);
                for (int64_t e = 0; e < p.n; e++)
                    for (int k = 0; k < 3; k++)
                        assert_true(p.at[e].d[k] != 0 || !signbit(p.at[e].d[k]));
                pairs_free(&p);
            }
}

/* Atoms on a fine grid that divides the cell: every bin border carries atoms. */
static void atoms_on_bin_borders(void **state)
{
    double r[64 * 3];
    const double h[9] = {8, 0, 0, 0, 8, 0, 0, 0, 8};
    for (int i = 0; i < 64; i++) {
        r[3 * i] = 2.0 * (i / 16);
        r[3 * i + 1] = 2.0 * (i / 4 % 4);
        r[3 * i + 2] = 2.0 * (i % 4);
    }
    check_int(field_against_oracle(*state, 64, r, h, NULL, 2), 0);
    check_int(field_against_oracle(*state, 64, r, h, NULL, 2.000001), 64 * 6);
    check_int(field_against_oracle(*state, 64, r, h, NULL, 4), 64 * 26);
}

/* The cell turned away from the axes, atoms along its faces. */
static void faces_of_a_turned_cell(void **state)
{
    struct random g;
    random_seed(&g, 3);
    for (int turn = 0; turn < 10; turn++) {
        double m[3][3], h[9], r[24];
        random_rotation(&g, m);
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                h[3 * a + k] = m[a][k] * (6 + a);
        for (int i = 0; i < 8; i++)
            for (int k = 0; k < 3; k++)
                r[3 * i + k] = (i & 1) * h[k] + (i >> 1 & 1) * h[3 + k] + 0.5 * (i >> 2 & 1) * h[6 + k];
        assert_true(field_against_oracle(*state, 8, r, h, NULL, 4.1) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open_rows_are_never_read),
        cmocka_unit_test(slab_with_zero_vector),
        cmocka_unit_test(open_box_with_negative_coordinates),
        cmocka_unit_test(few_bins_along_an_axis),
        cmocka_unit_test(needles_and_plates),
        cmocka_unit_test(heights_not_edges),
        cmocka_unit_test(cutoff_far_beyond_the_cell),
        cmocka_unit_test(long_rows_that_nearly_agree),
        cmocka_unit_test(left_handed_and_rotated),
        cmocka_unit_test(coordinates_at_the_border),
        cmocka_unit_test(zeros_are_positive),
        cmocka_unit_test(atoms_on_bin_borders),
        cmocka_unit_test(faces_of_a_turned_cell),
    };
    return cmocka_run_group_tests_name("field: cells", tests, field_open, field_close);
}
