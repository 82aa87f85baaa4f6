/* SPDX-License-Identifier: MIT */
/* Searches and fetches under a limit of bytes: exact where they succeed, and never half done. */
#include <stdlib.h>

#include "api.h"

enum { EDGE = 30, ATOMS = EDGE * EDGE * EDGE, REACH = 60 };

/* A cubic grid, 80 neighbours for each atom within 2.5. */
static void build_grid(struct api *a, int32_t algorithm)
{
    const double h[9] = {EDGE, 0, 0, 0, EDGE, 0, 0, 0, EDGE};
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    double *r = malloc(sizeof(double) * 3 * ATOMS);
    assert_non_null(r);
    for (int i = 0; i < ATOMS; i++) {
        r[3 * i] = i % EDGE;
        r[3 * i + 1] = i / EDGE % EDGE;
        r[3 * i + 2] = i / (EDGE * EDGE);
    }
    options.algorithm = algorithm;
    check_int(nbl_cell_list_build(a->list, ATOMS, r, h, NULL, 2.5, &options), NBL_OK);
    free(r);
}

struct arrays {
    int64_t m;
    int32_t *j, *reverse;
};

/* j and the reverse map as they are without a limit. */
static struct arrays learn(struct api *a)
{
    struct arrays right = {0, NULL, NULL};
    nbl_outputs o = NBL_OUTPUTS_INIT;
    check_int(nbl_cell_list_search(a->list, 2.5, NULL, a->result), NBL_OK);
    check_int(nbl_result_mode(a->result), NBL_MODE_PAIRS);
    right.m = o.pair_capacity = nbl_result_n_pairs(a->result, 0);
    check_int(right.m, 80 * ATOMS);
    o.j = right.j = malloc((size_t)right.m * sizeof *right.j);
    o.reverse = right.reverse = malloc((size_t)right.m * sizeof *right.reverse);
    assert_true(right.j && right.reverse);
    o.index_dtype = o.offset_dtype = NBL_INT32;
    check_int(nbl_result_fetch(a->result, 0, &o), NBL_OK);
    for (int64_t e = 0; e < right.m; e++)
        check_int(right.reverse[right.reverse[e]], e);
    return right;
}

/* What a result that keeps only counts gives: 1 where the reverse map was refused. */
static int fetch_from_counts(nbl_result *result, const struct arrays *right, uint64_t limit)
{
    struct guard g[2] = {GUARD_INIT, GUARD_INIT};
    size_t bytes = (size_t)right->m * sizeof(int32_t);
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.pair_capacity = right->m;
    o.index_dtype = o.offset_dtype = NBL_INT32;
    o.j = guard_take(&g[0], bytes);
    o.reverse = guard_take(&g[1], bytes);
    nbl_status status = nbl_result_fetch(result, 0, &o);
    int refused = status != NBL_OK;
    if (refused) {
        api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
        assert_true(guard_untouched(&g[0]) && guard_untouched(&g[1]));
    } else {
        assert_memory_equal(o.reverse, right->reverse, bytes);
    }
    o.reverse = NULL;
    o.j = guard_take(&g[0], bytes);
    check_int(nbl_result_fetch(result, 0, &o), NBL_OK);
    assert_string_equal(nbl_result_message(result), "");
    assert_memory_equal(o.j, right->j, bytes);
    assert_true(guard_front_untouched(&g[0]) && guard_front_untouched(&g[1]));
    assert_true((uint64_t)nbl_result_n_bytes(result) <= limit);
    for (int k = 0; k < 2; k++)
        guard_free(&g[k]);
    return refused;
}

