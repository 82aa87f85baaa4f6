/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <math.h>
#include <stdio.h>
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
    nbl__arena_init(&world->arena, &world->memory.memory);
}

long long world_close(struct world *world)
{
    nbl__memory *memory = &world->memory.memory;
    for (int k = 0; k < WORLD_LISTS; k++)
        nbl__rows_free(&world->rows[k], memory);
    nbl__arena_free(&world->arena);
    nbl__buffer_free(memory, &world->columns);
    nbl__buffer_free(memory, &world->reverse_memory);
    nbl__grid_free(&world->grid, memory);
    nbl__slots_free(&world->slots, memory);
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

void world_copy(struct world *to, const struct world *from)
{
    to->n = from->n;
    to->rc = from->rc;
    memcpy(to->r, from->r, sizeof to->r);
    memcpy(to->h, from->h, sizeof to->h);
    memcpy(to->pbc, from->pbc, sizeof to->pbc);
}

void world_scale(struct world *world, int exponent)
{
    for (int64_t i = 0; i < world->n; i++)
        for (int k = 0; k < 3; k++)
            world->r[i][k] = ldexp(world->r[i][k], exponent);
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            world->h[a][k] = ldexp(world->h[a][k], exponent);
    world->rc = ldexp(world->rc, exponent);
}

bool world_is_open(const struct world *world)
{
    return !world->pbc[0] && !world->pbc[1] && !world->pbc[2];
}

nbl_status world_wrap(struct world *world)
{
    nbl_status status = nbl__lattice_init(&world->lattice, world->h, world->pbc, &world->fault);
    if (status != NBL_OK)
        return status;
    return nbl__wrap(&world->lattice, world->n, (const double(*)[3])world->r, &world->wrapped, NULL,
                     &world->fault);
}

void world_plan(struct world *world, double cutoff, int32_t algorithm)
{
    nbl__plan_make(&world->plan, &world->lattice, &world->wrapped, world->n, cutoff, algorithm);
}

nbl_status world_bin(struct world *world, double cutoff)
{
    nbl__memory *memory = &world->memory.memory;
    world_plan(world, cutoff, NBL_ALGORITHM_CELLS);
    nbl_status status =
        nbl__grid_init(&world->grid, &world->lattice, &world->wrapped, world->n, world->plan.distance,
                       world->plan.width, world->plan.max_bins, memory, &world->fault);
    if (status != NBL_OK)
        return status;
    return nbl__slots_init(&world->slots, &world->grid, &world->lattice, &world->wrapped, world->n,
                           world->plan.distance, NULL, 1, memory, &world->fault);
}

int64_t world_padded_bin(const struct world *world, int64_t i, const int m[3])
{
    const nbl__grid *grid = &world->grid;
    int64_t linear = 0;
    for (int a = 0; a < 3; a++) {
        int64_t bin = nbl__grid_bin(grid, a, nbl__dot(world->lattice.g[a], world->p[i]));
        bin += (int64_t)m[a] * grid->n[a] + grid->reach[a];
        if (bin < 0 || bin >= grid->padded[a])
            return -1;
        linear += bin * grid->stride[a];
    }
    return linear;
}

/* A set has one lattice for all open systems. */
nbl__scene world_scene(const struct world *world)
{
    return (nbl__scene){.n = world->n,
                        .r = (const double(*)[3])world->r,
                        .lattice = world_is_open(world) ? &nbl__lattice_open : &world->lattice,
                        .wrapped = &world->wrapped,
                        .grid = &world->grid,
                        .slots = &world->slots,
                        .error = world->plan.error};
}

nbl__query world_query(struct world *world, double cutoff)
{
    world->cutoffs[0] = cutoff;
    return (nbl__query){.n_lists = 1,
                        .n_sets = 1,
                        .cutoffs = world->cutoffs,
                        .n_centers = -1,
                        .n_threads = 1,
                        .least_pieces = 1,
                        .kernels = nbl__dispatch_kernels(NBL_ISA_AUTO)};
}

nbl__query world_random_query(struct world *world, struct random *g, double cutoff)
{
    nbl__query query = world_query(world, cutoff);
    query.half = random_chance(g, 2);
    query.inclusive = random_chance(g, 2);
    query.self = random_chance(g, 2);
    query.sorted = random_chance(g, 2);
    query.disjoint = random_chance(g, 2);
    query.n_threads = (int)random_int(g, 1, 4);
    if (!query.half && random_chance(g, 3))
        query.n_centers = random_int(g, 0, world->n);
    if (random_chance(g, 2))
        query.n_lists = (int32_t)random_int(g, 2, WORLD_LISTS);
    const int64_t largest = random_int(g, 0, query.n_lists - 1);
    for (int32_t k = 0; k < query.n_lists; k++) {
        world->cutoffs[k] = cutoff * (1.0 - 0.9 * random_unit(g));
        if (k == largest || random_chance(g, 5))
            world->cutoffs[k] = cutoff;
        else if (k > 0 && random_chance(g, 4))
            world->cutoffs[k] = world->cutoffs[k - 1];
    }
    return query;
}

const char *world_query_text(const nbl__query *query, char text[240])
{
    int at = snprintf(text, 240, "cutoffs");
    for (int32_t k = 0; k < query->n_lists && at < 180; k++)
        at += snprintf(text + at, 240 - (size_t)at, " %.17g", query->cutoffs[k]);
    snprintf(text + at, 240 - (size_t)at, "%s%s%s%s%s, centers %lld", query->half ? ", half" : "",
             query->inclusive ? ", inclusive" : "", query->self ? ", self" : "",
             query->sorted ? ", sorted" : "", query->disjoint ? ", disjoint" : "", (long long)query->n_centers);
    return text;
}

nbl_status world_prepare(struct world *world, struct world_job *job, const nbl__query *query,
                         const nbl__target *target, enum nbl__path path, int64_t system, int64_t first)
{
    const nbl__scene scene = world_scene(world);
    nbl_status status = NBL_OK;
    job->path = path;
    nbl__levels_make(job->levels, query->cutoffs, query->n_lists, query->inclusive);
    nbl__job_init(&job->job, &scene, query, target, job->levels, system, first);
    if (path == NBL__PATH_CELLS) {
        const size_t bytes = (size_t)nbl__stencil_room(&world->grid) * sizeof(nbl__column);
        status = nbl__buffer_reserve(&world->memory.memory, &world->columns, bytes, &world->fault);
        if (status == NBL_OK)
            nbl__cells_prepare(&job->job, world->columns.data);
    } else if (path == NBL__PATH_FORMULA) {
        status = nbl__formula_prepare(&job->job, &world->fault);
    }
    nbl__team_init(&job->team, job->job.n_pieces, query->max_pairs);
    return status;
}

static nbl_status do_piece(struct world_job *job, nbl__worker *w)
{
    if (job->path == NBL__PATH_BLOCK)
        return nbl__block_system(w, &job->job);
    return job->path == NBL__PATH_CELLS ? nbl__cells_piece(w, &job->job, w->piece)
                                        : nbl__formula_piece(w, &job->job, w->piece);
}

static void do_pieces(void *context, int thread, int team_size)
{
    (void)team_size;
    struct world_job *job = context;
    nbl__worker w = nbl__worker_open(&job->team, thread);
    while ((w.piece = nbl__team_next(&job->team, thread)) >= 0) {
        nbl_status status = do_piece(job, &w);
        if (status == NBL_ESHIFT)
            nbl__job_fail(&job->job, w.piece, status, &w.fault);
        else if (status != NBL_OK)
            nbl__team_fail(&job->team, w.piece, status, &w.fault);
    }
    nbl__worker_close(&w);
    nbl__lock_take(&job->team.lock);
    job->team.kept_bytes += w.kept_bytes;
    job->team.most_scratch = w.most_scratch > job->team.most_scratch ? w.most_scratch : job->team.most_scratch;
    nbl__lock_give(&job->team.lock);
}

nbl_status world_traverse(struct world *world, const nbl__query *query, const nbl__target *target,
                          enum nbl__path path, int64_t system, int64_t first)
{
    struct world_job job;
    nbl_status status = world_prepare(world, &job, query, target, path, system, first);
    world->path = path;
    if (status != NBL_OK)
        return status;
    nbl__team_run(&job.team, query->n_threads, query->least_pieces, do_pieces, &job);
    if (job.team.status != NBL_OK || job.job.status != NBL_OK) {
        world->fault = job.team.status != NBL_OK ? job.team.fault : job.job.fault;
        return job.team.status != NBL_OK ? job.team.status : job.job.status;
    }
    const nbl__need need =
        nbl__worker_need(job.team.n_threads, job.team.most_scratch, job.team.kept_bytes, query->n_lists);
    return need.n_threads > 1 ? nbl__arena_provide(target->arena, &need, &world->fault) : NBL_OK;
}

nbl_status world_search(struct world *world, const nbl__query *query, enum nbl__path path, bool keep)
{
    const nbl__target target = {.rows = world->rows,
                                .only = -1,
                                .arena = &world->arena,
                                .tables = &world->table,
                                .most_wide = NBL__KEEP_WIDE};
    nbl_status status = NBL_OK;
    world->table = NULL;
    for (int32_t k = 0; k < query->n_lists && status == NBL_OK; k++)
        status = nbl__rows_open(&world->rows[k], nbl__query_rows(query, world->n), keep, &world->memory.memory,
                                &world->fault);
    nbl__arena_rewind(&world->arena);
    if (status == NBL_OK)
        status = world_traverse(world, query, &target, path, 0, 0);
    for (int32_t k = 0; k < query->n_lists && status == NBL_OK; k++)
        nbl__rows_close(&world->rows[k], query->kernels->expand, 1);
    return status;
}
