/* SPDX-License-Identifier: MIT */
/*
 * The kernels' bodies. An instance, which is a file of its own, defines:
 *   KERNEL_NAME              name of the nbl__kernels that are defined
 *   KERNEL_EXPAND            the expansion that goes with them
 *   KERNEL_SHARE             share of nbl__apart
 *   KERNEL_LANES             candidates per step: a power of two, at most 16
 *   KERNEL_REAL              a vector of that many floats
 *   KERNEL_SET(a), KERNEL_LOAD(p), KERNEL_STORE(p, a)
 *   KERNEL_PLACE(p, o, s)    the doubles (p[lane] - o) * s, each operation rounded, as floats
 *   KERNEL_WIDE, KERNEL_SET_WIDE(a)   of o and s
 *   KERNEL_SUB(a, b), KERNEL_MUL(a, b), KERNEL_ABS(a), KERNEL_MAX(a, b), KERNEL_MULADD(a, b, c)   c + a * b,
 *                            rounded once or twice
 *   KERNEL_NUMBERS           a vector of as many 32-bit unsigned integers
 *   KERNEL_AWAY(p, o)        the 32-bit numbers p[lane] - o, taken as signed ones, as floats
 *   KERNEL_SET_NUMBER(a), KERNEL_LOAD_NUMBERS(p), KERNEL_STORE_NUMBERS(p, a)
 *   KERNEL_MASK              a truth value for each lane, KERNEL_NONE of which all are false
 *   KERNEL_LESS(a, b)        of reals
 *   KERNEL_SAME(a, b), KERNEL_NOT_BELOW(a, b)   of numbers
 *   KERNEL_RANK(n, a, b)   the numbers n, less one where the number a is not below b
 *   KERNEL_WATCH             what looks for squares in a band, if there is better than a mask; then also
 *   KERNEL_UNSEEN            what it is before
 *   KERNEL_SEE(w, m, d2, inner)   after a look at squares, which are below `outer` where m is true
 *   KERNEL_SEEN(w, inner, outer)  whether any was below `outer`, not below `inner`, with m true or false
 *   KERNEL_AND(a, b), KERNEL_OR(a, b), KERNEL_BUT(a, b)   a and not b
 *   KERNEL_ANY(m)            whether any lane is true
 *   KERNEL_FIRST(rest)       true in the first `rest` lanes
 *   KERNEL_CHOICE, KERNEL_CHOOSE(m)   the lanes that are true
 *   KERNEL_COUNT(c)          how many
 *   KERNEL_BITS(m), KERNEL_CHOICE_OF(b)   a bit for each lane that is true; the lanes of such bits
 *   KERNEL_TWO_PASSES        candidates beyond which rows are better made in two passes, if they are
 *   KERNEL_UNROLLED          up to so many steps, at most 12, are better without a loop, if any are
 *   KERNEL_POPCOUNT(x)       the bits of 64 that are set, if there is an instruction for it; and then also
 *   KERNEL_LOW(x, n)         the lowest n < 64 bits
 *   KERNEL_PACK(out, v, c), KERNEL_PACK_REAL(out, v, c)   writes them, and perhaps more, from out on
 *   KERNEL_PACK_LANES(out, n, o)   the same for n + lane, of an order, as below
 *   KERNEL_ORDER, KERNEL_ORDER_OF(c)   what packs several vectors alike, if it is another thing; and then also
 *   KERNEL_PACK_BY(out, v, o), KERNEL_PACK_REAL_BY(out, v, o)
 *   WIDE_LANES               doubles of a KERNEL_WIDE, if a build is to have vectors of them; and then also
 *   WIDE_MASK                a truth value for each of its lanes, WIDE_NONE of which all are false
 *   WIDE_LOAD_THREE(p, v)    v[0] = p[0], p[3], ..., v[1] = p[1], p[4], ..., v[2] = p[2], p[5], ...
 *   WIDE_STORE(p, a), WIDE_STORE_WHOLE(p, a)   as doubles; as uint64_t, of whole numbers from 0 to 2^52
 *   WIDE_ADD(a, b), WIDE_SUB(a, b), WIDE_MUL(a, b), WIDE_ABS(a), WIDE_FLOOR(a)
 *   WIDE_MIN(a, b), WIDE_MAX(a, b)   of numbers
 *   WIDE_LESS(a, b), WIDE_NOT_LESS(a, b), WIDE_OR(a, b), WIDE_ANY(m), WIDE_ADD_WHERE(a, m, b)
 *   WIDE_CHOOSE(m, a, b)     a where m is true, b elsewhere
 */
