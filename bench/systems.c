/* SPDX-License-Identifier: MIT */
#include "systems.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t seed = 20240521;
static const uint8_t periodic[3] = {1, 1, 1};
static const uint8_t open_axes[3] = {0, 0, 0};

static uint64_t draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t x = *state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static double uniform(uint64_t *state)
{
    return (double)(draw(state) >> 11) * 0x1p-53;
}

/* The sum of twelve uniform numbers: mean 0, variance 1, and no function whose last bit depends on libm. */
static double normal(uint64_t *state)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += uniform(state);
    return sum;
}

void nbl__bench_systems_free(bench_systems *set)
{
    free(set->first);
    free(set->positions);
    free(set->cells);
    free(set->pbc);
    memset(set, 0, sizeof *set);
}

static bool grow(void **array, int64_t count, size_t size)
{
    void *grown = realloc(*array, (size_t)count * size);
    if (grown)
        *array = grown;
    return grown != NULL;
}

static bool reserve(bench_systems *set, int64_t count, int64_t n_atoms)
{
    if (count > set->room_count) {
        int64_t room = count + set->room_count;
        if (!grow((void **)&set->first, room + 1, sizeof *set->first) ||
            !grow((void **)&set->cells, room, sizeof *set->cells) ||
            !grow((void **)&set->pbc, room, sizeof *set->pbc))
            return false;
        set->room_count = room;
    }
    if (n_atoms > set->room_atoms || !set->positions) {
        int64_t room = n_atoms + set->room_atoms / 2 + 1;
        if (!grow((void **)&set->positions, room, 3 * sizeof *set->positions))
            return false;
        set->room_atoms = room;
    }
    return true;
}

double *nbl__bench_systems_add(bench_systems *set, int64_t n, const double cell[9], const uint8_t pbc[3])
{
    if (!reserve(set, set->count + 1, set->n_atoms + n))
        return NULL;
    double *positions = set->positions + 3 * set->n_atoms;
    memcpy(set->cells[set->count], cell, sizeof *set->cells);
    memcpy(set->pbc[set->count], pbc, sizeof *set->pbc);
    set->first[0] = 0;
    set->n_atoms += n;
    set->first[++set->count] = set->n_atoms;
    return positions;
}

