/* SPDX-License-Identifier: MIT */
#include "metrics/bonds.h"

#include <math.h>
#include <string.h>

/*
 * A component of a vector of the list is off by at most 2^-53 (|r_j - r_i| + |t| + |d|), with |r_j - r_i| <=
 * spread and |t| <= spread + rc; the difference of two vectors has twice that and half a unit of its own, its
 * length sqrt(3) times as much, and its square a few roundings more: below 12 units of 2^-53 (spread + rc).
 */
void nbl__bonds_limits(nbl__frame *frame, double spread)
{
    const double rc = frame->cutoff;
    const double band = 32 * 0x1p-53 * (rc + spread);
    const double low = rc > band ? rc - band : 0;
    frame->cutoff2 = rc * rc;
    frame->in2 = low * low;
    frame->out2 = (rc + band) * (rc + band);
    frame->least2 = (NBL__SHORTEST + band) * (NBL__SHORTEST + band);
}

bool nbl__row_bonded(const nbl__row *row, int32_t a, int32_t b)
{
    const nbl__frame *f = row->frame;
    const double *ra = f->r + 3 * (int64_t)row->j[a], *rb = f->r + 3 * (int64_t)row->j[b];
    double s[3] = {0, 0, 0}, d[3];
    for (int k = 0; k < 3 && row->shifts; k++)
        s[k] = (double)((int64_t)row->shifts[3 * (int64_t)b + k] - row->shifts[3 * (int64_t)a + k]);
    for (int k = 0; k < 3; k++) {
        const double t = (s[0] * f->h[k] + s[1] * f->h[3 + k]) + s[2] * f->h[6 + k];
        d[k] = ((rb[k] - ra[k]) + t) + 0.0;
    }
    const double length = sqrt((d[0] * d[0] + d[1] * d[1]) + d[2] * d[2]);
    return length >= NBL__SHORTEST && length <= f->cutoff;
}

static double square(const nbl__row *row, int32_t a, int32_t b)
{
    const double x = row->x[b] - row->x[a], y = row->y[b] - row->y[a], z = row->z[b] - row->z[a];
    return (x * x + y * y) + z * z;
}

int64_t nbl__bonds_fill(const nbl__row *row, uint64_t *bonds)
{
    const nbl__frame *f = row->frame;
    int64_t count = 0;
    memset(bonds, 0, (size_t)row->k * sizeof *bonds);
    for (int32_t a = 0; a < row->k; a++)
        for (int32_t b = a + 1; b < row->k; b++) {
            const double s = square(row, a, b);
            if (s > f->out2)
                continue;
            if ((s <= f->least2 || s > f->in2) && !nbl__row_bonded(row, a, b))
                continue;
            bonds[a] |= UINT64_C(1) << b;
            bonds[b] |= UINT64_C(1) << a;
            count++;
        }
    return count;
}
