/* SPDX-License-Identifier: MIT */
#include "cell/wrap.h"

#include <float.h>
#include <math.h>

#include "cell/exact.h"
#include "check.h"
#include "scale.h"
#include "world.h"

static const double no_images[3] = {0, 0, 0};

/* r = p + w . h, and p inside the reduced cell, both within the error that the library claims. */
static void check_atoms(const struct world *world, uint64_t seed)
{
    double error = nbl__wrap_error(&world->lattice, &world->wrapped, no_images);
    for (int64_t i = 0; i < world->n; i++) {
        long double miss2 = 0.0L;
        for (int k = 0; k < 3; k++) {
            long double x = world->p[i][k];
            for (int a = 0; a < 3; a++)
                x += (long double)world->w[i][a] * (long double)world->h[a][k];
            miss2 += (x - world->r[i][k]) * (x - world->r[i][k]);
        }
        if (!(sqrtl(miss2) <= (long double)error))
            fail_msg("seed %llu, atom %lld: r differs from p + w . h by %Lg, allowed %g",
                     (unsigned long long)seed, (long long)i, sqrtl(miss2), error);
        for (int a = 0; a < 3; a++) {
            double u = nbl__dot(world->lattice.g[a], world->p[i]);
            double over = world->pbc[a] ? fmax(-u, u - 1.0) * world->lattice.height[a] : 0.0;
            if (!(over <= error))
                fail_msg("seed %llu, atom %lld lies %g outside of the cell", (unsigned long long)seed,
                         (long long)i, over);
            if (!world->pbc[a])
                check_int(world->w[i][a], 0);
        }
    }
}

static void check_bounds(const struct world *world)
{
    const nbl__wrapped *wrapped = &world->wrapped;
    int64_t w_max = 0;
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY};
    double extent[3] = {0, 0, 0};
    for (int64_t i = 0; i < world->n; i++)
        for (int a = 0; a < 3; a++) {
            double u = nbl__dot(world->lattice.g[a], world->p[i]);
            int64_t w = world->w[i][a];
            low[a] = fmin(low[a], u);
            high[a] = fmax(high[a], u);
            extent[a] = fmax(extent[a], fabs(world->r[i][a]));
            w_max = w > w_max ? w : -w > w_max ? -w : w_max;
        }
    check_int(wrapped->w_max, w_max);
    for (int a = 0; a < 3; a++) {
        assert_true(wrapped->low[a] == low[a]);
        assert_true(wrapped->high[a] == high[a]);
        assert_true(wrapped->extent[a] == extent[a]);
        assert_true(wrapped->steps[a] >= 0.0);
        if (!world->pbc[a])
            check_bits(wrapped->steps[a], 0.0);
    }
}

/* Every atom by up to `far` cells along each axis. */
static void move_far(struct world *world, struct random *g, double far)
{
    for (int64_t i = 0; i < world->n; i++)
        for (int a = 0; a < 3; a++) {
            double cells = floor(random_range(g, -far, far));
            for (int k = 0; k < 3; k++)
                world->r[i][k] += cells * world->h[a][k];
        }
}

static void random_atoms_come_into_the_cell(void **state)
{
    (void)state;
    int64_t n = scale_count(4000, 200);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, 20);
        double far = random_chance(&g, 3) ? random_log(&g, 1.0, 1e8) : 0.0;
        move_far(&world, &g, far);
        check_int(world_wrap(&world), NBL_OK);
        check_atoms(&world, seed);
        check_bounds(&world);
        check_int(world_close(&world), 0);
    }
}

/* |distance of wrapped coordinates - that of the formula|, for all pairs and some images, is below the bound.
 */
