/* SPDX-License-Identifier: MIT */
/* Rows one by one, in every layout and type. What is refused: sink_check.c; rows written together: sink_rows.c.
 */
#include "sink_setting.h"

#include <math.h>
#include <stdlib.h>

#include "isa.h"

static double integer_at(const void *array, int32_t dtype, int64_t at)
{
    if (dtype == NBL_INT8)
        return ((const int8_t *)array)[at];
    return dtype == NBL_INT32 ? (double)((const int32_t *)array)[at] : (double)((const int64_t *)array)[at];
}

/* What the formula gives for pair e: box of 4, so s . h is exact. */
static double component(int e, int k)
{
    return (positions[expected_j[e]][k] - positions[expected_i[e]][k]) + 4.0 * expected_s[e][k] + 0.0;
}

static double distance(int e)
{
    double x = component(e, 0), y = component(e, 1), z = component(e, 2);
    return sqrt((x * x + y * y) + z * z);
}

static void check_reals(const struct setting *t, int e, int64_t at)
{
    const nbl_outputs *out = &t->sink.out;
    for (int k = 0; k < 3; k++)
        if (out->real_dtype == NBL_FLOAT32)
            assert_true(((const float *)out->vectors)[3 * at + k] == (float)component(e, k));
        else
            check_bits(((const double *)out->vectors)[3 * at + k], component(e, k));
    if (out->real_dtype == NBL_FLOAT32)
        assert_true(((const float *)out->distances)[at] == (float)distance(e));
    else
        check_bits(((const double *)out->distances)[at], distance(e));
}

static void every_array_in_every_type(void **state)
{
    (void)state;
    for (int variant = 0; variant < 32; variant++) {
        struct setting t;
        int64_t i[PAIRS], j[PAIRS], edges[2 * (PAIRS + 2)], both[2 * PAIRS], offsets[ROWS + 1], counts[ROWS];
        int32_t shifts[3 * PAIRS];
        double vectors[3 * PAIRS], distances[PAIRS];
        open_setting(&t);
        nbl_outputs *out = &t.sink.out;
        set_dtypes(out, variant);
        out->edge_index_stride = PAIRS + 2;
        out->i = i, out->j = j, out->edge_index = edges, out->pairs = both, out->shifts = shifts;
        out->vectors = vectors, out->distances = distances, out->row_ptr = offsets, out->counts = counts;
        write_all(&t);
        int base = variant & 16 ? 1 : 0;
        for (int e = 0; e < PAIRS; e++) {
            int32_t type = out->index_dtype;
            check_int(integer_at(i, type, e), expected_i[e] + base);
            check_int(integer_at(j, type, e), expected_j[e] + base);
            check_int(integer_at(edges, type, e), expected_i[e] + base);
            check_int(integer_at(edges, type, PAIRS + 2 + e), expected_j[e] + base);
            check_int(integer_at(both, type, 2 * e), expected_i[e] + base);
            check_int(integer_at(both, type, 2 * e + 1), expected_j[e] + base);
            for (int k = 0; k < 3; k++)
                check_int(integer_at(shifts, out->shift_dtype, 3 * e + k), expected_s[e][k]);
            check_reals(&t, e, e);
        }
        for (int r = 0; r < ROWS; r++) {
            check_int(integer_at(counts, out->offset_dtype, r), t.count[r]);
            check_int(integer_at(offsets, out->offset_dtype, r), t.offset[r] + base);
        }
        check_int(integer_at(offsets, out->offset_dtype, ROWS), PAIRS + base);
    }
}

static void dense_rows_are_filled_up(void **state)
{
    (void)state;
    for (int variant = 0; variant < 32; variant++) {
        enum { W = MOST + 2 };
        struct setting t;
        int64_t j[ROWS * W];
        int32_t shifts[3 * ROWS * W];
        double vectors[3 * ROWS * W], distances[ROWS * W];
        open_setting(&t);
        nbl_outputs *out = &t.sink.out;
        set_dtypes(out, variant);
        out->layout = NBL_LAYOUT_DENSE;
        out->dense_width = W;
        out->dense_fill = -7;
        out->pair_capacity = 0;
        out->j = j, out->shifts = shifts, out->vectors = vectors, out->distances = distances;
        memset(j, 0x55, sizeof j);
        memset(shifts, 0x55, sizeof shifts);
        memset(vectors, 0x55, sizeof vectors);
        memset(distances, 0x55, sizeof distances);
        write_all(&t);
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < W; c++) {
                int64_t at = r * W + c;
                bool filled = c >= (int)t.count[r];
                int e = (int)t.offset[r] + c;
                int expected = filled ? -7 : expected_j[e] + out->index_base;
                check_int(integer_at(j, out->index_dtype, at), expected);
                for (int k = 0; k < 3; k++)
                    check_int(integer_at(shifts, out->shift_dtype, 3 * at + k), filled ? 0 : expected_s[e][k]);
                if (!filled) {
                    check_reals(&t, e, at);
                } else if (out->real_dtype == NBL_FLOAT32) {
                    assert_true(((float *)(void *)distances)[at] == 0.0f);
                    assert_true(((float *)(void *)vectors)[3 * at + 2] == 0.0f);
                } else {
                    check_bits(distances[at], 0.0);
                    check_bits(vectors[3 * at + 2], 0.0);
                }
            }
    }
}

