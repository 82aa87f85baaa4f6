/* SPDX-License-Identifier: MIT */
/* Results and the lists they came from: stale results, reuse, order of destruction, messages. */
#include "api.h"
#include "count_alloc.h"

static nbl_status fetch_counts(nbl_result *result)
{
    int64_t counts[64];
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.row_capacity = 64;
    o.counts = counts;
    return nbl_result_fetch(result, 0, &o);
}

/* The fetch is refused in both modes, sizes stay readable, and a new search heals. */
static void stale(struct api *a, int64_t n_pairs)
{
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    api_refused(fetch_counts(a->result), NBL_ESTALE, nbl_result_message(a->result), "rebuilt or destroyed",
                NULL);
    check_int(nbl_result_n_pairs(a->result, 0), n_pairs);
    check_int(nbl_result_n_rows(a->result), 40);
    check_int(nbl_result_n_lists(a->result), 1);
    report.verdict = 77;
    check_int(nbl_verify(a->result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, &report), NBL_ESTALE);
    check_int(report.verdict, 77);
}

static void a_rebuild_makes_results_stale(void **state)
{
    struct api *a = *state;
    for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
        api_build(a);
        api_search(a, 0, mode);
        int64_t n_pairs = nbl_result_n_pairs(a->result, 0);
        check_int(fetch_counts(a->result), NBL_OK);
        api_build(a);
        stale(a, n_pairs);
        api_search(a, 0, mode);
        check_int(fetch_counts(a->result), NBL_OK);
        check_int(nbl_cell_list_build(a->list, -1, NULL, NULL, NULL, 1, NULL), NBL_ESIZE);
        stale(a, n_pairs);
    }
}

static void a_destroyed_list_makes_results_stale(void **state)
{
    struct api *a = *state;
    for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
        api_build(a);
        api_search(a, 0, mode);
        int64_t n_pairs = nbl_result_n_pairs(a->result, 0);
        nbl_cell_list_destroy(&a->list);
        stale(a, n_pairs);
        check_int(nbl_cell_list_create(&a->list, NULL), NBL_OK);
        stale(a, n_pairs);
        api_build(a);
        stale(a, n_pairs);
        api_search(a, 0, mode);
        check_int(fetch_counts(a->result), NBL_OK);
    }
}

/* A result may follow one list after another. */
static void one_result_for_two_lists(void **state)
{
    struct api *a = *state;
    nbl_cell_list *other = NULL;
    const double r[6] = {0, 0, 0, 1, 0, 0};
    check_int(nbl_cell_list_create(&other, NULL), NBL_OK);
    check_int(nbl_cell_list_build(other, 2, r, NULL, NULL, 2, NULL), NBL_OK);
    api_build(a);
    api_search(a, 0, 0);
    check_int(nbl_cell_list_search(other, 2, NULL, a->result), NBL_OK);
    check_int(nbl_result_n_pairs(a->result, 0), 2);
    api_build(a);
    check_int(fetch_counts(a->result), NBL_OK);
    nbl_cell_list_destroy(&other);
    check_int(fetch_counts(a->result), NBL_ESTALE);
    api_search(a, 0, 0);
    check_int(fetch_counts(a->result), NBL_OK);
}

/* Two results of one list keep apart. */
static void two_results_of_one_list(void **state)
{
    struct api *a = *state;
    nbl_result *other = NULL;
    nbl_search_options half = NBL_SEARCH_OPTIONS_INIT;
    half.flags = NBL_HALF;
    check_int(nbl_result_create(&other, NULL), NBL_OK);
    api_build(a);
    api_search(a, 0, 0);
    int64_t full = nbl_result_n_pairs(a->result, 0);
    check_int(nbl_cell_list_search(a->list, a->s.rc, &half, other), NBL_OK);
    check_int(2 * nbl_result_n_pairs(other, 0), full);
    check_int(nbl_result_n_pairs(a->result, 0), full);
    nbl_result_destroy(&other);
    check_int(fetch_counts(a->result), NBL_OK);
}

/* A search that fails leaves the result empty, whatever it held before. */
static void a_failed_search_empties_the_result(void **state)
{
    struct api *a = *state;
    api_build(a);
    api_search(a, 0, 0);
    check_int(nbl_cell_list_search(a->list, NAN, NULL, a->result), NBL_ECUTOFF);
    check_int(nbl_result_n_pairs(a->result, 0), NBL_EUNBUILT);
    check_int(fetch_counts(a->result), NBL_EUNBUILT);
    check_int(nbl_cell_list_search(a->list, 1, NULL, a->result), NBL_OK);
    check_int(fetch_counts(a->result), NBL_OK);
}

