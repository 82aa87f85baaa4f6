/* SPDX-License-Identifier: MIT */
/*
 * nbl_verify: equal on what is right, and able to see what is wrong. A result cannot be damaged from
 * outside, so the reference is changed instead: verify is given other atoms or another cell than the build.
 */
#include "api.h"
#include "batches.h"
#include "count_alloc.h"
#include "scale.h"

static nbl_status verify(struct api *a, const struct system *s, nbl_verify_report *report)
{
    *report = (nbl_verify_report)NBL_VERIFY_REPORT_INIT;
    return nbl_verify(a->result, 0, s->n, s->r, s->h, NULL, NULL, report);
}

/* Pairs within 4 ulp of the cutoff on either side, as the oracle sees them; half lists see each once. */
static int64_t count_close(const struct system *s, uint32_t flags)
{
    struct oracle_input in = system_input(s);
    struct pairs all = {0, 0, NULL};
    int64_t n_close;
    check_int(oracle_find(&in, &all, &n_close), 0);
    pairs_free(&all);
    return flags & NBL_HALF ? n_close / 2 : n_close;
}

/* Four numbers below rc lie four of its ulp away, unless a power of two is among them. */
static int ulps_are_even(double rc)
{
    return rc - oracle_ulps(rc, -4) == oracle_ulps(rc, 4) - rc;
}

/* Rounding of a vector that long is more cells than shifts can count; an open axis tells before that. */
static void equal_where_atoms_are_far_apart_on_open_axes(void **state)
{
    struct api *a = *state;
    const double h[3][3] = {{3, 0, 0}, {0, 3, 0}, {0, 0, 3}};
    for (int open = 0; open < 3; open++)
        for (int other = 0; other < 2; other++) {
            double r[3][3] = {{0, 0, 0}, {0.5, 0, 0}, {0, 0, 0}};
            uint8_t pbc[3] = {1, 1, 1};
            pbc[open] = 0;
            pbc[(open + 1) % 3] = (uint8_t)other;
            r[2][open] = -2e77;
            nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
            check_int(nbl_cell_list_build(a->list, 3, r, h, pbc, 2.5, NULL), NBL_OK);
            check_int(nbl_cell_list_search(a->list, 2.5, NULL, a->result), NBL_OK);
            check_int(nbl_verify(a->result, 0, 3, r, h, pbc, NULL, &report), NBL_OK);
            check_int(report.verdict, NBL_VERIFY_EQUAL);
        }
}

static void equal_on_hard_systems(void **state)
{
    (void)state;
    struct listing l;
    assert_int_equal(listing_open(&l, NULL), 0);
    for (uint64_t seed = 0; seed < (uint64_t)scale_count(1500, 100); seed++) {
        struct system s;
        struct variant v = {(int32_t)(seed % 3), (uint32_t)(seed / 3 % 16), (int32_t)(seed / 2 % 3), 1, 0, 0};
        unsigned char positions[SYSTEM_BYTES], cell[72];
        nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
        nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
        system_random(&s, seed);
        system_positions(&s, positions);
        system_cell(&s, cell);
        if (listing_build(&l, &s, &v) != 0 || listing_search(&l, s.rc, &v) != 0)
            fail_msg("seed %llu: %s", (unsigned long long)seed, l.text);
        options.positions_dtype = s.positions_f32 ? NBL_FLOAT32 : 0;
        options.cell_dtype = s.cell_f32 ? NBL_FLOAT32 : 0;
        options.positions_stride = s.stride;
        nbl_status status = nbl_verify(l.result, 0, s.n, positions, s.has_cell ? cell : NULL,
                                       s.has_pbc ? s.pbc : NULL, &options, &report);
        if (status != NBL_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, nbl_result_message(l.result));
        assert_string_equal(nbl_result_message(l.result), "");
        check_int(report.verdict, NBL_VERIFY_EQUAL);
        check_int(report.size, sizeof report);
        check_int(report.n_pairs, nbl_result_n_pairs(l.result, 0));

        if (ulps_are_even(s.rc))
            check_int(report.n_close, count_close(&s, v.flags));
    }
    listing_close(&l);
}

