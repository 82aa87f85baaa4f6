/* SPDX-License-Identifier: MIT */
#include "emit/expand.h"

#include <math.h>
#include <stdlib.h>

#include "base/bits.h"
#include "check.h"
#include "isa.h"
#include "place.h"

/*
 * Series of every instruction set that has them, ordinary and past the caches, against plain code. The entries
 * of each row end at an unreadable page or at the next row's; outputs begin at any multiple of 4 bytes, which
 * for values of 8 bytes is more than is asked for by anybody.
 */
enum { ROWS = 40, LONGEST = 700, MOST = 3000, IMAGES = 60, ATOMS = 170, ARRAYS = 5 };
_Static_assert((int)ATOMS >= ROWS + 2 * NBL__MASK_ATOMS, "systems of masks have positions");

static const nbl__expand *expand;

static struct random g;

static struct place i_out, j_out, shifts_out, vectors_out, distances_out;
static struct guard numbers_in, images_in, atoms_in;

static struct expected {
    int64_t n;
    int64_t i[MOST], j[MOST];
    int32_t shifts[3 * MOST];
    double vectors[3 * MOST], distances[MOST];
} expected;

static nbl__image images[IMAGES];
static int32_t w[ROWS][3];
static uint32_t counts[ROWS], numbers[MOST];
static const void *entries[ROWS];
static uint64_t masks[ROWS];
static int64_t first[ROWS + 2];

static nbl__lattice lattice;

