/* SPDX-License-Identifier: MIT */
#include "search/stencil.h"

#include <math.h>

/* Differences of coordinates of two points d bins apart lie in (d - 1, d + 1), give or take rounding. */
static const double half_range = 1.0 + 4e-3;

/* Bin vectors of the slow axes split into what is along the fast axis and what is across. */
typedef struct frame {
    double along[2];      /* of slow axes 0, 1: component along the fast axis */
    double q00, q01, q11; /* products of the parts across */
    double fast;          /* length of a step on the fast axis */
} frame;

static frame make_frame(const nbl__grid *grid)
{
    const double *a0 = grid->edge[grid->order[0]], *a1 = grid->edge[grid->order[1]];
    const double *f = grid->edge[grid->order[2]];
    frame out;
    double u[3], b0[3], b1[3];
    out.fast = sqrt(nbl__dot(f, f));
    for (int k = 0; k < 3; k++)
        u[k] = f[k] / out.fast;
    out.along[0] = nbl__dot(a0, u);
    out.along[1] = nbl__dot(a1, u);
    for (int k = 0; k < 3; k++) {
        b0[k] = a0[k] - out.along[0] * u[k];
        b1[k] = a1[k] - out.along[1] * u[k];
    }
    out.q00 = nbl__dot(b0, b0);
    out.q01 = nbl__dot(b0, b1);
    out.q11 = nbl__dot(b1, b1);
    return out;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

static double across2(const frame *f, double t0, double t1)
{
    return t0 * t0 * f->q00 + 2.0 * t0 * t1 * f->q01 + t1 * t1 * f->q11;
}

/* Smallest distance across the fast axis over the box of differences around (d0, d1), squared. */
static double least_across2(const frame *f, double d0, double d1)
{
    double low0 = d0 - half_range, high0 = d0 + half_range, low1 = d1 - half_range, high1 = d1 + half_range;
    if (low0 <= 0.0 && high0 >= 0.0 && low1 <= 0.0 && high1 >= 0.0)
        return 0.0;
    double least = HUGE_VAL;
    for (int side = 0; side < 2; side++) {
        double t0 = side ? high0 : low0, t1 = side ? high1 : low1;
        double edge0 = across2(f, t0, clamp(-t0 * f->q01 / f->q11, low1, high1));
        double edge1 = across2(f, clamp(-t1 * f->q01 / f->q00, low0, high0), t1);
        least = fmin(least, fmin(edge0, edge1));
    }
    return least;
}

/* The run of bins on the fast axis for column (d0, d1); false: none. */
static bool column_run(const frame *f, double d0, double d1, double distance, double reach, double *low,
                       double *high)
{
    double across = least_across2(f, d0, d1) * (1.0 - 1e-9);
    double rest = distance * distance - across;
    if (!(rest >= 0.0))
        return false;
    double half = sqrt(rest) / f->fast;
    double middle = -(d0 * f->along[0] + d1 * f->along[1]) / f->fast;
    double lean = half_range * (fabs(f->along[0]) + fabs(f->along[1])) / f->fast;
    *low = fmax(-reach, ceil(middle - lean - half - half_range));
    *high = fmin(reach, floor(middle + lean + half + half_range));
    return *low <= *high;
}

uint64_t nbl__stencil_room(const nbl__grid *grid)
{
    return ((uint64_t)grid->reach[grid->order[0]] * 2 + 1) * ((uint64_t)grid->reach[grid->order[1]] * 2 + 1);
}

void nbl__stencil_init(nbl__stencil *stencil, const nbl__grid *grid, double distance, nbl__column *columns)
{
    const int32_t reach0 = grid->reach[grid->order[0]], reach1 = grid->reach[grid->order[1]];
    const double reach = (double)grid->reach[grid->order[2]];
    const frame f = make_frame(grid);
    stencil->columns = columns;
    stencil->n = 0;
    for (int32_t d0 = -reach0; d0 <= reach0; d0++)
        for (int32_t d1 = -reach1; d1 <= reach1; d1++) {
            double low, high;
            if (!column_run(&f, (double)d0, (double)d1, distance, reach, &low, &high))
                continue;
            int64_t at = d0 * grid->stride[grid->order[0]] + d1 * grid->stride[grid->order[1]];
            stencil->columns[stencil->n++] =
                (nbl__column){(int32_t)(at + (int64_t)low), (int32_t)(at + (int64_t)high)};
        }
}