static int built(void **state)
{
    api_build(*state);
    api_search(*state, 0, 0);
    return 0;
}

static void equal_in_every_mode(void **state)
{
    struct api *a = *state;
    nbl_verify_report report;
    for (uint32_t flags = 0; flags < 16; flags++)
        for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
            api_search(a, flags, mode);
            check_int(verify(a, &a->s, &report), NBL_OK);
            check_int(report.n_pairs, nbl_result_n_pairs(a->result, 0));
        }
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = NBL_CENTERS;
    options.n_centers = 7;
    check_int(nbl_cell_list_search(a->list, 2, &options, a->result), NBL_OK);
    check_int(verify(a, &a->s, &report), NBL_OK);
    check_int(report.n_pairs, nbl_result_n_pairs(a->result, 0));
    check_int(nbl_verify(a->result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, NULL), NBL_OK);
}

/* Two atoms and one chance: the pair is there or is not. */
struct two {
    double r[2][3];
    double rc;
};

static void differs(struct api *a, double built_at, double asked_at, int32_t verdict, const char *word)
{
    struct two t = {{{0, 0, 0}, {0, 0, 0}}, 2};
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    t.r[1][1] = built_at;
    check_int(nbl_cell_list_build(a->list, 2, t.r, NULL, NULL, t.rc, NULL), NBL_OK);
    for (uint32_t flags = 0; flags < 16; flags += 8)
        for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.flags = flags;
            options.mode = mode;
            check_int(nbl_cell_list_search(a->list, t.rc, &options, a->result), NBL_OK);
            t.r[1][1] = asked_at;
            api_refused(nbl_verify(a->result, 0, 2, t.r, NULL, NULL, NULL, &report), NBL_EVERIFY,
                        nbl_result_message(a->result), word, "i = 0, j = 1");
            check_int(report.verdict, verdict);
            check_int(report.i, 0);
            check_int(report.j, 1);
            check_int(report.shift[0], 0);
            check_int(report.shift[1], 0);
            check_int(report.shift[2], 0);
            check_bits(report.distance, fabs(asked_at));
            check_bits(report.distance_long, fabs(asked_at));
            t.r[1][1] = built_at;
            check_int(nbl_verify(a->result, 0, 2, t.r, NULL, NULL, NULL, &report), NBL_OK);
        }
}

static void sees_a_missing_pair(void **state)
{
    differs(*state, 2, 2 - 0x1p-52, NBL_VERIFY_MISSING, "missing");
    differs(*state, 3, 0.5, NBL_VERIFY_MISSING, "missing");
}

static void sees_an_extra_pair(void **state)
{
    differs(*state, 2 - 0x1p-52, 2, NBL_VERIFY_EXTRA, "extra");
    differs(*state, 0.5, 3, NBL_VERIFY_EXTRA, "extra");
}

static void sees_a_wrong_vector(void **state)
{
    differs(*state, 1, 1 + 0x1p-52, NBL_VERIFY_WRONG, "wrong");
    differs(*state, 1, -1 + 0.25, NBL_VERIFY_WRONG, "wrong");
}

/* In a periodic system: another cell, another atom count, a moved atom, other flags of periodicity. */
static void sees_other_systems(void **state)
{
    struct api *a = *state;
    struct system s = a->s;
    nbl_verify_report report;
    s.h[0][0] += 1e-9;
    check_int(verify(a, &s, &report), NBL_EVERIFY);
    s = a->s;
    s.r[39][0] = oracle_ulps(s.r[39][0], 1);
    check_int(verify(a, &s, &report), NBL_EVERIFY);
    assert_true(report.i == 39 || report.j == 39);
    s = a->s;
    s.n = 39;
    check_int(verify(a, &s, &report), NBL_EVERIFY);
    check_int(report.verdict, NBL_VERIFY_EXTRA);
    s = a->s;
    s.n = 41;
    memcpy(s.r[40], s.r[0], sizeof s.r[0]);
    check_int(verify(a, &s, &report), NBL_EVERIFY);
    check_int(report.verdict, NBL_VERIFY_MISSING);
    s = a->s;
    for (int k = 0; k < 3; k++)
        s.r[5][k] += s.h[1][k];
    check_int(verify(a, &s, &report), NBL_EVERIFY);
    const uint8_t open[3] = {1, 0, 1};
    report = (nbl_verify_report)NBL_VERIFY_REPORT_INIT;
    check_int(nbl_verify(a->result, 0, s.n, a->s.r, a->s.h, open, NULL, &report), NBL_EVERIFY);
    check_int(report.verdict, NBL_VERIFY_EXTRA);
    check_int(verify(a, &a->s, &report), NBL_OK);
}

