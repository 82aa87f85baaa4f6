/* SPDX-License-Identifier: MIT */
#include "search/levels.h"

#include <math.h>

#include <nblist/nblist.h>

#include "cell/exact.h"
#include "check.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

static void random_cutoffs(struct random *g, double *cutoffs, int32_t n)
{
    for (int32_t k = 0; k < n; k++) {
        cutoffs[k] = random_chance(g, 2) ? random_log(g, 1e-100, 1e100) : 0.5 * (double)random_int(g, 1, 9);
        if (k > 0 && random_chance(g, 4))
            cutoffs[k] = cutoffs[random_int(g, 0, k - 1)];
    }
}

/* Each cutoff once, ascending; of equal ones the first named is the lower. */
static void levels_ascend_and_equal_ones_keep_their_order(void **state)
{
    (void)state;
    static double cutoffs[NBL_MAX_LISTS];
    static nbl__level levels[NBL_MAX_LISTS + 1];
    struct random g;
    random_seed(&g, 1);
    for (int64_t trial = scale_count(2000, 200); trial > 0; trial--) {
        const int32_t n = (int32_t)random_int(&g, 1, random_chance(&g, 20) ? NBL_MAX_LISTS : 9);
        const bool inclusive = random_chance(&g, 2);
        bool seen[NBL_MAX_LISTS] = {false};
        random_cutoffs(&g, cutoffs, n);
        levels[n].list = -77;
        nbl__levels_make(levels, cutoffs, n, inclusive);
        check_int(levels[n].list, -77);
        for (int32_t k = 0; k < n; k++) {
            const int32_t list = levels[k].list;
            assert_true(list >= 0 && list < n && !seen[list]);
            seen[list] = true;
            check_bits(levels[k].cutoff, cutoffs[list]);
            if (k == 0)
                continue;
            assert_true(levels[k - 1].cutoff <= levels[k].cutoff);
            assert_true(levels[k - 1].limit <= levels[k].limit);
            assert_true(levels[k - 1].cutoff < levels[k].cutoff || levels[k - 1].list < list);
        }
    }
}

/* The limit parts squares as the contract parts their roots. */
static void limits_decide_like_roots(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 2);
    for (int64_t trial = scale_count(20000, 2000); trial > 0; trial--) {
        double cutoff;
        nbl__level level;
        const bool inclusive = random_chance(&g, 2);
        random_cutoffs(&g, &cutoff, 1);
        nbl__levels_make(&level, &cutoff, 1, inclusive);
        double d2 = cutoff * cutoff;
        for (int k = 0; k < 6; k++)
            d2 = nextafter(d2, 0.0);
        for (int k = 0; k < 12; k++, d2 = nextafter(d2, HUGE_VAL))
            check_int(d2 < level.limit, inclusive ? sqrt(d2) <= cutoff : sqrt(d2) < cutoff);
    }
}

/* The squared distance of two points, as every level sees it at least once. */
struct seen {
    float least, most;
};

static struct seen see(const float a[3], const float b[3])
{
    struct seen seen = {HUGE_VALF, 0.0f};
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        float x[2 + NBL__KERNEL_OVERRUN], y[2 + NBL__KERNEL_OVERRUN], z[2 + NBL__KERNEL_OVERRUN];
        float d2[2 + NBL__KERNEL_OVERRUN];
        uint32_t number[2 + NBL__KERNEL_OVERRUN] = {0, 1}, out[2 + NBL__KERNEL_OVERRUN], count;
        bool close;
        const nbl__near near = {x, y, z, number, number, 2};
        const nbl__ask ask = {.n_rows = 1, .band = {0.0f, HUGE_VALF}};
        for (int k = 0; k < 2 + NBL__KERNEL_OVERRUN; k++)
            x[k] = y[k] = z[k] = HUGE_VALF;
        x[0] = a[0], y[0] = a[1], z[0] = a[2];
        x[1] = b[0], y[1] = b[1], z[1] = b[2];
        check_int(kernels->rows(&near, &ask, out, d2, &count, &close), 1);
        seen.least = fminf(seen.least, d2[0]);
        seen.most = fmaxf(seen.most, d2[0]);
    }
    return seen;
}