#include "base/bits.h"
#include "base/inline.h"

#if !defined(KERNEL_WATCH)
#define KERNEL_WATCH                 KERNEL_MASK
#define KERNEL_UNSEEN                KERNEL_NONE
#define KERNEL_SEE(w, m, d2, inner)  KERNEL_OR((w), KERNEL_BUT((m), KERNEL_LESS((d2), (inner))))
#define KERNEL_SEEN(w, inner, outer) KERNEL_ANY(w)
#endif

#if !defined(KERNEL_ORDER)
#define KERNEL_ORDER                   KERNEL_CHOICE
#define KERNEL_ORDER_OF(c)             (c)
#define KERNEL_PACK_BY(out, v, o)      KERNEL_PACK((out), (v), (o))
#define KERNEL_PACK_REAL_BY(out, v, o) KERNEL_PACK_REAL((out), (v), (o))
#endif

static inline uint32_t count_ones(uint64_t bits)
{
#if defined(KERNEL_POPCOUNT)
    return KERNEL_POPCOUNT(bits);
#else
    return nbl__count_bits(bits);
#endif
}

#define KERNEL_GAP(q, half) KERNEL_MAX(KERNEL_SUB(KERNEL_ABS(q), (half)), KERNEL_SET(0.0f))

/* Where the coordinates of a box's points come from: slots, or else points. */
typedef struct source {
    KERNEL_WIDE origin[3], scale;
    KERNEL_NUMBERS from[3];
    const double *at[3];
    const uint32_t *slots[3];
    const uint32_t *key; /* or NULL */
    uint32_t least_key;
} source;

static NBL__INLINE KERNEL_REAL coordinate(const source *s, int axis, uint64_t c, bool slots)
{
    return slots ? KERNEL_AWAY(s->slots[axis] + c, s->from[axis])
                 : KERNEL_PLACE(s->at[axis] + c, s->origin[axis], s->scale);
}

static NBL__INLINE void gather_any(const source *s, const nbl__run *runs, int64_t n_runs, const float half[3],
                                   float reach2, nbl__near *near, bool slots, bool keys)
{
    const KERNEL_REAL hx = KERNEL_SET(half[0]), hy = KERNEL_SET(half[1]), hz = KERNEL_SET(half[2]),
                      most = KERNEL_SET(reach2);
    const KERNEL_NUMBERS least = KERNEL_SET_NUMBER(s->least_key);
    float *nx = near->x, *ny = near->y, *nz = near->z;
    uint32_t *number = near->number, *key = near->key;
    uint64_t n = near->n;
    (void)least;
    for (int64_t k = 0; k < n_runs; k++) {
        const uint64_t end = runs[k].end;
        for (uint64_t c = runs[k].begin; c < end; c += KERNEL_LANES) {
            const KERNEL_REAL qx = coordinate(s, 0, c, slots), qy = coordinate(s, 1, c, slots),
                              qz = coordinate(s, 2, c, slots);
            const KERNEL_REAL gx = KERNEL_GAP(qx, hx), gy = KERNEL_GAP(qy, hy), gz = KERNEL_GAP(qz, hz);
            const KERNEL_REAL d2 = KERNEL_MULADD(gz, gz, KERNEL_MULADD(gy, gy, KERNEL_MUL(gx, gx)));
            KERNEL_MASK wanted = KERNEL_AND(KERNEL_LESS(d2, most), KERNEL_FIRST(end - c));
            if (keys)
                wanted = KERNEL_AND(wanted, KERNEL_NOT_BELOW(KERNEL_LOAD_NUMBERS(s->key + c), least));
            const KERNEL_CHOICE close = KERNEL_CHOOSE(wanted);
            const KERNEL_ORDER order = KERNEL_ORDER_OF(close);
            KERNEL_PACK_REAL_BY(nx + n, qx, order);
            KERNEL_PACK_REAL_BY(ny + n, qy, order);
            KERNEL_PACK_REAL_BY(nz + n, qz, order);
            KERNEL_PACK_LANES(number + n, (uint32_t)c, order);
            if (keys)
                KERNEL_PACK_BY(key + n, KERNEL_LOAD_NUMBERS(s->key + c), order);
            n += KERNEL_COUNT(close);
        }
    }
    near->n = (uint32_t)n;
}

