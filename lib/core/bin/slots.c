/* SPDX-License-Identifier: MIT */
#include "bin/slots.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/inline.h"
#include "base/size.h"
#include "base/sort.h"
#include "base/threads.h"

/* A lattice translation in steps of the reduced basis, and what it does. */
typedef struct offset {
    int32_t m[3];
    int32_t shift[3]; /* in the caller's terms */
    double t[3];
    int64_t bins; /* from the bin of an atom to that of its image */
} offset;

typedef struct span {
    int32_t low[3], high[3]; /* images m along each axis that fall into padded bins */
} span;

/*
 * Where no image is more than one cell away, which is so in all but the smallest cells, atoms are of 64 kinds:
 * for each axis whether there is an image to either side. SIDES then names the offsets of each kind.
 */
enum { KINDS = 64, SIDES = 27, KIND_SCAN = KINDS };

typedef struct sides {
    uint8_t n;
    uint8_t offset[SIDES];
} sides;

/* An atom, and an image, on their way into the bins. */
typedef struct spot {
    int32_t bin[3];
    uint32_t kind;
} spot;

typedef struct guest {
    uint32_t bin, atom, offset;
} guest;

/* Atoms that one thread handles in one go; of bins each thread has one range. */
enum { PIECE_ATOMS = 4096 };

/* What the pieces of work share: a piece is a stretch of atoms or a range of bins. */
typedef struct filler {
    const nbl__grid *grid;
    const nbl__lattice *lattice;
    const nbl__wrapped *wrapped;
    nbl__slots *slots;
    int64_t n_atoms, n_pieces, n_ranges;
    bool sided;      /* no image is more than one cell away */
    int64_t *counts; /* [n_pieces] images of the atoms of a piece; then the number of its first one */
    span *widest;    /* [n_pieces] */
    spot *spots;     /* [atoms] */
    guest *guests;   /* [images] in order of atom and shift */
    const offset *offsets;
    int64_t n_offsets;
    sides kinds[KINDS];
    int64_t *sums;     /* [n_ranges] images in the bins of a range; then of all ranges before it */
    uint32_t *fullest; /* [n_ranges] */
} filler;

static int32_t floor_div(int32_t a, int32_t b)
{
    int32_t q = a / b;
    return q - (a % b < 0);
}

static span image_span(const filler *f, const int32_t bin[3])
{
    const nbl__grid *grid = f->grid;
    span s = {{0, 0, 0}, {0, 0, 0}};
    for (int a = 0; a < 3; a++) {
        if (!f->lattice->pbc[a])
            continue;
        int32_t n = grid->n[a], reach = grid->reach[a], b = bin[a];
        s.high[a] = floor_div(n + reach - 1 - b, n);
        s.low[a] = -floor_div(b + reach, n);
    }
    return s;
}

/* Bins of an axis from `below` on have an image one cell below, those before `above` one above. */
typedef struct edges {
    int32_t below[3], above[3];
} edges;

static edges edges_of(const filler *f)
{
    edges e;
    for (int a = 0; a < 3; a++) {
        e.below[a] = f->lattice->pbc[a] ? f->grid->n[a] - f->grid->reach[a] : INT32_MAX;
        e.above[a] = f->lattice->pbc[a] ? f->grid->reach[a] : 0;
    }
    return e;
}