static bool cubic(bench_systems *set, double a, int64_t repeat, double noise, const double (*basis)[3],
                  int n_basis)
{
    const double edge = a * (double)repeat;
    const double cell[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
    double *r = nbl__bench_systems_add(set, repeat * repeat * repeat * n_basis, cell, periodic);
    if (!r)
        return false;
    uint64_t state = seed;
    for (int64_t x = 0; x < repeat; x++)
        for (int64_t y = 0; y < repeat; y++)
            for (int64_t z = 0; z < repeat; z++)
                for (int b = 0; b < n_basis; b++, r += 3) {
                    r[0] = a * ((double)x + basis[b][0]);
                    r[1] = a * ((double)y + basis[b][1]);
                    r[2] = a * ((double)z + basis[b][2]);
                    for (int k = 0; k < 3 && noise > 0; k++)
                        r[k] += noise * normal(&state);
                }
    return true;
}

bool nbl__bench_fcc(bench_systems *set, double a, int64_t repeat, double noise)
{
    static const double basis[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
    return cubic(set, a, repeat, noise, basis, 4);
}

bool nbl__bench_diamond(bench_systems *set, double a, int64_t repeat, double noise)
{
    static const double basis[8][3] = {{0, 0, 0},          {0.5, 0.5, 0},      {0.5, 0, 0.5},
                                       {0, 0.5, 0.5},      {0.25, 0.25, 0.25}, {0.75, 0.75, 0.25},
                                       {0.75, 0.25, 0.75}, {0.25, 0.75, 0.75}};
    return cubic(set, a, repeat, noise, basis, 8);
}

bool nbl__bench_fcc_primitive(bench_systems *set, double a)
{
    const double half = a / 2;
    const double cell[9] = {0, half, half, half, 0, half, half, half, 0};
    double *r = nbl__bench_systems_add(set, 1, cell, periodic);
    if (!r)
        return false;
    r[0] = r[1] = r[2] = 0;
    return true;
}

static bool random_cell(bench_systems *set, const double cell[9], int64_t n)
{
    double *r = nbl__bench_systems_add(set, n, cell, periodic);
    if (!r)
        return false;
    uint64_t state = seed;
    for (int64_t i = 0; i < n; i++, r += 3) {
        double f[3];
        for (int k = 0; k < 3; k++)
            f[k] = uniform(&state);
        for (int k = 0; k < 3; k++)
            r[k] = f[0] * cell[k] + f[1] * cell[3 + k] + f[2] * cell[6 + k];
    }
    return true;
}

bool nbl__bench_random_cube(bench_systems *set, double edge, int64_t n)
{
    const double cell[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
    return random_cell(set, cell, n);
}

bool nbl__bench_random_triclinic(bench_systems *set, double edge, int64_t n)
{
    /* alpha = 45 (b, c), beta = 60 (a, c), gamma = 75 (a, b) */
    const double cos_a = sqrt(0.5), cos_b = 0.5, cos_c = (sqrt(6.0) - sqrt(2.0)) / 4;
    const double sin_c = sqrt(1 - cos_c * cos_c);
    const double cy = (cos_a - cos_b * cos_c) / sin_c;
    const double cell[9] = {edge,
                            0,
                            0,
                            edge * cos_c,
                            edge * sin_c,
                            0,
                            edge * cos_b,
                            edge * cy,
                            edge * sqrt(1 - cos_b * cos_b - cy * cy)};
    return random_cell(set, cell, n);
}

static void direction(uint64_t *state, double u[3])
{
    double norm;
    do {
        norm = 0;
        for (int k = 0; k < 3; k++) {
            u[k] = 2 * uniform(state) - 1;
            norm += u[k] * u[k];
        }
    } while (norm < 0.01 || norm > 1);
    for (int k = 0; k < 3; k++)
        u[k] /= sqrt(norm);
}

static bool crowded(const double *r, int64_t n, const double atom[3])
{
    for (int64_t i = 0; i < n; i++, r += 3) {
        double dx = r[0] - atom[0], dy = r[1] - atom[1], dz = r[2] - atom[2];
        if (dx * dx + dy * dy + dz * dz < 0.9 * 0.9)
            return true;
    }
    return false;
}

static bool molecule(bench_systems *set, int64_t n, uint64_t *state)
{
    static const double no_cell[9] = {0, 0, 0, 0, 0, 0, 0, 0, 0};
    double *r = nbl__bench_systems_add(set, n, no_cell, open_axes);
    if (!r)
        return false;
    r[0] = r[1] = r[2] = 0;
    for (int64_t i = 1; i < n; i++) {
        double *atom = r + 3 * i, u[3];
        do {
            const double *parent = r + 3 * (int64_t)(draw(state) % (uint64_t)i);
            double bond = 1 + 0.5 * uniform(state);
            direction(state, u);
            for (int k = 0; k < 3; k++)
                atom[k] = parent[k] + bond * u[k];
        } while (crowded(r, i, atom));
    }
    return true;
}

bool nbl__bench_molecules(bench_systems *set, int64_t count, int64_t n)
{
    uint64_t state = seed;
    for (int64_t m = 0; m < count; m++)
        if (!molecule(set, n, &state))
            return false;
    return true;
}

static double extent(const double *r, int64_t n, int axis)
{
    double low = r[axis], high = r[axis];
    for (int64_t i = 1; i < n; i++) {
        const double x = r[3 * i + axis];
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    return high - low;
}

bool nbl__bench_boxed_molecules(bench_systems *set, int64_t count, int64_t n)
{
    if (!nbl__bench_molecules(set, count, n))
        return false;
    for (int64_t m = 0; m < count; m++) {
        double edge = 8;
        for (int axis = 0; axis < 3; axis++) {
            const double needed = extent(set->positions + 3 * set->first[m], n, axis) + 3;
            edge = needed > edge ? needed : edge;
        }
        for (int axis = 0; axis < 3; axis++)
            set->cells[m][4 * axis] = edge;
        memcpy(set->pbc[m], periodic, sizeof periodic);
    }
    return true;
}

bool nbl__bench_mixture(bench_systems *set, int64_t count, int64_t n)
{
    uint64_t state = seed;
    for (int64_t m = 0; m < count; m++) {
        if (m == count / 2 && !nbl__bench_random_cube(set, 100, n))
            return false;
        const int64_t atoms = 3 + (int64_t)(draw(&state) % 19);
        if (!molecule(set, atoms, &state))
            return false;
    }
    return true;
}
