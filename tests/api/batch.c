/* SPDX-License-Identifier: MIT */
/*
 * The batch: what is refused, with which words, and what bad systems do to good ones (nothing). The lists
 * themselves are the matter of property/batch.c.
 */
#include <stdlib.h>

#include "api.h"

enum { SYSTEMS = 3, ATOMS = 9 };

/* Three systems of 5, 0 and 4 atoms in one cell each. */
struct world {
    double r[ATOMS][3], cells[SYSTEMS][3][3], cutoffs[SYSTEMS];
    uint8_t pbc[SYSTEMS][3];
    int64_t ptr[SYSTEMS + 1], ids[ATOMS];
    nbl_batch_input in;
    nbl_build_options build;
    nbl_batch *batch;
    nbl_result *result;
    struct guard statuses;
};

static void fill(struct world *w)
{
    static const int64_t ptr[] = {0, 5, 5, 9};
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    random_seed(&g, 41);
    for (int i = 0; i < ATOMS; i++) {
        w->ids[i] = i < 5 ? 0 : 2;
        for (int k = 0; k < 3; k++)
            w->r[i][k] = random_range(&g, 0, 4);
    }
    memset(w->cells, 0, sizeof w->cells);
    for (int b = 0; b < SYSTEMS; b++) {
        w->cutoffs[b] = 3;
        for (int a = 0; a < 3; a++) {
            w->cells[b][a][a] = 4;
            w->pbc[b][a] = 1;
        }
    }
    memcpy(w->ptr, ptr, sizeof ptr);
    in.n_systems = SYSTEMS;
    in.n_atoms = ATOMS;
    in.positions = w->r;
    in.ptr = w->ptr;
    in.cells = w->cells;
    in.pbc = w->pbc[0];
    in.cutoffs = w->cutoffs;
    in.n_cells = in.n_pbc = in.n_cutoffs = SYSTEMS;
    w->in = in;
    w->build = build;
}

static int open_world(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    fill(&w);
    *state = &w;
    return nbl_batch_create(&w.batch, NULL) != NBL_OK || nbl_result_create(&w.result, NULL) != NBL_OK;
}

static int close_world(void **state)
{
    struct world *w = *state;
    nbl_batch_destroy(&w->batch);
    nbl_result_destroy(&w->result);
    guard_free(&w->statuses);
    return 0;
}

static void build_world(struct world *w)
{
    check_int(nbl_batch_build(w->batch, &w->in, &w->build, NULL), NBL_OK);
    assert_string_equal(nbl_batch_message(w->batch), "");
}

static void search_world(struct world *w)
{
    check_int(nbl_batch_search(w->batch, 0, NULL, NULL, w->result), NBL_OK);
    assert_true(nbl_result_n_pairs(w->result, 0) > 10);
}

static void unbuilt(struct world *w)
{
    nbl_batch_info info = NBL_BATCH_INFO_INIT;
    api_refused(nbl_batch_search(w->batch, 0, NULL, NULL, w->result), NBL_EUNBUILT,
                nbl_result_message(w->result), NULL, NULL);
    check_int(nbl_batch_get_info(w->batch, &info), NBL_EUNBUILT);
}

/*
 * The whole call is refused: no status is written, what was built before is gone. Then the world is as it was.
 * `other` may be returned instead, where one wrong input breaks two rules.
 */
static void refused_or(struct world *w, nbl_status expected, nbl_status other, const char *part,
                       const char *more)
{
    int32_t *statuses = guard_take(&w->statuses, SYSTEMS * sizeof *statuses);
    nbl_status found = nbl_batch_build(w->batch, &w->in, &w->build, statuses);
    api_refused(found, found == other ? other : expected, nbl_batch_message(w->batch), part, more);
    assert_true(guard_untouched(&w->statuses) && guard_front_untouched(&w->statuses));
    unbuilt(w);
    fill(w);
    build_world(w);
}

static void refused(struct world *w, nbl_status expected, const char *part, const char *more)
{
    refused_or(w, expected, expected, part, more);
}

/* --------------------------------------------------------------------------------------- the whole call */