/* With positions, atoms are those that have some. */
static void draw_images(bool reals)
{
    for (int k = 0; k < IMAGES; k++) {
        images[k].atom = (int32_t)random_int(&g, 0,
                                             reals                  ? ATOMS - 1
                                             : random_chance(&g, 4) ? INT32_MAX - 1000
                                                                    : 1000);
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

/* Behind the last atom there is one more that is read, perhaps, and means nothing. */
static const double (*draw_positions(void))[3]
{
    double(*r)[3] = guard_take(&atoms_in, (ATOMS + 1) * sizeof *r);
    for (int a = 0; a <= ATOMS; a++)
        for (int k = 0; k < 3; k++)
            r[a][k] = a < ATOMS ? random_range(&g, -9.0, 9.0) : (double)NAN;
    for (int k = 0; k < 9; k++)
        lattice.h[k / 3][k % 3] = random_range(&g, -5.0, 5.0);
    return (const double(*)[3])(void *)r;
}

/* Rows lie in memory in another order than in the list, the last of them before an unreadable page. */
static nbl__series draw_series(bool moved, bool reals)
{
    nbl__series series = {.entry = entries,
                          .count = counts,
                          .w = moved ? (const int32_t(*)[3])w : NULL,
                          .n = random_int(&g, 0, ROWS),
                          .atom = random_int(&g, 0, ATOMS - ROWS),
                          .base = random_int(&g, 0, 500),
                          .r = NULL,
                          .lattice = &lattice,
                          .rows_ahead = random_int(&g, 0, 12)};
    const int kind = (int)random_int(&g, 0, 3);
    int64_t total = 0;
    if (reals)
        series.r = draw_positions();
    draw_images(reals);
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

/* Rows of systems of up to 64 atoms, some of none, the first and the last of which may have more rows. */
static nbl__series draw_masks(bool reals)
{
    nbl__series series = {.mask = masks,
                          .first = first,
                          .n = random_int(&g, 0, ROWS),
                          .base = random_int(&g, 0, 500),
                          .past_zeros = random_chance(&g, 2)};
    const int64_t highest[] = {1, 9, 20, NBL__MASK_ATOMS};
    const int kind = (int)random_int(&g, 0, 3);
    int64_t total = 0, systems = 0, row = 0;
    if (reals)
        series.r = draw_positions();
    first[0] = random_int(&g, 0, 1000);
    for (; row < series.n; systems++) {
        const int64_t n = random_int(&g, systems == 0, highest[kind]);
        if (systems == 0)
            series.atom = random_int(&g, 0, n - 1);
        first[systems + 1] = systems == ROWS ? first[0] + series.atom + series.n : first[systems] + n;
        for (; row < series.n && first[0] + series.atom + row < first[systems + 1]; row++) {
            const int64_t of_system = first[systems + 1] - first[systems];
            const uint64_t all = UINT64_MAX >> (NBL__MASK_ATOMS - of_system), bits = random_bits(&g);
            masks[row] = (random_chance(&g, 3) ? bits : random_chance(&g, 5) ? 0 : UINT64_MAX) & all;
            const uint32_t count = nbl__count_bits(masks[row]);
            masks[row] = total + count > MOST ? 0 : masks[row];
            total += total + count > MOST ? 0 : count;
        }
    }
    return series;
}

static void add_expected(const nbl__series *series, int64_t row, nbl__image image)
{
    const int64_t n = expected.n++, atom = series->atom + row;
    expected.i[n] = series->base + atom;
    expected.j[n] = series->base + image.atom;
    memcpy(expected.shifts + 3 * n, image.shift, sizeof image.shift);
    if (series->r)
        expected.distances[n] =
            sqrt(nbl__exact_d2(series->r[atom], series->r[image.atom], (const double(*)[3])lattice.h,
                               image.shift[0], image.shift[1], image.shift[2], expected.vectors + 3 * n));
}

static void expect_masks(const nbl__series *series)
{
    int64_t system = 0;
    expected.n = 0;
    for (int64_t row = 0; row < series->n; row++) {
        while (first[system + 1] <= first[0] + series->atom + row)
            system++;
        for (int32_t k = 0; k < NBL__MASK_ATOMS; k++)
            if (masks[row] >> k & 1)
                add_expected(series, row, (nbl__image){.atom = (int32_t)(first[system] - first[0]) + k});
    }
}

static void expect(const nbl__series *series)
{
    expected.n = 0;
    for (int64_t row = 0; row < series->n; row++)
        for (uint32_t e = 0; e < series->count[row]; e++) {
            nbl__image image = images[((const uint32_t *)series->entry[row])[e]];
            for (int k = 0; k < 3 && series->w; k++)
                image.shift[k] += series->w[row][k];
            add_expected(series, row, image);
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

static void check_reals(const struct place *place, const double *values, int64_t n, bool floats,
                        const char *name)
{
    assert_true(place_untouched_outside(place));
    for (int64_t e = 0; e < n; e++) {
        double wide;
        float half;
        if (floats) {
            memcpy(&half, place->at + 4 * e, sizeof half);
            if (memcmp(&half, &(float){(float)values[e]}, sizeof half) != 0)
                fail_msg("%s: value %lld is %g, not %g", name, (long long)e, (double)half, values[e]);
        } else {
            memcpy(&wide, place->at + 8 * e, sizeof wide);
            if (memcmp(&wide, &values[e], sizeof wide) != 0)
                fail_msg("%s: value %lld is %.17g, not %.17g", name, (long long)e, wide, values[e]);
        }
    }
}

/* Rows of images in one place, of moved ones, and masks. */
enum { STILL, MOVED, MASKS, KINDS };

static void check_series(int which, bool narrow, int kind)
{
    const bool reals = which >> 3 != 0, floats = random_chance(&g, 2);
    const nbl__series series = kind == MASKS ? draw_masks(reals) : draw_series(kind == MOVED, reals);
    const size_t item = narrow ? sizeof(int32_t) : sizeof(int64_t),
                 real = floats ? sizeof(float) : sizeof(double);
    if (kind == MASKS)
        expect_masks(&series);
    else
        expect(&series);
    const nbl__series_arrays to = {which & 1 ? take(&i_out, item) : NULL,
                                   which & 2 ? take(&j_out, item) : NULL,
                                   which & 4 ? take(&shifts_out, 3 * sizeof(int32_t)) : NULL,
                                   which & 8 ? take(&vectors_out, 3 * real) : NULL,
                                   which & 16 ? take(&distances_out, real) : NULL,
                                   floats};
    (narrow ? expand->series32 : expand->series64)(&series, &to);
    if (expand->fence)
        expand->fence();
    if (to.i)
        check_indices(&i_out, expected.i, narrow, "i");
    if (to.j)
        check_indices(&j_out, expected.j, narrow, "j");
    if (to.vectors)
        check_reals(&vectors_out, expected.vectors, 3 * expected.n, floats, "vectors");
    if (to.distances)
        check_reals(&distances_out, expected.distances, expected.n, floats, "distances");
    if (!to.shifts)
        return;
    assert_true(place_untouched_outside(&shifts_out));
    if (expected.n > 0)
        assert_memory_equal(shifts_out.at, expected.shifts, 3 * (size_t)expected.n * sizeof(int32_t));
}

static void series_are_rows_one_after_the_other(void **state)
{
    enum { TURNS = 120 };
    (void)state;
    for (int turn = 0; turn < TURNS; turn++)
        for (int which = 1; which < 1 << ARRAYS; which++)
            for (int variant = 0; variant < 2 * KINDS; variant++)
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
    place_free(&vectors_out);
    place_free(&distances_out);
    guard_free(&numbers_in);
    guard_free(&images_in);
    guard_free(&atoms_in);
    return failed;
}
