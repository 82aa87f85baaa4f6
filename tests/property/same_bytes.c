/* SPDX-License-Identifier: MIT */
/*
 * The same bytes, in the same order, whatever the number of threads, the result mode, the memory limit and
 * the history of the handle; mirrored halves that make up the full list to the last bit; sorted lists of
 * a smaller cutoff that do not depend on the cutoff of the build.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "scale.h"

static int64_t failures, fallbacks;

static void report(const char *what, uint64_t seed, const struct variant *v, const char *text)
{
    char name[80];
    variant_name(v, name);
    if (failures++ < 10)
        fprintf(stderr, "%s, seed %llu, %s: %s\n", what, (unsigned long long)seed, name, text);
}

/* The order of the list counts, and every bit of it. */
static int same_bytes(const struct pairs *a, const struct pairs *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->at, b->at, (size_t)a->n * sizeof *a->at) == 0);
}

/* Systems of any size: threads do not share the work of a few dozen atoms. */
struct bulk {
    int64_t n;
    double *r, h[9], rc;
    uint8_t pbc[3];
};

static void draw_bulk(struct bulk *b, struct random *g)
{
    double edge[3];
    int mask = (int)random_int(g, 0, 7);
    b->n = random_int(g, 1000, 8000);
    b->rc = random_range(g, 0.9, 1.6);
    double volume = (double)b->n / random_range(g, 0.8, 3);
    double shape = random_log(g, 0.2, 5);
    edge[0] = cbrt(volume) * shape;
    edge[1] = cbrt(volume) / sqrt(shape);
    edge[2] = volume / edge[0] / edge[1];
    memset(b->h, 0, sizeof b->h);
    for (int a = 0; a < 3; a++) {
        b->pbc[a] = (mask >> a) & 1;
        b->h[3 * a + a] = edge[a];
        if (a > 0)
            b->h[3 * a] = random_range(g, -1, 1) * edge[0];
    }
    b->r = malloc((size_t)b->n * 3 * sizeof *b->r);
    if (!b->r)
        exit(99);
    double shift = random_chance(g, 3) ? -4 : 0;
    for (int64_t i = 0; i < b->n; i++) {
        double f[3] = {random_range(g, 0, 1) + shift, random_range(g, 0, 1), random_range(g, 0, 1)};
        for (int k = 0; k < 3; k++)
            b->r[3 * i + k] = f[0] * b->h[k] + f[1] * b->h[3 + k] + f[2] * b->h[6 + k];
    }
}

static void find_bulk(struct listing *l, const struct bulk *b, const struct variant *v, struct pairs *out,
                      uint64_t seed)
{
    out->n = 0;
    if (listing_build_arrays(l, b->n, b->r, b->h, b->pbc, b->rc, v) != 0 || listing_search(l, b->rc, v) != 0 ||
        listing_fetch(l, out) != 0)
        report("a large system", seed, v, l->text);
}

/* Every thread count on one large system, against one thread; and cells against brute force, sorted. */
static void threads_of_bulk(struct listing *l, uint64_t seed)
{
    static const int32_t threads[] = {2, 3, 7, 16};
    static const uint32_t flags[] = {
        0, NBL_HALF, NBL_SORTED, NBL_HALF | NBL_INCLUSIVE, NBL_SELF, NBL_SORTED | NBL_SELF | NBL_HALF};
    struct random g;
    struct bulk b;
    struct pairs one = {0, 0, NULL}, other = {0, 0, NULL};
    random_seed(&g, seed);
    draw_bulk(&b, &g);
    struct variant v = {seed % 4 == 3 ? NBL_ALGORITHM_BRUTE : NBL_ALGORITHM_CELLS, flags[seed % 6], 0, 1, 0, 0};
    if (v.algorithm == NBL_ALGORITHM_BRUTE)
        b.n = b.n < 1500 ? b.n : 1500;
    find_bulk(l, &b, &v, &one, seed);
    for (int k = 0; k < 8; k++) {
        v.n_threads = threads[k % 4];
        v.mode = k < 4 ? NBL_MODE_PAIRS : NBL_MODE_COUNTS;
        find_bulk(l, &b, &v, &other, seed);
        if (!same_bytes(&one, &other))
            report("threads change the bytes", seed, &v, "the lists differ");
    }
    v.mode = 0;
    v.flags |= NBL_SORTED;
    find_bulk(l, &b, &v, &one, seed);
    v.algorithm = v.algorithm == NBL_ALGORITHM_BRUTE ? NBL_ALGORITHM_CELLS : NBL_ALGORITHM_AUTO;
    find_bulk(l, &b, &v, &other, seed);
    if (!same_bytes(&one, &other))
        report("algorithms differ in sorted bytes", seed, &v, "the lists differ");
    pairs_free(&one);
    pairs_free(&other);
    free(b.r);
}

static void make_handles(struct listing *l, int32_t of_list, int32_t of_result)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    memset(l, 0, sizeof *l);
    options.n_threads = of_list;
    nbl_status status = nbl_cell_list_create(&l->list, &options);
    options.n_threads = of_result;
    if (status == NBL_OK)
        status = nbl_result_create(&l->result, &options);
    if (status != NBL_OK)
        exit(99);
}

