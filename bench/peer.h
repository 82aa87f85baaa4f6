/* SPDX-License-Identifier: MIT */
/*
 * What another neighbor-list library has to look like to be measured beside this one: a shared object that
 * exports one function, written by whoever wants to compare.
 *
 *     nbl_bench --peer NAME=./adapter.so
 *
 * This header stands alone: an adapter needs nothing else of libnblist. peer_example.c is a complete one.
 */
#ifndef NBL_BENCH_PEER_H
#define NBL_BENCH_PEER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NBL_BENCH_PEER_ABI 2 /* 2: fields, vectors, distances */

/* Fields of a pair that may be asked for beside i, j and shift. */
#define NBL_BENCH_PEER_VECTORS   1u
#define NBL_BENCH_PEER_DISTANCES 2u

/* What a run returns that was asked for fields that the library does not have: no failure, but no figures. */
#define NBL_BENCH_PEER_UNABLE 1

typedef struct nbl_bench_peer_input {
    int32_t abi;             /* NBL_BENCH_PEER_ABI of the caller; refuse what you do not know */
    int32_t n_threads;       /* as given to --threads: 0 = the library's own default */
    int64_t n;               /* atoms */
    const double *positions; /* [n][3] */
    const double *cell;      /* [3][3], rows are the lattice vectors; zeros where all axes are open */
    const uint8_t *pbc;      /* [3] */
    double cutoff;
    uint32_t fields; /* NBL_BENCH_PEER_VECTORS and NBL_BENCH_PEER_DISTANCES, or-ed; most cases: 0 */
} nbl_bench_peer_input;

typedef struct nbl_bench_peer_output {
    int64_t n_pairs;
    const int64_t *i; /* pair k is (i[k * stride], j[k * stride], shifts[3 k ... 3 k + 2]) */
    const int64_t *j;
    const int32_t *shifts;
    int64_t stride;          /* in elements: 1 for two arrays, 2 for one of interleaved indices */
    const char *message;     /* why the call failed; may stay NULL */
    const double *vectors;   /* [n_pairs][3], r[j] - r[i] + shift . cell; if asked for */
    const double *distances; /* [n_pairs], their lengths; if asked for */
} nbl_bench_peer_output;

/*
 * Finds the full list of one system: every (i, j, shift) with |r[j] - r[i] + shift . cell| < cutoff but
 * (i, i, 0), in any order. The whole call is timed. *output is zero but for `stride`, which is 1.
 * Returns 0, NBL_BENCH_PEER_UNABLE, or anything else on failure.
 *
 * *state is NULL at the first call of a case and the adapter's from then on; buffers belong there, to be
 * reused by the following calls. What *output points at stays valid until the next call. A case ends with a
 * call whose input and output are NULL: it frees the state and sets *state to NULL.
 */
typedef int nbl_bench_peer_function(void **state, const nbl_bench_peer_input *input,
                                    nbl_bench_peer_output *output);

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
nbl_bench_peer_function nbl_bench_peer_run;

#ifdef __cplusplus
}
#endif

#endif
