/* SPDX-License-Identifier: MIT */
/* The generator makes what it promises, the same for the same seed, and enough of each kind. */
#include <math.h>

#include "check.h"
#include "systems.h"

enum { SEEDS = 3000 };

static void repeatable(void **state)
{
    (void)state;
    struct system a, b;
    for (uint64_t seed = 0; seed < 50; seed++) {
        system_random(&a, seed);
        system_random(&b, seed);
        assert_memory_equal(&a, &b, sizeof a);
        system_random(&b, seed + 1);
        assert_memory_not_equal(&a, &b, sizeof a);
    }
}

static double determinant(const double h[3][3])
{
    return h[0][0] * (h[1][1] * h[2][2] - h[1][2] * h[2][1]) -
           h[0][1] * (h[1][0] * h[2][2] - h[1][2] * h[2][0]) +
           h[0][2] * (h[1][0] * h[2][1] - h[1][1] * h[2][0]);
}

static void within_bounds(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct system s;
        system_random(&s, seed);
        struct oracle_input in = system_input(&s);
        assert_in_range(s.n, 0, 60);
        assert_true(s.rc >= 1e-100 && s.rc <= 1e100);
        assert_true((double)(s.n * s.n) * oracle_images(in.h, in.pbc, s.rc) <= 2 * SYSTEM_COST);
        assert_true(s.stride >= 0 && s.stride <= 96);
        for (int64_t i = 0; i < s.n; i++)
            for (int k = 0; k < 3; k++) {
                assert_true(fabs(s.r[i][k]) <= 1e100);
                if (s.positions_f32)
                    check_bits(s.r[i][k], (float)s.r[i][k]);
            }
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                assert_true(!in.pbc[a] || fabs(s.h[a][k]) <= 1e100);
    }
}

/* Each feature that tests rely on is there in at least one of 40 systems; masks and sizes all occur. */
static void variety(void **state)
{
    (void)state;
    int masks[8] = {0}, sizes[61] = {0};
    int left = 0, spoiled = 0, f32 = 0, wide = 0, close = 0, far = 0, many = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct system s;
        system_random(&s, seed);
        struct oracle_input in = system_input(&s);
        masks[in.pbc[0] + 2 * in.pbc[1] + 4 * in.pbc[2]]++;
        sizes[s.n]++;
        left += in.pbc[0] && in.pbc[1] && in.pbc[2] && determinant((const double(*)[3])s.h) < 0;
        for (int a = 0; a < 3; a++)
            spoiled += s.has_cell && !in.pbc[a] && !(fabs(s.h[a][0]) + fabs(s.h[a][1]) + fabs(s.h[a][2]) > 0);
        f32 += s.positions_f32;
        wide += oracle_images(in.h, in.pbc, s.rc) > 500;
        far += strcmp(s.atom_kind, "far away") == 0;

        struct pairs all = {0, 0, NULL};
        int64_t n_close;
        check_int(oracle_find(&in, &all, &n_close), 0);
        close += n_close > 0;
        many += all.n > 1000;
        pairs_free(&all);
    }
    for (int k = 0; k < 8; k++)
        assert_true(masks[k] > SEEDS / 20);
    for (int k = 0; k <= 60; k++)
        assert_true(sizes[k] > 0);
    print_message(
        "left-handed %d, open rows spoiled %d, float32 %d, over 500 images %d, far %d, over 1000 pairs "
        "%d, a pair within 4 ulp %d; of %d\n",
        left, spoiled, f32, wide, far, many, close, SEEDS);
    assert_true(left > SEEDS / 40 && spoiled > SEEDS / 40 && f32 > SEEDS / 5 && far > SEEDS / 40);
    assert_true(wide > SEEDS / 40 && many > SEEDS / 40 && close > SEEDS / 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeatable),
        cmocka_unit_test(within_bounds),
        cmocka_unit_test(variety),
    };
    return cmocka_run_group_tests_name("systems", tests, NULL, NULL);
}
