/* SPDX-License-Identifier: MIT */
#include "cell/load.h"

#include <math.h>

#include "check.h"
#include "guard.h"

enum { N = 7 };

static double value(int i, int k)
{
    return (i - 3) * 1.25 + k * 1e-3;
}

/* Positions in a buffer that ends with the last component: the rest of the last stride may not exist. */
static const void *positions(struct guard *guard, size_t item, size_t stride, size_t offset)
{
    size_t bytes = offset + (N - 1) * stride + 3 * item;
    unsigned char *start = (unsigned char *)guard_take(guard, bytes) + offset;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++) {
            double wide = value(i, k);
            float narrow = (float)wide;
            memcpy(start + (size_t)i * stride + (size_t)k * item, item == 4 ? (void *)&narrow : (void *)&wide,
                   item);
        }
    return start;
}

static void positions_of_both_types_and_any_stride(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    for (int narrow = 0; narrow < 2; narrow++) {
        size_t item = narrow ? sizeof(float) : sizeof(double);
        const size_t strides[] = {3 * item, 3 * item + 1, 4 * item, 100};
        for (size_t s = 0; s < 4; s++)
            for (size_t offset = 0; offset < 2; offset++)
                for (int packed = 0; packed < 2; packed++) {
                    size_t stride = packed ? 3 * item : strides[s];
                    const void *given = positions(&guard, item, stride, offset);
                    double r[N][3];
                    nbl__fault fault;
                    check_int(nbl__load_positions(r, N, given, narrow ? NBL_FLOAT32 : NBL_FLOAT64,
                                                  packed ? 0 : (int64_t)stride, &fault),
                              NBL_OK);
                    for (int i = 0; i < N; i++)
                        for (int k = 0; k < 3; k++)
                            check_bits(r[i][k], narrow ? (double)(float)value(i, k) : value(i, k));
                }
    }
    guard_free(&guard);
}

static void the_default_type_is_float64(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    double r[N][3];
    nbl__fault fault;
    check_int(nbl__load_positions(r, N, positions(&guard, 8, 24, 0), NBL_DTYPE_DEFAULT, 0, &fault), NBL_OK);
    check_bits(r[N - 1][2], value(N - 1, 2));
    guard_free(&guard);
}

static void no_positions(void **state)
{
    (void)state;
    nbl__fault fault;
    check_int(nbl__load_positions(NULL, 0, NULL, NBL_FLOAT64, 0, &fault), NBL_OK);
}

static void refused(double bad, nbl_status expected)
{
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++) {
            double given[N][3] = {{0}}, r[N][3];
            nbl__fault fault = {.what = NBL__FAULT_NONE};
            given[i][k] = bad;
            given[N - 1][2] = i < N - 1 ? NAN : given[N - 1][2];
            check_int(nbl__load_positions(r, N, given, NBL_FLOAT64, 0, &fault), expected);
            check_int(fault.what, NBL__FAULT_POSITION);
            check_int(fault.a, i);
            check_int(fault.k, k);
            assert_memory_equal(&fault.value, &given[i][k], sizeof(double));
        }
}

static void bad_positions_are_named(void **state)
{
    (void)state;
    refused(NAN, NBL_EPOSITION);
    refused(INFINITY, NBL_EPOSITION);
    refused(-INFINITY, NBL_EPOSITION);
    refused(nextafter(1e100, INFINITY), NBL_ERANGE);
    refused(-1.7e308, NBL_ERANGE);

    double edge[2][3] = {{1e100, -1e100, 5e-324}, {-0.0, 0.0, -5e-324}}, r[2][3];
    nbl__fault fault;
    check_int(nbl__load_positions(r, 2, edge, NBL_FLOAT64, 0, &fault), NBL_OK);
    assert_memory_equal(r, edge, sizeof r);

    float narrow[3] = {1.0f, 3.4e38f, INFINITY};
    check_int(nbl__load_positions(r, 1, narrow, NBL_FLOAT32, 0, &fault), NBL_EPOSITION);
    check_int(fault.k, 2);
}

static void cells_of_both_types(void **state)
{
    (void)state;
    const uint8_t pbc[3] = {1, 1, 1};
    struct guard guard = GUARD_INIT;
    for (int narrow = 0; narrow < 2; narrow++)
        for (size_t offset = 0; offset < 2; offset++) {
            size_t item = narrow ? sizeof(float) : sizeof(double);
            unsigned char *cell = (unsigned char *)guard_take(&guard, 9 * item + offset) + offset;
            double h[3][3];
            nbl__fault fault;
            for (int k = 0; k < 9; k++) {
                double wide = value(k, 1);
                float single = (float)wide;
                memcpy(cell + (size_t)k * item, narrow ? (void *)&single : (void *)&wide, item);
            }
            check_int(nbl__load_cell(h, cell, narrow ? NBL_FLOAT32 : NBL_FLOAT64, pbc, &fault), NBL_OK);
            for (int k = 0; k < 9; k++)
                check_bits(h[k / 3][k % 3], narrow ? (double)(float)value(k, 1) : value(k, 1));
        }
    guard_free(&guard);
}

