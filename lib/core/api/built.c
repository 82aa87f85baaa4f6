/* SPDX-License-Identifier: MIT */
#include "api/handle.h"
#include "base/threads.h"
#include "search/dispatch.h"

/* With the default number of threads, a thread must have so many pieces of work to be worth its start. */
enum { DEFAULT_PIECES = 16 };

static nbl__anchor *make_anchor(const nbl__memory *hooks)
{
    nbl__memory memory = *hooks;
    nbl__fault fault;
    void *made;
    memory.held = memory.limit = 0;
    if (nbl__memory_take(&memory, sizeof(nbl__anchor), &made, &fault) != NBL_OK)
        return NULL;
    nbl__anchor *anchor = made;
    atomic_init(&anchor->references, 1);
    atomic_init(&anchor->generation, 1);
    anchor->memory = memory;
    return anchor;
}

void nbl__anchor_hold(nbl__anchor *anchor)
{
    atomic_fetch_add_explicit(&anchor->references, 1, memory_order_relaxed);
}

void nbl__anchor_drop(nbl__anchor **anchor)
{
    nbl__anchor *dropped = *anchor;
    *anchor = NULL;
    if (!dropped || atomic_fetch_sub_explicit(&dropped->references, 1, memory_order_acq_rel) != 1)
        return;
    nbl__memory memory = dropped->memory;
    nbl__memory_give(&memory, dropped, sizeof *dropped);
}

nbl_status nbl__built_create(void **handle, size_t size, bool batch, const nbl_handle_options *options)
{
    nbl_handle_options own;
    nbl__memory memory;
    nbl_status status = nbl__handle_make(handle, size, options, &own, &memory);
    if (status != NBL_OK)
        return status;
    nbl__built *built = *handle;
    built->memory = memory;
    built->batch = batch;
    built->n_threads = own.n_threads;
    built->isa = own.isa;
    built->anchor = make_anchor(&memory);
    if (built->anchor)
        return NBL_OK;
    nbl__memory_give(&memory, built, size);
    *handle = NULL;
    return NBL_ENOMEM;
}

void nbl__built_destroy(nbl__built *built, size_t size)
{
    nbl__set_free(&built->set, &built->memory);
    nbl__buffer_free(&built->memory, &built->first_memory);
    atomic_store_explicit(&built->anchor->generation, 0, memory_order_release);
    nbl__anchor_drop(&built->anchor);
    nbl__memory memory = built->memory;
    nbl__memory_give(&memory, built, size);
}

void nbl__built_begin(nbl__built *built)
{
    built->message[0] = '\0';
    built->set.built = false;
    atomic_fetch_add_explicit(&built->anchor->generation, 1, memory_order_release);
}

int nbl__threads_of(int32_t wanted, int *least_pieces)
{
    *least_pieces = wanted != 0 ? 1 : DEFAULT_PIECES;
    return nbl__threads_count(wanted);
}

nbl_status nbl__built_build(nbl__built *built, nbl__input *input, const nbl_build_options *options)
{
    nbl__fault fault = {.what = NBL__FAULT_NONE};
    nbl__refusal refusal;
    input->n_threads =
        nbl__threads_of(options->n_threads ? options->n_threads : built->n_threads, &input->least_pieces);
    input->strips = nbl__dispatch_kernels(built->isa)->strips;
    if (options->max_bytes != 0 && built->memory.held > options->max_bytes)
        nbl__set_free(&built->set, &built->memory);
    nbl_status status = nbl__set_build(&built->set, input, &built->memory, &refusal, &fault);
    if (status != NBL_OK)
        return nbl__say_fault(built->message, status, &fault);
    if (refusal.system < 0)
        return NBL_OK;
    nbl__say_refusal(built->message, &refusal, &built->set, built->batch);
    return input->all_or_nothing ? refusal.status : NBL_EBATCH;
}
