/* SPDX-License-Identifier: MIT */
#include "search/group.h"

#include <math.h>
#include <stdlib.h>

#include <nblist/nblist.h>

#include "check.h"
#include "counted.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/* As many candidates as do not fit a place of 64 KiB any more, where a row by itself is made in scratch. */
enum { ATOMS = 700, SIDES = 27, CANDIDATES = ATOMS * SIDES, LISTS = 4, FIRST = 3 };

/*
 * Atoms in a cubic cell of which candidates are images, or atoms by themselves; what the rows must be is found
 * by the formula, pair by pair, in the order of the candidates.
 */
struct setting {
    int64_t n;
    double r[ATOMS][3], p[ATOMS][3];
    int32_t w[ATOMS][3];
    nbl__lattice lattice;
    nbl__wrapped wrapped;
    nbl__image images[CANDIDATES]; /* what numbers refer to */
    bool plain;                    /* numbers are atoms */
    uint32_t n_candidates;
    float *x, *y, *z;
    uint32_t *number, *key, *homes, *counts;
    void *row;
    int32_t *atoms;
    double cutoffs[LISTS];
    nbl__level levels[LISTS];
    nbl__query query;
    nbl__target target;
    nbl__rows rows[LISTS];
    nbl__arena arena;
    nbl__job job;
    nbl__team team;
    nbl__worker worker;
    nbl__group group;
    struct unit_memory memory;
    nbl__fault fault;
    int64_t consumed[ATOMS], calls, refuse; /* the consumer's: it refuses this atom (-1: none) */
    uint32_t *expected;
};

/* Kernels that count how rows are asked for. */
static int asked_together, asked_alone;
static const nbl__kernels *real;

static uint32_t counting_rows(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2,
                              uint32_t *counts, bool *close)
{
    for (uint32_t k = near->n; k < near->n + NBL__KERNEL_OVERRUN; k++)
        if (near->x[k] != HUGE_VALF || near->y[k] != HUGE_VALF || near->z[k] != HUGE_VALF)
            abort();
    asked_together += !d2;
    asked_alone += d2 != NULL;
    return real->rows(near, ask, out, d2, counts, close);
}

static int fences;

static void counting_fence(void)
{
    fences++;
    real->expand->past->fence();
}

static nbl__kernels counting_kernels(const nbl__kernels *kernels)
{
    static nbl__expand expand, past;
    nbl__kernels counting = *kernels;
    real = kernels;
    asked_together = asked_alone = fences = 0;
    counting.rows = counting_rows;
    expand = *kernels->expand;
    if (expand.past) {
        past = *expand.past;
        past.fence = counting_fence;
        expand.past = &past;
    }
    counting.expand = &expand;
    return counting;
}

static void coordinates_of(const struct setting *t, const nbl__image *image, double at[3])
{
    for (int k = 0; k < 3; k++)
        at[k] = t->r[image->atom][k] + (t->plain ? 0.0 : t->lattice.h[k][k] * image->shift[k]);
}

/* Atoms in a cell of `length`, at random or on a lattice of quarters, taken for some other cell's by w. */
static void place_atoms(struct setting *t, struct random *g, double length, bool exact)
{
    double h[3][3] = {{length, 0, 0}, {0, length, 0}, {0, 0, length}};
    const uint8_t pbc[3] = {1, 1, 1};
    check_int(nbl__lattice_init(&t->lattice, h, pbc, &t->fault), NBL_OK);
    for (int64_t i = 0; i < t->n; i++)
        for (int k = 0; k < 3; k++) {
            t->p[i][k] =
                exact ? 0.25 * (double)random_int(g, 0, (int64_t)(4.0 * length) - 1) : length * random_unit(g);
            t->w[i][k] = t->plain ? 0 : (int32_t)random_int(g, -2, 2);
            t->r[i][k] = t->p[i][k] + length * t->w[i][k];
        }
    t->wrapped.p = t->p;
    t->wrapped.w = t->w;
}

