/* SPDX-License-Identifier: MIT */
#include "metrics/reorder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "count_alloc.h"
#include "metrics/run.h"
#include "random.h"

/*
 * A structure that is just too small to be numbered anew, and the same with one more atom, which is too far
 * from all others to matter: all outputs of the others are the same, whole numbers exactly, and stand where the
 * caller's atoms do.
 */
enum { SMALL = NBL__REORDER_ATOMS - 1, LARGE = SMALL + 1, SIDE = 26, BESIDE = 40, L = 3 };

static const int32_t l_of[L] = {4, 6, 9}, kinds[3] = {6, 14, 26};
static const double spacing = 2.2;

struct outputs {
    double values[3][NBL_METRICS_COUNT], q[L * (LARGE + 2 * BESIDE)], w[L * (LARGE + 2 * BESIDE)],
        q_averaged[L * (LARGE + 2 * BESIDE)], reals[4][LARGE + 2 * BESIDE];
    int64_t degrees[3][30];
    int32_t whole[3][LARGE + 2 * BESIDE];
    uint8_t marks[3][LARGE + 2 * BESIDE];
    nbl_metrics_outputs out;
};

struct world {
    double h[9], *r;
    uint8_t pbc[3];
    int32_t *numbers;
    float *narrow; /* the same, 16 bytes apart */
};

static void place(struct world *w, int64_t i, double x, double y, double z)
{
    for (int k = 0; k < 3; k++)
        w->r[3 * i + k] = x * w->h[k] + y * w->h[3 + k] + z * w->h[6 + k];
}

/* Atoms near the points of a skewed grid, some of which are empty, in any order, with a gap along c. */
static void make_world(struct world *w, struct random *g, int n_periodic)
{
    const double whole = SIDE * spacing, gap = 5 * spacing, c = whole + gap;
    const double h[9] = {whole, 0, 0, 0.3 * whole, whole, 0, -0.2 * whole, 0.4 * whole, c};
    int64_t *site = malloc(SIDE * SIDE * SIDE * sizeof *site);
    w->r = malloc(3 * LARGE * sizeof *w->r);
    w->numbers = malloc(LARGE * sizeof *w->numbers);
    w->narrow = malloc(4 * LARGE * sizeof *w->narrow);
    assert_true(site && w->r && w->numbers && w->narrow);
    memcpy(w->h, h, sizeof h);
    for (int a = 0; a < 3; a++)
        w->pbc[a] = a < n_periodic;
    for (int64_t k = 0; k < SIDE * SIDE * SIDE; k++) {
        const int64_t other = random_int(g, 0, k);
        site[k] = site[other];
        site[other] = k;
    }
    for (int64_t i = 0; i < SMALL; i++) {
        const int64_t at[3] = {site[i] % SIDE, site[i] / SIDE % SIDE, site[i] / SIDE / SIDE};
        double f[3];
        for (int a = 0; a < 3; a++) {
            f[a] = ((double)at[a] + random_range(g, 0.2, 0.8)) / SIDE;
            f[a] = a == 2 ? f[a] * whole / c : f[a];
            f[a] += w->pbc[a] ? (double)random_int(g, -2, 2) : 0;
        }
        place(w, i, f[0], f[1], f[2]);
        w->numbers[i] = kinds[random_int(g, 0, 2)];
    }
    place(w, SMALL, 0.5, 0.5, (whole + 0.5 * gap) / c);
    w->numbers[SMALL] = 6;
    for (int64_t i = 0; i < LARGE; i++)
        for (int k = 0; k < 3; k++)
            w->narrow[4 * i + k] = (float)w->r[3 * i + k];
    free(site);
}

static void discard(struct world *w)
{
    free(w->r);
    free(w->numbers);
    free(w->narrow);
}

