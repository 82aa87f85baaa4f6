/* SPDX-License-Identifier: MIT */
#include "emit/sink.h"

#include <string.h>

#include "cell/exact.h"

#define EXPAND_INDEX int32_t
#define EXPAND_NAME  int32
#include "emit/expand_tmpl.h"
#define EXPAND_INDEX int64_t
#define EXPAND_NAME  int64
#include "emit/expand_tmpl.h"
#define EXPAND_SHIFT int8_t
#define EXPAND_NAME  int8
#include "emit/expand_tmpl.h"
#define EXPAND_SHIFT int32_t
#define EXPAND_NAME  int32
#include "emit/expand_tmpl.h"
#define EXPAND_REAL float
#define EXPAND_NAME float32
#include "emit/expand_tmpl.h"
#define EXPAND_REAL double
#define EXPAND_NAME float64
#include "emit/expand_tmpl.h"

static nbl_status refuse(nbl__sink_fault *fault, nbl_status status, const char *what, int64_t need,
                         int64_t given)
{
    fault->what = what;
    fault->need = need;
    fault->given = given;
    return status;
}

static nbl_status resolve_dtype(int32_t *dtype, int32_t standard, int32_t other, const char *what,
                                nbl__sink_fault *fault)
{
    if (*dtype == NBL_DTYPE_DEFAULT)
        *dtype = standard;
    if (*dtype != standard && *dtype != other)
        return refuse(fault, NBL_EOPTION, what, standard, *dtype);
    return NBL_OK;
}

static nbl_status resolve(nbl_outputs *out, nbl__sink_fault *fault)
{
    if (out->layout != NBL_LAYOUT_PAIRS && out->layout != NBL_LAYOUT_DENSE)
        return refuse(fault, NBL_EOPTION, "layout", 0, out->layout);
    if (out->index_base != 0 && out->index_base != 1)
        return refuse(fault, NBL_EOPTION, "index_base", 0, out->index_base);
    nbl_status status = resolve_dtype(&out->index_dtype, NBL_INT64, NBL_INT32, "index_dtype", fault);
    if (status == NBL_OK)
        status = resolve_dtype(&out->offset_dtype, NBL_INT64, NBL_INT32, "offset_dtype", fault);
    if (status == NBL_OK)
        status = resolve_dtype(&out->shift_dtype, NBL_INT32, NBL_INT8, "shift_dtype", fault);
    if (status == NBL_OK)
        status = resolve_dtype(&out->real_dtype, NBL_FLOAT64, NBL_FLOAT32, "real_dtype", fault);
    const struct {
        const char *what;
        int64_t value;
    } sizes[] = {
        {"pair_capacity", out->pair_capacity},
        {"row_capacity", out->row_capacity},
        {"edge_index_stride", out->edge_index_stride},
        {"dense_width", out->dense_width},
    };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes && status == NBL_OK; k++)
        if (sizes[k].value < 0)
            status = refuse(fault, NBL_ESIZE, sizes[k].what, 0, sizes[k].value);
    return status;
}

static nbl_status check_conflicts(const nbl_outputs *out, bool half, bool centers, nbl__sink_fault *fault)
{
    bool dense = out->layout == NBL_LAYOUT_DENSE;
    if (dense && out->i)
        return refuse(fault, NBL_ECONFLICT, "i in the dense layout", 0, 0);
    if (dense && out->edge_index)
        return refuse(fault, NBL_ECONFLICT, "edge_index in the dense layout", 0, 0);
    if (dense && out->pairs)
        return refuse(fault, NBL_ECONFLICT, "pairs in the dense layout", 0, 0);
    if (dense && out->reverse)
        return refuse(fault, NBL_ECONFLICT, "reverse in the dense layout", 0, 0);
    if (out->reverse && half)
        return refuse(fault, NBL_ECONFLICT, "reverse of a half list", 0, 0);
    if (out->reverse && centers)
        return refuse(fault, NBL_ECONFLICT, "reverse of a list with n_centers", 0, 0);
    return NBL_OK;
}

