/* SPDX-License-Identifier: MIT */
/*
 * Whether a frame can be written as extended XYZ so that a reader gets the same back. Invariant: a frame
 * that passes is written without a failure other than that of the file. Knows nothing of files.
 */
#ifndef NBL_IO_XYZ_CHECK_H
#define NBL_IO_XYZ_CHECK_H

#include "io/message.h"

#include <stdbool.h>

/* Column k of a frame, whose caller may have a longer nbl_xyz_column than this library. */
const nbl_xyz_column *nbl__io_xyz_column_at(const nbl_xyz_output *frame, int64_t k);

/* NBL_IO_ENULL, NBL_IO_ESTRUCT, NBL_IO_ESIZE, NBL_IO_EOPTION, NBL_IO_ENAME, NBL_IO_EPOSITION. */
nbl_io_status nbl__io_xyz_check(const nbl_xyz_output *frame, nbl__io_message *message);

/* Whether a value needs no quotes: a plain word, or an array in brackets. */
bool nbl__io_xyz_is_bare(const char *value);

#endif
