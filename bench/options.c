/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include <nblist/nblist.h>

#include <fnmatch.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

bool nbl__bench_complain(const char *what, const char *value)
{
    fprintf(stderr, "nbl_bench: %s%s\nTry 'nbl_bench --help'.\n", what, value);
    return false;
}

/* A number, followed by nothing or by one of `ends`, where *rest begins. */
static bool read_number(const char *text, const char *ends, double *value, const char **rest)
{
    char *end;
    *value = strtod(text, &end);
    *rest = end;
    return end != text && (*end == '\0' || strchr(ends, *end)) && isfinite(*value);
}

static bool take_case(bench_options *a, const char *value)
{
    if (a->n_patterns == BENCH_MAX_PATTERNS)
        return nbl__bench_complain("too many --case", "");
    a->patterns[a->n_patterns++] = value;
    return true;
}

static bool take_peer(bench_options *a, const char *value)
{
    if (a->n_peers == BENCH_MAX_PEERS)
        return nbl__bench_complain("too many --peer", "");
    a->peers[a->n_peers++] = value;
    return true;
}

static bool take_json(bench_options *a, const char *value)
{
    a->json = value;
    return true;
}

static bool take_file(bench_options *a, const char *value)
{
    a->file = value;
    return true;
}

static bool take_plot(bench_options *a, const char *value)
{
    a->plot = value;
    return true;
}

static bool take_threads(bench_options *a, const char *value)
{
    double number = 0;
    const char *rest;
    if (!read_number(value, "", &number, &rest) || number < 0 || number > 65536 || number != floor(number))
        return nbl__bench_complain("--threads: not a number of threads: ", value);
    a->settings.n_threads = (int32_t)number;
    a->threads_given = true;
    return true;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool take_cutoffs(bench_options *a, const char *value)
{
    const char *at = value;
    a->n_cutoffs = 0;
    do {
        double cutoff;
        if (a->n_cutoffs == BENCH_MAX_CUTOFFS)
            return nbl__bench_complain("--cutoff: too many: ", value);
        if (!read_number(at, ",", &cutoff, &at) || !(cutoff > 0))
            return nbl__bench_complain("--cutoff: not positive numbers with commas between them: ", value);
        a->cutoffs[a->n_cutoffs++] = cutoff;
    } while (*at++ == ',');
    qsort(a->cutoffs, (size_t)a->n_cutoffs, sizeof *a->cutoffs, ascending);
    return true;
}

/* What does not run here would be capped in silence, and the figures would lie. */
static bool take_isa(bench_options *a, const char *value)
{
    a->settings.isa = NBL_ISA_AUTO;
    if (strcmp(value, "auto") == 0)
        return true;
    for (int32_t isa = 1; isa <= BENCH_MAX_ISA; isa++)
        if (nbl_isa_name(isa) && strcmp(nbl_isa_name(isa), value) == 0)
            a->settings.isa = isa;
    if (a->settings.isa == NBL_ISA_AUTO)
        return nbl__bench_complain("--isa: the library has no such level: ", value);
    if (a->settings.isa > nbl_isa_detect())
        return nbl__bench_complain("--isa: more than this machine, or NBLIST_ISA, allows: ", value);
    return true;
}

typedef struct option {
    const char *name;
    bool (*take)(bench_options *a, const char *value); /* NULL: a switch */
    size_t flag;                                       /* of a switch: where its bool is */
} option;

static const option options[] = {
    {"--case", take_case, 0},
    {"--cpu-time", NULL, offsetof(bench_options, settings.cpu_time)},
    {"--cutoff", take_cutoffs, 0},
    {"--file", take_file, 0},
    {"--help", NULL, offsetof(bench_options, help)},
    {"--int32", NULL, offsetof(bench_options, settings.narrow)},
    {"--isa", take_isa, 0},
    {"--isas", NULL, offsetof(bench_options, settings.isas)},
    {"--json", take_json, 0},
    {"--list", NULL, offsetof(bench_options, list)},
#ifdef BENCH_METRICS
    {"--metrics", NULL, offsetof(bench_options, metrics)},
#endif
    {"--peer", take_peer, 0},
    {"--plot", take_plot, 0},
    {"--quick", NULL, offsetof(bench_options, settings.quick)},
    {"--scaling", NULL, offsetof(bench_options, scaling)},
    {"--sweep", NULL, offsetof(bench_options, sweep)},
    {"--threads", take_threads, 0},
};

static const option *find_option(const char *name)
{
    for (size_t k = 0; k < sizeof options / sizeof options[0]; k++)
        if (strcmp(options[k].name, name) == 0)
            return options + k;
    return NULL;
}

/* Scaling has threads and a table of its own, and no place for anything else. */
static bool consistent(const bench_options *a)
{
    const bench_settings *s = &a->settings;
    if (s->cpu_time && s->n_threads != 1)
        return nbl__bench_complain("--cpu-time needs --threads 1", "");
    if (a->scaling && (a->threads_given || s->cpu_time || a->n_peers > 0))
        return nbl__bench_complain("--scaling does not go with --threads, --cpu-time or --peer", "");
    if (a->scaling && (a->sweep || a->plot || s->narrow || s->isas))
        return nbl__bench_complain("--scaling does not go with --sweep, --plot, --int32 or --isas", "");
    if (a->metrics && (a->scaling || a->sweep || a->plot || a->file || a->n_patterns > 0 || a->n_peers > 0 ||
                       s->narrow || s->isas || s->isa))
        return nbl__bench_complain("--metrics goes with --quick, --threads, --cpu-time and --json alone", "");
    if ((a->file != NULL) != (a->n_cutoffs > 0))
        return nbl__bench_complain("--file and --cutoff need each other", "");
    return true;
}

static bool matches(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, 0) == 0;
}

