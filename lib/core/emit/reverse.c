/* SPDX-License-Identifier: MIT */
#include "emit/reverse.h"

#include <string.h>

#include "base/size.h"
#include "emit/order.h"

/* Rows in contract order: numbers ascending, and where each stands in the row as it is. */
typedef struct ranking {
    uint32_t *numbers; /* [pairs of the system]; NULL: the rows themselves are in order */
    uint32_t *places;  /* [pairs of the system] */
    int64_t offset;    /* of the system's first pair in the list */
} ranking;

static void sort_row(const nbl__rows *rows, int64_t row, const ranking *sorted, uint32_t *scratch)
{
    const uint32_t *numbers_found = rows->entry[row];
    const uint32_t count = rows->count[row];
    const int64_t at = rows->offset[row] - sorted->offset;
    uint32_t *numbers = sorted->numbers + at, *places = sorted->places + at;
    if (count == 0)
        return;
    memcpy(numbers, numbers_found, count * sizeof *numbers);
    nbl__order_numbers(numbers, count, scratch);
    for (uint32_t e = 0; e < count; e++) {
        uint32_t low = 0, high = count;
        while (high - low > 1) {
            uint32_t middle = low + (high - low) / 2;
            if (numbers[middle] <= numbers_found[e])
                low = middle;
            else
                high = middle;
        }
        places[low] = e;
    }
}

static nbl__image image_of(const nbl__reverse *reverse, uint32_t number)
{
    return reverse->images ? reverse->images[number] : (nbl__image){(int32_t)number, {0, 0, 0}};
}

static nbl__image at(const nbl__reverse *reverse, const ranking *sorted, int64_t row, uint32_t rank)
{
    const nbl__rows *rows = reverse->rows;
    if (reverse->wide)
        return ((const nbl__image *)rows->entry[row])[rank];
    const uint32_t *numbers =
        sorted->numbers ? sorted->numbers + (rows->offset[row] - sorted->offset) : rows->entry[row];
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

static bool fill_row(const nbl__reverse *reverse, const ranking *sorted, int64_t i)
{
    const nbl__rows *rows = reverse->rows;
    const int64_t row = reverse->first + i;
    const uint32_t *numbers = rows->entry[row];
    for (uint32_t e = 0; e < rows->count[row]; e++) {
        const nbl__image image =
            reverse->wide ? ((const nbl__image *)rows->entry[row])[e] : image_of(reverse, numbers[e]);
        nbl__image mirror = {(int32_t)i, {0, 0, 0}};
        for (int k = 0; k < 3; k++) {
            int64_t s = -(int64_t)image.shift[k];
            s -= reverse->w ? (int64_t)reverse->w[i][k] + reverse->w[image.atom][k] : 0;
            mirror.shift[k] = (int32_t)s;
        }
        int64_t edge = find(reverse, sorted, reverse->first + image.atom, &mirror);
        if (edge < 0)
            return false;
        if (reverse->dtype == NBL_INT32)
            ((int32_t *)reverse->out)[rows->offset[row] + e] = (int32_t)(edge + reverse->base);
        else
            ((int64_t *)reverse->out)[rows->offset[row] + e] = edge + reverse->base;
    }
    return true;
}

nbl_status nbl__reverse_fill(const nbl__reverse *reverse, nbl__buffer *scratch, nbl__memory *memory,
                             nbl__fault *fault)
{
    const nbl__rows *rows = reverse->rows;
    const int64_t end = reverse->first + reverse->n;
    ranking sorted = {NULL, NULL, rows->offset[reverse->first]};
    const int64_t total = rows->offset[end] - sorted.offset;
    if (total == 0)
        return NBL_OK;
    if (!reverse->sorted && !reverse->wide) {
        size_t bytes = nbl__size_mul(nbl__size_of_count((uint64_t)total, sizeof(uint32_t)), 2);
        bytes = nbl__size_add(bytes, nbl__size_of_count((uint64_t)rows->max_count, sizeof(uint32_t)));
        nbl_status status = nbl__buffer_reserve(memory, scratch, bytes, fault);
        if (status != NBL_OK)
            return status;
        sorted.numbers = scratch->data;
        sorted.places = sorted.numbers + total;
        for (int64_t row = reverse->first; row < end; row++)
            sort_row(rows, row, &sorted, sorted.places + total);
    }
    for (int64_t i = 0; i < reverse->n; i++)
        if (!fill_row(reverse, &sorted, i))
            return NBL_EVERIFY;
    return NBL_OK;
}
