/* SPDX-License-Identifier: MIT */
/* Everything that a fetch refuses. Whatever is refused, not one byte is written to any buffer. */
#include "api.h"

enum { OUTPUTS = 10 };

static const char *const names[OUTPUTS] = {"i",       "j",         "edge_index", "pairs",  "shifts",
                                           "vectors", "distances", "row_ptr",    "counts", "reverse"};

/* A request for everything that the layout has, in guarded buffers of exactly the right size. */
struct request {
    nbl_outputs o;
    struct guard guards[OUTPUTS];
};

static void **slot(nbl_outputs *o, int k)
{
    void **slots[OUTPUTS] = {&o->i,       &o->j,         &o->edge_index, &o->pairs,  &o->shifts,
                             &o->vectors, &o->distances, &o->row_ptr,    &o->counts, &o->reverse};
    return slots[k];
}

static struct request everything(const struct api *a, int32_t layout)
{
    struct request r = {.o = NBL_OUTPUTS_INIT};
    int64_t m = nbl_result_n_pairs(a->result, 0), n = nbl_result_n_rows(a->result);
    int64_t w = nbl_result_max_count(a->result, 0), entries = layout == NBL_LAYOUT_DENSE ? n * w : m;
    const int64_t sizes[OUTPUTS] = {8 * m,        8 * entries, 16 * m,      16 * m, 12 * entries,
                                    24 * entries, 8 * entries, 8 * (n + 1), 8 * n,  8 * m};
    r.o.layout = layout;
    r.o.pair_capacity = layout == NBL_LAYOUT_DENSE ? 0 : m;
    r.o.row_capacity = n;
    r.o.dense_width = layout == NBL_LAYOUT_DENSE ? w : 0;
    for (int k = 0; k < OUTPUTS; k++)
        if (layout == NBL_LAYOUT_PAIRS || !(k == 0 || k == 2 || k == 3 || k == 9))
            *slot(&r.o, k) = guard_take(&r.guards[k], (size_t)sizes[k]);
    return r;
}

static void end(struct request *r)
{
    for (int k = 0; k < OUTPUTS; k++)
        guard_free(&r->guards[k]);
}

static void untouched(struct request *r)
{
    for (int k = 0; k < OUTPUTS; k++)
        if (r->guards[k].base && !(guard_untouched(&r->guards[k]) && guard_front_untouched(&r->guards[k])))
            fail_msg("bytes of %s were written", names[k]);
}

static void refused(struct api *a, struct request *r, nbl_status expected, const char *part, const char *more)
{
    api_refused(nbl_result_fetch(a->result, 0, &r->o), expected, nbl_result_message(a->result), part, more);
    untouched(r);
}

static void accepted(struct api *a, struct request *r)
{
    check_int(nbl_result_fetch(a->result, 0, &r->o), NBL_OK);
    assert_string_equal(nbl_result_message(a->result), "");
}

static int searched(void **state)
{
    api_build(*state);
    api_search(*state, 0, 0);
    return 0;
}

static void everything_at_once(void **state)
{
    for (int32_t layout = 0; layout < 2; layout++) {
        struct request r = everything(*state, layout);
        accepted(*state, &r);
        for (int k = 0; k < OUTPUTS; k++)
            if (*slot(&r.o, k)) {
                assert_false(guard_untouched(&r.guards[k]));
                assert_true(guard_front_untouched(&r.guards[k]));
            }
        end(&r);
    }
}

static void null_pointers(void **state)
{
    struct api *a = *state;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    check_int(nbl_result_fetch(NULL, 0, &o), NBL_ENULL);
    api_refused(nbl_result_fetch(a->result, 0, NULL), NBL_ENULL, nbl_result_message(a->result), "outputs",
                NULL);
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
}

static void list_number(void **state)
{
    struct api *a = *state;
    static const int32_t lists[] = {1, -1, INT32_MAX, INT32_MIN};
    struct request r = everything(a, 0);
    for (int k = 0; k < 4; k++) {
        api_refused(nbl_result_fetch(a->result, lists[k], &r.o), NBL_EARGUMENT, nbl_result_message(a->result),
                    "list", NULL);
        untouched(&r);
    }
    end(&r);
}

