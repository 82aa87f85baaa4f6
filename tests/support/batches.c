/* SPDX-License-Identifier: MIT */
#include "batches.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ATTEMPTS = 400 };

/* Candidates per system: a hundred microseconds of brute force at most, for most batches much less. */
static const double dear = SYSTEM_COST, cheap = SYSTEM_COST / 8;

static void *must(void *made)
{
    if (!made)
        exit(99);
    return made;
}

static int mask_of(const uint8_t pbc[3])
{
    return (pbc[0] != 0) + 2 * (pbc[1] != 0) + 4 * (pbc[2] != 0);
}

static double cost(const struct batch_member *m)
{
    uint8_t pbc[3] = {m->pbc[0] != 0, m->pbc[1] != 0, m->pbc[2] != 0};
    return (double)m->n * (double)m->n * oracle_images(m->h, pbc, m->rc);
}

/* ------------------------------------------------------------------------------------------- members */

static int fits_float(const double *x, int64_t n)
{
    for (int64_t k = 0; k < n; k++)
        if (fabs(x[k]) > 1e30)
            return 0;
    return 1;
}

/* Values of float32 where the batch is to have them; 0 where they would not survive it. */
static int narrow(const struct batch_draft *d, struct batch_member *m)
{
    if (d->positions_f32) {
        if (!fits_float(m->r, 3 * m->n))
            return 0;
        for (int64_t x = 0; x < 3 * m->n; x++)
            m->r[x] = (float)m->r[x];
    }
    for (int k = 0; d->cell_f32 && k < 9; k++) {
        if (!m->pbc[k / 3])
            m->h[k] = NAN;
        else if (!fits_float(&m->h[k], 1))
            return 0;
        m->h[k] = (float)m->h[k];
    }
    return 1;
}

/* What the batch shares must hold for the system: cells, flags, cutoff. 0 where it cannot. */
static int share(const struct batch_draft *d, const struct batch_member *first, struct batch_member *m)
{
    int mask = mask_of(m->pbc);
    if (mask == 0 && (d->cells == BATCH_NONE || d->cell_flags))
        m->has_cell = 0;
    if (d->cells == BATCH_NONE && mask != 0)
        return 0;
    if (d->cells != BATCH_NONE && !d->cell_flags && !m->has_cell) {
        m->has_cell = 1;
        for (int k = 0; k < 9; k++)
            m->h[k] = NAN;
    }
    if (d->pbc == BATCH_NONE && mask != (m->has_cell ? 7 : 0))
        return 0;
    if (d->pbc == BATCH_ONE && first && mask != mask_of(first->pbc))
        return 0;
    if (d->cutoffs == BATCH_ONE && first)
        m->rc = first->rc;
    return 1;
}

static void take_system(struct batch_member *m, const struct system *s)
{
    m->seed = s->seed;
    m->n = s->n;
    m->has_cell = s->has_cell;
    memcpy(m->h, s->h, sizeof m->h);
    system_pbc(s, m->pbc);
    for (int a = 0; a < 3; a++)
        if (m->pbc[a] && s->has_pbc)
            m->pbc[a] = s->pbc[a];
    m->rc = s->rc;
    memcpy(m->r, s->r, (size_t)s->n * sizeof s->r[0]);
}

static void draw_small(struct batch_draft *d, struct random *g, const struct batch_member *first,
                       struct batch_member *m)
{
    double most = random_chance(g, 5) ? dear : cheap;
    m->r = must(malloc(sizeof(double) * 3 * SYSTEM_ATOMS));
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        struct system s;
        system_random(&s, random_bits(g));
        int wanted = (!d->positions_f32 || s.positions_f32) && (!d->cell_f32 || s.cell_f32);
        if (!wanted && !random_chance(g, 4))
            continue;
        take_system(m, &s);
        if (share(d, first, m) && narrow(d, m) && cost(m) <= most)
            return;
    }
    m->n = 0;
}

/* Systems that share one cell are made of the atoms of one system, some of them moved a little. */
static void draw_like(const struct batch_draft *d, struct random *g, const struct batch_member *first,
                      struct batch_member *m)
{
    *m = *first;
    m->r = must(malloc(sizeof(double) * 3 * SYSTEM_ATOMS));
    m->n = random_int(g, 1, first->n);
    for (int64_t i = 0; i < m->n; i++) {
        memcpy(m->r + 3 * i, first->r + 3 * random_int(g, 0, first->n - 1), 3 * sizeof(double));
        if (random_chance(g, 4))
            m->r[3 * i + random_int(g, 0, 2)] += first->rc * random_range(g, -1, 1);
    }
    if (d->cutoffs == BATCH_EACH)
        m->rc = first->rc * random_range(g, 0.3, 1);
    narrow(d, m);
}

/* Thousands of atoms at about the density of a liquid, in a skewed box. */
static void draw_large(const struct batch_draft *d, struct random *g, struct batch_member *m)
{
    int mask = (int)random_int(g, 0, 7);
    m->n = (int64_t)random_log(g, 200, 5000);
    m->rc = random_range(g, 0.9, 1.6);
    m->has_cell = 1;
    double edge = cbrt((double)m->n / random_range(g, 0.5, 2)), shape = random_log(g, 0.3, 3);
    double edges[3] = {edge * shape, edge, edge / shape};
    memset(m->h, 0, sizeof m->h);
    for (int a = 0; a < 3; a++) {
        m->pbc[a] = (mask >> a) & 1;
        m->h[4 * a] = edges[a];
        m->h[3 * a] += a > 0 ? random_range(g, -1, 1) * edges[0] : 0;
    }
    m->r = must(malloc(sizeof(double) * 3 * (size_t)m->n));
    for (int64_t i = 0; i < m->n; i++) {
        double f[3] = {random_range(g, -1, 1), random_unit(g), random_unit(g)};
        for (int k = 0; k < 3; k++)
            m->r[3 * i + k] = f[0] * m->h[k] + f[1] * m->h[3 + k] + f[2] * m->h[6 + k];
    }
    narrow(d, m);
}

