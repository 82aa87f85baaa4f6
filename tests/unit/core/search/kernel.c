/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "guard.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/*
 * Every level is held to plain loops over the same arrays. Each array ends at an unreadable page, right behind
 * the entries that an instance may read or write beyond the last; those hold what would be noticed if it
 * counted.
 */
/* MOST is more than an instance takes of a row at a time. */
enum { MOST = 1100, SHORT = 70, OVERRUN = NBL__KERNEL_OVERRUN };

/* ---- rows ---- */

/* Points that rows are made of, and what comes out; all arrays end at an unreadable page. */
struct table {
    struct guard guards[9];
    nbl__near near;
    uint32_t *homes, *out, *counts;
    float *d2;
    size_t room;
    uint32_t expected_counts[MOST], *expected, total;
    double *lengths2;
    bool doubtful; /* an entry is within the band */
    bool perhaps;  /* a point is, be it wanted in the row or not */
};

static void open_table(struct table *t, uint32_t n, bool own_key)
{
    const size_t room = n + OVERRUN;
    float **coordinates[] = {&t->near.x, &t->near.y, &t->near.z};
    for (int k = 0; k < 3; k++)
        *coordinates[k] = guard_take(&t->guards[k], room * sizeof(float));
    t->near.number = guard_take(&t->guards[3], room * sizeof(uint32_t));
    t->near.key = own_key ? t->near.number : guard_take(&t->guards[4], room * sizeof(uint32_t));
    t->near.n = n;
    for (uint32_t k = n; k < n + OVERRUN; k++)
        t->near.x[k] = t->near.y[k] = t->near.z[k] = HUGE_VALF;
}

static void close_table(struct table *t)
{
    for (int k = 0; k < 9; k++)
        guard_free(&t->guards[k]);
    free(t->expected);
    free(t->lengths2);
}

/* All different, from 0 up to UINT32_MAX - 1; ascending, or in any order. */
static void make_tags(struct random *g, uint32_t *tags, uint32_t n, bool ascending)
{
    int64_t order[MOST];
    const uint32_t kinds[] = {1, 3, n > 1 ? (UINT32_MAX - 1) / (n - 1) : 1};
    const uint32_t step = kinds[random_int(g, 0, 2)];
    const uint32_t base = random_chance(g, 2) || n == 0 ? 0 : UINT32_MAX - 1 - step * (n - 1);
    random_permutation(g, n, order);
    for (uint32_t k = 0; k < n; k++)
        tags[k] = base + step * (ascending ? k : (uint32_t)order[k]);
}

static double distance2(const nbl__near *near, uint32_t a, uint32_t b)
{
    const double dx = (double)near->x[a] - (double)near->x[b], dy = (double)near->y[a] - (double)near->y[b],
                 dz = (double)near->z[a] - (double)near->z[b];
    return dx * dx + dy * dy + dz * dz;
}

static uint32_t home_of(const nbl__ask *ask, uint32_t row)
{
    return ask->homes ? ask->homes[row] : ask->first + row;
}

static bool is_wanted(const nbl__near *near, const nbl__ask *ask, uint32_t home, uint32_t k)
{
    if (k == home)
        return ask->self;
    return !ask->half || near->key[k] > near->key[home];
}

/* The rows by plain loops. */
static void expect_rows(struct table *t, const nbl__ask *ask)
{
    const nbl__near *near = &t->near;
    t->room = (size_t)ask->n_rows * near->n + OVERRUN;
    t->expected = realloc(t->expected, t->room * sizeof *t->expected);
    t->lengths2 = realloc(t->lengths2, t->room * sizeof *t->lengths2);
    assert_true(t->expected && t->lengths2);
    t->doubtful = t->perhaps = false;
    t->total = 0;
    for (uint32_t row = 0; row < ask->n_rows; row++) {
        const uint32_t home = home_of(ask, row), before = t->total;
        for (uint32_t k = 0; k < near->n; k++) {
            const double d2 = distance2(near, k, home);
            t->perhaps |= d2 < (double)ask->band.outer && !(d2 < (double)ask->band.inner);
            if (!is_wanted(near, ask, home, k) || !(d2 < (double)ask->band.outer))
                continue;
            t->doubtful |= !(d2 < (double)ask->band.inner);
            t->expected[t->total] = near->number[k];
            t->lengths2[t->total++] = d2;
        }
        t->expected_counts[row] = t->total - before;
    }
}

