/* SPDX-License-Identifier: MIT */
#include "systems.h"

#include <math.h>
#include <string.h>

/* A system in the making: the cell before its open rows are spoiled, and the atoms in units of it. */
struct draft {
    struct random g;
    struct system *s;
    double basis[3][3];
    double f[SYSTEM_ATOMS][3];
    int extreme; /* lengths scaled by 2^300 or 2^-300 */
};

/* ---------------------------------------------------------------------------------------------- cells */

static void set_rows(double m[3][3], double a, double b, double c)
{
    memset(m, 0, 9 * sizeof(double));
    m[0][0] = a;
    m[1][1] = b;
    m[2][2] = c;
}

/* Angles of 10 to 170 degrees that close to a cell which is not nearly flat. */
static void draw_angles(struct draft *t)
{
    double c[3], sine, x, y, z2;
    do {
        for (int k = 0; k < 3; k++)
            c[k] = cos(random_range(&t->g, 10, 170) * 0x1.1df46a2529d39p-6);
        sine = sqrt(1 - c[2] * c[2]);
        x = c[1];
        y = (c[0] - c[1] * c[2]) / sine;
        z2 = 1 - x * x - y * y;
    } while (z2 < 1e-3);
    double rows[3][3] = {{1, 0, 0}, {c[2], sine, 0}, {x, y, sqrt(z2)}};
    for (int a = 0; a < 3; a++) {
        double length = random_log(&t->g, 0.5, 4);
        for (int k = 0; k < 3; k++)
            t->basis[a][k] = length * rows[a][k];
    }
}

/* The same lattice, described by longer and more oblique vectors. */
static void shear(struct draft *t)
{
    int64_t reach = !t->s->cell_f32 && random_chance(&t->g, 6) ? 40 : 3;
    for (int step = 0; step < 2; step++) {
        int a = (int)random_int(&t->g, 0, 2);
        int b = (a + (int)random_int(&t->g, 1, 2)) % 3;
        double m = (double)random_int(&t->g, -reach, reach);
        for (int k = 0; k < 3; k++)
            t->basis[a][k] += m * t->basis[b][k];
    }
}

static void draw_shape(struct draft *t)
{
    struct random *g = &t->g;
    double thin = random_log(g, 1e-3, 0.2);
    switch (random_int(g, 0, 8)) {
    case 0:
        t->s->cell_kind = "cubic";
        set_rows(t->basis, 1, 1, 1);
        break;
    case 1:
        t->s->cell_kind = "box";
        set_rows(t->basis, random_log(g, 0.4, 3), random_log(g, 0.4, 3), random_log(g, 0.4, 3));
        break;
    case 2:
        t->s->cell_kind = "needle";
        set_rows(t->basis, thin, thin * random_range(g, 0.5, 2), 1);
        break;
    case 3:
        t->s->cell_kind = "plate";
        set_rows(t->basis, thin, 1, random_range(g, 0.5, 2));
        break;
    case 4:
        t->s->cell_kind = "hexagonal";
        set_rows(t->basis, 1, sqrt(0.75), random_log(g, 0.5, 3));
        t->basis[1][0] = random_chance(g, 2) ? 0.5 : -0.5;
        break;
    case 5:
        t->s->cell_kind = "sheared";
        set_rows(t->basis, random_log(g, 0.5, 2), random_log(g, 0.5, 2), random_log(g, 0.5, 2));
        shear(t);
        break;
    case 6:
        t->s->cell_kind = "sheared triclinic";
        draw_angles(t);
        shear(t);
        break;
    default:
        t->s->cell_kind = "triclinic";
        draw_angles(t);
    }
}

/* New order and signs of the axes: half of the results are left-handed. */
static void permute_axes(struct draft *t)
{
    int64_t order[3];
    double old[3][3];
    memcpy(old, t->basis, sizeof old);
    random_permutation(&t->g, 3, order);
    for (int a = 0; a < 3; a++) {
        double sign = random_chance(&t->g, 4) ? -1 : 1;
        for (int k = 0; k < 3; k++)
            t->basis[a][k] = sign * old[order[a]][k];
    }
}

