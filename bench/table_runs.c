/* SPDX-License-Identifier: MIT */
/* What is not a case: scalings and sweeps. */
#include "table.h"

void nbl__bench_scaling_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                             const int32_t *threads, int n_runs)
{
    nbl__bench_table_machine(file, machine, settings);
    fprintf(file, "; in turns with");
    for (int k = 0; k < n_runs; k++)
        fprintf(file, "%s %d", k > 0 ? "," : "", (int)threads[k]);
    fprintf(file,
            " thread%s\nmedians of wall time; columns as without --scaling; 'speed-up' over one thread\n\n",
            n_runs == 1 ? "" : "s");
    fprintf(file, "%-23s %7s %9s", "case", "threads", "pairs");
    nbl__bench_table_figures_head(file);
    fprintf(file, " %8s\n", "speed-up");
    fflush(file);
}

void nbl__bench_scaling_rows(FILE *file, const bench_scaling *scaling)
{
    const bench_subject *subject = &scaling->subject;
    if (scaling->error[0])
        fprintf(file, "%-23s FAILED: %s\n", subject->name, scaling->error);
    for (int k = 0; k < scaling->n_runs && !scaling->error[0]; k++) {
        const bench_run *run = scaling->runs + k;
        fprintf(file, "%-23s %7d %9lld", k == 0 ? subject->name : "", (int)run->n_threads,
                (long long)scaling->digest.pairs);
        nbl__bench_table_figures(file, subject, &scaling->digest, subject->pair_bytes, &run->time,
                                 &run->stores);
        fprintf(file, " %7.2fx%s\n", nbl__bench_ratio(scaling->runs[0].time.median, run->time.median),
                scaling->same ? "" : " DIFFERENT");
    }
    fflush(file);
}

void nbl__bench_sweep_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           const char *const *peers, int n_peers)
{
    nbl__bench_table_machine(file, machine, settings);
    fprintf(
        file,
        "; %d thread%s\n"
        "Cu fcc, 1, 2, 4 ... copies of the primitive cell, the shortest axis doubled each time, cutoff 5; the\n"
        "best median of %d passes over all points; 'step': time per atom over that of the line above;\n"
        "'ratio': of the peer over ours\n\n",
        (int)settings->used_threads, settings->used_threads == 1 ? "" : "s", BENCH_SWEEP_PASSES);
    fprintf(file, "%8s %9s %-6s", "atoms", "pairs", "plan");
    nbl__bench_table_figures_head(file);
    fprintf(file, " %6s", "step");
    for (int p = 0; p < n_peers; p++)
        fprintf(file, " | %8.8s %6s", peers[p], "ratio");
    fputc('\n', file);
    fflush(file);
}

static void peer_columns(FILE *file, const bench_outcome *outcome, const bench_peer_outcome *p)
{
    fputs(" |", file);
    if (p->error[0]) {
        fprintf(file, " %15s", p->unable ? "unable" : "FAILED");
        return;
    }
    nbl__bench_table_number(file, 9, nbl__bench_ns_per_atom(&outcome->subject, p->time.median));
    nbl__bench_table_number(file, 7, nbl__bench_ratio(p->time.median, outcome->time.median));
    fputs(p->same ? "" : " DIFFERENT", file);
}

void nbl__bench_sweep_row(FILE *file, const bench_sweep *sweep, int point)
{
    const bench_outcome *outcome = sweep->points + point;
    const bench_subject *subject = &outcome->subject;
    fprintf(file, "%8lld", (long long)subject->atoms);
    if (outcome->error[0]) {
        fprintf(file, " FAILED: %s\n", outcome->error);
        fflush(file);
        return;
    }
    fprintf(file, " %9lld %-6s", (long long)outcome->digest.pairs, outcome->algorithm);
    nbl__bench_table_figures(file, subject, &outcome->digest, subject->pair_bytes, &outcome->time,
                             &outcome->stores);
    if (point > 0)
        fprintf(file, " %6.3f", nbl__bench_sweep_step(sweep, point));
    else
        fprintf(file, " %6s", "-");
    for (int p = 0; p < outcome->n_peers; p++)
        peer_columns(file, outcome, outcome->peers + p);
    fputc('\n', file);
    fflush(file);
}

void nbl__bench_sweep_end(FILE *file, const bench_sweep *sweep)
{
    const int largest = nbl__bench_sweep_largest(sweep);
    if (largest > 0)
        fprintf(file, "\nlargest step: %.3f, from %lld to %lld atoms\n", nbl__bench_sweep_step(sweep, largest),
                (long long)sweep->points[largest - 1].subject.atoms,
                (long long)sweep->points[largest].subject.atoms);
    fflush(file);
}