/* Entries of an array beyond the last, up to its end, hold the pattern that they began with. */
static void check_beyond(const void *array, size_t from, size_t room)
{
    const unsigned char *bytes = array;
    for (size_t k = from * sizeof(uint32_t); k < room * sizeof(uint32_t); k++)
        check_int(bytes[k], 0xa5);
}

static uint32_t make_rows(const nbl__kernels *kernels, struct table *t, const nbl__ask *ask, bool with_d2,
                          bool *close)
{
    t->out = guard_take(&t->guards[5], t->room * sizeof *t->out);
    t->d2 = with_d2 ? guard_take(&t->guards[6], t->room * sizeof *t->d2) : NULL;
    t->counts = guard_take(&t->guards[7], ask->n_rows * sizeof *t->counts);
    return kernels->rows(&t->near, ask, t->out, t->d2, t->counts, close);
}

static void check_rows(const nbl__kernels *kernels, struct table *t, const nbl__ask *ask)
{
    expect_rows(t, ask);
    for (int with_d2 = 0; with_d2 < 2; with_d2++) {
        bool close = !t->doubtful;
        const uint32_t total = make_rows(kernels, t, ask, with_d2, &close);
        check_int(total, t->total);
        if (total > 0)
            assert_memory_equal(t->out, t->expected, total * sizeof *t->out);
        if (ask->n_rows > 0)
            assert_memory_equal(t->counts, t->expected_counts, ask->n_rows * sizeof *t->counts);
        assert_true(close ? with_d2 ? t->doubtful : t->perhaps : !t->doubtful);
        check_beyond(t->out, total + OVERRUN, t->room);
        for (uint32_t e = 0; e < total && with_d2; e++)
            assert_true((double)t->d2[e] == t->lengths2[e]);
        if (with_d2)
            check_beyond(t->d2, total + OVERRUN, t->room);
        for (int k = 5; k < (with_d2 ? 8 : 6); k++)
            assert_true(guard_front_untouched(&t->guards[k]));
    }
}

/* The points of a table on a lattice, with any numbers and keys; and any question about them. */
static void lattice_table(struct table *t, struct random *g, uint32_t n, nbl__ask *ask)
{
    const bool own_key = random_chance(g, 3);
    ask->ordered = random_chance(g, 2);
    open_table(t, n, own_key);
    make_tags(g, t->near.key, n, ask->ordered);
    if (!own_key)
        make_tags(g, t->near.number, n, random_chance(g, 3));
    for (uint32_t k = 0; k < n; k++) {
        t->near.x[k] = 0.25f * (float)random_int(g, -8, 8);
        t->near.y[k] = 0.25f * (float)random_int(g, -8, 8);
        t->near.z[k] = 0.25f * (float)random_int(g, -8, 8);
    }
    ask->half = random_chance(g, 2);
    ask->self = random_chance(g, 2);
    ask->band.inner = random_chance(g, 8) ? 0.0f : (float)random_int(g, 0, 100) / 16.0f;
    ask->band.outer = ask->band.inner + (float)(random_chance(g, 2) ? 0 : random_int(g, 1, 8)) / 16.0f;
    if (random_chance(g, 20))
        ask->band = (nbl__band){0.0f, HUGE_VALF};
    ask->first = random_chance(g, 2) ? 0 : (uint32_t)random_int(g, 0, n);
    ask->n_rows = (uint32_t)random_int(g, 0, n - ask->first);
    ask->homes = NULL;
    if (n == 0 || random_chance(g, 2))
        return;
    ask->n_rows = (uint32_t)random_int(g, 0, n);
    t->homes = guard_take(&t->guards[8], ask->n_rows * sizeof *t->homes);
    for (uint32_t row = 0; row < ask->n_rows; row++)
        t->homes[row] = (uint32_t)random_int(g, 0, n - 1);
    ask->homes = t->homes;
    ask->first = 12345678;
}