/* A list of which only the counts fit has no room for the reverse map either; all else can be fetched. */
static void no_room_for_reverse(void **state)
{
    struct api *a = *state;
    int refused = 0, counted = 0;
    build_grid(a, NBL_ALGORITHM_CELLS);
    struct arrays right = learn(a);
    for (uint64_t limit = 1u << 18; limit < 1u << 25; limit += limit / 4) {
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        nbl_result *result = NULL;
        options.max_bytes = limit;
        options.n_threads = 1 + (int32_t)(limit & 1);
        check_int(nbl_result_create(&result, NULL), NBL_OK);
        nbl_status status = nbl_cell_list_search(a->list, 2.5, &options, result);
        if (status != NBL_OK) {
            api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
        } else if (nbl_result_mode(result) == NBL_MODE_COUNTS) {
            counted++;
            check_int(nbl_result_n_pairs(result, 0), right.m);
            refused += fetch_from_counts(result, &right, limit);
        }
        nbl_result_destroy(&result);
    }
    print_message("counts only under %d limits, no reverse map under %d\n", counted, refused);
    assert_true(refused > 0);
    free(right.j);
    free(right.reverse);
}

/* Molecules before and behind a large system. */
enum { MOLECULES = 4000, IN_MOLECULE = 3, IN_LARGE = 3000, LISTS = 3 };

static nbl_batch *build_molecules(void)
{
    enum { IN_ALL = MOLECULES * IN_MOLECULE + IN_LARGE };
    static double r[IN_ALL][3];
    static int64_t ptr[MOLECULES + 2];
    static const double cutoff = 2.0;
    struct random g;
    nbl_batch *batch = NULL;
    random_seed(&g, 11);
    for (int64_t s = 0; s <= MOLECULES; s++)
        ptr[s + 1] = ptr[s] + (s == MOLECULES / 2 ? IN_LARGE : IN_MOLECULE);
    for (int64_t s = 0; s <= MOLECULES; s++)
        for (int64_t i = ptr[s]; i < ptr[s + 1]; i++)
            for (int k = 0; k < 3; k++)
                r[i][k] = random_range(&g, 0.0, s == MOLECULES / 2 ? 20.0 : 1.5);
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = MOLECULES + 1;
    in.n_atoms = IN_ALL;
    in.positions = r;
    in.ptr = ptr;
    in.cutoffs = &cutoff;
    in.n_cutoffs = 1;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_batch_build(batch, &in, NULL, NULL), NBL_OK);
    return batch;
}

static nbl_status search_molecules(nbl_batch *batch, int32_t n_lists, int32_t mode, uint64_t limit)
{
    static const double cutoffs[LISTS] = {2.0, 1.5, 1.0};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    nbl_result *result = NULL;
    options.mode = mode;
    options.max_bytes = limit;
    options.n_threads = 1;
    check_int(nbl_result_create(&result, NULL), NBL_OK);
    const nbl_status status = nbl_batch_search_multi(batch, n_lists, 1, cutoffs, &options, result);
    nbl_result_destroy(&result);
    return status;
}

/* Wherever counts fit, so does a result that may keep no more: what was tried before leaves no less room. */
static void room_for_counts_is_room_enough(void **state)
{
    (void)state;
    nbl_batch *batch = build_molecules();
    for (int32_t n_lists = 1; n_lists <= LISTS; n_lists += 2) {
        int fit = 0, kept = 0;
        for (uint64_t limit = 1u << 17; limit < 1u << 24; limit += limit / 64) {
            const int counts = search_molecules(batch, n_lists, NBL_MODE_COUNTS, limit) == NBL_OK;
            check_int(search_molecules(batch, n_lists, NBL_MODE_AUTO, limit) == NBL_OK, counts);
            fit += counts;
            kept += search_molecules(batch, n_lists, NBL_MODE_PAIRS, limit) == NBL_OK;
        }
        assert_true(kept > 0 && fit >= kept);
    }
    nbl_batch_destroy(&batch);
}