static void gather(const nbl__points *points, const nbl__run *runs, int64_t n_runs, const nbl__box *box,
                   nbl__near *near)
{
    const source s = {.at = {points->x, points->y, points->z},
                      .origin = {KERNEL_SET_WIDE(box->origin[0]), KERNEL_SET_WIDE(box->origin[1]),
                                 KERNEL_SET_WIDE(box->origin[2])},
                      .scale = KERNEL_SET_WIDE(box->scale)};
    gather_any(&s, runs, n_runs, box->half, box->reach2, near, false, false);
}

static void gather_slots(const nbl__slot_points *points, const nbl__run *runs, int64_t n_runs,
                         const nbl__slot_box *box, nbl__near *near)
{
    const source s = {.slots = {points->x, points->y, points->z},
                      .from = {KERNEL_SET_NUMBER(box->origin[0]), KERNEL_SET_NUMBER(box->origin[1]),
                               KERNEL_SET_NUMBER(box->origin[2])},
                      .key = points->key,
                      .least_key = box->least_key};
    if (s.key)
        gather_any(&s, runs, n_runs, box->half, box->reach2, near, true, true);
    else
        gather_any(&s, runs, n_runs, box->half, box->reach2, near, true, false);
}

/* A half row is what has a key not below `from`; a whole one, all but the number `but`. */
typedef struct row_ask {
    uint64_t begin, home;
    uint32_t but, from;
    nbl__band band;
    bool half, with_d2;
} row_ask;

/* The centre of a row in all lanes, and what is asked of the others. */
typedef struct centre {
    KERNEL_REAL x, y, z, inner, outer;
    KERNEL_NUMBERS from;
} centre;

static inline centre place_centre(const nbl__near *near, const row_ask *ask)
{
    return (centre){KERNEL_SET(near->x[ask->home]), KERNEL_SET(near->y[ask->home]),
                    KERNEL_SET(near->z[ask->home]), KERNEL_SET(ask->band.inner),
                    KERNEL_SET(ask->band.outer),    KERNEL_SET_NUMBER(ask->from)};
}

static inline KERNEL_REAL squares(const nbl__near *near, uint64_t c, const centre *at)
{
    const KERNEL_REAL dx = KERNEL_SUB(KERNEL_LOAD(near->x + c), at->x),
                      dy = KERNEL_SUB(KERNEL_LOAD(near->y + c), at->y),
                      dz = KERNEL_SUB(KERNEL_LOAD(near->z + c), at->z);
    return KERNEL_MULADD(dz, dz, KERNEL_MULADD(dy, dy, KERNEL_MUL(dx, dx)));
}

/* The candidates from c on that belong to the row, or, to a whole one, are the centre. */
static inline KERNEL_MASK judge(const nbl__near *near, uint64_t c, const centre *at, KERNEL_REAL d2, bool half)
{
    const KERNEL_MASK close = KERNEL_LESS(d2, at->outer);
    return half ? KERNEL_AND(close, KERNEL_NOT_BELOW(KERNEL_LOAD_NUMBERS(near->key + c), at->from)) : close;
}

