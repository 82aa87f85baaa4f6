/* SPDX-License-Identifier: MIT */
/* Everything that a build refuses: status, message, and a handle that is unbuilt and usable afterwards. */
#include <stdlib.h>

#include "api.h"

/* What is passed to one build; a test changes what it is about. */
struct call {
    int64_t n;
    double r[20][3];
    double h[3][3];
    const void *positions, *cell;
    uint8_t pbc[3];
    const uint8_t *pbc_pointer;
    double rc;
    nbl_build_options options;
};

static struct call good(void)
{
    struct call c = {.n = 20, .rc = 2, .pbc = {1, 1, 1}, .options = NBL_BUILD_OPTIONS_INIT};
    for (int i = 0; i < 20; i++)
        for (int k = 0; k < 3; k++)
            c.r[i][k] = (7 * i + 3 * k) % 11 * 0.5;
    for (int k = 0; k < 3; k++)
        c.h[k][k] = 6;
    return c;
}

static nbl_status build(struct api *a, const struct call *c)
{
    return nbl_cell_list_build(a->list, c->n, c->positions ? c->positions : c->r, c->cell ? c->cell : c->h,
                               c->pbc_pointer ? c->pbc_pointer : c->pbc, c->rc, &c->options);
}

/* Refused; the handle is unbuilt; a result searched before is stale; the next build works. */
static void refused(struct api *a, const struct call *c, nbl_status expected, const char *part,
                    const char *more)
{
    int64_t count;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.row_capacity = 40;
    o.counts = &count;
    api_build(a);
    api_search(a, 0, 0);
    api_refused(build(a, c), expected, nbl_cell_list_message(a->list), part, more);
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_ESTALE);
    check_int(nbl_cell_list_search(a->list, 1, NULL, a->result), NBL_EUNBUILT);
    check_int(nbl_cell_list_get_info(a->list, &info), NBL_EUNBUILT);
    api_build(a);
    api_search(a, 0, 0);
}

static void accepted(struct api *a, const struct call *c)
{
    check_int(build(a, c), NBL_OK);
    assert_string_equal(nbl_cell_list_message(a->list), "");
    check_int(nbl_cell_list_search(a->list, c->rc, NULL, a->result), NBL_OK);
}

static void null_pointers(void **state)
{
    struct api *a = *state;
    struct call c = good();
    check_int(nbl_cell_list_build(NULL, c.n, c.r, c.h, NULL, c.rc, NULL), NBL_ENULL);
    api_refused(nbl_cell_list_build(a->list, c.n, NULL, c.h, NULL, c.rc, NULL), NBL_ENULL,
                nbl_cell_list_message(a->list), "positions", NULL);
    check_int(nbl_cell_list_build(a->list, 0, NULL, c.h, NULL, c.rc, NULL), NBL_OK);
    check_int(nbl_cell_list_build(a->list, 0, NULL, NULL, NULL, c.rc, NULL), NBL_OK);
    assert_non_null(nbl_cell_list_message(NULL));
    assert_non_null(nbl_result_message(NULL));
}

static void number_of_atoms(void **state)
{
    static const int64_t numbers[] = {-1, INT64_MIN, (int64_t)INT32_MAX + 1, INT64_MAX};
    for (int k = 0; k < 4; k++) {
        struct call c = good();
        char text[40];
        c.n = numbers[k];
        snprintf(text, sizeof text, "n is %lld", (long long)numbers[k]);
        refused(*state, &c, NBL_ESIZE, text, NULL);
    }
}

static void stride(void **state)
{
    static const int64_t doubles[] = {-24, 1, 23, INT64_MIN}, floats[] = {-12, 8, 11};
    struct call c = good();
    for (int k = 0; k < 4; k++) {
        c.options.positions_stride = doubles[k];
        refused(*state, &c, NBL_ESIZE, "stride", NULL);
    }
    c.options.positions_stride = INT64_MAX;
    refused(*state, &c, NBL_ESIZE, "stride", NULL);
    c.options.positions_stride = 24;
    accepted(*state, &c);
    c.options.positions_dtype = NBL_FLOAT32;
    for (int k = 0; k < 3; k++) {
        c.options.positions_stride = floats[k];
        refused(*state, &c, NBL_ESIZE, "stride", NULL);
    }
    c.options.positions_stride = 13;
    c.n = 1;
    accepted(*state, &c);
}

