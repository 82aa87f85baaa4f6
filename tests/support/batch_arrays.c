/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "batches.h"

static size_t real_bytes(int is_f32)
{
    return is_f32 ? sizeof(float) : sizeof(double);
}

static void put_real(unsigned char *to, double value, int is_f32)
{
    float low = (float)value;
    if (is_f32)
        memcpy(to, &low, sizeof low);
    else
        memcpy(to, &value, sizeof value);
}

static void put_id(unsigned char *to, int64_t at, int64_t value, int is_32)
{
    int32_t low = (int32_t)value;
    if (is_32)
        memcpy(to + 4 * at, &low, sizeof low);
    else
        memcpy(to + 8 * at, &value, sizeof value);
}

/* The system whose values are the shared ones: the first that has atoms. NULL: there is none. */
static const struct batch_member *speaker(const struct batch_draft *d)
{
    for (int64_t b = 0; b < d->n_systems; b++)
        if (d->at[b].n > 0)
            return &d->at[b];
    return NULL;
}

static void pack_positions(struct batch_arrays *a, const struct batch_draft *d)
{
    size_t real = real_bytes(d->positions_f32), n = (size_t)a->input.n_atoms;
    a->step = d->stride ? (size_t)d->stride : 3 * real;
    size_t used = n ? (n - 1) * a->step + 3 * real : 0;
    unsigned char *bytes = guard_take(&a->positions, used);
    memset(bytes, 0xff, used);
    a->input.positions = bytes;
    for (int64_t b = 0; b < d->n_systems; b++)
        for (int64_t x = 0; x < 3 * d->at[b].n; x++) {
            size_t atom = (size_t)(a->first[b] + x / 3), k = (size_t)(x % 3);
            put_real(bytes + atom * a->step + k * real, d->at[b].r[x], d->positions_f32);
        }
}

static void pack_ids(struct batch_arrays *a, const struct batch_draft *d)
{
    size_t entry = d->ids_32 ? 4 : 8;
    a->input.ids_dtype = d->ids_32 ? NBL_INT32 : d->seed % 2 ? NBL_INT64 : NBL_DTYPE_DEFAULT;
    if (d->by_ids) {
        unsigned char *ids = guard_take(&a->ids, (size_t)a->input.n_atoms * entry);
        for (int64_t b = 0; b < d->n_systems; b++)
            for (int64_t i = a->first[b]; i < a->first[b + 1]; i++)
                put_id(ids, i, b, d->ids_32);
        a->input.batch = ids;
    } else {
        unsigned char *ptr = guard_take(&a->ids, ((size_t)d->n_systems + 1) * entry);
        for (int64_t b = 0; b <= d->n_systems; b++)
            put_id(ptr, b, a->first[b], d->ids_32);
        a->input.ptr = ptr;
    }
}

static void pack_cells(struct batch_arrays *a, const struct batch_draft *d)
{
    size_t real = real_bytes(d->cell_f32);
    int64_t n = d->cells == BATCH_NONE ? 0 : d->cells == BATCH_ONE ? 1 : d->n_systems;
    a->input.n_cells = n;
    if (d->cells == BATCH_NONE)
        return;
    unsigned char *cells = guard_take(&a->cells, (size_t)n * 9 * real);
    uint8_t *has_cell = guard_take(&a->has_cell, (size_t)n);
    memset(cells, 0xff, (size_t)n * 9 * real);
    for (int64_t c = 0; c < n; c++) {
        const struct batch_member *m = d->cells == BATCH_ONE ? speaker(d) : &d->at[c];
        has_cell[c] = (uint8_t)(m && m->n > 0 ? (m->has_cell ? 1 + c % 255 : 0) : 1);
        for (size_t k = 0; m && m->n > 0 && m->has_cell && k < 9; k++)
            put_real(cells + ((size_t)c * 9 + k) * real, m->h[k], d->cell_f32);
    }
    a->input.cells = cells;
    a->input.has_cell = d->cell_flags ? has_cell : NULL;
}