/* Neither a neighbour that is surely none, nor the other way round. */
static void check_band(const nbl__level *level, nbl__band band, double d2, struct seen seen, int64_t trial)
{
    if (d2 < level->limit ? seen.most < band.outer : !(seen.least < band.inner))
        return;
    fail_msg("trial %lld: d2 %.17g, limit %.17g, seen %.9g ... %.9g, band %.9g %.9g", (long long)trial, d2,
             level->limit, (double)seen.least, (double)seen.most, (double)band.inner, (double)band.outer);
}

/*
 * The middle of a small interval of doubles, ends included, that become the same float by (x - origin) * scale,
 * and its two ends.
 */
static void preimage(float f, double origin, double unit, double ends[2])
{
    const double scale = 1.0 / unit;
    for (int side = 0; side < 2; side++) {
        const float next = nextafterf(f, side ? HUGE_VALF : -HUGE_VALF);
        double inside = origin + (double)f * unit, outside = origin + (double)next * unit;
        for (int k = 0; k < 60; k++) {
            const double middle = 0.5 * inside + 0.5 * outside;
            if ((float)((middle - origin) * scale) == f)
                inside = middle;
            else
                outside = middle;
        }
        ends[side] = inside;
    }
}

static double exact2(const double a[3], const double b[3])
{
    const double d[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]};
    return (d[0] * d[0] + d[1] * d[1]) + d[2] * d[2];
}

/* A coordinate of up to `most` units: often where floats are coarsest for their size, right above a power of
 * two. */
static float coarse(struct random *g, double most)
{
    const double power = exp2(floor(log2(most)));
    const double x = random_chance(g, 4)   ? most * random_unit(g)
                     : random_chance(g, 2) ? power * (1.0 + 0x1p-20 * (double)random_int(g, 0, 3))
                                           : most;
    return (float)(x < most ? x : most) * (random_chance(g, 2) ? 1.0f : -1.0f);
}

/*
 * The worst that rounding to single precision can do: of all pairs of points that become the same two floats,
 * the nearest and the farthest, with a cutoff right at their distance.
 */
static void bands_cover_single_precision(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 3);
    int tried = 0;
    for (int64_t trial = scale_count(60000, 3000); trial > 0; trial--) {
        const double unit = random_chance(&g, 3) ? 1.0 : random_log(&g, 1e-100, 1e100);
        const double most = random_chance(&g, 2) ? random_range(&g, 1.0, 4.0) : random_log(&g, 1.0, 1e9);
        double near[3], far[3], from[3], most_seen = 0.0;
        float a[3], b[3];
        double turn[3][3];
        const double origin = random_chance(&g, 3) ? 0.0 : unit * random_range(&g, -9.0, 9.0);
        const double length = random_chance(&g, 3) ? 1.0 : random_log(&g, 1e-6, 1.0);
        random_rotation(&g, turn);
        for (int k = 0; k < 3; k++) {
            a[k] = coarse(&g, most);
            b[k] = (float)((double)a[k] + length * turn[0][k]);
            double of_a[2], of_b[2];
            preimage(a[k], origin, unit, of_a);
            preimage(b[k], origin, unit, of_b);
            /* the same end of one and the other of the other: apart as far, or as little, as can be */
            const int up = b[k] >= a[k];
            from[k] = of_a[!up];
            far[k] = of_b[up];
            near[k] = of_b[!up] - (of_a[up] - of_a[!up]);
            if ((near[k] < from[k]) == up)
                near[k] = from[k];
            for (int end = 0; end < 2; end++)
                most_seen = fmax(most_seen, fmax(fabs(of_a[end] - origin), fabs(of_b[end] - origin)));
        }
        const struct seen seen = see(a, b);
        const double cutoffs[2] = {sqrt(exact2(from, near)), sqrt(exact2(from, far))};
        for (int which = 0; which < 2; which++)
            for (int step = -1; step <= 1; step++) {
                nbl__level level;
                const double cutoff = cutoffs[which] * (1.0 + step * 0x1p-51);
                if (!(cutoff > 1e-100 && cutoff <= unit))
                    continue;
                nbl__levels_make(&level, &cutoff, 1, step == 0);
                const nbl__focus focus = nbl__focus_make(unit, 0.0, most_seen);
                const nbl__band band = nbl__level_band(&level, &focus);
                assert_true(band.inner >= 0.0f && band.inner < band.outer);
                tried++;
                check_band(&level, band, exact2(from, which ? far : near), seen, trial);
            }
    }
    assert_true(tried > 1000);
}

