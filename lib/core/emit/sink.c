/* SPDX-License-Identifier: MIT */
#include "emit/sink.h"

#include <math.h>
#include <string.h>

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
    if (out->local_indices != 0 && out->local_indices != 1)
        return refuse(fault, NBL_EOPTION, "local_indices", 0, out->local_indices);
    if (out->reserved != 0)
        return refuse(fault, NBL_EOPTION, "reserved", 0, out->reserved);
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
        {"pair_capacity", out->pair_capacity},         {"row_capacity", out->row_capacity},
        {"edge_index_stride", out->edge_index_stride}, {"dense_width", out->dense_width},
        {"system_capacity", out->system_capacity},
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
    if (dense && out->batch)
        return refuse(fault, NBL_ECONFLICT, "batch in the dense layout", 0, 0);
    if (out->reverse && half)
        return refuse(fault, NBL_ECONFLICT, "reverse of a half list", 0, 0);
    if (out->reverse && centers)
        return refuse(fault, NBL_ECONFLICT, "reverse of a list with n_centers", 0, 0);
    return NBL_OK;
}

static nbl_status check_capacities(const nbl__sink *sink, nbl__sink_fault *fault)
{
    const nbl_outputs *out = &sink->out;
    const nbl__rows *rows = sink->rows;
    bool dense = out->layout == NBL_LAYOUT_DENSE;
    bool per_pair = nbl__sink_wants_pairs(sink) || out->reverse;
    bool per_row = out->row_ptr || out->counts || (dense && per_pair);
    if (per_row && out->row_capacity < rows->n)
        return refuse(fault, NBL_ECAPACITY, "row_capacity", rows->n, out->row_capacity);
    if ((out->edge_ptr || out->atom_ptr) && out->system_capacity < sink->n_systems)
        return refuse(fault, NBL_ECAPACITY, "system_capacity", sink->n_systems, out->system_capacity);
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

/* What must fit int32: the largest index of its kind, and the name of an output that has it. */
static nbl_status check_offsets(const nbl__sink *sink, nbl__sink_fault *fault)
{
    const nbl_outputs *out = &sink->out;
    const nbl__rows *rows = sink->rows;
    const struct {
        bool wanted;
        const char *what;
        int64_t largest;
    } offsets[] = {
        {out->row_ptr, "row_ptr", rows->total + out->index_base},
        {out->edge_ptr, "edge_ptr", rows->total + out->index_base},
        {out->atom_ptr, "atom_ptr", rows->n + out->index_base},
        {out->reverse, "reverse", rows->total - 1 + out->index_base},
        {out->counts, "counts", rows->max_count},
    };
    for (size_t k = 0; k < sizeof offsets / sizeof *offsets; k++)
        if (offsets[k].wanted && offsets[k].largest > INT32_MAX)
            return refuse(fault, NBL_ENARROW, offsets[k].what, offsets[k].largest, INT32_MAX);
    return NBL_OK;
}

static nbl_status check_widths(const nbl__sink *sink, nbl__sink_fault *fault)
{
    const nbl_outputs *out = &sink->out;
    bool dense = out->layout == NBL_LAYOUT_DENSE;
    nbl_status status = out->offset_dtype == NBL_INT32 ? check_offsets(sink, fault) : NBL_OK;
    if (status != NBL_OK || out->index_dtype != NBL_INT32)
        return status;
    if (dense && out->j && out->dense_fill != (int32_t)out->dense_fill)
        return refuse(fault, NBL_ENARROW, "dense_fill", out->dense_fill, INT32_MAX);
    const int64_t last = sink->first[sink->n_systems] - 1 + out->index_base;
    if (!out->local_indices && last > INT32_MAX && (out->i || out->j || out->edge_index || out->pairs))
        return refuse(fault, NBL_ENARROW, "an index", last, INT32_MAX);
    return NBL_OK;
}

nbl_status nbl__sink_check(nbl__sink *sink, bool half, bool centers, nbl__sink_fault *fault)
{
    nbl_status status = resolve(&sink->out, fault);
    if (status == NBL_OK)
        status = check_conflicts(&sink->out, half, centers, fault);
    if (status == NBL_OK)
        status = check_capacities(sink, fault);
    if (status == NBL_OK)
        status = check_widths(sink, fault);
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
    for (uint32_t e = 0; view->images && e < view->count; e++) {
        const nbl__image image = nbl__view_at(view, e);
        for (int k = 0; k < 3; k++) {
            int32_t s = image.shift[k] + view->w[k];
            fits &= s == (int8_t)s;
        }
    }
    return fits;
}

bool nbl__sink_wants_pairs(const nbl__sink *sink)
{
    const nbl_outputs *out = &sink->out;
    return out->i || out->j || out->edge_index || out->pairs || out->shifts || out->vectors || out->distances ||
           out->batch;
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

static void *entry(void *array, int64_t at, size_t item)
{
    return (char *)array + (size_t)at * item;
}

static size_t index_size(const nbl_outputs *out)
{
    return out->index_dtype == NBL_INT32 ? sizeof(int32_t) : sizeof(int64_t);
}

/* Whether the row is one of numbers that refer to images, of which j and shifts are one pass. */
static bool has_images(const nbl__view *view)
{
    return view->number && view->images;
}

/* i to one array and j to another, either of which may be NULL, and shifts of a row of images. */
static void write_pairs(const nbl__sink *sink, void *i, void *j, int64_t at, const nbl__view *view,
                        int32_t *shifts)
{
    const nbl_outputs *out = &sink->out;
    const bool narrow = out->index_dtype == NBL_INT32;
    const nbl__expand *expand = sink->expand;
    const int64_t base = out->index_base + (out->local_indices ? 0 : view->first);
    void *to_i = i ? entry(i, at, index_size(out)) : NULL, *to_j = j ? entry(j, at, index_size(out)) : NULL;
    if (has_images(view)) {
        (narrow ? expand->pairs32 : expand->pairs64)(view, base, to_i, to_j, shifts);
        return;
    }
    if (i)
        (narrow ? expand->fill32 : expand->fill64)(to_i, view->count, view->atom + base);
    if (j && view->number)
        (narrow ? expand->atoms32 : expand->atoms64)(to_j, view->number, view->count, base);
    else if (j)
        (narrow ? atoms_int32 : atoms_int64)(j, at, 1, view, base);
}

static void *lower_row(const nbl_outputs *out)
{
    return out->edge_index ? entry(out->edge_index, out->edge_index_stride, index_size(out)) : NULL;
}

/* Where i and j stand beside each other, and what tells the system. */
static void write_rest(const nbl__sink *sink, int64_t at, const nbl__view *view)
{
    const nbl_outputs *out = &sink->out;
    const bool narrow = out->index_dtype == NBL_INT32;
    const int64_t base = out->index_base + (out->local_indices ? 0 : view->first);
    if (out->pairs) {
        (narrow ? fill_int32 : fill_int64)(out->pairs, 2 * at, 2, view->count, view->atom + base);
        (narrow ? atoms_int32 : atoms_int64)(out->pairs, 2 * at + 1, 2, view, base);
    }
    if (out->batch)
        (narrow ? sink->expand->fill32 : sink->expand->fill64)(entry(out->batch, at, index_size(out)),
                                                               view->count, view->system + out->index_base);
}

static void write_reals(const nbl__sink *sink, int64_t at, const nbl__view *view)
{
    const nbl_outputs *out = &sink->out;
    const bool narrow = out->real_dtype == NBL_FLOAT32;
    const size_t item = real_size(out);
    if (view->number)
        (narrow ? sink->expand->reals32
                : sink->expand->reals64)(view, out->vectors ? entry(out->vectors, 3 * at, item) : NULL,
                                         out->distances ? entry(out->distances, at, item) : NULL);
    else
        (narrow ? reals_float32 : reals_float64)(out->vectors, out->distances, at, view);
}

void nbl__sink_row_at(const nbl__sink *sink, const nbl__view *view, int64_t at)
{
    const nbl_outputs *out = &sink->out;
    const bool narrow_shifts = out->shift_dtype == NBL_INT8;
    int32_t *shifts =
        out->shifts && !narrow_shifts && has_images(view) ? (int32_t *)out->shifts + 3 * at : NULL;
    if (out->i || out->j || shifts)
        write_pairs(sink, out->i, out->j, at, view, shifts);
    if (out->edge_index)
        write_pairs(sink, out->edge_index, lower_row(out), at, view, NULL);
    if (out->pairs || out->batch)
        write_rest(sink, at, view);
    if (out->shifts && narrow_shifts)
        shifts_int8(out->shifts, at, view);
    else if (out->shifts && !shifts)
        shifts_int32(out->shifts, at, view);
    if (out->vectors || out->distances)
        write_reals(sink, at, view);
}

size_t nbl__sink_pair_bytes(const nbl__sink *sink)
{
    const nbl_outputs *out = &sink->out;
    const size_t index = index_size(out), real = real_size(out);
    const size_t shift = out->shift_dtype == NBL_INT8 ? sizeof(int8_t) : sizeof(int32_t);
    return (out->i ? index : 0) + (out->j ? index : 0) + (out->batch ? index : 0) +
           (out->edge_index ? 2 * index : 0) + (out->pairs ? 2 * index : 0) + (out->shifts ? 3 * shift : 0) +
           (out->vectors ? 3 * real : 0) + (out->distances ? real : 0);
}

/* Arrays that are not at multiples of 4 bytes are left to rows. */
static bool fits_series(const nbl__series_arrays *a)
{
    const uintptr_t all = (uintptr_t)a->i | (uintptr_t)a->j | (uintptr_t)a->shifts | (uintptr_t)a->vectors |
                          (uintptr_t)a->distances;
    return all % sizeof(int32_t) == 0;
}

nbl__sink_plain nbl__sink_take_plain(nbl__sink *sink)
{
    nbl_outputs *out = &sink->out;
    const nbl__expand *expand = sink->expand;
    const bool narrow = out->index_dtype == NBL_INT32, with_edges = !out->i && !out->j;
    nbl__sink rest = *sink;
    nbl__sink_plain plain = {.arrays = {.i = with_edges ? out->edge_index : out->i,
                                        .j = with_edges ? lower_row(out) : out->j,
                                        .shifts = out->shift_dtype == NBL_INT8 ? NULL : out->shifts,
                                        .vectors = out->vectors,
                                        .distances = out->distances,
                                        .floats = out->real_dtype == NBL_FLOAT32},
                             .index = index_size(out),
                             .real = real_size(out),
                             .base = out->index_base,
                             .local = out->local_indices != 0};
    const nbl__series_arrays *arrays = &plain.arrays;
    const bool pairs = arrays->i || arrays->j || arrays->shifts, reals = arrays->vectors || arrays->distances;
    rest.out.i = rest.out.j = rest.out.vectors = rest.out.distances = NULL;
    if (with_edges)
        rest.out.edge_index = NULL;
    if (arrays->shifts)
        rest.out.shifts = NULL;
    if (out->layout != NBL_LAYOUT_PAIRS)
        return plain;
    if ((pairs || reals) && fits_series(arrays))
        plain.series = narrow ? expand->series32 : expand->series64;
    if (pairs && !reals && !plain.series && !nbl__sink_wants_pairs(&rest))
        plain.row = narrow ? expand->pairs32 : expand->pairs64;
    if (plain.series || plain.row)
        *sink = rest;
    return plain;
}

static int64_t plain_base(const nbl__sink_plain *plain, const nbl__view *view)
{
    return plain->base + (plain->local ? 0 : view->first);
}

static void *maybe_entry(void *array, int64_t at, size_t item)
{
    return array ? entry(array, at, item) : NULL;
}

nbl__series_arrays nbl__sink_plain_arrays(const nbl__sink_plain *plain, int64_t at)
{
    const nbl__series_arrays *from = &plain->arrays;
    return (nbl__series_arrays){.i = maybe_entry(from->i, at, plain->index),
                                .j = maybe_entry(from->j, at, plain->index),
                                .shifts = maybe_entry(from->shifts, 3 * at, sizeof *from->shifts),
                                .vectors = maybe_entry(from->vectors, 3 * at, plain->real),
                                .distances = maybe_entry(from->distances, at, plain->real),
                                .floats = from->floats};
}

void nbl__sink_plain_row(const nbl__sink_plain *plain, const nbl__view *view, int64_t at)
{
    const nbl__series_arrays to = nbl__sink_plain_arrays(plain, at);
    plain->row(view, plain_base(plain, view), to.i, to.j, to.shifts);
}

void nbl__sink_plain_series(const nbl__sink_plain *plain, nbl__series series, const nbl__view *view, int64_t at)
{
    const nbl__series_arrays to = nbl__sink_plain_arrays(plain, at);
    series.base = plain_base(plain, view);
    plain->series(&series, &to);
}

nbl_status nbl__sink_row(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    const nbl__sink *sink = context;
    if (sink->out.layout == NBL_LAYOUT_DENSE) {
        int64_t at = (view->first + view->atom) * sink->out.dense_width;
        nbl__sink_row_at(sink, view, at);
        pad_dense_row(&sink->out, at, view->count);
    } else {
        nbl__sink_row_at(sink, view, sink->rows->offset[view->first + view->atom]);
    }
    return NBL_OK;
}

/* What belongs to the row and not to the pair. */
static void stretch_rows(const nbl__sink *sink, const nbl__view *view, int64_t first, int64_t n,
                         const int32_t (*w)[3], bool with_shifts)
{
    nbl__sink rest = *sink;
    nbl__view row = *view;
    rest.out.i = rest.out.j = rest.out.edge_index = rest.out.batch = NULL;
    if (!with_shifts)
        rest.out.shifts = NULL;
    for (int64_t k = 0; k < n; k++, row.atom++) {
        row.count = sink->rows->count[first + k];
        if (w)
            memcpy(row.w, w[k], sizeof row.w);
        nbl__sink_row_at(&rest, &row, sink->rows->offset[first + k]);
        row.number += row.count;
    }
}

/* Shifts of open systems. */
static void write_zeros(const nbl__sink *sink, int64_t at, int64_t pairs)
{
    if (sink->out.shift_dtype == NBL_INT8)
        memset(entry(sink->out.shifts, 3 * at, sizeof(int8_t)), 0, 3 * (size_t)pairs);
    else
        (sink->zeros ? sink->zeros : sink->expand)
            ->fill32(entry(sink->out.shifts, 3 * at, sizeof(int32_t)), 3 * pairs, 0);
}

void nbl__sink_take_batch(nbl__sink *sink, int64_t system, int64_t first, int64_t end)
{
    nbl_outputs *out = &sink->out;
    const bool narrow = out->index_dtype == NBL_INT32;
    const nbl__expand_fill fill = narrow ? sink->expand->fill32 : sink->expand->fill64;
    const int64_t *offset = sink->rows->offset;
    for (int64_t row = first; out->batch && row < end; system++) {
        const int64_t last = sink->first[system + 1] < end ? sink->first[system + 1] : end;
        fill(entry(out->batch, offset[row], index_size(out)), offset[last] - offset[row],
             system + out->index_base);
        row = last;
    }
    out->batch = NULL;
}

/* j, batch, and shifts that do not depend on the row, run on from row to row. */
void nbl__sink_stretch(const nbl__sink *sink, const nbl__view *view, int64_t first, int64_t n,
                       const int32_t (*w)[3])
{
    const nbl_outputs *out = &sink->out;
    const bool narrow = out->index_dtype == NBL_INT32, plain = !view->images;
    const int64_t at = sink->rows->offset[first];
    const uint32_t *counts = sink->rows->count + first;
    const int64_t i = view->atom + out->index_base + (out->local_indices ? 0 : view->first);
    const size_t index = index_size(out),
                 shift = out->shift_dtype == NBL_INT8 ? sizeof(int8_t) : sizeof(int32_t);
    nbl__view whole = *view;
    whole.count = (uint32_t)(sink->rows->offset[first + n] - at);
    const bool by_row = out->shifts && !plain && (shift == sizeof(int8_t) || nbl__series_is_moved(w, n));
    int32_t *shifts = out->shifts && !plain && !by_row ? (int32_t *)out->shifts + 3 * at : NULL;
    for (int k = 0; k < 2; k++) {
        void *to = k ? out->edge_index : out->i;
        if (to)
            (narrow ? sink->expand->rows32 : sink->expand->rows64)(entry(to, at, index), counts, n, i);
    }
    if (out->j || shifts)
        write_pairs(sink, NULL, out->j, at, &whole, shifts);
    if (out->edge_index)
        write_pairs(sink, NULL, lower_row(out), at, &whole, NULL);
    if (out->batch)
        (narrow ? sink->expand->fill32 : sink->expand->fill64)(entry(out->batch, at, index), whole.count,
                                                               view->system + out->index_base);
    if (out->shifts && plain)
        write_zeros(sink, at, whole.count);
    if (by_row || out->pairs || out->vectors || out->distances)
        stretch_rows(sink, view, first, n, w, by_row);
}

static void put(void *out, bool narrow, int64_t at, int64_t value)
{
    if (narrow)
        ((int32_t *)out)[at] = (int32_t)value;
    else
        ((int64_t *)out)[at] = value;
}

void nbl__sink_row_arrays(const nbl__sink *sink)
{
    const nbl_outputs *out = &sink->out;
    const nbl__rows *rows = sink->rows;
    const bool narrow = out->offset_dtype == NBL_INT32;
    for (int64_t i = 0; out->row_ptr && i <= rows->n; i++)
        put(out->row_ptr, narrow, i, rows->offset[i] + out->index_base);
    for (int64_t i = 0; out->counts && i < rows->n; i++)
        put(out->counts, narrow, i, rows->count[i]);
    for (int64_t b = 0; b <= sink->n_systems; b++) {
        /* With n_centers there are fewer rows than atoms. */
        const int64_t row = sink->first[b] < rows->n ? sink->first[b] : rows->n;
        if (out->edge_ptr)
            put(out->edge_ptr, narrow, b, rows->offset[row] + out->index_base);
        if (out->atom_ptr)
            put(out->atom_ptr, narrow, b, row + out->index_base);
    }
}
