/* SPDX-License-Identifier: MIT */
/* All systems for one cutoff: one after another, or as one batch. */
#include "library.h"

static int64_t one_step(const bench_work *work)
{
    (void)work;
    return 1;
}

static int64_t step_per_system(const bench_work *work)
{
    return work->set->count;
}

static bool loop_search(bench_library *library, int64_t system)
{
    nbl_status status = nbl_cell_list_search(library->list, library->work.cutoff, NULL, library->result);
    return nbl__bench_good(library, system, status, nbl_result_message(library->result));
}

static bool fetch(bench_library *library, int64_t step)
{
    nbl_status status = nbl_result_fetch(library->result, 0, &library->outputs);
    return nbl__bench_good(library, step, status, nbl_result_message(library->result));
}

static bool loop_digest(bench_library *library, int64_t system, bench_digest *digest)
{
    const nbl_outputs *out = &library->outputs;
    const bench_pairs pairs = {nbl_result_n_pairs(library->result, 0), 0, 1, out->i, out->j, out->shifts};
    nbl__bench_digest_add(digest, system, &pairs);
    return true;
}

static bool batch_build(bench_library *library, int64_t step)
{
    const bench_systems *set = library->work.set;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = in.n_cells = in.n_pbc = set->count;
    in.n_atoms = set->n_atoms;
    in.n_cutoffs = 1;
    in.positions = set->positions;
    in.ptr = set->first;
    in.cells = set->cells;
    in.pbc = set->pbc[0];
    in.cutoffs = &library->work.cutoff;
    nbl_status status = nbl_batch_build(library->batch, &in, NULL, NULL);
    return nbl__bench_good(library, step, status, nbl_batch_message(library->batch));
}

static bool batch_search(bench_library *library, int64_t step)
{
    nbl_status status = nbl_batch_search(library->batch, 0, NULL, NULL, library->result);
    return nbl__bench_good(library, step, status, nbl_result_message(library->result));
}

/* The indices of a batch count through all systems, and the rows of a system stand together. */
static bool batch_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    const bench_systems *set = library->work.set;
    const nbl_outputs *out = &library->outputs;
    const int64_t m = nbl_result_n_pairs(library->result, 0), *i = out->i, *j = out->j;
    const int32_t *shifts = out->shifts;
    int64_t begin = 0;
    (void)step;
    for (int64_t system = 0; system < set->count; system++) {
        int64_t end = begin;
        while (end < m && i[end] < set->first[system + 1])
            end++;
        const bench_pairs pairs = {end - begin, set->first[system], 1,
                                   i + begin,   j + begin,          shifts + 3 * begin};
        nbl__bench_digest_add(digest, system, &pairs);
        begin = end;
    }
    digest->pairs += m - begin;
    return true;
}

const bench_way nbl__bench_loop = {.name = "loop",
                                   .bytes = {8, 8, 12, 0, 0},
                                   .steps = step_per_system,
                                   .build = nbl__bench_list_build,
                                   .search = loop_search,
                                   .fetch = fetch,
                                   .digest = loop_digest};

const bench_way nbl__bench_batch = {.name = "batch",
                                    .bytes = {8, 8, 12, 0, 0},
                                    .steps = one_step,
                                    .build = batch_build,
                                    .search = batch_search,
                                    .fetch = fetch,
                                    .digest = batch_digest};
