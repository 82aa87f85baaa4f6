/* SPDX-License-Identifier: MIT */
/*
 * The table of cases: names never change their meaning, so that figures of different versions can be put
 * side by side; what differs gets a new name.
 */
#ifndef NBL_BENCH_CASES_H
#define NBL_BENCH_CASES_H

#include "systems.h"

#include <stddef.h>

typedef struct bench_case {
    const char *name;
    const char *text;
    double cutoff;
    bool (*make)(bench_systems *set); /* false: out of memory */
    bool large;                       /* over a gigabyte or several seconds: left out by --quick */
} bench_case;

extern const bench_case nbl__bench_cases[];
extern const size_t nbl__bench_n_cases;

#endif
