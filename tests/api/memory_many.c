/* SPDX-License-Identifier: MIT */
/*
 * As memory.c, for several cutoffs, batches and visits: the n-th allocation fails, for every n; the status
 * says so, no block is lost, and the same handles then give the right lists. And work that was done before
 * allocates nothing, whatever the number of threads.
 */
#include <stdlib.h>

#include "api.h"
#include "count_alloc.h"
#include "scale.h"

enum kind { MULTI, VISIT, BATCH, BATCH_MULTI, BATCH_VISIT };

struct job {
    const char *name;
    enum kind kind;
    int64_t n;
    int32_t algorithm, n_threads, mode;
    uint32_t flags;
};

static const struct job jobs[] = {
    {"multi brute", MULTI, 60, NBL_ALGORITHM_BRUTE, 1, NBL_MODE_PAIRS, 0},
    {"multi cells", MULTI, 900, NBL_ALGORITHM_CELLS, 1, NBL_MODE_PAIRS, NBL_SORTED},
    {"multi counts", MULTI, 900, NBL_ALGORITHM_CELLS, 1, NBL_MODE_COUNTS, NBL_HALF},
    {"multi shells threads", MULTI, 5000, NBL_ALGORITHM_CELLS, 3, NBL_MODE_PAIRS, NBL_DISJOINT},
    {"visit brute", VISIT, 60, NBL_ALGORITHM_BRUTE, 1, 0, NBL_SORTED},
    {"visit cells", VISIT, 900, NBL_ALGORITHM_CELLS, 1, 0, 0},
    {"visit threads", VISIT, 5000, NBL_ALGORITHM_CELLS, 3, 0, NBL_HALF},
    {"batch brute", BATCH, 200, NBL_ALGORITHM_BRUTE, 1, NBL_MODE_PAIRS, 0},
    {"batch cells", BATCH, 900, NBL_ALGORITHM_CELLS, 1, NBL_MODE_PAIRS, NBL_SORTED},
    {"batch counts", BATCH, 900, NBL_ALGORITHM_AUTO, 1, NBL_MODE_COUNTS, 0},
    {"batch threads", BATCH, 6000, NBL_ALGORITHM_AUTO, 3, NBL_MODE_PAIRS, 0},
    {"batch multi", BATCH_MULTI, 900, NBL_ALGORITHM_AUTO, 1, NBL_MODE_PAIRS, NBL_SORTED},
    {"batch shells threads", BATCH_MULTI, 5000, NBL_ALGORITHM_AUTO, 3, NBL_MODE_COUNTS, NBL_DISJOINT},
    {"batch visit", BATCH_VISIT, 900, NBL_ALGORITHM_AUTO, 1, 0, 0},
    {"batch visit threads", BATCH_VISIT, 5000, NBL_ALGORITHM_AUTO, 3, 0, NBL_SORTED},
};

enum { JOBS = sizeof jobs / sizeof jobs[0], SYSTEMS = 40, LISTS = 3 };

static const double cutoffs[LISTS] = {0.9, 1.3, 1.1};

/* Handles with counted memory, and the inputs of one job. */
struct work {
    const struct job *job;
    struct count_alloc counter;
    nbl_cell_list *list;
    nbl_batch *batch;
    nbl_result *result;
    double *r, h[9];
    int64_t ptr[SYSTEMS + 1];
    struct guard j, shifts;
    atomic_ullong rows; /* sum over the digests of the rows that were visited */
};

/* Half of the atoms and more in the first system, the rest in ever smaller ones: some with a grid, some
 * without. */
static void cut(struct work *w, int64_t n)
{
    w->ptr[SYSTEMS] = n;
    for (int b = SYSTEMS - 1; b > 0; b--)
        w->ptr[b] = w->ptr[b + 1] - n * (SYSTEMS - b) / (SYSTEMS * (SYSTEMS - 1));
}

