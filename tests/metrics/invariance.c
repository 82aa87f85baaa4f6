/* SPDX-License-Identifier: MIT */
/*
 * What must not change a value by more than 1e-10: rotation, translation, another numbering, and the choice of
 * the cell that a crystal is described by. Structures are such that no distance or angle lies within 1e-6 of a
 * bin's edge or of the cutoff (as a share of the width): nothing is decided by rounding.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "everything.h"
#include "scale.h"

static const int32_t kinds[5] = {1, 6, 8, 14, 26};
static const double tolerance = 1e-10;

static void near(double found, double expected, const char *what, int64_t at)
{
    if (isnan(expected) ? !isnan(found) : !(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
        fail_msg("%s [%lld] is %.17g, was %.17g", what, (long long)at, found, expected);
}

static double from_edge(double x)
{
    return fabs(x - floor(x + 0.5));
}

/* The smallest gap of a structure: of distances and of angles to edges of bins, of distances to the cutoff. */
static double gap(const struct structure *s, double rc)
{
    double least = 1;
    double(*u)[3] = malloc((size_t)s->n * sizeof *u);
    assert_non_null(u);
    for (int64_t i = 0; i < s->n; i++) {
        int64_t k = 0;
        for (int64_t j = 0; j < s->n; j++) {
            double d = 0;
            for (int x = 0; x < 3; x++) {
                u[k][x] = s->r[3 * j + x] - s->r[3 * i + x];
                d += u[k][x] * u[k][x];
            }
            d = sqrt(d);
            least = fmin(least, fabs(d - rc) / rc);
            if (j == i || d > rc)
                continue;
            least = fmin(least, from_edge(d / (rc / EVERYTHING_BINS)));
            for (int x = 0; x < 3; x++)
                u[k][x] /= d;
            k++;
        }
        for (int64_t a = 0; a < k; a++)
            for (int64_t b = 0; b < a; b++) {
                const double c = u[a][0] * u[b][0] + u[a][1] * u[b][1] + u[a][2] * u[b][2];
                least = fmin(least, from_edge(acos(c) / (acos(-1) / NBL_METRICS_ANGLE_BINS)));
            }
    }
    free(u);
    return least;
}

static void compute(nbl_metrics *m, const struct structure *s, double rc, struct everything *to)
{
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    options.cutoffs = &rc;
    options.n_cutoffs = 1;
    structure_compute(m, s, &options, &to->out);
}

/* Values and histograms; the diagnostic only where the orientation is the same. */
static void compare_systems(const struct everything *found, const struct everything *expected, int oriented)
{
    for (int k = 0; k < NBL_METRICS_COUNT + oriented; k++)
        near(found->out.values[k], expected->out.values[k], nbl_metric_name(k), 0);
    for (int k = 0; k < EVERYTHING_BINS; k++)
        near(found->out.rdf[k], expected->out.rdf[k], "rdf", k);
    for (int k = 0; k < NBL_METRICS_ANGLE_BINS; k++)
        check_int(found->out.angle_counts[k], expected->out.angle_counts[k]);
}

/* Atom a of found is atom order[a] (NULL: a) of expected. */
static void compare_atoms(const struct everything *found, const struct everything *expected,
                          const int64_t *order)
{
    const nbl_metrics_outputs *f = &found->out, *e = &expected->out;
    for (int64_t a = 0; a < found->n_atoms; a++) {
        const int64_t b = order ? order[a] : a;
        check_int(f->degree[a], e->degree[b]);
        check_int(f->coordination[a], e->coordination[b]);
        check_int(f->ring[a], e->ring[b]);
        check_int(f->cna[a], e->cna[b]);
        check_int(f->cna_adaptive[a], e->cna_adaptive[b]);
        near(f->clustering[a], e->clustering[b], "clustering", a);
        near(f->angle_entropy[a], e->angle_entropy[b], "angle_entropy", a);
        near(f->radial_variance[a], e->radial_variance[b], "radial_variance", a);
        near(f->anisotropy[a], e->anisotropy[b], "anisotropy", a);
        for (int l = 0; l < EVERYTHING_L; l++) {
            near(f->q[EVERYTHING_L * a + l], e->q[EVERYTHING_L * b + l], "q", l);
            near(f->q_averaged[EVERYTHING_L * a + l], e->q_averaged[EVERYTHING_L * b + l], "q_averaged", l);
            /* the cube of Q_l magnifies rounding where Q_l is small */
            if (e->q[EVERYTHING_L * b + l] > 0.01)
                near(f->w[EVERYTHING_L * a + l], e->w[EVERYTHING_L * b + l], "w", l);
        }
    }
}

/* Draws structures until one has its gaps wide enough. */
static double draw(struct structure *s, uint64_t *seed)
{
    for (;;) {
        struct random g;
        random_seed(&g, ++*seed);
        const int64_t n = random_int(&g, 4, 60);
        const double radius = 1.1 * cbrt((double)n), rc = random_range(&g, 1.2, 2.6);
        structure_ball(s, n, 5, kinds, radius, 0.6, *seed);
        if (gap(s, rc) > 1e-6)
            return rc;
        structure_free(s);
    }
}

