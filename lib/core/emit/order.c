/* SPDX-License-Identifier: MIT */
#include "emit/order.h"

#include <string.h>

enum { BLOCK = 16 };

static void insertion(uint64_t *a, uint32_t count)
{
    for (uint32_t k = 1; k < count; k++) {
        const uint64_t value = a[k];
        uint32_t at = k;
        for (; at > 0 && a[at - 1] > value; at--)
            a[at] = a[at - 1];
        a[at] = value;
    }
}

static void merge(const uint64_t *a, uint32_t n_a, const uint64_t *b, uint32_t n_b, uint64_t *out)
{
    uint32_t i = 0, j = 0, k = 0;
    while (i < n_a && j < n_b) {
        bool second = b[j] < a[i];
        out[k++] = second ? b[j] : a[i];
        i += !second;
        j += second;
    }
    if (i < n_a)
        memcpy(out + k, a + i, (n_a - i) * sizeof *out);
    if (j < n_b)
        memcpy(out + k, b + j, (n_b - j) * sizeof *out);
}

void nbl__order_ranks(uint64_t *ranks, uint32_t count, uint64_t *scratch)
{
    for (uint32_t first = 0; first < count; first += BLOCK)
        insertion(ranks + first, count - first < BLOCK ? count - first : BLOCK);
    uint64_t *from = ranks, *to = scratch;
    for (uint64_t width = BLOCK; width < count; width *= 2) {
        for (uint64_t first = 0; first < count; first += 2 * width) {
            uint64_t middle = first + width < count ? first + width : count;
            uint64_t end = first + 2 * width < count ? first + 2 * width : count;
            merge(from + first, (uint32_t)(middle - first), from + middle, (uint32_t)(end - middle),
                  to + first);
        }
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != ranks)
        memcpy(ranks, from, (size_t)count * sizeof *ranks);
}
