/* SPDX-License-Identifier: MIT */
/*
 * The same bytes: for a structure alone and in a batch, for every number of threads, for handles that have done
 * other work before, for values alone and beside all other outputs, and for every way to pass the same numbers.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "everything.h"

enum { SYSTEMS = 40 };

static const int32_t kinds[5] = {1, 6, 8, 14, 26};

/* Small balls, empty and lone ones among them, crystals in cells, and one large system. */
struct mixture {
    struct structure s[SYSTEMS];
    int64_t ptr[SYSTEMS + 1], n;
    double *r, cells[SYSTEMS][9], cutoffs[SYSTEMS];
    int32_t *numbers;
    uint8_t has_cell[SYSTEMS];
};

static void make(struct mixture *m)
{
    memset(m, 0, sizeof *m);
    for (int k = 0; k < SYSTEMS; k++) {
        if (k == 7)
            structure_ball(&m->s[k], 6000, 5, kinds, 25, 0.8, 5);
        else if (k % 9 == 3)
            structure_lattice(&m->s[k], 4, lattice_fcc, 3.6, 1 + k % 4, 29);
        else if (k % 9 == 5)
            structure_lattice(&m->s[k], 2, lattice_bcc, 2.9, 1 + k % 3, 26);
        else
            structure_ball(&m->s[k], k % 5 == 0 ? k % 10 / 5 : 3 * k, 5, kinds, 2 + 0.1 * k, 0.6, (uint64_t)k);
        m->cutoffs[k] = 2.2 + 0.05 * (k % 20);
        m->has_cell[k] = (uint8_t)m->s[k].has_cell;
        memcpy(m->cells[k], m->s[k].h, sizeof m->cells[k]);
        m->ptr[k + 1] = m->ptr[k] + m->s[k].n;
    }
    m->n = m->ptr[SYSTEMS];
    m->r = malloc((size_t)m->n * 3 * sizeof *m->r);
    m->numbers = malloc((size_t)m->n * sizeof *m->numbers);
    assert_true(m->r && m->numbers);
    for (int k = 0; k < SYSTEMS; k++) {
        memcpy(m->r + 3 * m->ptr[k], m->s[k].r, (size_t)m->s[k].n * 3 * sizeof *m->r);
        memcpy(m->numbers + m->ptr[k], m->s[k].numbers, (size_t)m->s[k].n * sizeof *m->numbers);
    }
}

static void discard(struct mixture *m)
{
    for (int k = 0; k < SYSTEMS; k++)
        structure_free(&m->s[k]);
    free(m->r);
    free(m->numbers);
}

static void compute(nbl_metrics *handle, const struct mixture *m, int own_cutoffs, int32_t n_threads,
                    struct everything *to)
{
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    int32_t statuses[SYSTEMS];
    in.n_systems = SYSTEMS;
    in.n_atoms = m->n;
    in.positions = m->r;
    in.ptr = m->ptr;
    in.cells = m->cells;
    in.has_cell = m->has_cell;
    in.n_cells = SYSTEMS;
    options.n_threads = n_threads;
    if (own_cutoffs) {
        options.cutoffs = m->cutoffs;
        options.n_cutoffs = SYSTEMS;
    }
    if (nbl_metrics_compute_batch(handle, &in, m->numbers, &options, &to->out, statuses) != NBL_OK)
        fail_msg("%s", nbl_metrics_message(handle));
    for (int k = 0; k < SYSTEMS; k++)
        check_int(statuses[k], NBL_OK);
}

static void batch_is_singles(void **state)
{
    struct mixture m;
    struct everything batch;
    nbl_metrics *handle = *state, *fresh = NULL;
    make(&m);
    everything_make(&batch, SYSTEMS, m.n);
    for (int own = 0; own < 2; own++) {
        compute(handle, &m, own, 0, &batch);
        for (int k = 0; k < SYSTEMS; k++) {
            struct everything single;
            char what[40];
            nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
            snprintf(what, sizeof what, "system %d", k);
            options.cutoffs = own ? &m.cutoffs[k] : NULL;
            options.n_cutoffs = own;
            check_int(nbl_metrics_create(&fresh, NULL), NBL_OK);
            everything_make(&single, 1, m.s[k].n);
            structure_compute(k % 2 ? fresh : handle, &m.s[k], &options, &single.out);
            everything_same_bytes(&batch, k, m.ptr[k], &single, what);
            everything_free(&single);
            nbl_metrics_destroy(&fresh);
        }
    }
    everything_free(&batch);
    discard(&m);
}

static void threads(void **state)
{
    static const int32_t counts[] = {1, 2, 3, 7, 0, 7, 1};
    struct mixture m;
    struct everything first, next;
    (void)state;
    nbl_metrics *handle = NULL;
    check_int(nbl_metrics_create(&handle, NULL), NBL_OK);
    make(&m);
    everything_make(&first, SYSTEMS, m.n);
    everything_make(&next, SYSTEMS, m.n);
    for (int own = 0; own < 2; own++)
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            struct everything *to = k == 0 ? &first : &next;
            char what[40];
            snprintf(what, sizeof what, "%d threads", (int)counts[k]);
            everything_clear(to);
            compute(handle, &m, own, counts[k], to);
            everything_same_bytes(&first, 0, 0, to, what);
        }
    everything_free(&first);
    everything_free(&next);
    nbl_metrics_destroy(&handle);
    discard(&m);
}

