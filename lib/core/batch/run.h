/* SPDX-License-Identifier: MIT */
/*
 * The one place where the stages are strung together: cell -> bin -> search -> emit. Owns no policy beyond
 * their order. Invariant: a system that failed to build holds memory but is not `built`.
 */
#ifndef NBL_BATCH_RUN_H
#define NBL_BATCH_RUN_H

#include "emit/sink.h"
#include "search/plan.h"
#include "search/scene.h"

/* The caller's input, types resolved. */
typedef struct nbl__input {
    int64_t n;
    const void *positions;
    const void *cell;
    uint8_t pbc[3];
    int32_t positions_dtype;
    int32_t cell_dtype;
    int64_t positions_stride;
} nbl__input;

/* One built system: what nbl_cell_list owns. */
typedef struct nbl__system {
    bool built;
    int64_t n;
    double cutoff;
    double (*r)[3];
    nbl__lattice lattice;
    nbl__wrapped wrapped;
    nbl__plan plan;
    nbl__grid grid;
    nbl__slots slots;
    nbl__buffer r_memory, p_memory, w_memory;
} nbl__system;

/* One list and the memory to make and fetch it: what nbl_result owns. */
typedef struct nbl__list {
    nbl__rows rows;
    nbl__arena arena;
    nbl__buffer stencil_memory;
    nbl__buffer reverse_memory, collect_memory;
} nbl__list;

nbl_status nbl__system_build(nbl__system *system, const nbl__input *input, double cutoff, int32_t algorithm,
                             nbl__memory *memory, nbl__fault *fault);
void nbl__system_free(nbl__system *system, nbl__memory *memory);

void nbl__list_init(nbl__list *list, nbl__memory *memory);
void nbl__list_free(nbl__list *list);

/* mode: enum nbl_result_mode */
nbl_status nbl__list_search(nbl__list *list, const nbl__system *system, const nbl__query *query, int32_t mode,
                            nbl__fault *fault);

/* Hands every row to consume, from the kept rows or by searching again. */
nbl_status nbl__list_visit(nbl__list *list, const nbl__system *system, const nbl__query *query,
                           nbl__row_function consume, void *context, nbl__fault *fault);

/*
 * Writes a checked sink. NBL_ENARROW: a shift does not fit int8 (nothing written); NBL_ENOMEM, NBL_ELIMIT:
 * memory to search again or for `reverse` (nothing written).
 */
nbl_status nbl__list_fetch(nbl__list *list, const nbl__system *system, const nbl__query *query, nbl__sink *sink,
                           nbl__fault *fault);

#endif
