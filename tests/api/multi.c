/* SPDX-License-Identifier: MIT */
/*
 * Several cutoffs over one cell list: what is refused, and the lists in the cases that can be counted by hand.
 * Random systems are the matter of property/batch.c.
 */
#include <stdlib.h>

#include "api.h"

static void refused(struct api *a, int32_t n, const double *cutoffs, const nbl_search_options *options,
                    nbl_status expected, const char *part, const char *more)
{
    api_refused(nbl_cell_list_search_multi(a->list, n, cutoffs, options, a->result), expected,
                nbl_result_message(a->result), part, more);
    check_int(nbl_result_n_lists(a->result), NBL_EUNBUILT);
    check_int(nbl_result_n_pairs(a->result, 0), NBL_EUNBUILT);
    assert_string_equal(nbl_cell_list_message(a->list), "");
}

static void refusals(void **state)
{
    struct api *a = *state;
    static const int32_t counts[] = {0, -1, NBL_MAX_LISTS + 1, INT32_MAX, INT32_MIN};
    const double good[3] = {1, 3, 2};
    const struct {
        double rc;
        nbl_status status;
        const char *word;
    } bad[] = {{NAN, NBL_ECUTOFF, "nan"},      {-2, NBL_ECUTOFF, "-2"},
               {0, NBL_ECUTOFF, "0"},          {1e-101, NBL_ECUTOFF, "1e-101"},
               {INFINITY, NBL_ECUTOFF, "inf"}, {3.0625, NBL_ECUTOFF_BUILD, "3.0625"}};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    refused(a, 3, good, NULL, NBL_EUNBUILT, NULL, NULL);
    api_build(a);
    check_int(nbl_cell_list_search_multi(NULL, 3, good, NULL, a->result), NBL_ENULL);
    check_int(nbl_cell_list_search_multi(a->list, 3, good, NULL, NULL), NBL_ENULL);
    refused(a, 3, NULL, NULL, NBL_ENULL, "cutoffs", NULL);
    for (int k = 0; k < 5; k++)
        refused(a, counts[k], good, NULL, NBL_ESIZE, "n_cutoffs is", NULL);
    for (int k = 0; k < 6; k++)
        for (int at = 0; at < 3; at++) {
            double cutoffs[3] = {1, 3, 2};
            char name[16];
            cutoffs[at] = bad[k].rc;
            snprintf(name, sizeof name, "cutoffs[%d]", at);
            refused(a, 3, cutoffs, NULL, bad[k].status, name, bad[k].word);
        }
    options.flags = NBL_CENTERS | NBL_HALF;
    refused(a, 3, good, &options, NBL_ECONFLICT, "NBL_CENTERS", NULL);
    options.flags = 64;
    refused(a, 3, good, &options, NBL_EOPTION, "flags", NULL);
    options.flags = NBL_CENTERS;
    options.n_centers = a->s.n + 1;
    refused(a, 3, good, &options, NBL_ESIZE, "n_centers", NULL);
    options.flags = 0;
    options.max_pairs = -1;
    refused(a, 3, good, &options, NBL_ESIZE, "max_pairs", NULL);
}

/* Eight atoms on the corners of a cube, open: 3 neighbours at 1, 3 more at sqrt 2, 1 more at sqrt 3. */
static void build_cube(struct api *a, int32_t algorithm)
{
    double r[8][3];
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    options.algorithm = algorithm;
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = i >> k & 1;
    check_int(nbl_cell_list_build(a->list, 8, r, NULL, NULL, 2, &options), NBL_OK);
}

static void expect_counts(struct api *a, uint32_t flags, int32_t n, const double *cutoffs,
                          const int64_t *per_atom)
{
    for (int32_t mode = 0; mode < 3; mode++)
        for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.flags = flags;
            options.mode = mode;
            build_cube(a, algorithm);
            check_int(nbl_cell_list_search_multi(a->list, n, cutoffs, &options, a->result), NBL_OK);
            assert_string_equal(nbl_result_message(a->result), "");
            check_int(nbl_result_n_lists(a->result), n);
            for (int32_t k = 0; k < n; k++) {
                check_int(nbl_result_n_pairs(a->result, k), 8 * per_atom[k]);
                check_int(nbl_result_max_count(a->result, k), per_atom[k]);
            }
            check_int(nbl_result_n_pairs(a->result, n), NBL_EARGUMENT);
            check_int(nbl_result_max_count(a->result, -1), NBL_EARGUMENT);
        }
}

