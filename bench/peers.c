/* SPDX-License-Identifier: MIT */
#include "peers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refused(bench_peer *peer, const char *reason)
{
    snprintf(peer->message, sizeof peer->message, "peer %s: %s", peer->name, reason);
    return false;
}

static bool find_interface(bench_peer *peer)
{
    void *symbol = dlsym(peer->library, "nbl_bench_peer_run");
    if (symbol) {
        /* dlsym() returns functions as object pointers, which C cannot convert; POSIX makes them alike. */
        memcpy(&peer->run, &symbol, sizeof symbol);
        peer->interface = "nbl_bench_peer_run";
        return true;
    }
    const char *reason = NULL;
    peer->state = nbl__bench_vesin_state(peer->library, &reason);
    if (!peer->state)
        return refused(peer, reason);
    peer->run = nbl__bench_vesin_run;
    peer->interface = "vesin 0.5";
    nbl__bench_peer_end(peer);
    return true;
}

bool nbl__bench_peer_open(bench_peer *peer, const char *spec)
{
    const char *equals = strchr(spec, '=');
    memset(peer, 0, sizeof *peer);
    if (!equals || equals == spec || equals[1] == '\0' || (size_t)(equals - spec) >= sizeof peer->name) {
        snprintf(peer->name, sizeof peer->name, "%s", spec);
        return refused(peer, "expected NAME=PATH");
    }
    memcpy(peer->name, spec, (size_t)(equals - spec));
    peer->library = dlopen(equals + 1, RTLD_NOW | RTLD_LOCAL);
    if (!peer->library)
        return refused(peer, dlerror());
    if (find_interface(peer))
        return true;
    nbl__bench_peer_close(peer);
    return false;
}

void nbl__bench_peer_close(bench_peer *peer)
{
    if (peer->library)
        dlclose(peer->library);
    peer->library = NULL;
}

bool nbl__bench_peer_begin(bench_peer *peer, const bench_work *work, const bench_way *way, int32_t n_threads)
{
    peer->work = *work;
    peer->way = way;
    peer->n_threads = n_threads;
    peer->unable = false;
    peer->message[0] = '\0';
    peer->state = NULL;
    const char *reason = NULL;
    if (peer->run == nbl__bench_vesin_run)
        peer->state = nbl__bench_vesin_state(peer->library, &reason);
    return !reason || refused(peer, reason);
}

void nbl__bench_peer_end(bench_peer *peer)
{
    if (peer->state)
        peer->run(&peer->state, NULL, NULL);
    peer->state = NULL;
}

static int64_t n_lists(const bench_work *work)
{
    return work->n_cutoffs > 0 ? work->n_cutoffs : 1;
}

static uint32_t fields(const bench_way *way)
{
    return (way->bytes.vectors > 0 ? NBL_BENCH_PEER_VECTORS : 0) |
           (way->bytes.distances > 0 ? NBL_BENCH_PEER_DISTANCES : 0);
}

static bool run(bench_peer *peer, int64_t list, int64_t system, nbl_bench_peer_output *output)
{
    const bench_systems *set = peer->work.set;
    const int64_t begin = set->first[system];
    const nbl_bench_peer_input input = {.abi = NBL_BENCH_PEER_ABI,
                                        .n_threads = peer->n_threads,
                                        .n = set->first[system + 1] - begin,
                                        .positions = set->positions + 3 * begin,
                                        .cell = set->cells[system],
                                        .pbc = set->pbc[system],
                                        .cutoff = peer->work.n_cutoffs > 0 ? peer->work.cutoffs[list]
                                                                           : peer->work.cutoff,
                                        .fields = fields(peer->way)};
    memset(output, 0, sizeof *output);
    output->stride = 1;
    const int status = peer->run(&peer->state, &input, output);
    if (status == 0)
        return true;
    peer->unable = status == NBL_BENCH_PEER_UNABLE;
    return refused(peer, output->message ? output->message : "failed without a message");
}

bool nbl__bench_peer_pass(void *context, double *phases)
{
    bench_peer *peer = context;
    nbl_bench_peer_output output;
    (void)phases;
    for (int64_t list = 0; list < n_lists(&peer->work); list++)
        for (int64_t system = 0; system < peer->work.set->count; system++)
            if (!run(peer, list, system, &output))
                return false;
    return true;
}

/* What was asked for has to be there, or its comparison would be none. */
static bool complete(bench_peer *peer, const nbl_bench_peer_output *output)
{
    const bench_bytes *b = &peer->way->bytes;
    return output->n_pairs == 0 ||
           (output->i && output->j && output->shifts && (b->vectors == 0 || output->vectors) &&
            (b->distances == 0 || output->distances)) ||
           refused(peer, "did not set all arrays that were asked for");
}

static bool digest_list(bench_peer *peer, int64_t list, int64_t system, bench_digest *digest)
{
    const int64_t count = peer->work.set->count;
    nbl_bench_peer_output output;
    if (!run(peer, list, system, &output) || !complete(peer, &output))
        return false;
    const bench_pairs pairs = {.count = output.n_pairs,
                               .stride = output.stride,
                               .i = output.i,
                               .j = output.j,
                               .shifts = output.shifts,
                               .vectors = output.vectors,
                               .distances = output.distances};
    nbl__bench_digest_add(digest, list * count + system, &pairs);
    nbl__bench_digest_geometry(digest, peer->work.set, system, &pairs);
    /* Shells are lists less the lists before. */
    if (peer->way->disjoint && list + 1 < n_lists(&peer->work))
        nbl__bench_digest_remove(digest, (list + 1) * count + system, &pairs);
    return true;
}

bool nbl__bench_peer_digest(bench_peer *peer, bench_digest *digest)
{
    memset(digest, 0, sizeof *digest);
    for (int64_t list = 0; list < n_lists(&peer->work); list++)
        for (int64_t system = 0; system < peer->work.set->count; system++)
            if (!digest_list(peer, list, system, digest))
                return false;
    return true;
}
