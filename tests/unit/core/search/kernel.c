/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <math.h>
#include <stdlib.h>

#include <nblist/nblist.h>

#include "check.h"
#include "guard.h"
#include "random.h"
#include "scale.h"
#include "search/dispatch.h"

enum { MOST = 300, RUNS = 12, HIGHEST_ISA = 64 };

/* Candidates in arrays that each end at an unreadable page: reading a lane too far stops the program. */
struct candidates {
    struct guard guards[4];
    double *x, *y, *z;
    uint32_t *number;
    uint32_t n;
};

static void open_candidates(struct candidates *c, uint32_t n)
{
    c->n = n;
    c->x = guard_take(&c->guards[0], n * sizeof(double));
    c->y = guard_take(&c->guards[1], n * sizeof(double));
    c->z = guard_take(&c->guards[2], n * sizeof(double));
    c->number = guard_take(&c->guards[3], n * sizeof(uint32_t));
}

static void close_candidates(struct candidates *c)
{
    for (int k = 0; k < 4; k++)
        guard_free(&c->guards[k]);
}

/* Small integers: squared distances are exact, however an instance rounds or fuses. */
static void place_on_lattice(struct candidates *c, struct random *g)
{
    for (uint32_t k = 0; k < c->n; k++) {
        c->x[k] = (double)random_int(g, -6, 6);
        c->y[k] = (double)random_int(g, -6, 6);
        c->z[k] = (double)random_int(g, -6, 6);
        c->number[k] = (uint32_t)random_bits(g);
    }
}

static int64_t make_runs(struct random *g, uint32_t n, nbl__run runs[RUNS])
{
    int64_t count = random_int(g, 0, RUNS);
    for (int64_t k = 0; k < count; k++) {
        runs[k].begin = (uint32_t)random_int(g, 0, n);
        runs[k].end = random_chance(g, 5) ? runs[k].begin : (uint32_t)random_int(g, runs[k].begin, n);
    }
    return count;
}

static double distance2(const struct candidates *c, uint32_t k, const double centre[3])
{
    double dx = c->x[k] - centre[0], dy = c->y[k] - centre[1], dz = c->z[k] - centre[2];
    return dx * dx + dy * dy + dz * dz;
}

/* Both forms of the filter: the same numbers, and with them the squared distances. */
static void check_kernels(const nbl__kernels *kernels, const struct candidates *c, const nbl__run *runs,
                          int64_t n_runs, const double centre[3], nbl__band band)
{
    static uint32_t expected[RUNS * MOST];
    static double lengths2[RUNS * MOST];
    uint32_t count = 0;
    size_t candidates = 0;
    bool doubtful = false, close = false;
    for (int64_t r = 0; r < n_runs; r++)
        for (uint32_t k = runs[r].begin; k < runs[r].end; k++) {
            double d2 = distance2(c, k, centre);
            candidates++;
            lengths2[count] = d2;
            expected[count] = c->number[k];
            count += d2 < band.outer;
            doubtful |= d2 < band.outer && !(d2 < band.inner);
        }
    /* The room that callers make, to the number. */
    uint32_t *out = malloc((candidates + NBL__KERNEL_OVERRUN) * sizeof *out);
    double *d2 = malloc((candidates + NBL__KERNEL_OVERRUN) * sizeof *d2);
    assert_true(out && d2);
    const nbl__points points = {c->x, c->y, c->z, c->number};
    check_int(kernels->filter(&points, runs, n_runs, centre, band, out, &close), count);
    if (count > 0)
        assert_memory_equal(out, expected, count * sizeof *out);
    check_int(close, doubtful);
    close = !doubtful;
    memset(out, 0xff, (candidates + NBL__KERNEL_OVERRUN) * sizeof *out);
    check_int(kernels->filter_d2(&points, runs, n_runs, centre, band, out, d2, &close), count);
    if (count > 0)
        assert_memory_equal(out, expected, count * sizeof *out);
    for (uint32_t e = 0; e < count; e++)
        assert_true(d2[e] == lengths2[e]);
    check_int(close, doubtful);
    free(out);
    free(d2);
}

