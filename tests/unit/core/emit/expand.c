/* SPDX-License-Identifier: MIT */
#include "emit/expand.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "isa.h"
#include "place.h"

/*
 * Every function of every instruction set, ordinary or past the caches, against plain code. All that is read or
 * written ends at an unreadable page, outputs also up to 64 bytes before it, so that they begin at any
 * alignment of their type.
 */
enum { LONGEST = 40, IMAGES = 50, ATOMS = 30, TURNS = 12 };

static const nbl__expand *expand; /* of the instruction set at hand */

static struct random g;

static struct place first_out, second_out, third_out;
static struct guard numbers_in, images_in, atoms_in;

static void *take(struct place *place, size_t bytes, size_t align)
{
    return place_take(place, &g, bytes, align);
}

/* The bytes that are expected, and nothing else: before and behind them. */
static void check_place(const struct place *place, const void *expected, const char *what, int64_t count)
{
    if (expand->fence)
        expand->fence();
    if (!place_untouched_outside(place))
        fail_msg("%s, %lld entries: bytes outside were written", what, (long long)count);
    if (place->bytes > 0 && memcmp(place->at, expected, place->bytes) != 0)
        fail_msg("%s, %lld entries: wrong bytes", what, (long long)count);
}

static void *take_input(struct guard *guard, const void *from, size_t bytes)
{
    void *at = guard_take(guard, bytes);
    if (bytes > 0)
        memcpy(at, from, bytes);
    return at;
}

static int32_t pick_int32(int64_t least, int64_t most)
{
    const int64_t small = random_int(&g, -3, 3);
    switch (random_int(&g, 0, 3)) {
    case 0:
        return (int32_t)least;
    case 1:
        return (int32_t)most;
    case 2:
        return (int32_t)random_int(&g, least, most);
    default:
        return (int32_t)(small < least ? least : small > most ? most : small);
    }
}

/* Shifts whose sums with w reach both ends of int32. */
static void draw_images(nbl__view *view, int64_t highest_atom)
{
    nbl__image images[IMAGES];
    for (int k = 0; k < 3; k++)
        view->w[k] = pick_int32(INT32_MIN, INT32_MAX);
    for (int i = 0; i < IMAGES; i++) {
        images[i].atom = (int32_t)random_int(&g, random_chance(&g, 4) ? highest_atom : 0, highest_atom);
        for (int k = 0; k < 3; k++) {
            const int64_t w = view->w[k];
            images[i].shift[k] =
                pick_int32(w < 0 ? INT32_MIN - w : INT32_MIN, w > 0 ? INT32_MAX - w : INT32_MAX);
        }
    }
    view->images = take_input(&images_in, images, sizeof images);
}

static void draw_numbers(nbl__view *view, int64_t highest)
{
    uint32_t numbers[LONGEST];
    for (uint32_t e = 0; e < view->count; e++)
        numbers[e] = (uint32_t)random_int(&g, random_chance(&g, 8) ? highest : 0, highest);
    view->number = take_input(&numbers_in, numbers, view->count * sizeof *numbers);
}

static void check_pairs(uint32_t count, bool narrow, bool with_i, bool with_j, bool with_shifts)
{
    const int64_t bases[] = {0, 1, narrow ? 1000000 : INT64_MAX - INT32_MAX, random_int(&g, 0, 1000)};
    const int64_t base = bases[random_int(&g, 0, 3)];
    nbl__view view = {.count = count, .atom = random_int(&g, 0, INT32_MAX - (narrow ? base : 0))};
    int32_t i32[LONGEST], j32[LONGEST], shifts[3 * LONGEST];
    int64_t i64[LONGEST], j64[LONGEST];
    draw_images(&view, INT32_MAX - (narrow ? base : 0));
    draw_numbers(&view, IMAGES - 1);
    for (uint32_t e = 0; e < count; e++) {
        const nbl__image image = view.images[view.number[e]];
        i64[e] = view.atom + base;
        i32[e] = (int32_t)i64[e];
        j64[e] = image.atom + base;
        j32[e] = (int32_t)j64[e];
        for (int k = 0; k < 3; k++)
            shifts[3 * e + (uint32_t)k] = image.shift[k] + view.w[k];
    }
    const size_t item = narrow ? sizeof *j32 : sizeof *j64;
    void *to_j = with_j ? take(&first_out, count * item, item) : NULL;
    void *to_shifts = with_shifts ? take(&second_out, 3 * count * sizeof *shifts, sizeof *shifts) : NULL;
    void *to_i = with_i ? take(&third_out, count * item, item) : NULL;
    (narrow ? expand->pairs32 : expand->pairs64)(&view, base, to_i, to_j, to_shifts);
    if (with_i)
        check_place(&third_out, narrow ? (void *)i32 : (void *)i64, narrow ? "i of pairs32" : "i of pairs64",
                    count);
    if (with_j)
        check_place(&first_out, narrow ? (void *)j32 : (void *)j64, narrow ? "pairs32" : "pairs64", count);
    if (with_shifts)
        check_place(&second_out, shifts, narrow ? "shifts of pairs32" : "shifts of pairs64", count);
}