static void threads(void **state)
{
    static const int32_t bad[] = {-1, 65537, INT32_MAX, INT32_MIN};
    struct call c = good();
    for (int k = 0; k < 4; k++) {
        c.options.n_threads = bad[k];
        refused(*state, &c, NBL_ESIZE, "n_threads", NULL);
    }
}

static void unknown_options(void **state)
{
    static const int32_t types[] = {NBL_INT8, NBL_INT32, NBL_INT64, 6, -1, INT32_MAX};
    static const int32_t algorithms[] = {3, -1, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 6; k++) {
        struct call c = good();
        c.options.positions_dtype = types[k];
        refused(*state, &c, NBL_EOPTION, "positions_dtype", NULL);
        c.options.positions_dtype = 0;
        c.options.cell_dtype = types[k];
        refused(*state, &c, NBL_EOPTION, "cell_dtype", NULL);
    }
    for (int k = 0; k < 4; k++) {
        struct call c = good();
        c.options.algorithm = algorithms[k];
        refused(*state, &c, NBL_EOPTION, "algorithm", NULL);
    }
}

static void cutoff(void **state)
{
    static const double bad[] = {0, -0.0, -1, 9e-101, 1.1e100, NAN, INFINITY, -INFINITY, 5e-324};
    for (int k = 0; k < 9; k++) {
        struct call c = good();
        c.rc = bad[k];
        refused(*state, &c, NBL_ECUTOFF, "cutoff", NULL);
    }
    struct call c = good();
    c.rc = 1e-100;
    accepted(*state, &c);
    memset(c.pbc, 0, 3);
    c.rc = 1e100;
    accepted(*state, &c);
}

static void missing_cell(void **state)
{
    struct api *a = *state;
    for (int axis = 0; axis < 3; axis++) {
        struct call c = good();
        char text[20];
        memset(c.pbc, 0, 3);
        c.pbc[axis] = 1;
        snprintf(text, sizeof text, "pbc[%d]", axis);
        api_refused(nbl_cell_list_build(a->list, c.n, c.r, NULL, c.pbc, c.rc, NULL), NBL_ECELL,
                    nbl_cell_list_message(a->list), "cell", text);
    }
    struct call c = good();
    memset(c.pbc, 0, 3);
    check_int(nbl_cell_list_build(a->list, c.n, c.r, NULL, c.pbc, c.rc, NULL), NBL_OK);
    check_int(nbl_cell_list_build(a->list, c.n, c.r, NULL, NULL, c.rc, NULL), NBL_OK);
}

/* One bad number in a cell, in float64 and float32, on periodic axes only. */
static void bad_cell_entry(struct api *a, double bad, nbl_status expected, const char *value)
{
    for (int axis = 0; axis < 3; axis++)
        for (int k = 0; k < 3; k++) {
            struct call c = good();
            float narrow[3][3];
            char text[20];
            snprintf(text, sizeof text, "cell[%d][%d]", axis, k);
            c.h[axis][k] = bad;
            refused(a, &c, expected, text, value);
            c.pbc[axis] = 0;
            accepted(a, &c);
            c.pbc[axis] = 1;
            for (int x = 0; x < 9; x++)
                narrow[x / 3][x % 3] = (float)c.h[x / 3][x % 3];
            c.cell = narrow;
            c.options.cell_dtype = NBL_FLOAT32;
            if (expected == NBL_ECELL)
                refused(a, &c, expected, text, value);
        }
}

static void bad_numbers_in_the_cell(void **state)
{
    bad_cell_entry(*state, NAN, NBL_ECELL, "nan");
    bad_cell_entry(*state, INFINITY, NBL_ECELL, "inf");
    bad_cell_entry(*state, -INFINITY, NBL_ECELL, "-inf");
    bad_cell_entry(*state, 1.1e100, NBL_ERANGE, "1.1e+100");
    bad_cell_entry(*state, -1e300, NBL_ERANGE, "-1e+300");
}