/* Other statuses are those of a build, and leave the report alone. */
static void refusals(void **state)
{
    struct api *a = *state;
    struct system s = a->s;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    nbl_result *fresh = NULL;
    report.verdict = 77;
    check_int(nbl_verify(NULL, 0, s.n, s.r, s.h, NULL, NULL, &report), NBL_ENULL);
    check_int(nbl_result_create(&fresh, NULL), NBL_OK);
    check_int(nbl_verify(fresh, 0, s.n, s.r, s.h, NULL, NULL, &report), NBL_EUNBUILT);
    nbl_result_destroy(&fresh);
    api_refused(nbl_verify(a->result, 1, s.n, s.r, s.h, NULL, NULL, &report), NBL_EARGUMENT,
                nbl_result_message(a->result), "list", NULL);
    api_refused(nbl_verify(a->result, 0, s.n, NULL, s.h, NULL, NULL, &report), NBL_ENULL,
                nbl_result_message(a->result), "positions", NULL);
    api_refused(nbl_verify(a->result, 0, -1, s.r, s.h, NULL, NULL, &report), NBL_ESIZE,
                nbl_result_message(a->result), "n is -1", NULL);
    s.r[17][2] = NAN;
    api_refused(nbl_verify(a->result, 0, s.n, s.r, s.h, NULL, NULL, &report), NBL_EPOSITION,
                nbl_result_message(a->result), "positions[17][2]", "nan");
    s = a->s;
    memset(s.h[1], 0, sizeof s.h[1]);
    check_int(nbl_verify(a->result, 0, s.n, s.r, s.h, NULL, NULL, &report), NBL_ESINGULAR);
    s.h[1][0] = INFINITY;
    api_refused(nbl_verify(a->result, 0, s.n, s.r, s.h, NULL, NULL, &report), NBL_ECELL,
                nbl_result_message(a->result), "cell[1][0]", "inf");
    check_int(report.verdict, 77);
    check_int(verify(a, &a->s, &report), NBL_OK);
}

