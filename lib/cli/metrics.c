/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "atoms.h"
#include "cli.h"
#include "engine.h"
#include "group.h"
#include "measure.h"
#include "options.h"
#include "outputs.h"
#include "progress.h"
#include "source.h"
#include "structures.h"
#include "svg.h"
#include "totals.h"
#include "values.h"

/* Atoms that the default number of frames per call may have: enough to hide the costs of a call. */
enum { MOST_ATOMS = 65536 };

struct job {
    struct nbl__cli_options options;
    struct nbl__cli_source *source;
    struct nbl__cli_group group;
    struct nbl__cli_measure measure;
    struct nbl__cli_structures *structures; /* NULL: no --output */
    struct nbl__cli_svg *svg;               /* NULL: no --plot */
    struct nbl__cli_values values;
    struct nbl__cli_totals totals;
    struct nbl__cli_atoms atoms;
    int file_number;           /* of the current frame */
    int64_t n_frames, n_atoms; /* done, for the progress line */
    int status;                /* worst so far */
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
        good = (job->structures = nbl__cli_structures_open(options)) != NULL;
    if (good && options->svg)
        good = (job->svg = nbl__cli_svg_open(options->svg, options->force)) != NULL;
    if (good)
        good = nbl__cli_values_begin(&job->values, options);
    if (!good)
        note(job, CLI_FAILED);
    return good;
}

static bool start(struct job *job)
{
    const struct nbl__cli_options *options = &job->options;
    job->totals.shown = options->metrics;
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        nbl__cli_spread_init(&job->totals.spreads[m]);
    job->source = nbl__cli_source_create(options);
    if (!job->source || nbl__cli_measure_create(&job->measure, options) != NBL_OK)
        return out_of_memory(job);
    return open_outputs(job);
}

/* Frame k of the last call, as it is reported. */
static void describe(struct job *job, const struct nbl__cli_frame *frame, int64_t k, struct nbl__cli_line *line)
{
    while (job->options.files[job->file_number] != frame->file)
        job->file_number++;
    *line = (struct nbl__cli_line){.number = frame->number,
                                   .number_in_file = frame->number_in_file,
                                   .n_atoms = frame->n,
                                   .file_number = job->file_number,
                                   .file = frame->file,
                                   .cutoff = nbl__cli_measure_cutoff(&job->measure, k)};
    memcpy(line->pbc, frame->pbc, sizeof line->pbc);
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        if (job->options.metrics & NBL_METRIC_BIT(m))
            line->values[m] = nbl__cli_measure_value(&job->measure, k, m);
}

static void add_to_totals(struct nbl__cli_totals *totals, const struct nbl__cli_line *line)
{
    totals->n_frames++;
    totals->n_atoms += line->n_atoms;
    for (int32_t m = 0; m < CLI_N_METRICS; m++)
        if (totals->shown & NBL_METRIC_BIT(m))
            nbl__cli_spread_add(&totals->spreads[m], line->values[m]);
}

/* A frame that was measured, whose atoms begin with number `atom` of the call. */
static void add_frame(struct job *job, const struct nbl__cli_frame *frame, int64_t k, int64_t atom)
{
    struct nbl__cli_atoms *atoms = job->options.per_atom ? &job->atoms : NULL;
    struct nbl__cli_line line;
    if (!nbl__cli_measure_passes(&job->measure, k)) {
        job->totals.n_filtered_out++;
        return;
    }
    if (atoms) {
        const nbl_metrics_outputs arrays = nbl__cli_measure_atoms(&job->measure, atom);
        if (!nbl__cli_atoms_fill(atoms, frame->n, &arrays)) {
            out_of_memory(job);
            return;
        }
    }
    describe(job, frame, k, &line);
    add_to_totals(&job->totals, &line);
    if (!nbl__cli_values_add(&job->values, &line, atoms) ||
        (job->structures && !nbl__cli_structures_add(job->structures, frame, &line, atoms)))
        note(job, CLI_FAILED);
}

