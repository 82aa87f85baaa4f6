/* SPDX-License-Identifier: MIT */
/*
 * Order parameters of perfect crystals through the public call: Steinhardt's parameters in closed form, their
 * averages, and the classes of common-neighbour analysis, also with noise.
 *
 * Q_l in closed form: the addition theorem makes Q_l^2 a rational number (tests/metrics/unit/steinhardt.c does
 * the sum in integers; decimals are such sums in 30 digits); Q_4 of fcc is sqrt(7 / 3) / 8. Normalised W_l: P.
 * J. Steinhardt, D. R. Nelson, M. Ronchetti, Phys. Rev. B 28, 784 (1983), squares by symbolic evaluation.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "scale.h"
#include "structures.h"

enum { N_L = 5 };
static const int32_t orders[N_L] = {3, 4, 6, 8, 12};

/* Shortest distance 1. Averages: of one sublattice into the other, an odd l changes its sign. */
struct crystal {
    const char *name;
    int n;
    double edges[3];
    double basis[8][3];
    double cutoff;
    int32_t degree;
    uint8_t class;
    double q2[N_L];
    double w[N_L]; /* signed squares; NAN: not known in closed form */
    double q3_share;
};

#define A_BCC     1.1547005383792515
#define A_DIAMOND 2.309401076758503
#define ROOT2     1.4142135623730951
#define ROOT3     1.7320508075688772
#define ROOT8_3   1.632993161855452

/* cubic numbers of W_4, W_6, W_8 */
#define W4 98 / 3861.0
#define W6 8 / 46189.0
#define W8 330 / 96577.0

static const struct crystal crystals[] = {
    {"sc",
     1,
     {1, 1, 1},
     {{0}},
     1.2,
     6,
     NBL_CNA_OTHER,
     {0, 7 / 12.0, 1 / 8.0, 33 / 64.0, NAN},
     {0, W4, W6, W8, NAN},
     0},
    {"fcc",
     4,
     {ROOT2, ROOT2, ROOT2},
     {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}},
     1.2,
     12,
     NBL_CNA_FCC,
     {0, 7 / 192.0, 169 / 512.0, 2673 / 16384.0, NAN},
     {0, -W4, -W6, W8, NAN},
     0},
    {"hcp",
     4,
     {1, ROOT3, ROOT8_3},
     {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 5 / 6.0, 0.5}, {0, 1 / 3.0, 0.5}},
     1.2,
     12,
     NBL_CNA_HCP,
     {5 / 864.0, 49 / 5184.0, 0.23499389146090535, 0.10048421223958333, NAN},
     {0, 18 / 1001.0, -37021536 / 239153570513.0, 22969864170 / 8742038879873.0, NAN},
     1 / 13.0},
    {"bcc",
     2,
     {A_BCC, A_BCC, A_BCC},
     {{0, 0, 0}, {0.5, 0.5, 0.5}},
     1.4,
     14,
     NBL_CNA_BCC,
     {0, 1 / 756.0, 169 / 648.0, 0.18431778575627782, NAN},
     {0, W4, W6, W8, NAN},
     0},
    {"bcc, nearest alone",
     2,
     {A_BCC, A_BCC, A_BCC},
     {{0, 0, 0}, {0.5, 0.5, 0.5}},
     1.1,
     8,
     NBL_CNA_OTHER,
     {0, 7 / 27.0, 32 / 81.0, 11 / 243.0, NAN},
     {0, -W4, W6, W8, NAN},
     0},
    {"diamond",
     8,
     {A_DIAMOND, A_DIAMOND, A_DIAMOND},
     {{0, 0, 0},
      {0, 0.5, 0.5},
      {0.5, 0, 0.5},
      {0.5, 0.5, 0},
      {0.25, 0.25, 0.25},
      {0.25, 0.75, 0.75},
      {0.75, 0.25, 0.75},
      {0.75, 0.75, 0.25}},
     1.2,
     4,
     NBL_CNA_OTHER,
     {5 / 9.0, 7 / 27.0, 32 / 81.0, 11 / 243.0, NAN},
     {0, -W4, W6, W8, NAN},
     0.6},
};
enum { N_CRYSTALS = sizeof crystals / sizeof *crystals };

