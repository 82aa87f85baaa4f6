/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE
#include "search/kernel.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <nblist/nblist.h>

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
enum { MOST = 1100, SHORT = 70, RUNS = 12, AHEAD = 40, OVERRUN = NBL__KERNEL_OVERRUN };

/* ---- gather ---- */

struct points {
    struct guard guards[4];
    double *at[3];
    uint32_t *key;
    uint32_t n;
};

static void open_points(struct points *p, uint32_t n)
{
    p->n = n;
    for (int k = 0; k < 3; k++)
        p->at[k] = guard_take(&p->guards[k], (n + OVERRUN) * sizeof(double));
    p->key = guard_take(&p->guards[3], (n + OVERRUN) * sizeof *p->key);
    for (uint32_t k = 0; k < n + OVERRUN; k++)
        p->key[k] = k * 2654435769u;
}

static void close_points(struct points *p)
{
    for (int k = 0; k < 4; k++)
        guard_free(&p->guards[k]);
}

/* Small integers, the ones beyond the end included: lengths are exact, however an instance rounds or fuses. */
static void place_on_lattice(struct points *p, struct random *g)
{
    for (uint32_t k = 0; k < p->n + OVERRUN; k++)
        for (int a = 0; a < 3; a++)
            p->at[a][k] = (double)random_int(g, -6, 6);
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

static void to_box(const nbl__box *box, const struct points *p, uint32_t k, float q[3])
{
    for (int a = 0; a < 3; a++)
        q[a] = (float)((p->at[a][k] - box->origin[a]) * box->scale);
}

/* Squared distance to the box, of a point as it becomes. */
static double outside2(const nbl__box *box, const float q[3])
{
    double sum = 0.0;
    for (int a = 0; a < 3; a++) {
        const double gap = fabs((double)q[a]) - (double)box->half[a];
        sum += gap > 0.0 ? gap * gap : 0.0;
    }
    return sum;
}

/* Arrays with room for n points, of which `before` are there already. */
struct near {
    struct guard guards[5];
    nbl__near near;
    uint32_t before, n;
    bool keyed; /* the last time */
};

static void open_near(struct near *near, struct random *g, uint32_t before, uint32_t n)
{
    const size_t room = n + OVERRUN;
    near->near.x = guard_take(&near->guards[0], room * sizeof(float));
    near->near.y = guard_take(&near->guards[1], room * sizeof(float));
    near->near.z = guard_take(&near->guards[2], room * sizeof(float));
    near->near.number = guard_take(&near->guards[3], room * sizeof(uint32_t));
    near->near.key = guard_take(&near->guards[4], room * sizeof(uint32_t));
    near->near.n = near->before = before;
    near->n = n;
    for (uint32_t k = 0; k < before; k++) {
        near->near.x[k] = near->near.y[k] = near->near.z[k] = (float)k;
        near->near.number[k] = (uint32_t)random_bits(g);
    }
}

static void close_near(struct near *near)
{
    for (int k = 0; k < 5; k++)
        guard_free(&near->guards[k]);
}

/* What a point may do within rounding: 0 stay away, 1 come, 2 either. */
static int judge(double outside, float reach2, double tolerance)
{
    if (outside < (double)reach2 * (1.0 - tolerance))
        return 1;
    return outside < (double)reach2 * (1.0 + tolerance) ? tolerance > 0.0 ? 2 : 0 : 0;
}

/*
 * The points of the runs that lie near the box, in order, behind what was there; where rounding leaves a choice
 * (tolerance > 0), the instance's own. Coordinates are the same to the bit in any case.
 */
static void check_gather(const nbl__kernels *kernels, const struct points *p, const nbl__run *runs,
                         int64_t n_runs, const nbl__box *asked, double tolerance, struct near *near,
                         struct random *g)
{
    const bool keyed = random_chance(g, 2);
    nbl__box with_key = *asked, *box = &with_key;
    box->least_key = random_chance(g, 3) ? p->key[random_int(g, 0, p->n)] : (uint32_t)random_bits(g);
    const uint32_t before = random_chance(g, 2) ? 0 : (uint32_t)random_int(g, 1, AHEAD);
    uint32_t most = before, numbers[AHEAD], at = before;
    float q[3];
    for (int64_t r = 0; r < n_runs; r++)
        for (uint32_t k = runs[r].begin; k < runs[r].end; k++) {
            to_box(box, p, k, q);
            most += judge(outside2(box, q), box->reach2, tolerance) != 0;
        }
    open_near(near, g, before, most);
    memcpy(numbers, near->near.number, before * sizeof *numbers);
    const nbl__points points = {p->at[0], p->at[1], p->at[2], keyed ? p->key : NULL};
    near->keyed = keyed;
    kernels->gather(&points, runs, n_runs, box, &near->near);
    assert_true(near->near.n >= before && near->near.n <= most);
    assert_true(before == 0 || memcmp(near->near.number, numbers, before * sizeof *numbers) == 0);
    for (uint32_t k = 0; k < before; k++)
        assert_true(near->near.x[k] == (float)k && near->near.y[k] == (float)k && near->near.z[k] == (float)k);
    for (int64_t r = 0; r < n_runs; r++)
        for (uint32_t k = runs[r].begin; k < runs[r].end; k++) {
            to_box(box, p, k, q);
            const bool late = !keyed || p->key[k] >= box->least_key;
            const int verdict = late ? judge(outside2(box, q), box->reach2, tolerance) : 0;
            const bool found = at < near->near.n && near->near.number[at] == k;
            if (verdict == 0 || (verdict == 2 && !found))
                continue;
            if (!found)
                fail_msg("point %u of run %lld is not there", k, (long long)r);
            const float placed[3] = {near->near.x[at], near->near.y[at], near->near.z[at]};
            assert_memory_equal(placed, q, sizeof q);
            assert_true(!keyed || near->near.key[at] == p->key[k]);
            at++;
        }
    check_int(at, near->near.n);
    for (int k = 0; k < 5; k++)
        assert_true(guard_front_untouched(&near->guards[k]));
}

/* A box on the same lattice: halves and powers of two, so that everything stays exact. */
static void lattice_box(nbl__box *box, struct random *g)
{
    const double scales[] = {0.25, 0.5, 1.0, 2.0};
    box->scale = scales[random_int(g, 0, 3)];
    for (int a = 0; a < 3; a++) {
        box->origin[a] = 0.5 * (double)random_int(g, -9, 9);
        box->half[a] = (float)(0.5 * (double)random_int(g, 0, 6) * box->scale);
    }
    box->reach2 = (float)(box->scale * box->scale * (double)random_int(g, 0, 50));
}

static void every_level_gathers_exactly(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    int levels = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL; levels++) {
        struct points p = {.n = 0};
        struct near near = {.n = 0};
        struct random g;
        random_seed(&g, 31);
        for (int64_t trial = scale_count(8000, 400); trial > 0; trial--) {
            nbl__run runs[RUNS];
            nbl__box box;
            open_points(&p, (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20));
            place_on_lattice(&p, &g);
            lattice_box(&box, &g);
            const int64_t n_runs = make_runs(&g, p.n, runs);
            check_gather(kernels, &p, runs, n_runs, &box, 0.0, &near, &g);
        }
        close_points(&p);
        close_near(&near);
    }
    assert_true(levels >= 1);
}

