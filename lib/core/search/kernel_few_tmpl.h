/* SPDX-License-Identifier: MIT */
/*
 * Rows of few candidates: how many vectors they are is a constant, so that nothing is a loop. Included by
 * kernel_tmpl.h alone, in the midst of an instance.
 */

/* All rows of a small system, whose points stay in registers: one or two vectors of each coordinate. */
static NBL__INLINE uint32_t make_rows_in_registers(const nbl__near *near, const nbl__ask *ask, uint32_t *out,
                                                   uint32_t *counts, bool *close, bool half, int steps)
{
    const KERNEL_REAL inner = KERNEL_SET(ask->band.inner), outer = KERNEL_SET(ask->band.outer);
    KERNEL_REAL x[2], y[2], z[2];
    KERNEL_NUMBERS number[2], tag[2];
    KERNEL_WATCH watch = KERNEL_UNSEEN;
    uint64_t total = 0;
    for (int s = 0; s < steps; s++) {
        x[s] = KERNEL_LOAD(near->x + s * KERNEL_LANES);
        y[s] = KERNEL_LOAD(near->y + s * KERNEL_LANES);
        z[s] = KERNEL_LOAD(near->z + s * KERNEL_LANES);
        number[s] = KERNEL_LOAD_NUMBERS(near->number + s * KERNEL_LANES);
        tag[s] = half ? KERNEL_LOAD_NUMBERS(near->key + s * KERNEL_LANES) : number[s];
    }
    for (uint32_t k = 0; k < ask->n_rows; k++) {
        const uint64_t home = ask->homes ? ask->homes[k] : ask->first + k, before = total;
        const KERNEL_REAL cx = KERNEL_SET(near->x[home]), cy = KERNEL_SET(near->y[home]),
                          cz = KERNEL_SET(near->z[home]);
        const uint32_t own = half ? near->key[home] : near->number[home];
        const KERNEL_NUMBERS from = KERNEL_SET_NUMBER(ask->self ? own : own + 1),
                             but = KERNEL_SET_NUMBER(ask->self ? UINT32_MAX : own);
        (void)from;
        (void)but;
        for (int s = 0; s < steps; s++) {
            const KERNEL_REAL dx = KERNEL_SUB(x[s], cx), dy = KERNEL_SUB(y[s], cy), dz = KERNEL_SUB(z[s], cz);
            const KERNEL_REAL d2 = KERNEL_MULADD(dz, dz, KERNEL_MULADD(dy, dy, KERNEL_MUL(dx, dx)));
            const KERNEL_MASK below = KERNEL_LESS(d2, outer);
            const KERNEL_MASK in = half ? KERNEL_AND(below, KERNEL_NOT_BELOW(tag[s], from))
                                        : KERNEL_BUT(below, KERNEL_SAME(tag[s], but));
            watch = KERNEL_SEE(watch, in, d2, inner);
            const KERNEL_CHOICE chosen = KERNEL_CHOOSE(in);
            KERNEL_PACK(out + total, number[s], chosen);
            total += KERNEL_COUNT(chosen);
        }
        counts[k] = (uint32_t)(total - before);
    }
    *close = KERNEL_SEEN(watch, inner, outer);
    return (uint32_t)total;
}

#if defined(KERNEL_UNROLLED)
/* All are judged, and then packed. The inner bound is positive: the centre, left out later, is in no doubt. */
static NBL__INLINE uint32_t make_unrolled_rows(const nbl__near *points, const nbl__ask *ask, uint32_t *out,
                                               uint32_t *counts, bool *close, bool half, int steps)
{
    const nbl__near own = *points, *near = &own; /* in registers: what is written does not change it */
    KERNEL_WATCH watch = KERNEL_UNSEEN;
    uint64_t total = 0;
    for (uint32_t k = 0; k < ask->n_rows; k++) {
        const row_ask row = ask_of(near, ask, k, half, false);
        const centre at = place_centre(near, &row);
        const KERNEL_NUMBERS but = KERNEL_SET_NUMBER(row.but);
        const uint64_t before = total;
        uint32_t found[KERNEL_UNROLLED];
        for (int s = 0; s < steps; s++) {
            const uint64_t c = (uint64_t)s * KERNEL_LANES;
            const KERNEL_REAL d2 = squares(near, c, &at);
            const KERNEL_MASK in = judge(near, c, &at, d2, half);
            watch = KERNEL_SEE(watch, in, d2, at.inner);
            found[s] = KERNEL_BITS(in);
        }
        for (int s = 0; s < steps; s++) {
            const KERNEL_NUMBERS v = KERNEL_LOAD_NUMBERS(near->number + s * KERNEL_LANES);
            const uint32_t centre_bit = half ? 0 : KERNEL_BITS(KERNEL_SAME(v, but));
            const KERNEL_CHOICE chosen = KERNEL_CHOICE_OF(found[s] & ~centre_bit);
            KERNEL_PACK(out + total, v, chosen);
            total += KERNEL_COUNT(chosen);
        }
        counts[k] = (uint32_t)(total - before);
    }
    *close = KERNEL_SEEN(watch, KERNEL_SET(ask->band.inner), KERNEL_SET(ask->band.outer));
    return (uint32_t)total;
}
#endif

/* Rows of a half list in the order of keys begin in the midst. */
static inline bool has_few(const nbl__near *near, const nbl__ask *ask)
{
#if defined(KERNEL_UNROLLED)
    if (near->n <= KERNEL_UNROLLED * KERNEL_LANES && ask->band.inner > 0.0f && !(ask->half && ask->ordered))
        return true;
#endif
    (void)ask;
    return near->n <= 2 * KERNEL_LANES;
}

#define CASE(make, steps)                                                                                      \
    case steps:                                                                                                \
        return ask->half ? make(near, ask, out, counts, close, true, (steps))                                  \
                         : make(near, ask, out, counts, close, false, (steps))

static uint32_t make_few(const nbl__near *near, const nbl__ask *ask, uint32_t *out, uint32_t *counts,
                         bool *close)
{
    switch ((near->n + KERNEL_LANES - 1) / KERNEL_LANES) {
#if defined(KERNEL_UNROLLED)
        CASE(make_unrolled_rows, 3);
        CASE(make_unrolled_rows, 4);
        CASE(make_unrolled_rows, 5);
        CASE(make_unrolled_rows, 6);
        CASE(make_unrolled_rows, 7);
        CASE(make_unrolled_rows, 8);
        CASE(make_unrolled_rows, 9);
        CASE(make_unrolled_rows, 10);
        CASE(make_unrolled_rows, 11);
        CASE(make_unrolled_rows, 12);
#endif
        CASE(make_rows_in_registers, 2);
    default:
        return ask->half ? make_rows_in_registers(near, ask, out, counts, close, true, 1)
                         : make_rows_in_registers(near, ask, out, counts, close, false, 1);
    }
}

#undef CASE