static struct outputs *make_outputs(void)
{
    struct outputs *o = malloc(sizeof *o);
    assert_non_null(o);
    memset(o, 0x55, sizeof *o);
    nbl_metrics_outputs *out = &o->out;
    *out = (nbl_metrics_outputs)NBL_METRICS_OUTPUTS_INIT;
    out->system_capacity = 3;
    out->atom_capacity = LARGE + 2 * BESIDE;
    out->l = l_of, out->n_l = L, out->n_counts = 30;
    out->values = o->values[0], out->degree_counts = o->degrees[0];
    out->degree = o->whole[0], out->coordination = o->whole[1], out->component = o->whole[2];
    out->ring = o->marks[0], out->cna = o->marks[1], out->cna_adaptive = o->marks[2];
    out->q = o->q, out->w = o->w, out->q_averaged = o->q_averaged;
    out->clustering = o->reals[0], out->angle_entropy = o->reals[1];
    out->radial_variance = o->reals[2], out->anisotropy = o->reals[3];
    return o;
}

static nbl_metrics_options options_for(const double *rc, int n, bool narrow, nbl_build_options *build)
{
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    options.cutoffs = rc;
    options.n_cutoffs = n;
    *build = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
    build->positions_dtype = narrow ? NBL_FLOAT32 : NBL_FLOAT64;
    build->positions_stride = narrow ? 16 : 0;
    options.build = build;
    return options;
}

static nbl_status compute(nbl_metrics *m, const struct world *w, int64_t n, double rc, bool narrow,
                          struct outputs *o)
{
    nbl_build_options build;
    const nbl_metrics_options options = options_for(&rc, 1, narrow, &build);
    return nbl_metrics_compute(m, n, narrow ? (const void *)w->narrow : w->r, w->h, w->pbc, w->numbers,
                               &options, &o->out);
}

static void near(double found, double expected, double error)
{
    if (!(fabs(found - expected) <= error * fmax(1, fabs(expected))))
        fail_msg("%.17g, expected %.17g", found, expected);
}

static void compare(const struct outputs *found, const struct outputs *expected)
{
    for (int64_t a = 0; a < SMALL; a++) {
        for (int k = 0; k < 3; k++) {
            check_int(found->whole[k][a], expected->whole[k][a]);
            check_int(found->marks[k][a], expected->marks[k][a]);
        }
        for (int k = 0; k < 4; k++)
            near(found->reals[k][a], expected->reals[k][a], 1e-11);
        for (int k = 0; k < L; k++) {
            near(found->q[L * a + k], expected->q[L * a + k], 1e-11);
            near(found->q_averaged[L * a + k], expected->q_averaged[L * a + k], 1e-11);
            if (expected->q[L * a + k] > 0.02)
                near(found->w[L * a + k], expected->w[L * a + k], 1e-9);
        }
    }
    check_int(found->whole[0][SMALL], 0);
    for (int k = 0; k < 30; k++)
        check_int(found->degrees[0][k], expected->degrees[0][k] + (k == 0));
}

static nbl_metrics *create(int32_t n_threads)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    nbl_metrics *m = NULL;
    options.n_threads = n_threads;
    check_int(nbl_metrics_create(&m, &options), NBL_OK);
    return m;
}

static void nobody_sees_it(void **state)
{
    static const double cutoffs[2] = {2.0, 3.1}; /* many components, and few */
    (void)state;
    struct random g;
    random_seed(&g, 21);
    for (int n_periodic = 0; n_periodic <= 3; n_periodic++) {
        struct world w;
        make_world(&w, &g, n_periodic);
        for (int c = 0; c < 2; c++) {
            const bool narrow = (n_periodic + c) % 2;
            struct outputs *small = make_outputs(), *large = make_outputs(), *shared = make_outputs();
            nbl_metrics *m = create(1), *two = create(2);
            check_int(compute(m, &w, SMALL, cutoffs[c], narrow, small), NBL_OK);
            check_int(m->reorder.memory.bytes, 0);
            check_int(compute(m, &w, LARGE, cutoffs[c], narrow, large), NBL_OK);
            assert_true(m->reorder.memory.bytes > 0);
            compare(large, small);
            check_int(compute(two, &w, LARGE, cutoffs[c], narrow, shared), NBL_OK);
            shared->out = large->out;
            assert_memory_equal(shared, large, sizeof *large);
            nbl_metrics_destroy(&m);
            nbl_metrics_destroy(&two);
            free(small);
            free(large);
            free(shared);
        }
        discard(&w);
    }
}

