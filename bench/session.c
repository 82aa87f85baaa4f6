/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "json.h"
#ifdef BENCH_METRICS
#include "metrics.h"
#endif
#include "run.h"
#include "structure.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static void shout(bench_session *s, const char *name, const char *what, const char *rest)
{
    fprintf(stderr, "nbl_bench: %s: %s%s\n", name, what, rest);
    s->good = false;
}

static void judge_peer(bench_session *s, const bench_outcome *outcome, const bench_peer_outcome *p)
{
    char what[192];
    snprintf(what, sizeof what, " found DIFFERENT pairs: %lld, and we %lld; wrong vectors or distances: %lld",
             (long long)p->digest.pairs, (long long)outcome->digest.pairs, (long long)p->digest.wrong);
    if (p->error[0] && !p->unable)
        shout(s, outcome->subject.name, p->error, "");
    else if (!p->error[0] && !p->same)
        shout(s, outcome->subject.name, p->name, what);
}

/* Failures stand in the table too, but a long table is not read to the end. */
static void judge(bench_session *s, const bench_outcome *outcome)
{
    const char *name = outcome->subject.name;
    if (outcome->error[0]) {
        s->good = false;
        return;
    }
    for (int k = 0; k < outcome->n_variants; k++)
        if (!outcome->variants[k].same)
            shout(s, name, outcome->variants[k].name, " found DIFFERENT pairs or results");
    if (outcome->digest.wrong > 0)
        shout(s, name, "vectors or distances are wrong", "");
    if (outcome->allocations > 0)
        shout(s, name, "handles took memory for work that they had done before", "");
    for (int p = 0; p < outcome->n_peers; p++)
        judge_peer(s, outcome, outcome->peers + p);
}

static void check_plot(bench_session *s, bool drawn)
{
    if (!drawn)
        s->good = nbl__bench_complain(s->plot.message, "");
}

static void measure_case(bench_session *s, const bench_case *item, bench_systems *set, bench_outcome *outcome)
{
    const bench_settings *settings = &s->options->settings;
    nbl__bench_run(item, set, settings, s->peers, s->n_peers, outcome);
    nbl__bench_table_case(s->table, settings, outcome);
    if (s->json)
        nbl__bench_json_case(&s->writer, outcome);
    if (s->options->plot)
        check_plot(s, nbl__bench_plot_case(&s->plot, item, outcome));
    judge(s, outcome);
}

static void scale_case(bench_session *s, const bench_case *item, bench_systems *set, bench_scaling *scaling)
{
    nbl__bench_scale(item, set, &s->options->settings, s->threads, s->n_runs, scaling);
    nbl__bench_scaling_rows(s->table, scaling);
    if (s->json)
        nbl__bench_json_scaling(&s->writer, scaling);
    if (scaling->error[0])
        s->good = false;
    else if (!scaling->same)
        shout(s, item->name, "the pairs are DIFFERENT for other numbers of threads", "");
}

static void run_case(bench_session *s, const bench_case *item, bench_systems *set)
{
    const bool scaling = s->options->scaling;
    void *found = malloc(scaling ? sizeof(bench_scaling) : sizeof(bench_outcome));
    if (!found) {
        nbl__bench_systems_free(set);
        shout(s, item->name, "out of memory", "");
    } else if (scaling) {
        scale_case(s, item, set, found);
    } else {
        measure_case(s, item, set, found);
    }
    free(found);
}

static void run_cases(bench_session *s)
{
    for (size_t k = 0; k < nbl__bench_n_cases; k++) {
        const bench_case *item = nbl__bench_cases + k;
        bench_systems set = {0};
        if (!nbl__bench_options_want(s->options, item))
            continue;
        if (item->make(&set, item->count, item->n)) {
            run_case(s, item, &set);
        } else {
            nbl__bench_systems_free(&set);
            shout(s, item->name, "out of memory", "");
        }
    }
}

/* One system is a cell list, several are a batch. */
static bench_case file_case(const bench_options *a, const bench_systems *set)
{
    const bool batch = set->count > 1, lists = a->n_cutoffs > 1;
    bench_case item = {.name = "file", .text = a->file, .cutoff = a->cutoffs[a->n_cutoffs - 1]};
    if (lists) {
        item.way = batch ? &nbl__bench_batch_lists : &nbl__bench_lists;
        item.reference = batch ? &nbl__bench_batch_each : &nbl__bench_list_each;
        item.n_cutoffs = a->n_cutoffs;
        memcpy(item.cutoffs, a->cutoffs, sizeof item.cutoffs);
    } else if (batch) {
        item.way = &nbl__bench_batch;
        item.reference = &nbl__bench_loop;
    }
    return item;
}

