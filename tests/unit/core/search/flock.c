/* SPDX-License-Identifier: MIT */
#include "search/flock.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "counted.h"
#include "guard.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/*
 * Flocks on a lattice of quarters, where every distance is exact, against pairs found one by one: all rows up
 * to the first system that reaches too far or has a pair in the band.
 */
enum { SYSTEMS = 40, ATOMS = SYSTEMS * NBL__FLOCK_ATOMS, ENTRIES = ATOMS * NBL__FLOCK_ATOMS };

static struct random g;

struct setting {
    double r[ATOMS][3];
    int64_t first[SYSTEMS + 1];
    nbl__flock flock;
    uint32_t expected[ENTRIES], counts[ATOMS], *out, *found;
    int64_t done;
    uint64_t total;
    struct guard of_out, of_counts;
};

static void draw_system(struct setting *t, int64_t s, double unit, int32_t reach)
{
    double at[3];
    for (int k = 0; k < 3; k++)
        at[k] = 0.25 * unit * (double)random_int(&g, -4000, 4000);
    for (int64_t i = t->first[s]; i < t->first[s + 1]; i++)
        for (int k = 0; k < 3; k++)
            t->r[i][k] = at[k] + 0.25 * unit * (double)random_int(&g, 0, reach);
}

static void draw_setting(struct setting *t, int64_t base)
{
    const double unit = random_chance(&g, 2) ? 1.0 : 4.0;
    const int64_t most = random_chance(&g, 2) ? 9 : NBL__FLOCK_ATOMS;
    const float step = 1.0f / 16.0f, middle = (float)random_int(&g, 0, 40) * step;
    const bool doubtful = random_chance(&g, 4);
    t->flock = (nbl__flock){.first = t->first, .scale = 1.0 / unit};
    t->flock.n = random_int(&g, 1, SYSTEMS);
    t->flock.half = random_chance(&g, 2);
    t->flock.self = random_chance(&g, 2);
    t->flock.band = doubtful ? (nbl__band){middle - step / 2, middle + step / 2}
                             : (nbl__band){middle + step / 2, middle + step / 2};
    t->first[0] = base;
    for (int64_t s = 0; s < t->flock.n; s++)
        t->first[s + 1] = t->first[s] + random_int(&g, 1, most);
    t->flock.r = (const double(*)[3])(t->r + base);
    for (int64_t s = 0; s < t->flock.n; s++)
        draw_system(t, s, unit, random_chance(&g, 40) ? 40 : 8);
}

/* False: the system is left to others. */
static bool expect_system(struct setting *t, int64_t s)
{
    const nbl__flock *f = &t->flock;
    const double(*r)[3] = (const double(*)[3])(t->r + t->first[s]);
    const int64_t n = t->first[s + 1] - t->first[s];
    uint64_t total = t->total;
    for (int64_t i = 0; i < n; i++) {
        const uint64_t before = total;
        for (int64_t j = 0; j < n; j++) {
            double d2 = 0.0;
            for (int k = 0; k < 3; k++) {
                d2 += (r[j][k] - r[i][k]) * f->scale * ((r[j][k] - r[i][k]) * f->scale);
                if (!(fabs((r[j][k] - r[0][k]) * f->scale) < NBL__FLOCK_REACH))
                    return false;
            }
            if ((i == j && !f->self) || (f->half && j < i) || !(d2 < (double)f->band.outer))
                continue;
            if (!(d2 < (double)f->band.inner))
                return false;
            t->expected[total++] = (uint32_t)j;
        }
        t->counts[t->first[s] + i] = (uint32_t)(total - before);
    }
    t->total = total;
    return true;
}

static size_t room_of(const struct setting *t)
{
    size_t room = NBL__KERNEL_OVERRUN;
    for (int64_t s = 0; s < t->flock.n; s++)
        room += nbl__flock_bytes(t->first[s + 1] - t->first[s]) / sizeof(uint32_t);
    return room;
}

static void expect(struct setting *t)
{
    t->total = 0;
    for (t->done = 0; t->done < t->flock.n && expect_system(t, t->done);)
        t->done++;
}

static void every_level_makes_the_rows_of_a_flock(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct setting t;
        int64_t stopped = 0, through = 0;
        random_seed(&g, 61);
        for (int64_t trial = scale_count(3000, 300); trial > 0; trial--) {
            draw_setting(&t, 0);
            expect(&t);
            const int64_t n = t.first[t.flock.n];
            uint64_t total = 0;
            t.out = guard_take(&t.of_out, room_of(&t) * sizeof *t.out);
            t.found = guard_take(&t.of_counts, (size_t)n * sizeof *t.found);
            check_int(kernels->flock(&t.flock, t.out, t.found, &total), t.done);
            check_int((int64_t)total, (int64_t)t.total);
            assert_memory_equal(t.out, t.expected, (size_t)total * sizeof *t.out);
            assert_memory_equal(t.found, t.counts, (size_t)t.first[t.done] * sizeof *t.found);
            assert_true(guard_front_untouched(&t.of_out));
            assert_true(guard_front_untouched(&t.of_counts));
            stopped += t.done < t.flock.n;
            through += t.done == t.flock.n && total > 0;
        }
        assert_true(stopped > 20 && through > 20);
        guard_free(&t.of_out);
        guard_free(&t.of_counts);
    }
}

