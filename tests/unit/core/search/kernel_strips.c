/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "guard.h"
#include "isa.h"
#include "scale.h"
#include "world.h"

/* What a build does with many atoms, by every instruction set that has vectors for it: the bytes of plain C, in
 * arrays that end at an unreadable page. */
enum { MOST = 400 };

struct crowd {
    int64_t n;
    nbl__lattice lattice;
    double (*r)[3];
    nbl__wrapped plain, strips;
    struct guard guards[5];
};

/* Where atoms lie: `outside` of thirty are not in the cell, and `far` of thirty of these are many cells away.
 */
static void draw_atoms(struct crowd *c, struct random *g, const double h[3][3], const uint8_t pbc[3],
                       int outside, int far)
{
    for (int64_t i = 0; i < c->n; i++) {
        for (int k = 0; k < 3; k++)
            c->r[i][k] = 0.0;
        for (int a = 0; a < 3; a++) {
            double f = random_chance(g, 30) ? (random_chance(g, 2) ? 0.0 : -0.0) : random_unit(g);
            if (random_int(g, 0, 29) < outside)
                f = random_int(g, 0, 29) < far ? random_log(g, 1e5, 3e9) * (random_chance(g, 2) ? 1.0 : -1.0)
                    : random_chance(g, 3)      ? 1.0
                    : random_chance(g, 3)      ? -4e-52
                                               : f + (double)random_int(g, -3, 3);
            for (int k = 0; k < 3; k++)
                c->r[i][k] += pbc[a] ? f * h[a][k] : a == k ? random_range(g, -50.0, 50.0) : 0.0;
        }
        if (random_chance(g, 10))
            c->r[i][random_int(g, 0, 2)] = -0.0;
    }
}

static void open_crowd(struct crowd *c, struct random *g)
{
    double h[3][3];
    uint8_t pbc[3];
    nbl__fault fault;
    do {
        for (int a = 0; a < 3; a++)
            pbc[a] = (uint8_t)!random_chance(g, 4);
        world_random_cell(g, (const uint8_t *)pbc, h);
    } while (nbl__lattice_init(&c->lattice, h, pbc, &fault) != NBL_OK);
    c->n = random_chance(g, 3) ? random_int(g, 0, 20) : random_int(g, 0, MOST);
    const size_t n = (size_t)c->n;
    c->r = guard_take(&c->guards[0], n * sizeof *c->r);
    c->plain.p = guard_take(&c->guards[1], n * sizeof *c->r);
    c->plain.w = guard_take(&c->guards[2], n * sizeof *c->plain.w);
    c->strips.p = guard_take(&c->guards[3], n * sizeof *c->r);
    c->strips.w = guard_take(&c->guards[4], n * sizeof *c->strips.w);
    draw_atoms(c, g, (const double(*)[3])h, pbc, random_chance(g, 3) ? 0 : (int)random_int(g, 0, 30),
               random_chance(g, 4) ? (int)random_int(g, 1, 5) : 0);
}

/* Counts the atoms that several at a time are enough for. */
static int64_t n_several;
static nbl__wrap_several counted;

static int64_t count_several(const nbl__cell_box *box, int64_t first, int64_t end, const double (*r)[3],
                             nbl__wrapped *wrapped)
{
    const int64_t left = counted(box, first, end, r, wrapped);
    assert_true(left >= first && left <= end);
    n_several += left - first;
    return left;
}

