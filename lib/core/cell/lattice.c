/* SPDX-License-Identifier: MIT */
#include "cell/lattice.h"

#include <math.h>
#include <string.h>

#include "cell/reduce.h"

static const double singular_height = 1e-12; /* of the longest vector: contract */

const nbl__lattice nbl__lattice_open = {
    .r = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    .g = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    .height = {1, 1, 1},
    .m = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
};

static void cross(const double *a, const double *b, double *c)
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

static void normalise(double *v)
{
    double length = sqrt(nbl__dot(v, v));
    for (int k = 0; k < 3; k++)
        v[k] /= length;
}

/* The Cartesian axis with the smallest component along the unit vector u, made orthogonal to it. */
static void any_orthogonal(const double *u, double *v)
{
    int least = 0;
    for (int k = 1; k < 3; k++)
        if (fabs(u[k]) < fabs(u[least]))
            least = k;
    for (int k = 0; k < 3; k++)
        v[k] = (k == least) - u[least] * u[k];
    normalise(v);
}

/* Fills the open rows with unit vectors orthogonal to the rest; rows are scaled to about unit length. */
static void complete(double r[3][3], const uint8_t pbc[3])
{
    int n_periodic = pbc[0] + pbc[1] + pbc[2];
    if (n_periodic == 0) {
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                r[a][k] = a == k;
    } else if (n_periodic == 1) {
        int p = pbc[0] ? 0 : pbc[1] ? 1 : 2, b = (p + 1) % 3, c = (p + 2) % 3;
        double u[3] = {r[p][0], r[p][1], r[p][2]};
        normalise(u);
        any_orthogonal(u, r[b]);
        cross(u, r[b], r[c]);
        normalise(r[c]);
    } else if (n_periodic == 2) {
        int o = !pbc[0] ? 0 : !pbc[1] ? 1 : 2;
        cross(r[(o + 1) % 3], r[(o + 2) % 3], r[o]);
        normalise(r[o]);
    }
}

/* The dual basis; rows of r must be scaled to about unit length. */
static void invert(double r[3][3], double g[3][3])
{
    for (int a = 0; a < 3; a++)
        cross(r[(a + 1) % 3], r[(a + 2) % 3], g[a]);
    for (int a = 0; a < 3; a++) {
        double volume = nbl__dot(r[a], g[a]);
        for (int k = 0; k < 3; k++)
            g[a][k] /= volume;
    }
}

static int longest_exponent(double r[3][3], const uint8_t pbc[3])
{
    double longest = 0.0;
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            if (pbc[a] && fabs(r[a][k]) > longest)
                longest = fabs(r[a][k]);
    int exponent = 0;
    if (longest > 0.0)
        frexp(longest, &exponent);
    return exponent;
}

/* x 2^exponent; a product where the power is a number itself, which is the same and takes a tenth of the time
 */
static double scaled(double x, int exponent, double power)
{
    return power > 0.0 ? x * power : ldexp(x, exponent);
}

static double power_of_two(int exponent)
{
    return exponent >= -1000 && exponent <= 1000 ? ldexp(1.0, exponent) : 0.0;
}

static void scale_rows(double to[3][3], double from[3][3], const uint8_t pbc[3], int exponent)
{
    const double power = power_of_two(exponent);
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            to[a][k] = pbc[a] ? scaled(from[a][k], exponent, power) : 0.0;
}

/* Dependent rows make the inverse infinite or NaN: every comparison is so that NaN counts as singular. */
static bool is_singular(double r[3][3], double g[3][3], const uint8_t pbc[3], double *ratio)
{
    double longest = 0.0;
    for (int a = 0; a < 3; a++)
        if (pbc[a])
            longest = fmax(longest, sqrt(nbl__dot(r[a], r[a])));
    *ratio = HUGE_VAL;
    for (int a = 0; a < 3; a++) {
        double height = 1.0 / sqrt(nbl__dot(g[a], g[a]));
        if (pbc[a] && !(height / longest >= *ratio))
            *ratio = height / longest;
    }
    *ratio = isnan(*ratio) ? 0.0 : *ratio;
    return !(*ratio >= singular_height);
}

nbl_status nbl__lattice_init(nbl__lattice *lattice, double h[3][3], const uint8_t pbc[3], nbl__fault *fault)
{
    memset(lattice, 0, sizeof *lattice);
    for (int a = 0; a < 3; a++) {
        lattice->pbc[a] = pbc[a] != 0;
        for (int k = 0; k < 3; k++)
            lattice->h[a][k] = lattice->pbc[a] ? h[a][k] : 0.0;
    }

    /* Work on rows scaled by a power of two: squares and triple products of any legal cell fit. */
    double hs[3][3], r[3][3], g[3][3];
    const uint8_t *p = lattice->pbc;
    scale_rows(hs, lattice->h, p, -longest_exponent(lattice->h, p));
    for (int a = 0; a < 3; a++)
        if (p[a] && nbl__dot(hs[a], hs[a]) == 0.0) {
            fault->what = NBL__FAULT_CELL_SIZE;
            fault->value = 0.0;
            return NBL_ESINGULAR;
        }
    if (!nbl__reduce(hs, p, lattice->m, r)) {
        fault->what = NBL__FAULT_CELL_SIZE;
        fault->value = 0.0;
        return NBL_ESINGULAR;
    }
    int exponent = longest_exponent(lattice->h, p);
    complete(r, p);
    invert(r, g);
    double ratio;
    if (p[0] + p[1] + p[2] > 0 && is_singular(r, g, p, &ratio)) {
        fault->what = NBL__FAULT_CELL_SIZE;
        fault->value = ratio;
        return NBL_ESINGULAR;
    }

    for (int a = 0; a < 3; a++) {
        const int e = p[a] ? exponent : 0;
        const double power = power_of_two(e), inverse = power_of_two(-e);
        for (int k = 0; k < 3; k++) {
            lattice->r[a][k] = scaled(r[a][k], e, power);
            lattice->g[a][k] = scaled(g[a][k], -e, inverse);
            for (int b = 0; b < 3; b++)
                lattice->spread[a] += p[a] ? fabs((double)lattice->m[a][b] * lattice->h[b][k]) : 0.0;
        }
        lattice->height[a] = 1.0 / sqrt(nbl__dot(lattice->g[a], lattice->g[a]));
        for (int b = 0; b < 3; b++)
            lattice->reduced |= lattice->m[a][b] != (a == b);
    }
    return NBL_OK;
}
