/* SPDX-License-Identifier: MIT */
#include "listing.h"

#include <stdio.h>
#include <string.h>

static int refuse(struct listing *l, const char *step, nbl_status status, const char *message)
{
    snprintf(l->text, sizeof l->text, "%s: %s: %s", step, nbl_status_name(status), message);
    return -1;
}

static int wrong(struct listing *l, const char *what, int64_t at)
{
    snprintf(l->text, sizeof l->text, "%s (at %lld)", what, (long long)at);
    return -1;
}

int listing_open(struct listing *l, const nbl_handle_options *options)
{
    memset(l, 0, sizeof *l);
    nbl_status status = nbl_cell_list_create(&l->list, options);
    if (status == NBL_OK)
        status = nbl_result_create(&l->result, options);
    return status == NBL_OK ? 0 : refuse(l, "create", status, "");
}

void listing_close(struct listing *l)
{
    nbl_result_destroy(&l->result);
    nbl_cell_list_destroy(&l->list);
    for (int k = 0; k < LISTING_BUFFERS; k++)
        guard_free(&l->buffers[k]);
    guard_free(&l->positions);
    guard_free(&l->cell);
}

/* Inputs are guarded too: the library must not read past the last atom or the ninth entry of the cell. */
int listing_build(struct listing *l, const struct system *s, const struct variant *v)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    options.positions_dtype = s->positions_f32 ? NBL_FLOAT32 : 0;
    options.cell_dtype = s->cell_f32 ? NBL_FLOAT32 : NBL_FLOAT64;
    options.positions_stride = s->stride;
    options.algorithm = v->algorithm;
    options.n_threads = v->n_threads ? v->n_threads : 1;

    size_t packed = s->positions_f32 ? 12 : 24, stride = s->stride ? (size_t)s->stride : packed;
    unsigned char whole[SYSTEM_BYTES];
    system_positions(s, whole);
    size_t used = s->n > 0 ? (size_t)(s->n - 1) * stride + packed : 0;
    void *positions = guard_take(&l->positions, used);
    memcpy(positions, whole, used);
    void *cell = guard_take(&l->cell, s->cell_f32 ? 36 : 72);
    system_cell(s, cell);

    nbl_status status = nbl_cell_list_build(l->list, s->n, positions, s->has_cell ? cell : NULL,
                                            s->has_pbc ? s->pbc : NULL, s->rc, &options);
    memset(positions, 0xff, used);
    memset(cell, 0xff, s->cell_f32 ? 36 : 72);
    return status == NBL_OK ? 0 : refuse(l, "build", status, nbl_cell_list_message(l->list));
}

int listing_build_arrays(struct listing *l, int64_t n, const double *r, const double *h, const uint8_t *pbc,
                         double rc, const struct variant *v)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    options.algorithm = v->algorithm;
    options.n_threads = v->n_threads ? v->n_threads : 1;
    nbl_status status = nbl_cell_list_build(l->list, n, r, h, pbc, rc, &options);
    return status == NBL_OK ? 0 : refuse(l, "build", status, nbl_cell_list_message(l->list));
}

int listing_search(struct listing *l, double rc, const struct variant *v)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = v->flags;
    options.mode = v->mode;
    options.n_threads = v->n_threads ? v->n_threads : 1;
    options.n_centers = v->n_centers;
    nbl_status status =
        nbl_cell_list_search(l->list, v->search_cutoff != 0 ? v->search_cutoff : rc, &options, l->result);
    return status == NBL_OK ? 0 : refuse(l, "search", status, nbl_result_message(l->result));
}

static int check_rows(struct listing *l, int32_t list, int64_t n_rows, int64_t m, const nbl_outputs *out)
{
    const int64_t *i = out->i, *row_ptr = out->row_ptr, *counts = out->counts;
    int64_t longest = 0;
    if (row_ptr[0] != 0 || row_ptr[n_rows] != m)
        return wrong(l, "row pointer does not span the pairs", row_ptr[n_rows]);
    for (int64_t row = 0; row < n_rows; row++) {
        if (row_ptr[row + 1] - row_ptr[row] != counts[row] || counts[row] < 0)
            return wrong(l, "counts and row pointer disagree", row);
        if (counts[row] > longest)
            longest = counts[row];
        for (int64_t e = row_ptr[row]; e < row_ptr[row + 1]; e++)
            if (i[e] != row)
                return wrong(l, "a pair lies in a row that is not its own", e);
    }
    if (nbl_result_max_count(l->result, list) != longest)
        return wrong(l, "max_count is not the longest row", longest);
    for (int k = 0; k < LISTING_BUFFERS; k++)
        if (!guard_front_untouched(&l->buffers[k]))
            return wrong(l, "bytes in front of an output buffer were written", k);
    return 0;
}

int listing_fetch(struct listing *l, struct pairs *out)
{
    if (nbl_result_n_lists(l->result) != 1)
        return wrong(l, "number of lists", nbl_result_n_lists(l->result));
    return listing_fetch_list(l, 0, out);
}

int listing_fetch_list(struct listing *l, int32_t list, struct pairs *out)
{
    int64_t m = nbl_result_n_pairs(l->result, list), n_rows = nbl_result_n_rows(l->result);
    if (m < 0 || n_rows < 0)
        return wrong(l, "sizes of the result", m);

    size_t pairs = (size_t)m * 8, rows = (size_t)n_rows * 8;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.pair_capacity = m;
    o.row_capacity = n_rows;
    o.i = guard_take(&l->buffers[0], pairs);
    o.j = guard_take(&l->buffers[1], pairs);
    o.shifts = guard_take(&l->buffers[2], (size_t)m * 12);
    o.vectors = guard_take(&l->buffers[3], 3 * pairs);
    o.distances = guard_take(&l->buffers[4], pairs);
    o.row_ptr = guard_take(&l->buffers[5], rows + 8);
    o.counts = guard_take(&l->buffers[6], rows);
    nbl_status status = nbl_result_fetch(l->result, list, &o);
    if (status != NBL_OK)
        return refuse(l, "fetch", status, nbl_result_message(l->result));
    if (check_rows(l, list, n_rows, m, &o) != 0)
        return -1;

    const int64_t *i = o.i, *j = o.j;
    const int32_t *s = o.shifts;
    const double *d = o.vectors, *r = o.distances;
    for (int64_t e = 0; e < m; e++) {
        struct pair *p = pairs_push(out);
        p->i = i[e];
        p->j = j[e];
        p->r = r[e];
        for (int k = 0; k < 3; k++) {
            p->s[k] = s[3 * e + k];
            p->d[k] = d[3 * e + k];
        }
    }
    return 0;
}

int listing_find(struct listing *l, const struct system *s, const struct variant *v, struct pairs *out)
{
    if (listing_build(l, s, v) != 0 || listing_search(l, s->rc, v) != 0)
        return -1;
    return listing_fetch(l, out);
}

void variant_name(const struct variant *v, char text[80])
{
    static const char *const algorithms[] = {"auto", "brute", "cells"};
    static const char *const modes[] = {"", " mode pairs", " mode counts"};
    snprintf(text, 80, "%s%s%s%s%s%s%s threads %d", algorithms[v->algorithm],
             v->flags & NBL_HALF ? " half" : " full", v->flags & NBL_INCLUSIVE ? " inclusive" : "",
             v->flags & NBL_SELF ? " self" : "", v->flags & NBL_SORTED ? " sorted" : "",
             v->flags & NBL_CENTERS ? " centers" : "", modes[v->mode], v->n_threads);
}
