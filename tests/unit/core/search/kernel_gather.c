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
enum { MOST = 300, SHORT = 70, RUNS = 12, AHEAD = 40, OVERRUN = NBL__KERNEL_OVERRUN };

/* Points, and the same as slots: away from `base` by as many steps, where these are whole. */
struct points {
    struct guard guards[7];
    double *at[3];
    uint32_t *slot[3], base[3];
    uint32_t *key;
    uint32_t n;
};

static void open_points(struct points *p, uint32_t n)
{
    p->n = n;
    for (int k = 0; k < 3; k++)
        p->at[k] = guard_take(&p->guards[k], (n + OVERRUN) * sizeof(double));
    for (int k = 0; k < 3; k++)
        p->slot[k] = guard_take(&p->guards[4 + k], (n + OVERRUN) * sizeof(uint32_t));
    p->key = guard_take(&p->guards[3], (n + OVERRUN) * sizeof *p->key);
    for (uint32_t k = 0; k < n + OVERRUN; k++)
        p->key[k] = k * 2654435769u;
}

static void close_points(struct points *p)
{
    for (int k = 0; k < 7; k++)
        guard_free(&p->guards[k]);
}

/* Small integers, the ones beyond the end included: lengths are exact, however an instance rounds or fuses. */
static void place_on_lattice(struct points *p, struct random *g)
{
    for (int a = 0; a < 3; a++) {
        p->base[a] = random_chance(g, 2) ? (uint32_t)random_int(g, -9, 9) : (uint32_t)random_bits(g);
        for (uint32_t k = 0; k < p->n + OVERRUN; k++) {
            const int64_t away = random_int(g, -6, 6);
            p->at[a][k] = (double)away;
            p->slot[a][k] = p->base[a] + (uint32_t)away;
        }
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

/* What is asked of points, or of slots. */
struct question {
    nbl__box box;
    nbl__slot_box slot_box;
    bool slots;
};

static const float *half_of(const struct question *asked)
{
    return asked->slots ? asked->slot_box.half : asked->box.half;
}

static float reach2_of(const struct question *asked)
{
    return asked->slots ? asked->slot_box.reach2 : asked->box.reach2;
}

static void set_reach2(struct question *asked, float reach2)
{
    asked->box.reach2 = asked->slot_box.reach2 = reach2;
}

static void to_box(const struct question *asked, const struct points *p, uint32_t k, float q[3])
{
    for (int a = 0; a < 3; a++)
        q[a] = asked->slots ? (float)(int32_t)(p->slot[a][k] - asked->slot_box.origin[a])
                            : (float)((p->at[a][k] - asked->box.origin[a]) * asked->box.scale);
}

/* Squared distance to the box, of a point as it becomes. */
static double outside2(const struct question *asked, const float q[3])
{
    double sum = 0.0;
    for (int a = 0; a < 3; a++) {
        const double gap = fabs((double)q[a]) - (double)half_of(asked)[a];
        sum += gap > 0.0 ? gap * gap : 0.0;
    }
    return sum;
}

/* Arrays with room for n points, of which `before` are there already. */
struct near {
    struct guard guards[5];
    nbl__near near;
    uint32_t before, n;
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
                         int64_t n_runs, const struct question *asked, double tolerance, struct near *near,
                         struct random *g)
{
    const bool keyed = asked->slots && random_chance(g, 2);
    nbl__slot_box slot_box = asked->slot_box;
    slot_box.least_key = random_chance(g, 3) ? p->key[random_int(g, 0, p->n)] : (uint32_t)random_bits(g);
    const uint32_t before = random_chance(g, 2) ? 0 : (uint32_t)random_int(g, 1, AHEAD);
    uint32_t most = before, numbers[AHEAD], at = before;
    float q[3];
    for (int64_t r = 0; r < n_runs; r++)
        for (uint32_t k = runs[r].begin; k < runs[r].end; k++) {
            to_box(asked, p, k, q);
            most += judge(outside2(asked, q), reach2_of(asked), tolerance) != 0;
        }
    open_near(near, g, before, most);
    memcpy(numbers, near->near.number, before * sizeof *numbers);
    const nbl__points points = {p->at[0], p->at[1], p->at[2]};
    const nbl__slot_points slots = {p->slot[0], p->slot[1], p->slot[2], keyed ? p->key : NULL};
    if (asked->slots)
        kernels->gather_slots(&slots, runs, n_runs, &slot_box, &near->near);
    else
        kernels->gather(&points, runs, n_runs, &asked->box, &near->near);
    assert_true(near->near.n >= before && near->near.n <= most);
    assert_true(before == 0 || memcmp(near->near.number, numbers, before * sizeof *numbers) == 0);
    for (uint32_t k = 0; k < before; k++)
        assert_true(near->near.x[k] == (float)k && near->near.y[k] == (float)k && near->near.z[k] == (float)k);
    for (int64_t r = 0; r < n_runs; r++)
        for (uint32_t k = runs[r].begin; k < runs[r].end; k++) {
            to_box(asked, p, k, q);
            const bool late = !keyed || p->key[k] >= slot_box.least_key;
            const int verdict = late ? judge(outside2(asked, q), reach2_of(asked), tolerance) : 0;
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

/* A box on the same lattice: halves and powers of two, so that everything stays exact; or of slots. */
static void lattice_box(struct question *asked, const struct points *p, struct random *g)
{
    const double scales[] = {0.25, 0.5, 1.0, 2.0};
    nbl__box *box = &asked->box;
    memset(asked, 0, sizeof *asked);
    asked->slots = random_chance(g, 2);
    box->scale = asked->slots ? 1.0 : scales[random_int(g, 0, 3)];
    for (int a = 0; a < 3; a++) {
        box->origin[a] = 0.5 * (double)random_int(g, -9, 9);
        box->half[a] = (float)(0.5 * (double)random_int(g, 0, 6) * box->scale);
        asked->slot_box.origin[a] = p->base[a] + (uint32_t)random_int(g, -5, 5);
        asked->slot_box.half[a] = box->half[a];
    }
    set_reach2(asked, (float)(box->scale * box->scale * (double)random_int(g, 0, 50)));
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
            struct question asked;
            open_points(&p, (uint32_t)random_int(&g, 0, random_chance(&g, 4) ? MOST : 20));
            place_on_lattice(&p, &g);
            lattice_box(&asked, &p, &g);
            const int64_t n_runs = make_runs(&g, p.n, runs);
            check_gather(kernels, &p, runs, n_runs, &asked, 0.0, &near, &g);
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
                struct question asked;
                const nbl__run run = {begin, n}, two[] = {{0, begin}, {begin, n}};
                open_points(&p, n);
                place_on_lattice(&p, &g);
                lattice_box(&asked, &p, &g);
                check_gather(kernels, &p, &run, 1, &asked, 0.0, &near, &g);
                check_gather(kernels, &p, two, 2, &asked, 0.0, &near, &g);
                set_reach2(&asked, 1e9f); /* all of them, and none of those beyond the end */
                check_gather(kernels, &p, &run, 1, &asked, 0.0, &near, &g);
                check_gather(kernels, &p, two, 2, &asked, 0.0, &near, &g);
                set_reach2(&asked, 0.0f); /* none: not below */
                check_gather(kernels, &p, &run, 1, &asked, 0.0, &near, &g);
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
            struct question asked = {.box = {.scale = 1.0 / unit, .reach2 = 1.0f + 1e-5f}};
            nbl__box *box = &asked.box;
            nbl__run runs[RUNS];
            open_points(&p, MOST);
            for (int a = 0; a < 3; a++) {
                box->origin[a] = middle * random_range(&g, 0.5, 1.0);
                box->half[a] = random_chance(&g, 4) ? 0.0f : (float)random_range(&g, 0.0, 2.0);
                for (uint32_t k = 0; k < p.n + OVERRUN; k++) {
                    const double edge = (double)(box->half[a] + 1.0f);
                    const double kinds[] = {random_range(&g, -4.0, 4.0), edge,
                                            edge * (1.0 + 1e-7),         random_log(&g, 1e-50, 1e-30),
                                            random_log(&g, 1e30, 1e150), 0.0};
                    const int64_t kind = random_chance(&g, 3) ? random_int(&g, 1, 5) : 0;
                    p.at[a][k] = box->origin[a] + unit * kinds[kind] * (random_chance(&g, 2) ? 1.0 : -1.0);
                }
            }
            const int64_t n_runs = make_runs(&g, p.n, runs);
            check_gather(kernels, &p, runs, n_runs, &asked, 1e-6, &near, &g);
        }
        close_points(&p);
        close_near(&near);
    }
}

/* Scale 0, for systems that single precision says nothing about: all points are at the origin, and near. */
/* Any whole numbers: what is far away may come to lie anywhere, but the same for all. */
static void any_slots_become_the_same(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct points p = {.n = 0};
        struct near near = {.n = 0};
        struct random g;
        random_seed(&g, 43);
        for (int64_t trial = scale_count(2000, 200); trial > 0; trial--) {
            const double reach = random_log(&g, 1.0, 0x1p22);
            struct question asked = {.slots = true, .slot_box = {.reach2 = (float)(reach * reach)}};
            nbl__run runs[RUNS];
            open_points(&p, MOST);
            for (int a = 0; a < 3; a++) {
                const double half = random_chance(&g, 4) ? 0.0 : floor(reach * random_range(&g, 0.0, 2.0));
                asked.slot_box.origin[a] = (uint32_t)random_bits(&g);
                asked.slot_box.half[a] = (float)half;
                for (uint32_t k = 0; k < p.n + OVERRUN; k++) {
                    const double kinds[] = {random_range(&g, -4.0, 4.0) * reach, half + reach,
                                            half + reach + 1.0, random_range(&g, -0x1p31, 0x1p31), 0.0};
                    const int64_t kind = random_chance(&g, 3) ? random_int(&g, 1, 4) : 0;
                    const int64_t away = (int64_t)kinds[kind] * (random_chance(&g, 2) ? 1 : -1);
                    p.slot[a][k] = asked.slot_box.origin[a] + (uint32_t)away;
                }
            }
            const int64_t n_runs = make_runs(&g, p.n, runs);
            check_gather(kernels, &p, runs, n_runs, &asked, 1e-6, &near, &g);
        }
        close_points(&p);
        close_near(&near);
    }
}

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
            const struct question asked = {.box = {.origin = {1e99, -3.0, 0.0}, .reach2 = HUGE_VALF}};
            const nbl__run run = {0, n};
            open_points(&p, n);
            for (uint32_t k = 0; k < n + OVERRUN; k++)
                for (int a = 0; a < 3; a++)
                    p.at[a][k] = random_range(&g, -1.0, 1.0) * random_log(&g, 1e-3, 1e300);
            check_gather(kernels, &p, &run, 1, &asked, 0.0, &near, &g);
            for (uint32_t k = near.before; k < near.near.n; k++)
                assert_true(near.near.x[k] == 0.0f && near.near.y[k] == 0.0f && near.near.z[k] == 0.0f);
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
            const nbl__points points = {zeros, zeros, zeros};
            const nbl__run runs[] = {{end - n, end}, {0x80000000u - n / 2, 0x80000000u - n / 2 + n}};
            open_near(&near, &g, 0, 2 * n);
            const nbl__slot_box slot_box = {.reach2 = 1.0f};
            const uint32_t *none = (const uint32_t *)(const void *)zeros;
            const nbl__slot_points slots = {none, none, none, NULL};
            for (int kind = 0; kind < 2; kind++) {
                near.near.n = 0;
                if (kind == 0)
                    kernels->gather(&points, runs, 2, &box, &near.near);
                else
                    kernels->gather_slots(&slots, runs, 2, &slot_box, &near.near);
                check_int(near.near.n, 2 * n);
                for (uint32_t k = 0; k < 2 * n; k++)
                    check_int(near.near.number[k], k < n ? runs[0].begin + k : runs[1].begin + (k - n));
            }
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
        const nbl__points points = {NULL, NULL, NULL};
        const nbl__slot_points slots = {NULL, NULL, NULL, NULL};
        const nbl__slot_box slot_box = {.reach2 = 1.0f};
        const nbl__box box = {.scale = 1.0, .reach2 = 1.0f};
        nbl__near near = {.n = 7};
        kernels->gather(&points, NULL, 0, &box, &near);
        kernels->gather_slots(&slots, NULL, 0, &slot_box, &near);
        check_int(near.n, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_gathers_exactly),     cmocka_unit_test(runs_of_every_length),
        cmocka_unit_test(any_coordinates_become_the_same), cmocka_unit_test(any_slots_become_the_same),
        cmocka_unit_test(without_scale_all_are_near),      cmocka_unit_test(the_highest_places),
        cmocka_unit_test(boxes_hold_their_points),         cmocka_unit_test(no_runs_no_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