static void missing_pointers(void **state)
{
    struct world *w = *state;
    int32_t *statuses = guard_take(&w->statuses, SYSTEMS * sizeof *statuses);
    check_int(nbl_batch_build(NULL, &w->in, NULL, statuses), NBL_ENULL);
    api_refused(nbl_batch_build(w->batch, NULL, NULL, statuses), NBL_ENULL, nbl_batch_message(w->batch),
                "input", NULL);
    assert_true(guard_untouched(&w->statuses));
    w->in.positions = NULL;
    refused(w, NBL_ENULL, "positions", NULL);
    w->in.ptr = NULL;
    refused(w, NBL_ENULL, "ptr", NULL);
    w->in.cutoffs = NULL;
    refused_or(w, NBL_ENULL, NBL_ESIZE, "cutoffs", NULL);
    w->in.cutoffs = NULL;
    w->in.n_cutoffs = 0;
    refused(w, NBL_ENULL, "cutoffs", NULL);
    w->in.cells = NULL;
    refused_or(w, NBL_ENULL, NBL_ESIZE, "cells", NULL);
    w->in.pbc = NULL;
    refused_or(w, NBL_ENULL, NBL_ESIZE, "pbc", NULL);
}

static void sizes(void **state)
{
    struct world *w = *state;
    static const int64_t counts[] = {-1, INT64_MIN, (int64_t)1 << 31, INT64_MAX};
    static const int64_t lengths[] = {0, 2, 4, -1, INT64_MAX, INT64_MIN};
    for (int k = 0; k < 4; k++) {
        w->in.n_systems = counts[k];
        refused(w, NBL_ESIZE, "n_systems is", NULL);
    }
    static const int64_t atoms[] = {-1, INT64_MIN, INT64_MAX, INT64_MAX / 24 + 1};
    for (int k = 0; k < 4; k++) {
        w->in.n_atoms = atoms[k];
        refused_or(w, NBL_ESIZE, NBL_EPTR, NULL, NULL);
    }
    for (int k = 0; k < 6; k++) {
        w->in.n_cells = lengths[k];
        refused(w, NBL_ESIZE, "n_cells is", NULL);
        w->in.n_pbc = lengths[k];
        refused(w, NBL_ESIZE, "n_pbc is", NULL);
        w->in.n_cutoffs = lengths[k];
        refused(w, NBL_ESIZE, "n_cutoffs is", NULL);
    }
    w->build.positions_stride = 23;
    refused(w, NBL_ESIZE, "positions_stride is 23", NULL);
    w->build.positions_stride = INT64_MAX / 4;
    refused(w, NBL_ESIZE, "positions_stride", NULL);
    w->build.n_threads = -1;
    refused(w, NBL_ESIZE, "n_threads is -1", NULL);
}

static void options_with_unknown_values(void **state)
{
    struct world *w = *state;
    static const int32_t dtypes[] = {NBL_INT8, NBL_FLOAT32, NBL_FLOAT64, -1, 77};
    for (int k = 0; k < 5; k++) {
        w->in.ids_dtype = dtypes[k];
        refused(w, NBL_EOPTION, "ids_dtype is", NULL);
    }
    w->in.reserved = 1;
    refused(w, NBL_EOPTION, "reserved is 1", NULL);
    w->build.flags = 2;
    refused(w, NBL_EOPTION, "flags is", NULL);
    w->build.reserved = 1;
    refused(w, NBL_EOPTION, "reserved is 1", NULL);
    w->build.positions_dtype = NBL_INT32;
    refused(w, NBL_EOPTION, "positions_dtype is", NULL);
    w->build.cell_dtype = NBL_INT64;
    refused(w, NBL_EOPTION, "cell_dtype is", NULL);
    w->build.algorithm = 3;
    refused(w, NBL_EOPTION, "algorithm is 3", NULL);
    w->in.batch = w->ids;
    refused(w, NBL_ECONFLICT, "ptr", "batch");
}