static void before_any_search(void **state)
{
    struct api *a = *state;
    struct request r = everything(a, 0);
    nbl_result *fresh = NULL;
    check_int(nbl_result_create(&fresh, NULL), NBL_OK);
    api_refused(nbl_result_fetch(fresh, 0, &r.o), NBL_EUNBUILT, nbl_result_message(fresh), "searched", NULL);
    untouched(&r);
    nbl_result_destroy(&fresh);
    end(&r);
}

/* Each field of the request that has few values, with each bad value of a few. */
static void unknown_options(void **state)
{
    static const struct {
        size_t at;
        const char *name;
        int32_t bad[5];
    } rows[] = {
        {offsetof(nbl_outputs, layout), "layout", {2, -1, 3, INT32_MAX, INT32_MIN}},
        {offsetof(nbl_outputs, index_base), "index_base", {2, -1, 3, INT32_MAX, INT32_MIN}},
        {offsetof(nbl_outputs, index_dtype), "index_dtype", {NBL_INT8, NBL_FLOAT32, NBL_FLOAT64, 6, -1}},
        {offsetof(nbl_outputs, offset_dtype), "offset_dtype", {NBL_INT8, NBL_FLOAT32, NBL_FLOAT64, 6, -1}},
        {offsetof(nbl_outputs, shift_dtype), "shift_dtype", {NBL_INT64, NBL_FLOAT32, NBL_FLOAT64, 6, -1}},
        {offsetof(nbl_outputs, real_dtype), "real_dtype", {NBL_INT8, NBL_INT32, NBL_INT64, 6, -1}},
    };
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
        for (int k = 0; k < 5; k++) {
            struct request r = everything(*state, 0);
            memcpy((char *)&r.o + rows[row].at, &rows[row].bad[k], sizeof(int32_t));
            refused(*state, &r, NBL_EOPTION, rows[row].name, NULL);
            end(&r);
        }
}

static void negative_sizes(void **state)
{
    static const size_t fields[] = {offsetof(nbl_outputs, pair_capacity), offsetof(nbl_outputs, row_capacity),
                                    offsetof(nbl_outputs, edge_index_stride),
                                    offsetof(nbl_outputs, dense_width)};
    static const char *const field_names[] = {"pair_capacity", "row_capacity", "edge_index_stride",
                                              "dense_width"};
    static const int64_t bad[] = {-1, INT64_MIN};
    for (int f = 0; f < 4; f++)
        for (int k = 0; k < 2; k++) {
            struct request r = everything(*state, f == 3 ? NBL_LAYOUT_DENSE : NBL_LAYOUT_PAIRS);
            memcpy((char *)&r.o + fields[f], &bad[k], sizeof bad[k]);
            refused(*state, &r, NBL_ESIZE, field_names[f], NULL);
            end(&r);
        }
}

/* i, edge_index, pairs and reverse have no dense form; half lists and lists of centers have no reverse. */
static void conflicts(void **state)
{
    struct api *a = *state;
    static const int without[] = {0, 2, 3, 9};
    for (int k = 0; k < 4; k++) {
        struct request r = everything(a, NBL_LAYOUT_DENSE);
        *slot(&r.o, without[k]) = guard_take(&r.guards[without[k]], 64000);
        r.o.pair_capacity = 500;
        refused(a, &r, NBL_ECONFLICT, names[without[k]], NULL);
        end(&r);
    }
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.n_centers = 40;
    static const uint32_t flags[] = {NBL_HALF, NBL_CENTERS};
    for (int k = 0; k < 2; k++) {
        options.flags = flags[k];
        check_int(nbl_cell_list_search(a->list, a->s.rc, &options, a->result), NBL_OK);
        struct request r = everything(a, NBL_LAYOUT_PAIRS);
        refused(a, &r, NBL_ECONFLICT, "reverse", NULL);
        r.o.reverse = NULL;
        accepted(a, &r);
        end(&r);
    }
}