/* False: an atom is too far away, which both say. */
static bool check_wrap(struct crowd *c, nbl__wrap_several several)
{
    nbl__fault of_plain, of_strips;
    const double(*r)[3] = (const double(*)[3])c->r;
    const nbl_status status = nbl__wrap(&c->lattice, c->n, r, &c->plain, NULL, &of_plain);
    counted = several;
    check_int(nbl__wrap(&c->lattice, c->n, r, &c->strips, several ? count_several : NULL, &of_strips), status);
    if (status != NBL_OK) {
        check_int(status, NBL_ESHIFT);
        assert_true(of_plain.a == of_strips.a && of_plain.k == of_strips.k &&
                    of_plain.value == of_strips.value);
        return false;
    }
    assert_memory_equal(c->plain.p, c->strips.p, (size_t)c->n * sizeof *c->plain.p);
    assert_memory_equal(c->plain.w, c->strips.w, (size_t)c->n * sizeof *c->plain.w);
    check_int(c->plain.w_max, c->strips.w_max);
    for (int a = 0; a < 3; a++) {
        assert_true(c->plain.steps[a] == c->strips.steps[a] && c->plain.extent[a] == c->strips.extent[a]);
        assert_true(c->plain.low[a] == c->strips.low[a] && c->plain.high[a] == c->strips.high[a]);
    }
    return true;
}

static void close_crowd(struct crowd *c)
{
    for (int k = 0; k < 5; k++) {
        assert_true(guard_front_untouched(&c->guards[k]));
        guard_free(&c->guards[k]);
    }
}

static void several_atoms_are_wrapped_as_one(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct random g;
        int64_t n = 0, n_failed = 0;
        n_several = 0;
        random_seed(&g, 81);
        for (int64_t trial = scale_count(4000, 400); kernels->strips.wrap && trial > 0; trial--) {
            struct crowd c;
            memset(&c, 0, sizeof c);
            open_crowd(&c, &g);
            n_failed += !check_wrap(&c, kernels->strips.wrap);
            n += c.n;
            close_crowd(&c);
        }
        assert_true(n == 0 || (n_several >= n / 2 && n_several < n && n_failed > 10));
    }
}

/* Bins of any width, of which an axis may have fewer than it reaches: then spots have no kind. */
static void check_spots(struct crowd *c, struct random *g, nbl__spot spot)
{
    struct unit_memory m;
    nbl__grid grid;
    nbl__guests plain, strips;
    nbl__guest_memory of_plain = {0}, of_strips = {0};
    nbl__fault fault;
    double width[3];
    const double distance = random_log(g, 0.2, 8.0);
    for (int a = 0; a < 3; a++)
        width[a] = distance * random_log(g, 0.2, 3.0);
    memset(&grid, 0, sizeof grid);
    unit_memory_open(&m);
    check_int(nbl__grid_init(&grid, &c->lattice, &c->strips, c->n, distance, width, 20000.0, &m.memory, &fault),
              NBL_OK);
    check_int(
        nbl__guests_count(&plain, &grid, &c->lattice, &c->strips, c->n, NULL, &of_plain, 1, &m.memory, &fault),
        NBL_OK);
    check_int(nbl__guests_count(&strips, &grid, &c->lattice, &c->strips, c->n, spot, &of_strips, 1, &m.memory,
                                &fault),
              NBL_OK);
    assert_true(plain.n == strips.n);
    assert_memory_equal(plain.spots, strips.spots, (size_t)c->n * sizeof *plain.spots);
    nbl__guests_free(&of_plain, &m.memory);
    nbl__guests_free(&of_strips, &m.memory);
    nbl__grid_free(&grid, &m.memory);
    check_int(unit_memory_leaks(&m), 0);
}

static void spots_are_those_of_plain_c(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        struct random g;
        random_seed(&g, 82);
        for (int64_t trial = scale_count(3000, 300); kernels->strips.spot && trial > 0; trial--) {
            struct crowd c;
            memset(&c, 0, sizeof c);
            open_crowd(&c, &g);
            if (check_wrap(&c, NULL) && c.n > 0)
                check_spots(&c, &g, kernels->strips.spot);
            close_crowd(&c);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_atoms_are_wrapped_as_one),
        cmocka_unit_test(spots_are_those_of_plain_c),
    };
    return cmocka_run_group_tests_name("search/kernel_strips", tests, NULL, NULL);
}
