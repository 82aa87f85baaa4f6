/* SPDX-License-Identifier: MIT */
#include "cell/lattice.h"

#include <math.h>

#include "check.h"
#include "reference.h"
#include "scale.h"

static const uint8_t all[3] = {1, 1, 1};

static double length(const double *v)
{
    return sqrt(nbl__dot(v, v));
}

static void check_dual(const nbl__lattice *lattice)
{
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double scale = length(lattice->g[a]) * length(lattice->r[b]);
            double miss = nbl__dot(lattice->g[a], lattice->r[b]) - (a == b);
            if (!(fabs(miss) <= 1e-14 * scale))
                fail_msg("g[%d] . r[%d] is off by %g", a, b, miss);
        }
}

static void check_open_rows(const nbl__lattice *lattice)
{
    for (int a = 0; a < 3; a++) {
        if (lattice->pbc[a])
            continue;
        assert_true(fabs(length(lattice->r[a]) - 1.0) < 1e-14);
        for (int b = 0; b < 3; b++) {
            check_bits(lattice->h[a][b], 0.0);
            if (b != a)
                assert_true(fabs(nbl__dot(lattice->r[a], lattice->r[b])) <= 1e-14 * length(lattice->r[b]));
        }
    }
}

static void check_rows(const nbl__lattice *lattice)
{
    bool unit = true;
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++) {
            unit &= lattice->m[a][k] == (a == k);
            if (!lattice->pbc[a])
                continue;
            long double sum = 0.0L;
            for (int b = 0; b < 3; b++)
                sum += (long double)lattice->m[a][b] * (long double)lattice->h[b][k];
            double miss = (double)(sum - lattice->r[a][k]);
            assert_true(fabs(miss) <= 0x1p-53 * fabs(lattice->r[a][k]) + 0x1p-62 * lattice->spread[a]);
            assert_true(lattice->spread[a] >= fabs(lattice->r[a][k]) * (1.0 - 1e-14));
        }
    check_int(lattice->reduced, !unit);
}

static void check_heights(nbl__lattice *lattice)
{
    long double height[3], inverse[3][3];
    unit_heights(lattice->r, lattice->pbc, height, inverse);
    for (int a = 0; a < 3; a++) {
        double expected = lattice->pbc[a] ? (double)height[a] : 1.0;
        if (!(fabs(lattice->height[a] - expected) <= 1e-13 * expected))
            fail_msg("height[%d] is %.17g, expected %.17g", a, lattice->height[a], expected);
    }
}

static void random_cells_of_every_kind(void **state)
{
    (void)state;
    int64_t n = scale_count(8000, 400);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        random_seed(&g, seed);
        const uint8_t pbc[3] = {seed & 1, seed >> 1 & 1, seed >> 2 & 1};
        double h[3][3];
        nbl__lattice lattice;
        nbl__fault fault;
        world_random_cell(&g, pbc, h);
        double thin = random_chance(&g, 3) ? random_log(&g, 1e-6, 1.0) : 1.0;
        for (int k = 0; k < 3; k++)
            h[seed % 3][k] *= thin;
        check_int(nbl__lattice_init(&lattice, h, pbc, &fault), NBL_OK);
        assert_memory_equal(lattice.pbc, pbc, sizeof pbc);
        check_dual(&lattice);
        check_open_rows(&lattice);
        check_rows(&lattice);
        check_heights(&lattice);
    }
}

static void vectors_of_open_axes_are_never_read(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 3);
    const double junk[] = {NAN, INFINITY, 1e300, 0.0};
    for (int mask = 0; mask < 8; mask++)
        for (size_t j = 0; j < sizeof junk / sizeof *junk; j++) {
            const uint8_t pbc[3] = {mask & 1, mask >> 1 & 1, mask >> 2 & 1};
            double h[3][3], spoilt[3][3];
            nbl__lattice clean, other;
            nbl__fault fault;
            world_random_cell(&g, pbc, h);
            memcpy(spoilt, h, sizeof h);
            for (int a = 0; a < 3; a++)
                for (int k = 0; k < 3 && !pbc[a]; k++)
                    spoilt[a][k] = junk[j];
            check_int(nbl__lattice_init(&clean, h, pbc, &fault), NBL_OK);
            check_int(nbl__lattice_init(&other, spoilt, pbc, &fault), NBL_OK);
            assert_memory_equal(&clean, &other, sizeof clean);
        }
}

static void singular_below_the_limit_and_not_above(void **state)
{
    (void)state;
    const double scales[] = {1.0, 1e-85, 1e95, 3.7};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++)
        for (int thin = 0; thin < 3; thin++)
            for (int skewed = 0; skewed < 2; skewed++)
                for (int below = 0; below < 2; below++) {
                    double h[3][3] = {{0}};
                    for (int a = 0; a < 3; a++)
                        h[a][a] = scales[s] * (a != thin ? 1.0 : below ? 0.999e-12 : 1.001e-12);
                    for (int k = 0; k < 3 && skewed; k++)
                        h[(thin + 1) % 3][k] += 4.0 * h[(thin + 2) % 3][k];
                    nbl__lattice lattice;
                    nbl__fault fault = {.what = NBL__FAULT_NONE};
                    nbl_status status = nbl__lattice_init(&lattice, h, all, &fault);
                    check_int(status, below ? NBL_ESINGULAR : NBL_OK);
                    if (below) {
                        check_int(fault.what, NBL__FAULT_CELL_SIZE);
                        assert_true(fabs(fault.value - 0.999e-12) < 1e-15);
                    }
                }
}