/* A report that cannot be filled is refused before anything else is looked at or allocated. */
static void report_of_impossible_size(void **state)
{
    struct api *a = *state;
    static struct count_alloc counter;
    nbl_allocator hooks = count_alloc_hooks(&counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    static const size_t sizes[] = {0, 1, sizeof(size_t) - 1, SIZE_MAX};
    const double nowhere[3] = {NAN, NAN, NAN};
    union {
        nbl_verify_report report;
        unsigned char bytes[2 * sizeof(nbl_verify_report)];
    } given, copy;
    nbl_result *result = NULL;
    options.allocator = &hooks;
    check_int(nbl_result_create(&result, &options), NBL_OK);
    check_int(nbl_cell_list_search(a->list, a->s.rc, NULL, result), NBL_OK);
    int64_t pairs = nbl_result_n_pairs(result, 0);
    for (int k = 0; k < 4; k++) {
        memset(&given, 0x5a, sizeof given);
        given.report.size = sizes[k];
        memcpy(&copy, &given, sizeof given);
        count_alloc_arm(&counter, 0, 0);
        api_refused(nbl_verify(result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, &given.report), NBL_ESTRUCT,
                    nbl_result_message(result), "report", "size");
        api_refused(nbl_verify(result, 0, 1, nowhere, NULL, NULL, NULL, &given.report), NBL_ESTRUCT,
                    nbl_result_message(result), "report", "size");
        assert_memory_equal(&given, &copy, sizeof given);
        check_int(atomic_load(&counter.calls), 0);
        check_int(nbl_result_n_pairs(result, 0), pairs);
    }
    check_int(nbl_verify(result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, NULL), NBL_OK);
    nbl_result_destroy(&result);
}

/* Out of memory at every allocation of a check: told, nothing lost, and the result is still good. */
static void out_of_memory(void **state)
{
    struct api *a = *state;
    static struct count_alloc counter;
    nbl_allocator hooks = count_alloc_hooks(&counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    nbl_result *result = NULL;
    options.allocator = &hooks;
    check_int(nbl_result_create(&result, &options), NBL_OK);
    check_int(nbl_cell_list_search(a->list, a->s.rc, NULL, result), NBL_OK);
    nbl_status status = NBL_ENOMEM;
    long long failed = 0;
    while (status != NBL_OK) {
        long long live = atomic_load(&counter.live);
        count_alloc_arm(&counter, ++failed, 0);
        report.verdict = 77;
        status = nbl_verify(result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, &report);
        if (status != NBL_OK) {
            api_refused(status, NBL_ENOMEM, nbl_result_message(result), "memory", NULL);
            check_int(report.verdict, 77);
            check_int(atomic_load(&counter.live), live);
        }
        assert_true(failed < 1000);
    }
    assert_true(failed > 1);
    check_int(report.verdict, NBL_VERIFY_EQUAL);
    count_alloc_arm(&counter, 0, 0);
    check_int(nbl_verify(result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, &report), NBL_OK);
    nbl_result_destroy(&result);
    check_int(atomic_load(&counter.live), 0);
    check_int(atomic_load(&counter.faults), 0);
}

/* Each list of a search for several cutoffs, shells as well. */
static void every_list_of_several(void **state)
{
    struct api *a = *state;
    const double cutoffs[5] = {2, 3, 1.5, 2, 0.5};
    for (uint32_t flags = 0; flags < 64; flags += flags == 15 ? 17 : 1)
        for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.flags = flags & ~(uint32_t)NBL_CENTERS;
            options.mode = mode;
            options.n_threads = 1 + mode;
            check_int(nbl_cell_list_search_multi(a->list, 5, cutoffs, &options, a->result), NBL_OK);
            for (int32_t k = 0; k < 5; k++) {
                nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
                nbl_status status = nbl_verify(a->result, k, a->s.n, a->s.r, a->s.h, NULL, NULL, &report);
                if (status != NBL_OK)
                    fail_msg("flags %u, list %d: %s", options.flags, k, nbl_result_message(a->result));
                check_int(report.n_pairs, nbl_result_n_pairs(a->result, k));
            }
        }
    check_int(nbl_verify(a->result, 5, a->s.n, a->s.r, a->s.h, NULL, NULL, NULL), NBL_EARGUMENT);
}

/* Atoms at 0, 1 and 2.5; shells up to 1.25, 2 and 3. Moving the last one changes shells 1 and 2. */
static void sees_a_pair_in_another_shell(void **state)
{
    struct api *a = *state;
    double r[3][3] = {{0, 0, 0}, {1, 0, 0}, {2.5, 0, 0}};
    const double cutoffs[3] = {3, 1.25, 2};
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    options.flags = NBL_DISJOINT;
    check_int(nbl_cell_list_build(a->list, 3, r, NULL, NULL, 3, NULL), NBL_OK);
    check_int(nbl_cell_list_search_multi(a->list, 3, cutoffs, &options, a->result), NBL_OK);
    for (int32_t k = 0; k < 3; k++)
        check_int(nbl_verify(a->result, k, 3, r, NULL, NULL, NULL, &report), NBL_OK);
    r[2][0] = 1.5; /* 0-2 leaves the outer shell for the middle one, 1-2 the middle one for the inner one */
    check_int(nbl_verify(a->result, 0, 3, r, NULL, NULL, NULL, &report), NBL_EVERIFY);
    check_int(report.verdict, NBL_VERIFY_EXTRA);
    check_int(nbl_verify(a->result, 1, 3, r, NULL, NULL, NULL, &report), NBL_EVERIFY);
    check_int(report.verdict, NBL_VERIFY_MISSING);
    check_int(report.i, 1);
    check_int(report.j, 2);
    check_int(nbl_verify(a->result, 2, 3, r, NULL, NULL, NULL, &report), NBL_EVERIFY);
}

/* A random batch in every form, equal; searched for one and for several cutoffs. */
static void equal_on_batches(void **state)
{
    (void)state;
    struct batch_arrays arrays = BATCH_ARRAYS_INIT;
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_result_create(&result, NULL), NBL_OK);
    for (uint64_t seed = 0; seed < (uint64_t)scale_count(120, 20); seed++) {
        struct batch_draft d;
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
        batch_draw(&d, seed, 12);
        batch_pack(&arrays, &d);
        arrays.options.algorithm = (int32_t)(seed % 3);
        options.flags = (uint32_t)(seed / 3 % 16);
        options.mode = (int32_t)(seed / 2 % 3);
        if (nbl_batch_build(batch, &arrays.input, &arrays.options, NULL) != NBL_OK ||
            nbl_batch_search(batch, 0, NULL, &options, result) != NBL_OK)
            fail_msg("seed %llu: %s %s", (unsigned long long)seed, nbl_batch_message(batch),
                     nbl_result_message(result));
        if (batch_atoms(&d) < 1000) {
            if (nbl_verify_batch(result, 0, &arrays.input, &arrays.options, &report) != NBL_OK)
                fail_msg("seed %llu: %s", (unsigned long long)seed, nbl_result_message(result));
            check_int(report.n_pairs, nbl_result_n_pairs(result, 0));
        }
        batch_free(&d);
    }
    batch_arrays_free(&arrays);
    nbl_batch_destroy(&batch);
    nbl_result_destroy(&result);
}

