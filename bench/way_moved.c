/* SPDX-License-Identifier: MIT */
/* One system whose atoms move between the passes. */
#include "library.h"

#include <stdlib.h>

/*
 * How far along each axis. In a perfect crystal of copper no pair comes closer to the cutoff of 5 than 0.04, so
 * that all passes find the same pairs, while atoms do change their bins, and leave the cell at its faces.
 */
static const double reach = 0.02;

static bool move(bench_library *library)
{
    const bench_systems *set = library->work.set;
    if (!library->moved)
        library->moved = malloc(((size_t)set->n_atoms + 1) * 3 * sizeof *library->moved);
    if (!library->moved)
        return nbl__bench_good(library, 0, NBL_ENOMEM, "");
    nbl__bench_displace(set, library->moves++, reach, library->moved);
    return true;
}

static bool move_and_renew(bench_library *library)
{
    return move(library) && nbl__bench_library_renew(library);
}

static bool search(bench_library *library, int64_t step)
{
    nbl_status status = nbl_cell_list_search(library->list, library->work.cutoff, NULL, library->result);
    return nbl__bench_good(library, step, status, nbl_result_message(library->result));
}

static bool fetch(bench_library *library, int64_t step)
{
    (void)step;
    return nbl__bench_fetch(library, 0);
}

static bool digest(bench_library *library, int64_t step, bench_digest *found)
{
    const bench_pairs pairs = nbl__bench_fetched(library, 0);
    nbl__bench_digest_add(found, step, &pairs);
    return true;
}

#define MOVED                                                                                                  \
    .bytes = {8, 8, 12, 0, 0}, .ours = true, .steps = nbl__bench_one_step, .build = nbl__bench_list_build,     \
    .search = search, .fetch = fetch, .digest = digest

const bench_way nbl__bench_moved = {MOVED, .name = "moved", .ready = move};
const bench_way nbl__bench_first = {MOVED, .name = "first time", .ready = move_and_renew};
