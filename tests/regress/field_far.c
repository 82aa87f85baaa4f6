/* SPDX-License-Identifier: MIT */
/* What users were hurt by, part two: unwrapped and distant atoms, long shifts, extreme lengths. */
#include <math.h>
#include <stdlib.h>

#include "field.h"

/* A million cells away, all numbers exact: the same vectors, and shifts that lead back. */
static void a_million_cells_away(void **state)
{
    struct listing *l = *state;
    const double h[9] = {4, 0, 0, 1, 6, 0, -1, 2, 8};
    double near[24], far[24];
    int64_t moved[8][3];
    struct random g;
    struct pairs a = {0, 0, NULL}, b = {0, 0, NULL};
    random_seed(&g, 9);
    for (int i = 0; i < 8; i++)
        for (int x = 0; x < 3; x++) {
            near[3 * i + x] = (double)random_int(&g, 0, 64) / 8;
            moved[i][x] = random_int(&g, -1000000, 1000000);
        }
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 3; k++)
            far[3 * i + k] = near[3 * i + k] + (double)moved[i][0] * h[k] + (double)moved[i][1] * h[3 + k] +
                             (double)moved[i][2] * h[6 + k];
    field_against_oracle(l, 8, far, h, NULL, 5);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        struct variant v = {algorithm, 0, 0, 1, 0, 0};
        field_find(l, 8, near, h, NULL, 5, &v, &a);
        field_find(l, 8, far, h, NULL, 5, &v, &b);
        for (int64_t e = 0; e < a.n; e++)
            for (int x = 0; x < 3; x++)
                a.at[e].s[x] += moved[a.at[e].i][x] - moved[a.at[e].j][x];
        pairs_sort(&a);
        pairs_sort(&b);
        check_int(b.n, a.n);
        assert_true(a.n > 0);
        assert_memory_equal(a.at, b.at, (size_t)a.n * sizeof *a.at);
    }
    pairs_free(&a);
    pairs_free(&b);
}

