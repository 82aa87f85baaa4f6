/* SPDX-License-Identifier: MIT */
#include "metrics/angles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/inline.h"

enum {
    CELLS = NBL__ANGLE_CELLS,
    HALF = CELLS / 2,
    MIXED = 0x8000, /* in `starts`: the cell holds ends of bins */
    TILE = 64,      /* neighbours that are paired with each other at a time */
    PAIRS = 512,    /* cosines that wait for being counted */
    WIDEST = 4      /* lanes */
};

/* Added to a number below 2^51, leaves it rounded to an integer in the low bits. */
static const double MAGIC = 6755399441055744.0; /* 1.5 * 2^52 */

/* ------------------------------------------------------------------------------------------------------
 * Bins of angle
 * ---------------------------------------------------------------------------------------------------- */

/* cos(pi e / n), by whichever function is small there, and exact where it can be. */
static double edge(int32_t e, int32_t n)
{
    const double pi = 3.14159265358979323846;
    const int64_t from_right = (int64_t)n - 2 * (int64_t)e; /* pi / 2 - angle = pi from_right / (2 n) */
    if (3 * llabs(from_right) == n)
        return from_right > 0 ? 0.5 : -0.5;
    if (2 * llabs(from_right) <= n)
        return sin(pi * (double)from_right / (2.0 * n));
    return from_right > 0 ? cos(pi * e / n) : -cos(pi * (n - e) / n);
}

void nbl__angle_bins_init(nbl__angle_bins *bins, int32_t n, double *edges)
{
    const double slack = 1e-12; /* beyond all rounding of a cosine and of its cell */
    bins->n = n;
    bins->edges = edges;
    edges[0] = 2;
    for (int32_t e = 1; e < n; e++)
        edges[e] = edge(e, n);
    edges[n] = -2;
    for (int32_t cell = CELLS, start = 0; cell >= 0; cell--) {
        double lowest = (cell - 0.5) / HALF - 1 - slack, highest = (cell + 0.5) / HALF - 1 + slack;
        while (start + 1 < n && edges[start + 1] >= highest)
            start++;
        bool mixed = start + 1 < n && edges[start + 1] >= lowest;
        bool far = start >= MIXED; /* more bins than 15 bits: looked up from the last that fits */
        bins->starts[cell] = (uint16_t)((far ? MIXED - 1 : start) | (mixed || far ? MIXED : 0));
    }
}

/* The bin of a cosine from a lower one, in steps that double while they do not reach too far. */
static int32_t seek(const nbl__angle_bins *bins, double cosine, int32_t bin)
{
    int32_t step = 1;
    while (step > 0) {
        if (step < bins->n - bin && cosine <= bins->edges[bin + step]) {
            bin += step;
            step = step > bins->n / 2 ? step : 2 * step;
        } else {
            step /= 2;
        }
    }
    return bin;
}

/* The cell from HALF * cosine + (MAGIC + HALF). */
static uint32_t cell_of(double shifted)
{
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return (uint32_t)bits;
}

int32_t nbl__angle_bin(const nbl__angle_bins *bins, double cosine)
{
    const double shifted = cosine * HALF + (MAGIC + HALF);
    const uint16_t start = bins->starts[cell_of(shifted)];
    return start & MIXED ? seek(bins, cosine, start & (MIXED - 1)) : start;
}

/* ------------------------------------------------------------------------------------------------------
 * Pairs of neighbours
 * ---------------------------------------------------------------------------------------------------- */

/*
 * Whether the squared distance s of two neighbours lies in 0 ... cutoff^2 is whether |s - cutoff^2 / 2| is at
 * most cutoff^2 / 2, and where that is nearly so, at either end, the formula of the list has to decide.
 * s - cutoff^2 / 2 = offset_a + offset_b - 2 d_a d_b cosine, offset = d^2 - cutoff^2 / 4.
 */
struct band {
    double quarter, below, above; /* surely joined up to below, surely not above above */
};

/* Neighbours first ... first + n - 1, and padding behind them that is joined to nothing. */
struct tile {
    int32_t first, n;
    double x[TILE + WIDEST], y[TILE + WIDEST], z[TILE + WIDEST], d[TILE + WIDEST], offset[TILE + WIDEST];
};

