/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "isa.h"

int unit_pair_order(const void *a, const void *b)
{
    const struct unit_pair *x = a, *y = b;
    if (x->i != y->i)
        return x->i < y->i ? -1 : 1;
    if (x->j != y->j)
        return x->j < y->j ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->s[k] != y->s[k])
            return x->s[k] < y->s[k] ? -1 : 1;
    return 0;
}

void unit_pairs_add(struct unit_pairs *pairs, const struct unit_pair *pair)
{
    if (pairs->count == pairs->room) {
        pairs->room = 2 * pairs->room + 64;
        pairs->data = realloc(pairs->data, pairs->room * sizeof *pairs->data);
        if (!pairs->data)
            abort();
    }
    pairs->data[pairs->count++] = *pair;
}

void unit_pairs_free(struct unit_pairs *pairs)
{
    free(pairs->data);
    memset(pairs, 0, sizeof *pairs);
}

void unit_heights(double h[3][3], const uint8_t pbc[3], long double height[3], long double inverse[3][3])
{
    long double m[3][3];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            m[a][b] = a == b;
            for (int k = 0; k < 3 && pbc[a] && pbc[b]; k++)
                m[a][b] = (k ? m[a][b] : 0.0L) + (long double)h[a][k] * (long double)h[b][k];
        }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            int a1 = (a + 1) % 3, a2 = (a + 2) % 3, b1 = (b + 1) % 3, b2 = (b + 2) % 3;
            inverse[b][a] = m[a1][b1] * m[a2][b2] - m[a1][b2] * m[a2][b1];
        }
    long double determinant = m[0][0] * inverse[0][0] + m[0][1] * inverse[1][0] + m[0][2] * inverse[2][0];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            inverse[a][b] /= determinant;
    for (int a = 0; a < 3; a++)
        height[a] = pbc[a] ? 1.0L / sqrtl(inverse[a][a]) : 0.0L;
}

static void measure(const struct world *world, struct unit_pair *pair)
{
    for (int k = 0; k < 3; k++) {
        double t[3];
        for (int a = 0; a < 3; a++)
            t[a] = world->pbc[a] ? (double)pair->s[a] * world->h[a][k] : 0.0;
        double apart = world->r[pair->j][k] - world->r[pair->i][k];
        pair->d[k] = (apart + ((t[0] + t[1]) + t[2])) + 0.0;
    }
    pair->distance = sqrt((pair->d[0] * pair->d[0] + pair->d[1] * pair->d[1]) + pair->d[2] * pair->d[2]);
}

static bool is_wanted(const struct unit_pair *pair, const struct unit_rule *rule, double cutoff)
{
    bool near = rule->inclusive ? pair->distance <= cutoff : pair->distance < cutoff;
    int64_t first = pair->s[0] ? pair->s[0] : pair->s[1] ? pair->s[1] : pair->s[2];
    bool identity = pair->i == pair->j && first == 0;
    bool lower = rule->half && (pair->j < pair->i || (pair->j == pair->i && first < 0));
    return near && pair->i < rule->n_rows && (identity ? rule->self : !lower);
}

void unit_reference(const struct world *world, double cutoff, const struct unit_rule *rule,
                    struct unit_pairs *pairs)
{
    long double height[3], inverse[3][3];
    double cell[3][3];
    memcpy(cell, world->h, sizeof cell);
    unit_heights(cell, world->pbc, height, inverse);
    for (int64_t i = 0; i < world->n; i++)
        for (int64_t j = 0; j < world->n; j++) {
            long double along[3], low[3] = {0, 0, 0}, high[3] = {0, 0, 0};
            for (int a = 0; a < 3; a++) {
                along[a] = 0.0L;
                for (int k = 0; k < 3 && world->pbc[a]; k++)
                    along[a] += (long double)world->h[a][k] * ((long double)world->r[j][k] - world->r[i][k]);
            }
            for (int a = 0; a < 3; a++) {
                if (!world->pbc[a])
                    continue;
                long double f = inverse[a][0] * along[0] + inverse[a][1] * along[1] + inverse[a][2] * along[2];
                low[a] = floorl(-f - cutoff / height[a]) - 1.0L;
                high[a] = ceill(-f + cutoff / height[a]) + 1.0L;
            }
            struct unit_pair pair = {.i = i, .j = j};
            for (pair.s[0] = (int64_t)low[0]; pair.s[0] <= (int64_t)high[0]; pair.s[0]++)
                for (pair.s[1] = (int64_t)low[1]; pair.s[1] <= (int64_t)high[1]; pair.s[1]++)
                    for (pair.s[2] = (int64_t)low[2]; pair.s[2] <= (int64_t)high[2]; pair.s[2]++) {
                        measure(world, &pair);
                        if (is_wanted(&pair, rule, cutoff))
                            unit_pairs_add(pairs, &pair);
                    }
        }
    if (pairs->count)
        qsort(pairs->data, pairs->count, sizeof *pairs->data, unit_pair_order);
}