static void the_error_bound_holds(void **state)
{
    (void)state;
    int64_t n = scale_count(2000, 100);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed + 4321);
        world_random(&world, &g, 6);
        double far = random_chance(&g, 2) ? random_log(&g, 1.0, 1e9) : 0.0;
        move_far(&world, &g, far);
        check_int(world_wrap(&world), NBL_OK);
        const nbl__lattice *lattice = &world.lattice;
        const double images[3] = {4, 4, 4};
        double error = nbl__wrap_error(lattice, &world.wrapped, images);
        for (int trial = 0; trial < 200; trial++) {
            int64_t i = random_int(&g, 0, world.n - 1), j = random_int(&g, 0, world.n - 1);
            double m[3], s[3], d[3], e[3], sum = 0.0;
            for (int a = 0; a < 3; a++)
                m[a] = world.pbc[a] ? (double)random_int(&g, -4, 4) : 0.0;
            for (int b = 0; b < 3; b++) {
                s[b] = (double)world.w[i][b] - (double)world.w[j][b];
                for (int a = 0; a < 3; a++)
                    s[b] += world.pbc[a] && world.pbc[b] ? m[a] * (double)lattice->m[a][b] : 0.0;
            }
            double exact = sqrt(nbl__exact_d2(world.r[i], world.r[j], lattice->h, s[0], s[1], s[2], d));
            for (int k = 0; k < 3; k++) {
                e[k] = world.p[j][k] - world.p[i][k];
                for (int a = 0; a < 3; a++)
                    e[k] += m[a] * (world.pbc[a] ? lattice->r[a][k] : 0.0);
                sum += e[k] * e[k];
            }
            double miss = fabs(sqrt(sum) - exact);
            if (!(miss <= error + 4e-16 * exact))
                fail_msg("seed %llu: off by %g, the bound is %g", (unsigned long long)seed, miss, error);
        }
        check_int(world_close(&world), 0);
    }
}

static void open_systems_are_left_as_they_are(void **state)
{
    (void)state;
    struct random g;
    struct world world;
    random_seed(&g, 1);
    world_open(&world);
    world.n = 100;
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, -1.0, 1.0) * random_log(&g, 1e-100, 1e100);
    memset(world.h, 0xff, sizeof world.h);
    check_int(world_wrap(&world), NBL_OK);
    assert_memory_equal(world.p, world.r, 100 * sizeof *world.r);
    check_int(world.wrapped.w_max, 0);
    const double images[3] = {9, 9, 9};
    check_bits(nbl__wrap_error(&world.lattice, &world.wrapped, images), 0.0);
    check_int(world_close(&world), 0);
}

static void open_coordinates_keep_their_digits(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.pbc[0] = 1;
    world.h[0][0] = 3.0;
    world.n = 2;
    memcpy(world.r[0], (double[3]){7.5, 1e100, 0.1}, sizeof world.r[0]);
    memcpy(world.r[1], (double[3]){-0.5, -4e-52, -1e99}, sizeof world.r[1]);
    check_int(world_wrap(&world), NBL_OK);
    for (int i = 0; i < 2; i++)
        for (int k = 1; k < 3; k++)
            check_bits(world.p[i][k], world.r[i][k]);
    check_bits(world.p[0][0], 1.5);
    check_bits(world.p[1][0], 2.5);
    check_int(world.w[0][0], 2);
    check_int(world.w[1][0], -1);
    /*
     * Coordinates that nothing ever moves add nothing to the error. Along the axis: the largest coordinate, and
     * a row for each of two steps, for each step of an image, and for the atom itself.
     */
    const double unit = 16.0 * DBL_EPSILON, images[3] = {2, 9, 9};
    check_bits(nbl__wrap_error(&world.lattice, &world.wrapped, no_images), unit * (7.5 + 3.0 * 3.0));
    check_bits(nbl__wrap_error(&world.lattice, &world.wrapped, images), unit * (7.5 + 5.0 * 3.0));
    check_int(world_close(&world), 0);
}

static void faces_edges_and_corners_belong_to_one_cell(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int a = 0; a < 3; a++) {
        world.pbc[a] = 1;
        world.h[a][a] = 2.5;
    }
    for (int x = -2; x <= 2; x++)
        for (int y = -2; y <= 2; y++)
            for (int z = -2; z <= 2; z++) {
                const int steps[3] = {x, y, z};
                for (int k = 0; k < 3; k++)
                    world.r[world.n][k] = 2.5 * steps[k];
                world.n++;
            }
    check_int(world_wrap(&world), NBL_OK);
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++) {
            assert_true(world.p[i][k] == 0.0);
            check_int(world.w[i][k], world.r[i][k] / 2.5);
        }
    check_int(world_close(&world), 0);
}

