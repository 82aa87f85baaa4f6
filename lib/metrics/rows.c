/* SPDX-License-Identifier: MIT */
/* The traversal: rows as the core hands them over become prepared rows, and these what is stored of each atom.
 */
#include <string.h>

#include "metrics/cna.h"
#include "metrics/cosines.h"
#include "metrics/local.h"
#include "metrics/prepare.h"
#include "metrics/run.h"

/* Adds what a block counted to a system, from any thread. */
static void add_counts(uint64_t *total, uint64_t *counts, int32_t n)
{
    for (int32_t b = 0; b < n; b++)
        if (counts[b] != 0) {
            atomic_fetch_add_explicit((_Atomic uint64_t *)&total[b], counts[b], memory_order_relaxed);
            counts[b] = 0;
        }
}

/* What Steinhardt's parameters of one atom are made from, as far as it was asked for. */
typedef struct bonds {
    const nbl_metrics *metrics;
    const nbl__row *row;
    double *sums; /* of harmonics */
    nbl__cosines cosines;
    bool has_sums, has_cosines;
} bonds;

/* All harmonics. */
static void sum_harmonics(bonds *b)
{
    if (!b->has_sums)
        nbl__harmonics_sum(&b->metrics->harmonics, b->row, b->sums);
    b->has_sums = true;
}

static const double *sums_of(bonds *b, int32_t l)
{
    sum_harmonics(b);
    return b->sums + b->metrics->harmonics.first[b->metrics->run.request.place[l]];
}

static double q_of(bonds *b, int32_t l)
{
    double q = -1;
    if (nbl__cosines_suit(l, b->row->k)) {
        if (!b->has_cosines)
            nbl__cosines_sum(&b->cosines, b->row, b->metrics->avx2);
        b->has_cosines = true;
        q = nbl__cosines_q(&b->cosines, l);
    }
    return q >= 0 ? q : nbl__steinhardt_q(l, sums_of(b, l), b->row->k);
}

/* Steinhardt's parameters of one atom. */
static void harmonics(nbl_metrics *m, nbl__scratch *s, const nbl__row *row, int64_t atom)
{
    const nbl__run *run = &m->run;
    const nbl_metrics_outputs *out = &run->request.outputs;
    bonds b = {.metrics = m, .row = row, .sums = s->sums};
    for (int32_t k = 0; k < out->n_l; k++) {
        const int32_t l = out->l[k];
        if (out->q && run->request.place[l] >= 0)
            out->q[atom * out->n_l + k] = q_of(&b, l);
        if (out->w && run->request.place[l] >= 0)
            out->w[atom * out->n_l + k] = nbl__steinhardt_w(&m->wigner, l, sums_of(&b, l), row->k);
    }
    for (int c = 0; c < 3; c++)
        if (run->columns[NBL__COLUMN_Q4 + c])
            *nbl__column(run, (enum nbl__column)(NBL__COLUMN_Q4 + c), atom) = q_of(&b, 4 + 2 * c);
    if (run->moments_width > 0)
        sum_harmonics(&b);
    for (int32_t c = 0; c < run->moments_width; c++)
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): moments come from sums */
        run->moments[atom * run->moments_width + c] = row->k > 0 ? s->sums[c] / row->k : 0;
}

/* Angles and triangles of one atom. */
static void pairs(nbl_metrics *m, const nbl__row *row, int64_t atom, uint64_t *angles)
{
    const nbl__run *run = &m->run;
    const uint32_t needs = run->request.needs;
    uint32_t counts[NBL_METRICS_ANGLE_BINS] = {0};
    nbl__pairs pairs = {.bins = needs & NBL__NEED_ANGLES ? &m->bond_angles : NULL,
                        .counts = counts,
                        .triangles = (needs & NBL__NEED_TRIANGLES) != 0,
                        .avx2 = run->avx2};
    nbl__angles_pairs(row, &pairs);
    if (run->columns[NBL__COLUMN_CLUSTERING]) {
        const double possible = (double)row->k * (row->k - 1) / 2;
        *nbl__column(run, NBL__COLUMN_CLUSTERING, atom) = row->k < 2 ? 0 : (double)pairs.joined / possible;
    }
    if (run->columns[NBL__COLUMN_ANGLES])
        *nbl__column(run, NBL__COLUMN_ANGLES, atom) = nbl__entropy(&m->logs, NBL_METRICS_ANGLE_BINS, counts);
    for (int b = 0; b < NBL_METRICS_ANGLE_BINS && angles; b++)
        angles[b] += counts[b];
}

/* Distances of one atom into the counts of the block, or, where bins are many, straight into the system's. */
static void distances(nbl_metrics *m, nbl__scratch *s, const nbl__row *row, uint64_t *total, double width)
{
    const int32_t n_bins = m->run.request.options.n_bins;
    nbl__local_bins(row, width, n_bins, m->run.avx2, s->bins);
    for (int32_t e = 0; e < row->k; e++)
        s->histogram[s->bins[e]]++;
    if (n_bins > 4096)
        for (int32_t e = 0; e < row->k; e++)
            add_counts(total + s->bins[e], s->histogram + s->bins[e], 1);
}