static bool list_holds(const struct world *world, const nbl__query *query, const struct unit_pair *pair,
                       int32_t k)
{
    const double cutoff = world->cutoffs[k];
    return query->inclusive ? pair->distance <= cutoff : pair->distance < cutoff;
}

/* The smallest cutoff that holds a pair, of equal ones the first. */
static int32_t shell_of(const struct world *world, const nbl__query *query, const struct unit_pair *pair)
{
    int32_t shell = -1;
    for (int32_t k = 0; k < query->n_lists; k++)
        if (list_holds(world, query, pair, k) && (shell < 0 || world->cutoffs[k] < world->cutoffs[shell]))
            shell = k;
    return shell;
}

void unit_reference_lists(const struct world *world, const nbl__query *query, struct unit_pairs *lists)
{
    const int64_t n_rows = query->n_centers >= 0 ? query->n_centers : world->n;
    const struct unit_rule rule = {query->half, query->inclusive, query->self, n_rows};
    struct unit_pairs all = {NULL, 0, 0};
    double largest = world->cutoffs[0];
    for (int32_t k = 1; k < query->n_lists; k++)
        largest = world->cutoffs[k] > largest ? world->cutoffs[k] : largest;
    unit_reference(world, largest, &rule, &all);
    for (size_t e = 0; e < all.count; e++) {
        const struct unit_pair *pair = &all.data[e];
        const int32_t shell = query->disjoint ? shell_of(world, query, pair) : -1;
        for (int32_t k = 0; k < query->n_lists; k++)
            if (query->disjoint ? k == shell : list_holds(world, query, pair, k))
                unit_pairs_add(&lists[k], pair);
    }
    unit_pairs_free(&all);
}

struct unit_pair unit_pair_of(const struct world *world, const nbl__view *view, uint32_t e)
{
    struct unit_pair pair = {.i = view->atom};
    const uint32_t at = view->number ? view->number[e] : e;
    pair.j = view->images ? view->images[at].atom : (int64_t)at;
    for (int k = 0; k < 3; k++)
        pair.s[k] = (view->images ? (int64_t)view->images[at].shift[k] : 0) + view->w[k];
    measure(world, &pair);
    return pair;
}

/* The atoms of a row that is a mask: in memory that the next one takes. */
static const uint32_t *numbers_of(uint64_t mask)
{
    static uint32_t numbers[NBL__MASK_ATOMS];
    uint32_t n = 0;
    for (uint32_t j = 0; j < NBL__MASK_ATOMS; j++)
        if (mask >> j & 1)
            numbers[n++] = j;
    return numbers;
}

nbl__view unit_view(const struct world *world, const nbl__rows *rows, int64_t first, int64_t i)
{
    const bool wide = world->path == NBL__PATH_FORMULA;
    const bool masked =
        rows->masked && world->path == NBL__PATH_BLOCK && world_is_open(world) && world->n <= NBL__MASK_ATOMS;
    nbl__view view = {.atom = i, .first = first, .count = rows->count[first + i]};
    view.r = (const double(*)[3])world->r;
    view.lattice = world_is_open(world) ? &nbl__lattice_open : &world->lattice;
    view.images = wide                             ? rows->entry[first + i]
                  : world->path == NBL__PATH_CELLS ? world->slots.images
                                                   : world->table;
    view.number = wide ? NULL : masked ? numbers_of(rows->mask[first + i]) : rows->entry[first + i];
    if (!wide && view.images)
        memcpy(view.w, world->w[i], sizeof view.w);
    return view;
}

void unit_rows(const struct world *world, int32_t list, struct unit_pairs *pairs)
{
    const nbl__rows *rows = &world->rows[list];
    for (int64_t i = 0; i < rows->n; i++) {
        const nbl__view view = unit_view(world, rows, 0, i);
        for (uint32_t e = 0; e < view.count; e++) {
            const struct unit_pair pair = unit_pair_of(world, &view, e);
            unit_pairs_add(pairs, &pair);
        }
    }
}

static const char *list_differs(struct unit_pairs *found, const struct unit_pairs *expected, bool ordered)
{
    for (size_t e = 1; e < found->count; e++)
        if (ordered && unit_pair_order(&found->data[e - 1], &found->data[e]) >= 0)
            return "a row is not in order";
    if (found->count)
        qsort(found->data, found->count, sizeof *found->data, unit_pair_order);
    return unit_pairs_differ(expected, found) >= 0 ? "other pairs than the reference" : NULL;
}

const char *unit_lists_differ(const struct world *world, const nbl__query *query, bool ordered)
{
    struct unit_pairs expected[WORLD_LISTS] = {{NULL, 0, 0}};
    const char *wrong = NULL;
    unit_reference_lists(world, query, expected);
    for (int32_t k = 0; k < query->n_lists; k++) {
        struct unit_pairs found = {NULL, 0, 0};
        unit_rows(world, k, &found);
        if (!wrong)
            wrong = list_differs(&found, &expected[k], ordered);
        if (!wrong && (int64_t)found.count != world->rows[k].total)
            wrong = "the total is not that of the rows";
        unit_pairs_free(&found);
        unit_pairs_free(&expected[k]);
    }
    return wrong;
}

