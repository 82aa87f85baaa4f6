/* SPDX-License-Identifier: MIT */
/*
 * Without hooks memory is the C library's: its n-th allocation fails, for every n, alone or with all after it,
 * in the calls that take and give back their memory. The status and the message say so, no block is lost,
 * nothing is written, and the next call is right. One thread: an OpenMP runtime without memory ends the
 * process.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "api.h"
#include "malloc_count.h"

enum { SKIPPED = 77, ATOMS = 900, SYSTEMS = 3, MOST_CALLS = 1000 };
enum { FEW = 100 }; /* atoms, for brute force */

static const double h[9] = {9.6, 0, 0, 1, 9.6, 0, -1, 0.5, 9.6}, cutoff = 1.4;
static double r[ATOMS][3];
static const int64_t ptr[SYSTEMS + 1] = {0, 40, 40, FEW};

/* What a call is made with, and what it gives. */
struct call {
    int32_t algorithm;
    uint32_t flags;
    nbl_result *result; /* to be verified */
    int64_t capacity, n_pairs;
    int64_t *j;
    double *vectors;
    nbl_verify_report report;
    char message[256];
};

static nbl_build_options build_options(const struct call *c)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    options.algorithm = c->algorithm;
    options.n_threads = 1;
    return options;
}

static nbl_status neighbors(struct call *c)
{
    const nbl_build_options build = build_options(c);
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs out = NBL_OUTPUTS_INIT;
    search.flags = c->flags;
    search.n_threads = 1;
    out.pair_capacity = c->capacity;
    out.j = c->j;
    out.vectors = c->vectors;
    return nbl_neighbors(ATOMS, r, h, NULL, cutoff, &build, &search, &out, &c->n_pairs, c->message,
                         sizeof c->message);
}

static nbl_status verify(struct call *c)
{
    const nbl_build_options build = build_options(c);
    nbl_status status = nbl_verify(c->result, 0, FEW, r, h, NULL, &build, &c->report);
    snprintf(c->message, sizeof c->message, "%s", nbl_result_message(c->result));
    return status;
}

static nbl_batch_input batch_input(void)
{
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = SYSTEMS;
    in.n_atoms = FEW;
    in.positions = r;
    in.ptr = ptr;
    in.cells = h;
    in.n_cells = 1;
    in.cutoffs = &cutoff;
    in.n_cutoffs = 1;
    return in;
}

static nbl_status verify_batch(struct call *c)
{
    const nbl_build_options build = build_options(c);
    const nbl_batch_input in = batch_input();
    nbl_status status = nbl_verify_batch(c->result, 0, &in, &build, &c->report);
    snprintf(c->message, sizeof c->message, "%s", nbl_result_message(c->result));
    return status;
}

/* One failure; false if there are fewer allocations than that. */
static bool fail_one(nbl_status (*run)(struct call *), struct call *c, long long nth, int rest)
{
    struct guard g[2] = {GUARD_INIT, GUARD_INIT};
    const struct call right = *c;
    c->j = guard_take(&g[0], (size_t)c->capacity * sizeof *c->j);
    c->vectors = guard_take(&g[1], 3 * (size_t)c->capacity * sizeof *c->vectors);
    memset(&c->report, 0x5a, sizeof c->report);
    c->report.size = sizeof c->report;
    const nbl_verify_report untouched = c->report;
    long long live = malloc_live(), before = malloc_count();
    malloc_fail(nth, rest);
    nbl_status status = run(c);
    malloc_fail(0, 0);
    bool reached = malloc_count() - before >= nth;
    /* A buffer that finds no room to spare takes what it needs. */
    if (status != (reached ? NBL_ENOMEM : NBL_OK) && (status != NBL_OK || rest))
        fail_msg("allocation %lld fails, status %s", nth, nbl_status_name(status));
    check_int(malloc_live(), live);
    check_int(strstr(c->message, "out of memory") != NULL, status != NBL_OK);
    if (status != NBL_OK) {
        assert_true(guard_untouched(&g[0]) && guard_untouched(&g[1]));
        assert_memory_equal(&c->report, &untouched, sizeof untouched);
        check_int(run(c), NBL_OK);
    }
    check_int(c->n_pairs, right.n_pairs);
    if (run == neighbors) {
        assert_memory_equal(c->j, right.j, (size_t)c->n_pairs * sizeof *c->j);
        assert_memory_equal(c->vectors, right.vectors, 3 * (size_t)c->n_pairs * sizeof *c->vectors);
    } else {
        check_int(c->report.verdict, NBL_VERIFY_EQUAL);
    }
    c->j = right.j;
    c->vectors = right.vectors;
    guard_free(&g[0]);
    guard_free(&g[1]);
    return reached;
}

static void fail_each(const char *name, nbl_status (*run)(struct call *), struct call *c)
{
    for (int rest = 0; rest < 2; rest++) {
        long long nth = 1;
        while (fail_one(run, c, nth, rest))
            assert_true(++nth < MOST_CALLS);
        print_message("%s: %lld failing allocations\n", name, nth - 1);
        assert_true(nth > 1);
    }
}

static void one_call(void **state)
{
    (void)state;
    static const uint32_t flags[] = {0, NBL_HALF | NBL_SORTED};
    static const int32_t algorithms[] = {NBL_ALGORITHM_BRUTE, NBL_ALGORITHM_CELLS};
    for (int k = 0; k < 4; k++) {
        struct call c = {.algorithm = algorithms[k / 2], .flags = flags[k % 2], .capacity = 20 * ATOMS};
        c.j = malloc((size_t)c.capacity * sizeof *c.j);
        c.vectors = malloc(3 * (size_t)c.capacity * sizeof *c.vectors);
        assert_true(c.j && c.vectors);
        check_int(neighbors(&c), NBL_OK);
        fail_each("neighbors", neighbors, &c);
        free(c.j);
        free(c.vectors);
    }
}

static void verifications(void **state)
{
    (void)state;
    struct call c = {.capacity = 1, .report = NBL_VERIFY_REPORT_INIT};
    const nbl_build_options build = build_options(&c);
    const nbl_batch_input in = batch_input();
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_cell_list *list = NULL;
    nbl_batch *batch = NULL;
    search.n_threads = 1;
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_result_create(&c.result, NULL), NBL_OK);
    check_int(nbl_cell_list_build(list, FEW, r, h, NULL, cutoff, &build), NBL_OK);
    check_int(nbl_cell_list_search(list, cutoff, &search, c.result), NBL_OK);
    check_int(verify(&c), NBL_OK);
    fail_each("verify", verify, &c);
    check_int(nbl_batch_build(batch, &in, &build, NULL), NBL_OK);
    check_int(nbl_batch_search(batch, 0, NULL, &search, c.result), NBL_OK);
    check_int(verify_batch(&c), NBL_OK);
    fail_each("verify_batch", verify_batch, &c);
    nbl_result_destroy(&c.result);
    nbl_batch_destroy(&batch);
    nbl_cell_list_destroy(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call),
        cmocka_unit_test(verifications),
    };
    struct random g;
    if (!malloc_count_works()) {
        print_message("malloc cannot be interposed here\n");
        return SKIPPED;
    }
    random_seed(&g, 31);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_range(&g, -2, 18);
    return cmocka_run_group_tests_name("api: memory of the C library", tests, NULL, NULL);
}
