/* SPDX-License-Identifier: MIT */
/*
 * One crystal, two descriptions: translated, rotated, atoms renamed, moved by lattice vectors, repeated,
 * axes exchanged, cell vectors combined. Every pair must come back under its new name. Rounding may decide
 * differently within 1e-9 of the cutoff: such pairs are left out on both sides, and counted. Systems
 * whose coordinates are so large that rounding alone moves an atom by 1e-10 rc are not used.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "scale.h"

enum { AXES = 3 };

/* What was done to a system; which fields count depends on the property. */
struct change {
    struct system to;
    uint8_t pbc[3];
    int64_t order[SYSTEM_ATOMS];     /* new number of an atom, or new place of an axis */
    int64_t moved[SYSTEM_ATOMS][3];  /* in lattice vectors */
    int64_t repeats[3], signs[3], m; /* of the cell */
    int a, b;                        /* two axes */
};

struct property {
    const char *name;
    int (*apply)(struct change *c, const struct system *from, struct random *g); /* 0: not applicable */
    void (*carry)(const struct change *c, const struct pair *p, struct pairs *to);
};

static void add_shift(const struct system *s, double r[3], const int64_t shift[3])
{
    for (int a = 0; a < AXES; a++)
        for (int k = 0; shift[a] && k < 3; k++)
            r[k] += (double)shift[a] * s->h[a][k];
}

/* ------------------------------------------------------------------------------------------ properties */

static int translate(struct change *c, const struct system *from, struct random *g)
{
    for (int k = 0; k < 3; k++) {
        double t = random_range(g, -5, 5) * from->rc;
        for (int64_t i = 0; i < from->n; i++)
            c->to.r[i][k] += t;
    }
    return 1;
}

static void carry_same(const struct change *c, const struct pair *p, struct pairs *to)
{
    (void)c;
    *pairs_push(to) = *p;
}

static void turn(double v[3], double m[3][3])
{
    double w[3];
    for (int k = 0; k < 3; k++)
        w[k] = m[k][0] * v[0] + m[k][1] * v[1] + m[k][2] * v[2];
    memcpy(v, w, sizeof w);
}

static int rotate(struct change *c, const struct system *from, struct random *g)
{
    double m[3][3];
    random_rotation(g, m);
    if (random_chance(g, 2))
        for (int k = 0; k < 3; k++)
            m[0][k] = -m[0][k];
    for (int64_t i = 0; i < from->n; i++)
        turn(c->to.r[i], m);
    for (int a = 0; a < AXES; a++)
        turn(c->to.h[a], m);
    return 1;
}

static int rename_atoms(struct change *c, const struct system *from, struct random *g)
{
    random_permutation(g, from->n, c->order);
    for (int64_t i = 0; i < from->n; i++)
        memcpy(c->to.r[c->order[i]], from->r[i], sizeof from->r[i]);
    return 1;
}

static void carry_names(const struct change *c, const struct pair *p, struct pairs *to)
{
    struct pair *q = pairs_push(to);
    *q = *p;
    q->i = c->order[p->i];
    q->j = c->order[p->j];
}

static int move_atoms(struct change *c, const struct system *from, struct random *g)
{
    int64_t reach = random_chance(g, 3) ? 300 : 4;
    for (int64_t i = 0; i < from->n; i++) {
        for (int a = 0; a < AXES; a++)
            c->moved[i][a] = c->pbc[a] ? random_int(g, -reach, reach) : 0;
        add_shift(from, c->to.r[i], c->moved[i]);
    }
    return c->pbc[0] || c->pbc[1] || c->pbc[2];
}

static void carry_moves(const struct change *c, const struct pair *p, struct pairs *to)
{
    struct pair *q = pairs_push(to);
    *q = *p;
    for (int a = 0; a < AXES; a++)
        q->s[a] = p->s[a] + c->moved[p->i][a] - c->moved[p->j][a];
}