/* Lattice points nearer than REACH to the origin, in the order of a sorted row; the origin left out. */
static int64_t points(int32_t *shifts)
{
    int64_t n = 0;
    for (int32_t x = -REACH; x <= REACH; x++)
        for (int32_t y = -REACH; y <= REACH; y++)
            for (int32_t z = -REACH; z <= REACH; z++) {
                int32_t d2 = x * x + y * y + z * z;
                if (d2 == 0 || d2 >= REACH * REACH)
                    continue;
                if (shifts) {
                    shifts[3 * n] = x;
                    shifts[3 * n + 1] = y;
                    shifts[3 * n + 2] = z;
                }
                n++;
            }
    return n;
}

/* One long row: the right bytes, or refused with nothing written. */
static int fetch_row(nbl_result *result, int64_t m, const int32_t *right, uint64_t limit)
{
    struct guard g = GUARD_INIT;
    size_t bytes = (size_t)m * 3 * sizeof(int32_t);
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.pair_capacity = m;
    o.shifts = guard_take(&g, bytes);
    nbl_status status = nbl_result_fetch(result, 0, &o);
    if (status == NBL_OK) {
        assert_memory_equal(o.shifts, right, bytes);
    } else {
        api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
        assert_true(limit != 0 && guard_untouched(&g));
    }
    assert_true(limit == 0 || (uint64_t)nbl_result_n_bytes(result) <= limit);
    guard_free(&g);
    return status == NBL_OK;
}

/*
 * One atom with 900,000 images within the cutoff. Counting takes no memory for them, so it succeeds under a
 * limit that the row itself exceeds; keeping them obeys the limit.
 */
