/* SPDX-License-Identifier: MIT */
/*
 * Bad systems in a batch do no harm to the others, whatever the number of threads, and the message names the
 * lowest of them; or the whole batch is refused with the same words.
 */
#include <stdlib.h>

#include "api.h"

enum { MANY = 1000, EACH = 20 };

/* A thousand small systems; some of them may be spoiled. */
struct crowd {
    double (*r)[3];
    int64_t *ptr;
    double h[3][3], rc;
    nbl_batch_input in;
    nbl_batch *batch;
    struct listing l; /* of single systems; its result also serves the batch */
};

static void open_crowd(struct crowd *c)
{
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    memset(c, 0, sizeof *c);
    random_seed(&g, 15);
    c->r = malloc(sizeof *c->r * MANY * EACH);
    c->ptr = malloc(sizeof *c->ptr * (MANY + 1));
    assert_true(c->r && c->ptr);
    for (int x = 0; x < 3 * MANY * EACH; x++)
        c->r[x / 3][x % 3] = random_range(&g, 0, 5);
    for (int b = 0; b <= MANY; b++)
        c->ptr[b] = EACH * b;
    for (int a = 0; a < 3; a++)
        c->h[a][a] = 5;
    c->rc = 2;
    in.n_systems = MANY;
    in.n_atoms = MANY * EACH;
    in.positions = c->r;
    in.ptr = c->ptr;
    in.cells = c->h;
    in.cutoffs = &c->rc;
    in.n_cells = in.n_cutoffs = 1;
    c->in = in;
    assert_int_equal(listing_open(&c->l, NULL), 0);
    check_int(nbl_batch_create(&c->batch, NULL), NBL_OK);
}

static void close_crowd(struct crowd *c)
{
    nbl_batch_destroy(&c->batch);
    listing_close(&c->l);
    free(c->r);
    free(c->ptr);
}

/* The systems alone, those in bad[] left out. */
static void lists_of_the_good(struct crowd *c, const unsigned char *bad, struct pairs *all)
{
    struct variant v = {0, 0, 0, 1, 0, 0};
    for (int b = 0; b < MANY; b++) {
        int64_t from = all->n;
        if (bad[b])
            continue;
        if (listing_build_arrays(&c->l, EACH, c->r[EACH * b], c->h[0], NULL, c->rc, &v) != 0 ||
            listing_search(&c->l, c->rc, &v) != 0 || listing_fetch(&c->l, all) != 0)
            fail_msg("%s", c->l.text);
        for (int64_t e = from; e < all->n; e++) {
            all->at[e].i += EACH * b;
            all->at[e].j += EACH * b;
        }
    }
}

/* Built by every number of threads: statuses, message, lists of the others; and refused as a whole. */
static void build_with_bad(struct crowd *c, const unsigned char *bad, nbl_status status, const char *message)
{
    static const int32_t threads[] = {1, 2, 7};
    static int32_t statuses[MANY];
    struct pairs expected = {0, 0, NULL}, found = {0, 0, NULL};
    int64_t n_bad = 0;
    for (int b = 0; b < MANY; b++)
        n_bad += bad[b];
    lists_of_the_good(c, bad, &expected);
    for (int k = 0; k < 3; k++) {
        nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
        nbl_batch_info info = NBL_BATCH_INFO_INIT;
        struct variant v = {0, 0, 0, threads[k], 0, 0};
        nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
        options.n_threads = search.n_threads = v.n_threads;
        memset(statuses, 0x55, sizeof statuses);
        check_int(nbl_batch_build(c->batch, &c->in, &options, statuses), NBL_EBATCH);
        assert_string_equal(nbl_batch_message(c->batch), message);
        check_int(nbl_batch_get_info(c->batch, &info), NBL_OK);
        check_int(info.n_failed, n_bad);
        for (int b = 0; b < MANY; b++)
            check_int(statuses[b], bad[b] ? status : NBL_OK);
        check_int(nbl_batch_search(c->batch, 0, NULL, &search, c->l.result), NBL_OK);
        for (int b = 0; b < MANY; b++)
            check_int(nbl_result_system_status(c->l.result, b), bad[b] ? status : NBL_OK);
        found.n = 0;
        if (listing_fetch(&c->l, &found) != 0)
            fail_msg("%s", c->l.text);
        check_int(found.n, expected.n);
        assert_memory_equal(found.at, expected.at, (size_t)found.n * sizeof *found.at);

        options.flags = NBL_ALL_OR_NOTHING;
        memset(statuses, 0x55, sizeof statuses);
        check_int(nbl_batch_build(c->batch, &c->in, &options, statuses), status);
        assert_string_equal(nbl_batch_message(c->batch), message);
        check_int(nbl_batch_search(c->batch, 0, NULL, &search, c->l.result), NBL_EUNBUILT);
        for (int b = 0; b < MANY; b++)
            check_int(statuses[b], bad[b] ? status : NBL_OK);
    }
    pairs_free(&expected);
    pairs_free(&found);
}