/* A large system between two small ones: the bytes of each alone. */
static void in_a_batch(void **state)
{
    (void)state;
    struct random g;
    struct world w;
    random_seed(&g, 22);
    make_world(&w, &g, 3);
    const double cutoffs[3] = {2.6, 3.1, 2.4};
    const int64_t first[4] = {0, BESIDE, BESIDE + LARGE, LARGE + 2 * BESIDE};
    double *r = malloc(3 * (LARGE + 2 * BESIDE) * sizeof *r);
    int32_t *numbers = malloc((LARGE + 2 * BESIDE) * sizeof *numbers);
    struct outputs *together = make_outputs(), *alone = make_outputs();
    nbl_metrics *m = create(2);
    assert_true(r && numbers);
    for (int b = 0; b < 3; b++)
        for (int64_t i = first[b]; i < first[b + 1]; i++) {
            memcpy(r + 3 * i, w.r + 3 * (i - first[b]), 3 * sizeof *r);
            numbers[i] = w.numbers[i - first[b]];
        }
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = 3, in.n_atoms = first[3], in.positions = r, in.ptr = first;
    in.cells = w.h, in.n_cells = 1, in.pbc = w.pbc, in.n_pbc = 1;
    nbl_build_options build;
    const nbl_metrics_options options = options_for(cutoffs, 3, false, &build);
    check_int(nbl_metrics_compute_batch(m, &in, numbers, &options, &together->out, NULL), NBL_OK);
    for (int b = 0; b < 3; b++) {
        const size_t n = (size_t)(first[b + 1] - first[b]);
        check_int(compute(m, &w, (int64_t)n, cutoffs[b], false, alone), NBL_OK);
        assert_memory_equal(alone->values[0], together->values[b], sizeof alone->values[0]);
        assert_memory_equal(alone->q, together->q + L * first[b], L * n * sizeof *alone->q);
        for (int k = 0; k < 3; k++)
            assert_memory_equal(alone->whole[k], together->whole[k] + first[b], n * sizeof *alone->whole[k]);
        assert_memory_equal(alone->reals[1], together->reals[1] + first[b], n * sizeof *alone->reals[1]);
    }

    /* What is wrong with one is said in the caller's terms, and changes no bit of the others. */
    int32_t statuses[3];
    struct outputs *others = make_outputs();
    const double kept = r[1];
    r[1] = NAN;
    check_int(nbl_metrics_compute_batch(m, &in, numbers, &options, &others->out, statuses), NBL_EBATCH);
    assert_non_null(strstr(nbl_metrics_message(m), "positions[0][1]"));
    check_int(statuses[0], NBL_EPOSITION);
    check_int(statuses[1], NBL_OK);
    assert_memory_equal(others->values[1], together->values[1], sizeof others->values[1]);
    assert_memory_equal(others->q + L * BESIDE, together->q + L * BESIDE, L * LARGE * sizeof *others->q);
    assert_memory_equal(others->whole[2] + BESIDE, together->whole[2] + BESIDE,
                        LARGE * sizeof *others->whole[2]);
    r[1] = kept;
    const double wrong[] = {NAN, 1e200, 1e30};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        const double was = r[3 * (BESIDE + 777) + 1];
        r[3 * (BESIDE + 777) + 1] = wrong[k];
        check_int(nbl_metrics_compute_batch(m, &in, numbers, &options, &others->out, statuses), NBL_EBATCH);
        assert_non_null(strstr(nbl_metrics_message(m), "positions[817]"));
        check_int(statuses[0], NBL_OK);
        assert_true(statuses[1] != NBL_OK);
        check_int(statuses[2], NBL_OK);
        check_int(others->whole[0][BESIDE + 5], 0);
        assert_true(isnan(others->values[1][0]));
        for (int b = 0; b < 3; b += 2)
            assert_memory_equal(others->values[b], together->values[b], sizeof others->values[b]);
        r[3 * (BESIDE + 777) + 1] = was;
    }
    numbers[BESIDE + 4321] = 1024;
    check_int(nbl_metrics_compute_batch(m, &in, numbers, &options, &others->out, statuses), NBL_EBATCH);
    assert_non_null(strstr(nbl_metrics_message(m), "numbers[4361] is 1024"));
    check_int(statuses[1], NBL_EARGUMENT);
    nbl_metrics_destroy(&m);
    free(r);
    free(numbers);
    free(together);
    free(alone);
    free(others);
    discard(&w);
}

