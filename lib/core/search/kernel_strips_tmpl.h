/* SPDX-License-Identifier: MIT */
/*
 * What a build does with many atoms, for instances that have vectors of doubles (WIDE_LANES; kernel_tmpl.h says
 * what else they define). Operation by operation what plain C does in cell/wrap.c and bin/guests.c, and so the
 * same to the bit. Included by kernel_tmpl.h alone.
 */

typedef struct three {
    KERNEL_WIDE v[3];
} three;

static inline three three_of(const double of[3])
{
    return (three){{KERNEL_SET_WIDE(of[0]), KERNEL_SET_WIDE(of[1]), KERNEL_SET_WIDE(of[2])}};
}

/* Coordinates along an axis. */
static inline KERNEL_WIDE along(const three *g, const three *p)
{
    return WIDE_ADD(WIDE_ADD(WIDE_MUL(g->v[0], p->v[0]), WIDE_MUL(g->v[1], p->v[1])),
                    WIDE_MUL(g->v[2], p->v[2]));
}

/* The least or the greatest of all lanes. */
static inline double least_of(KERNEL_WIDE v)
{
    double lane[WIDE_LANES];
    WIDE_STORE(lane, v);
    for (int k = 1; k < WIDE_LANES; k++)
        lane[0] = lane[k] < lane[0] ? lane[k] : lane[0];
    return lane[0];
}

static inline double most_of(KERNEL_WIDE v)
{
    double lane[WIDE_LANES];
    WIDE_STORE(lane, v);
    for (int k = 1; k < WIDE_LANES; k++)
        lane[0] = lane[k] > lane[0] ? lane[k] : lane[0];
    return lane[0];
}

static int64_t stay(const nbl__cell_box *box, int64_t first, int64_t end, const double (*r)[3],
                    nbl__wrapped *wrapped)
{
    const three g[3] = {three_of(box->g[0]), three_of(box->g[1]), three_of(box->g[2])},
                least = three_of(box->least), most = three_of(box->most);
    double(*p)[3] = wrapped->p;
    int32_t(*w)[3] = wrapped->w;
    three low = three_of(wrapped->low), high = three_of(wrapped->high), extent = three_of(wrapped->extent);
    int64_t i = first;
    for (; i + WIDE_LANES <= end; i += WIDE_LANES) {
        three at;
        KERNEL_WIDE f[3];
        WIDE_MASK out = WIDE_NONE;
        WIDE_LOAD_THREE(r[i], at.v);
        for (int a = 0; a < 3; a++) {
            f[a] = along(&g[a], &at);
            out = WIDE_OR(out, WIDE_OR(WIDE_LESS(f[a], least.v[a]), WIDE_NOT_LESS(f[a], most.v[a])));
        }
        if (WIDE_ANY(out))
            break;
        for (int a = 0; a < 3; a++) {
            low.v[a] = WIDE_MIN(f[a], low.v[a]);
            high.v[a] = WIDE_MAX(f[a], high.v[a]);
            extent.v[a] = WIDE_MAX(WIDE_ABS(at.v[a]), extent.v[a]);
        }
        memcpy(p[i], r[i], WIDE_LANES * sizeof *p);
        memset(w[i], 0, WIDE_LANES * sizeof *w);
    }
    for (int a = 0; a < 3 && i > first; a++) {
        wrapped->low[a] = least_of(low.v[a]);
        wrapped->high[a] = most_of(high.v[a]);
        wrapped->extent[a] = most_of(extent.v[a]);
    }
    return i;
}

static int64_t spot(const nbl__spotter *by, int64_t n, const double (*p)[3], uint64_t *spots)
{
    const three g[3] = {three_of(by->g[0]), three_of(by->g[1]), three_of(by->g[2])}, step = three_of(by->step),
                origin = three_of(by->origin), scale = three_of(by->scale), last = three_of(by->last),
                below = three_of(by->below), below_from = three_of(by->below_from), above = three_of(by->above),
                above_to = three_of(by->above_to);
    const KERNEL_WIDE none = KERNEL_SET_WIDE(0.0), first = KERNEL_SET_WIDE(by->first);
    int64_t i = 0;
    for (; i + WIDE_LANES <= n; i += WIDE_LANES) {
        KERNEL_WIDE sum = first;
        three at;
        WIDE_LOAD_THREE(p[i], at.v);
        for (int a = 0; a < 3; a++) {
            const KERNEL_WIDE t = WIDE_MUL(WIDE_SUB(along(&g[a], &at), origin.v[a]), scale.v[a]),
                              bin = WIDE_TRUNCATE(WIDE_MIN(WIDE_MAX(t, none), last.v[a]));
            sum = WIDE_ADD(sum, WIDE_MUL(bin, step.v[a]));
            sum = WIDE_ADD_WHERE(sum, WIDE_NOT_LESS(bin, below_from.v[a]), below.v[a]);
            sum = WIDE_ADD_WHERE(sum, WIDE_LESS(bin, above_to.v[a]), above.v[a]);
        }
        WIDE_STORE_WHOLE(spots + i, sum);
    }
    return i;
}
