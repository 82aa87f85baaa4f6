/* SPDX-License-Identifier: MIT */
#include "inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "take.h"

/* Cell entries are integers times 2^-20, fractions of a cell integers times 2^-24: a sum of three products, up
   to 512 cells of 128 units away, stays below 2^62. */
enum { CELL_BITS = 20, FRACTION_BITS = 24 };

/* units * 2^-bits, and random bits below: the one rounding is that of the sum. */
static double real(struct random *g, int64_t units, int bits)
{
    return ldexp((double)units, -bits) + ldexp((double)random_int(g, 0, 4095), -bits - 12);
}

/* The edge of a cube with this volume, in sixteenths. */
static int64_t cube_edge(int64_t volume)
{
    int64_t edge = 1;
    while (edge * edge * edge < volume * 4096)
        edge++;
    return edge;
}

/* Rows and columns change places, columns change sign. */
static void turn_axes(int64_t h[3][3], struct random *g)
{
    int64_t rows[3], columns[3], from[3][3], sign[3];
    random_permutation(g, 3, rows);
    random_permutation(g, 3, columns);
    memcpy(from, h, sizeof from);
    for (int k = 0; k < 3; k++)
        sign[k] = random_chance(g, 3) ? -1 : 1;
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            h[a][k] = sign[k] * from[rows[a]][columns[k]];
}

static void draw_cell(int64_t h[3][3], struct random *g, const struct input_recipe *recipe, int64_t n)
{
    int64_t edge = cube_edge((n > 0 ? n : 1) * recipe->room) << (CELL_BITS - 4);
    memset(h, 0, 9 * sizeof h[0][0]);
    for (int a = 0; a < 3; a++)
        h[a][a] = edge * random_int(g, 11, 20) / 16;
    if (recipe->shape == INPUT_THIN)
        for (int a = 0; a <= (int)random_int(g, 0, 1); a++)
            h[a][a] /= random_int(g, 2, 6);
    if (recipe->shape == INPUT_NONE || recipe->shape == INPUT_BOX)
        return;
    for (int a = 1; a < 3; a++)
        for (int k = 0; k < a; k++)
            h[a][k] = random_int(g, -h[k][k] / 2, h[k][k] / 2);
    if (recipe->shape == INPUT_SKEWED) {
        h[1][0] += random_int(g, -3, 3) * h[0][0];
        h[2][0] += random_int(g, -7, 7) * h[0][0];
        h[2][1] += random_int(g, -3, 3) * h[1][1];
    }
    turn_axes(h, g);
}

/* At the place of an earlier atom, or up to one unit from it. */
static void place_beside(struct input *in, struct random *g, int64_t i)
{
    int64_t at = random_int(g, 0, i - 1), most = random_chance(g, 3) ? 0 : 1 << CELL_BITS;
    for (int k = 0; k < 3; k++)
        in->r[3 * i + k] = in->r[3 * at + k] + ldexp((double)random_int(g, -most, most), -CELL_BITS);
}

static void place(struct input *in, struct random *g, int64_t h[3][3], int64_t away)
{
    for (int64_t i = 0; i < in->n; i++) {
        int64_t f[3];
        for (int a = 0; a < 3; a++) {
            f[a] = random_int(g, 0, ((int64_t)1 << FRACTION_BITS) - 1);
            f[a] += random_int(g, -away, away) * ((int64_t)1 << FRACTION_BITS);
        }
        for (int k = 0; k < 3; k++)
            in->r[3 * i + k] =
                real(g, f[0] * h[0][k] + f[1] * h[1][k] + f[2] * h[2][k], CELL_BITS + FRACTION_BITS);
        if (i > 0 && random_chance(g, 6))
            place_beside(in, g, i);
    }
}

static void scale(struct input *in, int exponent)
{
    for (int64_t x = 0; x < 3 * in->n; x++)
        in->r[x] = ldexp(in->r[x], exponent);
    for (int x = 0; x < 9; x++)
        in->h[x] = ldexp(in->h[x], exponent);
    in->rc = ldexp(in->rc, exponent);
}

/* Vectors of open axes are never read. */
static void spoil_open_rows(struct input *in, struct random *g)
{
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3 && !in->pbc[a]; k++)
            if (random_chance(g, 2))
                in->h[3 * a + k] = NAN;
}

static void draw_lattice(struct input *in, struct random *g)
{
    /* Squared lengths of shells that the lattices below have, most of them of irrational length. */
    static const double squares[] = {0.5, 1, 1.5, 2, 3, 4, 5, 6, 6.25};
    int fcc = (int)random_int(g, 0, 1), at = 0;
    int edges[3];
    for (int a = 0; a < 3; a++) {
        edges[a] = (int)random_int(g, 1, 3);
        in->h[4 * a] = edges[a];
        in->pbc[a] = !random_chance(g, 4);
    }
    in->has_cell = 1;
    in->rc = sqrt(squares[random_int(g, 0, 8)]);
    in->n = (int64_t)edges[0] * edges[1] * edges[2] * (fcc ? 4 : 2);
    in->r = take(3 * in->n, sizeof *in->r);
    for (int x = 0; x < 2 * edges[0]; x++)
        for (int y = 0; y < 2 * edges[1]; y++)
            for (int z = 0; z < 2 * edges[2]; z++)
                if (fcc ? (x + y + z) % 2 == 0 : x % 2 == y % 2 && y % 2 == z % 2) {
                    in->r[at++] = 0.5 * x;
                    in->r[at++] = 0.5 * y;
                    in->r[at++] = 0.5 * z;
                }
}

void input_draw(struct input *in, struct random *g, const struct input_recipe *recipe, int k)
{
    int64_t h[3][3];
    int mask = recipe->mask == INPUT_MASK_EACH ? k % 8 : recipe->mask;
    memset(in, 0, sizeof *in);
    if (recipe->shape == INPUT_LATTICE) {
        draw_lattice(in, g);
        return;
    }
    in->n = k < 3 && recipe->n_low == 0 ? k : random_int(g, recipe->n_low, recipe->n_high);
    in->r = take(3 * in->n, sizeof *in->r);
    in->rc = ldexp((double)random_int(g, recipe->rc_low << 16, recipe->rc_high << 16), -CELL_BITS);
    in->has_cell = recipe->shape != INPUT_NONE;
    for (int a = 0; a < 3; a++)
        in->pbc[a] = (uint8_t)((mask >> a & 1) * random_int(g, 1, 255));
    draw_cell(h, g, recipe, in->n);
    place(in, g, h, recipe->away);
    for (int x = 0; x < 9; x++)
        in->h[x] = real(g, h[x / 3][x % 3], CELL_BITS);
    scale(in, recipe->exponent);
    spoil_open_rows(in, g);
    if (recipe->is_f32) {
        in->low = take(3 * in->n, sizeof *in->low);
        for (int64_t x = 0; x < 3 * in->n; x++)
            in->low[x] = (float)in->r[x];
    }
}

void input_free(struct input *in)
{
    free(in->r);
    free(in->low);
    memset(in, 0, sizeof *in);
}

double input_ulps(double x, int64_t steps)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += (uint64_t)steps;
    memcpy(&x, &bits, sizeof x);
    return x;
}