/* All images one cell around, each with a number of its own; or the atoms. */
static void number_images(struct setting *t, struct random *g)
{
    int64_t order[CANDIDATES];
    t->n_candidates = (uint32_t)(t->plain ? t->n : t->n * SIDES);
    random_permutation(g, t->n_candidates, order);
    for (uint32_t c = 0; c < t->n_candidates; c++) {
        const int32_t atom = (int32_t)(c % (uint32_t)t->n), side = (int32_t)(c / (uint32_t)t->n);
        const int32_t m[3] = {side % 3, side / 3 % 3, side / 9};
        nbl__image *image = &t->images[t->plain ? c : order[c]];
        *image = (nbl__image){.atom = atom};
        for (int k = 0; k < 3 && !t->plain; k++) /* the first are the atoms themselves */
            image->shift[k] = (m[k] == 2 ? -1 : m[k]) - t->w[atom][k];
    }
}

static bool is_home(const struct setting *t, const nbl__image *image)
{
    bool home = true;
    for (int k = 0; k < 3 && !t->plain; k++)
        home &= image->shift[k] == -t->w[image->atom][k];
    return home;
}

/* Candidates in any order, keys ascending or not; homes and atoms of the rows as they come among them. */
static void place_candidates(struct setting *t, struct random *g, double unit)
{
    const uint32_t n = t->n_candidates;
    const size_t room = n + NBL__KERNEL_OVERRUN;
    int64_t order[CANDIDATES], keys[CANDIDATES];
    t->x = malloc(room * sizeof *t->x);
    t->y = malloc(room * sizeof *t->y);
    t->z = malloc(room * sizeof *t->z);
    t->number = malloc(room * sizeof *t->number);
    t->key = malloc(room * sizeof *t->key);
    t->homes = malloc((size_t)t->n * sizeof *t->homes);
    t->counts = malloc((size_t)t->n * sizeof *t->counts);
    t->row = malloc(nbl__group_row_bytes(&(nbl__query){.n_lists = 2}, n));
    t->atoms = malloc((size_t)t->n * sizeof *t->atoms);
    t->expected = malloc(n * sizeof *t->expected);
    assert_true(t->x && t->y && t->z && t->number && t->key && t->homes && t->counts && t->row && t->atoms &&
                t->expected);
    t->group.ordered = random_chance(g, 2);
    random_permutation(g, n, order);
    random_permutation(g, n, keys);
    for (uint32_t c = 0; c < n; c++) {
        double at[3];
        t->number[c] = t->plain ? c : (uint32_t)order[c];
        t->key[c] = t->group.ordered ? 3 * c + 1 : (uint32_t)keys[c];
        coordinates_of(t, &t->images[t->number[c]], at);
        t->x[c] = (float)(at[0] / unit);
        t->y[c] = (float)(at[1] / unit);
        t->z[c] = (float)(at[2] / unit);
    }
    t->group.near = (nbl__near){t->x, t->y, t->z, t->number, t->key, n};
}

/* Rows of all atoms, or of some of them in the order that they come in; homes and atoms where they are needed.
 */
static void ask_for_rows(struct setting *t, struct random *g)
{
    nbl__group *group = &t->group;
    const bool all = random_chance(g, 2);
    group->n_rows = 0;
    group->homes = NULL;
    group->atoms = NULL;
    if (t->plain && random_chance(g, 2)) {
        group->n_rows = all ? (uint32_t)t->n : (uint32_t)random_int(g, 0, t->n);
        return;
    }
    group->homes = t->homes;
    if (all && random_chance(g, 2)) { /* row k is atom k */
        for (uint32_t c = 0; c < t->n_candidates; c++)
            if (is_home(t, &t->images[t->number[c]]))
                t->homes[t->images[t->number[c]].atom] = c;
        group->n_rows = (uint32_t)t->n;
        return;
    }
    group->atoms = t->atoms;
    for (uint32_t c = 0; c < t->n_candidates; c++)
        if (is_home(t, &t->images[t->number[c]]) && (all || random_chance(g, 2))) {
            t->homes[group->n_rows] = c;
            t->atoms[group->n_rows++] = t->images[t->number[c]].atom;
        }
}

