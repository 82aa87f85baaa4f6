/* SPDX-License-Identifier: MIT */
#include "library.h"
#include "report.h"

double nbl__bench_ns_per_atom(const bench_outcome *outcome, double seconds)
{
    return outcome->atoms > 0 ? 1e9 * seconds / (double)outcome->atoms : 0;
}

double nbl__bench_ns_per_pair(const bench_outcome *outcome)
{
    return outcome->digest.pairs > 0 ? 1e9 * outcome->time.median / (double)outcome->digest.pairs : 0;
}

double nbl__bench_bytes_per_s(const bench_outcome *outcome)
{
    const double bytes = (double)outcome->digest.pairs * BENCH_PAIR_BYTES;
    return outcome->time.median > 0 ? bytes / outcome->time.median : 0;
}

void nbl__bench_table_head(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           const char *const *peers, int n_peers)
{
    fprintf(file, "libnblist %s (%s), %d thread%s, on %s, %lld cores, load %.2f\n", nbl_version_string(),
            nbl_isa_name(nbl_isa_detect()), (int)settings->used_threads, settings->used_threads == 1 ? "" : "s",
            machine->cpu[0] ? machine->cpu : machine->system, (long long)machine->cores, machine->load);
    fprintf(file,
            "full list of i, j (int64) and shift (int32), buffers reused; medians of %s; build, search\n"
            "and fetch are parts of ns/atom; stores: GB/s written over what this machine can write; MB above\n"
            "the buffers\n\n",
            settings->cpu_time ? "processor time" : "wall time");
    fprintf(file, "%-14s %8s %9s %8s %7s %7s %7s %8s %8s %6s %7s %8s", "case", "atoms", "pairs", "ns/atom",
            "build", "search", "fetch", "ns/pair", "Mpairs/s", "GB/s", "stores", "MB");
    for (int p = 0; p < n_peers; p++)
        fprintf(file, " | %9.9s %7s %-9s", peers[p], "ratio", "pairs");
    fputc('\n', file);
    fflush(file);
}

static void peer_columns(FILE *file, const bench_outcome *outcome, const bench_peer_outcome *peer)
{
    if (peer->error[0]) {
        fprintf(file, " | %9s %7s %-9s", "-", "-", "FAILED");
        return;
    }
    fprintf(file, " | %9.1f %6.2fx %-9s", nbl__bench_ns_per_atom(outcome, peer->time.median),
            peer->time.median / outcome->time.median, peer->same ? "same" : "DIFFERENT");
}

void nbl__bench_table_row(FILE *file, const bench_outcome *outcome)
{
    if (outcome->error[0]) {
        fprintf(file, "%-14s FAILED: %s\n", outcome->name, outcome->error);
        fflush(file);
        return;
    }
    const bench_timing *time = &outcome->time;
    const double rate = nbl__bench_bytes_per_s(outcome);
    const double ns_per_pair = nbl__bench_ns_per_pair(outcome);
    fprintf(file, "%-14s %8lld %9lld %8.1f %7.1f %7.1f %7.1f %8.2f %8.1f %6.2f", outcome->name,
            (long long)outcome->atoms, (long long)outcome->digest.pairs,
            nbl__bench_ns_per_atom(outcome, time->median), nbl__bench_ns_per_atom(outcome, time->phases[0]),
            nbl__bench_ns_per_atom(outcome, time->phases[1]), nbl__bench_ns_per_atom(outcome, time->phases[2]),
            ns_per_pair, ns_per_pair > 0 ? 1e3 / ns_per_pair : 0, 1e-9 * rate);
    if (outcome->stores.best > 0)
        fprintf(file, " %6.1f%%", 100 * rate / outcome->stores.best);
    else
        fprintf(file, " %7s", "-");
    if (outcome->above_buffers >= 0)
        fprintf(file, " %8.1f", 1e-6 * (double)outcome->above_buffers);
    else
        fprintf(file, " %8s", "-");
    for (int p = 0; p < outcome->n_peers; p++)
        peer_columns(file, outcome, outcome->peers + p);
    fputc('\n', file);
    fflush(file);
}
