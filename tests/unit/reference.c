/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int unit_pair_order(const void *a, const void *b)
{
    const struct unit_pair *x = a, *y = b;
    if (x->i != y->i)
        return x->i < y->i ? -1 : 1;
    if (x->j != y->j)
        return x->j < y->j ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->s[k] != y->s[k])
            return x->s[k] < y->s[k] ? -1 : 1;
    return 0;
}

void unit_pairs_add(struct unit_pairs *pairs, const struct unit_pair *pair)
{
    if (pairs->count == pairs->room) {
        pairs->room = 2 * pairs->room + 64;
        pairs->data = realloc(pairs->data, pairs->room * sizeof *pairs->data);
        if (!pairs->data)
            abort();
    }
    pairs->data[pairs->count++] = *pair;
}

void unit_pairs_free(struct unit_pairs *pairs)
{
    free(pairs->data);
    memset(pairs, 0, sizeof *pairs);
}

void unit_heights(double h[3][3], const uint8_t pbc[3], long double height[3], long double inverse[3][3])
{
    long double m[3][3];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            m[a][b] = a == b;
            for (int k = 0; k < 3 && pbc[a] && pbc[b]; k++)
                m[a][b] = (k ? m[a][b] : 0.0L) + (long double)h[a][k] * (long double)h[b][k];
        }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            int a1 = (a + 1) % 3, a2 = (a + 2) % 3, b1 = (b + 1) % 3, b2 = (b + 2) % 3;
            inverse[b][a] = m[a1][b1] * m[a2][b2] - m[a1][b2] * m[a2][b1];
        }
    long double determinant = m[0][0] * inverse[0][0] + m[0][1] * inverse[1][0] + m[0][2] * inverse[2][0];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            inverse[a][b] /= determinant;
    for (int a = 0; a < 3; a++)
        height[a] = pbc[a] ? 1.0L / sqrtl(inverse[a][a]) : 0.0L;
}

static void measure(const struct world *world, struct unit_pair *pair)
{
    for (int k = 0; k < 3; k++) {
        double t[3];
        for (int a = 0; a < 3; a++)
            t[a] = world->pbc[a] ? (double)pair->s[a] * world->h[a][k] : 0.0;
        double apart = world->r[pair->j][k] - world->r[pair->i][k];
        pair->d[k] = (apart + ((t[0] + t[1]) + t[2])) + 0.0;
    }
    pair->distance = sqrt((pair->d[0] * pair->d[0] + pair->d[1] * pair->d[1]) + pair->d[2] * pair->d[2]);
}

static bool is_wanted(const struct unit_pair *pair, const struct unit_rule *rule, double cutoff)
{
    bool near = rule->inclusive ? pair->distance <= cutoff : pair->distance < cutoff;
    int64_t first = pair->s[0] ? pair->s[0] : pair->s[1] ? pair->s[1] : pair->s[2];
    bool identity = pair->i == pair->j && first == 0;
    bool lower = rule->half && (pair->j < pair->i || (pair->j == pair->i && first < 0));
    return near && pair->i < rule->n_rows && (identity ? rule->self : !lower);
}

void unit_reference(const struct world *world, double cutoff, const struct unit_rule *rule,
                    struct unit_pairs *pairs)
{
    long double height[3], inverse[3][3];
    double cell[3][3];
    memcpy(cell, world->h, sizeof cell);
    unit_heights(cell, world->pbc, height, inverse);
    for (int64_t i = 0; i < world->n; i++)
        for (int64_t j = 0; j < world->n; j++) {
            long double along[3], low[3] = {0, 0, 0}, high[3] = {0, 0, 0};
            for (int a = 0; a < 3; a++) {
                along[a] = 0.0L;
                for (int k = 0; k < 3 && world->pbc[a]; k++)
                    along[a] += (long double)world->h[a][k] * ((long double)world->r[j][k] - world->r[i][k]);
            }
            for (int a = 0; a < 3; a++) {
                if (!world->pbc[a])
                    continue;
                long double f = inverse[a][0] * along[0] + inverse[a][1] * along[1] + inverse[a][2] * along[2];
                low[a] = floorl(-f - cutoff / height[a]) - 1.0L;
                high[a] = ceill(-f + cutoff / height[a]) + 1.0L;
            }
            struct unit_pair pair = {.i = i, .j = j};
            for (pair.s[0] = (int64_t)low[0]; pair.s[0] <= (int64_t)high[0]; pair.s[0]++)
                for (pair.s[1] = (int64_t)low[1]; pair.s[1] <= (int64_t)high[1]; pair.s[1]++)
                    for (pair.s[2] = (int64_t)low[2]; pair.s[2] <= (int64_t)high[2]; pair.s[2]++) {
                        measure(world, &pair);
                        if (is_wanted(&pair, rule, cutoff))
                            unit_pairs_add(pairs, &pair);
                    }
        }
    if (pairs->count)
        qsort(pairs->data, pairs->count, sizeof *pairs->data, unit_pair_order);
}

void unit_rows(const struct world *world, struct unit_pairs *pairs)
{
    const nbl__rows *rows = &world->list.rows;
    for (int64_t i = 0; i < rows->n; i++)
        for (uint32_t e = 0; e < rows->count[i]; e++) {
            const nbl__image *image = rows->wide ? (const nbl__image *)rows->entry[i] + e
                                                 : &world->slots.images[((const uint32_t *)rows->entry[i])[e]];
            struct unit_pair pair = {.i = i, .j = image->atom};
            for (int k = 0; k < 3; k++)
                pair.s[k] = (int64_t)image->shift[k] + (rows->wide ? 0 : world->w[i][k]);
            measure(world, &pair);
            unit_pairs_add(pairs, &pair);
        }
}

int64_t unit_pairs_differ(const struct unit_pairs *a, const struct unit_pairs *b)
{
    size_t count = a->count < b->count ? a->count : b->count;
    for (size_t e = 0; e < count; e++)
        if (unit_pair_order(&a->data[e], &b->data[e]) != 0)
            return (int64_t)e;
    return a->count == b->count ? -1 : (int64_t)count;
}
