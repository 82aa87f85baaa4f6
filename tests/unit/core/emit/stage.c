/* SPDX-License-Identifier: MIT */
#include "emit/stage.h"

#include <stdlib.h>

#include "check.h"
#include "isa.h"
#include "place.h"

/*
 * One system in the middle of a batch, whose rows go through a stage, and once more directly, in the opposite
 * order: whatever the rows are, and in whatever pieces they come, the arrays hold the same bytes. Everything
 * that is written, the stage included, ends at or near an unreadable page.
 */
enum { SYSTEMS = 5, SYSTEM = 3, FIRST = 7, ATOMS = 2500, IMAGES = 700, MOST_PAIRS = 6 * NBL__STAGE_BYTES / 3 };

enum kind { NUMBERS, PLAIN, WIDE, KINDS };

/* Which outputs: index_outputs is a set of the first five arrays, in one type. */
struct choice {
    unsigned index_outputs;
    int32_t index_dtype, shift_dtype, real_dtype; /* 0: no such output */
    bool vectors, distances;
};

enum { ARRAYS = 8 };

struct side {
    nbl__sink sink;
    struct place places[ARRAYS];
};

static const nbl__expand *expand; /* of the instruction set at hand */

static struct random g;
static struct guard stage_guard;

/* What rows are made of; the last atom is there to be read, never named. */
static double positions[ATOMS + 1][3];
static nbl__image images[IMAGES], wide_images[MOST_PAIRS];
static uint32_t numbers[KINDS][MOST_PAIRS];

static struct list {
    enum kind kind;
    int64_t first[SYSTEMS + 1];
    uint32_t count[FIRST + ATOMS];
    int64_t offset[FIRST + ATOMS + 1];
    int32_t w[FIRST + ATOMS][3];
    bool shifted;
    nbl__rows rows;
    nbl__lattice lattice;
} list;

static struct side staged, direct;

/* What has happened, to see that it has. */
static struct {
    int64_t long_rows, filled_exactly, long_stretches, emptied_by_stretch, small_stretches;
} seen;

static int32_t draw_shift(void)
{
    return (int32_t)random_int(&g, -60, 60);
}

static void draw_image(nbl__image *image)
{
    image->atom = (int32_t)random_int(&g, 0, ATOMS - 1);
    for (int k = 0; k < 3; k++)
        image->shift[k] = draw_shift();
}

static void draw_material(void)
{
    for (int i = 0; i <= ATOMS; i++)
        for (int k = 0; k < 3; k++)
            positions[i][k] = random_range(&g, -10, 10);
    for (int k = 0; k < IMAGES; k++)
        draw_image(&images[k]);
    for (int e = 0; e < MOST_PAIRS; e++) {
        draw_image(&wide_images[e]);
        numbers[NUMBERS][e] = (uint32_t)random_int(&g, 0, IMAGES - 1);
        numbers[PLAIN][e] = (uint32_t)random_int(&g, 0, ATOMS - 1);
    }
}

/* Most rows are short; some are about as long as the stage, or longer. */
static int64_t draw_count(int64_t room, bool only_short)
{
    const int64_t sort = random_int(&g, 0, 63);
    if (sort < 8)
        return 0;
    if (sort < 61 || only_short)
        return random_int(&g, 1, 40);
    return sort < 63 ? room + random_int(&g, -9, 9) : random_int(&g, 1, 2 * room);
}

static void draw_list(enum kind kind, int64_t room)
{
    const bool only_short = random_chance(&g, 4);
    const int64_t most = room * random_int(&g, 1, 3);
    int64_t row = FIRST;
    list.kind = kind;
    list.shifted = kind == NUMBERS && random_chance(&g, 2);
    for (; row < FIRST + ATOMS && list.offset[row] < most; row++) {
        list.count[row] = (uint32_t)draw_count(room, only_short);
        list.offset[row + 1] = list.offset[row] + list.count[row];
        for (int k = 0; k < 3; k++)
            list.w[row][k] = list.shifted ? draw_shift() : 0;
    }
    const int64_t first[SYSTEMS + 1] = {0, 2, 2, FIRST, row, row};
    memcpy(list.first, first, sizeof first);
    list.rows = (nbl__rows){.n = row, .count = list.count, .offset = list.offset, .total = list.offset[row]};
    list.lattice = nbl__lattice_open;
    for (int k = 0; k < 9 && kind != PLAIN; k++)
        list.lattice.h[k / 3][k % 3] = random_range(&g, -9, 9);
}