static void counts_of_a_cube(void **state)
{
    const double exact[] = {1.75, 1, 1, 2, 1.5, 2}, shells[] = {2, 1, 1.5, 1, 2, 1.25};
    const int64_t strict[] = {7, 0, 0, 7, 6, 7}, inclusive[] = {7, 3, 3, 7, 6, 7}, self[] = {8, 1, 1, 8, 7, 8};
    const int64_t divided[] = {1, 0, 3, 0, 0, 3}, divided_inclusive[] = {1, 3, 3, 0, 0, 0},
                  divided_self[] = {1, 1, 3, 0, 0, 3};
    expect_counts(*state, 0, 6, exact, strict);
    expect_counts(*state, NBL_INCLUSIVE, 6, exact, inclusive);
    expect_counts(*state, NBL_SELF | NBL_SORTED, 6, exact, self);
    expect_counts(*state, NBL_DISJOINT, 6, shells, divided);
    expect_counts(*state, NBL_DISJOINT | NBL_INCLUSIVE, 6, shells, divided_inclusive);
    expect_counts(*state, NBL_DISJOINT | NBL_SELF, 6, shells, divided_self);
}

/* The most lists that there may be: growing cutoffs, and shells of one pair each. */
static void as_many_lists_as_allowed(void **state)
{
    struct api *a = *state;
    double r[NBL_MAX_LISTS + 1][3] = {{0}}, cutoffs[NBL_MAX_LISTS];
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    for (int i = 0; i <= NBL_MAX_LISTS; i++)
        r[i][0] = i;
    for (int k = 0; k < NBL_MAX_LISTS; k++)
        cutoffs[k] = NBL_MAX_LISTS + 0.5 - k;
    options.n_centers = 1;
    for (int32_t algorithm = 0; algorithm < 3; algorithm++)
        for (int disjoint = 0; disjoint < 2; disjoint++) {
            nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
            build.algorithm = algorithm;
            options.flags = NBL_CENTERS | (disjoint ? NBL_DISJOINT : 0);
            check_int(nbl_cell_list_build(a->list, NBL_MAX_LISTS + 1, r, NULL, NULL, 256, &build), NBL_OK);
            check_int(nbl_cell_list_search_multi(a->list, NBL_MAX_LISTS, cutoffs, &options, a->result), NBL_OK);
            for (int32_t k = 0; k < NBL_MAX_LISTS; k++) {
                int32_t j[NBL_MAX_LISTS];
                nbl_outputs o = NBL_OUTPUTS_INIT;
                int64_t m = disjoint ? 1 : NBL_MAX_LISTS - k;
                o.pair_capacity = m;
                o.index_dtype = NBL_INT32;
                o.j = j;
                check_int(nbl_result_n_pairs(a->result, k), m);
                check_int(nbl_result_fetch(a->result, k, &o), NBL_OK);
                if (disjoint)
                    check_int(j[0], NBL_MAX_LISTS - k);
            }
        }
}

/* Atoms that have no neighbours at any cutoff, alone and some of them together. */
static void atoms_without_neighbours(void **state)
{
    struct api *a = *state;
    const double r[3][3] = {{0, 0, 0}, {10, 0, 0}, {0, 20, 5}}, cutoffs[3] = {3, 1, 2};
    for (int64_t n = 1; n <= 3; n++)
        for (int32_t algorithm = 0; algorithm < 3; algorithm++)
            for (int disjoint = 0; disjoint < 2; disjoint++) {
                nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
                nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
                build.algorithm = algorithm;
                options.flags = disjoint ? NBL_DISJOINT : 0;
                options.mode = NBL_MODE_PAIRS;
                check_int(nbl_cell_list_build(a->list, n, r, NULL, NULL, 3, &build), NBL_OK);
                check_int(nbl_cell_list_search_multi(a->list, 3, cutoffs, &options, a->result), NBL_OK);
                for (int32_t k = 0; k < 3; k++) {
                    int64_t row_ptr[4] = {-1, -1, -1, -1};
                    nbl_outputs o = NBL_OUTPUTS_INIT;
                    o.row_ptr = row_ptr;
                    o.row_capacity = n;
                    check_int(nbl_result_n_pairs(a->result, k), 0);
                    check_int(nbl_result_fetch(a->result, k, &o), NBL_OK);
                    check_int(row_ptr[n], 0);
                }
            }
}

/* Long rows of many lists are made one by one, in memory for a few rows and not for one of each list. */
static void long_rows_of_many_lists(void **state)
{
    enum { N = 20000, CENTRES = 2 };
    struct api *a = *state;
    double(*r)[3] = malloc(N * sizeof *r), cutoffs[NBL_MAX_LISTS];
    assert_non_null(r);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = (i * (7 + 2 * k)) % 1000 * 1e-3;
    for (int k = 0; k < NBL_MAX_LISTS; k++)
        cutoffs[k] = 2.0 + k * 1e-3;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = NBL_CENTERS | NBL_DISJOINT;
    options.n_centers = CENTRES;
    check_int(nbl_cell_list_build(a->list, N, r, NULL, NULL, 3, NULL), NBL_OK);
    check_int(nbl_cell_list_search_multi(a->list, NBL_MAX_LISTS, cutoffs, &options, a->result), NBL_OK);
    check_int(nbl_result_n_pairs(a->result, 0), CENTRES * (N - 1));
    assert_true(nbl_result_n_bytes(a->result) < 4 * 1024 * 1024);
    free(r);
}

