/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <math.h>
#include <string.h>

void nbl__bench_table_machine(FILE *file, const bench_machine *machine, const bench_settings *settings)
{
    fprintf(file, "libnblist %s (%s), on %s, %lld cores, load %.2f", nbl_version_string(),
            nbl_isa_name(settings->used_isa), machine->cpu[0] ? machine->cpu : machine->system,
            (long long)machine->cores, machine->load);
}

/* Three or four digits that count, and never an exponent. */
void nbl__bench_table_number(FILE *file, int width, double value)
{
    if (!(value > 0))
        fprintf(file, " %*s", width - 1, "-");
    else
        fprintf(file, " %*.*f", width - 1, value < 9.995 ? 2 : value < 999.95 ? 1 : 0, value);
}

void nbl__bench_table_percent(FILE *file, int width, double share)
{
    if (!(share > 0))
        fprintf(file, " %*s", width - 1, "-");
    else
        fprintf(file, " %*.1f%%", width - 2, 100 * share);
}

void nbl__bench_table_figures_head(FILE *file)
{
    fprintf(file, " %8s %6s %6s %6s %7s %8s %5s %6s", "ns/atom", "build", "search", "fetch", "ns/pair",
            "Mpairs/s", "GB/s", "stores");
}

void nbl__bench_table_figures(FILE *file, const bench_subject *subject, const bench_digest *digest,
                              int pair_bytes, const bench_timing *time, const bench_stores *stores)
{
    const double per_pair = nbl__bench_ns_per_pair(digest, time->median);
    const double rate = nbl__bench_bytes_per_s(pair_bytes, digest, time->median);
    nbl__bench_table_number(file, 9, nbl__bench_ns_per_atom(subject, time->median));
    for (int p = 0; p < BENCH_PHASES; p++)
        nbl__bench_table_number(file, 7, nbl__bench_ns_per_atom(subject, time->phases[p]));
    nbl__bench_table_number(file, 8, per_pair);
    nbl__bench_table_number(file, 9, nbl__bench_ratio(1e3, per_pair));
    nbl__bench_table_number(file, 6, 1e-9 * rate);
    nbl__bench_table_percent(file, 7, nbl__bench_ratio(rate, stores->best));
}

static void megabytes(FILE *file, int64_t bytes)
{
    if (bytes >= 0)
        fprintf(file, " %6.*f", bytes < 9995000 ? 2 : bytes < 999950000 ? 1 : 0, 1e-6 * (double)bytes);
    else
        fprintf(file, " %6s", "-");
}

void nbl__bench_table_head(FILE *file, const bench_machine *machine, const bench_settings *settings)
{
    nbl__bench_table_machine(file, machine, settings);
    fprintf(file, "; %d thread%s\n", (int)settings->used_threads, settings->used_threads == 1 ? "" : "s");
    fprintf(
        file,
        "A full list of i, j (int64) and shift (int32) unless the case says otherwise, buffers reused;\n"
        "medians of %s; build, search and fetch are parts of ns/atom. GB/s: bytes of output over the\n"
        "whole time; stores: their share of what this machine can write. MB: peak above inputs and outputs "
        "(of\n"
        "a peer, whose outputs are its own: above inputs). Below a case: what it is compared with; ratio: its\n"
        "time over the case's; share: the case's over its%s.\n\n",
        settings->cpu_time ? "processor time" : "wall time",
        settings->narrow ? "; int32: its time over ours with int32 i, j" : "");
    fprintf(file, "%-23s %7s %9s", "case", "atoms", "pairs");
    nbl__bench_table_figures_head(file);
    fprintf(file, " %6s %6s %6s%s\n", "MB", "ratio", "share", settings->narrow ? "  int32" : "");
    fflush(file);
}

/* The end of a line of what the case is compared with. */
static void comparison(FILE *file, const bench_settings *settings, const bench_outcome *outcome, double seconds,
                       bool against_narrow, bool same)
{
    const double ours = outcome->time.median, narrow = nbl__bench_narrow_time(outcome);
    nbl__bench_table_number(file, 7, nbl__bench_ratio(seconds, ours));
    fprintf(file, " %6.3f", nbl__bench_ratio(ours, seconds));
    if (settings->narrow)
        nbl__bench_table_number(file, 7, against_narrow ? nbl__bench_ratio(seconds, narrow) : 0);
    fprintf(file, " %s\n", same ? "same" : "DIFFERENT");
}

static void variant_line(FILE *file, const bench_settings *settings, const bench_outcome *outcome,
                         const bench_variant *v)
{
    static const char *const words[] = {
        [BENCH_REFERENCE] = "against ", [BENCH_NARROW] = "with ", [BENCH_ISA] = "on "};
    char name[64];
    snprintf(name, sizeof name, "%s%s", words[v->kind], v->name);
    fprintf(file, "  %-39s", name);
    nbl__bench_table_figures(file, &outcome->subject, &outcome->digest, v->pair_bytes, &v->time,
                             &outcome->stores);
    fprintf(file, " %6s", "");
    comparison(file, settings, outcome, v->time.median, false, v->same);
}

static void peer_line(FILE *file, const bench_settings *settings, const bench_outcome *outcome,
                      const bench_peer_outcome *p)
{
    if (p->error[0]) {
        fprintf(file, "  %-39s %s: %s\n", p->name, p->unable ? "unable" : "FAILED", p->error);
        return;
    }
    fprintf(file, "  %-39.39s", p->name);
    nbl__bench_table_figures(file, &outcome->subject, &p->digest, outcome->subject.pair_bytes, &p->time,
                             &outcome->stores);
    megabytes(file, p->above_inputs);
    comparison(file, settings, outcome, p->time.median, true, p->same);
}

static void allocations_line(FILE *file, const bench_outcome *outcome)
{
    if (outcome->allocations >= 0)
        fprintf(file, "  allocations of the handles in %d passes after the first: %lld\n", BENCH_COUNTED_PASSES,
                (long long)outcome->allocations);
}

void nbl__bench_table_case(FILE *file, const bench_settings *settings, const bench_outcome *outcome)
{
    const bench_subject *subject = &outcome->subject;
    if (outcome->error[0]) {
        fprintf(file, "%-23s FAILED: %s\n", subject->name, outcome->error);
        fflush(file);
        return;
    }
    fprintf(file, "%-23s %7lld %9lld", subject->name, (long long)subject->atoms,
            (long long)outcome->digest.pairs);
    nbl__bench_table_figures(file, subject, &outcome->digest, subject->pair_bytes, &outcome->time,
                             &outcome->stores);
    megabytes(file, outcome->above_buffers);
    fputc('\n', file);
    for (int k = 0; k < outcome->n_variants; k++)
        variant_line(file, settings, outcome, outcome->variants + k);
    for (int p = 0; p < outcome->n_peers; p++)
        peer_line(file, settings, outcome, outcome->peers + p);
    allocations_line(file, outcome);
    fflush(file);
}