static void rotate_basis(struct draft *t)
{
    double m[3][3], old[3][3];
    memcpy(old, t->basis, sizeof old);
    random_rotation(&t->g, m);
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++)
            t->basis[a][k] = old[a][0] * m[k][0] + old[a][1] * m[k][1] + old[a][2] * m[k][2];
}

static double draw_scale(struct draft *t)
{
    if (!t->s->positions_f32 && !t->s->cell_f32 && random_chance(&t->g, 40)) {
        t->extreme = 1;
        return random_chance(&t->g, 2) ? 0x1p300 : 0x1p-300;
    }
    return random_chance(&t->g, 3) ? 1 : random_log(&t->g, 0.1, 10);
}

static void finish_basis(struct draft *t, double scale)
{
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++) {
            t->basis[a][k] *= scale;
            if (t->s->cell_f32)
                t->basis[a][k] = (float)t->basis[a][k];
        }
}

static void draw_pbc(struct draft *t)
{
    struct system *s = t->s;
    int64_t mask = random_int(&t->g, 0, 9);
    if (mask > 7)
        mask = 7;
    for (int a = 0; a < 3; a++) {
        s->pbc[a] = (mask >> a) & 1;
        if (s->pbc[a] && random_chance(&t->g, 8))
            s->pbc[a] = (uint8_t)random_int(&t->g, 2, 255);
    }
    s->has_cell = mask != 0 || random_chance(&t->g, 2);
    s->has_pbc = !((mask == 7 || !s->has_cell) && random_chance(&t->g, 2));
}

/* The rows of open axes must not be read. */
static void spoil_open_rows(struct draft *t)
{
    struct system *s = t->s;
    uint8_t pbc[3];
    system_pbc(s, pbc);
    memcpy(s->h, t->basis, sizeof s->h);
    for (int a = 0; a < 3; a++) {
        if (pbc[a])
            continue;
        int64_t how = random_int(&t->g, 0, 5), other = (a + 1 + random_int(&t->g, 0, 1)) % 3;
        for (int k = 0; k < 3; k++) {
            if (how == 0 || how == 1)
                s->h[a][k] = 0;
            else if (how == 2)
                s->h[a][k] = NAN;
            else if (how == 3)
                s->h[a][k] = 2 * s->h[other][k];
            else if (how == 4)
                s->h[a][k] = s->cell_f32 ? 1e30f : 1e300;
        }
    }
}

/* ---------------------------------------------------------------------------------------------- atoms */

static const double fcc[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};

/* Perfect sc, bcc, fcc and diamond, as conventional cells or two of them in a row. */
static void draw_lattice(struct draft *t)
{
    static const double constants[] = {2, 2.5, 4, 5.5, 3.615, 5.43, 1};
    struct system *s = t->s;
    int64_t kind = random_int(&t->g, 0, 3), repeats = random_int(&t->g, 1, 2);
    double a = constants[random_int(&t->g, 0, 6)];
    s->cell_kind = "perfect";
    s->atom_kind = "lattice";
    set_rows(t->basis, a * (double)repeats, a, a);
    s->n = 0;
    for (int64_t block = 0; block < repeats; block++)
        for (int64_t site = 0; site < (kind < 2 ? kind + 1 : 4); site++)
            for (int64_t part = 0; part < (kind == 3 ? 2 : 1); part++, s->n++)
                for (int k = 0; k < 3; k++) {
                    double f = kind == 1 ? 0.5 * (double)site : fcc[site][k];
                    f += 0.25 * (double)part + (k == 0 ? (double)block : 0);
                    t->f[s->n][k] = k == 0 ? f / (double)repeats : f;
                }
}

