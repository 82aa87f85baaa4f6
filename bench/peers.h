/* SPDX-License-Identifier: MIT */
/*
 * Shared libraries of others, opened by path at run time: those with an adapter function (peer.h), and
 * vesin's own, whose C interface peer_vesin.c knows. Nothing of them is needed to build.
 */
#ifndef NBL_BENCH_PEERS_H
#define NBL_BENCH_PEERS_H

#include "digest.h"
#include "library.h"
#include "peer.h"

typedef struct bench_peer {
    char name[64];
    const char *interface; /* "nbl_bench_peer_run", or whose own interface is used */
    void *library;         /* dlopen()'s */
    nbl_bench_peer_function *run;
    void *state; /* the adapter's, as are the following those of the current case */
    bench_work work;
    const bench_way *way; /* of ours, which tells what is asked for */
    int32_t n_threads;
    bool unable; /* it does not have what was asked for */
    char message[256];
} bench_peer;

/* `spec` is NAME=PATH. False: message tells why, and there is nothing to close. */
bool nbl__bench_peer_open(bench_peer *peer, const char *spec);
void nbl__bench_peer_close(bench_peer *peer);

/* Begins a case with empty buffers (false: message tells why), and ends it, which frees them. */
bool nbl__bench_peer_begin(bench_peer *peer, const bench_work *work, const bench_way *way, int32_t n_threads);
void nbl__bench_peer_end(bench_peer *peer);

/* A bench_pass: one call for every system, and of every cutoff; the context is the peer. It has no phases. */
bool nbl__bench_peer_pass(void *context, double *phases);

/* One more pass, which fingerprints the pairs. */
bool nbl__bench_peer_digest(bench_peer *peer, bench_digest *digest);

/* peer_vesin.c: the state of an adapter for the symbols of libvesin; NULL and a reason on failure. */
void *nbl__bench_vesin_state(void *library, const char **reason);
nbl_bench_peer_function nbl__bench_vesin_run;

#endif
