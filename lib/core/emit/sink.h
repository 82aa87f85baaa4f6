/* SPDX-License-Identifier: MIT */
/*
 * The caller's arrays, and how rows are written into them. Invariant: everything that can be refused is
 * refused by nbl__sink_check() before the first byte is written; after that, nbl__sink_row() writes exactly
 * the entries of its row and cannot fail.
 */
#ifndef NBL_EMIT_SINK_H
#define NBL_EMIT_SINK_H

#include "emit/expand.h"
#include "emit/rows.h"

typedef struct nbl__sink {
    nbl_outputs out; /* types resolved: no NBL_DTYPE_DEFAULT */
    const nbl__rows *rows;
    int64_t n_systems;
    const int64_t *first; /* [n_systems + 1]: first atom of each system */
    const nbl__expand *expand;
    const nbl__expand *zeros; /* for shifts of open systems; NULL: as all the rest */
} nbl__sink;

/* What is wrong with outputs: an output by name, the number that is needed and the one that was given. */
typedef struct nbl__sink_fault {
    const char *what;
    int64_t need, given;
} nbl__sink_fault;

/*
 * Checks *sink->out against the list and resolves its types. All but two checks are made here: whether
 * shifts fit int8 (nbl__sink_needs_narrow(): look at every row first), and what `reverse` needs.
 */
nbl_status nbl__sink_check(nbl__sink *sink, bool half, bool centers, nbl__sink_fault *fault);

bool nbl__sink_needs_narrow(const nbl__sink *sink);

/* false if a shift of the row does not fit int8 */
bool nbl__sink_fits_narrow(const nbl__view *view);

/* Whether any output is written row by row (else only reverse or those of nbl__sink_row_arrays() are). */
bool nbl__sink_wants_pairs(const nbl__sink *sink);

/* Writes the entries of a row from entry number `at` of every array on. */
void nbl__sink_row_at(const nbl__sink *sink, const nbl__view *view, int64_t at);

/*
 * What is asked for most, of rows of numbers of images: indices, int32 shifts, vectors and distances of the
 * layout PAIRS. Rows that follow each other are then one call, of `series`; or, where there is none, and
 * indices and shifts are all that is asked for, each row is one, of `row`. Both NULL: nothing is plain.
 */
typedef struct nbl__sink_plain {
    nbl__expand_series series;
    nbl__expand_pairs row;
    nbl__series_arrays arrays;
    size_t index, real; /* bytes of one */
    int64_t base;       /* added to atoms, and, unless they are local, the first of the system */
    bool local;
} nbl__sink_plain;

/* Takes off the sink what is plain. */
nbl__sink_plain nbl__sink_take_plain(nbl__sink *sink);

/* Where entry `at` of its arrays is, whether or not any of them are plain. */
nbl__series_arrays nbl__sink_plain_arrays(const nbl__sink_plain *plain, int64_t at);

/* A row whose entries begin at `at`. */
void nbl__sink_plain_row(const nbl__sink_plain *plain, const nbl__view *view, int64_t at);

/* The rows of a series of the system of the view, whose entries begin at `at`; its base is set here. */
void nbl__sink_plain_series(const nbl__sink_plain *plain, nbl__series series, const nbl__view *view,
                            int64_t at);

/* A nbl__row_function: writes one row; context is the sink. */
nbl_status nbl__sink_row(void *sink, int thread, const nbl__view *view);

/*
 * Rows first ... first + n - 1 of the list in the layout PAIRS, all of one system, whose numbers follow each
 * other from view->number on. w: [n][3] of the rows, or NULL where it is zero.
 */
void nbl__sink_stretch(const nbl__sink *sink, const nbl__view *view, int64_t first, int64_t n,
                       const int32_t (*w)[3]);

/*
 * Writes to which system rows first ... end - 1 of the list belong, of which the first is one of `system`, in
 * the layout PAIRS, and takes it off the sink.
 */
void nbl__sink_take_batch(nbl__sink *sink, int64_t system, int64_t first, int64_t end);

/* Bytes of a pair in all arrays that have entries per pair. */
size_t nbl__sink_pair_bytes(const nbl__sink *sink);

/* row_ptr, counts, edge_ptr and atom_ptr */
void nbl__sink_row_arrays(const nbl__sink *sink);

#endif