static NBL__INLINE uint64_t make_row(const nbl__near *near, const row_ask *ask, uint32_t *out, float *out_d2,
                                     bool *doubt)
{
    const centre at = place_centre(near, ask);
    const KERNEL_NUMBERS but = KERNEL_SET_NUMBER(ask->but);
    const uint64_t n = near->n;
    KERNEL_WATCH watch = KERNEL_UNSEEN;
    uint64_t count = 0;
    (void)but;
    for (uint64_t c = ask->begin; c < n; c += KERNEL_LANES) {
        const KERNEL_REAL d2 = squares(near, c, &at);
        const KERNEL_NUMBERS v = KERNEL_LOAD_NUMBERS(near->number + c);
        KERNEL_MASK close = judge(near, c, &at, d2, ask->half);
        if (!ask->half)
            close = KERNEL_BUT(close, KERNEL_SAME(v, but));
        const KERNEL_CHOICE chosen = KERNEL_CHOOSE(close);
        KERNEL_PACK(out + count, v, chosen);
        if (ask->with_d2)
            KERNEL_PACK_REAL(out_d2 + count, d2, chosen);
        else
            watch = KERNEL_SEE(watch, close, d2, at.inner);
        count += KERNEL_COUNT(chosen);
    }
    *doubt |= KERNEL_SEEN(watch, at.inner, at.outer);
    return count;
}

#if defined(KERNEL_TWO_PASSES)
/* Steps between the passes. */
enum { STEPS = 64 };
_Static_assert(KERNEL_LANES <= 16, "a step has a bit for each lane");

/*
 * The same with a pass that judges and one that packs. Where a packed entry goes depends on all before it: in
 * one pass, a processor that is careful with loads behind such stores judges no faster than it packs. The
 * inner bound is positive: the centre, which is left out between the passes, is never in doubt.
 */
static NBL__INLINE uint64_t make_long_row(const nbl__near *near, const row_ask *ask, uint32_t *out,
                                          float *out_d2, bool *doubt)
{
    const centre at = place_centre(near, ask);
    const uint64_t n = near->n, lanes = KERNEL_LANES;
    KERNEL_WATCH watch = KERNEL_UNSEEN;
    uint64_t count = 0;
    uint16_t found[STEPS];
    float d2s[STEPS * KERNEL_LANES];
    for (uint64_t first = ask->begin; first < n; first += STEPS * lanes) {
        const uint64_t rest = (n - first + lanes - 1) / lanes, steps = rest < STEPS ? rest : STEPS;
        for (uint64_t k = 0; k < steps; k++) {
            const KERNEL_REAL d2 = squares(near, first + k * lanes, &at);
            const KERNEL_MASK close = judge(near, first + k * lanes, &at, d2, ask->half);
            if (ask->with_d2)
                KERNEL_STORE(d2s + k * lanes, d2);
            else
                watch = KERNEL_SEE(watch, close, d2, at.inner);
            found[k] = (uint16_t)KERNEL_BITS(close);
        }
        const uint64_t own = ask->home - first;
        if (!ask->half && ask->but != UINT32_MAX && own < steps * lanes)
            found[own / lanes] &= (uint16_t) ~(1u << own % lanes);
        for (uint64_t k = 0; k < steps; k++) {
            const KERNEL_CHOICE chosen = KERNEL_CHOICE_OF(found[k]);
            KERNEL_PACK(out + count, KERNEL_LOAD_NUMBERS(near->number + first + k * lanes), chosen);
            if (ask->with_d2)
                KERNEL_PACK_REAL(out_d2 + count, KERNEL_LOAD(d2s + k * lanes), chosen);
            count += KERNEL_COUNT(chosen);
        }
    }
    *doubt |= KERNEL_SEEN(watch, at.inner, at.outer);
    return count;
}
#endif