int64_t unit_total(const struct world *world, const nbl__query *query)
{
    int64_t total = 0;
    for (int32_t k = 0; k < query->n_lists; k++) {
        const int64_t own = world->rows[k].total;
        total = query->disjoint ? total + own : own > total ? own : total;
    }
    return total;
}

/* Whether `part` is what is left of `whole` when some pairs are taken out. */
static bool is_part(const struct unit_pairs *part, const struct unit_pairs *whole)
{
    size_t at = 0;
    for (size_t e = 0; e < whole->count && at < part->count; e++)
        at += unit_pair_order(&whole->data[e], &part->data[at]) == 0;
    return at == part->count;
}

const char *unit_lists_alone_differ(struct world *world, const nbl__query *query, enum nbl__path path)
{
    struct unit_pairs together[WORLD_LISTS] = {{NULL, 0, 0}};
    double cutoffs[WORLD_LISTS];
    const char *wrong = NULL;
    memcpy(cutoffs, world->cutoffs, sizeof cutoffs);
    if (world_search(world, query, path, true) != NBL_OK)
        return "the search of all failed";
    for (int32_t k = 0; k < query->n_lists; k++)
        unit_rows(world, k, &together[k]);
    for (int32_t k = 0; k < query->n_lists; k++) {
        struct unit_pairs alone = {NULL, 0, 0};
        nbl__query one = *query;
        one.n_lists = 1;
        world->cutoffs[0] = cutoffs[k];
        if (world_search(world, &one, path, true) != NBL_OK)
            wrong = "the search of one failed";
        unit_rows(world, 0, &alone);
        if (query->disjoint ? !is_part(&together[k], &alone) : unit_pairs_differ(&together[k], &alone) >= 0)
            wrong = "a list is not that of its cutoff alone";
        unit_pairs_free(&alone);
        unit_pairs_free(&together[k]);
    }
    memcpy(world->cutoffs, cutoffs, sizeof cutoffs);
    return wrong;
}

int64_t unit_pairs_differ(const struct unit_pairs *a, const struct unit_pairs *b)
{
    size_t count = a->count < b->count ? a->count : b->count;
    for (size_t e = 0; e < count; e++)
        if (unit_pair_order(&a->data[e], &b->data[e]) != 0)
            return (int64_t)e;
    return a->count == b->count ? -1 : (int64_t)count;
}

static void fail_lists(const struct world *world, const nbl__query *query, uint64_t seed, const char *wrong)
{
    char text[240];
    if (wrong)
        fail_msg("seed %llu, %lld atoms, %s: %s", (unsigned long long)seed, (long long)world->n,
                 world_query_text(query, text), wrong);
}

void unit_check_search(struct world *world, const nbl__query *query, enum nbl__path path, bool ordered,
                       uint64_t seed)
{
    check_int(world_search(world, query, path, true), NBL_OK);
    check_int(world->rows[0].n, nbl__query_rows(query, world->n));
    fail_lists(world, query, seed, unit_lists_differ(world, query, ordered));
}

void unit_check_alone(struct world *world, const nbl__query *query, enum nbl__path path, uint64_t seed)
{
    fail_lists(world, query, seed, unit_lists_alone_differ(world, query, path));
}

void unit_check_levels(struct world *world, const nbl__query *query, enum nbl__path path, uint64_t seed)
{
    struct unit_pairs first[WORLD_LISTS] = {{NULL, 0, 0}};
    const nbl__kernels *kernels;
    bool again = false;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL; again = true) {
        nbl__query at_level = *query;
        at_level.kernels = kernels;
        check_int(world_search(world, &at_level, path, true), NBL_OK);
        for (int32_t k = 0; k < query->n_lists; k++) {
            struct unit_pairs found = {NULL, 0, 0};
            unit_rows(world, k, again ? &found : &first[k]);
            if (again && unit_pairs_differ(&found, &first[k]) >= 0)
                fail_lists(world, query, seed, "another order, or other pairs, than at a lower level");
            unit_pairs_free(&found);
        }
    }
    for (int32_t k = 0; k < query->n_lists; k++)
        unit_pairs_free(&first[k]);
}

bool unit_check_doubts(struct world *world, const nbl__query *query, enum nbl__path path, struct random *g)
{
    struct unit_pairs pairs = {NULL, 0, 0};
    bool doubtful = false;
    check_int(world_search(world, query, path, true), NBL_OK);
    unit_rows(world, 0, &pairs);
    if (pairs.count > 0) {
        world->cutoffs[0] = pairs.data[random_int(g, 0, (int64_t)pairs.count - 1)].distance;
        doubtful = world->cutoffs[0] > 0.1;
    }
    if (doubtful) {
        count_alloc_arm(&world->memory.counter, 1, 1);
        check_int(world_search(world, query, path, true), NBL_OK);
        check_int(unit_memory_calls(&world->memory), 0);
        count_alloc_arm(&world->memory.counter, 0, 0);
    }
    unit_pairs_free(&pairs);
    return doubtful;
}
