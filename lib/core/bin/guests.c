/* SPDX-License-Identifier: MIT */
#include "bin/guests.h"

#include <string.h>

#include "base/inline.h"
#include "base/size.h"
#include "base/sort.h"
#include "base/sums.h"
#include "base/threads.h"

typedef struct nbl__guest_span {
    int32_t low[3], high[3]; /* images m along each axis that fall into padded bins */
} span;

/* Atoms that one thread handles in one go. */
enum { PIECE_ATOMS = 4096 };

static int32_t floor_div(int32_t a, int32_t b)
{
    int32_t q = a / b;
    return q - (a % b < 0);
}

/* The bin along each axis of one that is numbered among the padded ones. */
static void bins_of(const nbl__grid *grid, uint32_t home, int32_t bin[3])
{
    for (int a = 0; a < 3; a++)
        bin[a] = (int32_t)(home / grid->stride[a] % grid->padded[a]) - grid->reach[a];
}

static span image_span(const nbl__guests *g, uint32_t home)
{
    const nbl__grid *grid = g->grid;
    span s = {{0, 0, 0}, {0, 0, 0}};
    int32_t bin[3];
    bins_of(grid, home, bin);
    for (int a = 0; a < 3; a++) {
        if (!g->lattice->pbc[a])
            continue;
        int32_t n = grid->n[a], reach = grid->reach[a], b = bin[a];
        s.high[a] = floor_div(n + reach - 1 - b, n);
        s.low[a] = -floor_div(b + reach, n);
    }
    return s;
}

static nbl__spotter spotter_of(const nbl__guests *g)
{
    const nbl__grid *grid = g->grid;
    nbl__spotter by = {.first = 0.0};
    for (int a = 0; a < 3; a++) {
        const bool sided = g->sided && g->lattice->pbc[a];
        for (int k = 0; k < 3; k++)
            by.g[a][k] = g->lattice->g[a][k];
        by.origin[a] = grid->origin[a];
        by.scale[a] = grid->scale[a];
        by.last[a] = grid->last[a];
        by.step[a] = (double)(NBL__GUEST_KINDS * grid->stride[a]);
        by.first += by.step[a] * grid->reach[a];
        by.below_from[a] = grid->n[a] - grid->reach[a];
        by.above_to[a] = grid->reach[a];
        by.below[a] = sided ? 1 << 2 * a : 0;
        by.above[a] = sided ? 2 << 2 * a : 0;
    }
    return by;
}

static inline uint32_t kind_of(uint64_t spot)
{
    return (uint32_t)(spot % NBL__GUEST_KINDS);
}

static inline uint32_t home_of(uint64_t spot)
{
    return (uint32_t)(spot / NBL__GUEST_KINDS);
}

