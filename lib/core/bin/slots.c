/* SPDX-License-Identifier: MIT */
#include "bin/slots.h"

#include <string.h>

#include "base/size.h"
#include "base/sort.h"
#include "base/threads.h"

/* A lattice translation in steps of the reduced basis, and the caller's shift that it is. */
typedef struct offset {
    int32_t m[3];
    int32_t shift[3];
} offset;

typedef struct span {
    int32_t low[3], high[3]; /* images m along each axis that fall into padded bins */
} span;

/* Atoms that one thread handles in one go; of bins each thread has one range. */
enum { PIECE_ATOMS = 4096 };

/* What the pieces of work share: a piece is a stretch of atoms or a range of bins. */
typedef struct filler {
    const nbl__grid *grid;
    const nbl__lattice *lattice;
    const nbl__wrapped *wrapped;
    nbl__slots *slots;
    int64_t n_atoms, n_pieces, n_ranges;
    int64_t *counts; /* [n_pieces] images of the atoms of a piece; then the number of its first one */
    span *widest;    /* [n_pieces] */
    double (*p)[3];  /* [images] in order of atom and shift, before they are sorted into bins */
    uint32_t *bin;   /* [images] */
    const offset *offsets;
    int64_t n_offsets;
    int64_t *sums;     /* [n_ranges] images in the bins of a range; then of all ranges before it */
    uint32_t *fullest; /* [n_ranges] */
} filler;

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

/* Where one piece writes its images. */
typedef struct writer {
    const filler *f;
    int64_t at;
} writer;

static void write_image(writer *w, int32_t atom, const int32_t bin[3], const int32_t m[3],
                        const int32_t shift[3])
{
    const filler *f = w->f;
    const nbl__grid *grid = f->grid;
    const double(*r)[3] = f->lattice->r;
    const double *p = f->wrapped->p[atom];
    nbl__image *image = &f->slots->images[w->at];
    double *to = f->p[w->at];
    double m0 = (double)m[0], m1 = (double)m[1], m2 = (double)m[2];
    int64_t linear = 0;
    image->atom = atom;
    for (int k = 0; k < 3; k++) {
        image->shift[k] = shift[k] - f->wrapped->w[atom][k];
        to[k] = p[k] + (m0 * r[0][k] + m1 * r[1][k] + m2 * r[2][k]);
        linear += ((int64_t)bin[k] + (int64_t)m[k] * grid->n[k] + grid->reach[k]) * grid->stride[k];
    }
    f->bin[w->at++] = (uint32_t)linear;
}

static void write_atom(writer *w, int32_t atom)
{
    static const int32_t none[3] = {0, 0, 0};
    const filler *f = w->f;
    int32_t bin[3];
    atom_bins(f->grid, f->lattice, f->wrapped->p[atom], bin);
    span s = image_span(f->grid, f->lattice, bin);
    if (span_count(&s) == 1.0) {
        write_image(w, atom, bin, none, none);
    } else if (f->lattice->reduced) {
        for (int64_t o = 0; o < f->n_offsets; o++)
            if (span_holds(&s, f->offsets[o].m))
                write_image(w, atom, bin, f->offsets[o].m, f->offsets[o].shift);
    } else {
        for (int32_t m0 = s.low[0]; m0 <= s.high[0]; m0++)
            for (int32_t m1 = s.low[1]; m1 <= s.high[1]; m1++)
                for (int32_t m2 = s.low[2]; m2 <= s.high[2]; m2++) {
                    const int32_t m[3] = {m0, m1, m2};
                    write_image(w, atom, bin, m, m);
                }
    }
}

static int64_t last_atom(const filler *f, int64_t piece)
{
    const int64_t end = (piece + 1) * PIECE_ATOMS;
    return end < f->n_atoms ? end : f->n_atoms;
}

