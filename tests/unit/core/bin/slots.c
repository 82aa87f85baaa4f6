/* SPDX-License-Identifier: MIT */
#include "bin/slots.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "scale.h"
#include "world.h"

/* An image that has to be there: worked out from the bins alone, by trying every translation. */
struct expected {
    nbl__image image;
    double p[3];
    int64_t bin;
};

static int compare_expected(const void *a, const void *b)
{
    const nbl__image *x = &((const struct expected *)a)->image, *y = &((const struct expected *)b)->image;
    if (x->atom != y->atom)
        return x->atom < y->atom ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->shift[k] != y->shift[k])
            return x->shift[k] < y->shift[k] ? -1 : 1;
    return 0;
}

static struct expected make_expected(const struct world *world, int64_t i, const int m[3], int64_t bin)
{
    const nbl__lattice *lattice = &world->lattice;
    struct expected e = {.bin = bin};
    e.image.atom = (int32_t)i;
    for (int b = 0; b < 3; b++) {
        int64_t shift = -(int64_t)world->w[i][b];
        e.p[b] = world->p[i][b];
        for (int a = 0; a < 3; a++) {
            shift += m[a] * lattice->m[a][b];
            e.p[b] += lattice->pbc[a] ? m[a] * lattice->r[a][b] : 0.0;
        }
        e.image.shift[b] = (int32_t)shift;
    }
    return e;
}

static int64_t expect_images(const struct world *world, struct expected **out)
{
    int64_t count = 0, room = 0;
    int most[3];
    *out = NULL;
    for (int a = 0; a < 3; a++)
        most[a] = world->lattice.pbc[a] ? world->grid.reach[a] / world->grid.n[a] + 2 : 0;
    for (int64_t i = 0; i < world->n; i++)
        for (int m0 = -most[0]; m0 <= most[0]; m0++)
            for (int m1 = -most[1]; m1 <= most[1]; m1++)
                for (int m2 = -most[2]; m2 <= most[2]; m2++) {
                    const int m[3] = {m0, m1, m2};
                    int64_t bin = world_padded_bin(world, i, m);
                    if (bin < 0)
                        continue;
                    if (count == room) {
                        room = 2 * room + 1024;
                        *out = realloc(*out, (size_t)room * sizeof **out);
                        assert_non_null(*out);
                    }
                    (*out)[count++] = make_expected(world, i, m, bin);
                }
    qsort(*out, (size_t)count, sizeof **out, compare_expected);
    return count;
}

/* Whole steps, modulo 2^32, as near as told. */
static void check_steps(uint32_t steps, double p, double step, double error)
{
    const double exact = p / step, whole = rint(exact);
    assert_true(fabs(whole) <= 0x1p48);
    const double off = (double)(int32_t)(steps - (uint32_t)(int64_t)whole) + (whole - exact);
    assert_true(fabs(off) <= nbl__slots_rounding + error / step);
}

/* A vector that begins at the last slot: what is there does not matter, but it can be read. */
static void check_overrun(const nbl__slots *slots)
{
    volatile double sum = 0.0;
    for (int64_t k = slots->n; k < slots->n + NBL__SLOTS_OVERRUN; k++)
        sum = sum + (slots->x[k] + slots->y[k] + slots->z[k]);
}

/*
 * Every image of every atom within reach once, in the bin that it belongs to; keys are its place in the order
 * of atom and shift, and ascend within a bin.
 */
