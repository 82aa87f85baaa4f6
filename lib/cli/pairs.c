/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "chart.h"
#include "cli.h"
#include "engine.h"
#include "files.h"
#include "histogram.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "sink.h"
#include "source.h"
#include "svg.h"

struct job {
    struct nbl__cli_options options;
    struct nbl__cli_source *source;
    struct nbl__cli_engine engine;
    struct nbl__cli_sink *sink;           /* NULL: no --output */
    struct nbl__cli_svg *svg;             /* NULL: no --svg */
    struct nbl__cli_histogram *histogram; /* NULL: not wanted */
    struct nbl__cli_report report;
    struct nbl__cli_buffer row_ptr, j, distances, neighbours;
    int status; /* worst so far */
};

/* A failure ends the run; bad input is remembered. */
static void note(struct job *job, int status)
{
    if (job->status != CLI_FAILED && status != CLI_OK)
        job->status = status;
}

static bool out_of_memory(struct job *job)
{
    nbl__cli_error("out of memory");
    note(job, CLI_FAILED);
    return false;
}

/* --force must not cost the user the structures. */
static bool spares_inputs(const struct nbl__cli_options *options, const char *path)
{
    for (int k = 0; path && k < options->n_files; k++) {
        if (nbl__cli_is_input(path, options->files[k])) {
            nbl__cli_error("%s: is an input file", path);
            return false;
        }
    }
    return true;
}

/* Outputs that cannot be are found before the work, not after. */
static bool open_outputs(struct job *job)
{
    const struct nbl__cli_options *options = &job->options;
    bool good = spares_inputs(options, options->output) && spares_inputs(options, options->svg);
    if (good && options->output)
        good = (job->sink = nbl__cli_sink_open(options)) != NULL;
    if (good && options->svg)
        good = (job->svg = nbl__cli_svg_open(options->svg, options->force)) != NULL;
    if (!good)
        note(job, CLI_FAILED);
    return good;
}

static bool start(struct job *job)
{
    const struct nbl__cli_options *options = &job->options;
    job->source = nbl__cli_source_create(options);
    if (!job->source || nbl__cli_engine_create(&job->engine, options) != NBL_OK)
        return out_of_memory(job);
    if (options->histogram || options->svg) {
        job->histogram = calloc(1, sizeof *job->histogram);
        if (!job->histogram)
            return out_of_memory(job);
        job->histogram->cutoff = options->cutoff;
    }
    return open_outputs(job);
}

/* Fetches what the statistics need, and adds the frame to report, histogram and output. */
static void add_frame(struct job *job, const struct nbl__cli_frame *frame)
{
    nbl_result *result = job->engine.result;
    struct nbl__cli_stats stats;
    struct nbl__cli_list list = {.n_atoms = frame->n, .flags = job->options.flags};
    nbl_outputs out = NBL_OUTPUTS_INIT;
    list.n_pairs = nbl_result_n_pairs(result, 0);
    out.index_dtype = NBL_INT32;
    out.pair_capacity = list.n_pairs;
    out.row_capacity = frame->n;
    list.row_ptr = out.row_ptr = nbl__cli_buffer_get(&job->row_ptr, frame->n + 1, sizeof(int64_t));
    list.distances = out.distances = nbl__cli_buffer_get(&job->distances, list.n_pairs, sizeof(double));
    list.neighbours = nbl__cli_buffer_get(&job->neighbours, frame->n, sizeof(int64_t));
    if (list.flags & NBL_HALF)
        list.j = out.j = nbl__cli_buffer_get(&job->j, list.n_pairs, sizeof(int32_t));
    if (!out.row_ptr || !out.distances || !list.neighbours || (!out.j && (list.flags & NBL_HALF))) {
        out_of_memory(job);
        return;
    }
    nbl_status status = nbl_result_fetch(result, 0, &out);
    if (status != NBL_OK) {
        note(job, nbl__cli_engine_complain(frame, status, nbl_result_message(result)));
        return;
    }
    nbl__cli_stats_compute(&stats, &list, job->histogram);
    if (job->histogram &&
        !nbl__cli_histogram_add_frame(job->histogram, &list, &stats, frame->cell, frame->pbc)) {
        out_of_memory(job);
        return;
    }
    nbl__cli_report_frame(&job->report, frame, &stats, job->engine.seconds);
    if (job->sink && !nbl__cli_sink_add(job->sink, frame->number, result))
        note(job, CLI_FAILED);
}

static void run(struct job *job)
{
    struct nbl__cli_frame frame;
    /* On one terminal the table itself shows the progress. */
    nbl__cli_progress_enable(!job->options.quiet && !isatty(STDOUT_FILENO));
    while (job->status != CLI_FAILED && nbl__cli_source_next(job->source, &frame)) {
        if (job->sink && !nbl__cli_sink_next(job->sink)) {
            note(job, CLI_FAILED);
            break;
        }
        nbl_status status = nbl__cli_engine_run(&job->engine, &frame);
        if (status == NBL_OK) {
            add_frame(job, &frame);
        } else {
            note(job, nbl__cli_engine_complain(&frame, status, job->engine.message));
            nbl__cli_report_refused(&job->report, &frame, job->engine.message);
        }
        if (ferror(stdout))
            note(job, CLI_FAILED);
        nbl__cli_progress(frame.number + 1, nbl__cli_source_fraction(job->source));
    }
    nbl__cli_progress_clear();
    note(job, nbl__cli_source_status(job->source));
}

static void finish(struct job *job)
{
    const struct nbl__cli_options *options = &job->options;
    const char *first = options->files[0], *slash = strrchr(first, '/');
    /* Input of which nothing could be used makes no output, least of all in place of an older one. */
    const bool wanted = job->status == CLI_OK || job->report.n_frames > 0;
    if (wanted && job->status != CLI_FAILED && job->sink && !nbl__cli_sink_finish(job->sink))
        note(job, CLI_FAILED);
    if (wanted && job->status != CLI_FAILED && job->svg) {
        char title[256];
        int more = options->n_files - 1;
        snprintf(title, sizeof title, more > 0 ? "%.200s and %d more" : "%.200s",
                 strcmp(first, "-") == 0 ? "standard input"
                 : slash                 ? slash + 1
                                         : first,
                 more);
        if (!nbl__cli_svg_finish(job->svg, job->histogram, title))
            note(job, CLI_FAILED);
    }
    nbl__cli_report_end(&job->report, options->histogram ? job->histogram : NULL, job->status == CLI_OK);
    if (options->histogram && !options->json)
        nbl__cli_chart_draw(job->histogram);
}

int nbl__cli_pairs(int argc, char **argv)
{
    struct job job = {0};
    if (!nbl__cli_options_parse(&job.options, CLI_PAIRS, argc, argv, &job.status))
        return job.status;
    job.status = CLI_OK;
    if (start(&job)) {
        nbl__cli_report_begin(&job.report, &job.options);
        run(&job);
        finish(&job);
        if (!nbl__cli_stdout_good())
            note(&job, CLI_FAILED);
    }
    nbl__cli_sink_close(job.sink);
    nbl__cli_svg_close(job.svg);
    nbl__cli_engine_destroy(&job.engine);
    nbl__cli_source_destroy(job.source);
    if (job.histogram)
        nbl__cli_histogram_free(job.histogram);
    free(job.histogram);
    struct nbl__cli_buffer *buffers[] = {&job.row_ptr, &job.j, &job.distances, &job.neighbours};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__cli_buffer_free(buffers[k]);
    return job.status;
}