/* 2^30 cells is the limit: they work, on every axis and side, and the next number beyond does not. */
static void as_far_as_allowed(void **state)
{
    static const double edges[] = {1, 0.5, 2};
    const double h[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const double r[9] = {0.25, 0, 0, 0.5 + 0x1p29, -0x1p29, 0, 0.75 - 0x1p29, 0x1p29, 0x1p29};
    assert_true(field_against_oracle(*state, 3, r, h, NULL, 0.9) > 0);
    struct listing *l = *state;
    for (int k = 0; k < 54; k++) {
        double edge = edges[k % 3], sign = k / 9 % 2 ? -1 : 1, cell[9] = {0}, far[6] = {0};
        int axis = k / 18;
        struct variant v = {k / 3 % 3, 0, 0, 1, 0, 0};
        char where[16];
        for (int b = 0; b < 3; b++)
            cell[4 * b] = edge;
        far[3 + axis] = sign * 0x1p30 * edge;
        check_int(field_against_oracle(l, 2, far, cell, NULL, 1.25 * edge), 2 + 2 * 6 + 2 * 6);
        far[3 + axis] = sign * oracle_ulps(0x1p30 * edge, 1);
        check_int(listing_build_arrays(l, 2, far, cell, NULL, edge, &v), -1);
        snprintf(where, sizeof where, "axis %d", axis);
        check_contains(l->text, "NBL_ESHIFT");
        check_contains(l->text, "positions[1]");
        check_contains(l->text, where);
    }
}

/*
 * The list of two atoms by every algorithm, in every mode, full and half: refused where, and only where, a
 * shift of it does not fit. Counts both.
 */
static void two_far_apart(struct listing *l, const double r[6], double rc, int64_t *fits, int64_t *refused)
{
    const double h[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    struct oracle_input in = {2, r, h, {1, 1, 1}, rc};
    struct pairs all = {0, 0, NULL}, expected = {0, 0, NULL}, found = {0, 0, NULL};
    int64_t n_close;
    char text[COMPARE_TEXT];
    check_int(oracle_find(&in, &all, &n_close), 0);
    for (int32_t k = 0; k < 18; k++) {
        struct variant v = {k % 3, k / 3 % 2 ? NBL_HALF : 0, k / 6, 1, 0, 0};
        int too_long = 0;
        expected.n = found.n = 0;
        oracle_select(&all, rc, v.flags ? ORACLE_HALF : 0, 2, &expected);
        for (int64_t e = 0; e < expected.n; e++)
            for (int b = 0; b < 3; b++)
                too_long |= expected.at[e].s[b] > INT32_MAX || expected.at[e].s[b] < INT32_MIN;
        assert_int_equal(listing_build_arrays(l, 2, r, h, NULL, rc, &v), 0);
        int status = listing_search(l, rc, &v);
        if (too_long) {
            check_int(status, -1);
            check_contains(l->text, "NBL_ESHIFT");
            check_contains(l->text, "atoms ");
        } else if (status != 0 || listing_fetch(l, &found) != 0) {
            fail_msg("%s", l->text);
        } else if (compare_pairs(&expected, &found, 0, text) != 0) {
            fail_msg("%s", text);
        }
        *(too_long ? refused : fits) += 1;
    }
    pairs_free(&all);
    pairs_free(&expected);
    pairs_free(&found);
}

/* Atoms at both ends of what is allowed: the shift between them is 2^31 one way and -2^31 the other. */
static void from_end_to_end(void **state)
{
    int64_t fits = 0, refused = 0;
    for (int axis = 0; axis < 3; axis++)
        for (int sign = -1; sign <= 1; sign += 2)
            for (int inside = 0; inside < 3; inside++) {
                double r[6] = {0.25, 0.25, 0.25, 0.25, 0.25, 0.5};
                r[axis] = sign * 0x1p30;
                r[3 + axis] = sign * (inside - 0x1p30);
                two_far_apart(*state, r, 0.9, &fits, &refused);
                two_far_apart(*state, r, 1.5, &fits, &refused);
            }
    check_int(fits + refused, 3 * 2 * 3 * 2 * 18);
    assert_true(fits > 100 && refused > 100);
}

/*
 * One atom and a short periodic axis: shifts run to +-rc / a. The expected number is counted here by the
 * formula, along one line.
 */
static void long_shifts(void **state)
{
    struct listing *l = *state;
    static const double axes[] = {0.03, 1e-4};
    static const int32_t int8_status[] = {NBL_ENARROW, NBL_ENARROW};
    for (int k = 0; k < 2; k++)
        for (int axis = 0; axis < 3; axis++)
            for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
                double h[9] = {0};
                const double r[3] = {1.5, -2, 0.25};
                uint8_t pbc[3] = {0, 0, 0};
                struct variant v = {algorithm, NBL_SORTED, 0, 1, 0, 0};
                struct pairs p = {0, 0, NULL};
                int64_t last = 0;
                h[4 * axis] = axes[k];
                pbc[axis] = 1;
                while ((double)(last + 1) * axes[k] < 5)
                    last++;
                assert_true(last > (k ? 32767 : 127));
                field_find(l, 1, r, h, pbc, 5, &v, &p);
                check_int(p.n, 2 * last);
                for (int64_t e = 0; e < p.n; e++) {
                    int64_t s = e < last ? e - last : e - last + 1;
                    check_int(p.at[e].s[axis], s);
                    check_int(p.at[e].s[(axis + 1) % 3], 0);
                    check_int(p.at[e].s[(axis + 2) % 3], 0);
                    check_bits(p.at[e].d[axis], (double)s * axes[k]);
                }

                struct guard g = GUARD_INIT;
                nbl_outputs o = NBL_OUTPUTS_INIT;
                o.pair_capacity = p.n;
                o.shift_dtype = NBL_INT8;
                o.shifts = guard_take(&g, (size_t)p.n * 3);
                check_int(nbl_result_fetch(l->result, 0, &o), int8_status[k]);
                check_contains(nbl_result_message(l->result), "shift");
                assert_true(guard_untouched(&g));
                guard_free(&g);
                pairs_free(&p);
            }
}

/* The largest shifts that int8 holds are still delivered in it. */
static void shifts_at_the_end_of_int8(void **state)
{
    struct listing *l = *state;
    const double h[9] = {0.25, 0, 0, 0, 9, 0, 0, 0, 9};
    double r[6] = {0, 0, 0, 0.25 * 128, 0, 0};
    for (int64_t cells = 127; cells <= 129; cells++) {
        int8_t shifts[6] = {0};
        struct variant v = {0, NBL_HALF, 0, 1, 0, 0};
        nbl_outputs o = NBL_OUTPUTS_INIT;
        r[3] = 0.25 * (double)cells;
        assert_int_equal(listing_build_arrays(l, 2, r, h, NULL, 0.1, &v), 0);
        assert_int_equal(listing_search(l, 0.1, &v), 0);
        check_int(nbl_result_n_pairs(l->result, 0), 1);
        o.pair_capacity = 1;
        o.shift_dtype = NBL_INT8;
        o.shifts = shifts;
        check_int(nbl_result_fetch(l->result, 0, &o), cells > 128 ? NBL_ENARROW : NBL_OK);
        check_int(shifts[0], cells > 128 ? 0 : -cells);
    }
}

/* Two atoms 1e9 away from each other among 1,000: no grid of 1e36 bins. */
static void two_atoms_far_from_the_rest(void **state)
{
    enum { N = 1000 };
    double *r = malloc(N * 3 * sizeof *r);
    struct pairs p = {0, 0, NULL};
    assert_non_null(r);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            r[3 * i + k] = k == 0 ? 0.0009 * i : 0;
    r[3 * (N - 1)] = 1e9;
    r[3 * (N - 2)] = -1e9;
    for (int32_t algorithm = 0; algorithm < 3; algorithm++)
        for (int mask = 0; mask < 8; mask++) {
            const double h[9] = {4e9, 0, 0, 0, 4e9, 0, 0, 0, 4e9};
            const uint8_t pbc[3] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1};
            struct variant v = {algorithm, NBL_HALF, 0, 1, 0, 0};
            field_find(*state, N, r, h, pbc, 1e-3, &v, &p);
            check_int(p.n, N - 3);
        }
    pairs_free(&p);
    free(r);
}

