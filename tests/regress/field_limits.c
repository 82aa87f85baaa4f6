/* SPDX-License-Identifier: MIT */
/* What users were hurt by, part three: coincident atoms, limits, 64-bit counts, order, fork, shared state. */
#define _DEFAULT_SOURCE
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "field.h"
#include "scale.h"

static double *coincident(int64_t n)
{
    double *r = malloc((size_t)n * 3 * sizeof *r);
    assert_non_null(r);
    for (int64_t x = 0; x < 3 * n; x++)
        r[x] = 1.5;
    return r;
}

static void coincident_atoms_are_neighbours(void **state)
{
    const double h[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2};
    double *r = coincident(60);
    r[3 * 59] += 2;
    check_int(field_against_oracle(*state, 60, r, NULL, NULL, 1), 59 * 58);
    check_int(field_against_oracle(*state, 60, r, h, NULL, 1), 60 * 59);
    check_int(field_against_oracle(*state, 60, r, h, NULL, 2.5), 60 * 59 + 60 * 60 * 6);
    free(r);
}

/* Hundreds of thousands of neighbours of one atom: nothing is truncated, no capacity is guessed. */
static void rows_have_no_greatest_length(void **state)
{
    struct listing *l = *state;
    double *r = coincident(700);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        struct variant v = {algorithm, NBL_SORTED, 0, 1, 0, 0};
        struct pairs p = {0, 0, NULL};
        field_find(l, 700, r, NULL, NULL, 3, &v, &p);
        check_int(p.n, 700 * 699);
        check_int(nbl_result_max_count(l->result, 0), 699);
        for (int64_t e = 0; e < p.n; e++)
            check_int(p.at[e].j, e % 699 + (e % 699 >= e / 699));
        pairs_free(&p);
    }
    free(r);
}

/* 1e10 pairs are coming: the limit stops the count long before. */
static void a_limit_stops_exploding_systems(void **state)
{
    struct listing *l = *state;
    enum { N = 100000 };
    double *r = coincident(N);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++)
        for (int32_t mode = NBL_MODE_AUTO; mode <= NBL_MODE_COUNTS; mode++) {
            if (algorithm == NBL_ALGORITHM_BRUTE && mode != NBL_MODE_AUTO)
                continue;
            struct variant v = {algorithm, 0, 0, 1, 0, 0};
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.max_pairs = 100000000;
            options.max_bytes = (uint64_t)1 << 28;
            options.mode = mode;
            assert_int_equal(listing_build_arrays(l, N, r, NULL, NULL, 5, &v), 0);
            check_int(nbl_cell_list_search(l->list, 5, &options, l->result), NBL_ELIMIT);
            check_contains(nbl_result_message(l->result), "max_");
            check_int(nbl_result_n_pairs(l->result, 0), NBL_EUNBUILT);
        }
    struct variant v = {0, 0, 0, 1, 0, 0};
    struct pairs p = {0, 0, NULL};
    field_find(l, 3, r, NULL, NULL, 5, &v, &p);
    check_int(p.n, 6);
    pairs_free(&p);
    free(r);
}

static void limit_is_exact(void **state)
{
    struct listing *l = *state;
    struct system s;
    system_plain(&s, 50, 4);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++)
        for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
            struct variant v = {algorithm, NBL_HALF, mode, 1, 0, 0};
            struct pairs p = {0, 0, NULL};
            field_find(l, s.n, s.r[0], s.h[0], NULL, s.rc, &v, &p);
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.flags = NBL_HALF;
            options.mode = mode;
            options.max_pairs = p.n;
            check_int(nbl_cell_list_search(l->list, s.rc, &options, l->result), NBL_OK);
            check_int(nbl_result_n_pairs(l->result, 0), p.n);
            options.max_pairs = p.n - 1;
            check_int(nbl_cell_list_search(l->list, s.rc, &options, l->result), NBL_ELIMIT);
            pairs_free(&p);
        }
}

/* More pairs than int32 counts: exact, and refused by int32 offsets. */
static void more_pairs_than_int32(void **state)
{
    struct listing *l = *state;
    const int64_t n = 46342, pairs = n * (n - 1);
    if (scale_count(100, 1) < 100)
        skip();
    assert_true(pairs > INT32_MAX);
    double *r = coincident(n);
    int64_t *counts = malloc((size_t)n * sizeof *counts);
    int32_t *narrow = malloc(((size_t)n + 1) * sizeof *narrow);
    assert_non_null(counts);
    assert_non_null(narrow);
    struct variant v = {0, 0, NBL_MODE_COUNTS, 2, 0, 0};
    assert_int_equal(listing_build_arrays(l, n, r, NULL, NULL, 5, &v), 0);
    assert_int_equal(listing_search(l, 5, &v), 0);
    check_int(nbl_result_n_pairs(l->result, 0), pairs);
    check_int(nbl_result_max_count(l->result, 0), n - 1);

    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.row_capacity = n;
    o.counts = counts;
    check_int(nbl_result_fetch(l->result, 0, &o), NBL_OK);
    for (int64_t i = 0; i < n; i++)
        check_int(counts[i], n - 1);
    o.row_ptr = narrow;
    o.offset_dtype = NBL_INT32;
    narrow[0] = 77;
    o.counts = NULL;
    check_int(nbl_result_fetch(l->result, 0, &o), NBL_ENARROW);
    check_int(narrow[0], 77);
    free(narrow);
    free(counts);
    free(r);
}