static NBL__INLINE uint64_t make_any_row(const nbl__near *points, const row_ask *ask, uint32_t *out,
                                         float *out_d2, bool *doubt)
{
    const nbl__near own = *points, *near = &own; /* in registers: what is written does not change it */
#if defined(KERNEL_TWO_PASSES)
    if (near->n > KERNEL_TWO_PASSES && ask->band.inner > 0.0f)
        return make_long_row(near, ask, out, out_d2, doubt);
#endif
    return make_row(near, ask, out, out_d2, doubt);
}

/* What is asked of row k. */
static NBL__INLINE row_ask ask_of(const nbl__near *near, const nbl__ask *ask, uint32_t k, bool half,
                                  bool with_d2)
{
    const uint32_t *tags = half ? near->key : near->number;
    const uint64_t home = ask->homes ? ask->homes[k] : ask->first + k;
    return (row_ask){.begin = half && ask->ordered ? home : 0,
                     .home = home,
                     .but = ask->self ? UINT32_MAX : tags[home],
                     .from = ask->self ? tags[home] : tags[home] + 1,
                     .band = ask->band,
                     .half = half,
                     .with_d2 = with_d2};
}

static bool doubts(const float *d2, uint32_t count, nbl__band band)
{
    const KERNEL_REAL inner = KERNEL_SET(band.inner), outer = KERNEL_SET(band.outer);
    KERNEL_MASK between = KERNEL_NONE;
    for (uint64_t e = 0; e < count; e += KERNEL_LANES) {
        const KERNEL_REAL v = KERNEL_LOAD(d2 + e);
        const KERNEL_MASK below = KERNEL_AND(KERNEL_LESS(v, outer), KERNEL_FIRST(count - e));
        between = KERNEL_OR(between, KERNEL_BUT(below, KERNEL_LESS(v, inner)));
    }
    return KERNEL_ANY(between);
}

static NBL__INLINE uint32_t make_rows(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2,
                                      uint32_t *counts, bool *close, bool half, bool with_d2)
{
    uint64_t total = 0;
    *close = false;
    for (uint32_t k = 0; k < ask->n_rows; k++) {
        const row_ask row = ask_of(near, ask, k, half, with_d2);
        const uint64_t count = make_any_row(near, &row, out + total, with_d2 ? d2 + total : NULL, close);
        if (with_d2)
            *close |= doubts(d2 + total, (uint32_t)count, ask->band);
        counts[k] = (uint32_t)count;
        total += count;
    }
    return (uint32_t)total;
}

#include "search/kernel_few_tmpl.h"

static uint32_t rows(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2, uint32_t *counts,
                     bool *close)
{
    if (!d2 && has_few(near, ask))
        return make_few(near, ask, out, counts, close);
    if (d2)
        return ask->half ? make_rows(near, ask, out, d2, counts, close, true, true)
                         : make_rows(near, ask, out, d2, counts, close, false, true);
    return ask->half ? make_rows(near, ask, out, NULL, counts, close, true, false)
                     : make_rows(near, ask, out, NULL, counts, close, false, false);
}

/* --------------------------------------------------------------------------------- systems of a few atoms */

/*
 * Systems whose coordinates are placed before the first rows are made: what was stored value by value, a
 * processor cannot load as a vector at once.
 */
enum { STRIP = 8 };

typedef struct placed {
    _Alignas(64) float x[NBL__MASK_ATOMS + NBL__KERNEL_OVERRUN];
    _Alignas(64) float y[NBL__MASK_ATOMS + NBL__KERNEL_OVERRUN];
    _Alignas(64) float z[NBL__MASK_ATOMS + NBL__KERNEL_OVERRUN];
} placed;

