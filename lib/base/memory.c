/* SPDX-License-Identifier: MIT */
#if defined(__linux__)
#define _DEFAULT_SOURCE /* madvise */
#endif
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "base/size.h"

enum { ALIGNMENT = 64 };

/* Large arrays are read all over, and first touched page by page: huge pages, where there are any. */
enum { HUGE_PAGE = 2 * 1024 * 1024 };

static void *default_allocate(void *user, size_t size, size_t alignment)
{
    (void)user;
#if defined(MADV_HUGEPAGE)
    alignment = size >= HUGE_PAGE ? HUGE_PAGE : alignment;
#endif
    size_t rounded = nbl__size_add(size, alignment - 1);
    if (rounded == SIZE_MAX)
        return NULL;
    rounded &= ~(alignment - 1);
    void *data = aligned_alloc(alignment, rounded);
#if defined(MADV_HUGEPAGE)
    if (data && size >= HUGE_PAGE)
        (void)madvise(data, rounded, MADV_HUGEPAGE);
#endif
    return data;
}

static void default_release(void *user, void *pointer, size_t size)
{
    (void)user;
    (void)size;
    free(pointer);
}

void nbl__memory_init(nbl__memory *memory, const nbl_allocator *hooks)
{
    memory->allocate = hooks ? hooks->allocate : default_allocate;
    memory->release = hooks ? hooks->release : default_release;
    memory->user = hooks ? hooks->user : NULL;
    memory->held = 0;
    memory->limit = 0;
    nbl__lock_init(&memory->lock);
}

/* Bytes are booked before the hooks are called: they may take long, and several threads may be in them. */
static bool book(nbl__memory *memory, size_t bytes, nbl__fault *fault)
{
    nbl__lock_take(&memory->lock);
    const uint64_t held = memory->held, limit = memory->limit;
    const bool fits = limit == 0 || (held <= limit && bytes <= limit - held);
    memory->held += fits ? bytes : 0;
    nbl__lock_give(&memory->lock);
    fault->limit = limit;
    if (!fits)
        fault->need = held > UINT64_MAX - bytes ? UINT64_MAX : held + bytes;
    return fits;
}

static void unbook(nbl__memory *memory, size_t bytes)
{
    nbl__lock_take(&memory->lock);
    memory->held -= bytes;
    nbl__lock_give(&memory->lock);
}

nbl_status nbl__memory_take(nbl__memory *memory, size_t bytes, void **out, nbl__fault *fault)
{
    nbl__fault why = {.what = NBL__FAULT_BYTES, .need = bytes};
    nbl_status status = NBL_ELIMIT;
    *out = NULL;
    if (book(memory, bytes, &why)) {
        /* PTRDIFF_MAX bounds every object, whatever the allocator would say. */
        if (bytes <= PTRDIFF_MAX)
            *out = memory->allocate(memory->user, bytes, ALIGNMENT);
        if (*out)
            return NBL_OK;
        unbook(memory, bytes);
        status = NBL_ENOMEM;
    }
    *fault = why;
    return status;
}

void nbl__memory_give(nbl__memory *memory, void *pointer, size_t bytes)
{
    if (!pointer)
        return;
    memory->release(memory->user, pointer, bytes);
    unbook(memory, bytes);
}

/* An eighth more than asked, when a buffer grows for the second time: systems of a run grow slowly. */
static size_t padded(size_t old, size_t bytes)
{
    if (old == 0)
        return bytes;
    size_t more = nbl__size_add(bytes, bytes / 8);
    return more == SIZE_MAX ? bytes : more;
}

nbl_status nbl__buffer_reserve(nbl__memory *memory, nbl__buffer *buffer, size_t bytes, nbl__fault *fault)
{
    if (bytes <= buffer->bytes)
        return NBL_OK;
    size_t want = padded(buffer->bytes, bytes);
    nbl__buffer_free(memory, buffer);
    nbl_status status = nbl__memory_take(memory, want, &buffer->data, fault);
    if (status != NBL_OK && want > bytes) {
        want = bytes;
        status = nbl__memory_take(memory, want, &buffer->data, fault);
    }
    if (status == NBL_OK)
        buffer->bytes = want;
    return status;
}

nbl_status nbl__buffer_grow(nbl__memory *memory, nbl__buffer *buffer, size_t used, size_t bytes,
                            nbl__fault *fault)
{
    if (bytes <= buffer->bytes)
        return NBL_OK;
    void *data;
    nbl_status status = nbl__memory_take(memory, bytes, &data, fault);
    if (status != NBL_OK)
        return status;
    if (used != 0)
        memcpy(data, buffer->data, used);
    nbl__buffer_free(memory, buffer);
    buffer->data = data;
    buffer->bytes = bytes;
    return NBL_OK;
}

void nbl__buffer_free(nbl__memory *memory, nbl__buffer *buffer)
{
    nbl__memory_give(memory, buffer->data, buffer->bytes);
    buffer->data = NULL;
    buffer->bytes = 0;
}
