/* SPDX-License-Identifier: MIT */
#include "cell/wrap.h"

#include <float.h>
#include <math.h>

static const double cells_limit = 1073741824.0; /* 2^30: contract */

/* Steps along the reduced axes as a shift in the caller's basis; false beyond 2^31. */
static bool caller_shift(const nbl__lattice *lattice, const double step[3], int32_t w[3])
{
    if (!lattice->reduced) {
        for (int b = 0; b < 3; b++)
            w[b] = (int32_t)step[b];
        return true;
    }
    for (int b = 0; b < 3; b++) {
        int64_t sum = 0;
        for (int a = 0; a < 3; a++) {
            double term = step[a] * (double)lattice->m[a][b];
            if (!(fabs(term) < 1e18))
                return false;
            sum += (int64_t)step[a] * lattice->m[a][b];
        }
        if (sum < INT32_MIN || sum > INT32_MAX)
            return false;
        w[b] = (int32_t)sum;
    }
    return true;
}

/* The axis of the caller on which x lies too many cells away, or -1. f: fractional, reduced. */
static int far_axis(const nbl__lattice *lattice, const double f[3], double *cells)
{
    for (int b = 0; b < 3; b++) {
        if (!lattice->pbc[b])
            continue;
        *cells = f[b];
        if (lattice->reduced) {
            *cells = 0.0;
            for (int a = 0; a < 3; a++)
                *cells += lattice->pbc[a] ? f[a] * (double)lattice->m[a][b] : 0.0;
        }
        if (!(fabs(*cells) <= cells_limit))
            return b;
    }
    return -1;
}

/*
 * Wraps one position; returns the axis on which it fails, or -1. The second round catches what rounding
 * left outside after a long way; what it leaves is clamped by the grid.
 */
static int wrap_one(const nbl__lattice *lattice, const double *r, double *p, int32_t *w, double step[3],
                    double *cells)
{
    step[0] = step[1] = step[2] = 0.0;
    p[0] = r[0], p[1] = r[1], p[2] = r[2];
    for (int round = 0; round < 2; round++) {
        double f[3], moved = 0.0;
        for (int a = 0; a < 3; a++)
            f[a] = nbl__dot(lattice->g[a], p);
        if (round == 0) {
            int far = far_axis(lattice, f, cells);
            if (far >= 0)
                return far;
        }
        for (int a = 0; a < 3; a++)
            if (lattice->pbc[a] && !(f[a] >= 0.0 && f[a] < 1.0)) {
                step[a] += floor(f[a]);
                moved += fabs(floor(f[a]));
            }
        if (moved == 0.0)
            break;
        for (int k = 0; k < 3; k++)
            p[k] =
                r[k] - (step[0] * lattice->r[0][k] + step[1] * lattice->r[1][k] + step[2] * lattice->r[2][k]);
    }
    if (caller_shift(lattice, step, w))
        return -1;
    int axis = 0;
    while (!lattice->pbc[axis])
        axis++;
    *cells = HUGE_VAL;
    return axis;
}

static inline void raise_to(double *to, double value)
{
    *to = value > *to ? value : *to;
}

void nbl__wrapped_clear(nbl__wrapped *wrapped)
{
    wrapped->w_max = 0;
    for (int a = 0; a < 3; a++) {
        wrapped->steps[a] = wrapped->extent[a] = 0.0;
        wrapped->low[a] = HUGE_VAL;
        wrapped->high[a] = -HUGE_VAL;
    }
}

void nbl__wrapped_merge(nbl__wrapped *wrapped, const nbl__wrapped *part)
{
    wrapped->w_max = part->w_max > wrapped->w_max ? part->w_max : wrapped->w_max;
    for (int a = 0; a < 3; a++) {
        raise_to(&wrapped->steps[a], part->steps[a]);
        raise_to(&wrapped->extent[a], part->extent[a]);
        raise_to(&wrapped->high[a], part->high[a]);
        wrapped->low[a] = part->low[a] < wrapped->low[a] ? part->low[a] : wrapped->low[a];
    }
}

/* What an atom that was moved, or stayed where it is, adds to the bounds. */
static void widen(nbl__wrapped *wrapped, const nbl__lattice *lattice, const double *r, int64_t i,
                  const double step[3])
{
    for (int a = 0; a < 3; a++) {
        const double u = nbl__dot(lattice->g[a], wrapped->p[i]);
        int64_t w = wrapped->w[i][a];
        wrapped->low[a] = u < wrapped->low[a] ? u : wrapped->low[a];
        wrapped->high[a] = u > wrapped->high[a] ? u : wrapped->high[a];
        raise_to(&wrapped->extent[a], fabs(r[a]));
        raise_to(&wrapped->steps[a], fabs(step[a]));
        w = w < 0 ? -w : w;
        wrapped->w_max = w > wrapped->w_max ? w : wrapped->w_max;
    }
}

/* Whether no atom of the reduced cell is too many cells of the caller away. */
static bool is_compact(const nbl__lattice *lattice)
{
    bool compact = true;
    for (int b = 0; b < 3 && lattice->reduced; b++) {
        double cells = 0.0;
        for (int a = 0; a < 3; a++)
            cells += lattice->pbc[a] ? fabs((double)lattice->m[a][b]) : 0.0;
        compact &= cells <= cells_limit;
    }
    return compact;
}

/* Wraps an atom that is not in the cell. */
static nbl_status move(nbl__wrapped *wrapped, const nbl__lattice *lattice, const double *r, int64_t i,
                       nbl__fault *fault)
{
    double step[3], cells = 0.0;
    const int axis = wrap_one(lattice, r, wrapped->p[i], wrapped->w[i], step, &cells);
    if (axis >= 0) {
        *fault = (nbl__fault){.what = NBL__FAULT_ATOM, .a = i, .k = axis, .value = cells};
        return NBL_ESHIFT;
    }
    widen(wrapped, lattice, r, i, step);
    return NBL_OK;
}