static void pairs_are_images_shifted(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= LONGEST; count++)
        for (int variant = 0; variant < 12 * TURNS; variant++)
            check_pairs(count, variant % 2, variant / 6 % 2, variant / 2 % 3 != 0, variant / 2 % 3 != 1);
}

static void put(void *out, bool narrow, int64_t at, int64_t value)
{
    if (narrow)
        ((int32_t *)out)[at] = (int32_t)value;
    else
        ((int64_t *)out)[at] = value;
}

static int64_t draw_value(bool narrow)
{
    const int64_t values[] = {0,
                              1,
                              -1,
                              narrow ? INT32_MAX : INT64_MAX,
                              narrow ? INT32_MIN : INT64_MIN,
                              narrow ? INT32_MAX / 3 : INT64_MAX / 3};
    return values[random_int(&g, 0, 5)];
}

static void fills_end_with_the_row(void **state)
{
    (void)state;
    for (int64_t count = 0; count <= 3 * LONGEST; count++)
        for (int variant = 0; variant < 2 * TURNS; variant++) {
            const bool narrow = variant % 2;
            const size_t item = narrow ? sizeof(int32_t) : sizeof(int64_t);
            const int64_t value = draw_value(narrow);
            int64_t expected[3 * LONGEST];
            for (int64_t e = 0; e < count; e++)
                put(expected, narrow, e, value);
            void *to = take(&first_out, (size_t)count * item, item);
            (narrow ? expand->fill32 : expand->fill64)(to, count, value);
            check_place(&first_out, expected, narrow ? "fill32" : "fill64", count);
        }
}

/* Rows of one length, short and long ones beside each other, empty ones at the end. */
static void rows_count_upwards(void **state)
{
    enum { ROWS = 20, MOST = 20 };
    (void)state;
    for (int turn = 0; turn < 500 * TURNS; turn++) {
        const bool narrow = turn % 2;
        const size_t item = narrow ? sizeof(int32_t) : sizeof(int64_t);
        const int64_t n = random_int(&g, 0, ROWS), longest = random_int(&g, 0, MOST);
        const int64_t shortest = random_chance(&g, 3) ? longest : 0;
        const int64_t value = narrow ? random_int(&g, 0, INT32_MAX - ROWS) : (int64_t)(random_bits(&g) >> 2);
        uint32_t counts[ROWS];
        int64_t expected[ROWS * MOST], total = 0;
        for (int64_t k = 0; k < n; k++) {
            counts[k] = random_chance(&g, 4) ? 0 : (uint32_t)random_int(&g, shortest, longest);
            for (uint32_t e = 0; e < counts[k]; e++)
                put(expected, narrow, total++, value + k);
        }
        const uint32_t *given = take_input(&numbers_in, counts, (size_t)n * sizeof *counts);
        void *to = take(&first_out, (size_t)total * item, item);
        (narrow ? expand->rows32 : expand->rows64)(to, given, n, value);
        check_place(&first_out, expected, narrow ? "rows32" : "rows64", total);
    }
}

static void atoms_are_numbers_and_a_base(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= LONGEST; count++)
        for (int variant = 0; variant < 2 * TURNS; variant++) {
            const bool narrow = variant % 2;
            const size_t item = narrow ? sizeof(int32_t) : sizeof(int64_t);
            const int64_t bases[] = {0, 1, narrow ? INT32_MAX : INT64_MAX - INT32_MAX, random_int(&g, 0, 1000)};
            const int64_t base = bases[random_int(&g, 0, 3)];
            nbl__view view = {.count = count};
            int64_t expected[LONGEST];
            draw_numbers(&view, INT32_MAX - (narrow ? base : 0));
            for (uint32_t e = 0; e < count; e++)
                put(expected, narrow, e, view.number[e] + base);
            void *to = take(&first_out, count * item, item);
            (narrow ? expand->atoms32 : expand->atoms64)(to, view.number, count, base);
            check_place(&first_out, expected, narrow ? "atoms32" : "atoms64", count);
        }
}

