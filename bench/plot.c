/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "plot.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

bool nbl__bench_plot_failed(bench_plot *plot, const char *what, const char *name)
{
    snprintf(plot->message, sizeof plot->message, "--plot %s: %s%s", plot->folder, what, name);
    return false;
}

FILE *nbl__bench_plot_file(const bench_plot *plot, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", plot->folder, name) >= (int)sizeof path)
        return NULL;
    return fopen(path, "w");
}

bool nbl__bench_plot_open(bench_plot *plot, const char *folder, const char *const *peers, int n_peers)
{
    memset(plot, 0, sizeof *plot);
    plot->folder = folder;
    plot->names[plot->n_names++] = "libnblist";
    for (int p = 0; p < n_peers; p++)
        plot->names[plot->n_names++] = peers[p];
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return nbl__bench_plot_failed(plot, "cannot be created: ", strerror(errno));
    if (access(folder, W_OK | X_OK) != 0)
        return nbl__bench_plot_failed(plot, "no files can be written there: ", strerror(errno));
    return nbl__bench_plot_gnuplot(plot, "--version", true) ||
           nbl__bench_plot_failed(plot, "no program gnuplot that runs (on Debian: package gnuplot-nox)", "");
}

static void widen(bench_range *range, double value)
{
    if (!(value > 0))
        return;
    range->low = range->low > 0 ? fmin(range->low, value) : value;
    range->high = fmax(range->high, value);
}

/* One column, and what separates or ends it. A dash is no number. */
static void put_number(FILE *file, double value, bool last)
{
    if (value > 0)
        fprintf(file, "%.6g%c", value, last ? '\n' : '\t');
    else
        fprintf(file, "-%c", last ? '\n' : '\t');
}

/* A text that neither ends its column nor, in quotes, itself. */
void nbl__bench_plot_text(FILE *file, const char *text)
{
    for (const char *c = text; *c; c++)
        fputc((unsigned char)*c < 0x20 || *c == '\'' || *c == '"' ? ' ' : *c, file);
}

void nbl__bench_plot_names(FILE *file, const bench_plot *plot, const char *begin, const char *between)
{
    for (int k = 0; k < plot->n_names; k++) {
        fputs(k == 0 ? begin : between, file);
        nbl__bench_plot_text(file, plot->names[k]);
    }
}

/* Ours, then those of the peers. */
static void put_times(bench_plot *plot, FILE *file, const bench_outcome *outcome, bench_range *range)
{
    for (int k = 0; k < plot->n_names; k++) {
        const bench_peer_outcome *p = k > 0 && k <= outcome->n_peers ? outcome->peers + k - 1 : NULL;
        double seconds = k == 0 ? outcome->time.median : 0;
        if (p && !p->error[0])
            seconds = p->time.median;
        const double ns = nbl__bench_ns_per_atom(&outcome->subject, seconds);
        widen(range, ns);
        put_number(file, ns, k + 1 == plot->n_names);
    }
}

/* A list of one system for one cutoff, which has a place among crystals of all sizes. */
static bool is_single(const bench_case *item, const bench_outcome *outcome)
{
    return outcome->subject.systems == 1 && nbl__bench_case_way(item) == &nbl__bench_loop;
}

bool nbl__bench_plot_case(bench_plot *plot, const bench_case *item, const bench_outcome *outcome)
{
    const bool single = is_single(item, outcome);
    if (outcome->error[0])
        return true;
    if (!plot->cases) {
        plot->cases = nbl__bench_plot_file(plot, "cases.tsv");
        if (!plot->cases)
            return nbl__bench_plot_failed(plot, "cannot write ", "cases.tsv");
        fputs("case\tatoms\tsystems\tsingle\t", plot->cases);
        nbl__bench_plot_names(plot->cases, plot, "", "\t");
        fputc('\n', plot->cases);
    }
    nbl__bench_plot_text(plot->cases, outcome->subject.name);
    fprintf(plot->cases, "\t%lld\t%lld\t%d\t", (long long)outcome->subject.atoms,
            (long long)outcome->subject.systems, single);
    put_times(plot, plot->cases, outcome, &plot->bars);
    plot->n_cases++;
    if (!single)
        return true;
    plot->n_single++;
    widen(&plot->atoms, (double)outcome->subject.atoms);
    widen(&plot->time, nbl__bench_ns_per_atom(&outcome->subject, outcome->time.median));
    for (int p = 0; p < outcome->n_peers; p++)
        widen(&plot->time, nbl__bench_ns_per_atom(&outcome->subject, outcome->peers[p].time.median));
    return true;
}

bool nbl__bench_plot_sweep(bench_plot *plot, const bench_sweep *sweep)
{
    plot->sweep = nbl__bench_plot_file(plot, "sweep.tsv");
    if (!plot->sweep)
        return nbl__bench_plot_failed(plot, "cannot write ", "sweep.tsv");
    nbl__bench_plot_names(plot->sweep, plot, "atoms\t", "\t");
    fputc('\n', plot->sweep);
    for (int k = 0; k < sweep->n_points; k++) {
        const bench_outcome *point = sweep->points + k;
        if (point->error[0])
            continue;
        put_number(plot->sweep, (double)point->subject.atoms, false);
        put_times(plot, plot->sweep, point, &plot->time);
        widen(&plot->atoms, (double)point->subject.atoms);
        plot->n_points++;
    }
    return true;
}