static void every_level_makes_the_same_rows(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct table t;
        struct random g;
        random_seed(&g, 34);
        memset(&t, 0, sizeof t);
        for (int64_t trial = scale_count(4000, 300); trial > 0; trial--) {
            nbl__ask ask;
            const uint32_t most = random_chance(&g, 20) ? MOST : random_chance(&g, 4) ? SHORT : 20;
            lattice_table(&t, &g, (uint32_t)random_int(&g, 0, most), &ask);
            check_rows(kernels, &t, &ask);
        }
        close_table(&t);
    }
}

/* Every number of points, every combination of what may be asked, every centre. */
static void rows_of_every_length(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct table t;
        struct random g;
        random_seed(&g, 35);
        memset(&t, 0, sizeof t);
        for (uint32_t n = 0; n <= SHORT; n++)
            for (int kind = 0; kind < 16; kind++) {
                nbl__ask ask;
                do
                    lattice_table(&t, &g, n, &ask);
                while (ask.ordered != (kind & 1));
                ask.half = kind >> 1 & 1;
                ask.self = kind >> 2 & 1;
                ask.homes = NULL;
                ask.first = 0;
                ask.n_rows = n;
                if (kind >> 3) {
                    int64_t order[SHORT];
                    random_permutation(&g, n, order);
                    t.homes = guard_take(&t.guards[8], n * sizeof *t.homes);
                    for (uint32_t row = 0; row < n; row++)
                        t.homes[row] = (uint32_t)order[row];
                    ask.homes = t.homes;
                }
                check_rows(kernels, &t, &ask);
                ask.band = (nbl__band){HUGE_VALF, HUGE_VALF}; /* all, but none of what lies beyond the end */
                check_rows(kernels, &t, &ask);
                ask.band = (nbl__band){0.0f, 0.0f}; /* none, not even the centre */
                check_rows(kernels, &t, &ask);
                check_int(t.total, 0);
            }
        close_table(&t);
    }
}

/* Doubt about one entry alone, wherever it stands, and none about the rest. */
static void one_doubt_is_enough(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct table t;
        struct random g;
        random_seed(&g, 40);
        memset(&t, 0, sizeof t);
        for (uint32_t n = 1; n <= SHORT; n++)
            for (uint32_t doubtful = 0; doubtful < n; doubtful++) {
                const nbl__band band = {0.25f, random_chance(&g, 4) ? 0.25f : nextafterf(0.25f, 1.0f)};
                const nbl__ask ask = {.first = (uint32_t)random_int(&g, 0, n - 1),
                                      .n_rows = 1,
                                      .half = random_chance(&g, 2),
                                      .self = true,
                                      .band = band};
                open_table(&t, n, true);
                make_tags(&g, t.near.number, n, false);
                for (uint32_t k = 0; k < n; k++) {
                    const float away = k == doubtful ? 0.5f : random_chance(&g, 2) ? 0.4375f : 0.75f;
                    t.near.x[k] = k == ask.first ? 0.0f : away;
                    t.near.y[k] = t.near.z[k] = 0.0f;
                }
                check_rows(kernels, &t, &ask);
            }
        close_table(&t);
    }
}

/*
 * Any coordinates: squared distances may be off by less than half of what a band allows for rounding (2^-20);
 * outside of the band there is no choice, and with distances or without the rows are the same.
 */
