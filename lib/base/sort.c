/* SPDX-License-Identifier: MIT */
#include "base/sort.h"

#include <string.h>

static void merge(const char *a, const char *middle, const char *end, char *out, size_t size,
                  int (*compare)(const void *, const void *))
{
    const char *b = middle;
    while (a < middle && b < end) {
        const char **from = compare(b, a) < 0 ? &b : &a;
        memcpy(out, *from, size);
        *from += size;
        out += size;
    }
    memcpy(out, a, (size_t)(middle - a));
    memcpy(out + (middle - a), b, (size_t)(end - b));
}

void nbl__sort(void *items, size_t n, size_t size, int (*compare)(const void *, const void *), void *scratch)
{
    char *from = items, *to = scratch;
    if (n < 2)
        return;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t first = 0; first < n; first += 2 * width) {
            size_t middle = n - first > width ? first + width : n;
            size_t end = n - first > 2 * width ? first + 2 * width : n;
            merge(from + first * size, from + middle * size, from + end * size, to + first * size, size,
                  compare);
        }
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, n * size);
}
