/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>

#include <nblist/io.h>

#include "buffer.h"
#include "cli.h"
#include "interrupt.h"
#include "lists.h"
#include "options.h"
#include "outputs.h"
#include "source.h"

enum { CONVERTED = 1024 }; /* indices that are made 64 bits wide at a time */

struct nbl__cli_sink {
    const struct nbl__cli_options *options;
    struct nbl__cli_lists *lists;
    int guard;
    nbl_csv_writer *csv; /* one of the two */
    nbl_npz_writer *npz;
    struct nbl__cli_buffer row_ptr;
    int64_t n_frames;
    bool waiting; /* npz: the first frame has pairs and may be the only one */
    int64_t waiting_atoms;
};

static bool failed(const struct nbl__cli_sink *sink, nbl_io_status status)
{
    nbl__cli_write_failed(sink->csv ? nbl_csv_writer_message(sink->csv) : nbl_npz_writer_message(sink->npz),
                          status);
    return false;
}

static bool out_of_memory(void)
{
    nbl__cli_error("out of memory");
    return false;
}

/* Columns of a table with several lists; with one list, LIST is left out. */
enum { FRAME, LIST, N_COLUMNS = 11 };

static nbl_io_status open_csv(struct nbl__cli_sink *sink, uint32_t flags)
{
    const char *names[N_COLUMNS] = {"frame", "list", "i", "j", "sx", "sy", "sz", "dx", "dy", "dz", "d"};
    int32_t dtypes[N_COLUMNS] = {NBL_INT64, NBL_INT32,   NBL_INT32,   NBL_INT32,   NBL_INT32,  NBL_INT32,
                                 NBL_INT32, NBL_FLOAT64, NBL_FLOAT64, NBL_FLOAT64, NBL_FLOAT64};
    const int skip = sink->options->n_cutoffs == 1;
    names[skip] = names[FRAME];
    dtypes[skip] = dtypes[FRAME];
    return nbl_csv_writer_open(sink->csv, sink->options->output, flags, N_COLUMNS - skip, names + skip,
                               dtypes + skip);
}

struct nbl__cli_sink *nbl__cli_sink_open(const struct nbl__cli_options *options, struct nbl__cli_lists *lists)
{
    const uint32_t flags = options->force ? NBL_IO_OVERWRITE : 0;
    struct nbl__cli_sink *sink = calloc(1, sizeof *sink);
    if (!sink) {
        out_of_memory();
        return NULL;
    }
    sink->options = options;
    sink->lists = lists;
    sink->guard = -1;
    nbl_io_status status =
        options->format == CLI_CSV ? nbl_csv_writer_create(&sink->csv) : nbl_npz_writer_create(&sink->npz);
    if (status != NBL_IO_OK) {
        nbl__cli_error("%s", nbl_io_status_text(status));
        free(sink);
        return NULL;
    }
    nbl__cli_interrupt_hold(true);
    status = sink->csv ? open_csv(sink, flags) : nbl_npz_writer_open(sink->npz, options->output, flags);
    sink->guard =
        nbl__cli_interrupt_guard(sink->csv ? nbl_csv_writer_part(sink->csv) : nbl_npz_writer_part(sink->npz));
    nbl__cli_interrupt_hold(false);
    if (status != NBL_IO_OK) {
        failed(sink, status);
        nbl__cli_sink_close(sink);
        return NULL;
    }
    return sink;
}

/* A list of a frame: where it is to be found, and what it is called. */
struct part {
    int64_t frame;
    int64_t first, n_atoms; /* in the search */
    int32_t number;
};

static bool get(struct nbl__cli_sink *sink, const struct part *part, uint32_t fields,
                struct nbl__cli_list *list)
{
    if (nbl__cli_lists_get(sink->lists, part->number, part->first, part->n_atoms, fields, list) == NBL_OK)
        return true;
    const char *message = nbl_result_message(sink->lists->result);
    nbl__cli_error("%s", message[0] ? message : "out of memory");
    return false;
}

static bool write_csv(struct nbl__cli_sink *sink, const struct part *part)
{
    static const int64_t strides[N_COLUMNS] = {0, 0, 1, 1, 3, 3, 3, 3, 3, 3, 1};
    struct nbl__cli_list list;
    if (!get(sink, part, CLI_ALL_FIELDS, &list))
        return false;
    const int32_t *s = list.shifts;
    const double *d = list.vectors;
    const void *data[N_COLUMNS] = {&part->frame, &part->number, list.i,        list.j, s, s + 1, s + 2, d,
                                   d + 1,        d + 2,         list.distances};
    const int skip = sink->options->n_cutoffs == 1;
    data[skip] = data[FRAME];
    nbl_io_status status = nbl_csv_writer_rows(sink->csv, list.n_pairs, data + skip, strides + skip);
    return status == NBL_IO_OK ? true : failed(sink, status);
}

