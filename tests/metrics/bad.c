/* SPDX-License-Identifier: MIT */
/* What is refused, with which status and message; that nothing is written then; and inputs at their limits. */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "structures.h"

enum { ATOMS = 6 };

static const int32_t carbon[ATOMS] = {6, 6, 6, 6, 6, 6};
static const double hexagon[ATOMS][3] = {{1.4, 0, 0},  {0.7, 1.2, 0},   {-0.7, 1.2, 0},
                                         {-1.4, 0, 0}, {-0.7, -1.2, 0}, {0.7, -1.2, 0}};

/* One call, good as it stands; tests spoil what they are about. */
struct call {
    nbl_metrics *m;
    int64_t n;
    const void *r, *cell;
    const uint8_t *pbc;
    const int32_t *numbers;
    nbl_metrics_options options;
    nbl_metrics_outputs out;
    double values[NBL_METRICS_COUNT + 1], q[ATOMS * 2];
    int32_t degree[ATOMS], l[2];
};

static struct call good(void **state)
{
    struct call c = {.m = *state, .n = ATOMS, .r = hexagon, .numbers = carbon, .l = {4, 6}};
    c.options = (nbl_metrics_options)NBL_METRICS_OPTIONS_INIT;
    c.out = (nbl_metrics_outputs)NBL_METRICS_OUTPUTS_INIT;
    return c;
}

static nbl_status run(struct call *c)
{
    c->out.values = c->values;
    c->out.system_capacity = c->out.system_capacity ? c->out.system_capacity : 1;
    c->out.degree = c->degree;
    c->out.q = c->q;
    c->out.l = c->out.l ? c->out.l : c->l;
    c->out.n_l = c->out.n_l ? c->out.n_l : 2;
    c->out.atom_capacity = c->out.atom_capacity ? c->out.atom_capacity : ATOMS;
    memset(c->values, 0x55, sizeof c->values);
    memset(c->degree, 0x55, sizeof c->degree);
    return nbl_metrics_compute(c->m, c->n, c->r, c->cell, c->pbc, c->numbers, &c->options, &c->out);
}

static void refused(struct call *c, nbl_status status, const char *part)
{
    unsigned char untouched[sizeof c->values];
    memset(untouched, 0x55, sizeof untouched);
    check_int(run(c), status);
    check_contains(nbl_metrics_message(c->m), part);
    assert_memory_equal(c->values, untouched, sizeof c->values);
    assert_memory_equal(c->degree, untouched, sizeof c->degree);
    struct call again = {.m = c->m, .n = ATOMS, .r = hexagon, .numbers = carbon, .l = {4, 6}};
    again.options = (nbl_metrics_options)NBL_METRICS_OPTIONS_INIT;
    again.out = (nbl_metrics_outputs)NBL_METRICS_OUTPUTS_INIT;
    check_int(run(&again), NBL_OK);
    assert_string_equal(nbl_metrics_message(c->m), "");
    check_bits(again.values[NBL_METRIC_RING_FRACTION], 1);
}

#define REFUSED(status, part, change)                                                                          \
    do {                                                                                                       \
        struct call c = good(state);                                                                           \
        change;                                                                                                \
        refused(&c, status, part);                                                                             \
    } while (0)

static void pointers(void **state)
{
    struct call c = good(state);
    check_int(nbl_metrics_compute(NULL, 0, NULL, NULL, NULL, NULL, NULL, &c.out), NBL_ENULL);
    check_int(nbl_metrics_compute_batch(NULL, NULL, NULL, NULL, &c.out, NULL), NBL_ENULL);
    check_int(nbl_metrics_compute(c.m, ATOMS, hexagon, NULL, NULL, carbon, NULL, NULL), NBL_ENULL);
    check_contains(nbl_metrics_message(c.m), "outputs is NULL");
    check_int(nbl_metrics_compute_batch(c.m, NULL, carbon, NULL, &c.out, NULL), NBL_ENULL);
    check_contains(nbl_metrics_message(c.m), "input is NULL");
    check_int(nbl_metrics_create(NULL, NULL), NBL_ENULL);
    nbl_metrics_destroy(NULL);
    nbl_metrics *none = NULL;
    nbl_metrics_destroy(&none);
    assert_string_equal(nbl_metrics_message(NULL), "");
}