static nbl_status check_capacities(const nbl_outputs *out, const nbl__rows *rows, nbl__sink_fault *fault)
{
    bool dense = out->layout == NBL_LAYOUT_DENSE;
    bool per_pair = nbl__sink_wants_pairs(&(nbl__sink){.out = *out}) || out->reverse;
    bool per_row = out->row_ptr || out->counts || (dense && per_pair);
    if (per_row && out->row_capacity < rows->n)
        return refuse(fault, NBL_ECAPACITY, "row_capacity", rows->n, out->row_capacity);
    if (dense && rows->n > 0 && out->dense_width > INT64_MAX / 24 / rows->n)
        return refuse(fault, NBL_ESIZE, "dense_width", 0, out->dense_width);
    if (dense && per_pair && out->dense_width < rows->max_count)
        return refuse(fault, NBL_ECAPACITY, "dense_width", rows->max_count, out->dense_width);
    if (!dense && per_pair && out->pair_capacity < rows->total)
        return refuse(fault, NBL_ECAPACITY, "pair_capacity", rows->total, out->pair_capacity);
    if (!out->edge_index)
        return NBL_OK;
    const char *name = out->edge_index_stride != 0 ? "edge_index_stride" : "pair_capacity";
    int64_t stride = out->edge_index_stride != 0 ? out->edge_index_stride : out->pair_capacity;
    if (stride < rows->total)
        return refuse(fault, NBL_ECAPACITY, name, rows->total, stride);
    if (stride > (int64_t)(PTRDIFF_MAX / sizeof(int64_t)) - rows->total)
        return refuse(fault, NBL_ESIZE, name, 0, stride);
    return NBL_OK;
}

static nbl_status check_widths(const nbl_outputs *out, const nbl__rows *rows, nbl__sink_fault *fault)
{
    bool dense = out->layout == NBL_LAYOUT_DENSE;
    if (out->offset_dtype == NBL_INT32) {
        if (out->row_ptr && rows->total + out->index_base > INT32_MAX)
            return refuse(fault, NBL_ENARROW, "row_ptr", rows->total + out->index_base, INT32_MAX);
        if (out->reverse && rows->total - 1 + out->index_base > INT32_MAX)
            return refuse(fault, NBL_ENARROW, "reverse", rows->total - 1 + out->index_base, INT32_MAX);
        if (out->counts && rows->max_count > INT32_MAX)
            return refuse(fault, NBL_ENARROW, "counts", rows->max_count, INT32_MAX);
    }
    if (dense && out->j && out->index_dtype == NBL_INT32 && out->dense_fill != (int32_t)out->dense_fill)
        return refuse(fault, NBL_ENARROW, "dense_fill", out->dense_fill, INT32_MAX);
    return NBL_OK;
}

nbl_status nbl__sink_check(nbl__sink *sink, bool half, bool centers, nbl__sink_fault *fault)
{
    nbl_status status = resolve(&sink->out, fault);
    if (status == NBL_OK)
        status = check_conflicts(&sink->out, half, centers, fault);
    if (status == NBL_OK)
        status = check_capacities(&sink->out, sink->rows, fault);
    if (status == NBL_OK)
        status = check_widths(&sink->out, sink->rows, fault);
    if (status == NBL_OK && sink->out.edge_index_stride == 0)
        sink->out.edge_index_stride = sink->out.pair_capacity;
    return status;
}

bool nbl__sink_needs_narrow(const nbl__sink *sink)
{
    return sink->out.shifts && sink->out.shift_dtype == NBL_INT8;
}

bool nbl__sink_fits_narrow(const nbl__view *view)
{
    bool fits = true;
    for (uint32_t e = 0; e < view->count; e++)
        for (int k = 0; k < 3; k++) {
            int32_t s = nbl__view_at(view, e)->shift[k] + view->w[k];
            fits &= s == (int8_t)s;
        }
    return fits;
}

bool nbl__sink_wants_pairs(const nbl__sink *sink)
{
    const nbl_outputs *out = &sink->out;
    return out->i || out->j || out->edge_index || out->pairs || out->shifts || out->vectors || out->distances;
}

