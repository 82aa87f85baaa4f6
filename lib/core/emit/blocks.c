/* SPDX-License-Identifier: MIT */
#include "emit/blocks.h"

#include <string.h>

#include "base/size.h"

/*
 * A block is handed over once it has so many pairs or rows: enough to hide the call, little enough to stay in
 * the cache between its expansion and the visitor.
 */
enum { BLOCK_PAIRS = 512, BLOCK_ROWS = 64 };

nbl_status nbl__blocks_open(nbl__blocks *blocks, int32_t n_threads, nbl__buffer *threads_memory,
                            nbl__fault *fault)
{
    const size_t bytes = (size_t)n_threads * sizeof(nbl__block), held = threads_memory->bytes;
    nbl_status status = nbl__buffer_grow(blocks->memory, threads_memory, held, bytes, fault);
    if (status != NBL_OK)
        return status;
    blocks->threads = threads_memory->data;
    blocks->n_threads = n_threads;
    if (bytes > held)
        memset((char *)threads_memory->data + held, 0, bytes - held);
    for (int32_t t = 0; t < n_threads; t++) {
        blocks->threads[t].n_rows = 0;
        blocks->threads[t].n_pairs = 0;
    }
    atomic_init(&blocks->stopped, false);
    nbl__lock_init(&blocks->lock);
    blocks->fault = (nbl__fault){.what = NBL__FAULT_NONE};
    return NBL_OK;
}

void nbl__blocks_free(nbl__buffer *threads_memory, nbl__memory *memory)
{
    nbl__block *threads = threads_memory->data;
    for (size_t t = 0; t < threads_memory->bytes / sizeof *threads; t++)
        nbl__buffer_free(memory, &threads[t].memory);
    nbl__buffer_free(memory, threads_memory);
}

/* Room for n pairs in an empty block. */
static nbl_status reserve(nbl__block *block, int64_t n, nbl__memory *memory, nbl__fault *fault)
{
    const size_t of_rows = BLOCK_ROWS * sizeof(int32_t) + (BLOCK_ROWS + 1) * sizeof(int64_t);
    const size_t of_pair = 4 * sizeof(double) + 4 * sizeof(int32_t) + sizeof(uint8_t);
    block->wanted = n > block->wanted ? n : block->wanted;
    if (n <= block->room)
        return NBL_OK;
    const size_t bytes = nbl__size_add(of_rows, nbl__size_of_count((uint64_t)n, of_pair));
    nbl_status status = nbl__buffer_reserve(memory, &block->memory, bytes, fault);
    block->room = status == NBL_OK ? (int64_t)((block->memory.bytes - of_rows) / of_pair) : 0;
    if (status != NBL_OK)
        return status;
    block->row_ptr = block->memory.data;
    block->d2 = (double *)(void *)(block->row_ptr + BLOCK_ROWS + 1);
    block->vectors = block->d2 + block->room;
    block->j = (int32_t *)(void *)(block->vectors + 3 * block->room);
    block->shifts = block->j + block->room;
    block->i = block->shifts + 3 * block->room;
    block->shells = (uint8_t *)(block->i + BLOCK_ROWS);
    block->row_ptr[0] = 0;
    return NBL_OK;
}

static void fill_shells(const nbl__blocks *blocks, nbl__block *block)
{
    nbl__shells shells;
    blocks->shells_of(blocks->shells_context, block->system, &shells);
    for (int64_t e = 0; e < block->n_pairs; e++) {
        int32_t shell = 0;
        for (int32_t k = 0; k < shells.n - 1; k++)
            shell += !(block->d2[e] < shells.limits[k]);
        block->shells[e] = shells.lists[shell];
    }
}

static nbl_status hand_over(nbl__blocks *blocks, int thread, nbl__block *block)
{
    const bool shells = blocks->n_cutoffs > 1 && (blocks->fields & NBL_ROW_SHELLS);
    if (block->n_rows == 0)
        return NBL_OK;
    if (shells)
        fill_shells(blocks, block);
    const nbl_rows rows = {
        .size = sizeof rows,
        .system = block->system,
        .first_atom = block->first,
        .thread = thread,
        .n_rows = block->n_rows,
        .i = block->i,
        .row_ptr = block->row_ptr,
        .j = block->j,
        .shifts = blocks->fields & NBL_ROW_SHIFTS ? block->shifts : NULL,
        .vectors = blocks->fields & NBL_ROW_VECTORS ? block->vectors : NULL,
        .d2 = blocks->fields & NBL_ROW_D2 ? block->d2 : NULL,
        .shells = shells ? block->shells : NULL,
    };
    block->n_rows = 0;
    block->n_pairs = 0;
    if (atomic_load_explicit(&blocks->stopped, memory_order_relaxed))
        return NBL_ESTOP;
    if (blocks->visitor(blocks->user, &rows) == 0)
        return NBL_OK;
    atomic_store_explicit(&blocks->stopped, true, memory_order_relaxed);
    return NBL_ESTOP;
}

