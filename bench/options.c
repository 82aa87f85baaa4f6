/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "options.h"

#include <nblist/nblist.h>

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char nbl__bench_help[] =
    "Usage: nbl_bench [OPTION]...\n"
    "Measures libnblist: build, search and fetch of the full list of i, j and shift, into buffers that are\n"
    "reused, as the median of at least 7 repetitions after a warm-up. Batches, several cutoffs and rows on\n"
    "the fly are measured in turns with our own other way to the same.\n"
    "\n"
    "  --case NAME|GLOB     run these cases only; may be repeated\n"
    "  --list               name the cases, and stop\n"
    "  --quick              fewer repetitions, and no large case that is not asked for by --case\n"
    "  --threads N          threads per call; 0 = the library's default (default: 1)\n"
    "  --scaling            measure each case with 1, 2, 4 ... threads up to the library's default, in turns;\n"
    "                       without --case: cu1m, batch-mol9-open-10000 and batch-hetero\n"
    "  --cpu-time           measure processor time instead of wall time: for a busy machine, and only\n"
    "                       where we and the peers use one thread\n"
    "  --file FILE          measure the frames of an (extended) XYZ file, with the cutoff of --cutoff\n"
    "  --cutoff RC          cutoff for --file\n"
    "  --peer NAME=PATH     the same cases through a shared library of others; up to 8: one that exports\n"
    "                       nbl_bench_peer_run (see bench/peer.h), or libvesin 0.5.0 to 0.5.8\n"
    "  --json FILE|-        write the figures as JSON too; with - the table goes to standard error\n"
    "  --help               this text\n"
    "\n"
    "Columns: build, search and fetch are parts of ns/atom; GB/s are bytes of output over the whole time;\n"
    "'stores' is their share of what plain or non-temporal stores reach in the same memory, in this run;\n"
    "MB is the peak of the process above inputs and outputs; 'ratio' is the peer's time over ours; peers do\n"
    "one system and one cutoff at a time.\n"
    "The JSON has the keys schema, program, library, machine, settings and cases, or scaling\n"
    "(bench/report.h tells all).\n"
    "\n"
    "Exit status: 0; 1 if a case failed, or a peer, our other way or another number of threads found\n"
    "DIFFERENT pairs; 2 for a usage error.\n";

bool nbl__bench_complain(const char *what, const char *value)
{
    fprintf(stderr, "nbl_bench: %s%s\nTry 'nbl_bench --help'.\n", what, value);
    return false;
}

static bool read_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value);
}

/* Options that take a value; *used tells whether it was one. */
static bool valued_option(bench_options *a, const char *name, const char *value, bool *used)
{
    double number = 0;
    *used = true;
    if (strcmp(name, "--case") == 0) {
        if (a->n_patterns == BENCH_MAX_PATTERNS)
            return nbl__bench_complain("too many --case", "");
        a->patterns[a->n_patterns++] = value;
    } else if (strcmp(name, "--peer") == 0) {
        if (a->n_peers == BENCH_MAX_PEERS)
            return nbl__bench_complain("too many --peer", "");
        a->peers[a->n_peers++] = value;
    } else if (strcmp(name, "--json") == 0) {
        a->json = value;
    } else if (strcmp(name, "--file") == 0) {
        a->file = value;
    } else if (strcmp(name, "--threads") == 0) {
        if (!read_number(value, &number) || number < 0 || number > 65536 || number != floor(number))
            return nbl__bench_complain("--threads: not a number of threads: ", value);
        a->settings.n_threads = (int32_t)number;
    } else if (strcmp(name, "--cutoff") == 0) {
        if (!read_number(value, &a->cutoff) || !(a->cutoff > 0))
            return nbl__bench_complain("--cutoff: not a positive number: ", value);
    } else {
        *used = false;
    }
    return true;
}

static bool takes_value(const char *name)
{
    static const char *const names[] = {"--case", "--peer", "--json", "--file", "--threads", "--cutoff"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (strcmp(name, names[k]) == 0)
            return true;
    return false;
}

static bool matches(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, 0) == 0;
}

/* Scaling has threads of its own, and no place for peers. */
static bool consistent(const bench_options *a, bool threads_given)
{
    if (a->settings.cpu_time && a->settings.n_threads != 1)
        return nbl__bench_complain("--cpu-time needs --threads 1", "");
    if (a->scaling && (threads_given || a->settings.cpu_time || a->n_peers > 0))
        return nbl__bench_complain("--scaling does not go with --threads, --cpu-time or --peer", "");
    if ((a->file != NULL) != (a->cutoff > 0))
        return nbl__bench_complain("--file and --cutoff need each other", "");
    return true;
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

bool nbl__bench_options_parse(int argc, char **argv, bench_options *a)
{
    bool threads_given = false;
    memset(a, 0, sizeof *a);
    a->settings.n_threads = 1;
    for (int k = 1; k < argc; k++) {
        bool used = false;
        if (strcmp(argv[k], "--quick") == 0) {
            a->settings.quick = true;
        } else if (strcmp(argv[k], "--cpu-time") == 0) {
            a->settings.cpu_time = true;
        } else if (strcmp(argv[k], "--scaling") == 0) {
            a->scaling = true;
        } else if (strcmp(argv[k], "--list") == 0) {
            a->list = true;
        } else if (strcmp(argv[k], "--help") == 0) {
            a->help = true;
        } else if (takes_value(argv[k])) {
            if (k + 1 == argc)
                return nbl__bench_complain("a value is missing after ", argv[k]);
            if (!valued_option(a, argv[k], argv[k + 1], &used))
                return false;
            threads_given |= strcmp(argv[k], "--threads") == 0;
            k++;
        } else {
            return nbl__bench_complain("unknown argument: ", argv[k]);
        }
    }
    if (!consistent(a, threads_given))
        return false;
    if (a->scaling)
        a->settings.n_threads = 0;
    a->settings.used_threads = a->settings.n_threads > 0 ? a->settings.n_threads : nbl_max_threads();
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
    return a->n_patterns == 0 && !a->file && !(item->large && a->settings.quick) &&
           (!a->scaling || scales_by_default(item));
}
