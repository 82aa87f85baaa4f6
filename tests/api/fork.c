/* SPDX-License-Identifier: MIT */
/*
 * Processes and threads around the library: a child of a process that used several OpenMP threads, host
 * threads with their own handles or with one batch, calls from inside a caller's parallel region. No assertion
 * is made off the main thread.
 */
#define _DEFAULT_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api.h"
#include "scale.h"

enum { ATOMS = 6000, SYSTEMS = 400, HOSTS = 8, LISTS = 2 };

/* One large system, and the same atoms cut into many: what both give, found with one thread. */
struct world {
    double r[ATOMS][3], h[3][3];
    int64_t ptr[SYSTEMS + 1];
    nbl_batch_input in;
    nbl_batch *batch;
    struct pairs whole, many[LISTS];
};

static const double cutoffs[LISTS] = {1.1, 1.7};

static int build_batch(const struct world *w, nbl_batch *batch, int32_t n_threads)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    options.n_threads = n_threads;
    return nbl_batch_build(batch, &w->in, &options, NULL) == NBL_OK;
}

static int same(const struct pairs *a, const struct pairs *b)
{
    return a->n == b->n && memcmp(a->at, b->at, (size_t)a->n * sizeof *a->at) == 0;
}

/* The batch, searched into a result that is not shared; 1 where all is right. */
static int search_batch(const struct world *w, const nbl_batch *batch, struct listing *l, int32_t n_threads,
                        int32_t mode)
{
    struct pairs found = {0, 0, NULL};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.n_threads = n_threads;
    options.mode = mode;
    int right = nbl_batch_search_multi(batch, LISTS, 1, cutoffs, &options, l->result) == NBL_OK;
    for (int32_t k = 0; k < LISTS && right; k++) {
        found.n = 0;
        right = listing_fetch_list(l, k, &found) == 0 && same(&found, &w->many[k]);
    }
    pairs_free(&found);
    return right;
}

static int count_rows(void *user, const nbl_rows *rows)
{
    atomic_fetch_add((atomic_llong *)user, rows->n_rows);
    return 0;
}

static int visit_batch(const nbl_batch *batch, struct listing *l, int32_t n_threads)
{
    atomic_llong rows = 0;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.n_threads = n_threads;
    return nbl_batch_visit(batch, LISTS, 1, cutoffs, &options, l->result, count_rows, &rows) == NBL_OK &&
           atomic_load(&rows) == ATOMS;
}

/* Build, search, fetch and visit of the large system and of the batch, in handles of its own. */
static int everything(const struct world *w, int32_t n_threads)
{
    struct listing l;
    struct pairs found = {0, 0, NULL};
    nbl_batch *batch = NULL;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    build.n_threads = search.n_threads = n_threads;
    if (listing_open(&l, NULL) != 0 || nbl_batch_create(&batch, NULL) != NBL_OK)
        return 0;
    int right = nbl_cell_list_build(l.list, ATOMS, w->r, w->h, NULL, cutoffs[1], &build) == NBL_OK &&
                nbl_cell_list_search(l.list, cutoffs[1], &search, l.result) == NBL_OK &&
                listing_fetch(&l, &found) == 0 && same(&found, &w->whole) && build_batch(w, batch, n_threads) &&
                search_batch(w, batch, &l, n_threads, 0) && visit_batch(batch, &l, n_threads);
    pairs_free(&found);
    nbl_batch_destroy(&batch);
    listing_close(&l);
    return right;
}

static void learn(struct world *w)
{
    struct listing l;
    nbl_search_options one = NBL_SEARCH_OPTIONS_INIT;
    struct variant v = {0, 0, 0, 1, 0, 0};
    one.n_threads = 1;
    assert_int_equal(listing_open(&l, NULL), 0);
    assert_int_equal(listing_build_arrays(&l, ATOMS, w->r[0], w->h[0], NULL, cutoffs[1], &v), 0);
    assert_int_equal(listing_search(&l, cutoffs[1], &v), 0);
    assert_int_equal(listing_fetch(&l, &w->whole), 0);
    check_int(nbl_batch_create(&w->batch, NULL), NBL_OK);
    assert_true(build_batch(w, w->batch, 1));
    check_int(nbl_batch_search_multi(w->batch, LISTS, 1, cutoffs, &one, l.result), NBL_OK);
    for (int32_t k = 0; k < LISTS; k++)
        assert_int_equal(listing_fetch_list(&l, k, &w->many[k]), 0);
    assert_true(w->whole.n > ATOMS && w->many[0].n > 100 && w->many[1].n > w->many[0].n);
    listing_close(&l);
}

