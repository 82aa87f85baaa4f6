/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for every n, in every kind of build, search and fetch: the status says so, no
 * block is lost, and the same handles then give the right list. And once a handle has done its work, doing
 * it again allocates nothing.
 */
#include <stdlib.h>

#include "api.h"
#include "count_alloc.h"

struct job {
    const char *name;
    int64_t n;
    struct variant v;
    int32_t layout;
    int reverse;
};

static const struct job jobs[] = {
    {"brute", 60, {NBL_ALGORITHM_BRUTE, 0, NBL_MODE_PAIRS, 1, 0, 0}, 0, 0},
    {"brute counts reverse", 60, {NBL_ALGORITHM_BRUTE, NBL_SORTED, NBL_MODE_COUNTS, 1, 0, 0}, 0, 1},
    {"brute threads", 700, {NBL_ALGORITHM_BRUTE, NBL_HALF, NBL_MODE_PAIRS, 3, 0, 0}, 0, 0},
    {"cells", 900, {NBL_ALGORITHM_CELLS, 0, NBL_MODE_PAIRS, 1, 0, 0}, 0, 0},
    {"cells sorted half", 900, {NBL_ALGORITHM_CELLS, NBL_SORTED | NBL_HALF, NBL_MODE_PAIRS, 1, 0, 0}, 0, 0},
    {"cells reverse", 900, {NBL_ALGORITHM_CELLS, 0, NBL_MODE_PAIRS, 1, 0, 0}, 0, 1},
    {"cells counts reverse", 900, {NBL_ALGORITHM_CELLS, NBL_SELF, NBL_MODE_COUNTS, 1, 0, 0}, 0, 1},
    {"cells dense", 900, {NBL_ALGORITHM_CELLS, NBL_SORTED, NBL_MODE_COUNTS, 1, 0, 0}, NBL_LAYOUT_DENSE, 0},
    {"cells threads", 6000, {NBL_ALGORITHM_CELLS, NBL_SORTED, NBL_MODE_PAIRS, 3, 0, 0}, 0, 1},
    {"cells counts threads", 6000, {NBL_ALGORITHM_CELLS, 0, NBL_MODE_COUNTS, 3, 0, 0}, 0, 0},
};

enum { JOBS = sizeof jobs / sizeof jobs[0] };

/* Handles with counted memory, inputs and outputs of one job. */
struct work {
    const struct job *job;
    struct count_alloc counter;
    nbl_cell_list *list;
    nbl_result *result;
    double *r, h[9];
    int64_t m, *j, *reverse;
};

static void open_work(struct work *w, const struct job *job)
{
    struct random g;
    memset(w, 0, sizeof *w);
    random_seed(&g, 99);
    w->job = job;
    double edge = cbrt((double)job->n);
    for (int a = 0; a < 3; a++)
        w->h[4 * a] = edge;
    w->r = malloc((size_t)job->n * 3 * sizeof *w->r);
    assert_non_null(w->r);
    for (int64_t x = 0; x < 3 * job->n; x++)
        w->r[x] = random_range(&g, 0, edge);
    nbl_allocator hooks = count_alloc_hooks(&w->counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.allocator = &hooks;
    check_int(nbl_cell_list_create(&w->list, &options), NBL_OK);
    check_int(nbl_result_create(&w->result, &options), NBL_OK);
}

static void close_work(struct work *w)
{
    nbl_cell_list_destroy(&w->list);
    nbl_result_destroy(&w->result);
    check_int(atomic_load(&w->counter.live), 0);
    check_int(atomic_load(&w->counter.faults), 0);
    free(w->r);
    free(w->j);
    free(w->reverse);
}

static nbl_status build_and_search(struct work *w)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    build.algorithm = w->job->v.algorithm;
    build.n_threads = search.n_threads = w->job->v.n_threads;
    search.flags = w->job->v.flags;
    search.mode = w->job->v.mode;
    nbl_status status = nbl_cell_list_build(w->list, w->job->n, w->r, w->h, NULL, 1.3, &build);
    if (status != NBL_OK) {
        assert_string_not_equal(nbl_cell_list_message(w->list), "");
        return status;
    }
    status = nbl_cell_list_search(w->list, 1.3, &search, w->result);
    if (status != NBL_OK)
        assert_string_not_equal(nbl_result_message(w->result), "");
    return status;
}

static nbl_status fetch(struct work *w, int64_t *j, int64_t *reverse)
{
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.layout = w->job->layout;
    o.pair_capacity = w->m;
    o.row_capacity = w->job->n;
    o.dense_width = nbl_result_max_count(w->result, 0);
    o.j = j;
    o.reverse = reverse;
    return nbl_result_fetch(w->result, 0, &o);
}

static size_t entries(const struct work *w)
{
    int64_t m = nbl_result_n_pairs(w->result, 0);
    return (size_t)(w->job->layout == NBL_LAYOUT_DENSE ? w->job->n * nbl_result_max_count(w->result, 0) : m);
}

/* What the job gives when nothing fails. */
static void learn(struct work *w)
{
    check_int(build_and_search(w), NBL_OK);
    w->m = nbl_result_n_pairs(w->result, 0);
    assert_true(w->m > 10);
    w->j = calloc(entries(w), sizeof *w->j);
    w->reverse = w->job->reverse ? calloc((size_t)w->m, sizeof *w->reverse) : NULL;
    assert_non_null(w->j);
    check_int(fetch(w, w->j, w->reverse), NBL_OK);
}

