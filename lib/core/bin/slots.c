/* SPDX-License-Identifier: MIT */
#include "bin/slots.h"

#include <string.h>

#include "base/size.h"
#include "base/sort.h"

/* A lattice translation in steps of the reduced basis, and the caller's shift that it is. */
typedef struct offset {
    int32_t m[3];
    int32_t shift[3];
} offset;

/* What is written per image, in order of images, before it is sorted into bins. */
typedef struct draft {
    double p[3];
    uint32_t bin;
} draft;

typedef struct span {
    int32_t low[3], high[3]; /* images m along each axis that fall into padded bins */
} span;

static int32_t floor_div(int32_t a, int32_t b)
{
    int32_t q = a / b;
    return q - (a % b < 0);
}

static void atom_bins(const nbl__grid *grid, const nbl__lattice *lattice, const double *p, int32_t bin[3])
{
    for (int a = 0; a < 3; a++)
        bin[a] = nbl__grid_bin(grid, a, nbl__dot(lattice->g[a], p));
}

static span image_span(const nbl__grid *grid, const nbl__lattice *lattice, const int32_t bin[3])
{
    span s = {{0, 0, 0}, {0, 0, 0}};
    for (int a = 0; a < 3; a++) {
        if (!lattice->pbc[a])
            continue;
        int32_t n = grid->n[a], reach = grid->reach[a], b = bin[a];
        if (b + n >= n + reach && b - n < -reach)
            continue;
        s.high[a] = floor_div(n + reach - 1 - b, n);
        s.low[a] = -floor_div(b + reach, n);
    }
    return s;
}

static double span_count(const span *s)
{
    double count = 1.0;
    for (int a = 0; a < 3; a++)
        count *= (double)(s->high[a] - s->low[a]) + 1.0;
    return count;
}

static bool span_holds(const span *s, const int32_t m[3])
{
    bool inside = true;
    for (int a = 0; a < 3; a++)
        inside &= m[a] >= s->low[a] && m[a] <= s->high[a];
    return inside;
}