static void one_bad_system_of_a_thousand(void **state)
{
    (void)state;
    static const struct {
        int system, atom, k;
        double value;
        const char *message;
    } bad[] = {
        {417, 5, 1, NAN, "system 417: positions[8345][1] is nan (atom 5 of the system)"},
        {0, 0, 0, INFINITY, "system 0: positions[0][0] is inf (atom 0 of the system)"},
        {999, 19, 2, -INFINITY, "system 999: positions[19999][2] is -inf (atom 19 of the system)"},
    };
    struct crowd c;
    open_crowd(&c);
    for (int k = 0; k < 3; k++) {
        static unsigned char which[MANY];
        double *place = &c.r[EACH * bad[k].system + bad[k].atom][bad[k].k], kept = *place;
        memset(which, 0, sizeof which);
        which[bad[k].system] = 1;
        *place = bad[k].value;
        build_with_bad(&c, which, NBL_EPOSITION, bad[k].message);
        *place = kept;
    }
    close_crowd(&c);
}

/* Of many bad ones, and of many bad atoms in one, the lowest is named. */
static void many_bad_systems(void **state)
{
    (void)state;
    static unsigned char which[MANY];
    struct crowd c;
    struct random g;
    open_crowd(&c);
    random_seed(&g, 2);
    for (int b = 33; b < MANY; b++) {
        which[b] = b == 33 || b == 999 || random_chance(&g, 3);
        for (int i = 11; which[b] && i < EACH; i += 3)
            c.r[EACH * b + i][b == 33 ? 2 : random_int(&g, 0, 2)] = NAN;
    }
    build_with_bad(&c, which, NBL_EPOSITION, "system 33: positions[671][2] is nan (atom 11 of the system)");
    close_crowd(&c);
}

/* In a system that threads share, too. */
static void bad_atoms_of_a_large_system(void **state)
{
    (void)state;
    enum { LARGE = 30000 };
    static const int32_t threads[] = {1, 2, 7};
    static double r[LARGE + 10][3];
    const int64_t ptr[4] = {0, 10, LARGE + 10, LARGE + 10};
    const double h[9] = {30, 0, 0, 0, 30, 0, 0, 0, 30}, rc = 1.5;
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_batch *batch = NULL;
    random_seed(&g, 6);
    for (int x = 0; x < 3 * (LARGE + 10); x++)
        r[x / 3][x % 3] = random_range(&g, 0, 30);
    r[10 + 12345][1] = r[10 + 12345][2] = r[10 + 29999][0] = r[10 + 12346][0] = NAN;
    r[10 + 20000][0] = INFINITY;
    in.n_systems = 3;
    in.n_atoms = LARGE + 10;
    in.positions = r;
    in.ptr = ptr;
    in.cells = h;
    in.cutoffs = &rc;
    in.n_cells = in.n_cutoffs = 1;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    for (int k = 0; k < 3; k++) {
        int32_t statuses[3];
        nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
        options.n_threads = threads[k];
        check_int(nbl_batch_build(batch, &in, &options, statuses), NBL_EBATCH);
        assert_string_equal(nbl_batch_message(batch),
                            "system 1: positions[12355][1] is nan (atom 12345 of the system)");
        check_int(statuses[0], NBL_OK);
        check_int(statuses[1], NBL_EPOSITION);
        check_int(statuses[2], NBL_OK);
    }
    nbl_batch_destroy(&batch);
}

/* Two bad atoms of different kinds, far apart in one system: what its own build says, for every number of
 * threads. */