static void rounding_of_rows_is_small(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct table t;
        struct random g;
        random_seed(&g, 36);
        memset(&t, 0, sizeof t);
        for (int64_t trial = scale_count(3000, 200); trial > 0; trial--) {
            const double span = random_log(&g, 1.0, 1e9), rc2 = random_range(&g, 0.1, 9.0) * span * span;
            nbl__ask ask = {.n_rows = 1, .self = random_chance(&g, 2)};
            ask.band.inner = (float)(rc2 * (1.0 - 0x1p-20));
            ask.band.outer = (float)(rc2 * (1.0 + 0x1p-20));
            open_table(&t, MOST, true);
            make_tags(&g, t.near.number, MOST, false);
            t.near.x[0] = t.near.y[0] = t.near.z[0] = (float)(span * random_unit(&g));
            for (uint32_t k = 1; k < MOST; k++) {
                const double away = sqrt(rc2) * (random_chance(&g, 2) ? 1.0 + random_range(&g, -3e-7, 3e-7)
                                                                      : 3.0 * random_unit(&g));
                double turn[3][3];
                random_rotation(&g, turn);
                t.near.x[k] = (float)((double)t.near.x[0] + away * turn[0][0]);
                t.near.y[k] = (float)((double)t.near.y[0] + away * turn[0][1]);
                t.near.z[k] = (float)((double)t.near.z[0] + away * turn[0][2]);
            }
            t.room = MOST + OVERRUN;
            bool close, close_again, doubtful = false;
            uint32_t plain[MOST];
            const uint32_t count = make_rows(kernels, &t, &ask, false, &close);
            memcpy(plain, t.out, count * sizeof *plain);
            check_int(make_rows(kernels, &t, &ask, true, &close_again), count);
            check_int(close, close_again);
            assert_true(count == 0 || memcmp(plain, t.out, count * sizeof *plain) == 0);
            for (uint32_t k = 0, at = 0; k < MOST; k++) {
                const double d2 = distance2(&t.near, k, 0);
                const bool found = at < count && t.out[at] == t.near.number[k];
                if (k == 0 || found)
                    check_int(found, k != 0 || ask.self);
                if (found) {
                    assert_true(fabs((double)t.d2[at] - d2) <= 0x1p-21 * d2);
                    assert_true(t.d2[at] < ask.band.outer);
                    doubtful |= !(t.d2[at] < ask.band.inner);
                    at++;
                }
                if (k > 0 && d2 < rc2)
                    assert_true(found);
                if (d2 > rc2 * (1.0 + 0x1p-19))
                    assert_false(found);
                if (k + 1 == MOST)
                    check_int(at, count);
            }
            check_int(close, doubtful);
        }
        close_table(&t);
    }
}

/* ---- doubts, part, narrow ---- */

/* Squared distances about a limit; beyond the last there are such as would matter. */
static float *random_d2(struct guard *guard, struct random *g, uint32_t count, nbl__band band)
{
    float *d2 = guard_take(guard, (count + OVERRUN) * sizeof *d2);
    const float kinds[] = {0.0f,       band.inner, nextafterf(band.inner, 0.0f), nextafterf(band.outer, 0.0f),
                           band.outer, HUGE_VALF};
    for (uint32_t e = 0; e < count + OVERRUN; e++)
        d2[e] = kinds[random_int(g, 0, 5)];
    return d2;
}

static void doubts_are_those_in_the_band(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    struct random g;
    struct guard guard = GUARD_INIT;
    random_seed(&g, 37);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        for (int64_t trial = scale_count(20000, 2000); trial > 0; trial--) {
            const uint32_t count = (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20);
            const nbl__band band = {5.0f,
                                    random_chance(&g, 5) ? 5.0f : nextafterf(nextafterf(5.0f, 9.0f), 9.0f)};
            float *d2 = random_d2(&guard, &g, count, band);
            const bool few = random_chance(&g, 2);
            bool expected = false;
            for (uint32_t e = 0; e < count; e++) {
                if (few && d2[e] < band.outer && !random_chance(&g, count))
                    d2[e] = nextafterf(5.0f, 0.0f);
                expected |= d2[e] < band.outer && !(d2[e] < band.inner);
            }
            check_int(kernels->doubts(d2, count, band), expected);
        }
        /* One alone, at every place of every length, and right behind the last. */
        for (uint32_t count = 0; count <= SHORT; count++)
            for (uint32_t place = 0; place < count + OVERRUN; place++) {
                float *d2 = guard_take(&guard, (count + OVERRUN) * sizeof *d2);
                for (uint32_t e = 0; e < count + OVERRUN; e++)
                    d2[e] = e == place ? 5.0f : e % 2 ? 4.0f : 6.0f;
                check_int(kernels->doubts(d2, count, (nbl__band){5.0f, 6.0f}), place < count);
            }
    }
    guard_free(&guard);
}

