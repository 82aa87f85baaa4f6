/* SPDX-License-Identifier: MIT */
/* nbl_bench: what the library costs on this machine, against what the machine can do and what others need. */
#include "options.h"
#include "run.h"
#include "structure.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

typedef struct session {
    const bench_options *options;
    bench_peer peers[BENCH_MAX_PEERS];
    int n_peers;
    int32_t threads[BENCH_MAX_RUNS]; /* for --scaling */
    int n_runs;
    FILE *table, *json;
    int n_cases;
    bool good;
} session;

static void shout(session *s, const bench_outcome *outcome)
{
    const char *name = outcome->subject.name;
    if (outcome->error[0])
        s->good = false;
    if (!outcome->error[0] && outcome->reference.name && !outcome->reference.same) {
        fprintf(stderr, "nbl_bench: %s: %s found DIFFERENT pairs or results\n", name, outcome->reference.name);
        s->good = false;
    }
    for (int p = 0; p < outcome->n_peers; p++) {
        const bench_peer_outcome *peer = outcome->peers + p;
        if (peer->error[0])
            fprintf(stderr, "nbl_bench: %s: %s\n", name, peer->error);
        else if (!peer->same)
            fprintf(stderr, "nbl_bench: %s: %s found DIFFERENT pairs: %lld, and we %lld\n", name, peer->name,
                    (long long)peer->digest.pairs, (long long)outcome->digest.pairs);
        if (peer->error[0] || !peer->same)
            s->good = false;
    }
}

static void measure_case(session *s, const bench_case *item, bench_systems *set, bench_outcome *outcome)
{
    nbl__bench_run(item, set, &s->options->settings, s->peers, s->n_peers, outcome);
    nbl__bench_table_row(s->table, outcome);
    if (s->json)
        nbl__bench_json_case(s->json, outcome, s->n_cases == 0);
    shout(s, outcome);
}

static void scale_case(session *s, const bench_case *item, bench_systems *set, bench_scaling *scaling)
{
    nbl__bench_scale(item, set, &s->options->settings, s->threads, s->n_runs, scaling);
    nbl__bench_scaling_rows(s->table, scaling);
    if (s->json)
        nbl__bench_json_scaling(s->json, scaling, s->n_cases == 0);
    if (scaling->error[0] == '\0' && !scaling->same)
        fprintf(stderr, "nbl_bench: %s: the pairs are DIFFERENT for other numbers of threads\n", item->name);
    s->good &= scaling->error[0] == '\0' && scaling->same;
}

static void run_case(session *s, const bench_case *item, bench_systems *set)
{
    const size_t size = s->options->scaling ? sizeof(bench_scaling) : sizeof(bench_outcome);
    void *found = malloc(size);
    if (!found) {
        nbl__bench_systems_free(set);
        s->good = nbl__bench_complain("out of memory", "");
        return;
    }
    if (s->options->scaling)
        scale_case(s, item, set, found);
    else
        measure_case(s, item, set, found);
    s->n_cases++;
    free(found);
}

static void run_table(session *s)
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
            fprintf(stderr, "nbl_bench: %s: out of memory\n", item->name);
            s->good = false;
        }
    }
}

static void run_file(session *s)
{
    const bench_options *a = s->options;
    char message[512];
    bench_systems set = {0};
    const bench_case item = {.name = "file", .text = a->file, .cutoff = a->cutoff};
    if (nbl__bench_structure_read(&set, a->file, message, sizeof message)) {
        run_case(s, &item, &set);
        return;
    }
    nbl__bench_systems_free(&set);
    fprintf(stderr, "nbl_bench: %s\n", message);
    s->good = false;
}

static bool open_session(session *s, const bench_options *a)
{
    memset(s, 0, sizeof *s);
    s->options = a;
    s->good = true;
    s->table = a->json && strcmp(a->json, "-") == 0 ? stderr : stdout;
    s->n_runs = nbl__bench_thread_counts(a->settings.used_threads, s->threads);
    for (; s->n_peers < a->n_peers; s->n_peers++)
        if (!nbl__bench_peer_open(s->peers + s->n_peers, a->peers[s->n_peers]))
            return nbl__bench_complain(s->peers[s->n_peers].message, "");
    if (!a->json)
        return true;
    s->json = s->table == stderr ? stdout : fopen(a->json, "w");
    return s->json || nbl__bench_complain("cannot write ", a->json);
}

static void close_session(session *s)
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

static int run(const bench_options *a)
{
    session s;
    const char *names[BENCH_MAX_PEERS];
    bench_machine machine;
    if (!open_session(&s, a)) {
        close_session(&s);
        return EXIT_USAGE;
    }
    for (int p = 0; p < s.n_peers; p++)
        names[p] = s.peers[p].name;
    if (a->settings.cpu_time)
        nbl__bench_clock_thread();
    nbl__bench_machine(&machine);
    if (a->scaling)
        nbl__bench_scaling_head(s.table, &machine, s.threads, s.n_runs);
    else
        nbl__bench_table_head(s.table, &machine, &a->settings, names, s.n_peers);
    if (s.json)
        nbl__bench_json_begin(s.json, &machine, &a->settings, a->scaling);
    run_table(&s);
    if (a->file)
        run_file(&s);
    if (s.json)
        nbl__bench_json_end(s.json);
    close_session(&s);
    return s.good ? EXIT_GOOD : EXIT_BAD;
}

int main(int argc, char **argv)
{
    bench_options a;
    if (!nbl__bench_options_parse(argc, argv, &a))
        return EXIT_USAGE;
    if (a.help) {
        fputs(nbl__bench_help, stdout);
        return EXIT_GOOD;
    }
    if (a.list) {
        for (size_t k = 0; k < nbl__bench_n_cases; k++)
            printf("%-22s  cutoff %-3g %s%s\n", nbl__bench_cases[k].name, nbl__bench_cases[k].cutoff,
                   nbl__bench_cases[k].text, nbl__bench_cases[k].large ? " (large)" : "");
        return EXIT_GOOD;
    }
    return run(&a);
}
