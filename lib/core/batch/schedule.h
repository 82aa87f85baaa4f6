/* SPDX-License-Identifier: MIT */
/*
 * One traversal of a set: which thread searches what. Pieces of all systems form one queue, those of large
 * systems first, by falling size, then small systems in chunks: threads share the inside of a large system and
 * the number of small ones alike. Invariant: what is found does not depend on who takes which piece.
 */
#ifndef NBL_BATCH_SCHEDULE_H
#define NBL_BATCH_SCHEDULE_H

#include "batch/set.h"
#include "search/worker.h"

/* Memory of a traversal, and what it leaves behind. */
typedef struct nbl__trace {
    nbl__buffer job_memory, level_memory, column_memory;
    size_t scratch; /* bytes that a thread needed at once */
    uint64_t kept;  /* bytes that all threads kept */
    int n_threads;  /* that it ran on at most */
} nbl__trace;

/*
 * statuses: [n_systems]; systems whose entry is not NBL_OK are left out, and those that fail get their status.
 * Returns NBL_ELIMIT (pairs: fault PAIRS or ROW; memory: fault BYTES), NBL_ENOMEM, or what `consume` returned;
 * else NBL_OK, and *refusal has the lowest system that failed here.
 */
nbl_status nbl__schedule_run(const nbl__set *set, const nbl__query *query, const nbl__target *target,
                             int32_t *statuses, nbl__trace *trace, nbl__refusal *refusal, nbl__fault *fault);

void nbl__trace_free(nbl__trace *trace, nbl__memory *memory);

#endif