static span span_of(uint32_t kind)
{
    span s;
    for (int a = 0; a < 3; a++) {
        s.low[a] = -(int32_t)(kind >> (2 * a) & 1u);
        s.high[a] = (int32_t)(kind >> (2 * a + 1) & 1u);
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
    const int32_t *x = ((const nbl__offset *)a)->shift, *y = ((const nbl__offset *)b)->shift;
    for (int k = 0; k < 3; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return 0;
}

static nbl__offset make_offset(const nbl__guests *g, int32_t m0, int32_t m1, int32_t m2)
{
    const nbl__lattice *lattice = g->lattice;
    const double(*r)[3] = lattice->r;
    nbl__offset o = {.m = {m0, m1, m2}};
    for (int b = 0; b < 3; b++) {
        int64_t sum = 0;
        for (int a = 0; a < 3; a++)
            sum += (int64_t)o.m[a] * (lattice->reduced ? lattice->m[a][b] : a == b);
        o.shift[b] = (int32_t)sum;
        o.t[b] = (double)m0 * r[0][b] + (double)m1 * r[1][b] + (double)m2 * r[2][b];
        o.bins += (int64_t)o.m[b] * g->grid->n[b] * g->grid->stride[b];
    }
    return o;
}

/* All translations that any atom needs, in lexicographic order of the caller's shift. */
static nbl_status make_offsets(nbl__guests *g, const span *widest, nbl__memory *memory, nbl__fault *fault)
{
    double total = span_count(widest);
    const size_t item =
        g->lattice->reduced ? 2 * sizeof(nbl__offset) : sizeof(nbl__offset); /* room to sort them */
    size_t bytes = nbl__size_of_count(total < 1e18 ? (uint64_t)total : UINT64_MAX, item);
    nbl_status status = nbl__buffer_reserve(memory, &g->memory->offsets, bytes, fault);
    if (status != NBL_OK)
        return status;
    nbl__offset *o = g->memory->offsets.data;
    for (int32_t m0 = widest->low[0]; m0 <= widest->high[0]; m0++)
        for (int32_t m1 = widest->low[1]; m1 <= widest->high[1]; m1++)
            for (int32_t m2 = widest->low[2]; m2 <= widest->high[2]; m2++)
                *o++ = make_offset(g, m0, m1, m2);
    g->offsets = g->memory->offsets.data;
    g->n_offsets = (int64_t)total;
    if (g->lattice->reduced)
        nbl__sort(g->memory->offsets.data, (size_t)g->n_offsets, sizeof(nbl__offset), compare_offsets, o);
    return NBL_OK;
}

static void make_kinds(nbl__guests *g)
{
    for (uint32_t k = 0; k < NBL__GUEST_KINDS && g->sided; k++) {
        const span s = span_of(k);
        nbl__sides *made = &g->kinds[k];
        *made = (nbl__sides){.n = 0};
        for (int64_t o = 0; o < g->n_offsets; o++)
            if (span_holds(&s, g->offsets[o].m))
                made->offset[made->n++] = (uint8_t)o;
    }
}

static void widen(span *widest, const span *s)
{
    for (int a = 0; a < 3; a++) {
        widest->low[a] = s->low[a] < widest->low[a] ? s->low[a] : widest->low[a];
        widest->high[a] = s->high[a] > widest->high[a] ? s->high[a] : widest->high[a];
    }
}

static int64_t last_atom(const nbl__guests *g, int64_t piece)
{
    const int64_t end = (piece + 1) * PIECE_ATOMS;
    return end < g->n_atoms ? end : g->n_atoms;
}

/* Atoms whose bins are found at once: short loops that compilers make vectors of. */
enum { STRIP = 64 };

/* The bins of up to STRIP atoms along an axis. */
static void find_axis(const nbl__grid *grid, const double across[3], int axis, const double (*p)[3], int64_t n,
                      int32_t bin[STRIP])
{
    double place[STRIP];
    for (int64_t k = 0; k < n; k++)
        place[k] = nbl__grid_place(grid, axis, nbl__dot(across, p[k]));
    if (grid->islands[axis])
        for (int64_t k = 0; k < n; k++)
            bin[k] = nbl__grid_island_bin(grid, axis, (int64_t)place[k]);
    else
        for (int64_t k = 0; k < n; k++)
            bin[k] = (int32_t)place[k];
}

/* The kind of an atom, as far as it tells of one axis. */
static inline uint32_t side_of(const nbl__spotter *by, int axis, int32_t bin)
{
    return (bin >= (int32_t)by->below_from[axis] ? (uint32_t)by->below[axis] : 0) +
           (bin < (int32_t)by->above_to[axis] ? (uint32_t)by->above[axis] : 0);
}

/* The spots of up to STRIP atoms. */
static void find_strip(const nbl__guests *g, const nbl__spotter *by, int64_t n, const double (*p)[3],
                       uint64_t *spots)
{
    const nbl__grid *grid = g->grid;
    const uint32_t first = (uint32_t)(by->first / NBL__GUEST_KINDS), x = (uint32_t)grid->stride[0],
                   y = (uint32_t)grid->stride[1], z = (uint32_t)grid->stride[2];
    int32_t bin[3][STRIP];
    for (int a = 0; a < 3; a++)
        find_axis(grid, by->g[a], a, p, n, bin[a]);
    for (int64_t k = 0; k < n; k++) {
        const uint32_t kind = side_of(by, 0, bin[0][k]) + side_of(by, 1, bin[1][k]) + side_of(by, 2, bin[2][k]);
        const uint32_t home =
            first + (uint32_t)bin[0][k] * x + (uint32_t)bin[1][k] * y + (uint32_t)bin[2][k] * z;
        spots[k] = (uint64_t)home * NBL__GUEST_KINDS + kind;
    }
}

/* Where atoms are. */
static void find_spots(const nbl__guests *g, int64_t piece)
{
    const nbl__spotter by = spotter_of(g);
    const double(*p)[3] = (const double(*)[3])g->wrapped->p;
    const bool whole = !g->grid->islands[0] && !g->grid->islands[1] && !g->grid->islands[2];
    const int64_t end = last_atom(g, piece);
    int64_t first = piece * PIECE_ATOMS;
    if (g->spot && whole)
        first += g->spot(&by, end - first, p + first, g->spots + first);
    for (; first < end; first += STRIP)
        find_strip(g, &by, end - first < STRIP ? end - first : STRIP, p + first, g->spots + first);
}

/* How many images an atom of a kind has. */
static inline uint32_t images_of(uint32_t kind)
{
    const uint32_t more = (kind & 0x15) + (kind >> 1 & 0x15); /* two bits of each axis: how many */
    return (1 + (more & 3)) * (1 + (more >> 2 & 3)) * (1 + (more >> 4));
}

/* How many images there are, and how far away. */
static void count_images(void *context, int64_t piece)
{
    nbl__guests *g = context;
    const int64_t first = piece * PIECE_ATOMS, end = last_atom(g, piece);
    span widest = {{0, 0, 0}, {0, 0, 0}};
    double n = 0.0;
    find_spots(g, piece);
    if (g->sided) {
        uint32_t kinds = 0, count = 0;
        for (int64_t i = first; i < end; i++) {
            kinds |= kind_of(g->spots[i]);
            count += images_of(kind_of(g->spots[i]));
        }
        widest = span_of(kinds);
        n = count;
    }
    for (int64_t i = first; i < end && !g->sided; i++) {
        const span s = image_span(g, home_of(g->spots[i]));
        widen(&widest, &s);
        n += span_count(&s);
    }
    g->widest[piece] = widest;
    g->counts[piece] = n < 1e18 ? (int64_t)n : (int64_t)1e18;
}

/* Images that are found by a scan of all offsets. */
static nbl__guest *write_scanned(const nbl__guests *g, uint32_t home, uint32_t atom, nbl__guest *to)
{
    const span s = image_span(g, home);
    for (int64_t o = 0; o < g->n_offsets; o++)
        if (span_holds(&s, g->offsets[o].m))
            *to++ = (nbl__guest){(uint32_t)(home + g->offsets[o].bins), atom, (uint32_t)o};
    return to;
}

static inline nbl__guest guest_of(const nbl__guests *g, uint32_t home, int64_t i, uint8_t offset)
{
    return (nbl__guest){(uint32_t)(home + g->offsets[offset].bins), (uint32_t)i, offset};
}

/* The images of an atom of a known kind; so many of them are written even if there are fewer. */
static NBL__INLINE nbl__guest *write_known(const nbl__guests *g, int64_t i, nbl__guest *to, int at_least)
{
    const uint32_t home = home_of(g->spots[i]);
    const nbl__sides *own = &g->kinds[kind_of(g->spots[i])];
    for (int k = 0; k < at_least; k++)
        to[k] = guest_of(g, home, i, own->offset[k]);
    for (int k = at_least; k < own->n; k++)
        to[k] = guest_of(g, home, i, own->offset[k]);
    return to + own->n;
}

/* Most atoms have one image or two, in an order that no processor can guess: the second one is always written,
 * where the next atom's first may come after it. */
static void write_images(void *context, int64_t piece)
{
    const nbl__guests *g = context;
    nbl__guest *to = g->out + g->counts[piece];
    const int64_t last = last_atom(g, piece) - 1;
    int64_t i = piece * PIECE_ATOMS;
    for (; i <= last && !g->sided; i++)
        to = write_scanned(g, home_of(g->spots[i]), (uint32_t)i, to);
    for (; i < last; i++)
        to = write_known(g, i, to, 2);
    if (i == last)
        write_known(g, i, to, 1);
}

/* Room for what is kept per atom and per piece. */
static nbl_status reserve(nbl__guests *g, nbl__memory *memory, nbl__fault *fault)
{
    const size_t of_pieces = nbl__size_of_count((uint64_t)g->n_pieces, sizeof *g->counts + sizeof *g->widest);
    const size_t of_atoms = nbl__size_of_count((uint64_t)g->n_atoms, sizeof *g->spots);
    nbl_status status =
        nbl__buffer_reserve(memory, &g->memory->pieces, nbl__size_add(of_atoms, of_pieces), fault);
    if (status != NBL_OK)
        return status;
    g->counts = g->memory->pieces.data;
    g->spots = (uint64_t *)(void *)(g->counts + g->n_pieces);
    g->widest = (span *)(void *)(g->spots + g->n_atoms);
    return NBL_OK;
}

int64_t nbl__guests_pieces(int64_t n_atoms)
{
    return (n_atoms + PIECE_ATOMS - 1) / PIECE_ATOMS;
}

nbl_status nbl__guests_count(nbl__guests *g, const nbl__grid *grid, const nbl__lattice *lattice,
                             const nbl__wrapped *wrapped, int64_t n_atoms, nbl__spot spot,
                             nbl__guest_memory *room, int n_threads, nbl__memory *memory, nbl__fault *fault)
{
    double n = 0.0;
    g->grid = grid;
    g->lattice = lattice;
    g->wrapped = wrapped;
    g->memory = room;
    g->spot = spot;
    g->n_atoms = n_atoms;
    g->n_pieces = nbl__guests_pieces(n_atoms);
    g->sided = true;
    for (int a = 0; a < 3; a++)
        g->sided &= !lattice->pbc[a] || grid->reach[a] <= grid->n[a];
    nbl_status status = reserve(g, memory, fault);
    if (status != NBL_OK)
        return status;
    nbl__threads_each(n_threads, g->n_pieces, count_images, g);
    for (int64_t k = 0; k < g->n_pieces; k++)
        n += (double)g->counts[k];
    g->n = n < 1e18 ? (uint64_t)n : UINT64_MAX;
    return NBL_OK;
}

nbl_status nbl__guests_write(nbl__guests *g, nbl__guest *out, int n_threads, nbl__memory *memory,
                             nbl__fault *fault)
{
    span widest = {{0, 0, 0}, {0, 0, 0}};
    for (int64_t k = 0; k < g->n_pieces; k++)
        widen(&widest, &g->widest[k]);
    nbl_status status = make_offsets(g, &widest, memory, fault);
    if (status != NBL_OK)
        return status;
    g->out = out;
    make_kinds(g);
    nbl__sums_place(g->counts, g->n_pieces);
    nbl__threads_each(n_threads, g->n_pieces, write_images, g);
    return NBL_OK;
}

void nbl__guests_free(nbl__guest_memory *room, nbl__memory *memory)
{
    nbl__buffer_free(memory, &room->pieces);
    nbl__buffer_free(memory, &room->offsets);
}
