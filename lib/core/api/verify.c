/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "api/handle.h"
#include "base/size.h"
#include "base/struct.h"
#include "batch/loader.h"
#include "cell/load.h"

enum { REPORT_FIRST = NBL__THROUGH(nbl_verify_report, n_close) };

/* Rows of the result, in the form that the reference compares, and the system that they belong to. */
typedef struct reader {
    nbl__verify verify; /* of the current system */
    const nbl_result *result;
    int32_t list;
    const nbl__input *input;
    int64_t system;           /* the current one; negative: none yet */
    nbl_verify_report report; /* of the lowest system with a difference so far, and sums over all */
    nbl__lattice lattice;
    nbl__buffer positions;
    nbl__buffer arrays; /* j, shifts, vectors, distances of one row */
    nbl__buffer pairs;
    nbl__fault fault;
} reader;

/* Adds what was found in the current system to the whole. */
static void conclude_system(reader *in)
{
    const nbl_verify_report *found = &in->verify.report;
    const int64_t n_pairs = in->report.n_pairs + found->n_pairs, n_close = in->report.n_close + found->n_close;
    if (in->system < 0)
        return;
    const bool known = in->report.verdict != NBL_VERIFY_EQUAL && in->report.system < in->system;
    if (found->verdict != NBL_VERIFY_EQUAL && !known) {
        in->report = *found;
        in->report.system = in->system;
    }
    in->report.n_pairs = n_pairs;
    in->report.n_close = n_close;
    memset(&in->verify.report, 0, sizeof in->verify.report);
}

/* The cutoff of the list, and that of the shell inside it, in the current system. */
static void set_cutoffs(reader *in)
{
    const nbl__query *query = &in->result->query;
    const double *cutoffs = nbl__query_cutoffs(query, in->system);
    nbl__verify *verify = &in->verify;
    verify->cutoff = cutoffs[in->list];
    verify->lower = 0.0;
    for (int32_t k = 0; query->disjoint && k < query->n_lists; k++) {
        const bool below = cutoffs[k] < verify->cutoff || (k < in->list && !(cutoffs[k] > verify->cutoff));
        if (below && cutoffs[k] > verify->lower)
            verify->lower = cutoffs[k];
    }
}

/* Loads the caller's input of a system afresh: nothing that the build computed is trusted. */
static nbl_status load_system(reader *in, int64_t system)
{
    const nbl__input *input = in->input;
    const int64_t first = input->first[system], n = input->first[system + 1] - first;
    double h[3][3];
    uint8_t pbc[3];
    nbl__fault *fault = &in->fault;
    conclude_system(in);
    in->system = system;
    set_cutoffs(in);
    nbl__input_pbc(input, system, pbc);
    for (int a = 0; a < 3; a++)
        if (pbc[a] && !nbl__input_cell(input, system)) {
            *fault = (nbl__fault){.what = NBL__FAULT_NO_CELL, .k = a, .b = pbc[a]};
            return NBL_ECELL;
        }
    nbl_status status = nbl__load_cell(h, nbl__input_cell(input, system), input->cell_dtype, pbc, fault);
    if (status == NBL_OK)
        status = nbl__lattice_init(&in->lattice, h, pbc, fault);
    if (status == NBL_OK)
        status = nbl__buffer_reserve(in->verify.memory, &in->positions,
                                     nbl__size_of_count((uint64_t)n, 3 * sizeof(double)), fault);
    if (status == NBL_OK)
        status = nbl__load_positions(in->positions.data, n, nbl__input_positions(input, first),
                                     input->positions_dtype, input->positions_stride, fault);
    in->verify.r = (const double(*)[3])in->positions.data;
    in->verify.lattice = &in->lattice;
    in->verify.n = n;
    return status;
}

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
    nbl__sink sink = {.out = {.local_indices = 1}, .expand = in->result->query.kernels->expand};
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
    nbl_status status = view->system != in->system ? load_system(in, view->system) : NBL_OK;
    if (status == NBL_OK)
        status = read_row(in, view);
    if (status != NBL_OK)
        return status;
    return nbl__verify_row(&in->verify, view->atom, in->pairs.data, view->count, &in->fault);
}

/* Rows that the list of one system does not have though the caller's input asks for them. */
static nbl_status verify_rest(reader *in)
{
    nbl_status status = in->system < 0 ? load_system(in, 0) : NBL_OK;
    for (int64_t i = in->result->list.rows[in->list].n; i < in->verify.n && status == NBL_OK; i++)
        status = nbl__verify_row(&in->verify, i, NULL, 0, &in->fault);
    return status;
}

static nbl_status say_verdict(nbl_result *result, const reader *in)
{
    static const char *const names[] = {"equal", "missing pair", "extra pair",
                                        "wrong vector, distance or order"};
    const nbl_verify_report *report = &in->report;
    char where[40] = "";
    if (report->verdict == NBL_VERIFY_EQUAL)
        return NBL_OK;
    if (result->batch)
        snprintf(where, sizeof where, "system %" PRId64 ": ", report->system);
    return nbl__say(result->message, NBL_EVERIFY,
                    "%s%s: i = %" PRId64 ", j = %" PRId64 ", shift = (%" PRId32 ", %" PRId32 ", %" PRId32
                    "), |d| = %.17g (%.17g with more digits), cutoff = %.17g",
                    where, names[report->verdict], report->i, report->j, report->shift[0], report->shift[1],
                    report->shift[2], report->distance, report->distance_long,
                    nbl__query_cutoffs(&result->query, report->system)[in->list]);
}

