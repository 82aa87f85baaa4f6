/* SPDX-License-Identifier: MIT */
/*
 * libnblist-metrics, in a table of its own: single structures of two densities, many small ones in one call on
 * one and on all threads, and structures of all sizes. Figures of another program that this machine has not
 * measured are told as what they are.
 */
#ifndef NBL_BENCH_METRICS_H
#define NBL_BENCH_METRICS_H

#include "report.h"
#include "writer.h"

/* w: inside the object of the report, or NULL: no JSON. False: something failed, which has been reported. */
bool nbl__bench_metrics(FILE *table, bench_writer *w, const bench_machine *machine,
                        const bench_settings *settings);

#endif