/* What the search does: placed in units, with an error in the coordinates, lengths about those of the levels.
 */
static void bands_cover_the_error(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 4);
    for (int64_t trial = scale_count(60000, 3000); trial > 0; trial--) {
        double cutoffs[3] = {random_chance(&g, 2) ? random_log(&g, 1e-100, 1e100) : 1.0};
        nbl__level levels[3];
        const bool inclusive = random_chance(&g, 2);
        cutoffs[1] = cutoffs[0] * random_unit(&g);
        cutoffs[2] = cutoffs[0] * random_log(&g, 1e-9, 1.0);
        nbl__levels_make(levels, cutoffs, 3, inclusive);
        const double error = random_chance(&g, 4) ? 0.0 : cutoffs[0] * random_log(&g, 1e-18, 0.25);
        const double unit = cutoffs[0] + 3.0 * error;
        const double most =
            unit * (random_chance(&g, 2) ? random_range(&g, 2.0, 4.0) : random_log(&g, 2.0, 1e9));
        const nbl__focus focus = nbl__focus_make(unit, error, most);
        for (int32_t k = 0; k < 3; k++) {
            const nbl__band band = nbl__level_band(&levels[k], &focus);
            const double away = random_chance(&g, 2) ? 0.0 : random_range(&g, -2.0, 2.0) * error;
            const double length = levels[k].cutoff * (1.0 + random_range(&g, -4.0, 4.0) * 0x1p-52) + away;
            const double off = error * random_range(&g, -0.99, 0.99);
            double turn[3][3], a[3], b[3], moved[3];
            float fa[3], fb[3];
            random_rotation(&g, turn);
            for (int c = 0; c < 3; c++) {
                a[c] = (most - 1.7 * unit) * (random_chance(&g, 2) ? 1.0 : random_range(&g, -1.0, 1.0));
                b[c] = a[c] + length * turn[0][c];
                moved[c] = b[c] + off * turn[1][c]; /* what the search believes */
                fa[c] = (float)((a[c] - 0.0) * (1.0 / unit));
                fb[c] = (float)((moved[c] - 0.0) * (1.0 / unit));
            }
            /* Far from the origin, doubles round by themselves: part of the error that a scene accounts for. */
            const double d2 = exact2(a, b), believed = sqrt(exact2(a, moved));
            if (fabs(believed - sqrt(d2)) <= error)
                check_band(&levels[k], band, d2, see(fa, fb), trial);
        }
    }
}

