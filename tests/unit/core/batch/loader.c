/* SPDX-License-Identifier: MIT */
#include "batch/loader.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "counted.h"
#include "random.h"
#include "scale.h"

enum { SYSTEMS = 700, MOST = 20 };

struct setting {
    nbl__input input;
    nbl__fault fault;
    int64_t first[SYSTEMS + 1];
    double cutoffs[SYSTEMS];
    double r[SYSTEMS * MOST][3];
    double cell[3][3];
    uint8_t pbc[SYSTEMS][3];
};

/* Systems of a few atoms, some of none, mostly open, of one cutoff or several, few of which may be refused. */
static void draw(struct setting *t, struct random *g)
{
    const bool is_right = random_chance(g, 3);
    t->input = (nbl__input){.n_systems = random_int(g, 0, SYSTEMS),
                            .first = t->first,
                            .positions = t->r,
                            .positions_dtype = NBL_FLOAT64,
                            .cutoffs = t->cutoffs,
                            .algorithm = (int32_t)random_int(g, 0, 2),
                            .all_or_nothing = random_chance(g, 10),
                            .n_threads = (int)random_int(g, 1, 3),
                            .least_pieces = 1};
    if (random_chance(g, 2)) {
        const bool is_open = random_chance(g, 2);
        t->input.pbc = t->pbc[0];
        t->input.n_pbc = random_chance(g, 2) ? 1 : t->input.n_systems;
        t->input.cells = t->cell;
        t->input.n_cells = 1;
        t->input.cell_dtype = NBL_FLOAT64;
        for (int k = 0; k < 3; k++) {
            t->cell[k][k] = 20.0;
            for (int64_t s = 0; s < t->input.n_pbc; s++)
                t->pbc[s][k] = !is_open && random_chance(g, 4);
        }
    }
    t->input.n_cutoffs = random_chance(g, 2) ? 1 : t->input.n_systems;
    for (int64_t s = 0; s < t->input.n_systems; s++) {
        t->first[s + 1] = t->first[s] + random_int(g, 0, MOST);
        t->cutoffs[s] = !is_right && random_chance(g, 200) ? (random_chance(g, 2) ? 0.0 : NAN)
                        : random_chance(g, 4)              ? 1.0
                                                           : 2.0;
    }
    t->input.n_atoms = t->first[t->input.n_systems];
    for (int64_t i = 0; i < t->input.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            t->r[i][k] = !is_right && random_chance(g, 4000) ? NAN : random_range(g, -9.0, 9.0);
}

static void check_same_members(const nbl__set *a, const nbl__set *b)
{
    for (int64_t s = 0; s < a->n_systems; s++) {
        const nbl__member *x = &a->members[s], *y = &b->members[s];
        check_bits(x->cutoff, y->cutoff);
        check_int(x->status, y->status);
        if (x->status != NBL_OK)
            check_int(x->bad, y->bad);
        check_int(x->path, y->path);
        check_int(x->grid, y->grid);
        check_int(x->lattice, y->lattice);
    }
}

static void check_same(const nbl__set *a, const nbl__set *b)
{
    check_int(a->built, b->built);
    check_int(a->n_systems, b->n_systems);
    check_int(a->n_failed, b->n_failed);
    assert_memory_equal(a->first, b->first, ((size_t)a->n_systems + 1) * sizeof *a->first);
    check_same_members(a, b);
    for (int64_t s = 0; s < a->n_systems; s++)
        if (a->members[s].status == NBL_OK && nbl__set_atoms(a, s) > 0)
            assert_memory_equal(a->r[a->first[s]], b->r[b->first[s]],
                                (size_t)nbl__set_atoms(a, s) * sizeof *a->r);
    if (a->built)
        check_int(a->n_chunks, b->n_chunks);
    for (int64_t k = 0; k <= a->n_chunks && a->built; k++)
        check_int(a->chunks[k], b->chunks[k]);
}

/* Members are passed over where they are as the last batch has left them. */
static void nothing_is_left_of_the_last_batch(void **state)
{
    (void)state;
    static struct setting t;
    struct unit_memory of_used, of_fresh;
    nbl__set used = {.built = false};
    struct random g;
    int64_t n_refused = 0, n_right = 0;
    random_seed(&g, 35);
    unit_memory_open(&of_used);
    for (int64_t trial = scale_count(400, 100); trial > 0; trial--) {
        nbl__set fresh = {.built = false};
        nbl__refusal refusal, expected;
        unit_memory_open(&of_fresh);
        draw(&t, &g);
        check_int(nbl__set_build(&used, &t.input, &of_used.memory, &refusal, &t.fault), NBL_OK);
        t.input.n_threads = 1;
        check_int(nbl__set_build(&fresh, &t.input, &of_fresh.memory, &expected, &t.fault), NBL_OK);
        check_int(refusal.system, expected.system);
        if (refusal.system >= 0) {
            check_int(refusal.status, expected.status);
            check_int(refusal.fault.a, expected.fault.a);
        }
        check_same(&used, &fresh);
        n_refused += fresh.n_failed;
        n_right += fresh.n_failed == 0;
        nbl__set_free(&fresh, &of_fresh.memory);
        check_int(unit_memory_leaks(&of_fresh), 0);
    }
    assert_true(n_refused > 0 && n_right > 0);
    nbl__set_free(&used, &of_used.memory);
    check_int(unit_memory_leaks(&of_used), 0);
}

/* Arrays of one entry serve all systems; flags follow the cell where none are given; positions any stride. */
static void where_the_input_of_a_system_lies(void **state)
{
    (void)state;
    const double cells[3][9] = {{1}, {2}, {3}};
    const float narrow[3][9] = {{1}, {2}, {3}};
    const uint8_t has[3] = {1, 0, 7}, flags[3][3] = {{1, 0, 9}, {0, 0, 0}, {2, 2, 0}};
    const char positions[200] = "";
    for (int one = 0; one < 2; one++)
        for (int64_t s = 0; s < 3; s++) {
            const int64_t at = one ? 0 : s;
            nbl__input input = {.n_systems = 3, .n_cells = one ? 1 : 3, .n_pbc = one ? 1 : 3};
            uint8_t pbc[3];
            input.cell_dtype = NBL_FLOAT64;
            assert_null(nbl__input_cell(&input, s));
            nbl__input_pbc(&input, s, pbc);
            assert_true(pbc[0] == 0 && pbc[1] == 0 && pbc[2] == 0);
            input.cells = cells;
            assert_ptr_equal(nbl__input_cell(&input, s), cells[at]);
            nbl__input_pbc(&input, s, pbc);
            assert_true(pbc[0] && pbc[1] && pbc[2]);
            input.cells = narrow;
            input.cell_dtype = NBL_FLOAT32;
            assert_ptr_equal(nbl__input_cell(&input, s), narrow[at]);
            input.has_cell = has;
            assert_ptr_equal(nbl__input_cell(&input, s), has[at] ? narrow[at] : NULL);
            nbl__input_pbc(&input, s, pbc);
            assert_true(!pbc[0] == !has[at] && !pbc[2] == !has[at]);
            input.pbc = flags[0];
            nbl__input_pbc(&input, s, pbc);
            for (int a = 0; a < 3; a++)
                check_int(!pbc[a], !flags[at][a]);
        }
    nbl__input input = {.positions = positions, .positions_dtype = NBL_FLOAT64};
    assert_ptr_equal(nbl__input_positions(&input, 3), positions + 72);
    input.positions_dtype = NBL_FLOAT32;
    assert_ptr_equal(nbl__input_positions(&input, 3), positions + 36);
    input.positions_stride = 41;
    assert_ptr_equal(nbl__input_positions(&input, 3), positions + 123);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_left_of_the_last_batch),
                                       cmocka_unit_test(where_the_input_of_a_system_lies)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