static void singular_cells(void **state)
{
    static const double cells[][9] = {
        {0, 0, 0, 0, 0, 0, 0, 0, 0},                                   /* nothing */
        {6, 0, 0, 0, 6, 0, 0, 0, 0},                                   /* one zero row */
        {6, 0, 0, 12, 0, 0, 0, 0, 6},                                  /* parallel rows */
        {1, 2, 3, 4, 5, 6, 7, 8, 9},                                   /* coplanar rows */
        {6, 0, 0, 0, 6, 0, 3, 3, 1e-13},                               /* flat within 1e-12 */
        {1e50, 0, 0, 0, 1e50, 0, 0, 0, 1},                             /* the same by scale */
        {0x1p-1000, 0, 0, 0, 1, 0, 0, 0, 1},                           /* nearly zero row */
        {-4, 2, 0, 2, -1, 0, 0, 0, 3},                                 /* antiparallel rows */
        {5, 5, 5, 5, 5, 5.0000000000000009, 0, 0, 5},                  /* one ulp off parallel */
        {1e100, 1e100, 1e100, 1e100, 1e100, 1e100, 1e100, -1e100, 0}}; /* parallel, largest numbers */
    for (size_t k = 0; k < sizeof cells / sizeof cells[0]; k++) {
        struct call c = good();
        memcpy(c.h, cells[k], sizeof c.h);
        refused(*state, &c, NBL_ESINGULAR, "singular", NULL);
    }
    for (int axis = 0; axis < 3; axis++) {
        struct call c = good();
        memset(c.h[axis], 0, sizeof c.h[axis]);
        refused(*state, &c, NBL_ESINGULAR, NULL, NULL);
        c.pbc[axis] = 0;
        accepted(*state, &c);
    }
    static const double parallel[3][3] = {{1, 2, -3}, {0.5, 1, -1.5}, {-3, -6, 9}};
    for (int open = 0; open < 3; open++) {
        struct call c = good();
        memcpy(c.h, parallel, sizeof c.h);
        c.pbc[open] = 0;
        refused(*state, &c, NBL_ESINGULAR, "singular", NULL);
        c.pbc[(open + 1) % 3] = 0;
        accepted(*state, &c);
    }
    struct call c = good();
    c.h[2][2] = 1e-6;
    c.rc = 1e-6;
    accepted(*state, &c);
}

static void bad_position(struct api *a, int64_t atom, int k, double bad, nbl_status expected, const char *value)
{
    struct call c = good();
    char text[40];
    snprintf(text, sizeof text, "positions[%lld][%d]", (long long)atom, k);
    c.r[atom][k] = bad;
    refused(a, &c, expected, text, value);
    memset(c.pbc, 0, 3);
    refused(a, &c, expected, text, value);
    c.options.algorithm = NBL_ALGORITHM_BRUTE;
    refused(a, &c, expected, text, value);
    c.options.algorithm = NBL_ALGORITHM_CELLS;
    refused(a, &c, expected, text, value);
}

static void bad_numbers_in_positions(void **state)
{
    bad_position(*state, 17, 2, NAN, NBL_EPOSITION, "nan");
    for (int k = 0; k < 3; k++) {
        bad_position(*state, 0, k, NAN, NBL_EPOSITION, "nan");
        bad_position(*state, 19, k, INFINITY, NBL_EPOSITION, "inf");
        bad_position(*state, 7, k, -INFINITY, NBL_EPOSITION, "-inf");
        bad_position(*state, 3, k, 1.1e100, NBL_ERANGE, "1.1e+100");
        bad_position(*state, 3, k, -1e308, NBL_ERANGE, "-1e+308");
    }
}

/* The lowest atom and component is named, and strides are counted in atoms. */
static void the_first_bad_position_is_named(void **state)
{
    struct call c = good();
    c.r[11][1] = NAN;
    c.r[11][2] = NAN;
    c.r[12][0] = NAN;
    c.options.n_threads = 4;
    refused(*state, &c, NBL_EPOSITION, "positions[11][1]", "nan");
    c.n = 10;
    c.options.positions_stride = 48;
    refused(*state, &c, NBL_EPOSITION, "positions[6][0]", "nan");

    float narrow[20][3] = {{0}};
    c = good();
    narrow[5][1] = (float)INFINITY;
    c.positions = narrow;
    c.options.positions_dtype = NBL_FLOAT32;
    refused(*state, &c, NBL_EPOSITION, "positions[5][1]", "inf");
}