/* Slots: whole steps, off by as much as they may be, and what is subtracted from all. */
static void bands_cover_whole_steps(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 5);
    for (int64_t trial = scale_count(60000, 3000); trial > 0; trial--) {
        const double cutoff = random_chance(&g, 2) ? random_log(&g, 1e-100, 1e100) : 1.0;
        const double error = random_chance(&g, 2) ? 0.0 : cutoff * random_log(&g, 1e-18, 0.25);
        const double step = (cutoff + 3.0 * error) *
                            (random_chance(&g, 2) ? NBL__SLOTS_EXACT * 0x1p-24 : random_log(&g, 0x1p-22, 10.0));
        const nbl__focus focus = nbl__focus_steps(step, error);
        nbl__level level;
        nbl__levels_make(&level, &cutoff, 1, random_chance(&g, 2));
        const double length = cutoff * (1.0 + random_range(&g, -4.0, 4.0) * 0x1p-52);
        double turn[3][3], a[3], b[3], moved[3];
        float fa[3], fb[3];
        random_rotation(&g, turn);
        for (int c = 0; c < 3; c++) {
            a[c] = random_range(&g, -2.0, 2.0) * cutoff;
            b[c] = a[c] + length * turn[0][c];
            moved[c] = b[c] + error * random_range(&g, -0.99, 0.99) * turn[1][c];
            const double slack = nbl__slots_rounding - 0.5;
            fa[c] = (float)rint(a[c] / step + random_range(&g, -slack, slack));
            fb[c] = (float)rint(moved[c] / step + random_range(&g, -slack, slack));
        }
        if (fabs(sqrt(exact2(a, moved)) - sqrt(exact2(a, b))) <= error)
            check_band(&level, nbl__level_band(&level, &focus), exact2(a, b), see(fa, fb), trial);
    }
}

/* Levels next to nothing beside the unit: whatever cannot be told apart is left open. */
static void tiny_levels_are_left_open(void **state)
{
    (void)state;
    for (double cutoff = 1e-100; cutoff < 1e-7; cutoff *= 1e3) {
        nbl__level level;
        nbl__levels_make(&level, &cutoff, 1, true);
        const nbl__focus focus = nbl__focus_make(1.0, 0.0, 3.0);
        const nbl__band band = nbl__level_band(&level, &focus);
        assert_true(band.inner == 0.0f && band.outer > 0.0f && band.outer < 1e-11f);
    }
}

static void bands_are_narrow(void **state)
{
    (void)state;
    const double cutoff = 3.0;
    nbl__level level;
    nbl__levels_make(&level, &cutoff, 1, false);
    nbl__focus focus = nbl__focus_make(3.0, 0.0, 9.0);
    nbl__band band = nbl__level_band(&level, &focus);
    assert_true(band.inner < 1.0f && band.outer > 1.0f && band.outer - band.inner < 6e-6f);
    focus = nbl__focus_make(3.003, 1e-3, 9.0);
    band = nbl__level_band(&level, &focus);
    assert_true(band.inner > 0.9983f * 0.9983f && band.inner < 0.9987f * 0.9987f);
    assert_true(band.outer > 0.9993f * 0.9993f && band.outer < 0.9997f * 0.9997f);
    focus = nbl__focus_steps(3.0 * NBL__SLOTS_EXACT * 0x1p-24, 0.0);
    band = nbl__level_band(&level, &focus);
    assert_true(band.inner > 0.0f && band.outer - band.inner < 4e-6f * band.outer);
    /* An error beyond the cutoff leaves everything open. */
    focus = nbl__focus_make(3.0, 4.0, 9.0);
    band = nbl__level_band(&level, &focus);
    assert_true(band.inner == 0.0f && band.outer >= 5.4f);
    /* And so does a filter that sees nothing. */
    focus = nbl__focus_make(3.0, 0.0, HUGE_VAL);
    band = nbl__level_band(&level, &focus);
    assert_true(band.inner == 0.0f && band.outer == HUGE_VALF);
}

/* Where no single precision squares any more, nothing is surely out. */
static void bands_never_overflow(void **state)
{
    (void)state;
    const double cutoff = 1.0;
    nbl__level level;
    nbl__levels_make(&level, &cutoff, 1, false);
    for (double most = 1.0; most < 1e300; most *= 10.0) {
        const nbl__focus focus = nbl__focus_make(1.0, 0.0, most);
        const nbl__band band = nbl__level_band(&level, &focus);
        assert_true(band.inner >= 0.0f && band.inner < 1.0f && band.outer > 1.0f);
        assert_true((double)band.outer >= most * most * 0x1p-44 || band.outer == HUGE_VALF);
    }
}

/* Neighbours that lie below the cutoff of a level, of `atoms` in a cube of edge `distance`. */
static double expected_neighbours(const nbl__level *level, double atoms, double distance)
{
    return atoms * pow(level->cutoff / distance, 3.0) * 4.18879020478639;
}