static void check_slots(const struct world *world, uint64_t seed)
{
    const nbl__slots *slots = &world->slots;
    struct expected *expected;
    int64_t n = expect_images(world, &expected);
    if (slots->n != n)
        fail_msg("seed %llu: %lld images, expected %lld", (unsigned long long)seed, (long long)slots->n,
                 (long long)n);
    bool *seen = calloc((size_t)n, sizeof *seen);
    assert_non_null(seen);
    check_int(slots->start[0], 0);
    check_int(slots->start[world->grid.n_padded], n);
    for (int64_t b = 0; b < world->grid.n_padded; b++) {
        assert_true(slots->start[b] <= slots->start[b + 1]);
        for (uint32_t slot = slots->start[b]; slot < slots->start[b + 1]; slot++) {
            const uint32_t key = slots->key[slot];
            assert_true(key < n && !seen[key]);
            assert_true(slot == slots->start[b] || slots->key[slot - 1] < key);
            seen[key] = true;
            check_int(expected[key].bin, b);
            assert_memory_equal(&slots->images[slot], &expected[key].image, sizeof(nbl__image));
            const uint32_t steps[3] = {slots->x[slot], slots->y[slot], slots->z[slot]};
            for (int k = 0; k < 3; k++)
                check_steps(steps[k], expected[key].p[k] - slots->corner[k], slots->step,
                            1e-13 * (fabs(expected[key].p[k]) + 100.0));
        }
    }
    check_overrun(slots);
    free(seen);
    free(expected);
}

static void all_images_of_random_systems(void **state)
{
    (void)state;
    int64_t n = scale_count(1500, 100);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        random_seed(&g, seed);
        world_random(&world, &g, random_chance(&g, 10) ? 200 : 12);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, fmin(world.rc, 4.0)), NBL_OK);
        check_slots(&world, seed);
        check_int(world_close(&world), 0);
    }
}

/* Places a crowd of more atoms than a world has, in a cell of its own kind. */
enum { CROWD = 20000 };

struct crowd {
    double r[CROWD][3], p[CROWD][3];
    int32_t w[CROWD][3];
    nbl__lattice lattice;
    nbl__wrapped wrapped;
    nbl__grid grid;
};

static void open_crowd(struct crowd *crowd, struct random *g, int64_t n, int kind, nbl__memory *memory)
{
    static double cells[4][3][3] = {{{9, 0, 0}, {0, 30, 0}, {0, 0, 17}},
                                    {{12, 0, 0}, {29, 11, 0}, {-17, 40, 10}},
                                    {{5, 0, 0}, {0, 5, 0}, {0, 0, 5}},
                                    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    const uint8_t flags[4][3] = {{1, 1, 1}, {1, 1, 1}, {1, 0, 1}, {0, 0, 0}};
    const double width[3] = {1.0, 1.0, 0.5};
    nbl__fault fault;
    memset(&crowd->grid, 0, sizeof crowd->grid);
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            crowd->r[i][k] = random_range(g, -40.0, 40.0);
    crowd->wrapped.p = crowd->p;
    crowd->wrapped.w = crowd->w;
    check_int(nbl__lattice_init(&crowd->lattice, cells[kind], flags[kind], &fault), NBL_OK);
    check_int(nbl__wrap(&crowd->lattice, n, (const double(*)[3])crowd->r, &crowd->wrapped, NULL, &fault),
              NBL_OK);
    check_int(nbl__grid_init(&crowd->grid, &crowd->lattice, &crowd->wrapped, n, 2.0, width, 8.0 * CROWD, memory,
                             &fault),
              NBL_OK);
}

static void check_same(const nbl__slots *a, const nbl__slots *b, const nbl__grid *grid)
{
    check_int(a->n, b->n);
    check_int(a->fullest, b->fullest);
    const size_t n = (size_t)a->n;
    assert_memory_equal(a->x, b->x, n * sizeof *a->x);
    assert_memory_equal(a->y, b->y, n * sizeof *a->y);
    assert_memory_equal(a->z, b->z, n * sizeof *a->z);
    assert_memory_equal(a->key, b->key, n * sizeof *a->key);
    assert_memory_equal(a->images, b->images, n * sizeof *a->images);
    assert_memory_equal(a->start, b->start, ((size_t)grid->n_padded + 1) * sizeof *a->start);
}

/* The same arrays, byte for byte, and no allocation the second time. */
static void threads_change_no_byte(void **state)
{
    (void)state;
    static struct crowd crowd;
    struct random g;
    random_seed(&g, 4);
    const int64_t sizes[] = {1, 7, 700, 4097, CROWD};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < 4; kind++) {
            struct unit_memory m;
            nbl__slots one, many;
            nbl__fault fault;
            const int64_t n = sizes[s];
            unit_memory_open(&m);
            memset(&one, 0, sizeof one);
            memset(&many, 0, sizeof many);
            open_crowd(&crowd, &g, n, kind, &m.memory);
            check_int(nbl__slots_init(&one, &crowd.grid, &crowd.lattice, &crowd.wrapped, n, 2.0, NULL, 1,
                                      &m.memory, &fault),
                      NBL_OK);
            for (int n_threads = 1; n_threads <= 9; n_threads += n_threads < 4 ? 1 : 5)
                for (int round = 0; round < 2; round++) {
                    count_alloc_arm(&m.counter, 0, 0);
                    check_int(nbl__slots_init(&many, &crowd.grid, &crowd.lattice, &crowd.wrapped, n, 2.0, NULL,
                                              n_threads, &m.memory, &fault),
                              NBL_OK);
                    check_same(&one, &many, &crowd.grid);
                    assert_true(round == 0 || unit_memory_calls(&m) == 0);
                }
            nbl__slots_free(&one, &m.memory);
            nbl__slots_free(&many, &m.memory);
            nbl__grid_free(&crowd.grid, &m.memory);
            check_int(unit_memory_leaks(&m), 0);
        }
}

