/* SPDX-License-Identifier: MIT */
/* One run of the program: the cases that were asked for, and where their figures go. */
#ifndef NBL_BENCH_SESSION_H
#define NBL_BENCH_SESSION_H

#include "options.h"
#include "peers.h"
#include "plot.h"
#include "writer.h"

typedef struct bench_session {
    const bench_options *options;
    bench_machine machine;
    bench_peer peers[BENCH_MAX_PEERS];
    const char *peer_names[BENCH_MAX_PEERS];
    int n_peers;
    int32_t threads[BENCH_MAX_RUNS]; /* for --scaling */
    int n_runs;
    FILE *table, *json;
    bench_writer writer; /* of json */
    bench_plot plot;     /* with --plot */
    bool good;           /* nothing failed, and nothing differs */
} bench_session;

/* Before anything is measured: false: a usage error, which has been reported. In either case close. */
bool nbl__bench_session_open(bench_session *s, const bench_options *options);
void nbl__bench_session_run(bench_session *s);
void nbl__bench_session_close(bench_session *s);

#endif
