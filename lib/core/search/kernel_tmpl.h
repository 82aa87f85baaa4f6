/* SPDX-License-Identifier: MIT */
/*
 * The filter's body. An instance defines, and this file undefines:
 *   KERNEL_NAME              name of the function
 *   KERNEL_LANES             candidates per step
 *   KERNEL_REAL              a vector of that many doubles
 *   KERNEL_SET(a)            all lanes a
 *   KERNEL_LOAD(p, rest)     lanes from p; lanes at and beyond `rest` are never read
 *   KERNEL_SUB(a, b), KERNEL_MUL(a, b), KERNEL_MULADD(a, b, c)   c + a * b, rounded once or twice
 *   KERNEL_BOUND             a bound on squared distances, in the form that LESS compares with
 *   KERNEL_SET_BOUND(a)      the bound a >= 0
 *   KERNEL_LESS(a, b, rest)  mask of lanes below `rest` of the vector a that are less than the bound b
 *   KERNEL_COUNT(m)          lanes in a mask
 *   KERNEL_PACK(out, p, m)   writes numbers p[lane] of mask m to out; may write all lanes
 */
uint32_t KERNEL_NAME(const nbl__points *points, const nbl__run *runs, int64_t n_runs, const double centre[3],
                     nbl__band band, uint32_t *out, bool *close)
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
            count += KERNEL_COUNT(KERNEL_LESS(d2, outer, rest));
            sure += KERNEL_COUNT(KERNEL_LESS(d2, inner, rest));
        }
    }
    *close = sure != count;
    return (uint32_t)count;
}

#undef KERNEL_NAME
#undef KERNEL_LANES
#undef KERNEL_REAL
#undef KERNEL_SET
#undef KERNEL_LOAD
#undef KERNEL_SUB
#undef KERNEL_MUL
#undef KERNEL_MULADD
#undef KERNEL_BOUND
#undef KERNEL_SET_BOUND
#undef KERNEL_LESS
#undef KERNEL_COUNT
#undef KERNEL_PACK
