/* SPDX-License-Identifier: MIT */
/* One case from its atoms to its figures: the library, then the stores, then the peers, one after another. */
#ifndef NBL_BENCH_RUN_H
#define NBL_BENCH_RUN_H

#include "cases.h"
#include "peers.h"
#include "report.h"

/* Takes the set over and frees it. What failed is in outcome->error and in the peers' errors. */
void nbl__bench_run(const bench_case *item, bench_systems *set, const bench_settings *settings,
                    bench_peer *peers, int n_peers, bench_outcome *outcome);

#endif
