/* SPDX-License-Identifier: MIT */
#include "emit/expand.h"

#include <stdlib.h>

#include "check.h"
#include "isa.h"
#include "place.h"

/*
 * Series of every instruction set that has them, ordinary and past the caches, against plain code. The entries
 * of each row end at an unreadable page or at the next row's; outputs begin at any multiple of 4 bytes, which
 * for values of 8 bytes is more than is asked for by anybody.
 */
enum { ROWS = 40, LONGEST = 700, MOST = 3000, IMAGES = 60 };

static const nbl__expand *expand;

static struct random g;

static struct place i_out, j_out, shifts_out;
static struct guard numbers_in, images_in;

static struct expected {
    int64_t n;
    int64_t i[MOST], j[MOST];
    int32_t shifts[3 * MOST];
} expected;

static nbl__image images[IMAGES];
static int32_t w[ROWS][3];
static uint32_t counts[ROWS], numbers[MOST];
static const void *entries[ROWS];

static void draw_images(void)
{
    for (int k = 0; k < IMAGES; k++) {
        images[k].atom = (int32_t)random_int(&g, 0, random_chance(&g, 4) ? INT32_MAX - 1000 : 1000);
        for (int a = 0; a < 3; a++)
            images[k].shift[a] = (int32_t)(random_chance(&g, 4) ? random_int(&g, INT32_MIN / 2, INT32_MAX / 2)
                                                                : random_int(&g, -2, 2));
    }
}

/* Empty rows, rows of few entries, of about a group or a line of them, and of more than are taken at once. */
static uint32_t draw_count(int kind)
{
    const int64_t highest[] = {3, 20, 70, LONGEST};
    return random_chance(&g, 5) ? 0 : (uint32_t)random_int(&g, 0, highest[kind]);
}

/* Rows lie in memory in another order than in the list, the last of them before an unreadable page. */
static nbl__series draw_series(bool moved)
{
    nbl__series series = {.entry = entries,
                          .count = counts,
                          .w = moved ? (const int32_t(*)[3])w : NULL,
                          .n = random_int(&g, 0, ROWS),
                          .base = random_int(&g, 0, 500),
                          .i = random_int(&g, 0, 100000),
                          .far = random_chance(&g, 2)};
    const int kind = (int)random_int(&g, 0, 3);
    int64_t total = 0;
    draw_images();
    for (int64_t row = 0; row < series.n; row++) {
        counts[row] = draw_count(kind);
        if (total + counts[row] > MOST)
            counts[row] = 0;
        total += counts[row];
        for (int k = 0; k < 3; k++)
            w[row][k] = (int32_t)(random_chance(&g, 4) ? random_int(&g, INT32_MIN / 2, INT32_MAX / 2)
                                                       : random_int(&g, -2, 2));
    }
    for (int64_t e = 0; e < total; e++)
        numbers[e] = (uint32_t)random_int(&g, 0, IMAGES - 1);
    uint32_t *at = guard_take(&numbers_in, (size_t)total * sizeof *at);
    if (total > 0)
        memcpy(at, numbers, (size_t)total * sizeof *at);
    const bool backwards = random_chance(&g, 2);
    for (int64_t k = 0; k < series.n; k++) {
        const int64_t row = backwards ? series.n - 1 - k : k;
        entries[row] = at;
        at += counts[row];
    }
    series.images = guard_take(&images_in, sizeof images);
    memcpy((void *)series.images, images, sizeof images);
    return series;
}

static void expect(const nbl__series *series)
{
    expected.n = 0;
    for (int64_t row = 0; row < series->n; row++)
        for (uint32_t e = 0; e < series->count[row]; e++) {
            const nbl__image image = images[((const uint32_t *)series->entry[row])[e]];
            expected.i[expected.n] = series->i + row;
            expected.j[expected.n] = series->base + image.atom;
            for (int k = 0; k < 3; k++)
                expected.shifts[3 * expected.n + k] = image.shift[k] + (series->w ? series->w[row][k] : 0);
            expected.n++;
        }
}

static void *take(struct place *place, size_t item)
{
    return place_take(place, &g, (size_t)expected.n * item, sizeof(int32_t));
}

static int64_t value_at(const struct place *place, bool narrow, int64_t e)
{
    int64_t wide;
    int32_t half;
    memcpy(&half, place->at + 4 * e, sizeof half);
    if (narrow)
        return half;
    memcpy(&wide, place->at + 8 * e, sizeof wide);
    return wide;
}

static void check_indices(const struct place *place, const int64_t *values, bool narrow, const char *name)
{
    assert_true(place_untouched_outside(place));
    for (int64_t e = 0; e < expected.n; e++)
        if (value_at(place, narrow, e) != values[e])
            fail_msg("%s of entry %lld is %lld, not %lld", name, (long long)e,
                     (long long)value_at(place, narrow, e), (long long)values[e]);
}

static void check_series(int which, bool narrow, bool moved)
{
    const nbl__series series = draw_series(moved);
    const size_t item = narrow ? sizeof(int32_t) : sizeof(int64_t);
    expect(&series);
    void *i = which & 1 ? take(&i_out, item) : NULL, *j = which & 2 ? take(&j_out, item) : NULL,
         *shifts = which & 4 ? take(&shifts_out, 3 * sizeof(int32_t)) : NULL;
    (narrow ? expand->series32 : expand->series64)(&series, i, j, shifts);
    if (expand->fence)
        expand->fence();
    if (i)
        check_indices(&i_out, expected.i, narrow, "i");
    if (j)
        check_indices(&j_out, expected.j, narrow, "j");
    if (!shifts)
        return;
    assert_true(place_untouched_outside(&shifts_out));
    if (expected.n > 0)
        assert_memory_equal(shifts_out.at, expected.shifts, 3 * (size_t)expected.n * sizeof(int32_t));
}

static void series_are_rows_one_after_the_other(void **state)
{
    enum { TURNS = 400 };
    (void)state;
    for (int turn = 0; turn < TURNS; turn++)
        for (int which = 1; which < 8; which++)
            for (int variant = 0; variant < 4; variant++)
                check_series(which, variant & 1, variant >> 1);
}

static void moved_is_what_has_any_w(void **state)
{
    int32_t rows[5][3] = {{0}};
    (void)state;
    assert_false(nbl__series_is_moved(NULL, 5));
    assert_false(nbl__series_is_moved((const int32_t(*)[3])rows, 5));
    for (int k = 0; k < 15; k++) {
        rows[k / 3][k % 3] = k % 2 ? -1 : INT32_MIN;
        for (int n = 0; n <= 5; n++)
            check_int(nbl__series_is_moved((const int32_t(*)[3])rows, n), n > k / 3);
        rows[k / 3][k % 3] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(series_are_rows_one_after_the_other)};
    const struct CMUnitTest of_rows[] = {cmocka_unit_test(moved_is_what_has_any_w)};
    const nbl__kernels *kernels;
    int failed = cmocka_run_group_tests(of_rows, NULL, NULL);
    random_seed(&g, 20261127);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        expand = kernels->expand;
        if (!expand->series64)
            continue;
        failed += cmocka_run_group_tests_name(nbl__dispatch_name(isa), tests, NULL, NULL);
        expand = kernels->expand->past;
        failed += cmocka_run_group_tests_name("past the caches", tests, NULL, NULL);
    }
    place_free(&i_out);
    place_free(&j_out);
    place_free(&shifts_out);
    guard_free(&numbers_in);
    guard_free(&images_in);
    return failed;
}