/* Copy (x, y, z) of atom i gets number ((i * repeats0 + x) * repeats1 + y) * repeats2 + z. */
static int64_t copy_number(const struct change *c, int64_t i, const int64_t at[3])
{
    return ((i * c->repeats[0] + at[0]) * c->repeats[1] + at[1]) * c->repeats[2] + at[2];
}

static int repeat(struct change *c, const struct system *from, struct random *g)
{
    int64_t copies = 1, at[3];
    for (int a = 0; a < AXES; a++) {
        c->repeats[a] = c->pbc[a] ? random_int(g, 1, 3) : 1;
        copies *= c->repeats[a];
    }
    if (copies == 1 || from->n * copies > 60)
        return 0;
    for (int64_t i = 0; i < from->n; i++)
        for (at[0] = 0; at[0] < c->repeats[0]; at[0]++)
            for (at[1] = 0; at[1] < c->repeats[1]; at[1]++)
                for (at[2] = 0; at[2] < c->repeats[2]; at[2]++) {
                    double *r = c->to.r[copy_number(c, i, at)];
                    memcpy(r, from->r[i], sizeof from->r[i]);
                    add_shift(from, r, at);
                }
    c->to.n = from->n * copies;
    for (int a = 0; a < AXES; a++)
        for (int k = 0; k < 3; k++)
            c->to.h[a][k] *= (double)c->repeats[a];
    return 1;
}

static int64_t floor_divide(int64_t x, int64_t by)
{
    return x >= 0 ? x / by : -((-x + by - 1) / by);
}

static void carry_repeats(const struct change *c, const struct pair *p, struct pairs *to)
{
    int64_t at[3], there[3], shift[3];
    for (at[0] = 0; at[0] < c->repeats[0]; at[0]++)
        for (at[1] = 0; at[1] < c->repeats[1]; at[1]++)
            for (at[2] = 0; at[2] < c->repeats[2]; at[2]++) {
                for (int a = 0; a < AXES; a++) {
                    shift[a] = floor_divide(at[a] + p->s[a], c->repeats[a]);
                    there[a] = at[a] + p->s[a] - shift[a] * c->repeats[a];
                }
                struct pair *q = pairs_push(to);
                *q = *p;
                q->i = copy_number(c, p->i, at);
                q->j = copy_number(c, p->j, there);
                memcpy(q->s, shift, sizeof shift);
            }
}

static int exchange_axes(struct change *c, const struct system *from, struct random *g)
{
    random_permutation(g, AXES, c->order);
    for (int a = 0; a < AXES; a++) {
        int to = (int)c->order[a];
        c->signs[a] = random_chance(g, 2) ? -1 : 1;
        c->to.pbc[to] = c->pbc[a];
        for (int k = 0; k < 3; k++)
            c->to.h[to][k] = (double)c->signs[a] * from->h[a][k];
    }
    c->to.has_pbc = 1;
    return from->has_cell;
}

static void carry_axes(const struct change *c, const struct pair *p, struct pairs *to)
{
    struct pair *q = pairs_push(to);
    *q = *p;
    for (int a = 0; a < AXES; a++)
        q->s[c->order[a]] = c->signs[a] * p->s[a];
}

/* h[a] + m h[b] instead of h[a]. */
static int combine_vectors(struct change *c, const struct system *from, struct random *g)
{
    c->a = (int)random_int(g, 0, 2);
    c->b = (c->a + (int)random_int(g, 1, 2)) % 3;
    c->m = random_int(g, -3, 3);
    for (int k = 0; k < 3; k++)
        c->to.h[c->a][k] += (double)c->m * from->h[c->b][k];
    return c->pbc[c->a] && c->pbc[c->b];
}

static void carry_combination(const struct change *c, const struct pair *p, struct pairs *to)
{
    struct pair *q = pairs_push(to);
    *q = *p;
    q->s[c->b] = p->s[c->b] - c->m * p->s[c->a];
}

/* ------------------------------------------------------------------------------------------- comparison */

