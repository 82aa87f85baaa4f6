/* SPDX-License-Identifier: MIT */
/* Memory of a call: one block for arrays of systems, one for those of atoms, and the scratch of threads. */
#include <string.h>

#include "base/size.h"
#include "metrics/run.h"

/* A request for part of a block: `count` items for *out, if they are wanted. */
typedef struct part {
    void **out;
    size_t item;
    uint64_t count;
    bool wanted;
} part;

enum { ALIGN = 64 };

/* All parts of a block, laid out one behind the other. */
static nbl_status lay_out(nbl__memory *memory, nbl__buffer *buffer, const part *parts, size_t n,
                          nbl__fault *fault)
{
    size_t total = 0;
    for (size_t k = 0; k < n; k++)
        if (parts[k].wanted)
            total =
                nbl__size_add(nbl__size_add(total, nbl__size_of_count(parts[k].count, parts[k].item)), ALIGN);
    nbl_status status = nbl__buffer_reserve(memory, buffer, total ? total : 1, fault);
    char *at = buffer->data;
    for (size_t k = 0; k < n; k++) {
        *parts[k].out = NULL;
        if (status != NBL_OK || !parts[k].wanted)
            continue;
        *parts[k].out = at;
        at += (parts[k].item * (size_t)parts[k].count + ALIGN - 1) / ALIGN * ALIGN;
    }
    return status;
}

#define LAY_OUT(memory, buffer, parts, fault)                                                                  \
    lay_out(memory, buffer, parts, sizeof(parts) / sizeof *(parts), fault)

static nbl_status reserve_fixed(nbl_metrics *m, nbl__scratch *s, nbl__fault *fault)
{
    const uint64_t n_bins = (uint64_t)m->run.request.options.n_bins;
    const bool bins = m->run.request.needs & (NBL__NEED_HISTOGRAM | NBL__NEED_POLAR);
    const part parts[] = {
        {(void **)&s->species, sizeof *s->species, 1, true},
        {(void **)&s->sums, sizeof *s->sums, NBL__HARMONICS_WIDTH, true},
        {(void **)&s->polar, sizeof *s->polar, n_bins, bins},
        {(void **)&s->histogram, sizeof *s->histogram, n_bins, bins},
        {(void **)&s->g, sizeof *s->g, n_bins, bins},
    };
    nbl_status status = LAY_OUT(&m->memory, &s->fixed, parts, fault);
    if (status != NBL_OK)
        return status;
    memset(s->species->count, 0, sizeof s->species->count);
    if (bins)
        memset(s->histogram, 0, (size_t)n_bins * sizeof *s->histogram);
    return NBL_OK;
}

static nbl_status reserve_scratch(nbl_metrics *m, nbl__fault *fault)
{
    const size_t had = (size_t)m->n_scratch * sizeof(nbl__scratch);
    const size_t bytes = (size_t)m->run.team * sizeof(nbl__scratch);
    nbl_status status = nbl__buffer_grow(&m->memory, &m->scratch, had, bytes, fault);
    if (status != NBL_OK)
        return status;
    m->run.scratch = m->scratch.data;
    if (m->n_scratch < m->run.team) {
        memset(m->run.scratch + m->n_scratch, 0, bytes - had);
        m->n_scratch = m->run.team;
    }
    for (int t = 0; t < m->run.team && status == NBL_OK; t++)
        status = reserve_fixed(m, &m->run.scratch[t], fault);
    return status;
}

nbl_status nbl__scratch_grow(nbl_metrics *m, nbl__scratch *s, int32_t k, nbl__fault *fault)
{
    const size_t room = ((size_t)k + 15) / 8 * 8;
    const part parts[] = {
        {(void **)&s->x, sizeof(double), room, true},
        {(void **)&s->y, sizeof(double), room, true},
        {(void **)&s->z, sizeof(double), room, true},
        {(void **)&s->d, sizeof(double), room, true},
        {(void **)&s->ux, sizeof(double), room, true},
        {(void **)&s->uy, sizeof(double), room, true},
        {(void **)&s->uz, sizeof(double), room, true},
        {(void **)&s->j, sizeof(int32_t), room, true},
        {(void **)&s->shifts, sizeof(int32_t), 3 * room, true},
        {(void **)&s->bins, sizeof(int32_t), room, true},
    };
    s->room = 0;
    nbl_status status = LAY_OUT(&m->memory, &s->grown, parts, fault);
    if (status == NBL_OK)
        s->room = k;
    return status;
}

nbl_status nbl__run_even_out(nbl_metrics *m, nbl__fault *fault)
{
    nbl_status status = NBL_OK;
    int32_t most = 0;
    for (int t = 0; t < m->run.team; t++)
        most = m->run.scratch[t].room > most ? m->run.scratch[t].room : most;
    for (int t = 0; t < m->run.team && status == NBL_OK; t++)
        if (m->run.scratch[t].room < most)
            status = nbl__scratch_grow(m, &m->run.scratch[t], most, fault);
    return status;
}

