/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "take.h"

static uint64_t step(uint64_t hash, uint64_t x)
{
    x = (hash + 0x9e3779b97f4a7c15u) ^ x;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Entry `at` of an array. A float counts as the double of its value. */
static uint64_t entry(const void *array, int32_t dtype, int64_t at)
{
    switch (dtype) {
    case NBL_INT8:
        return (uint64_t)((const int8_t *)array)[at];
    case NBL_INT32:
        return (uint64_t)((const int32_t *)array)[at];
    case NBL_INT64:
        return (uint64_t)((const int64_t *)array)[at];
    case NBL_FLOAT32:
        return bits_of((double)((const float *)array)[at]);
    default:
        return bits_of(((const double *)array)[at]);
    }
}

static size_t width(int32_t dtype)
{
    return dtype == NBL_INT8 ? 1 : dtype == NBL_INT32 || dtype == NBL_FLOAT32 ? 4 : 8;
}

static void *column(int64_t entries, int32_t dtype)
{
    return take(entries, width(dtype));
}

static void fold(uint64_t *hash, const void *array, int32_t dtype, int64_t from, int64_t count)
{
    for (int64_t k = 0; array && k < count; k++)
        *hash = step(*hash, entry(array, dtype, from + k));
}

/* All that is per pair, of pair or dense entry `e`. */
static uint64_t pair_hash(const nbl_outputs *o, uint64_t start, int64_t e)
{
    uint64_t hash = start;
    fold(&hash, o->i, o->index_dtype, e, 1);
    fold(&hash, o->j, o->index_dtype, e, 1);
    if (o->edge_index) {
        fold(&hash, o->edge_index, o->index_dtype, e, 1);
        fold(&hash, o->edge_index, o->index_dtype, o->edge_index_stride + e, 1);
    }
    fold(&hash, o->pairs, o->index_dtype, 2 * e, 2);
    fold(&hash, o->shifts, o->shift_dtype, 3 * e, 3);
    fold(&hash, o->vectors, o->real_dtype, 3 * e, 3);
    fold(&hash, o->distances, o->real_dtype, e, 1);
    fold(&hash, o->batch, o->index_dtype, e, 1);
    return hash;
}

/* All that is per row or system. */
static uint64_t row_hash(const nbl_outputs *o, int64_t rows, int64_t systems)
{
    uint64_t hash = 1;
    fold(&hash, o->row_ptr, o->offset_dtype, 0, rows + 1);
    fold(&hash, o->counts, o->offset_dtype, 0, rows);
    fold(&hash, o->edge_ptr, o->offset_dtype, 0, systems + 1);
    fold(&hash, o->atom_ptr, o->offset_dtype, 0, systems + 1);
    return hash;
}

static void add(struct tally *t, uint64_t sum, uint64_t in_order, uint32_t flags)
{
    uint64_t *order = flags & NBL_SORTED ? &t->sorted : &t->sequence;
    t->values = step(t->values, sum);
    *order = step(*order, in_order);
}

void tally_number(struct tally *t, int64_t number)
{
    t->values = step(t->values, (uint64_t)number);
}

static nbl_status fetch(struct tally *t, nbl_result *result, int32_t list, const nbl_outputs *o, uint32_t flags)
{
    int64_t rows = nbl_result_n_rows(result);
    int64_t entries = o->layout == NBL_LAYOUT_DENSE ? rows * o->dense_width : nbl_result_n_pairs(result, list);
    uint64_t sum = 0, in_order = 0;
    nbl_status status = nbl_result_fetch(result, list, o);
    if (status != NBL_OK)
        return status;
    for (int64_t e = 0; e < entries; e++) {
        uint64_t start = o->layout == NBL_LAYOUT_DENSE ? (uint64_t)(e / o->dense_width) : 0;
        uint64_t hash = pair_hash(o, start, e);
        sum += hash;
        in_order = step(in_order, hash);
    }
    fold(&in_order, o->reverse, o->offset_dtype, 0, entries);
    add(t, step(sum, row_hash(o, rows, nbl_result_n_systems(result))), in_order, flags);
    return NBL_OK;
}

static void free_outputs(nbl_outputs *o)
{
    void *arrays[] = {o->i,       o->j,      o->edge_index, o->pairs, o->shifts,   o->vectors, o->distances,
                      o->row_ptr, o->counts, o->reverse,    o->batch, o->edge_ptr, o->atom_ptr};
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        free(arrays[k]);
}

/* What the three sets of outputs have in common. */
static nbl_outputs rows_of(const nbl_result *result, int32_t index, int32_t offset, int32_t real)
{
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.row_capacity = nbl_result_n_rows(result);
    o.system_capacity = nbl_result_n_systems(result);
    o.index_dtype = index;
    o.offset_dtype = offset;
    o.shift_dtype = NBL_INT32;
    o.real_dtype = real;
    o.row_ptr = column(o.row_capacity + 1, offset);
    o.counts = column(o.row_capacity, offset);
    return o;
}

static nbl_outputs wide(const nbl_result *result, int64_t pairs, int has_reverse)
{
    nbl_outputs o = rows_of(result, NBL_INT64, NBL_INT64, NBL_FLOAT64);
    o.pair_capacity = pairs;
    o.i = column(pairs, o.index_dtype);
    o.j = column(pairs, o.index_dtype);
    o.shifts = column(3 * pairs, o.shift_dtype);
    o.vectors = column(3 * pairs, o.real_dtype);
    o.distances = column(pairs, o.real_dtype);
    if (has_reverse)
        o.reverse = column(pairs, o.offset_dtype);
    return o;
}

static nbl_outputs packed(const nbl_result *result, int64_t pairs, int32_t shift_dtype)
{
    nbl_outputs o = rows_of(result, NBL_INT32, NBL_INT32, NBL_FLOAT32);
    o.pair_capacity = pairs;
    o.index_base = 1;
    o.local_indices = 1;
    o.shift_dtype = shift_dtype;
    o.edge_index_stride = pairs + 3;
    o.edge_index = column(2 * o.edge_index_stride, o.index_dtype);
    o.pairs = column(2 * pairs, o.index_dtype);
    o.shifts = column(3 * pairs, o.shift_dtype);
    o.vectors = column(3 * pairs, o.real_dtype);
    o.distances = column(pairs, o.real_dtype);
    o.batch = column(pairs, o.index_dtype);
    o.edge_ptr = column(o.system_capacity + 1, o.offset_dtype);
    o.atom_ptr = column(o.system_capacity + 1, o.offset_dtype);
    return o;
}

static nbl_outputs dense(const nbl_result *result, int32_t list)
{
    nbl_outputs o = rows_of(result, NBL_INT32, NBL_INT64, NBL_FLOAT64);
    o.layout = NBL_LAYOUT_DENSE;
    o.dense_width = nbl_result_max_count(result, list) + 1;
    o.dense_fill = -7;
    int64_t entries = o.row_capacity * o.dense_width;
    o.j = column(entries, o.index_dtype);
    o.shifts = column(3 * entries, o.shift_dtype);
    o.vectors = column(3 * entries, o.real_dtype);
    o.distances = column(entries, o.real_dtype);
    return o;
}

static void need(nbl_status status, const nbl_result *result)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "fetch: %s: %s\n", nbl_status_name(status), nbl_result_message(result));
    exit(1);
}