static void random_query(struct setting *t, struct random *g, double cutoff, const nbl__kernels *kernels)
{
    t->query = (nbl__query){.half = random_chance(g, 2),
                            .inclusive = random_chance(g, 2),
                            .self = random_chance(g, 2),
                            .sorted = t->group.ordered,
                            .disjoint = random_chance(g, 2),
                            .n_lists = random_chance(g, 2) ? 1 : (int32_t)random_int(g, 2, LISTS),
                            .n_sets = 1,
                            .cutoffs = t->cutoffs,
                            .n_centers = -1,
                            .n_threads = 1,
                            .least_pieces = 1,
                            .kernels = kernels};
    for (int32_t k = 0; k < t->query.n_lists; k++)
        t->cutoffs[k] = random_chance(g, 2) ? cutoff : cutoff * 0.25 * (double)random_int(g, 1, 4);
    t->cutoffs[random_int(g, 0, t->query.n_lists - 1)] = cutoff;
}

/* Everything but what the target is. */
static void open_setting(struct setting *t, struct random *g, int64_t n, double cutoff, bool exact,
                         const nbl__kernels *kernels)
{
    memset(t, 0, sizeof *t);
    unit_memory_open(&t->memory);
    nbl__arena_init(&t->arena, &t->memory.memory);
    t->n = n;
    t->refuse = -1;
    t->plain = random_chance(g, 3);
    place_atoms(t, g, 4.0, exact);
    number_images(t, g);
    place_candidates(t, g, cutoff);
    ask_for_rows(t, g);
    random_query(t, g, cutoff, kernels);
}

static void start(struct setting *t, const nbl__target *target)
{
    const nbl__scene scene = {.n = t->n,
                              .r = (const double(*)[3])t->r,
                              .lattice = t->plain ? &nbl__lattice_open : &t->lattice,
                              .wrapped = &t->wrapped};
    t->target = *target;
    t->target.arena = &t->arena;
    nbl__levels_make(t->levels, t->cutoffs, t->query.n_lists, t->query.inclusive);
    nbl__job_init(&t->job, &scene, &t->query, &t->target, t->levels, 0, FIRST);
    nbl__job_focus(&t->job, 24.0);
    nbl__team_init(&t->team, 1, t->query.max_pairs);
    t->worker = (nbl__worker){.team = &t->team};
    t->group.worker = &t->worker;
    t->group.job = &t->job;
    t->group.counts = t->counts;
    t->group.row = t->row;
    t->group.images = t->plain ? NULL : t->images;
    nbl__arena_rewind(&t->arena);
}

static void open_rows(struct setting *t, bool kept)
{
    for (int32_t k = 0; k < t->query.n_lists; k++) {
        check_int(nbl__rows_open(&t->rows[k], FIRST + t->n, kept, &t->memory.memory, &t->fault), NBL_OK);
        memset(t->rows[k].count, 0, (size_t)(FIRST + t->n) * sizeof *t->rows[k].count);
    }
}

static void close_setting(struct setting *t)
{
    void *arrays[] = {t->x, t->y, t->z, t->number, t->key, t->homes, t->counts, t->row, t->atoms, t->expected};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        free(arrays[k]);
    for (int32_t k = 0; k < LISTS; k++)
        nbl__rows_free(&t->rows[k], &t->memory.memory);
    nbl__arena_free(&t->arena);
    check_int(unit_memory_leaks(&t->memory), 0);
}

static uint32_t home_of(const struct setting *t, uint32_t row)
{
    return t->group.homes ? t->group.homes[row] : row;
}