static void open_work(struct work *w, const struct job *job)
{
    struct random g;
    memset(w, 0, sizeof *w);
    random_seed(&g, 98);
    w->job = job;
    double edge = cbrt((double)job->n);
    for (int a = 0; a < 3; a++)
        w->h[4 * a] = edge;
    w->r = malloc((size_t)job->n * 3 * sizeof *w->r);
    assert_non_null(w->r);
    for (int64_t x = 0; x < 3 * job->n; x++)
        w->r[x] = random_range(&g, 0, edge);
    cut(w, job->n);
    nbl_allocator hooks = count_alloc_hooks(&w->counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.allocator = &hooks;
    check_int(nbl_cell_list_create(&w->list, &options), NBL_OK);
    check_int(nbl_batch_create(&w->batch, &options), NBL_OK);
    check_int(nbl_result_create(&w->result, &options), NBL_OK);
}

static void close_work(struct work *w)
{
    nbl_cell_list_destroy(&w->list);
    nbl_batch_destroy(&w->batch);
    nbl_result_destroy(&w->result);
    check_int(atomic_load(&w->counter.live), 0);
    check_int(atomic_load(&w->counter.faults), 0);
    guard_free(&w->j);
    guard_free(&w->shifts);
    free(w->r);
}

static uint64_t mix(uint64_t digest, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t k = 0; k < size; k++)
        digest = (digest ^ at[k]) * 0x100000001b3u;
    return digest;
}

static int digest_rows(void *user, const nbl_rows *rows)
{
    struct work *w = user;
    for (int32_t k = 0; k < rows->n_rows; k++) {
        int64_t atom = rows->first_atom + rows->i[k], at = rows->row_ptr[k];
        size_t n = (size_t)(rows->row_ptr[k + 1] - at);
        uint64_t digest = mix(0xcbf29ce484222325u, &atom, sizeof atom);
        digest = mix(digest, rows->j + at, n * sizeof *rows->j);
        digest = mix(digest, rows->d2 + at, n * sizeof *rows->d2);
        atomic_fetch_add(&w->rows, mix(digest, rows->shells + at, n));
    }
    return 0;
}

static nbl_status build(struct work *w, int64_t n)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    options.algorithm = w->job->algorithm;
    options.n_threads = w->job->n_threads;
    if (w->job->kind < BATCH)
        return nbl_cell_list_build(w->list, n, w->r, w->h, NULL, cutoffs[1], &options);
    in.n_systems = SYSTEMS;
    in.n_atoms = n;
    in.positions = w->r;
    in.ptr = w->ptr;
    in.cells = w->h;
    in.cutoffs = &cutoffs[1];
    in.n_cells = in.n_cutoffs = 1;
    return nbl_batch_build(w->batch, &in, &options, NULL);
}

static nbl_status search(struct work *w)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = w->job->flags;
    options.mode = w->job->mode;
    options.n_threads = w->job->n_threads;
    atomic_store(&w->rows, 0);
    switch (w->job->kind) {
    case MULTI:
        return nbl_cell_list_search_multi(w->list, LISTS, cutoffs, &options, w->result);
    case VISIT:
        return nbl_cell_list_visit(w->list, LISTS, cutoffs, &options, w->result, digest_rows, w);
    case BATCH:
        return nbl_batch_search(w->batch, 0, NULL, &options, w->result);
    case BATCH_MULTI:
        return nbl_batch_search_multi(w->batch, LISTS, 1, cutoffs, &options, w->result);
    default:
        return nbl_batch_visit(w->batch, LISTS, 1, cutoffs, &options, w->result, digest_rows, w);
    }
}

/* One list, into guarded buffers that stay as they are where the fetch fails. */
static nbl_status fetch(struct work *w, int32_t list, uint64_t *digest)
{
    nbl_outputs o = NBL_OUTPUTS_INIT;
    int64_t m = nbl_result_n_pairs(w->result, list);
    o.pair_capacity = m;
    o.j = guard_take(&w->j, (size_t)m * 8);
    o.shifts = guard_take(&w->shifts, (size_t)m * 12);
    nbl_status status = nbl_result_fetch(w->result, list, &o);
    if (status != NBL_OK)
        assert_true(guard_untouched(&w->j) && guard_untouched(&w->shifts));
    *digest = mix(mix(*digest, o.j, (size_t)m * 8), o.shifts, (size_t)m * 12);
    return status;
}

/* The whole job; the first status that is not NBL_OK ends it. */
static nbl_status run(struct work *w, int64_t n, uint64_t *digest)
{
    *digest = 0xcbf29ce484222325u;
    nbl_status status = build(w, n);
    if (status != NBL_OK) {
        assert_string_not_equal(
            w->job->kind < BATCH ? nbl_cell_list_message(w->list) : nbl_batch_message(w->batch), "");
        return status;
    }
    status = search(w);
    if (status != NBL_OK)
        assert_string_not_equal(nbl_result_message(w->result), "");
    if (w->job->kind == VISIT || w->job->kind == BATCH_VISIT) {
        *digest = atomic_load(&w->rows);
        return status;
    }
    int32_t n_lists = nbl_result_n_lists(w->result);
    for (int32_t k = 0; k < n_lists && status == NBL_OK; k++)
        status = fetch(w, k, digest);
    return status;
}

