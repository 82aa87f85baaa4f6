/* SPDX-License-Identifier: MIT */
/*
 * Host threads: several search one built list at once, each into its own result; and independent handles
 * are used side by side. No assertion is made off the main thread: the threads count what is wrong.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "api.h"
#include "scale.h"

enum { THREADS = 6, ATOMS = 800 };

struct shared {
    double *r, h[9];
    nbl_cell_list *list; /* NULL: each thread builds its own */
    int32_t n_threads;   /* of each call */
    int64_t rounds;
    nbl_build_options build;
    struct pairs expected[4];
};

struct worker {
    pthread_t thread;
    struct shared *shared;
    int number;
    int64_t wrong;
};

static const uint32_t flags[4] = {0, NBL_HALF, NBL_SORTED, NBL_INCLUSIVE | NBL_SELF};

static int build(struct shared *s, nbl_cell_list *list)
{
    return nbl_cell_list_build(list, ATOMS, s->r, s->h, NULL, 1.5, &s->build) == NBL_OK;
}

static int one_round(struct worker *w, struct listing *l, const nbl_cell_list *list, int which,
                     struct pairs *found)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = flags[which];
    options.n_threads = w->shared->n_threads;
    options.mode = 1 + which % 2;
    const struct pairs *expected = &w->shared->expected[which];
    found->n = 0;
    if (nbl_cell_list_search(list, 1.5, &options, l->result) != NBL_OK || listing_fetch(l, found) != 0)
        return 0;
    return found->n == expected->n &&
           memcmp(found->at, expected->at, (size_t)found->n * sizeof *found->at) == 0;
}

static int count_pairs(void *user, const nbl_rows *rows)
{
    atomic_fetch_add((atomic_llong *)user, rows->row_ptr[rows->n_rows]);
    return 0;
}

/* Two cutoffs at once, and a visit, through the same shared list. */
static int many_at_once(struct worker *w, struct listing *l, const nbl_cell_list *list, int which,
                        struct pairs *found)
{
    const double cutoffs[2] = {1.5, 0.75};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    const struct pairs *expected = &w->shared->expected[which];
    atomic_llong pairs = 0;
    options.flags = flags[which];
    options.n_threads = w->shared->n_threads;
    found->n = 0;
    if (nbl_cell_list_search_multi(list, 2, cutoffs, &options, l->result) != NBL_OK ||
        listing_fetch_list(l, 0, found) != 0 || found->n != expected->n ||
        memcmp(found->at, expected->at, (size_t)found->n * sizeof *found->at) != 0)
        return 0;
    return nbl_cell_list_visit(list, 2, cutoffs, &options, l->result, count_pairs, &pairs) == NBL_OK &&
           atomic_load(&pairs) == expected->n;
}

static void *work(void *argument)
{
    struct worker *w = argument;
    struct listing l;
    struct pairs found = {0, 0, NULL};
    if (listing_open(&l, NULL) != 0) {
        w->wrong = -1;
        return NULL;
    }
    for (int64_t round = 0; round < w->shared->rounds; round++) {
        const nbl_cell_list *list = w->shared->list;
        if (!list) {
            w->wrong += !build(w->shared, l.list);
            list = l.list;
        }
        w->wrong += !one_round(w, &l, list, (int)(round + w->number) % 4, &found);
        w->wrong += !many_at_once(w, &l, list, (int)(round + w->number + 1) % 4, &found);
        if (round % 5 == 4)
            w->wrong += nbl_cell_list_search(list, -1, NULL, l.result) != NBL_ECUTOFF ||
                        !strstr(nbl_result_message(l.result), "cutoff is -1");
    }
    pairs_free(&found);
    listing_close(&l);
    return NULL;
}

static void run(struct shared *s)
{
    static struct worker workers[THREADS];
    for (int k = 0; k < THREADS; k++) {
        workers[k] = (struct worker){.shared = s, .number = k};
        check_int(pthread_create(&workers[k].thread, NULL, work, &workers[k]), 0);
    }
    for (int k = 0; k < THREADS; k++) {
        check_int(pthread_join(workers[k].thread, NULL), 0);
        check_int(workers[k].wrong, 0);
    }
}

static void prepare(struct shared *s, struct listing *l, int32_t algorithm)
{
    struct random g;
    memset(s, 0, sizeof *s);
    random_seed(&g, 77);
    s->build = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
    s->build.algorithm = algorithm;
    s->rounds = algorithm == NBL_ALGORITHM_BRUTE ? 4 : scale_count(24, 8);
    s->r = malloc(ATOMS * 3 * sizeof *s->r);
    assert_non_null(s->r);
    for (int x = 0; x < 3 * ATOMS; x++)
        s->r[x] = random_range(&g, 0, 8);
    for (int a = 0; a < 3; a++)
        s->h[4 * a] = 8;
    assert_int_equal(listing_open(l, NULL), 0);
    assert_true(build(s, l->list));
    for (int which = 0; which < 4; which++) {
        struct variant v = {algorithm, flags[which], 0, 1, 0, 0};
        assert_int_equal(listing_search(l, 1.5, &v), 0);
        assert_int_equal(listing_fetch(l, &s->expected[which]), 0);
        assert_true(s->expected[which].n > ATOMS);
    }
}

static void each_way(int shared_list)
{
    for (int32_t algorithm = 1; algorithm <= 2; algorithm++)
        for (int32_t n_threads = 1; n_threads <= 2; n_threads++) {
            struct shared s;
            struct listing l;
            prepare(&s, &l, algorithm);
            s.n_threads = n_threads;
            s.list = shared_list ? l.list : NULL;
            run(&s);
            for (int which = 0; which < 4; which++)
                pairs_free(&s.expected[which]);
            listing_close(&l);
            free(s.r);
        }
}

static void several_threads_search_one_list(void **state)
{
    (void)state;
    each_way(1);
}

static void several_threads_with_their_own_handles(void **state)
{
    (void)state;
    each_way(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_threads_search_one_list),
        cmocka_unit_test(several_threads_with_their_own_handles),
    };
    return cmocka_run_group_tests_name("api: concurrent", tests, NULL, NULL);
}
