/* SPDX-License-Identifier: MIT */
/* The stages before and after the traversal, each over a part of the systems or of the atoms. */
#include <math.h>
#include <string.h>

#include "metrics/bonds.h"
#include "metrics/graph.h"
#include "metrics/run.h"
#include "metrics/sum.h"
#include "metrics/system.h"

static int64_t atoms_of(const nbl__run *run, int64_t system)
{
    return run->first[system + 1] - run->first[system];
}

/* Elements, and the cutoff that the core will be given. What lacks something gets one that is refused. */
void nbl__run_elements(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    nbl__run *run = &m->run;
    const nbl_metrics_options *o = &run->request.options;
    const bool given = o->cutoffs && o->n_cutoffs > 0;
    for (int64_t b = begin; b < end; b++) {
        nbl__system *system = &run->systems[b];
        const int64_t n = atoms_of(run, b);
        system->volume = system->shape = 0;
        atomic_store_explicit(&system->rows, 0, memory_order_relaxed);
        if (n > INT32_MAX)
            system->species = (nbl__species){.cutoff = 1}; /* the core refuses it */
        else
            nbl__species_of(&system->species, run->elements, n, n > 0 ? run->numbers + run->first[b] : NULL,
                            run->request.needs & NBL__NEED_RADII, run->request.needs & NBL__NEED_CHI,
                            scratch->species);
        run->cutoffs[b] = given ? o->cutoffs[o->n_cutoffs == 1 ? 0 : b] : o->cov_scale * system->species.cutoff;
        if (system->species.lack != NBL__LACK_NOTHING)
            run->cutoffs[b] = NAN;
        system->bad_cutoff = n == 0 && given && !(run->cutoffs[b] >= 1e-100 && run->cutoffs[b] <= 1e100);
        run->statuses[b] = NBL_OK;
    }
}

bool nbl__run_in_place(const nbl_metrics *m)
{
    const nbl_build_options *build = &m->run.request.build;
    const int64_t packed = 3 * sizeof(double);
    return build->positions_dtype != NBL_FLOAT32 &&
           (build->positions_stride == 0 || build->positions_stride == packed) &&
           (uintptr_t)m->run.input.positions % _Alignof(double) == 0;
}

void nbl__run_copy(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    (void)scratch;
    nbl__positions_copy(m->run.copy, &m->run.input, &m->run.request.build, begin, end);
}

/* What is needed of systems as a whole, and zeros for what is counted in the traversal. */
void nbl__run_frames(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    nbl__run *run = &m->run;
    const nbl__request *q = &run->request;
    const size_t n_bins = (size_t)q->options.n_bins;
    (void)scratch;
    for (int64_t b = begin; b < end; b++) {
        const int64_t n = atoms_of(run, b);
        const double *r = n > 0 ? run->r + 3 * run->first[b] : NULL;
        if (run->histogram)
            memset(run->histogram + (size_t)b * n_bins, 0, n_bins * sizeof *run->histogram);
        if (q->outputs.angle_counts)
            memset(q->outputs.angle_counts + b * NBL_METRICS_ANGLE_BINS, 0,
                   NBL_METRICS_ANGLE_BINS * sizeof *q->outputs.angle_counts);
        if (run->statuses[b] != NBL_OK || n == 0)
            continue;
        nbl__cell cell;
        nbl__cell_read(&cell, &run->input, &q->build, b);
        if (run->frames) {
            nbl__frame *frame = &run->frames[b];
            *frame = (nbl__frame){.r = r, .cutoff = run->cutoffs[b]};
            memcpy(frame->h, cell.h, sizeof frame->h);
            nbl__bonds_limits(frame, cell.n_periodic > 0 ? nbl__shape_spread(n, r) : 0);
        }
        if (q->needs & NBL__NEED_VOLUME)
            run->systems[b].volume = nbl__shape_volume(n, r, &cell);
        if (q->needs & NBL__NEED_SHAPE)
            run->systems[b].shape = nbl__shape_anisotropy(n, r);
    }
}

/* The edges of an atom in one piece: they may lie in two chunks, or, if they are very many, in more. */
static const int32_t *neighbours(const nbl_metrics *m, int64_t atom, int32_t *room)
{
    int64_t at = m->run.first_edge[atom], entries;
    const int32_t k = m->run.degree[atom];
    const int32_t *j = nbl__edges_piece(&m->edges, at, &entries);
    if (entries >= k)
        return j;
    for (int32_t e = 0; e < k; e += (int32_t)entries, at += entries) {
        j = nbl__edges_piece(&m->edges, at, &entries);
        entries = entries < k - e ? entries : k - e;
        memcpy(room + e, j, (size_t)entries * sizeof *j);
    }
    return room;
}

