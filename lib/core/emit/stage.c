/* SPDX-License-Identifier: MIT */
#include "emit/stage.h"

#include <string.h>

bool nbl__stage_fits(const nbl__sink *sink)
{
    const nbl_outputs *out = &sink->out;
    return sink->expand->lines && !(out->edge_index && (out->i || out->j));
}

static void add_array(nbl__stage *stage, void **field, void *array, size_t item, int64_t at)
{
    if (!array)
        return;
    char *to = (char *)array + (size_t)at * item;
    const size_t begin = (uintptr_t)to % NBL__STAGE_LINE;
    stage->arrays[stage->n_arrays] = (nbl__stage_array){.field = field,
                                                        .memory = stage->memory[stage->n_arrays],
                                                        .to = to - begin,
                                                        .item = item,
                                                        .begin = begin,
                                                        .end = begin};
    stage->n_arrays++;
}

void nbl__stage_open(nbl__stage *stage, const nbl__sink *sink, int64_t at)
{
    const nbl_outputs *from = &sink->out;
    nbl_outputs *out = &stage->sink.out;
    const size_t index = from->index_dtype == NBL_INT32 ? sizeof(int32_t) : sizeof(int64_t);
    const size_t shift = from->shift_dtype == NBL_INT8 ? sizeof(int8_t) : sizeof(int32_t);
    const size_t real = from->real_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
    void *i = from->i, *j = from->j;
    if (from->edge_index) {
        i = from->edge_index;
        j = (char *)from->edge_index + (size_t)from->edge_index_stride * index;
    }
    stage->sink = *sink;
    out->edge_index = NULL;
    stage->n_arrays = 0;
    add_array(stage, &out->i, i, index, at);
    add_array(stage, &out->j, j, index, at);
    add_array(stage, &out->pairs, from->pairs, 2 * index, at);
    add_array(stage, &out->batch, from->batch, index, at);
    add_array(stage, &out->shifts, from->shifts, 3 * shift, at);
    add_array(stage, &out->vectors, from->vectors, 3 * real, at);
    add_array(stage, &out->distances, from->distances, real, at);
}

/* Whole lines leave the memory; what is left becomes its first line. */
static void empty(const nbl__stage *stage, nbl__stage_array *array)
{
    const size_t whole = array->end / NBL__STAGE_LINE * NBL__STAGE_LINE;
    size_t from = 0;
    if (whole == 0)
        return;
    if (array->begin > 0) {
        from = NBL__STAGE_LINE;
        memcpy(array->to + array->begin, array->memory + array->begin, from - array->begin);
        array->begin = 0;
    }
    stage->sink.expand->lines(array->to + from, array->memory + from, (whole - from) / NBL__STAGE_LINE);
    memcpy(array->memory, array->memory + whole, NBL__STAGE_LINE);
    array->to += whole;
    array->end -= whole;
}

void nbl__stage_row(nbl__stage *stage, const nbl__view *view)
{
    nbl__view part = *view;
    for (uint32_t done = 0; done < view->count; done += part.count) {
        const uint32_t rest = view->count - done;
        part.count = rest < NBL__STAGE_PART ? rest : NBL__STAGE_PART;
        part.number = view->number ? view->number + done : NULL;
        part.images = view->number || !view->images ? view->images : view->images + done;
        for (int k = 0; k < stage->n_arrays; k++)
            *stage->arrays[k].field = stage->arrays[k].memory + stage->arrays[k].end;
        nbl__sink_row_at(&stage->sink, &part, 0);
        for (int k = 0; k < stage->n_arrays; k++) {
            stage->arrays[k].end += part.count * stage->arrays[k].item;
            if (stage->arrays[k].end >= NBL__STAGE_FULL)
                empty(stage, &stage->arrays[k]);
        }
    }
}

void nbl__stage_close(nbl__stage *stage)
{
    for (int k = 0; k < stage->n_arrays; k++) {
        nbl__stage_array *array = &stage->arrays[k];
        empty(stage, array);
        memcpy(array->to + array->begin, array->memory + array->begin, array->end - array->begin);
    }
}