static void arrays(void **state)
{
    REFUSED(NBL_ENULL, "positions is NULL, n is 6", c.r = NULL);
    REFUSED(NBL_ENULL, "numbers is NULL, n is 6", c.numbers = NULL);
}

static void l_without_array(void **state)
{
    struct call c = good(state);
    c.out.n_l = 2;
    c.out.values = c.values;
    c.out.system_capacity = 1;
    check_int(nbl_metrics_compute(c.m, c.n, c.r, NULL, NULL, c.numbers, NULL, &c.out), NBL_ENULL);
    check_contains(nbl_metrics_message(c.m), "l is NULL, n_l is 2");
}

static void handles(void **state)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    nbl_metrics *m = *state;
    options.n_threads = -1;
    check_int(nbl_metrics_create(&m, &options), NBL_ESIZE);
    assert_null(m);
    options.n_threads = 0;
    options.isa = 99;
    check_int(nbl_metrics_create(&m, &options), NBL_EOPTION);
    options.size = 3;
    check_int(nbl_metrics_create(&m, &options), NBL_ESTRUCT);
}

static void sizes(void **state)
{
    REFUSED(NBL_ESIZE, "n is -1", c.n = -1);
    REFUSED(NBL_ESIZE, "n is 2147483648", c.n = INT64_C(2147483648));
    REFUSED(NBL_ESIZE, "n_bins is 0", c.options.n_bins = 0);
    REFUSED(NBL_ESIZE, "n_bins is -5", c.options.n_bins = -5);
    REFUSED(NBL_ESIZE, "n_bins is 65537", c.options.n_bins = 65537);
    REFUSED(NBL_ESIZE, "n_cutoffs is -1", c.options.n_cutoffs = -1);
    REFUSED(NBL_ESIZE, "n_elements is -1", c.options.n_elements = -1);
    REFUSED(NBL_ESIZE, "n_threads is -2", c.options.n_threads = -2);
    REFUSED(NBL_ESIZE, "n_l is -1", c.out.n_l = -1);
    REFUSED(NBL_ESIZE, "n_l is 14", c.out.n_l = 14);
    REFUSED(NBL_ESIZE, "system_capacity is -1", c.out.system_capacity = -1);
    REFUSED(NBL_ESIZE, "atom_capacity is -1", c.out.atom_capacity = -1);
    REFUSED(NBL_ECAPACITY, "atom_capacity is 5, 6 are needed", c.out.atom_capacity = 5);
    int64_t counts[4];
    REFUSED(NBL_ESIZE, "n_counts is 0", c.out.degree_counts = counts);
    static const double two[2] = {2, 2};
    REFUSED(NBL_ESIZE, "n_cutoffs is 2", (c.options.cutoffs = two, c.options.n_cutoffs = 2));
}

static void options(void **state)
{
    REFUSED(NBL_EOPTION, "cov_scale is 0, not positive", c.options.cov_scale = 0);
    REFUSED(NBL_EOPTION, "cov_scale is nan", c.options.cov_scale = NAN);
    REFUSED(NBL_EOPTION, "bond_scale is -1", c.options.bond_scale = -1);
    REFUSED(NBL_EOPTION, "w_atom is inf", c.options.w_atom = INFINITY);
    REFUSED(NBL_EOPTION, "w_spatial is nan", c.options.w_spatial = NAN);
    REFUSED(NBL_EOPTION, "reserved is 1", c.options.reserved = 1);
    REFUSED(NBL_EOPTION, "metrics is 0x40000", c.out.metrics = NBL_METRIC_BIT(18));
    REFUSED(NBL_ECONFLICT, "cutoffs is NULL, n_cutoffs is 1", c.options.n_cutoffs = 1);
    REFUSED(NBL_ECONFLICT, "n_elements is 3", c.options.n_elements = 3);
    REFUSED(NBL_ESTRUCT, "options: size is 4", c.options.size = 4);
    REFUSED(NBL_ESTRUCT, "outputs: size is 70000", c.out.size = 70000);
    static const double radii[7] = {1, 1, 1, 1, 1, 1, 0}, chi[2] = {INFINITY, 1};
    REFUSED(NBL_EOPTION, "radii[6] is 0, not positive", (c.options.radii = radii, c.options.n_elements = 7));
    REFUSED(NBL_EOPTION, "electronegativities[0] is inf",
            (c.options.electronegativities = chi, c.options.n_elements = 2));
    static const double large[2] = {1, -1e101};
    REFUSED(NBL_EOPTION, "electronegativities[1] is -1e+101",
            (c.options.electronegativities = large, c.options.n_elements = 2));
    static const int32_t odd[2] = {4, 13}, negative[2] = {-1, 4};
    REFUSED(NBL_EARGUMENT, "l[1] is 13, not 0 ... 12", c.out.l = odd);
    REFUSED(NBL_EARGUMENT, "l[0] is -1", c.out.l = negative);
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    build.positions_dtype = 77;
    REFUSED(NBL_EOPTION, "positions_dtype is 77", c.options.build = &build);
    build.positions_dtype = NBL_FLOAT64;
    build.positions_stride = 8;
    REFUSED(NBL_ESIZE, "positions_stride is 8", c.options.build = &build);
    build.size = 2;
    REFUSED(NBL_ESTRUCT, "build options: size is 2", c.options.build = &build);
}

