/* SPDX-License-Identifier: MIT */
/*
 * One neighbour against those of a tile, for one width of vectors. Included by angles.c, with
 *
 *     NAME(x)     names of this instance
 *     TARGET      attributes of its functions
 *     V, V_LOOSE  a vector of V_LANES doubles; the same without alignment
 *     V_INT       as many int64_t
 *     V_ALL(x)    (x, x, ...)
 *     V_LESS(a, b), V_NOT_ABOVE(a, b)     -1 where a < b, a <= b, else 0
 */
#define GET(p)    (*(const V_LOOSE *)(p))
#define PUT(p, v) (*(V_LOOSE *)(p) = (v))

/* Neighbour a of `left` with neighbours first ... right->n - 1 of `right`, and padding behind them. */
TARGET static ALWAYS_INLINE void NAME(line)(const bool angles, const bool bonds, const struct tile *left,
                                            int32_t a, const struct tile *right, int32_t first,
                                            const struct band *band, struct found *found)
{
    const V x = V_ALL(left->x[a]), y = V_ALL(left->y[a]), z = V_ALL(left->z[a]);
    const V d2 = V_ALL(left->d2[a]), twice = V_ALL(-2 * left->d[a]);
    const V scale = V_ALL(CELLS / 2), magic = V_ALL(MAGIC + CELLS / 2);
    const V below = V_ALL(band->below), above = V_ALL(band->above), low = V_ALL(band->low);
    V_INT joined = {0}, doubtful = {0};
    double *cosines = found->cosines + found->n, *cells = found->cells + found->n;
    for (int32_t b = first; b < right->n; b += V_LANES, cosines += V_LANES, cells += V_LANES) {
        V cosine = (x * GET(right->x + b) + y * GET(right->y + b)) + z * GET(right->z + b);
        if (angles) {
            PUT(cosines, cosine);
            PUT(cells, cosine * scale + magic);
        }
        if (bonds) {
            V between = (d2 + GET(right->d2 + b)) + (twice * GET(right->d + b)) * cosine;
            V_INT inside = V_LESS(between, below);
            joined -= inside;
            doubtful |= (V_NOT_ABOVE(between, above) & ~inside) | V_LESS(between, low);
        }
    }
    found->n += right->n - first;
    if (bonds)
        for (int e = 0; e < V_LANES; e++) {
            found->joined += V_ENTRY(joined, e);
            found->doubtful |= V_ENTRY(doubtful, e);
        }
}

TARGET static void NAME(lines)(bool angles, bool bonds, const struct tile *left, const struct tile *right,
                               const struct band *band, struct sink *sink, struct found *found)
{
    for (int32_t a = 0; a < left->n; a++) {
        const int32_t first = left->first == right->first ? a + 1 : 0;
        if (angles && bonds)
            NAME(line)(true, true, left, a, right, first, band, found);
        else if (angles)
            NAME(line)(true, false, left, a, right, first, band, found);
        else
            NAME(line)(false, true, left, a, right, first, band, found);
        if (found->n > PAIRS - TILE) {
            if (angles)
                sort_in(sink, found);
            found->n = 0;
        }
    }
}

#undef GET
#undef PUT
#undef NAME
#undef TARGET
#undef V
#undef V_LOOSE
#undef V_INT
#undef V_LANES
#undef V_ALL
#undef V_ENTRY
#undef V_LESS
#undef V_NOT_ABOVE