nbl_status nbl__run_reserve_systems(nbl_metrics *m, nbl__fault *fault)
{
    nbl__run *run = &m->run;
    const uint64_t n = (uint64_t)run->input.n_systems;
    const uint32_t needs = run->request.needs;
    const part parts[] = {
        {(void **)&run->systems, sizeof *run->systems, n, true},
        {(void **)&run->cutoffs, sizeof *run->cutoffs, n, true},
        {(void **)&run->statuses, sizeof *run->statuses, n, true},
        {(void **)&run->frames, sizeof *run->frames, n, needs & (NBL__NEED_TRIANGLES | NBL__NEED_CNA)},
        {(void **)&run->histogram, sizeof *run->histogram,
         nbl__size_of_count(n, (size_t)run->request.options.n_bins), needs & NBL__NEED_HISTOGRAM},
    };
    nbl_status status = reserve_scratch(m, fault);
    return status == NBL_OK ? LAY_OUT(&m->memory, &m->systems, parts, fault) : status;
}

/* Where an array of atoms is the caller's, that is the one. */
nbl_status nbl__run_reserve_atoms(nbl_metrics *m, nbl__fault *fault)
{
    nbl__run *run = &m->run;
    const nbl__request *q = &run->request;
    const nbl_metrics_outputs *out = &q->outputs;
    const uint64_t n = (uint64_t)run->input.n_atoms;
    const uint32_t needs = q->needs;
    const bool graph = needs & NBL__NEED_GRAPH, average = needs & NBL__NEED_AVERAGE;
    const bool chi = needs & NBL__NEED_CHI;
    const struct {
        bool wanted;
        double *given;
    } columns[NBL__COLUMNS] = {
        [NBL__COLUMN_Q4] = {nbl__wants(q, NBL_METRIC_Q4), NULL},
        [NBL__COLUMN_Q6] = {nbl__wants(q, NBL_METRIC_Q6), NULL},
        [NBL__COLUMN_Q8] = {nbl__wants(q, NBL_METRIC_Q8), NULL},
        [NBL__COLUMN_CLUSTERING] = {needs & NBL__NEED_TRIANGLES, out->clustering},
        [NBL__COLUMN_ANGLES] = {needs & NBL__NEED_ANGLES, out->angle_entropy},
        [NBL__COLUMN_RADIAL] = {needs & NBL__NEED_RADIAL, out->radial_variance},
        [NBL__COLUMN_ANISOTROPY] = {needs & NBL__NEED_ANISOTROPY, out->anisotropy},
        [NBL__COLUMN_POLAR] = {needs & NBL__NEED_POLAR, NULL},
        [NBL__COLUMN_CHI] = {chi, NULL},
        [NBL__COLUMN_CHI_SQUARES] = {chi, NULL},
        [NBL__COLUMN_MORAN] = {chi, NULL},
    };
    part parts[12];
    size_t k = 0, width = 0;
    double *records = NULL;
    for (int c = 0; c < NBL__COLUMNS; c++)
        width += columns[c].wanted && !columns[c].given;
    parts[k++] = (part){(void **)&records, sizeof(double), nbl__size_of_count(n, width), width > 0};
    parts[k++] = (part){(void **)&run->degree, sizeof(int32_t), n, !out->degree};
    parts[k++] = (part){(void **)&run->coordination, sizeof(int32_t), n,
                        needs & NBL__NEED_COORDINATION && !out->coordination};
    parts[k++] = (part){(void **)&run->ring, sizeof(uint8_t), n, graph && !out->ring};
    parts[k++] = (part){(void **)&run->first_edge, sizeof(int64_t), n, graph || average};
    parts[k++] = (part){(void **)&run->nodes, sizeof(nbl__graph_node), n, graph};
    parts[k++] = (part){(void **)&run->reached, sizeof(int32_t), n, graph};
    parts[k++] = (part){(void **)&run->moments, sizeof(double),
                        nbl__size_of_count(n, (size_t)run->moments_width), average};
    parts[k++] = (part){(void **)&run->copy, 3 * sizeof(double), n, !nbl__run_in_place(m)};
    nbl_status status = lay_out(&m->memory, &m->atoms, parts, k, fault);
    if (status != NBL_OK)
        return status;
    for (int c = 0, at = 0; c < NBL__COLUMNS; c++) {
        const bool own = columns[c].wanted && !columns[c].given;
        run->columns[c] = own ? records + at++ : columns[c].wanted ? columns[c].given : NULL;
        run->strides[c] = own ? (int64_t)width : 1;
    }
    run->degree = out->degree ? out->degree : run->degree;
    run->coordination = out->coordination ? out->coordination : run->coordination;
    run->ring = out->ring ? out->ring : run->ring;
    run->component = out->component;
    return NBL_OK;
}

void nbl__run_free(nbl_metrics *m)
{
    nbl__scratch *scratch = m->scratch.data;
    for (int t = 0; t < m->n_scratch; t++) {
        nbl__buffer_free(&m->memory, &scratch[t].fixed);
        nbl__buffer_free(&m->memory, &scratch[t].grown);
    }
    nbl__buffer_free(&m->memory, &m->scratch);
    nbl__buffer_free(&m->memory, &m->polar_edges);
    nbl__buffer_free(&m->memory, &m->first);
    nbl__buffer_free(&m->memory, &m->systems);
    nbl__buffer_free(&m->memory, &m->atoms);
    nbl__buffer_free(&m->memory, &m->reorder.memory);
    nbl__edges_free(&m->edges, &m->memory);
}
