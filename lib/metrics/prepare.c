/* SPDX-License-Identifier: MIT */
#include "metrics/prepare.h"

#include <math.h>

#include "base/inline.h"
#include "metrics/bonds.h"

/* Pairs whose squared distance is not above this may be too near; only these are looked at closely. */
#define NEAR (4 * NBL__SHORTEST * NBL__SHORTEST)

/* Lengths and directions; returns how many pairs may be too near. */
static NBL__INLINE int64_t measure(const double *restrict d2, int32_t n, const double *restrict x,
                                   const double *restrict y, const double *restrict z, double *restrict d,
                                   double *restrict ux, double *restrict uy, double *restrict uz)
{
    int64_t near = 0;
    for (int32_t e = 0; e < n; e++) {
        const double length = sqrt(d2[e]), inverse = 1 / length;
        near += d2[e] <= NEAR;
        d[e] = length;
        ux[e] = x[e] * inverse;
        uy[e] = y[e] * inverse;
        uz[e] = z[e] * inverse;
    }
    return near;
}

static void take_apart(const double *vectors, int32_t from, int32_t n, const nbl__scratch *s)
{
    for (int32_t e = from; e < n; e++) {
        s->x[e] = vectors[3 * e];
        s->y[e] = vectors[3 * e + 1];
        s->z[e] = vectors[3 * e + 2];
    }
}

/* Arrays of the row from those of the core; returns how many pairs may be too near. */
static int64_t spread_out(const double *vectors, const double *d2, int32_t n, const nbl__scratch *s)
{
    take_apart(vectors, 0, n, s);
    return measure(d2, n, s->x, s->y, s->z, s->d, s->ux, s->uy, s->uz);
}

#if defined(__GNUC__) && defined(__x86_64__)
typedef double quad __attribute__((vector_size(32)));
typedef double quad_loose __attribute__((vector_size(32), aligned(8), may_alias));

/* Four vectors at a time, in registers: what was stored by parts cannot be loaded as a whole at once. */
__attribute__((target("avx2"))) static int64_t spread_out_wide(const double *vectors, const double *d2,
                                                               int32_t n, const nbl__scratch *s)
{
    int32_t e = 0;
    for (; e + 4 <= n; e += 4) {
        const quad_loose *v = (const quad_loose *)(vectors + 3 * e);
        const quad a = v[0], b = v[1], c = v[2]; /* xyzx yzxy zxyz */
        const quad xy = {a[0], a[1], b[2], b[3]}, zx = {a[2], a[3], c[0], c[1]}, yz = {b[0], b[1], c[2], c[3]};
        *(quad_loose *)(s->x + e) = (quad){xy[0], zx[1], xy[2], zx[3]};
        *(quad_loose *)(s->y + e) = (quad){xy[1], yz[0], xy[3], yz[2]};
        *(quad_loose *)(s->z + e) = (quad){zx[0], yz[1], zx[2], yz[3]};
    }
    take_apart(vectors, e, n, s);
    return measure(d2, n, s->x, s->y, s->z, s->d, s->ux, s->uy, s->uz);
}
#else
#define spread_out_wide spread_out
#endif

/* Moves the edges of a row together, where it has pairs that are none. */
static void leave_out(nbl__row *row, nbl__scratch *s)
{
    int32_t k = 0;
    for (int32_t e = 0; e < row->k; e++) {
        if (s->d[e] < NBL__SHORTEST)
            continue;
        s->j[k] = row->j[e];
        for (int c = 0; c < 3 && row->shifts; c++)
            s->shifts[3 * k + c] = row->shifts[3 * e + c];
        s->x[k] = s->x[e];
        s->y[k] = s->y[e];
        s->z[k] = s->z[e];
        s->d[k] = s->d[e];
        s->ux[k] = s->ux[e];
        s->uy[k] = s->uy[e];
        s->uz[k++] = s->uz[e];
    }
    row->k = k;
    row->j = s->j;
    row->shifts = row->shifts ? s->shifts : NULL;
}

static void pad(nbl__row *row, nbl__scratch *s)
{
    double *const zeros[] = {s->x + row->k,  s->y + row->k,  s->z + row->k,
                             s->ux + row->k, s->uy + row->k, s->uz + row->k};
    row->padded = (row->k + NBL__ROW_PAD - 1) / NBL__ROW_PAD * NBL__ROW_PAD;
    for (size_t c = 0; c < sizeof zeros / sizeof *zeros; c++)
        for (int e = 0; e < NBL__ROW_PAD; e++)
            zeros[c][e] = 0;
    for (int e = 0; e < NBL__ROW_PAD; e++)
        s->d[row->k + e] = 1;
}

void nbl__row_prepare(nbl__row *row, nbl__scratch *s, const nbl_rows *rows, int32_t r, const nbl__frame *frame,
                      bool avx2)
{
    const int64_t at = rows->row_ptr[r];
    const int32_t n = (int32_t)(rows->row_ptr[r + 1] - at);
    const double *vectors = rows->vectors + 3 * at, *d2 = rows->d2 + at;
    *row = (nbl__row){.k = n,
                      .i = rows->i[r],
                      .j = rows->j + at,
                      .shifts = rows->shifts ? rows->shifts + 3 * at : NULL,
                      .frame = frame,
                      .x = s->x,
                      .y = s->y,
                      .z = s->z,
                      .d = s->d,
                      .ux = s->ux,
                      .uy = s->uy,
                      .uz = s->uz};
    if ((avx2 ? spread_out_wide(vectors, d2, n, s) : spread_out(vectors, d2, n, s)) != 0)
        leave_out(row, s);
    pad(row, s);
}
