/* SPDX-License-Identifier: MIT */
#include "emit/reverse.h"

#include <string.h>

#include "base/size.h"
#include "emit/order.h"

/* Rows in contract order: numbers ascending, and where each stands in the row as it is. */
typedef struct ranking {
    uint32_t *numbers; /* [total]; NULL: the rows themselves are in order */
    uint32_t *places;  /* [total] */
} ranking;

static void sort_row(const nbl__rows *rows, int64_t i, const ranking *sorted, uint32_t *scratch)
{
    const uint32_t *row = rows->entry[i];
    uint32_t count = rows->count[i];
    uint32_t *numbers = sorted->numbers + rows->offset[i], *places = sorted->places + rows->offset[i];
    if (count == 0)
        return;
    memcpy(numbers, row, count * sizeof *row);
    nbl__order_numbers(numbers, count, scratch);
    for (uint32_t e = 0; e < count; e++) {
        uint32_t low = 0, high = count;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (numbers[middle] <= row[e])
                low = middle;
            else
                high = middle;
        }
        places[low] = e;
    }
}

static const nbl__image *at(const nbl__reverse *reverse, const ranking *sorted, int64_t i, uint32_t rank)
{
    const nbl__rows *rows = reverse->rows;
    if (rows->wide)
        return (const nbl__image *)rows->entry[i] + rank;
    const uint32_t *numbers = sorted->numbers ? sorted->numbers + rows->offset[i] : rows->entry[i];
    return &reverse->images[numbers[rank]];
}

static int64_t find(const nbl__reverse *reverse, const ranking *sorted, int64_t i, const nbl__image *wanted)
{
    uint32_t low = 0, high = reverse->rows->count[i];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (nbl__order_compare(at(reverse, sorted, i, middle), wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == reverse->rows->count[i] || nbl__order_compare(at(reverse, sorted, i, low), wanted) != 0)
        return -1;
    uint32_t place = sorted->places ? sorted->places[reverse->rows->offset[i] + low] : low;
    return reverse->rows->offset[i] + place;
}

static bool fill_row(const nbl__reverse *reverse, const ranking *sorted, int64_t i)
{
    const nbl__rows *rows = reverse->rows;
    const uint32_t *row = rows->entry[i];
    for (uint32_t e = 0; e < rows->count[i]; e++) {
        const nbl__image *image =
            rows->wide ? (const nbl__image *)rows->entry[i] + e : &reverse->images[row[e]];
        nbl__image mirror = {(int32_t)i, {0, 0, 0}};
        for (int k = 0; k < 3; k++) {
            int64_t s = image->shift[k];
            s = rows->wide ? -s : -s - reverse->w[i][k] - reverse->w[image->atom][k];
            mirror.shift[k] = (int32_t)s;
        }
        int64_t edge = find(reverse, sorted, image->atom, &mirror);
        if (edge < 0)
            return false;
        if (reverse->dtype == NBL_INT32)
            ((int32_t *)reverse->out)[rows->offset[i] + e] = (int32_t)(edge + reverse->base);
        else
            ((int64_t *)reverse->out)[rows->offset[i] + e] = edge + reverse->base;
    }
    return true;
}

nbl_status nbl__reverse_fill(const nbl__reverse *reverse, nbl__buffer *scratch, nbl__memory *memory,
                             nbl__fault *fault)
{
    const nbl__rows *rows = reverse->rows;
    ranking sorted = {NULL, NULL};
    if (rows->total == 0)
        return NBL_OK;
    if (!reverse->sorted && !rows->wide) {
        size_t bytes = nbl__size_mul(nbl__size_of_count((uint64_t)rows->total, sizeof(uint32_t)), 2);
        bytes = nbl__size_add(bytes, nbl__size_of_count((uint64_t)rows->max_count, sizeof(uint32_t)));
        nbl_status status = nbl__buffer_reserve(memory, scratch, bytes, fault);
        if (status != NBL_OK)
            return status;
        sorted.numbers = scratch->data;
        sorted.places = sorted.numbers + rows->total;
        for (int64_t i = 0; i < rows->n; i++)
            sort_row(rows, i, &sorted, sorted.places + rows->total);
    }
    for (int64_t i = 0; i < rows->n; i++)
        if (!fill_row(reverse, &sorted, i))
            return NBL_EVERIFY;
    return NBL_OK;
}
