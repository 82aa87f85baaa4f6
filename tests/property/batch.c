/* SPDX-License-Identifier: MIT */
/*
 * Random heterogeneous batches. The result of a batch is that of its systems searched alone, one behind the
 * other, byte for byte; the lists of several cutoffs are the single searches on the same built list; shells
 * are the largest list divided; all of it for every number of threads, mode and algorithm, in every output.
 * The single lists of a part of the systems are held against the oracle.
 *
 * NBL_TEST_SEED sets the first seed; a failing seed is run alone with NBL_TEST_SEED=<seed> NBL_TEST_COUNT=1. On
 * a difference systems are dropped for as long as it is still there, and what is left is printed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batches.h"
#include "listing.h"
#include "request.h"
#include "scale.h"

enum { LISTS = 5, REPORTS = 3 };

static struct {
    int64_t batches, systems, empty, atoms, grids, pairs, lists, oracle, differences;
} tally;

/* Handles and buffers that all batches use in turn, so that what one leaves behind may hurt the next. */
static struct {
    struct listing one, many; /* of `many` only the result is used */
    nbl_batch *batch;
    struct batch_arrays arrays;
    struct request request;
} used;

/* How one batch is searched, and what it must give. */
struct trial {
    const struct batch_draft *d;
    struct random g;
    int32_t algorithm;
    uint32_t flags;
    int n_lists, shared_set;
    double *sets;               /* [n_systems][n_lists]; with shared_set the first row for all */
    struct pairs largest;       /* at the cutoffs of the build */
    struct pairs lists[LISTS];  /* single searches at the cutoffs of the sets, not disjoint */
    struct pairs shells[LISTS]; /* the largest of them, divided */
    char *text;
};

static int wrong(struct trial *t, const char *what, const char *more)
{
    snprintf(t->text, COMPARE_TEXT, "%s: %.300s", what, more);
    return 1;
}

static int wrong_number(struct trial *t, const char *what, int64_t found, int64_t expected)
{
    snprintf(t->text, COMPARE_TEXT, "%s is %lld, expected %lld", what, (long long)found, (long long)expected);
    return 1;
}

/* --------------------------------------------------------------------------------- systems by themselves */

/* What stands in the cutoff's place for an empty system must not matter. */
static double garbage(struct random *g)
{
    return random_chance(g, 2) ? NAN : random_chance(g, 2) ? -1 : 1e300;
}

/* Cutoffs up to `most`: free ones, the length of a pair, the same again. */
static void draw_cutoffs(struct random *g, const struct pairs *p, double most, int n, double *cutoffs)
{
    for (int k = 0; k < n; k++) {
        double rc = most * (random_chance(g, 4) ? random_log(g, 1e-3, 1) : random_range(g, 0.3, 1));
        if (p->n > 0 && random_chance(g, 2))
            rc = p->at[random_int(g, 0, p->n - 1)].r;
        if (k > 0 && random_chance(g, 4))
            rc = cutoffs[random_int(g, 0, k - 1)];
        if (!(rc >= 1e-100 && rc <= most) || random_chance(g, 8))
            rc = most;
        cutoffs[k] = rc;
    }
}

static double smallest_cutoff(const struct batch_draft *d)
{
    double least = HUGE_VAL;
    for (int64_t b = 0; b < d->n_systems; b++)
        if (d->at[b].n > 0 && d->at[b].rc < least)
            least = d->at[b].rc;
    return least < HUGE_VAL ? least : 1;
}

/* Appends *from to *to, atoms numbered from `first` on. */
static void append(struct pairs *to, const struct pairs *from, int64_t first)
{
    for (int64_t e = 0; e < from->n; e++) {
        struct pair *p = pairs_push(to);
        *p = from->at[e];
        p->i += first;
        p->j += first;
    }
}

static int holds(const struct pair *p, double rc, uint32_t flags)
{
    int identity = p->i == p->j && p->s[0] == 0 && p->s[1] == 0 && p->s[2] == 0;
    return identity || p->r < rc || ((flags & NBL_INCLUSIVE) && p->r == rc);
}

/* The smallest cutoff that holds the pair, of equal ones the first; -1: none does. */
static int shell_of(const struct pair *p, const double *cutoffs, int n, uint32_t flags)
{
    int shell = -1;
    for (int k = 0; k < n; k++)
        if (holds(p, cutoffs[k], flags) && (shell < 0 || cutoffs[k] < cutoffs[shell]))
            shell = k;
    return shell;
}

