/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include "source.h"
#include "text.h"

enum { JSON_BINS = 240 };

static const char *truth(uint32_t flag)
{
    return flag ? "true" : "false";
}

static void table_head(const struct nbl__cli_options *options)
{
    printf("%6s %s%10s %4s %14s %9s %6s %6s %12s %14s%s\n", "frame",
           options->n_cutoffs > 1 ? "list       cutoff " : "", "atoms", "pbc", "pairs", "mean", "min", "max",
           "shortest", "time", options->n_files > 1 ? "  file" : "");
}

static void json_head(const struct nbl__cli_options *options)
{
    const uint32_t flags = options->flags;
    if (options->n_cutoffs == 1) {
        printf("{\"cutoff\": %.17g, ", options->cutoffs[0]);
    } else {
        for (int32_t k = 0; k < options->n_cutoffs; k++)
            printf("%s%.17g", k == 0 ? "{\"cutoffs\": [" : ", ", options->cutoffs[k]);
        printf("], \"disjoint\": %s, ", truth(flags & NBL_DISJOINT));
    }
    printf("\"half\": %s, \"inclusive\": %s, \"self\": %s,\n \"frames\": [", truth(flags & NBL_HALF),
           truth(flags & NBL_INCLUSIVE), truth(flags & NBL_SELF));
}

void nbl__cli_report_begin(struct nbl__cli_report *report, const struct nbl__cli_options *options)
{
    *report = (struct nbl__cli_report){.options = options};
    for (int32_t k = 0; k < options->n_cutoffs; k++)
        report->total[k].shortest = INFINITY;
    if (options->json)
        report->style = CLI_REPORT_JSON;
    else if (!options->quiet && !options->to_stdout)
        report->style = CLI_REPORT_TABLE;
    if (report->style == CLI_REPORT_TABLE)
        table_head(options);
    else if (report->style == CLI_REPORT_JSON)
        json_head(options);
}

/* A number, or what stands for none: an empty list has no mean, minimum or shortest distance. */
static const char *real_or(char text[40], const char *format, double value, bool exists, const char *none)
{
    if (!exists)
        return none;
    snprintf(text, 40, format, value);
    return text;
}

static const char *integer_or(char text[40], int64_t value, bool exists, const char *none)
{
    if (!exists)
        return none;
    snprintf(text, 40, "%lld", (long long)value);
    return text;
}

/* Line of list k. All lists of a frame share one search, whose time stands in the first line. */
static void table_line(const struct nbl__cli_report *report, const struct nbl__cli_frame *frame, int32_t k,
                       const struct nbl__cli_stats *stats, double seconds)
{
    char mean[40], min[40], max[40], shortest[40], time[40];
    const bool any = stats->n_atoms > 0;
    printf("%6lld ", (long long)frame->number);
    if (report->options->n_cutoffs > 1)
        printf("%4d %12.10g ", (int)k, report->options->cutoffs[k]);
    printf("%10lld  %c%c%c %14lld %9s %6s %6s %12s %14s", (long long)stats->n_atoms, frame->pbc[0] ? 'T' : 'F',
           frame->pbc[1] ? 'T' : 'F', frame->pbc[2] ? 'T' : 'F', (long long)stats->n_pairs,
           real_or(mean, "%.2f", (double)stats->n_neighbours / (double)stats->n_atoms, any, "-"),
           integer_or(min, stats->min, any, "-"), integer_or(max, stats->max, any, "-"),
           real_or(shortest, "%.6g", stats->shortest, isfinite(stats->shortest) != 0, "-"),
           real_or(time, "%.3f ms", 1e3 * seconds, k == 0, "-"));
    if (report->options->n_files > 1) {
        fputs("  ", stdout);
        nbl__cli_put_plain(stdout, frame->file);
    }
    putchar('\n');
}

static void json_list(const struct nbl__cli_stats *stats)
{
    char mean[40], min[40], max[40], shortest[40];
    const bool any = stats->n_atoms > 0;
    printf("\"pairs\": %lld, \"neighbours\": {\"mean\": %s, \"min\": %s, \"max\": %s}, \"shortest\": %s",
           (long long)stats->n_pairs,
           real_or(mean, "%.17g", (double)stats->n_neighbours / (double)stats->n_atoms, any, "null"),
           integer_or(min, stats->min, any, "null"), integer_or(max, stats->max, any, "null"),
           real_or(shortest, "%.17g", stats->shortest, isfinite(stats->shortest) != 0, "null"));
}

/* Atoms, and the numbers of the only list, or an array with those of all. */
static void json_lists(const struct nbl__cli_report *report, const struct nbl__cli_stats *stats)
{
    const struct nbl__cli_options *options = report->options;
    printf("\"atoms\": %lld, ", (long long)stats->n_atoms);
    if (options->n_cutoffs == 1) {
        json_list(stats);
        return;
    }
    for (int32_t k = 0; k < options->n_cutoffs; k++) {
        printf("%s\n   {\"cutoff\": %.17g, ", k == 0 ? "\"lists\": [" : ",", options->cutoffs[k]);
        json_list(&stats[k]);
        putchar('}');
    }
    putchar(']');
}

