/* SPDX-License-Identifier: MIT */
#include "random.h"

#include <math.h>

uint64_t random_bits(struct random *g)
{
    g->state += 0x9e3779b97f4a7c15u;
    uint64_t x = g->state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* One mixing step, so that neighbouring seeds do not give shifted copies of one sequence. */
void random_seed(struct random *g, uint64_t seed)
{
    g->state = seed;
    g->state = random_bits(g);
}

double random_unit(struct random *g)
{
    return (double)(random_bits(g) >> 11) * 0x1p-53;
}

double random_range(struct random *g, double lo, double hi)
{
    return lo + (hi - lo) * random_unit(g);
}

double random_log(struct random *g, double lo, double hi)
{
    return exp(random_range(g, log(lo), log(hi)));
}

int64_t random_int(struct random *g, int64_t lo, int64_t hi)
{
    uint64_t span = (uint64_t)(hi - lo) + 1;
    return lo + (int64_t)(random_bits(g) % span);
}

int random_chance(struct random *g, int64_t one_in)
{
    return random_int(g, 1, one_in) == 1;
}

/* A quaternion drawn from the unit ball by rejection. */
void random_rotation(struct random *g, double m[3][3])
{
    double q[4], norm;
    do {
        norm = 0;
        for (int k = 0; k < 4; k++) {
            q[k] = random_range(g, -1, 1);
            norm += q[k] * q[k];
        }
    } while (norm < 0.01 || norm > 1);
    for (int k = 0; k < 4; k++)
        q[k] /= sqrt(norm);

    double w = q[0], x = q[1], y = q[2], z = q[3];
    double rows[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)},
        {2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)},
        {2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)},
    };
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            m[a][k] = rows[a][k];
}

void random_permutation(struct random *g, int64_t n, int64_t *order)
{
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = random_int(g, 0, i);
        int64_t held = order[i];
        order[i] = order[j];
        order[j] = held;
    }
}