static int against_oracle(struct trial *t, int64_t b, const struct pairs *single)
{
    struct oracle_input in = batch_oracle_input(&t->d->at[b]);
    struct pairs all = {0, 0, NULL}, expected = {0, 0, NULL}, found = {0, 0, NULL};
    unsigned flags = (t->flags & NBL_HALF ? ORACLE_HALF : 0u) | (t->flags & NBL_SELF ? ORACLE_SELF : 0u) |
                     (t->flags & NBL_INCLUSIVE ? ORACLE_INCLUSIVE : 0u);
    int64_t n_close;
    int differs = oracle_find(&in, &all, &n_close) != 0;
    if (differs)
        wrong(t, "oracle", "cannot search this system");
    oracle_select(&all, in.rc, flags, in.n, &expected);
    append(&found, single, 0);
    differs = differs || compare_pairs(&expected, &found, (t->flags & NBL_SORTED) != 0, t->text);
    tally.oracle++;
    pairs_free(&all);
    pairs_free(&expected);
    pairs_free(&found);
    return differs;
}

static int same_bytes(const struct pairs *a, const struct pairs *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->at, b->at, (size_t)a->n * sizeof *a->at) == 0);
}

/* All cutoffs in one pass over a list that is already built. */
static int multi_alone(struct trial *t, int64_t b, const int64_t from[LISTS])
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    struct pairs found = {0, 0, NULL};
    const double *cutoffs = t->sets + b * t->n_lists;
    int differs = 0;
    options.flags = t->flags;
    options.mode = (int32_t)random_int(&t->g, 0, 2);
    options.n_threads = (int32_t)random_int(&t->g, 1, 3);
    if (nbl_cell_list_search_multi(used.one.list, t->n_lists, cutoffs, &options, used.one.result) != NBL_OK)
        return wrong(t, "search of several cutoffs", nbl_result_message(used.one.result));
    for (int k = 0; k < t->n_lists && !differs; k++) {
        struct pairs expected = {t->lists[k].n - from[k], 0, t->lists[k].at ? t->lists[k].at + from[k] : NULL};
        struct pairs global = {0, 0, NULL};
        found.n = 0;
        if (listing_fetch_list(&used.one, k, &found) != 0)
            differs = wrong(t, "several cutoffs, one system", used.one.text);
        append(&global, &found, used.arrays.first[b]);
        if (!differs && !same_bytes(&global, &expected))
            differs = wrong(t, "several cutoffs, one system", "not the single searches");
        pairs_free(&global);
    }
    pairs_free(&found);
    return differs;
}

static int search_alone(struct trial *t, int64_t b, const double *shared)
{
    int64_t first = used.arrays.first[b], from[LISTS];
    struct pairs p = {0, 0, NULL};
    struct variant v = {t->algorithm, t->flags, (int32_t)random_int(&t->g, 0, 2), 1, 0, 0};
    const struct batch_member *m = &t->d->at[b];
    double *cutoffs = t->sets + b * t->n_lists;
    int differs = 0;
    if (batch_build_alone(used.one.list, &used.arrays, t->d, b, t->algorithm) != NBL_OK)
        return wrong(t, "build of one system", nbl_cell_list_message(used.one.list));
    if (listing_search(&used.one, m->rc, &v) != 0 || listing_fetch(&used.one, &p) != 0)
        return wrong(t, "one system", used.one.text);
    append(&t->largest, &p, first);
    if (m->n <= SYSTEM_ATOMS && t->d->seed % 4 == 0)
        differs = against_oracle(t, b, &p);
    if (shared)
        memcpy(cutoffs, shared, (size_t)t->n_lists * sizeof *cutoffs);
    else
        draw_cutoffs(&t->g, &p, m->rc, t->n_lists, cutoffs);
    for (int k = 0; k < t->n_lists && !differs; k++) {
        from[k] = t->lists[k].n;
        p.n = 0;
        v.search_cutoff = cutoffs[k];
        if (listing_search(&used.one, m->rc, &v) != 0 || listing_fetch(&used.one, &p) != 0)
            differs = wrong(t, "one system, smaller cutoff", used.one.text);
        append(&t->lists[k], &p, first);
    }
    pairs_free(&p);
    if (!differs && random_chance(&t->g, 4))
        differs = multi_alone(t, b, from);
    return differs;
}

