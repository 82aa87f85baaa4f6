/* SPDX-License-Identifier: MIT */
/* Everything that a search refuses, and what holds for its options. */
#include "api.h"

/* Refused; the result is empty; another search into it works. */
static void refused(struct api *a, double rc, const nbl_search_options *options, nbl_status expected,
                    const char *part, const char *more)
{
    int64_t counts[40];
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.row_capacity = 40;
    o.counts = counts;
    api_search(a, 0, 0);
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
    api_refused(nbl_cell_list_search(a->list, rc, options, a->result), expected, nbl_result_message(a->result),
                part, more);
    check_int(nbl_result_n_lists(a->result), NBL_EUNBUILT);
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_EUNBUILT);
    api_search(a, 0, 0);
}

static int built(void **state)
{
    api_build(*state);
    return 0;
}

static void null_pointers(void **state)
{
    struct api *a = *state;
    check_int(nbl_cell_list_search(a->list, 1, NULL, NULL), NBL_ENULL);
    api_refused(nbl_cell_list_search(NULL, 1, NULL, a->result), NBL_ENULL, nbl_result_message(a->result),
                "list", NULL);
}

static void use_before_build(void **state)
{
    struct api *a = *state;
    nbl_cell_list *list = NULL;
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    api_refused(nbl_cell_list_search(list, 1, NULL, a->result), NBL_EUNBUILT, nbl_result_message(a->result),
                "built", NULL);
    api_refused(nbl_cell_list_get_info(list, &info), NBL_EUNBUILT, nbl_cell_list_message(list), "built", NULL);
    nbl_cell_list_destroy(&list);
}

static void unknown_options(void **state)
{
    static const uint32_t flags[] = {64, 1u << 31, 128 | NBL_HALF, UINT32_MAX};
    static const int32_t modes[] = {3, -1, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 4; k++) {
        nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
        o.flags = flags[k];
        refused(*state, 1, &o, NBL_EOPTION, "flags", NULL);
        o.flags = 0;
        o.mode = modes[k];
        refused(*state, 1, &o, NBL_EOPTION, "mode", NULL);
    }
}

static void sizes(void **state)
{
    static const int64_t centers[] = {-1, 41, INT64_MAX, INT64_MIN};
    static const int32_t threads[] = {-1, 65537, INT32_MAX};
    for (int k = 0; k < 4; k++) {
        nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
        o.flags = NBL_CENTERS;
        o.n_centers = centers[k];
        refused(*state, 1, &o, NBL_ESIZE, "n_centers", NULL);
    }
    for (int k = 0; k < 3; k++) {
        nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
        o.n_threads = threads[k];
        refused(*state, 1, &o, NBL_ESIZE, "n_threads", NULL);
    }
    nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
    o.max_pairs = -1;
    refused(*state, 1, &o, NBL_ESIZE, "max_pairs", NULL);
}

static void conflict(void **state)
{
    nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
    o.flags = NBL_CENTERS | NBL_HALF;
    o.n_centers = 3;
    refused(*state, 1, &o, NBL_ECONFLICT, "NBL_CENTERS", "NBL_HALF");
}

static void cutoff(void **state)
{
    static const double bad[] = {0, -1, 9e-101, 1.1e100, NAN, INFINITY};
    struct api *a = *state;
    for (int k = 0; k < 6; k++)
        refused(a, bad[k], NULL, NBL_ECUTOFF, "cutoff", NULL);
    refused(a, oracle_ulps(a->s.rc, 1), NULL, NBL_ECUTOFF_BUILD, "cutoff", "build");
    refused(a, 1e100, NULL, NBL_ECUTOFF_BUILD, "cutoff", NULL);
}

static void limits(void **state)
{
    nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
    struct api *a = *state;
    o.max_pairs = 1;
    refused(a, a->s.rc, &o, NBL_ELIMIT, "max_pairs", "1");
    o.max_pairs = 0;
    o.max_bytes = 1;
    for (o.mode = 0; o.mode < 3; o.mode++)
        refused(a, a->s.rc, &o, NBL_ELIMIT, "max_bytes", "1");
}