static void number(char text[24], int64_t value)
{
    snprintf(text, 24, "%lld", (long long)value);
}

/* Every array alone, one pair or one row short: the size that is needed is named, nothing is written. */
static void one_short(void **state)
{
    struct api *a = *state;
    int64_t m = nbl_result_n_pairs(a->result, 0), n = 40, w = nbl_result_max_count(a->result, 0);
    for (int layout = 0; layout < 2; layout++)
        for (int k = 0; k < OUTPUTS; k++) {
            struct request r = everything(a, layout);
            int by_rows = k == 7 || k == 8;
            char need[24];
            for (int other = 0; other < OUTPUTS; other++)
                if (other != k)
                    *slot(&r.o, other) = NULL;
            if (!*slot(&r.o, k)) {
                end(&r);
                continue;
            }
            if (by_rows || layout == NBL_LAYOUT_DENSE)
                r.o.row_capacity = n - 1;
            else
                r.o.pair_capacity = m - 1;
            number(need, by_rows || layout == NBL_LAYOUT_DENSE ? n : m);
            refused(a, &r, NBL_ECAPACITY, need, NULL);
            if (layout == NBL_LAYOUT_DENSE && !by_rows) {
                r.o.row_capacity = n;
                r.o.dense_width = w - 1;
                number(need, w);
                refused(a, &r, NBL_ECAPACITY, need, "dense_width");
                r.o.dense_width = w;
            }
            r.o.row_capacity = n;
            r.o.pair_capacity = layout == NBL_LAYOUT_DENSE ? 0 : m;
            accepted(a, &r);
            assert_false(guard_untouched(&r.guards[k]));
            end(&r);
        }
}

/* A capacity that no array asked for needs is not looked at. */
static void capacities_that_do_not_matter(void **state)
{
    struct api *a = *state;
    struct request r = everything(a, 0);
    r.o.row_capacity = 0;
    refused(a, &r, NBL_ECAPACITY, "row_capacity", "40");
    r.o.row_ptr = r.o.counts = NULL;
    accepted(a, &r);
    end(&r);
    r = everything(a, 0);
    for (int k = 0; k < 7; k++)
        *slot(&r.o, k) = NULL;
    r.o.reverse = NULL;
    r.o.pair_capacity = 0;
    accepted(a, &r);
    end(&r);
}

static void edge_index_stride_too_small(void **state)
{
    struct api *a = *state;
    int64_t m = nbl_result_n_pairs(a->result, 0);
    struct request r = everything(a, 0);
    char need[24];
    number(need, m);
    r.o.edge_index_stride = m - 1;
    refused(a, &r, NBL_ECAPACITY, "edge_index_stride", need);
    r.o.edge_index_stride = m;
    accepted(a, &r);
    end(&r);
}

/*
 * Row j of edge_index begins a stride behind row i: where that place lies outside the address space, the
 * request is refused, whatever name the stride goes by. Without edge_index, capacities are only compared.
 */
static void huge_capacities(void **state)
{
    static const int64_t huge[] = {INT64_MAX,       INT64_MAX - 1,       INT64_MAX / 2,    INT64_MAX / 3,
                                   PTRDIFF_MAX / 4, PTRDIFF_MAX / 4 + 1, (int64_t)1 << 62, PTRDIFF_MAX / 8};
    static const int32_t types[] = {0, NBL_INT64, NBL_INT32};
    struct api *a = *state;
    for (int k = 0; k < 8; k++)
        for (int t = 0; t < 3; t++) {
            if (types[t] == NBL_INT32 && huge[k] == PTRDIFF_MAX / 8)
                continue;
            struct request r = everything(a, 0);
            r.o.index_dtype = types[t];
            r.o.edge_index_stride = huge[k];
            refused(a, &r, NBL_ESIZE, "edge_index_stride", NULL);
            r.o.pair_capacity = huge[k];
            refused(a, &r, NBL_ESIZE, "edge_index_stride", NULL);
            r.o.edge_index_stride = 0;
            refused(a, &r, NBL_ESIZE, "pair_capacity", NULL);
            r.o.row_capacity = INT64_MAX;
            r.o.edge_index = NULL;
            r.o.edge_index_stride = huge[k];
            accepted(a, &r);
            for (int o = 0; o < OUTPUTS; o++)
                if (o != 2)
                    assert_true(!guard_untouched(&r.guards[o]) && guard_front_untouched(&r.guards[o]));
            assert_true(guard_untouched(&r.guards[2]));
            end(&r);
        }
}

