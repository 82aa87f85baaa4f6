/* SPDX-License-Identifier: MIT */
#include "emit/stage.h"

#include <stdlib.h>

#include "check.h"
#include "isa.h"
#include "random.h"

/*
 * Stretches of random lists through a stage, against the same rows written straight to their places: every
 * array, in every type, at every alignment, and no byte beside it.
 */
enum { ROWS = 40, LONGEST = 700, ATOMS = 30, IMAGES = 60, MARGIN = 256, ARRAYS = 7, TURNS = 400 };

/* Forms of rows, as in emit/view.h. */
enum { OF_IMAGES, OF_ATOMS, WIDE };

static struct random g;
static int64_t lines_written;

/* Stands for stores past the caches. */
static void write_lines(void *to, const void *from, size_t n)
{
    assert_int_equal((uintptr_t)to % NBL__STAGE_LINE, 0);
    assert_int_equal((uintptr_t)from % NBL__STAGE_LINE, 0);
    memcpy(to, from, n * NBL__STAGE_LINE);
    lines_written += (int64_t)n;
}

struct list {
    nbl__lattice lattice;
    double r[ATOMS + 1][3];
    nbl__image images[IMAGES];
    uint32_t *numbers;
    nbl__image *wide; /* the same entries as a row of images */
    uint32_t count[ROWS];
    int64_t offset[ROWS + 1];
    nbl__rows rows;
    int form;
};

static void draw_list(struct list *list)
{
    static const int64_t longest[] = {8, 50, LONGEST};
    const int64_t most = longest[random_int(&g, 0, 2)];
    list->lattice = nbl__lattice_open;
    list->form = (int)random_int(&g, 0, 2);
    for (int k = 0; k < 9; k++)
        list->lattice.h[k / 3][k % 3] = random_range(&g, -9, 9);
    for (int i = 0; i < 3 * (ATOMS + 1); i++)
        list->r[i / 3][i % 3] = random_range(&g, -9, 9);
    for (int i = 0; i < IMAGES; i++) {
        list->images[i].atom = (int32_t)random_int(&g, 0, ATOMS - 1);
        for (int k = 0; k < 3; k++)
            list->images[i].shift[k] = (int32_t)random_int(&g, -60, 60);
    }
    list->offset[0] = 0;
    for (int i = 0; i < ROWS; i++) {
        list->count[i] = random_chance(&g, 8) ? 0 : (uint32_t)random_int(&g, 1, most);
        list->offset[i + 1] = list->offset[i] + list->count[i];
    }
    const int64_t total = list->offset[ROWS];
    list->rows = (nbl__rows){
        .n = ROWS, .count = list->count, .offset = list->offset, .total = total, .max_count = LONGEST};
    list->numbers = malloc((size_t)(total + 1) * sizeof *list->numbers);
    list->wide = malloc((size_t)(total + 1) * sizeof *list->wide);
    assert_true(list->numbers && list->wide);
    for (int64_t e = 0; e < total; e++) {
        list->numbers[e] = (uint32_t)random_int(&g, 0, (list->form == OF_ATOMS ? ATOMS : IMAGES) - 1);
        list->wide[e] = list->images[list->numbers[e]];
    }
}

static nbl__view view_of(const struct list *list, int64_t i)
{
    nbl__view view = {.count = list->count[i], .atom = i % ATOMS, .r = list->r, .lattice = &list->lattice};
    if (list->form == WIDE)
        view.images = list->wide + list->offset[i];
    else
        view.number = list->numbers + list->offset[i];
    if (list->form == OF_IMAGES)
        view.images = list->images;
    for (int k = 0; k < 3 && list->form != OF_ATOMS; k++)
        view.w[k] = (int32_t)i - 20 - k;
    return view;
}

/* Memory for the arrays of a sink, at places that do not depend on whose they are. */
struct arrays {
    char *memory[ARRAYS], *at[ARRAYS];
    size_t bytes[ARRAYS];
};

static void open_array(struct arrays *a, int k, size_t bytes, size_t offset, void **field)
{
    a->bytes[k] = bytes + 2 * MARGIN;
    a->memory[k] =
        aligned_alloc(NBL__STAGE_LINE, (a->bytes[k] + NBL__STAGE_LINE - 1) / NBL__STAGE_LINE * NBL__STAGE_LINE);
    assert_non_null(a->memory[k]);
    memset(a->memory[k], 0x5a, a->bytes[k]);
    *field = a->memory[k] + MARGIN / 2 + offset;
}