/* What is kept, and where; rows before and behind the flock stay as they are. */
static void rows_of_a_flock_are_kept(void **state)
{
    enum { BASE = 5 };
    static const uint32_t nothing = 0;
    static struct setting t;
    struct unit_memory memory;
    nbl__fault fault;
    (void)state;
    random_seed(&g, 62);
    unit_memory_open(&memory);
    for (int trial = 0; trial < 200; trial++) {
        nbl__arena arena;
        nbl__rows rows = {0};
        nbl__team team;
        int64_t done;
        draw_setting(&t, BASE);
        expect(&t);
        const int64_t n = t.first[t.flock.n] + BASE;
        nbl__arena_init(&arena, &memory.memory);
        nbl__team_init(&team, 1, 0);
        check_int(nbl__rows_open(&rows, n, true, &memory.memory, &fault), NBL_OK);
        for (int64_t i = 0; i < n; i++) {
            rows.count[i] = 77;
            rows.entry[i] = &nothing;
        }
        nbl__worker w = {.team = &team};
        const nbl__query query = {.n_lists = 1, .n_centers = -1, .kernels = &nbl__kernels_portable};
        const nbl__target target = {.rows = &rows, .only = -1, .arena = &arena};
        assert_true(nbl__flock_fits(&query, &target));
        check_int(nbl__flock_search(&w, &query, &target, &t.flock, &done), NBL_OK);
        check_int(done, t.done);
        check_int((int64_t)w.kept_bytes, (int64_t)(t.total * sizeof(uint32_t)));
        check_int((int64_t)w.unreported, (int64_t)t.total);
        const uint32_t *next = t.expected;
        for (int64_t i = BASE; i < t.first[done]; i++) {
            check_int(rows.count[i], t.counts[i]);
            if (rows.count[i] > 0)
                assert_memory_equal(rows.entry[i], next, rows.count[i] * sizeof *next);
            next += rows.count[i];
        }
        for (int64_t i = 0; i < n; i++)
            if (i < BASE || i >= t.first[t.flock.n])
                assert_true(rows.count[i] == 77 && rows.entry[i] == &nothing);
        nbl__rows_free(&rows, &memory.memory);
        nbl__arena_free(&arena);
    }
    check_int(unit_memory_leaks(&memory), 0);
}

static void only_whole_lists_that_stay_are_made_in_flocks(void **state)
{
    (void)state;
    nbl__rows rows = {.kept = true};
    nbl__query query = {.n_lists = 1, .n_centers = -1};
    nbl__target target = {.rows = &rows, .only = -1};
    assert_true(nbl__flock_fits(&query, &target));
    query.n_lists = 2;
    assert_false(nbl__flock_fits(&query, &target));
    query.n_lists = 1;
    query.n_centers = 0;
    assert_false(nbl__flock_fits(&query, &target));
    query.n_centers = -1;
    target.only = 0;
    assert_false(nbl__flock_fits(&query, &target));
    target.only = -1;
    target.rows = NULL;
    assert_false(nbl__flock_fits(&query, &target));
    target.rows = &rows;
    rows.kept = false;
    assert_false(nbl__flock_fits(&query, &target));
}

/* The band of a flock is that of coordinates as far as it reaches. */
static void the_band_allows_for_the_reach(void **state)
{
    (void)state;
    const nbl__query query = {.half = true, .self = true};
    const nbl__level level = {.cutoff = 2.5, .limit = 6.25};
    const nbl__focus focus = nbl__focus_make(2.5, 0.0, 10.0);
    const nbl__band band = nbl__level_band(&level, &focus);
    const nbl__flock flock = nbl__flock_make(&query, &level);
    check_bits((double)flock.band.inner, (double)band.inner);
    check_bits((double)flock.band.outer, (double)band.outer);
    check_bits(flock.scale, 0.4);
    assert_true(flock.half && flock.self && flock.band.inner < 1.0f && flock.band.outer > 1.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_makes_the_rows_of_a_flock),
        cmocka_unit_test(rows_of_a_flock_are_kept),
        cmocka_unit_test(only_whole_lists_that_stay_are_made_in_flocks),
        cmocka_unit_test(the_band_allows_for_the_reach),
    };
    return cmocka_run_group_tests_name("search/flock", tests, NULL, NULL);
}