static void faults_name_the_callers_atoms(void **state)
{
    (void)state;
    struct random g;
    struct world w;
    struct outputs *o = make_outputs(), *untouched = make_outputs();
    nbl_metrics *m = create(1);
    random_seed(&g, 23);
    make_world(&w, &g, 3);
    const double kept = w.r[3 * 5000 + 2], wrong[] = {NAN, INFINITY, -INFINITY, 1e200, 1e30};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        w.r[3 * 5000 + 2] = wrong[k];
        const nbl_status status = compute(m, &w, LARGE, 3.1, false, o);
        assert_true(status == NBL_EPOSITION || status == NBL_ERANGE || status == NBL_ESHIFT);
        assert_non_null(strstr(nbl_metrics_message(m), "5000"));
        untouched->out = o->out;
        assert_memory_equal(o, untouched, sizeof *o);
    }
    w.r[3 * 5000 + 2] = kept;
    memcpy(w.h + 3, w.h, 3 * sizeof *w.h);
    check_int(compute(m, &w, LARGE, 3.1, false, o), NBL_ESINGULAR);
    nbl_metrics_destroy(&m);
    free(o);
    free(untouched);
    discard(&w);
}

/* What the core refuses as a whole, it refuses: nobody looks at arrays before that are not what they say. */
static void refused_as_a_whole(void **state)
{
    (void)state;
    struct random g;
    struct world w;
    struct outputs *o = make_outputs(), *untouched = make_outputs();
    nbl_metrics *m = create(1);
    const double cutoffs[2] = {3.1, 3.1};
    const int64_t first[3] = {0, LARGE, LARGE};
    random_seed(&g, 25);
    make_world(&w, &g, 3);
    for (int k = 0; k < 9; k++) {
        static const nbl_status expected[] = {NBL_ENULL, NBL_ESIZE,   NBL_ESIZE,   NBL_ESIZE,  NBL_ESIZE,
                                              NBL_ESIZE, NBL_EOPTION, NBL_EOPTION, NBL_EOPTION};
        nbl_batch_input in = NBL_BATCH_INPUT_INIT;
        nbl_build_options build;
        const nbl_metrics_options options = options_for(cutoffs, 2, false, &build);
        in.n_systems = 2, in.n_atoms = LARGE, in.positions = k == 0 ? NULL : w.r, in.ptr = first;
        in.cells = w.h, in.n_cells = k == 1 ? 5 : 1, in.pbc = w.pbc, in.n_pbc = k == 2 ? 7 : 1;
        build.positions_stride = k == 3 ? -2400 : k == 4 ? INT64_MAX / 3 : k == 5 ? 8 : 0;
        build.positions_dtype = k == 6 ? 77 : NBL_FLOAT64;
        build.cell_dtype = k == 7 ? 77 : NBL_FLOAT64;
        build.algorithm = k == 8 ? 77 : 0;
        check_int(nbl_metrics_compute_batch(m, &in, w.numbers, &options, &o->out, NULL), expected[k]);
        untouched->out = o->out;
        assert_memory_equal(o, untouched, sizeof *o);
    }
    nbl_metrics_destroy(&m);
    free(o);
    free(untouched);
    discard(&w);
}

/* Arrays of atoms that have no entries. */
static void without_l(void **state)
{
    (void)state;
    struct random g;
    struct world w;
    struct outputs *o = make_outputs();
    nbl_metrics *m = create(1);
    random_seed(&g, 26);
    make_world(&w, &g, 3);
    o->out.n_l = 0;
    check_int(compute(m, &w, LARGE, 3.1, false, o), NBL_OK);
    assert_memory_equal(o->q, o->w, sizeof o->q);
    check_int(o->whole[0][SMALL], 0);
    nbl_metrics_destroy(&m);
    free(o);
    discard(&w);
}

