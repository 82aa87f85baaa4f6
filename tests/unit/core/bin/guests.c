/* SPDX-License-Identifier: MIT */
#include "bin/guests.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "scale.h"
#include "world.h"

/* Images of all atoms that lie in padded bins, by trying every translation. */
static int64_t count_by_hand(const struct world *world)
{
    int64_t count = 0;
    int most[3], m[3];
    for (int a = 0; a < 3; a++)
        most[a] = world->lattice.pbc[a] ? world->grid.reach[a] / world->grid.n[a] + 2 : 0;
    for (int64_t i = 0; i < world->n; i++)
        for (m[0] = -most[0]; m[0] <= most[0]; m[0]++)
            for (m[1] = -most[1]; m[1] <= most[1]; m[1]++)
                for (m[2] = -most[2]; m[2] <= most[2]; m[2]++)
                    count += world_padded_bin(world, i, m) >= 0;
    return count;
}

/* What an offset says of itself: the shift in the caller's terms, the translation, the way between bins. */
static void check_offset(const struct world *world, const nbl__offset *o)
{
    const nbl__lattice *lattice = &world->lattice;
    int64_t bins = 0;
    for (int b = 0; b < 3; b++) {
        int64_t shift = 0;
        double t = 0.0;
        for (int a = 0; a < 3; a++) {
            shift += (int64_t)o->m[a] * lattice->m[a][b];
            t += o->m[a] * lattice->r[a][b];
        }
        check_int(o->shift[b], shift);
        assert_true(o->t[b] == t);
        bins += (int64_t)o->m[b] * world->grid.n[b] * world->grid.stride[b];
    }
    check_int(o->bins, bins);
}

static int compare(const nbl__guests *guests, const nbl__guest *a, const nbl__guest *b)
{
    const int32_t *x = guests->offsets[a->offset].shift, *y = guests->offsets[b->offset].shift;
    if (a->atom != b->atom)
        return a->atom < b->atom ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x[k] != y[k])
            return x[k] < y[k] ? -1 : 1;
    return 0;
}

/* Each lies where its translation says, and comes after the one before: with their number, these are all. */
static void check_guests(const struct world *world, const nbl__guests *guests, const nbl__guest *out)
{
    for (int64_t o = 0; o < guests->n_offsets; o++)
        check_offset(world, &guests->offsets[o]);
    for (uint64_t k = 0; k < guests->n; k++) {
        assert_true(out[k].atom < world->n && out[k].offset < guests->n_offsets);
        check_int(out[k].bin, world_padded_bin(world, out[k].atom, guests->offsets[out[k].offset].m));
        assert_true(k == 0 || compare(guests, &out[k - 1], &out[k]) < 0);
    }
}

static void all_images_in_their_order(void **state)
{
    (void)state;
    const int64_t n = scale_count(800, 60);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        struct world world;
        nbl__guests guests;
        nbl__guest_memory room = {0};
        random_seed(&g, seed);
        world_random(&world, &g, random_chance(&g, 10) ? 200 : 12);
        check_int(world_wrap(&world), NBL_OK);
        check_int(world_bin(&world, world.rc < 4.0 ? world.rc : 4.0), NBL_OK);
        check_int(nbl__guests_count(&guests, &world.grid, &world.lattice, &world.wrapped, world.n, NULL, &room,
                                    2, &world.memory.memory, &world.fault),
                  NBL_OK);
        check_int((int64_t)guests.n, count_by_hand(&world));
        nbl__guest *out = malloc((size_t)guests.n * sizeof *out + 1);
        assert_non_null(out);
        check_int(nbl__guests_write(&guests, out, 2, &world.memory.memory, &world.fault), NBL_OK);
        check_guests(&world, &guests, out);
        free(out);
        nbl__guests_free(&room, &world.memory.memory);
        check_int(world_close(&world), 0);
    }
}

/* Atoms of many pieces. */
enum { CROWD = 20000 };

static void threads_change_no_byte(void **state)
{
    (void)state;
    static double r[CROWD][3], p[CROWD][3];
    static int32_t w[CROWD][3];
    struct random g;
    struct unit_memory memory;
    nbl__fault fault;
    nbl__lattice lattice;
    nbl__grid grid = {.n_padded = 0};
    nbl__wrapped wrapped = {.p = p, .w = w};
    double h[3][3] = {{9, 0, 0}, {0, 30, 0}, {3, 0, 17}};
    const uint8_t pbc[3] = {1, 1, 1};
    nbl__guest *out[2];
    random_seed(&g, 5);
    unit_memory_open(&memory);
    for (int64_t i = 0; i < CROWD; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = random_range(&g, -10.0, 40.0);
    check_int(nbl__lattice_init(&lattice, h, pbc, &fault), NBL_OK);
    check_int(nbl__wrap(&lattice, CROWD, (const double(*)[3])r, &wrapped, NULL, &fault), NBL_OK);
    check_int(nbl__grid_init(&grid, &lattice, &wrapped, CROWD, 2.0, (const double[3]){1.0, 1.0, 0.5},
                             8.0 * CROWD, &memory.memory, &fault),
              NBL_OK);
    check_int(nbl__guests_pieces(CROWD), 5);
    uint64_t n = 0;
    for (int threads = 1; threads <= 7; threads++) {
        nbl__guests guests;
        nbl__guest_memory room = {0};
        check_int(nbl__guests_count(&guests, &grid, &lattice, &wrapped, CROWD, NULL, &room, threads,
                                    &memory.memory, &fault),
                  NBL_OK);
        n = threads == 1 ? guests.n : n;
        check_int((int64_t)guests.n, (int64_t)n);
        nbl__guest **to = &out[threads > 1];
        *to = malloc((size_t)n * sizeof **to);
        assert_non_null(*to);
        check_int(nbl__guests_write(&guests, *to, threads, &memory.memory, &fault), NBL_OK);
        assert_memory_equal(out[0], *to, (size_t)n * sizeof **to);
        if (threads > 1)
            free(*to);
        nbl__guests_free(&room, &memory.memory);
    }
    free(out[0]);
    nbl__grid_free(&grid, &memory.memory);
    check_int(unit_memory_leaks(&memory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_images_in_their_order),
        cmocka_unit_test(threads_change_no_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
