/* SPDX-License-Identifier: MIT */
/* What is refused, and in which order. */
#include "sink_setting.h"

#include <stdlib.h>

typedef void (*spoiler)(nbl_outputs *out, void *array);

#define SPOIL(name, change)                                                                                    \
    static void name(nbl_outputs *out, void *array)                                                            \
    {                                                                                                          \
        (void)array;                                                                                           \
        change;                                                                                                \
    }

/* In the order in which they must be found: the first that applies speaks. */
SPOIL(layout, out->layout = 2)
SPOIL(base, out->index_base = -1)
SPOIL(local, out->local_indices = 2)
SPOIL(reserved, out->reserved = -3)
SPOIL(index_type, out->index_dtype = NBL_INT8)
SPOIL(offset_type, out->offset_dtype = NBL_FLOAT64)
SPOIL(shift_type, out->shift_dtype = NBL_INT64)
SPOIL(real_type, out->real_dtype = NBL_INT32)
SPOIL(negative_pairs, (out->pair_capacity = -1, out->j = array))
SPOIL(negative_rows, (out->row_capacity = -1, out->counts = array))
SPOIL(negative_stride, (out->edge_index_stride = -5, out->j = array))
SPOIL(negative_width, (out->dense_width = INT64_MIN, out->j = array))
SPOIL(negative_systems, (out->system_capacity = -2, out->edge_ptr = array))
SPOIL(dense_i, (out->layout = NBL_LAYOUT_DENSE, out->i = array))
SPOIL(dense_edges, (out->layout = NBL_LAYOUT_DENSE, out->edge_index = array))
SPOIL(dense_pairs, (out->layout = NBL_LAYOUT_DENSE, out->pairs = array))
SPOIL(dense_reverse, (out->layout = NBL_LAYOUT_DENSE, out->reverse = array))
SPOIL(dense_batch, (out->layout = NBL_LAYOUT_DENSE, out->batch = array))
SPOIL(few_rows, (out->row_capacity = ROWS - 1, out->counts = array))
SPOIL(few_pointers, (out->row_capacity = ROWS - 1, out->row_ptr = array))
SPOIL(few_dense_rows, (out->layout = NBL_LAYOUT_DENSE, out->row_capacity = 0, out->j = array))
SPOIL(huge_width, (out->layout = NBL_LAYOUT_DENSE, out->dense_width = INT64_MAX / 24, out->j = array))
SPOIL(narrow_width, (out->layout = NBL_LAYOUT_DENSE, out->dense_width = MOST - 1, out->shifts = array))
SPOIL(few_systems, (out->system_capacity = 0, out->edge_ptr = array))
SPOIL(few_system_pointers, (out->system_capacity = 0, out->atom_ptr = array))
SPOIL(few_ids, (out->pair_capacity = PAIRS - 1, out->batch = array))
SPOIL(few_pairs, (out->pair_capacity = PAIRS - 1, out->distances = array))
SPOIL(few_edges, (out->pair_capacity = PAIRS - 1, out->reverse = array))
SPOIL(short_stride, (out->edge_index_stride = PAIRS - 1, out->edge_index = array))
SPOIL(huge_stride, (out->edge_index_stride = INT64_MAX, out->edge_index = array))
SPOIL(wide_fill, (out->layout = NBL_LAYOUT_DENSE, out->index_dtype = NBL_INT32,
                  out->dense_fill = (int64_t)INT32_MAX + 1, out->j = array))