/* Shifts of up to 31 bits, between atoms far apart and along a very short axis, are delivered. */
static void shifts_within_int32(void **state)
{
    struct api *a = *state;
    const double r[6] = {-0.75 * 0x1p30, 0, 0, 0.75 * 0x1p30, 0, 0}, h[9] = {1, 0, 0, 0, 9, 0, 0, 0, 9};
    const double far[6] = {-0x1.fffp29, 0, 0, 0x1.fffp29, 0, 0};
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        nbl_build_options o = NBL_BUILD_OPTIONS_INIT;
        o.algorithm = algorithm;
        check_int(nbl_cell_list_build(a->list, 2, r, h, NULL, 0.25, &o), NBL_OK);
        check_int(nbl_cell_list_search(a->list, 0.25, NULL, a->result), NBL_OK);
        check_int(nbl_result_n_pairs(a->result, 0), 2);
        check_int(nbl_cell_list_build(a->list, 2, far, h, NULL, 0.25, &o), NBL_OK);
        check_int(nbl_cell_list_search(a->list, 0.25, NULL, a->result), NBL_OK);
        check_int(nbl_result_n_pairs(a->result, 0), 2);
    }
    const double needle[9] = {1e-5, 0, 0, 0, 9, 0, 0, 0, 9}, near[3] = {0, 0, 0};
    check_int(nbl_cell_list_build(a->list, 1, near, needle, NULL, 1e-3, NULL), NBL_OK);
    check_int(nbl_cell_list_search(a->list, 1e-3, NULL, a->result), NBL_OK);
    check_int(nbl_result_n_pairs(a->result, 0), 198);
    api_build(a);
}

/*
 * One atom whose images within the cutoff are 1e10 cells away: refused at once by every algorithm, in every
 * mode, on any number of threads, with the same words; and the handles work on.
 */
static void shift_beyond_int32(void **state)
{
    struct api *a = *state;
    static const int32_t threads[] = {1, 2, 7};
    const double r[3] = {0, 0, 0}, wide[9] = {1, 0, 0, 0, 9, 0, 0, 0, 9};
    const uint8_t pbc[3] = {1, 0, 0};
    for (int axis = 0; axis < 3; axis++)
        for (int k = 0; k < 27; k++) {
            nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
            nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
            double h[9] = {0};
            uint8_t periodic[3] = {0, 0, 0};
            char where[16];
            h[4 * axis] = 1e-10;
            periodic[axis] = 1;
            snprintf(where, sizeof where, "axis %d", axis);
            build.algorithm = k % 3;
            search.mode = k / 3 % 3;
            build.n_threads = search.n_threads = threads[k / 9];
            check_int(nbl_cell_list_build(a->list, 1, r, h, periodic, 1, &build), NBL_OK);
            api_refused(nbl_cell_list_search(a->list, 1, &search, a->result), NBL_ESHIFT,
                        nbl_result_message(a->result), "shift of a pair of atoms 0 and 0", where);
            check_int(nbl_result_n_pairs(a->result, 0), NBL_EUNBUILT);
            check_int(nbl_cell_list_search(a->list, 1e-9, &search, a->result), NBL_OK);
            check_int(nbl_result_n_pairs(a->result, 0), 18);
            check_int(nbl_cell_list_build(a->list, 1, r, wide, pbc, 1.5, &build), NBL_OK);
            check_int(nbl_cell_list_search(a->list, 1.5, &search, a->result), NBL_OK);
            check_int(nbl_result_n_pairs(a->result, 0), 2);
        }
}

