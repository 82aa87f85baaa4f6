/* SPDX-License-Identifier: MIT */
/*
 * The filter's body. An instance defines, and this file undefines:
 *   KERNEL_NAME              name of the nbl__kernels that are defined
 *   KERNEL_LANES             candidates per step
 *   KERNEL_REAL              a vector of that many doubles
 *   KERNEL_SET(a)            all lanes a
 *   KERNEL_LOAD(p, rest)     lanes from p; lanes at and beyond `rest` are never read
 *   KERNEL_SUB(a, b), KERNEL_MUL(a, b), KERNEL_MAX(a, b), KERNEL_MULADD(a, b, c)   c + a * b, rounded once or
 *                            twice
 *   KERNEL_BOUND             a bound on squared distances, in the form that LESS compares with
 *   KERNEL_SET_BOUND(a)      the bound a >= 0
 *   KERNEL_MASK              an unsigned integer with a bit for each lane
 *   KERNEL_LESS(a, b, rest)  mask of lanes below `rest` of the vector a that are less than the bound b
 *   KERNEL_ALL(rest)         mask of all lanes below `rest`
 *   KERNEL_COUNT(m)          lanes in a mask
 *   KERNEL_PACK(out, p, m)   writes numbers p[lane] of mask m to out; may write all lanes
 *   KERNEL_PACK_REAL(out, v, m)  the same for the doubles of a vector
 */
static inline uint32_t filter_any(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                                  const double centre[3], nbl__band band, uint32_t *out, double *out_d2,
                                  bool with_d2, bool *close)
{
    const double *restrict x = points->x, *restrict y = points->y, *restrict z = points->z;
    const uint32_t *restrict number = points->number;
    const KERNEL_REAL cx = KERNEL_SET(centre[0]), cy = KERNEL_SET(centre[1]), cz = KERNEL_SET(centre[2]);
    const KERNEL_BOUND inner = KERNEL_SET_BOUND(band.inner), outer = KERNEL_SET_BOUND(band.outer);
    uint64_t count = 0, sure = 0;
    for (int64_t k = 0; k < n_runs; k++) {
        const uint64_t end = runs[k].end;
        for (uint64_t c = runs[k].begin; c < end; c += KERNEL_LANES) {
            const uint64_t rest = end - c;
            (void)rest;
            KERNEL_REAL dx = KERNEL_SUB(KERNEL_LOAD(x + c, rest), cx);
            KERNEL_REAL dy = KERNEL_SUB(KERNEL_LOAD(y + c, rest), cy);
            KERNEL_REAL dz = KERNEL_SUB(KERNEL_LOAD(z + c, rest), cz);
            KERNEL_REAL d2 = KERNEL_MULADD(dz, dz, KERNEL_MULADD(dy, dy, KERNEL_MUL(dx, dx)));
            KERNEL_PACK(out + count, number + c, KERNEL_LESS(d2, outer, rest));
            if (with_d2)
                KERNEL_PACK_REAL(out_d2 + count, d2, KERNEL_LESS(d2, outer, rest));
            count += KERNEL_COUNT(KERNEL_LESS(d2, outer, rest));
            sure += KERNEL_COUNT(KERNEL_LESS(d2, inner, rest));
        }
    }
    *close = sure != count;
    return (uint32_t)count;
}

static uint32_t filter(const nbl__points *points, const nbl__run *runs, int64_t n_runs, const double centre[3],
                       nbl__band band, uint32_t *out, bool *close)
{
    return filter_any(points, runs, n_runs, centre, band, out, NULL, false, close);
}

static uint32_t filter_d2(const nbl__points *points, const nbl__run *runs, int64_t n_runs,
                          const double centre[3], nbl__band band, uint32_t *out, double *d2, bool *close)
{
    return filter_any(points, runs, n_runs, centre, band, out, d2, true, close);
}

static uint32_t filter_rows(const nbl__points *points, uint32_t n, const uint32_t *homes, uint32_t n_rows,
                            bool half, bool with_self, nbl__band band, uint32_t *out, uint32_t *counts,
                            bool *close)
{
    const double *restrict x = points->x, *restrict y = points->y, *restrict z = points->z;
    const KERNEL_BOUND inner = KERNEL_SET_BOUND(band.inner), outer = KERNEL_SET_BOUND(band.outer);
    uint64_t count = 0, sure = 0;
    for (uint32_t i = 0; i < n_rows; i++) {
        const uint64_t home = homes ? homes[i] : i, before = count;
        const KERNEL_REAL cx = KERNEL_SET(x[home]), cy = KERNEL_SET(y[home]), cz = KERNEL_SET(z[home]);
        for (uint64_t c = half ? home : 0; c < n; c += KERNEL_LANES) {
            const uint64_t rest = n - c, lane = home - c;
            (void)rest;
            const KERNEL_REAL dx = KERNEL_SUB(KERNEL_LOAD(x + c, rest), cx);
            const KERNEL_REAL dy = KERNEL_SUB(KERNEL_LOAD(y + c, rest), cy);
            const KERNEL_REAL dz = KERNEL_SUB(KERNEL_LOAD(z + c, rest), cz);
            const KERNEL_REAL d2 = KERNEL_MULADD(dz, dz, KERNEL_MULADD(dy, dy, KERNEL_MUL(dx, dx)));
            /* The centre itself: distance 0 is below any bound. */
            const KERNEL_MASK self = lane < KERNEL_LANES && !with_self ? (KERNEL_MASK)1 << lane : 0;
            const KERNEL_MASK near = KERNEL_LESS(d2, outer, rest) & ~self;
            KERNEL_PACK(out + count, points->number + c, near);
            count += KERNEL_COUNT(near);
            sure += KERNEL_COUNT(KERNEL_LESS(d2, inner, rest) & ~self);
        }
        counts[i] = (uint32_t)(count - before);
    }
    *close = sure != count;
    return (uint32_t)count;
}