/* Threads as set by the list, the result, and the calls, in every combination: always the same bytes. */
static void settings_of_threads(struct listing *one_thread, uint64_t seed)
{
    static const int32_t of_list[] = {0, 1, 3}, of_result[] = {0, 1, 5}, of_build[] = {0, 2},
                         of_search[] = {0, 1, 4};
    struct random g;
    struct bulk b;
    struct pairs one = {0, 0, NULL}, other = {0, 0, NULL};
    random_seed(&g, seed);
    draw_bulk(&b, &g);
    b.n = b.n < 3000 ? b.n : 3000;
    struct variant v = {(int32_t)(seed % 3), (uint32_t)(seed % 16), 0, 1, 0, 0};
    if (v.algorithm == NBL_ALGORITHM_BRUTE)
        b.n = 600;
    find_bulk(one_thread, &b, &v, &one, seed);
    for (int k = 0; k < 54; k++) {
        nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
        nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
        struct listing l;
        make_handles(&l, of_list[k % 3], of_result[k / 3 % 3]);
        build.algorithm = v.algorithm;
        build.n_threads = of_build[k / 9 % 2];
        search.flags = v.flags;
        search.mode = k % 5 == 0 ? NBL_MODE_COUNTS : NBL_MODE_AUTO;
        search.n_threads = v.n_threads = of_search[k / 18];
        other.n = 0;
        if (nbl_cell_list_build(l.list, b.n, b.r, b.h, b.pbc, b.rc, &build) != NBL_OK)
            report("settings of threads", seed, &v, nbl_cell_list_message(l.list));
        else if (nbl_cell_list_search(l.list, b.rc, &search, l.result) != NBL_OK)
            report("settings of threads", seed, &v, nbl_result_message(l.result));
        else if (listing_fetch(&l, &other) != 0)
            report("settings of threads", seed, &v, l.text);
        else if (!same_bytes(&one, &other))
            report("settings of threads change the bytes", seed, &v, "the lists differ");
        listing_close(&l);
    }
    pairs_free(&one);
    pairs_free(&other);
    free(b.r);
}

static int find(struct listing *l, const struct system *s, const struct variant *v, struct pairs *out)
{
    out->n = 0;
    if (listing_find(l, s, v, out) == 0)
        return 1;
    report("a list", s->seed, v, l->text);
    return 0;
}

static struct variant draw_variant(uint64_t seed)
{
    struct variant v = {(int32_t)(seed % 3), (uint32_t)(seed / 3 % 16), 0, 1, 0, 0};
    return v;
}

/* A handle that has done much else, against a fresh one; then further fetches, modes and threads. */
static void small_system(struct listing *used, uint64_t seed)
{
    struct system s;
    struct listing fresh;
    struct pairs first = {0, 0, NULL}, other = {0, 0, NULL};
    struct variant v = draw_variant(seed);
    system_random(&s, seed);
    if (listing_open(&fresh, NULL) != 0 || !find(&fresh, &s, &v, &first) || !find(used, &s, &v, &other)) {
        failures++;
        return;
    }
    if (!same_bytes(&first, &other))
        report("a used handle gives other bytes", seed, &v, "the lists differ");
    other.n = 0;
    if (listing_fetch(used, &other) != 0 || !same_bytes(&first, &other))
        report("a second fetch gives other bytes", seed, &v, used->text);
    for (v.mode = NBL_MODE_PAIRS; v.mode <= NBL_MODE_COUNTS; v.mode++)
        for (v.n_threads = 1; v.n_threads <= 7; v.n_threads += 2 + v.n_threads / 3)
            if (find(used, &s, &v, &other) && !same_bytes(&first, &other))
                report("mode or threads change the bytes", seed, &v, "the lists differ");
    listing_close(&fresh);
    pairs_free(&first);
    pairs_free(&other);
}

/* One search under a byte limit. 1 where it fell back to counts. */
static int limited(struct listing *l, const struct bulk *b, const struct variant *v, uint64_t limit,
                   const struct pairs *expected, uint64_t seed)
{
    struct pairs found = {0, 0, NULL};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = v->flags;
    options.n_threads = v->n_threads;
    options.max_bytes = limit;
    nbl_result *kept = l->result;
    l->result = NULL;
    if (nbl_result_create(&l->result, NULL) != NBL_OK)
        exit(99);
    nbl_status status = nbl_cell_list_search(l->list, b->rc, &options, l->result);
    int counted = status == NBL_OK && nbl_result_mode(l->result) == NBL_MODE_COUNTS;
    if (status != NBL_OK && status != NBL_ELIMIT)
        report("byte limit", seed, v, nbl_result_message(l->result));
    else if (status == NBL_OK && (uint64_t)nbl_result_n_bytes(l->result) > limit)
        report("byte limit", seed, v, "the result holds more than its limit");
    else if (status == NBL_OK && (listing_fetch(l, &found) != 0 || !same_bytes(expected, &found)))
        report("byte limit", seed, v, "other bytes");
    nbl_result_destroy(&l->result);
    l->result = kept;
    pairs_free(&found);
    return counted;
}

