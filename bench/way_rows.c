/* SPDX-License-Identifier: MIT */
/*
 * Who consumes neighbours, row by row: by a visitor, or from a stored list. Both do the same operations in
 * the same order, and their results are compared bit by bit.
 */
#include "library.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES = 4 }; /* per atom: force and energy, or a coordination number */

/* Between the first and the second shell of copper. */
static const double shell = 3.0;

/* Lennard-Jones: 4 epsilon (x^12 - x^6), x = sigma / |d|, of two species. */
static const double sigma2 = 2.3 * 2.3;
static const double epsilon[2][2] = {{0.4, 0.3}, {0.3, 0.2}};

/* Handles are opened twice; the arrays stay. */
static bool prepare(bench_library *library)
{
    const size_t n = (size_t)library->work.set->n_atoms;
    if (!library->rows)
        library->rows = malloc((n + 1) * sizeof *library->rows);
    if (!library->values)
        library->values = calloc(n + 1, VALUES * sizeof *library->values);
    if (!library->species)
        library->species = malloc(n + 1);
    if (!library->rows || !library->values || !library->species)
        return nbl__bench_good(library, 0, NBL_ENOMEM, "");
    for (size_t k = 0; k < n; k++)
        library->species[k] = k % 3 == 0;
    return nbl__bench_list_build(library, 0);
}

static bool visit(bench_library *library, uint32_t fields, nbl_visitor *visitor)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.fields = fields;
    nbl_status status = nbl_cell_list_visit(library->list, 1, &library->work.cutoff, &options, library->result,
                                            visitor, library);
    return nbl__bench_good(library, 0, status, nbl_result_message(library->result));
}

static bool search(bench_library *library, int32_t mode)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.mode = mode;
    nbl_status status = nbl_cell_list_search(library->list, library->work.cutoff, &options, library->result);
    return nbl__bench_good(library, 0, status, nbl_result_message(library->result));
}

static bool store(bench_library *library, int64_t step)
{
    (void)step;
    return search(library, NBL_MODE_AUTO);
}

static bool fetch_rows(bench_library *library)
{
    nbl_outputs out = library->outputs;
    out.row_capacity = library->work.set->n_atoms;
    out.row_ptr = library->rows;
    nbl_status status = nbl_result_fetch(library->result, 0, &out);
    return nbl__bench_good(library, 0, status, nbl_result_message(library->result));
}

/* As many threads as the library was told to use. */
static int threads(const bench_library *library)
{
    return library->manner.n_threads > 0 ? (int)library->manner.n_threads : (int)nbl_max_threads();
}

/* ---- Coordination ---- */

static int visit_coordination(void *user, const nbl_rows *rows)
{
    const bench_library *library = user;
    for (int32_t row = 0; row < rows->n_rows; row++) {
        int64_t near = 0;
        for (int64_t p = rows->row_ptr[row]; p < rows->row_ptr[row + 1]; p++)
            near += rows->d2[p] < shell * shell;
        library->values[VALUES * (int64_t)rows->i[row]] = (double)near;
    }
    return 0;
}

static bool coordination_search(bench_library *library, int64_t step)
{
    (void)step;
    return visit(library, NBL_ROW_D2, visit_coordination);
}

static void read_coordination(const bench_library *library, int64_t atom)
{
    const double *distances = library->outputs.distances;
    int64_t near = 0;
    for (int64_t p = library->rows[atom]; p < library->rows[atom + 1]; p++)
        near += distances[p] < shell;
    library->values[VALUES * atom] = (double)near;
}

/* ---- Lennard-Jones ---- */

static inline void lj_pair(double f[VALUES], const double *d, double d2, double strength)
{
    const double x2 = sigma2 / d2, x6 = x2 * x2 * x2;
    const double slope = 24 * strength * x6 * (2 * x6 - 1) / d2;
    for (int k = 0; k < 3; k++)
        f[k] -= slope * d[k];
    f[3] += 2 * strength * x6 * (x6 - 1);
}

static int visit_lj(void *user, const nbl_rows *rows)
{
    const bench_library *library = user;
    for (int32_t row = 0; row < rows->n_rows; row++) {
        const int64_t atom = rows->i[row];
        const double *strength = epsilon[library->species[atom]];
        double f[VALUES] = {0, 0, 0, 0};
        for (int64_t p = rows->row_ptr[row]; p < rows->row_ptr[row + 1]; p++)
            lj_pair(f, rows->vectors + 3 * p, rows->d2[p], strength[library->species[rows->j[p]]]);
        memcpy(library->values + VALUES * atom, f, sizeof f);
    }
    return 0;
}

static bool lj_search(bench_library *library, int64_t step)
{
    (void)step;
    return visit(library, NBL_ROW_VECTORS | NBL_ROW_D2, visit_lj);
}