/* By the formula, from the caller's coordinates. */
static double distance_of(const struct setting *t, int32_t i, const nbl__image *image)
{
    double d2 = 0.0;
    for (int k = 0; k < 3; k++) {
        const double moved = t->plain ? 0.0 : t->lattice.h[k][k] * (double)(image->shift[k] + t->w[i][k]);
        const double d = (t->r[image->atom][k] - t->r[i][k]) + moved;
        d2 += d * d;
    }
    return sqrt(d2);
}

/* Whether the list holds a pair of that length: the smallest cutoff of all, where lists are disjoint. */
static bool list_holds(const struct setting *t, int32_t list, double distance)
{
    bool holds[LISTS];
    for (int32_t k = 0; k < t->query.n_lists; k++)
        holds[k] = t->query.inclusive ? distance <= t->cutoffs[k] : distance < t->cutoffs[k];
    for (int32_t k = 0; k < t->query.n_lists && t->query.disjoint; k++)
        if (holds[k] && (t->cutoffs[k] < t->cutoffs[list] || (t->cutoffs[k] == t->cutoffs[list] && k < list)))
            return false;
    return holds[list];
}

/* The row of a list, in the order of the candidates. */
static uint32_t expect_row(const struct setting *t, uint32_t row, int32_t list)
{
    const uint32_t home = home_of(t, row);
    const int32_t i = t->images[t->number[home]].atom;
    uint32_t count = 0;
    for (uint32_t c = 0; c < t->n_candidates; c++) {
        const bool wanted = c == home ? t->query.self : !t->query.half || t->key[c] > t->key[home];
        if (wanted && list_holds(t, list, distance_of(t, i, &t->images[t->number[c]])))
            t->expected[count++] = t->number[c];
    }
    return count;
}

/* Rows first ... first + n - 1 of the lists, as they were kept or counted; returns the bytes that they take. */
static int64_t check_lists(const struct setting *t, uint32_t first, uint32_t n, bool kept)
{
    int64_t bytes = 0;
    for (int32_t k = 0; k < t->query.n_lists; k++)
        for (uint32_t row = first; row < first + n; row++) {
            const int64_t at = FIRST + t->images[t->number[home_of(t, row)]].atom;
            const uint32_t count = expect_row(t, row, k);
            check_int(t->rows[k].count[at], count);
            bytes += (int64_t)count * (int64_t)sizeof(uint32_t);
            if (kept && count > 0)
                assert_memory_equal(t->rows[k].entry[at], t->expected, count * sizeof *t->expected);
        }
    return bytes;
}

/* Pairs within the largest cutoff. */
static int64_t count_pairs(struct setting *t)
{
    int64_t pairs = 0;
    t->query.disjoint = false;
    for (int32_t k = 0; k < t->query.n_lists; k++)
        if (t->cutoffs[k] == nbl__job_highest(&t->job)->cutoff) {
            pairs = 0;
            for (uint32_t row = 0; row < t->group.n_rows; row++)
                pairs += expect_row(t, row, k);
        }
    return pairs;
}

/* The bytes that the worker is told to have kept; if they are many, rows may go past the caches. */
static uint64_t as_if_long_rows_were_kept(struct setting *t, bool many)
{
    const uint64_t bytes = many ? UINT64_C(1) << 40 : 0;
    t->worker.kept_rows = many;
    t->worker.kept_bytes = bytes;
    t->group.past = nbl__group_goes_past(&t->group);
    return bytes;
}