static void huge_dense_width(void **state)
{
    static const int64_t huge[] = {INT64_MAX, INT64_MAX - 1, INT64_MAX / 40, INT64_MAX / 320,
                                   INT64_MAX / 960 + 1};
    struct api *a = *state;
    for (int k = 0; k < 5; k++) {
        struct request r = everything(a, NBL_LAYOUT_DENSE);
        r.o.dense_width = huge[k];
        refused(a, &r, NBL_ESIZE, "dense_width", NULL);
        r.o.row_capacity = INT64_MAX;
        refused(a, &r, NBL_ESIZE, "dense_width", NULL);
        r.o.dense_width = nbl_result_max_count(a->result, 0);
        accepted(a, &r);
        assert_false(guard_untouched(&r.guards[1]));
        end(&r);
    }
}

/* Two atoms x apart: what float32 and float64 arrays hold of the one pair of the half list. */
static void two_apart(struct api *a, double x, double rc, double exact[4], float rounded[4])
{
    const double r[6] = {0, 0, 0, x, 0, -x};
    nbl_search_options half = NBL_SEARCH_OPTIONS_INIT;
    half.flags = NBL_HALF;
    check_int(nbl_cell_list_build(a->list, 2, r, NULL, NULL, rc, NULL), NBL_OK);
    check_int(nbl_cell_list_search(a->list, rc, &half, a->result), NBL_OK);
    check_int(nbl_result_n_pairs(a->result, 0), 1);
    for (int32_t type = NBL_FLOAT32; type <= NBL_FLOAT64; type++) {
        nbl_outputs o = NBL_OUTPUTS_INIT;
        o.pair_capacity = 1;
        o.real_dtype = type;
        o.vectors = type == NBL_FLOAT32 ? (void *)rounded : (void *)exact;
        o.distances = type == NBL_FLOAT32 ? (void *)(rounded + 3) : (void *)(exact + 3);
        check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
    }
}

/* Lengths beyond float32 become infinite, those below it zero; nothing is clamped to the cutoff. */
static void reals_beyond_float32(void **state)
{
    static const double x[] = {1e60, 3.5e38, 1e-60}, rc[] = {1e61, 1e39, 1e-59};
    static const float expected[] = {INFINITY, INFINITY, 0};
    double exact[4];
    float rounded[4];
    for (int k = 0; k < 3; k++) {
        two_apart(*state, x[k], rc[k], exact, rounded);
        check_bits(exact[0], x[k]);
        check_bits(exact[1], 0);
        check_bits(exact[2], -x[k]);
        check_bits(exact[3], sqrt(x[k] * x[k] + x[k] * x[k]));
        check_bits(rounded[0], expected[k]);
        check_bits(rounded[1], 0);
        check_bits(rounded[2], -expected[k]);
        check_bits(rounded[3], expected[k]);
    }
}

/* A pair is listed by its float64 distance, which may round to the cutoff. */
static void reals_rounded_to_the_cutoff(void **state)
{
    static const double cutoffs[] = {5, 5.1, 3.7, 0.5};
    double exact[4];
    float rounded[4];
    for (int k = 0; k < 4; k++) {
        double x = cutoffs[k] * 0.70710678118654746, rc = sqrt(x * x + x * x);
        rc = oracle_ulps(rc, 1);
        two_apart(*state, x, rc, exact, rounded);
        assert_true(exact[3] < rc);
        check_bits(exact[3], oracle_ulps(rc, -1));
        check_bits(rounded[3], (float)rc);
        check_bits(rounded[0], (float)x);
    }
    const double r[6] = {0, 0, 0, 0, oracle_ulps(5, -1), 0};
    struct api *a = *state;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    float both[2] = {0, 0};
    check_int(nbl_cell_list_build(a->list, 2, r, NULL, NULL, 5, NULL), NBL_OK);
    check_int(nbl_cell_list_search(a->list, 5, NULL, a->result), NBL_OK);
    o.pair_capacity = 2;
    o.real_dtype = NBL_FLOAT32;
    o.distances = both;
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
    check_bits(both[0], 5);
    check_bits(both[1], 5);
}