/* --------------------------------------------------------------------------------------------- batches */

static void draw_settings(struct batch_draft *d, struct random *g, int64_t most)
{
    d->n_systems = random_chance(g, 40) ? 0 : (int64_t)random_log(g, 1, (double)most + 1);
    d->cells = random_chance(g, 8) ? BATCH_NONE : random_chance(g, 6) ? BATCH_ONE : BATCH_EACH;
    d->pbc = random_chance(g, 5) ? BATCH_NONE : random_chance(g, 5) ? BATCH_ONE : BATCH_EACH;
    d->cutoffs = random_chance(g, 4) ? BATCH_ONE : BATCH_EACH;
    d->cell_flags = d->cells != BATCH_NONE && random_chance(g, 2);
    d->positions_f32 = random_chance(g, 4);
    d->cell_f32 = random_chance(g, 5);
    d->by_ids = random_chance(g, 2);
    d->ids_32 = random_chance(g, 2);
    int64_t packed = d->positions_f32 ? 12 : 24;
    d->stride = random_chance(g, 4) ? packed + random_int(g, 1, 40) : 0;
}

void batch_draw(struct batch_draft *d, uint64_t seed, int64_t most)
{
    struct random g;
    struct batch_member *first = NULL;
    memset(d, 0, sizeof *d);
    random_seed(&g, seed);
    d->seed = seed;
    draw_settings(d, &g, most);
    int all_each = d->cells == BATCH_EACH && d->pbc == BATCH_EACH && d->cutoffs == BATCH_EACH;
    int with_large = all_each && random_chance(&g, 6);
    int64_t full = d->n_systems - (random_chance(&g, 5) ? random_int(&g, 0, 3) : 0);
    d->at = must(calloc((size_t)d->n_systems + 1, sizeof *d->at));
    for (int64_t b = 0; b < full; b++) {
        struct batch_member *m = &d->at[b];
        if (random_chance(&g, 6))
            continue;
        if (with_large && random_chance(&g, 5))
            draw_large(d, &g, m);
        else if (d->cells == BATCH_ONE && first)
            draw_like(d, &g, first, m);
        else
            draw_small(d, &g, first, m);
        if (!first && m->n > 0)
            first = m;
    }
}

void batch_free(struct batch_draft *d)
{
    for (int64_t b = 0; b < d->n_systems; b++)
        free(d->at[b].r);
    free(d->at);
    memset(d, 0, sizeof *d);
}

void batch_copy(struct batch_draft *to, const struct batch_draft *from, int64_t left_out)
{
    *to = *from;
    to->n_systems = 0;
    to->at = must(calloc((size_t)from->n_systems + 1, sizeof *to->at));
    for (int64_t b = 0; b < from->n_systems; b++) {
        if (b == left_out)
            continue;
        struct batch_member *m = &to->at[to->n_systems++];
        *m = from->at[b];
        m->r = must(malloc(sizeof(double) * 3 * (size_t)(m->n + 1)));
        if (m->n > 0)
            memcpy(m->r, from->at[b].r, sizeof(double) * 3 * (size_t)m->n);
    }
}

int64_t batch_atoms(const struct batch_draft *d)
{
    int64_t n = 0;
    for (int64_t b = 0; b < d->n_systems; b++)
        n += d->at[b].n;
    return n;
}

static void print_member(const struct batch_draft *d, int64_t b, FILE *file)
{
    const struct batch_member *m = &d->at[b];
    fprintf(file, "system %lld of seed %llu: %lld atoms, cell %d, pbc %d %d %d, rc %a (%.17g)\n", (long long)b,
            (unsigned long long)m->seed, (long long)m->n, m->has_cell, m->pbc[0], m->pbc[1], m->pbc[2], m->rc,
            m->rc);
    for (int a = 0; m->n > 0 && m->has_cell && a < 3; a++)
        fprintf(file, "  cell {%a, %a, %a}\n", m->h[3 * a], m->h[3 * a + 1], m->h[3 * a + 2]);
    for (int64_t i = 0; m->n <= SYSTEM_ATOMS && i < m->n; i++)
        fprintf(file, "  atom {%a, %a, %a}\n", m->r[3 * i], m->r[3 * i + 1], m->r[3 * i + 2]);
}

void batch_print(const struct batch_draft *d, FILE *file)
{
    static const char *const given[] = {"none", "one", "each"};
    fprintf(
        file,
        "batch seed %llu: %lld systems, %lld atoms; cells %s%s, pbc %s, cutoffs %s; positions float%d, cell "
        "float%d, stride %lld; %s int%d\n",
        (unsigned long long)d->seed, (long long)d->n_systems, (long long)batch_atoms(d), given[d->cells],
        d->cell_flags ? " with has_cell" : "", given[d->pbc], given[d->cutoffs], d->positions_f32 ? 32 : 64,
        d->cell_f32 ? 32 : 64, (long long)d->stride, d->by_ids ? "ids" : "ptr", d->ids_32 ? 32 : 64);
    for (int64_t b = 0; b < d->n_systems && b < 8; b++)
        print_member(d, b, file);
}

struct oracle_input batch_oracle_input(const struct batch_member *m)
{
    struct oracle_input in = {
        m->n, m->r, m->has_cell ? m->h : NULL, {m->pbc[0] != 0, m->pbc[1] != 0, m->pbc[2] != 0}, m->rc};
    return in;
}
