/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <math.h>
#include <string.h>

#include "search/dispatch.h"

void world_open(struct world *world)
{
    memset(world, 0, sizeof *world);
    for (int a = 0; a < 3; a++)
        world->h[a][a] = 1.0;
    world->rc = 1.0;
    world->wrapped.p = world->p;
    world->wrapped.w = world->w;
    unit_memory_open(&world->memory);
    nbl__list_init(&world->list, &world->memory.memory);
}

long long world_close(struct world *world)
{
    nbl__list_free(&world->list);
    nbl__grid_free(&world->grid, &world->memory.memory);
    nbl__slots_free(&world->slots, &world->memory.memory);
    return unit_memory_leaks(&world->memory);
}

void world_random_cell(struct random *g, const uint8_t pbc[3], double h[3][3])
{
    double longest = random_chance(g, 3) ? 20.0 : 8.0, turn[3][3], own[3][3];
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            own[a][k] = a == k ? random_range(g, 0.5, longest) : 0.0;
    if (!random_chance(g, 3))
        for (int a = 1; a < 3; a++)
            for (int k = 0; k < a; k++)
                own[a][k] = random_range(g, -2.0, 2.0) * own[k][k];
    if (random_chance(g, 3))
        own[0][0] = -own[0][0];
    random_rotation(g, turn);
    bool turned = random_chance(g, 2);
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++) {
            h[a][k] = turned ? nbl__dot(own[a], turn[k]) : own[a][k];
            if (!pbc[a])
                h[a][k] = 0.0;
        }
}

/* Anywhere in and around the cell, sometimes exactly on a face, sometimes cells away. */
static void random_atom(struct random *g, const struct world *world, const double spread[3], double *r)
{
    for (int k = 0; k < 3; k++)
        r[k] = random_range(g, 0.0, spread[k]);
    for (int a = 0; a < 3; a++) {
        double f = random_unit(g);
        if (random_chance(g, 8))
            f = random_chance(g, 2) ? 0.0 : 1.0;
        if (random_chance(g, 10))
            f += (double)random_int(g, -3, 3);
        if (random_chance(g, 100))
            f = -4e-52;
        for (int k = 0; k < 3 && world->pbc[a]; k++)
            r[k] += f * world->h[a][k];
    }
}

void world_random(struct world *world, struct random *g, int64_t most)
{
    world_open(world);
    world->n = random_int(g, 1, most);
    for (int a = 0; a < 3; a++)
        world->pbc[a] = random_chance(g, 3) ? 0 : 1;
    world_random_cell(g, world->pbc, world->h);
    double spread[3], island = random_chance(g, 4) ? random_log(g, 10.0, 1e6) : 0.0;
    for (int k = 0; k < 3; k++)
        spread[k] = random_chance(g, 6) ? 0.0 : random_range(g, 0.0, 12.0);
    for (int64_t i = 0; i < world->n; i++) {
        random_atom(g, world, spread, world->r[i]);
        if (i > 0 && random_chance(g, 30))
            memcpy(world->r[i], world->r[i - 1], sizeof world->r[i]);
        for (int a = 0; a < 3 && island > 0.0; a++)
            if (!world->pbc[0] && !world->pbc[1] && !world->pbc[2])
                world->r[i][a] += island * (double)random_int(g, 0, 2);
    }
    world->rc = random_log(g, 0.3, 6.0);
}

nbl_status world_wrap(struct world *world)
{
    nbl_status status = nbl__lattice_init(&world->lattice, world->h, world->pbc, &world->fault);
    if (status != NBL_OK)
        return status;
    return nbl__wrap(&world->lattice, world->n, (const double(*)[3])world->r, &world->wrapped, &world->fault);
}

nbl_status world_bin(struct world *world, double cutoff)
{
    nbl__memory *memory = &world->memory.memory;
    nbl__plan_make(&world->plan, &world->lattice, &world->wrapped, world->n, cutoff, NBL_ALGORITHM_CELLS);
    nbl_status status =
        nbl__grid_init(&world->grid, &world->lattice, &world->wrapped, world->n, world->plan.distance,
                       world->plan.width, world->plan.max_bins, memory, &world->fault);
    if (status != NBL_OK)
        return status;
    return nbl__slots_init(&world->slots, &world->grid, &world->lattice, &world->wrapped, world->n, memory,
                           &world->fault);
}

nbl__scene world_scene(const struct world *world)
{
    nbl__scene scene = {world->n,         (const double(*)[3])world->r,
                        &world->lattice,  &world->wrapped,
                        &world->grid,     &world->slots,
                        world->plan.error};
    return scene;
}

nbl__query world_query(const struct world *world, double cutoff)
{
    nbl__query query = {.cutoff = cutoff, .n_rows = world->n, .n_threads = 1, .least_pieces = 1};
    query.kernel = nbl__dispatch_kernel(NBL_ISA_AUTO);
    return query;
}

nbl_status world_search(struct world *world, const nbl__query *query, bool brute, bool keep)
{
    nbl__scene scene = world_scene(world);
    nbl__list *list = &world->list;
    nbl__target target = {&list->rows, &list->arena, NULL, NULL, &list->stencil_memory};
    nbl_status status =
        nbl__rows_open(&list->rows, query->n_rows, keep, brute, &world->memory.memory, &world->fault);
    if (status == NBL_OK)
        status = brute ? nbl__search_brute(&scene, query, &target, &world->fault)
                       : nbl__search_cells(&scene, query, &target, &world->fault);
    if (status == NBL_OK)
        nbl__rows_close(&list->rows);
    return status;
}