/* A frame that was refused, because of `status`: alone, the library says why in words that fit. */
static void refuse(struct job *job, const struct nbl__cli_frame *frame, int64_t k, int64_t atom,
                   nbl_status status)
{
    nbl_status again = nbl__cli_measure_run_alone(&job->measure, frame, k, atom);
    const char *message = again == NBL_OK ? nbl_status_text(status) : job->measure.message;
    note(job, nbl__cli_engine_complain(frame, again == NBL_OK ? status : again, message));
    nbl__cli_values_refused(&job->values, frame, message);
}

/* Frames first ... first + count - 1 of the group have been measured. */
static void add_frames(struct job *job, int64_t first, int64_t count)
{
    const struct nbl__cli_group *group = &job->group;
    job->totals.seconds += job->measure.seconds;
    for (int64_t k = 0; k < count && job->status != CLI_FAILED && !ferror(stdout); k++) {
        const struct nbl__cli_frame frame = nbl__cli_group_frame(group, first + k);
        const int64_t atom = group->first[first + k] - group->first[first];
        nbl_status status = nbl__cli_measure_status(&job->measure, k);
        if (status == NBL_OK)
            add_frame(job, &frame, k, atom);
        else
            refuse(job, &frame, k, atom, status);
    }
}

/* A call that would take too much memory is divided, down to one frame. */
static void run_group(struct job *job)
{
    const struct nbl__cli_group *group = &job->group;
    int64_t first = 0;
    while (first < group->n && job->status != CLI_FAILED && !ferror(stdout)) {
        int64_t count = group->n - first;
        nbl_status status = nbl__cli_measure_run(&job->measure, &job->group, first, count);
        while (status != NBL_OK && count > 1) {
            count /= 2;
            status = nbl__cli_measure_run(&job->measure, &job->group, first, count);
        }
        if (status == NBL_OK) {
            add_frames(job, first, count);
        } else {
            const struct nbl__cli_frame frame = nbl__cli_group_frame(group, first);
            refuse(job, &frame, 0, 0, status);
        }
        job->n_frames += count;
        job->n_atoms += group->first[first + count] - group->first[first];
        first += count;
        nbl__cli_progress(job->n_frames, job->n_atoms, -1, nbl__cli_source_fraction(job->source));
    }
}

static void run(struct job *job)
{
    /* On one terminal the table itself shows the progress. */
    nbl__cli_progress_enable(!job->options.quiet && !isatty(STDOUT_FILENO));
    while (job->status != CLI_FAILED && nbl__cli_source_collect(job->source, &job->group, MOST_ATOMS)) {
        run_group(job);
        if (ferror(stdout))
            note(job, CLI_FAILED);
    }
    nbl__cli_progress_clear();
    note(job, nbl__cli_source_status(job->source));
}

static void finish(struct job *job)
{
    /* Input of which nothing could be used makes no output, least of all in place of an older one. */
    const bool wanted = job->status == CLI_OK || job->totals.n_frames > 0;
    if (wanted && job->status != CLI_FAILED && job->structures && !nbl__cli_structures_finish(job->structures))
        note(job, CLI_FAILED);
    if (wanted && job->status != CLI_FAILED && job->svg) {
        char title[256];
        nbl__cli_title(&job->options, title, sizeof title);
        if (!nbl__cli_svg_finish_metrics(job->svg, &job->totals, title))
            note(job, CLI_FAILED);
    }
    if (!nbl__cli_values_end(&job->values, &job->totals))
        note(job, CLI_FAILED);
}

int nbl__cli_metrics(int argc, char **argv)
{
    struct job *job = calloc(1, sizeof *job);
    int status;
    if (!job) {
        nbl__cli_error("out of memory");
        return CLI_FAILED;
    }
    if (!nbl__cli_options_parse(&job->options, CLI_METRICS, argc, argv, &status)) {
        free(job);
        return status;
    }
    if (job->options.metrics == 0)
        job->options.metrics = NBL_METRICS_ALL;
    if (start(job)) {
        run(job);
        finish(job);
        if (!nbl__cli_stdout_good())
            note(job, CLI_FAILED);
    }
    nbl__cli_structures_close(job->structures);
    nbl__cli_svg_close(job->svg);
    nbl__cli_values_free(&job->values);
    nbl__cli_measure_destroy(&job->measure);
    nbl__cli_atoms_free(&job->atoms);
    nbl__cli_group_free(&job->group);
    nbl__cli_source_destroy(job->source);
    status = job->status;
    free(job);
    return status;
}
