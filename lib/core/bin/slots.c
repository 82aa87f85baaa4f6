/* SPDX-License-Identifier: MIT */
#include "bin/slots.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/inline.h"
#include "base/size.h"
#include "base/sums.h"
#include "base/threads.h"

/* What the pieces of work share: of bins, each thread has one range. */
typedef struct filler {
    const nbl__grid *grid;
    const nbl__guests *guests;
    const nbl__guest *coming; /* [slots] the guests in their order: its number is the key */
    nbl__slots *slots;
    int64_t n_ranges;
    int64_t *sums;     /* [n_ranges] images in the bins of a range; then of all ranges before it */
    uint32_t *fullest; /* [n_ranges] */
} filler;

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
        n += f->coming[from + k].bin - low < width;
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
            count[f->coming[from + (all ? e : own[e])].bin]++;
        sum += n;
    }
    return sum;
}

/* Counts of the bins of a range: that of bin b in start[b + 2]. */
static void count_bins(void *context, int64_t range)
{
    filler *f = context;
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
static void sum_bins(void *context, int64_t range)
{
    filler *f = context;
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
    const nbl__lattice *lattice = f->guests->lattice;
    const nbl__wrapped *wrapped = f->guests->wrapped;
    double step = NBL__SLOTS_EXACT * distance * 0x1p-24;
    for (int k = 0; k < 3; k++) {
        double apart = (NBL__SLOTS_STRETCH + 1) * distance, away = 0.0, moved = 0.0, corner = 0.0;
        for (int a = 0; a < 3; a++) {
            const double low = wrapped->low[a], high = wrapped->high[a], r = lattice->r[a][k];
            apart += fabs(f->grid->edge[a][k]) * ((double)f->grid->reach[a] + 3.0);
            away += (lattice->pbc[a] ? fmax(fabs(low), fabs(high)) : high - low) * fabs(r);
            corner += lattice->pbc[a] ? 0.0 : low * r;
        }
        for (int64_t o = 0; o < f->guests->n_offsets; o++)
            moved = fmax(moved, fabs(f->guests->offsets[o].t[k]));
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
    const nbl__wrapped wrapped = *f->guests->wrapped;
    const bool large = slots->n > LARGE_SLOTS;
    const double per_step = 1.0 / slots->step, x = slots->corner[0], y = slots->corner[1], z = slots->corner[2];
    uint32_t *start = slots->start + 1;
    for (int64_t from = 0; from < slots->n; from += TOGETHER) {
        uint32_t own[TOGETHER];
        const int64_t n = find_own(f, from, low, width, all, own);
        const nbl__guest *guests = f->coming + from;
        for (int64_t e = 0; e < n; e++) {
            const uint32_t k = all ? (uint32_t)e : own[e];
            const nbl__guest *g = guests + k;
            if (large && e + AHEAD < n)
                ask_for(slots, start[guests[all ? (uint32_t)e + AHEAD : own[e + AHEAD]].bin]);
            const uint32_t slot = start[g->bin]++;
            const nbl__offset *o = &f->guests->offsets[g->offset];
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

static void place_images(void *context, int64_t range)
{
    filler *f = context;
    const uint32_t low = first_bin(f, range), width = first_bin(f, range + 1) - low;
    if (f->n_ranges == 1)
        place_own(f, low, width, true);
    else
        place_own(f, low, width, false);
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
        {&slots->guest_memory, n, sizeof *f->coming},
        {&slots->range_memory, (uint64_t)f->n_ranges, sizeof *f->sums + sizeof *f->fullest},
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
    f->coming = slots->guest_memory.data;
    f->sums = slots->range_memory.data;
    f->fullest = (uint32_t *)(void *)(f->sums + f->n_ranges);
    return NBL_OK;
}

static void sort_into_bins(filler *f, int n_threads)
{
    nbl__slots *slots = f->slots;
    slots->start[0] = slots->start[1] = 0;
    nbl__threads_each(n_threads, f->n_ranges, count_bins, f);
    nbl__sums_place(f->sums, f->n_ranges);
    slots->fullest = 0;
    for (int64_t k = 0; k < f->n_ranges; k++)
        slots->fullest = f->fullest[k] > slots->fullest ? f->fullest[k] : slots->fullest;
    nbl__threads_each(n_threads, f->n_ranges, sum_bins, f);
    nbl__threads_each(n_threads, f->n_ranges, place_images, f);
}

nbl_status nbl__slots_init(nbl__slots *slots, const nbl__grid *grid, const nbl__lattice *lattice,
                           const nbl__wrapped *wrapped, int64_t n_atoms, double distance, nbl__spot spot,
                           int n_threads, nbl__memory *memory, nbl__fault *fault)
{
    const int64_t n_pieces = nbl__guests_pieces(n_atoms);
    nbl__guests guests;
    n_threads = n_threads < n_pieces ? n_threads : (int)n_pieces;
    filler f = {.grid = grid, .guests = &guests, .slots = slots, .n_ranges = n_threads > 1 ? n_threads : 1};
    nbl_status status = nbl__guests_count(&guests, grid, lattice, wrapped, n_atoms, spot, &slots->guest_pieces,
                                          n_threads, memory, fault);
    if (status == NBL_OK)
        status = reserve(&f, guests.n, memory, fault);
    if (status == NBL_OK)
        status = nbl__guests_write(&guests, slots->guest_memory.data, n_threads, memory, fault);
    if (status != NBL_OK)
        return status;
    choose_step(&f, distance);
    sort_into_bins(&f, n_threads);
    return NBL_OK;
}

void nbl__slots_free(nbl__slots *slots, nbl__memory *memory)
{
    nbl__buffer *buffers[] = {&slots->slot_memory, &slots->image_memory, &slots->start_memory,
                              &slots->key_memory,  &slots->guest_memory, &slots->range_memory};
    nbl__guests_free(&slots->guest_pieces, memory);
    for (size_t k = 0; k < sizeof buffers / sizeof *buffers; k++)
        nbl__buffer_free(memory, buffers[k]);
    memset(slots, 0, sizeof *slots);
}