static const struct {
    spoiler spoil;
    nbl_status status;
    const char *what;
    int64_t need, given;
} refusals[] = {
    {layout, NBL_EOPTION, "layout", 0, 2},
    {base, NBL_EOPTION, "index_base", 0, -1},
    {local, NBL_EOPTION, "local_indices", 0, 2},
    {reserved, NBL_EOPTION, "reserved", 0, -3},
    {index_type, NBL_EOPTION, "index_dtype", NBL_INT64, NBL_INT8},
    {offset_type, NBL_EOPTION, "offset_dtype", NBL_INT64, NBL_FLOAT64},
    {shift_type, NBL_EOPTION, "shift_dtype", NBL_INT32, NBL_INT64},
    {real_type, NBL_EOPTION, "real_dtype", NBL_FLOAT64, NBL_INT32},
    {negative_pairs, NBL_ESIZE, "pair_capacity", 0, -1},
    {negative_rows, NBL_ESIZE, "row_capacity", 0, -1},
    {negative_stride, NBL_ESIZE, "edge_index_stride", 0, -5},
    {negative_width, NBL_ESIZE, "dense_width", 0, INT64_MIN},
    {negative_systems, NBL_ESIZE, "system_capacity", 0, -2},
    {dense_i, NBL_ECONFLICT, "i in", 0, 0},
    {dense_edges, NBL_ECONFLICT, "edge_index in", 0, 0},
    {dense_pairs, NBL_ECONFLICT, "pairs in", 0, 0},
    {dense_reverse, NBL_ECONFLICT, "reverse in", 0, 0},
    {dense_batch, NBL_ECONFLICT, "batch in", 0, 0},
    {few_rows, NBL_ECAPACITY, "row_capacity", ROWS, ROWS - 1},
    {few_pointers, NBL_ECAPACITY, "row_capacity", ROWS, ROWS - 1},
    {few_dense_rows, NBL_ECAPACITY, "row_capacity", ROWS, 0},
    {huge_width, NBL_ESIZE, "dense_width", 0, INT64_MAX / 24},
    {narrow_width, NBL_ECAPACITY, "dense_width", MOST, MOST - 1},
    {few_systems, NBL_ECAPACITY, "system_capacity", 1, 0},
    {few_system_pointers, NBL_ECAPACITY, "system_capacity", 1, 0},
    {few_ids, NBL_ECAPACITY, "pair_capacity", PAIRS, PAIRS - 1},
    {few_pairs, NBL_ECAPACITY, "pair_capacity", PAIRS, PAIRS - 1},
    {few_edges, NBL_ECAPACITY, "pair_capacity", PAIRS, PAIRS - 1},
    {short_stride, NBL_ECAPACITY, "edge_index_stride", PAIRS, PAIRS - 1},
    {huge_stride, NBL_ESIZE, "edge_index_stride", 0, INT64_MAX},
    {wide_fill, NBL_ENARROW, "dense_fill", (int64_t)INT32_MAX + 1, INT32_MAX},
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    char array[64] = "";
    for (size_t k = 0; k < sizeof refusals / sizeof *refusals; k++) {
        struct setting t;
        open_setting(&t);
        check_int(check(&t), NBL_OK);
        open_setting(&t);
        refusals[k].spoil(&t.sink.out, array);
        nbl_status status = check(&t);
        if (status != refusals[k].status)
            fail_msg("%s: %s", refusals[k].what, nbl_status_name(status));
        check_contains(t.fault.what, refusals[k].what);
        if (status != NBL_EOPTION)
            check_int(t.fault.need, refusals[k].need);
        check_int(t.fault.given, refusals[k].given);
    }
}

/* Groups of checks follow each other: options, sizes, conflicts, capacities, widths. */
static void the_earlier_check_speaks(void **state)
{
    (void)state;
    char array[64] = "";
    size_t count = sizeof refusals / sizeof *refusals;
    const nbl_status order[] = {NBL_EOPTION, NBL_ESIZE, NBL_ECONFLICT, NBL_ECAPACITY, NBL_ENARROW};
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b < count; b++) {
            size_t rank_a = 0, rank_b = 0;
            while (order[rank_a] != refusals[a].status)
                rank_a++;
            while (order[rank_b] != refusals[b].status)
                rank_b++;
            if (rank_a >= rank_b || refusals[a].spoil == layout || refusals[a].spoil == huge_width ||
                refusals[a].spoil == huge_stride || refusals[b].spoil == wide_fill)
                continue;
            struct setting t;
            open_setting(&t);
            refusals[b].spoil(&t.sink.out, array);
            refusals[a].spoil(&t.sink.out, array);
            nbl_status status = check(&t);
            if (status != refusals[a].status)
                fail_msg("%s before %s: %s", refusals[a].what, refusals[b].what, nbl_status_name(status));
        }
}

static void lists_without_mirrors_have_no_reverse(void **state)
{
    (void)state;
    struct setting t;
    int64_t array[PAIRS];
    open_setting(&t);
    t.sink.out.reverse = array;
    check_int(nbl__sink_check(&t.sink, true, false, &t.fault), NBL_ECONFLICT);
    check_contains(t.fault.what, "half");
    check_int(nbl__sink_check(&t.sink, false, true, &t.fault), NBL_ECONFLICT);
    check_contains(t.fault.what, "n_centers");
    check_int(nbl__sink_check(&t.sink, false, false, &t.fault), NBL_OK);
}

/* Only what an output uses is looked at. */
static void unused_capacities_do_not_matter(void **state)
{
    (void)state;
    struct setting t;
    int64_t array[8];
    open_setting(&t);
    t.sink.out.pair_capacity = t.sink.out.row_capacity = t.sink.out.dense_width = 0;
    t.sink.out.system_capacity = 0;
    check_int(check(&t), NBL_OK);
    t.sink.out.system_capacity = 1;
    t.sink.out.edge_ptr = t.sink.out.atom_ptr = array;
    check_int(check(&t), NBL_OK);
    assert_false(nbl__sink_wants_pairs(&t.sink));
    t.sink.out.row_capacity = ROWS;
    t.sink.out.counts = t.sink.out.row_ptr = array;
    check_int(check(&t), NBL_OK);
    assert_false(nbl__sink_wants_pairs(&t.sink));
    t.sink.out.layout = NBL_LAYOUT_DENSE;
    check_int(check(&t), NBL_OK);
    t.sink.out.j = array;
    assert_true(nbl__sink_wants_pairs(&t.sink));
    check_int(check(&t), NBL_ECAPACITY);
}