/* The same pairs in the same order. */
static void check_same_lists(nbl_result *a, int32_t of_a, nbl_result *b, int32_t of_b)
{
    nbl_result *const results[2] = {a, b};
    const int32_t lists[2] = {of_a, of_b};
    const int64_t m = nbl_result_n_pairs(a, of_a);
    int32_t *ij[2];
    int32_t(*shifts[2])[3];
    check_int(nbl_result_n_pairs(b, of_b), m);
    for (int k = 0; k < 2; k++) {
        nbl_outputs o = NBL_OUTPUTS_INIT;
        ij[k] = malloc((size_t)m * 2 * sizeof *ij[k]);
        shifts[k] = malloc((size_t)m * sizeof *shifts[k]);
        assert_true(ij[k] && shifts[k]);
        o.pair_capacity = m;
        o.index_dtype = NBL_INT32;
        o.edge_index = ij[k];
        o.shifts = shifts[k];
        check_int(nbl_result_fetch(results[k], lists[k], &o), NBL_OK);
    }
    assert_memory_equal(ij[0], ij[1], (size_t)m * 2 * sizeof *ij[0]);
    assert_memory_equal(shifts[0], shifts[1], (size_t)m * sizeof *shifts[0]);
    for (int k = 0; k < 2; k++) {
        free(ij[k]);
        free(shifts[k]);
    }
}

/* Each list with its own outputs, in any order, as often as wanted. */
static void lists_are_fetched_one_by_one(void **state)
{
    struct api *a = *state;
    const double cutoffs[4] = {2.5, 1, 3, 1.5};
    for (int32_t mode = 1; mode < 3; mode++) {
        struct pairs single[4] = {{0, 0, NULL}, {0, 0, NULL}, {0, 0, NULL}, {0, 0, NULL}}, found = {0, 0, NULL};
        struct listing l;
        struct variant v = {NBL_ALGORITHM_CELLS, 0, 0, 1, 0, 0};
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        options.mode = mode;
        assert_int_equal(listing_open(&l, NULL), 0);
        assert_int_equal(listing_build(&l, &a->s, &v), 0);
        for (int k = 0; k < 4; k++) {
            v.search_cutoff = cutoffs[k];
            assert_int_equal(listing_search(&l, a->s.rc, &v), 0);
            assert_int_equal(listing_fetch(&l, &single[k]), 0);
        }
        check_int(nbl_cell_list_search_multi(l.list, 4, cutoffs, &options, l.result), NBL_OK);
        check_int(nbl_result_mode(l.result), mode);
        for (int round = 0; round < 9; round++) {
            int32_t k = (round * 3 + 1) % 4;
            found.n = 0;
            assert_int_equal(listing_fetch_list(&l, k, &found), 0);
            check_int(found.n, single[k].n);
            if (found.n > 0)
                assert_memory_equal(found.at, single[k].at, (size_t)found.n * sizeof *found.at);
        }
        nbl_outputs o = NBL_OUTPUTS_INIT;
        api_refused(nbl_result_fetch(l.result, 4, &o), NBL_EARGUMENT, nbl_result_message(l.result), "list",
                    NULL);
        api_refused(nbl_result_fetch(l.result, -1, &o), NBL_EARGUMENT, nbl_result_message(l.result), "list",
                    NULL);
        check_int(nbl_cell_list_build(l.list, 0, NULL, NULL, NULL, 1, NULL), NBL_OK);
        check_int(nbl_result_fetch(l.result, 2, &o), NBL_ESTALE);
        check_int(nbl_result_n_pairs(l.result, 2), single[2].n);
        for (int k = 0; k < 4; k++)
            pairs_free(&single[k]);
        pairs_free(&found);
        listing_close(&l);
    }
}

/* A limit of pairs counts those within the largest cutoff, whether or not they are divided. */
static void a_limit_counts_the_largest(void **state)
{
    struct api *a = *state;
    const double cutoffs[3] = {1, 3, 2};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    api_build(a);
    api_search(a, 0, 0);
    int64_t m = nbl_result_n_pairs(a->result, 0);
    for (options.flags = 0; options.flags <= NBL_DISJOINT; options.flags += NBL_DISJOINT)
        for (options.mode = 0; options.mode < 3; options.mode++) {
            options.max_pairs = m;
            check_int(nbl_cell_list_search_multi(a->list, 3, cutoffs, &options, a->result), NBL_OK);
            options.max_pairs = m - 1;
            refused(a, 3, cutoffs, &options, NBL_ELIMIT, "max_pairs", NULL);
        }
}

