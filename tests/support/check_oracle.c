/* SPDX-License-Identifier: MIT */
/* The oracle against shells that can be counted on paper, and against pairs written out by hand. */
#include <math.h>

#include "check.h"
#include "oracle.h"

static int64_t count(const struct oracle_input *in, unsigned flags)
{
    struct pairs all = {0, 0, NULL}, chosen = {0, 0, NULL};
    int64_t n_close;
    check_int(oracle_find(in, &all, &n_close), 0);
    oracle_select(&all, in->rc, flags, in->n, &chosen);
    int64_t n = chosen.n;
    pairs_free(&all);
    pairs_free(&chosen);
    return n;
}

struct shell {
    double squared; /* of the radius, in units of the cube edge squared */
    int64_t atoms;
};

/* Strictly inside each shell only the inner ones count; inclusive, the shell counts as well. */
static void check_shells(int64_t n, const double *r, const double *h, double edge, const struct shell *shells,
                         int n_shells)
{
    int64_t inner = 0;
    for (int k = 0; k < n_shells; k++) {
        double radius = edge * sqrt(shells[k].squared);
        struct oracle_input in = {n, r, h, {1, 1, 1}, oracle_ulps(radius, -8)};
        check_int(count(&in, 0), n * inner);
        in.rc = oracle_ulps(radius, 8);
        inner += shells[k].atoms;
        check_int(count(&in, 0), n * inner);
        check_int(count(&in, ORACLE_HALF), n * inner / 2);
        check_int(count(&in, ORACLE_SELF), n * (inner + 1));
        check_int(count(&in, ORACLE_HALF | ORACLE_SELF), n * (inner + 2) / 2);
    }
}

/* x^2 + y^2 + z^2 = k: representations of k as a sum of three squares. */
static void simple_cubic(void **state)
{
    (void)state;
    static const struct shell shells[] = {{1, 6}, {2, 12}, {3, 8}, {4, 6}, {5, 24}, {6, 24}, {8, 12}, {9, 30}};
    const double h[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2}, r[3] = {0.3, 0.1, 1.9};
    check_shells(1, r, h, 2, shells, 8);
}

static const struct shell fcc_shells[] = {{0.5, 12}, {1, 6}, {1.5, 24}, {2, 12}, {2.5, 24}, {3, 8}, {3.5, 48}};

static void fcc(void **state)
{
    (void)state;
    const double primitive[9] = {0, 2, 2, 2, 0, 2, 2, 2, 0}, cube[9] = {4, 0, 0, 0, 4, 0, 0, 0, 4};
    const double one[3] = {-7, 3, 11}, four[12] = {0, 0, 0, 0, 2, 2, 2, 0, 2, 2, 2, 0};
    check_shells(1, one, primitive, 4, fcc_shells, 7);
    check_shells(4, four, cube, 4, fcc_shells, 7);
}

/* The same lattice by long oblique vectors, one of them turned round: a left-handed cell. */
static void fcc_sheared(void **state)
{
    (void)state;
    const double h[9] = {0, 2, 2, 2, 6, 8, -6, 6, -4};
    const double left[9] = {0, 2, 2, 2, 6, 8, 6, -6, 4};
    const double one[3] = {0, 0, 0};
    check_shells(1, one, h, 4, fcc_shells, 7);
    check_shells(1, one, left, 4, fcc_shells, 7);
}

static void bcc(void **state)
{
    (void)state;
    static const struct shell shells[] = {{0.75, 8}, {1, 6}, {2, 12}, {2.75, 24}, {3, 8}, {4, 6}};
    const double primitive[9] = {-1, 1, 1, 1, -1, 1, 1, 1, -1}, cube[9] = {2, 0, 0, 0, 2, 0, 0, 0, 2};
    const double one[3] = {0, 0, 0}, two[6] = {0, 0, 0, 1, 1, 1};
    check_shells(1, one, primitive, 2, shells, 6);
    check_shells(2, two, cube, 2, shells, 6);
}

static void diamond(void **state)
{
    (void)state;
    static const struct shell shells[] = {{0.1875, 4}, {0.5, 12},    {0.6875, 12},
                                          {1, 6},      {1.1875, 12}, {1.5, 24}};
    const double primitive[9] = {0, 2, 2, 2, 0, 2, 2, 2, 0};
    const double two[6] = {0, 0, 0, 1, 1, 1};
    check_shells(2, two, primitive, 4, shells, 6);
}

