/* SPDX-License-Identifier: MIT */
#include "emit/sink.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "isa.h"

/*
 * Three atoms in a box of 4: rows of 2, 0 and 3 pairs, the shifts split between image and w as after
 * wrapping. s is what has to come out.
 */
enum { ROWS = 3, PAIRS = 5, MOST = 3 };

/* One atom more than can be named, as emit/expand.h asks for. */
static const double positions[ROWS + 1][3] = {{0.5, 0.25, 0.125}, {1.5, 0, 0}, {-2.0, 3.0, 1.0 / 3.0}};
static const int expected_i[PAIRS] = {0, 0, 2, 2, 2}, expected_j[PAIRS] = {1, 2, 0, 2, 1};
static const int expected_s[PAIRS][3] = {{0, 0, 0}, {1, 0, -1}, {-1, 0, 1}, {127, -128, 3}, {2, 2, 2}};
static const int32_t wrapped[ROWS][3] = {{7, -1, 0}, {0, 0, 0}, {-2, 5, 100}};

/* What the rows are told to be in the batch: atoms 10 ... 12, system 3, three systems before of ten atoms. */
enum { SYSTEMS = 5, SYSTEM = 3, FIRST = 10, ATOMS = FIRST + ROWS + 4 };

static const int64_t alone[] = {0, ROWS}, in_a_batch[SYSTEMS + 1] = {0, 4, 4, FIRST, FIRST + ROWS, ATOMS};

static const nbl__expand *expand; /* of the instruction set at hand */

struct setting {
    nbl__lattice lattice;
    nbl__image images[PAIRS];
    uint32_t numbers[PAIRS];
    uint32_t count[ROWS];
    int64_t offset[ROWS + 1];
    nbl__rows rows;
    nbl__sink sink;
    nbl__sink_fault fault;
};

static void open_setting(struct setting *t)
{
    double h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
    const uint8_t pbc[3] = {1, 1, 1};
    nbl__fault fault;
    memset(t, 0, sizeof *t);
    check_int(nbl__lattice_init(&t->lattice, h, pbc, &fault), NBL_OK);
    for (int e = 0; e < PAIRS; e++) {
        int place = (3 * e + 1) % PAIRS;
        t->numbers[e] = (uint32_t)place;
        t->images[place].atom = expected_j[e];
        for (int k = 0; k < 3; k++)
            t->images[place].shift[k] = expected_s[e][k] - wrapped[expected_i[e]][k];
        t->count[expected_i[e]]++;
    }
    for (int i = 0; i < ROWS; i++)
        t->offset[i + 1] = t->offset[i] + t->count[i];
    t->rows = (nbl__rows){.n = ROWS, .count = t->count, .offset = t->offset, .total = PAIRS, .max_count = MOST};
    t->sink = (nbl__sink){
        .out = NBL_OUTPUTS_INIT, .rows = &t->rows, .n_systems = 1, .first = alone, .expand = expand};
    t->sink.out.pair_capacity = PAIRS;
    t->sink.out.row_capacity = ROWS;
    t->sink.out.system_capacity = 1;
    t->sink.out.dense_width = MOST;
}

static nbl__view view_of(const struct setting *t, int64_t i)
{
    nbl__view view = {.images = t->images,
                      .number = t->numbers + t->offset[i],
                      .count = t->count[i],
                      .atom = i,
                      .r = positions,
                      .lattice = &t->lattice};
    memcpy(view.w, wrapped[i], sizeof view.w);
    return view;
}

static nbl_status check(struct setting *t)
{
    return nbl__sink_check(&t->sink, false, false, &t->fault);
}

static void write_all(struct setting *t)
{
    check_int(check(t), NBL_OK);
    for (int64_t i = ROWS - 1; i >= 0; i--) {
        nbl__view view = view_of(t, i);
        check_int(nbl__sink_row(&t->sink, 0, &view), NBL_OK);
    }
    nbl__sink_row_arrays(&t->sink);
}

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

