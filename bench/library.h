/* SPDX-License-Identifier: MIT */
/*
 * The library under test: for every system of a set one build, one search and one fetch of i, j (int64)
 * and shift (int32), full list, through one pair of handles and into one block of memory that is reused.
 */
#ifndef NBL_BENCH_LIBRARY_H
#define NBL_BENCH_LIBRARY_H

#include "digest.h"
#include "systems.h"

#include <nblist/nblist.h>

#include <stddef.h>

typedef struct bench_library {
    const bench_systems *set;
    double cutoff;
    int32_t n_threads;
    nbl_cell_list *list;
    nbl_result *result;
    unsigned char *block; /* i, j and shifts of one system, one behind the other */
    size_t block_size;
    int64_t capacity; /* pairs of the largest system */
    nbl_outputs outputs;
    char message[256]; /* of the call that failed */
} bench_library;

/* Bytes that are written per pair: two int64 and three int32. */
enum { BENCH_PAIR_BYTES = 28 };

/*
 * Sizes the outputs by a pass that only counts, maps their pages, then starts with fresh handles. False:
 * message tells why; in either case close.
 */
bool nbl__bench_library_open(bench_library *library, const bench_systems *set, double cutoff,
                             int32_t n_threads);
void nbl__bench_library_close(bench_library *library);

/* A bench_pass over all systems; the context is the library. */
bool nbl__bench_library_pass(void *context, double *phases);

/* One more pass, which fingerprints the pairs. */
bool nbl__bench_library_digest(bench_library *library, bench_digest *digest);

#endif
