/* SPDX-License-Identifier: MIT */
/*
 * The filter's body. An instance defines, and this file undefines:
 *   KERNEL_NAME              name of the function
 *   KERNEL_LANES             candidates per step
 *   KERNEL_REAL              a vector of that many doubles
 *   KERNEL_SET(a)            all lanes a
 *   KERNEL_LOAD(p, rest)     lanes from p; lanes at and beyond `rest` are never read
 *   KERNEL_SUB(a, b), KERNEL_MUL(a, b), KERNEL_MULADD(a, b, c)   c + a * b, rounded once or twice
 *   KERNEL_LESS(a, b, rest)  bit mask of lanes below `rest` with a < b
 *   KERNEL_PACK(out, p, m)   writes numbers p[lane] of mask m to out, returns how many
 */
uint32_t KERNEL_NAME(const nbl__points *points, const nbl__run *runs, int64_t n_runs, const double centre[3],
                     nbl__band band, uint32_t *out, bool *close)
{
    const double *restrict x = points->x, *restrict y = points->y, *restrict z = points->z;
    const uint32_t *restrict number = points->number;
    const KERNEL_REAL cx = KERNEL_SET(centre[0]), cy = KERNEL_SET(centre[1]), cz = KERNEL_SET(centre[2]);
    const KERNEL_REAL inner = KERNEL_SET(band.inner), outer = KERNEL_SET(band.outer);
    uint32_t count = 0;
    uint32_t doubtful = 0;
    for (int64_t k = 0; k < n_runs; k++) {
        const uint32_t end = runs[k].end;
        for (uint32_t c = runs[k].begin; c < end; c += KERNEL_LANES) {
            const uint32_t rest = end - c;
            (void)rest;
            KERNEL_REAL dx = KERNEL_SUB(KERNEL_LOAD(x + c, rest), cx);
            KERNEL_REAL dy = KERNEL_SUB(KERNEL_LOAD(y + c, rest), cy);
            KERNEL_REAL dz = KERNEL_SUB(KERNEL_LOAD(z + c, rest), cz);
            KERNEL_REAL d2 = KERNEL_MULADD(dz, dz, KERNEL_MULADD(dy, dy, KERNEL_MUL(dx, dx)));
            uint32_t near = KERNEL_LESS(d2, outer, rest);
            doubtful |= near ^ KERNEL_LESS(d2, inner, rest);
            count += KERNEL_PACK(out + count, number + c, near);
        }
    }
    *close = doubtful != 0;
    return count;
}

#undef KERNEL_NAME
#undef KERNEL_LANES
#undef KERNEL_REAL
#undef KERNEL_SET
#undef KERNEL_LOAD
#undef KERNEL_SUB
#undef KERNEL_MUL
#undef KERNEL_MULADD
#undef KERNEL_LESS
#undef KERNEL_PACK
