/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <string.h>

/* Bytes that are not ASCII are escaped one by one: the result is valid whatever a file name holds. */
static void text(FILE *file, const char *key, const char *value)
{
    fprintf(file, "\"%s\": \"", key);
    for (const char *c = value; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e)
            fprintf(file, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            fputc(*c, file);
    }
    fputc('"', file);
}

/* Zero means "not measured" here, and JSON has no infinity. */
static void positive(FILE *file, const char *key, double value)
{
    if (isfinite(value) && value > 0)
        fprintf(file, "\"%s\": %.6g", key, value);
    else
        fprintf(file, "\"%s\": null", key);
}

static void whole(FILE *file, const char *key, int64_t value)
{
    if (value >= 0)
        fprintf(file, "\"%s\": %lld", key, (long long)value);
    else
        fprintf(file, "\"%s\": null", key);
}

static void truth(FILE *file, const char *key, bool value)
{
    fprintf(file, "\"%s\": %s", key, value ? "true" : "false");
}

static void comma(FILE *file)
{
    fputs(", ", file);
}

static void digest(FILE *file, const bench_digest *d)
{
    whole(file, "pairs", d->pairs);
    fprintf(file, ", \"digest\": \"%016llx%016llx\"", (unsigned long long)d->sum, (unsigned long long)d->xored);
}

/* The lines "key=value" of the library as members of an object. */
static void build_info(FILE *file)
{
    const char *line = nbl_build_info();
    bool first = true;
    fputs("\"build\": {", file);
    while (*line) {
        const size_t length = strcspn(line, "\n"), key_length = strcspn(line, "=\n");
        char key[64], value[192];
        if (key_length < length) {
            snprintf(key, sizeof key, "%.*s", (int)key_length, line);
            snprintf(value, sizeof value, "%.*s", (int)(length - key_length - 1), line + key_length + 1);
            fputs(first ? "" : ", ", file);
            text(file, key, value);
            first = false;
        }
        line += length + (line[length] == '\n');
    }
    fputc('}', file);
}

static const char *compiler(void)
{
#if defined(__clang__)
    return __VERSION__;
#elif defined(__GNUC__)
    return "GCC " __VERSION__;
#else
    return "";
#endif
}

void nbl__bench_json_begin(FILE *file, const bench_machine *machine, const bench_settings *settings,
                           bool scaling)
{
    fputs("{\"schema\": 1, \"program\": \"nbl_bench\",\n \"library\": {", file);
    text(file, "version", nbl_version_string());
    comma(file);
    text(file, "isa", nbl_isa_name(nbl_isa_detect()));
    comma(file);
    build_info(file);
    fputs("},\n \"machine\": {", file);
    text(file, "cpu", machine->cpu);
    comma(file);
    text(file, "system", machine->system);
    comma(file);
    whole(file, "cores", machine->cores);
    comma(file);
    whole(file, "memory_bytes", machine->memory);
    fprintf(file, ", \"load\": %.2f, ", machine->load);
    text(file, "compiler", compiler());
    fputs("},\n \"settings\": {", file);
    truth(file, "quick", settings->quick);
    comma(file);
    truth(file, "cpu_time", settings->cpu_time);
    comma(file);
    whole(file, "threads", settings->n_threads);
    comma(file);
    whole(file, "used_threads", settings->used_threads);
    fputs(scaling ? "},\n \"cases\": [],\n \"scaling\": [" : "},\n \"cases\": [", file);
}

static void timing(FILE *file, const bench_timing *time, bool phases)
{
    static const char *const names[BENCH_PHASES] = {"build", "search", "fetch"};
    fputs("\"time\": {", file);
    positive(file, "median", time->median);
    comma(file);
    positive(file, "lowest", time->lowest);
    comma(file);
    positive(file, "highest", time->highest);
    comma(file);
    whole(file, "repetitions", time->repetitions);
    comma(file);
    whole(file, "passes", time->passes);
    for (int p = 0; p < BENCH_PHASES && phases; p++) {
        comma(file);
        positive(file, names[p], time->phases[p]);
    }
    fputs("}, ", file);
}

static void subject(FILE *file, const bench_subject *what)
{
    text(file, "name", what->name);
    comma(file);
    text(file, "text", what->text);
    fprintf(file, ", \"cutoff\": %.17g, ", what->cutoff);
    for (int32_t k = 0; k < what->n_cutoffs; k++)
        fprintf(file, "%s%.17g", k == 0 ? "\"cutoffs\": [" : ", ", what->cutoffs[k]);
    fputs(what->n_cutoffs > 0 ? "], " : "", file);
    text(file, "way", what->way);
    comma(file);
    whole(file, "systems", what->systems);
    comma(file);
    whole(file, "atoms", what->atoms);
    comma(file);
}

static void store(FILE *file, const bench_stores *stores, double rate)
{
    fputs("\"store\": {", file);
    positive(file, "regular", stores->regular);
    comma(file);
    positive(file, "stream", stores->stream);
    comma(file);
    positive(file, "fraction", stores->best > 0 ? rate / stores->best : 0);
    fputs("}", file);
}

static void memory(FILE *file, const bench_outcome *outcome)
{
    fputs("\"memory\": {", file);
    whole(file, "peak", outcome->peak);
    comma(file);
    whole(file, "above_buffers", outcome->above_buffers);
    comma(file);
    whole(file, "outputs", outcome->output_bytes);
    comma(file);
    whole(file, "list", outcome->list_bytes);
    comma(file);
    whole(file, "result", outcome->result_bytes);
    fputs("}", file);
}

