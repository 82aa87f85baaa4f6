/* SPDX-License-Identifier: MIT */
#include "library.h"

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Arrays begin on a line of their own, as those of a careful caller do. */
static size_t whole_lines(size_t size)
{
    return (size + 63) / 64 * 64;
}

static bool failed(bench_library *library, int64_t system, nbl_status status, const char *message)
{
    snprintf(library->message, sizeof library->message, "system %lld: %s: %s", (long long)system,
             nbl_status_name(status), message[0] ? message : nbl_status_text(status));
    return false;
}

static bool open_handles(bench_library *library)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.n_threads = library->n_threads;
    nbl_status status = nbl_cell_list_create(&library->list, &options);
    if (status == NBL_OK)
        status = nbl_result_create(&library->result, &options);
    return status == NBL_OK || failed(library, 0, status, "");
}

static void close_handles(bench_library *library)
{
    nbl_result_destroy(&library->result);
    nbl_cell_list_destroy(&library->list);
}

static bool build(bench_library *library, int64_t system)
{
    const bench_systems *set = library->set;
    const int64_t begin = set->first[system], n = set->first[system + 1] - begin;
    nbl_status status = nbl_cell_list_build(library->list, n, set->positions + 3 * begin, set->cells[system],
                                            set->pbc[system], library->cutoff, NULL);
    return status == NBL_OK || failed(library, system, status, nbl_cell_list_message(library->list));
}

static bool search(bench_library *library, int64_t system)
{
    nbl_status status = nbl_cell_list_search(library->list, library->cutoff, NULL, library->result);
    return status == NBL_OK || failed(library, system, status, nbl_result_message(library->result));
}

static bool fetch(bench_library *library, int64_t system)
{
    nbl_status status = nbl_result_fetch(library->result, 0, &library->outputs);
    return status == NBL_OK || failed(library, system, status, nbl_result_message(library->result));
}

static bool size_outputs(bench_library *library)
{
    for (int64_t system = 0; system < library->set->count; system++) {
        if (!build(library, system) || !search(library, system))
            return false;
        int64_t m = nbl_result_n_pairs(library->result, 0);
        if (m > library->capacity)
            library->capacity = m;
    }
    return true;
}

static bool map_outputs(bench_library *library)
{
    const size_t indices = whole_lines((size_t)library->capacity * sizeof(int64_t));
    const size_t shifts = whole_lines((size_t)library->capacity * 3 * sizeof(int32_t));
    library->block_size = 2 * indices + shifts;
    library->block = aligned_alloc(64, library->block_size > 0 ? library->block_size : 64);
    if (!library->block) {
        snprintf(library->message, sizeof library->message, "no memory for %lld pairs",
                 (long long)library->capacity);
        return false;
    }
    memset(library->block, 0xff, library->block_size);
    library->outputs = (nbl_outputs)NBL_OUTPUTS_INIT;
    library->outputs.pair_capacity = library->capacity;
    library->outputs.i = library->block;
    library->outputs.j = library->block + indices;
    library->outputs.shifts = library->block + 2 * indices;
    return true;
}

bool nbl__bench_library_open(bench_library *library, const bench_systems *set, double cutoff, int32_t n_threads)
{
    memset(library, 0, sizeof *library);
    library->set = set;
    library->cutoff = cutoff;
    library->n_threads = n_threads;
    if (!open_handles(library) || !size_outputs(library))
        return false;
    close_handles(library);
    return map_outputs(library) && open_handles(library);
}

void nbl__bench_library_close(bench_library *library)
{
    close_handles(library);
    free(library->block);
    library->block = NULL;
}

bool nbl__bench_library_pass(void *context, double *phases)
{
    bench_library *library = context;
    for (int64_t system = 0; system < library->set->count; system++) {
        if (!phases) {
            if (!build(library, system) || !search(library, system) || !fetch(library, system))
                return false;
            continue;
        }
        double at[4];
        at[0] = nbl__bench_clock();
        if (!build(library, system))
            return false;
        at[1] = nbl__bench_clock();
        if (!search(library, system))
            return false;
        at[2] = nbl__bench_clock();
        if (!fetch(library, system))
            return false;
        at[3] = nbl__bench_clock();
        for (int p = 0; p < BENCH_PHASES; p++)
            phases[p] += at[p + 1] - at[p];
    }
    return true;
}

bool nbl__bench_library_digest(bench_library *library, bench_digest *digest)
{
    memset(digest, 0, sizeof *digest);
    for (int64_t system = 0; system < library->set->count; system++) {
        if (!build(library, system) || !search(library, system) || !fetch(library, system))
            return false;
        nbl__bench_digest_add(digest, system, nbl_result_n_pairs(library->result, 0), library->outputs.i,
                              library->outputs.j, 1, library->outputs.shifts);
    }
    return true;
}
