/* SPDX-License-Identifier: MIT */
/*
 * The table of cases: names never change their meaning, so that figures of different versions can be put
 * side by side; what differs gets a new name.
 */
#ifndef NBL_BENCH_CASES_H
#define NBL_BENCH_CASES_H

#include "library.h"
#include "systems.h"

#include <stddef.h>

typedef struct bench_case {
    const char *name;
    const char *text;
    double cutoff;                                              /* of the build; the largest that is searched */
    bool (*make)(bench_systems *set, int64_t count, int64_t n); /* false: out of memory */
    int64_t count, n;                                           /* as `make` understands them */
    bool large; /* over a gigabyte or a second: left out by --quick */

    /* The rest is zero where every system has calls of its own for one cutoff. */
    const bench_way *way;       /* what is measured; NULL: nbl__bench_loop */
    const bench_way *reference; /* what it is compared with */
    int32_t n_cutoffs;
    double cutoffs[BENCH_MAX_CUTOFFS];
} bench_case;

extern const bench_case nbl__bench_cases[];
extern const size_t nbl__bench_n_cases;

const bench_way *nbl__bench_case_way(const bench_case *item);

/* What a way needs to know of a case and its systems. */
bench_work nbl__bench_case_work(const bench_case *item, const bench_systems *set);

#endif
