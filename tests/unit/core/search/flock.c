/* SPDX-License-Identifier: MIT */
#include "search/flock.h"

#include <math.h>
#include <stdlib.h>

#include "cell/exact.h"
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
enum { SYSTEMS = 15, ATOMS = SYSTEMS * NBL__MASK_ATOMS };

static struct random g;

struct setting {
    double r[ATOMS][3];
    int64_t first[SYSTEMS + 1];
    nbl__flock flock;
    uint64_t masks[ATOMS], *found_masks;
    uint32_t counts[ATOMS], *found_counts;
    int64_t done;
    uint64_t total;
    struct guard of_masks, of_counts;
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
    const int64_t most = random_chance(&g, 2) ? 9 : NBL__MASK_ATOMS;
    const bool doubtful = random_chance(&g, 4);
    const float step = 1.0f / 16.0f, middle = (float)random_int(&g, doubtful, 40) * step;
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
        uint64_t mask = 0;
        uint32_t count = 0;
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
            mask |= UINT64_C(1) << j;
            count++;
        }
        t->masks[t->first[s] + i] = mask;
        t->counts[t->first[s] + i] = count;
        total += count;
    }
    t->total = total;
    return true;
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
            t.found_masks = guard_take(&t.of_masks, (size_t)n * sizeof *t.found_masks);
            t.found_counts = guard_take(&t.of_counts, (size_t)n * sizeof *t.found_counts);
            check_int(kernels->flock(&t.flock, t.found_masks, t.found_counts, &total), t.done);
            check_int((int64_t)total, (int64_t)t.total);
            assert_memory_equal(t.found_masks, t.masks, (size_t)t.first[t.done] * sizeof *t.masks);
            assert_memory_equal(t.found_counts, t.counts, (size_t)t.first[t.done] * sizeof *t.counts);
            assert_true(guard_front_untouched(&t.of_masks));
            assert_true(guard_front_untouched(&t.of_counts));
            stopped += t.done < t.flock.n;
            through += t.done == t.flock.n && total > 0;
        }
        assert_true(stopped > 20 && through > 20);
        guard_free(&t.of_masks);
        guard_free(&t.of_counts);
    }
}

enum { BASE = 5, LISTS = 4 };

/* Several lists of a flock, and what they should be. */
struct lists {
    struct unit_memory memory;
    nbl__arena arena;
    nbl__team team;
    nbl__worker worker;
    nbl__rows rows[LISTS];
    nbl__level levels[LISTS];
    nbl__query query;
    nbl__target target;
    int64_t n; /* rows, those before and behind the flock included */
};

static void open_lists(struct lists *l, const struct setting *t, const nbl__kernels *kernels, int32_t n_lists,
                       const double *cutoffs)
{
    nbl__fault fault;
    unit_memory_open(&l->memory);
    nbl__arena_init(&l->arena, &l->memory.memory);
    nbl__team_init(&l->team, 1, 0);
    l->worker = nbl__worker_open(&l->team, 0);
    l->query = (nbl__query){.n_lists = n_lists,
                            .n_centers = -1,
                            .kernels = kernels,
                            .half = random_chance(&g, 2),
                            .self = random_chance(&g, 2),
                            .inclusive = random_chance(&g, 2),
                            .disjoint = random_chance(&g, 2)};
    l->target = (nbl__target){.rows = l->rows, .only = -1, .arena = &l->arena};
    l->n = t->first[t->flock.n] + BASE;
    nbl__levels_make(l->levels, cutoffs, n_lists, l->query.inclusive);
    for (int32_t k = 0; k < n_lists; k++) {
        l->rows[k] = (nbl__rows){0};
        check_int(nbl__rows_open(&l->rows[k], l->n, true, &l->memory.memory, &fault), NBL_OK);
        l->rows[k].masked = true;
        for (int64_t i = 0; i < l->n; i++)
            l->rows[k].mask[i] = l->rows[k].count[i] = 77;
    }
}

static void close_lists(struct lists *l)
{
    for (int32_t k = 0; k < l->query.n_lists; k++)
        nbl__rows_free(&l->rows[k], &l->memory.memory);
    nbl__arena_free(&l->arena);
    check_int(unit_memory_leaks(&l->memory), 0);
}

/* Whether a pair belongs to a level, or to its shell. */
static bool is_listed(const struct lists *l, int32_t level, double d2)
{
    return d2 < l->levels[level].limit && !(l->query.disjoint && level > 0 && d2 < l->levels[level - 1].limit);
}

/* All rows of one level. Returns how many entries they have. */
static uint64_t check_level(const struct lists *l, const struct setting *t, int32_t level)
{
    const nbl__rows *rows = &l->rows[l->levels[level].list];
    uint64_t total = 0;
    for (int64_t s = 0; s < t->flock.n; s++)
        for (int64_t i = t->first[s]; i < t->first[s + 1]; i++) {
            uint64_t mask = 0;
            uint32_t count = 0;
            for (int64_t j = t->first[s]; j < t->first[s + 1]; j++) {
                const double d2 = nbl__exact_open_d2(t->r[i], t->r[j]);
                if ((i == j && !l->query.self) || (l->query.half && j < i) || !is_listed(l, level, d2))
                    continue;
                mask |= UINT64_C(1) << (j - t->first[s]);
                count++;
            }
            assert_true(rows->mask[i] == mask);
            check_int(rows->count[i], count);
            total += count;
        }
    for (int64_t i = 0; i < l->n; i++)
        if (i < BASE || i >= t->first[t->flock.n])
            assert_true(rows->count[i] == 77 && rows->mask[i] == 77);
    return total;
}