void nbl__run_averages(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    const nbl__run *run = &m->run;
    const nbl_metrics_outputs *out = &run->request.outputs;
    int64_t b = nbl__run_system_of(run, begin);
    for (int64_t a = begin; a < end; a++) {
        while (a >= run->first[b + 1])
            b++;
        if (run->statuses[b] != NBL_OK)
            continue;
        const int32_t k = run->degree[a];
        const int32_t *j = k > 0 ? neighbours(m, a, scratch->j) : NULL;
        const double *moments = run->moments + run->first[b] * run->moments_width;
        nbl__steinhardt_average(run->moments_width, moments, a - run->first[b], k, j, scratch->sums);
        for (int32_t c = 0; c < out->n_l; c++) {
            const int32_t l = out->l[c], place = run->request.place[l];
            out->q_averaged[a * out->n_l + c] =
                k > 0 ? nbl__steinhardt_q(l, scratch->sums + m->harmonics.first[place], 1) : 0;
        }
    }
}

/* Degrees of a system, summed up. */
typedef struct degrees {
    int64_t ends, with_one, with_two;
} degrees;

static degrees sum_degrees(const nbl__run *run, int64_t first, int64_t n)
{
    degrees d = {0, 0, 0};
    for (int64_t a = first; a < first + n; a++) {
        d.ends += run->degree[a];
        d.with_one += run->degree[a] >= 1;
        d.with_two += run->degree[a] >= 2;
    }
    return d;
}

/* Sums of all columns over the atoms of a system; 0 of those that are not wanted. */
static void sum_columns(const nbl__run *run, int64_t b, double sums[NBL__COLUMNS])
{
    nbl__terms terms[NBL__COLUMNS];
    nbl__total totals[NBL__COLUMNS];
    int of[NBL__COLUMNS], n = 0;
    for (int c = 0; c < NBL__COLUMNS; c++) {
        sums[c] = 0;
        if (run->columns[c]) {
            terms[n] = (nbl__terms){nbl__column(run, (enum nbl__column)c, run->first[b]), run->strides[c]};
            of[n++] = c;
        }
    }
    nbl__sums(atoms_of(run, b), n, terms, totals);
    for (int k = 0; k < n; k++)
        sums[of[k]] = totals[k].sum + totals[k].lost;
}

static double mean(double sum, int64_t over)
{
    return over > 0 ? sum / (double)over : 0;
}

/* Halves the histogram of a system, which has every edge twice; returns H_spatial. */
static double spatial(nbl_metrics *m, int64_t b)
{
    const int32_t n_bins = m->run.request.options.n_bins;
    uint64_t *counts = m->run.histogram + b * n_bins;
    for (int32_t k = 0; k < n_bins; k++)
        counts[k] /= 2;
    return nbl__entropy_wide(n_bins, counts);
}

/* The g of a system into the caller's array or into scratch; returns RDF_dev. */
static double radial_distribution(nbl_metrics *m, int64_t b, int64_t ends, nbl__scratch *scratch)
{
    const nbl__run *run = &m->run;
    const int32_t n_bins = run->request.options.n_bins;
    const int64_t n = atoms_of(run, b);
    const double volume = run->systems[b].volume;
    double *g = run->request.outputs.rdf ? run->request.outputs.rdf + b * n_bins : scratch->g;
    if (ends == 0 || !(volume > 0)) {
        memset(g, 0, (size_t)n_bins * sizeof *g);
        return 0;
    }
    nbl__rdf(n_bins, run->histogram + b * n_bins, run->cutoffs[b], (double)n / volume, n, g);
    return nbl__rdf_deviation(n_bins, g);
}

/*
 * The variance inside the atoms and that of their means, in steps from the mean of one of them: exactly 0 where
 * all edges are alike, and no difference of large numbers elsewhere.
 */
static double frustration(const nbl__run *run, int64_t b, int64_t ends, const double sums[])
{
    if (ends < 4)
        return 0;
    const int64_t first = run->first[b], end = run->first[b + 1];
    int64_t some = first;
    while (run->degree[some] == 0)
        some++;
    const double from = *nbl__column(run, NBL__COLUMN_CHI, some);
    double beyond = 0, squares = 0;
    for (int64_t a = some; a < end; a++)
        if (run->degree[a] > 0)
            beyond += run->degree[a] * (*nbl__column(run, NBL__COLUMN_CHI, a) - from);
    const double average = from + beyond / (double)ends;
    for (int64_t a = some; a < end; a++)
        if (run->degree[a] > 0) {
            const double x = *nbl__column(run, NBL__COLUMN_CHI, a) - average;
            squares += run->degree[a] * x * x;
        }
    return (squares + sums[NBL__COLUMN_CHI_SQUARES]) / (double)ends;
}

static double moran(const nbl__run *run, int64_t b, int64_t n, int64_t ends, const double sums[])
{
    const nbl__species *species = &run->systems[b].species;
    if (ends == 0 || species->chi_equal || !(species->chi_square > 0))
        return 0;
    const double value = (double)n / (double)ends * sums[NBL__COLUMN_MORAN] / species->chi_square;
    return value > 1 ? 1 : value;
}

static nbl__graph_counts graph(nbl_metrics *m, int64_t first, int32_t n)
{
    const nbl__run *run = &m->run;
    const nbl__graph g = {
        .edges = &m->edges,
        .first = run->first_edge + first,
        .degree = run->degree + first,
        .number = run->reached + first,
        .nodes = run->nodes + first,
        .component = run->component ? run->component + first : NULL,
        .ring = run->ring + first,
    };
    return nbl__graph_search(&g, n);
}