static void cutoffs(void **state)
{
    static const double bad[] = {0, -1, NAN, INFINITY, 1e-101, 1e101};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        for (int n = 0; n <= ATOMS; n += ATOMS)
            REFUSED(NBL_ECUTOFF, "cutoff is", (c.n = n, c.options.cutoffs = &bad[k], c.options.n_cutoffs = 1));
    REFUSED(NBL_ECUTOFF, "cutoff is", c.options.cov_scale = 1e200);
}

static void atoms(void **state)
{
    double r[ATOMS][3];
    static const uint8_t periodic[3] = {1, 1, 1};
    static const double flat[9] = {1, 0, 0, 0, 1, 0, 1, 1, 0};
    memcpy(r, hexagon, sizeof r);
    r[2][1] = NAN;
    REFUSED(NBL_EPOSITION, "positions[2][1] is nan", c.r = r);
    r[2][1] = -INFINITY;
    REFUSED(NBL_EPOSITION, "positions[2][1] is -inf", c.r = r);
    r[2][1] = 1e101;
    REFUSED(NBL_ERANGE, "positions[2][1]", c.r = r);
    REFUSED(NBL_ECELL, "cell is NULL", c.pbc = periodic);
    REFUSED(NBL_ESINGULAR, "singular", c.cell = flat);
}

static void elements(void **state)
{
    static const int32_t strange[ATOMS] = {6, 6, 6, 115, 6, 6}, negative[ATOMS] = {6, -3, 6, 6, 6, 6},
                         large[ATOMS] = {6, 6, 6, 6, 6, 1024};
    static const double rc = 2;
    REFUSED(NBL_EARGUMENT, "numbers[3] is 115, which has no radius", c.numbers = strange);
    REFUSED(NBL_EARGUMENT, "numbers[1] is -3, not 0 ... 1023", c.numbers = negative);
    REFUSED(NBL_EARGUMENT, "numbers[5] is 1024, not 0 ... 1023", c.numbers = large);
    REFUSED(NBL_EARGUMENT, "numbers[3] is 115, which has no electronegativity",
            (c.numbers = strange, c.options.cutoffs = &rc, c.options.n_cutoffs = 1));

    /* Where neither is needed, and where they are given, the element is welcome. */
    struct call c = good(state);
    c.numbers = strange;
    c.options.cutoffs = &rc;
    c.options.n_cutoffs = 1;
    c.out.metrics = NBL_METRIC_BIT(NBL_METRIC_H_ATOM) | NBL_METRIC_BIT(NBL_METRIC_RING_FRACTION);
    check_int(run(&c), NBL_OK);
    assert_true(fabs(c.values[0] - (log(6) - 5.0 / 6 * log(5))) < 1e-15);
    check_bits(c.values[1], 1);

    double radii[116], chi[116];
    for (int z = 0; z < 116; z++)
        radii[z] = chi[z] = NAN;
    radii[115] = 0.75;
    chi[115] = 1;
    c = good(state);
    c.numbers = strange;
    c.options.radii = radii;
    c.options.electronegativities = chi;
    c.options.n_elements = 116;
    check_int(run(&c), NBL_OK);
    check_bits(c.values[NBL_METRIC_RING_FRACTION], 1);
    assert_true(c.values[NBL_METRIC_CHARGE_FRUSTRATION] > 0.1);
}