static void plan(FILE *file, const bench_outcome *outcome)
{
    fputs("\"plan\": {", file);
    text(file, "algorithm", outcome->algorithm);
    comma(file);
    whole(file, "bins", outcome->bins);
    comma(file);
    whole(file, "images", outcome->images);
    comma(file);
    whole(file, "grids", outcome->grids);
    fputs("}", file);
}

static void figures(FILE *file, const bench_outcome *outcome)
{
    const double seconds = outcome->time.median;
    const double per_pair = nbl__bench_ns_per_pair(&outcome->digest, seconds);
    const double rate = nbl__bench_bytes_per_s(&outcome->subject, &outcome->digest, seconds);
    positive(file, "ns_per_atom", nbl__bench_ns_per_atom(&outcome->subject, seconds));
    comma(file);
    positive(file, "ns_per_pair", per_pair);
    comma(file);
    positive(file, "mpairs_per_s", per_pair > 0 ? 1e3 / per_pair : 0);
    comma(file);
    positive(file, "bytes_per_s", rate);
    fputs(",\n   ", file);
    store(file, &outcome->stores, rate);
    comma(file);
    memory(file, outcome);
    fputs(",\n   ", file);
    plan(file, outcome);
}

static double quotient(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static void reference(FILE *file, const bench_outcome *outcome)
{
    const bench_reference *r = &outcome->reference;
    const double ours = outcome->time.median, theirs = r->time.median;
    if (!r->name) {
        fputs(",\n   \"reference\": null", file);
        return;
    }
    fputs(",\n   \"reference\": {", file);
    text(file, "name", r->name);
    comma(file);
    timing(file, &r->time, true);
    positive(file, "ns_per_atom", nbl__bench_ns_per_atom(&outcome->subject, theirs));
    comma(file);
    digest(file, &r->digest);
    comma(file);
    truth(file, "same", r->same);
    comma(file);
    positive(file, "ratio", quotient(theirs, ours));
    comma(file);
    positive(file, "share", quotient(ours, theirs));
    fprintf(file, ", \"overhead_ns_per_atom\": %.6g}",
            nbl__bench_ns_per_atom(&outcome->subject, ours - theirs));
}

static void peer(FILE *file, const bench_outcome *outcome, const bench_peer_outcome *p)
{
    fputs("{", file);
    text(file, "name", p->name);
    comma(file);
    text(file, "interface", p->interface);
    comma(file);
    if (p->error[0]) {
        text(file, "error", p->error);
        fputs("}", file);
        return;
    }
    timing(file, &p->time, false);
    positive(file, "ns_per_atom", nbl__bench_ns_per_atom(&outcome->subject, p->time.median));
    comma(file);
    whole(file, "peak", p->peak);
    comma(file);
    digest(file, &p->digest);
    comma(file);
    truth(file, "same", p->same);
    comma(file);
    positive(file, "ratio", quotient(p->time.median, outcome->time.median));
    fputs("}", file);
}

void nbl__bench_json_case(FILE *file, const bench_outcome *outcome, bool first)
{
    fputs(first ? "\n  {" : ",\n  {", file);
    subject(file, &outcome->subject);
    if (outcome->error[0]) {
        text(file, "error", outcome->error);
        fputs("}", file);
        return;
    }
    digest(file, &outcome->digest);
    fputs(",\n   ", file);
    timing(file, &outcome->time, true);
    figures(file, outcome);
    reference(file, outcome);
    fputs(",\n   \"peers\": [", file);
    for (int p = 0; p < outcome->n_peers; p++) {
        fputs(p > 0 ? ",\n     " : "\n     ", file);
        peer(file, outcome, outcome->peers + p);
    }
    fputs("]}", file);
}

static void run(FILE *file, const bench_scaling *scaling, const bench_run *r)
{
    const double seconds = r->time.median;
    const double rate = nbl__bench_bytes_per_s(&scaling->subject, &scaling->digest, seconds);
    fputs("{", file);
    whole(file, "threads", r->n_threads);
    comma(file);
    timing(file, &r->time, true);
    positive(file, "ns_per_atom", nbl__bench_ns_per_atom(&scaling->subject, seconds));
    comma(file);
    positive(file, "bytes_per_s", rate);
    comma(file);
    store(file, &r->stores, rate);
    comma(file);
    positive(file, "speedup", quotient(scaling->runs[0].time.median, seconds));
    fputs("}", file);
}

void nbl__bench_json_scaling(FILE *file, const bench_scaling *scaling, bool first)
{
    fputs(first ? "\n  {" : ",\n  {", file);
    subject(file, &scaling->subject);
    if (scaling->error[0]) {
        text(file, "error", scaling->error);
        fputs("}", file);
        return;
    }
    digest(file, &scaling->digest);
    comma(file);
    truth(file, "same", scaling->same);
    fputs(",\n   \"runs\": [", file);
    for (int k = 0; k < scaling->n_runs; k++) {
        fputs(k > 0 ? ",\n     " : "\n     ", file);
        run(file, scaling, scaling->runs + k);
    }
    fputs("]}", file);
}

void nbl__bench_json_end(FILE *file)
{
    fputs("\n ]}\n", file);
}
