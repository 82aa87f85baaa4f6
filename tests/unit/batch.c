/* SPDX-License-Identifier: MIT */
#include "batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/dispatch.h"

void batch_pack(struct batch *b)
{
    b->n_atoms = 0;
    for (int64_t s = 0; s < b->n_systems; s++) {
        const struct world *world = &b->at[s];
        b->first[s] = b->n_atoms;
        memcpy(b->positions[b->n_atoms], world->r, (size_t)world->n * sizeof *world->r);
        memcpy(b->cells[s], world->h, sizeof world->h);
        memcpy(b->pbc[s], world->pbc, sizeof world->pbc);
        b->has_cell[s] = !world_is_open(world);
        b->cutoffs[s] = world->rc;
        b->n_atoms += world->n;
        if (world->n == 0) {
            memset(b->cells[s], 0xff, sizeof b->cells[s]);
            memset(b->pbc[s], 0xff, sizeof b->pbc[s]);
            b->has_cell[s] = s % 2 != 0;
            b->cutoffs[s] = s % 3 ? NAN : -1.0;
        }
    }
    b->first[b->n_systems] = b->n_atoms;
    b->input.n_systems = b->input.n_cells = b->input.n_pbc = b->input.n_cutoffs = b->n_systems;
    b->input.n_atoms = b->n_atoms;
    b->input.first = b->first;
    b->input.positions = b->positions;
    b->input.cells = b->cells;
    b->input.has_cell = b->has_cell;
    b->input.pbc = b->pbc[0];
    b->input.cutoffs = b->cutoffs;
}

static void clear(struct batch *b, int64_t n_systems)
{
    memset(&b->input, 0, sizeof b->input);
    b->input.positions_dtype = b->input.cell_dtype = NBL_FLOAT64;
    b->input.n_threads = b->input.least_pieces = 1;
    b->input.strips = nbl__dispatch_kernels(NBL_ISA_AUTO)->strips;
    b->n_systems = n_systems;
}

void batch_random(struct batch *b, struct random *g, int64_t most)
{
    clear(b, random_int(g, 1, most));
    for (int64_t s = 0; s < b->n_systems; s++) {
        world_random(&b->at[s], g, random_chance(g, 8) ? 100 : 15);
        b->at[s].rc = fmin(b->at[s].rc, 4.0);
        if (random_chance(g, 6))
            b->at[s].n = 0;
    }
    b->input.algorithm = random_chance(g, 3) ? (int32_t)random_int(g, 0, 2) : NBL_ALGORITHM_AUTO;
    b->input.n_threads = (int)random_int(g, 1, 4);
    batch_pack(b);
}

void batch_alone(struct batch *b, const struct world *world)
{
    clear(b, 1);
    world_open(&b->at[0]);
    world_copy(&b->at[0], world);
    b->input.lone = true;
    batch_pack(b);
    memcpy(b->cells[0], world->h, sizeof world->h);
    memcpy(b->pbc[0], world->pbc, sizeof world->pbc);
    b->has_cell[0] = 1;
    b->cutoffs[0] = world->rc;
}

void batch_close(struct batch *b)
{
    for (int64_t s = 0; s < b->n_systems; s++)
        if (world_close(&b->at[s]) != 0)
            abort();
}

nbl__query batch_plain_query(struct batch *b)
{
    for (int64_t s = 0; s < b->n_systems; s++)
        b->searched[s] = b->cutoffs[s];
    return (nbl__query){.n_lists = 1,
                        .n_sets = b->n_systems,
                        .cutoffs = b->searched,
                        .n_centers = -1,
                        .n_threads = 1,
                        .least_pieces = 1,
                        .kernels = nbl__dispatch_kernels(NBL_ISA_AUTO)};
}

nbl__query batch_query(struct batch *b, struct random *g)
{
    nbl__query query = batch_plain_query(b);
    query.half = random_chance(g, 2);
    query.inclusive = random_chance(g, 2);
    query.self = random_chance(g, 2);
    query.sorted = random_chance(g, 2);
    query.disjoint = random_chance(g, 2);
    query.n_threads = (int)random_int(g, 1, 4);
    query.n_lists = random_chance(g, 2) ? 1 : (int32_t)random_int(g, 2, BATCH_LISTS);
    query.n_sets = random_chance(g, 2) ? 1 : b->n_systems;
    double least = HUGE_VAL;
    for (int64_t s = 0; s < b->n_systems; s++)
        least = b->at[s].n > 0 ? fmin(least, b->cutoffs[s]) : least;
    for (int64_t s = 0; s < query.n_sets; s++)
        for (int32_t k = 0; k < query.n_lists; k++) {
            const double most = query.n_sets == 1 ? least : b->cutoffs[s];
            double *cutoff = &b->searched[s * query.n_lists + k];
            *cutoff = most * (random_chance(g, 2) ? 1.0 : 1.0 - 0.9 * random_unit(g));
            if (k > 0 && random_chance(g, 4))
                *cutoff = cutoff[-1];
        }
    return query;
}

static void add_moved(struct unit_pairs *to, const struct unit_pairs *from, int64_t first)
{
    for (size_t e = 0; e < from->count; e++) {
        struct unit_pair pair = from->data[e];
        pair.i += first;
        pair.j += first;
        unit_pairs_add(to, &pair);
    }
}

void batch_reference(struct batch *b, const nbl__query *query, const int32_t *statuses, int32_t k,
                     struct unit_pairs *pairs)
{
    for (int64_t s = 0; s < b->n_systems; s++) {
        struct unit_pairs lists[WORLD_LISTS] = {{NULL, 0, 0}};
        struct world *world = &b->at[s];
        if (world->n == 0 || (statuses && statuses[s] != NBL_OK))
            continue;
        memcpy(world->cutoffs, nbl__query_cutoffs(query, s), (size_t)query->n_lists * sizeof *world->cutoffs);
        unit_reference_lists(world, query, lists);
        add_moved(pairs, &lists[k], b->first[s]);
        for (int32_t l = 0; l < query->n_lists; l++)
            unit_pairs_free(&lists[l]);
    }
}

void batch_rows(struct batch *b, const nbl__set *set, const nbl__rows *rows, const nbl__image **tables,
                const int32_t *statuses, struct unit_pairs *pairs)
{
    for (int64_t s = 0; s < b->n_systems; s++) {
        struct world *world = &b->at[s];
        if (world->n == 0 || statuses[s] != NBL_OK || world_wrap(world) != NBL_OK)
            continue;
        world->path = set->members[s].path;
        world->table = world->path == NBL__PATH_BLOCK && tables ? tables[s] : NULL;
        if (world->path == NBL__PATH_CELLS)
            world->slots.images = set->binned[set->members[s].grid].slots.images;
        for (int64_t i = 0; i < world->n && b->first[s] + i < rows->n; i++) {
            const nbl__view view = unit_view(world, rows, b->first[s], i);
            for (uint32_t e = 0; e < view.count; e++) {
                struct unit_pair pair = unit_pair_of(world, &view, e);
                pair.i += b->first[s];
                pair.j += b->first[s];
                unit_pairs_add(pairs, &pair);
            }
        }
    }
}