/* What is asked for: bits of `which`, i and j or both rows of edge_index by the lowest two and the third. */
static void open_arrays(struct arrays *a, nbl__sink *sink, uint32_t which, const size_t offsets[ARRAYS])
{
    nbl_outputs *out = &sink->out;
    const size_t index = out->index_dtype == NBL_INT32 ? 4 : 8, shift = out->shift_dtype == NBL_INT8 ? 1 : 4,
                 real = out->real_dtype == NBL_FLOAT32 ? 4 : 8, n = (size_t)sink->rows->total;
    struct {
        void **field;
        size_t bytes, align;
    } all[ARRAYS] = {
        {&out->i, n * index, index},
        {&out->j, n * index, index},
        {&out->pairs, 2 * n * index, index},
        {&out->batch, n * index, index},
        {(void **)&out->shifts, 3 * n * shift, shift},
        {&out->vectors, 3 * n * real, real},
        {&out->distances, n * real, real},
    };
    memset(a, 0, sizeof *a);
    out->pair_capacity = sink->rows->total;
    if (which & 1u << ARRAYS) {
        out->edge_index_stride = sink->rows->total + 3;
        all[0].field = &out->edge_index;
        all[0].bytes = (2 * n + 3) * index;
        which &= ~2u;
    }
    for (int k = 0; k < ARRAYS; k++)
        if (which >> k & 1u)
            open_array(a, k, all[k].bytes, offsets[k] * all[k].align, all[k].field);
}

static void check_equal(const struct arrays *a, const struct arrays *b)
{
    for (int k = 0; k < ARRAYS; k++) {
        if (a->memory[k] && memcmp(a->memory[k], b->memory[k], a->bytes[k]) != 0)
            fail_msg("array %d of %zu bytes differs", k, a->bytes[k]);
        free(a->memory[k]);
        free(b->memory[k]);
    }
}

static void a_stage_writes_what_a_sink_writes(void **state)
{
    (void)state;
    for (int turn = 0; turn < TURNS; turn++) {
        struct list list;
        struct arrays direct, staged;
        nbl__stage stage;
        size_t offsets[ARRAYS];
        draw_list(&list);
        nbl__expand expand = *nbl__kernels_portable.expand;
        expand.lines = write_lines;
        nbl__sink sink = {.out = NBL_OUTPUTS_INIT, .rows = &list.rows, .n_systems = 1, .expand = &expand};
        sink.out.index_dtype = random_chance(&g, 2) ? NBL_INT32 : NBL_INT64;
        sink.out.shift_dtype = random_chance(&g, 2) ? NBL_INT8 : NBL_INT32;
        sink.out.real_dtype = random_chance(&g, 2) ? NBL_FLOAT32 : NBL_FLOAT64;
        sink.out.index_base = (int32_t)random_int(&g, 0, 1);
        const uint32_t which = (uint32_t)random_int(&g, 1, (1 << (ARRAYS + 1)) - 1);
        for (int k = 0; k < ARRAYS; k++)
            offsets[k] = (size_t)random_int(&g, 0, 15);
        nbl__sink other = sink;
        open_arrays(&direct, &sink, which, offsets);
        open_arrays(&staged, &other, which, offsets);
        assert_true(nbl__stage_fits(&other));

        const int64_t first = random_int(&g, 0, ROWS - 1), end = random_int(&g, first, ROWS);
        nbl__stage_open(&stage, &other, list.offset[first]);
        for (int64_t i = first; i < end; i++) {
            const nbl__view view = view_of(&list, i);
            nbl__sink_row_at(&sink, &view, list.offset[i]);
            nbl__stage_row(&stage, &view);
        }
        nbl__stage_close(&stage);
        check_equal(&direct, &staged);
        free(list.numbers);
        free(list.wide);
    }
    assert_true(lines_written > 1000);
}

static void a_stage_wants_lines_and_one_place_for_indices(void **state)
{
    (void)state;
    nbl__expand expand = *nbl__kernels_portable.expand;
    nbl__sink sink = {.out = NBL_OUTPUTS_INIT, .expand = &expand};
    int64_t some;
    sink.out.edge_index = &some;
    assert_false(nbl__stage_fits(&sink));
    expand.lines = write_lines;
    assert_true(nbl__stage_fits(&sink));
    sink.out.i = &some;
    assert_false(nbl__stage_fits(&sink));
    sink.out.i = NULL;
    sink.out.j = &some;
    assert_false(nbl__stage_fits(&sink));
    sink.out.edge_index = NULL;
    assert_true(nbl__stage_fits(&sink));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_writes_what_a_sink_writes),
        cmocka_unit_test(a_stage_wants_lines_and_one_place_for_indices),
    };
    random_seed(&g, 20261126);
    return cmocka_run_group_tests_name("emit/stage", tests, NULL, NULL);
}