static void append_pairs(const nbl__blocks *blocks, nbl__block *block, const nbl__view *view)
{
    int32_t *j = block->j + block->n_pairs;
    int32_t *shifts = blocks->fields & NBL_ROW_SHIFTS ? block->shifts + 3 * block->n_pairs : NULL;
    if (view->number && view->images) {
        blocks->expand->pairs32(view, 0, NULL, j, shifts);
        return;
    }
    if (view->number) { /* atoms, and no shifts */
        blocks->expand->atoms32(j, view->number, view->count, 0);
        if (shifts)
            memset(shifts, 0, 3 * (size_t)view->count * sizeof *shifts);
        return;
    }
    for (uint32_t e = 0; e < view->count; e++) {
        const nbl__image image = nbl__view_at(view, e);
        j[e] = image.atom;
        for (int k = 0; shifts && k < 3; k++)
            shifts[3 * (size_t)e + (size_t)k] = image.shift[k] + view->w[k];
    }
}

static void append_reals(const nbl__blocks *blocks, nbl__block *block, const nbl__view *view)
{
    double *vectors = block->vectors + 3 * block->n_pairs, *d2 = block->d2 + block->n_pairs;
    if (view->number)
        blocks->expand->squares64(view, vectors, d2);
    else
        for (uint32_t e = 0; e < view->count; e++)
            d2[e] = nbl__view_d2(view, e, vectors + 3 * (size_t)e);
}

static void append(const nbl__blocks *blocks, nbl__block *block, const nbl__view *view)
{
    const bool shells = blocks->n_cutoffs > 1 && (blocks->fields & NBL_ROW_SHELLS);
    append_pairs(blocks, block, view);
    if (shells || (blocks->fields & (NBL_ROW_VECTORS | NBL_ROW_D2)))
        append_reals(blocks, block, view);
    block->n_pairs += view->count;
    block->i[block->n_rows++] = (int32_t)view->atom;
    block->row_ptr[block->n_rows] = block->n_pairs;
}

nbl_status nbl__blocks_row(void *context, int thread, const nbl__view *view)
{
    nbl__blocks *blocks = context;
    nbl__block *block = &blocks->threads[thread];
    const int64_t least = view->count > BLOCK_PAIRS ? view->count : BLOCK_PAIRS;
    nbl__fault fault;
    nbl_status status = NBL_OK;
    if (block->system != view->system || block->n_pairs + view->count > block->room)
        status = hand_over(blocks, thread, block);
    if (status == NBL_OK)
        status = reserve(block, least, blocks->memory, &fault);
    if (status == NBL_ENOMEM || status == NBL_ELIMIT) {
        nbl__lock_take(&blocks->lock);
        blocks->fault = fault;
        nbl__lock_give(&blocks->lock);
    }
    if (status != NBL_OK)
        return status;
    block->system = view->system;
    block->first = view->first;
    append(blocks, block, view);
    if (block->n_pairs >= BLOCK_PAIRS || block->n_rows == BLOCK_ROWS)
        status = hand_over(blocks, thread, block);
    return status;
}

static void even_out(const nbl__blocks *blocks)
{
    nbl__fault fault;
    int64_t most = 0;
    for (int32_t t = 0; t < blocks->n_threads; t++)
        most = blocks->threads[t].wanted > most ? blocks->threads[t].wanted : most;
    for (int32_t t = 0; t < blocks->n_threads && most > 0; t++)
        if (reserve(&blocks->threads[t], most, blocks->memory, &fault) != NBL_OK)
            return;
}

nbl_status nbl__blocks_close(nbl__blocks *blocks)
{
    nbl_status status = NBL_OK;
    for (int32_t t = 0; t < blocks->n_threads && status == NBL_OK; t++)
        status = hand_over(blocks, t, &blocks->threads[t]);
    if (status == NBL_OK)
        even_out(blocks);
    return status;
}