static inline void place_system(const double (*r)[3], uint32_t n, double scale, placed *to)
{
    const KERNEL_REAL far = KERNEL_SET(HUGE_VALF);
    for (uint32_t k = n; k < n + NBL__KERNEL_OVERRUN; k += KERNEL_LANES) {
        KERNEL_STORE(to->x + k, far);
        KERNEL_STORE(to->y + k, far);
        KERNEL_STORE(to->z + k, far);
    }
    for (uint32_t i = 0; i < n; i++) {
        to->x[i] = (float)((r[i][0] - r[0][0]) * scale);
        to->y[i] = (float)((r[i][1] - r[0][1]) * scale);
        to->z[i] = (float)((r[i][2] - r[0][2]) * scale);
    }
}

static inline void place_strip(const nbl__flock *f, int64_t from, placed strip[STRIP])
{
    for (int64_t s = from; s < f->n && s < from + STRIP; s++)
        place_system(f->r + (f->first[s] - f->first[0]), (uint32_t)(f->first[s + 1] - f->first[s]), f->scale,
                     &strip[s - from]);
}

/* Whether no coordinate is too far for the band. */
static inline bool is_near(const placed *p, uint32_t n)
{
    const KERNEL_REAL reach = KERNEL_SET((float)NBL__FLOCK_REACH);
    KERNEL_MASK beyond = KERNEL_NONE;
    for (uint32_t c = 0; c < n; c += KERNEL_LANES) {
        const KERNEL_REAL x = KERNEL_LOAD(p->x + c), y = KERNEL_LOAD(p->y + c), z = KERNEL_LOAD(p->z + c);
        const KERNEL_REAL most = KERNEL_MAX(KERNEL_MAX(KERNEL_ABS(x), KERNEL_ABS(y)), KERNEL_ABS(z));
        beyond = KERNEL_OR(beyond, KERNEL_BUT(KERNEL_FIRST(n - c), KERNEL_LESS(most, reach)));
    }
    return !KERNEL_ANY(beyond);
}

/* What row i may have. */
static inline uint64_t allowed_mask(const nbl__flock *f, uint32_t i)
{
    const uint64_t own = UINT64_C(1) << i, later = f->half ? ~(own - 1) : UINT64_MAX;
    return f->self ? later : later & ~own;
}

/* All rows of one system, whose points are `steps` vectors of each coordinate; returns how many entries. */
static NBL__INLINE uint32_t make_masks(const placed *p, uint32_t n, const nbl__flock *f, uint64_t *masks,
                                       uint32_t *counts, bool *close, uint32_t steps)
{
    const KERNEL_REAL inner = KERNEL_SET(f->band.inner), outer = KERNEL_SET(f->band.outer);
    KERNEL_WATCH watch = KERNEL_UNSEEN;
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        const KERNEL_REAL x = KERNEL_SET(p->x[i]), y = KERNEL_SET(p->y[i]), z = KERNEL_SET(p->z[i]);
        uint64_t in = 0;
        for (uint32_t s = 0; s < steps; s++) {
            const uint32_t c = s * KERNEL_LANES;
            const KERNEL_REAL dx = KERNEL_SUB(KERNEL_LOAD(p->x + c), x),
                              dy = KERNEL_SUB(KERNEL_LOAD(p->y + c), y),
                              dz = KERNEL_SUB(KERNEL_LOAD(p->z + c), z);
            const KERNEL_REAL d2 = KERNEL_MULADD(dz, dz, KERNEL_MULADD(dy, dy, KERNEL_MUL(dx, dx)));
            const KERNEL_MASK below = KERNEL_LESS(d2, outer);
            in |= (uint64_t)KERNEL_BITS(below) << c;
            watch = KERNEL_SEE(watch, below, d2, inner);
        }
        in &= allowed_mask(f, i);
        masks[i] = in;
        counts[i] = count_ones(in);
        total += counts[i];
    }
    *close = KERNEL_SEEN(watch, inner, outer);
    return total;
}

