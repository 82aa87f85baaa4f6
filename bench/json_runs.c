/* SPDX-License-Identifier: MIT */
/* What is not a case: scalings and sweeps. */
#include "json.h"

static void run(bench_writer *w, const bench_scaling *scaling, const bench_run *r)
{
    const bench_subject *subject = &scaling->subject;
    const double seconds = r->time.median;
    const double rate = nbl__bench_bytes_per_s(subject->pair_bytes, &scaling->digest, seconds);
    nbl__bench_write_object(w, NULL);
    nbl__bench_write_whole(w, "threads", r->n_threads);
    nbl__bench_json_timing(w, &r->time, true);
    nbl__bench_write_positive(w, "ns_per_atom", nbl__bench_ns_per_atom(subject, seconds));
    nbl__bench_write_positive(w, "bytes_per_s", rate);
    nbl__bench_json_store(w, &r->stores, rate);
    nbl__bench_write_positive(w, "speedup", nbl__bench_ratio(scaling->runs[0].time.median, seconds));
    nbl__bench_write_end(w);
}

void nbl__bench_json_scaling(bench_writer *w, const bench_scaling *scaling)
{
    nbl__bench_write_object(w, NULL);
    nbl__bench_json_subject(w, &scaling->subject);
    if (scaling->error[0]) {
        nbl__bench_write_text(w, "error", scaling->error);
    } else {
        nbl__bench_json_digest(w, &scaling->digest);
        nbl__bench_write_truth(w, "same", scaling->same);
        nbl__bench_write_array(w, "runs");
        for (int k = 0; k < scaling->n_runs; k++)
            run(w, scaling, scaling->runs + k);
        nbl__bench_write_end(w);
    }
    nbl__bench_write_end(w);
}

void nbl__bench_json_sweep(bench_writer *w, const bench_sweep *sweep)
{
    const int largest = nbl__bench_sweep_largest(sweep);
    nbl__bench_write_object(w, "sweep");
    nbl__bench_write_text(w, "text", sweep->text);
    nbl__bench_write_number(w, "cutoff", sweep->cutoff, 17);
    nbl__bench_write_whole(w, "passes", BENCH_SWEEP_PASSES);
    nbl__bench_write_array(w, "points");
    for (int point = 0; point < sweep->n_points; point++) {
        nbl__bench_write_object(w, NULL);
        nbl__bench_json_members(w, sweep->points + point);
        nbl__bench_write_positive(w, "step", nbl__bench_sweep_step(sweep, point));
        nbl__bench_write_end(w);
    }
    nbl__bench_write_end(w);
    if (largest > 0) {
        nbl__bench_write_object(w, "largest_step");
        nbl__bench_write_positive(w, "ratio", nbl__bench_sweep_step(sweep, largest));
        nbl__bench_write_whole(w, "from", sweep->points[largest - 1].subject.atoms);
        nbl__bench_write_whole(w, "to", sweep->points[largest].subject.atoms);
        nbl__bench_write_end(w);
    } else {
        nbl__bench_write_null(w, "largest_step");
    }
    nbl__bench_write_end(w);
}