/* Few bits, many, all; of low and of high atoms. */
static uint64_t draw_mask(void)
{
    const uint64_t bits = random_bits(&g), among = random_chance(&g, 2) ? 0x1ff : UINT64_MAX;
    switch (random_int(&g, 0, 3)) {
    case 0:
        return bits & random_bits(&g) & among;
    case 1:
        return among;
    default:
        return bits & among;
    }
}

static void masks_are_atoms(void **state)
{
    enum { ROWS = 12 };
    (void)state;
    for (int turn = 0; turn < 200 * TURNS; turn++) {
        const int64_t n = random_int(&g, 0, ROWS);
        const uint32_t base =
            random_chance(&g, 2) ? 0 : (uint32_t)random_int(&g, 1, INT32_MAX - NBL__MASK_ATOMS);
        uint64_t masks[ROWS];
        uint32_t expected[ROWS * NBL__MASK_ATOMS];
        size_t total = 0;
        for (int64_t k = 0; k < n; k++) {
            masks[k] = draw_mask();
            for (uint32_t j = 0; j < NBL__MASK_ATOMS; j++)
                if (masks[k] >> j & 1)
                    expected[total++] = base + j;
        }
        const uint64_t *given = take_input(&numbers_in, masks, (size_t)n * sizeof *masks);
        uint32_t *to = guard_take(&atoms_in, (total + NBL__EXPAND_OVERRUN) * sizeof *to);
        assert_ptr_equal(expand->masks(given, n, base, to), to + total);
        assert_memory_equal(to, expected, total * sizeof *to);
        assert_true(guard_front_untouched(&atoms_in));
    }
}

/* Of every number of rows, as long as they can be, from any sum on. */
static void offsets_are_sums(void **state)
{
    enum { ROWS = 40 };
    (void)state;
    for (int turn = 0; turn < 200 * TURNS; turn++) {
        const int64_t n = turn % (ROWS + 1), at = (int64_t)(random_bits(&g) >> random_int(&g, 2, 60));
        const uint32_t highest = random_chance(&g, 2) ? UINT32_MAX : 90;
        uint32_t counts[ROWS], most = 0, longest = 1;
        int64_t expected[ROWS], sum = at;
        for (int64_t k = 0; k < n; k++) {
            counts[k] = (uint32_t)random_int(&g, random_chance(&g, 3) ? highest : 0, highest);
            expected[k] = sum;
            sum += counts[k];
            most = counts[k] > most ? counts[k] : most;
        }
        const uint32_t *given = take_input(&numbers_in, counts, (size_t)n * sizeof *counts);
        int64_t *to = take(&first_out, (size_t)n * sizeof *to, sizeof *to);
        check_int(expand->offsets(given, n, at, to, &longest), sum);
        check_int(longest, most);
        check_place(&first_out, expected, "offsets", n);
    }
}

/* -------------------------------------------------------------------------------------- vectors, distances */

static double draw_signed(double least, double most)
{
    const double x = random_log(&g, least, most);
    return random_chance(&g, 2) ? x : -x;
}

/* Ordinary, such that squares overflow or vanish, subnormal, all at once; some of them zero. No sum overflows.
 */
static double draw_real(int kind, double most)
{
    static const double least[] = {0.1, 1e150, 1e-200, 5e-324, 1e-300};
    const double highest[] = {10, most, 1e-140, 1e-307, most};
    if (random_chance(&g, 8))
        return random_chance(&g, 2) ? 0.0 : -0.0;
    return draw_signed(least[kind], highest[kind]);
}