void tally_list(struct tally *t, nbl_result *result, int32_t list, uint32_t flags, unsigned ways,
                int has_reverse)
{
    int64_t pairs = nbl_result_n_pairs(result, list);
    nbl_outputs o = wide(result, pairs, has_reverse);
    t->lists++;
    t->pairs += pairs;
    tally_number(t, pairs);
    tally_number(t, nbl_result_max_count(result, list));
    need(fetch(t, result, list, &o, flags), result);
    free_outputs(&o);
    if (ways & 1) {
        o = packed(result, pairs, NBL_INT8);
        nbl_status status = fetch(t, result, list, &o, flags);
        free_outputs(&o);
        tally_number(t, status);
        if (status != NBL_OK) {
            o = packed(result, pairs, NBL_INT32);
            need(fetch(t, result, list, &o, flags), result);
            free_outputs(&o);
        }
    }
    if (ways & 2) {
        o = dense(result, list);
        need(fetch(t, result, list, &o, flags), result);
        free_outputs(&o);
    }
}

int tally_visit(void *user, const nbl_rows *rows)
{
    struct tally *t = &((struct tally_rows *)user)->of[rows->thread];
    for (int32_t k = 0; k < rows->n_rows; k++) {
        uint64_t start = step((uint64_t)rows->system, (uint64_t)(rows->first_atom + rows->i[k]));
        uint64_t in_order = start;
        for (int64_t e = rows->row_ptr[k]; e < rows->row_ptr[k + 1]; e++) {
            uint64_t hash = step(start, (uint64_t)rows->j[e]);
            fold(&hash, rows->shifts, NBL_INT32, 3 * e, 3);
            fold(&hash, rows->vectors, NBL_FLOAT64, 3 * e, 3);
            fold(&hash, rows->d2, NBL_FLOAT64, e, 1);
            if (rows->shells)
                hash = step(hash, rows->shells[e]);
            t->values += hash;
            in_order = step(in_order, hash);
        }
        t->sequence += in_order;
        t->lists++;
        t->pairs += rows->row_ptr[k + 1] - rows->row_ptr[k];
    }
    return 0;
}

void tally_visited(struct tally *t, const struct tally_rows *rows, uint32_t flags)
{
    uint64_t sum = 0, in_order = 0, seen = 0;
    for (int k = 0; k < TALLY_THREADS; k++) {
        sum += rows->of[k].values;
        in_order += rows->of[k].sequence;
        seen += (uint64_t)rows->of[k].lists;
        t->pairs += rows->of[k].pairs;
    }
    t->lists++;
    add(t, step(sum, seen), in_order, flags);
}
