/* SPDX-License-Identifier: MIT */
#include "metrics/system.h"

#include <math.h>
#include <string.h>

#include "metrics/vector.h"

#define PI 3.14159265358979323846

/* Nothing promises alignment. */
static double real_at(const void *array, bool narrow, int64_t at)
{
    if (narrow) {
        float value;
        memcpy(&value, (const char *)array + at * (int64_t)sizeof value, sizeof value);
        return (double)value;
    }
    double value;
    memcpy(&value, (const char *)array + at * (int64_t)sizeof value, sizeof value);
    return value;
}

void nbl__cell_read(nbl__cell *cell, const nbl_batch_input *input, const nbl_build_options *build,
                    int64_t system)
{
    const int64_t of_cell = input->n_cells == 1 ? 0 : system, of_pbc = input->n_pbc == 1 ? 0 : system;
    const bool has = input->cells && (!input->has_cell || input->has_cell[of_cell]);
    *cell = (nbl__cell){.n_periodic = 0};
    for (int a = 0; a < 3; a++) {
        cell->periodic[a] = has && (!input->pbc || input->pbc[3 * of_pbc + a]);
        cell->n_periodic += cell->periodic[a];
        for (int k = 0; k < 3 && cell->periodic[a]; k++)
            cell->h[3 * a + k] =
                real_at(input->cells, build->cell_dtype == NBL_FLOAT32, 9 * of_cell + 3 * a + k);
    }
}

void nbl__positions_copy(double *to, const nbl_batch_input *input, const nbl_build_options *build,
                         int64_t begin, int64_t end)
{
    const bool narrow = build->positions_dtype == NBL_FLOAT32;
    const int64_t item = narrow ? sizeof(float) : sizeof(double);
    const int64_t step = build->positions_stride != 0 ? build->positions_stride : 3 * item;
    for (int64_t a = begin; a < end; a++)
        for (int k = 0; k < 3; k++)
            to[3 * a + k] = real_at((const char *)input->positions + a * step, narrow, k);
}

double nbl__shape_spread(int64_t n, const double *r)
{
    double square = 0;
    for (int k = 0; k < 3 && n > 0; k++) {
        double least = r[k], most = r[k];
        for (int64_t a = 1; a < n; a++) {
            const double x = r[3 * a + k];
            least = x < least ? x : least;
            most = x > most ? x : most;
        }
        square += (most - least) * (most - least);
    }
    return sqrt(square);
}

enum { BLOCK = 1024 };

/* Relative to the first atom, so that far-away systems lose nothing; in blocks, so that large ones do not. */
static void centroid(int64_t n, const double *r, double c[3])
{
    double sum[3] = {0, 0, 0};
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        double part[3] = {0, 0, 0};
        for (int64_t a = begin; a < end; a++)
            for (int k = 0; k < 3; k++)
                part[k] += r[3 * a + k] - r[k];
        for (int k = 0; k < 3; k++)
            sum[k] += part[k];
    }
    for (int k = 0; k < 3; k++)
        c[k] = sum[k] / (double)n;
}

/* Of xx, yy, zz, xy, xz, yz about the centroid c, which is relative to the first atom. */
static void tensor(int64_t n, const double *r, const double c[3], double g[6])
{
    memset(g, 0, 6 * sizeof *g);
    for (int64_t begin = 0; begin < n; begin += BLOCK) {
        const int64_t end = n - begin < BLOCK ? n : begin + BLOCK;
        double part[6] = {0, 0, 0, 0, 0, 0};
        for (int64_t a = begin; a < end; a++) {
            const double x = (r[3 * a] - r[0]) - c[0], y = (r[3 * a + 1] - r[1]) - c[1],
                         z = (r[3 * a + 2] - r[2]) - c[2];
            part[0] += x * x;
            part[1] += y * y;
            part[2] += z * z;
            part[3] += x * y;
            part[4] += x * z;
            part[5] += y * z;
        }
        for (int k = 0; k < 6; k++)
            g[k] += part[k];
    }
}

/* Divided by the trace before anything is squared: positions may be as large as 1e100. */
double nbl__shape_anisotropy(int64_t n, const double *r)
{
    double c[3], g[6];
    if (n < 2)
        return NAN;
    centroid(n, r, c);
    tensor(n, r, c, g);
    const double trace = g[0] + g[1] + g[2];
    if (trace / (double)n < 1e-30)
        return 0;
    for (int k = 0; k < 6; k++)
        g[k] /= trace;
    const double norm =
        (g[0] * g[0] + g[1] * g[1] + g[2] * g[2]) + 2 * (g[3] * g[3] + g[4] * g[4] + g[5] * g[5]);
    const double value = 1.5 * norm - 0.5;
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

/* The largest distance of an atom from the centroid: along `normal`, or perpendicular to `axis`, or any. */
static double radius(int64_t n, const double *r, const double *normal, const double *axis)
{
    double c[3], most = 0;
    centroid(n, r, c);
    for (int64_t a = 0; a < n; a++) {
        double v[3];
        for (int k = 0; k < 3; k++)
            v[k] = (r[3 * a + k] - r[k]) - c[k];
        const double along = normal ? nbl__vector_dot(v, normal) : axis ? nbl__vector_dot(v, axis) : 0;
        for (int k = 0; k < 3 && axis; k++)
            v[k] -= along * axis[k];
        const double square = normal ? along * along : nbl__vector_dot(v, v);
        most = square > most ? square : most;
    }
    return sqrt(most);
}

/* v / |v|, and |v|. */
static double normalise(double v[3])
{
    const double length = sqrt(nbl__vector_dot(v, v));
    for (int k = 0; k < 3; k++)
        v[k] /= length;
    return length;
}

double nbl__shape_volume(int64_t n, const double *r, const nbl__cell *cell)
{
    double axes[3][3] = {{0}}, normal[3];
    int m = 0;
    for (int a = 0; a < 3; a++)
        if (cell->periodic[a])
            memcpy(axes[m++], cell->h + 3 * a, sizeof axes[0]);
    if (n == 0)
        return 0;
    if (m == 0) {
        const double most = radius(n, r, NULL, NULL);
        return 4.0 / 3.0 * PI * most * most * most;
    }
    if (m == 1) {
        const double length = normalise(axes[0]), most = radius(n, r, NULL, axes[0]);
        return length * PI * most * most;
    }
    if (m == 3) {
        nbl__vector_cross(axes[0], axes[1], normal);
        return fabs(nbl__vector_dot(normal, axes[2]));
    }
    /* One after the other: the square of the area might not be a number. */
    const double a = normalise(axes[0]), b = normalise(axes[1]);
    nbl__vector_cross(axes[0], axes[1], normal);
    const double sine = normalise(normal);
    return a * b * sine * 2 * radius(n, r, normal, NULL);
}