/* Where one ulp of a coordinate exceeds the cutoff the formula still decides. */
static void coordinates_of_1e17(void **state)
{
    double r[30];
    for (int i = 0; i < 10; i++)
        for (int k = 0; k < 3; k++)
            r[3 * i + k] = k == 0 ? 1e17 + 16 * (i / 2) : -1e17;
    check_int(field_against_oracle(*state, 10, r, NULL, NULL, 5), 10);
    check_int(field_against_oracle(*state, 10, r, NULL, NULL, 17), 10 * 5 - 4 * 2);
    const double h[9] = {1e12, 0, 0, 0, 1e12, 0, 0, 0, 1e12};
    assert_true(field_against_oracle(*state, 10, r, h, NULL, 5) >= 10);
}

/* One atom at 1e20 on the open axis of a skewed slab: it must not disturb the others. */
static void one_stray_atom_on_an_open_axis(void **state)
{
    static const double h[9] = {4, 0.5, 0.25, 1, 5, -0.5, 0.3, 0.4, 6};
    double r[36], without[33];
    struct random g;
    struct pairs a = {0, 0, NULL}, b = {0, 0, NULL};
    random_seed(&g, 21);
    for (int x = 0; x < 36; x++)
        r[x] = random_range(&g, -6, 6);
    for (int axis = 0; axis < 3; axis++) {
        uint8_t pbc[3] = {1, 1, 1};
        double row[3] = {h[3 * axis], h[3 * axis + 1], h[3 * axis + 2]};
        pbc[axis] = 0;
        for (int k = 0; k < 3; k++)
            r[33 + k] = 1e20 * row[k];
        memcpy(without, r, sizeof without);
        for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
            struct variant v = {algorithm, NBL_SORTED, 0, 1, 0, 0};
            field_find(*state, 11, without, h, pbc, 5, &v, &a);
            nbl_status status;
            b.n = 0;
            struct listing *l = *state;
            status = listing_build_arrays(l, 12, r, h, pbc, 5, &v);
            if (status != 0) {
                check_contains(l->text, "NBL_ESHIFT");
                continue;
            }
            assert_int_equal(listing_search(l, 5, &v), 0);
            assert_int_equal(listing_fetch(l, &b), 0);
            int64_t kept = 0;
            for (int64_t e = 0; e < b.n; e++)
                if (b.at[e].i != 11 && b.at[e].j != 11)
                    b.at[kept++] = b.at[e];
            check_int(kept, a.n);
            assert_memory_equal(a.at, b.at, (size_t)a.n * sizeof *a.at);
        }
    }
    pairs_free(&a);
    pairs_free(&b);
}

