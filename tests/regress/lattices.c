/* SPDX-License-Identifier: MIT */
/*
 * Perfect lattices. Counts that anybody can check; a shell exactly at the cutoff is in or out as a whole,
 * however the crystal is described, when all numbers are exact in binary; and where they are not, the
 * published formula decides, bit for bit.
 */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "compare.h"

struct lattice {
    const char *name;
    int64_t n;
    double sites[8][3]; /* in cube edges */
    int64_t inside;     /* neighbours of an atom closer than one cube edge */
    int64_t shell;      /* and at one cube edge */
    int64_t inside3;    /* closer than three cube edges */
    int64_t shell3;     /* and at three: the 6 of (3,0,0) and the 24 of (2,2,1), by symmetry */
};

static const struct lattice lattices[] = {
    {"sc", 1, {{0, 0, 0}}, 0, 6, 92, 30},
    {"bcc", 2, {{0, 0, 0}, {0.5, 0.5, 0.5}}, 8, 6, 228, 30},
    {"fcc", 4, {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}}, 12, 6, 428, 30},
    {"diamond",
     8,
     {{0, 0, 0},
      {0, 0.5, 0.5},
      {0.5, 0, 0.5},
      {0.5, 0.5, 0},
      {0.25, 0.25, 0.25},
      {0.25, 0.75, 0.75},
      {0.75, 0.25, 0.75},
      {0.75, 0.75, 0.25}},
     28,
     6,
     884,
     30},
};

static int64_t count(struct listing *l, int64_t n, const double *r, const double *h, double rc,
                     int32_t algorithm, uint32_t flags)
{
    struct variant v = {algorithm, flags, NBL_MODE_COUNTS, 1, 0, 0};
    if (listing_build_arrays(l, n, r, h, NULL, rc, &v) != 0 || listing_search(l, rc, &v) != 0)
        fail_msg("%s", l->text);
    return nbl_result_n_pairs(l->result, 0);
}

/* ------------------------------------------------------------------------------------- known counts */

static void known_counts(void **state)
{
    struct listing *l = *state;
    static const double fcc[9] = {0, 1.5, 1.5, 1.5, 0, 1.5, 1.5, 1.5, 0}, origin[3] = {0, 0, 0};
    static const struct {
        double rc;
        int64_t pairs;
    } one_atom[] = {{3.0, 12}, {3.4, 18}, {4.5, 54}, {6.0, 134}};
    double silicon[8][3], cube[9] = {5.43, 0, 0, 0, 5.43, 0, 0, 0, 5.43};
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < 3; k++)
            silicon[i][k] = 5.43 * lattices[3].sites[i][k];
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        for (int k = 0; k < 4; k++) {
            check_int(count(l, 1, origin, fcc, one_atom[k].rc, algorithm, 0), one_atom[k].pairs);
            check_int(count(l, 1, origin, fcc, one_atom[k].rc, algorithm, NBL_HALF), one_atom[k].pairs / 2);
        }
        check_int(count(l, 8, silicon[0], cube, 6, algorithm, 0), 368);
        check_int(count(l, 8, silicon[0], cube, 14, algorithm, 0), 4768);
        check_int(count(l, 8, silicon[0], cube, 14, algorithm, NBL_HALF), 2384);
    }
}

/* ------------------------------------------------------------------------------------ shell at the cutoff */

struct crystal {
    int64_t n;
    double r[8 * 64][3], h[9];
};

/* m^3 cubes of edge a, all axes permuted, signs of coordinates and of cell vectors chosen, moved by t. */
static void make_crystal(struct crystal *c, const struct lattice *from, double a, int64_t m, const int order[3],
                         int coordinate_signs, int vector_signs, const double t[3])
{
    int64_t at[3];
    c->n = 0;
    for (at[0] = 0; at[0] < m; at[0]++)
        for (at[1] = 0; at[1] < m; at[1]++)
            for (at[2] = 0; at[2] < m; at[2]++)
                for (int64_t site = 0; site < from->n; site++, c->n++)
                    for (int k = 0; k < 3; k++) {
                        double x = a * (from->sites[site][order[k]] + (double)at[order[k]]);
                        c->r[c->n][k] = (coordinate_signs >> k & 1 ? -x : x) + t[k];
                    }
    memset(c->h, 0, sizeof c->h);
    for (int k = 0; k < 3; k++)
        c->h[3 * order[k] + k] = (vector_signs >> k & 1 ? -a : a) * (double)m;
}

static void check_shell(struct listing *l, const struct crystal *c, const struct lattice *from, double rc,
                        int far)
{
    int64_t inside = far ? from->inside3 : from->inside, shell = far ? from->shell3 : from->shell;
    for (int32_t algorithm = NBL_ALGORITHM_BRUTE; algorithm <= NBL_ALGORITHM_CELLS; algorithm++) {
        check_int(count(l, c->n, c->r[0], c->h, rc, algorithm, 0), c->n * inside);
        check_int(count(l, c->n, c->r[0], c->h, rc, algorithm, NBL_INCLUSIVE), c->n * (inside + shell));
        check_int(count(l, c->n, c->r[0], c->h, rc, algorithm, NBL_HALF), c->n * inside / 2);
        check_int(count(l, c->n, c->r[0], c->h, rc, algorithm, NBL_HALF | NBL_INCLUSIVE),
                  c->n * (inside + shell) / 2);
    }
}