/* Rows of images themselves, as the formula makes them, and a start other than the row's own. */
static void wide_rows_at_any_place(void **state)
{
    (void)state;
    struct setting t;
    int64_t j[10];
    int32_t shifts[30];
    open_setting(&t);
    t.sink.out.j = j, t.sink.out.shifts = shifts;
    check_int(check(&t), NBL_OK);
    const nbl__image row[2] = {{{1, -2, 3}, 2}, {{INT32_MIN, INT32_MAX, 0}, 0}};
    nbl__view view = {.images = row, .count = 2, .atom = 1, .r = positions, .lattice = &t.lattice};
    memset(j, 0x55, sizeof j);
    nbl__sink_row_at(&t.sink, &view, 4);
    check_int(j[3], 0x5555555555555555);
    check_int(j[4], 2);
    check_int(j[5], 0);
    check_int(j[6], 0x5555555555555555);
    check_int(shifts[12], 1);
    check_int(shifts[15], INT32_MIN);
    check_int(shifts[16], INT32_MAX);
}

/* Rows of atoms without images, as open blocks make them: all shifts zero. */
static void rows_of_plain_atoms(void **state)
{
    (void)state;
    for (int variant = 0; variant < 32; variant++) {
        struct setting t;
        int64_t j[PAIRS], both[2 * PAIRS];
        int32_t shifts[3 * PAIRS];
        double vectors[3 * PAIRS], distances[PAIRS];
        const uint32_t numbers[3] = {2, 0, 1};
        open_setting(&t);
        nbl_outputs *out = &t.sink.out;
        set_dtypes(out, variant);
        out->j = j, out->pairs = both, out->shifts = shifts, out->vectors = vectors, out->distances = distances;
        check_int(check(&t), NBL_OK);
        memset(shifts, 0x55, sizeof shifts);
        nbl__view view = {
            .number = numbers, .count = 3, .atom = 2, .r = positions, .lattice = &nbl__lattice_open};
        assert_true(nbl__sink_fits_narrow(&view));
        nbl__sink_row_at(&t.sink, &view, 1);
        for (int e = 0; e < 3; e++) {
            double d2 = 0.0;
            check_int(integer_at(j, out->index_dtype, 1 + e), numbers[e] + (unsigned)out->index_base);
            check_int(integer_at(both, out->index_dtype, 2 * (1 + e)), 2 + out->index_base);
            check_int(integer_at(both, out->index_dtype, 2 * (1 + e) + 1),
                      numbers[e] + (unsigned)out->index_base);
            for (int k = 0; k < 3; k++) {
                const double d = (positions[numbers[e]][k] - positions[2][k]) + 0.0;
                d2 += d * d;
                check_int(integer_at(shifts, out->shift_dtype, 3 * (1 + e) + k), 0);
                if (out->real_dtype == NBL_FLOAT32)
                    assert_true(((float *)(void *)vectors)[3 * (1 + e) + k] == (float)d);
                else
                    check_bits(vectors[3 * (1 + e) + k], d);
            }
            if (out->real_dtype == NBL_FLOAT32)
                assert_true(((float *)(void *)distances)[1 + e] == (float)sqrt(d2));
            else
                check_bits(distances[1 + e], sqrt(d2));
        }
        const size_t item = out->shift_dtype == NBL_INT8 ? 1 : 4;
        for (size_t byte = 0; byte < 3 * item; byte++)
            check_int(((unsigned char *)shifts)[byte], 0x55);
        check_int(((unsigned char *)shifts)[12 * item], 0x55);
    }
}

static void write_batch(struct setting *t)
{
    check_int(check(t), NBL_OK);
    for (int64_t i = 0; i < ROWS; i++) {
        nbl__view view = view_of(t, i);
        view.system = SYSTEM;
        view.first = FIRST;
        check_int(nbl__sink_row(&t->sink, 0, &view), NBL_OK);
    }
    nbl__sink_row_arrays(&t->sink);
}