/* Bytes of the widest array, 24 for each place, must be counted in 63 bits. */
static void dense_rows_as_wide_as_can_be_counted(void **state)
{
    (void)state;
    struct setting t;
    int64_t array[ROWS];
    open_setting(&t);
    t.sink.out.layout = NBL_LAYOUT_DENSE;
    t.sink.out.counts = array;
    t.sink.out.dense_width = INT64_MAX / 24 / ROWS;
    check_int(check(&t), NBL_OK);
    t.sink.out.dense_width++;
    check_int(check(&t), NBL_ESIZE);
    assert_string_equal(t.fault.what, "dense_width");
}

/* No rows of that size are needed to see whether their numbers would fit. */
static void offsets_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct setting t;
    int32_t array[8];
    for (int base_one = 0; base_one < 2; base_one++)
        for (int over = 0; over < 2; over++) {
            open_setting(&t);
            t.rows.total = (int64_t)INT32_MAX - base_one + over;
            t.sink.out.pair_capacity = INT64_MAX;
            t.sink.out.index_base = base_one;
            t.sink.out.offset_dtype = NBL_INT32;
            t.sink.out.row_ptr = array;
            check_int(check(&t), over ? NBL_ENARROW : NBL_OK);
            t.sink.out.row_ptr = NULL;
            t.sink.out.edge_ptr = array;
            check_int(check(&t), over ? NBL_ENARROW : NBL_OK);
            t.sink.out.edge_ptr = NULL;
            t.rows.total++;
            t.sink.out.reverse = array;
            check_int(check(&t), over ? NBL_ENARROW : NBL_OK);
            t.sink.out.reverse = NULL;
            t.sink.out.atom_ptr = array;
            t.sink.out.row_capacity = INT64_MAX;
            t.rows.n = (int64_t)INT32_MAX - base_one + over;
            check_int(check(&t), over ? NBL_ENARROW : NBL_OK);
            t.sink.out.atom_ptr = NULL;
            t.rows.n = ROWS;
            t.sink.out.counts = array;
            t.rows.max_count = (int64_t)INT32_MAX + over;
            check_int(check(&t), over ? NBL_ENARROW : NBL_OK);
            t.sink.out.offset_dtype = NBL_INT64;
            check_int(check(&t), NBL_OK);
        }
}

/* Atoms numbered through a batch may not fit; in each system they always do. */
static void indices_of_batches_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    int32_t array[8];
    for (int base_one = 0; base_one < 2; base_one++)
        for (int over = 0; over < 2; over++)
            for (int which = 0; which < 5; which++) {
                struct setting t;
                open_setting(&t);
                const int64_t first[3] = {0, 2, (int64_t)INT32_MAX + 1 - base_one + over};
                void **outputs[] = {&t.sink.out.i, &t.sink.out.j, &t.sink.out.edge_index, &t.sink.out.pairs,
                                    &t.sink.out.batch};
                t.sink.first = first;
                t.sink.n_systems = 2;
                t.sink.out.index_base = base_one;
                t.sink.out.index_dtype = NBL_INT32;
                *outputs[which] = array;
                check_int(check(&t), over && which < 4 ? NBL_ENARROW : NBL_OK);
                t.sink.out.local_indices = 1;
                check_int(check(&t), NBL_OK);
                t.sink.out.local_indices = 0;
                t.sink.out.index_dtype = NBL_INT64;
                check_int(check(&t), NBL_OK);
            }
}

static void fills_must_fit_the_index_type(void **state)
{
    (void)state;
    static const struct {
        int64_t fill;
        bool fits;
    } fills[] = {
        {INT32_MAX, true},  {INT32_MIN, true}, {(int64_t)INT32_MAX + 1, false}, {(int64_t)INT32_MIN - 1, false},
        {INT64_MAX, false}, {-1, true}};
    int64_t j[ROWS * MOST];
    for (size_t k = 0; k < sizeof fills / sizeof *fills; k++) {
        struct setting t;
        open_setting(&t);
        t.sink.out.layout = NBL_LAYOUT_DENSE;
        t.sink.out.dense_fill = fills[k].fill;
        t.sink.out.j = j;
        check_int(check(&t), NBL_OK);
        t.sink.out.index_dtype = NBL_INT32;
        check_int(check(&t), fills[k].fits ? NBL_OK : NBL_ENARROW);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(the_earlier_check_speaks),
        cmocka_unit_test(lists_without_mirrors_have_no_reverse),
        cmocka_unit_test(unused_capacities_do_not_matter),
        cmocka_unit_test(dense_rows_as_wide_as_can_be_counted),
        cmocka_unit_test(offsets_that_do_not_fit_are_refused),
        cmocka_unit_test(indices_of_batches_that_do_not_fit_are_refused),
        cmocka_unit_test(fills_must_fit_the_index_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