static void runs_of_every_length(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    struct random g;
    random_seed(&g, 32);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct points p = {.n = 0};
        struct near near = {.n = 0};
        for (uint32_t n = 0; n <= SHORT; n++)
            for (uint32_t begin = 0; begin <= n; begin++) {
                nbl__box box;
                const nbl__run run = {begin, n}, two[] = {{0, begin}, {begin, n}};
                open_points(&p, n);
                place_on_lattice(&p, &g);
                lattice_box(&box, &g);
                check_gather(kernels, &p, &run, 1, &box, 0.0, &near, &g);
                check_gather(kernels, &p, two, 2, &box, 0.0, &near, &g);
                box.reach2 = 1e9f; /* all of them, and none of those beyond the end */
                check_gather(kernels, &p, &run, 1, &box, 0.0, &near, &g);
                check_gather(kernels, &p, two, 2, &box, 0.0, &near, &g);
                box.reach2 = 0.0f; /* none: not below */
                check_gather(kernels, &p, &run, 1, &box, 0.0, &near, &g);
            }
        close_points(&p);
        close_near(&near);
    }
}

/* Any coordinates, from the smallest to such as leave single precision. */
static void any_coordinates_become_the_same(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct points p = {.n = 0};
        struct near near = {.n = 0};
        struct random g;
        random_seed(&g, 33);
        for (int64_t trial = scale_count(2000, 200); trial > 0; trial--) {
            const double unit = random_log(&g, 1e-100, 1e100), middle = random_range(&g, -5.0, 5.0) * unit;
            nbl__box box = {.scale = 1.0 / unit, .reach2 = 1.0f + 1e-5f};
            nbl__run runs[RUNS];
            open_points(&p, MOST);
            for (int a = 0; a < 3; a++) {
                box.origin[a] = middle * random_range(&g, 0.5, 1.0);
                box.half[a] = random_chance(&g, 4) ? 0.0f : (float)random_range(&g, 0.0, 2.0);
                for (uint32_t k = 0; k < p.n + OVERRUN; k++) {
                    const double edge = (double)(box.half[a] + 1.0f);
                    const double kinds[] = {random_range(&g, -4.0, 4.0), edge,
                                            edge * (1.0 + 1e-7),         random_log(&g, 1e-50, 1e-30),
                                            random_log(&g, 1e30, 1e150), 0.0};
                    const int64_t kind = random_chance(&g, 3) ? random_int(&g, 1, 5) : 0;
                    p.at[a][k] = box.origin[a] + unit * kinds[kind] * (random_chance(&g, 2) ? 1.0 : -1.0);
                }
            }
            const int64_t n_runs = make_runs(&g, p.n, runs);
            check_gather(kernels, &p, runs, n_runs, &box, 1e-6, &near, &g);
        }
        close_points(&p);
        close_near(&near);
    }
}

