/* SPDX-License-Identifier: MIT */
/*
 * What `pairs` says on standard output: a table with one line per frame (of several cutoffs, per list) and
 * totals, one JSON document, or nothing. The JSON document has no times unless asked for: it is then the same
 * for any number of threads and of frames per call.
 */
#ifndef NBL_CLI_REPORT_H
#define NBL_CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "histogram.h"
#include "options.h"

struct nbl__cli_frame;

struct nbl__cli_report {
    enum { CLI_REPORT_NONE, CLI_REPORT_TABLE, CLI_REPORT_JSON } style;
    const struct nbl__cli_options *options;
    int64_t n_reported;                         /* frames, refused ones as well */
    int64_t n_frames;                           /* without the refused ones, as all that follow */
    struct nbl__cli_stats total[NBL_MAX_LISTS]; /* one per cutoff */
    double seconds;
};

void nbl__cli_report_begin(struct nbl__cli_report *report, const struct nbl__cli_options *options);

/* stats: one per cutoff. seconds: for all lists of the frame. */
void nbl__cli_report_frame(struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                           const struct nbl__cli_stats *stats, double seconds);

/* A frame that the library refused: an entry of its own in JSON; the table leaves it to standard error. */
void nbl__cli_report_refused(struct nbl__cli_report *report, const struct nbl__cli_frame *frame,
                             const char *message);

/* Begins the object of a frame in an array of them: what frame it is. Leaves it open, after a comma. */
void nbl__cli_report_open_frame(bool first, const struct nbl__cli_frame *frame);

/* histogram: NULL where none was asked for. complete: nothing was left out or refused. */
void nbl__cli_report_end(const struct nbl__cli_report *report, const struct nbl__cli_histogram *histogram,
                         bool complete);

#endif