static void same_list(struct work *w)
{
    int64_t *j = calloc(entries(w), sizeof *j), *reverse = NULL;
    if (w->job->reverse)
        reverse = calloc((size_t)w->m, sizeof *reverse);
    assert_non_null(j);
    check_int(nbl_result_n_pairs(w->result, 0), w->m);
    check_int(fetch(w, j, reverse), NBL_OK);
    assert_memory_equal(j, w->j, entries(w) * sizeof *j);
    if (reverse)
        assert_memory_equal(reverse, w->reverse, (size_t)w->m * sizeof *reverse);
    free(j);
    free(reverse);
}

/* Fresh handles each time, so that every allocation happens again. */
static long long fail_each(const struct job *job, const struct work *right, int rest)
{
    long long nth = 1;
    for (int done = 0; !done; nth++) {
        struct work w;
        struct guard g[2] = {GUARD_INIT, GUARD_INIT};
        open_work(&w, job);
        count_alloc_arm(&w.counter, nth, rest);
        nbl_status status = build_and_search(&w);
        if (status == NBL_OK) {
            w.m = right->m;
            int64_t *j = guard_take(&g[0], entries(&w) * sizeof *j);
            int64_t *reverse = job->reverse ? guard_take(&g[1], (size_t)w.m * sizeof *reverse) : NULL;
            status = fetch(&w, j, reverse);
            if (status != NBL_OK)
                assert_true(guard_untouched(&g[0]) && (!reverse || guard_untouched(&g[1])));
        }
        if (atomic_load(&w.counter.calls) < nth)
            check_int(status, NBL_OK);
        else if (status != NBL_ENOMEM)
            fail_msg("%s: allocation %lld fails, status %s", job->name, nth, nbl_status_name(status));
        done = atomic_load(&w.counter.calls) < nth;
        count_alloc_arm(&w.counter, 0, 0);
        check_int(build_and_search(&w), NBL_OK);
        w.m = right->m;
        w.j = right->j;
        w.reverse = right->reverse;
        same_list(&w);
        w.j = w.reverse = NULL;
        close_work(&w);
        for (int k = 0; k < 2; k++)
            guard_free(&g[k]);
        assert_true(nth < 5000);
    }
    return nth - 2;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int k = 0; k < JOBS; k++) {
        struct work right;
        open_work(&right, &jobs[k]);
        learn(&right);
        long long once = fail_each(&jobs[k], &right, 0);
        long long rest = fail_each(&jobs[k], &right, 1);
        print_message("%-22s %lld and %lld failing allocations\n", jobs[k].name, once, rest);
        assert_true(once > 3 && rest > 3);
        close_work(&right);
    }
}

/* Building handles is the first thing that can fail. */
static void creation_may_fail(void **state)
{
    (void)state;
    static struct count_alloc counter;
    nbl_allocator hooks = count_alloc_hooks(&counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.allocator = &hooks;
    for (int which = 0; which < 2; which++) {
        nbl_status status = NBL_ENOMEM;
        for (long long nth = 1; status != NBL_OK; nth++) {
            nbl_cell_list *list = NULL;
            nbl_result *result = NULL;
            count_alloc_arm(&counter, nth, 0);
            status = which ? nbl_result_create(&result, &options) : nbl_cell_list_create(&list, &options);
            assert_true(status == NBL_OK || status == NBL_ENOMEM);
            check_int(status == NBL_OK, list != NULL || result != NULL);
            nbl_cell_list_destroy(&list);
            nbl_result_destroy(&result);
            check_int(atomic_load(&counter.live), 0);
            assert_true(nth < 100);
        }
    }
    check_int(atomic_load(&counter.faults), 0);
}

static void nothing_in_the_steady_state(void **state)
{
    (void)state;
    for (int k = 0; k < JOBS; k++) {
        struct work w;
        open_work(&w, &jobs[k]);
        learn(&w);
        for (int round = 0; round < 3; round++) {
            count_alloc_arm(&w.counter, 0, 0);
            check_int(build_and_search(&w), NBL_OK);
            check_int(fetch(&w, w.j, w.reverse), NBL_OK);
            if (atomic_load(&w.counter.calls) != 0)
                fail_msg("%s: %lld allocations in round %d", jobs[k].name, atomic_load(&w.counter.calls),
                         round);
        }
        close_work(&w);
    }
}

/* A smaller system after a larger one, and the larger one again. */
static void nothing_for_smaller_systems(void **state)
{
    (void)state;
    for (int k = 0; k < JOBS; k++) {
        struct job smaller = jobs[k];
        struct work w;
        open_work(&w, &jobs[k]);
        learn(&w);
        smaller.n = jobs[k].n / 2;
        count_alloc_arm(&w.counter, 0, 0);
        w.job = &smaller;
        check_int(build_and_search(&w), NBL_OK);
        w.job = &jobs[k];
        check_int(build_and_search(&w), NBL_OK);
        if (atomic_load(&w.counter.calls) != 0)
            fail_msg("%s: %lld allocations", jobs[k].name, atomic_load(&w.counter.calls));
        same_list(&w);
        close_work(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(creation_may_fail),
        cmocka_unit_test(nothing_in_the_steady_state),
        cmocka_unit_test(nothing_for_smaller_systems),
    };
    return cmocka_run_group_tests_name("api: memory", tests, NULL, NULL);
}