static void names(void **state)
{
    (void)state;
    check_int(nbl_metric_find("Q9"), NBL_EARGUMENT);
    check_int(nbl_metric_find("q6"), NBL_EARGUMENT);
    check_int(nbl_metric_find(""), NBL_EARGUMENT);
    check_int(nbl_metric_find(NULL), NBL_ENULL);
    assert_null(nbl_metric_name(-1));
    assert_null(nbl_metric_name(18));
    for (int32_t k = 0; k <= NBL_METRIC_ANGULAR_ENTROPY; k++)
        check_int(nbl_metric_find(nbl_metric_name(k)), k);
    check_int(nbl_metrics_n_columns(NBL_METRICS_ALL), 17);
    check_int(nbl_metrics_n_columns(0), 0);
    const uint32_t some = NBL_METRIC_BIT(NBL_METRIC_Q4) | NBL_METRIC_BIT(NBL_METRIC_Q8);
    check_int(nbl_metrics_column(some, NBL_METRIC_Q8), 1);
    check_int(nbl_metrics_column(some, NBL_METRIC_Q6), NBL_EARGUMENT);
    check_int(nbl_metrics_column(some, -1), NBL_EARGUMENT);
    check_int(nbl_metrics_column(some, 40), NBL_EARGUMENT);
}

/* Neither loops nor overflows: few atoms, spread out as far as it goes. */
static void extents(void **state)
{
    static const double scales[] = {1e12, 1e77, 1e100};
    static const double rc = 1;
    for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
        struct call c = good(state);
        double r[ATOMS][3];
        for (int a = 0; a < ATOMS; a++)
            for (int x = 0; x < 3; x++)
                r[a][x] = scales[k] * (((a + 1) * (x + 3) * 7 % 13) / 13.0 - 0.5);
        r[1][0] = r[0][0] + 0.7;
        r[1][1] = r[0][1];
        r[1][2] = r[0][2];
        c.r = r;
        c.options.cutoffs = &rc;
        c.options.n_cutoffs = 1;
        c.out.metrics = NBL_METRICS_ALL | NBL_METRIC_BIT(NBL_METRIC_ANGULAR_ENTROPY);
        check_int(run(&c), NBL_OK);
        for (int v = 0; v <= NBL_METRICS_COUNT; v++)
            if (!isfinite(c.values[v]))
                fail_msg("scale %g: %s is %g", scales[k], nbl_metric_name(v), c.values[v]);
        assert_true(c.values[NBL_METRIC_SHAPE_ANISO] > 0 && c.values[NBL_METRIC_SHAPE_ANISO] < 1);
        if (scales[k] == 1e12) {
            check_int(c.degree[0], 1);
            check_bits(c.values[NBL_METRIC_GRAPH_LCC], 2.0 / ATOMS);
        }
    }
}

/* Many atoms a cell of 1e12 wide; and periodic images of a thin cell. */
static void wide_cells(void **state)
{
    enum { MANY = 5000 };
    struct structure s;
    static const double rc = 1;
    static const int32_t z[1] = {14};
    nbl_metrics *m = *state;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    double values[NBL_METRICS_COUNT];
    structure_ball(&s, MANY, 1, z, 5e11, 0, 3);
    s.has_cell = 1;
    s.h[0] = s.h[4] = s.h[8] = 1e12;
    memcpy(s.r + 3, s.r, 3 * sizeof *s.r);
    s.r[3] += 0.5;
    options.cutoffs = &rc;
    options.n_cutoffs = 1;
    out.values = values;
    out.system_capacity = 1;
    structure_compute(m, &s, &options, &out);
    check_bits(values[NBL_METRIC_GRAPH_LCC], 2.0 / MANY);
    s.has_cell = 0;
    structure_compute(m, &s, &options, &out);
    check_bits(values[NBL_METRIC_GRAPH_LCC], 2.0 / MANY);
    structure_free(&s);
}