/* The same with the stray atom exactly perpendicular to the slab: it lies in no far cell, and must work. */
static void one_stray_atom_straight_above(void **state)
{
    const double h[9] = {4, 0, 0, 1, 5, 0, 0, 0, 0};
    const double r[12] = {0, 0, 0, 1, 1, 1, 2, 2, -1, 0.5, 0.5, 1e20};
    const uint8_t pbc[3] = {1, 1, 0};
    assert_true(field_against_oracle(*state, 4, r, h, pbc, 5) > 0);
}

static void shortest_cutoff(void **state)
{
    const double h[9] = {10, 0, 0, 0, 10, 0, 0, 0, 10}, r[12] = {1, 2, 3, 1, 2, 3, 11, 2, 3, 1, 2, 4};
    check_int(field_against_oracle(*state, 4, r, NULL, NULL, 1e-100), 2);
    check_int(field_against_oracle(*state, 4, r, h, NULL, 1e-100), 6);
    check_int(field_against_oracle(*state, 4, r, h, NULL, 1e-6), 6);
}

/* Every length at either end of what is allowed. */
static void extreme_lengths(void **state)
{
    const double r[9] = {0, 0, 0, 1, 0, 0, 0.5, 0.5, 0.5};
    double scaled[9], h[9] = {0};
    static const double scales[] = {1e-99, 1e-50, 1e50, 1e98};
    for (int k = 0; k < 4; k++) {
        for (int x = 0; x < 9; x++)
            scaled[x] = r[x] * scales[k];
        for (int a = 0; a < 3; a++)
            h[4 * a] = 1.75 * scales[k];
        check_int(field_against_oracle(*state, 3, scaled, NULL, NULL, 0.9 * scales[k]), 4);
        check_int(field_against_oracle(*state, 3, scaled, h, NULL, 0.9 * scales[k]), 6);
    }
    const double apart[6] = {-1e100, -1e100, -1e100, 1e100, 1e100, 1e100};
    check_int(field_against_oracle(*state, 2, apart, NULL, NULL, 1e100), 0);
    check_int(field_against_oracle(*state, 2, apart, NULL, NULL, 1e-100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_million_cells_away),
        cmocka_unit_test(as_far_as_allowed),
        cmocka_unit_test(from_end_to_end),
        cmocka_unit_test(long_shifts),
        cmocka_unit_test(shifts_at_the_end_of_int8),
        cmocka_unit_test(two_atoms_far_from_the_rest),
        cmocka_unit_test(coordinates_of_1e17),
        cmocka_unit_test(one_stray_atom_on_an_open_axis),
        cmocka_unit_test(one_stray_atom_straight_above),
        cmocka_unit_test(shortest_cutoff),
        cmocka_unit_test(extreme_lengths),
    };
    return cmocka_run_group_tests_name("field: far", tests, field_open, field_close);
}
