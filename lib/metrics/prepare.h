/* SPDX-License-Identifier: MIT */
/* From a row as the visitor gets it to one that is prepared (row.h). */
#ifndef NBL_METRICS_PREPARE_H
#define NBL_METRICS_PREPARE_H

#include "metrics/run.h"

/* Row r of the block, whose pairs the scratch has room for. Pairs that are too near to be edges are left out.
 */
void nbl__row_prepare(nbl__row *row, nbl__scratch *scratch, const nbl_rows *rows, int32_t r,
                      const nbl__frame *frame, bool avx2);

#endif
