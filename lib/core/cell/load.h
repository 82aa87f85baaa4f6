/* SPDX-License-Identifier: MIT */
/*
 * The caller's positions and cell, of either type and any stride, as checked doubles. Invariant: nothing
 * beyond what the caller described is read, and no row of the cell that belongs to an open axis.
 */
#ifndef NBL_CELL_LOAD_H
#define NBL_CELL_LOAD_H

#include <stdbool.h>

#include "base/fault.h"

/* r: [n][3]. NBL_EPOSITION or NBL_ERANGE with the first atom and component in *fault. */
nbl_status nbl__load_positions(double (*r)[3], int64_t n, const void *positions, int32_t dtype, int64_t stride,
                               nbl__fault *fault);

/* h: rows of open axes become zero. NBL_ECELL or NBL_ERANGE. */
nbl_status nbl__load_cell(double h[3][3], const void *cell, int32_t dtype, const uint8_t pbc[3],
                          nbl__fault *fault);

#endif