/* Kept or only counted, by any number of lists, with doubts and without: the rows of the formula. */
static void rows_are_those_of_the_formula(void **state)
{
    (void)state;
    static struct setting t;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        const nbl__kernels counting = counting_kernels(kernels);
        int64_t past[2] = {0, 0}, past_of_many = 0;
        for (int64_t seed = scale_count(500, 150); seed > 0; seed--) {
            struct random g;
            random_seed(&g, (uint64_t)seed);
            const int64_t n = random_int(&g, 1, random_chance(&g, 3) ? 60 : 15);
            open_setting(&t, &g, n, random_chance(&g, 2) ? 1.0 : 3.0, random_chance(&g, 2), &counting);
            const bool kept = !random_chance(&g, 4);
            open_rows(&t, kept);
            start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            const uint64_t before = as_if_long_rows_were_kept(&t, random_chance(&g, 2));
            check_int(nbl__group_search(&t.group), NBL_OK);
            past[t.worker.past != NULL]++;
            past_of_many += t.worker.past && t.query.n_lists > 1;
            const int64_t bytes = check_lists(&t, 0, t.group.n_rows, kept);
            check_int(t.worker.kept_bytes - before, kept ? bytes : 0);
            check_int(t.worker.kept_rows - (before > 0), kept ? t.group.n_rows * (uint32_t)t.query.n_lists : 0);
            for (int k = 0; k < FIRST; k++)
                check_int(t.rows[0].count[k], 0);
            const int before_close = fences;
            nbl__worker_close(&t.worker);
            check_int(fences - before_close, t.worker.past != NULL);
            check_int(atomic_load(&t.team.pairs), count_pairs(&t));
            close_setting(&t);
        }
        assert_true(asked_together > 0 && asked_alone > asked_together);
        assert_true(past[0] > 0 && (past[1] > 0) == (kernels->expand->past != NULL));
        assert_true((past_of_many > 0) == (kernels->expand->past != NULL));
    }
}

/* What is free begins at any entry, and is at times no more than a group may need. Returns where it ends. */
static const char *shorten_segment(struct setting *t, struct random *g)
{
    nbl__cursor *kept = t->worker.kept;
    const int64_t skipped = 4 * random_int(g, 0, 15), rest = 64 * random_int(g, 0, 300);
    kept->next += skipped <= kept->end - kept->next ? skipped : 0;
    if (random_chance(g, 3) && rest < kept->end - kept->next)
        kept->end = kept->next + rest;
    return kept->end;
}

/*
 * Of many groups, one after the other, each begins a line if it has more than a few entries, and all lie in
 * segments, of which they fill more than one; what was moved before stays.
 */
static void rows_past_the_caches_fill_segments(void **state)
{
    (void)state;
    static struct setting t;
    const nbl__kernels *kernels;
    int64_t lines = 0, segments = 0, ends = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (uint64_t seed = 1; kernels->expand->past && seed <= 12; seed++) {
            struct random g;
            random_seed(&g, seed + 300);
            open_setting(&t, &g, random_int(&g, 20, 60), 3.0, false, kernels);
            open_rows(&t, true);
            start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            as_if_long_rows_were_kept(&t, true);
            const uint32_t n_rows = t.group.n_rows;
            for (int round = 0; round < 60 && n_rows > 0; round++) {
                t.group.n_rows = round == 0 ? n_rows : (uint32_t)random_int(&g, 1, n_rows);
                const char *const end = shorten_segment(&t, &g);
                check_int(nbl__group_search(&t.group), NBL_OK);
                const int64_t bytes = check_lists(&t, 0, t.group.n_rows, true),
                              at = FIRST + t.images[t.number[home_of(&t, 0)]].atom;
                if (t.query.n_lists == 1 && t.rows[0].count[at] > 0 && bytes >= 512) {
                    check_int((uintptr_t)t.rows[0].entry[at] % 64, 0);
                    if (t.group.n_rows <= 10) /* made in one pass */
                        check_int((uintptr_t)t.worker.kept->next % 64, 0);
                    lines++;
                }
                assert_true(t.worker.kept->next <= t.worker.kept->end);
                ends += t.worker.kept->end == end;
            }
            if (n_rows > 0)
                check_lists(&t, t.group.n_rows, n_rows - t.group.n_rows, true);
            segments += t.arena.n_taken;
            close_setting(&t);
        }
    assert_true(segments == 0 || (lines > 50 && segments > 30 && ends > 20));
}