/* Each shell in the order of the largest list; and together with it, what each list must be. */
static int divide(struct trial *t, int64_t b, int64_t *at, int64_t from[LISTS])
{
    const double *cutoffs = t->sets + b * t->n_lists;
    int64_t end = used.arrays.first[b + 1];
    for (; *at < t->largest.n && t->largest.at[*at].i < end; ++*at) {
        const struct pair *p = &t->largest.at[*at];
        int shell = shell_of(p, cutoffs, t->n_lists, t->flags);
        if (shell >= 0)
            *pairs_push(&t->shells[shell]) = *p;
        for (int k = 0; k < t->n_lists; k++) {
            if (!holds(p, cutoffs[k], t->flags))
                continue;
            if (from[k] == t->lists[k].n || memcmp(&t->lists[k].at[from[k]], p, sizeof *p) != 0)
                return wrong(t, "single lists", "a smaller cutoff is not the larger list restricted");
            from[k]++;
        }
    }
    return 0;
}

static int learn(struct trial *t)
{
    double shared[LISTS];
    struct pairs none = {0, 0, NULL};
    int64_t at = 0, from[LISTS] = {0};
    int differs = 0;
    t->shared_set = random_chance(&t->g, 3);
    t->n_lists = (int)random_int(&t->g, 1, LISTS);
    t->sets = malloc((size_t)(t->d->n_systems + 1) * (size_t)t->n_lists * sizeof *t->sets);
    if (!t->sets)
        exit(99);
    draw_cutoffs(&t->g, &none, smallest_cutoff(t->d), t->n_lists, shared);
    memcpy(t->sets, shared, (size_t)t->n_lists * sizeof *t->sets);
    for (int64_t b = 0; b < t->d->n_systems && !differs; b++) {
        if (t->d->at[b].n > 0)
            differs = search_alone(t, b, t->shared_set ? shared : NULL);
        for (int k = 0; t->d->at[b].n == 0 && k < t->n_lists && (b > 0 || !t->shared_set); k++)
            t->sets[b * t->n_lists + k] = garbage(&t->g);
    }
    for (int64_t b = 0; b < t->d->n_systems && !differs; b++)
        differs = divide(t, b, &at, from);
    for (int k = 0; k < t->n_lists && !differs; k++)
        if (from[k] != t->lists[k].n)
            differs = wrong(t, "single lists", "a smaller cutoff has more than the larger list");
    return differs;
}

/* -------------------------------------------------------------------------------------------- the batch */

static int32_t draw_threads(struct random *g)
{
    static const int32_t threads[] = {1, 2, 3, 7};
    return threads[random_int(g, 0, 3)];
}

static int build(struct trial *t)
{
    static struct guard g = GUARD_INIT;
    nbl_build_options options = used.arrays.options;
    nbl_batch_info info = NBL_BATCH_INFO_INIT;
    int64_t n = t->d->n_systems;
    int32_t *statuses = random_chance(&t->g, 4) ? NULL : guard_take(&g, (size_t)n * sizeof *statuses);
    options.algorithm = t->algorithm;
    options.n_threads = draw_threads(&t->g);
    options.flags = random_chance(&t->g, 2) ? NBL_ALL_OR_NOTHING : 0;
    nbl_status status = nbl_batch_build(used.batch, &used.arrays.input, &options, statuses);
    if (status != NBL_OK)
        return wrong(t, nbl_status_name(status), nbl_batch_message(used.batch));
    for (int64_t b = 0; statuses && b < n; b++)
        if (statuses[b] != NBL_OK)
            return wrong_number(t, "a status of the build", statuses[b], 0);
    if (nbl_batch_get_info(used.batch, &info) != NBL_OK)
        return wrong(t, "info", nbl_batch_message(used.batch));
    if (info.n_systems != n || info.n_atoms != used.arrays.input.n_atoms || info.n_failed != 0)
        return wrong_number(t, "info: systems", info.n_systems, n);
    if (t->algorithm == NBL_ALGORITHM_BRUTE && info.n_grids != 0)
        return wrong_number(t, "info: grids of brute force", info.n_grids, 0);
    tally.grids += info.n_grids;
    return 0;
}

static void draw_options(struct trial *t, nbl_search_options *options)
{
    nbl_search_options fresh = NBL_SEARCH_OPTIONS_INIT;
    *options = fresh;
    options->flags = t->flags;
    options->mode = (int32_t)random_int(&t->g, 0, 2);
    options->n_threads = draw_threads(&t->g);
}