/* A pattern that names nothing is a mistake in writing, not an empty selection. */
static bool patterns_known(const bench_options *a)
{
    for (int p = 0; p < a->n_patterns; p++) {
        size_t k = 0;
        while (k < nbl__bench_n_cases && !matches(a->patterns[p], nbl__bench_cases[k].name))
            k++;
        if (k == nbl__bench_n_cases)
            return nbl__bench_complain("no such case: ", a->patterns[p]);
    }
    return true;
}

static void settle(bench_options *a)
{
    bench_settings *s = &a->settings;
    if (a->scaling)
        s->n_threads = 0;
    s->used_threads = s->n_threads > 0 ? s->n_threads : nbl_max_threads();
    s->used_isa = s->isa ? s->isa : nbl_isa_detect();
    s->narrow |= a->n_peers > 0;
}

bool nbl__bench_options_parse(int argc, char **argv, bench_options *a)
{
    memset(a, 0, sizeof *a);
    a->settings.n_threads = 1;
    for (int k = 1; k < argc; k++) {
        const option *found = find_option(argv[k]);
        if (!found)
            return nbl__bench_complain("unknown argument: ", argv[k]);
        if (!found->take) {
            *(bool *)((char *)a + found->flag) = true;
            continue;
        }
        if (k + 1 == argc)
            return nbl__bench_complain("a value is missing after ", argv[k]);
        if (!found->take(a, argv[++k]))
            return false;
    }
    if (!consistent(a))
        return false;
    settle(a);
    return patterns_known(a);
}

static bool scales_by_default(const bench_case *item)
{
    return strcmp(item->name, "cu1m") == 0 || strcmp(item->name, "batch-mol9-open-10000") == 0 ||
           strcmp(item->name, "batch-hetero") == 0;
}

bool nbl__bench_options_want(const bench_options *a, const bench_case *item)
{
    for (int p = 0; p < a->n_patterns; p++)
        if (matches(a->patterns[p], item->name))
            return true;
    return a->n_patterns == 0 && !a->file && !a->sweep && !(item->large && a->settings.quick) &&
           (!a->scaling || scales_by_default(item));
}