static void pointers_that_do_not_span(void **state)
{
    struct world *w = *state;
    static const struct {
        int64_t ptr[SYSTEMS + 1];
        const char *where;
    } bad[] = {
        {{1, 5, 5, 9}, "ptr[0] is 1"},
        {{-1, 5, 5, 9}, "ptr[0] is -1"},
        {{0, 5, 4, 9}, "ptr[2] is 4"},
        {{0, -1, 5, 9}, "ptr[1] is -1"},
        {{0, 5, 5, 8}, "ptr[3] is 8"},
        {{0, 5, 5, 10}, "ptr[3] is 10"},
        {{0, 12, 5, 9}, "ptr["},
        {{0, 5, INT64_MAX, 9}, "ptr["},
        {{0, INT64_MIN, 5, 9}, "ptr[1] is "},
        {{0, 5, 5, INT64_MIN}, "ptr[3] is "},
        {{5, 5, 5, 9}, "ptr[0] is 5"},
        {{0, 0, 0, 0}, "ptr[3] is 0"},
    };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        for (int narrow = 0; narrow < 2; narrow++) {
            int32_t low[SYSTEMS + 1];
            memcpy(w->ptr, bad[k].ptr, sizeof w->ptr);
            for (int b = 0; b <= SYSTEMS; b++)
                low[b] = (int32_t)bad[k].ptr[b];
            if (narrow && low[1] == bad[k].ptr[1] && low[2] == bad[k].ptr[2] && low[3] == bad[k].ptr[3]) {
                w->in.ptr = low;
                w->in.ids_dtype = NBL_INT32;
            }
            refused(w, NBL_EPTR, bad[k].where, NULL);
        }
}

static void ids_out_of_order_or_range(void **state)
{
    struct world *w = *state;
    static const struct {
        int at;
        int64_t id;
        const char *where;
    } bad[] = {
        {0, -1, "batch[0] is -1"}, {8, 3, "batch[8] is 3"},         {6, 0, "batch[6] is 0"},
        {4, -1, "batch[4] is -1"}, {8, INT32_MAX, "batch[8] is 2"}, {5, INT32_MIN, "batch[5] is -2"},
        {0, 1, "batch[1] is 0"},   {7, 1, "batch[7] is 1"},
    };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        for (int narrow = 0; narrow < 2; narrow++) {
            int32_t low[ATOMS];
            w->in.ptr = NULL;
            w->ids[bad[k].at] = bad[k].id;
            w->in.batch = w->ids;
            for (int i = 0; i < ATOMS; i++)
                low[i] = (int32_t)w->ids[i];
            if (narrow) {
                w->in.batch = low;
                w->in.ids_dtype = NBL_INT32;
            }
            refused(w, NBL_EIDS, bad[k].where, NULL);
        }
    w->in.ptr = NULL;
    w->in.batch = w->ids;
    w->ids[8] = (int64_t)1 << 32 | 2; /* its lower half is right */
    refused(w, NBL_EIDS, "batch[8] is 4294967298", NULL);
}

/* Skipped ids and trailing empty systems are fine, and so are batches of nothing. */
static void empty_systems(void **state)
{
    struct world *w = *state;
    const int64_t nothing[6] = {0};
    w->in.ptr = NULL;
    w->in.batch = w->ids;
    w->in.n_systems = 1000;
    w->in.n_cells = w->in.n_pbc = w->in.n_cutoffs = 1;
    build_world(w);
    search_world(w);
    check_int(nbl_result_n_systems(w->result), 1000);
    check_int(nbl_result_n_rows(w->result), ATOMS);
    for (int64_t n = 0; n <= 5; n++)
        for (int by_ids = 0; by_ids < 3; by_ids++) {
            fill(w);
            w->in.n_systems = n;
            w->in.n_atoms = 0;
            w->in.positions = NULL;
            w->in.ptr = by_ids == 0 ? nothing : NULL;
            w->in.batch = by_ids == 1 ? nothing : NULL;
            w->in.n_cells = w->in.n_pbc = w->in.n_cutoffs = n ? n : 1;
            if (n > SYSTEMS)
                w->in.n_cells = w->in.n_pbc = w->in.n_cutoffs = 1;
            build_world(w);
            check_int(nbl_batch_search(w->batch, 0, NULL, NULL, w->result), NBL_OK);
            check_int(nbl_result_n_systems(w->result), n);
            check_int(nbl_result_n_pairs(w->result, 0), 0);
            check_int(nbl_result_max_count(w->result, 0), 0);
        }
}

/* --------------------------------------------------------------------------------------------- the search */