static void count_values(const nbl__run *run, int64_t b)
{
    const nbl_metrics_outputs *out = &run->request.outputs;
    const struct {
        int64_t *to;
        const int32_t *values;
    } rows[] = {{out->degree_counts, run->degree}, {out->coordination_counts, run->coordination}};
    for (int k = 0; k < 2; k++)
        if (rows[k].to) {
            int64_t *to = rows[k].to + b * out->n_counts;
            memset(to, 0, (size_t)out->n_counts * sizeof *to);
            nbl__count_values(atoms_of(run, b), rows[k].values + run->first[b], out->n_counts, to);
        }
}

/* All metrics of one system that were computed; the others stay as they are. */
static void evaluate(nbl_metrics *m, int64_t b, double v[], nbl__scratch *scratch)
{
    const nbl__run *run = &m->run;
    const uint32_t needs = run->request.needs;
    const int64_t first = run->first[b], n = atoms_of(run, b);
    double *const *columns = run->columns;
    const degrees d = needs & NBL__NEED_ROWS ? sum_degrees(run, first, n) : (degrees){0, 0, 0};
    double sums[NBL__COLUMNS];
    sum_columns(run, b, sums);
    v[NBL_METRIC_H_ATOM] = run->systems[b].species.entropy;
    v[NBL_METRIC_SHAPE_ANISO] = n < 2 ? NAN : run->systems[b].shape;
    if (needs & NBL__NEED_HISTOGRAM) {
        v[NBL_METRIC_H_SPATIAL] = spatial(m, b);
        if (needs & NBL__NEED_VOLUME)
            v[NBL_METRIC_RDF_DEV] = radial_distribution(m, b, d.ends, scratch);
    }
    v[NBL_METRIC_H_TOTAL] = run->request.options.w_atom * v[NBL_METRIC_H_ATOM] +
                            run->request.options.w_spatial * v[NBL_METRIC_H_SPATIAL];
    for (int c = 0; c < 3; c++)
        if (columns[NBL__COLUMN_Q4 + c])
            v[NBL_METRIC_Q4 + c] = mean(sums[NBL__COLUMN_Q4 + c], n);
    if (needs & NBL__NEED_GRAPH) {
        const nbl__graph_counts counts = graph(m, first, (int32_t)n);
        v[NBL_METRIC_GRAPH_LCC] = n > 0 ? (double)counts.largest / (double)n : 0;
        v[NBL_METRIC_RING_FRACTION] = n > 0 ? (double)counts.in_rings / (double)n : 0;
    }
    if (needs & NBL__NEED_CHI) {
        v[NBL_METRIC_CHARGE_FRUSTRATION] = frustration(run, b, d.ends, sums);
        v[NBL_METRIC_MORAN_I_CHI] = moran(run, b, n, d.ends, sums);
    }
    if (needs & NBL__NEED_DEGREE)
        v[NBL_METRIC_COORDINATION_VARIANCE] = nbl__variance_of_counts(n, run->degree + first);
    const struct {
        enum nbl__column column;
        int32_t metric;
        int64_t over;
    } means[] = {
        {NBL__COLUMN_CLUSTERING, NBL_METRIC_GRAPH_CC, d.with_two},
        {NBL__COLUMN_ANGLES, NBL_METRIC_BOND_ANGLE_ENTROPY, d.with_two},
        {NBL__COLUMN_RADIAL, NBL_METRIC_RADIAL_VARIANCE, d.with_one},
        {NBL__COLUMN_ANISOTROPY, NBL_METRIC_LOCAL_ANISOTROPY, d.with_one},
        {NBL__COLUMN_POLAR, NBL_METRIC_ANGULAR_ENTROPY, d.with_two},
    };
    for (size_t k = 0; k < sizeof means / sizeof *means; k++)
        if (columns[means[k].column])
            v[means[k].metric] = mean(sums[means[k].column], means[k].over);
}

void nbl__run_values(nbl_metrics *m, int64_t begin, int64_t end, nbl__scratch *scratch)
{
    const nbl__run *run = &m->run;
    const nbl_metrics_outputs *out = &run->request.outputs;
    const int32_t columns = nbl_metrics_n_columns(out->metrics);
    for (int64_t b = begin; b < end; b++) {
        double v[NBL_METRIC_ANGULAR_ENTROPY + 1] = {0};
        if (run->statuses[b] != NBL_OK) {
            nbl__run_blank(m, b);
            continue;
        }
        evaluate(m, b, v, scratch);
        count_values(run, b);
        if (out->cutoffs_used)
            out->cutoffs_used[b] = run->cutoffs[b];
        int32_t column = 0;
        for (int32_t metric = 0; metric <= NBL_METRIC_ANGULAR_ENTROPY && out->values; metric++)
            if (out->metrics >> metric & 1)
                out->values[b * columns + column++] = v[metric];
    }
}