static size_t real_size(const nbl_outputs *out)
{
    return out->real_dtype == NBL_FLOAT32 ? sizeof(float) : sizeof(double);
}

/* What a dense row has beyond its entries; all-zero bytes are 0 in every type. */
static void pad_dense_row(const nbl_outputs *out, int64_t at, int64_t count)
{
    int64_t rest = out->dense_width - count;
    size_t real = real_size(out), shift = out->shift_dtype == NBL_INT8 ? sizeof(int8_t) : sizeof(int32_t);
    if (out->j && out->index_dtype == NBL_INT32)
        fill_int32(out->j, at + count, 1, rest, out->dense_fill);
    else if (out->j)
        fill_int64(out->j, at + count, 1, rest, out->dense_fill);
    if (out->shifts)
        memset((char *)out->shifts + 3 * (size_t)(at + count) * shift, 0, 3 * (size_t)rest * shift);
    if (out->vectors)
        memset((char *)out->vectors + 3 * (size_t)(at + count) * real, 0, 3 * (size_t)rest * real);
    if (out->distances)
        memset((char *)out->distances + (size_t)(at + count) * real, 0, (size_t)rest * real);
}

static void write_indices(const nbl_outputs *out, int64_t at, const nbl__view *view)
{
    bool narrow = out->index_dtype == NBL_INT32;
    void (*fill)(void *, int64_t, int64_t, int64_t, int64_t) = narrow ? fill_int32 : fill_int64;
    void (*atoms)(void *, int64_t, int64_t, const nbl__view *, int64_t) = narrow ? atoms_int32 : atoms_int64;
    int64_t base = out->index_base, i = view->atom + base;
    if (out->i)
        fill(out->i, at, 1, view->count, i);
    if (out->j)
        atoms(out->j, at, 1, view, base);
    if (out->edge_index) {
        fill(out->edge_index, at, 1, view->count, i);
        atoms(out->edge_index, out->edge_index_stride + at, 1, view, base);
    }
    if (out->pairs) {
        fill(out->pairs, 2 * at, 2, view->count, i);
        atoms(out->pairs, 2 * at + 1, 2, view, base);
    }
}

void nbl__sink_row_at(const nbl__sink *sink, const nbl__view *view, int64_t at)
{
    const nbl_outputs *out = &sink->out;
    write_indices(out, at, view);
    if (out->shifts && out->shift_dtype == NBL_INT8)
        shifts_int8(out->shifts, at, view);
    else if (out->shifts)
        shifts_int32(out->shifts, at, view);
    if (out->vectors || out->distances) {
        const double(*h)[3] = sink->lattice->h;
        if (out->real_dtype == NBL_FLOAT32)
            reals_float32(out->vectors, out->distances, at, view, sink->r, h);
        else
            reals_float64(out->vectors, out->distances, at, view, sink->r, h);
    }
}

nbl_status nbl__sink_row(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    const nbl__sink *sink = context;
    if (sink->out.layout == NBL_LAYOUT_DENSE) {
        int64_t at = view->atom * sink->out.dense_width;
        nbl__sink_row_at(sink, view, at);
        pad_dense_row(&sink->out, at, view->count);
    } else {
        nbl__sink_row_at(sink, view, sink->rows->offset[view->atom]);
    }
    return NBL_OK;
}

void nbl__sink_row_arrays(const nbl__sink *sink)
{
    const nbl_outputs *out = &sink->out;
    const nbl__rows *rows = sink->rows;
    bool narrow = out->offset_dtype == NBL_INT32;
    for (int64_t i = 0; out->row_ptr && i <= rows->n; i++) {
        int64_t value = rows->offset[i] + out->index_base;
        if (narrow)
            ((int32_t *)out->row_ptr)[i] = (int32_t)value;
        else
            ((int64_t *)out->row_ptr)[i] = value;
    }
    for (int64_t i = 0; out->counts && i < rows->n; i++) {
        if (narrow)
            ((int32_t *)out->counts)[i] = (int32_t)rows->count[i];
        else
            ((int64_t *)out->counts)[i] = rows->count[i];
    }
}