static void a_hair_below_a_face(void **state)
{
    (void)state;
    const double hairs[] = {-4e-52, -5e-324, -1e-17, -1e-300, -0.0};
    for (size_t k = 0; k < sizeof hairs / sizeof *hairs; k++)
        for (int skewed = 0; skewed < 2; skewed++) {
            struct world world;
            world_open(&world);
            world.n = 1;
            for (int a = 0; a < 3; a++) {
                world.pbc[a] = 1;
                world.h[a][a] = 3.0;
                world.r[0][a] = hairs[k];
            }
            world.h[1][0] = skewed ? 6.0 : 0.0;
            check_int(world_wrap(&world), NBL_OK);
            check_atoms(&world, k);
            check_int(world_close(&world), 0);
        }
}

static nbl_status wrap_at(struct world *world, double cells, int axis, bool skewed)
{
    world_open(world);
    world->n = 2;
    for (int a = 0; a < 3; a++) {
        world->pbc[a] = 1;
        world->h[a][a] = 0.5;
    }
    if (skewed)
        world->h[1][0] = 1.5;
    for (int k = 0; k < 3; k++)
        world->r[1][k] = cells * world->h[axis][k];
    return world_wrap(world);
}

static void two_to_the_thirty_cells_are_the_limit(void **state)
{
    (void)state;
    const double limit = 1073741824.0;
    for (int axis = 0; axis < 3; axis++)
        for (int skewed = 0; skewed < 2; skewed++)
            for (int sign = -1; sign <= 1; sign += 2) {
                struct world world;
                check_int(wrap_at(&world, sign * (limit - 1.0), axis, skewed), NBL_OK);
                check_int(world.w[1][axis], sign * ((int64_t)limit - 1));
                check_atoms(&world, 0);
                check_int(wrap_at(&world, sign * (limit + 1.0), axis, skewed), NBL_ESHIFT);
                check_int(world.fault.what, NBL__FAULT_ATOM);
                check_int(world.fault.a, 1);
                check_int(world.fault.k, axis);
                assert_true(fabs(world.fault.value / (sign * limit) - 1.0) < 1e-6);
                check_int(wrap_at(&world, sign * 1e90, axis, skewed), NBL_ESHIFT);
                check_int(world.fault.a, 1);
            }
}

/* Not two cells away, but the way back into the reduced cell is billions of cells long. */
static void a_long_way_through_a_skewed_cell(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2)
        for (int beyond = 0; beyond < 2; beyond++) {
            struct world world;
            world_open(&world);
            world.n = 1;
            const double skew = sign * (beyond ? 4e9 : 2e9);
            for (int a = 0; a < 3; a++)
                world.pbc[a] = 1, world.h[a][a] = 1.0;
            world.h[1][0] = skew;
            for (int k = 0; k < 3; k++)
                world.r[0][k] = 1.875 * world.h[1][k];
            check_int(world_wrap(&world), beyond ? NBL_ESHIFT : NBL_OK);
            if (beyond) {
                check_int(world.fault.a, 0);
                check_bits(world.fault.value, HUGE_VAL);
            } else {
                check_int(world.w[0][0], (int64_t)(0.875 * skew));
            }
            check_int(world_close(&world), 0);
        }
}

/* In the reduced cell, and yet billions of cells of the caller away from the origin. */
static void the_reduced_cell_may_be_far_away(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2)
        for (int beyond = 0; beyond < 2; beyond++) {
            struct world world;
            world_open(&world);
            world.n = 2;
            for (int a = 0; a < 3; a++)
                world.pbc[a] = 1, world.h[a][a] = 1.0;
            world.h[1][0] = sign * 4294967296.0;
            for (int k = 0; k < 3; k++)
                world.r[0][k] = world.r[1][k] = 0.5;
            world.r[0][1] = 0.125;
            world.r[1][1] = beyond ? 0.75 : 0.125;
            check_int(world_wrap(&world), beyond ? NBL_ESHIFT : NBL_OK);
            if (beyond) {
                check_int(world.fault.a, 1);
                check_int(world.fault.k, 0);
            } else {
                check_int(world.w[1][0] | world.w[1][1] | world.w[1][2], 0);
            }
            check_int(world_close(&world), 0);
        }
}

