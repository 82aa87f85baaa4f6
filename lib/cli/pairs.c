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
#include "group.h"
#include "histogram.h"
#include "lists.h"
#include "options.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "sink.h"
#include "source.h"
#include "svg.h"

/*
 * Atoms that the default number of frames per call may have: enough to hide the costs of a call, few enough
 * for the caches and for what is kept per group. The first call tells how many pairs an atom has.
 */
enum { MOST_ATOMS = 65536, FIRST_ATOMS = 4096 };

struct job {
    struct nbl__cli_options options;
    struct nbl__cli_source *source;
    struct nbl__cli_group group;
    struct nbl__cli_engine engine;
    struct nbl__cli_lists lists;
    struct nbl__cli_sink *sink;           /* NULL: no --output */
    struct nbl__cli_svg *svg;             /* NULL: no --svg */
    struct nbl__cli_histogram *histogram; /* NULL: not wanted */
    struct nbl__cli_report report;
    struct nbl__cli_stats stats[NBL_MAX_LISTS]; /* of the current frame */
    struct nbl__cli_buffer neighbours, together;
    int64_t n_frames, n_atoms, n_pairs; /* done, for the progress line */
    int64_t most_atoms;                 /* of a call for several frames */
    int status;                         /* worst so far */
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

/* Outputs that cannot be are found before the work, not after. */
static bool open_outputs(struct job *job)
{
    const struct nbl__cli_options *options = &job->options;
    bool good =
        nbl__cli_spares_inputs(options, options->output) && nbl__cli_spares_inputs(options, options->svg);
    if (good && options->output)
        good = (job->sink = nbl__cli_sink_open(options, &job->lists)) != NULL;
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
    if (!job->source || nbl__cli_engine_create(&job->engine, options) != NBL_OK ||
        !nbl__cli_lists_create(&job->lists, options))
        return out_of_memory(job);
    job->most_atoms = options->batch > 0 ? INT64_MAX : FIRST_ATOMS;
    if (options->histogram || options->svg) {
        job->histogram = calloc(1, sizeof *job->histogram);
        if (!job->histogram)
            return out_of_memory(job);
        job->histogram->cutoff = options->cutoffs[options->largest];
    }
    return open_outputs(job);
}

/* The histograms show the largest list. Shells make it up together. */
static bool is_drawn(const struct job *job, int32_t number)
{
    return job->histogram && (number == job->options.largest || (job->options.flags & NBL_DISJOINT));
}

/* Adds one list of a frame, whose atoms begin at `first` in the search, to statistics and output. */
static bool add_list(struct job *job, const struct nbl__cli_frame *frame, int64_t first, int32_t number,
                     struct nbl__cli_histogram_frame *drawn)
{
    /* A row of the CSV file has everything; npz files take one array after the other. */
    const uint32_t fields = job->sink && job->options.format == CLI_CSV ? CLI_ALL_FIELDS
                            : job->options.flags & NBL_HALF             ? CLI_DISTANCES | CLI_J
                                                                        : CLI_DISTANCES;
    struct nbl__cli_list list;
    nbl_status status = nbl__cli_lists_get(&job->lists, number, first, frame->n, fields, &list);
    if (status != NBL_OK) {
        note(job, nbl__cli_engine_complain(frame, status, nbl_result_message(job->lists.result)));
        return false;
    }
    int64_t *neighbours = job->neighbours.data, *together = job->together.data;
    nbl__cli_stats_compute(&job->stats[number], &list, neighbours,
                           is_drawn(job, number) ? job->histogram : NULL);
    for (int64_t i = 0; is_drawn(job, number) && i < frame->n; i++)
        together[i] += neighbours[i];
    if (is_drawn(job, number))
        drawn->n_pairs += list.n_pairs;
    job->n_pairs += list.n_pairs;
    if (job->sink && !nbl__cli_sink_add(job->sink, frame, first, number))
        note(job, CLI_FAILED);
    return job->status != CLI_FAILED;
}

/* Adds a frame to report, histogram and output. */
static void add_frame(struct job *job, const struct nbl__cli_frame *frame, int64_t first, double seconds)
{
    int64_t *together = nbl__cli_buffer_get(&job->together, frame->n, sizeof *together);
    struct nbl__cli_histogram_frame drawn = {
        .n_atoms = frame->n, .neighbours = together, .cell = frame->cell, .pbc = frame->pbc};
    if (!together || !nbl__cli_buffer_get(&job->neighbours, frame->n, sizeof(int64_t))) {
        out_of_memory(job);
        return;
    }
    if (job->histogram)
        memset(together, 0, (size_t)frame->n * sizeof *together);
    for (int32_t k = 0; k < job->options.n_cutoffs; k++)
        if (!add_list(job, frame, first, k, &drawn))
            return;
    if (job->histogram && !nbl__cli_histogram_add_frame(job->histogram, &drawn))
        out_of_memory(job);
    else
        nbl__cli_report_frame(&job->report, frame, job->stats, seconds);
}

/* A frame without lists, because of `status`: alone, the library says why in words that fit. */
static void refuse(struct job *job, const struct nbl__cli_frame *frame, nbl_status status)
{
    nbl_status again = nbl__cli_engine_run_alone(&job->engine, frame);
    const char *message = again == NBL_OK ? nbl_status_text(status) : job->engine.message;
    note(job, nbl__cli_engine_complain(frame, again == NBL_OK ? status : again, message));
    nbl__cli_report_refused(&job->report, frame, message);
}

/* NBL_ELIMIT if one of several frames has more pairs than --max-pairs: a search can only limit their sum. */
static nbl_status check_limit(struct job *job, const struct nbl__cli_frame *frame, int64_t first)
{
    const struct nbl__cli_options *options = &job->options;
    int64_t n = 0;
    if (options->max_pairs == 0 || job->lists.one_frame)
        return NBL_OK;
    for (int32_t k = 0; k < options->n_cutoffs; k++) {
        struct nbl__cli_list list;
        if (k != options->largest && !(options->flags & NBL_DISJOINT))
            continue;
        nbl_status status = nbl__cli_lists_get(&job->lists, k, first, frame->n, 0, &list);
        if (status != NBL_OK)
            return status;
        n += list.n_pairs;
    }
    return n > options->max_pairs ? NBL_ELIMIT : NBL_OK;
}

/* Frames first ... first + count - 1 of the group have been searched. */
static void add_frames(struct job *job, int64_t first, int64_t count)
{
    const struct nbl__cli_group *group = &job->group;
    const int64_t first_atom = group->first[first], n_atoms = group->first[first + count] - first_atom;
    const int64_t before = job->n_pairs;
    nbl__cli_lists_begin(&job->lists, job->engine.result, count == 1);
    for (int64_t k = 0; k < count && job->status != CLI_FAILED && !ferror(stdout); k++) {
        const struct nbl__cli_frame frame = nbl__cli_group_frame(group, first + k);
        const int64_t atom = group->first[first + k] - first_atom;
        nbl_status status = nbl_result_system_status(job->engine.result, k);
        if (status == NBL_OK)
            status = check_limit(job, &frame, atom);
        /* The time of the call is shared by the atoms; one more each, so that there is no division by 0. */
        if (status == NBL_OK)
            add_frame(job, &frame, atom,
                      job->engine.seconds * (double)(frame.n + 1) / (double)(n_atoms + count));
        else
            refuse(job, &frame, status);
    }
    job->n_atoms += n_atoms;
    job->n_frames += count;
    if (n_atoms > 0)
        job->most_atoms =
            (int64_t)(0.5 * CLI_MOST_PAIRS * (double)n_atoms / (double)(job->n_pairs - before + 1));
}

/* Frames from `first` on that one call shall take. */
static int64_t choose_count(const struct job *job, int64_t first)
{
    const struct nbl__cli_group *group = &job->group;
    int64_t count = 1;
    while (first + count < group->n && group->first[first + count + 1] - group->first[first] <= job->most_atoms)
        count++;
    return count;
}

/* A call that would take too much memory is divided, down to one frame. */
static void run_group(struct job *job)
{
    int64_t first = 0;
    while (first < job->group.n && job->status != CLI_FAILED && !ferror(stdout)) {
        int64_t count = choose_count(job, first);
        nbl_status status = nbl__cli_engine_run(&job->engine, &job->group, first, count);
        while (status != NBL_OK && count > 1) {
            count /= 2;
            status = nbl__cli_engine_run(&job->engine, &job->group, first, count);
        }
        if (status == NBL_OK) {
            add_frames(job, first, count);
        } else {
            const struct nbl__cli_frame frame = nbl__cli_group_frame(&job->group, first);
            refuse(job, &frame, status);
            job->n_frames++;
        }
        first += count;
        nbl__cli_progress(job->n_frames, job->n_atoms, job->n_pairs, nbl__cli_source_fraction(job->source));
    }
}

static void run(struct job *job)
{
    /* On one terminal the table itself shows the progress. */
    nbl__cli_progress_enable(!job->options.quiet && !isatty(STDOUT_FILENO));
    while (job->status != CLI_FAILED) {
        const int64_t most = job->most_atoms < MOST_ATOMS ? job->most_atoms : MOST_ATOMS;
        if (!nbl__cli_source_collect(job->source, &job->group, most))
            break;
        if (job->sink && !nbl__cli_sink_next(job->sink, job->group.n))
            note(job, CLI_FAILED);
        run_group(job);
        if (ferror(stdout))
            note(job, CLI_FAILED);
    }
    nbl__cli_progress_clear();
    note(job, nbl__cli_source_status(job->source));
}

static void finish(struct job *job)
{
    const struct nbl__cli_options *options = &job->options;
    /* Input of which nothing could be used makes no output, least of all in place of an older one. */
    const bool wanted = job->status == CLI_OK || job->report.n_frames > 0;
    if (wanted && job->status != CLI_FAILED && job->sink && !nbl__cli_sink_finish(job->sink))
        note(job, CLI_FAILED);
    if (wanted && job->status != CLI_FAILED && job->svg) {
        char title[256];
        nbl__cli_title(options, title, sizeof title);
        if (!nbl__cli_svg_finish_pairs(job->svg, job->histogram, title))
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
    nbl__cli_lists_destroy(&job.lists);
    nbl__cli_engine_destroy(&job.engine);
    nbl__cli_group_free(&job.group);
    nbl__cli_source_destroy(job.source);
    if (job.histogram)
        nbl__cli_histogram_free(job.histogram);
    free(job.histogram);
    nbl__cli_buffer_free(&job.neighbours);
    nbl__cli_buffer_free(&job.together);
    return job.status;
}