static void every_level_filters_exactly(void **state)
{
    (void)state;
    int levels = 0;
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        const nbl__kernels *kernels = nbl__dispatch_kernels(isa);
        struct candidates c = {.n = 0};
        struct random g;
        random_seed(&g, 31);
        levels++;
        for (int64_t trial = scale_count(4000, 300); trial > 0; trial--) {
            nbl__run runs[RUNS];
            open_candidates(&c, (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20));
            place_on_lattice(&c, &g);
            int64_t n_runs = make_runs(&g, c.n, runs);
            const double centre[3] = {(double)random_int(&g, -3, 3), (double)random_int(&g, -3, 3),
                                      (double)random_int(&g, -3, 3)};
            nbl__band band = {(double)random_int(&g, 0, 60), 0.0};
            band.outer = band.inner + (double)random_int(&g, 0, 3);
            check_kernels(kernels, &c, runs, n_runs, centre, band);
        }
        close_candidates(&c);
    }
    assert_true(levels >= 1);
}

static void runs_of_every_length(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 32);
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        struct candidates c = {.n = 0};
        const double centre[3] = {0, 0, 0};
        for (uint32_t n = 0; n <= 40; n++)
            for (uint32_t begin = 0; begin <= n; begin++) {
                open_candidates(&c, n);
                place_on_lattice(&c, &g);
                const nbl__run run = {begin, n};
                check_kernels(nbl__dispatch_kernels(isa), &c, &run, 1, centre, (nbl__band){30.0, 36.0});
                check_kernels(nbl__dispatch_kernels(isa), &c, &run, 1, centre, (nbl__band){1e9, 1e9});
            }
        close_candidates(&c);
    }
}

/*
 * Any coordinates: an instance may round as it likes within a few units in the last place, which is what
 * the callers' band is for. Outside of it there is no choice.
 */
static void rounding_stays_inside_the_band(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 33);
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        struct candidates c = {.n = 0};
        for (int64_t trial = scale_count(1000, 100); trial > 0; trial--) {
            double unit = random_log(&g, 1e-100, 1e100), rc = random_range(&g, 0.5, 3.0);
            const double centre[3] = {unit * random_unit(&g), unit * random_unit(&g), unit * random_unit(&g)};
            open_candidates(&c, MOST);
            for (uint32_t k = 0; k < c.n; k++) {
                double away =
                    random_chance(&g, 2) ? rc * (1.0 + random_range(&g, -4e-15, 4e-15)) : 3.0 * random_unit(&g);
                double turn[3][3];
                random_rotation(&g, turn);
                c.x[k] = centre[0] + unit * away * turn[0][0];
                c.y[k] = centre[1] + unit * away * turn[0][1];
                c.z[k] = centre[2] + unit * away * turn[0][2];
                c.number[k] = k;
            }
            const double d2 = unit * rc * (unit * rc), rounding = 16.0 * 0x1p-52;
            const nbl__band band = {d2 * (1.0 - rounding), d2 * (1.0 + rounding)};
            const nbl__run run = {0, c.n};
            const nbl__points points = {c.x, c.y, c.z, c.number};
            const nbl__kernels *kernels = nbl__dispatch_kernels(isa);
            uint32_t out[MOST + NBL__KERNEL_OVERRUN], again[MOST + NBL__KERNEL_OVERRUN], at = 0;
            double lengths2[MOST + NBL__KERNEL_OVERRUN];
            bool close, close_again, doubtful = false;
            uint32_t count = kernels->filter(&points, &run, 1, centre, band, out, &close);
            check_int(kernels->filter_d2(&points, &run, 1, centre, band, again, lengths2, &close_again), count);
            check_int(close_again, close);
            for (uint32_t k = 0; k < c.n; k++) {
                bool found = at < count && out[at] == k;
                double length2 = distance2(&c, k, centre);
                if (found) {
                    check_int(again[at], k);
                    assert_true(fabs(lengths2[at] - length2) <= rounding * length2);
                    assert_true(lengths2[at] < band.outer);
                }
                at += found;
                if (length2 < d2)
                    assert_true(found);
                if (length2 > d2 * (1.0 + 2.0 * rounding))
                    assert_false(found);
                doubtful |= found && length2 >= d2;
            }
            check_int(at, count);
            assert_true(close || !doubtful);
        }
        close_candidates(&c);
    }
}