/* Sizes, the whole list, and a random request for it. */
static int check_list(struct trial *t, int32_t list, int32_t n_lists, const struct pairs *expected)
{
    nbl_result *result = used.many.result;
    struct request_list known = {expected, used.arrays.input.n_atoms, t->d->n_systems, used.arrays.first,
                                 !(t->flags & NBL_HALF)};
    struct pairs found = {0, 0, NULL};
    int differs = 0;
    tally.lists++;
    if (nbl_result_n_lists(result) != n_lists)
        return wrong_number(t, "n_lists", nbl_result_n_lists(result), n_lists);
    if (nbl_result_n_systems(result) != t->d->n_systems)
        return wrong_number(t, "n_systems", nbl_result_n_systems(result), t->d->n_systems);
    if (nbl_result_n_rows(result) != known.n_rows)
        return wrong_number(t, "n_rows", nbl_result_n_rows(result), known.n_rows);
    if (nbl_result_n_pairs(result, list) != expected->n)
        return wrong_number(t, "n_pairs", nbl_result_n_pairs(result, list), expected->n);
    if (listing_fetch_list(&used.many, list, &found) != 0)
        differs = wrong(t, "batch", used.many.text);
    else if (!same_bytes(&found, expected))
        differs = wrong(t, "batch", "not the concatenated single lists");
    else
        differs = request_check(&used.request, result, list, &known, &t->g, t->text);
    pairs_free(&found);
    return differs;
}

static int check_statuses(struct trial *t)
{
    nbl_result *result = used.many.result;
    int64_t n = t->d->n_systems;
    for (int64_t b = 0; b < n; b++)
        if (nbl_result_system_status(result, b) != NBL_OK)
            return wrong_number(t, "a status of the search", nbl_result_system_status(result, b), 0);
    if (nbl_result_system_status(result, n) != NBL_EARGUMENT ||
        nbl_result_system_status(result, -1) != NBL_EARGUMENT)
        return wrong(t, "status of a system that is not there", "");
    return 0;
}

/* The cutoffs of the build; asked for without saying so, as one for all, or one each. */
static int check_plain(struct trial *t)
{
    nbl_search_options options;
    const double *cutoffs = used.arrays.input.cutoffs;
    int64_t n = used.arrays.input.n_cutoffs;
    draw_options(t, &options);
    int silent = random_chance(&t->g, 2);
    nbl_status status =
        nbl_batch_search(used.batch, silent ? 0 : n, silent ? NULL : cutoffs, &options, used.many.result);
    if (status != NBL_OK)
        return wrong(t, nbl_status_name(status), nbl_result_message(used.many.result));
    if (nbl_result_message(used.many.result)[0])
        return wrong(t, "a message after success", nbl_result_message(used.many.result));
    return check_statuses(t) || check_list(t, 0, 1, &t->largest);
}

static int check_multi(struct trial *t, int disjoint)
{
    nbl_search_options options;
    int64_t n_sets = t->shared_set ? 1 : t->d->n_systems;
    draw_options(t, &options);
    options.flags |= disjoint ? NBL_DISJOINT : 0;
    nbl_status status =
        nbl_batch_search_multi(used.batch, t->n_lists, n_sets, t->sets, &options, used.many.result);
    if (status != NBL_OK)
        return wrong(t, nbl_status_name(status), nbl_result_message(used.many.result));
    int differs = check_statuses(t);
    for (int32_t k = 0; k < t->n_lists && !differs; k++)
        differs = check_list(t, k, t->n_lists, disjoint ? &t->shells[k] : &t->lists[k]);
    return differs;
}

/* One cutoff through the searches for one and for several. */
static int check_single_cutoff(struct trial *t)
{
    nbl_search_options options;
    draw_options(t, &options);
    if (!t->shared_set || t->n_lists < 1)
        return 0;
    nbl_status status = nbl_batch_search(used.batch, 1, t->sets, &options, used.many.result);
    if (status != NBL_OK)
        return wrong(t, nbl_status_name(status), nbl_result_message(used.many.result));
    return check_list(t, 0, 1, &t->lists[0]);
}

static int check_batch(struct trial *t)
{
    int differs = learn(t) || build(t);
    double *kept = NULL;
    size_t bytes = (size_t)used.arrays.input.n_cutoffs * sizeof *kept;
    if (differs)
        return 1;
    kept = malloc(bytes + 1);
    if (!kept)
        exit(99);
    memcpy(kept, used.arrays.input.cutoffs, bytes);
    batch_spoil(&used.arrays);
    used.arrays.input.cutoffs = kept;
    differs =
        check_plain(t) || check_multi(t, 0) || check_multi(t, 1) || check_plain(t) || check_single_cutoff(t);
    free(kept);
    return differs;
}

