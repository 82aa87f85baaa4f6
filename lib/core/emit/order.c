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

static uint64_t *merge_blocks(uint64_t *ranks, uint32_t count, uint64_t *scratch)
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
    return from;
}

/* Keys of images near each other span few digits: from the lowest digit up, each pass keeps the order of the
 * last. */
enum { MOST_BITS = 9, LEAST_RADIX = 64 };

/* Bits of a digit so that all have about as many. */
static uint32_t digit_bits(uint32_t span)
{
    uint32_t bits = 1;
    while (bits < 32 && span >> bits != 0)
        bits++;
    const uint32_t passes = (bits + MOST_BITS - 1) / MOST_BITS;
    return (bits + passes - 1) / passes;
}

static uint64_t *sort_digits(uint64_t *ranks, uint32_t count, uint64_t *scratch)
{
    uint64_t low = ranks[0], high = ranks[0];
    uint64_t *from = ranks, *to = scratch;
    for (uint32_t k = 1; k < count; k++) {
        low = ranks[k] < low ? ranks[k] : low;
        high = ranks[k] > high ? ranks[k] : high;
    }
    const uint32_t least = (uint32_t)(low >> 32), span = (uint32_t)(high >> 32) - least;
    const uint32_t bits = digit_bits(span), mask = (1u << bits) - 1;
    for (uint32_t shift = 0; shift < 32 && span >> shift != 0; shift += bits) {
        uint32_t place[1 << MOST_BITS], sum = 0;
        memset(place, 0, (mask + 1) * sizeof *place);
        for (uint32_t k = 0; k < count; k++)
            place[((uint32_t)(from[k] >> 32) - least) >> shift & mask]++;
        for (uint32_t d = 0; d <= mask; d++) {
            const uint32_t n = place[d];
            place[d] = sum;
            sum += n;
        }
        for (uint32_t k = 0; k < count; k++)
            to[place[((uint32_t)(from[k] >> 32) - least) >> shift & mask]++] = from[k];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

void nbl__order_ranks(uint64_t *ranks, uint32_t count, uint64_t *scratch)
{
    const uint64_t *sorted =
        count < LEAST_RADIX ? merge_blocks(ranks, count, scratch) : sort_digits(ranks, count, scratch);
    if (sorted != ranks)
        memcpy(ranks, sorted, (size_t)count * sizeof *ranks);
}
