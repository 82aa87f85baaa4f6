/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include <nblist/io.h>

#include "cli.h"
#include "options.h"

struct nbl__cli_source {
    const struct nbl__cli_options *options;
    nbl_xyz_reader *reader;
    nbl_xyz_frame frame;
    int file; /* number of the current file; files before it are done */
    bool open;
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
    frame->cell = options->has_cell ? options->cell : read->has_cell ? read->cell : NULL;
    if (options->has_pbc)
        memcpy(frame->pbc, options->pbc, 3);
    else if (options->has_cell && !read->has_pbc)
        axes_with_vectors(options->cell, frame->pbc);
    else
        memcpy(frame->pbc, read->pbc, 3);
}

bool nbl__cli_source_next(struct nbl__cli_source *source, struct nbl__cli_frame *frame)
{
    while (source->file < source->options->n_files && source->status != CLI_FAILED) {
        const char *path = source->options->files[source->file];
        const bool first = !source->open;
        nbl_io_status status = NBL_IO_OK;
        if (first)
            status = nbl_xyz_reader_open(source->reader, path, NULL);
        source->open = true;
        if (status == NBL_IO_OK)
            status = nbl_xyz_reader_next(source->reader, &source->frame);
        if (status == NBL_IO_OK) {
            describe(source, frame);
            source->n_frames++;
            return true;
        }
        if (status == NBL_IO_END && first) {
            nbl__cli_complain("%s:1: the file holds no frame", path);
            source->status = CLI_INPUT;
        } else if (status != NBL_IO_END) {
            nbl__cli_complain("%s", nbl_xyz_reader_message(source->reader));
            source->status = status == NBL_IO_ENOMEM ? CLI_FAILED : CLI_INPUT;
        }
        source->open = false;
        source->file++;
    }
    return false;
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
    double here = (double)done / (double)total;
    return (source->file + (here < 1 ? here : 1)) / source->options->n_files;
}