static NBL__INLINE uint32_t make_system(const placed *p, uint32_t n, const nbl__flock *f, uint64_t *masks,
                                        uint32_t *counts, bool *close)
{
    if (n <= KERNEL_LANES)
        return make_masks(p, n, f, masks, counts, close, 1);
    if (n <= 2 * KERNEL_LANES)
        return make_masks(p, n, f, masks, counts, close, 2);
    return make_masks(p, n, f, masks, counts, close, (n + KERNEL_LANES - 1) / KERNEL_LANES);
}

static int64_t flock(const nbl__flock *f, uint64_t *masks, uint32_t *counts, uint64_t *total)
{
    placed strip[STRIP];
    *total = 0;
    for (int64_t done = 0; done < f->n; done++) {
        const placed *own = &strip[done % STRIP];
        const int64_t first = f->first[done] - f->first[0];
        const uint32_t n = (uint32_t)(f->first[done + 1] - f->first[done]);
        bool close;
        if (done % STRIP == 0)
            place_strip(f, done, strip);
        if (!is_near(own, n))
            return done;
        const uint32_t found = make_system(own, n, f, masks + first, counts + first, &close);
        if (close)
            return done;
        *total += found;
    }
    return f->n;
}

static uint32_t part(uint32_t *numbers, float *d2, uint32_t count, float limit, uint32_t *spare)
{
    const KERNEL_REAL bound = KERNEL_SET(limit);
    uint64_t below = 0, above = 0;
    for (uint64_t e = 0; e < count; e += KERNEL_LANES) {
        const KERNEL_REAL v = KERNEL_LOAD(d2 + e);
        const KERNEL_NUMBERS number = KERNEL_LOAD_NUMBERS(numbers + e);
        const KERNEL_MASK all = KERNEL_FIRST(count - e), less = KERNEL_AND(KERNEL_LESS(v, bound), all);
        const KERNEL_CHOICE stays = KERNEL_CHOOSE(less), goes = KERNEL_CHOOSE(KERNEL_BUT(all, less));
        /* What is written in place has been read: `below` never runs ahead of e. */
        KERNEL_PACK(spare + above, number, goes);
        KERNEL_PACK(numbers + below, number, stays);
        KERNEL_PACK_REAL(d2 + below, v, stays);
        above += KERNEL_COUNT(goes);
        below += KERNEL_COUNT(stays);
    }
    return (uint32_t)below;
}

static uint32_t narrow(const uint32_t *numbers, float *d2, uint32_t count, float limit, uint32_t *out)
{
    const KERNEL_REAL bound = KERNEL_SET(limit);
    uint64_t below = 0;
    for (uint64_t e = 0; e < count; e += KERNEL_LANES) {
        const KERNEL_REAL v = KERNEL_LOAD(d2 + e);
        const KERNEL_NUMBERS number = KERNEL_LOAD_NUMBERS(numbers + e);
        const KERNEL_CHOICE stays = KERNEL_CHOOSE(KERNEL_AND(KERNEL_LESS(v, bound), KERNEL_FIRST(count - e)));
        KERNEL_PACK(out + below, number, stays);
        KERNEL_PACK_REAL(d2 + below, v, stays);
        below += KERNEL_COUNT(stays);
    }
    return (uint32_t)below;
}

#include "search/kernel_nested_tmpl.h"

#include "search/kernel_order_tmpl.h"

#if defined(WIDE_LANES)
#include "search/kernel_strips_tmpl.h"
#define KERNEL_STRIPS .strips = {wrap, spot}
#else
#define KERNEL_STRIPS .strips = {NULL, NULL}
#endif

const nbl__kernels KERNEL_NAME = {.gather = gather,
                                  .gather_slots = gather_slots,
                                  .rows = rows,
                                  .flock = flock,
                                  .doubts = doubts,
                                  .part = part,
                                  .narrow = narrow,
                                  .nested = nested,
                                  .order = order,
                                  KERNEL_STRIPS,
                                  .expand = &KERNEL_EXPAND,
                                  .apart = {KERNEL_SHARE, 100.0}};