/* Whole numbers of steps, and what they are in the caller's basis, are below 2^31 then. */
static const double far_cells = 536870912.0, most_steps = 1048576.0;

/* What a step along each axis is in the caller's basis, all together, at most. */
static double longest_step(const nbl__lattice *lattice)
{
    double most = 1.0;
    for (int b = 0; b < 3 && lattice->reduced; b++) {
        double sum = 0.0;
        for (int a = 0; a < 3; a++)
            sum += fabs((double)lattice->m[a][b]);
        most = sum > most ? sum : most;
    }
    return most;
}

/* Coordinates, and between which of them atoms lie in the cell: all that is needed where they are looked at one
 * by one. */
static void set_bounds(nbl__cell_box *box, const nbl__lattice *lattice)
{
    for (int a = 0; a < 3; a++) {
        for (int k = 0; k < 3; k++)
            box->g[a][k] = lattice->g[a][k];
        box->least[a] = lattice->pbc[a] ? 0.0 : -HUGE_VAL;
        box->most[a] = lattice->pbc[a] ? 1.0 : HUGE_VAL;
    }
}

static void set_rows(nbl__cell_box *box, const nbl__lattice *lattice)
{
    const double far = far_cells / longest_step(lattice);
    for (int a = 0; a < 3; a++) {
        for (int k = 0; k < 3; k++) {
            box->r[a][k] = lattice->r[a][k];
            box->m[a][k] = lattice->reduced ? (double)lattice->m[a][k] : a == k;
        }
        box->far[a] = lattice->pbc[a] ? far : HUGE_VAL;
    }
}

/*
 * Atoms first ... end - 1, one by one. Those that lie in the cell, as most do, stay where they are: their
 * bounds are kept apart, in registers. On open axes everything lies in the cell.
 */
static nbl_status wrap_each(const nbl__lattice *lattice, const nbl__cell_box *box, int64_t first, int64_t end,
                            const double (*r)[3], bool compact, nbl__wrapped *wrapped, nbl__fault *fault)
{
    double g[3][3], least[3], most[3], low[3], high[3], extent[3];
    for (int a = 0; a < 3; a++) {
        for (int k = 0; k < 3; k++)
            g[a][k] = box->g[a][k];
        least[a] = box->least[a];
        most[a] = box->most[a];
        low[a] = HUGE_VAL;
        high[a] = -HUGE_VAL;
        extent[a] = 0.0;
    }
    for (int64_t i = first; i < end; i++) {
        double f[3];
        bool stays = compact;
        for (int a = 0; a < 3; a++) {
            f[a] = nbl__dot(g[a], r[i]);
            stays &= f[a] >= least[a] && f[a] < most[a];
        }
        if (!stays) {
            nbl_status status = move(wrapped, lattice, r[i], i, fault);
            if (status != NBL_OK)
                return status;
            continue;
        }
        for (int a = 0; a < 3; a++) {
            const double size = fabs(r[i][a]);
            wrapped->p[i][a] = r[i][a];
            wrapped->w[i][a] = 0;
            low[a] = f[a] < low[a] ? f[a] : low[a];
            high[a] = f[a] > high[a] ? f[a] : high[a];
            extent[a] = size > extent[a] ? size : extent[a];
        }
    }
    for (int a = 0; a < 3; a++) {
        raise_to(&wrapped->high[a], high[a]);
        raise_to(&wrapped->extent[a], extent[a]);
        wrapped->low[a] = low[a] < wrapped->low[a] ? low[a] : wrapped->low[a];
    }
    return NBL_OK;
}

/* Atoms that are looked at one by one where one of them is too far away, or where there are no more. */
enum { SEVERAL = 8 };

nbl_status nbl__wrap(const nbl__lattice *lattice, int64_t n, const double (*r)[3], nbl__wrapped *wrapped,
                     nbl__wrap_several several, nbl__fault *fault)
{
    const bool compact = is_compact(lattice);
    nbl__cell_box box;
    nbl_status status = NBL_OK;
    nbl__wrapped_clear(wrapped);
    set_bounds(&box, lattice);
    if (!several || n < SEVERAL || longest_step(lattice) > most_steps)
        return wrap_each(lattice, &box, 0, n, r, compact, wrapped, fault);
    set_rows(&box, lattice);
    for (int64_t i = 0, first, end; i < n && status == NBL_OK; i = end) {
        first = several(&box, i, n, r, wrapped);
        end = n - first < SEVERAL ? n : first + SEVERAL;
        status = wrap_each(lattice, &box, first, end, r, compact, wrapped, fault);
    }
    return status;
}

/*
 * Rounding of p, of images of p, of r[j] - r[i] and of s . h, each a few units in the last place of its
 * largest term. Components that no periodic row has a part in carry no error: they are never moved.
 */
double nbl__wrap_error(const nbl__lattice *lattice, const nbl__wrapped *wrapped, const double images[3])
{
    double scale = 0.0;
    for (int k = 0; k < 3; k++) {
        bool moved = false;
        for (int a = 0; a < 3; a++)
            moved |= lattice->pbc[a] && (lattice->h[a][k] != 0.0 || lattice->r[a][k] != 0.0);
        scale += moved ? wrapped->extent[k] : 0.0;
    }
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a])
            scale += (wrapped->steps[a] + images[a] + 1.0) * lattice->spread[a];
    return 16.0 * DBL_EPSILON * scale;
}