static void arrays_of_a_system_in_a_batch(void **state)
{
    (void)state;
    for (int variant = 0; variant < 64; variant++) {
        struct setting t;
        int64_t i[PAIRS], j[PAIRS], edges[2 * PAIRS], both[2 * PAIRS], batch[PAIRS], offsets[ATOMS + 1];
        int64_t edge_ptr[SYSTEMS + 1], atom_ptr[SYSTEMS + 1], counts[ATOMS];
        double vectors[3 * PAIRS], distances[PAIRS];
        open_setting(&t);
        put_into_a_batch(&t);
        nbl_outputs *out = &t.sink.out;
        set_dtypes(out, variant & 31);
        out->local_indices = variant >> 5;
        out->i = i, out->j = j, out->edge_index = edges, out->pairs = both, out->batch = batch;
        out->vectors = vectors, out->distances = distances, out->counts = counts;
        out->row_ptr = offsets, out->edge_ptr = edge_ptr, out->atom_ptr = atom_ptr;
        write_batch(&t);
        const int base = out->index_base, from = base + (out->local_indices ? 0 : FIRST);
        for (int e = 0; e < PAIRS; e++) {
            const int32_t type = out->index_dtype;
            check_int(integer_at(i, type, e), expected_i[e] + from);
            check_int(integer_at(j, type, e), expected_j[e] + from);
            check_int(integer_at(edges, type, e), expected_i[e] + from);
            check_int(integer_at(edges, type, PAIRS + e), expected_j[e] + from);
            check_int(integer_at(both, type, 2 * e), expected_i[e] + from);
            check_int(integer_at(both, type, 2 * e + 1), expected_j[e] + from);
            check_int(integer_at(batch, type, e), SYSTEM + base);
            check_reals(&t, e, e);
        }
        for (int r = 0; r <= ATOMS; r++) {
            int before = 0;
            for (int e = 0; e < PAIRS; e++)
                before += FIRST + expected_i[e] < r;
            check_int(integer_at(offsets, out->offset_dtype, r), before + base);
        }
        for (int s = 0; s <= SYSTEMS; s++) {
            check_int(integer_at(atom_ptr, out->offset_dtype, s), in_a_batch[s] + base);
            check_int(integer_at(edge_ptr, out->offset_dtype, s), (s > SYSTEM ? PAIRS : 0) + base);
        }
    }
}

/* Of a pair, in every set of arrays and types, times the pairs. */
static void bytes_of_all_arrays(void **state)
{
    static int64_t array[1];
    (void)state;
    for (int variant = 0; variant < 32; variant++)
        for (int set = 1; set < 256; set++) {
            struct setting t;
            open_setting(&t);
            nbl_outputs *out = &t.sink.out;
            void **const fields[] = {&out->i,     &out->j,      &out->edge_index, &out->pairs,
                                     &out->batch, &out->shifts, &out->vectors,    &out->distances};
            set_dtypes(out, variant);
            check_int(check(&t), NBL_OK);
            const int64_t index = out->index_dtype == NBL_INT32 ? 4 : 8,
                          real = out->real_dtype == NBL_FLOAT32 ? 4 : 8;
            const int64_t items[] = {index,     index, 2 * index,
                                     2 * index, index, out->shift_dtype == NBL_INT8 ? 3 : 12,
                                     3 * real,  real};
            int64_t bytes = 0;
            for (int k = 0; k < 8; k++)
                if (set >> k & 1) {
                    *fields[k] = array;
                    bytes += items[k];
                }
            check_int(nbl__sink_pair_bytes(&t.sink), bytes);
        }
}

static void dense_rows_of_a_system_in_a_batch(void **state)
{
    (void)state;
    for (int variant = 0; variant < 8; variant++) {
        struct setting t;
        int64_t j[ATOMS * MOST], edge_ptr[SYSTEMS + 1], atom_ptr[SYSTEMS + 1];
        open_setting(&t);
        put_into_a_batch(&t);
        nbl_outputs *out = &t.sink.out;
        out->layout = NBL_LAYOUT_DENSE;
        out->index_dtype = variant & 1 ? NBL_INT32 : NBL_INT64;
        out->index_base = variant >> 1 & 1;
        out->local_indices = variant >> 2;
        out->dense_fill = -9;
        out->j = j, out->edge_ptr = edge_ptr, out->atom_ptr = atom_ptr;
        memset(j, 0x55, sizeof j);
        write_batch(&t);
        const int from = out->index_base + (out->local_indices ? 0 : FIRST);
        const size_t item = out->index_dtype == NBL_INT32 ? 4 : 8;
        for (size_t b = 0; b < ATOMS * MOST * item; b++)
            if (b < FIRST * MOST * item || b >= (FIRST + ROWS) * MOST * item)
                check_int(((unsigned char *)j)[b], 0x55);
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < MOST; c++) {
                const int e = (int)t.offset[r] + c;
                check_int(integer_at(j, out->index_dtype, (FIRST + r) * MOST + c),
                          c < (int)t.count[r] ? expected_j[e] + from : -9);
            }
        check_int(edge_ptr[SYSTEM + 1], PAIRS + out->index_base);
        check_int(atom_ptr[SYSTEM], FIRST + out->index_base);
    }
}

