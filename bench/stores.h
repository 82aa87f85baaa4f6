/* SPDX-License-Identifier: MIT */
/*
 * How fast can this machine write? Plain and non-temporal stores over a buffer that is mapped already, as
 * the yardstick for what a fetch writes.
 */
#ifndef NBL_BENCH_STORES_H
#define NBL_BENCH_STORES_H

#include "harness.h"

#include <stddef.h>

typedef struct bench_stores {
    double regular; /* bytes per second */
    double stream;  /* the same with non-temporal stores; 0 where the compiler offers none */
    double best;
} bench_stores;

/* `buffer` must be aligned to 64 bytes; it is overwritten, up to the last whole 64 bytes of `size`. */
bool nbl__bench_stores(void *buffer, size_t size, int n_threads, bench_budget budget, bench_stores *stores);

#endif