/* 2^30 cells are allowed along each periodic axis, more are not; open axes have no cells. */
static void too_many_cells_away(void **state)
{
    for (int axis = 0; axis < 3; axis++)
        for (int sign = -1; sign <= 1; sign += 2) {
            struct call c = good();
            c.r[4][axis] = sign * 6 * 0x1p31;
            refused(*state, &c, NBL_ESHIFT, "positions[4]", NULL);
            c.r[4][axis] = sign * 6 * 0x1.fp29;
            accepted(*state, &c);
            c.r[4][axis] = sign * 6 * 0x1p31;
            c.pbc[axis] = 0;
            accepted(*state, &c);
        }
}

static void byte_limit(void **state)
{
    struct api *a = *state;
    struct call c = good();
    c.options.max_bytes = 1;
    refused(a, &c, NBL_ELIMIT, "max_bytes", "1");
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    for (int32_t algorithm = 1; algorithm <= 2; algorithm++) {
        nbl_cell_list *list = NULL;
        c.options.algorithm = algorithm;
        c.options.max_bytes = 0;
        check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
        check_int(nbl_cell_list_build(list, c.n, c.r, c.h, c.pbc, c.rc, &c.options), NBL_OK);
        check_int(nbl_cell_list_get_info(list, &info), NBL_OK);
        nbl_cell_list_destroy(&list);
        uint64_t need = info.n_bytes;
        for (c.options.max_bytes = need / 2; c.options.max_bytes <= 4 * need; c.options.max_bytes += need / 2) {
            check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
            nbl_status status = nbl_cell_list_build(list, c.n, c.r, c.h, c.pbc, c.rc, &c.options);
            if (status == NBL_OK) {
                check_int(nbl_cell_list_get_info(list, &info), NBL_OK);
                assert_true(info.n_bytes <= c.options.max_bytes);
            } else {
                api_refused(status, NBL_ELIMIT, nbl_cell_list_message(list), "max_bytes", NULL);
            }
            nbl_cell_list_destroy(&list);
        }
        check_int(build(a, &c), NBL_OK);
    }
}

/* Inputs are copied: overwriting them changes nothing. Any non-zero byte of pbc is true. */
static void inputs_are_copied(void **state)
{
    struct api *a = *state;
    struct call c = good();
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    c.pbc[0] = 255;
    c.pbc[1] = 0;
    c.pbc[2] = 2;
    for (int32_t algorithm = 1; algorithm <= 2; algorithm++) {
        struct call d = c;
        double before[2000], after[2000];
        nbl_outputs o = NBL_OUTPUTS_INIT;
        d.options.algorithm = algorithm;
        accepted(a, &d);
        check_int(nbl_cell_list_get_info(a->list, &info), NBL_OK);
        check_int(info.pbc[0], 1);
        check_int(info.pbc[1], 0);
        check_int(info.pbc[2], 1);
        check_int(info.pbc[3], 0);
        check_int(info.n_atoms, 20);
        check_int(info.algorithm, algorithm);
        check_bits(info.cutoff, 2);
        o.pair_capacity = nbl_result_n_pairs(a->result, 0);
        assert_in_range(o.pair_capacity, 20, 2000);
        o.distances = before;
        check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
        memset(&d, 0xff, sizeof d);
        check_int(nbl_cell_list_search(a->list, 2, NULL, a->result), NBL_OK);
        o.distances = after;
        check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
        assert_memory_equal(before, after, (size_t)o.pair_capacity * sizeof *before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_pointers),
        cmocka_unit_test(number_of_atoms),
        cmocka_unit_test(stride),
        cmocka_unit_test(threads),
        cmocka_unit_test(unknown_options),
        cmocka_unit_test(cutoff),
        cmocka_unit_test(missing_cell),
        cmocka_unit_test(bad_numbers_in_the_cell),
        cmocka_unit_test(singular_cells),
        cmocka_unit_test(bad_numbers_in_positions),
        cmocka_unit_test(the_first_bad_position_is_named),
        cmocka_unit_test(too_many_cells_away),
        cmocka_unit_test(byte_limit),
        cmocka_unit_test(inputs_are_copied),
    };
    return cmocka_run_group_tests_name("api: build", tests, api_open, api_close);
}