/* One request for memory fails: the same bytes as ever, but for the order of the sums, or NBL_ENOMEM. */
static void without_memory(void **state)
{
    (void)state;
    struct random g;
    struct world w;
    struct outputs *usual = make_outputs();
    nbl_metrics *m = create(1);
    random_seed(&g, 27);
    make_world(&w, &g, 3);
    check_int(compute(m, &w, LARGE, 3.1, false, usual), NBL_OK);
    nbl_metrics_destroy(&m);
    bool failed = true;
    for (long long nth = 1; failed; nth++) {
        struct count_alloc counter;
        nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
        struct outputs *o = make_outputs();
        memset(&counter, 0, sizeof counter);
        const nbl_allocator hooks = count_alloc_hooks(&counter);
        options.allocator = &hooks;
        options.n_threads = 1;
        check_int(nbl_metrics_create(&m, &options), NBL_OK);
        count_alloc_arm(&counter, nth, 0);
        const nbl_status status = compute(m, &w, LARGE, 3.1, false, o);
        failed = atomic_load(&counter.calls) >= nth;
        assert_true(status == NBL_OK || (failed && status == NBL_ENOMEM));
        for (int k = 0; k < NBL_METRICS_COUNT && status == NBL_OK; k++)
            near(o->values[0][k], usual->values[0][k], 1e-11);
        for (int64_t a = 0; a < LARGE && status == NBL_OK; a++)
            check_int(o->whole[2][a], usual->whole[2][a]);
        count_alloc_arm(&counter, 0, 0);
        check_int(compute(m, &w, LARGE, 3.1, false, o), NBL_OK);
        for (int k = 0; k < NBL_METRICS_COUNT; k++)
            check_bits(o->values[0][k], usual->values[0][k]);
        nbl_metrics_destroy(&m);
        free(o);
    }
    free(usual);
    discard(&w);
}

/* All atoms on a line, in a plane, in one place but for one: keys of one axis, of two, of none. */
static void flat_systems(void **state)
{
    (void)state;
    struct world w;
    struct random g;
    random_seed(&g, 24);
    make_world(&w, &g, 0);
    for (int axes = 0; axes < 3; axes++) {
        nbl_metrics *m = create(1);
        nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
        double values[NBL_METRICS_COUNT];
        const double rc = 1.5;
        const int64_t width = 150;
        nbl_build_options build;
        const nbl_metrics_options options = options_for(&rc, 1, false, &build);
        int32_t *degree = malloc(LARGE * sizeof *degree);
        assert_non_null(degree);
        out.values = values, out.degree = degree, out.system_capacity = 1, out.atom_capacity = LARGE;
        for (int64_t i = 0; i < LARGE; i++) {
            const int64_t at = i * 7919 % LARGE; /* a prime */
            w.r[3 * i] = axes == 0 ? 10.0 * (double)at : axes == 1 ? (double)at : (double)(at % width);
            w.r[3 * i + 1] = 0;
            w.r[3 * i + 2] = axes == 2 ? (double)(at / width) : 0;
        }
        check_int(nbl_metrics_compute(m, LARGE, w.r, NULL, NULL, w.numbers, &options, &out), NBL_OK);
        for (int64_t i = 0; i < LARGE; i++) {
            const int64_t at = i * 7919 % LARGE;
            if (axes == 0)
                check_int(degree[i], 0);
            if (axes == 1)
                check_int(degree[i], 2 - (at == 0) - (at == LARGE - 1));
            if (axes == 2 && at % width > 0 && at % width < width - 1 && at > width && at < LARGE - 2 * width)
                check_int(degree[i], 8);
        }
        nbl_metrics_destroy(&m);
        free(degree);
    }
    discard(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_sees_it),
        cmocka_unit_test(in_a_batch),
        cmocka_unit_test(faults_name_the_callers_atoms),
        cmocka_unit_test(refused_as_a_whole),
        cmocka_unit_test(without_l),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(flat_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
