/* SPDX-License-Identifier: MIT */
/*
 * Threads that share the rows of one search: who takes what, how many pairs there are, what went wrong.
 * Every thread begins with a stretch of pieces of its own, the same in every pass over the same work, so that
 * it meets the memory that it has met before, and then helps the others. Invariant: a failure stops only pieces
 * above the lowest failing one, so that the failure reported is the same for every number of threads. Only
 * max_pairs, a sum over all pieces, stops everything wherever it is exceeded.
 */
#ifndef NBL_SEARCH_TEAM_H
#define NBL_SEARCH_TEAM_H

#include "base/fault.h"
#include "base/threads.h"

/* More threads than that share stretches. */
enum { NBL__STRETCHES = 64 };

typedef struct nbl__stretch {
    atomic_llong next; /* piece to hand out */
    long long end;
    char line[64 - sizeof(atomic_llong) - sizeof(long long)]; /* threads do not disturb each other */
} nbl__stretch;

typedef struct nbl__team {
    nbl__stretch stretches[NBL__STRETCHES];
    int n_stretches;
    atomic_llong stop_at; /* pieces from here on are void */
    atomic_llong pairs;
    atomic_llong wide; /* pairs of wide rows among them */
    long long n_pieces;
    long long max_pairs; /* 0 = no limit */
    int n_threads;       /* that the team runs on at most */
    uint64_t kept_bytes; /* what threads report at their end, under the lock: bytes kept, */
    size_t most_scratch; /* and the most that one of them needed at once */
    nbl__lock lock;
    nbl_status status;
    nbl__fault fault;
} nbl__team;

void nbl__team_init(nbl__team *team, int64_t n_pieces, int64_t max_pairs);

/* Runs work(context, ...) on at most n_threads threads, each with `least` pieces to do, if there are so many.
 */
void nbl__team_run(nbl__team *team, int n_threads, int least,
                   void (*work)(void *context, int thread, int team_size), void *context);

/* The next piece for a thread, or -1. */
int64_t nbl__team_next(nbl__team *team, int thread);

/* Whether work on a piece is still wanted. */
static inline bool nbl__team_wants(nbl__team *team, int64_t piece)
{
    return piece < atomic_load_explicit(&team->stop_at, memory_order_relaxed);
}

void nbl__team_fail(nbl__team *team, int64_t piece, nbl_status status, const nbl__fault *fault);

/* Adds to the number of pairs; false, and the whole team stopped with NBL_ELIMIT, beyond max_pairs. */
bool nbl__team_count(nbl__team *team, uint64_t pairs);

#endif