static void far_along_an_open_axis_is_not_far(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 1;
    world.pbc[1] = 1;
    world.r[0][0] = 1e100;
    world.r[0][2] = -1e100;
    check_int(world_wrap(&world), NBL_OK);
    check_int(world.wrapped.w_max, 0);
    check_int(world_close(&world), 0);
}

static void no_atoms(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.pbc[0] = 1;
    check_int(world_wrap(&world), NBL_OK);
    check_int(world.wrapped.w_max, 0);
    check_int(world_close(&world), 0);
}

/* Parts of the atoms, wrapped one by one in any order, have together the bounds of all. */
static void bounds_of_parts_merge(void **state)
{
    (void)state;
    struct random g;
    for (int64_t seed = scale_count(500, 50); seed > 0; seed--) {
        struct world world;
        nbl__wrapped merged = {.p = NULL, .w = NULL};
        double p[WORLD_ATOMS][3];
        int32_t w[WORLD_ATOMS][3];
        int64_t order[8];
        random_seed(&g, (uint64_t)seed + 4000);
        world_random(&world, &g, 60);
        check_int(world_wrap(&world), NBL_OK);
        const int64_t n_parts = random_int(&g, 1, 8);
        random_permutation(&g, n_parts, order);
        merged.p = p;
        merged.w = w;
        nbl__wrapped_clear(&merged);
        for (int64_t k = 0; k < n_parts; k++) {
            const int64_t first = world.n * order[k] / n_parts, end = world.n * (order[k] + 1) / n_parts;
            nbl__wrapped part = {.p = p + first, .w = w + first};
            check_int(nbl__wrap(&world.lattice, end - first, (const double(*)[3])(world.r + first), &part, NULL,
                                &world.fault),
                      NBL_OK);
            nbl__wrapped_merge(&merged, &part);
        }
        assert_ptr_equal(merged.p, p);
        assert_ptr_equal(merged.w, w);
        assert_memory_equal(p, world.p, (size_t)world.n * sizeof *p);
        assert_memory_equal(w, world.w, (size_t)world.n * sizeof *w);
        check_int(merged.w_max, world.wrapped.w_max);
        for (int a = 0; a < 3; a++) {
            check_bits(merged.steps[a], world.wrapped.steps[a]);
            check_bits(merged.extent[a], world.wrapped.extent[a]);
            assert_true(merged.low[a] == world.wrapped.low[a]);
            assert_true(merged.high[a] == world.wrapped.high[a]);
        }
        check_int(world_close(&world), 0);
    }
}

static void nothing_merged_is_no_atoms(void **state)
{
    (void)state;
    struct world world;
    nbl__wrapped cleared = {.p = NULL};
    world_open(&world);
    world.pbc[1] = 1;
    check_int(world_wrap(&world), NBL_OK);
    memset(&cleared, 0x33, sizeof cleared);
    double(*p)[3] = cleared.p;
    nbl__wrapped_clear(&cleared);
    assert_ptr_equal(cleared.p, p);
    check_int(cleared.w_max, 0);
    for (int a = 0; a < 3; a++) {
        check_bits(cleared.low[a], world.wrapped.low[a]);
        check_bits(cleared.high[a], world.wrapped.high[a]);
        check_bits(cleared.steps[a], 0.0);
        check_bits(cleared.extent[a], 0.0);
    }
    nbl__wrapped_merge(&cleared, &world.wrapped);
    check_bits(cleared.low[0], HUGE_VAL);
    check_int(world_close(&world), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_atoms_come_into_the_cell),
        cmocka_unit_test(the_error_bound_holds),
        cmocka_unit_test(open_systems_are_left_as_they_are),
        cmocka_unit_test(open_coordinates_keep_their_digits),
        cmocka_unit_test(faces_edges_and_corners_belong_to_one_cell),
        cmocka_unit_test(a_hair_below_a_face),
        cmocka_unit_test(two_to_the_thirty_cells_are_the_limit),
        cmocka_unit_test(a_long_way_through_a_skewed_cell),
        cmocka_unit_test(the_reduced_cell_may_be_far_away),
        cmocka_unit_test(far_along_an_open_axis_is_not_far),
        cmocka_unit_test(no_atoms),
        cmocka_unit_test(bounds_of_parts_merge),
        cmocka_unit_test(nothing_merged_is_no_atoms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