static void search_refused(struct world *w, nbl_status found, nbl_status expected, const char *part)
{
    api_refused(found, expected, nbl_result_message(w->result), part, NULL);
    check_int(nbl_result_n_pairs(w->result, 0), NBL_EUNBUILT);
    check_int(nbl_result_n_systems(w->result), NBL_EUNBUILT);
    check_int(nbl_result_system_status(w->result, 0), NBL_EUNBUILT);
    search_world(w);
}

static void searches_refused_as_a_whole(void **state)
{
    struct world *w = *state;
    const double rc[6] = {2, 2, 2, 2, 2, 2};
    static const int64_t lengths[] = {2, 4, -1, INT64_MAX, INT64_MIN};
    static const int32_t lists[] = {0, -1, 256, INT32_MAX, INT32_MIN};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    build_world(w);
    check_int(nbl_batch_search(NULL, 1, rc, NULL, w->result), NBL_ENULL);
    check_int(nbl_batch_search(w->batch, 1, rc, NULL, NULL), NBL_ENULL);
    check_int(nbl_batch_search_multi(w->batch, 1, 1, rc, NULL, NULL), NBL_ENULL);
    for (int k = 0; k < 5; k++) {
        search_refused(w, nbl_batch_search(w->batch, lengths[k], rc, NULL, w->result), NBL_ESIZE,
                       "n_cutoffs is");
        search_refused(w, nbl_batch_search_multi(w->batch, 2, lengths[k], rc, NULL, w->result), NBL_ESIZE,
                       "n_sets is");
        search_refused(w, nbl_batch_search_multi(w->batch, lists[k], 1, rc, NULL, w->result), NBL_ESIZE,
                       "n_lists is");
    }
    search_refused(w, nbl_batch_search(w->batch, 0, rc, NULL, w->result), NBL_ESIZE, "n_cutoffs is 0");
    search_refused(w, nbl_batch_search(w->batch, 3, NULL, NULL, w->result), NBL_ENULL, "cutoffs");
    search_refused(w, nbl_batch_search_multi(w->batch, 1, 1, NULL, NULL, w->result), NBL_ENULL, "cutoffs");
    options.flags = NBL_CENTERS;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_ECONFLICT, "NBL_CENTERS");
    search_refused(w, nbl_batch_search_multi(w->batch, 2, 3, rc, &options, w->result), NBL_ECONFLICT,
                   "NBL_CENTERS");
    options.flags = 64;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_EOPTION, "flags");
    options.flags = 0;
    options.mode = 3;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_EOPTION, "mode");
    options.mode = 0;
    options.max_pairs = -1;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_ESIZE, "max_pairs");
    options.max_pairs = 7;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_ELIMIT, "max_pairs");
    options.max_pairs = 0;
    options.n_threads = 65537;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_ESIZE, "n_threads");
    options.n_threads = 0;
    options.max_bytes = 40;
    search_refused(w, nbl_batch_search(w->batch, 1, rc, &options, w->result), NBL_ELIMIT, "max_bytes");
}

static int64_t pairs_of(struct world *w, int64_t system)
{
    int64_t edge_ptr[SYSTEMS + 1];
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.system_capacity = SYSTEMS;
    o.edge_ptr = edge_ptr;
    check_int(nbl_result_fetch(w->result, 0, &o), NBL_OK);
    return edge_ptr[system + 1] - edge_ptr[system];
}

