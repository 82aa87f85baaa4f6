/* SPDX-License-Identifier: MIT */
#include "search/team.h"

#include <string.h>

/* Cuts the pieces into a stretch for each thread. */
static void cut(nbl__team *team, int n_threads)
{
    const int n = n_threads < NBL__STRETCHES ? n_threads : NBL__STRETCHES;
    const long long each = n > 1 ? team->n_pieces / n : team->n_pieces, rest = team->n_pieces - each * n;
    long long first = 0;
    team->n_threads = n_threads;
    team->n_stretches = n;
    for (int k = 0; k < n; k++) {
        atomic_init(&team->stretches[k].next, first);
        first += each + (k < rest);
        team->stretches[k].end = first;
    }
}

void nbl__team_init(nbl__team *team, int64_t n_pieces, int64_t max_pairs)
{
    atomic_init(&team->stop_at, n_pieces);
    atomic_init(&team->pairs, 0);
    atomic_init(&team->wide, 0);
    team->n_pieces = n_pieces;
    team->max_pairs = max_pairs;
    cut(team, 1);
    team->kept_bytes = 0;
    team->most_scratch = 0;
    nbl__lock_init(&team->lock);
    team->status = NBL_OK;
    memset(&team->fault, 0, sizeof team->fault);
}

void nbl__team_run(nbl__team *team, int n_threads, int least,
                   void (*work)(void *context, int thread, int team_size), void *context)
{
    long long worth = team->n_pieces / least > 1 ? team->n_pieces / least : 1;
    cut(team, n_threads < worth ? n_threads : (int)worth);
    nbl__threads_run(team->n_threads, work, context);
}

int64_t nbl__team_next(nbl__team *team, int thread)
{
    for (int k = 0; k < team->n_stretches; k++) {
        nbl__stretch *stretch = &team->stretches[(thread + k) % team->n_stretches];
        if (atomic_load_explicit(&stretch->next, memory_order_relaxed) >= stretch->end)
            continue;
        const long long piece = atomic_fetch_add_explicit(&stretch->next, 1, memory_order_relaxed);
        if (piece < stretch->end && nbl__team_wants(team, piece))
            return piece;
    }
    return -1;
}

void nbl__team_fail(nbl__team *team, int64_t piece, nbl_status status, const nbl__fault *fault)
{
    nbl__lock_take(&team->lock);
    if (team->status == NBL_OK || piece < atomic_load_explicit(&team->stop_at, memory_order_relaxed)) {
        team->status = status;
        team->fault = *fault;
        atomic_store_explicit(&team->stop_at, piece, memory_order_relaxed);
    }
    nbl__lock_give(&team->lock);
}

bool nbl__team_count(nbl__team *team, uint64_t pairs)
{
    long long before = atomic_fetch_add_explicit(&team->pairs, (long long)pairs, memory_order_relaxed);
    if (team->max_pairs == 0 || before + (long long)pairs <= team->max_pairs)
        return true;
    nbl__fault fault = {.what = NBL__FAULT_PAIRS, .limit = (uint64_t)team->max_pairs};
    nbl__team_fail(team, 0, NBL_ELIMIT, &fault);
    return false;
}