static void dependent_vectors_are_singular(void **state)
{
    (void)state;
    static double cells[][3][3] = {
        {{0, 0, 0}, {0, 1, 0}, {0, 0, 1}},     {{1, 0, 0}, {0, 1, 0}, {0, 0, 0}},
        {{1, 2, 3}, {2, 4, 6}, {0, 0, 1}},     {{1, 2, 3}, {-1, -2, -3}, {0, 0, 1}},
        {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}},     {{1e-100, 0, 0}, {0, 1e100, 0}, {0, 0, 1}},
        {{1, 0, 0}, {0, 1, 0}, {0.3, 0.7, 0}}, {{0.1, 0.2, 0.3}, {0.3, 0.6, 0.9}, {1, 0, 0}},
    };
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        nbl__lattice lattice;
        nbl__fault fault = {.what = NBL__FAULT_NONE};
        check_int(nbl__lattice_init(&lattice, cells[c], all, &fault), NBL_ESINGULAR);
        check_int(fault.what, NBL__FAULT_CELL_SIZE);
    }
}

static void one_vector_is_singular_only_when_zero(void **state)
{
    (void)state;
    const double lengths[] = {1e-100, 5e-324, 1.0, 1e100};
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
        for (int a = 0; a < 3; a++) {
            double h[3][3] = {{0}};
            uint8_t pbc[3] = {0, 0, 0};
            nbl__lattice lattice;
            nbl__fault fault;
            pbc[a] = 1;
            check_int(nbl__lattice_init(&lattice, h, pbc, &fault), NBL_ESINGULAR);
            h[a][(a + 1) % 3] = -lengths[k];
            check_int(nbl__lattice_init(&lattice, h, pbc, &fault), NBL_OK);
            if (lengths[k] > 1e-300)
                assert_true(fabs(lattice.height[a] / lengths[k] - 1.0) < 1e-15);
        }
}

/* A power of two changes no digit, so the whole lattice must scale with it. */
static void tiny_and_huge_cells_are_scaled_copies(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 12);
    for (int trial = 0; trial < 200; trial++) {
        double h[3][3], scaled[3][3];
        int power = trial % 2 ? 320 : -325;
        nbl__lattice plain, other;
        nbl__fault fault;
        world_random_cell(&g, all, h);
        for (int a = 0; a < 3; a++)
            for (int k = 0; k < 3; k++)
                scaled[a][k] = ldexp(h[a][k], power);
        check_int(nbl__lattice_init(&plain, h, all, &fault), NBL_OK);
        check_int(nbl__lattice_init(&other, scaled, all, &fault), NBL_OK);
        assert_memory_equal(plain.m, other.m, sizeof plain.m);
        for (int a = 0; a < 3; a++) {
            assert_true(fabs(ldexp(plain.height[a], power) / other.height[a] - 1.0) < 1e-15);
            for (int k = 0; k < 3; k++) {
                check_bits(other.r[a][k], ldexp(plain.r[a][k], power));
                check_bits(other.g[a][k], ldexp(plain.g[a][k], -power));
            }
        }
    }
}

static void strong_skew_is_undone_exactly(void **state)
{
    (void)state;
    const double skews[] = {3, 1e6, 1e9, 0x1p40};
    for (size_t k = 0; k < sizeof skews / sizeof *skews; k++) {
        double h[3][3] = {{2, 0, 0}, {2 * skews[k], 2, 0}, {-6 * skews[k], 2 * 3, 2}};
        nbl__lattice lattice;
        nbl__fault fault;
        check_int(nbl__lattice_init(&lattice, h, all, &fault), NBL_OK);
        assert_true(lattice.reduced);
        for (int a = 0; a < 3; a++) {
            check_bits(lattice.height[a], 2.0);
            check_bits(length(lattice.r[a]), 2.0);
        }
        check_dual(&lattice);
    }
}

/* The lattice that all open systems share is the one that would be made for each. */
static void the_open_lattice_is_ready_made(void **state)
{
    (void)state;
    nbl__lattice lattice;
    nbl__fault fault;
    double h[3][3] = {{NAN, 1, 2}, {0, 0, 0}, {5, HUGE_VAL, 5}};
    check_int(nbl__lattice_init(&lattice, h, (const uint8_t[3]){0, 0, 0}, &fault), NBL_OK);
    const nbl__lattice *ready = &nbl__lattice_open;
    assert_memory_equal(ready->h, lattice.h, sizeof lattice.h);
    assert_memory_equal(ready->r, lattice.r, sizeof lattice.r);
    assert_memory_equal(ready->g, lattice.g, sizeof lattice.g);
    assert_memory_equal(ready->height, lattice.height, sizeof lattice.height);
    assert_memory_equal(ready->spread, lattice.spread, sizeof lattice.spread);
    assert_memory_equal(ready->m, lattice.m, sizeof lattice.m);
    assert_memory_equal(ready->pbc, lattice.pbc, sizeof lattice.pbc);
    check_int(ready->reduced, lattice.reduced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_cells_of_every_kind),
        cmocka_unit_test(vectors_of_open_axes_are_never_read),
        cmocka_unit_test(singular_below_the_limit_and_not_above),
        cmocka_unit_test(dependent_vectors_are_singular),
        cmocka_unit_test(one_vector_is_singular_only_when_zero),
        cmocka_unit_test(tiny_and_huge_cells_are_scaled_copies),
        cmocka_unit_test(strong_skew_is_undone_exactly),
        cmocka_unit_test(the_open_lattice_is_ready_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