static void the_fullest_bin_is_known(void **state)
{
    (void)state;
    struct random g;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct world world;
        random_seed(&g, seed + 50);
        world_random(&world, &g, 200);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, fmin(world.rc, 4.0)), NBL_OK);
        uint32_t fullest = 0;
        for (int64_t b = 0; b < world.grid.n_padded; b++) {
            const uint32_t in_bin = world.slots.start[b + 1] - world.slots.start[b];
            fullest = in_bin > fullest ? in_bin : fullest;
        }
        check_int(world.slots.fullest, fullest);
        check_int(world_close(&world), 0);
    }
}

/* The same handle for systems of all sizes: nothing may be left over from the one before. */
static void memory_is_used_again(void **state)
{
    (void)state;
    struct random g;
    struct world world, *used = &world;
    random_seed(&g, 8);
    world_open(used);
    for (int round = 0; round < 60; round++) {
        struct world fresh;
        world_random(&fresh, &g, 60);
        world_copy(used, &fresh);
        check_int(world_close(&fresh), 0);
        check_int(world_wrap(used), NBL_OK);
        check_int(world_bin(used, 2.0), NBL_OK);
        check_slots(used, (uint64_t)round);
        count_alloc_arm(&used->memory.counter, 1, 1);
        check_int(world_bin(used, 2.0), NBL_OK);
        check_int(unit_memory_calls(&used->memory), 0);
        count_alloc_arm(&used->memory.counter, 0, 0);
        check_slots(used, (uint64_t)round);
    }
    check_int(world_close(used), 0);
}

static void one_atom_in_a_tiny_cell(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 1;
    world.pbc[0] = 1;
    world.h[0][0] = 1e-4;
    world.r[0][0] = 12345.6;
    check_int(world_wrap(&world), NBL_OK);
    check_int(world_bin(&world, 5.0), NBL_OK);
    assert_true(world.slots.n >= 100001);
    check_slots(&world, 0);
    check_int(world_close(&world), 0);
}

static void open_systems_have_no_images(void **state)
{
    (void)state;
    struct random g;
    struct world world;
    random_seed(&g, 2);
    world_open(&world);
    world.n = WORLD_ATOMS;
    for (int64_t i = 0; i < world.n; i++)
        for (int k = 0; k < 3; k++)
            world.r[i][k] = random_range(&g, -20.0, 20.0);
    check_int(world_wrap(&world), NBL_OK);
    check_int(world_bin(&world, 3.0), NBL_OK);
    check_int(world.slots.n, world.n);
    check_slots(&world, 0);
    /* Memory as the sizes in slots.h say, and the overrun, no more. */
    const size_t n = (size_t)world.n, padded = (size_t)world.grid.n_padded;
    check_int(world.slots.slot_memory.bytes, (n + NBL__SLOTS_OVERRUN) * 3 * sizeof(uint32_t));
    check_int(world.slots.key_memory.bytes, (n + NBL__SLOTS_OVERRUN) * sizeof(uint32_t));
    check_int(world.slots.image_memory.bytes, n * sizeof(nbl__image));
    check_int(world.slots.start_memory.bytes, (padded + 2) * sizeof(uint32_t));
    check_int(world_close(&world), 0);
}

