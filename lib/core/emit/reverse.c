/* SPDX-License-Identifier: MIT */
#include "emit/reverse.h"

#include <string.h>

#include "base/bits.h"
#include "base/size.h"
#include "emit/order.h"

/* Rows in contract order: where the entry of each rank stands in the row as it is. */
typedef struct ranking {
    uint32_t *places; /* [pairs of the system]; NULL: the rows themselves are in order */
    int64_t offset;   /* of the system's first pair in the list */
} ranking;

static void sort_row(const nbl__reverse *reverse, int64_t row, const ranking *sorted, uint64_t *ranks)
{
    const nbl__rows *rows = reverse->rows;
    const uint32_t *numbers = rows->entry[row];
    const uint32_t count = rows->count[row];
    uint32_t *places = sorted->places + (rows->offset[row] - sorted->offset);
    for (uint32_t e = 0; e < count; e++)
        ranks[e] = (uint64_t)(reverse->key ? reverse->key[numbers[e]] : numbers[e]) << 32 | e;
    nbl__order_ranks(ranks, count, ranks + count);
    for (uint32_t e = 0; e < count; e++)
        places[e] = (uint32_t)ranks[e];
}

static nbl__image image_of(const nbl__reverse *reverse, uint32_t number)
{
    return reverse->images ? reverse->images[number] : (nbl__image){.atom = (int32_t)number};
}

static nbl__image at(const nbl__reverse *reverse, const ranking *sorted, int64_t row, uint32_t rank)
{
    const nbl__rows *rows = reverse->rows;
    if (reverse->wide)
        return ((const nbl__image *)rows->entry[row])[rank];
    const uint32_t *numbers = rows->entry[row];
    if (sorted->places)
        rank = sorted->places[rows->offset[row] - sorted->offset + rank];
    return image_of(reverse, numbers[rank]);
}

static int64_t find(const nbl__reverse *reverse, const ranking *sorted, int64_t row, const nbl__image *wanted)
{
    const nbl__rows *rows = reverse->rows;
    uint32_t low = 0, high = rows->count[row];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const nbl__image image = at(reverse, sorted, row, middle);
        if (nbl__order_compare(&image, wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == rows->count[row])
        return -1;
    const nbl__image image = at(reverse, sorted, row, low);
    if (nbl__order_compare(&image, wanted) != 0)
        return -1;
    uint32_t place = sorted->places ? sorted->places[rows->offset[row] - sorted->offset + low] : low;
    return rows->offset[row] + place;
}

static void put(const nbl__reverse *reverse, int64_t at, int64_t edge)
{
    if (reverse->dtype == NBL_INT32)
        ((int32_t *)reverse->out)[at] = (int32_t)(edge + reverse->base);
    else
        ((int64_t *)reverse->out)[at] = edge + reverse->base;
}

/* A row that is a mask: an atom's place in another one is the number of bits below its own. */
static bool fill_mask(const nbl__reverse *reverse, int64_t i)
{
    const nbl__rows *rows = reverse->rows;
    const uint64_t own = UINT64_C(1) << i;
    int64_t at = rows->offset[reverse->first + i];
    for (int64_t j = 0; j < reverse->n; j++) {
        const uint64_t other = rows->mask[reverse->first + j];
        if ((rows->mask[reverse->first + i] >> j & 1) == 0)
            continue;
        if ((other & own) == 0)
            return false;
        put(reverse, at++, rows->offset[reverse->first + j] + nbl__count_bits(other & (own - 1)));
    }
    return true;
}

static bool fill_row(const nbl__reverse *reverse, const ranking *sorted, int64_t i)
{
    const nbl__rows *rows = reverse->rows;
    const int64_t row = reverse->first + i;
    const uint32_t *numbers = rows->entry[row];
    for (uint32_t e = 0; e < rows->count[row]; e++) {
        const nbl__image image =
            reverse->wide ? ((const nbl__image *)rows->entry[row])[e] : image_of(reverse, numbers[e]);
        nbl__image mirror = {.atom = (int32_t)i};
        for (int k = 0; k < 3; k++) {
            int64_t s = -(int64_t)image.shift[k];
            s -= reverse->w ? (int64_t)reverse->w[i][k] + reverse->w[image.atom][k] : 0;
            mirror.shift[k] = (int32_t)s;
        }
        int64_t edge = find(reverse, sorted, reverse->first + image.atom, &mirror);
        if (edge < 0)
            return false;
        put(reverse, rows->offset[row] + e, edge);
    }
    return true;
}

size_t nbl__reverse_bytes(int64_t pairs, int64_t longest)
{
    const size_t of_ranks = nbl__size_mul(nbl__size_of_count((uint64_t)longest, sizeof(uint64_t)), 2);
    return nbl__size_add(of_ranks, nbl__size_of_count((uint64_t)pairs, sizeof(uint32_t)));
}

nbl_status nbl__reverse_fill(const nbl__reverse *reverse, nbl__buffer *scratch, nbl__memory *memory,
                             nbl__fault *fault)
{
    const nbl__rows *rows = reverse->rows;
    const int64_t end = reverse->first + reverse->n;
    ranking sorted = {NULL, rows->offset[reverse->first]};
    const int64_t total = rows->offset[end] - sorted.offset;
    if (total == 0)
        return NBL_OK;
    if (!reverse->sorted && !reverse->wide && !reverse->masked) {
        nbl_status status =
            nbl__buffer_reserve(memory, scratch, nbl__reverse_bytes(total, rows->max_count), fault);
        if (status != NBL_OK)
            return status;
        uint64_t *ranks = scratch->data;
        sorted.places = (uint32_t *)(void *)(ranks + 2 * rows->max_count);
        for (int64_t row = reverse->first; row < end; row++)
            sort_row(reverse, row, &sorted, ranks);
    }
    for (int64_t i = 0; i < reverse->n; i++)
        if (reverse->masked ? !fill_mask(reverse, i) : !fill_row(reverse, &sorted, i))
            return NBL_EVERIFY;
    return NBL_OK;
}