static int open_world(void **state)
{
    static struct world w;
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    random_seed(&g, 61);
    for (int x = 0; x < 3 * ATOMS; x++)
        w.r[x / 3][x % 3] = random_range(&g, 0, 18);
    for (int a = 0; a < 3; a++)
        w.h[a][a] = 18;
    for (int b = 0; b < SYSTEMS; b++) /* one of 2,000 atoms, the rest of ten */
        w.ptr[b + 1] = b == 7 ? w.ptr[b] + ATOMS - 10 * (SYSTEMS - 1) : w.ptr[b] + 10;
    in.n_systems = SYSTEMS;
    in.n_atoms = ATOMS;
    in.positions = w.r;
    in.ptr = w.ptr;
    in.cells = w.h;
    in.cutoffs = &cutoffs[1];
    in.n_cells = in.n_cutoffs = 1;
    w.in = in;
    learn(&w);
    *state = &w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;
    nbl_batch_destroy(&w->batch);
    pairs_free(&w->whole);
    for (int k = 0; k < LISTS; k++)
        pairs_free(&w->many[k]);
    return 0;
}

/* ------------------------------------------------------------------------------------------------- fork */

/* The child inherits no thread of the OpenMP runtime: whoever waits for one hangs, and the alarm ends it. */
static void child(const struct world *w, const nbl_batch *batch, int32_t n_threads)
{
    struct listing l;
    alarm(60);
    int right = everything(w, n_threads);
    right = right && listing_open(&l, NULL) == 0 && search_batch(w, batch, &l, n_threads, 2) &&
            visit_batch(batch, &l, n_threads);
    _exit(right ? 0 : 1);
}

static void a_forked_child_goes_on(void **state)
{
    const struct world *w = *state;
    static const int32_t threads[] = {1, 0, 4};
    for (int k = 0; k < 3; k++) {
        int how = -1;
        assert_true(everything(w, 4));
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            child(w, w->batch, threads[k]);
        assert_true(waitpid(pid, &how, 0) == pid);
        if (WIFSIGNALED(how))
            fail_msg("the child with n_threads = %d was ended by signal %d", threads[k], WTERMSIG(how));
        check_int(WEXITSTATUS(how), 0);
        assert_true(everything(w, 4));
    }
}

/* ----------------------------------------------------------------------------------------- host threads */

struct host {
    pthread_t thread;
    const struct world *w;
    int number, shared;
    int64_t rounds, wrong;
};

static void *work(void *argument)
{
    struct host *host = argument;
    struct listing l;
    if (listing_open(&l, NULL) != 0) {
        host->wrong = -1;
        return NULL;
    }
    for (int64_t round = 0; round < host->rounds; round++) {
        int32_t n_threads = (int32_t)(host->number + round) % 3;
        if (host->shared)
            host->wrong += !search_batch(host->w, host->w->batch, &l, n_threads, (int32_t)(round % 3)) ||
                           !visit_batch(host->w->batch, &l, n_threads);
        else
            host->wrong += !everything(host->w, n_threads);
    }
    listing_close(&l);
    return NULL;
}

static void run_hosts(const struct world *w, int shared)
{
    static struct host hosts[HOSTS];
    for (int k = 0; k < HOSTS; k++) {
        hosts[k] = (struct host){.w = w, .number = k, .shared = shared, .rounds = scale_count(6, 2)};
        check_int(pthread_create(&hosts[k].thread, NULL, work, &hosts[k]), 0);
    }
    for (int k = 0; k < HOSTS; k++) {
        check_int(pthread_join(hosts[k].thread, NULL), 0);
        check_int(hosts[k].wrong, 0);
    }
}

static void eight_hosts_with_their_own_handles(void **state)
{
    run_hosts(*state, 0);
}

static void eight_hosts_search_one_batch(void **state)
{
    run_hosts(*state, 1);
}

/* --------------------------------------------------------------------------------------------- OpenMP */

/* Where the compiler has no OpenMP, the pragma is ignored and the loop is an ordinary one. */
static void inside_a_parallel_region(void **state)
{
    const struct world *w = *state;
    atomic_int wrong = 0;
    int rounds = (int)scale_count(24, 6);
#pragma omp parallel for num_threads(4) schedule(dynamic)
    for (int round = 0; round < rounds; round++) {
        struct listing l;
        int right = everything(w, round % 4);
        right = right && listing_open(&l, NULL) == 0 && search_batch(w, w->batch, &l, round % 3, round % 3);
        if (right)
            listing_close(&l);
        atomic_fetch_add(&wrong, !right);
    }
    check_int(atomic_load(&wrong), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forked_child_goes_on),       cmocka_unit_test(eight_hosts_with_their_own_handles),
        cmocka_unit_test(eight_hosts_search_one_batch), cmocka_unit_test(inside_a_parallel_region),
        cmocka_unit_test(a_forked_child_goes_on),
    };
    return cmocka_run_group_tests_name("api: fork", tests, open_world, close_world);
}
