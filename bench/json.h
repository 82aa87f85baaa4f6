/* SPDX-License-Identifier: MIT */
/* The JSON of report.h. The object is begun by the head, and ended by the caller, who begins the arrays too. */
#ifndef NBL_BENCH_JSON_H
#define NBL_BENCH_JSON_H

#include "report.h"
#include "writer.h"

void nbl__bench_json_head(bench_writer *w, const bench_machine *machine, const bench_settings *settings);
void nbl__bench_json_case(bench_writer *w, const bench_outcome *outcome);
void nbl__bench_json_scaling(bench_writer *w, const bench_scaling *scaling);
void nbl__bench_json_sweep(bench_writer *w, const bench_sweep *sweep);

/* Parts of a case that a scaling and a point of a sweep have too; the members of a case stay in its object. */
void nbl__bench_json_members(bench_writer *w, const bench_outcome *outcome);
void nbl__bench_json_subject(bench_writer *w, const bench_subject *subject);
void nbl__bench_json_digest(bench_writer *w, const bench_digest *digest);
void nbl__bench_json_timing(bench_writer *w, const bench_timing *time, bool phases);
void nbl__bench_json_store(bench_writer *w, const bench_stores *stores, double rate);

#endif