static nbl__view view_of(int64_t row)
{
    const int64_t at = list.offset[row];
    nbl__view view = {.count = list.count[row],
                      .atom = row - FIRST,
                      .system = SYSTEM,
                      .first = FIRST,
                      .r = (const double(*)[3])positions,
                      .lattice = &list.lattice};
    view.number = list.kind == WIDE ? NULL : numbers[list.kind] + at;
    view.images = list.kind == WIDE ? wide_images + at : list.kind == PLAIN ? NULL : images;
    return view;
}

static size_t index_bytes(const struct choice *c)
{
    return c->index_dtype == NBL_INT32 ? 4 : 8;
}

/* Bytes of a pair in each array; those of a row of edge_index. */
static void item_bytes(const struct choice *c, size_t items[ARRAYS])
{
    const size_t real = c->real_dtype == NBL_FLOAT32 ? 4 : 8, shift = c->shift_dtype == NBL_INT8 ? 1 : 4;
    for (int k = 0; k < 5; k++)
        items[k] = c->index_outputs >> k & 1 ? index_bytes(c) * (k == 3 ? 2 : 1) : 0;
    items[5] = c->shift_dtype ? 3 * shift : 0;
    items[6] = c->vectors ? 3 * real : 0;
    items[7] = c->distances ? real : 0;
}

static size_t pair_bytes(const struct choice *c)
{
    size_t items[ARRAYS], bytes = 0;
    item_bytes(c, items);
    for (int k = 0; k < ARRAYS; k++)
        bytes += items[k] * (k == 2 ? 2 : 1);
    return bytes;
}

static void open_sink(struct side *side, const struct choice *c, int32_t base, int32_t local)
{
    side->sink = (nbl__sink){.out = NBL_OUTPUTS_INIT,
                             .rows = &list.rows,
                             .n_systems = SYSTEMS,
                             .first = list.first,
                             .expand = expand};
    nbl_outputs *out = &side->sink.out;
    out->index_dtype = c->index_dtype;
    out->shift_dtype = c->shift_dtype;
    out->real_dtype = c->real_dtype;
    out->index_base = base;
    out->local_indices = local;
}

static void take_arrays(struct side *side, const struct choice *c, int64_t stride)
{
    static const size_t parts_of_reals[] = {3, 1};
    nbl_outputs *out = &side->sink.out;
    void **const fields[ARRAYS] = {&out->i,     &out->j,      &out->edge_index, &out->pairs,
                                   &out->batch, &out->shifts, &out->vectors,    &out->distances};
    nbl__sink_fault fault;
    size_t items[ARRAYS];
    item_bytes(c, items);
    for (int k = 0; k < ARRAYS; k++) {
        const size_t entries = (size_t)(list.rows.total + (k == 2 ? stride : 0));
        const size_t align = k < 5 ? index_bytes(c) : k == 5 ? items[k] / 3 : items[k] / parts_of_reals[k - 6];
        if (items[k] > 0)
            *fields[k] = place_take(&side->places[k], &g, entries * items[k], align);
        else
            side->places[k].bytes = 0;
    }
    out->pair_capacity = list.rows.total;
    out->edge_index_stride = stride;
    check_int(nbl__sink_check(&side->sink, false, false, &fault), NBL_OK);
}

static void write_stretch(nbl__stage *stage, int64_t row, int64_t n)
{
    const nbl__view view = view_of(row);
    const int64_t pairs = list.offset[row + n] - list.offset[row];
    seen.long_stretches += pairs > stage->room;
    seen.emptied_by_stretch += pairs <= stage->room && stage->n + pairs > stage->room;
    seen.small_stretches += n > 1 && stage->n + pairs <= stage->room;
    nbl__stage_stretch(stage, &view, row, n,
                       list.shifted || random_chance(&g, 2) ? (const int32_t(*)[3])list.w + row : NULL);
}