/* A square net and a chain; the vectors of the open axes must not matter. */
static void fewer_axes(void **state)
{
    (void)state;
    const double net[9] = {NAN, NAN, NAN, 0, 2, 0, 0, 0, 2}, chain[9] = {0, 0, 0, 3, 4, 0, 3, 4, 0};
    const double r[3] = {1, 1, 1};
    struct oracle_input in = {1, r, net, {0, 1, 1}, 2.1};
    check_int(count(&in, 0), 4);
    in.rc = 2.9;
    check_int(count(&in, 0), 8);
    in.rc = 4.1;
    check_int(count(&in, 0), 12);
    in.rc = 4.5;
    check_int(count(&in, 0), 20);

    struct oracle_input line = {1, r, chain, {0, 1, 0}, 5};
    check_int(count(&line, 0), 0);
    check_int(count(&line, ORACLE_INCLUSIVE), 2);
    line.rc = 15.5;
    check_int(count(&line, 0), 6);

    struct oracle_input open = {1, r, NULL, {0, 0, 0}, 15.5};
    check_int(count(&open, 0), 0);
    check_int(count(&open, ORACLE_SELF), 1);
}

/* Two atoms, one of them three cells away, worked out by hand. */
static void by_hand(void **state)
{
    (void)state;
    const double h[9] = {10, 0, 0, 0, 0, 0, 0, 0, 0}, r[6] = {0.5, 0, 0, 39.75, 1, 0};
    struct oracle_input in = {2, r, h, {1, 0, 0}, 2};
    struct pairs all = {0, 0, NULL};
    int64_t n_close;
    check_int(oracle_find(&in, &all, &n_close), 0);
    check_int(all.n, 4);
    check_int(all.at[1].i, 0);
    check_int(all.at[1].j, 1);
    check_int(all.at[1].s[0], -4);
    check_bits(all.at[1].d[0], -0.75);
    check_bits(all.at[1].d[1], 1);
    check_bits(all.at[1].d[2], 0);
    check_bits(all.at[1].r, 1.25);
    check_int(all.at[2].i, 1);
    check_int(all.at[2].j, 0);
    check_int(all.at[2].s[0], 4);
    check_bits(all.at[2].d[0], 0.75);
    check_bits(all.at[2].d[1], -1);
    check_bits(all.at[2].d[2], 0);
    check_int(n_close, 0);
    pairs_free(&all);
}

static void closeness(void **state)
{
    (void)state;
    const double r[6] = {0, 0, 0, 5, 0, 0};
    for (int steps = -6; steps <= 6; steps++) {
        struct oracle_input in = {2, r, NULL, {0, 0, 0}, oracle_ulps(5, steps)};
        struct pairs all = {0, 0, NULL};
        int64_t n_close;
        check_int(oracle_find(&in, &all, &n_close), 0);
        check_int(n_close, steps >= -4 && steps <= 4 ? 2 : 0);
        check_int(all.n, steps >= 0 ? 4 : 2);
        pairs_free(&all);
        check_int(count(&in, 0), steps > 0 ? 2 : 0);
        check_int(count(&in, ORACLE_INCLUSIVE), steps >= 0 ? 2 : 0);
    }
}

/* Coincident atoms are neighbours of each other, never of themselves. */
static void coincident(void **state)
{
    (void)state;
    const double r[9] = {1, 2, 3, 1, 2, 3, 1, 2, 3};
    struct oracle_input in = {3, r, NULL, {0, 0, 0}, 1e-100};
    check_int(count(&in, 0), 6);
    check_int(count(&in, ORACLE_HALF), 3);
    check_int(count(&in, ORACLE_HALF | ORACLE_SELF), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_cubic), cmocka_unit_test(fcc),       cmocka_unit_test(fcc_sheared),
        cmocka_unit_test(bcc),          cmocka_unit_test(diamond),   cmocka_unit_test(fewer_axes),
        cmocka_unit_test(by_hand),      cmocka_unit_test(closeness), cmocka_unit_test(coincident),
    };
    return cmocka_run_group_tests_name("oracle", tests, NULL, NULL);
}
