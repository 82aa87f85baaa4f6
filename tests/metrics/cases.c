/* SPDX-License-Identifier: MIT */
/* Structures whose values can be had by hand. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "structures.h"

enum { MOST = 64, L_COUNT = 3, VALUES = NBL_METRICS_COUNT + 1 };

static const double pi = 3.14159265358979323846;

/* One structure, all metrics and the outputs that these tests look at. */
struct measured {
    double v[VALUES], q[MOST][L_COUNT], w[MOST][L_COUNT], averaged[MOST][L_COUNT], clustering[MOST];
    double rdf[20], cutoff;
    int64_t angles[NBL_METRICS_ANGLE_BINS], degrees[16], coordinations[16];
    int32_t degree[MOST], coordination[MOST], component[MOST];
    uint8_t ring[MOST], cna[MOST], adaptive[MOST];
};

static struct measured measure(void **state, const struct structure *s, double rc, const uint8_t *pbc)
{
    static const int32_t l[L_COUNT] = {4, 6, 3};
    static struct measured m;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    assert_true(s->n <= MOST);
    memset(&m, 0x55, sizeof m);
    options.cutoffs = &rc;
    options.n_cutoffs = 1;
    out.metrics = NBL_METRICS_ALL | NBL_METRIC_BIT(NBL_METRIC_ANGULAR_ENTROPY);
    out.n_l = L_COUNT;
    out.l = l;
    out.n_counts = 16;
    out.system_capacity = 1;
    out.atom_capacity = MOST;
    out.values = m.v;
    out.cutoffs_used = &m.cutoff;
    out.rdf = m.rdf;
    out.angle_counts = m.angles;
    out.degree_counts = m.degrees;
    out.coordination_counts = m.coordinations;
    out.degree = m.degree;
    out.coordination = m.coordination;
    out.component = m.component;
    out.ring = m.ring;
    out.cna = m.cna;
    out.cna_adaptive = m.adaptive;
    out.q = m.q[0];
    out.w = m.w[0];
    out.q_averaged = m.averaged[0];
    out.clustering = m.clustering;
    nbl_metrics *handle = *state;
    if (nbl_metrics_compute(handle, s->n, s->r, s->has_cell ? s->h : NULL, pbc, s->numbers, &options, &out) !=
        NBL_OK)
        fail_msg("%s", nbl_metrics_message(handle));
    return m;
}

#define NEAR(found, expected) near_at((found), (expected), 1e-10, #found, __LINE__)

static void near_at(double found, double expected, double tolerance, const char *what, int line)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("line %d: %s is %.17g, expected %.17g", line, what, found, expected);
}

static void place(struct structure *s, int64_t a, double x, double y, double z)
{
    s->r[3 * a] = x;
    s->r[3 * a + 1] = y;
    s->r[3 * a + 2] = z;
}

/* n atoms on a circle, neighbours at distance 1, about (x, 0, 0). */
static void put_ring(struct structure *s, int64_t first, int n, double x)
{
    const double radius = 0.5 / sin(pi / n);
    for (int a = 0; a < n; a++)
        place(s, first + a, x + radius * cos(2 * pi * a / n), radius * sin(2 * pi * a / n), 0);
}

static void ring(void **state)
{
    struct structure s;
    structure_make(&s, 6, 6);
    put_ring(&s, 0, 6, 0);
    struct measured m = measure(state, &s, 1.3, NULL);
    NEAR(m.v[NBL_METRIC_H_ATOM], 0);
    NEAR(m.v[NBL_METRIC_H_SPATIAL], 0); /* all six distances in one bin */
    NEAR(m.v[NBL_METRIC_SHAPE_ANISO], 0.25);
    NEAR(m.v[NBL_METRIC_GRAPH_LCC], 1);
    NEAR(m.v[NBL_METRIC_GRAPH_CC], 0);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 1);
    NEAR(m.v[NBL_METRIC_BOND_ANGLE_ENTROPY], 0);
    NEAR(m.v[NBL_METRIC_COORDINATION_VARIANCE], 0);
    NEAR(m.v[NBL_METRIC_RADIAL_VARIANCE], 0);
    NEAR(m.v[NBL_METRIC_MORAN_I_CHI], 0);
    NEAR(m.v[NBL_METRIC_CHARGE_FRUSTRATION], 0);
    /* T of two unit vectors at 120 degrees: eigenvalues 3/4, 1/4, 0 */
    NEAR(m.v[NBL_METRIC_LOCAL_ANISOTROPY], 1.5 * (9 + 1) / 16 - 0.5);
    /* g: six edges in bin 15 of width 0.065, against the gas in the sphere of radius 1 */
    const double w = 0.065, c = 15.5 * w, g = 6 / (6 / (4.0 / 3 * pi) * 4 * pi * c * c * w * 6 / 2);
    NEAR(m.rdf[15], g);
    NEAR(m.v[NBL_METRIC_RDF_DEV], sqrt((19 + (g - 1) * (g - 1)) / 20));
    for (int a = 0; a < 6; a++) {
        check_int(m.degree[a], 2);
        check_int(m.ring[a], 1);
        check_int(m.component[a], 0);
        check_int(m.coordination[a], 2); /* 1 <= 1.2 * 1.5 */
    }
    check_int(m.degrees[2], 6);
    check_int(m.coordinations[2], 6);
    check_int(m.angles[23] + m.angles[24], 6);
    structure_free(&s);
}

