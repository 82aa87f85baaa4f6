/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <string.h>

double nbl__bench_ns_per_atom(const bench_subject *subject, double seconds)
{
    return subject->atoms > 0 ? 1e9 * seconds / (double)subject->atoms : 0;
}

double nbl__bench_ns_per_pair(const bench_digest *digest, double seconds)
{
    return digest->pairs > 0 ? 1e9 * seconds / (double)digest->pairs : 0;
}

double nbl__bench_bytes_per_s(const bench_subject *subject, const bench_digest *digest, double seconds)
{
    const double bytes = (double)digest->pairs * subject->pair_bytes;
    return seconds > 0 ? bytes / seconds : 0;
}

static void machine_line(FILE *file, const bench_machine *machine)
{
    fprintf(file, "libnblist %s (%s), on %s, %lld cores, load %.2f", nbl_version_string(),
            nbl_isa_name(nbl_isa_detect()), machine->cpu[0] ? machine->cpu : machine->system,
            (long long)machine->cores, machine->load);
}

void nbl__bench_table_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           const char *const *peers, int n_peers)
{
    machine_line(file, machine);
    fprintf(file, "; %d thread%s\n", (int)settings->used_threads, settings->used_threads == 1 ? "" : "s");
    fprintf(file,
            "full list of i, j (int64) and shift (int32), buffers reused; medians of %s; build, search\n"
            "and fetch are parts of ns/atom; stores: GB/s written over what this machine can write; MB above\n"
            "the buffers; 'against': our own other way, in turns, and what the case takes of its time\n\n",
            settings->cpu_time ? "processor time" : "wall time");
    fprintf(file, "%-22s %8s %9s %9s %8s %8s %8s %8s %8s %6s %7s %8s", "case", "atoms", "pairs", "ns/atom",
            "build", "search", "fetch", "ns/pair", "Mpairs/s", "GB/s", "stores", "MB");
    for (int p = 0; p < n_peers; p++)
        fprintf(file, " | %9.9s %7s %-9s", peers[p], "ratio", "pairs");
    fputc('\n', file);
    fflush(file);
}

/* Per atom; a phase that the case does not have is a dash. */
static void times(FILE *file, const bench_subject *subject, const bench_timing *time)
{
    fprintf(file, " %9.1f", nbl__bench_ns_per_atom(subject, time->median));
    for (int p = 0; p < BENCH_PHASES; p++) {
        if (time->phases[p] > 0)
            fprintf(file, " %8.1f", nbl__bench_ns_per_atom(subject, time->phases[p]));
        else
            fprintf(file, " %8s", "-");
    }
}

static void rate_columns(FILE *file, double rate, const bench_stores *stores)
{
    if (rate > 0)
        fprintf(file, " %6.2f", 1e-9 * rate);
    else
        fprintf(file, " %6s", "-");
    if (rate > 0 && stores->best > 0)
        fprintf(file, " %6.1f%%", 100 * rate / stores->best);
    else
        fprintf(file, " %7s", "-");
}

static void peer_columns(FILE *file, const bench_outcome *outcome, const bench_peer_outcome *peer)
{
    if (peer->error[0]) {
        fprintf(file, " | %9s %7s %-9s", "-", "-", "FAILED");
        return;
    }
    fprintf(file, " | %9.1f %6.2fx %-9s", nbl__bench_ns_per_atom(&outcome->subject, peer->time.median),
            peer->time.median / outcome->time.median, peer->same ? "same" : "DIFFERENT");
}

static void reference_line(FILE *file, const bench_outcome *outcome)
{
    const bench_reference *r = &outcome->reference;
    char name[32];
    snprintf(name, sizeof name, "against %s", r->name);
    fprintf(file, "  %-38s", name);
    times(file, &outcome->subject, &r->time);
    fprintf(file, "   takes %.3f of it, %+.1f ns/atom; %s\n", outcome->time.median / r->time.median,
            nbl__bench_ns_per_atom(&outcome->subject, outcome->time.median - r->time.median),
            r->same ? "same" : "DIFFERENT");
}

void nbl__bench_table_row(FILE *file, const bench_outcome *outcome)
{
    const bench_subject *subject = &outcome->subject;
    if (outcome->error[0]) {
        fprintf(file, "%-22s FAILED: %s\n", subject->name, outcome->error);
        fflush(file);
        return;
    }
    const double ns_per_pair = nbl__bench_ns_per_pair(&outcome->digest, outcome->time.median);
    fprintf(file, "%-22s %8lld %9lld", subject->name, (long long)subject->atoms,
            (long long)outcome->digest.pairs);
    times(file, subject, &outcome->time);
    fprintf(file, " %8.2f %8.1f", ns_per_pair, ns_per_pair > 0 ? 1e3 / ns_per_pair : 0);
    rate_columns(file, nbl__bench_bytes_per_s(subject, &outcome->digest, outcome->time.median),
                 &outcome->stores);
    if (outcome->above_buffers >= 0)
        fprintf(file, " %8.1f", 1e-6 * (double)outcome->above_buffers);
    else
        fprintf(file, " %8s", "-");
    for (int p = 0; p < outcome->n_peers; p++)
        peer_columns(file, outcome, outcome->peers + p);
    fputc('\n', file);
    if (outcome->reference.name)
        reference_line(file, outcome);
    fflush(file);
}

void nbl__bench_scaling_head(FILE *file, const bench_machine *machine, const int32_t *threads, int n_runs)
{
    machine_line(file, machine);
    fprintf(file, "; in turns with");
    for (int k = 0; k < n_runs; k++)
        fprintf(file, "%s %d", k > 0 ? "," : "", (int)threads[k]);
    fprintf(file,
            " thread%s\nmedians of wall time; columns as without --scaling; 'speed-up' over one thread\n\n",
            n_runs == 1 ? "" : "s");
    fprintf(file, "%-22s %8s %9s %9s %8s %8s %8s %6s %7s %8s\n", "case", "threads", "pairs", "ns/atom", "build",
            "search", "fetch", "GB/s", "stores", "speed-up");
    fflush(file);
}

void nbl__bench_scaling_rows(FILE *file, const bench_scaling *scaling)
{
    const bench_subject *subject = &scaling->subject;
    if (scaling->error[0])
        fprintf(file, "%-22s FAILED: %s\n", subject->name, scaling->error);
    for (int k = 0; k < scaling->n_runs && !scaling->error[0]; k++) {
        const bench_run *run = scaling->runs + k;
        fprintf(file, "%-22s %8d %9lld", k == 0 ? subject->name : "", (int)run->n_threads,
                (long long)scaling->digest.pairs);
        times(file, subject, &run->time);
        rate_columns(file, nbl__bench_bytes_per_s(subject, &scaling->digest, run->time.median), &run->stores);
        fprintf(file, " %7.2fx%s\n", scaling->runs[0].time.median / run->time.median,
                scaling->same ? "" : " DIFFERENT");
    }
    fflush(file);
}