static void check_lists(struct lists *l, const struct setting *t)
{
    nbl__flock flock = nbl__flock_make(&l->query, l->levels);
    uint64_t total = 0, largest = 0;
    flock.r = t->flock.r;
    flock.first = t->flock.first;
    flock.n = t->flock.n;
    nbl__flock_search(&l->worker, &l->query, &l->target, l->levels, &flock);
    for (int32_t k = 0; k < l->query.n_lists; k++) {
        const uint64_t of_level = check_level(l, t, k);
        total += of_level;
        largest = l->query.disjoint ? total : of_level;
    }
    check_int((int64_t)l->worker.kept_bytes, 0);
    check_int((int64_t)l->worker.unreported, (int64_t)largest);
}

/* Half of the cutoffs are distances of the lattice, so that many systems have doubts, and some only doubts. */
static void rows_of_a_flock_are_kept(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    static struct setting t;
    static struct lists l;
    random_seed(&g, 62);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (int64_t trial = scale_count(1000, 100); trial > 0; trial--) {
            double cutoffs[LISTS];
            const int32_t n_lists = (int32_t)random_int(&g, 1, LISTS);
            draw_setting(&t, BASE);
            for (int32_t k = 0; k < n_lists; k++)
                cutoffs[k] = random_chance(&g, 9)
                                 ? 1e-9 /* atoms on one place alone; for single precision, all in doubt */
                                 : 0.25 * (double)random_int(&g, 1, 12) + (random_chance(&g, 2) ? 0.1 : 0.0);
            open_lists(&l, &t, kernels, n_lists, cutoffs);
            check_lists(&l, &t);
            close_lists(&l);
        }
}

/*
 * Coordinates at the end of the reach, pairs within some 1e-7 of a cutoff: single precision tells nothing
 * there, and has to know it.
 */
static void rounding_at_the_end_of_the_reach(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    static struct setting t;
    static struct lists l;
    const double cutoffs[] = {1.0, 0.7};
    random_seed(&g, 63);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (int64_t trial = scale_count(2000, 200); trial > 0; trial--) {
            t.flock.n = 8;
            t.flock.first = t.first;
            t.flock.r = (const double(*)[3])(t.r + BASE);
            t.first[0] = BASE;
            for (int64_t s = 0; s < t.flock.n; s++) {
                double(*r)[3] = t.r + t.first[s];
                const double rc = cutoffs[s % 2], length = rc * (1.0 + random_range(&g, -4e-7, 4e-7));
                double along[3], square = 0.0;
                for (int k = 0; k < 3; k++) {
                    r[0][k] = random_range(&g, -100.0, 100.0);
                    r[1][k] = r[0][k] + random_range(&g, 2.0, 3.4) * (random_chance(&g, 2) ? 1.0 : -1.0);
                    along[k] = random_range(&g, -1.0, 1.0);
                    square += along[k] * along[k];
                }
                for (int k = 0; k < 3; k++)
                    r[2][k] = r[1][k] + along[k] * length / sqrt(square);
                t.first[s + 1] = t.first[s] + 3;
            }
            open_lists(&l, &t, kernels, 2, cutoffs);
            check_lists(&l, &t);
            close_lists(&l);
        }
}

static void only_lists_that_are_masked_are_made_in_flocks(void **state)
{
    (void)state;
    nbl__rows rows = {.kept = true, .masked = true};
    nbl__target target = {.rows = &rows, .only = -1};
    assert_true(nbl__flock_fits(&target));
    target.only = 0;
    assert_false(nbl__flock_fits(&target));
    target.only = -1;
    target.rows = NULL;
    assert_false(nbl__flock_fits(&target));
    target.rows = &rows;
    rows.masked = false;
    assert_false(nbl__flock_fits(&target));
}

static void a_flock_is_measured_by_the_largest_cutoff(void **state)
{
    (void)state;
    const nbl__query query = {.n_lists = 2, .half = true, .self = true};
    const nbl__level levels[] = {{.cutoff = 1.5}, {.cutoff = 2.5}};
    const nbl__flock flock = nbl__flock_make(&query, levels);
    check_bits(flock.scale, 0.4);
    assert_true(flock.half && flock.self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_makes_the_rows_of_a_flock),
        cmocka_unit_test(rows_of_a_flock_are_kept),
        cmocka_unit_test(only_lists_that_are_masked_are_made_in_flocks),
        cmocka_unit_test(rounding_at_the_end_of_the_reach),
        cmocka_unit_test(a_flock_is_measured_by_the_largest_cutoff),
    };
    return cmocka_run_group_tests_name("search/flock", tests, NULL, NULL);
}
