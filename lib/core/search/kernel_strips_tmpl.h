/* SPDX-License-Identifier: MIT */
/*
 * What a build does with many atoms, for instances that have vectors of doubles (WIDE_LANES; kernel_tmpl.h says
 * what else they define). Operation by operation what plain C does in cell/wrap.c and bin/guests.c, and so the
 * same to the bit. The last ones are done with those before them, some of them once more. Included by
 * kernel_tmpl.h alone.
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

/* Those axes on which atoms do not lie in the cell, and whether any is one. */
typedef struct outside {
    WIDE_MASK on[3], any;
} outside;

static inline outside find_outside(const three *f, const three *least, const three *most)
{
    outside out;
    for (int a = 0; a < 3; a++)
        out.on[a] = WIDE_OR(WIDE_LESS(f->v[a], least->v[a]), WIDE_NOT_LESS(f->v[a], most->v[a]));
    out.any = WIDE_OR(WIDE_OR(out.on[0], out.on[1]), out.on[2]);
    return out;
}

/* The component k of a sum of steps along rows. */
static inline KERNEL_WIDE sum_steps(const three *step, const double rows[3][3], int k)
{
    return WIDE_ADD(WIDE_ADD(WIDE_MUL(step->v[0], KERNEL_SET_WIDE(rows[0][k])),
                             WIDE_MUL(step->v[1], KERNEL_SET_WIDE(rows[1][k]))),
                    WIDE_MUL(step->v[2], KERNEL_SET_WIDE(rows[2][k])));
}

/* Where atoms at `from` go, in two rounds; their coordinates f there, and the steps that take them there. */
static inline three move_atoms(const nbl__cell_box *box, const three g[3], const three *from, outside out,
                               three *f, three *step)
{
    const double(*rows)[3] = box->r;
    const three least = three_of(box->least), most = three_of(box->most);
    three p = *from;
    for (int round = 0; round < 2 && WIDE_ANY(out.any); round++) {
        for (int a = 0; a < 3; a++)
            step->v[a] = WIDE_ADD_WHERE(step->v[a], out.on[a], WIDE_FLOOR(f->v[a]));
        for (int k = 0; k < 3; k++)
            p.v[k] = WIDE_CHOOSE(out.any, WIDE_SUB(from->v[k], sum_steps(step, rows, k)), p.v[k]);
        for (int a = 0; a < 3; a++)
            f->v[a] = along(&g[a], &p);
        out = find_outside(f, &least, &most);
    }
    return p;
}

/* Moved atoms, and the steps in the caller's basis, w; returns the largest of these. */
static inline KERNEL_WIDE put_moved(const nbl__cell_box *box, const three *at, const three *step,
                                    double (*p)[3], int32_t (*w)[3])
{
    KERNEL_WIDE most = KERNEL_SET_WIDE(0.0);
    double moved[3][WIDE_LANES], shift[3][WIDE_LANES];
    for (int k = 0; k < 3; k++) {
        const KERNEL_WIDE v = sum_steps(step, (const double(*)[3])box->m, k);
        WIDE_STORE(moved[k], at->v[k]);
        WIDE_STORE(shift[k], v);
        most = WIDE_MAX(WIDE_ABS(v), most);
    }
    for (int e = 0; e < WIDE_LANES; e++)
        for (int k = 0; k < 3; k++) {
            p[e][k] = moved[k][e];
            w[e][k] = (int32_t)shift[k][e];
        }
    return most;
}

static inline bool is_any_far(const nbl__cell_box *box, const three *f)
{
    WIDE_MASK far = WIDE_NONE;
    for (int a = 0; a < 3; a++)
        far = WIDE_OR(far, WIDE_NOT_LESS(WIDE_ABS(f->v[a]), KERNEL_SET_WIDE(box->far[a])));
    return WIDE_ANY(far);
}