/* One system has a cutoff that it cannot be searched with: it is empty, the other is not. */
static void systems_refused_by_the_search(void **state)
{
    struct world *w = *state;
    static const struct {
        double rc;
        nbl_status status;
        const char *word;
    } bad[] = {{NAN, NBL_ECUTOFF, "nan"},
               {-1, NBL_ECUTOFF, "-1"},
               {0, NBL_ECUTOFF, "0"},
               {INFINITY, NBL_ECUTOFF, "inf"},
               {3.5, NBL_ECUTOFF_BUILD, "3.5"}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
        for (int which = 0; which < SYSTEMS; which += 2)
            for (int several = 0; several < 2; several++) {
                double rc[2 * SYSTEMS];
                char name[16];
                for (int x = 0; x < 2 * SYSTEMS; x++)
                    rc[x] = x / (1 + several) == 1 ? NAN : 2;
                rc[several ? 2 * which + 1 : which] = bad[k].rc;
                snprintf(name, sizeof name, "system %d", which);
                for (w->build.flags = 0; w->build.flags <= NBL_ALL_OR_NOTHING; w->build.flags++) {
                    build_world(w);
                    nbl_status status = several
                                            ? nbl_batch_search_multi(w->batch, 2, SYSTEMS, rc, NULL, w->result)
                                            : nbl_batch_search(w->batch, SYSTEMS, rc, NULL, w->result);
                    if (w->build.flags) {
                        api_refused(status, bad[k].status, nbl_result_message(w->result), name, bad[k].word);
                        check_int(nbl_result_n_pairs(w->result, 0), NBL_EUNBUILT);
                        continue;
                    }
                    api_refused(status, NBL_EBATCH, nbl_result_message(w->result), name, bad[k].word);
                    for (int b = 0; b < SYSTEMS; b++)
                        check_int(nbl_result_system_status(w->result, b), b == which ? bad[k].status : NBL_OK);
                    check_int(pairs_of(w, which), 0);
                    assert_true(pairs_of(w, 2 - which) > 0);
                    nbl_status outside = nbl_result_system_status(w->result, SYSTEMS);
                    check_int(outside, NBL_EARGUMENT);
                }
            }
    fill(w);
}

/* One cutoff for all, larger than that of one system. */
static void one_cutoff_too_large_for_some(void **state)
{
    struct world *w = *state;
    const double rc = 2.5;
    w->cutoffs[0] = 2;
    w->cutoffs[1] = 1;
    build_world(w);
    api_refused(nbl_batch_search(w->batch, 1, &rc, NULL, w->result), NBL_EBATCH, nbl_result_message(w->result),
                "system 0", "2.5");
    check_int(nbl_result_system_status(w->result, 0), NBL_ECUTOFF_BUILD);
    check_int(nbl_result_system_status(w->result, 1), NBL_OK);
    check_int(nbl_result_system_status(w->result, 2), NBL_OK);
    assert_true(pairs_of(w, 2) > 0 && pairs_of(w, 0) == 0);
    fill(w);
}

/* --------------------------------------------------------------------------------------------- outputs */

static void fetch_refused(struct world *w, nbl_outputs *o, nbl_status expected, const char *part)
{
    struct guard g[3] = {GUARD_INIT, GUARD_INIT, GUARD_INIT};
    void **slots[3] = {&o->batch, &o->edge_ptr, &o->atom_ptr};
    for (int k = 0; k < 3; k++)
        if (*slots[k])
            *slots[k] = guard_take(&g[k], 400);
    api_refused(nbl_result_fetch(w->result, 0, o), expected, nbl_result_message(w->result), part, NULL);
    for (int k = 0; k < 3; k++)
        if (*slots[k]) {
            assert_true(guard_untouched(&g[k]) && guard_front_untouched(&g[k]));
            guard_free(&g[k]);
        }
    nbl_outputs fresh = NBL_OUTPUTS_INIT;
    *o = fresh;
    o->system_capacity = SYSTEMS;
}

static void outputs_of_a_batch(void **state)
{
    struct world *w = *state;
    int64_t some;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    build_world(w);
    search_world(w);
    for (int64_t capacity = 0; capacity < SYSTEMS; capacity++)
        for (int which = 0; which < 2; which++) {
            *(which ? &o.edge_ptr : &o.atom_ptr) = &some;
            o.system_capacity = capacity;
            fetch_refused(w, &o, NBL_ECAPACITY, "system_capacity");
        }
    o.edge_ptr = o.atom_ptr = &some;
    o.system_capacity = -1;
    fetch_refused(w, &o, NBL_ESIZE, "system_capacity");
    o.batch = &some;
    fetch_refused(w, &o, NBL_ECAPACITY, "pair_capacity");
    o.batch = o.edge_ptr = &some;
    o.pair_capacity = 1;
    fetch_refused(w, &o, NBL_ECAPACITY, "pair_capacity");
    o.batch = &some;
    o.layout = NBL_LAYOUT_DENSE;
    o.dense_width = nbl_result_max_count(w->result, 0);
    o.row_capacity = ATOMS;
    fetch_refused(w, &o, NBL_ECONFLICT, "batch");
    o.edge_ptr = &some;
    o.local_indices = 2;
    fetch_refused(w, &o, NBL_EOPTION, "local_indices");
    o.edge_ptr = &some;
    o.reserved = 1;
    fetch_refused(w, &o, NBL_EOPTION, "reserved");
    o.edge_ptr = &some;
    o.offset_dtype = NBL_INT8;
    fetch_refused(w, &o, NBL_EOPTION, "offset_dtype");
    o.batch = &some;
    o.pair_capacity = 400 / 8;
    o.index_dtype = NBL_FLOAT32;
    fetch_refused(w, &o, NBL_EOPTION, "index_dtype");
}

/* A cell list is a batch of one system, with all rows or only those of centres. */
static void outputs_of_a_cell_list(void **state)
{
    struct world *w = *state;
    nbl_cell_list *list = NULL;
    int64_t edge_ptr[2], atom_ptr[2], batch[200], i[200];
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    check_int(nbl_cell_list_build(list, 5, w->r, w->cells[0], NULL, 3, NULL), NBL_OK);
    for (int centers = 0; centers < 2; centers++) {
        nbl_outputs o = NBL_OUTPUTS_INIT;
        options.flags = centers ? NBL_CENTERS : 0;
        options.n_centers = 2;
        check_int(nbl_cell_list_search(list, 3, &options, w->result), NBL_OK);
        check_int(nbl_result_n_systems(w->result), 1);
        check_int(nbl_result_system_status(w->result, 0), NBL_OK);
        check_int(nbl_result_system_status(w->result, 1), NBL_EARGUMENT);
        int64_t m = nbl_result_n_pairs(w->result, 0);
        assert_true(m > 5 && m <= 200);
        o.pair_capacity = m;
        o.system_capacity = 1;
        o.local_indices = 1;
        o.index_base = 1;
        o.edge_ptr = edge_ptr;
        o.atom_ptr = atom_ptr;
        o.batch = batch;
        o.i = i;
        check_int(nbl_result_fetch(w->result, 0, &o), NBL_OK);
        check_int(edge_ptr[0], 1);
        check_int(edge_ptr[1], m + 1);
        check_int(atom_ptr[0], 1);
        check_int(atom_ptr[1], (centers ? 2 : 5) + 1);
        for (int64_t e = 0; e < m; e++) {
            check_int(batch[e], 1);
            assert_true(i[e] >= 1 && i[e] <= (centers ? 2 : 5));
        }
    }
    nbl_cell_list_destroy(&list);
}

static void before_and_after(void **state)
{
    struct world *w = *state;
    const double rc = 2;
    int64_t counts[ATOMS];
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.row_capacity = ATOMS;
    o.counts = counts;
    unbuilt(w);
    api_refused(nbl_batch_search_multi(w->batch, 1, 1, &rc, NULL, w->result), NBL_EUNBUILT,
                nbl_result_message(w->result), NULL, NULL);
    build_world(w);
    search_world(w);
    check_int(nbl_result_fetch(w->result, 0, &o), NBL_OK);
    int64_t n_pairs = nbl_result_n_pairs(w->result, 0);
    for (int how = 0; how < 3; how++) {
        if (how == 0)
            build_world(w);
        else if (how == 1)
            check_int(nbl_batch_build(w->batch, NULL, NULL, NULL), NBL_ENULL);
        else
            nbl_batch_destroy(&w->batch);
        api_refused(nbl_result_fetch(w->result, 0, &o), NBL_ESTALE, nbl_result_message(w->result),
                    "rebuilt or destroyed", NULL);
        check_int(nbl_result_n_pairs(w->result, 0), n_pairs);
        check_int(nbl_result_n_systems(w->result), SYSTEMS);
        check_int(nbl_result_system_status(w->result, 2), NBL_OK);
        if (how == 2)
            break;
        build_world(w);
        search_world(w);
        check_int(nbl_result_fetch(w->result, 0, &o), NBL_OK);
    }
    check_int(nbl_batch_create(&w->batch, NULL), NBL_OK);
    check_int(nbl_result_fetch(w->result, 0, &o), NBL_ESTALE);
}

/* One result serves a batch, a cell list, and the batch again. */
static void one_result_for_lists_and_batches(void **state)
{
    struct world *w = *state;
    nbl_cell_list *list = NULL;
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    check_int(nbl_cell_list_build(list, 4, w->r[5], w->cells[2], NULL, 3, NULL), NBL_OK);
    build_world(w);
    search_world(w);
    int64_t of_batch = nbl_result_n_pairs(w->result, 0), of_last = pairs_of(w, 2);
    check_int(nbl_cell_list_search(list, 3, NULL, w->result), NBL_OK);
    check_int(nbl_result_n_pairs(w->result, 0), of_last);
    check_int(nbl_result_n_systems(w->result), 1);
    check_int(nbl_result_n_rows(w->result), 4);
    build_world(w);
    search_world(w);
    check_int(nbl_result_n_pairs(w->result, 0), of_batch);
    nbl_cell_list_destroy(&list);
    check_int(pairs_of(w, 2), of_last);
}

static void spoil(struct world *w, int how)
{
    switch (how) {
    case 0:
        w->r[6][0] = 2e100;
        break;
    case 1:
        w->cells[2][1][0] = NAN;
        break;
    case 2:
        memset(w->cells[2][1], 0, sizeof w->cells[2][1]);
        break;
    case 3:
        w->cells[2][1][1] = -2e100;
        break;
    case 4:
        w->cutoffs[2] = NAN;
        break;
    case 5:
        w->r[6][0] = 4 * 0x1p31;
        break;
    default:
        w->in.cells = NULL;
        w->in.n_cells = 0;
    }
}

/* Every reason for which a system is refused, with the other one unharmed. */
static void every_reason(void **state)
{
    struct world *w = *state;
    static const struct {
        nbl_status status;
        const char *part, *more;
    } expected[] = {
        {NBL_ERANGE, "system 2: positions[6][0] is 2e+100", "atom 1 of the system"},
        {NBL_ECELL, "system 2: ", "[1][0] is nan"},
        {NBL_ESINGULAR, "system 2: ", "singular"},
        {NBL_ERANGE, "system 2: ", "-2e+100"},
        {NBL_ECUTOFF, "system 2: ", "nan"},
        {NBL_ESHIFT, "system 2: positions[6]", "axis 0"},
        {NBL_ECELL, "system 2: ", "pbc"},
    };
    for (int how = 0; how < 7; how++) {
        int32_t statuses[SYSTEMS];
        fill(w);
        memset(w->pbc[0], 0, 3);
        spoil(w, how);
        api_refused(nbl_batch_build(w->batch, &w->in, &w->build, statuses), NBL_EBATCH,
                    nbl_batch_message(w->batch), expected[how].part, expected[how].more);
        check_int(statuses[0], NBL_OK);
        check_int(statuses[1], NBL_OK);
        check_int(statuses[2], expected[how].status);
        search_world(w);
        assert_true(pairs_of(w, 0) > 0 && pairs_of(w, 2) == 0);
        check_int(nbl_result_system_status(w->result, 2), expected[how].status);
        w->build.flags = NBL_ALL_OR_NOTHING;
        api_refused(nbl_batch_build(w->batch, &w->in, &w->build, NULL), expected[how].status,
                    nbl_batch_message(w->batch), expected[how].part, expected[how].more);
        unbuilt(w);
    }
    fill(w);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(missing_pointers),
        IN_WORLD(sizes),
        IN_WORLD(options_with_unknown_values),
        IN_WORLD(pointers_that_do_not_span),
        IN_WORLD(ids_out_of_order_or_range),
        IN_WORLD(empty_systems),
        IN_WORLD(searches_refused_as_a_whole),
        IN_WORLD(systems_refused_by_the_search),
        IN_WORLD(one_cutoff_too_large_for_some),
        IN_WORLD(outputs_of_a_batch),
        IN_WORLD(outputs_of_a_cell_list),
        IN_WORLD(before_and_after),
        IN_WORLD(one_result_for_lists_and_batches),
        IN_WORLD(every_reason),
    };
    return cmocka_run_group_tests_name("api: batch", tests, NULL, NULL);
}