static void count_images(filler *f, int64_t piece)
{
    span widest = {{0, 0, 0}, {0, 0, 0}};
    double n = 0.0;
    for (int64_t i = piece * PIECE_ATOMS; i < last_atom(f, piece); i++) {
        int32_t bin[3];
        atom_bins(f->grid, f->lattice, f->wrapped->p[i], bin);
        span s = image_span(f->grid, f->lattice, bin);
        widen(&widest, &s);
        n += span_count(&s);
    }
    f->widest[piece] = widest;
    f->counts[piece] = n < 1e18 ? (int64_t)n : (int64_t)1e18;
}

static void write_images(filler *f, int64_t piece)
{
    writer w = {f, f->counts[piece]};
    for (int64_t i = piece * PIECE_ATOMS; i < last_atom(f, piece); i++)
        write_atom(&w, (int32_t)i);
}

static uint32_t first_bin(const filler *f, int64_t range)
{
    return (uint32_t)(f->grid->n_padded * range / f->n_ranges);
}

/* Counts of the bins of a range: that of bin b in start[b + 2]. */
static void count_bins(filler *f, int64_t range)
{
    const uint32_t low = first_bin(f, range), width = first_bin(f, range + 1) - low;
    uint32_t *count = f->slots->start + 2;
    int64_t sum = 0;
    memset(count + low, 0, width * sizeof *count);
    for (int64_t i = 0; i < f->slots->n; i++)
        if (f->bin[i] - low < width) {
            count[f->bin[i]]++;
            sum++;
        }
    uint32_t fullest = 0;
    for (uint32_t b = low; b < low + width; b++)
        fullest = count[b] > fullest ? count[b] : fullest;
    f->sums[range] = sum;
    f->fullest[range] = fullest;
}

/* The first slot of bin b + 1 into start[b + 2]. */
static void sum_bins(filler *f, int64_t range)
{
    const uint32_t low = first_bin(f, range), end = first_bin(f, range + 1);
    uint32_t *start = f->slots->start + 2;
    uint32_t sum = (uint32_t)f->sums[range];
    for (uint32_t b = low; b < end; b++) {
        sum += start[b];
        start[b] = sum;
    }
}

/* Counting sort: start[b + 1] runs from the first to the end of bin b, and so becomes start of bin b + 1. */
static void place_images(filler *f, int64_t range)
{
    const uint32_t low = first_bin(f, range), width = first_bin(f, range + 1) - low;
    nbl__slots *slots = f->slots;
    uint32_t *start = slots->start + 1;
    for (int64_t i = 0; i < slots->n; i++) {
        if (f->bin[i] - low >= width)
            continue;
        const uint32_t slot = start[f->bin[i]]++;
        slots->x[slot] = f->p[i][0];
        slots->y[slot] = f->p[i][1];
        slots->z[slot] = f->p[i][2];
        slots->image[slot] = (uint32_t)i;
    }
}

/* One pass over all pieces or ranges. */
typedef struct pass {
    filler *f;
    void (*run)(filler *f, int64_t piece);
    int64_t n;
} pass;

/* A thread takes the same pieces in every pass: what it wrote in one it reads in the next. */
static void work(void *context, int thread, int team)
{
    const pass *p = context;
    const int64_t end = p->n * (thread + 1) / team;
    for (int64_t k = p->n * thread / team; k < end; k++)
        p->run(p->f, k);
}

static void run(filler *f, void (*function)(filler *f, int64_t piece), int64_t n, int n_threads)
{
    pass p = {f, function, n};
    nbl__threads_run(n_threads < n ? n_threads : (int)n, work, &p);
}