/* Cosines are times HALF, which is exact. */
struct found {
    int32_t n;
    double cosines[PAIRS + WIDEST], cells[PAIRS + WIDEST];
    int64_t sure, near;
};

struct sink {
    const nbl__angle_bins *bins;
    uint32_t *counts;
};

static void fill(struct tile *restrict tile, const nbl__row *row, int32_t first, double quarter)
{
    const int32_t n = row->k - first < TILE ? row->k - first : TILE;
    const double *restrict ux = row->ux + first, *restrict uy = row->uy + first, *restrict uz = row->uz + first;
    const double *restrict d = row->d + first;
    tile->first = first;
    tile->n = n;
    for (int32_t e = 0; e < n; e++) {
        tile->x[e] = ux[e];
        tile->y[e] = uy[e];
        tile->z[e] = uz[e];
        tile->d[e] = d[e];
        tile->offset[e] = d[e] * d[e] - quarter;
    }
    for (int32_t e = n; e < n + WIDEST; e++) {
        tile->x[e] = tile->y[e] = tile->z[e] = tile->d[e] = 0;
        tile->offset[e] = INFINITY;
    }
}

static void sort_in(const struct sink *sink, const struct found *found)
{
    const uint16_t *starts = sink->bins->starts;
    uint32_t *counts = sink->counts;
    const int32_t n = found->n;
#pragma GCC unroll 4
    for (int32_t p = 0; p < n; p++) {
        uint32_t bin = starts[cell_of(found->cells[p])];
        if (bin & MIXED)
            bin = (uint32_t)seek(sink->bins, found->cosines[p] / HALF, bin & (MIXED - 1));
        counts[bin]++;
    }
}

#if defined(__GNUC__)
typedef double narrow __attribute__((vector_size(16)));
typedef double narrow_loose __attribute__((vector_size(16), aligned(8), may_alias));
typedef int64_t narrow_int __attribute__((vector_size(16)));
#define V                 narrow
#define V_LOOSE           narrow_loose
#define V_INT             narrow_int
#define V_LANES           2
#define V_ALL(a)          ((narrow){(a), (a)})
#define V_ENTRY(v, e)     ((v)[e])
#define V_ABS(a)          ((narrow)((narrow_int)(a) & (narrow_int){INT64_MAX, INT64_MAX}))
#define V_NOT_ABOVE(a, b) ((narrow_int)((a) <= (b)))
#else
#define V                 double
#define V_LOOSE           double
#define V_INT             int64_t
#define V_LANES           1
#define V_ALL(a)          (a)
#define V_ENTRY(v, e)     (v)
#define V_ABS(a)          fabs(a)
#define V_NOT_ABOVE(a, b) (-(int64_t)((a) <= (b)))
#endif
#define NAME(x) x##_narrow
#define TARGET
#include "metrics/angles_tmpl.h"

#if defined(__GNUC__) && defined(__x86_64__)
#define HAVE_WIDE
typedef double wide __attribute__((vector_size(32)));
typedef double wide_loose __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t wide_int __attribute__((vector_size(32)));
#define V                 wide
#define V_LOOSE           wide_loose
#define V_INT             wide_int
#define V_LANES           4
#define V_ALL(a)          ((wide){(a), (a), (a), (a)})
#define V_ENTRY(v, e)     ((v)[e])
#define V_ABS(a)          ((wide)((wide_int)(a) & (wide_int){INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX}))
#define V_NOT_ABOVE(a, b) ((wide_int)((a) <= (b)))
#define NAME(x)           x##_wide
#define TARGET            __attribute__((target("avx2")))
#include "metrics/angles_tmpl.h"
#endif

/* All pairs again, one by one, where some are in the band. */
static int64_t decide(const nbl__row *row, const struct band *band)
{
    int64_t joined = 0;
    for (int32_t a = 0; a < row->k; a++)
        for (int32_t b = a + 1; b < row->k; b++) {
            const double da = row->d[a], db = row->d[b];
            const double cosine = (row->ux[a] * row->ux[b] + row->uy[a] * row->uy[b]) + row->uz[a] * row->uz[b];
            const double offsets = (da * da - band->quarter) + (db * db - band->quarter);
            const double between = fabs(offsets - 2 * da * db * cosine);
            if (between <= band->above && (between <= band->below || nbl__row_bonded(row, a, b)))
                joined++;
        }
    return joined;
}