static int64_t drop_close(struct pairs *p, double rc)
{
    int64_t kept = 0, dropped;
    for (int64_t e = 0; e < p->n; e++)
        if (!(fabs(p->at[e].r - rc) < 1e-9 * rc))
            p->at[kept++] = p->at[e];
    dropped = p->n - kept;
    p->n = kept;
    return dropped;
}

static int differ(struct pairs *expected, struct pairs *found, double rc)
{
    pairs_sort(expected);
    pairs_sort(found);
    for (int64_t e = 0; e < expected->n && e < found->n; e++)
        if (pair_order(&expected->at[e], &found->at[e]) != 0 ||
            fabs(expected->at[e].r - found->at[e].r) > 1e-9 * rc)
            return 1;
    return expected->n != found->n;
}

static int too_large(const struct system *s)
{
    double largest = 0;
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++)
            largest = fmax(largest, fabs(s->r[i][k]));
    uint8_t pbc[3];
    system_pbc(s, pbc);
    for (int a = 0; a < AXES; a++)
        for (int k = 0; pbc[a] && k < 3; k++)
            largest = fmax(largest, 300 * fabs(s->h[a][k]));
    return largest * 0x1p-50 > 1e-10 * s->rc;
}

struct tally {
    int64_t used, pairs, skipped, failures;
};

static void one_system(struct listing *l, const struct property *p, uint64_t seed, struct tally *t)
{
    struct system from;
    struct change c;
    struct random g;
    struct pairs before = {0, 0, NULL}, expected = {0, 0, NULL}, found = {0, 0, NULL};
    memset(&c, 0, sizeof c);
    random_seed(&g, seed ^ 0x5eed);
    system_random(&from, seed);
    from.positions_f32 = from.cell_f32 = 0;
    from.stride = 0;
    c.to = from;
    system_pbc(&from, c.pbc);
    if (too_large(&from) || !p->apply(&c, &from, &g))
        return;

    struct variant v = {(int32_t)(seed % 3), NBL_SELF, 0, 1, 0, 0};
    int bad = listing_find(l, &from, &v, &before) != 0;
    v.algorithm = (int32_t)(seed / 3 % 3);
    bad = bad || listing_find(l, &c.to, &v, &found) != 0;
    for (int64_t e = 0; e < before.n; e++)
        p->carry(&c, &before.at[e], &expected);
    t->used++;
    t->pairs += expected.n;
    t->skipped += drop_close(&expected, from.rc) + drop_close(&found, from.rc);
    if (bad || differ(&expected, &found, from.rc)) {
        if (t->failures++ == 0) {
            fprintf(stderr, "%s, seed %llu: %s\n", p->name, (unsigned long long)seed,
                    bad ? l->text : "the lists differ");
            system_print(&from, stderr);
            system_print(&c.to, stderr);
        }
    }
    pairs_free(&before);
    pairs_free(&expected);
    pairs_free(&found);
}

int main(void)
{
    static const struct property properties[] = {
        {"translation", translate, carry_same},
        {"rotation", rotate, carry_same},
        {"renamed atoms", rename_atoms, carry_names},
        {"atoms moved by lattice vectors", move_atoms, carry_moves},
        {"repeated cell", repeat, carry_repeats},
        {"exchanged and reversed axes", exchange_axes, carry_axes},
        {"combined lattice vectors", combine_vectors, carry_combination},
    };
    uint64_t first = scale_seed("NBL_TEST_SEED", 500000);
    int64_t count = scale_count(1500, 300), failures = 0;
    struct listing l;
    if (listing_open(&l, NULL) != 0)
        return 1;
    for (size_t k = 0; k < sizeof properties / sizeof properties[0]; k++) {
        struct tally t = {0, 0, 0, 0};
        for (int64_t n = 0; n < count; n++)
            one_system(&l, &properties[k], first + (uint64_t)n, &t);
        printf("%-32s %6lld systems %9lld pairs %7lld skipped %lld failures\n", properties[k].name,
               (long long)t.used, (long long)t.pairs, (long long)t.skipped, (long long)t.failures);
        failures += t.failures + (t.used < count / 10);
    }
    listing_close(&l);
    return failures != 0;
}
