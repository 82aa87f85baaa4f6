/* SPDX-License-Identifier: MIT */
#include "groups.h"

#include <math.h>

static void coordinates_of(const struct group *t, const nbl__image *image, double at[3])
{
    for (int k = 0; k < 3; k++)
        at[k] = t->r[image->atom][k] + (t->plain ? 0.0 : t->lattice.h[k][k] * image->shift[k]);
}

/* Atoms in a cell of `length`, at random or on a lattice of quarters, taken for some other cell's by w. */
static void place_atoms(struct group *t, struct random *g, double length, bool exact)
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
static void number_images(struct group *t, struct random *g)
{
    int64_t order[GROUP_CANDIDATES];
    t->n_candidates = (uint32_t)(t->plain ? t->n : t->n * GROUP_SIDES);
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

static bool is_home(const struct group *t, const nbl__image *image)
{
    bool home = true;
    for (int k = 0; k < 3 && !t->plain; k++)
        home &= image->shift[k] == -t->w[image->atom][k];
    return home;
}

/* Candidates in any order, keys ascending or not; homes and atoms of the rows as they come among them. */
static void place_candidates(struct group *t, struct random *g, double unit)
{
    const uint32_t n = t->n_candidates;
    const size_t room = n + NBL__KERNEL_OVERRUN;
    int64_t order[GROUP_CANDIDATES], keys[GROUP_CANDIDATES];
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
static void ask_for_rows(struct group *t, struct random *g)
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

static void random_query(struct group *t, struct random *g, double cutoff, const nbl__kernels *kernels)
{
    t->query = (nbl__query){.half = random_chance(g, 2),
                            .inclusive = random_chance(g, 2),
                            .self = random_chance(g, 2),
                            .sorted = t->group.ordered,
                            .disjoint = random_chance(g, 2),
                            .n_lists = random_chance(g, 2) ? 1 : (int32_t)random_int(g, 2, GROUP_LISTS),
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

void group_random(struct group *t, struct random *g, int64_t n, double cutoff, bool exact,
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

void group_start(struct group *t, const nbl__target *target)
{
    const nbl__scene scene = {.n = t->n,
                              .r = (const double(*)[3])t->r,
                              .lattice = t->plain ? &nbl__lattice_open : &t->lattice,
                              .wrapped = &t->wrapped};
    t->target = *target;
    t->target.arena = &t->arena;
    nbl__levels_make(t->levels, t->cutoffs, t->query.n_lists, t->query.inclusive);
    nbl__job_init(&t->job, &scene, &t->query, &t->target, t->levels, 0, GROUP_FIRST);
    nbl__job_focus(&t->job, 24.0);
    nbl__team_init(&t->team, 1, t->query.max_pairs);
    t->worker = nbl__worker_open(&t->team, 0);
    t->group.worker = &t->worker;
    t->group.job = &t->job;
    t->group.counts = t->counts;
    t->group.row = t->row;
    t->group.images = t->plain ? NULL : t->images;
    nbl__arena_rewind(&t->arena);
}

void group_rows(struct group *t, bool kept)
{
    for (int32_t k = 0; k < t->query.n_lists; k++) {
        check_int(nbl__rows_open(&t->rows[k], GROUP_FIRST + t->n, kept, &t->memory.memory, &t->fault), NBL_OK);
        memset(t->rows[k].count, 0, (size_t)(GROUP_FIRST + t->n) * sizeof *t->rows[k].count);
    }
}

void group_close(struct group *t)
{
    void *arrays[] = {t->x, t->y, t->z, t->number, t->key, t->homes, t->counts, t->row, t->atoms, t->expected};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        free(arrays[k]);
    for (int32_t k = 0; k < GROUP_LISTS; k++)
        nbl__rows_free(&t->rows[k], &t->memory.memory);
    nbl__arena_free(&t->arena);
    check_int(unit_memory_leaks(&t->memory), 0);
}

uint32_t group_home(const struct group *t, uint32_t row)
{
    return t->group.homes ? t->group.homes[row] : row;
}

double group_distance(const struct group *t, int32_t i, const nbl__image *image)
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
static bool list_holds(const struct group *t, int32_t list, double distance)
{
    bool holds[GROUP_LISTS];
    for (int32_t k = 0; k < t->query.n_lists; k++)
        holds[k] = t->query.inclusive ? distance <= t->cutoffs[k] : distance < t->cutoffs[k];
    for (int32_t k = 0; k < t->query.n_lists && t->query.disjoint; k++)
        if (holds[k] && (t->cutoffs[k] < t->cutoffs[list] || (t->cutoffs[k] == t->cutoffs[list] && k < list)))
            return false;
    return holds[list];
}

uint32_t group_expect(const struct group *t, uint32_t row, int32_t list)
{
    const uint32_t home = group_home(t, row);
    const int32_t i = t->images[t->number[home]].atom;
    uint32_t count = 0;
    for (uint32_t c = 0; c < t->n_candidates; c++) {
        const bool wanted = c == home ? t->query.self : !t->query.half || t->key[c] > t->key[home];
        if (wanted && list_holds(t, list, group_distance(t, i, &t->images[t->number[c]])))
            t->expected[count++] = t->number[c];
    }
    return count;
}

int64_t group_check(const struct group *t, uint32_t first, uint32_t n, bool kept)
{
    int64_t bytes = 0;
    for (int32_t k = 0; k < t->query.n_lists; k++)
        for (uint32_t row = first; row < first + n; row++) {
            const int64_t at = GROUP_FIRST + t->images[t->number[group_home(t, row)]].atom;
            const uint32_t count = group_expect(t, row, k);
            check_int(t->rows[k].count[at], count);
            bytes += (int64_t)count * (int64_t)sizeof(uint32_t);
            if (kept && count > 0)
                assert_memory_equal(t->rows[k].entry[at], t->expected, count * sizeof *t->expected);
        }
    return bytes;
}

int64_t group_pairs(struct group *t)
{
    int64_t pairs = 0;
    t->query.disjoint = false;
    for (int32_t k = 0; k < t->query.n_lists; k++)
        if (t->cutoffs[k] == nbl__job_highest(&t->job)->cutoff) {
            pairs = 0;
            for (uint32_t row = 0; row < t->group.n_rows; row++)
                pairs += group_expect(t, row, k);
        }
    return pairs;
}

uint64_t group_as_if_long(struct group *t, bool many)
{
    const uint64_t bytes = many ? UINT64_C(1) << 40 : 0;
    t->worker.kept_rows = many;
    t->worker.kept_bytes = bytes;
    t->group.past = nbl__group_goes_past(&t->group);
    return bytes;
}