/* All rows of a system at once: what the filter finds row by row, one behind the other. */
static void check_all_rows(const nbl__kernels *kernels, const struct candidates *c, const uint32_t *homes,
                           uint32_t n_rows, bool half, bool with_self, nbl__band band)
{
    static uint32_t expected[MOST * MOST], expected_counts[MOST];
    uint32_t total = 0;
    bool doubtful = false;
    for (uint32_t i = 0; i < n_rows; i++) {
        const uint32_t home = homes ? homes[i] : i, before = total;
        const double centre[3] = {c->x[home], c->y[home], c->z[home]};
        for (uint32_t k = half ? home : 0; k < c->n; k++) {
            const double d2 = distance2(c, k, centre);
            const bool wanted = k != home || with_self;
            expected[total] = c->number[k];
            total += wanted && d2 < band.outer;
            doubtful |= wanted && d2 < band.outer && !(d2 < band.inner);
        }
        expected_counts[i] = total - before;
    }
    const size_t room = (size_t)n_rows * c->n + NBL__KERNEL_OVERRUN;
    uint32_t *out = malloc(room * sizeof *out), *counts = malloc((n_rows + 1) * sizeof *counts);
    const nbl__points points = {c->x, c->y, c->z, c->number};
    bool close = !doubtful;
    assert_true(out && counts);
    counts[n_rows] = 77;
    check_int(kernels->filter_rows(&points, c->n, homes, n_rows, half, with_self, band, out, counts, &close),
              total);
    if (total > 0)
        assert_memory_equal(out, expected, total * sizeof *out);
    if (n_rows > 0)
        assert_memory_equal(counts, expected_counts, n_rows * sizeof *counts);
    check_int(counts[n_rows], 77);
    check_int(close, doubtful);
    free(out);
    free(counts);
}

static void rows_of_whole_systems(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 34);
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        struct candidates c = {.n = 0};
        for (int64_t trial = scale_count(2000, 200); trial > 0; trial--) {
            uint32_t homes[MOST];
            open_candidates(&c, (uint32_t)random_int(&g, 1, random_chance(&g, 20) ? 100 : 20));
            place_on_lattice(&c, &g);
            /* Numbers are what is written, homes are places: the centre is known by its place. */
            const bool own = random_chance(&g, 2);
            const uint32_t n_rows = (uint32_t)random_int(&g, 0, c.n);
            for (uint32_t i = 0; i < n_rows; i++)
                homes[i] = (uint32_t)random_int(&g, 0, c.n - 1);
            nbl__band band = {(double)random_int(&g, 1, 60), 0.0};
            band.outer = band.inner + (double)(random_chance(&g, 2) ? 0 : random_int(&g, 0, 3));
            check_all_rows(nbl__dispatch_kernels(isa), &c, own ? NULL : homes, n_rows, random_chance(&g, 2),
                           random_chance(&g, 2), band);
        }
        close_candidates(&c);
    }
}

/* Squared distance of a point to a box; small integers: exact. */
static double outside2(const double q[3], const double low[3], const double high[3])
{
    double sum = 0.0;
    for (int k = 0; k < 3; k++) {
        const double gap = q[k] < low[k] ? low[k] - q[k] : q[k] > high[k] ? q[k] - high[k] : 0.0;
        sum += gap * gap;
    }
    return sum;
}

static void points_near_a_box(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 35);
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        struct candidates c = {.n = 0};
        for (int64_t trial = scale_count(4000, 300); trial > 0; trial--) {
            double p[3], low[3], high[3];
            uint32_t count = 0, expected[MOST];
            open_candidates(&c, (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20));
            place_on_lattice(&c, &g);
            for (int k = 0; k < 3; k++) {
                p[k] = (double)random_int(&g, -4, 4);
                low[k] = (double)random_int(&g, -5, 5);
                high[k] = low[k] + (double)random_int(&g, 0, 3);
            }
            const double reach2 = (double)random_int(&g, 0, 40);
            for (uint32_t k = 0; k < c.n; k++) {
                const double q[3] = {c.x[k] + p[0], c.y[k] + p[1], c.z[k] + p[2]};
                expected[count] = c.number[k];
                count += outside2(q, low, high) < reach2;
            }
            uint32_t *out = malloc((c.n + NBL__KERNEL_OVERRUN) * sizeof *out);
            const nbl__points points = {c.x, c.y, c.z, c.number};
            assert_non_null(out);
            check_int(nbl__dispatch_kernels(isa)->filter_box(&points, c.n, p, low, high, reach2, out), count);
            if (count > 0)
                assert_memory_equal(out, expected, count * sizeof *out);
            free(out);
        }
        close_candidates(&c);
    }
}

