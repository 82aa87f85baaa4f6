/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <stdio.h>

#include <nblist/nblist.h>

#include "histogram.h"
#include "options.h"
#include "source.h"
#include "text.h"

enum { JSON_BINS = 240 };

void nbl__cli_report_begin(struct nbl__cli_report *report, const struct nbl__cli_options *options)
{
    *report = (struct nbl__cli_report){.timing = options->timing,
                                       .name_files = options->n_files > 1,
                                       .cutoff = options->cutoff,
                                       .shortest = INFINITY};
    if (options->json)
        report->style = CLI_REPORT_JSON;
    else if (!options->quiet && !options->to_stdout)
        report->style = CLI_REPORT_TABLE;
    if (report->style == CLI_REPORT_TABLE)
        printf("%6s %10s %4s %14s %9s %6s %6s %12s %14s%s\n", "frame", "atoms", "pbc", "pairs", "mean", "min",
               "max", "shortest", "time", report->name_files ? "  file" : "");
    else if (report->style == CLI_REPORT_JSON)
        printf("{\"cutoff\": %.17g, \"half\": %s, \"inclusive\": %s, \"self\": %s,\n \"frames\": [",
               options->cutoff, options->flags & NBL_HALF ? "true" : "false",
               options->flags & NBL_INCLUSIVE ? "true" : "false", options->flags & NBL_SELF ? "true" : "false");
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

static void table_line(const struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                       const struct nbl__cli_stats *stats, double seconds)
{
    char mean[40], min[40], max[40], shortest[40];
    const bool any = stats->n_atoms > 0;
    printf("%6lld %10lld  %c%c%c %14lld %9s %6s %6s %12s %11.3f ms", (long long)frame->number,
           (long long)stats->n_atoms, frame->pbc[0] ? 'T' : 'F', frame->pbc[1] ? 'T' : 'F',
           frame->pbc[2] ? 'T' : 'F', (long long)stats->n_pairs,
           real_or(mean, "%.2f", (double)stats->n_neighbours / (double)stats->n_atoms, any, "-"),
           integer_or(min, stats->min, any, "-"), integer_or(max, stats->max, any, "-"),
           real_or(shortest, "%.6g", stats->shortest, isfinite(stats->shortest) != 0, "-"), 1e3 * seconds);
    if (report->name_files) {
        fputs("  ", stdout);
        nbl__cli_put_plain(stdout, frame->file);
    }
    putchar('\n');
}

static void json_neighbours(const struct nbl__cli_stats *stats)
{
    char mean[40], min[40], max[40], shortest[40];
    const bool any = stats->n_atoms > 0;
    printf("\"atoms\": %lld, \"pairs\": %lld, \"neighbours\": {\"mean\": %s, \"min\": %s, \"max\": %s}, "
           "\"shortest\": %s",
           (long long)stats->n_atoms, (long long)stats->n_pairs,
           real_or(mean, "%.17g", (double)stats->n_neighbours / (double)stats->n_atoms, any, "null"),
           integer_or(min, stats->min, any, "null"), integer_or(max, stats->max, any, "null"),
           real_or(shortest, "%.17g", stats->shortest, isfinite(stats->shortest) != 0, "null"));
}

static void json_open_frame(const struct nbl__cli_report *report, const struct nbl__cli_frame *frame)
{
    printf("%s\n  {\"frame\": %lld, \"file\": ", report->n_lines > 0 ? "," : "", (long long)frame->number);
    nbl__cli_put_json(stdout, frame->file);
    printf(", \"frame_in_file\": %lld, \"pbc\": [%s, %s, %s], ", (long long)frame->number_in_file,
           frame->pbc[0] ? "true" : "false", frame->pbc[1] ? "true" : "false",
           frame->pbc[2] ? "true" : "false");
}

void nbl__cli_report_frame(struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                           const struct nbl__cli_stats *stats, double seconds)
{
    if (report->style == CLI_REPORT_TABLE) {
        table_line(report, frame, stats, seconds);
    } else if (report->style == CLI_REPORT_JSON) {
        json_open_frame(report, frame);
        json_neighbours(stats);
        if (report->timing)
            printf(", \"seconds\": %.9f", seconds);
        putchar('}');
    }
    if (stats->n_atoms > 0) {
        if (report->n_atoms == 0 || stats->min < report->min)
            report->min = stats->min;
        if (stats->max > report->max)
            report->max = stats->max;
    }
    report->n_lines++;
    report->n_frames++;
    report->n_atoms += stats->n_atoms;
    report->n_pairs += stats->n_pairs;
    report->n_neighbours += stats->n_neighbours;
    report->shortest = fmin(report->shortest, stats->shortest);
    report->seconds += seconds;
}

void nbl__cli_report_refused(struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                             const char *message)
{
    if (report->style == CLI_REPORT_JSON) {
        json_open_frame(report, frame);
        printf("\"atoms\": %lld, \"error\": ", (long long)frame->n);
        nbl__cli_put_json(stdout, message);
        putchar('}');
    }
    report->n_lines++;
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

void nbl__cli_report_end(const struct nbl__cli_report *report, const struct nbl__cli_histogram *histogram,
                         bool complete)
{
    const struct nbl__cli_stats total = {.n_atoms = report->n_atoms,
                                         .n_pairs = report->n_pairs,
                                         .n_neighbours = report->n_neighbours,
                                         .min = report->min,
                                         .max = report->max,
                                         .shortest = report->shortest};
    if (report->style == CLI_REPORT_JSON) {
        printf("%s],\n \"total\": {\"frames\": %lld, ", report->n_lines > 0 ? "\n " : "",
               (long long)report->n_frames);
        json_neighbours(&total);
        if (report->timing)
            printf(", \"seconds\": %.9f", report->seconds);
        printf("},\n \"complete\": %s", complete ? "true" : "false");
        if (histogram)
            json_histogram(histogram);
        puts("}");
    } else if (report->style == CLI_REPORT_TABLE) {
        char mean[40], shortest[40];
        printf("total: %lld frame%s, %lld atom%s, %lld pair%s, %s neighbours per atom, shortest %s, %.3f ms\n",
               (long long)report->n_frames, report->n_frames == 1 ? "" : "s", (long long)report->n_atoms,
               report->n_atoms == 1 ? "" : "s", (long long)report->n_pairs, report->n_pairs == 1 ? "" : "s",
               real_or(mean, "%.2f", (double)report->n_neighbours / (double)report->n_atoms,
                       report->n_atoms > 0, "no"),
               real_or(shortest, "%.6g", report->shortest, isfinite(report->shortest) != 0, "none"),
               1e3 * report->seconds);
    }
}