/* Whether some pair is too near to the cutoff for a filter: they are either far from it or exactly there. */
static bool has_doubts(const struct setting *t)
{
    const double cutoff = t->cutoffs[0];
    for (uint32_t row = 0; row < t->group.n_rows; row++)
        for (uint32_t c = 0; c < t->n_candidates; c++) {
            const uint32_t home = home_of(t, row);
            const double distance = distance_of(t, t->images[t->number[home]].atom, &t->images[t->number[c]]);
            if (fabs(distance - cutoff) < 1e-5 * cutoff && (!t->query.half || t->key[c] > t->key[home]))
                return true;
        }
    return false;
}

/* Without doubts one pass makes many rows; one doubt makes each row by itself. */
static void rows_are_made_together_if_they_can(void **state)
{
    (void)state;
    static struct setting t;
    int seen[2] = {0, 0};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        const nbl__kernels counting = counting_kernels(nbl__dispatch_kernels(NBL_ISA_AUTO));
        struct random g;
        random_seed(&g, seed);
        open_setting(&t, &g, 20, 1.0, seed % 2, &counting);
        t.query.n_lists = 1;
        t.cutoffs[0] = 1.0;
        open_rows(&t, true);
        start(&t, &(nbl__target){.rows = t.rows, .only = -1});
        check_int(nbl__group_search(&t.group), NBL_OK);
        const bool doubts = has_doubts(&t);
        check_int(asked_together, t.group.n_rows > 0);
        check_int(asked_alone, doubts ? t.group.n_rows : 0);
        check_lists(&t, 0, t.group.n_rows, true);
        seen[doubts]++;
        close_setting(&t);
    }
    assert_true(seen[0] > 5 && seen[1] > 5);
}

/* Candidates of more than 64 KiB: rows are made elsewhere, and what is kept takes no more than its pairs. */
static void rows_that_are_longer_than_their_place(void **state)
{
    (void)state;
    static struct setting t;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (int64_t seed = scale_count(10, 3); seed > 0; seed--)
            for (int64_t n = 604; n <= ATOMS; n++) { /* 16308 candidates, and 16335, still fit */
                struct random g;
                random_seed(&g, (uint64_t)(seed + 100 * n));
                if (n > 609)
                    n = ATOMS;
                open_setting(&t, &g, n, 3.0, random_chance(&g, 2), kernels);
                if (t.group.n_rows > 6)
                    t.group.n_rows = 6;
                const bool kept = !random_chance(&g, 4);
                open_rows(&t, kept);
                start(&t, &(nbl__target){.rows = t.rows, .only = -1});
                check_int(nbl__group_search(&t.group), NBL_OK);
                const int64_t bytes = check_lists(&t, 0, t.group.n_rows, kept);
                check_int(t.worker.kept_bytes, kept ? bytes : 0);
                close_setting(&t);
            }
}

/* One row of which everything is a neighbour, many times the place. */
static void the_longest_row(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct random g;
        random_seed(&g, seed);
        open_setting(&t, &g, ATOMS, 24.0, false, nbl__dispatch_kernels(NBL_ISA_AUTO));
        t.group.n_rows = t.group.n_rows < 2 ? t.group.n_rows : 2;
        open_rows(&t, true);
        start(&t, &(nbl__target){.rows = t.rows, .only = -1});
        check_int(nbl__group_search(&t.group), NBL_OK);
        check_int(t.worker.kept_bytes, check_lists(&t, 0, t.group.n_rows, true));
        close_setting(&t);
    }
}

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    struct setting *t = context;
    const uint32_t row = (uint32_t)t->calls++;
    const int32_t list = t->target.only >= 0 ? t->target.only : 0,
                  i = t->images[t->number[home_of(t, row)]].atom;
    const uint32_t count = expect_row(t, row, list);
    bool right = thread == 0 && view->atom == i && view->first == FIRST && view->count == count;
    right &= view->images == t->group.images && view->r == (const double(*)[3])t->r;
    right &= count == 0 || (right && memcmp(view->number, t->expected, count * sizeof *t->expected) == 0);
    for (uint32_t e = 0; e < count && right; e++) {
        double d[3];
        const nbl__image image = nbl__view_at(view, e);
        right &= sqrt(nbl__view_d2(view, e, d)) == distance_of(t, i, &image);
    }
    t->consumed[i] += right ? 1 : 1000;
    return i == t->refuse ? NBL_EARGUMENT : NBL_OK;
}