static inline KERNEL_REAL gap_outside(KERNEL_REAL q, double low, double high)
{
    const KERNEL_REAL below = KERNEL_SUB(KERNEL_SET(low), q), above = KERNEL_SUB(q, KERNEL_SET(high));
    return KERNEL_MAX(KERNEL_MAX(below, above), KERNEL_SET(0.0));
}

static uint32_t filter_box(const nbl__points *points, uint32_t n, const double p[3], const double low[3],
                           const double high[3], double reach2, uint32_t *out)
{
    const KERNEL_BOUND bound = KERNEL_SET_BOUND(reach2);
    uint64_t count = 0;
    for (uint64_t c = 0; c < n; c += KERNEL_LANES) {
        const uint64_t rest = n - c;
        (void)rest;
        /* x - (-p): the same double as p + x */
        const KERNEL_REAL qx = KERNEL_SUB(KERNEL_LOAD(points->x + c, rest), KERNEL_SET(-p[0]));
        const KERNEL_REAL qy = KERNEL_SUB(KERNEL_LOAD(points->y + c, rest), KERNEL_SET(-p[1]));
        const KERNEL_REAL qz = KERNEL_SUB(KERNEL_LOAD(points->z + c, rest), KERNEL_SET(-p[2]));
        const KERNEL_REAL gx = gap_outside(qx, low[0], high[0]), gy = gap_outside(qy, low[1], high[1]);
        const KERNEL_REAL gz = gap_outside(qz, low[2], high[2]);
        const KERNEL_REAL d2 = KERNEL_MULADD(gz, gz, KERNEL_MULADD(gy, gy, KERNEL_MUL(gx, gx)));
        KERNEL_PACK(out + count, points->number + c, KERNEL_LESS(d2, bound, rest));
        count += KERNEL_COUNT(KERNEL_LESS(d2, bound, rest));
    }
    return (uint32_t)count;
}

static bool doubts(const double *d2, uint32_t count, nbl__band band)
{
    const KERNEL_BOUND inner = KERNEL_SET_BOUND(band.inner), outer = KERNEL_SET_BOUND(band.outer);
    uint64_t near = 0, sure = 0;
    for (uint64_t e = 0; e < count; e += KERNEL_LANES) {
        const uint64_t rest = count - e;
        (void)rest;
        const KERNEL_REAL v = KERNEL_LOAD(d2 + e, rest);
        near += KERNEL_COUNT(KERNEL_LESS(v, outer, rest));
        sure += KERNEL_COUNT(KERNEL_LESS(v, inner, rest));
    }
    return near != sure;
}

static uint32_t part(uint32_t *numbers, double *d2, uint32_t count, double limit, uint32_t *spare)
{
    const KERNEL_BOUND bound = KERNEL_SET_BOUND(limit);
    uint64_t below = 0, above = 0;
    for (uint64_t e = 0; e < count; e += KERNEL_LANES) {
        const uint64_t rest = count - e;
        (void)rest;
        const KERNEL_REAL v = KERNEL_LOAD(d2 + e, rest);
        /* What is written in place has been read: `below` never runs ahead of e. */
        KERNEL_PACK(spare + above, numbers + e, KERNEL_ALL(rest) ^ KERNEL_LESS(v, bound, rest));
        KERNEL_PACK(numbers + below, numbers + e, KERNEL_LESS(v, bound, rest));
        KERNEL_PACK_REAL(d2 + below, v, KERNEL_LESS(v, bound, rest));
        above += KERNEL_COUNT(KERNEL_ALL(rest) ^ KERNEL_LESS(v, bound, rest));
        below += KERNEL_COUNT(KERNEL_LESS(v, bound, rest));
    }
    return (uint32_t)below;
}

static uint32_t narrow(const uint32_t *numbers, double *d2, uint32_t count, double limit, uint32_t *out)
{
    const KERNEL_BOUND bound = KERNEL_SET_BOUND(limit);
    uint64_t below = 0;
    for (uint64_t e = 0; e < count; e += KERNEL_LANES) {
        const uint64_t rest = count - e;
        (void)rest;
        const KERNEL_REAL v = KERNEL_LOAD(d2 + e, rest);
        KERNEL_PACK(out + below, numbers + e, KERNEL_LESS(v, bound, rest));
        KERNEL_PACK_REAL(d2 + below, v, KERNEL_LESS(v, bound, rest));
        below += KERNEL_COUNT(KERNEL_LESS(v, bound, rest));
    }
    return (uint32_t)below;
}

const nbl__kernels KERNEL_NAME = {filter, filter_d2, filter_rows, filter_box, doubts, part, narrow};

#undef KERNEL_NAME
#undef KERNEL_LANES
#undef KERNEL_REAL
#undef KERNEL_SET
#undef KERNEL_LOAD
#undef KERNEL_SUB
#undef KERNEL_MUL
#undef KERNEL_MULADD
#undef KERNEL_MAX
#undef KERNEL_BOUND
#undef KERNEL_SET_BOUND
#undef KERNEL_MASK
#undef KERNEL_LESS
#undef KERNEL_ALL
#undef KERNEL_COUNT
#undef KERNEL_PACK
#undef KERNEL_PACK_REAL