static void elements(nbl_metrics *m, const nbl__row *row, int64_t first, const nbl__species *species)
{
    const nbl__run *run = &m->run;
    const nbl__request *q = &run->request;
    const int32_t *numbers = run->numbers + first;
    const int64_t atom = first + row->i;
    if (q->needs & NBL__NEED_COORDINATION)
        run->coordination[atom] =
            nbl__local_coordination(row, numbers, run->elements->radius, q->options.bond_scale);
    if (q->needs & NBL__NEED_CHI) {
        double sums[3];
        nbl__local_chi(row, numbers, run->elements->chi, species->chi_mean, sums);
        *nbl__column(run, NBL__COLUMN_CHI, atom) = sums[0];
        *nbl__column(run, NBL__COLUMN_CHI_SQUARES, atom) = sums[1];
        *nbl__column(run, NBL__COLUMN_MORAN, atom) = sums[2];
    }
}

static void cna(nbl_metrics *m, const nbl__row *row, int64_t atom)
{
    const nbl_metrics_outputs *out = &m->run.request.outputs;
    if (out->cna)
        out->cna[atom] = nbl__cna_fixed(row);
    if (out->cna_adaptive)
        out->cna_adaptive[atom] = nbl__cna_adaptive(row);
}

static void moments(nbl_metrics *m, nbl__scratch *s, const nbl__row *row, int64_t atom)
{
    const nbl__run *run = &m->run;
    if (run->columns[NBL__COLUMN_RADIAL])
        *nbl__column(run, NBL__COLUMN_RADIAL, atom) = nbl__radial_variance(row);
    if (run->columns[NBL__COLUMN_ANISOTROPY])
        *nbl__column(run, NBL__COLUMN_ANISOTROPY, atom) = nbl__local_anisotropy(row);
    if (run->columns[NBL__COLUMN_POLAR]) {
        const int32_t n_bins = run->request.options.n_bins;
        nbl__angles_polar(row, &m->polar_angles, s->polar);
        *nbl__column(run, NBL__COLUMN_POLAR, atom) = row->k < 2 ? 0 : nbl__entropy(&m->logs, n_bins, s->polar);
    }
}

static int fail(nbl_metrics *m, nbl_status status, const nbl__fault *fault)
{
    nbl__lock_take(&m->lock);
    if (m->failed == NBL_OK) {
        m->failed = status;
        m->fault = *fault;
    }
    nbl__lock_give(&m->lock);
    return 1;
}

int nbl__run_rows(void *user, const nbl_rows *rows)
{
    nbl_metrics *m = user;
    const nbl__run *run = &m->run;
    const nbl_metrics_outputs *out = &run->request.outputs;
    const uint32_t needs = run->request.needs;
    const int32_t n_bins = run->request.options.n_bins;
    const int64_t first = run->first[rows->system];
    nbl__scratch *s = &run->scratch[rows->thread];
    nbl__system *system = &run->systems[rows->system];
    const nbl__frame *frame = run->frames ? &run->frames[rows->system] : NULL;
    uint64_t *total = run->histogram ? run->histogram + rows->system * n_bins : NULL;
    uint64_t angles[NBL_METRICS_ANGLE_BINS] = {0};
    const double width = run->cutoffs[rows->system] / n_bins;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    int64_t longest = 1; /* so that there is scratch even for rows that are all empty */
    for (int32_t r = 0; r < rows->n_rows; r++) {
        const int64_t k = rows->row_ptr[r + 1] - rows->row_ptr[r];
        longest = k > longest ? k : longest;
    }
    if (longest > INT32_MAX - NBL__ROW_PAD) { /* the core's rows may be twice as long */
        fault.need = UINT64_MAX;
        return fail(m, NBL_ENOMEM, &fault);
    }
    if (longest > s->room) {
        nbl_status status = nbl__scratch_grow(m, s, (int32_t)longest, &fault);
        if (status != NBL_OK)
            return fail(m, status, &fault);
    }
    for (int32_t r = 0; r < rows->n_rows; r++) {
        nbl__row row;
        nbl__row_prepare(&row, s, rows, r, frame, run->avx2);
        const int64_t atom = first + row.i;
        run->degree[atom] = row.k;
        if (needs & NBL__NEED_HARMONICS)
            harmonics(m, s, &row, atom);
        if (needs & (NBL__NEED_ANGLES | NBL__NEED_TRIANGLES))
            pairs(m, &row, atom, out->angle_counts ? angles : NULL);
        if (total)
            distances(m, s, &row, total, width);
        moments(m, s, &row, atom);
        elements(m, &row, first, &system->species);
        cna(m, &row, atom);
        if (run->first_edge) {
            nbl_status status =
                nbl__edges_append(&m->edges, &m->memory, row.k, row.j, &run->first_edge[atom], &fault);
            if (status != NBL_OK)
                return fail(m, status, &fault);
        }
    }
    if (total && n_bins <= 4096)
        add_counts(total, s->histogram, n_bins);
    if (out->angle_counts)
        add_counts((uint64_t *)out->angle_counts + rows->system * NBL_METRICS_ANGLE_BINS, angles,
                   NBL_METRICS_ANGLE_BINS);
    atomic_fetch_add_explicit(&system->rows, rows->n_rows, memory_order_relaxed);
    return 0;
}