/* Along open axes, a place far from the origin costs no step. */
static void steps_do_not_depend_on_the_place(void **state)
{
    (void)state;
    for (int pbc = 0; pbc < 8; pbc++) {
        double steps[2];
        for (int far = 0; far < 2; far++) {
            struct random g;
            struct world world;
            random_seed(&g, 12);
            world_open(&world);
            world.n = 200;
            for (int a = 0; a < 3; a++) {
                world.pbc[a] = pbc >> a & 1;
                world.h[a][a] = world.pbc[a] ? 20.0 : 0.0;
            }
            for (int64_t i = 0; i < world.n; i++)
                for (int k = 0; k < 3; k++)
                    world.r[i][k] = random_range(&g, 0.0, 20.0) + (far && !world.pbc[k] ? 1e13 : 0.0);
            check_int(world_wrap(&world), NBL_OK);
            check_int(world_bin(&world, 3.0), NBL_OK);
            check_slots(&world, (uint64_t)pbc);
            steps[far] = world.slots.step;
            check_int(world_close(&world), 0);
        }
        assert_true(steps[1] <= steps[0] * 1.01);
    }
}

/* More images than 32-bit numbers: refused before anything of their size is asked for. */
static void too_many_images_are_refused(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.n = 100;
    for (int a = 0; a < 3; a++)
        world.pbc[a] = 1;
    check_int(world_wrap(&world), NBL_OK);
    check_int(world_bin(&world, 300.0), NBL_ENOMEM);
    check_int(world.fault.what, NBL__FAULT_BYTES);
    const double cells = pow(2.0 * world.grid.reach[0] + 1.0, 3.0);
    assert_true(cells * 100.0 > 0x1p32);
    assert_true((double)world.fault.need >= cells * 100.0 * (3 * sizeof(uint32_t) + sizeof(nbl__image)));
    check_int(world.slots.slot_memory.bytes, 0);
    check_int(world_close(&world), 0);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    struct random g;
    long long calls = 1;
    for (long long nth = 1; nth <= calls; nth++) {
        struct world world;
        random_seed(&g, 3);
        world_random(&world, &g, 100);
        check_int(world_wrap(&world), NBL_OK);
        count_alloc_arm(&world.memory.counter, 0, 0);
        check_int(world_bin(&world, 2.0), NBL_OK);
        calls = unit_memory_calls(&world.memory);
        assert_true(calls >= 6);
        nbl__grid_free(&world.grid, &world.memory.memory);
        nbl__slots_free(&world.slots, &world.memory.memory);
        count_alloc_arm(&world.memory.counter, nth, 1);
        check_int(world_bin(&world, 2.0), NBL_ENOMEM);
        check_int(world.fault.what, NBL__FAULT_BYTES);
        count_alloc_arm(&world.memory.counter, 0, 0);
        check_int(world_bin(&world, 2.0), NBL_OK);
        check_slots(&world, 3);
        check_int(world_close(&world), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_images_of_random_systems),
        cmocka_unit_test(threads_change_no_byte),
        cmocka_unit_test(the_fullest_bin_is_known),
        cmocka_unit_test(memory_is_used_again),
        cmocka_unit_test(one_atom_in_a_tiny_cell),
        cmocka_unit_test(open_systems_have_no_images),
        cmocka_unit_test(steps_do_not_depend_on_the_place),
        cmocka_unit_test(too_many_images_are_refused),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
