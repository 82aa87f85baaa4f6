/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <math.h>
#include <string.h>

#include "metrics/bonds.h"

void row_make(struct made_row *made, int32_t k, double (*vectors)[3], double cutoff)
{
    memset(made, 0, sizeof *made);
    for (int32_t e = k; e < k + NBL__ROW_PAD; e++)
        made->d[e] = 1;
    for (int32_t e = k + NBL__ROW_PAD; e < PADDED; e++) {
        made->x[e] = made->y[e] = made->z[e] = made->d[e] = NAN;
        made->ux[e] = made->uy[e] = made->uz[e] = NAN;
    }
    for (int32_t e = 0; e < k; e++) {
        const double *v = vectors[e], d = sqrt((v[0] * v[0] + v[1] * v[1]) + v[2] * v[2]);
        memcpy(made->r + 3 * (e + 1), v, 3 * sizeof *v);
        made->j[e] = e + 1;
        made->x[e] = v[0], made->y[e] = v[1], made->z[e] = v[2], made->d[e] = d;
        made->ux[e] = v[0] / d, made->uy[e] = v[1] / d, made->uz[e] = v[2] / d;
    }
    made->frame.r = made->r;
    made->frame.cutoff = cutoff;
    nbl__bonds_limits(&made->frame, 0);
    made->row = (nbl__row){.k = k,
                           .padded = (k + NBL__ROW_PAD - 1) / NBL__ROW_PAD * NBL__ROW_PAD,
                           .j = made->j,
                           .x = made->x,
                           .y = made->y,
                           .z = made->z,
                           .d = made->d,
                           .ux = made->ux,
                           .uy = made->uy,
                           .uz = made->uz,
                           .frame = &made->frame};
}

void row_random(struct made_row *made, struct random *g, int32_t k)
{
    double vectors[LONGEST][3];
    for (int32_t e = 0; e < k; e++) {
        double d2;
        do {
            for (int c = 0; c < 3; c++)
                vectors[e][c] = random_range(g, -1, 1);
            d2 = vectors[e][0] * vectors[e][0] + vectors[e][1] * vectors[e][1] + vectors[e][2] * vectors[e][2];
        } while (d2 > 1 || d2 < 0.09);
    }
    row_make(made, k, vectors, 1);
}

static int32_t add(double (*vectors)[3], int32_t n, double x, double y, double z)
{
    vectors[n][0] = x, vectors[n][1] = y, vectors[n][2] = z;
    return n + 1;
}

/* Every point of the cube -1, 0, 1 that lies `squared` from its middle. */
static int32_t shell(double (*vectors)[3], int32_t n, int squared, double scale)
{
    for (int x = -1; x <= 1; x++)
        for (int y = -1; y <= 1; y++)
            for (int z = -1; z <= 1; z++)
                if (x * x + y * y + z * z == squared)
                    n = add(vectors, n, x * scale, y * scale, z * scale);
    return n;
}

static int32_t hexagonal(double (*vectors)[3])
{
    const double height = sqrt(2.0 / 3), half = sqrt(3.0) / 2;
    int32_t n = 0;
    for (int s = -1; s <= 1; s += 2) {
        n = add(vectors, n, s, 0, 0);
        n = add(vectors, n, s * 0.5, half, 0);
        n = add(vectors, n, s * 0.5, -half, 0);
        n = add(vectors, n, 0, -1 / sqrt(3.0), s * height);
        n = add(vectors, n, 0.5, half / 3, s * height);
        n = add(vectors, n, -0.5, half / 3, s * height);
    }
    return n;
}

static int32_t icosahedron(double (*vectors)[3])
{
    const double golden = (1 + sqrt(5.0)) / 2, scale = 1 / sqrt(1 + golden * golden);
    int32_t n = 0;
    for (int s = -1; s <= 1; s += 2)
        for (int t = -1; t <= 1; t += 2) {
            n = add(vectors, n, 0, s * scale, t * golden * scale);
            n = add(vectors, n, s * scale, t * golden * scale, 0);
            n = add(vectors, n, t * golden * scale, 0, s * scale);
        }
    return n;
}

int32_t crystal_vectors(enum crystal crystal, double (*vectors)[3])
{
    const double corner = 1 / sqrt(3.0);
    int32_t n = 0;
    switch (crystal) {
    case SC:
        return shell(vectors, 0, 1, 1);
    case FCC:
        return shell(vectors, 0, 2, sqrt(0.5));
    case HCP:
        return hexagonal(vectors);
    case BCC8:
        return shell(vectors, 0, 3, 0.5);
    case BCC:
        return shell(vectors, shell(vectors, 0, 3, 0.5), 1, 1);
    case DIAMOND:
        n = add(vectors, n, corner, corner, corner);
        n = add(vectors, n, corner, -corner, -corner);
        n = add(vectors, n, -corner, corner, -corner);
        return add(vectors, n, -corner, -corner, corner);
    default:
        return icosahedron(vectors);
    }
}

const char *crystal_name(enum crystal crystal)
{
    static const char *const names[] = {"sc", "fcc", "hcp", "bcc (8)", "bcc", "diamond", "icosahedron"};
    return names[crystal];
}

void rotate(double (*m)[3], int32_t k, double (*vectors)[3])
{
    for (int32_t e = 0; e < k; e++) {
        double v[3];
        memcpy(v, vectors[e], sizeof v);
        for (int c = 0; c < 3; c++)
            vectors[e][c] = m[c][0] * v[0] + m[c][1] * v[1] + m[c][2] * v[2];
    }
}