/* Of the atoms that can be named; behind them one more that is read, perhaps, and means nothing. */
static const double (*draw_atoms(int kind))[3]
{
    double r[ATOMS + 1][3];
    for (int i = 0; i <= ATOMS; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = i < ATOMS ? draw_real(kind, 1e300) : (double)NAN;
    return take_input(&atoms_in, r, sizeof r);
}

static void expected_reals(const nbl__view *view, bool narrow, void *vectors, void *distances)
{
    for (uint32_t e = 0; e < view->count; e++) {
        double d[3];
        const double x = sqrt(nbl__view_d2(view, e, d));
        for (int k = 0; k < 3; k++)
            if (narrow)
                ((float *)vectors)[3 * e + (uint32_t)k] = (float)d[k];
            else
                ((double *)vectors)[3 * e + (uint32_t)k] = d[k];
        if (narrow)
            ((float *)distances)[e] = (float)x;
        else
            ((double *)distances)[e] = x;
    }
}

static void check_reals(uint32_t count, int variant, int kind)
{
    const bool narrow = variant % 2, plain = variant / 2 % 2;
    const bool with_vectors = variant / 4 % 3 != 0, with_distances = variant / 4 % 3 != 1;
    const size_t item = narrow ? sizeof(float) : sizeof(double);
    nbl__lattice lattice = nbl__lattice_open;
    nbl__view view = {.count = count, .lattice = &lattice};
    view.atom = random_int(&g, 0, ATOMS - 1);
    view.r = draw_atoms(kind);
    double vectors[3 * LONGEST], distances[LONGEST];
    const int kind_of_cell = random_chance(&g, 2) ? kind : 0;
    for (int k = 0; k < 9 && !plain; k++)
        lattice.h[k / 3][k % 3] = draw_real(kind_of_cell, 1e290);
    if (!plain)
        draw_images(&view, ATOMS - 1);
    draw_numbers(&view, plain ? ATOMS - 1 : IMAGES - 1);
    expected_reals(&view, narrow, vectors, distances);
    void *to_vectors = with_vectors ? take(&first_out, 3 * count * item, item) : NULL;
    void *to_distances = with_distances ? take(&second_out, count * item, item) : NULL;
    (narrow ? expand->reals32 : expand->reals64)(&view, to_vectors, to_distances);
    if (with_vectors)
        check_place(&first_out, vectors, narrow ? "vectors of reals32" : "vectors of reals64", count);
    if (with_distances)
        check_place(&second_out, distances, narrow ? "distances of reals32" : "distances of reals64", count);
}

static void reals_are_those_of_the_formula(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= LONGEST; count++)
        for (int variant = 0; variant < 12; variant++)
            for (int turn = 0; turn < TURNS; turn++)
                check_reals(count, variant, turn % 5);
}

/* ------------------------------------------------------------ what cannot be written past the caches at all */

/* Values of 8 bytes at odd multiples of 4. Two arrays that are never at multiples of 16 together come above. */
static void misplaced_arrays_are_written_too(void **state)
{
    (void)state;
    for (uint32_t count = 0; count <= LONGEST; count++)
        for (int turn = 0; turn < 4 * TURNS; turn++) {
            int64_t values[LONGEST];
            nbl__view view = {.count = count};
            draw_numbers(&view, INT32_MAX);
            for (uint32_t e = 0; e < count; e++)
                values[e] = 7;
            void *to = take(&first_out, count * sizeof *values, sizeof(int32_t));
            expand->fill64(to, count, 7);
            check_place(&first_out, values, "misplaced fill64", count);
            for (uint32_t e = 0; e < count; e++)
                values[e] = view.number[e] + (int64_t)turn;
            to = take(&first_out, count * sizeof *values, sizeof(int32_t));
            expand->atoms64(to, view.number, count, turn);
            check_place(&first_out, values, "misplaced atoms64", count);
            to = take(&first_out, count * sizeof *values, sizeof(int32_t));
            for (uint32_t e = 0; e < count; e++)
                values[e] = -1;
            expand->rows64(to, &count, 1, -1);
            check_place(&first_out, values, "misplaced rows64", count);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_images_shifted),
        cmocka_unit_test(fills_end_with_the_row),
        cmocka_unit_test(rows_count_upwards),
        cmocka_unit_test(atoms_are_numbers_and_a_base),
        cmocka_unit_test(reals_are_those_of_the_formula),
    };
    const struct CMUnitTest ordinary[] = {
        cmocka_unit_test(masks_are_atoms),
        cmocka_unit_test(offsets_are_sums),
    };
    const struct CMUnitTest misplaced[] = {cmocka_unit_test(misplaced_arrays_are_written_too)};
    const nbl__kernels *kernels;
    int failed = 0;
    random_seed(&g, 20240511);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        expand = kernels->expand;
        failed += cmocka_run_group_tests_name(nbl__dispatch_name(isa), tests, NULL, NULL);
        failed += cmocka_run_group_tests_name("ordinary", ordinary, NULL, NULL);
        expand = kernels->expand->past;
        if (!expand)
            continue;
        failed += cmocka_run_group_tests_name("past the caches", tests, NULL, NULL);
        failed += cmocka_run_group_tests_name("past the caches, misplaced", misplaced, NULL, NULL);
    }
    place_free(&first_out);
    place_free(&third_out);
    place_free(&second_out);
    guard_free(&numbers_in);
    guard_free(&images_in);
    guard_free(&atoms_in);
    return failed;
}