/* Only rows that stay, not very short, of a result that is large; and only where there are such stores. */
static void what_goes_past_the_caches(void **state)
{
    (void)state;
    static struct setting t;
    const nbl__kernels *kernels;
    const double mib = 1024.0 * 1024.0;
    const struct {
        int64_t n, kept_rows;
        double bytes; /* of each row */
        int32_t only, n_lists;
        bool kept, past;
    } cases[] = {
        {65536, 100, 192.0, -1, 1, true, true},   {65536, 100, 191.0, -1, 1, true, false},
        {65536, 100, 96.0, -1, 2, true, true},    {65536, 100, 96.0, 0, 2, true, false},
        {65536, 100, 192.0, -1, 1, false, false}, {1000000, 100, 64.0, -1, 1, true, true},
        {1000000, 100, 63.0, -1, 1, true, false}, {1000000, 0, 0.0, -1, 1, true, false},
    };
    assert_true(65536 * 192.0 == 12.0 * mib);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
            for (int consumes = 0; consumes < 2; consumes++) {
                memset(&t, 0, sizeof t);
                t.query = (nbl__query){.n_lists = cases[c].n_lists, .kernels = kernels};
                t.rows[0] = t.rows[1] = (nbl__rows){.n = cases[c].n, .kept = cases[c].kept};
                t.target =
                    (nbl__target){.rows = t.rows, .only = cases[c].only, .consume = consumes ? consume : NULL};
                t.job.query = &t.query;
                t.job.target = &t.target;
                t.worker.kept_rows = (uint64_t)cases[c].kept_rows;
                t.worker.kept_bytes = (uint64_t)(cases[c].bytes * (double)cases[c].kept_rows);
                t.group.worker = &t.worker;
                t.group.job = &t.job;
                check_int(nbl__group_goes_past(&t.group),
                          cases[c].past && !consumes && kernels->expand->past != NULL);
            }
}

/* What is handed over are the rows in their order, of one list; a refusal ends it. */
static void rows_are_handed_over(void **state)
{
    (void)state;
    static struct setting t;
    for (int64_t seed = scale_count(400, 60); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed + 5000);
        open_setting(&t, &g, random_int(&g, 1, 30), random_chance(&g, 2) ? 1.0 : 3.0, random_chance(&g, 2),
                     nbl__dispatch_kernels(NBL_ISA_AUTO));
        int32_t only = t.query.n_lists > 1 ? (int32_t)random_int(&g, 0, t.query.n_lists - 1) : -1;
        if (only < 0 && random_chance(&g, 2))
            only = 0;
        const bool with_rows = random_chance(&g, 2), kept = random_chance(&g, 2);
        if (with_rows)
            open_rows(&t, kept);
        start(&t, &(nbl__target){
                      .rows = with_rows ? t.rows : NULL, .only = only, .consume = consume, .context = &t});
        check_int(nbl__group_search(&t.group), NBL_OK);
        check_int(t.calls, t.group.n_rows);
        for (uint32_t row = 0; row < t.group.n_rows; row++) {
            const int64_t i = t.images[t.number[home_of(&t, row)]].atom;
            const uint32_t count = expect_row(&t, row, only > 0 ? only : 0);
            check_int(t.consumed[i], 1);
            if (with_rows)
                check_int(t.rows[0].count[FIRST + i], count);
            if (with_rows && kept && count > 0)
                assert_memory_equal(t.rows[0].entry[FIRST + i], t.expected, count * sizeof *t.expected);
        }
        if (t.group.n_rows > 0) {
            const uint32_t row = (uint32_t)random_int(&g, 0, t.group.n_rows - 1);
            t.refuse = t.images[t.number[home_of(&t, row)]].atom;
            t.calls = 0;
            check_int(nbl__group_search(&t.group), NBL_EARGUMENT);
            check_int(t.calls, row + 1);
            check_int(t.worker.fault.a, FIRST + t.refuse);
        }
        close_setting(&t);
    }
}