static void make(struct structure *s, const struct crystal *crystal, int cells)
{
    int64_t a = 0;
    structure_make(s, (int64_t)crystal->n * cells * cells * cells, 26);
    s->has_cell = 1;
    for (int k = 0; k < 3; k++)
        s->h[4 * k] = crystal->edges[k] * cells;
    for (int x = 0; x < cells; x++)
        for (int y = 0; y < cells; y++)
            for (int z = 0; z < cells; z++)
                for (int b = 0; b < crystal->n; b++, a++) {
                    s->r[3 * a] = (x + crystal->basis[b][0]) * crystal->edges[0];
                    s->r[3 * a + 1] = (y + crystal->basis[b][1]) * crystal->edges[1];
                    s->r[3 * a + 2] = (z + crystal->basis[b][2]) * crystal->edges[2];
                }
}

struct order {
    double *q, *w, *averaged;
    int32_t *degree;
    uint8_t *fixed, *adaptive;
    double values[3];
};

static void *room(size_t bytes)
{
    void *p = calloc(1, bytes + 1);
    assert_non_null(p);
    return p;
}

static void compute(struct order *o, nbl_metrics *metrics, const struct structure *s, double cutoff)
{
    const size_t n = (size_t)s->n;
    o->q = room(n * N_L * sizeof(double));
    o->w = room(n * N_L * sizeof(double));
    o->averaged = room(n * N_L * sizeof(double));
    o->degree = room(n * sizeof(int32_t));
    o->fixed = room(n);
    o->adaptive = room(n);
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    options.cutoffs = &cutoff;
    options.n_cutoffs = 1;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    out.metrics = NBL_METRIC_BIT(NBL_METRIC_Q4) | NBL_METRIC_BIT(NBL_METRIC_Q6) | NBL_METRIC_BIT(NBL_METRIC_Q8);
    out.values = o->values;
    out.system_capacity = 1;
    out.atom_capacity = s->n;
    out.n_l = N_L;
    out.l = orders;
    out.q = o->q;
    out.w = o->w;
    out.q_averaged = o->averaged;
    out.degree = o->degree;
    out.cna = o->fixed;
    out.cna_adaptive = o->adaptive;
    structure_compute(metrics, s, &options, &out);
}

static void order_free(struct order *o)
{
    free(o->q);
    free(o->w);
    free(o->averaged);
    free(o->degree);
    free(o->fixed);
    free(o->adaptive);
}

static void near(const char *what, const char *of, int64_t atom, double found, double expected, double error)
{
    if (!isnan(expected) && !(fabs(found - expected) <= error))
        fail_msg("%s of %s, atom %lld: %.17g, expected %.17g", what, of, (long long)atom, found, expected);
}

static void check_crystal(nbl_metrics *metrics, const struct crystal *crystal, const struct structure *s,
                          double scale)
{
    struct order o;
    compute(&o, metrics, s, crystal->cutoff * scale);
    for (int64_t a = 0; a < s->n; a++) {
        check_int(o.degree[a], crystal->degree);
        check_int(o.fixed[a], crystal->class);
        check_int(o.adaptive[a], crystal->class);
        for (int k = 0; k < N_L; k++) {
            const double q = o.q[a * N_L + k], w2 = crystal->w[k];
            near("Q", crystal->name, a, q, sqrt(crystal->q2[k]), 1e-10);
            if (k > 0) /* of an l that vanishes, W is 0 */
                near("W", crystal->name, a, o.w[a * N_L + k], copysign(sqrt(fabs(w2)), w2), 1e-10);
            near("averaged Q", crystal->name, a, o.averaged[a * N_L + k], k == 0 ? q * crystal->q3_share : q,
                 1e-12);
        }
        check_bits(o.w[a * N_L], 0);
    }
    for (int k = 0; k < 3; k++)
        near("mean Q", crystal->name, -1, o.values[k], o.q[k + 1], 1e-12);
    order_free(&o);
}

