/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "check.h"
#include "guard.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/* Rows parted by several bands, by every instruction set, against a plain loop. */
enum { ROWS = 8, LONGEST = 300, TIERS = 6, MOST = ROWS * LONGEST, OVERRUN = NBL__KERNEL_OVERRUN };

static struct random g;

/* Rows, what parting them writes, and what it should write. */
struct rows {
    struct guard guards[3 + 2 * TIERS];
    uint32_t *numbers, *counts, n_rows, total;
    float *d2;
    nbl__tier tiers[TIERS];
    int32_t n_tiers;
    uint32_t expected[TIERS][MOST], expected_counts[TIERS][ROWS], totals[TIERS];
    bool doubt;
};

static float bound(int tier)
{
    return 1.0f + (float)tier;
}

/* On either side of a bound, right at it, and between the two bounds of a band. */
static float draw_d2(const struct rows *r, bool doubts)
{
    const nbl__band band = r->tiers[random_int(&g, 0, r->n_tiers - 1)].band;
    const float kinds[] = {0.0f,       nextafterf(band.inner, 0.0f), band.outer, HUGE_VALF,
                           band.inner, nextafterf(band.outer, 0.0f)};
    return kinds[random_int(&g, 0, doubts ? 5 : 3)];
}

/* Row by row, entry by entry: the lowest tier that an entry is within, and all above it. */
static void expect(struct rows *r, bool shells)
{
    uint32_t e = 0;
    memset(r->totals, 0, sizeof r->totals);
    memset(r->expected_counts, 0, sizeof r->expected_counts);
    r->doubt = false;
    for (uint32_t k = 0; k < r->n_rows; k++)
        for (uint32_t end = e + r->counts[k]; e < end; e++) {
            bool taken = false;
            for (int32_t t = 0; t < r->n_tiers; t++) {
                const bool all = shells && t == r->n_tiers - 1, in = all || r->d2[e] < r->tiers[t].band.outer;
                r->doubt |= !all && in && !(r->d2[e] < r->tiers[t].band.inner);
                if (in && !(shells && taken)) {
                    r->expected[t][r->totals[t]++] = r->numbers[e];
                    r->expected_counts[t][k]++;
                }
                taken |= in;
            }
        }
}

static void draw_rows(struct rows *r, uint32_t n_rows, uint32_t longest, int32_t n_tiers, bool doubts)
{
    r->n_rows = n_rows;
    r->n_tiers = n_tiers;
    r->total = 0;
    r->counts = guard_take(&r->guards[0], n_rows * sizeof *r->counts);
    for (uint32_t k = 0; k < n_rows; k++) {
        r->counts[k] = (uint32_t)random_int(&g, 0, longest);
        r->total += r->counts[k];
    }
    r->numbers = guard_take(&r->guards[1], (r->total + OVERRUN) * sizeof *r->numbers);
    r->d2 = guard_take(&r->guards[2], (r->total + OVERRUN) * sizeof *r->d2);
    for (int32_t t = 0; t < n_tiers; t++) {
        /* Some are equal to the one below. */
        const bool same = t > 0 && random_chance(&g, 6);
        const float outer = bound(t), inner = nextafterf(nextafterf(outer, 0.0f), 0.0f);
        r->tiers[t].band = same ? r->tiers[t - 1].band : (nbl__band){inner, outer};
        r->tiers[t].out = guard_take(&r->guards[3 + 2 * t], (r->total + OVERRUN) * sizeof(uint32_t));
        r->tiers[t].counts = guard_take(&r->guards[4 + 2 * t], n_rows * sizeof(uint32_t));
        r->tiers[t].total = UINT32_MAX;
    }
    const bool alike = random_chance(&g, 4);
    for (uint32_t e = 0; e < r->total + OVERRUN; e++) {
        r->numbers[e] = (uint32_t)random_bits(&g);
        r->d2[e] = alike && e > 0 && e < r->total ? r->d2[0] : draw_d2(r, doubts || e >= r->total);
    }
}

static void check_parted(const nbl__kernels *kernels, struct rows *r, bool shells)
{
    expect(r, shells);
    check_int(kernels->tiers(r->numbers, r->d2, r->counts, r->n_rows, shells, r->tiers, r->n_tiers), r->doubt);
    for (int32_t t = 0; t < r->n_tiers && !r->doubt; t++) {
        const nbl__tier *tier = &r->tiers[t];
        check_int(tier->total, r->totals[t]);
        for (uint32_t k = 0; k < r->n_rows; k++)
            check_int(tier->counts[k], r->expected_counts[t][k]);
        for (uint32_t e = 0; e < tier->total; e++)
            check_int(tier->out[e], r->expected[t][e]);
    }
    for (int k = 0; k < 3 + 2 * r->n_tiers; k++)
        assert_true(guard_front_untouched(&r->guards[k]));
}

static void rows_are_parted_in_order(void **state)
{
    (void)state;
    static struct rows r;
    const nbl__kernels *kernels;
    int64_t with_doubts = 0, trials = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        random_seed(&g, 53);
        for (int64_t trial = scale_count(4000, 400); trial > 0; trial--) {
            const uint32_t n_rows = (uint32_t)random_int(&g, 0, ROWS);
            const uint32_t longest = random_chance(&g, 3) ? LONGEST : 20;
            draw_rows(&r, n_rows, longest, (int32_t)random_int(&g, 1, TIERS), random_chance(&g, 3));
            check_parted(kernels, &r, random_chance(&g, 2));
            with_doubts += r.doubt;
            trials++;
        }
        for (int k = 0; k < 3 + 2 * TIERS; k++)
            guard_free(&r.guards[k]);
    }
    check_int(with_doubts > trials / 10 && with_doubts < trials / 2, true);
}

/* Rows of every length, one entry in doubt at every place, which is told, and right behind the last, which is
 * not. */
static void one_doubt_is_told(void **state)
{
    (void)state;
    static struct rows r;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        random_seed(&g, 59);
        for (uint32_t length = 0; length <= 140; length++)
            for (uint32_t place = 0; place < length + OVERRUN; place += 1 + place % 3) {
                draw_rows(&r, 1, 0, 2, false);
                r.counts[0] = r.total = length;
                r.numbers = guard_take(&r.guards[1], (length + OVERRUN) * sizeof *r.numbers);
                r.d2 = guard_take(&r.guards[2], (length + OVERRUN) * sizeof *r.d2);
                for (int t = 0; t < 2; t++)
                    r.tiers[t].out = guard_take(&r.guards[3 + 2 * t], (length + OVERRUN) * sizeof(uint32_t));
                for (uint32_t e = 0; e < length + OVERRUN; e++) {
                    r.numbers[e] = e;
                    r.d2[e] = e == place ? r.tiers[e % 2].band.inner : e % 2 ? 0.5f : 9.0f;
                }
                expect(&r, false);
                check_int(r.doubt, place < length);
                check_parted(kernels, &r, false);
            }
        for (int k = 0; k < 3 + 2 * TIERS; k++)
            guard_free(&r.guards[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_parted_in_order),
        cmocka_unit_test(one_doubt_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