/* With n_centers there are fewer rows than atoms: no pointer leads beyond them. */
static void pointers_end_with_the_rows(void **state)
{
    (void)state;
    struct setting t;
    int64_t edge_ptr[2], atom_ptr[2];
    open_setting(&t);
    const int64_t many[] = {0, 1000};
    t.sink.first = many;
    t.sink.out.edge_ptr = edge_ptr, t.sink.out.atom_ptr = atom_ptr;
    check_int(nbl__sink_check(&t.sink, false, true, &t.fault), NBL_OK);
    nbl__sink_row_arrays(&t.sink);
    check_int(edge_ptr[0], 0);
    check_int(edge_ptr[1], PAIRS);
    check_int(atom_ptr[0], 0);
    check_int(atom_ptr[1], ROWS);
}

static void a_stride_of_zero_is_the_capacity(void **state)
{
    (void)state;
    struct setting t;
    int64_t edges[2 * 9];
    open_setting(&t);
    t.sink.out.pair_capacity = 9;
    t.sink.out.edge_index = edges;
    write_all(&t);
    for (int e = 0; e < PAIRS; e++) {
        check_int(edges[e], expected_i[e]);
        check_int(edges[9 + e], expected_j[e]);
    }
}

static void no_systems(void **state)
{
    (void)state;
    struct setting t;
    int64_t edge_ptr[1], atom_ptr[1], none[1] = {0};
    open_setting(&t);
    t.rows = (nbl__rows){.n = 0, .count = t.count, .offset = none};
    t.sink.n_systems = 0;
    t.sink.first = none;
    t.sink.out.system_capacity = 0;
    t.sink.out.index_base = 1;
    t.sink.out.edge_ptr = edge_ptr, t.sink.out.atom_ptr = atom_ptr;
    check_int(check(&t), NBL_OK);
    nbl__sink_row_arrays(&t.sink);
    check_int(edge_ptr[0], 1);
    check_int(atom_ptr[0], 1);
}

static void shifts_of_eight_bits(void **state)
{
    (void)state;
    static const struct {
        int32_t image, w;
        bool fits;
    } shifts[] = {{127, 0, true},
                  {128, 0, false},
                  {-128, 0, true},
                  {-129, 0, false},
                  {1000, -900, true},
                  {-60, -69, false},
                  {INT32_MAX, -INT32_MAX, true},
                  {256, 0, false}};
    for (size_t k = 0; k < sizeof shifts / sizeof *shifts; k++)
        for (int axis = 0; axis < 3; axis++) {
            nbl__image images[3] = {{{0, 0, 0}, 0}, {{0, 0, 0}, 0}, {{0, 0, 0}, 0}};
            nbl__view view = {.images = images, .count = 3};
            images[2].shift[axis] = shifts[k].image;
            view.w[axis] = shifts[k].w;
            if (shifts[k].w != 0)
                images[0].shift[axis] = images[1].shift[axis] = -shifts[k].w;
            check_int(nbl__sink_fits_narrow(&view), shifts[k].fits);
        }
    struct setting t;
    int8_t array[3 * PAIRS];
    open_setting(&t);
    t.sink.out.shift_dtype = NBL_INT8;
    check_int(check(&t), NBL_OK);
    assert_false(nbl__sink_needs_narrow(&t.sink));
    t.sink.out.shifts = array;
    assert_true(nbl__sink_needs_narrow(&t.sink));
    t.sink.out.shift_dtype = NBL_INT32;
    assert_false(nbl__sink_needs_narrow(&t.sink));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_array_in_every_type),
        cmocka_unit_test(dense_rows_are_filled_up),
        cmocka_unit_test(wide_rows_at_any_place),
        cmocka_unit_test(rows_of_plain_atoms),
        cmocka_unit_test(arrays_of_a_system_in_a_batch),
        cmocka_unit_test(bytes_of_all_arrays),
        cmocka_unit_test(dense_rows_of_a_system_in_a_batch),
        cmocka_unit_test(pointers_end_with_the_rows),
        cmocka_unit_test(a_stride_of_zero_is_the_capacity),
        cmocka_unit_test(no_systems),
        cmocka_unit_test(shifts_of_eight_bits),
    };
    const nbl__kernels *kernels;
    int failed = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        expand = kernels->expand;
        failed += cmocka_run_group_tests_name(nbl__dispatch_name(isa), tests, NULL, NULL);
    }
    return failed;
}
