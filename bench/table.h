/* SPDX-License-Identifier: MIT */
/* The report for people: a table in some 130 columns. A line is written when its figures are known. */
#ifndef NBL_BENCH_TABLE_H
#define NBL_BENCH_TABLE_H

#include "report.h"

/* For cases, below which there may be lines of what they are compared with. */
void nbl__bench_table_head(FILE *file, const bench_machine *machine, const bench_settings *settings);
void nbl__bench_table_case(FILE *file, const bench_settings *settings, const bench_outcome *outcome);

void nbl__bench_scaling_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                             const int32_t *threads, int n_runs);
void nbl__bench_scaling_rows(FILE *file, const bench_scaling *scaling);

void nbl__bench_sweep_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           const char *const *peers, int n_peers);
void nbl__bench_sweep_row(FILE *file, const bench_sweep *sweep, int point);
void nbl__bench_sweep_end(FILE *file, const bench_sweep *sweep);

/* Parts of a line: the machine; a number in so many columns, a dash if it is not positive; the same in per
 * cent. */
void nbl__bench_table_machine(FILE *file, const bench_machine *machine, const bench_settings *settings);
void nbl__bench_table_number(FILE *file, int width, double value);
void nbl__bench_table_percent(FILE *file, int width, double share);

/* From ns/atom to 'stores', in 61 columns. */
void nbl__bench_table_figures_head(FILE *file);
void nbl__bench_table_figures(FILE *file, const bench_subject *subject, const bench_digest *digest,
                              int pair_bytes, const bench_timing *time, const bench_stores *stores);

#endif