/* Two bits of an axis: there is an image one cell below, one cell above. */
static inline uint32_t side_of(const edges *e, int axis, int32_t bin)
{
    const uint32_t below = bin >= e->below[axis], above = bin < e->above[axis];
    return (below | above << 1) << (2 * axis);
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
    const int32_t *x = ((const offset *)a)->shift, *y = ((const offset *)b)->shift;
    for (int k = 0; k < 3; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return 0;
}

static offset make_offset(const filler *f, int32_t m0, int32_t m1, int32_t m2)
{
    const nbl__lattice *lattice = f->lattice;
    const double(*r)[3] = lattice->r;
    offset o = {.m = {m0, m1, m2}};
    for (int b = 0; b < 3; b++) {
        int64_t sum = 0;
        for (int a = 0; a < 3; a++)
            sum += (int64_t)o.m[a] * (lattice->reduced ? lattice->m[a][b] : a == b);
        o.shift[b] = (int32_t)sum;
        o.t[b] = (double)m0 * r[0][b] + (double)m1 * r[1][b] + (double)m2 * r[2][b];
        o.bins += (int64_t)o.m[b] * f->grid->n[b] * f->grid->stride[b];
    }
    return o;
}

/* All translations that any atom needs, in lexicographic order of the caller's shift. */
static nbl_status make_offsets(filler *f, const span *widest, nbl__memory *memory, nbl__fault *fault)
{
    double total = span_count(widest);
    const size_t item = f->lattice->reduced ? 2 * sizeof(offset) : sizeof(offset); /* room to sort them */
    size_t bytes = nbl__size_of_count(total < 1e18 ? (uint64_t)total : UINT64_MAX, item);
    nbl_status status = nbl__buffer_reserve(memory, &f->slots->offset_memory, bytes, fault);
    if (status != NBL_OK)
        return status;
    offset *o = f->slots->offset_memory.data;
    for (int32_t m0 = widest->low[0]; m0 <= widest->high[0]; m0++)
        for (int32_t m1 = widest->low[1]; m1 <= widest->high[1]; m1++)
            for (int32_t m2 = widest->low[2]; m2 <= widest->high[2]; m2++)
                *o++ = make_offset(f, m0, m1, m2);
    f->offsets = f->slots->offset_memory.data;
    f->n_offsets = (int64_t)total;
    if (f->lattice->reduced)
        nbl__sort(f->slots->offset_memory.data, (size_t)f->n_offsets, sizeof(offset), compare_offsets, o);
    return NBL_OK;
}

static void make_kinds(filler *f)
{
    for (uint32_t k = 0; k < KINDS && f->sided; k++) {
        const span s = span_of(k);
        sides *made = &f->kinds[k];
        made->n = 0;
        for (int64_t o = 0; o < f->n_offsets; o++)
            if (span_holds(&s, f->offsets[o].m))
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

static int64_t last_atom(const filler *f, int64_t piece)
{
    const int64_t end = (piece + 1) * PIECE_ATOMS;
    return end < f->n_atoms ? end : f->n_atoms;
}

/* Atoms whose bins are found at once: short loops that compilers make vectors of. */
enum { STRIP = 64 };

/* The bins of up to STRIP atoms along an axis. */
static void find_axis(const nbl__grid *grid, const double g[3], int axis, const double (*p)[3], int64_t n,
                      int32_t bin[STRIP])
{
    double place[STRIP];
    for (int64_t k = 0; k < n; k++)
        place[k] = nbl__grid_place(grid, axis, nbl__dot(g, p[k]));
    if (grid->islands[axis])
        for (int64_t k = 0; k < n; k++)
            bin[k] = nbl__grid_island_bin(grid, axis, (int64_t)place[k]);
    else
        for (int64_t k = 0; k < n; k++)
            bin[k] = (int32_t)place[k];
}

/* Where atoms are. */
static void find_bins(const filler *f, int64_t piece)
{
    const edges e = edges_of(f);
    const int64_t end = last_atom(f, piece);
    for (int64_t first = piece * PIECE_ATOMS; first < end; first += STRIP) {
        const int64_t n = end - first < STRIP ? end - first : STRIP;
        spot *spots = f->spots + first;
        int32_t bin[3][STRIP];
        for (int a = 0; a < 3; a++)
            find_axis(f->grid, f->lattice->g[a], a, (const double(*)[3])(f->wrapped->p + first), n, bin[a]);
        for (int64_t k = 0; k < n; k++)
            spots[k] =
                (spot){{bin[0][k], bin[1][k], bin[2][k]},
                       side_of(&e, 0, bin[0][k]) | side_of(&e, 1, bin[1][k]) | side_of(&e, 2, bin[2][k])};
    }
}

/* How many images an atom of a kind has. */
static inline uint32_t images_of(uint32_t kind)
{
    const uint32_t more = (kind & 0x15) + (kind >> 1 & 0x15); /* two bits of each axis: how many */
    return (1 + (more & 3)) * (1 + (more >> 2 & 3)) * (1 + (more >> 4));
}

/* How many images there are, and how far away. */
static void count_images(filler *f, int64_t piece)
{
    const int64_t first = piece * PIECE_ATOMS, end = last_atom(f, piece);
    span widest = {{0, 0, 0}, {0, 0, 0}};
    double n = 0.0;
    find_bins(f, piece);
    if (f->sided) {
        uint32_t kinds = 0, count = 0;
        for (int64_t i = first; i < end; i++) {
            kinds |= f->spots[i].kind;
            count += images_of(f->spots[i].kind);
        }
        widest = span_of(kinds);
        n = count;
    }
    for (int64_t i = first; i < end && !f->sided; i++) {
        const span s = image_span(f, f->spots[i].bin);
        f->spots[i].kind = KIND_SCAN;
        widen(&widest, &s);
        n += span_count(&s);
    }
    f->widest[piece] = widest;
    f->counts[piece] = n < 1e18 ? (int64_t)n : (int64_t)1e18;
}

static uint32_t home_bin(const nbl__grid *grid, const int32_t bin[3])
{
    int64_t linear = 0;
    for (int a = 0; a < 3; a++)
        linear += ((int64_t)bin[a] + grid->reach[a]) * grid->stride[a];
    return (uint32_t)linear;
}

static guest *write_scanned(const filler *f, const spot *at, uint32_t home, uint32_t atom, guest *to)
{
    const span s = image_span(f, at->bin);
    for (int64_t o = 0; o < f->n_offsets; o++)
        if (span_holds(&s, f->offsets[o].m))
            *to++ = (guest){(uint32_t)(home + f->offsets[o].bins), atom, (uint32_t)o};
    return to;
}

static void write_images(filler *f, int64_t piece)
{
    guest *to = f->guests + f->counts[piece];
    for (int64_t i = piece * PIECE_ATOMS; i < last_atom(f, piece); i++) {
        const spot *at = &f->spots[i];
        const uint32_t home = home_bin(f->grid, at->bin);
        if (at->kind == KIND_SCAN) {
            to = write_scanned(f, at, home, (uint32_t)i, to);
            continue;
        }
        const sides *own = &f->kinds[at->kind];
        for (int k = 0; k < own->n; k++) {
            const uint8_t o = own->offset[k];
            *to++ = (guest){(uint32_t)(home + f->offsets[o].bins), (uint32_t)i, o};
        }
    }
}

static uint32_t first_bin(const filler *f, int64_t range)
{
    return (uint32_t)(f->grid->n_padded * range / f->n_ranges);
}

/*
 * Guests that are looked at together. Which of them are in the bins of a range is found without jumps, as no
 * processor can guess those where atoms are in random order (100,000 of them, build on two threads: 26.8 -> 19
 * ns per atom); where there is one range, all are.
 */
enum { TOGETHER = 256 };

/* Those from number `from` on that are in the bins low ... low + width - 1; returns how many. */
static NBL__INLINE int64_t find_own(const filler *f, int64_t from, uint32_t low, uint32_t width, bool all,
                                    uint32_t own[TOGETHER])
{
    const int64_t rest = f->slots->n - from, count = rest < TOGETHER ? rest : TOGETHER;
    int64_t n = 0;
    for (int64_t k = 0; k < count && !all; k++) {
        own[n] = (uint32_t)k;
        n += f->guests[from + k].bin - low < width;
    }
    return all ? count : n;
}

static NBL__INLINE int64_t count_own(const filler *f, uint32_t low, uint32_t width, bool all)
{
    uint32_t *count = f->slots->start + 2;
    int64_t sum = 0;
    for (int64_t from = 0; from < f->slots->n; from += TOGETHER) {
        uint32_t own[TOGETHER];
        const int64_t n = find_own(f, from, low, width, all, own);
        for (int64_t e = 0; e < n; e++)
            count[f->guests[from + (all ? e : own[e])].bin]++;
        sum += n;
    }
    return sum;
}

/* Counts of the bins of a range: that of bin b in start[b + 2]. */
static void count_bins(filler *f, int64_t range)
{
    const uint32_t low = first_bin(f, range), width = first_bin(f, range + 1) - low;
    uint32_t *count = f->slots->start + 2;
    memset(count + low, 0, width * sizeof *count);
    f->sums[range] = f->n_ranges == 1 ? count_own(f, low, width, true) : count_own(f, low, width, false);
    uint32_t fullest = 0;
    for (uint32_t b = low; b < low + width; b++)
        fullest = count[b] > fullest ? count[b] : fullest;
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

/*
 * Images of atoms in random order go all over arrays that are larger than the caches: their lines are asked for
 * before (100,000 random atoms: -8 ns per atom). In the cache it costs a little.
 */
enum { AHEAD = 12, LARGE_SLOTS = 32768 };

static inline void ask_for(const nbl__slots *slots, uint32_t slot)
{
#ifdef __GNUC__
    __builtin_prefetch(&slots->x[slot], 1);
    __builtin_prefetch(&slots->y[slot], 1);
    __builtin_prefetch(&slots->z[slot], 1);
    __builtin_prefetch(&slots->key[slot], 1);
    __builtin_prefetch(&slots->images[slot], 1);
#else
    (void)slots;
    (void)slot;
#endif
}

/*
 * As small as possible. Differences are exact as floats up to NBL__SLOTS_EXACT distances, and do not wrap
 * between any slots that are compared; coordinates are below 2^48 steps, where a double still tells a sixteenth
 * of one. Infinite, where bins are: all coordinates are 0 then. Along open axes coordinates begin where the
 * atoms do.
 */
static void choose_step(const filler *f, double distance)
{
    const nbl__lattice *lattice = f->lattice;
    const nbl__wrapped *wrapped = f->wrapped;
    double step = NBL__SLOTS_EXACT * distance * 0x1p-24;
    for (int k = 0; k < 3; k++) {
        double apart = (NBL__SLOTS_STRETCH + 1) * distance, away = 0.0, moved = 0.0, corner = 0.0;
        for (int a = 0; a < 3; a++) {
            const double low = wrapped->low[a], high = wrapped->high[a], r = lattice->r[a][k];
            apart += fabs(f->grid->edge[a][k]) * ((double)f->grid->reach[a] + 3.0);
            away += (lattice->pbc[a] ? fmax(fabs(low), fabs(high)) : high - low) * fabs(r);
            corner += lattice->pbc[a] ? 0.0 : low * r;
        }
        for (int64_t o = 0; o < f->n_offsets; o++)
            moved = fmax(moved, fabs(f->offsets[o].t[k]));
        const double least = fmax(apart * 0x1p-30, (away + moved) * 0x1p-48);
        step = apart < HUGE_VAL ? fmax(step, least) : HUGE_VAL;
        f->slots->corner[k] = corner;
    }
    f->slots->step = fmax(step, DBL_MIN);
}

/* Rounded to whole steps by a sum whose last bit is one, of which the lowest 32 are left. */
static inline uint32_t to_steps(double x, double per_step)
{
    const double sum = x * per_step + 0x1.8p52;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return (uint32_t)bits;
}

/* Counting sort: start[b + 1] runs from the first to the end of bin b, and so becomes start of bin b + 1. */
static NBL__INLINE void place_own(const filler *f, uint32_t low, uint32_t width, bool all)
{
    const nbl__slots own_slots = *f->slots, *slots = &own_slots; /* in registers, as what does not change */
    const nbl__wrapped wrapped = *f->wrapped;
    const bool large = slots->n > LARGE_SLOTS;
    const double per_step = 1.0 / slots->step, x = slots->corner[0], y = slots->corner[1], z = slots->corner[2];
    uint32_t *start = slots->start + 1;
    for (int64_t from = 0; from < slots->n; from += TOGETHER) {
        uint32_t own[TOGETHER];
        const int64_t n = find_own(f, from, low, width, all, own);
        const guest *guests = f->guests + from;
        for (int64_t e = 0; e < n; e++) {
            const uint32_t k = all ? (uint32_t)e : own[e];
            const guest *g = guests + k;
            if (large && e + AHEAD < n)
                ask_for(slots, start[guests[all ? (uint32_t)e + AHEAD : own[e + AHEAD]].bin]);
            const uint32_t slot = start[g->bin]++;
            const offset *o = &f->offsets[g->offset];
            const double *p = wrapped.p[g->atom];
            const int32_t *w = wrapped.w[g->atom];
            slots->x[slot] = to_steps((p[0] - x) + o->t[0], per_step);
            slots->y[slot] = to_steps((p[1] - y) + o->t[1], per_step);
            slots->z[slot] = to_steps((p[2] - z) + o->t[2], per_step);
            slots->key[slot] = (uint32_t)from + k;
            slots->images[slot] =
                (nbl__image){{o->shift[0] - w[0], o->shift[1] - w[1], o->shift[2] - w[2]}, (int32_t)g->atom};
        }
    }
}

static void place_images(filler *f, int64_t range)
{
    const uint32_t low = first_bin(f, range), width = first_bin(f, range + 1) - low;
    if (f->n_ranges == 1)
        place_own(f, low, width, true);
    else
        place_own(f, low, width, false);
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

static nbl_status reserve(filler *f, uint64_t n, nbl__memory *memory, nbl__fault *fault)
{
    nbl__slots *slots = f->slots;
    /* 32-bit numbers for slots: 4e9 of them would take 200 GB. */
    if (!(n < UINT32_MAX - NBL__SLOTS_OVERRUN)) {
        fault->what = NBL__FAULT_BYTES;
        fault->need = n < UINT64_MAX / 48u ? n * 48u : UINT64_MAX;
        fault->limit = 0;
        return NBL_ENOMEM;
    }
    const struct {
        nbl__buffer *buffer;
        uint64_t count;
        size_t item;
    } wants[] = {
        {&slots->slot_memory, n + NBL__SLOTS_OVERRUN, 3 * sizeof *slots->x},
        {&slots->key_memory, n + NBL__SLOTS_OVERRUN, sizeof *slots->key},
        {&slots->image_memory, n, sizeof *slots->images},
        {&slots->start_memory, (uint64_t)f->grid->n_padded + 2, sizeof *slots->start},
        {&slots->scratch, n, sizeof *f->guests},
    };
    for (size_t k = 0; k < sizeof wants / sizeof *wants; k++) {
        nbl_status status = nbl__buffer_reserve(memory, wants[k].buffer,
                                                nbl__size_of_count(wants[k].count, wants[k].item), fault);
        if (status != NBL_OK)
            return status;
    }
    slots->n = (int64_t)n;
    slots->x = slots->slot_memory.data;
    slots->y = slots->x + n + NBL__SLOTS_OVERRUN;
    slots->z = slots->y + n + NBL__SLOTS_OVERRUN;
    for (int k = 0; k < NBL__SLOTS_OVERRUN; k++)
        slots->x[n + (uint64_t)k] = slots->y[n + (uint64_t)k] = slots->z[n + (uint64_t)k] = 0;
    slots->key = slots->key_memory.data;
    for (int k = 0; k < NBL__SLOTS_OVERRUN; k++)
        slots->key[n + (uint64_t)k] = 0;
    slots->images = slots->image_memory.data;
    slots->start = slots->start_memory.data;
    f->guests = slots->scratch.data;
    return NBL_OK;
}

/* Room for what is kept per atom, per piece and per range. */
static nbl_status reserve_pieces(filler *f, nbl__memory *memory, nbl__fault *fault)
{
    const size_t of_pieces = nbl__size_of_count((uint64_t)f->n_pieces, sizeof *f->counts + sizeof *f->widest);
    const size_t of_ranges = (size_t)f->n_ranges * (sizeof *f->sums + sizeof *f->fullest);
    const size_t of_atoms = nbl__size_of_count((uint64_t)f->n_atoms, sizeof *f->spots);
    nbl_status status = nbl__buffer_reserve(memory, &f->slots->piece_memory,
                                            nbl__size_add(of_atoms, of_pieces + of_ranges), fault);
    f->counts = f->slots->piece_memory.data;
    f->sums = f->counts + f->n_pieces;
    f->spots = (spot *)(void *)(f->sums + f->n_ranges);
    f->widest = (span *)(void *)(f->spots + f->n_atoms);
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
                           const nbl__wrapped *wrapped, int64_t n_atoms, double distance, int n_threads,
                           nbl__memory *memory, nbl__fault *fault)
{
    filler f = {.grid = grid, .lattice = lattice, .wrapped = wrapped, .slots = slots, .n_atoms = n_atoms};
    span widest = {{0, 0, 0}, {0, 0, 0}};
    f.n_pieces = (n_atoms + PIECE_ATOMS - 1) / PIECE_ATOMS;
    n_threads = n_threads < f.n_pieces ? n_threads : (int)f.n_pieces;
    f.n_ranges = n_threads > 1 ? n_threads : 1;
    f.sided = true;
    for (int a = 0; a < 3; a++)
        f.sided &= !lattice->pbc[a] || grid->reach[a] <= grid->n[a];
    nbl_status status = reserve_pieces(&f, memory, fault);
    if (status != NBL_OK)
        return status;
    run(&f, count_images, f.n_pieces, n_threads);
    double n_images = 0.0;
    for (int64_t k = 0; k < f.n_pieces; k++) {
        widen(&widest, &f.widest[k]);
        n_images += (double)f.counts[k];
    }
    status = reserve(&f, n_images < 1e18 ? (uint64_t)n_images : UINT64_MAX, memory, fault);
    if (status == NBL_OK)
        status = make_offsets(&f, &widest, memory, fault);
    if (status != NBL_OK)
        return status;
    choose_step(&f, distance);
    make_kinds(&f);
    place(f.counts, f.n_pieces);
    run(&f, write_images, f.n_pieces, n_threads);
    sort_into_bins(&f, n_threads);
    return NBL_OK;
}

void nbl__slots_free(nbl__slots *slots, nbl__memory *memory)
{
    nbl__buffer *buffers[] = {&slots->slot_memory, &slots->image_memory,  &slots->start_memory,
                              &slots->key_memory,  &slots->offset_memory, &slots->scratch,
                              &slots->piece_memory};
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    memset(slots, 0, sizeof *slots);
}
