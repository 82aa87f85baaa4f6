/* SPDX-License-Identifier: MIT */
#include "random.h"
#include "systems.h"

#include <math.h>
#include <string.h>

static const uint8_t periodic[3] = {1, 1, 1};
static const uint8_t open_axes[3] = {0, 0, 0};

static void direction(uint64_t *state, double u[3])
{
    double norm;
    do {
        norm = 0;
        for (int k = 0; k < 3; k++) {
            u[k] = 2 * nbl__bench_uniform(state) - 1;
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
            const double *parent = r + 3 * (int64_t)(nbl__bench_draw(state) % (uint64_t)i);
            double bond = 1 + 0.5 * nbl__bench_uniform(state);
            direction(state, u);
            for (int k = 0; k < 3; k++)
                atom[k] = parent[k] + bond * u[k];
        } while (crowded(r, i, atom));
    }
    return true;
}

bool nbl__bench_molecules(bench_systems *set, int64_t count, int64_t n)
{
    uint64_t state = nbl__bench_seed;
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
    uint64_t state = nbl__bench_seed;
    for (int64_t m = 0; m < count; m++) {
        if (m == count / 2 && !nbl__bench_random_cube(set, 100, n))
            return false;
        const int64_t atoms = 3 + (int64_t)(nbl__bench_draw(&state) % 19);
        if (!molecule(set, atoms, &state))
            return false;
    }
    return true;
}