/* Inside one system: averages and rows are shared between threads. */
static void threads_in_one_system(void **state)
{
    struct structure s;
    struct everything first, next;
    nbl_metrics *handle = *state;
    structure_ball(&s, 20000, 5, kinds, 40, 0.8, 6);
    everything_make(&first, 1, s.n);
    everything_make(&next, 1, s.n);
    for (int32_t t = 1; t <= 7; t = t == 1 ? 2 : t == 2 ? 3 : t + 4) {
        nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
        options.n_threads = t;
        structure_compute(handle, &s, &options, t == 1 ? &first.out : &next.out);
        if (t > 1)
            everything_same_bytes(&first, 0, 0, &next, "threads");
    }
    everything_free(&first);
    everything_free(&next);
    structure_free(&s);
}

/* One metric at a time, each by itself. */
static void one_at_a_time(void **state)
{
    struct structure s;
    struct everything all;
    nbl_metrics *handle = *state;
    structure_ball(&s, 300, 5, kinds, 9, 0.8, 8);
    everything_make(&all, 1, s.n);
    structure_compute(handle, &s, NULL, &all.out);
    for (int32_t metric = 0; metric < EVERYTHING_VALUES; metric++) {
        double value;
        nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
        out.metrics = NBL_METRIC_BIT(metric);
        out.values = &value;
        out.system_capacity = 1;
        structure_compute(handle, &s, NULL, &out);
        check_bits(value, all.out.values[metric]);
    }
    for (int32_t l = 0; l <= NBL_METRICS_L_MAX; l++) {
        double *q = malloc((size_t)s.n * 3 * sizeof *q);
        assert_non_null(q);
        nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
        out.l = &l;
        out.n_l = 1;
        out.q = q;
        out.w = q + s.n;
        out.q_averaged = q + 2 * s.n;
        out.atom_capacity = s.n;
        structure_compute(handle, &s, NULL, &out);
        for (int64_t a = 0; a < s.n; a++) {
            assert_true(fabs(q[a] - all.out.q[a * EVERYTHING_L + l]) < 1e-14);
            assert_true(fabs(q[s.n + a] - all.out.w[a * EVERYTHING_L + l]) < 1e-9);
            assert_true(fabs(q[2 * s.n + a] - all.out.q_averaged[a * EVERYTHING_L + l]) < 1e-14);
        }
        free(q);
    }
    everything_free(&all);
    structure_free(&s);
}

/* float32, a stride, ids instead of a pointer, int32. */
static void ways_to_pass(void **state)
{
    enum { N = 120, STEP = 28 };
    struct structure s;
    struct everything right, other;
    nbl_metrics *handle = *state;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    static unsigned char strided[N * STEP + 1];
    static float narrow[N][3], narrow_cell[9];
    static int32_t ids[N];
    structure_ball(&s, N, 5, kinds, 5, 0.8, 9);
    s.has_cell = 1;
    s.h[0] = s.h[4] = s.h[8] = 10.5;
    s.h[3] = 1.25;
    for (int a = 0; a < 3 * N; a++)
        s.r[a] = narrow[a / 3][a % 3] = (float)s.r[a];
    for (int k = 0; k < 9; k++)
        narrow_cell[k] = (float)s.h[k];
    for (int a = 0; a < N; a++)
        memcpy(strided + 1 + a * STEP, s.r + 3 * a, 3 * sizeof *s.r);
    everything_make(&right, 1, N);
    everything_make(&other, 1, N);
    structure_compute(handle, &s, NULL, &right.out);
    options.build = &build;
    build.positions_stride = STEP;
    check_int(nbl_metrics_compute(handle, N, strided + 1, s.h, NULL, s.numbers, &options, &other.out), NBL_OK);
    everything_same_bytes(&right, 0, 0, &other, "stride");
    build.positions_stride = 0;
    build.positions_dtype = build.cell_dtype = NBL_FLOAT32;
    everything_clear(&other);
    check_int(nbl_metrics_compute(handle, N, narrow, narrow_cell, NULL, s.numbers, &options, &other.out),
              NBL_OK);
    everything_same_bytes(&right, 0, 0, &other, "float32");
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = 1;
    in.n_atoms = N;
    in.positions = narrow;
    in.batch = ids;
    in.ids_dtype = NBL_INT32;
    in.cells = narrow_cell;
    in.n_cells = 1;
    everything_clear(&other);
    check_int(nbl_metrics_compute_batch(handle, &in, s.numbers, &options, &other.out, NULL), NBL_OK);
    everything_same_bytes(&right, 0, 0, &other, "ids");
    everything_free(&right);
    everything_free(&other);
    structure_free(&s);
}

static int open_metrics(void **state)
{
    return nbl_metrics_create((nbl_metrics **)state, NULL);
}

static int close_metrics(void **state)
{
    nbl_metrics *m = *state;
    nbl_metrics_destroy(&m);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_is_singles),      cmocka_unit_test(threads),
        cmocka_unit_test(threads_in_one_system), cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(ways_to_pass),
    };
    return cmocka_run_group_tests_name("metrics: the same bytes", tests, open_metrics, close_metrics);
}