/*
 * Fresh handles each time, so that every allocation happens again. With a small scale, of the two ways to fail,
 * once and from then on, every second allocation meets one, and the others meet the other.
 */
static long long fail_each(const struct job *job, uint64_t right, int rest)
{
    const int step = scale_count(1, 0) < 1 ? 2 : 1;
    long long nth = rest && step > 1 ? 2 : 1;
    for (int done = 0; !done; nth += step) {
        struct work w;
        uint64_t digest;
        open_work(&w, job);
        count_alloc_arm(&w.counter, nth, rest);
        nbl_status status = run(&w, job->n, &digest);
        done = atomic_load(&w.counter.calls) < nth;
        /* A visit also provides for the next one, and does without where that fails. */
        int spared = (job->kind == VISIT || job->kind == BATCH_VISIT) && status == NBL_OK && digest == right;
        if (done ? status != NBL_OK : status != NBL_ENOMEM && !spared)
            fail_msg("%s: allocation %lld fails, status %s", job->name, nth, nbl_status_name(status));
        count_alloc_arm(&w.counter, 0, 0);
        check_int(run(&w, job->n, &digest), NBL_OK);
        assert_true(digest == right);
        close_work(&w);
        assert_true(nth < 5000);
    }
    return nth - step - 1;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (int k = 0; k < JOBS; k++) {
        struct work w;
        uint64_t right;
        open_work(&w, &jobs[k]);
        check_int(run(&w, jobs[k].n, &right), NBL_OK);
        close_work(&w);
        long long once = fail_each(&jobs[k], right, 0), rest = fail_each(&jobs[k], right, 1);
        print_message("%-22s %lld and %lld failing allocations\n", jobs[k].name, once, rest);
        assert_true(once > 3 && rest > 3);
    }
}