/* A row that is to be split at a limit, and what has to become of it. */
struct row {
    struct guard guards[3];
    uint32_t *numbers, *other;
    float *d2, stay2[MOST];
    uint32_t count, stay[MOST], go[MOST], n_stay, n_go, before[MOST];
};

static void open_row(struct row *row, struct random *g, uint32_t count, float limit)
{
    row->d2 = random_d2(&row->guards[0], g, count, (nbl__band){limit, 2.0f * limit});
    row->numbers = guard_take(&row->guards[1], (count + OVERRUN) * sizeof *row->numbers);
    row->other = guard_take(&row->guards[2], (count + OVERRUN) * sizeof *row->other);
    row->count = count;
    row->n_stay = row->n_go = 0;
    const int64_t kind = random_int(g, 0, 9);
    for (uint32_t e = 0; e < count; e++) {
        if (kind < 2)
            row->d2[e] = kind == 0 ? nextafterf(limit, 0.0f) : limit; /* all stay, or all go */
        row->numbers[e] = row->before[e] = (uint32_t)random_bits(g);
        row->stay[row->n_stay] = row->numbers[e];
        row->stay2[row->n_stay] = row->d2[e];
        row->n_stay += row->d2[e] < limit;
        if (!(row->d2[e] < limit))
            row->go[row->n_go++] = row->numbers[e];
    }
}

static void check_numbers(const uint32_t *found, const uint32_t *expected, uint32_t count)
{
    for (uint32_t e = 0; e < count; e++)
        check_int(found[e], expected[e]);
}

/* Arrays hold what they should, and nothing is written beyond the overrun, nor in front. */
static void check_row(const struct row *row)
{
    for (uint32_t e = 0; e < row->n_stay; e++)
        assert_true(row->d2[e] == row->stay2[e]);
    for (int k = 0; k < 3; k++)
        assert_true(guard_front_untouched(&row->guards[k]));
}

static void check_split(const nbl__kernels *kernels, struct row *row, struct random *g, uint32_t count)
{
    const float limit = 4.0f;
    open_row(row, g, count, limit);
    check_int(kernels->part(row->numbers, row->d2, count, limit, row->other), row->n_stay);
    check_numbers(row->numbers, row->stay, row->n_stay);
    check_numbers(row->other, row->go, row->n_go);
    check_beyond(row->other, row->n_go + OVERRUN, count + OVERRUN);
    check_row(row);

    open_row(row, g, count, limit);
    check_int(kernels->narrow(row->numbers, row->d2, count, limit, row->other), row->n_stay);
    check_numbers(row->other, row->stay, row->n_stay);
    check_numbers(row->numbers, row->before, count);
    check_beyond(row->other, row->n_stay + OVERRUN, count + OVERRUN);
    check_row(row);

    open_row(row, g, count, limit);
    check_int(kernels->narrow(row->numbers, row->d2, count, limit, row->numbers), row->n_stay);
    check_numbers(row->numbers, row->stay, row->n_stay);
    check_row(row);
    assert_true(guard_untouched(&row->guards[2]));
}

static void rows_are_split_in_order(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct row row;
        struct random g;
        random_seed(&g, 41);
        for (int64_t trial = scale_count(5000, 500); trial > 0; trial--)
            check_split(kernels, &row, &g, (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20));
        for (uint32_t count = 0; count <= SHORT; count++)
            for (int trial = 0; trial < 40; trial++)
                check_split(kernels, &row, &g, count);
        for (int k = 0; k < 3; k++)
            guard_free(&row.guards[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_makes_the_same_rows),
        cmocka_unit_test(rows_of_every_length),
        cmocka_unit_test(one_doubt_is_enough),
        cmocka_unit_test(rounding_of_rows_is_small),
        cmocka_unit_test(doubts_are_those_in_the_band),
        cmocka_unit_test(rows_are_split_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
