/* SPDX-License-Identifier: MIT */
/* The command line of nbl_bench. */
#ifndef NBL_BENCH_OPTIONS_H
#define NBL_BENCH_OPTIONS_H

#include "cases.h"
#include "report.h"

enum { BENCH_MAX_PATTERNS = 64 };

typedef struct bench_options {
    bench_settings settings;
    const char *patterns[BENCH_MAX_PATTERNS];
    int n_patterns;
    const char *peers[BENCH_MAX_PEERS];
    int n_peers;
    const char *json, *file, *plot;
    int32_t n_cutoffs;
    double cutoffs[BENCH_MAX_CUTOFFS]; /* ascending */
    bool list, help, scaling, sweep, metrics, threads_given;
} bench_options;

extern const char nbl__bench_help[];

/* False: a usage error, which has been reported. */
bool nbl__bench_options_parse(int argc, char **argv, bench_options *options);

/* Is this case to be run? */
bool nbl__bench_options_want(const bench_options *options, const bench_case *item);

/* "nbl_bench: WHAT VALUE" and the hint at --help on standard error; always false. */
bool nbl__bench_complain(const char *what, const char *value);

#endif
