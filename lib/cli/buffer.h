/* SPDX-License-Identifier: MIT */
/* An array that grows and is reused from frame to frame; its contents do not survive growth. */
#ifndef NBL_CLI_BUFFER_H
#define NBL_CLI_BUFFER_H

#include <stdint.h>
#include <stdlib.h>

struct nbl__cli_buffer {
    void *data;
    size_t size;
};

/* Room for n items of `width` bytes; never NULL for n = 0, NULL when out of memory. */
static inline void *nbl__cli_buffer_get(struct nbl__cli_buffer *buffer, int64_t n, size_t width)
{
    if (n < 0 || (uint64_t)n > SIZE_MAX / width - 1)
        return NULL;
    size_t size = ((size_t)n + 1) * width;
    if (size > buffer->size) {
        free(buffer->data);
        buffer->data = malloc(size);
        buffer->size = buffer->data ? size : 0;
    }
    return buffer->data;
}

static inline void nbl__cli_buffer_free(struct nbl__cli_buffer *buffer)
{
    free(buffer->data);
    buffer->data = NULL;
    buffer->size = 0;
}

#endif