static void tiny_cutoff_in_a_large_box(void **state)
{
    const double h[9] = {1e6, 0, 0, 0, 1e6, 0, 0, 0, 1e6};
    double r[60 * 3];
    struct random g;
    random_seed(&g, 2);
    for (int x = 0; x < 180; x++)
        r[x] = random_range(&g, 0, 1e6);
    memcpy(r + 3, r, 3 * sizeof *r);
    r[3] += 5e-7;
    check_int(field_against_oracle(*state, 60, r, h, NULL, 1e-6), 2);
    check_int(field_against_oracle(*state, 60, r, NULL, NULL, 1e-6), 2);
}

static void no_atoms(void **state)
{
    const double h[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    check_int(field_against_oracle(*state, 0, NULL, NULL, NULL, 1), 0);
    check_int(field_against_oracle(*state, 0, NULL, h, NULL, 1), 0);
}

/* Two handles used in turns do not know of each other. */
static void handles_share_nothing(void **state)
{
    struct listing a, b;
    struct system x, y;
    struct pairs before = {0, 0, NULL}, after = {0, 0, NULL};
    struct variant v = {0, 0, NBL_MODE_COUNTS, 1, 0, 0};
    (void)state;
    system_plain(&x, 30, 1);
    system_plain(&y, 60, 2);
    y.rc = 6;
    assert_int_equal(listing_open(&a, NULL), 0);
    assert_int_equal(listing_open(&b, NULL), 0);
    assert_int_equal(listing_find(&a, &x, &v, &before), 0);
    assert_int_equal(listing_build(&a, &x, &v), 0);
    assert_int_equal(listing_build(&b, &y, &v), 0);
    assert_int_equal(listing_search(&a, x.rc, &v), 0);
    assert_int_equal(listing_search(&b, y.rc, &v), 0);
    nbl_result_destroy(&b.result);
    nbl_cell_list_destroy(&b.list);
    assert_int_equal(listing_fetch(&a, &after), 0);
    check_int(after.n, before.n);
    assert_memory_equal(after.at, before.at, (size_t)before.n * sizeof *before.at);
    listing_close(&a);
    listing_close(&b);
    pairs_free(&before);
    pairs_free(&after);
}

/* A grid of 20^3 atoms, large enough for several threads to have work. */
static double *grid_atoms(void)
{
    double *r = malloc(8000 * 3 * sizeof *r);
    assert_non_null(r);
    for (int i = 0; i < 8000; i++) {
        r[3 * i] = i / 400;
        r[3 * i + 1] = i / 20 % 20;
        r[3 * i + 2] = i % 20;
    }
    return r;
}

static int64_t grid_pairs(struct listing *l, const double *r, int32_t n_threads)
{
    const double h[9] = {20, 0, 0, 0, 20, 0, 0, 0, 20};
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    build.n_threads = search.n_threads = n_threads;
    if (nbl_cell_list_build(l->list, 8000, r, h, NULL, 1.25, &build) != NBL_OK ||
        nbl_cell_list_search(l->list, 1.25, &search, l->result) != NBL_OK)
        return -1;
    return nbl_result_n_pairs(l->result, 0);
}

/* Data loaders fork after the parent has used OpenMP: the child must not wait for threads it has not got. */
static void fork_after_threads(void **state)
{
    struct listing *l = *state;
    double *r = grid_atoms();
    check_int(grid_pairs(l, r, 4), 48000);
    pid_t child = fork();
    if (child == 0) {
        struct listing own;
        alarm(60);
        int bad = grid_pairs(l, r, 4) != 48000 || grid_pairs(l, r, 0) != 48000;
        bad = bad || nbl_max_threads() != 1 || listing_open(&own, NULL) != 0;
        bad = bad || grid_pairs(&own, r, 0) != 48000;
        _exit(bad);
    }
    assert_true(child > 0);
    int status = 0;
    check_int(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    check_int(WEXITSTATUS(status), 0);
    check_int(grid_pairs(l, r, 4), 48000);
    free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coincident_atoms_are_neighbours),
        cmocka_unit_test(rows_have_no_greatest_length),
        cmocka_unit_test(a_limit_stops_exploding_systems),
        cmocka_unit_test(limit_is_exact),
        cmocka_unit_test(more_pairs_than_int32),
        cmocka_unit_test(tiny_cutoff_in_a_large_box),
        cmocka_unit_test(no_atoms),
        cmocka_unit_test(handles_share_nothing),
        cmocka_unit_test(fork_after_threads),
    };
    return cmocka_run_group_tests_name("field: limits", tests, field_open, field_close);
}
