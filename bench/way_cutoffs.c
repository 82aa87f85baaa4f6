/* SPDX-License-Identifier: MIT */
/* Several cutoffs on one built list: in one search, or in one search each. */
#include "library.h"

static int64_t one_step(const bench_work *work)
{
    (void)work;
    return 1;
}

static int64_t step_per_cutoff(const bench_work *work)
{
    return work->n_cutoffs;
}

static bool prepare(bench_library *library)
{
    return nbl__bench_list_build(library, 0);
}

static bool search_all(bench_library *library, uint32_t flags)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = flags;
    nbl_status status = nbl_cell_list_search_multi(library->list, library->work.n_cutoffs,
                                                   library->work.cutoffs, &options, library->result);
    return nbl__bench_good(library, 0, status, nbl_result_message(library->result));
}

static bool multi_search(bench_library *library, int64_t step)
{
    (void)step;
    return search_all(library, 0);
}

static bool shells_search(bench_library *library, int64_t step)
{
    (void)step;
    return search_all(library, NBL_DISJOINT);
}

static bool single_search(bench_library *library, int64_t step)
{
    nbl_status status = nbl_cell_list_search(library->list, library->work.cutoffs[step], NULL, library->result);
    return nbl__bench_good(library, step, status, nbl_result_message(library->result));
}

static bool fetch_list(bench_library *library, int32_t list)
{
    nbl_status status = nbl_result_fetch(library->result, list, &library->outputs);
    return nbl__bench_good(library, list, status, nbl_result_message(library->result));
}

static bool fetch_all(bench_library *library, int64_t step)
{
    (void)step;
    for (int32_t k = 0; k < library->work.n_cutoffs; k++)
        if (!fetch_list(library, k))
            return false;
    return true;
}

static bool single_fetch(bench_library *library, int64_t step)
{
    (void)step;
    return fetch_list(library, 0);
}

static bench_pairs pairs_of(const bench_library *library, int32_t list)
{
    const nbl_outputs *out = &library->outputs;
    return (bench_pairs){nbl_result_n_pairs(library->result, list), 0, 1, out->i, out->j, out->shifts};
}

/* All lists share the block: each is fetched once more to be seen. */
static bool all_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    (void)step;
    for (int32_t k = 0; k < library->work.n_cutoffs; k++) {
        if (!fetch_list(library, k))
            return false;
        const bench_pairs pairs = pairs_of(library, k);
        nbl__bench_digest_add(digest, k, &pairs);
    }
    return true;
}

static bool single_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    const bench_pairs pairs = pairs_of(library, 0);
    nbl__bench_digest_add(digest, step, &pairs);
    return true;
}

/* A shell is a list less the list before. */
static bool shell_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    const bench_pairs pairs = pairs_of(library, 0);
    nbl__bench_digest_add(digest, step, &pairs);
    if (step + 1 < library->work.n_cutoffs)
        nbl__bench_digest_remove(digest, step + 1, &pairs);
    return true;
}

const bench_way nbl__bench_multi = {.name = "multi",
                                    .bytes = {8, 8, 12, 0, 0},
                                    .steps = one_step,
                                    .prepare = prepare,
                                    .search = multi_search,
                                    .fetch = fetch_all,
                                    .digest = all_digest};

const bench_way nbl__bench_singles = {.name = "singles",
                                      .bytes = {8, 8, 12, 0, 0},
                                      .steps = step_per_cutoff,
                                      .prepare = prepare,
                                      .search = single_search,
                                      .fetch = single_fetch,
                                      .digest = single_digest};

const bench_way nbl__bench_shells = {.name = "shells",
                                     .bytes = {8, 8, 12, 0, 0},
                                     .disjoint = true,
                                     .steps = one_step,
                                     .prepare = prepare,
                                     .search = shells_search,
                                     .fetch = fetch_all,
                                     .digest = all_digest};

const bench_way nbl__bench_shell_singles = {.name = "full singles",
                                            .bytes = {8, 8, 12, 0, 0},
                                            .steps = step_per_cutoff,
                                            .prepare = prepare,
                                            .search = single_search,
                                            .fetch = single_fetch,
                                            .digest = shell_digest};
