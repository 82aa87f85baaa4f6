/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <string.h>

static bench_budget budget_of(const bench_settings *settings)
{
    return settings->quick ? (bench_budget){1e-3, 0.05, 0} : (bench_budget){1e-2, 1.0, 0};
}

/* The yardstick needs less time than what is measured with it. */
bench_budget nbl__bench_store_budget(const bench_settings *settings)
{
    return settings->quick ? (bench_budget){1e-3, 0.02, 0} : (bench_budget){5e-3, 0.2, 0};
}

void nbl__bench_subject(const bench_case *item, const bench_systems *set, bench_subject *subject)
{
    memset(subject, 0, sizeof *subject);
    subject->name = item->name;
    subject->text = item->text;
    subject->way = nbl__bench_case_way(item)->name;
    subject->cutoff = item->cutoff;
    subject->n_cutoffs = item->n_cutoffs;
    memcpy(subject->cutoffs, item->cutoffs, sizeof subject->cutoffs);
    subject->systems = set->count;
    subject->atoms = set->n_atoms;
    subject->pair_bytes = nbl__bench_way_bytes(nbl__bench_case_way(item));
}

static const char *mixture(const nbl_batch_info *info)
{
    if (info->n_grids == 0)
        return "brute";
    return info->n_grids == info->n_systems ? "cells" : "mixed";
}

static void record_handles(bench_library *library, bench_outcome *outcome)
{
    nbl_cell_list_info list = NBL_CELL_LIST_INFO_INIT;
    nbl_batch_info batch = NBL_BATCH_INFO_INIT;
    outcome->bins = outcome->images = outcome->grids = -1;
    outcome->algorithm = "";
    if (nbl_cell_list_get_info(library->list, &list) == NBL_OK) {
        outcome->list_bytes = (int64_t)list.n_bytes;
        outcome->bins = list.n_bins;
        outcome->images = list.n_images;
        outcome->algorithm = list.algorithm == NBL_ALGORITHM_BRUTE ? "brute" : "cells";
    } else if (nbl_batch_get_info(library->batch, &batch) == NBL_OK) {
        outcome->list_bytes = (int64_t)batch.n_bytes;
        outcome->grids = batch.n_grids;
        outcome->algorithm = mixture(&batch);
    }
    outcome->result_bytes = nbl_result_n_bytes(library->result);
    outcome->output_bytes = (int64_t)library->block_size;
}

static bool measure_alone(bench_library *ours, const bench_settings *settings, bench_outcome *outcome)
{
    bench_contender one = nbl__bench_library_contender(ours);
    if (!nbl__bench_measure(&one, 1, budget_of(settings)))
        return false;
    outcome->time = one.timing;
    outcome->peak = nbl__bench_memory_peak();
    return nbl__bench_library_digest(ours, &outcome->digest);
}

/* Alone first, which shows its memory; then in turns with the reference. */
static bool measure_both(bench_library *ours, bench_library *reference, const bench_settings *settings,
                         bench_outcome *outcome)
{
    bench_reference *found = &outcome->reference;
    if (!nbl__bench_library_pass(ours, NULL) || !nbl__bench_library_pass(ours, NULL))
        return false;
    outcome->peak = nbl__bench_memory_peak();
    bench_contender both[2] = {nbl__bench_library_contender(ours), nbl__bench_library_contender(reference)};
    if (!nbl__bench_measure(both, 2, budget_of(settings)))
        return false;
    outcome->time = both[0].timing;
    found->time = both[1].timing;
    if (!nbl__bench_library_digest(reference, &found->digest) ||
        !nbl__bench_library_digest(ours, &outcome->digest))
        return false;
    found->same = nbl__bench_digest_same(&found->digest, &outcome->digest);
    return true;
}

/* The reference is open before memory is looked at: until its first pass it has handles, and no pairs. */
static bool measure_library(bench_library *ours, bench_library *reference, const bench_case *item,
                            const bench_work *work, const bench_settings *settings, bench_outcome *outcome)
{
    if (!nbl__bench_library_open(ours, nbl__bench_case_way(item), work, settings->n_threads, NULL))
        return false;
    outcome->reference.name = item->reference ? item->reference->name : NULL;
    if (item->reference &&
        !nbl__bench_library_open(reference, item->reference, work, settings->n_threads, ours))
        return false;
    nbl__bench_memory_reset();
    const int64_t before = nbl__bench_memory_now();
    if (item->reference ? !measure_both(ours, reference, settings, outcome)
                        : !measure_alone(ours, settings, outcome))
        return false;
    outcome->above_buffers = before >= 0 && outcome->peak >= before ? outcome->peak - before : -1;
    record_handles(ours, outcome);
    return nbl__bench_stores(ours->block, ours->block_size, (int)settings->used_threads,
                             nbl__bench_store_budget(settings), &outcome->stores);
}

static bool measure_peer(bench_peer *peer, const bench_case *item, const bench_work *work,
                         const bench_settings *settings, const bench_outcome *outcome,
                         bench_peer_outcome *found)
{
    if (!nbl__bench_peer_begin(peer, work, nbl__bench_case_way(item)->disjoint, settings->n_threads))
        return false;
    nbl__bench_memory_reset();
    if (!nbl__bench_measure_pass(nbl__bench_peer_pass, peer, budget_of(settings), &found->time))
        return false;
    found->peak = nbl__bench_memory_peak();
    if (!nbl__bench_peer_digest(peer, &found->digest))
        return false;
    found->same = nbl__bench_digest_same(&found->digest, &outcome->digest);
    return true;
}

static void measure_peers(bench_peer *peers, int n_peers, const bench_case *item, const bench_work *work,
                          const bench_settings *settings, bench_outcome *outcome)
{
    for (int p = 0; p < n_peers; p++) {
        bench_peer_outcome *found = outcome->peers + outcome->n_peers++;
        found->name = peers[p].name;
        found->interface = peers[p].interface;
        peers[p].message[0] = '\0';
        if (!measure_peer(peers + p, item, work, settings, outcome, found))
            snprintf(found->error, sizeof found->error, "%s",
                     peers[p].message[0] ? peers[p].message : "out of memory");
        nbl__bench_peer_end(peers + p);
    }
}

void nbl__bench_run(const bench_case *item, bench_systems *set, const bench_settings *settings,
                    bench_peer *peers, int n_peers, bench_outcome *outcome)
{
    bench_library ours = {0}, reference = {0};
    const bench_work work = nbl__bench_case_work(item, set);
    memset(outcome, 0, sizeof *outcome);
    nbl__bench_subject(item, set, &outcome->subject);
    if (!measure_library(&ours, &reference, item, &work, settings, outcome)) {
        const char *message = ours.message[0] ? ours.message : reference.message;
        snprintf(outcome->error, sizeof outcome->error, "%s", message[0] ? message : "out of memory");
    }
    nbl__bench_library_close(&reference);
    nbl__bench_library_close(&ours);

    /* A peer makes lists: where rows are consumed on the fly it has nothing to show. */
    if (!outcome->error[0] && outcome->subject.pair_bytes > 0)
        measure_peers(peers, n_peers, item, &work, settings, outcome);
    nbl__bench_systems_free(set);
}