/* Automatic mode under a byte limit refuses, falls back to counts, or keeps pairs: the bytes are the same. */
static void byte_limit(struct listing *l, uint64_t seed)
{
    static const int32_t threads[] = {1, 3};
    struct random g;
    struct bulk b;
    struct pairs all = {0, 0, NULL};
    int counted = 0;
    random_seed(&g, seed);
    draw_bulk(&b, &g);
    b.rc *= 2;
    struct variant v = {NBL_ALGORITHM_CELLS, (uint32_t)(seed % 16), NBL_MODE_PAIRS, threads[seed % 2], 0, 0};
    find_bulk(l, &b, &v, &all, seed);
    for (uint64_t limit = 1u << 14; limit <= 1u << 24; limit += limit / 8)
        counted += limited(l, &b, &v, limit, &all, seed);
    fallbacks += counted > 0;
    pairs_free(&all);
    free(b.r);
}

/* full = half + mirrored half, bit for bit, with +0 in both directions and identities once. */
static void halves(struct listing *l, uint64_t seed)
{
    struct system s;
    struct pairs full = {0, 0, NULL}, half = {0, 0, NULL};
    struct variant v = draw_variant(seed), w;
    char text[COMPARE_TEXT];
    system_random(&s, seed);
    v.flags &= ~(uint32_t)(NBL_HALF | NBL_SORTED);
    w = v;
    w.flags |= NBL_HALF;
    w.algorithm = (v.algorithm + 1) % 3;
    if (find(l, &s, &v, &full) && find(l, &s, &w, &half)) {
        int64_t n = half.n;
        for (int64_t e = 0; e < n; e++) {
            struct pair p = half.at[e], q = {p.j, p.i, {-p.s[0], -p.s[1], -p.s[2]}, {0, 0, 0}, p.r};
            for (int k = 0; k < 3; k++)
                q.d[k] = p.d[k] == 0 ? 0 : -p.d[k];
            if (p.i != p.j || p.s[0] != 0 || p.s[1] != 0 || p.s[2] != 0)
                *pairs_push(&half) = q;
        }
        pairs_sort(&half);
        if (compare_pairs(&half, &full, 0, text) != 0)
            report("full is not half and its mirror", seed, &v, text);
    }
    pairs_free(&full);
    pairs_free(&half);
}

/* Search below the build cutoff: the set of the oracle, and sorted the bytes of a build at that cutoff. */
static void smaller_cutoff(struct listing *l, uint64_t seed)
{
    struct system s;
    struct random g;
    struct pairs all = {0, 0, NULL}, large = {0, 0, NULL}, small = {0, 0, NULL};
    struct variant v = draw_variant(seed);
    char text[COMPARE_TEXT];
    int64_t n_close;
    random_seed(&g, seed);
    system_random(&s, seed);
    struct oracle_input in = system_input(&s);
    if (oracle_find(&in, &all, &n_close) != 0)
        exit(99);
    v.search_cutoff = random_chance(&g, 4) ? s.rc * 0x1p-9 : s.rc * random_range(&g, 0.3, 1);
    if (all.n > 0 && random_chance(&g, 2)) {
        double r = all.at[random_int(&g, 0, all.n - 1)].r;
        if (r >= 1e-100)
            v.search_cutoff = r;
    }
    if (v.search_cutoff < 1e-100)
        v.search_cutoff = s.rc;
    if (compare_variant(l, &s, &all, &v, text) != 0)
        report("smaller cutoff", seed, &v, text);
    v.flags |= NBL_SORTED;
    if (find(l, &s, &v, &large)) {
        s.rc = v.search_cutoff;
        v.search_cutoff = 0;
        if (find(l, &s, &v, &small) && !same_bytes(&large, &small))
            report("smaller cutoff", seed, &v, "not the sorted bytes of a build at that cutoff");
    }
    pairs_free(&all);
    pairs_free(&large);
    pairs_free(&small);
}

static void run(const char *name, void (*test)(struct listing *l, uint64_t seed), int64_t count, uint64_t first)
{
    struct listing l;
    int64_t before = failures;
    if (listing_open(&l, NULL) != 0)
        exit(1);
    for (int64_t k = 0; k < count; k++)
        test(&l, first + (uint64_t)k);
    listing_close(&l);
    printf("%-24s seeds %llu..%llu: %lld failures\n", name, (unsigned long long)first,
           (unsigned long long)(first + (uint64_t)count - 1), (long long)(failures - before));
}

int main(void)
{
    uint64_t first = scale_seed("NBL_TEST_SEED", 900000);
    run("threads, large systems", threads_of_bulk, scale_count(24, 4), first);
    run("settings of threads", settings_of_threads, scale_count(12, 1), first);
    run("history, modes, threads", small_system, scale_count(1000, 100), first);
    run("byte limit", byte_limit, scale_count(12, 4), first);
    printf("automatic mode fell back to counts in %lld systems\n", (long long)fallbacks);
    run("full and half", halves, scale_count(3000, 200), first);
    run("smaller cutoff", smaller_cutoff, scale_count(3000, 200), first);
    return failures != 0 || fallbacks < 2;
}