/* What is wrong with the caller's input is said as the build would say it. */
static void say_failure(nbl_result *result, const reader *in, nbl_status status)
{
    nbl__refusal refusal = {in->system, status, in->fault};
    if (in->fault.what == NBL__FAULT_BYTES || in->system < 0) {
        nbl__say_fault(result->message, status, &in->fault);
        return;
    }
    if (in->fault.what == NBL__FAULT_POSITION)
        refusal.fault.a += in->input->first[in->system];
    nbl__say_refusal(result->message, &refusal, result->set, result->batch);
}

/* One thread: the rows of a system come one after the other, whether they were kept or are found again. */
static nbl_status verify_all(reader *in, nbl_result *result)
{
    nbl__query query = result->query;
    nbl__memory *memory = &result->memory;
    query.n_threads = 1;
    in->verify.memory = memory;
    in->verify.half = query.half;
    in->verify.inclusive = query.inclusive;
    in->verify.self = query.self;
    in->verify.sorted = query.sorted;
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    nbl_status status = nbl__list_visit(&result->list, result->set, &query, in->list, verify_row, in, &fault);
    if (status != NBL_OK && fault.what != NBL__FAULT_NONE)
        in->fault = fault;
    if (status == NBL_OK && !result->batch && !result->centers)
        status = verify_rest(in);
    conclude_system(in);
    if (status != NBL_OK)
        say_failure(result, in, status);
    nbl__buffer *buffers[] = {&in->verify.reference, &in->verify.scratch, &in->arrays, &in->pairs,
                              &in->positions};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    return status;
}

static nbl_status verify(nbl_result *result, int32_t list, const nbl__input *input, nbl_verify_report *report)
{
    reader in = {.result = result, .list = list, .input = input, .system = -1};
    nbl_status status = verify_all(&in, result);
    if (status != NBL_OK)
        return status;
    if (report) {
        nbl_verify_report found = in.report;
        nbl__struct_write(report, REPORT_FIRST, &found, sizeof found);
    }
    return say_verdict(result, &in);
}

/* What both calls check before they read the caller's input. */
static nbl_status begin(nbl_result *result, int32_t list, const nbl_build_options *options,
                        nbl_build_options *own, const nbl_verify_report *report)
{
    result->message[0] = '\0';
    if (report && nbl__struct_check(report, REPORT_FIRST) != NBL_OK)
        return nbl__say(result->message, NBL_ESTRUCT, "report: size is %zu", report->size);
    nbl_status status = nbl__result_check(result, list);
    return status == NBL_OK ? nbl__read_build_options(own, options, result->message) : status;
}

nbl_status nbl_verify(nbl_result *result, int32_t list, int64_t n, const void *positions, const void *cell,
                      const uint8_t *pbc, const nbl_build_options *options, nbl_verify_report *report)
{
    if (!result)
        return NBL_ENULL;
    nbl_build_options own;
    nbl__input input;
    int64_t first[2];
    nbl_status status = begin(result, list, options, &own, report);
    if (status == NBL_OK && result->batch)
        return nbl__say(result->message, NBL_ECONFLICT,
                        "the result is of a batch: nbl_verify_batch() is for that");
    if (status == NBL_OK)
        status = nbl__read_input(&input, n, positions, cell, pbc, NULL, &own, first, result->message);
    return status == NBL_OK ? verify(result, list, &input, report) : status;
}

/* The same systems, as far as their sizes tell. */
static bool is_alike(const nbl_result *result, const nbl__input *input)
{
    const nbl__set *set = result->set;
    return result->batch && input->n_systems == set->n_systems &&
           memcmp(input->first, set->first, ((size_t)set->n_systems + 1) * sizeof *set->first) == 0;
}

nbl_status nbl_verify_batch(nbl_result *result, int32_t list, const nbl_batch_input *given,
                            const nbl_build_options *options, nbl_verify_report *report)
{
    if (!result)
        return NBL_ENULL;
    nbl_build_options own;
    nbl_batch_input input = NBL_BATCH_INPUT_INIT;
    nbl__input read;
    nbl__buffer first = {NULL, 0};
    nbl_status status = begin(result, list, options, &own, report);
    if (status == NBL_OK && !given)
        return nbl__say(result->message, NBL_ENULL, "input is NULL");
    if (status == NBL_OK && nbl__struct_read(&input, sizeof input, NBL__BATCH_INPUT_FIRST, given) != NBL_OK)
        return nbl__say(result->message, NBL_ESTRUCT,
                        "batch input: size is %zu, or unknown fields are not zero", given->size);
    if (status == NBL_OK)
        status = nbl__read_batch(&read, &input, &own, &result->memory, &first, result->message);
    if (status == NBL_OK && !is_alike(result, &read))
        status = nbl__say(result->message, NBL_ECONFLICT,
                          "the result is not of a batch with these numbers of systems and atoms");
    if (status == NBL_OK)
        status = verify(result, list, &read, report);
    nbl__buffer_free(&result->memory, &first);
    return status;
}
