/* SPDX-License-Identifier: MIT */
#include "run.h"

#include "library.h"

#include <string.h>

static bench_budget budget_of(const bench_settings *settings)
{
    return settings->quick ? (bench_budget){1e-3, 0.05} : (bench_budget){1e-2, 1.0};
}

static void record_handles(bench_library *library, bench_outcome *outcome)
{
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    if (nbl_cell_list_get_info(library->list, &info) == NBL_OK) {
        outcome->list_bytes = (int64_t)info.n_bytes;
        outcome->bins = info.n_bins;
        outcome->images = info.n_images;
        outcome->algorithm = info.algorithm;
    }
    outcome->result_bytes = nbl_result_n_bytes(library->result);
    outcome->output_bytes = (int64_t)library->block_size;
}

/* The yardstick needs less time than what is measured with it. */
static bench_budget store_budget_of(const bench_settings *settings)
{
    return settings->quick ? (bench_budget){1e-3, 0.02} : (bench_budget){5e-3, 0.2};
}

static bool measure_library(bench_library *library, const bench_systems *set, const bench_settings *settings,
                            bench_outcome *outcome)
{
    if (!nbl__bench_library_open(library, set, outcome->cutoff, settings->n_threads))
        return false;
    nbl__bench_memory_reset();
    const int64_t before = nbl__bench_memory_now();
    if (!nbl__bench_measure(nbl__bench_library_pass, library, set->count, budget_of(settings), &outcome->time))
        return false;
    outcome->peak = nbl__bench_memory_peak();
    outcome->above_buffers = before >= 0 && outcome->peak >= before ? outcome->peak - before : -1;
    if (!nbl__bench_library_digest(library, &outcome->digest))
        return false;
    record_handles(library, outcome);
    return nbl__bench_stores(library->block, library->block_size, (int)settings->used_threads,
                             store_budget_of(settings), &outcome->stores);
}

static bool measure_peer(bench_peer *peer, const bench_systems *set, const bench_settings *settings,
                         const bench_outcome *outcome, bench_peer_outcome *found)
{
    if (!nbl__bench_peer_begin(peer, set, outcome->cutoff, settings->n_threads))
        return false;
    nbl__bench_memory_reset();
    if (!nbl__bench_measure(nbl__bench_peer_pass, peer, 0, budget_of(settings), &found->time))
        return false;
    found->peak = nbl__bench_memory_peak();
    if (!nbl__bench_peer_digest(peer, &found->digest))
        return false;
    found->same = nbl__bench_digest_same(&found->digest, &outcome->digest);
    return true;
}

void nbl__bench_run(const bench_case *item, bench_systems *set, const bench_settings *settings,
                    bench_peer *peers, int n_peers, bench_outcome *outcome)
{
    bench_library library;
    memset(outcome, 0, sizeof *outcome);
    outcome->name = item->name;
    outcome->text = item->text;
    outcome->cutoff = item->cutoff;
    outcome->systems = set->count;
    outcome->atoms = set->n_atoms;
    if (!measure_library(&library, set, settings, outcome))
        snprintf(outcome->error, sizeof outcome->error, "%s",
                 library.message[0] ? library.message : "out of memory");
    nbl__bench_library_close(&library);

    for (int p = 0; p < n_peers && !outcome->error[0]; p++) {
        bench_peer_outcome *found = outcome->peers + outcome->n_peers++;
        found->name = peers[p].name;
        found->interface = peers[p].interface;
        peers[p].message[0] = '\0';
        if (!measure_peer(peers + p, set, settings, outcome, found))
            snprintf(found->error, sizeof found->error, "%s",
                     peers[p].message[0] ? peers[p].message : "out of memory");
        nbl__bench_peer_end(peers + p);
    }
    nbl__bench_systems_free(set);
}