static nbl_status reserve(nbl__slots *slots, const nbl__grid *grid, uint64_t n, nbl__memory *memory,
                          nbl__fault *fault)
{
    /* 32-bit numbers for slots: 4e9 of them would take 300 GB. */
    if (!(n < UINT32_MAX)) {
        fault->what = NBL__FAULT_BYTES;
        fault->need = n < UINT64_MAX / 76u ? n * 76u : UINT64_MAX;
        fault->limit = 0;
        return NBL_ENOMEM;
    }
    struct {
        nbl__buffer *buffer;
        uint64_t count;
        size_t item;
    } wants[] = {
        {&slots->slot_memory, n, 3 * sizeof(double)},
        {&slots->order_memory, n, sizeof(uint32_t)},
        {&slots->image_memory, n, sizeof(nbl__image)},
        {&slots->start_memory, (uint64_t)grid->n_padded + 2, sizeof(uint32_t)},
        {&slots->scratch, n, 3 * sizeof(double) + sizeof(uint32_t)},
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

/* Room for what is kept per piece and per range. */
static nbl_status reserve_pieces(filler *f, nbl__memory *memory, nbl__fault *fault)
{
    const size_t of_pieces = nbl__size_of_count((uint64_t)f->n_pieces, sizeof *f->counts + sizeof *f->widest);
    const size_t of_ranges = (size_t)f->n_ranges * (sizeof *f->sums + sizeof *f->fullest);
    nbl_status status = nbl__buffer_reserve(memory, &f->slots->piece_memory, of_pieces + of_ranges, fault);
    f->counts = f->slots->piece_memory.data;
    f->sums = f->counts + f->n_pieces;
    f->widest = (span *)(void *)(f->sums + f->n_ranges);
    f->fullest = (uint32_t *)(void *)(f->widest + f->n_pieces);
    return status;
}

/* Counts become places: of the first image of each piece, of the first slot of each range. */
static int64_t place(int64_t *counts, int64_t n)
{
    int64_t total = 0;
    for (int64_t k = 0; k < n; k++) {
        const int64_t count = counts[k];
        counts[k] = total;
        total += count;
    }
    return total;
}

static void sort_into_bins(filler *f, int n_threads)
{
    nbl__slots *slots = f->slots;
    slots->start[0] = slots->start[1] = 0;
    run(f, count_bins, f->n_ranges, n_threads);
    place(f->sums, f->n_ranges);
    slots->fullest = 0;
    for (int64_t k = 0; k < f->n_ranges; k++)
        slots->fullest = f->fullest[k] > slots->fullest ? f->fullest[k] : slots->fullest;
    run(f, sum_bins, f->n_ranges, n_threads);
    run(f, place_images, f->n_ranges, n_threads);
}

nbl_status nbl__slots_init(nbl__slots *slots, const nbl__grid *grid, const nbl__lattice *lattice,
                           const nbl__wrapped *wrapped, int64_t n_atoms, int n_threads, nbl__memory *memory,
                           nbl__fault *fault)
{
    filler f = {.grid = grid, .lattice = lattice, .wrapped = wrapped, .slots = slots, .n_atoms = n_atoms};
    span widest = {{0, 0, 0}, {0, 0, 0}};
    f.n_pieces = (n_atoms + PIECE_ATOMS - 1) / PIECE_ATOMS;
    n_threads = n_threads < f.n_pieces ? n_threads : (int)f.n_pieces;
    f.n_ranges = n_threads > 1 ? n_threads : 1;
    nbl_status status = reserve_pieces(&f, memory, fault);
    if (status != NBL_OK)
        return status;
    run(&f, count_images, f.n_pieces, n_threads);
    double n_images = 0.0;
    for (int64_t k = 0; k < f.n_pieces; k++) {
        widen(&widest, &f.widest[k]);
        n_images += (double)f.counts[k];
    }
    status = reserve(slots, grid, n_images < 1e18 ? (uint64_t)n_images : UINT64_MAX, memory, fault);
    if (status == NBL_OK && lattice->reduced)
        status = make_offsets(lattice, &widest, memory, &slots->offset_memory, &f.n_offsets, fault);
    if (status != NBL_OK)
        return status;
    f.offsets = slots->offset_memory.data;
    f.p = slots->scratch.data;
    f.bin = (uint32_t *)(void *)(f.p + slots->n);
    place(f.counts, f.n_pieces);
    run(&f, write_images, f.n_pieces, n_threads);
    sort_into_bins(&f, n_threads);
    return NBL_OK;
}

void nbl__slots_free(nbl__slots *slots, nbl__memory *memory)
{
    nbl__buffer *buffers[] = {&slots->slot_memory,  &slots->image_memory,  &slots->start_memory,
                              &slots->order_memory, &slots->offset_memory, &slots->scratch,
                              &slots->piece_memory};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    memset(slots, 0, sizeof *slots);
}