static void read_lj(const bench_library *library, int64_t atom)
{
    const double *strength = epsilon[library->species[atom]];
    const int32_t *j = library->outputs.j;
    double f[VALUES] = {0, 0, 0, 0};
    for (int64_t p = library->rows[atom]; p < library->rows[atom + 1]; p++) {
        const double *d = (const double *)library->outputs.vectors + 3 * p;
        lj_pair(f, d, (d[0] * d[0] + d[1] * d[1]) + d[2] * d[2], strength[library->species[j[p]]]);
    }
    memcpy(library->values + VALUES * atom, f, sizeof f);
}

/* ---- A stored list, read by several threads; one thread stays out of the OpenMP runtime ---- */

static bool read_rows(bench_library *library, void (*read)(const bench_library *library, int64_t atom))
{
    const int64_t n = library->work.set->n_atoms;
    if (!fetch_rows(library))
        return false;
    if (threads(library) <= 1) {
        for (int64_t atom = 0; atom < n; atom++)
            read(library, atom);
        return true;
    }
#if defined(_OPENMP)
#pragma omp parallel for num_threads(threads(library)) schedule(static)
#endif
    for (int64_t atom = 0; atom < n; atom++)
        read(library, atom);
    return true;
}

static bool coordination_fetch(bench_library *library, int64_t step)
{
    (void)step;
    return read_rows(library, read_coordination);
}

static bool lj_fetch(bench_library *library, int64_t step)
{
    (void)step;
    return read_rows(library, read_lj);
}

/* ---- Nothing ---- */

static int visit_nothing(void *user, const nbl_rows *rows)
{
    (void)user;
    (void)rows;
    return 0;
}

/* With one cutoff there are no shells: the rows consist of j. */
static bool nothing_search(bench_library *library, int64_t step)
{
    (void)step;
    return visit(library, NBL_ROW_INDICES, visit_nothing);
}

static bool count_search(bench_library *library, int64_t step)
{
    (void)step;
    return search(library, NBL_MODE_COUNTS);
}

/* ---- Fingerprints: what the consumer found, and the length of every row ---- */

static int visit_count(void *user, const nbl_rows *rows)
{
    const bench_library *library = user;
    for (int32_t row = 0; row < rows->n_rows; row++)
        library->rows[rows->i[row]] = rows->row_ptr[row + 1] - rows->row_ptr[row];
    return 0;
}

static void add_counts(const bench_library *library, bench_digest *digest)
{
    const int64_t n = library->work.set->n_atoms;
    nbl__bench_digest_values(digest, VALUES * n, library->values);
    for (int64_t atom = 0; atom < n; atom++) {
        library->values[VALUES * atom] = (double)library->rows[atom];
        digest->pairs += library->rows[atom];
    }
    nbl__bench_digest_values(digest, VALUES * n, library->values);
}

static bool visit_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    (void)step;
    memset(library->rows, 0, (size_t)library->work.set->n_atoms * sizeof *library->rows);
    if (!visit(library, NBL_ROW_INDICES, visit_count))
        return false;
    add_counts(library, digest);
    return true;
}

static bool list_digest(bench_library *library, int64_t step, bench_digest *digest)
{
    (void)step;
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.row_capacity = library->work.set->n_atoms;
    out.counts = library->rows;
    nbl_status status = nbl_result_fetch(library->result, 0, &out);
    if (!nbl__bench_good(library, 0, status, nbl_result_message(library->result)))
        return false;
    add_counts(library, digest);
    return true;
}

const bench_way nbl__bench_visit_coordination = {.name = "visit",
                                                 .steps = nbl__bench_one_step,
                                                 .prepare = prepare,
                                                 .search = coordination_search,
                                                 .digest = visit_digest};

const bench_way nbl__bench_stored_coordination = {.name = "stored list",
                                                  .bytes = {0, 0, 0, 0, 8},
                                                  .steps = nbl__bench_one_step,
                                                  .prepare = prepare,
                                                  .search = store,
                                                  .fetch = coordination_fetch,
                                                  .digest = list_digest};

const bench_way nbl__bench_visit_lj = {.name = "visit",
                                       .steps = nbl__bench_one_step,
                                       .prepare = prepare,
                                       .search = lj_search,
                                       .digest = visit_digest};

const bench_way nbl__bench_stored_lj = {.name = "stored list",
                                        .bytes = {0, 4, 0, 24, 0},
                                        .steps = nbl__bench_one_step,
                                        .prepare = prepare,
                                        .search = store,
                                        .fetch = lj_fetch,
                                        .digest = list_digest};

const bench_way nbl__bench_visit_nothing = {.name = "visit",
                                            .steps = nbl__bench_one_step,
                                            .prepare = prepare,
                                            .search = nothing_search,
                                            .digest = visit_digest};

const bench_way nbl__bench_count = {.name = "counting search",
                                    .steps = nbl__bench_one_step,
                                    .prepare = prepare,
                                    .search = count_search,
                                    .digest = list_digest};