static void open_systems(void **state)
{
    const int rounds = (int)scale_count(200, 4);
    nbl_metrics *m = *state;
    uint64_t seed = 0;
    for (int round = 0; round < rounds; round++) {
        struct structure s, t;
        struct everything was, is;
        struct random g;
        double rotation[3][3];
        const double rc = draw(&s, &seed);
        random_seed(&g, seed);
        int64_t *order = malloc((size_t)s.n * sizeof *order);
        assert_non_null(order);
        everything_make(&was, 1, s.n);
        everything_make(&is, 1, s.n);
        compute(m, &s, rc, &was);

        structure_copy(&t, &s);
        structure_move(&t, 13.7, -5.1, 22.3);
        compute(m, &t, rc, &is);
        compare_systems(&is, &was, 1);
        compare_atoms(&is, &was, NULL);

        random_rotation(&g, rotation);
        structure_rotate(&t, rotation);
        compute(m, &t, rc, &is);
        compare_systems(&is, &was, 0);
        compare_atoms(&is, &was, NULL);

        random_permutation(&g, s.n, order);
        structure_permute(&t, order);
        compute(m, &t, rc, &is);
        compare_systems(&is, &was, 0);
        compare_atoms(&is, &was, order);

        everything_free(&was);
        everything_free(&is);
        structure_free(&s);
        structure_free(&t);
        free(order);
    }
    print_message("%d structures, of %d drawn\n", rounds, (int)seed);
}

/* Gaps of a periodic structure: those of a piece that holds all neighbours of its first atoms would do; simpler
   is to ask that a tiny change of the cutoff and of nothing else leaves the integers as they are. */
static int steady(nbl_metrics *m, const struct structure *s, double rc, const struct everything *was)
{
    struct everything is;
    struct structure t;
    int same = 1;
    everything_make(&is, 1, s->n);
    for (int k = 0; k < 4 && same; k++) {
        struct random g;
        random_seed(&g, (uint64_t)k);
        structure_copy(&t, s);
        for (int64_t a = 0; a < 3 * s->n && k > 1; a++)
            t.r[a] += random_range(&g, -1e-7, 1e-7);
        compute(m, &t, k == 0 ? rc * (1 + 1e-6) : k == 1 ? rc * (1 - 1e-6) : rc, &is);
        same =
            memcmp(is.out.angle_counts, was->out.angle_counts, NBL_METRICS_ANGLE_BINS * sizeof(int64_t)) == 0;
        for (int b = 0; b < EVERYTHING_BINS; b++)
            same = same && fabs(is.out.rdf[b] - was->out.rdf[b]) <= 1e-4 * was->out.rdf[b];
        structure_free(&t);
    }
    everything_free(&is);
    return same;
}

/* Every atom of the supercell has the values of the atom that it copies; intensive metrics do not change. */
static void compare_copies(const struct everything *big, const struct everything *small)
{
    int64_t *order = malloc((size_t)big->n_atoms * sizeof *order);
    assert_non_null(order);
    for (int64_t a = 0; a < big->n_atoms; a++)
        order[a] = a % small->n_atoms;
    compare_atoms(big, small, order);
    free(order);
    for (int k = 0; k < EVERYTHING_VALUES; k++)
        if (k != NBL_METRIC_SHAPE_ANISO && k != NBL_METRIC_GRAPH_LCC)
            near(big->out.values[k], small->out.values[k], nbl_metric_name(k), 0);
    for (int k = 0; k < EVERYTHING_BINS; k++)
        near(big->out.rdf[k], small->out.rdf[k], "rdf", k);
    const int64_t times = big->n_atoms / small->n_atoms;
    for (int k = 0; k < NBL_METRICS_ANGLE_BINS; k++)
        check_int(big->out.angle_counts[k], times * small->out.angle_counts[k]);
    for (int k = 0; k < EVERYTHING_COUNTS; k++) {
        check_int(big->out.degree_counts[k], times * small->out.degree_counts[k]);
        check_int(big->out.coordination_counts[k], times * small->out.coordination_counts[k]);
    }
}

static void supercells(void **state)
{
    const int rounds = (int)scale_count(100, 4);
    nbl_metrics *m = *state;
    int done = 0;
    for (uint64_t seed = 1; done < rounds; seed++) {
        struct structure s, t;
        struct everything small, big;
        struct random g;
        random_seed(&g, seed);
        const int64_t n = random_int(&g, 1, 12);
        const double edge = 1.6 * cbrt((double)n), rc = random_range(&g, 1.2, 2.4);
        structure_ball(&s, n, 5, kinds, edge, 0.5, seed);
        s.has_cell = 1;
        for (int k = 0; k < 9; k++)
            s.h[k] = k % 4 == 0 ? edge : random_range(&g, -0.3, 0.3) * edge;
        structure_repeat(&t, &s, 2);
        everything_make(&small, 1, s.n);
        everything_make(&big, 1, t.n);
        compute(m, &s, rc, &small);
        if (steady(m, &s, rc, &small)) {
            compute(m, &t, rc, &big);
            compare_copies(&big, &small);
            /* and atoms moved by lattice vectors */
            for (int64_t a = 0; a < t.n; a++)
                for (int k = 0; k < 3; k++)
                    t.r[3 * a + k] += (double)(a % 5 - 2) * t.h[k] - (double)(a % 3) * t.h[6 + k];
            compute(m, &t, rc, &big);
            compare_copies(&big, &small);
            done++;
        }
        everything_free(&small);
        everything_free(&big);
        structure_free(&s);
        structure_free(&t);
        assert_true(seed < 20 * (uint64_t)rounds);
    }
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
        cmocka_unit_test(open_systems),
        cmocka_unit_test(supercells),
    };
    return cmocka_run_group_tests_name("metrics: invariance", tests, open_metrics, close_metrics);
}
