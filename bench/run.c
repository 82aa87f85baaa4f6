/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <string.h>

/* The case itself, then its variants in the order of the outcome. */
typedef struct party {
    int n;
    const bench_way *ways[1 + BENCH_MAX_VARIANTS];
    bench_manner manners[1 + BENCH_MAX_VARIANTS];
    bench_library libraries[1 + BENCH_MAX_VARIANTS];
} party;

static bench_budget budget_of(const bench_settings *settings)
{
    if (settings->quick)
        return (bench_budget){1e-3, settings->brief ? 0.01 : 0.05, 0};
    return (bench_budget){1e-2, settings->brief ? 0.3 : 1.0, 0};
}

/* The yardstick needs less time than what is measured with it. */
bench_budget nbl__bench_store_budget(const bench_settings *settings)
{
    const bench_budget budget = budget_of(settings);
    return (bench_budget){budget.repetition / 2, budget.total / 5, 0};
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
    subject->pair_bytes = nbl__bench_bytes_sum(&nbl__bench_case_way(item)->bytes);
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

static void invite(party *p, bench_outcome *outcome, int kind, const char *name, const bench_way *way,
                   bench_manner manner)
{
    bench_bytes bytes = manner.narrow ? nbl__bench_bytes_narrow(way->bytes) : way->bytes;
    bench_variant *variant = outcome->variants + outcome->n_variants++;
    variant->kind = kind;
    variant->name = name;
    variant->pair_bytes = nbl__bench_bytes_sum(&bytes);
    p->ways[p->n] = way;
    p->manners[p->n++] = manner;
}

static void invite_all(party *p, const bench_case *item, const bench_settings *settings, bench_outcome *outcome)
{
    const bench_way *way = nbl__bench_case_way(item);
    const bench_manner usual = {.n_threads = settings->n_threads, .isa = settings->isa};
    bench_manner other = usual;
    p->ways[0] = way;
    p->manners[0] = usual;
    p->n = 1;
    if (item->reference)
        invite(p, outcome, BENCH_REFERENCE, item->reference->name, item->reference, usual);
    other.narrow = true;
    if (settings->narrow && way->bytes.i > (int)sizeof(int32_t))
        invite(p, outcome, BENCH_NARROW, "int32 i, j", way, other);
    other = usual;
    for (other.isa = settings->used_isa - 1; settings->isas && other.isa > 0; other.isa--)
        if (nbl_isa_name(other.isa))
            invite(p, outcome, BENCH_ISA, nbl_isa_name(other.isa), way, other);
}

static bool open_all(party *p, const bench_work *work)
{
    for (int k = 0; k < p->n; k++)
        if (!nbl__bench_library_open(p->libraries + k, p->ways[k], work, p->manners + k,
                                     k > 0 ? p->libraries : NULL))
            return false;
    return true;
}

/* The case alone, which shows its memory: until their first pass the others have handles, and no pairs. */
static bool measure_memory(bench_library *ours, bench_outcome *outcome)
{
    nbl__bench_memory_reset();
    const int64_t before = nbl__bench_memory_now();
    if (!nbl__bench_library_pass(ours, NULL) || !nbl__bench_library_pass(ours, NULL))
        return false;
    outcome->peak = nbl__bench_memory_peak();
    outcome->above_buffers = before >= 0 && outcome->peak >= before ? outcome->peak - before : -1;
    return true;
}

static bool measure_times(party *p, const bench_settings *settings, bench_outcome *outcome)
{
    bench_contender contenders[1 + BENCH_MAX_VARIANTS];
    for (int k = 0; k < p->n; k++)
        contenders[k] = nbl__bench_library_contender(p->libraries + k);
    if (!nbl__bench_measure(contenders, p->n, budget_of(settings)))
        return false;
    outcome->time = contenders[0].timing;
    for (int k = 1; k < p->n; k++)
        outcome->variants[k - 1].time = contenders[k].timing;
    return true;
}

static bool compare(party *p, bench_outcome *outcome)
{
    if (!nbl__bench_library_digest(p->libraries, &outcome->digest))
        return false;
    for (int k = 1; k < p->n; k++) {
        bench_variant *variant = outcome->variants + k - 1;
        if (!nbl__bench_library_digest(p->libraries + k, &variant->digest))
            return false;
        variant->same = nbl__bench_digest_same(&variant->digest, &outcome->digest);
    }
    return true;
}

/* The others make room before handles are counted: those that count are as many more. */
static bool measure_library(party *p, const bench_work *work, const bench_settings *settings,
                            bench_outcome *outcome)
{
    bench_library *ours = p->libraries;
    if (!open_all(p, work) || !measure_memory(ours, outcome) || !measure_times(p, settings, outcome) ||
        !compare(p, outcome))
        return false;
    record_handles(ours, outcome);
    while (p->n > 1)
        nbl__bench_library_close(p->libraries + --p->n);
    outcome->allocations = -1;
    if (ours->way->ready && !nbl__bench_library_allocations(ours, &outcome->allocations))
        return false;
    return nbl__bench_stores(ours->block, ours->block_size, (int)settings->used_threads,
                             nbl__bench_store_budget(settings), &outcome->stores);
}

static void close_all(party *p, bench_outcome *outcome, bool good)
{
    const char *message = "";
    for (int k = 0; k < p->n && !message[0]; k++)
        message = p->libraries[k].message;
    if (!good)
        snprintf(outcome->error, sizeof outcome->error, "%s", message[0] ? message : "out of memory");
    while (p->n > 0)
        nbl__bench_library_close(p->libraries + --p->n);
}

static bool measure_peer(bench_peer *peer, const bench_case *item, const bench_work *work,
                         const bench_settings *settings, const bench_outcome *outcome,
                         bench_peer_outcome *found)
{
    if (!nbl__bench_peer_begin(peer, work, nbl__bench_case_way(item), settings->n_threads))
        return false;
    nbl__bench_memory_reset();
    const int64_t before = nbl__bench_memory_now();
    if (!nbl__bench_measure_pass(nbl__bench_peer_pass, peer, budget_of(settings), &found->time))
        return false;
    found->peak = nbl__bench_memory_peak();
    found->above_inputs = before >= 0 && found->peak >= before ? found->peak - before : -1;
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
        if (!measure_peer(peers + p, item, work, settings, outcome, found))
            snprintf(found->error, sizeof found->error, "%s",
                     peers[p].message[0] ? peers[p].message : "out of memory");
        found->unable = peers[p].unable;
        nbl__bench_peer_end(peers + p);
    }
}

void nbl__bench_run(const bench_case *item, bench_systems *set, const bench_settings *settings,
                    bench_peer *peers, int n_peers, bench_outcome *outcome)
{
    party p = {0};
    const bench_work work = nbl__bench_case_work(item, set);
    memset(outcome, 0, sizeof *outcome);
    nbl__bench_subject(item, set, &outcome->subject);
    invite_all(&p, item, settings, outcome);
    close_all(&p, outcome, measure_library(&p, &work, settings, outcome));

    /* A peer makes lists: where rows are consumed on the fly it has nothing to show. */
    if (!outcome->error[0] && outcome->subject.pair_bytes > 0 && !nbl__bench_case_way(item)->ours)
        measure_peers(peers, n_peers, item, &work, settings, outcome);
    nbl__bench_systems_free(set);
}
