/* SPDX-License-Identifier: MIT */
/*
 * The columns of the atom lines of one frame: storage that grows line by line, and the reading of a line
 * into it. Invariants: all columns hold the same number of atoms; memory grows with lines that were seen,
 * never with lines that were announced, and is kept for the next frame. Knows nothing of files.
 */
#ifndef NBL_IO_COLUMNS_H
#define NBL_IO_COLUMNS_H

#include "io/header.h"
#include "io/source.h"

enum { NBL__LABEL_CACHE = 256 };

/* Texts of a frame: blocks that never move, all reused for the next frame. */
typedef struct nbl__io_text_block {
    struct nbl__io_text_block *next;
    size_t size, used;
    char data[];
} nbl__io_text_block;

/* A text that was seen lately, so that a million labels "O" are one text and one look-up. */
typedef struct nbl__io_label {
    const char *text;
    size_t length;
    int32_t number; /* of the element */
} nbl__io_label;

typedef struct nbl__io_column {
    void *data;
    size_t bytes; /* of data */
} nbl__io_column;

typedef struct nbl__io_columns {
    const nbl__io_header *header;
    nbl__io_column *column; /* one per property; those beyond it are spare */
    size_t n_column;
    nbl__io_column numbers; /* int32_t [n], atomic numbers */
    int64_t n, capacity;
    size_t per_line;              /* words of a line */
    size_t pos, species, element; /* columns; SIZE_MAX = none */
    nbl__io_text_block *first, *current;
    nbl__io_label cache[NBL__LABEL_CACHE];
} nbl__io_columns;

/* Empties the columns and sets them up for a header, which must stay. False: out of memory. */
bool nbl__io_columns_begin(nbl__io_columns *columns, const nbl__io_header *header);

/*
 * Appends one atom. NBL_IO_ECOLUMNS, NBL_IO_ENUMBER, NBL_IO_EPOSITION, NBL_IO_ENOMEM; *why is the text of
 * the failure without its place.
 */
nbl_io_status nbl__io_columns_add(nbl__io_columns *columns, const nbl__io_line *line, nbl__io_message *why);

const double *nbl__io_columns_positions(const nbl__io_columns *columns);
const int32_t *nbl__io_columns_numbers(const nbl__io_columns *columns);
const char *const *nbl__io_columns_labels(const nbl__io_columns *columns); /* NULL if there are none */

void nbl__io_columns_free(nbl__io_columns *columns);

#endif
