/* SPDX-License-Identifier: MIT */
/* Several cutoffs, of one system or of a batch: in one search, or in one search each. */
#include "library.h"

static int64_t step_per_cutoff(const bench_work *work)
{
    return work->n_cutoffs;
}

/* Where the build is left out. */
static bool prepare(bench_library *library)
{
    return nbl__bench_list_build(library, 0);
}

/* What is built serves all searches. */
static bool build_once(bench_library *library, int64_t step)
{
    return step > 0 || nbl__bench_list_build(library, 0);
}

static bool batch_build_once(bench_library *library, int64_t step)
{
    return step > 0 || nbl__bench_batch_build(library, 0);
}

static bool searched(bench_library *library, int64_t step, nbl_status status)
{
    return nbl__bench_good(library, step, status, nbl_result_message(library->result));
}

static bool search_all(bench_library *library, int64_t step)
{
    const bench_work *work = &library->work;
    return searched(library, step,
                    nbl_cell_list_search_multi(library->list, work->n_cutoffs, work->cutoffs, &library->search,
                                               library->result));
}

static bool search_one(bench_library *library, int64_t step)
{
    return searched(library, step,
                    nbl_cell_list_search(library->list, library->work.cutoffs[step], NULL, library->result));
}

static bool batch_search_all(bench_library *library, int64_t step)
{
    const bench_work *work = &library->work;
    return searched(library, step,
                    nbl_batch_search_multi(library->batch, work->n_cutoffs, 1, work->cutoffs, &library->search,
                                           library->result));
}

static bool batch_search_one(bench_library *library, int64_t step)
{
    return searched(library, step,
                    nbl_batch_search(library->batch, 1, library->work.cutoffs + step, NULL, library->result));
}

static bool fetch_all(bench_library *library, int64_t step)
{
    (void)step;
    for (int32_t k = 0; k < library->work.n_cutoffs; k++)
        if (!nbl__bench_fetch(library, k))
            return false;
    return true;
}

static bool fetch_one(bench_library *library, int64_t step)
{
    (void)step;
    return nbl__bench_fetch(library, 0);
}

/* All lists share the block: each is fetched once more to be seen. One system is a batch of one. */
static bool digest_all(bench_library *library, int64_t step, bench_digest *digest)
{
    const bench_systems *set = library->work.set;
    (void)step;
    for (int32_t k = 0; k < library->work.n_cutoffs; k++) {
        if (!nbl__bench_fetch(library, k))
            return false;
        nbl__bench_digest_batch(digest, k * set->count, set, nbl__bench_fetched(library, k));
    }
    return true;
}

static bool digest_one(bench_library *library, int64_t step, bench_digest *digest)
{
    const bench_systems *set = library->work.set;
    nbl__bench_digest_batch(digest, step * set->count, set, nbl__bench_fetched(library, 0));
    return true;
}

/* A shell is a list less the list before. */
static bool digest_shell(bench_library *library, int64_t step, bench_digest *digest)
{
    const bench_pairs pairs = nbl__bench_fetched(library, 0);
    nbl__bench_digest_add(digest, step, &pairs);
    if (step + 1 < library->work.n_cutoffs)
        nbl__bench_digest_remove(digest, step + 1, &pairs);
    return true;
}

#define TOGETHER                                                                                               \
    .bytes = {8, 8, 12, 0, 0}, .steps = nbl__bench_one_step, .fetch = fetch_all, .digest = digest_all
#define EACH .bytes = {8, 8, 12, 0, 0}, .steps = step_per_cutoff, .fetch = fetch_one

const bench_way nbl__bench_lists = {TOGETHER, .name = "lists", .build = nbl__bench_list_build,
                                    .search = search_all};

const bench_way nbl__bench_list_each = {EACH, .name = "a search each", .build = build_once,
                                        .search = search_one, .digest = digest_one};

const bench_way nbl__bench_batch_lists = {TOGETHER, .name = "batch lists", .build = nbl__bench_batch_build,
                                          .search = batch_search_all};

const bench_way nbl__bench_batch_each = {EACH, .name = "a search each", .build = batch_build_once,
                                         .search = batch_search_one, .digest = digest_one};

const bench_way nbl__bench_multi = {TOGETHER, .name = "multi", .prepare = prepare, .search = search_all};

const bench_way nbl__bench_singles = {EACH, .name = "singles", .prepare = prepare, .search = search_one,
                                      .digest = digest_one};

const bench_way nbl__bench_shells = {
    TOGETHER,         .name = "shells",   .flags = NBL_DISJOINT,
    .disjoint = true, .prepare = prepare, .search = search_all,
};

const bench_way nbl__bench_shell_singles = {EACH, .name = "full singles", .prepare = prepare,
                                            .search = search_one, .digest = digest_shell};