/* One cell, whose neighbours are its own images, and several; of any size, place and orientation. */
static void perfect_crystals(void **state)
{
    (void)state;
    nbl_metrics *metrics = NULL;
    assert_int_equal(nbl_metrics_create(&metrics, NULL), NBL_OK);
    struct random g;
    random_seed(&g, 1);
    for (int c = 0; c < N_CRYSTALS; c++)
        for (int round = 0; round < 6; round++) {
            struct structure s;
            double m[3][3];
            const double scale = round < 2 ? 1 : random_log(&g, 0.01, 100);
            make(&s, &crystals[c], 1 + round % 3);
            for (int64_t x = 0; x < 3 * s.n; x++)
                s.r[x] *= scale;
            for (int x = 0; x < 9; x++)
                s.h[x] *= scale;
            random_rotation(&g, m);
            if (round > 1)
                structure_rotate(&s, m);
            if (round > 3)
                structure_move(&s, 7.5, -20, 3.25);
            check_crystal(metrics, &crystals[c], &s, scale);
            structure_free(&s);
        }
    nbl_metrics_destroy(&metrics);
}

/* The middle of an icosahedron; the twelve around it are none. */
static void icosahedron(void **state)
{
    (void)state;
    const double golden = (1 + sqrt(5.0)) / 2, scale = 1 / sqrt(1 + golden * golden);
    nbl_metrics *metrics = NULL;
    assert_int_equal(nbl_metrics_create(&metrics, NULL), NBL_OK);
    struct random g;
    random_seed(&g, 2);
    for (int round = 0; round < 20; round++) {
        struct structure s;
        struct order o;
        double m[3][3];
        structure_make(&s, 13, 29);
        for (int k = 0; k < 12; k++) {
            s.r[3 * (k + 1) + k % 3] = (k / 3 % 2 ? 1 : -1) * scale;
            s.r[3 * (k + 1) + (k + 1) % 3] = (k / 6 ? 1 : -1) * golden * scale;
        }
        random_rotation(&g, m);
        if (round > 0)
            structure_rotate(&s, m);
        compute(&o, metrics, &s, 1.3);
        check_int(o.degree[0], 12);
        check_int(o.fixed[0], NBL_CNA_ICOSAHEDRAL);
        check_int(o.adaptive[0], NBL_CNA_ICOSAHEDRAL);
        const double q2[N_L] = {0, 0, 0.44, 0, NAN}, w[N_L] = {0, 0, -121 / 4199.0, 0, 17822511 / 1816991375.0};
        for (int k = 0; k < N_L; k++) {
            near("Q", "icosahedron", 0, o.q[k], sqrt(q2[k]), 1e-10);
            near("W", "icosahedron", 0, o.w[k], copysign(sqrt(fabs(w[k])), w[k]), 1e-10);
        }
        for (int a = 1; a < 13; a++) {
            check_int(o.degree[a], 6);
            check_int(o.fixed[a], NBL_CNA_OTHER);
            check_int(o.adaptive[a], NBL_CNA_OTHER);
        }
        order_free(&o);
        structure_free(&s);
    }
    nbl_metrics_destroy(&metrics);
}

/* Nearly normal, variance 1. */
static double bell(struct random *g)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += random_unit(g);
    return sum;
}

/* Coordinates off by a standard deviation of 2 % of the shortest distance: the adaptive classes stay. */
static void noise(void **state)
{
    (void)state;
    nbl_metrics *metrics = NULL;
    assert_int_equal(nbl_metrics_create(&metrics, NULL), NBL_OK);
    struct random g;
    random_seed(&g, 3);
    const int64_t rounds = scale_count(20, 2);
    for (int64_t round = 0; round < rounds; round++)
        for (int c = 0; c < N_CRYSTALS; c++) {
            struct structure s;
            struct order o;
            if (crystals[c].class == NBL_CNA_OTHER)
                continue;
            make(&s, &crystals[c], 5);
            for (int64_t x = 0; x < 3 * s.n; x++)
                s.r[x] += 0.02 * bell(&g);
            compute(&o, metrics, &s, 1.8);
            for (int64_t a = 0; a < s.n; a++)
                check_int(o.adaptive[a], crystals[c].class);
            order_free(&o);
            structure_free(&s);
        }
    nbl_metrics_destroy(&metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(perfect_crystals),
        cmocka_unit_test(icosahedron),
        cmocka_unit_test(noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