/* Three plain systems of ten atoms and an empty one, each with a cell of its own. */
struct four {
    double r[30][3], h[4][3][3], rc[4];
    int64_t ptr[5];
    nbl_batch_input in;
};

static void draw_four(struct four *f)
{
    static const int64_t ptr[5] = {0, 10, 20, 20, 30};
    struct random g;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    memset(f, 0, sizeof *f);
    random_seed(&g, 21);
    for (int x = 0; x < 90; x++)
        f->r[x / 3][x % 3] = random_range(&g, 0, 4);
    for (int b = 0; b < 4; b++) {
        f->rc[b] = 2 + 0.125 * b;
        for (int k = 0; k < 3; k++)
            f->h[b][k][k] = 4 + 0.125 * b;
    }
    memcpy(f->ptr, ptr, sizeof ptr);
    in.n_systems = 4;
    in.n_atoms = 30;
    in.positions = f->r;
    in.ptr = f->ptr;
    in.cells = f->h;
    in.cutoffs = f->rc;
    in.n_cells = in.n_cutoffs = 4;
    f->in = in;
}

static void batch_differs(struct api *a, const struct four *f, int64_t system, int32_t verdict, int64_t atom)
{
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    char name[16];
    snprintf(name, sizeof name, "system %lld", (long long)system);
    api_refused(nbl_verify_batch(a->result, 0, &f->in, NULL, &report), NBL_EVERIFY,
                nbl_result_message(a->result), name, NULL);
    check_int(report.system, system);
    if (verdict)
        check_int(report.verdict, verdict);
    if (atom >= 0)
        assert_true(report.i == atom || report.j == atom);
}

static void sees_what_is_wrong_in_a_batch(void **state)
{
    struct api *a = *state;
    struct four f;
    nbl_batch *batch = NULL;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    draw_four(&f);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_batch_build(batch, &f.in, NULL, NULL), NBL_OK);
    for (int32_t mode = NBL_MODE_PAIRS; mode <= NBL_MODE_COUNTS; mode++) {
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        options.mode = mode;
        check_int(nbl_batch_search(batch, 0, NULL, &options, a->result), NBL_OK);
        check_int(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_OK);
        check_int(report.verdict, NBL_VERIFY_EQUAL);
        check_int(report.n_pairs, nbl_result_n_pairs(a->result, 0));
        check_int(nbl_verify_batch(a->result, 0, &f.in, NULL, NULL), NBL_OK);
        f.r[13][1] += 0x1p-40;
        f.r[25][0] += 0.5;
        batch_differs(a, &f, 1, 0, 3);
        draw_four(&f);
        f.h[3][0][0] += 1e-9;
        batch_differs(a, &f, 3, 0, -1);
        draw_four(&f);
        f.h[2][0][0] = NAN; /* of the empty system */
        check_int(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_OK);
        draw_four(&f);
    }
    nbl_batch_destroy(&batch);
}