static void creation_may_fail(void **state)
{
    (void)state;
    static struct count_alloc counter;
    nbl_allocator hooks = count_alloc_hooks(&counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.allocator = &hooks;
    nbl_status status = NBL_ENOMEM;
    for (long long nth = 1; status != NBL_OK; nth++) {
        nbl_batch *batch = (nbl_batch *)(void *)&options;
        count_alloc_arm(&counter, nth, 0);
        status = nbl_batch_create(&batch, &options);
        assert_true(status == NBL_OK || status == NBL_ENOMEM);
        check_int(status == NBL_OK, batch != NULL);
        nbl_batch_destroy(&batch);
        check_int(atomic_load(&counter.live), 0);
        assert_true(nth < 100);
    }
    check_int(atomic_load(&counter.faults), 0);
}

/* Less of the same: two thirds of the atoms of one system, or the larger half of the systems of a batch. */
static int64_t lessen(struct work *w)
{
    if (w->job->kind < BATCH)
        return w->job->n * 2 / 3;
    for (int b = SYSTEMS / 2; b < SYSTEMS; b++)
        w->ptr[b + 1] = w->ptr[b];
    return w->ptr[SYSTEMS];
}

/*
 * The same again, then less, then the same: nothing is allocated, and the lists are the same. What is left of a
 * batch are its largest systems, so that the k-th largest is the one that it was, with its images and bins.
 */
static void nothing_in_the_steady_state(void **state)
{
    (void)state;
    int bad = 0;
    for (int k = 0; k < JOBS; k++) {
        struct work w;
        uint64_t right, digest;
        open_work(&w, &jobs[k]);
        check_int(run(&w, jobs[k].n, &right), NBL_OK);
        for (int round = 0; round < 4; round++) {
            cut(&w, jobs[k].n);
            int64_t n = round == 2 ? lessen(&w) : jobs[k].n;
            count_alloc_arm(&w.counter, 0, 0);
            check_int(run(&w, n, &digest), NBL_OK);
            if (atomic_load(&w.counter.calls) != 0) {
                print_error("%s: %lld allocations in round %d\n", jobs[k].name, atomic_load(&w.counter.calls),
                            round);
                bad++;
            }
            assert_true(round == 2 || digest == right);
        }
        close_work(&w);
    }
    check_int(bad, 0);
}

/* The first system goes behind all others: the k-th largest is for every k the one that it was. */
static void nothing_for_systems_in_another_order(void **state)
{
    (void)state;
    int bad = 0;
    for (int k = 0; k < JOBS; k++) {
        struct work w;
        uint64_t digest;
        if (jobs[k].kind < BATCH)
            continue;
        open_work(&w, &jobs[k]);
        check_int(run(&w, jobs[k].n, &digest), NBL_OK);
        int64_t n = jobs[k].n, large = w.ptr[1];
        double *moved = malloc((size_t)n * 3 * sizeof *moved);
        assert_non_null(moved);
        memcpy(moved, w.r + 3 * large, (size_t)(n - large) * 3 * sizeof *moved);
        memcpy(moved + 3 * (n - large), w.r, (size_t)large * 3 * sizeof *moved);
        free(w.r);
        w.r = moved;
        for (int b = 0; b < SYSTEMS; b++)
            w.ptr[b] = w.ptr[b + 1] - large;
        w.ptr[SYSTEMS] = n;
        count_alloc_arm(&w.counter, 0, 0);
        check_int(build(&w, n), NBL_OK);
        if (atomic_load(&w.counter.calls) != 0) {
            print_error("%s: %lld allocations\n", jobs[k].name, atomic_load(&w.counter.calls));
            bad++;
        }
        close_work(&w);
    }
    check_int(bad, 0);
}

/*
 * Cutoffs near each other and far apart, whose lists are found in other ways: what is no larger than a search
 * before, by as many threads, allocates nothing, whichever thread does which part of it.
 */
static void nothing_for_cutoffs_that_are_no_larger(void **state)
{
    (void)state;
    enum { ATOMS = 8000, SETS = 6, ROUNDS = 4 };
    static const double sets[SETS][LISTS] = {{5.5, 5.4, 5.3}, {5.5, 5.4, 5.3}, {5.5, 1.2, 5.3},
                                             {2.0, 5.4, 0.5}, {5.5, 1.2, 3.0}, {1.0, 1.1, 1.2}};
    static double r[ATOMS][3];
    const double edge = 20.0, h[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
    struct random g;
    random_seed(&g, 99);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_range(&g, 0, edge);
    for (int n_threads = 1; n_threads <= 3; n_threads++)
        for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
            struct work w;
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.n_threads = n_threads;
            options.mode = mode;
            open_work(&w, &jobs[1]);
            check_int(nbl_cell_list_build(w.list, ATOMS, r, h, NULL, 5.5, NULL), NBL_OK);
            check_int(nbl_cell_list_search_multi(w.list, LISTS, sets[0], &options, w.result), NBL_OK);
            count_alloc_arm(&w.counter, 0, 0);
            for (int k = 0; k < SETS * ROUNDS; k++) {
                check_int(nbl_cell_list_search_multi(w.list, LISTS, sets[k % SETS], &options, w.result),
                          NBL_OK);
                if (atomic_load(&w.counter.calls) != 0)
                    fail_msg("%d threads, mode %d, set %d: %lld allocations", n_threads, (int)mode, k % SETS,
                             atomic_load(&w.counter.calls));
            }
            close_work(&w);
        }
}

/* In any order of destruction everything comes back, and what is left says that the batch is gone. */
static void any_order_of_destruction(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        struct work w;
        uint64_t digest;
        nbl_outputs o = NBL_OUTPUTS_INIT;
        open_work(&w, &jobs[7]);
        check_int(run(&w, jobs[7].n, &digest), NBL_OK);
        if (order == 0)
            nbl_batch_destroy(&w.batch);
        else
            nbl_result_destroy(&w.result);
        if (order == 0)
            check_int(nbl_result_fetch(w.result, 0, &o), NBL_ESTALE);
        else
            assert_string_equal(nbl_batch_message(w.batch), "");
        close_work(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(creation_may_fail),
        cmocka_unit_test(nothing_in_the_steady_state),
        cmocka_unit_test(nothing_for_systems_in_another_order),
        cmocka_unit_test(nothing_for_cutoffs_that_are_no_larger),
        cmocka_unit_test(any_order_of_destruction),
    };
    return cmocka_run_group_tests_name("api: memory of many", tests, NULL, NULL);
}