static int compare_offsets(const void *a, const void *b)
{
    const int32_t *x = ((const offset *)a)->shift, *y = ((const offset *)b)->shift;
    for (int k = 0; k < 3; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return 0;
}

static void caller_shift(const nbl__lattice *lattice, offset *o)
{
    for (int b = 0; b < 3; b++) {
        int64_t sum = 0;
        for (int a = 0; a < 3; a++)
            sum += (int64_t)o->m[a] * lattice->m[a][b];
        o->shift[b] = (int32_t)sum;
    }
}

/* All translations that any atom needs, in lexicographic order of the caller's shift. */
static nbl_status make_offsets(const nbl__lattice *lattice, const span *widest, nbl__memory *memory,
                               nbl__buffer *buffer, int64_t *count, nbl__fault *fault)
{
    double total = span_count(widest);
    size_t bytes = nbl__size_of_count(total < 1e18 ? (uint64_t)total : UINT64_MAX, 2 * sizeof(offset));
    nbl_status status = nbl__buffer_reserve(memory, buffer, bytes, fault);
    if (status != NBL_OK)
        return status;
    offset *o = buffer->data;
    for (int32_t m0 = widest->low[0]; m0 <= widest->high[0]; m0++)
        for (int32_t m1 = widest->low[1]; m1 <= widest->high[1]; m1++)
            for (int32_t m2 = widest->low[2]; m2 <= widest->high[2]; m2++, o++) {
                *o = (offset){{m0, m1, m2}, {0, 0, 0}};
                caller_shift(lattice, o);
            }
    *count = (int64_t)total;
    nbl__sort(buffer->data, (size_t)*count, sizeof(offset), compare_offsets, o);
    return NBL_OK;
}

static void widen(span *widest, const span *s)
{
    for (int a = 0; a < 3; a++) {
        widest->low[a] = s->low[a] < widest->low[a] ? s->low[a] : widest->low[a];
        widest->high[a] = s->high[a] > widest->high[a] ? s->high[a] : widest->high[a];
    }
}

typedef struct writer {
    const nbl__grid *grid;
    const nbl__lattice *lattice;
    const nbl__wrapped *wrapped;
    nbl__slots *slots;
    draft *drafts;
    int64_t n;
} writer;

static void write_image(writer *w, int32_t atom, const int32_t bin[3], const int32_t m[3],
                        const int32_t shift[3])
{
    const nbl__grid *grid = w->grid;
    const double(*r)[3] = w->lattice->r;
    const double *p = w->wrapped->p[atom];
    nbl__image *image = &w->slots->images[w->n];
    draft *d = &w->drafts[w->n];
    double m0 = (double)m[0], m1 = (double)m[1], m2 = (double)m[2];
    int64_t linear = 0;
    image->atom = atom;
    for (int k = 0; k < 3; k++) {
        image->shift[k] = shift[k] - w->wrapped->w[atom][k];
        d->p[k] = p[k] + (m0 * r[0][k] + m1 * r[1][k] + m2 * r[2][k]);
        linear += ((int64_t)bin[k] + (int64_t)m[k] * grid->n[k] + grid->reach[k]) * grid->stride[k];
    }
    d->bin = (uint32_t)linear;
    w->slots->start[linear + 2]++;
    w->n++;
}

static void write_atom(writer *w, int32_t atom, const offset *offsets, int64_t n_offsets)
{
    static const int32_t none[3] = {0, 0, 0};
    int32_t bin[3];
    atom_bins(w->grid, w->lattice, w->wrapped->p[atom], bin);
    span s = image_span(w->grid, w->lattice, bin);
    if (span_count(&s) == 1.0) {
        write_image(w, atom, bin, none, none);
    } else if (w->lattice->reduced) {
        for (int64_t o = 0; o < n_offsets; o++)
            if (span_holds(&s, offsets[o].m))
                write_image(w, atom, bin, offsets[o].m, offsets[o].shift);
    } else {
        for (int32_t m0 = s.low[0]; m0 <= s.high[0]; m0++)
            for (int32_t m1 = s.low[1]; m1 <= s.high[1]; m1++)
                for (int32_t m2 = s.low[2]; m2 <= s.high[2]; m2++) {
                    const int32_t m[3] = {m0, m1, m2};
                    write_image(w, atom, bin, m, m);
                }
    }
}

static nbl_status reserve(nbl__slots *slots, const nbl__grid *grid, double n_images, nbl__memory *memory,
                          nbl__fault *fault)
{
    /* 32-bit numbers for slots: 4e9 of them would take 300 GB. */
    if (!(n_images < 4294967295.0)) {
        fault->what = NBL__FAULT_BYTES;
        fault->need = n_images < 1e17 ? (uint64_t)n_images * 76u : UINT64_MAX;
        fault->limit = 0;
        return NBL_ENOMEM;
    }
    uint64_t n = (uint64_t)n_images;
    struct {
        nbl__buffer *buffer;
        uint64_t count;
        size_t item;
    } wants[] = {
        {&slots->slot_memory, n, 3 * sizeof(double)},
        {&slots->order_memory, n, sizeof(uint32_t)},
        {&slots->image_memory, n, sizeof(nbl__image)},
        {&slots->start_memory, (uint64_t)grid->n_padded + 2, sizeof(uint32_t)},
        {&slots->scratch, n, sizeof(draft)},
    };
    for (size_t k = 0; k < sizeof wants / sizeof *wants; k++) {
        nbl_status status = nbl__buffer_reserve(memory, wants[k].buffer,
                                                nbl__size_of_count(wants[k].count, wants[k].item), fault);
        if (status != NBL_OK)
            return status;
    }
    slots->n = (int64_t)n;
    slots->x = slots->slot_memory.data;
    slots->y = slots->x + n;
    slots->z = slots->y + n;
    slots->image = slots->order_memory.data;
    slots->images = slots->image_memory.data;
    slots->start = slots->start_memory.data;
    return NBL_OK;
}

/* Counting sort: start[b + 1] runs from the first to the end of bin b, and so becomes start of bin b + 1. */
static void sort_into_bins(nbl__slots *slots, const nbl__grid *grid, const draft *drafts)
{
    uint32_t *start = slots->start;
    slots->fullest = 0;
    for (int64_t b = 2; b < grid->n_padded + 2; b++) {
        slots->fullest = start[b] > slots->fullest ? start[b] : slots->fullest;
        start[b] += start[b - 1];
    }
    for (int64_t i = 0; i < slots->n; i++) {
        uint32_t slot = start[drafts[i].bin + 1]++;
        slots->x[slot] = drafts[i].p[0];
        slots->y[slot] = drafts[i].p[1];
        slots->z[slot] = drafts[i].p[2];
        slots->image[slot] = (uint32_t)i;
    }
}

nbl_status nbl__slots_init(nbl__slots *slots, const nbl__grid *grid, const nbl__lattice *lattice,
                           const nbl__wrapped *wrapped, int64_t n_atoms, nbl__memory *memory, nbl__fault *fault)
{
    span widest = {{0, 0, 0}, {0, 0, 0}};
    double n_images = 0.0;
    for (int64_t i = 0; i < n_atoms; i++) {
        int32_t bin[3];
        atom_bins(grid, lattice, wrapped->p[i], bin);
        span s = image_span(grid, lattice, bin);
        widen(&widest, &s);
        n_images += span_count(&s);
    }
    nbl_status status = reserve(slots, grid, n_images, memory, fault);
    if (status != NBL_OK)
        return status;
    int64_t n_offsets = 0;
    if (lattice->reduced)
        status = make_offsets(lattice, &widest, memory, &slots->offset_memory, &n_offsets, fault);
    if (status != NBL_OK)
        return status;
    memset(slots->start, 0, ((size_t)grid->n_padded + 2) * sizeof *slots->start);
    writer w = {grid, lattice, wrapped, slots, slots->scratch.data, 0};
    for (int64_t i = 0; i < n_atoms; i++)
        write_atom(&w, (int32_t)i, slots->offset_memory.data, n_offsets);
    sort_into_bins(slots, grid, w.drafts);
    return NBL_OK;
}

void nbl__slots_free(nbl__slots *slots, nbl__memory *memory)
{
    nbl__buffer *buffers[] = {&slots->slot_memory,  &slots->image_memory,  &slots->start_memory,
                              &slots->order_memory, &slots->offset_memory, &slots->scratch};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    memset(slots, 0, sizeof *slots);
}