/* Behind row 0 there is nothing to be read; rows of NaN in front of the last one must not matter. */
static void rows_of_open_axes_are_not_read(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    double h[3][3];
    nbl__fault fault;
    double *row = guard_take(&guard, 3 * sizeof *row);
    row[0] = 1.0, row[1] = 2.0, row[2] = 3.0;
    check_int(nbl__load_cell(h, row, NBL_FLOAT64, (const uint8_t[3]){1, 0, 0}, &fault), NBL_OK);
    check_bits(h[0][2], 3.0);
    for (int k = 0; k < 6; k++)
        check_bits(h[1 + k / 3][k % 3], 0.0);
    check_int(nbl__load_cell(h, NULL, NBL_FLOAT64, (const uint8_t[3]){0, 0, 0}, &fault), NBL_OK);
    for (int k = 0; k < 9; k++)
        check_bits(h[k / 3][k % 3], 0.0);

    double mixed[3][3] = {{NAN, 1e200, -INFINITY}, {NAN, NAN, NAN}, {4, 5, 6}};
    check_int(nbl__load_cell(h, mixed, NBL_FLOAT64, (const uint8_t[3]){0, 0, 255}, &fault), NBL_OK);
    check_bits(h[0][1], 0.0);
    check_bits(h[1][0], 0.0);
    check_bits(h[2][1], 5.0);
    guard_free(&guard);
}

static void bad_cells_are_named(void **state)
{
    (void)state;
    static const struct {
        double value;
        nbl_status status;
    } bad[] = {
        {NAN, NBL_ECELL},     {INFINITY, NBL_ECELL}, {-INFINITY, NBL_ECELL}, {1.0000001e100, NBL_ERANGE},
        {-1e308, NBL_ERANGE},
    };
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++)
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++) {
                double cell[3][3] = {{1, 0, 0}, {0, 1e100, 0}, {0, 0, -1e100}}, h[3][3];
                uint8_t pbc[3] = {1, 1, 1};
                nbl__fault fault;
                check_int(nbl__load_cell(h, cell, NBL_FLOAT64, pbc, &fault), NBL_OK);
                cell[a][k] = bad[b].value;
                check_int(nbl__load_cell(h, cell, NBL_FLOAT64, pbc, &fault), bad[b].status);
                check_int(fault.what, NBL__FAULT_CELL);
                check_int(fault.a, a);
                check_int(fault.k, k);
                assert_memory_equal(&fault.value, &cell[a][k], sizeof(double));
                pbc[a] = 0;
                check_int(nbl__load_cell(h, cell, NBL_FLOAT64, pbc, &fault), NBL_OK);
            }
}

/*
 * Packed, aligned doubles go a way of their own: whatever is wrong, and wherever, it is found and named as in
 * the same positions at an odd address.
 */
static void packed_doubles_are_judged_like_all_others(void **state)
{
    (void)state;
    enum { MOST = 21 };
    static const double bad[] = {NAN, -NAN, INFINITY, -INFINITY, 1.0000001e100, -1.7e308};
    struct guard aligned = GUARD_INIT, odd = GUARD_INIT;
    for (int n = 0; n <= MOST; n++)
        for (int at = -1; at < 3 * n; at++)
            for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
                const size_t bytes = (size_t)(3 * n) * sizeof(double);
                double *r = guard_take(&aligned, bytes), own[MOST + 1][3], other[MOST + 1][3];
                nbl__fault fault = {.what = NBL__FAULT_NONE}, fault_odd = fault;
                for (int k = 0; k < 3 * n; k++)
                    r[k] = k % 5 == 0 ? 1e100 : k % 5 == 1 ? -1e100 : k % 5 == 2 ? -0.0 : 0.125 * k;
                if (at >= 0) {
                    r[at] = bad[b];
                    r[3 * n - 1] = bad[(b + 1) % (sizeof bad / sizeof *bad)]; /* a later one does not speak */
                    r[at] = bad[b];
                }
                unsigned char *spot = (unsigned char *)guard_take(&odd, bytes + 1);
                if ((uintptr_t)spot % sizeof(double) == 0)
                    spot++;
                if (bytes != 0)
                    memcpy(spot, r, bytes);
                nbl_status status = nbl__load_positions(own, n, r, NBL_FLOAT64, 0, &fault);
                check_int(status, at < 0 ? NBL_OK : isfinite(bad[b]) ? NBL_ERANGE : NBL_EPOSITION);
                check_int(nbl__load_positions(other, n, spot, NBL_FLOAT64, 24, &fault_odd), status);
                check_int(fault.what, at < 0 ? NBL__FAULT_NONE : NBL__FAULT_POSITION);
                if (status == NBL_OK && n > 0)
                    assert_memory_equal(own, r, bytes);
                if (status == NBL_OK)
                    continue;
                check_int(fault.a, at / 3);
                check_int(fault.k, at % 3);
                check_int(fault_odd.a, at / 3);
                check_int(fault_odd.k, at % 3);
                assert_memory_equal(&fault.value, &bad[b], sizeof(double));
            }
    guard_free(&aligned);
    guard_free(&odd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_of_both_types_and_any_stride),
        cmocka_unit_test(the_default_type_is_float64),
        cmocka_unit_test(no_positions),
        cmocka_unit_test(bad_positions_are_named),
        cmocka_unit_test(cells_of_both_types),
        cmocka_unit_test(rows_of_open_axes_are_not_read),
        cmocka_unit_test(bad_cells_are_named),
        cmocka_unit_test(packed_doubles_are_judged_like_all_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