static void write_piece(nbl__stage *stage, int64_t room, int64_t first, int64_t end)
{
    const int64_t one_in = random_int(&g, 1, 6);
    nbl__stage_open(stage, &staged.sink, first);
    check_int(stage->room, room);
    for (int64_t row = first; row < end;) {
        if (list.kind != WIDE && random_chance(&g, one_in)) {
            const int64_t left = end - row, n = random_int(&g, 1, random_chance(&g, 4) ? 500 : 20);
            write_stretch(stage, row, n < left ? n : left);
            row += n < left ? n : left;
            continue;
        }
        nbl__view view = view_of(row);
        memcpy(view.w, list.w[row], sizeof view.w);
        seen.long_rows += view.count > stage->room;
        seen.filled_exactly += view.count > 0 && stage->n + view.count == stage->room;
        nbl__stage_row(stage, &view);
        row++;
    }
    nbl__stage_close(stage);
}

static void write_directly(int64_t first, int64_t end)
{
    for (int64_t row = end - 1; row >= first; row--) {
        nbl__view view = view_of(row);
        memcpy(view.w, list.w[row], sizeof view.w);
        nbl__sink_row_at(&direct.sink, &view, list.offset[row]);
    }
}

static const char *choice_text(const struct choice *c, enum kind kind, char text[160])
{
    snprintf(text, 160, "index outputs %x of type %d, shifts %d, reals %d%s%s, rows of kind %d",
             c->index_outputs, c->index_dtype, c->shift_dtype, c->real_dtype, c->vectors ? " vectors" : "",
             c->distances ? " distances" : "", (int)kind);
    return text;
}

/* Pieces of the list, one of them left out in many cases, with one stage after the other. */
static void check_choice(const struct choice *c, enum kind kind)
{
    enum { PIECES = 4 };
    char text[160];
    const int32_t base = (int32_t)random_int(&g, 0, 1), local = (int32_t)random_int(&g, 0, 1);
    nbl__stage *stage = (nbl__stage *)(void *)(stage_guard.base + stage_guard.usable - stage_guard.taken);
    const int64_t room = (int64_t)((NBL__STAGE_BYTES / pair_bytes(c) - 8) & ~(size_t)7);
    draw_list(kind, room);
    const int64_t stride = list.rows.total + random_int(&g, 0, 9);
    open_sink(&staged, c, base, local);
    open_sink(&direct, c, base, local);
    take_arrays(&staged, c, stride);
    take_arrays(&direct, c, stride);
    int64_t first = FIRST;
    for (int piece = 0; piece < PIECES; piece++) {
        const int64_t end = piece + 1 < PIECES ? random_int(&g, first, list.rows.n) : list.rows.n;
        if (!random_chance(&g, PIECES)) {
            write_piece(stage, room, first, end);
            write_directly(first, end);
        }
        first = end;
    }
    for (int k = 0; k < ARRAYS; k++) {
        const struct place *a = &staged.places[k], *b = &direct.places[k];
        if (a->bytes > 0 && (!place_untouched_outside(a) || !place_untouched_outside(b)))
            fail_msg("%s: bytes outside array %d were written", choice_text(c, kind, text), k);
        if (a->bytes > 0 && memcmp(a->at, b->at, a->bytes) != 0)
            fail_msg("%s: array %d differs", choice_text(c, kind, text), k);
    }
    if (!guard_front_untouched(&stage_guard))
        fail_msg("%s: bytes in front of the stage were written", choice_text(c, kind, text));
}

