/* SPDX-License-Identifier: MIT */
/* What the programs of the sink have in common: rows, what has to come out of them, and a sink that they go to.
 */
#ifndef TESTS_UNIT_SINK_SETTING_H
#define TESTS_UNIT_SINK_SETTING_H

#include "emit/sink.h"

#include "check.h"

/*
 * Three atoms in a box of 4: rows of 2, 0 and 3 pairs, the shifts split between image and w as after
 * wrapping. s is what has to come out.
 */
enum { ROWS = 3, PAIRS = 5, MOST = 3 };

/* One atom more than can be named, as emit/expand.h asks for. */
static const double positions[ROWS + 1][3] = {{0.5, 0.25, 0.125}, {1.5, 0, 0}, {-2.0, 3.0, 1.0 / 3.0}};
static const int expected_i[PAIRS] = {0, 0, 2, 2, 2}, expected_j[PAIRS] = {1, 2, 0, 2, 1};
static const int expected_s[PAIRS][3] = {{0, 0, 0}, {1, 0, -1}, {-1, 0, 1}, {127, -128, 3}, {2, 2, 2}};
static const int32_t wrapped[ROWS][3] = {{7, -1, 0}, {0, 0, 0}, {-2, 5, 100}};

/* What the rows are told to be in the batch: atoms 10 ... 12, system 3, three systems before of ten atoms. */
enum { SYSTEMS = 5, SYSTEM = 3, FIRST = 10, ATOMS = FIRST + ROWS + 4 };

static const int64_t alone[] = {0, ROWS}, in_a_batch[SYSTEMS + 1] = {0, 4, 4, FIRST, FIRST + ROWS, ATOMS};

static const nbl__expand *expand; /* of the instruction set at hand */

struct setting {
    nbl__lattice lattice;
    nbl__image images[PAIRS];
    uint32_t numbers[PAIRS];
    uint32_t count[ROWS];
    int64_t offset[ROWS + 1];
    nbl__rows rows;
    nbl__sink sink;
    nbl__sink_fault fault;
};

static inline void open_setting(struct setting *t)
{
    double h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
    const uint8_t pbc[3] = {1, 1, 1};
    nbl__fault fault;
    memset(t, 0, sizeof *t);
    check_int(nbl__lattice_init(&t->lattice, h, pbc, &fault), NBL_OK);
    for (int e = 0; e < PAIRS; e++) {
        int place = (3 * e + 1) % PAIRS;
        t->numbers[e] = (uint32_t)place;
        t->images[place].atom = expected_j[e];
        for (int k = 0; k < 3; k++)
            t->images[place].shift[k] = expected_s[e][k] - wrapped[expected_i[e]][k];
        t->count[expected_i[e]]++;
    }
    for (int i = 0; i < ROWS; i++)
        t->offset[i + 1] = t->offset[i] + t->count[i];
    t->rows = (nbl__rows){.n = ROWS, .count = t->count, .offset = t->offset, .total = PAIRS, .max_count = MOST};
    t->sink = (nbl__sink){
        .out = NBL_OUTPUTS_INIT, .rows = &t->rows, .n_systems = 1, .first = alone, .expand = expand};
    t->sink.out.pair_capacity = PAIRS;
    t->sink.out.row_capacity = ROWS;
    t->sink.out.system_capacity = 1;
    t->sink.out.dense_width = MOST;
}

static inline nbl__view view_of(const struct setting *t, int64_t i)
{
    nbl__view view = {.images = t->images,
                      .number = t->numbers + t->offset[i],
                      .count = t->count[i],
                      .atom = i,
                      .r = positions,
                      .lattice = &t->lattice};
    memcpy(view.w, wrapped[i], sizeof view.w);
    return view;
}

static inline nbl_status check(struct setting *t)
{
    return nbl__sink_check(&t->sink, false, false, &t->fault);
}

static inline void write_all(struct setting *t)
{
    check_int(check(t), NBL_OK);
    for (int64_t i = ROWS - 1; i >= 0; i--) {
        nbl__view view = view_of(t, i);
        check_int(nbl__sink_row(&t->sink, 0, &view), NBL_OK);
    }
    nbl__sink_row_arrays(&t->sink);
}

static inline void set_dtypes(nbl_outputs *out, int variant)
{
    out->index_dtype = variant & 1 ? NBL_INT32 : NBL_DTYPE_DEFAULT;
    out->offset_dtype = variant & 2 ? NBL_INT32 : NBL_DTYPE_DEFAULT;
    out->shift_dtype = variant & 4 ? NBL_INT8 : NBL_DTYPE_DEFAULT;
    out->real_dtype = variant & 8 ? NBL_FLOAT32 : NBL_DTYPE_DEFAULT;
    out->index_base = variant & 16 ? 1 : 0;
}

/* The same rows as those of a system in the middle of a batch; all others are empty. */
static inline void put_into_a_batch(struct setting *t)
{
    static uint32_t count[ATOMS];
    static int64_t offset[ATOMS + 1];
    memset(count, 0, sizeof count);
    for (int i = 0; i < ROWS; i++)
        count[FIRST + i] = t->count[i];
    for (int i = 0; i < ATOMS; i++)
        offset[i + 1] = offset[i] + count[i];
    t->rows = (nbl__rows){.n = ATOMS, .count = count, .offset = offset, .total = PAIRS, .max_count = MOST};
    t->sink.n_systems = SYSTEMS;
    t->sink.first = in_a_batch;
    t->sink.out.row_capacity = ATOMS;
    t->sink.out.system_capacity = SYSTEMS;
}

#endif