/* Atoms are numbered in 64 bits, as numpy does. */
static nbl_io_status add_indices(struct nbl__cli_sink *sink, const char *name, int64_t n, const int32_t *items)
{
    int64_t wide[CONVERTED];
    nbl_io_status status = nbl_npz_writer_begin(sink->npz, name, NBL_INT64, 1, &n);
    for (int64_t from = 0; status == NBL_IO_OK && from < n; from += CONVERTED) {
        const int64_t count = n - from < CONVERTED ? n - from : CONVERTED;
        for (int64_t k = 0; k < count; k++)
            wide[k] = items[from + k];
        status = nbl_npz_writer_write(sink->npz, count, wide);
    }
    return status == NBL_IO_OK ? nbl_npz_writer_end(sink->npz) : status;
}

/* The list may be a part of a longer one. */
static nbl_io_status add_row_ptr(struct nbl__cli_sink *sink, const char *name, const struct nbl__cli_list *list)
{
    const int64_t n = list->n_atoms + 1;
    int64_t *row_ptr = nbl__cli_buffer_get(&sink->row_ptr, n, sizeof *row_ptr);
    if (!row_ptr)
        return NBL_IO_ENOMEM;
    for (int64_t k = 0; k < n; k++)
        row_ptr[k] = list->row_ptr[k] - list->row_ptr[0];
    return nbl_npz_writer_add(sink->npz, name, NBL_INT64, 1, &n, row_ptr);
}

/* The array of one field, or of none: row_ptr. */
static nbl_io_status add_array(struct nbl__cli_sink *sink, const char *name, uint32_t field,
                               const struct nbl__cli_list *list)
{
    const int64_t m = list->n_pairs, rows_of_three[2] = {m, 3};
    switch (field) {
    case CLI_I:
        return add_indices(sink, name, m, list->i);
    case CLI_J:
        return add_indices(sink, name, m, list->j);
    case CLI_SHIFTS:
        return nbl_npz_writer_add(sink->npz, name, NBL_INT32, 2, rows_of_three, list->shifts);
    case CLI_VECTORS:
        return nbl_npz_writer_add(sink->npz, name, NBL_FLOAT64, 2, rows_of_three, list->vectors);
    case CLI_DISTANCES:
        return nbl_npz_writer_add(sink->npz, name, NBL_FLOAT64, 1, &m, list->distances);
    default:
        return add_row_ptr(sink, name, list);
    }
}

/* One array at a time, so that the widest one bounds the memory of a large frame. */
static bool write_npz(struct nbl__cli_sink *sink, const struct part *part)
{
    static const struct {
        const char *name;
        uint32_t field;
    } arrays[] = {{"i", CLI_I},
                  {"j", CLI_J},
                  {"shift", CLI_SHIFTS},
                  {"vector", CLI_VECTORS},
                  {"distance", CLI_DISTANCES},
                  {"row_ptr", 0}};
    char prefix[48] = "", name[64];
    int length = 0;
    if (sink->n_frames > 1)
        length = snprintf(prefix, 24, "f%lld/", (long long)part->frame);
    if (sink->options->n_cutoffs > 1)
        snprintf(prefix + length, 16, "c%d/", (int)part->number);
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
        struct nbl__cli_list list;
        if (!get(sink, part, arrays[k].field, &list))
            return false;
        snprintf(name, sizeof name, "%s%s", prefix, arrays[k].name);
        nbl_io_status status = add_array(sink, name, arrays[k].field, &list);
        if (status != NBL_IO_OK)
            return failed(sink, status);
    }
    return true;
}

/* The frame that waits is the first of all, and the only one of its search. */
static bool write_waiting(struct nbl__cli_sink *sink)
{
    struct part part = {.n_atoms = sink->waiting_atoms};
    bool good = true;
    for (; sink->waiting && good && part.number < sink->options->n_cutoffs; part.number++)
        good = write_npz(sink, &part);
    sink->waiting = false;
    return good;
}

bool nbl__cli_sink_next(struct nbl__cli_sink *sink, int64_t n)
{
    sink->n_frames += n;
    return write_waiting(sink);
}

bool nbl__cli_sink_add(struct nbl__cli_sink *sink, const struct nbl__cli_frame *frame, int64_t first,
                       int32_t number)
{
    const struct part part = {.frame = frame->number, .first = first, .n_atoms = frame->n, .number = number};
    if (sink->csv)
        return write_csv(sink, &part);
    if (sink->n_frames > 1)
        return write_npz(sink, &part);
    sink->waiting = true;
    sink->waiting_atoms = frame->n;
    return true;
}

bool nbl__cli_sink_finish(struct nbl__cli_sink *sink)
{
    nbl_io_status status;
    if (!write_waiting(sink))
        return false;
    status = sink->csv ? nbl_csv_writer_close(sink->csv) : nbl_npz_writer_close(sink->npz);
    return status == NBL_IO_OK ? true : failed(sink, status);
}

void nbl__cli_sink_close(struct nbl__cli_sink *sink)
{
    if (!sink)
        return;
    nbl_csv_writer_destroy(&sink->csv);
    nbl_npz_writer_destroy(&sink->npz);
    nbl__cli_interrupt_release(sink->guard);
    nbl__cli_buffer_free(&sink->row_ptr);
    free(sink);
}