static const int orders[6][3] = {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}};

static void whole_shells(struct listing *l, double a)
{
    static struct crystal c;
    static const double moves[3][3] = {{0, 0, 0}, {0.125, -3.75, 0.5}, {-100.0625, 64, 7.375}};
    for (int which = 0; which < 4; which++)
        for (int64_t m = 1; m <= 4; m++)
            for (int turn = 0; turn < 48; turn += m < 3 ? 1 : 11) {
                const struct lattice *from = &lattices[which];
                make_crystal(&c, from, a, m, orders[turn % 6], turn / 6, turn * 5 % 8, moves[(turn + m) % 3]);
                check_shell(l, &c, from, a, 0);
                if (turn % 16 == 0 && c.n < 150)
                    check_shell(l, &c, from, 3 * a, 1);
            }
}

static void shells_2(void **state)
{
    whole_shells(*state, 2);
}

static void shells_2_5(void **state)
{
    whole_shells(*state, 2.5);
}

static void shells_4(void **state)
{
    whole_shells(*state, 4);
}

static void shells_5_5(void **state)
{
    whole_shells(*state, 5.5);
}

/* Primitive cells, oblique and left-handed, of one atom each. */
static void primitive_shells(void **state)
{
    struct listing *l = *state;
    static const double constants[] = {2, 2.5, 4, 5.5}, origin[3] = {0.25, -7, 3};
    static const double fcc[9] = {0, .5, .5, .5, 0, .5, .5, .5, 0},
                        bcc[9] = {-.5, .5, .5, .5, -.5, .5, .5, .5, -.5};
    for (int k = 0; k < 4; k++)
        for (int turn = 0; turn < 6; turn++) {
            double f[9], b[9], a = constants[k];
            for (int row = 0; row < 3; row++)
                for (int x = 0; x < 3; x++) {
                    f[3 * row + x] = a * fcc[3 * orders[turn][row] + x];
                    b[3 * row + x] = a * bcc[3 * orders[turn][row] + x];
                }
            for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
                check_int(count(l, 1, origin, f, a, algorithm, 0), 12);
                check_int(count(l, 1, origin, f, a, algorithm, NBL_INCLUSIVE), 18);
                check_int(count(l, 1, origin, f, 3 * a, algorithm, 0), 428);
                check_int(count(l, 1, origin, f, 3 * a, algorithm, NBL_INCLUSIVE), 458);
                check_int(count(l, 1, origin, b, a, algorithm, 0), 8);
                check_int(count(l, 1, origin, b, a, algorithm, NBL_INCLUSIVE), 14);
            }
        }
}

/* ------------------------------------------------------------------------------- numbers that round */

static void round_system(struct system *s, const struct lattice *from, double a, int turned, struct random *g)
{
    double m[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    memset(s, 0, sizeof *s);
    s->cell_kind = from->name;
    s->atom_kind = "lattice";
    s->cutoff_kind = "a shell";
    s->n = from->n;
    s->has_cell = 1;
    if (turned)
        random_rotation(g, m);
    for (int row = 0; row < 3; row++)
        for (int k = 0; k < 3; k++)
            s->h[row][k] = a * m[k][row];
    for (int64_t i = 0; i < s->n; i++)
        for (int k = 0; k < 3; k++)
            s->r[i][k] = from->sites[i][0] * s->h[0][k] + from->sites[i][1] * s->h[1][k] +
                         from->sites[i][2] * s->h[2][k];
}

static void against_formula(struct system *s, double a)
{
    static const double squares[] = {0.1875, 0.5, 0.6875, 0.75, 1, 1.5, 2, 2.75, 3};
    for (size_t k = 0; k < sizeof squares / sizeof squares[0]; k++)
        for (uint32_t flags = 0; flags < 4; flags++) {
            char text[COMPARE_TEXT];
            struct variant v = {(int32_t)((k + flags) % 3), flags, 0, 1, 0, 0};
            s->rc = a * sqrt(squares[k]);
            if (compare_system(s, &v, text) != 0) {
                compare_report(s, &v, text, stderr);
                fail_msg("%s", text);
            }
        }
}

static void rounded_shells(void **state)
{
    (void)state;
    static const double constants[] = {3.615, 5.43, 2.866, 4.05, 3.52, 0.1, 2, 5.5};
    struct random g;
    random_seed(&g, 1);
    for (int which = 0; which < 4; which++)
        for (int k = 0; k < 8; k++)
            for (int turn = 0; turn < 4; turn++) {
                struct system s;
                round_system(&s, &lattices[which], constants[k], turn, &g);
                against_formula(&s, constants[k]);
            }
}

static int open_handles(void **state)
{
    static struct listing l;
    *state = &l;
    return listing_open(&l, NULL);
}

static int close_handles(void **state)
{
    listing_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_counts),   cmocka_unit_test(shells_2),   cmocka_unit_test(shells_2_5),
        cmocka_unit_test(shells_4),       cmocka_unit_test(shells_5_5), cmocka_unit_test(primitive_shells),
        cmocka_unit_test(rounded_shells),
    };
    return cmocka_run_group_tests_name("lattices", tests, open_handles, close_handles);
}