static void pack_pbc(struct batch_arrays *a, const struct batch_draft *d)
{
    int64_t n = d->pbc == BATCH_NONE ? 0 : d->pbc == BATCH_ONE ? 1 : d->n_systems;
    a->input.n_pbc = n;
    if (d->pbc == BATCH_NONE)
        return;
    uint8_t *pbc = guard_take(&a->pbc, (size_t)n * 3);
    memset(pbc, 0xff, (size_t)n * 3);
    for (int64_t c = 0; c < n; c++) {
        const struct batch_member *m = d->pbc == BATCH_ONE ? speaker(d) : &d->at[c];
        if (m && m->n > 0)
            memcpy(pbc + 3 * c, m->pbc, 3);
    }
    a->input.pbc = pbc;
}

/* A cutoff for all is read whether there are atoms or not; one of an empty system is not. */
static void pack_cutoffs(struct batch_arrays *a, const struct batch_draft *d)
{
    int64_t n = d->cutoffs == BATCH_ONE ? 1 : d->n_systems;
    double *cutoffs = guard_take(&a->cutoffs, (size_t)n * sizeof *cutoffs);
    for (int64_t c = 0; c < n; c++) {
        const struct batch_member *m = d->cutoffs == BATCH_ONE ? speaker(d) : &d->at[c];
        cutoffs[c] = m && m->n > 0 ? m->rc : d->cutoffs == BATCH_ONE ? 1 : NAN;
    }
    a->input.cutoffs = cutoffs;
    a->input.n_cutoffs = n;
}

void batch_pack(struct batch_arrays *a, const struct batch_draft *d)
{
    nbl_batch_input fresh = NBL_BATCH_INPUT_INIT;
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    a->input = fresh;
    a->options = options;
    a->options.positions_dtype = d->positions_f32 ? NBL_FLOAT32 : 0;
    a->options.cell_dtype = d->cell_f32 ? NBL_FLOAT32 : NBL_FLOAT64;
    a->options.positions_stride = d->stride;
    a->input.n_systems = d->n_systems;
    a->input.n_atoms = batch_atoms(d);
    int64_t *first = realloc(a->first, ((size_t)d->n_systems + 1) * sizeof *first);
    if (!first)
        exit(99);
    a->first = first;
    first[0] = 0;
    for (int64_t b = 0; b < d->n_systems; b++)
        first[b + 1] = first[b] + d->at[b].n;
    pack_positions(a, d);
    pack_ids(a, d);
    pack_cells(a, d);
    pack_pbc(a, d);
    pack_cutoffs(a, d);
}

void batch_spoil(struct batch_arrays *a)
{
    struct guard *const all[] = {&a->positions, &a->ids, &a->cells, &a->has_cell, &a->pbc, &a->cutoffs};
    for (int k = 0; k < 6; k++)
        if (all[k]->base)
            memset(all[k]->base + all[k]->usable - all[k]->taken, 0xff, all[k]->taken);
}

void batch_arrays_free(struct batch_arrays *a)
{
    struct guard *const all[] = {&a->positions, &a->ids, &a->cells, &a->has_cell, &a->pbc, &a->cutoffs};
    for (int k = 0; k < 6; k++)
        guard_free(all[k]);
    free(a->first);
    memset(a, 0, sizeof *a);
}

nbl_status batch_build_alone(nbl_cell_list *list, const struct batch_arrays *a, const struct batch_draft *d,
                             int64_t b, int32_t algorithm)
{
    const struct batch_member *m = &d->at[b];
    const unsigned char *positions = a->input.positions, *cells = a->input.cells;
    size_t cell = 9 * real_bytes(d->cell_f32), at = d->cells == BATCH_ONE ? 0 : (size_t)b;
    nbl_build_options options = a->options;
    options.algorithm = algorithm;
    options.n_threads = 1;
    const uint8_t *pbc = a->input.pbc ? a->input.pbc + (d->pbc == BATCH_ONE ? 0 : 3 * b) : NULL;
    return nbl_cell_list_build(list, m->n, positions + (size_t)a->first[b] * a->step,
                               m->has_cell ? cells + at * cell : NULL, pbc, m->rc, &options);
}