/* n_centers: rows of the first atoms, as they are in the whole list. */
static void centers(void **state)
{
    struct api *a = *state;
    struct listing l;
    struct pairs whole = {0, 0, NULL}, part = {0, 0, NULL};
    assert_int_equal(listing_open(&l, NULL), 0);
    for (uint32_t flags = 0; flags < 16; flags += 2)
        for (int64_t n = 0; n <= 40; n += 8) {
            struct variant v = {(int32_t)(n / 8 % 3), flags, 0, 1, 0, 0};
            whole.n = part.n = 0;
            assert_int_equal(listing_find(&l, &a->s, &v, &whole), 0);
            v.flags |= NBL_CENTERS;
            v.n_centers = n;
            assert_int_equal(listing_find(&l, &a->s, &v, &part), 0);
            check_int(nbl_result_n_rows(l.result), n);
            for (int64_t e = 0; e < part.n; e++)
                assert_memory_equal(&part.at[e], &whole.at[e], sizeof part.at[e]);
            assert_true(part.n == whole.n || whole.at[part.n].i >= n);
        }
    listing_close(&l);
    pairs_free(&whole);
    pairs_free(&part);
}

/* Without NBL_CENTERS n_centers is not read. */
static void centers_need_their_flag(void **state)
{
    struct api *a = *state;
    nbl_search_options o = NBL_SEARCH_OPTIONS_INIT;
    o.n_centers = -77;
    check_int(nbl_cell_list_search(a->list, a->s.rc, &o, a->result), NBL_OK);
    check_int(nbl_result_n_rows(a->result), 40);
}

static void modes_are_reported(void **state)
{
    struct api *a = *state;
    api_search(a, 0, NBL_MODE_PAIRS);
    check_int(nbl_result_mode(a->result), NBL_MODE_PAIRS);
    api_search(a, 0, NBL_MODE_COUNTS);
    check_int(nbl_result_mode(a->result), NBL_MODE_COUNTS);
    api_search(a, 0, NBL_MODE_AUTO);
    check_int(nbl_result_mode(a->result), NBL_MODE_PAIRS);
}

static void sizes_of_a_result(void **state)
{
    struct api *a = *state;
    nbl_result *fresh = NULL;
    check_int(nbl_result_create(&fresh, NULL), NBL_OK);
    check_int(nbl_result_n_lists(fresh), NBL_EUNBUILT);
    check_int(nbl_result_n_rows(fresh), NBL_EUNBUILT);
    check_int(nbl_result_n_pairs(fresh, 0), NBL_EUNBUILT);
    check_int(nbl_result_max_count(fresh, 0), NBL_EUNBUILT);
    check_int(nbl_result_n_bytes(fresh), NBL_EUNBUILT);
    check_int(nbl_result_mode(fresh), NBL_EUNBUILT);
    nbl_result_destroy(&fresh);

    check_int(nbl_result_n_lists(NULL), NBL_ENULL);
    check_int(nbl_result_n_rows(NULL), NBL_ENULL);
    check_int(nbl_result_n_pairs(NULL, 0), NBL_ENULL);
    check_int(nbl_result_max_count(NULL, 0), NBL_ENULL);
    check_int(nbl_result_n_bytes(NULL), NBL_ENULL);
    check_int(nbl_result_mode(NULL), NBL_ENULL);

    api_search(a, 0, 0);
    check_int(nbl_result_n_lists(a->result), 1);
    check_int(nbl_result_n_rows(a->result), 40);
    assert_true(nbl_result_n_bytes(a->result) > 0);
    static const int32_t lists[] = {1, -1, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 4; k++) {
        check_int(nbl_result_n_pairs(a->result, lists[k]), NBL_EARGUMENT);
        check_int(nbl_result_max_count(a->result, lists[k]), NBL_EARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(null_pointers, built),
        cmocka_unit_test_setup(use_before_build, built),
        cmocka_unit_test_setup(unknown_options, built),
        cmocka_unit_test_setup(sizes, built),
        cmocka_unit_test_setup(conflict, built),
        cmocka_unit_test_setup(cutoff, built),
        cmocka_unit_test_setup(limits, built),
        cmocka_unit_test_setup(shifts_within_int32, built),
        cmocka_unit_test(shift_beyond_int32),
        cmocka_unit_test_setup(centers, built),
        cmocka_unit_test_setup(centers_need_their_flag, built),
        cmocka_unit_test_setup(modes_are_reported, built),
        cmocka_unit_test_setup(sizes_of_a_result, built),
    };
    return cmocka_run_group_tests_name("api: search", tests, api_open, api_close);
}