static void one_atom_with_a_long_row(void **state)
{
    static const uint64_t limits[] = {0, (uint64_t)1 << 16, (uint64_t)1 << 24, (uint64_t)1 << 26,
                                      (uint64_t)1 << 28};
    const double r[3] = {0.5, 0.5, 0.5}, h[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    struct api *a = *state;
    int64_t m = points(NULL);
    int fetched = 0, refused = 0;
    int32_t *right = malloc((size_t)m * 3 * sizeof *right);
    assert_non_null(right);
    points(right);
    for (int k = 0; k < 20; k++) {
        nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
        nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
        nbl_result *result = NULL;
        search.mode = k / 5 % 3;
        search.flags = NBL_SORTED;
        search.max_bytes = limits[k % 5];
        search.n_threads = 1 + k % 3;
        build.algorithm = k < 15 ? NBL_ALGORITHM_AUTO : NBL_ALGORITHM_BRUTE;
        check_int(nbl_result_create(&result, NULL), NBL_OK);
        check_int(nbl_cell_list_build(a->list, 1, r, h, NULL, REACH, &build), NBL_OK);
        nbl_status status = nbl_cell_list_search(a->list, REACH, &search, result);
        if (status == NBL_OK) {
            check_int(nbl_result_n_pairs(result, 0), m);
            check_int(nbl_result_max_count(result, 0), m);
            assert_true(search.max_bytes == 0 || (uint64_t)nbl_result_n_bytes(result) <= search.max_bytes);
            *(fetch_row(result, m, right, search.max_bytes) ? &fetched : &refused) += 1;
        } else {
            check_int(search.mode, NBL_MODE_PAIRS);
            api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
        }
        nbl_result_destroy(&result);
    }
    assert_true(fetched >= 4 && refused >= 1);
    free(right);
}

static int count_pairs(void *user, const nbl_rows *rows)
{
    *(int64_t *)user += rows->row_ptr[rows->n_rows];
    return 0;
}

/* A visit holds the longest row, but not the list: of the grid above it needs little. */
static void visits_take_little(void **state)
{
    struct api *a = *state;
    const double rc = 2.5;
    int visited = 0, refused = 0;
    build_grid(a, NBL_ALGORITHM_CELLS);
    for (uint64_t limit = 1u << 8; limit <= 1u << 24; limit *= 4) {
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        nbl_result *result = NULL;
        int64_t pairs = 0;
        options.max_bytes = limit;
        options.n_threads = 1;
        check_int(nbl_result_create(&result, NULL), NBL_OK);
        nbl_status status = nbl_cell_list_visit(a->list, 1, &rc, &options, result, count_pairs, &pairs);
        if (status == NBL_OK) {
            check_int(pairs, 80 * ATOMS);
            visited++;
        } else {
            api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
            refused++;
        }
        nbl_result_destroy(&result);
    }
    print_message("visited under %d limits, refused under %d\n", visited, refused);
    assert_true(visited >= 2 && refused >= 1); /* 16 MiB and 4 MiB, of a list of 26 MB */
}

/* Builds and searches of a batch obey their limits, and give the right list or none. */
static void batches_under_limits(void **state)
{
    (void)state;
    enum { SYSTEMS = 600, EACH = 9, LARGE = 4000, ALL = LARGE + SYSTEMS * EACH };
    static double r[ALL][3];
    static int64_t ptr[SYSTEMS + 2];
    const double h[9] = {16, 0, 0, 0, 16, 0, 0, 0, 16}, rc = 2.5;
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_batch *batch = NULL;
    int64_t m = -1;
    int built = 0, unbuilt = 0, kept = 0, counted = 0, refused = 0;
    random_seed(&g, 14);
    for (int x = 0; x < 3 * ALL; x++)
        r[x / 3][x % 3] = random_range(&g, 0, x < 3 * LARGE ? 16 : 3);
    for (int b = 0; b <= SYSTEMS; b++)
        ptr[b + 1] = LARGE + EACH * b;
    in.n_systems = SYSTEMS + 1;
    in.n_atoms = ALL;
    in.positions = r;
    in.ptr = ptr;
    in.cells = h;
    in.cutoffs = &rc;
    in.n_cells = in.n_cutoffs = 1;
    for (uint64_t limit = (uint64_t)1 << 25; limit > 1u << 10; limit -= limit / 4) {
        nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        nbl_batch_info info = NBL_BATCH_INFO_INIT;
        nbl_result *result = NULL;
        build.max_bytes = options.max_bytes = limit;
        build.n_threads = options.n_threads = 1 + (int32_t)(limit % 3);
        nbl_batch_destroy(&batch);
        check_int(nbl_batch_create(&batch, NULL), NBL_OK);
        nbl_status status = nbl_batch_build(batch, &in, &build, NULL);
        if (status == NBL_OK) {
            check_int(nbl_batch_get_info(batch, &info), NBL_OK);
            assert_true(info.n_bytes <= limit);
            built++;
        } else {
            api_refused(status, NBL_ELIMIT, nbl_batch_message(batch), "max_bytes", NULL);
            unbuilt++;
            check_int(nbl_batch_build(batch, &in, NULL, NULL), NBL_OK);
        }
        check_int(nbl_result_create(&result, NULL), NBL_OK);
        status = nbl_batch_search(batch, 0, NULL, &options, result);
        if (status == NBL_OK) {
            assert_true((uint64_t)nbl_result_n_bytes(result) <= limit);
            m = m < 0 ? nbl_result_n_pairs(result, 0) : m;
            check_int(nbl_result_n_pairs(result, 0), m);
            *(nbl_result_mode(result) == NBL_MODE_COUNTS ? &counted : &kept) += 1;
        } else {
            api_refused(status, NBL_ELIMIT, nbl_result_message(result), "max_bytes", NULL);
            refused++;
        }
        nbl_result_destroy(&result);
    }
    nbl_batch_destroy(&batch);
    print_message("built %d, not built %d; kept %d, counted %d, refused %d\n", built, unbuilt, kept, counted,
                  refused);
    assert_true(built && unbuilt && kept && counted && refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_room_for_reverse),
        cmocka_unit_test(one_atom_with_a_long_row),
        cmocka_unit_test(visits_take_little),
        cmocka_unit_test(batches_under_limits),
        cmocka_unit_test(room_for_counts_is_room_enough),
    };
    return cmocka_run_group_tests_name("api: limits", tests, api_open, api_close);
}