void nbl__cli_report_open_frame(bool first, const struct nbl__cli_frame *frame)
{
    printf("%s\n  {\"frame\": %lld, \"file\": ", first ? "" : ",", (long long)frame->number);
    nbl__cli_put_json(stdout, frame->file);
    printf(", \"frame_in_file\": %lld, \"pbc\": [%s, %s, %s], ", (long long)frame->number_in_file,
           truth(frame->pbc[0]), truth(frame->pbc[1]), truth(frame->pbc[2]));
}

static void add_to_total(struct nbl__cli_stats *total, const struct nbl__cli_stats *stats)
{
    if (stats->n_atoms > 0) {
        if (total->n_atoms == 0 || stats->min < total->min)
            total->min = stats->min;
        if (stats->max > total->max)
            total->max = stats->max;
    }
    total->n_atoms += stats->n_atoms;
    total->n_pairs += stats->n_pairs;
    total->n_neighbours += stats->n_neighbours;
    total->shortest = fmin(total->shortest, stats->shortest);
}

void nbl__cli_report_frame(struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                           const struct nbl__cli_stats *stats, double seconds)
{
    for (int32_t k = 0; k < report->options->n_cutoffs; k++) {
        if (report->style == CLI_REPORT_TABLE)
            table_line(report, frame, k, &stats[k], seconds);
        add_to_total(&report->total[k], &stats[k]);
    }
    if (report->style == CLI_REPORT_JSON) {
        nbl__cli_report_open_frame(report->n_reported == 0, frame);
        json_lists(report, stats);
        if (report->options->timing)
            printf(", \"seconds\": %.9f", seconds);
        putchar('}');
    }
    report->n_reported++;
    report->n_frames++;
    report->seconds += seconds;
}

void nbl__cli_report_refused(struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                             const char *message)
{
    if (report->style == CLI_REPORT_JSON) {
        nbl__cli_report_open_frame(report->n_reported == 0, frame);
        printf("\"atoms\": %lld, \"error\": ", (long long)frame->n);
        nbl__cli_put_json(stdout, message);
        putchar('}');
    }
    report->n_reported++;
}

static void json_histogram(const struct nbl__cli_histogram *histogram)
{
    double values[JSON_BINS];
    bool first = true;
    nbl__cli_histogram_radial(histogram, JSON_BINS, values);
    printf(",\n \"histogram\": {\"radial\": {\"quantity\": \"%s\", \"bin_width\": %.17g, \"values\": [",
           histogram->open ? "pairs" : "g", histogram->cutoff / JSON_BINS);
    for (int k = 0; k < JSON_BINS; k++)
        printf("%s%.17g", k ? ", " : "", values[k]);
    printf("]},\n  \"coordination\": [");
    for (size_t k = 0; k < histogram->n_coordination; k++) {
        if (histogram->coordination[k] == 0)
            continue;
        printf("%s{\"neighbours\": %zu, \"atoms\": %lld}", first ? "" : ", ", k,
               (long long)histogram->coordination[k]);
        first = false;
    }
    printf("]}");
}

static void table_total(const struct nbl__cli_report *report, int32_t k)
{
    const struct nbl__cli_stats *total = &report->total[k];
    char mean[40], shortest[40];
    fputs("total: ", stdout);
    if (report->options->n_cutoffs > 1)
        printf("list %d (cutoff %.10g), ", (int)k, report->options->cutoffs[k]);
    printf(
        "%lld frame%s, %lld atom%s, %lld pair%s, %s neighbours per atom, shortest %s",
        (long long)report->n_frames, report->n_frames == 1 ? "" : "s", (long long)total->n_atoms,
        total->n_atoms == 1 ? "" : "s", (long long)total->n_pairs, total->n_pairs == 1 ? "" : "s",
        real_or(mean, "%.2f", (double)total->n_neighbours / (double)total->n_atoms, total->n_atoms > 0, "no"),
        real_or(shortest, "%.6g", total->shortest, isfinite(total->shortest) != 0, "none"));
    if (k == 0)
        printf(", %.3f ms", 1e3 * report->seconds);
    putchar('\n');
}

void nbl__cli_report_end(const struct nbl__cli_report *report, const struct nbl__cli_histogram *histogram,
                         bool complete)
{
    for (int32_t k = 0; report->style == CLI_REPORT_TABLE && k < report->options->n_cutoffs; k++)
        table_total(report, k);
    if (report->style != CLI_REPORT_JSON)
        return;
    printf("%s],\n \"total\": {\"frames\": %lld, ", report->n_reported > 0 ? "\n " : "",
           (long long)report->n_frames);
    json_lists(report, report->total);
    if (report->options->timing)
        printf(", \"seconds\": %.9f", report->seconds);
    printf("},\n \"complete\": %s", truth(complete));
    if (histogram)
        json_histogram(histogram);
    puts("}");
}
