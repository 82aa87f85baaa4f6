/* SPDX-License-Identifier: MIT */
#include "emit/stage.h"

#include <string.h>

/*
 * Output from which on lines are written past the caches: beyond what a core's share of the last cache holds,
 * and what a caller who reads it at once would find there. One thread alone leaves memory enough to read the
 * lines meanwhile, so that only more pays. ns per atom of the fetch, direct / staged, on one thread and on two
 * (Zen 1): silicon, 82 MB, 165 / 172 and 115 / 92; copper, 127 MB, 146 / 157 and 106 / 83; random rc 6, 253 MB,
 * 600 / 460 and 388 / 257.
 */
static const double least_bytes = 32.0 * 1024 * 1024, least_alone = 160.0 * 1024 * 1024;

static size_t pair_bytes(const nbl__sink *sink)
{
    nbl__sink_array arrays[NBL__SINK_ARRAYS];
    size_t bytes = 0;
    nbl__sink_arrays(sink, arrays);
    for (int k = 0; k < NBL__SINK_ARRAYS; k++)
        bytes += arrays[k].data ? arrays[k].item : 0;
    return bytes;
}

bool nbl__stage_pays(const nbl__sink *sink, int n_threads)
{
    return sink->out.layout == NBL_LAYOUT_PAIRS && sink->expand->streams &&
           (double)sink->rows->total * (double)pair_bytes(sink) >= (n_threads > 1 ? least_bytes : least_alone);
}

void nbl__stage_open(nbl__stage *stage, const nbl__sink *sink, int64_t first)
{
    nbl_outputs *out = &stage->sink.out;
    stage->sink = *sink;
    stage->sink.before = sink->rows->offset[first];
    stage->to = sink;
    stage->n = 0;
    /* Eight pairs less than fit: arrays begin at multiples of eight pairs. */
    stage->room = (NBL__STAGE_BYTES / (int64_t)pair_bytes(sink) - 8) / 8 * 8;
    out->edge_index_stride = stage->room;
    char *place = (char *)stage->memory;
    void *lower = NULL; /* the lower row of edge_index follows the upper one */
    void **const fields[NBL__SINK_ARRAYS] = {&out->i,      &out->j,       &out->edge_index,
                                             &lower,       &out->pairs,   &out->batch,
                                             &out->shifts, &out->vectors, &out->distances};
    nbl__sink_array arrays[NBL__SINK_ARRAYS];
    nbl__sink_arrays(sink, arrays);
    for (int k = 0; k < NBL__SINK_ARRAYS; k++)
        if (arrays[k].data) {
            *fields[k] = place;
            place += (size_t)stage->room * arrays[k].item;
        }
}

static void empty(nbl__stage *stage)
{
    nbl__sink_array from[NBL__SINK_ARRAYS], to[NBL__SINK_ARRAYS];
    nbl__sink_arrays(&stage->sink, from);
    nbl__sink_arrays(stage->to, to);
    for (int k = 0; k < NBL__SINK_ARRAYS; k++)
        if (to[k].data)
            stage->sink.expand->stream((char *)to[k].data + (size_t)stage->sink.before * to[k].item,
                                       from[k].data, (size_t)stage->n * to[k].item);
    stage->sink.before += stage->n;
    stage->n = 0;
}

/* A row that does not fit is written in parts. */
void nbl__stage_row(nbl__stage *stage, const nbl__view *view)
{
    if (view->count <= stage->room - stage->n) {
        nbl__sink_row_at(&stage->sink, view, stage->n);
        stage->n += view->count;
        return;
    }
    nbl__view part = *view;
    uint32_t done = 0;
    while (done < view->count) {
        const uint32_t rest = view->count - done;
        if (stage->n == stage->room)
            empty(stage);
        part.count = rest < stage->room - stage->n ? rest : (uint32_t)(stage->room - stage->n);
        part.number = view->number ? view->number + done : NULL;
        part.images = view->number || !view->images ? view->images : view->images + done;
        nbl__sink_row_at(&stage->sink, &part, stage->n);
        stage->n += part.count;
        done += part.count;
    }
}

void nbl__stage_stretch(nbl__stage *stage, const nbl__view *view, int64_t first, int64_t n,
                        const int32_t (*w)[3])
{
    const nbl__rows *rows = stage->sink.rows;
    const int64_t pairs = rows->offset[first + n] - rows->offset[first];
    if (pairs <= stage->room) {
        if (stage->n + pairs > stage->room)
            empty(stage);
        nbl__sink_stretch(&stage->sink, view, first, n, w);
        stage->n += pairs;
        return;
    }
    nbl__view row = *view;
    for (int64_t k = 0; k < n; k++, row.atom++) {
        row.count = rows->count[first + k];
        if (w)
            memcpy(row.w, w[k], sizeof row.w);
        nbl__stage_row(stage, &row);
        row.number += row.count;
    }
}

void nbl__stage_close(nbl__stage *stage)
{
    empty(stage);
    stage->sink.expand->fence();
}