/* The fill value must fit the index type; shifts must fit int8. */
static void too_narrow(void **state)
{
    struct api *a = *state;
    static const int64_t fills[] = {(int64_t)INT32_MAX + 1, (int64_t)INT32_MIN - 1, INT64_MAX};
    for (int k = 0; k < 3; k++) {
        struct request r = everything(a, NBL_LAYOUT_DENSE);
        r.o.dense_fill = fills[k];
        accepted(a, &r);
        end(&r);
        r = everything(a, NBL_LAYOUT_DENSE);
        r.o.dense_fill = fills[k];
        r.o.index_dtype = NBL_INT32;
        refused(a, &r, NBL_ENARROW, "fill", NULL);
        end(&r);
    }
    a->s.r[7][1] += 200 * a->s.h[1][1];
    a->s.r[7][0] += 200 * a->s.h[1][0];
    a->s.r[7][2] += 200 * a->s.h[1][2];
    for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++)
        for (int layout = 0; layout < 2; layout++) {
            api_build(a);
            api_search(a, 0, mode);
            struct request r = everything(a, layout);
            r.o.shift_dtype = NBL_INT8;
            refused(a, &r, NBL_ENARROW, "shift", "int8");
            r.o.shift_dtype = NBL_INT32;
            accepted(a, &r);
            end(&r);
        }
    a->s.r[7][1] -= 200 * a->s.h[1][1];
    a->s.r[7][0] -= 200 * a->s.h[1][0];
    a->s.r[7][2] -= 200 * a->s.h[1][2];
}

/* No atoms: nothing to write but the first entry of the row pointer. */
static void empty_list(void **state)
{
    struct api *a = *state;
    check_int(nbl_cell_list_build(a->list, 0, NULL, a->s.h, NULL, 3, NULL), NBL_OK);
    check_int(nbl_cell_list_search(a->list, 3, NULL, a->result), NBL_OK);
    check_int(nbl_result_n_pairs(a->result, 0), 0);
    check_int(nbl_result_n_rows(a->result), 0);
    check_int(nbl_result_max_count(a->result, 0), 0);
    for (int layout = 0; layout < 2; layout++) {
        struct request r = everything(a, layout);
        int64_t first;
        r.o.index_base = 1;
        accepted(a, &r);
        memcpy(&first, r.o.row_ptr, sizeof first);
        check_int(first, 1);
        end(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(everything_at_once, searched),
        cmocka_unit_test_setup(null_pointers, searched),
        cmocka_unit_test_setup(list_number, searched),
        cmocka_unit_test_setup(before_any_search, searched),
        cmocka_unit_test_setup(unknown_options, searched),
        cmocka_unit_test_setup(negative_sizes, searched),
        cmocka_unit_test_setup(conflicts, searched),
        cmocka_unit_test_setup(one_short, searched),
        cmocka_unit_test_setup(capacities_that_do_not_matter, searched),
        cmocka_unit_test_setup(edge_index_stride_too_small, searched),
        cmocka_unit_test_setup(huge_capacities, searched),
        cmocka_unit_test_setup(huge_dense_width, searched),
        cmocka_unit_test(reals_beyond_float32),
        cmocka_unit_test(reals_rounded_to_the_cutoff),
        cmocka_unit_test_setup(too_narrow, searched),
        cmocka_unit_test_setup(empty_list, searched),
    };
    return cmocka_run_group_tests_name("api: fetch", tests, api_open, api_close);
}