/* Brute force on thousands of atoms takes its time, and says no more than on a thousand. */
static int32_t algorithm_of(const struct batch_draft *d)
{
    for (int64_t b = 0; b < d->n_systems; b++)
        if (d->at[b].n > 1000 && d->seed % 3 == NBL_ALGORITHM_BRUTE)
            return NBL_ALGORITHM_CELLS;
    return (int32_t)(d->seed % 3);
}

static int differs(const struct batch_draft *d, char text[COMPARE_TEXT])
{
    struct trial t;
    memset(&t, 0, sizeof t);
    random_seed(&t.g, d->seed ^ 0x5eed);
    t.d = d;
    t.text = text;
    t.algorithm = algorithm_of(d);
    t.flags = (uint32_t)(d->seed / 3 % 16);
    batch_pack(&used.arrays, d);
    int found = check_batch(&t);
    tally.pairs += t.largest.n;
    pairs_free(&t.largest);
    for (int k = 0; k < LISTS; k++) {
        pairs_free(&t.lists[k]);
        pairs_free(&t.shells[k]);
    }
    free(t.sets);
    return found;
}

/* ---------------------------------------------------------------------------------------------- reports */

static void report(const struct batch_draft *d, const char *text)
{
    struct batch_draft small, smaller;
    char now[COMPARE_TEXT], last[COMPARE_TEXT];
    fprintf(stderr, "seed %llu, algorithm %d, flags %u: %s\n", (unsigned long long)d->seed, algorithm_of(d),
            (unsigned)(d->seed / 3 % 16), text);
    batch_copy(&small, d, -1);
    snprintf(last, sizeof last, "not seen again: it depends on what the handles did before");
    if (differs(&small, last))
        for (int64_t b = small.n_systems - 1; b >= 0; b--) {
            batch_copy(&smaller, &small, b);
            if (differs(&smaller, now)) {
                memcpy(last, now, sizeof last);
                batch_free(&small);
                small = smaller;
            } else {
                batch_free(&smaller);
            }
        }
    fprintf(stderr, "smallest batch that differs: %s\n", last);
    batch_print(&small, stderr);
    batch_free(&small);
}

static void one_batch(uint64_t seed)
{
    struct batch_draft d;
    char text[COMPARE_TEXT];
    batch_draw(&d, seed, 50);
    tally.batches++;
    tally.systems += d.n_systems;
    tally.atoms += batch_atoms(&d);
    for (int64_t b = 0; b < d.n_systems; b++)
        tally.empty += d.at[b].n == 0;
    if (differs(&d, text) && tally.differences++ < REPORTS)
        report(&d, text);
    batch_free(&d);
}

int main(void)
{
    uint64_t first = scale_seed("NBL_TEST_SEED", 3000000);
    int64_t count = (int64_t)scale_seed("NBL_TEST_COUNT", (uint64_t)scale_count(5000, 200));
    struct batch_arrays none = BATCH_ARRAYS_INIT;
    used.arrays = none;
    if (listing_open(&used.one, NULL) != 0 || listing_open(&used.many, NULL) != 0 ||
        nbl_batch_create(&used.batch, NULL) != NBL_OK)
        return 1;
    for (int64_t k = 0; k < count; k++)
        one_batch(first + (uint64_t)k);
    listing_close(&used.one);
    listing_close(&used.many);
    nbl_batch_destroy(&used.batch);
    batch_arrays_free(&used.arrays);
    request_free(&used.request);
    printf("seeds %llu..%llu: %lld batches of %lld systems (%lld empty), %lld atoms, %lld pairs\n",
           (unsigned long long)first, (unsigned long long)(first + (uint64_t)count - 1),
           (long long)tally.batches, (long long)tally.systems, (long long)tally.empty, (long long)tally.atoms,
           (long long)tally.pairs);
    printf(
        "%lld systems in bins, %lld lists compared, %lld systems held against the oracle\n%lld differences\n",
        (long long)tally.grids, (long long)tally.lists, (long long)tally.oracle, (long long)tally.differences);
    return tally.differences != 0 || (count >= 200 && (tally.grids == 0 || tally.oracle == 0));
}