/* Two hexagons and an atom between them: its two edges are on no ring. */
static void bridge(void **state)
{
    struct structure s;
    structure_make(&s, 13, 6);
    put_ring(&s, 0, 6, 0);
    put_ring(&s, 6, 6, 4);
    place(&s, 12, 2, 0, 0);
    struct measured m = measure(state, &s, 1.25, NULL);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 12.0 / 13);
    NEAR(m.v[NBL_METRIC_GRAPH_LCC], 1);
    check_int(m.ring[12], 0);
    check_int(m.degree[12], 2);
    check_int(m.degrees[3], 2);
    /* degrees: two of 3, eleven of 2 */
    NEAR(m.v[NBL_METRIC_COORDINATION_VARIANCE], 2.0 / 13 - 4.0 / 169);
    /* two atoms have three angles, ten have one, all of 120 degrees; the atom between has a straight one */
    check_int(m.angles[23] + m.angles[24], 10 + 2 * 3);
    check_int(m.angles[35], 1);
    structure_free(&s);
}

static void two_clusters(void **state)
{
    struct structure s;
    structure_make(&s, 5, 6);
    place(&s, 0, 50, 0, 0);
    place(&s, 1, 0, 0, 0);
    place(&s, 2, 1, 0, 0);
    place(&s, 3, 0.5, sqrt(0.75), 0);
    place(&s, 4, 51, 0, 0);
    s.numbers[4] = 8;
    struct measured m = measure(state, &s, 1.5, NULL);
    static const int32_t component[5] = {0, 1, 1, 1, 0};
    for (int a = 0; a < 5; a++) {
        check_int(m.component[a], component[a]);
        check_int(m.ring[a], component[a] == 1);
        NEAR(m.clustering[a], component[a]);
    }
    NEAR(m.v[NBL_METRIC_GRAPH_LCC], 0.6);
    NEAR(m.v[NBL_METRIC_GRAPH_CC], 1);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 0.6);
    NEAR(m.v[NBL_METRIC_H_ATOM], log(5) - 0.8 * log(4));
    /* |chi_i - chi_j|: three times 0, once 3.44 - 2.55 */
    const double x = 3.44 - 2.55;
    NEAR(m.v[NBL_METRIC_CHARGE_FRUSTRATION], x * x / 4 - x * x / 16);
    /* delta: -x/5 four times, 4x/5 once; W = 8 */
    NEAR(m.v[NBL_METRIC_MORAN_I_CHI], 5.0 / 8 * 2 * (3 * 0.04 - 0.16) / (4 * 0.04 + 0.64));
    structure_free(&s);
}

static void few_atoms(void **state)
{
    struct structure s;
    structure_make(&s, 1, 6);
    struct measured m = measure(state, &s, 2, NULL);
    for (int k = 0; k < VALUES; k++)
        if (k == NBL_METRIC_SHAPE_ANISO)
            assert_true(isnan(m.v[k]));
        else
            check_bits(m.v[k], k == NBL_METRIC_GRAPH_LCC ? 1 : 0);
    check_bits(m.q[0][1], 0);
    check_int(m.cna[0], NBL_CNA_OTHER);
    structure_free(&s);
    structure_make(&s, 0, 6);
    m = measure(state, &s, 2, NULL);
    for (int k = 0; k < VALUES; k++)
        if (k == NBL_METRIC_SHAPE_ANISO)
            assert_true(isnan(m.v[k]));
        else
            check_bits(m.v[k], 0);
    structure_free(&s);
    /* A pair: one edge, which is a bridge */
    structure_make(&s, 2, 6);
    place(&s, 1, 0, 0, 1);
    m = measure(state, &s, 2, NULL);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 0);
    NEAR(m.v[NBL_METRIC_GRAPH_LCC], 1);
    NEAR(m.v[NBL_METRIC_LOCAL_ANISOTROPY], 1);
    NEAR(m.v[NBL_METRIC_SHAPE_ANISO], 1);
    NEAR(m.v[NBL_METRIC_Q4], 1); /* one neighbour: every Q_l is 1 */
    NEAR(m.q[0][2], 1);
    structure_free(&s);
}