static void for_each_choice(void (*function)(const struct choice *c, enum kind kind))
{
    static const int32_t shift_dtypes[] = {0, NBL_INT8, NBL_INT32};
    for (unsigned index_outputs = 0; index_outputs < 32; index_outputs++)
        for (int narrow = 0; narrow < (index_outputs ? 2 : 1); narrow++)
            for (int shifts = 0; shifts < 3; shifts++)
                for (int reals = 0; reals < 7; reals++) {
                    const struct choice c = {.index_outputs = index_outputs,
                                             .index_dtype = !index_outputs ? 0
                                                            : narrow       ? NBL_INT32
                                                                           : NBL_INT64,
                                             .shift_dtype = shift_dtypes[shifts],
                                             .real_dtype = reals == 0  ? 0
                                                           : reals < 4 ? NBL_FLOAT32
                                                                       : NBL_FLOAT64,
                                             .vectors = reals > 0 && reals % 3 != 1,
                                             .distances = reals > 0 && reals % 3 != 2};
                    if (index_outputs || shifts || reals)
                        for (int kind = 0; kind < KINDS; kind++)
                            function(&c, (enum kind)kind);
                }
}

static void staged_rows_are_direct_rows(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    for_each_choice(check_choice);
    assert_true(seen.long_rows > 100);
    assert_true(seen.filled_exactly > 10);
    assert_true(seen.long_stretches > 100);
    assert_true(seen.emptied_by_stretch > 100);
    assert_true(seen.small_stretches > 100);
}

static void check_limit(const struct choice *c, enum kind kind)
{
    char text[160];
    nbl__rows rows = {.total = 0};
    void *array = positions;
    open_sink(&staged, c, 0, 0);
    nbl_outputs *out = &staged.sink.out;
    void **const fields[ARRAYS] = {&out->i,     &out->j,      &out->edge_index, &out->pairs,
                                   &out->batch, &out->shifts, &out->vectors,    &out->distances};
    size_t items[ARRAYS];
    item_bytes(c, items);
    for (int k = 0; k < ARRAYS; k++)
        if (items[k] > 0)
            *fields[k] = array;
    staged.sink.rows = &rows;
    const bool streams = staged.sink.expand->streams;
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        const uint64_t limit = (n_threads == 1 ? 160u : 32u) * 1024u * 1024u;
        const int64_t least = (int64_t)((limit + pair_bytes(c) - 1) / pair_bytes(c));
        rows.total = 0;
        bool right = !nbl__stage_pays(&staged.sink, n_threads);
        rows.total = least - 1;
        right &= !nbl__stage_pays(&staged.sink, n_threads);
        rows.total = least;
        right &= nbl__stage_pays(&staged.sink, n_threads) == streams;
        rows.total = INT64_MAX;
        right &= nbl__stage_pays(&staged.sink, n_threads) == streams;
        out->layout = NBL_LAYOUT_DENSE;
        right &= !nbl__stage_pays(&staged.sink, n_threads);
        out->layout = NBL_LAYOUT_PAIRS;
        if (!right)
            fail_msg("%s: the limit is not %lld pairs", choice_text(c, kind, text), (long long)least);
    }
}

static void it_pays_from_a_limit_on(void **state)
{
    (void)state;
    const struct choice none = {.index_outputs = 0};
    nbl__rows rows = {.total = INT64_MAX};
    for_each_choice(check_limit);
    open_sink(&staged, &none, 0, 0);
    staged.sink.rows = &rows;
    staged.sink.out.row_ptr = staged.sink.out.counts = staged.sink.out.reverse = positions;
    assert_false(nbl__stage_pays(&staged.sink, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(staged_rows_are_direct_rows),
        cmocka_unit_test(it_pays_from_a_limit_on),
    };
    const nbl__kernels *kernels;
    int failed = 0;
    random_seed(&g, 20240512);
    draw_material();
    guard_take(&stage_guard, sizeof(nbl__stage));
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        expand = kernels->expand;
        failed += cmocka_run_group_tests_name(nbl__dispatch_name(isa), tests, NULL, NULL);
    }
    for (int k = 0; k < ARRAYS; k++) {
        place_free(&staged.places[k]);
        place_free(&direct.places[k]);
    }
    guard_free(&stage_guard);
    return failed;
}