/* Scale 0, for systems that single precision says nothing about: all points are at the origin, and near. */
static void without_scale_all_are_near(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    struct random g;
    random_seed(&g, 38);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct points p = {.n = 0};
        struct near near = {.n = 0};
        for (uint32_t n = 0; n <= SHORT; n++) {
            const nbl__box box = {.origin = {1e99, -3.0, 0.0}, .reach2 = HUGE_VALF};
            const nbl__run run = {0, n};
            open_points(&p, n);
            for (uint32_t k = 0; k < n + OVERRUN; k++)
                for (int a = 0; a < 3; a++)
                    p.at[a][k] = random_range(&g, -1.0, 1.0) * random_log(&g, 1e-3, 1e300);
            check_gather(kernels, &p, &run, 1, &box, 0.0, &near, &g);
            for (uint32_t k = near.before; k < near.near.n; k++)
                assert_true(near.near.x[k] == 0.0f && near.near.y[k] == 0.0f && near.near.z[k] == 0.0f);
            if (!near.keyed)
                check_int(near.near.n, near.before + n);
        }
        close_points(&p);
        close_near(&near);
    }
}

/* Places up to the largest that slots may have, in memory that nobody ever writes. */
static void the_highest_places(void **state)
{
    (void)state;
    const uint32_t end = UINT32_MAX - OVERRUN;
    if (sizeof(size_t) < 8)
        skip();
    const size_t bytes = ((size_t)end + OVERRUN) * sizeof(double);
    double *zeros = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED)
        skip();
    const nbl__kernels *kernels;
    struct random g;
    random_seed(&g, 39);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct near near = {.n = 0};
        for (uint32_t n = 0; n <= SHORT; n++) {
            const nbl__box box = {.scale = 1.0, .reach2 = 1.0f};
            const nbl__points points = {zeros, zeros, zeros, NULL};
            const nbl__run runs[] = {{end - n, end}, {0x80000000u - n / 2, 0x80000000u - n / 2 + n}};
            open_near(&near, &g, 0, 2 * n);
            kernels->gather(&points, runs, 2, &box, &near.near);
            check_int(near.near.n, 2 * n);
            for (uint32_t k = 0; k < 2 * n; k++)
                check_int(near.near.number[k], k < n ? runs[0].begin + k : runs[1].begin + (k - n));
        }
        close_near(&near);
    }
    munmap(zeros, bytes);
}

/* A box holds what it was made of, as single precision sees it: no point of it is outside. */
static void boxes_hold_their_points(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 42);
    for (int64_t trial = scale_count(20000, 2000); trial > 0; trial--) {
        const double unit = random_log(&g, 1e-100, 1e100), place = unit * random_range(&g, -1e6, 1e6);
        const double size = random_chance(&g, 10) ? 0.0 : unit * random_log(&g, 1e-9, 1e9);
        const double low = place, high = place + size, origin = 0.5 * low + 0.5 * high, scale = 1.0 / unit;
        const float half = nbl__box_half(low, high, origin, scale);
        assert_true(half >= 0.0f && (double)half <= (high - low) * scale * (0.5 + 1e-6) + 1e-9);
        for (int k = 0; k < 20; k++) {
            const double x = k == 0 ? low : k == 1 ? high : low + (high - low) * random_unit(&g);
            assert_true(fabsf((float)((x - origin) * scale)) <= half || x > high);
        }
    }
    check_int(nbl__box_half(-1e300, 1e300, 0.0, 0.0) == 0.0f, 1);
    check_int(nbl__box_half(1.0, 1.0, 1.0, 5.0) == 0.0f, 1);
}

static void no_runs_no_points(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        const nbl__points points = {NULL, NULL, NULL, NULL};
        const nbl__box box = {.scale = 1.0, .reach2 = 1.0f};
        nbl__near near = {.n = 7};
        kernels->gather(&points, NULL, 0, &box, &near);
        check_int(near.n, 7);
    }
}

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
    bool doubtful;
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
    t->doubtful = false;
    t->total = 0;
    for (uint32_t row = 0; row < ask->n_rows; row++) {
        const uint32_t home = home_of(ask, row), before = t->total;
        for (uint32_t k = 0; k < near->n; k++) {
            const double d2 = distance2(near, k, home);
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
        check_int(close, t->doubtful);
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
    ask->band.inner = (float)random_int(g, 0, 100) / 16.0f;
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

/* Doubt about one entry alone, wherever it stands; none about what is not wanted, nor about the rest. */
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
        cmocka_unit_test(every_level_gathers_exactly),
        cmocka_unit_test(runs_of_every_length),
        cmocka_unit_test(any_coordinates_become_the_same),
        cmocka_unit_test(without_scale_all_are_near),
        cmocka_unit_test(the_highest_places),
        cmocka_unit_test(boxes_hold_their_points),
        cmocka_unit_test(no_runs_no_points),
        cmocka_unit_test(every_level_makes_the_same_rows),
        cmocka_unit_test(rows_of_every_length),
        cmocka_unit_test(one_doubt_is_enough),
        cmocka_unit_test(rounding_of_rows_is_small),
        cmocka_unit_test(doubts_are_those_in_the_band),
        cmocka_unit_test(rows_are_split_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
