/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <inttypes.h>
#include <string.h>

#include "api/handle.h"
#include "base/size.h"
#include "base/struct.h"
#include "cell/load.h"

/* Rows of the result, in the form that the reference compares. */
typedef struct reader {
    nbl__verify verify;
    const nbl_result *result;
    nbl__buffer arrays; /* j, shifts, vectors, distances of one row */
    nbl__buffer pairs;
    nbl__fault fault;
} reader;

static nbl_status read_row(reader *in, const nbl__view *view)
{
    const size_t count = view->count;
    nbl_status status = nbl__buffer_reserve(in->verify.memory, &in->pairs,
                                            nbl__size_mul(count, sizeof(nbl__verify_pair)), &in->fault);
    const size_t item = sizeof(int64_t) + 4 * sizeof(double) + 3 * sizeof(int32_t);
    if (status == NBL_OK)
        status = nbl__buffer_reserve(in->verify.memory, &in->arrays, nbl__size_mul(count, item), &in->fault);
    if (status != NBL_OK || count == 0)
        return status;
    int64_t *j = in->arrays.data;
    double *distances = (double *)(void *)(j + count);
    double *vectors = distances + count;
    int32_t *shifts = (int32_t *)(void *)(vectors + 3 * count);
    nbl__sink sink = {.r = (const double(*)[3])in->result->system->r, .lattice = &in->result->system->lattice};
    sink.out.index_dtype = NBL_INT64;
    sink.out.shift_dtype = NBL_INT32;
    sink.out.real_dtype = NBL_FLOAT64;
    sink.out.j = j;
    sink.out.distances = distances;
    sink.out.vectors = vectors;
    sink.out.shifts = shifts;
    nbl__sink_row_at(&sink, view, 0);
    nbl__verify_pair *pairs = in->pairs.data;
    for (size_t e = 0; e < count; e++) {
        memset(&pairs[e], 0, sizeof pairs[e]);
        pairs[e].j = j[e];
        memcpy(pairs[e].shift, shifts + 3 * e, sizeof pairs[e].shift);
        memcpy(pairs[e].d, vectors + 3 * e, sizeof pairs[e].d);
        pairs[e].distance = distances[e];
    }
    return NBL_OK;
}

static nbl_status verify_row(void *context, int thread, const nbl__view *view)
{
    (void)thread;
    reader *in = context;
    nbl_status status = read_row(in, view);
    if (status != NBL_OK)
        return status;
    return nbl__verify_row(&in->verify, view->atom, in->pairs.data, view->count, &in->fault);
}

/* Rows that the result does not have though the caller's input asks for them. */
static nbl_status verify_rest(reader *in)
{
    nbl_status status = NBL_OK;
    if (in->result->centers)
        return status;
    for (int64_t i = in->result->list.rows.n; i < in->verify.n && status == NBL_OK; i++)
        status = nbl__verify_row(&in->verify, i, NULL, 0, &in->fault);
    return status;
}

static nbl_status say_verdict(nbl_result *result, const nbl_verify_report *report)
{
    static const char *const names[] = {"equal", "missing pair", "extra pair",
                                        "wrong vector, distance or order"};
    if (report->verdict == NBL_VERIFY_EQUAL)
        return NBL_OK;
    return nbl__say(result->message, NBL_EVERIFY,
                    "%s: i = %" PRId64 ", j = %" PRId64 ", shift = (%" PRId32 ", %" PRId32 ", %" PRId32
                    "), |d| = %.17g (%.17g with more digits), cutoff = %.17g",
                    names[report->verdict], report->i, report->j, report->shift[0], report->shift[1],
                    report->shift[2], report->distance, report->distance_long, result->query.cutoff);
}

/* Loads the caller's input afresh: nothing that the build computed is trusted. */
static nbl_status load(reader *in, const nbl__input *input, nbl__lattice *lattice, nbl__buffer *positions)
{
    double h[3][3];
    nbl__fault *fault = &in->fault;
    nbl_status status = nbl__load_cell(h, input->cell, input->cell_dtype, input->pbc, fault);
    if (status == NBL_OK)
        status = nbl__lattice_init(lattice, h, input->pbc, fault);
    if (status == NBL_OK)
        status = nbl__buffer_reserve(in->verify.memory, positions,
                                     nbl__size_of_count((uint64_t)input->n, 3 * sizeof(double)), fault);
    if (status == NBL_OK)
        status = nbl__load_positions(positions->data, input->n, input->positions, input->positions_dtype,
                                     input->positions_stride, fault);
    in->verify.r = (const double(*)[3])positions->data;
    in->verify.lattice = lattice;
    in->verify.n = input->n;
    return status;
}

static nbl_status verify_all(nbl_result *result, const nbl__input *input, nbl_verify_report *report)
{
    nbl__lattice lattice;
    nbl__buffer positions = {NULL, 0};
    nbl__query query = result->query;
    query.n_threads = 1;
    reader in = {.result = result};
    in.verify.memory = &result->memory;
    in.verify.cutoff = query.cutoff;
    in.verify.half = query.half;
    in.verify.inclusive = query.inclusive;
    in.verify.self = query.self;
    in.verify.sorted = query.sorted;
    nbl_status status = load(&in, input, &lattice, &positions);
    if (status == NBL_OK) {
        nbl__fault fault = {.what = NBL__FAULT_NONE};
        status = nbl__list_visit(&result->list, result->system, &query, verify_row, &in, &fault);
        if (fault.what != NBL__FAULT_NONE)
            in.fault = fault;
    }
    if (status == NBL_OK)
        status = verify_rest(&in);
    if (status != NBL_OK)
        nbl__say_fault(result->message, status, &in.fault);
    nbl__buffer_free(&result->memory, &in.verify.reference);
    nbl__buffer_free(&result->memory, &in.verify.scratch);
    nbl__buffer_free(&result->memory, &in.arrays);
    nbl__buffer_free(&result->memory, &in.pairs);
    nbl__buffer_free(&result->memory, &positions);
    *report = in.verify.report;
    return status;
}

nbl_status nbl_verify(nbl_result *result, int32_t list, int64_t n, const void *positions, const void *cell,
                      const uint8_t *pbc, const nbl_build_options *options, nbl_verify_report *report)
{
    if (!result)
        return NBL_ENULL;
    result->message[0] = '\0';
    nbl_build_options own;
    nbl__input input;
    nbl_verify_report found;
    if (report && nbl__struct_check(report, sizeof *report) != NBL_OK)
        return nbl__say(result->message, NBL_ESTRUCT, "report: size is %zu", report->size);
    nbl_status status = nbl__result_check(result, list);
    if (status == NBL_OK)
        status = nbl__read_build_options(&own, options, result->message);
    if (status == NBL_OK)
        status = nbl__read_input(&input, n, positions, cell, pbc, &own, result->message);
    if (status == NBL_OK)
        status = verify_all(result, &input, &found);
    if (status != NBL_OK)
        return status;
    if (report)
        nbl__struct_write(report, sizeof *report, &found, sizeof found);
    return say_verdict(result, &found);
}