/* No edges between atoms at one place; nothing divides by zero. */
static void coincident(void **state)
{
    struct structure s;
    structure_make(&s, 5, 6);
    for (int a = 0; a < 5; a++)
        place(&s, a, 1, 2, 3);
    struct measured m = measure(state, &s, 2, NULL);
    for (int k = 0; k < VALUES; k++)
        NEAR(m.v[k], k == NBL_METRIC_GRAPH_LCC ? 0.2 : 0);
    place(&s, 4, 1, 2, 4);
    m = measure(state, &s, 2, NULL);
    check_int(m.degree[0], 1);
    check_int(m.degree[4], 4);
    NEAR(m.v[NBL_METRIC_GRAPH_CC], 0); /* neighbours of the fifth lie in one place, and are not joined */
    NEAR(m.v[NBL_METRIC_GRAPH_LCC], 1);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 0);
    NEAR(m.v[NBL_METRIC_RADIAL_VARIANCE], 0);
    check_int(m.angles[0], 6);
    /* 1e-10 is an edge, less is none */
    place(&s, 0, 0, 0, 0);
    place(&s, 1, 0, 0, 1e-10);
    place(&s, 2, 10, 0, 0);
    place(&s, 3, 10, 0, 0.9e-10);
    m = measure(state, &s, 2, NULL);
    check_int(m.degree[0], 1);
    check_int(m.degree[2], 0);
    structure_free(&s);
}

static void line_and_plane(void **state)
{
    struct structure s;
    structure_make(&s, 5, 6);
    for (int a = 0; a < 5; a++)
        place(&s, a, a, 2 * a, 2 * a); /* 3 apart */
    struct measured m = measure(state, &s, 4, NULL);
    NEAR(m.v[NBL_METRIC_SHAPE_ANISO], 1);
    NEAR(m.v[NBL_METRIC_LOCAL_ANISOTROPY], 1);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 0);
    NEAR(m.v[NBL_METRIC_Q4], 1);
    check_int(m.angles[35], 3);
    structure_free(&s);
    structure_make(&s, 5, 6);
    for (int a = 0; a < 4; a++)
        place(&s, a, a % 2 ? 0 : 1 - a, a % 2 ? 2 - a : 0, 0);
    m = measure(state, &s, 1.2, NULL); /* a cross, its centre last */
    NEAR(m.v[NBL_METRIC_SHAPE_ANISO], 0.25);
    check_int(m.degree[4], 4);
    /* centre: two eigenvalues of 1/2; ends: one of 1 */
    NEAR(m.v[NBL_METRIC_LOCAL_ANISOTROPY], (0.25 + 4) / 5);
    check_int(m.angles[17] + m.angles[18], 4);
    check_int(m.angles[35], 2);
    NEAR(m.q[4][2], 0); /* inversion: no odd l */
    structure_free(&s);
}

static void check_crystal(const struct measured *m, int64_t n, int32_t degree, int cna, double q4, double q6)
{
    for (int64_t a = 0; a < n; a++) {
        check_int(m->degree[a], degree);
        check_int(m->ring[a], 1);
        check_int(m->cna[a], cna);
        NEAR(m->q[a][0], q4);
        NEAR(m->q[a][1], q6);
        NEAR(m->averaged[a][0], q4);
        NEAR(m->averaged[a][1], q6);
    }
    NEAR(m->v[NBL_METRIC_Q4], q4);
    NEAR(m->v[NBL_METRIC_Q6], q6);
    NEAR(m->v[NBL_METRIC_GRAPH_LCC], 1);
    NEAR(m->v[NBL_METRIC_RING_FRACTION], 1);
    NEAR(m->v[NBL_METRIC_COORDINATION_VARIANCE], 0);
    NEAR(m->v[NBL_METRIC_LOCAL_ANISOTROPY], 0);
}

/* From one to some cells, so that neighbours are images of the atom, of others, and atoms. Edges of unit cells
   are chosen such that no distance is rounded. */
