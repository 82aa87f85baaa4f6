/* SPDX-License-Identifier: MIT */
#include "metrics/cosines.h"

#include <math.h>

#include "check.h"
#include "metrics/steinhardt.h"
#include "rows.h"
#include "scale.h"

static const int32_t three[] = {4, 6, 8};

static struct random g;

/* Q of a row by cosines, or negative, and, as it has to be, by harmonics. */
struct both {
    double cosines[3], harmonics[3];
};

static struct both both_of(const nbl__row *row, bool avx2)
{
    struct both both;
    double sums[NBL__HARMONICS_WIDTH];
    nbl__harmonics harmonics;
    nbl__cosines cosines;
    nbl__harmonics_init(&harmonics, 3, three, avx2);
    nbl__harmonics_sum(&harmonics, row, sums);
    nbl__cosines_sum(&cosines, row, avx2);
    for (int c = 0; c < 3; c++) {
        both.cosines[c] = nbl__cosines_q(&cosines, three[c]);
        both.harmonics[c] = nbl__steinhardt_q(three[c], sums + harmonics.first[c], row->k);
    }
    return both;
}

/* Where the one way tells, it tells what the other one does; returns how often it does. */
static int check_both(const struct both *both)
{
    int told = 0;
    for (int c = 0; c < 3; c++) {
        const double q = both->cosines[c], expected = both->harmonics[c];
        told += q >= 0;
        if (q >= 0 ? !(fabs(q - expected) <= 1e-12 * expected) : !(expected * expected <= 1.001e-3)) {
            print_error("Q_%d: %.17g, by harmonics %.17g\n", three[c], q, expected);
            fail();
        }
    }
    return told;
}

static void cosines_tell_what_harmonics_do(void **state)
{
    (void)state;
    static struct made_row made;
    random_seed(&g, 61);
    int64_t told = 0, rows = 0;
    for (int64_t trial = scale_count(200, 20); trial > 0; trial--)
        for (int32_t k = 1; k <= NBL__COSINES_MOST; k++, rows++) {
            row_random(&made, &g, k);
            const struct both both = both_of(&made.row, trial % 2);
            told += check_both(&both);
        }
    /* Most rows of random directions are far from the threshold. */
    check_int(told > 2 * rows, true);
}

static void all_instruction_sets_give_the_same_bits(void **state)
{
    (void)state;
    static struct made_row made;
    random_seed(&g, 67);
    for (int64_t trial = scale_count(50, 5); trial > 0; trial--)
        for (int32_t k = 1; k <= NBL__COSINES_MOST; k++) {
            nbl__cosines base, wide;
            row_random(&made, &g, k);
            nbl__cosines_sum(&base, &made.row, false);
            nbl__cosines_sum(&wide, &made.row, true);
            for (int p = 0; p < 4; p++)
                check_bits(wide.powers[p], base.powers[p]);
        }
}

static void crystals(void **state)
{
    (void)state;
    static struct made_row made;
    random_seed(&g, 71);
    for (int round = 0; round < 20; round++)
        for (enum crystal crystal = SC; crystal < N_CRYSTALS; crystal++) {
            double vectors[LONGEST][3], m[3][3];
            const int32_t k = crystal_vectors(crystal, vectors);
            random_rotation(&g, m);
            rotate(m, k, vectors);
            row_make(&made, k, vectors, 1.2);
            const struct both both = both_of(&made.row, round % 2);
            check_both(&both);
            if (crystal == FCC)
                assert_true(fabs(both.cosines[1] - sqrt(169 / 512.0)) < 1e-13);
            if (crystal == ICOSAHEDRON) { /* Q_4 and Q_8 vanish */
                assert_true(both.cosines[0] < 0 && both.cosines[2] < 0);
                assert_true(fabs(both.cosines[1] - sqrt(0.44)) < 1e-13);
            }
        }
}

static void what_they_suit(void **state)
{
    (void)state;
    for (int32_t l = 0; l <= NBL__L_MAX; l++)
        for (int32_t k = 0; k <= NBL__COSINES_MOST + 1; k++)
            check_int(nbl__cosines_suit(l, k),
                      (l == 4 || l == 6 || l == 8) && k >= 1 && k <= NBL__COSINES_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cosines_tell_what_harmonics_do),
        cmocka_unit_test(all_instruction_sets_give_the_same_bits),
        cmocka_unit_test(crystals),
        cmocka_unit_test(what_they_suit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