/* A refused fetch changes nothing: the next one works. */
static void a_refused_fetch_does_no_harm(void **state)
{
    struct api *a = *state;
    int64_t one;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    api_build(a);
    api_search(a, 0, 0);
    o.i = &one;
    o.pair_capacity = 1;
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_ECAPACITY);
    assert_string_not_equal(nbl_result_message(a->result), "");
    check_int(fetch_counts(a->result), NBL_OK);
    assert_string_equal(nbl_result_message(a->result), "");
}

/* The message of a failed search lies in the result; the list is read only. */
static void whose_message_it_is(void **state)
{
    struct api *a = *state;
    api_build(a);
    check_int(nbl_cell_list_search(a->list, NAN, NULL, a->result), NBL_ECUTOFF);
    assert_string_equal(nbl_cell_list_message(a->list), "");
    check_contains(nbl_result_message(a->result), "cutoff is nan");
    check_int(nbl_cell_list_build(a->list, a->s.n, a->s.r, a->s.h, NULL, NAN, NULL), NBL_ECUTOFF);
    check_contains(nbl_cell_list_message(a->list), "cutoff is nan");
    api_build(a);
    api_search(a, 0, 0);
}

/* Lists of several cutoffs, and those of a batch, go stale in both modes, and the others stay as they are. */
static void several_lists_and_batches(void **state)
{
    struct api *a = *state;
    const double cutoffs[2] = {3, 2};
    const int64_t ptr[3] = {0, 10, 40};
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_batch *batch = NULL;
    nbl_result *of_batch = NULL;
    in.n_systems = 2;
    in.n_atoms = 40;
    in.positions = a->s.r;
    in.ptr = ptr;
    in.cells = a->s.h;
    in.cutoffs = cutoffs;
    in.n_cells = in.n_cutoffs = 1;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_result_create(&of_batch, NULL), NBL_OK);
    for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++)
        for (int first = 0; first < 2; first++) {
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.mode = mode;
            api_build(a);
            check_int(nbl_batch_build(batch, &in, NULL, NULL), NBL_OK);
            check_int(nbl_cell_list_search_multi(a->list, 2, cutoffs, &options, a->result), NBL_OK);
            check_int(nbl_batch_search_multi(batch, 2, 1, cutoffs, &options, of_batch), NBL_OK);
            if (first)
                api_build(a);
            else
                check_int(nbl_batch_build(batch, &in, NULL, NULL), NBL_OK);
            check_int(fetch_counts(a->result), first ? NBL_ESTALE : NBL_OK);
            check_int(fetch_counts(of_batch), first ? NBL_OK : NBL_ESTALE);
            check_int(nbl_result_n_lists(a->result), 2);
            check_int(nbl_result_n_lists(of_batch), 2);
        }
    nbl_batch_destroy(&batch);
    check_int(fetch_counts(of_batch), NBL_ESTALE);
    nbl_result_destroy(&of_batch);
}

/* In either order of destruction, with hooks: everything comes back, nothing twice. */
static void any_order_of_destruction(void **state)
{
    (void)state;
    for (int order = 0; order < 6; order++) {
        struct count_alloc counter;
        memset(&counter, 0, sizeof counter);
        nbl_allocator hooks = count_alloc_hooks(&counter);
        nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
        options.allocator = &hooks;
        nbl_cell_list *list = NULL;
        nbl_result *results[2] = {NULL, NULL};
        const double r[9] = {0, 0, 0, 1, 0, 0, 0, 1, 0};
        check_int(nbl_cell_list_create(&list, &options), NBL_OK);
        check_int(nbl_cell_list_build(list, 3, r, NULL, NULL, 1.5, NULL), NBL_OK);
        for (int k = 0; k < 2; k++) {
            check_int(nbl_result_create(&results[k], &options), NBL_OK);
            check_int(nbl_cell_list_search(list, 1.5, NULL, results[k]), NBL_OK);
        }
        for (int step = 0; step < 3; step++) {
            int which = (order % 3 + (order < 3 ? step : 3 - step)) % 3;
            if (which == 2)
                nbl_cell_list_destroy(&list);
            else
                nbl_result_destroy(&results[which]);
            for (int k = 0; k < 2; k++)
                if (results[k])
                    check_int(fetch_counts(results[k]), list ? NBL_OK : NBL_ESTALE);
        }
        check_int(atomic_load(&counter.live), 0);
        check_int(atomic_load(&counter.faults), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rebuild_makes_results_stale),
        cmocka_unit_test(a_destroyed_list_makes_results_stale),
        cmocka_unit_test(one_result_for_two_lists),
        cmocka_unit_test(two_results_of_one_list),
        cmocka_unit_test(a_failed_search_empties_the_result),
        cmocka_unit_test(a_refused_fetch_does_no_harm),
        cmocka_unit_test(whose_message_it_is),
        cmocka_unit_test(several_lists_and_batches),
        cmocka_unit_test(any_order_of_destruction),
    };
    return cmocka_run_group_tests_name("api: lifetime", tests, api_open, api_close);
}