/* Systems that were refused are left out, those refused by the search as well. */
static void refused_systems_are_left_out(void **state)
{
    struct api *a = *state;
    struct four f;
    nbl_batch *batch = NULL;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    draw_four(&f);
    f.r[4][1] = NAN;
    const double cutoffs[4] = {1, 1, NAN, 9};
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_batch_build(batch, &f.in, NULL, NULL), NBL_EBATCH);
    check_int(nbl_batch_search(batch, 4, cutoffs, NULL, a->result), NBL_EBATCH);
    check_int(nbl_result_system_status(a->result, 0), NBL_EPOSITION);
    check_int(nbl_result_system_status(a->result, 3), NBL_ECUTOFF_BUILD);
    check_int(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_OK);
    check_int(report.n_pairs, nbl_result_n_pairs(a->result, 0));
    nbl_batch_destroy(&batch);
}

static void refusals_of_batches(void **state)
{
    struct api *a = *state;
    struct four f;
    nbl_batch *batch = NULL;
    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    draw_four(&f);
    report.verdict = 77;
    check_int(nbl_verify_batch(NULL, 0, &f.in, NULL, &report), NBL_ENULL);
    api_build(a);
    api_search(a, 0, 0);
    api_refused(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_ECONFLICT,
                nbl_result_message(a->result), NULL, NULL);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_batch_build(batch, &f.in, NULL, NULL), NBL_OK);
    check_int(nbl_batch_search(batch, 0, NULL, NULL, a->result), NBL_OK);
    api_refused(nbl_verify(a->result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, &report), NBL_ECONFLICT,
                nbl_result_message(a->result), NULL, NULL);
    api_refused(nbl_verify_batch(a->result, 0, NULL, NULL, &report), NBL_ENULL, nbl_result_message(a->result),
                "input", NULL);
    api_refused(nbl_verify_batch(a->result, 1, &f.in, NULL, &report), NBL_EARGUMENT,
                nbl_result_message(a->result), "list", NULL);
    f.in.n_systems = 3;
    f.in.n_cells = f.in.n_cutoffs = 3;
    f.ptr[3] = 30;
    api_refused(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_ECONFLICT,
                nbl_result_message(a->result), NULL, NULL);
    draw_four(&f);
    f.in.n_atoms = f.ptr[4] = 29;
    api_refused(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_ECONFLICT,
                nbl_result_message(a->result), NULL, NULL);
    draw_four(&f);
    f.ptr[2] = 30;
    check_int(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_EPTR);
    draw_four(&f);
    f.r[17][2] = NAN;
    api_refused(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_EPOSITION,
                nbl_result_message(a->result), "system 1", "nan");
    draw_four(&f);
    nbl_batch_destroy(&batch);
    check_int(nbl_verify_batch(a->result, 0, &f.in, NULL, &report), NBL_ESTALE);
    check_int(report.verdict, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_where_atoms_are_far_apart_on_open_axes, NULL),
        cmocka_unit_test(equal_on_hard_systems),
        cmocka_unit_test_setup(equal_in_every_mode, built),
        cmocka_unit_test(sees_a_missing_pair),
        cmocka_unit_test(sees_an_extra_pair),
        cmocka_unit_test(sees_a_wrong_vector),
        cmocka_unit_test_setup(sees_other_systems, built),
        cmocka_unit_test_setup(report_of_impossible_size, built),
        cmocka_unit_test_setup(refusals, built),
        cmocka_unit_test_setup(every_list_of_several, built),
        cmocka_unit_test(sees_a_pair_in_another_shell),
        cmocka_unit_test(equal_on_batches),
        cmocka_unit_test(sees_what_is_wrong_in_a_batch),
        cmocka_unit_test(refused_systems_are_left_out),
        cmocka_unit_test(refusals_of_batches),
        cmocka_unit_test_setup(out_of_memory, built),
    };
    return cmocka_run_group_tests_name("api: verify", tests, api_open, api_close);
}