static void run_file(bench_session *s)
{
    char message[512];
    bench_systems set = {0};
    if (nbl__bench_structure_read(&set, s->options->file, message, sizeof message)) {
        const bench_case item = file_case(s->options, &set);
        run_case(s, &item, &set);
        return;
    }
    nbl__bench_systems_free(&set);
    fprintf(stderr, "nbl_bench: %s\n", message);
    s->good = false;
}

static void tell_point(void *context, const bench_sweep *sweep, int point)
{
    bench_session *s = context;
    nbl__bench_sweep_row(s->table, sweep, point);
    judge(s, sweep->points + point);
}

static void run_sweep(bench_session *s)
{
    const bench_settings *settings = &s->options->settings;
    bench_sweep sweep;
    nbl__bench_sweep_head(s->table, &s->machine, settings, s->peer_names, s->n_peers);
    if (!nbl__bench_sweep_run(settings, s->peers, s->n_peers, tell_point, s, &sweep))
        shout(s, "--sweep", "out of memory", "");
    nbl__bench_sweep_end(s->table, &sweep);
    if (s->json)
        nbl__bench_json_sweep(&s->writer, &sweep);
    if (s->options->plot)
        check_plot(s, nbl__bench_plot_sweep(&s->plot, &sweep));
    nbl__bench_sweep_close(&sweep);
}

static bool open_json(bench_session *s)
{
    const char *path = s->options->json;
    if (!path)
        return true;
    s->json = s->table == stderr ? stdout : fopen(path, "w");
    s->writer.file = s->json;
    return s->json || nbl__bench_complain("cannot write ", path);
}

static bool open_peers(bench_session *s)
{
    for (; s->n_peers < s->options->n_peers; s->n_peers++) {
        bench_peer *peer = s->peers + s->n_peers;
        if (!nbl__bench_peer_open(peer, s->options->peers[s->n_peers]))
            return nbl__bench_complain(peer->message, "");
        s->peer_names[s->n_peers] = peer->name;
    }
    return true;
}

bool nbl__bench_session_open(bench_session *s, const bench_options *a)
{
    memset(s, 0, sizeof *s);
    s->options = a;
    s->good = true;
    s->table = a->json && strcmp(a->json, "-") == 0 ? stderr : stdout;
    s->n_runs = nbl__bench_thread_counts(a->settings.used_threads, s->threads);
    if (a->settings.cpu_time)
        nbl__bench_clock_thread();
    nbl__bench_machine(&s->machine);
    return open_peers(s) &&
           (!a->plot || nbl__bench_plot_open(&s->plot, a->plot, s->peer_names, s->n_peers) ||
            nbl__bench_complain(s->plot.message, "")) &&
           open_json(s);
}

#ifdef BENCH_METRICS
static void run_metrics(bench_session *s)
{
    const bench_settings *settings = &s->options->settings;
    if (s->json) {
        nbl__bench_json_head(&s->writer, &s->machine, settings);
        nbl__bench_write_array(&s->writer, "cases");
        nbl__bench_write_end(&s->writer);
    }
    s->good &= nbl__bench_metrics(s->table, s->json ? &s->writer : NULL, &s->machine, settings);
    if (s->json)
        nbl__bench_write_end(&s->writer);
}
#endif

void nbl__bench_session_run(bench_session *s)
{
    const bench_options *a = s->options;
#ifdef BENCH_METRICS
    if (a->metrics) {
        run_metrics(s);
        return;
    }
#endif
    const bool cases = !a->sweep || a->n_patterns > 0 || a->file;
    if (a->scaling)
        nbl__bench_scaling_head(s->table, &s->machine, &a->settings, s->threads, s->n_runs);
    else if (cases)
        nbl__bench_table_head(s->table, &s->machine, &a->settings);
    if (s->json) {
        nbl__bench_json_head(&s->writer, &s->machine, &a->settings);
        nbl__bench_write_array(&s->writer, "cases");
        if (a->scaling) {
            nbl__bench_write_end(&s->writer);
            nbl__bench_write_array(&s->writer, "scaling");
        }
    }
    run_cases(s);
    if (a->file)
        run_file(s);
    if (s->json)
        nbl__bench_write_end(&s->writer);
    fputs(a->sweep && cases ? "\n" : "", s->table);
    if (a->sweep)
        run_sweep(s);
    if (s->json)
        nbl__bench_write_end(&s->writer);
    if (a->plot)
        check_plot(s, nbl__bench_plot_close(&s->plot, &s->machine, &a->settings));
}

void nbl__bench_session_close(bench_session *s)
{
    while (s->n_peers > 0)
        nbl__bench_peer_close(s->peers + --s->n_peers);
    if (!s->json)
        return;
    bool lost = ferror(s->json) != 0;
    lost |= (s->json == stdout ? fflush(stdout) : fclose(s->json)) != 0;
    if (lost)
        s->good = nbl__bench_complain("could not write all of ", s->options->json);
}
