/* SPDX-License-Identifier: MIT */
/* All systems for one cutoff: one after another, with more outputs or flags or without, or as one batch. */
#include "library.h"

static int64_t step_per_system(const bench_work *work)
{
    return work->set->count;
}

static bool loop_search(bench_library *library, int64_t system)
{
    const nbl_search_options *options = library->search.flags ? &library->search : NULL;
    nbl_status status = nbl_cell_list_search(library->list, library->work.cutoff, options, library->result);
    return nbl__bench_good(library, system, status, nbl_result_message(library->result));
}

static bool fetch(bench_library *library, int64_t step)
{
    (void)step;
    return nbl__bench_fetch(library, 0);
}

static bool loop_digest(bench_library *library, int64_t system, bench_digest *digest)
{
    const bench_pairs pairs = nbl__bench_fetched(library, 0);
    nbl__bench_digest_add(digest, system, &pairs);
    nbl__bench_digest_geometry(digest, library->work.set, system, &pairs);
    return true;
}

/* Of a full list, what a half list holds. */
static bool half_digest(bench_library *library, int64_t system, bench_digest *digest)
{
    bench_pairs pairs = nbl__bench_fetched(library, 0);
    pairs.half = true;
    nbl__bench_digest_add(digest, system, &pairs);
    return true;
}

static bool batch_search(bench_library *library, int64_t step)
{
    nbl_status status = nbl_batch_search(library->batch, 0, NULL, NULL, library->result);
    return nbl__bench_good(library, step, status, nbl_result_message(library->result));
}

static bool batch_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    (void)step;
    nbl__bench_digest_batch(digest, 0, library->work.set, nbl__bench_fetched(library, 0));
    return true;
}

#define LOOP .steps = step_per_system, .build = nbl__bench_list_build, .search = loop_search

#define I_J_SHIFTS .bytes = {8, 8, 12, 0, 0}, .fetch = fetch

const bench_way nbl__bench_loop = {LOOP, I_J_SHIFTS, .name = "loop", .digest = loop_digest};

const bench_way nbl__bench_vectors = {LOOP, .name = "vectors", .bytes = {8, 8, 12, 24, 8}, .fetch = fetch,
                                      .digest = loop_digest};

const bench_way nbl__bench_sorted = {
    LOOP, I_J_SHIFTS, .name = "sorted", .flags = NBL_SORTED, .ours = true, .digest = loop_digest,
};

const bench_way nbl__bench_unsorted = {LOOP, I_J_SHIFTS, .name = "unsorted", .digest = loop_digest};

const bench_way nbl__bench_half = {
    LOOP, I_J_SHIFTS, .name = "half", .flags = NBL_HALF, .ours = true, .digest = loop_digest,
};

const bench_way nbl__bench_full = {LOOP, I_J_SHIFTS, .name = "full", .digest = half_digest};

const bench_way nbl__bench_batch = {I_J_SHIFTS,
                                    .name = "batch",
                                    .steps = nbl__bench_one_step,
                                    .build = nbl__bench_batch_build,
                                    .search = batch_search,
                                    .digest = batch_digest};