/* --- Batches --------------------------------------------------------------------------------------------- */

enum { SYSTEMS = 6 };

struct batch {
    double r[SYSTEMS * ATOMS][3];
    int32_t numbers[SYSTEMS * ATOMS], statuses[SYSTEMS];
    int64_t ptr[SYSTEMS + 1];
    double cutoffs[SYSTEMS], values[SYSTEMS][NBL_METRICS_COUNT], q[SYSTEMS * ATOMS][2], used[SYSTEMS];
    int32_t degree[SYSTEMS * ATOMS], l[2];
    uint8_t ring[SYSTEMS * ATOMS];
    int64_t counts[SYSTEMS][36];
    nbl_batch_input in;
    nbl_metrics_options options;
    nbl_metrics_outputs out;
};

static void open_batch(struct batch *b)
{
    memset(b, 0, sizeof *b);
    b->in = (nbl_batch_input)NBL_BATCH_INPUT_INIT;
    b->options = (nbl_metrics_options)NBL_METRICS_OPTIONS_INIT;
    b->out = (nbl_metrics_outputs)NBL_METRICS_OUTPUTS_INIT;
    for (int s = 0; s < SYSTEMS; s++) {
        memcpy(b->r + ATOMS * s, hexagon, sizeof hexagon);
        memcpy(b->numbers + ATOMS * s, carbon, sizeof carbon);
        b->ptr[s + 1] = ATOMS * (s + 1);
        b->cutoffs[s] = 1.6;
    }
    b->l[0] = 6;
    b->l[1] = 3;
    b->in.n_systems = SYSTEMS;
    b->in.n_atoms = SYSTEMS * ATOMS;
    b->in.positions = b->r;
    b->in.ptr = b->ptr;
    b->options.cutoffs = b->cutoffs;
    b->options.n_cutoffs = SYSTEMS;
    b->out.values = b->values[0];
    b->out.system_capacity = SYSTEMS;
    b->out.atom_capacity = SYSTEMS * ATOMS;
    b->out.q = b->q[0];
    b->out.l = b->l;
    b->out.n_l = 2;
    b->out.degree = b->degree;
    b->out.ring = b->ring;
    b->out.cutoffs_used = b->used;
    b->out.angle_counts = b->counts[0];
}

static nbl_status run_batch(nbl_metrics *m, struct batch *b)
{
    memset(b->statuses, 0x55, sizeof b->statuses);
    memset(b->values, 0x55, sizeof b->values);
    memset(b->degree, 0x55, sizeof b->degree);
    return nbl_metrics_compute_batch(m, &b->in, b->numbers, &b->options, &b->out, b->statuses);
}

static void bad_systems(void **state)
{
    static struct batch b;
    nbl_metrics *m = *state;
    open_batch(&b);
    b.r[ATOMS + 2][0] = NAN;
    b.numbers[3 * ATOMS + 1] = 117;
    b.cutoffs[4] = -2;
    check_int(run_batch(m, &b), NBL_EBATCH);
    check_contains(nbl_metrics_message(m), "system 1: positions[8][0] is nan");
    const int32_t expected[SYSTEMS] = {NBL_OK, NBL_EPOSITION, NBL_OK, NBL_EARGUMENT, NBL_ECUTOFF, NBL_OK};
    for (int s = 0; s < SYSTEMS; s++) {
        check_int(b.statuses[s], expected[s]);
        check_int(isnan(b.values[s][NBL_METRIC_H_ATOM]) != 0, expected[s] != NBL_OK);
        check_int(isnan(b.used[s]) != 0, expected[s] != NBL_OK);
        check_int(isnan(b.q[ATOMS * s + 3][1]) != 0, expected[s] != NBL_OK);
        for (int a = 0; a < ATOMS; a++) {
            check_int(b.degree[ATOMS * s + a], expected[s] == NBL_OK ? 2 : 0);
            check_int(b.ring[ATOMS * s + a], expected[s] == NBL_OK);
        }
        check_int(b.counts[s][23] + b.counts[s][24], expected[s] == NBL_OK ? ATOMS : 0);
    }
    b.r[ATOMS + 2][0] = 0;
    check_int(run_batch(m, &b), NBL_EBATCH);
    check_contains(nbl_metrics_message(m), "system 3: numbers[19] is 117, which has no electronegativity");
    check_contains(nbl_metrics_message(m), "atom 1 of the system");
    b.numbers[3 * ATOMS + 1] = 6;
    check_int(run_batch(m, &b), NBL_EBATCH);
    check_contains(nbl_metrics_message(m), "system 4: cutoff is -2");
    b.cutoffs[4] = 1.6;
    check_int(run_batch(m, &b), NBL_OK);
    assert_string_equal(nbl_metrics_message(m), "");
}