/* Squared distances that end at an unreadable page: whether any lies in a band. */
static void doubts_are_those_in_the_band(void **state)
{
    (void)state;
    struct random g;
    struct guard guard = GUARD_INIT;
    random_seed(&g, 36);
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        for (int64_t trial = scale_count(20000, 2000); trial > 0; trial--) {
            const uint32_t count = (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20);
            double *d2 = guard_take(&guard, count * sizeof *d2);
            const nbl__band band = {5.0, random_chance(&g, 5) ? 5.0 : nextafter(5.0, 9.0)};
            bool expected = false;
            for (uint32_t e = 0; e < count; e++) {
                d2[e] = random_chance(&g, 2 * count) ? 5.0
                        : random_chance(&g, 2)       ? nextafter(5.0, 0.0)
                                                     : band.outer;
                expected |= d2[e] < band.outer && !(d2[e] < band.inner);
            }
            check_int(nbl__dispatch_kernels(isa)->doubts(d2, count, band), expected);
        }
    }
    guard_free(&guard);
}

/*
 * What is below the limit stays, the rest goes, both in order; no array is written beyond its overrun.
 * Narrowed, to another place or in its own, the row is what stays.
 */
static void rows_are_parted_in_order(void **state)
{
    (void)state;
    enum { ROOM = MOST + NBL__KERNEL_OVERRUN };
    struct random g;
    random_seed(&g, 37);
    for (int32_t isa = 1; isa <= HIGHEST_ISA; isa++) {
        if (!nbl__dispatch_name(isa) || nbl__dispatch_level(isa) != isa)
            continue;
        for (int64_t trial = scale_count(10000, 1000); trial > 0; trial--) {
            const uint32_t count = (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20);
            const size_t room = count + NBL__KERNEL_OVERRUN;
            uint32_t *numbers = malloc(room * sizeof *numbers), *spare = malloc(room * sizeof *spare);
            double *d2 = malloc(room * sizeof *d2), stay2[ROOM];
            uint32_t stay[ROOM], go[ROOM], n_stay = 0, n_go = 0;
            assert_true(numbers && spare && d2);
            for (uint32_t e = 0; e < count; e++) {
                numbers[e] = (uint32_t)random_bits(&g);
                d2[e] = (double)random_int(&g, 0, 8);
                stay[n_stay] = go[n_go] = numbers[e];
                stay2[n_stay] = d2[e];
                n_stay += d2[e] < 4.0 ? 1u : 0u;
                n_go += d2[e] < 4.0 ? 0u : 1u;
            }
            const bool narrows = random_chance(&g, 2), moves = random_chance(&g, 2);
            uint32_t *to = moves ? spare : numbers;
            check_int(narrows ? nbl__dispatch_kernels(isa)->narrow(numbers, d2, count, 4.0, to)
                              : nbl__dispatch_kernels(isa)->part(numbers, d2, count, 4.0, spare),
                      n_stay);
            if (narrows && n_stay > 0)
                assert_memory_equal(to, stay, n_stay * sizeof *to);
            else if (n_stay > 0)
                assert_memory_equal(numbers, stay, n_stay * sizeof *numbers);
            if (n_stay > 0)
                assert_memory_equal(d2, stay2, n_stay * sizeof *d2);
            if (!narrows && n_go > 0)
                assert_memory_equal(spare, go, n_go * sizeof *spare);
            free(numbers);
            free(spare);
            free(d2);
        }
    }
}

static void no_runs_no_neighbours(void **state)
{
    (void)state;
    const nbl__points points = {NULL, NULL, NULL, NULL};
    const double centre[3] = {0, 0, 0};
    uint32_t out[NBL__KERNEL_OVERRUN];
    double d2[NBL__KERNEL_OVERRUN];
    const nbl__kernels *kernels = nbl__dispatch_kernels(NBL_ISA_AUTO);
    bool close = true;
    check_int(kernels->filter(&points, NULL, 0, centre, (nbl__band){1.0, 2.0}, out, &close), 0);
    assert_false(close);
    close = true;
    check_int(kernels->filter_d2(&points, NULL, 0, centre, (nbl__band){1.0, 2.0}, out, d2, &close), 0);
    assert_false(close);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_filters_exactly),
        cmocka_unit_test(runs_of_every_length),
        cmocka_unit_test(rounding_stays_inside_the_band),
        cmocka_unit_test(rows_of_whole_systems),
        cmocka_unit_test(points_near_a_box),
        cmocka_unit_test(doubts_are_those_in_the_band),
        cmocka_unit_test(rows_are_parted_in_order),
        cmocka_unit_test(no_runs_no_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
