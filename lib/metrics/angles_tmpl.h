/* SPDX-License-Identifier: MIT */
/*
 * One neighbour against those of a tile, for one width of vectors. Included by angles.c, with
 *
 *     NAME(x)     names of this instance
 *     TARGET      attributes of its functions
 *     V, V_LOOSE  a vector of V_LANES doubles; the same without alignment
 *     V_INT       as many int64_t
 *     V_ALL(x)    (x, x, ...)
 *     V_ABS(a), V_NOT_ABOVE(a, b)         |a|; -1 where a <= b, else 0
 */
#define GET(p)    (*(const V_LOOSE *)(p))
#define PUT(p, v) (*(V_LOOSE *)(p) = (v))

/* Neighbour a of `left` with neighbours first ... right->n - 1 of `right`, and padding behind them. */
TARGET static NBL__INLINE void NAME(line)(const bool angles, const bool bonds, const struct tile *left,
                                          int32_t a, const struct tile *right, int32_t first,
                                          const struct band *band, struct found *found, V_INT *sure,
                                          V_INT *near)
{
    const V x = V_ALL(left->x[a] * HALF), y = V_ALL(left->y[a] * HALF), z = V_ALL(left->z[a] * HALF);
    const V offset = V_ALL(left->offset[a]), twice = V_ALL(left->d[a] * (-2.0 / HALF));
    const V magic = V_ALL(MAGIC + HALF), below = V_ALL(band->below), above = V_ALL(band->above);
    double *cosines = found->cosines + found->n, *cells = found->cells + found->n;
    for (int32_t b = first; b < right->n; b += V_LANES, cosines += V_LANES, cells += V_LANES) {
        V cosine = (x * GET(right->x + b) + y * GET(right->y + b)) + z * GET(right->z + b);
        if (angles) {
            PUT(cosines, cosine);
            PUT(cells, cosine + magic);
        }
        if (bonds) {
            V between = (offset + GET(right->offset + b)) + (twice * GET(right->d + b)) * cosine;
            between = V_ABS(between);
            *sure -= V_NOT_ABOVE(between, below);
            *near -= V_NOT_ABOVE(between, above);
        }
    }
    found->n += right->n - first;
}

TARGET static NBL__INLINE void NAME(lines_of)(const bool angles, const bool bonds, const struct tile *left,
                                              const struct tile *right, const struct band *band,
                                              const struct sink *sink, struct found *found)
{
    V_INT sure = {0}, near = {0};
    for (int32_t a = 0; a < left->n; a++) {
        NAME(line)(angles, bonds, left, a, right, left == right ? a + 1 : 0, band, found, &sure, &near);
        if (found->n > PAIRS - TILE) {
            if (angles)
                sort_in(sink, found);
            found->n = 0;
        }
    }
    for (int e = 0; e < V_LANES && bonds; e++) {
        found->sure += V_ENTRY(sure, e);
        found->near += V_ENTRY(near, e);
    }
}

TARGET static void NAME(lines)(bool angles, bool bonds, const struct tile *left, const struct tile *right,
                               const struct band *band, const struct sink *sink, struct found *found)
{
    if (angles && bonds)
        NAME(lines_of)(true, true, left, right, band, sink, found);
    else if (angles)
        NAME(lines_of)(true, false, left, right, band, sink, found);
    else
        NAME(lines_of)(false, true, left, right, band, sink, found);
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
#undef V_ABS
#undef V_NOT_ABOVE
