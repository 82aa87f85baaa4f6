/* SPDX-License-Identifier: MIT */
/* What a fetch has to write, entry by entry, from the table of nbl_outputs in the header. */
#include <string.h>

#include "structs.h"

/* The outputs with their types said, and where things go. */
typedef struct layout {
    nbl_outputs out;
    const plain *list;
    arrays_of *to;
} layout;

static void put_index(uint8_t *array, int64_t at, int64_t value, int32_t dtype)
{
    const int32_t narrow = (int32_t)value;
    if (dtype == NBL_INT32)
        memcpy(array + (size_t)at * sizeof narrow, &narrow, sizeof narrow);
    else
        memcpy(array + (size_t)at * sizeof value, &value, sizeof value);
}

static void put_real(uint8_t *array, int64_t at, double value, int32_t dtype)
{
    const float narrow = (float)value;
    if (dtype == NBL_FLOAT32)
        memcpy(array + (size_t)at * sizeof narrow, &narrow, sizeof narrow);
    else
        memcpy(array + (size_t)at * sizeof value, &value, sizeof value);
}

static void put_shift(uint8_t *array, int64_t at, int32_t value, int32_t dtype)
{
    const int8_t narrow = (int8_t)value;
    if (dtype == NBL_INT8)
        memcpy(array + at, &narrow, sizeof narrow);
    else
        memcpy(array + (size_t)at * sizeof value, &value, sizeof value);
}

static void put_indices(const layout *l, int64_t e, int64_t at)
{
    const nbl_outputs *o = &l->out;
    const int64_t system = l->list->i[e] / ATOMS_OF, first = o->local_indices ? system * ATOMS_OF : 0;
    const int64_t i = l->list->i[e] - first + o->index_base, j = l->list->j[e] - first + o->index_base;
    if (o->i)
        put_index(l->to->bytes[OF_I], at, i, o->index_dtype);
    if (o->j)
        put_index(l->to->bytes[OF_J], at, j, o->index_dtype);
    if (o->edge_index) {
        put_index(l->to->bytes[OF_EDGES], at, i, o->index_dtype);
        put_index(l->to->bytes[OF_EDGES], at + o->edge_index_stride, j, o->index_dtype);
    }
    if (o->pairs) {
        put_index(l->to->bytes[OF_PAIRS], 2 * at, i, o->index_dtype);
        put_index(l->to->bytes[OF_PAIRS], 2 * at + 1, j, o->index_dtype);
    }
    if (o->batch)
        put_index(l->to->bytes[OF_BATCH], at, system + o->index_base, o->index_dtype);
}

static void put_geometry(const layout *l, int64_t at, const int32_t s[3], const double d[3], double x)
{
    const nbl_outputs *o = &l->out;
    for (int k = 0; k < 3; k++) {
        if (o->shifts)
            put_shift(l->to->bytes[OF_SHIFTS], 3 * at + k, s[k], o->shift_dtype);
        if (o->vectors)
            put_real(l->to->bytes[OF_VECTORS], 3 * at + k, d[k], o->real_dtype);
    }
    if (o->distances)
        put_real(l->to->bytes[OF_DISTANCES], at, x, o->real_dtype);
}

static int64_t mirror_of(const plain *list, int64_t e)
{
    const int32_t *s = list->s[e];
    for (int64_t f = 0; f < list->m; f++) {
        const int32_t *t = list->s[f];
        if (list->i[f] == list->j[e] && list->j[f] == list->i[e] && t[0] == -s[0] && t[1] == -s[1] &&
            t[2] == -s[2])
            return f;
    }
    return -1; /* no pair of a full list is without */
}

static void put_row(const layout *l, int64_t row)
{
    static const int32_t no_shift[3];
    static const double no_vector[3];
    const nbl_outputs *o = &l->out;
    const int64_t first = l->list->ptr[row], count = l->list->ptr[row + 1] - first;
    const int dense = o->layout == NBL_LAYOUT_DENSE;
    const int64_t at = dense ? row * o->dense_width : first;
    if (o->counts)
        put_index(l->to->bytes[OF_COUNTS], row, count, o->offset_dtype);
    for (int64_t k = 0; k < count; k++) {
        put_indices(l, first + k, at + k);
        put_geometry(l, at + k, l->list->s[first + k], l->list->d[first + k], l->list->x[first + k]);
        if (o->reverse)
            put_index(l->to->bytes[OF_REVERSE], at + k, mirror_of(l->list, first + k) + o->index_base,
                      o->offset_dtype);
    }
    for (int64_t k = count; dense && k < o->dense_width; k++) {
        if (o->j)
            put_index(l->to->bytes[OF_J], at + k, o->dense_fill, o->index_dtype);
        put_geometry(l, at + k, no_shift, no_vector, 0);
    }
}

static int32_t or_default(int32_t dtype, int32_t standard)
{
    return dtype == 0 ? standard : dtype;
}

/* A fetch that succeeds had room for everything. */
static void require_room(const plain *list, const nbl_outputs *o)
{
    const int dense = o->layout == NBL_LAYOUT_DENSE;
    const int pairs = o->i || o->j || o->edge_index || o->pairs || o->shifts || o->vectors || o->distances ||
                      o->reverse || o->batch;
    REQUIRE(!pairs || dense || o->pair_capacity >= list->m);
    REQUIRE(!pairs || !dense || (o->dense_width >= list->most && o->row_capacity >= list->rows));
    REQUIRE(!o->edge_index || o->edge_index_stride >= list->m);
    REQUIRE(!(o->row_ptr || o->counts) || o->row_capacity >= list->rows);
    REQUIRE(!(o->edge_ptr || o->atom_ptr) || o->system_capacity >= SYSTEMS);
}

void fuzz_expect(const plain *list, const nbl_outputs *outputs, arrays_of *to)
{
    layout l = {*outputs, list, to};
    nbl_outputs *o = &l.out;
    o->index_dtype = or_default(o->index_dtype, NBL_INT64);
    o->offset_dtype = or_default(o->offset_dtype, NBL_INT64);
    o->shift_dtype = or_default(o->shift_dtype, NBL_INT32);
    o->real_dtype = or_default(o->real_dtype, NBL_FLOAT64);
    if (o->edge_index_stride == 0)
        o->edge_index_stride = o->pair_capacity;
    require_room(list, o);
    for (int64_t row = 0; row < list->rows; row++)
        put_row(&l, row);
    for (int64_t row = 0; o->row_ptr && row <= list->rows; row++)
        put_index(to->bytes[OF_ROW_PTR], row, list->ptr[row] + o->index_base, o->offset_dtype);
    for (int64_t b = 0; b <= SYSTEMS; b++) {
        const int64_t row = b * ATOMS_OF < list->rows ? b * ATOMS_OF : list->rows;
        if (o->edge_ptr)
            put_index(to->bytes[OF_EDGE_PTR], b, list->ptr[row] + o->index_base, o->offset_dtype);
        if (o->atom_ptr)
            put_index(to->bytes[OF_ATOM_PTR], b, row + o->index_base, o->offset_dtype);
    }
}
