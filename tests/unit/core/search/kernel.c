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
        cmocka_unit_test(no_runs_no_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
