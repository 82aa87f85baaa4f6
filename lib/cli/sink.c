/* SPDX-License-Identifier: MIT */
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>

#include <nblist/io.h>

#include "buffer.h"
#include "cli.h"
#include "interrupt.h"
#include "options.h"

struct nbl__cli_sink {
    const char *path;
    int guard;
    nbl_csv_writer *csv; /* one of the two */
    nbl_npz_writer *npz;
    struct nbl__cli_buffer i, j, shifts, vectors, distances;
    nbl_result *waiting; /* npz: the first frame, as long as it may be the only one */
    int64_t waiting_frame;
    bool several;
};

/* The last failure of the writer, on standard error. */
static bool failed(const struct nbl__cli_sink *sink, nbl_io_status status)
{
    const char *message = sink->csv ? nbl_csv_writer_message(sink->csv) : nbl_npz_writer_message(sink->npz);
    nbl__cli_error("%s%s", message[0] ? message : nbl_io_status_text(status),
                   status == NBL_IO_EEXIST ? " (--force overwrites it)" : "");
    return false;
}

static bool out_of_memory(void)
{
    nbl__cli_error("out of memory");
    return false;
}

static nbl_io_status open_csv(struct nbl__cli_sink *sink, uint32_t flags)
{
    static const char *const names[] = {"frame", "i", "j", "sx", "sy", "sz", "dx", "dy", "dz", "d"};
    static const int32_t dtypes[] = {NBL_INT64, NBL_INT32,   NBL_INT32,   NBL_INT32,   NBL_INT32,
                                     NBL_INT32, NBL_FLOAT64, NBL_FLOAT64, NBL_FLOAT64, NBL_FLOAT64};
    return nbl_csv_writer_open(sink->csv, sink->path, flags, 10, names, dtypes);
}

struct nbl__cli_sink *nbl__cli_sink_open(const struct nbl__cli_options *options)
{
    const uint32_t flags = options->force ? NBL_IO_OVERWRITE : 0;
    struct nbl__cli_sink *sink = calloc(1, sizeof *sink);
    if (!sink) {
        out_of_memory();
        return NULL;
    }
    sink->path = options->output;
    sink->guard = -1;
    nbl_io_status status =
        options->format == CLI_CSV ? nbl_csv_writer_create(&sink->csv) : nbl_npz_writer_create(&sink->npz);
    if (status != NBL_IO_OK) {
        nbl__cli_error("%s", nbl_io_status_text(status));
        free(sink);
        return NULL;
    }
    nbl__cli_interrupt_hold(true);
    status = sink->csv ? open_csv(sink, flags) : nbl_npz_writer_open(sink->npz, sink->path, flags);
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

static bool fetch(nbl_result *result, const nbl_outputs *outputs)
{
    nbl_status status = nbl_result_fetch(result, 0, outputs);
    if (status != NBL_OK)
        nbl__cli_error("%s", nbl_result_message(result));
    return status == NBL_OK;
}

static bool write_csv(struct nbl__cli_sink *sink, int64_t frame, nbl_result *result)
{
    static const int64_t strides[] = {0, 1, 1, 3, 3, 3, 3, 3, 3, 1};
    const int64_t m = nbl_result_n_pairs(result, 0);
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.index_dtype = NBL_INT32;
    out.pair_capacity = m;
    out.i = nbl__cli_buffer_get(&sink->i, m, sizeof(int32_t));
    out.j = nbl__cli_buffer_get(&sink->j, m, sizeof(int32_t));
    out.shifts = nbl__cli_buffer_get(&sink->shifts, m, 3 * sizeof(int32_t));
    out.vectors = nbl__cli_buffer_get(&sink->vectors, m, 3 * sizeof(double));
    out.distances = nbl__cli_buffer_get(&sink->distances, m, sizeof(double));
    if (!out.i || !out.j || !out.shifts || !out.vectors || !out.distances)
        return out_of_memory();
    if (!fetch(result, &out))
        return false;
    const int32_t *s = out.shifts;
    const double *d = out.vectors;
    const void *const data[] = {&frame, out.i, out.j, s, s + 1, s + 2, d, d + 1, d + 2, out.distances};
    nbl_io_status status = nbl_csv_writer_rows(sink->csv, m, data, strides);
    return status == NBL_IO_OK ? true : failed(sink, status);
}

/* One array at a time, so that the widest one bounds the memory. */
static bool write_array(struct nbl__cli_sink *sink, const char *prefix, const char *name, int32_t dtype,
                        int64_t n, int64_t width, nbl_result *result, nbl_outputs *out, void **member)
{
    char full[48];
    const int64_t shape[2] = {n, width};
    *member = nbl__cli_buffer_get(&sink->vectors, n, (size_t)width * (dtype == NBL_INT32 ? 4 : 8));
    if (!*member)
        return out_of_memory();
    if (!fetch(result, out))
        return false;
    snprintf(full, sizeof full, "%s%s", prefix, name);
    nbl_io_status status = nbl_npz_writer_add(sink->npz, full, dtype, width > 1 ? 2 : 1, shape, *member);
    *member = NULL;
    return status == NBL_IO_OK ? true : failed(sink, status);
}

static bool write_npz(struct nbl__cli_sink *sink, int64_t frame, nbl_result *result)
{
    const int64_t m = nbl_result_n_pairs(result, 0), rows = nbl_result_n_rows(result);
    char prefix[32] = "";
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.pair_capacity = m;
    out.row_capacity = rows;
    if (sink->several)
        snprintf(prefix, sizeof prefix, "f%lld/", (long long)frame);
    return write_array(sink, prefix, "i", NBL_INT64, m, 1, result, &out, &out.i) &&
           write_array(sink, prefix, "j", NBL_INT64, m, 1, result, &out, &out.j) &&
           write_array(sink, prefix, "shift", NBL_INT32, m, 3, result, &out, &out.shifts) &&
           write_array(sink, prefix, "vector", NBL_FLOAT64, m, 3, result, &out, &out.vectors) &&
           write_array(sink, prefix, "distance", NBL_FLOAT64, m, 1, result, &out, &out.distances) &&
           write_array(sink, prefix, "row_ptr", NBL_INT64, rows + 1, 1, result, &out, &out.row_ptr);
}

static bool write_waiting(struct nbl__cli_sink *sink)
{
    nbl_result *result = sink->waiting;
    sink->waiting = NULL;
    return result ? write_npz(sink, sink->waiting_frame, result) : true;
}

bool nbl__cli_sink_next(struct nbl__cli_sink *sink)
{
    sink->several = sink->waiting != NULL || sink->several;
    return write_waiting(sink);
}

bool nbl__cli_sink_add(struct nbl__cli_sink *sink, int64_t frame, nbl_result *result)
{
    if (sink->csv)
        return write_csv(sink, frame, result);
    sink->several = sink->several || frame > 0;
    if (sink->several)
        return write_npz(sink, frame, result);
    sink->waiting = result;
    sink->waiting_frame = frame;
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
    struct nbl__cli_buffer *buffers[] = {&sink->i, &sink->j, &sink->shifts, &sink->vectors, &sink->distances};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__cli_buffer_free(buffers[k]);
    free(sink);
}
