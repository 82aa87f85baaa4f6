/* SPDX-License-Identifier: MIT */
/* Rows that are written together: the bytes of the rows one by one. */
#include "sink_setting.h"

#include <stdlib.h>

#include "isa.h"

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

enum {
    OUTPUTS = 8,
    FIELD_I = 1,
    FIELD_J = 2,
    FIELD_EDGES = 4,
    FIELD_SHIFTS = 32,
    FIELD_REALS = 192,
    LONG = 3 * PAIRS
};

/* The outputs of a set, each an array of its own. */
static void ask_for_set(nbl_outputs *out, int set, int64_t arrays[OUTPUTS][LONG])
{
    void **const fields[OUTPUTS] = {&out->i,     &out->j,      &out->edge_index, &out->pairs,
                                    &out->batch, &out->shifts, &out->vectors,    &out->distances};
    for (int k = 0; k < OUTPUTS; k++)
        if (set >> k & 1)
            *fields[k] = arrays[k];
}

static void write_plain(const struct setting *t, const nbl__sink_plain *plain, const nbl__view *views)
{
    const void *entry[ROWS];
    const nbl__series series = {.images = t->images,
                                .entry = entry,
                                .count = t->count,
                                .w = wrapped,
                                .n = ROWS,
                                .r = positions,
                                .lattice = &t->lattice};
    for (int64_t i = 0; i < ROWS; i++)
        entry[i] = views[i].number;
    if (plain->series)
        nbl__sink_plain_series(plain, series, &views[0], 0);
    for (int64_t i = 0; i < ROWS && plain->row; i++)
        nbl__sink_plain_row(plain, &views[i], t->offset[i]);
}

/* Every set of outputs, in every type: what is plain and what is not are the rows together. */
static void what_is_plain_and_the_rest_are_rows(void **state)
{
    (void)state;
    for (int variant = 0; variant < 128; variant++)
        for (int set = 0; set < 1 << OUTPUTS; set++) {
            int64_t arrays[2][OUTPUTS][LONG];
            memset(arrays, 0x55, sizeof arrays);
            for (int way = 0; way < 2; way++) {
                struct setting t;
                nbl__view views[ROWS];
                open_setting(&t);
                put_into_a_batch(&t);
                ask_for_set(&t.sink.out, set, arrays[way]);
                set_dtypes(&t.sink.out, variant & 31);
                t.sink.out.local_indices = variant >> 5 & 1;
                t.sink.out.layout = variant >> 6 ? NBL_LAYOUT_DENSE : NBL_LAYOUT_PAIRS;
                if (t.sink.out.layout == NBL_LAYOUT_DENSE)
                    break;
                check_int(check(&t), NBL_OK);
                for (int64_t i = 0; i < ROWS; i++) {
                    views[i] = view_of(&t, i);
                    views[i].first = FIRST;
                    views[i].system = SYSTEM;
                }
                if (way) {
                    const nbl__sink_plain plain = nbl__sink_take_plain(&t.sink);
                    write_plain(&t, &plain, views);
                }
                for (int64_t i = 0; i < ROWS; i++)
                    nbl__sink_row_at(&t.sink, &views[i], t.offset[i]);
            }
            assert_memory_equal(arrays[0], arrays[1], sizeof arrays[0]);
        }
}

/* With series, whatever of them is asked for; without, indices and shifts, if they are all that is. */
static void what_is_plain_is_taken_off(void **state)
{
    const nbl__expand_series series[2] = {expand->series64, expand->series32};
    (void)state;
    for (int variant = 0; variant < 128; variant++)
        for (int set = 0; set < 1 << OUTPUTS; set++) {
            static int64_t arrays[OUTPUTS][LONG];
            struct setting t;
            open_setting(&t);
            ask_for_set(&t.sink.out, set, arrays);
            set_dtypes(&t.sink.out, variant & 31);
            t.sink.out.local_indices = variant >> 5 & 1;
            t.sink.out.layout = variant >> 6 ? NBL_LAYOUT_DENSE : NBL_LAYOUT_PAIRS;
            if (t.sink.out.layout == NBL_LAYOUT_PAIRS)
                check_int(check(&t), NBL_OK);
            const nbl__sink before = t.sink;
            const nbl__sink_plain plain = nbl__sink_take_plain(&t.sink);
            const bool narrow = before.out.index_dtype == NBL_INT32, has_indices = set & (FIELD_I | FIELD_J);
            const int indices = has_indices ? FIELD_I | FIELD_J : FIELD_EDGES,
                      shifts = before.out.shift_dtype == NBL_INT32 ? FIELD_SHIFTS : 0;
            const int in_rows = indices | shifts, in_series = in_rows | FIELD_REALS;
            const bool pairs = before.out.layout == NBL_LAYOUT_PAIRS,
                       has_series = pairs && (set & in_series) && series[narrow];
            assert_true(plain.series == (has_series ? series[narrow] : NULL));
            assert_true((plain.row != NULL) == (pairs && set && !(set & ~in_rows) && !has_series));
            if (plain.series || plain.row)
                check_int(nbl__sink_wants_pairs(&t.sink), (set & ~in_series) != 0);
            else
                assert_memory_equal(&before, &t.sink, sizeof before);
        }
}

/* No vectors of 4 bytes there. */
static void misplaced_arrays_are_no_series(void **state)
{
    (void)state;
    for (int which = 0; which < 5; which++)
        for (int by = 0; by < 4; by++) {
            static int64_t arrays[OUTPUTS][LONG + 1];
            struct setting t;
            open_setting(&t);
            void **const fields[5] = {&t.sink.out.i, &t.sink.out.j, &t.sink.out.shifts, &t.sink.out.vectors,
                                      &t.sink.out.distances};
            for (int k = 0; k <= which; k++)
                *fields[k] = (char *)arrays[k] + (k == which ? by : 0);
            check_int(check(&t), NBL_OK);
            const nbl__sink_plain plain = nbl__sink_take_plain(&t.sink);
            assert_true(plain.series == (by == 0 ? expand->series64 : NULL));
            assert_true((plain.row != NULL) == (!plain.series && which < 3));
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
        nbl__sink_take_batch(&rest, 0, 0, ROWS);
    assert_true(!together || !rest.out.batch);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stretches_are_rows_one_by_one),
        cmocka_unit_test(what_is_plain_and_the_rest_are_rows),
        cmocka_unit_test(what_is_plain_is_taken_off),
        cmocka_unit_test(misplaced_arrays_are_no_series),
        cmocka_unit_test(open_systems_are_rows_one_by_one),
    };
    const nbl__kernels *kernels;
    int failed = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        expand = kernels->expand;
        failed += cmocka_run_group_tests_name(nbl__dispatch_name(isa), tests, NULL, NULL);
    }
    return failed;
}