/* Runs of levels from the highest down: as far as the rule goes each, and no more of them than foreseen. */
static void levels_far_apart_are_parted(void **state)
{
    (void)state;
    enum { MOST = 9 };
    struct random g;
    int64_t parted = 0, together = 0, most_of_all = 0;
    random_seed(&g, 4);
    for (int64_t trial = scale_count(4000, 400); trial > 0; trial--) {
        const int32_t n = (int32_t)random_int(&g, 1, MOST);
        const double scale = random_log(&g, 1e-90, 1e90), atoms = random_log(&g, 1e-3, 1e6);
        const nbl__apart apart = {random_range(&g, 0.0, 1.0), random_range(&g, 0.0, 200.0)};
        double cutoffs[MOST];
        nbl__level levels[MOST];
        int32_t parts = 0;
        for (int32_t k = 0; k < n; k++)
            cutoffs[k] = scale * random_log(&g, 0.05, 1.0);
        nbl__levels_make(levels, cutoffs, n, false);
        for (int32_t end = n, begin; end > 0; end = begin, parts++) {
            begin = nbl__levels_together(levels, end, atoms, scale, &apart);
            const double most =
                apart.share * (expected_neighbours(&levels[end - 1], atoms, scale) - apart.alone);
            assert_true(begin >= 0 && begin < end);
            for (int32_t k = begin; k < end - 1; k++)
                assert_true(expected_neighbours(&levels[k], atoms, scale) > most - 1e-9 * fabs(most));
            if (begin > 0)
                assert_true(expected_neighbours(&levels[begin - 1], atoms, scale) < most * (1.0 + 1e-9));
            parted += begin > 0;
            together += begin < end - 1;
        }
        const int32_t most_parts = nbl__levels_most_parts(levels, n, atoms, scale, &apart);
        assert_true(parts <= most_parts && most_parts <= n);
        most_of_all += parts == most_parts && parts > 1;
    }
    assert_true(parted > 20 && together > 20 && most_of_all > 20);
}

/* Equal cutoffs stay together, and so do all where so many atoms lie that nobody can say how many. */
static void what_cannot_be_told_apart_stays_together(void **state)
{
    (void)state;
    const double same[3] = {2.0, 2.0, 2.0}, far[3] = {1e-3, 1.0, 2.0};
    const nbl__apart apart = {1.0, 0.0};
    nbl__level levels[3];
    nbl__levels_make(levels, same, 3, false);
    check_int(nbl__levels_together(levels, 3, 1000.0, 2.0, &apart), 0);
    check_int(nbl__levels_together(levels, 3, 0.0, 2.0, &apart), 0);
    nbl__levels_make(levels, far, 3, false);
    check_int(nbl__levels_together(levels, 3, 1000.0, 2.0, &apart), 2);
    check_int(nbl__levels_together(levels, 3, HUGE_VAL, 2.0, &apart), 0);
    check_int(nbl__levels_together(levels, 3, 0.0, 2.0, &apart), 0);
    check_int(nbl__levels_most_parts(levels, 3, HUGE_VAL, 2.0, &apart), 3);
    check_int(nbl__levels_most_parts(levels, 3, 0.0, 2.0, &apart), 1);
    check_int(nbl__levels_most_parts(levels, 1, 1000.0, 2.0, &apart), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_ascend_and_equal_ones_keep_their_order),
        cmocka_unit_test(limits_decide_like_roots),
        cmocka_unit_test(bands_cover_single_precision),
        cmocka_unit_test(levels_far_apart_are_parted),
        cmocka_unit_test(what_cannot_be_told_apart_stays_together),
        cmocka_unit_test(bands_cover_the_error),
        cmocka_unit_test(bands_cover_whole_steps),
        cmocka_unit_test(tiny_levels_are_left_open),
        cmocka_unit_test(bands_are_narrow),
        cmocka_unit_test(bands_never_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
