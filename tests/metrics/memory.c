/* SPDX-License-Identifier: MIT */
/*
 * The n-th allocation fails, for every n: the status says so, no block is lost, and the same handle then gives
 * the right bytes. And what a handle has done before allocates nothing.
 */
#include <stdlib.h>

#include "check.h"
#include "count_alloc.h"
#include "everything.h"

enum { SYSTEMS = 12, ATOMS = 70 };

static const int32_t kinds[3] = {6, 8, 26};

struct job {
    const char *name;
    int32_t n_threads;
    int batch, narrow;
};

static const struct job jobs[] = {
    {"single", 1, 0, 0},          {"batch", 1, 1, 0},          {"single, float32", 1, 0, 1},
    {"single, threads", 3, 0, 0}, {"batch, threads", 3, 1, 1},
};

enum { JOBS = sizeof jobs / sizeof *jobs };

struct work {
    const struct job *job;
    struct count_alloc counter;
    nbl_metrics *handle;
    struct structure s;
    float *narrow;
    int64_t ptr[SYSTEMS + 1];
    struct everything to;
};

static nbl_status open_handle(struct work *w)
{
    nbl_allocator hooks = count_alloc_hooks(&w->counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.allocator = &hooks;
    return nbl_metrics_create(&w->handle, &options);
}

static void open_work(struct work *w, const struct job *job)
{
    memset(w, 0, sizeof *w);
    w->job = job;
    structure_ball(&w->s, SYSTEMS * ATOMS, 3, kinds, 11, 0.7, 4);
    w->s.has_cell = 1;
    w->s.h[0] = w->s.h[4] = w->s.h[8] = 22;
    w->narrow = malloc((size_t)w->s.n * 3 * sizeof *w->narrow);
    assert_non_null(w->narrow);
    for (int64_t a = 0; a < 3 * w->s.n; a++)
        w->narrow[a] = (float)w->s.r[a];
    for (int k = 1; k <= SYSTEMS; k++)
        w->ptr[k] = k < SYSTEMS ? w->ptr[k - 1] + ATOMS - 20 * (k % 2) : SYSTEMS * ATOMS;
    everything_make(&w->to, job->batch ? SYSTEMS : 1, w->s.n);
}

static void close_work(struct work *w)
{
    nbl_metrics_destroy(&w->handle);
    check_int(atomic_load(&w->counter.live), 0);
    check_int(atomic_load(&w->counter.faults), 0);
    structure_free(&w->s);
    free(w->narrow);
    everything_free(&w->to);
}

static nbl_status run(struct work *w, double rc)
{
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    const void *r = w->job->narrow ? (const void *)w->narrow : (const void *)w->s.r;
    build.positions_dtype = w->job->narrow ? NBL_FLOAT32 : NBL_FLOAT64;
    options.build = &build;
    options.cutoffs = &rc;
    options.n_cutoffs = 1;
    options.n_threads = w->job->n_threads;
    if (!w->job->batch)
        return nbl_metrics_compute(w->handle, w->s.n, r, w->s.h, NULL, w->s.numbers, &options, &w->to.out);
    in.n_systems = SYSTEMS;
    in.n_atoms = w->s.n;
    in.positions = r;
    in.ptr = w->ptr;
    in.cells = w->s.h;
    in.n_cells = 1;
    return nbl_metrics_compute_batch(w->handle, &in, w->s.numbers, &options, &w->to.out, NULL);
}

static long long fail_each(const struct job *job, const struct work *right, int rest)
{
    long long nth = 1, refused = 0;
    for (int done = 0; !done; nth++) {
        struct work w;
        open_work(&w, job);
        count_alloc_arm(&w.counter, nth, rest);
        nbl_status status = open_handle(&w);
        if (status != NBL_OK)
            assert_null(w.handle);
        else
            status = run(&w, 2.5);
        done = atomic_load(&w.counter.calls) < nth;
        /* Room that the core only keeps for next time may be missing without harm. */
        if (status != NBL_OK && (done || status != NBL_ENOMEM))
            fail_msg("%s: allocation %lld fails, status %s", job->name, nth, nbl_status_name(status));
        if (status == NBL_OK)
            everything_same_bytes(&right->to, 0, 0, &w.to, job->name);
        refused += status != NBL_OK;
        if (status != NBL_OK && w.handle)
            check_contains(nbl_metrics_message(w.handle), "out of memory");
        count_alloc_arm(&w.counter, 0, 0);
        if (!w.handle)
            check_int(open_handle(&w), NBL_OK);
        everything_clear(&w.to);
        check_int(run(&w, 2.5), NBL_OK);
        everything_same_bytes(&right->to, 0, 0, &w.to, job->name);
        close_work(&w);
        assert_true(nth < 2000);
    }
    assert_true(job->n_threads > 1 || refused + 3 >= nth - 2);
    return refused;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int k = 0; k < JOBS; k++) {
        struct work right;
        open_work(&right, &jobs[k]);
        check_int(open_handle(&right), NBL_OK);
        check_int(run(&right, 2.5), NBL_OK);
        const long long once = fail_each(&jobs[k], &right, 0), rest = fail_each(&jobs[k], &right, 1);
        print_message("%-16s %lld and %lld failing allocations\n", jobs[k].name, once, rest);
        assert_true(once > 10 && rest > 10);
        close_work(&right);
    }
}

static void nothing_in_the_steady_state(void **state)
{
    (void)state;
    for (int k = 0; k < JOBS; k++) {
        struct work w;
        open_work(&w, &jobs[k]);
        check_int(open_handle(&w), NBL_OK);
        check_int(run(&w, 2.5), NBL_OK);
        check_int(run(&w, 2.0), NBL_OK);
        for (int round = 0; round < 6; round++) {
            count_alloc_arm(&w.counter, 0, 0);
            check_int(run(&w, round % 2 ? 2.0 : 2.5), NBL_OK);
            if (atomic_load(&w.counter.calls) != 0)
                fail_msg("%s: %lld allocations in round %d", jobs[k].name, atomic_load(&w.counter.calls),
                         round);
        }
        close_work(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(nothing_in_the_steady_state),
    };
    return cmocka_run_group_tests_name("metrics: memory", tests, NULL, NULL);
}
