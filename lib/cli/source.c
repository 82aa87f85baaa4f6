/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include <nblist/io.h>

#include "cli.h"
#include "extras.h"
#include "group.h"
#include "options.h"
#include "progress.h"

enum { MOST_FRAMES = 4096 };

/* Long against a call of the library, short for somebody who watches. */
#define MOST_SECONDS 0.1

struct nbl__cli_source {
    const struct nbl__cli_options *options;
    nbl_xyz_reader *reader;
    nbl_xyz_frame frame;
    int file; /* number of the current file; files before it are done */
    bool open;
    bool ready;            /* `next` has been read and not been handed out */
    nbl_io_status problem; /* of the reader, not yet said; NBL_IO_OK: none */
    struct nbl__cli_frame next;
    struct nbl__cli_extras *extras; /* of `next` */
    int64_t n_frames;
    int status;
};

struct nbl__cli_source *nbl__cli_source_create(const struct nbl__cli_options *options)
{
    struct nbl__cli_source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->options = options;
    source->frame = (nbl_xyz_frame)NBL_XYZ_FRAME_INIT;
    if (nbl_xyz_reader_create(&source->reader) != NBL_IO_OK) {
        free(source);
        return NULL;
    }
    return source;
}

void nbl__cli_source_destroy(struct nbl__cli_source *source)
{
    if (!source)
        return;
    nbl_xyz_reader_destroy(&source->reader);
    free(source->extras);
    free(source);
}

/* Where the command line gives the cell, an axis without a vector is open, as it is in files. */
static void axes_with_vectors(const double cell[9], uint8_t pbc[3])
{
    for (int k = 0; k < 3; k++) {
        const double *row = cell + 3 * k;
        const bool zero = !(row[0] < 0 || row[0] > 0 || row[1] < 0 || row[1] > 0 || row[2] < 0 || row[2] > 0);
        pbc[k] = !zero;
    }
}

static void describe(const struct nbl__cli_source *source, struct nbl__cli_frame *frame)
{
    const struct nbl__cli_options *options = source->options;
    const nbl_xyz_frame *read = &source->frame;
    frame->number = source->n_frames;
    frame->number_in_file = read->index;
    frame->line = read->line + 1;
    frame->file = options->files[source->file];
    frame->n = read->n;
    frame->positions = read->positions;
    frame->numbers = options->numbers ? read->numbers : NULL;
    frame->extras = source->extras;
    frame->cell = options->has_cell ? options->cell : read->has_cell ? read->cell : NULL;
    if (options->has_pbc)
        memcpy(frame->pbc, options->pbc, 3);
    else if (options->has_cell && !read->has_pbc)
        axes_with_vectors(options->cell, frame->pbc);
    else
        memcpy(frame->pbc, read->pbc, 3);
}

/* What ended the current file, on standard error; then the next file. */
static void end_file(struct nbl__cli_source *source)
{
    const char *path = source->options->files[source->file];
    if (source->problem == NBL_IO_END) {
        nbl__cli_complain("%s:1: the file holds no frame", path);
        source->status = CLI_INPUT;
    } else if (source->problem != NBL_IO_OK) {
        const char *message = nbl_xyz_reader_message(source->reader);
        nbl__cli_complain("%s", message[0] ? message : nbl_io_status_text(source->problem));
        source->status = source->problem == NBL_IO_ENOMEM ? CLI_FAILED : CLI_INPUT;
    }
    source->problem = NBL_IO_OK;
    source->open = false;
    source->file++;
}

/* Reads a frame of the current file into `next`. False: it ended, and `problem` tells how. */
static bool read_frame(struct nbl__cli_source *source)
{
    const bool first = !source->open;
    nbl_io_status status = NBL_IO_OK;
    if (first)
        status = nbl_xyz_reader_open(source->reader, source->options->files[source->file], NULL);
    source->open = true;
    if (status == NBL_IO_OK)
        status = nbl_xyz_reader_next(source->reader, &source->frame);
    if (status == NBL_IO_OK && source->options->extras) {
        source->extras = nbl__cli_extras_copy(source->reader, &source->frame);
        if (!source->extras)
            status = NBL_IO_ENOMEM;
    }
    if (status == NBL_IO_OK) {
        describe(source, &source->next);
        source->n_frames++;
        return true;
    }
    source->problem = status == NBL_IO_END && !first ? NBL_IO_OK : status;
    return false;
}

/* Goes on to the next frame of any file. False: there is none, or, if `silent`, something to be said first. */
static bool advance(struct nbl__cli_source *source, bool silent)
{
    while (source->file < source->options->n_files && source->status != CLI_FAILED) {
        if (source->problem == NBL_IO_OK && read_frame(source))
            return true;
        if (source->problem != NBL_IO_OK && silent)
            return false;
        end_file(source);
    }
    return false;
}

static bool is_full(const struct nbl__cli_source *source, const struct nbl__cli_group *group, double start)
{
    if (source->options->batch > 0)
        return group->n >= source->options->batch;
    return group->n >= MOST_FRAMES || nbl__cli_now() - start > MOST_SECONDS;
}

static void out_of_memory(struct nbl__cli_source *source)
{
    nbl__cli_error("out of memory");
    source->status = CLI_FAILED;
}

bool nbl__cli_source_collect(struct nbl__cli_source *source, struct nbl__cli_group *group, int64_t most_atoms)
{
    const double start = nbl__cli_now();
    nbl__cli_group_clear(group);
    while (group->n == 0 || !is_full(source, group, start)) {
        source->ready = source->ready || advance(source, group->n > 0);
        if (!source->ready)
            break;
        if (source->options->batch == 0 && group->n > 0 && group->n_atoms + source->next.n > most_atoms)
            break;
        if (!nbl__cli_group_add(group, &source->next, source->extras)) {
            if (group->n == 0) /* otherwise it may fit alone */
                out_of_memory(source);
            break;
        }
        source->extras = NULL;
        source->ready = false;
    }
    return group->n > 0;
}

int nbl__cli_source_status(const struct nbl__cli_source *source)
{
    return source->status;
}

double nbl__cli_source_fraction(const struct nbl__cli_source *source)
{
    int64_t done = 0, total = -1;
    nbl_xyz_reader_progress(source->reader, &done, &total);
    if (total <= 0)
        return -1;
    double here = source->open ? (double)done / (double)total : 0;
    return (source->file + (here < 1 ? here : 1)) / source->options->n_files;
}
