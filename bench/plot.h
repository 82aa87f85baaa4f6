/* SPDX-License-Identifier: MIT */
/*
 * Draws what a run found, through gnuplot: time.svg, time per atom over atoms (of a sweep, and of cases that
 * are one system each), and cases.svg, a bar for each case and library. The data are written as they come, into
 * sweep.tsv and cases.tsv, and stay beside the pictures together with the scripts time.gp and cases.gp, for
 * those who want to draw them in another way. Files of these names are overwritten.
 */
#ifndef NBL_BENCH_PLOT_H
#define NBL_BENCH_PLOT_H

#include "cases.h"
#include "report.h"

enum { BENCH_MAX_SERIES = 1 + BENCH_MAX_PEERS };

typedef struct bench_range { /* of positive numbers; zeros: of none */
    double low, high;
} bench_range;

typedef struct bench_plot {
    const char *folder;
    const char *names[BENCH_MAX_SERIES]; /* ours, then the peers */
    int n_names;
    FILE *cases, *sweep; /* NULL: nothing yet */
    int n_cases, n_single, n_points;
    bench_range bars;        /* nanoseconds in cases.svg */
    bench_range atoms, time; /* the axes of time.svg */
    char message[512];
} bench_plot;

/* Makes the folder, and looks for gnuplot before anything is measured. False: message tells why. */
bool nbl__bench_plot_open(bench_plot *plot, const char *folder, const char *const *peers, int n_peers);

/* A case that failed is left out. False: message tells why. */
bool nbl__bench_plot_case(bench_plot *plot, const bench_case *item, const bench_outcome *outcome);
bool nbl__bench_plot_sweep(bench_plot *plot, const bench_sweep *sweep);

/* Draws. False: message tells why; in either case all is closed. */
bool nbl__bench_plot_close(bench_plot *plot, const bench_machine *machine, const bench_settings *settings);

/* plot_draw.c: gnuplot with one argument in the folder; what it says goes nowhere if it is to be silent. */
bool nbl__bench_plot_gnuplot(const bench_plot *plot, const char *argument, bool silent);

/* For both files: leaves a message, and is false; opens a file in the folder to be written, or NULL. */
bool nbl__bench_plot_failed(bench_plot *plot, const char *what, const char *name);
FILE *nbl__bench_plot_file(const bench_plot *plot, const char *name);

/* For both: a text that ends neither its column nor its quotes; and the names of the libraries. */
void nbl__bench_plot_text(FILE *file, const char *text);
void nbl__bench_plot_names(FILE *file, const bench_plot *plot, const char *begin, const char *between);

/*
 * plot_scripts.c. A script is the variables, the style, and one picture with those of its additions that have
 * data: gnuplot runs an empty loop once.
 */
extern const char nbl__bench_plot_style[];
extern const char nbl__bench_plot_time[], nbl__bench_plot_time_sweep[], nbl__bench_plot_time_cases[];
extern const char nbl__bench_plot_cases[], nbl__bench_plot_cases_peers[];

#endif