static void set_dtypes(nbl_outputs *out, int variant)
{
    out->index_dtype = variant & 1 ? NBL_INT32 : NBL_DTYPE_DEFAULT;
    out->offset_dtype = variant & 2 ? NBL_INT32 : NBL_DTYPE_DEFAULT;
    out->shift_dtype = variant & 4 ? NBL_INT8 : NBL_DTYPE_DEFAULT;
    out->real_dtype = variant & 8 ? NBL_FLOAT32 : NBL_DTYPE_DEFAULT;
    out->index_base = variant & 16 ? 1 : 0;
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

/* The same rows as those of a system in the middle of a batch; all others are empty. */
static void put_into_a_batch(struct setting *t)
{
    static uint32_t count[ATOMS];
    static int64_t offset[ATOMS + 1];
    memset(count, 0, sizeof count);
    for (int i = 0; i < ROWS; i++)
        count[FIRST + i] = t->count[i];
    for (int i = 0; i < ATOMS; i++)
        offset[i + 1] = offset[i] + count[i];
    t->rows = (nbl__rows){.n = ATOMS, .count = count, .offset = offset, .total = PAIRS, .max_count = MOST};
    t->sink.n_systems = SYSTEMS;
    t->sink.first = in_a_batch;
    t->sink.out.row_capacity = ATOMS;
    t->sink.out.system_capacity = SYSTEMS;
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

/* Rows first ... first + n - 1 of the system in the batch, together or one by one; plain: without images. */
static void write_rows(struct setting *t, int first, int n, bool together, bool plain)
{
    check_int(check(t), NBL_OK);
    for (int e = 0; e < PAIRS && plain; e++)
        t->numbers[e] %= ROWS;
    for (int row = first; row < first + (together ? 1 : n); row++) {
        nbl__view view = {.images = plain ? NULL : t->images,
                          .number = t->numbers + t->offset[row],
                          .count = row < ROWS ? t->count[row] : 0,
                          .atom = row,
                          .system = SYSTEM,
                          .first = FIRST,
                          .r = positions,
                          .lattice = plain ? &nbl__lattice_open : &t->lattice};
        if (together) {
            nbl__sink_stretch(&t->sink, &view, FIRST + first, n, plain ? NULL : wrapped + first);
            continue;
        }
        if (!plain)
            memcpy(view.w, wrapped[row], sizeof view.w);
        check_int(nbl__sink_row(&t->sink, 0, &view), NBL_OK);
    }
}

static void ask_for(nbl_outputs *out, int which, int64_t array[4 * PAIRS])
{
    void **outputs[] = {&out->i,      &out->j,       &out->edge_index, &out->pairs,
                        &out->shifts, &out->vectors, &out->distances,  &out->batch};
    if (which < 8) {
        *outputs[which] = array;
    } else if (which == 8) {
        out->vectors = array;
        out->distances = array + 3 * PAIRS;
    } else {
        out->shifts = array;
        out->j = array + 2 * PAIRS;
    }
}

/* Rows whose numbers follow each other, written together: the bytes of the rows one by one. */
static void stretches_are_rows_one_by_one(void **state)
{
    (void)state;
    for (int variant = 0; variant < 128; variant++)
        for (int which = 0; which < 10; which++)
            for (int first = 0; first <= ROWS; first++)
                for (int n = 0; first + n <= ROWS; n++) {
                    int64_t arrays[2][4 * PAIRS];
                    for (int together = 0; together < 2; together++) {
                        struct setting t;
                        open_setting(&t);
                        put_into_a_batch(&t);
                        set_dtypes(&t.sink.out, variant & 31);
                        t.sink.out.local_indices = variant >> 5 & 1;
                        memset(arrays[together], 0x55, sizeof arrays[together]);
                        ask_for(&t.sink.out, which, arrays[together]);
                        write_rows(&t, first, n, together, variant >> 6);
                    }
                    if (memcmp(arrays[0], arrays[1], sizeof arrays[0]) != 0)
                        fail_msg("variant %d, output %d, rows %d + %d", variant, which, first, n);
                }
}

/* Every set of outputs, in every type: plain are i, j and int32 shifts, and then the bytes are those of the
 * rows. */
static void plain_rows_are_rows(void **state)
{
    enum { SETS = 256, USUAL = 1 | 2 | 32, ROOM = 3 * PAIRS };
    static int64_t other[ROOM];
    (void)state;
    for (int variant = 0; variant < 128; variant++)
        for (int set = 0; set < SETS; set++) {
            int64_t arrays[2][3][ROOM];
            memset(arrays, 0x55, sizeof arrays);
            for (int way = 0; way < 2; way++) {
                struct setting t;
                open_setting(&t);
                put_into_a_batch(&t);
                nbl_outputs *out = &t.sink.out;
                void **const fields[] = {&out->i,     &out->j,      &out->edge_index, &out->pairs,
                                         &out->batch, &out->shifts, &out->vectors,    &out->distances};
                for (int k = 0; k < 8; k++)
                    if (set >> k & 1)
                        *fields[k] = k < 2 ? arrays[way][k] : k == 5 ? arrays[way][2] : other;
                set_dtypes(out, variant & 31);
                out->local_indices = variant >> 5 & 1;
                out->layout = variant >> 6 ? NBL_LAYOUT_DENSE : NBL_LAYOUT_PAIRS;
                if (out->layout == NBL_LAYOUT_PAIRS)
                    check_int(check(&t), NBL_OK);
                const nbl__sink_plain plain = nbl__sink_make_plain(&t.sink);
                const bool expected =
                    set == USUAL && out->shift_dtype == NBL_INT32 && out->layout == NBL_LAYOUT_PAIRS;
                check_int(plain.put != NULL, expected);
                for (int64_t i = 0; i < ROWS && expected; i++) {
                    nbl__view view = view_of(&t, i);
                    view.first = FIRST;
                    view.system = SYSTEM;
                    if (way)
                        nbl__sink_plain_row(&plain, &view, t.offset[i]);
                    else
                        nbl__sink_row_at(&t.sink, &view, t.offset[i]);
                }
            }
            assert_memory_equal(arrays[0], arrays[1], sizeof arrays[0]);
        }
}

/* Three atoms in two open systems and an empty one; rows are numbers of atoms of their own system. */
enum { PARTS = 3 };
static const int64_t parts[PARTS + 1] = {0, 2, 2, ROWS};

static void write_parts(struct setting *t, bool together)
{
    check_int(check(t), NBL_OK);
    nbl__sink rest = t->sink;
    if (together)
        nbl__sink_common(&rest, 0, 0, ROWS, t->numbers);
    for (int64_t part = 0; part < PARTS; part++) {
        nbl__view view = {.system = part, .first = parts[part], .r = positions, .lattice = &nbl__lattice_open};
        const int64_t first = parts[part], n = parts[part + 1] - first;
        view.number = t->numbers + t->offset[first];
        for (int64_t row = first; row < first + n && !together; row++) {
            view.atom = row - first;
            view.count = t->count[row];
            check_int(nbl__sink_row(&t->sink, 0, &view), NBL_OK);
            view.number += view.count;
        }
        if (together)
            nbl__sink_stretch(&rest, &view, first, n, NULL);
    }
}

/* Every set of the first five arrays and shifts, in every type: the bytes of the rows one by one. */
static void open_systems_are_rows_one_by_one(void **state)
{
    enum { SETS = 64, ROOM = 2 * PAIRS };
    (void)state;
    for (int variant = 0; variant < 64; variant++)
        for (int set = 0; set < SETS; set++) {
            int64_t arrays[2][6][ROOM];
            memset(arrays, 0x55, sizeof arrays);
            for (int together = 0; together < 2; together++) {
                struct setting t;
                open_setting(&t);
                nbl_outputs *out = &t.sink.out;
                void **const fields[] = {&out->i,     &out->j,     &out->edge_index,
                                         &out->pairs, &out->batch, &out->shifts};
                t.sink.n_systems = PARTS;
                t.sink.first = parts;
                out->system_capacity = PARTS;
                set_dtypes(out, variant & 31);
                out->local_indices = variant >> 5;
                for (int k = 0; k < 6; k++)
                    if (set >> k & 1)
                        *fields[k] = arrays[together][k];
                for (int e = 0; e < PAIRS; e++)
                    t.numbers[e] = (uint32_t)(e % 2);
                write_parts(&t, together);
            }
            if (memcmp(arrays[0], arrays[1], sizeof arrays[0]) != 0)
                fail_msg("variant %d, set of outputs %d", variant, set);
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
        cmocka_unit_test(stretches_are_rows_one_by_one),
        cmocka_unit_test(plain_rows_are_rows),
        cmocka_unit_test(open_systems_are_rows_one_by_one),
        cmocka_unit_test(bytes_of_all_arrays),
        cmocka_unit_test(dense_rows_of_a_system_in_a_batch),
        cmocka_unit_test(pointers_end_with_the_rows),
        cmocka_unit_test(no_systems),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(the_earlier_check_speaks),
        cmocka_unit_test(lists_without_mirrors_have_no_reverse),
        cmocka_unit_test(unused_capacities_do_not_matter),
        cmocka_unit_test(dense_rows_as_wide_as_can_be_counted),
        cmocka_unit_test(a_stride_of_zero_is_the_capacity),
        cmocka_unit_test(offsets_that_do_not_fit_are_refused),
        cmocka_unit_test(indices_of_batches_that_do_not_fit_are_refused),
        cmocka_unit_test(fills_must_fit_the_index_type),
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