/* A pair whose shift does not fit is met in the traversal only. */
static void bad_shifts(void **state)
{
    static struct batch b;
    static const double h[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    nbl_metrics *m = *state;
    open_batch(&b);
    b.in.cells = h;
    b.in.n_cells = 1;
    for (int a = 0; a < SYSTEMS * ATOMS; a++)
        for (int k = 0; k < 3; k++)
            b.r[a][k] = 0.1 * (a % ATOMS);
    b.r[2 * ATOMS][0] = 1073741823.0;
    b.r[2 * ATOMS + 1][0] = -1073741823.0;
    b.r[2 * ATOMS + 1][1] = -1073741823.0;
    b.cutoffs[2] = 4;
    nbl_status status = run_batch(m, &b);
    check_int(status, NBL_EBATCH);
    check_int(b.statuses[2], NBL_ESHIFT);
    check_int(b.statuses[3], NBL_OK);
    check_contains(nbl_metrics_message(m), "system 2");
    assert_true(isnan(b.values[2][0]) && !isnan(b.values[3][0]));
    check_int(b.degree[2 * ATOMS + 3], 0);
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    build.flags = NBL_ALL_OR_NOTHING;
    b.options.build = &build;
    check_int(run_batch(m, &b), NBL_ESHIFT);
    check_contains(nbl_metrics_message(m), "system 2");
    check_int(b.statuses[2], NBL_ESHIFT);
    check_int(b.statuses[3], NBL_OK);
}

static void all_or_nothing(void **state)
{
    static struct batch b;
    nbl_metrics *m = *state;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    open_batch(&b);
    build.flags = NBL_ALL_OR_NOTHING;
    b.options.build = &build;
    b.numbers[ATOMS] = 2000;
    b.r[3 * ATOMS][1] = INFINITY;
    check_int(run_batch(m, &b), NBL_EARGUMENT);
    check_contains(nbl_metrics_message(m), "system 1: numbers[6] is 2000");
    check_int(b.statuses[1], NBL_EARGUMENT);
    check_int(b.statuses[0], NBL_OK);
    check_int(b.degree[0], 0x55555555);
    b.numbers[ATOMS] = 6;
    check_int(run_batch(m, &b), NBL_EPOSITION);
    check_contains(nbl_metrics_message(m), "system 3");
    b.r[3 * ATOMS][1] = 0;
    check_int(run_batch(m, &b), NBL_OK);
}

#define BAD_BATCH(status, part, change)                                                                        \
    do {                                                                                                       \
        open_batch(&b);                                                                                        \
        change;                                                                                                \
        check_int(run_batch(m, &b), status);                                                                   \
        check_contains(nbl_metrics_message(m), part);                                                          \
        check_int(b.statuses[0], 0x55555555);                                                                  \
        check_int(b.degree[0], 0x55555555);                                                                    \
    } while (0)

static void bad_batches(void **state)
{
    static struct batch b;
    static int64_t ids[SYSTEMS * ATOMS];
    nbl_metrics *m = *state;
    BAD_BATCH(NBL_EPTR, "ptr[2]", b.ptr[2] = 3);
    BAD_BATCH(NBL_EPTR, "ptr[0]", b.ptr[0] = 1);
    BAD_BATCH(NBL_EPTR, "ptr[6] is 36, n_atoms is 30", b.in.n_atoms = 30);
    BAD_BATCH(NBL_ECONFLICT, "ptr and batch", b.in.batch = ids);
    BAD_BATCH(NBL_ENULL, "ptr and batch are NULL", b.in.ptr = NULL);
    ids[3] = 2;
    BAD_BATCH(NBL_EIDS, "batch[4] is 0, less than batch[3]", (b.in.ptr = NULL, b.in.batch = ids));
    ids[3] = 0;
    ids[35] = 6;
    BAD_BATCH(NBL_EIDS, "batch[35] is 6", (b.in.ptr = NULL, b.in.batch = ids));
    BAD_BATCH(NBL_ESIZE, "n_systems is -1", b.in.n_systems = -1);
    BAD_BATCH(NBL_ESIZE, "n_atoms is -1", b.in.n_atoms = -1);
    BAD_BATCH(NBL_EOPTION, "ids_dtype is 9", b.in.ids_dtype = 9);
    BAD_BATCH(NBL_ENULL, "positions is NULL", b.in.positions = NULL);
    BAD_BATCH(NBL_ESTRUCT, "input: size is 1", b.in.size = 1);
    BAD_BATCH(NBL_ESIZE, "n_cutoffs is 5", b.options.n_cutoffs = 5);
    BAD_BATCH(NBL_ECAPACITY, "system_capacity is 5, 6 are needed", b.out.system_capacity = 5);
    BAD_BATCH(NBL_ECAPACITY, "atom_capacity is 35, 36 are needed", b.out.atom_capacity = 35);
    BAD_BATCH(NBL_ENULL, "cells is NULL", b.in.n_cells = 6);
    check_int(nbl_metrics_compute_batch(m, &b.in, NULL, &b.options, &b.out, NULL), NBL_ENULL);
}

/* No system, and systems without atoms. */
static void empty(void **state)
{
    static struct batch b;
    nbl_metrics *m = *state;
    open_batch(&b);
    b.in.n_systems = b.in.n_atoms = 0;
    b.options.n_cutoffs = 0;
    check_int(run_batch(m, &b), NBL_OK);
    memset(b.ptr, 0, sizeof b.ptr);
    b.in.n_systems = 2;
    check_int(run_batch(m, &b), NBL_OK);
    for (int v = 0; v < NBL_METRICS_COUNT; v++)
        if (v == NBL_METRIC_SHAPE_ANISO)
            assert_true(isnan(b.values[1][v]));
        else
            check_bits(b.values[1][v], 0);
    assert_true(isnan(b.used[1]));
    b.options.n_cutoffs = 2;
    b.cutoffs[1] = -1;
    check_int(run_batch(m, &b), NBL_EBATCH);
    check_contains(nbl_metrics_message(m), "system 1: cutoff is -1, not between 1e-100 and 1e100");
    check_int(b.statuses[0], NBL_OK);
    check_int(b.statuses[1], NBL_ECUTOFF);
    check_bits(b.used[0], 1.6);
    assert_true(isnan(b.used[1]) && isnan(b.values[1][0]));
    double values[NBL_METRICS_COUNT];
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    out.values = values;
    out.system_capacity = 1;
    b.options.n_cutoffs = 0;
    check_int(run_batch(m, &b), NBL_OK);
    check_int(nbl_metrics_compute(m, 0, NULL, NULL, NULL, NULL, NULL, &out), NBL_OK);
    assert_memory_equal(values, b.values[1], sizeof values);
    out.metrics = 0;
    out.system_capacity = 0;
    check_int(nbl_metrics_compute(m, ATOMS, hexagon, NULL, NULL, carbon, NULL, &out), NBL_OK);
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
        cmocka_unit_test(pointers),    cmocka_unit_test(arrays),     cmocka_unit_test(l_without_array),
        cmocka_unit_test(handles),     cmocka_unit_test(sizes),      cmocka_unit_test(options),
        cmocka_unit_test(cutoffs),     cmocka_unit_test(atoms),      cmocka_unit_test(elements),
        cmocka_unit_test(names),       cmocka_unit_test(extents),    cmocka_unit_test(wide_cells),
        cmocka_unit_test(bad_systems), cmocka_unit_test(bad_shifts), cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(bad_batches), cmocka_unit_test(empty),
    };
    return cmocka_run_group_tests_name("metrics: bad input", tests, open_metrics, close_metrics);
}