static void different_reasons_in_one_system(void **state)
{
    (void)state;
    enum { LARGE = 30000 };
    static const double values[] = {NAN, 2e100, 0x1p40};
    static double r[LARGE][3];
    static const int32_t threads[] = {1, 2, 7};
    const double h[9] = {30, 0, 0, 0, 30, 0, 0, 0, 30}, rc = 1.5;
    const int64_t sizes[2] = {LARGE, 40};
    struct random g;
    nbl_cell_list *list = NULL;
    nbl_batch *batch = NULL;
    random_seed(&g, 6);
    for (int x = 0; x < 3 * LARGE; x++)
        r[x / 3][x % 3] = random_range(&g, 0, 30);
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    for (int k = 0; k < 18; k++) {
        int64_t n = sizes[k / 9], ptr[2] = {0, n}, low = n / 8, high = n - n / 8;
        double kept[2] = {r[low][1], r[high][2]};
        char expected[400];
        nbl_batch_input in = NBL_BATCH_INPUT_INIT;
        nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
        in.n_systems = in.n_cells = in.n_cutoffs = 1;
        in.n_atoms = n;
        in.positions = r;
        in.ptr = ptr;
        in.cells = h;
        in.cutoffs = &rc;
        r[low][1] = values[k % 3];
        r[high][2] = values[k / 3 % 3];
        options.n_threads = 1;
        nbl_status alone = nbl_cell_list_build(list, n, r, h, NULL, rc, &options);
        assert_true(alone == NBL_EPOSITION || alone == NBL_ERANGE || alone == NBL_ESHIFT);
        snprintf(expected, sizeof expected, "system 0: %s", nbl_cell_list_message(list));
        for (int round = 0; round < 24; round++) {
            int32_t status = 77;
            options.n_threads = threads[round % 3];
            check_int(nbl_cell_list_build(list, n, r, h, NULL, rc, &options), alone);
            assert_string_equal(nbl_cell_list_message(list), expected + strlen("system 0: "));
            check_int(nbl_batch_build(batch, &in, &options, &status), NBL_EBATCH);
            check_int(status, alone);
            check_contains(nbl_batch_message(batch), expected);
        }
        r[low][1] = kept[0];
        r[high][2] = kept[1];
    }
    nbl_cell_list_destroy(&list);
    nbl_batch_destroy(&batch);
}

/* Two atoms at both ends of the range: the shift of their pair does not fit, which only the search finds out.
 */
static void a_shift_that_does_not_fit(void **state)
{
    (void)state;
    static const int32_t threads[] = {1, 2, 7};
    const double unit[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, rc = 1.5;
    double r[12][3];
    const int64_t ptr[6] = {0, 4, 6, 6, 8, 12};
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    int64_t counts[12];
    random_seed(&g, 1);
    for (int x = 0; x < 36; x++)
        r[x / 3][x % 3] = random_range(&g, 0, 1);
    r[4][0] = r[6][1] = 0x1p30;
    r[5][0] = r[7][1] = -0x1p30;
    in.n_systems = 5;
    in.n_atoms = 12;
    in.positions = r;
    in.ptr = ptr;
    in.cells = unit;
    in.cutoffs = &rc;
    in.n_cells = in.n_cutoffs = 1;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_result_create(&result, NULL), NBL_OK);
    for (int k = 0; k < 9; k++) {
        nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
        nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
        nbl_outputs o = NBL_OUTPUTS_INIT;
        build.algorithm = k / 3;
        search.mode = k / 3;
        search.n_threads = threads[k % 3];
        check_int(nbl_batch_build(batch, &in, &build, NULL), NBL_OK);
        api_refused(nbl_batch_search(batch, 0, NULL, &search, result), NBL_EBATCH, nbl_result_message(result),
                    "system 1: ", "atoms ");
        for (int b = 0; b < 5; b++)
            check_int(nbl_result_system_status(result, b), b == 1 || b == 3 ? NBL_ESHIFT : NBL_OK);
        o.row_capacity = 12;
        o.counts = counts;
        check_int(nbl_result_fetch(result, 0, &o), NBL_OK);
        for (int i = 0; i < 12; i++)
            check_int(counts[i] > 0, i < 4 || i >= 8);
        build.flags = NBL_ALL_OR_NOTHING;
        check_int(nbl_batch_build(batch, &in, &build, NULL), NBL_OK);
        api_refused(nbl_batch_search(batch, 0, NULL, &search, result), NBL_ESHIFT, nbl_result_message(result),
                    "system 1: ", "atoms ");
        check_int(nbl_result_n_pairs(result, 0), NBL_EUNBUILT);
    }
    nbl_batch_destroy(&batch);
    nbl_result_destroy(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bad_system_of_a_thousand), cmocka_unit_test(many_bad_systems),
        cmocka_unit_test(bad_atoms_of_a_large_system),  cmocka_unit_test(different_reasons_in_one_system),
        cmocka_unit_test(a_shift_that_does_not_fit),
    };
    return cmocka_run_group_tests_name("api: bad systems", tests, NULL, NULL);
}