/* The limits of the frame are for squares of differences of vectors. Those from cosines are off by some ulps of
   cutoff^2 more; in the sure part of two computations that differ in their order there is room for these, too.
 */
static struct band band_of(const nbl__frame *frame)
{
    const double half = 0.5 * frame->cutoff2, slack = 1e-12 * frame->cutoff2;
    const double from_low = half - frame->least2, from_in = frame->in2 - half;
    return (struct band){0.5 * half, (from_low < from_in ? from_low : from_in) - slack,
                         frame->out2 - half + slack};
}

void nbl__angles_pairs(const nbl__row *row, nbl__pairs *pairs)
{
    const bool angles = pairs->bins, bonds = pairs->triangles;
    const struct band band = bonds ? band_of(row->frame) : (struct band){0, 0, 0};
    const struct sink sink = {pairs->bins, pairs->counts};
    if (angles)
        memset(pairs->counts, 0, (size_t)pairs->bins->n * sizeof *pairs->counts);
    struct tile left, right;
    struct found found;
    found.n = 0;
    found.sure = found.near = 0;
    for (int32_t i = 0; i < row->k; i += TILE) {
        fill(&left, row, i, band.quarter);
        for (int32_t j = i; j < row->k; j += TILE) {
            if (j > i)
                fill(&right, row, j, band.quarter);
#if defined(HAVE_WIDE)
            if (pairs->avx2)
                lines_wide(angles, bonds, &left, j > i ? &right : &left, &band, &sink, &found);
            else
#endif
                lines_narrow(angles, bonds, &left, j > i ? &right : &left, &band, &sink, &found);
        }
    }
    if (angles)
        sort_in(&sink, &found);
    pairs->joined = found.sure < found.near ? decide(row, &band) : found.sure;
}

void nbl__angles_polar(const nbl__row *row, const nbl__angle_bins *bins, uint32_t *counts)
{
    memset(counts, 0, (size_t)bins->n * sizeof *counts);
    for (int32_t e = 0; e < row->k; e++)
        counts[nbl__angle_bin(bins, -row->uz[e])]++;
}

/* ------------------------------------------------------------------------------------------------------
 * Moments
 * ---------------------------------------------------------------------------------------------------- */

/* In four sums each: a single one would wait for each addition. */
double nbl__radial_variance(const nbl__row *row)
{
    const double *d = row->d;
    const int32_t k = row->k, whole = k - k % 4;
    double sums[4] = {0}, squares[4] = {0};
    if (k == 0)
        return 0;
    for (int32_t e = 0; e < whole; e += 4)
        for (int c = 0; c < 4; c++)
            sums[c] += d[e + c];
    for (int32_t e = whole; e < k; e++)
        sums[0] += d[e];
    const double mean = ((sums[0] + sums[1]) + (sums[2] + sums[3])) / k;
    for (int32_t e = 0; e < whole; e += 4)
        for (int c = 0; c < 4; c++)
            squares[c] += (d[e + c] - mean) * (d[e + c] - mean);
    for (int32_t e = whole; e < k; e++)
        squares[0] += (d[e] - mean) * (d[e] - mean);
    return ((squares[0] + squares[1]) + (squares[2] + squares[3])) / k;
}

double nbl__local_anisotropy(const nbl__row *row)
{
    if (row->k == 0)
        return 0;
    double xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
    for (int32_t e = 0; e < row->k; e++) {
        const double x = row->ux[e], y = row->uy[e], z = row->uz[e];
        xx += x * x;
        yy += y * y;
        zz += z * z;
        xy += x * y;
        xz += x * z;
        yz += y * z;
    }
    const double trace = xx + yy + zz;
    const double square = (xx * xx + yy * yy + zz * zz) + 2 * (xy * xy + xz * xz + yz * yz);
    const double anisotropy = 1.5 * square / (trace * trace) - 0.5;
    return anisotropy < 0 ? 0 : anisotropy > 1 ? 1 : anisotropy;
}