/* Where the search has failed elsewhere, rows are left out; where there are too many pairs, it is noticed. */
static void rows_that_nobody_wants(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 77);
    open_setting(&t, &g, ATOMS, 3.0, false, nbl__dispatch_kernels(NBL_ISA_AUTO));
    t.query.n_lists = 1;
    t.query.max_pairs = 100000;
    t.cutoffs[0] = 24.0;
    t.plain = false;
    start(&t, &(nbl__target){.only = -1, .consume = NULL});
    nbl__job_fail(&t.job, -1, NBL_ESHIFT, &t.fault);
    check_int(nbl__group_search(&t.group), NBL_OK);
    nbl__worker_report(&t.worker);
    assert_true(atomic_load(&t.team.pairs) <= 2 * CANDIDATES);

    start(&t, &(nbl__target){.only = -1, .consume = NULL});
    check_int(nbl__group_search(&t.group), NBL_OK);
    check_int(t.team.status, NBL_ELIMIT);
    check_int(t.team.fault.what, NBL__FAULT_PAIRS);
    assert_true(atomic_load(&t.team.pairs) <= 100000 + 65536 + CANDIDATES);
    close_setting(&t);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        nbl_status status = NBL_ENOMEM;
        for (long long nth = 1; status != NBL_OK; nth++) {
            struct random g;
            random_seed(&g, seed);
            open_setting(&t, &g, seed % 2 ? 20 : ATOMS, 1.0, seed % 3 == 0,
                         nbl__dispatch_kernels(NBL_ISA_AUTO));
            t.group.n_rows = t.group.n_rows < 20 ? t.group.n_rows : 20;
            open_rows(&t, true);
            start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            as_if_long_rows_were_kept(&t, seed % 4 < 2);
            count_alloc_arm(&t.memory.counter, nth, 1);
            status = nbl__group_search(&t.group);
            const bool failed = unit_memory_calls(&t.memory) >= nth;
            count_alloc_arm(&t.memory.counter, 0, 0);
            check_int(status == NBL_OK, !failed);
            if (status == NBL_OK) {
                assert_true(nth > 1 || t.group.n_rows == 0);
                check_lists(&t, 0, t.group.n_rows, true);
            } else {
                check_int(status, NBL_ENOMEM);
                check_int(t.worker.fault.what, NBL__FAULT_BYTES);
            }
            close_setting(&t);
        }
    }
}

/* Arrays that follow each other, each at a line of the cache; what cannot be is more than there is. */
static void arrays_are_taken_one_after_the_other(void **state)
{
    (void)state;
    char memory[300], *place = memory;
    assert_ptr_equal(nbl__group_take(&place, 3, 8), memory);
    assert_ptr_equal(nbl__group_take(&place, 0, 8), memory + 64);
    assert_ptr_equal(nbl__group_take(&place, 16, 4), memory + 64);
    assert_ptr_equal(nbl__group_take(&place, 17, 4), memory + 128);
    assert_ptr_equal(place, memory + 256);
    assert_true(nbl__group_bytes(SIZE_MAX / 2, 4) > SIZE_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_the_formula),
        cmocka_unit_test(rows_past_the_caches_fill_segments),
        cmocka_unit_test(what_goes_past_the_caches),
        cmocka_unit_test(rows_are_made_together_if_they_can),
        cmocka_unit_test(rows_that_are_longer_than_their_place),
        cmocka_unit_test(the_longest_row),
        cmocka_unit_test(rows_are_handed_over),
        cmocka_unit_test(rows_that_nobody_wants),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(arrays_are_taken_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
