/* SPDX-License-Identifier: MIT */
#include "systems.h"

#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t periodic[3] = {1, 1, 1};

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
    memcpy(set->pbc[set->count], pbc, 3);
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
    uint64_t state = nbl__bench_seed;
    for (int64_t x = 0; x < repeat; x++)
        for (int64_t y = 0; y < repeat; y++)
            for (int64_t z = 0; z < repeat; z++)
                for (int b = 0; b < n_basis; b++, r += 3) {
                    r[0] = a * ((double)x + basis[b][0]);
                    r[1] = a * ((double)y + basis[b][1]);
                    r[2] = a * ((double)z + basis[b][2]);
                    for (int k = 0; k < 3 && noise > 0; k++)
                        r[k] += noise * nbl__bench_normal(&state);
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

bool nbl__bench_fcc_primitive(bench_systems *set, double a, const int64_t repeat[3])
{
    const double half = a / 2;
    const double rows[9] = {0, half, half, half, 0, half, half, half, 0};
    double cell[9];
    for (int k = 0; k < 9; k++)
        cell[k] = rows[k] * (double)repeat[k / 3];
    double *r = nbl__bench_systems_add(set, repeat[0] * repeat[1] * repeat[2], cell, periodic);
    if (!r)
        return false;
    for (int64_t x = 0; x < repeat[0]; x++)
        for (int64_t y = 0; y < repeat[1]; y++)
            for (int64_t z = 0; z < repeat[2]; z++, r += 3)
                for (int k = 0; k < 3; k++)
                    r[k] = (double)x * rows[k] + (double)y * rows[3 + k] + (double)z * rows[6 + k];
    return true;
}

static bool random_cell(bench_systems *set, const double cell[9], int64_t n)
{
    double *r = nbl__bench_systems_add(set, n, cell, periodic);
    if (!r)
        return false;
    uint64_t state = nbl__bench_seed;
    for (int64_t i = 0; i < n; i++, r += 3) {
        double f[3];
        for (int k = 0; k < 3; k++)
            f[k] = nbl__bench_uniform(&state);
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

void nbl__bench_displace(const bench_systems *set, uint64_t draw, double reach, double *positions)
{
    uint64_t state = nbl__bench_seed + draw;
    for (int64_t k = 0; k < 3 * set->n_atoms; k++)
        positions[k] = set->positions[k] + reach * (2 * nbl__bench_uniform(&state) - 1);
}