static void crystals(void **state)
{
    for (int cells = 1; cells <= 2; cells++) {
        struct structure s;
        structure_lattice(&s, 4, lattice_fcc, 4, cells, 29);
        struct measured m = measure(state, &s, 3.4, NULL);
        check_crystal(&m, s.n, 12, NBL_CNA_FCC, 0.19094065395649, 0.57452425971407);
        near_at(m.w[0][0], -0.159317, 1e-6, "W4 of fcc", __LINE__); /* tabulated in six digits */
        NEAR(m.v[NBL_METRIC_GRAPH_CC], 24.0 / 66);                  /* each of 12 neighbours touches 4 others */
        NEAR(m.v[NBL_METRIC_H_SPATIAL], 0);
        structure_free(&s);
        structure_lattice(&s, 2, lattice_bcc, 4, cells, 26);
        m = measure(state, &s, 4.5, NULL);
        check_crystal(&m, s.n, 14, NBL_CNA_BCC, 0.03636964837267, 0.51068823085793);
        NEAR(m.v[NBL_METRIC_H_SPATIAL], log(14) - (8 * log(8) + 6 * log(6)) / 14);
        check_int(m.adaptive[0], NBL_CNA_BCC);
        structure_free(&s);
        structure_lattice(&s, 8, lattice_diamond, 4, cells, 6);
        m = measure(state, &s, 2, NULL);
        check_crystal(&m, s.n, 4, NBL_CNA_OTHER, 0.50917507721732, 0.62853936105471);
        NEAR(m.v[NBL_METRIC_GRAPH_CC], 0);
        structure_free(&s);
    }
}

/* One atom and its images: simple cubic. Rings of one, and open axes. */
static void own_images(void **state)
{
    static const double origin[1][3] = {{0, 0, 0}};
    static const uint8_t all[3] = {1, 1, 1}, two[3] = {1, 0, 1}, one[3] = {0, 1, 0}, none[3] = {0, 0, 0};
    struct structure s;
    structure_lattice(&s, 1, origin, 2, 1, 84);
    struct measured m = measure(state, &s, 2.5, all);
    check_int(m.degree[0], 6);
    check_int(m.ring[0], 1);
    NEAR(m.v[NBL_METRIC_RING_FRACTION], 1);
    NEAR(m.v[NBL_METRIC_Q4], sqrt(7.0 / 12)); /* simple cubic, closed forms */
    NEAR(m.v[NBL_METRIC_Q6], sqrt(1.0 / 8));
    NEAR(m.v[NBL_METRIC_CHARGE_FRUSTRATION], 0);
    /* three edges of length 2 in bin 16 of width 1/8, density 1/8 */
    const double w = 0.125, c = 16.5 * w;
    NEAR(m.rdf[16], 3 / (0.125 * 4 * pi * c * c * w / 2));
    m = measure(state, &s, 2.5, two);
    check_int(m.degree[0], 4);
    NEAR(m.v[NBL_METRIC_RDF_DEV], 0); /* flat: no volume */
    m = measure(state, &s, 2.5, one);
    check_int(m.degree[0], 2);
    check_int(m.ring[0], 1);
    m = measure(state, &s, 2.5, none);
    check_int(m.degree[0], 0);
    check_int(m.ring[0], 0);
    structure_free(&s);
}

/* Slabs and wires have the volume of what they take up across. */
static void open_axes(void **state)
{
    static const uint8_t slab[3] = {1, 1, 0}, wire[3] = {0, 0, 1};
    struct structure s;
    structure_make(&s, 2, 6);
    s.has_cell = 1;
    s.h[0] = 3;
    s.h[3] = 1;
    s.h[4] = 4;
    s.h[8] = 5;
    place(&s, 1, 0, 0, 1.5);
    struct measured m = measure(state, &s, 2, slab);
    const double w = 0.1, c = 15.5 * w;
    check_int(m.degree[0], 1);
    NEAR(m.rdf[15], 1 / (2 / (3 * 4 * 1.5) * 4 * pi * c * c * w * 2 / 2)); /* area 12, thickness 1.5 */
    place(&s, 1, 1.5, 0, 0.5);
    m = measure(state, &s, 1.6, wire);
    const double w2 = 0.08, c2 = 19.5 * w2, d = sqrt(2.5);
    check_int(m.degree[1], 1);
    assert_true((int)(d / w2) == 19);
    NEAR(m.rdf[19],
         1 / (2 / (5 * pi * 0.75 * 0.75) * 4 * pi * c2 * c2 * w2 * 2 / 2)); /* length 5, radius 0.75 */
    structure_free(&s);
}