static double border_fraction(struct random *g)
{
    static const double borders[] = {0, 1, 0.5, -1, 0x1p-53, -0x1p-53, 1 - 0x1p-53, 1 + 0x1p-52, -4e-52, 0.25};
    return borders[random_int(g, 0, 9)];
}

static void draw_atoms(struct draft *t)
{
    struct random *g = &t->g;
    struct system *s = t->s;
    int64_t kind = random_int(g, 0, 7), far = s->cell_kind[0] == 's' ? 100000 : 1000000;
    if (t->extreme && (kind == 4 || kind == 7))
        kind = 2;
    static const char *const names[] = {"inside",   "inside",   "unwrapped", "borders",
                                        "far away", "clusters", "on a line", "mixed"};
    s->atom_kind = names[kind];
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++) {
            double f = random_unit(g);
            if (kind == 2)
                f = random_range(g, -3, 4);
            else if (kind == 3 || (kind == 7 && random_chance(g, 3)))
                f = border_fraction(g);
            else if (kind == 4)
                f += (double)random_int(g, -far, far);
            else if (kind == 5)
                f = 0.3 * (double)(i % 3) + 0.02 * f;
            else if (kind == 6 && k > 0)
                f = 0;
            t->f[i][k] = f;
        }
    if (random_chance(g, 4))
        s->atom_kind = "coincident";
    else
        return;
    for (int64_t i = 1; i < s->n; i++)
        if (random_chance(g, 3))
            memcpy(t->f[i], t->f[random_int(g, 0, i - 1)], sizeof t->f[i]);
}

static void place_atoms(struct draft *t)
{
    struct system *s = t->s;
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++) {
            s->r[i][k] =
                t->f[i][0] * t->basis[0][k] + t->f[i][1] * t->basis[1][k] + t->f[i][2] * t->basis[2][k];
            if (s->atom_kind[0] == 'm' && random_chance(&t->g, 6))
                s->r[i][k] = random_chance(&t->g, 2) ? -4e-52 : -0.0;
            if (s->positions_f32)
                s->r[i][k] = (float)s->r[i][k];
        }
}

/* --------------------------------------------------------------------------------------------- cutoff */

static double smallest_height(const struct draft *t, const uint8_t pbc[3])
{
    long double dual[3][3];
    double smallest = HUGE_VAL;
    uint8_t axes[3] = {pbc[0], pbc[1], pbc[2]};
    if (!(axes[0] || axes[1] || axes[2]))
        axes[0] = axes[1] = axes[2] = 1;
    oracle_dual(&t->basis[0][0], axes, dual);
    for (int a = 0; a < 3; a++) {
        double norm =
            (double)sqrtl(dual[a][0] * dual[a][0] + dual[a][1] * dual[a][1] + dual[a][2] * dual[a][2]);
        if (axes[a] && 1 / norm < smallest)
            smallest = 1 / norm;
    }
    return smallest;
}

static double cost(const struct draft *t, const uint8_t pbc[3], double n, double rc)
{
    return n * n * oracle_images(&t->basis[0][0], pbc, rc);
}

/*
 * The length of a pair near `target`: exact, or a few ulp off. Of the pairs tried, the one closest to the
 * target is taken, so that the cutoff keeps the size that was drawn for it.
 */
static void take_pair_as_cutoff(struct draft *t, double target)
{
    struct system *s = t->s;
    uint8_t pbc[3];
    system_pbc(s, pbc);
    struct oracle_input in = {s->n, &s->r[0][0], &t->basis[0][0], {pbc[0], pbc[1], pbc[2]}, target};
    double best = 0;
    for (int attempt = 0; attempt < 60 && s->n > 0; attempt++) {
        struct pair p = {
            random_int(&t->g, 0, s->n - 1), random_int(&t->g, 0, s->n - 1), {0, 0, 0}, {0, 0, 0}, 0};
        for (int a = 0; a < 3; a++)
            if (pbc[a])
                p.s[a] = random_int(&t->g, -2, 2) - llround(t->f[p.j][a] - t->f[p.i][a]);
        oracle_vector(&in, &p);
        if (p.r >= 1e-98 && fabs(p.r - target) < fabs(best - target) &&
            cost(t, pbc, (double)s->n, p.r) < 1.5 * SYSTEM_COST)
            best = p.r;
    }
    if (best > 0) {
        s->rc = oracle_ulps(best, (int)random_int(&t->g, -4, 4));
        s->cutoff_kind = "a pair, to 4 ulp";
    }
}

