/* SPDX-License-Identifier: MIT */
/*
 * What the comment line of a frame says about cell, periodicity and columns. Invariants: pbc is always
 * decided; rows of periodic axes are finite; there is exactly one column pos:R:3, and no name is there
 * twice. Knows nothing of atom lines.
 */
#ifndef NBL_IO_HEADER_H
#define NBL_IO_HEADER_H

#include "io/comment.h"
#include "io/message.h"

#include <stdint.h>

enum { NBL__PROPERTIES_MAX = 1024, NBL__WIDTH_MAX = 65536 /* of all columns together */ };

typedef struct nbl__io_property {
    const char *name; /* in the text of the header */
    int32_t type;     /* enum nbl_xyz_type */
    int32_t width;
} nbl__io_property;

typedef struct nbl__io_header {
    double cell[9];
    uint8_t pbc[3];
    bool has_cell, has_pbc, has_properties;
    size_t n_properties;
    int64_t width; /* of all together */
    nbl__io_property properties[NBL__PROPERTIES_MAX];
    char *text; /* of Properties=, cut into names */
    size_t capacity;
} nbl__io_header;

/*
 * NBL_IO_EHEADER, NBL_IO_ELATTICE, NBL_IO_EPBC, NBL_IO_ENOMEM; *why is the text of the failure without its
 * place.
 */
nbl_io_status nbl__io_header_read(nbl__io_header *header, const nbl__io_comment *comment, nbl__io_message *why);
void nbl__io_header_free(nbl__io_header *header);

#endif
