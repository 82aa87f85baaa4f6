/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "take.h"

/* The arrays of a batch. */
struct arrays {
    double *r, *h, *cutoffs;
    int64_t *ptr;
    int32_t *ids;
    uint8_t *pbc, *has_cell;
    int32_t *statuses;
};

static void pack(struct arrays *a, const struct input *systems, int64_t n_systems)
{
    int64_t n = 0;
    for (int64_t b = 0; b < n_systems; b++)
        n += systems[b].n;
    a->r = take(3 * n, sizeof *a->r);
    a->h = take(9 * n_systems, sizeof *a->h);
    a->cutoffs = take(n_systems, sizeof *a->cutoffs);
    a->ptr = take(n_systems, sizeof *a->ptr);
    a->ids = take(n, sizeof *a->ids);
    a->pbc = take(3 * n_systems, sizeof *a->pbc);
    a->has_cell = take(n_systems, sizeof *a->has_cell);
    a->statuses = take(n_systems, sizeof *a->statuses);
    for (int64_t b = 0; b < n_systems; b++) {
        const struct input *in = &systems[b];
        a->ptr[b + 1] = a->ptr[b] + in->n;
        for (int64_t i = a->ptr[b]; i < a->ptr[b + 1]; i++)
            a->ids[i] = (int32_t)b;
        if (in->n > 0)
            memcpy(&a->r[3 * a->ptr[b]], in->r, (size_t)in->n * 3 * sizeof *a->r);
        memcpy(&a->h[9 * b], in->h, sizeof in->h);
        memcpy(&a->pbc[3 * b], in->pbc, sizeof in->pbc);
        a->has_cell[b] = (uint8_t)in->has_cell;
        a->cutoffs[b] = in->rc;
    }
}

static void unpack(struct arrays *a)
{
    free(a->r);
    free(a->h);
    free(a->cutoffs);
    free(a->ptr);
    free(a->ids);
    free(a->pbc);
    free(a->has_cell);
    free(a->statuses);
}

/* NBL_EBATCH is an answer like others: some inputs are refused on purpose. */
static void accept(struct engine *e, nbl_status status, const char *what)
{
    tally_number(&e->tally, status);
    engine_need(e, status == NBL_EBATCH ? NBL_OK : status, what);
}

static void build_batch(struct engine *e, struct arrays *a, int64_t n_systems)
{
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    in.n_systems = n_systems;
    in.n_atoms = a->ptr[n_systems];
    in.positions = a->r;
    if (random_chance(&e->g, 2)) {
        in.batch = a->ids;
        in.ids_dtype = NBL_INT32;
    } else {
        in.ptr = a->ptr;
    }
    in.cells = a->h;
    in.has_cell = a->has_cell;
    in.pbc = a->pbc;
    in.cutoffs = a->cutoffs;
    in.n_cells = in.n_pbc = in.n_cutoffs = n_systems;
    options.algorithm = (int32_t)random_int(&e->g, NBL_ALGORITHM_AUTO, NBL_ALGORITHM_CELLS);
    options.n_threads = random_chance(&e->g, 2) ? 3 : 1;
    accept(e, nbl_batch_build(e->batch, &in, &options, a->statuses), "batch build");
    for (int64_t b = 0; b < n_systems; b++)
        tally_number(&e->tally, a->statuses[b]);
}

static void search_batch(struct engine *e, uint32_t kind, const struct arrays *a, int64_t n_systems)
{
    nbl_search_options options = engine_draw_search(e, kind, 0);
    struct tally_rows rows = {0};
    int with_reverse = !(kind & NBL_HALF);
    accept(e, nbl_batch_search(e->batch, 0, NULL, &options, e->result), "batch search");
    tally_list(&e->tally, e->result, 0, options.flags, 3, with_reverse);

    double *cutoffs = take(2 * n_systems, sizeof *cutoffs);
    for (int64_t k = 0; k < 2 * n_systems; k++)
        cutoffs[k] = a->cutoffs[k / 2] * (k % 2 ? 0.75 : 1);
    if (random_chance(&e->g, 2))
        options.flags |= NBL_DISJOINT;
    accept(e, nbl_batch_search_multi(e->batch, 2, n_systems, cutoffs, &options, e->result), "batch search");
    engine_tally(e, &options);
    accept(e, nbl_batch_visit(e->batch, 2, n_systems, cutoffs, &options, e->result, tally_visit, &rows),
           "batch visit");
    tally_visited(&e->tally, &rows, options.flags);
    free(cutoffs);
}

void engine_batch(struct engine *e, const struct input *systems, int64_t n_systems)
{
    struct arrays a;
    pack(&a, systems, n_systems);
    for (int f = 0; f < ENGINE_KINDS; f++) {
        build_batch(e, &a, n_systems);
        search_batch(e, engine_kinds[f], &a, n_systems);
    }
    unpack(&a);
}