static int64_t wrap(const nbl__cell_box *box, int64_t first, int64_t end, const double (*r)[3],
                    nbl__wrapped *wrapped)
{
    const three g[3] = {three_of(box->g[0]), three_of(box->g[1]), three_of(box->g[2])},
                least = three_of(box->least), most = three_of(box->most);
    double(*p)[3] = wrapped->p;
    int32_t(*w)[3] = wrapped->w;
    three low = three_of(wrapped->low), high = three_of(wrapped->high), extent = three_of(wrapped->extent),
          steps = three_of(wrapped->steps);
    KERNEL_WIDE w_max = KERNEL_SET_WIDE((double)wrapped->w_max);
    int64_t i = first;
    for (; i < end && end - first >= WIDE_LANES; i += WIDE_LANES) {
        const int64_t here = i < end - WIDE_LANES ? i : end - WIDE_LANES;
        three at, f;
        WIDE_LOAD_THREE(r[here], at.v);
        for (int a = 0; a < 3; a++)
            f.v[a] = along(&g[a], &at);
        const outside out = find_outside(&f, &least, &most);
        if (!WIDE_ANY(out.any)) {
            memcpy(p[here], r[here], WIDE_LANES * sizeof *p);
            memset(w[here], 0, WIDE_LANES * sizeof *w);
        } else if (is_any_far(box, &f)) {
            break;
        } else {
            three step = {{KERNEL_SET_WIDE(0.0), KERNEL_SET_WIDE(0.0), KERNEL_SET_WIDE(0.0)}};
            const three moved = move_atoms(box, g, &at, out, &f, &step);
            w_max = WIDE_MAX(put_moved(box, &moved, &step, p + here, w + here), w_max);
            for (int a = 0; a < 3; a++)
                steps.v[a] = WIDE_MAX(WIDE_ABS(step.v[a]), steps.v[a]);
        }
        for (int a = 0; a < 3; a++) {
            low.v[a] = WIDE_MIN(f.v[a], low.v[a]);
            high.v[a] = WIDE_MAX(f.v[a], high.v[a]);
            extent.v[a] = WIDE_MAX(WIDE_ABS(at.v[a]), extent.v[a]);
        }
    }
    if (i == first)
        return first;
    for (int a = 0; a < 3; a++) {
        wrapped->low[a] = least_of(low.v[a]);
        wrapped->high[a] = most_of(high.v[a]);
        wrapped->extent[a] = most_of(extent.v[a]);
        wrapped->steps[a] = most_of(steps.v[a]);
    }
    wrapped->w_max = (int64_t)most_of(w_max);
    return i < end ? i : end;
}

static int64_t spot(const nbl__spotter *by, int64_t n, const double (*p)[3], uint64_t *spots)
{
    const three g[3] = {three_of(by->g[0]), three_of(by->g[1]), three_of(by->g[2])}, step = three_of(by->step),
                origin = three_of(by->origin), scale = three_of(by->scale), last = three_of(by->last),
                below = three_of(by->below), below_from = three_of(by->below_from), above = three_of(by->above),
                above_to = three_of(by->above_to);
    const KERNEL_WIDE none = KERNEL_SET_WIDE(0.0), first = KERNEL_SET_WIDE(by->first);
    if (n < WIDE_LANES)
        return 0;
    for (int64_t i = 0; i < n; i += WIDE_LANES) {
        const int64_t here = i < n - WIDE_LANES ? i : n - WIDE_LANES;
        KERNEL_WIDE sum = first;
        three at;
        WIDE_LOAD_THREE(p[here], at.v);
        for (int a = 0; a < 3; a++) {
            const KERNEL_WIDE t = WIDE_MUL(WIDE_SUB(along(&g[a], &at), origin.v[a]), scale.v[a]),
                              bin = WIDE_FLOOR(WIDE_MIN(WIDE_MAX(t, none), last.v[a]));
            sum = WIDE_ADD(sum, WIDE_MUL(bin, step.v[a]));
            sum = WIDE_ADD_WHERE(sum, WIDE_NOT_LESS(bin, below_from.v[a]), below.v[a]);
            sum = WIDE_ADD_WHERE(sum, WIDE_LESS(bin, above_to.v[a]), above.v[a]);
        }
        WIDE_STORE_WHOLE(spots + here, sum);
    }
    return n;
}