/*
 * Of many neighbours, lists of much smaller cutoffs are found apart from those of the largest: they are those
 * of single searches, and no limit sees it.
 */
static void cutoffs_far_apart(void **state)
{
    struct api *a = *state;
    enum { ATOMS = 3000, LISTS = 4 };
    static double r[ATOMS][3];
    const double h[9] = {15, 0, 0, 0, 15, 0, 0, 0, 13}, cutoffs[LISTS] = {1, 3.3, 0.9, 3.2};
    struct random g;
    random_seed(&g, 9);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_range(&g, -15, 15);
    check_int(nbl_cell_list_build(a->list, ATOMS, r, h, NULL, 3.3, NULL), NBL_OK);
    for (int trial = 0; trial < 24; trial++) {
        const int32_t n_lists = trial % 2 ? 2 : LISTS;
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        nbl_result *many = NULL;
        options.flags = (trial & 2 ? NBL_SORTED : 0) | (trial & 4 ? NBL_HALF : 0);
        options.mode = trial / 8;
        options.n_threads = 1 + trial % 3;
        check_int(nbl_result_create(&many, NULL), NBL_OK);
        check_int(nbl_cell_list_search_multi(a->list, n_lists, cutoffs, &options, many), NBL_OK);
        for (int32_t k = 0; k < n_lists; k++) {
            check_int(nbl_cell_list_search(a->list, cutoffs[k], &options, a->result), NBL_OK);
            check_same_lists(many, k, a->result, 0);
        }
        options.max_pairs = nbl_result_n_pairs(many, 1);
        check_int(nbl_cell_list_search_multi(a->list, n_lists, cutoffs, &options, many), NBL_OK);
        options.max_pairs--;
        check_int(nbl_cell_list_search_multi(a->list, n_lists, cutoffs, &options, many), NBL_ELIMIT);
        nbl_result_destroy(&many);
    }
}

/* Under limits of bytes a multi search falls back to counts or refuses; what it gives is always the same. */
static void limits_of_bytes(void **state)
{
    struct api *a = *state;
    enum { ATOMS = 4000 };
    static double r[ATOMS][3];
    const double h[9] = {16, 0, 0, 0, 16, 0, 0, 0, 16}, cutoffs[3] = {2, 2.5, 1.5};
    struct random g;
    int counted = 0, kept = 0, limited = 0;
    int64_t right[3];
    random_seed(&g, 4);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_range(&g, 0, 16);
    check_int(nbl_cell_list_build(a->list, ATOMS, r, h, NULL, 2.5, NULL), NBL_OK);
    check_int(nbl_cell_list_search_multi(a->list, 3, cutoffs, NULL, a->result), NBL_OK);
    for (int32_t k = 0; k < 3; k++)
        right[k] = nbl_result_n_pairs(a->result, k);
    for (uint64_t limit = 1u << 12; limit < 1u << 24; limit += limit / 3) {
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        nbl_result *result = NULL;
        options.max_bytes = limit;
        options.n_threads = 1 + (int32_t)(limit % 3);
        check_int(nbl_result_create(&result, NULL), NBL_OK);
        nbl_status status = nbl_cell_list_search_multi(a->list, 3, cutoffs, &options, result);
        if (status != NBL_OK) {
            api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
            limited++;
        } else {
            assert_true((uint64_t)nbl_result_n_bytes(result) <= limit);
            for (int32_t k = 0; k < 3; k++)
                check_int(nbl_result_n_pairs(result, k), right[k]);
            *(nbl_result_mode(result) == NBL_MODE_COUNTS ? &counted : &kept) += 1;
        }
        nbl_result_destroy(&result);
    }
    assert_true(limited > 0 && counted > 0 && kept > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals, api_open, api_close),
        cmocka_unit_test_setup_teardown(counts_of_a_cube, api_open, api_close),
        cmocka_unit_test_setup_teardown(as_many_lists_as_allowed, api_open, api_close),
        cmocka_unit_test_setup_teardown(atoms_without_neighbours, api_open, api_close),
        cmocka_unit_test_setup_teardown(long_rows_of_many_lists, api_open, api_close),
        cmocka_unit_test_setup_teardown(lists_are_fetched_one_by_one, api_open, api_close),
        cmocka_unit_test_setup_teardown(a_limit_counts_the_largest, api_open, api_close),
        cmocka_unit_test_setup_teardown(cutoffs_far_apart, api_open, api_close),
        cmocka_unit_test_setup_teardown(limits_of_bytes, api_open, api_close),
    };
    return cmocka_run_group_tests_name("api: multi", tests, NULL, NULL);
}