static void draw_count_and_cutoff(struct draft *t)
{
    struct system *s = t->s;
    uint8_t pbc[3];
    system_pbc(s, pbc);
    double height = smallest_height(t, pbc);
    double budget = random_log(&t->g, 3e3, SYSTEM_COST);
    s->rc = height * (random_chance(&t->g, 4) ? random_range(&t->g, 2, 5) : random_log(&t->g, 0.05, 2.5));
    s->cutoff_kind = "free";
    while (cost(t, pbc, 1, s->rc) > budget)
        s->rc *= 0.8;
    int64_t most = (int64_t)sqrt(budget / cost(t, pbc, 1, s->rc));
    if (most > 60)
        most = 60;
    s->n = random_chance(&t->g, 3) ? random_int(&t->g, 0, 4) : random_int(&t->g, 1, 60);
    if (s->n > most)
        s->n = most;
}

/* ---------------------------------------------------------------------------------------------- whole */

static void start(struct draft *t, struct system *s, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    memset(s, 0, sizeof *s);
    random_seed(&t->g, seed);
    t->s = s;
    s->seed = seed;
}

static void finish(struct draft *t, int64_t one_in_exact)
{
    struct system *s = t->s;
    place_atoms(t);
    spoil_open_rows(t);
    if (random_chance(&t->g, one_in_exact))
        take_pair_as_cutoff(t, s->rc);
    if (random_chance(&t->g, 4)) {
        int64_t packed = s->positions_f32 ? 12 : 24;
        s->stride = packed + random_int(&t->g, 1, 96 - packed);
    }
}

void system_random(struct system *s, uint64_t seed)
{
    struct draft t;
    start(&t, s, seed);
    s->positions_f32 = random_chance(&t.g, 3);
    s->cell_f32 = random_chance(&t.g, 5);
    if (random_chance(&t.g, 6)) {
        draw_pbc(&t);
        draw_lattice(&t);
        finish_basis(&t, 1);
        uint8_t pbc[3];
        system_pbc(s, pbc);
        s->rc = t.basis[1][1] * random_range(&t.g, 0.4, 2.2);
        s->cutoff_kind = "free";
        while (cost(&t, pbc, (double)s->n, s->rc) > SYSTEM_COST)
            s->rc *= 0.8;
        finish(&t, 1);
        return;
    }
    draw_shape(&t);
    permute_axes(&t);
    if (random_chance(&t.g, 2))
        rotate_basis(&t);
    finish_basis(&t, draw_scale(&t));
    draw_pbc(&t);
    draw_count_and_cutoff(&t);
    draw_atoms(&t);
    finish(&t, 3);
}

void system_plain(struct system *s, int64_t n, uint64_t seed)
{
    struct draft t;
    start(&t, s, seed);
    s->n = n;
    s->cell_kind = "plain";
    s->atom_kind = "inside";
    s->cutoff_kind = "free";
    s->has_cell = s->has_pbc = 1;
    s->pbc[0] = s->pbc[1] = s->pbc[2] = 1;
    double rows[3][3] = {{6, 0, 0}, {1, 5, 0}, {-1, 0.5, 7}};
    memcpy(t.basis, rows, sizeof rows);
    memcpy(s->h, rows, sizeof rows);
    s->rc = 3;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            t.f[i][k] = random_unit(&t.g);
    place_atoms(&t);
}