/* A ladder of two periodic chains: rungs are on rings; a tooth is not. */
static void periodic_bridges(void **state)
{
    static const uint8_t wire[3] = {1, 0, 0};
    struct structure s;
    structure_make(&s, 4, 6);
    s.has_cell = 1;
    s.h[0] = 2;
    s.h[4] = s.h[8] = 1;
    place(&s, 1, 1, 0, 0);
    place(&s, 2, 0, 1, 0); /* a tooth */
    place(&s, 3, 0, 9, 0); /* alone */
    struct measured m = measure(state, &s, 1.2, wire);
    static const uint8_t on_ring[4] = {1, 1, 0, 0};
    static const int32_t degree[4] = {3, 2, 1, 0};
    for (int a = 0; a < 4; a++) {
        check_int(m.ring[a], on_ring[a]);
        check_int(m.degree[a], degree[a]);
    }
    structure_free(&s);
}

/* The diagnostic: z and -z, and in the plane. */
static void angular(void **state)
{
    struct structure s;
    structure_make(&s, 3, 6);
    place(&s, 1, 0, 0, 1);
    place(&s, 2, 0, 0, -1);
    struct measured m = measure(state, &s, 1.2, NULL);
    NEAR(m.v[NBL_METRIC_ANGULAR_ENTROPY], log(2));
    place(&s, 1, 1, 0, 0.1);
    place(&s, 2, -1, 0, 0.1);
    m = measure(state, &s, 1.2, NULL);
    NEAR(m.v[NBL_METRIC_ANGULAR_ENTROPY], 0);
    structure_free(&s);
}

/* Differences of electronegativities that are all alike, or nearly, beside their size: nothing cancels. */
static void frustration(void **state)
{
    struct structure s;
    const double a = 4.2112, rock_salt[8][3] = {{0, 0, 0},  {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0},
                                                {.5, 0, 0}, {0, .5, 0},  {0, 0, .5},  {.5, .5, .5}};
    structure_lattice(&s, 8, rock_salt, a, 1, 12);
    for (int k = 4; k < 8; k++)
        s.numbers[k] = 8;
    check_bits(measure(state, &s, 2.3, NULL).v[NBL_METRIC_CHARGE_FRUSTRATION], 0);
    structure_free(&s);

    const double rc = 1.1, chi[4] = {0, 0, 1e6, 1e6 + 1.0 / 1024}, step = 1.0 / 1024;
    double values[NBL_METRICS_COUNT];
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    options.cutoffs = &rc;
    options.n_cutoffs = 1;
    options.electronegativities = chi;
    options.n_elements = 4;
    out.values = values;
    out.system_capacity = 1;
    structure_make(&s, 4, 1);
    for (int k = 0; k < 4; k++)
        place(&s, k, k, 0, 0);
    s.numbers[1] = 2;
    s.numbers[3] = 3; /* differences 1e6, 1e6 and 1e6 + step: variance 2 step^2 / 9 */
    structure_compute(*state, &s, &options, &out);
    near_at(values[NBL_METRIC_CHARGE_FRUSTRATION], 2 * step * step / 9, 1e-9 * step * step, "variance",
            __LINE__);
    structure_free(&s);
}

static void default_cutoff(void **state)
{
    struct structure s;
    double used;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    out.cutoffs_used = &used;
    out.system_capacity = 1;
    structure_make(&s, 4, 6);
    s.numbers[0] = 1; /* 0.32, 0.75, 0.75, 0.71: the middle two are 0.71 and 0.75 */
    s.numbers[3] = 7;
    structure_compute(*state, &s, NULL, &out);
    NEAR(used, 3 * 0.73);
    options.cov_scale = 2;
    structure_compute(*state, &s, &options, &out);
    NEAR(used, 6 * 0.73);
    static const double radii[2] = {NAN, 9};
    options.radii = radii;
    options.n_elements = 2;
    s.n = 3;
    structure_compute(*state, &s, &options, &out); /* 9, 0.75, 0.75 */
    NEAR(used, 6 * 0.75);
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
        cmocka_unit_test(ring),         cmocka_unit_test(bridge),
        cmocka_unit_test(two_clusters), cmocka_unit_test(few_atoms),
        cmocka_unit_test(coincident),   cmocka_unit_test(line_and_plane),
        cmocka_unit_test(crystals),     cmocka_unit_test(own_images),
        cmocka_unit_test(open_axes),    cmocka_unit_test(periodic_bridges),
        cmocka_unit_test(angular),      cmocka_unit_test(default_cutoff),
        cmocka_unit_test(frustration),
    };
    return cmocka_run_group_tests_name("metrics: cases", tests, open_metrics, close_metrics);
}
