/* SPDX-License-Identifier: MIT */
#include "batch/set.h"

#include <math.h>
#include <stdlib.h>

#include "batch.h"
#include "check.h"
#include "scale.h"

struct setting {
    struct batch batch;
    struct unit_memory m;
    nbl__set set;
    nbl__refusal refusal;
    nbl__fault fault;
};

static void open_setting(struct setting *t)
{
    memset(&t->set, 0, sizeof t->set);
    memset(&t->fault, 0, sizeof t->fault);
    unit_memory_open(&t->m);
}

static nbl_status build(struct setting *t)
{
    return nbl__set_build(&t->set, &t->batch.input, &t->m.memory, &t->refusal, &t->fault);
}

static void close_setting(struct setting *t)
{
    nbl__set_free(&t->set, &t->m.memory);
    check_int(t->set.built, false);
    check_int(unit_memory_leaks(&t->m), 0);
}

static void check_wrapped(const nbl__wrapped *wrapped, const struct world *world)
{
    const size_t n = (size_t)world->n;
    assert_memory_equal(wrapped->p, world->p, n * sizeof *world->p);
    assert_memory_equal(wrapped->w, world->w, n * sizeof *world->w);
    check_int(wrapped->w_max, world->wrapped.w_max);
    for (int a = 0; a < 3; a++) {
        check_bits(wrapped->extent[a], world->wrapped.extent[a]);
        check_bits(wrapped->steps[a], world->wrapped.steps[a]);
        assert_true(wrapped->low[a] == world->wrapped.low[a] && wrapped->high[a] == world->wrapped.high[a]);
    }
}

static void check_grid(const nbl__binned *binned, const struct world *world)
{
    const nbl__slots *a = &binned->slots, *b = &world->slots;
    const size_t n = (size_t)b->n;
    check_int(binned->grid.n_padded, world->grid.n_padded);
    check_int(a->n, b->n);
    assert_memory_equal(a->x, b->x, n * sizeof *a->x);
    assert_memory_equal(a->y, b->y, n * sizeof *a->y);
    assert_memory_equal(a->z, b->z, n * sizeof *a->z);
    assert_memory_equal(a->key, b->key, n * sizeof *a->key);
    assert_memory_equal(a->images, b->images, n * sizeof *a->images);
    check_int(a->fullest, b->fullest);
    assert_memory_equal(a->start, b->start, ((size_t)world->grid.n_padded + 1) * sizeof *a->start);
}

/* A member is what its layers by hand make of the same world. */
static void check_member(struct setting *t, int64_t s)
{
    struct world *world = &t->batch.at[s];
    const nbl__set *set = &t->set;
    const nbl__member *member = &set->members[s];
    check_int(member->status, NBL_OK);
    check_int(nbl__set_atoms(set, s), world->n);
    if (world->n == 0)
        return;
    check_bits(member->cutoff, world->rc);
    assert_memory_equal(nbl__set_positions(set, s), world->r, (size_t)world->n * sizeof *world->r);
    check_int(world_wrap(world), NBL_OK);
    check_int(member->lattice >= 0, !world_is_open(world));
    if (member->lattice >= 0)
        assert_memory_equal(nbl__set_lattice(set, s)->r, world->lattice.r, sizeof world->lattice.r);
    else
        assert_ptr_equal(nbl__set_lattice(set, s), &nbl__lattice_open);
    world_plan(world, world->rc, t->batch.input.algorithm);
    check_int(member->path, world->plan.path);
    check_bits(member->error, world->plan.error);
    if (member->lattice >= 0 || member->path != NBL__PATH_BLOCK)
        check_wrapped(&set->wrapped[s], world);
    check_int(member->grid >= 0, member->path != NBL__PATH_BLOCK);
    if (member->grid >= 0)
        check_int(set->binned[member->grid].system, s);
    else if (member->lattice >= 0)
        check_bits(member->images,
                   nbl__plan_images(&world->lattice, &world->wrapped, world->n, world->plan.distance));
    if (member->path == NBL__PATH_CELLS) {
        check_int(world_bin(world, world->rc), NBL_OK);
        check_grid(&set->binned[member->grid], world);
    }
}

/* Chunks are stretches of systems that cover every block once; large systems come by falling size. */
static void check_order(const nbl__set *set)
{
    int64_t n_blocks = 0, covered = 0;
    for (int64_t s = 0; s < set->n_systems; s++)
        n_blocks += set->members[s].status == NBL_OK && set->members[s].path == NBL__PATH_BLOCK &&
                    nbl__set_atoms(set, s) > 0;
    for (int64_t k = 0; k < set->n_chunks; k++) {
        assert_true(set->chunks[k] < set->chunks[k + 1]);
        for (int64_t s = set->chunks[k]; s < set->chunks[k + 1]; s++)
            covered += set->members[s].status == NBL_OK && set->members[s].path == NBL__PATH_BLOCK &&
                       nbl__set_atoms(set, s) > 0;
    }
    check_int(covered, n_blocks);
    check_int(set->chunks[set->n_chunks], set->n_systems);
    for (int64_t k = 1; k < set->n_binned; k++) {
        const int64_t a = set->binned[k - 1].system, b = set->binned[k].system;
        assert_true(nbl__set_atoms(set, a) > nbl__set_atoms(set, b) ||
                    (nbl__set_atoms(set, a) == nbl__set_atoms(set, b) && a < b));
    }
}

static void check_set(struct setting *t)
{
    int64_t n_failed = 0;
    check_int(t->set.built, true);
    check_int(t->set.n_systems, t->batch.n_systems);
    check_int(t->set.n_atoms, t->batch.n_atoms);
    assert_memory_equal(t->set.first, t->batch.first, (size_t)(t->batch.n_systems + 1) * sizeof *t->set.first);
    for (int64_t s = 0; s < t->batch.n_systems; s++) {
        if (t->set.members[s].status == NBL_OK)
            check_member(t, s);
        n_failed += t->set.members[s].status != NBL_OK;
    }
    check_int(t->set.n_failed, n_failed);
    check_order(&t->set);
}

/* One set through batches of all kinds, with any number of threads. */
static void members_are_what_their_layers_make(void **state)
{
    (void)state;
    static struct setting t;
    open_setting(&t);
    int64_t n = scale_count(500, 50);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct random g;
        random_seed(&g, seed);
        batch_random(&t.batch, &g, BATCH_SYSTEMS);
        check_int(build(&t), NBL_OK);
        check_int(t.refusal.system, -1);
        check_set(&t);
        batch_close(&t.batch);
    }
    close_setting(&t);
}

/* What may be wrong with a system, and what is then said of it. */
enum wrong { POSITION, RANGE, CELL, SINGULAR, MISSING_CELL, CUTOFF, FAR, WRONGS };

static nbl_status spoil(struct batch *b, int64_t s, enum wrong wrong, int64_t atom)
{
    struct world *world = &b->at[s];
    double *r = b->positions[b->first[s] + atom];
    const int axis = world->pbc[0] ? 0 : world->pbc[1] ? 1 : 2;
    switch (wrong) {
    case POSITION:
        r[2] = NAN;
        return NBL_EPOSITION;
    case RANGE:
        r[1] = -1e101;
        return NBL_ERANGE;
    case CELL:
        b->cells[s][axis][1] = INFINITY;
        return NBL_ECELL;
    case SINGULAR:
        memset(b->cells[s][axis], 0, sizeof b->cells[s][axis]);
        return NBL_ESINGULAR;
    case MISSING_CELL:
        b->has_cell[s] = 0;
        return NBL_ECELL;
    case CUTOFF:
        b->cutoffs[s] = s % 2 ? NAN : 1e-101;
        return NBL_ECUTOFF;
    default:
        for (int k = 0; k < 3; k++)
            r[k] = 3e9 * b->cells[s][axis][k];
        return NBL_ESHIFT;
    }
}

static void check_refusal(const struct setting *t, enum wrong wrong, int64_t atom)
{
    static const enum nbl__fault_what whats[] = {NBL__FAULT_POSITION,  NBL__FAULT_POSITION, NBL__FAULT_CELL,
                                                 NBL__FAULT_CELL_SIZE, NBL__FAULT_NO_CELL,  NBL__FAULT_CUTOFF,
                                                 NBL__FAULT_ATOM};
    check_int(t->refusal.fault.what, whats[wrong]);
    if (wrong == POSITION || wrong == RANGE || wrong == FAR)
        check_int(t->refusal.fault.a, t->batch.first[t->refusal.system] + atom);
    if (wrong == POSITION || wrong == RANGE)
        check_int(t->refusal.fault.k, wrong == POSITION ? 2 : 1);
}

/* The lowest bad system is reported, each has its status, and the rest is built as if they were not there. */
static void bad_systems_are_refused_and_the_others_built(void **state)
{
    (void)state;
    static struct setting t;
    open_setting(&t);
    for (int64_t seed = scale_count(400, 60); seed > 0; seed--) {
        struct random g;
        nbl_status expected[BATCH_SYSTEMS];
        enum wrong lowest_wrong = POSITION;
        int64_t lowest = -1, lowest_atom = 0;
        random_seed(&g, (uint64_t)seed + 1000);
        batch_random(&t.batch, &g, BATCH_SYSTEMS);
        for (int64_t s = t.batch.n_systems - 1; s >= 0; s--) {
            const enum wrong wrong = (enum wrong)random_int(&g, 0, WRONGS - 1);
            const bool needs_cell = wrong != POSITION && wrong != RANGE && wrong != CUTOFF;
            expected[s] = NBL_OK;
            if (t.batch.at[s].n == 0 || !random_chance(&g, 3) || (needs_cell && world_is_open(&t.batch.at[s])))
                continue;
            lowest = s;
            lowest_wrong = wrong;
            lowest_atom = random_int(&g, 0, t.batch.at[s].n - 1);
            expected[s] = spoil(&t.batch, s, wrong, lowest_atom);
        }
        check_int(build(&t), NBL_OK);
        check_int(t.refusal.system, lowest);
        for (int64_t s = 0; s < t.batch.n_systems; s++)
            check_int(t.set.members[s].status, expected[s]);
        if (lowest >= 0) {
            check_int(t.refusal.status, expected[lowest]);
            check_refusal(&t, lowest_wrong, lowest_atom);
        }
        check_set(&t);

        t.batch.input.all_or_nothing = true;
        check_int(build(&t), NBL_OK);
        check_int(t.set.built, lowest < 0);
        check_int(t.refusal.system, lowest);
        batch_close(&t.batch);
    }
    close_setting(&t);
}

/* A set of one, its atoms in random places of a large cell, unless told otherwise. */
enum { LARGE = 40000 };

static void large_input(struct batch *b, double (*r)[3], int64_t n, struct random *g)
{
    struct world world;
    world_open(&world);
    for (int a = 0; a < 3; a++) {
        world.pbc[a] = a != 2;
        world.h[a][a] = 30.0;
    }
    world.h[1][0] = 11.0;
    world.rc = 1.5;
    batch_alone(b, &world);
    check_int(world_close(&world), 0);
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = random_range(g, -70.0, 70.0);
    b->first[1] = b->n_atoms = b->input.n_atoms = n;
    b->input.positions = r;
}

/* Systems of several pieces: loaded in parts, binned by all threads, and the same for every number of them. */
static void large_systems_do_not_depend_on_threads(void **state)
{
    (void)state;
    static struct setting one, many;
    static double r[LARGE][3];
    struct random g;
    random_seed(&g, 31);
    open_setting(&one);
    open_setting(&many);
    for (int64_t n = LARGE; n > 3000; n = n * 2 / 5) {
        large_input(&one.batch, r, n, &g);
        check_int(build(&one), NBL_OK);
        check_int(one.set.built, true);
        const nbl__slots *a = &one.set.binned[0].slots;
        const nbl__wrapped *whole = &one.set.wrapped[0];
        nbl__wrapped again = {.p = test_malloc((size_t)n * sizeof *again.p),
                              .w = test_malloc((size_t)n * sizeof *again.w)};
        check_int(nbl__wrap(nbl__set_lattice(&one.set, 0), n, (const double(*)[3])r, &again, NULL, &one.fault),
                  NBL_OK);
        assert_memory_equal(whole->p, again.p, (size_t)n * sizeof *again.p);
        assert_memory_equal(whole->w, again.w, (size_t)n * sizeof *again.w);
        check_int(whole->w_max, again.w_max);
        for (int k = 0; k < 3; k++) {
            assert_true(whole->low[k] == again.low[k] && whole->high[k] == again.high[k]);
            assert_true(whole->steps[k] == again.steps[k] && whole->extent[k] == again.extent[k]);
        }
        test_free(again.p);
        test_free(again.w);
        many.batch.input = one.batch.input;
        for (int n_threads = 2; n_threads <= 5; n_threads++) {
            many.batch.input.n_threads = n_threads;
            check_int(build(&many), NBL_OK);
            const nbl__slots *b = &many.set.binned[0].slots;
            check_int(b->n, a->n);
            assert_memory_equal(b->x, a->x, (size_t)a->n * sizeof *a->x);
            assert_memory_equal(b->y, a->y, (size_t)a->n * sizeof *a->y);
            assert_memory_equal(b->z, a->z, (size_t)a->n * sizeof *a->z);
            assert_memory_equal(b->key, a->key, (size_t)a->n * sizeof *a->key);
            assert_memory_equal(b->images, a->images, (size_t)a->n * sizeof *a->images);
            assert_memory_equal(many.set.r, one.set.r, (size_t)n * sizeof *r);
        }
        batch_close(&one.batch);
    }
    close_setting(&one);
    close_setting(&many);
}

/* Several bad atoms in different pieces: the lowest speaks, in the refusal and in the status alike. */
static void the_lowest_atom_of_a_large_system_speaks(void **state)
{
    (void)state;
    static struct setting t;
    static double r[LARGE][3];
    struct random g;
    random_seed(&g, 32);
    open_setting(&t);
    for (int64_t trial = scale_count(60, 12); trial > 0; trial--) {
        const int64_t n = random_int(&g, 9000, LARGE);
        large_input(&t.batch, r, n, &g);
        t.batch.input.n_threads = (int)random_int(&g, 1, 4);
        int64_t lowest = n;
        nbl_status expected = NBL_OK;
        for (int64_t k = random_int(&g, 1, 5); k > 0; k--) {
            const int64_t atom = random_int(&g, 0, n - 1);
            const int kind = (int)random_int(&g, 0, 2);
            r[atom][0] = kind == 0 ? NAN : kind == 1 ? 1e101 : 1e15;
            if (atom / 4096 < lowest / 4096 || lowest == n) {
                lowest = atom;
                expected = kind == 0 ? NBL_EPOSITION : kind == 1 ? NBL_ERANGE : NBL_ESHIFT;
            } else if (atom / 4096 == lowest / 4096) {
                r[atom][0] = 0.0; /* one in each piece: which check comes first inside is not at issue */
            }
        }
        r[lowest][0] = expected == NBL_EPOSITION ? NAN : expected == NBL_ERANGE ? 1e101 : 1e15;
        check_int(build(&t), NBL_OK);
        check_int(t.refusal.system, 0);
        check_int(t.refusal.fault.a, lowest);
        check_int(t.refusal.status, expected);
        check_int(t.set.members[0].status, expected);
        check_int(t.set.n_failed, 1);
        batch_close(&t.batch);
    }
    close_setting(&t);
}

/* Thousands of small systems: several pieces to load, many chunks. */
static void many_small_systems(void **state)
{
    (void)state;
    enum { MANY = 6000 };
    static struct setting t, other;
    static double r[3 * MANY][3];
    static int64_t first[MANY + 1];
    const double cutoff = 2.0;
    struct random g;
    random_seed(&g, 33);
    open_setting(&t);
    open_setting(&other);
    first[0] = 0;
    for (int64_t s = 0; s < MANY; s++)
        first[s + 1] = first[s] + (s == 4321 ? 2 : random_int(&g, 0, 3));
    for (int64_t i = 0; i < first[MANY]; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = random_range(&g, 0.0, 3.0);
    r[first[4321] + 1][1] = INFINITY;
    t.batch.input = (nbl__input){.n_systems = MANY,
                                 .n_atoms = first[MANY],
                                 .first = first,
                                 .positions = r,
                                 .cutoffs = &cutoff,
                                 .n_cutoffs = 1,
                                 .positions_dtype = NBL_FLOAT64,
                                 .cell_dtype = NBL_FLOAT64,
                                 .n_threads = 1,
                                 .least_pieces = 1};
    check_int(build(&t), NBL_OK);
    check_int(t.refusal.system, 4321);
    check_int(t.refusal.fault.a, first[4321] + 1);
    check_int(t.set.n_failed, 1);
    check_int(t.set.n_lattices, 0);
    check_order(&t.set);
    assert_true(t.set.n_chunks >= 2 && t.set.n_chunks < MANY / 8);
    for (int n_threads = 2; n_threads <= 4; n_threads++) {
        other.batch.input = t.batch.input;
        other.batch.input.n_threads = n_threads;
        check_int(build(&other), NBL_OK);
        check_int(other.refusal.system, 4321);
        check_int(other.set.n_chunks, t.set.n_chunks);
        assert_memory_equal(other.set.chunks, t.set.chunks, (size_t)t.set.n_chunks * sizeof *t.set.chunks);
        assert_memory_equal(other.set.r, t.set.r, (size_t)first[4321] * sizeof *r);
        for (int64_t s = 0; s < MANY; s++)
            check_int(other.set.members[s].status, t.set.members[s].status);
    }
    close_setting(&t);
    close_setting(&other);
}

/* The cell, flags and cutoff of a cell list are looked at even if it has no atoms; those of others are not. */
static void a_lone_system_without_atoms_is_looked_at(void **state)
{
    (void)state;
    static struct setting t;
    for (int lone = 0; lone < 2; lone++)
        for (int wrong = 0; wrong < 4; wrong++) {
            struct world world;
            open_setting(&t);
            world_open(&world);
            world.pbc[0] = world.pbc[1] = 1;
            batch_alone(&t.batch, &world);
            check_int(world_close(&world), 0);
            t.batch.input.lone = lone;
            nbl_status expected = NBL_OK;
            if (wrong == 1)
                t.batch.cells[0][1][1] = NAN, expected = NBL_ECELL;
            if (wrong == 2)
                t.batch.cells[0][0][0] = 0.0, expected = NBL_ESINGULAR;
            if (wrong == 3)
                t.batch.cutoffs[0] = 0.0, expected = NBL_ECUTOFF;
            check_int(build(&t), NBL_OK);
            check_int(t.set.members[0].status, lone ? expected : NBL_OK);
            check_int(t.refusal.system, lone && wrong ? 0 : -1);
            check_int(t.set.n_binned, 0);
            check_int(t.set.n_chunks, 0);
            close_setting(&t);
            batch_close(&t.batch);
        }
}

static void no_systems(void **state)
{
    (void)state;
    static struct setting t;
    const int64_t first[1] = {0};
    open_setting(&t);
    for (int32_t algorithm = 0; algorithm < 3; algorithm++) {
        t.batch.input = (nbl__input){.first = first, .algorithm = algorithm, .n_threads = 4, .least_pieces = 1};
        check_int(build(&t), NBL_OK);
        check_int(t.set.built, true);
        check_int(t.set.n_failed, 0);
        check_int(t.set.n_chunks, 0);
        check_int(t.set.n_binned, 0);
        check_int(t.refusal.system, -1);
    }
    close_setting(&t);
}

static void a_second_build_allocates_nothing(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct random g;
        random_seed(&g, seed + 2000);
        open_setting(&t);
        batch_random(&t.batch, &g, BATCH_SYSTEMS);
        check_int(build(&t), NBL_OK);
        count_alloc_arm(&t.m.counter, 1, 1);
        for (int n_threads = 1; n_threads <= 3; n_threads++) {
            t.batch.input.n_threads = n_threads;
            check_int(build(&t), NBL_OK);
        }
        check_int(unit_memory_calls(&t.m), 0);
        check_set(&t);
        close_setting(&t);
        batch_close(&t.batch);
    }
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t kind = 0; kind < 8; kind++) {
        nbl_status status = NBL_ENOMEM;
        for (long long nth = 1; status != NBL_OK; nth++) {
            struct random g;
            random_seed(&g, kind + 3000);
            open_setting(&t);
            batch_random(&t.batch, &g, BATCH_SYSTEMS);
            t.batch.input.n_threads = kind % 2 ? 1 : 3;
            if (kind >= 4)
                t.batch.input.algorithm = NBL_ALGORITHM_CELLS; /* a grid for each */
            count_alloc_arm(&t.m.counter, nth, kind / 2 % 2);
            status = build(&t);
            count_alloc_arm(&t.m.counter, 0, 0);
            if (status != NBL_OK) {
                check_int(status, NBL_ENOMEM);
                check_int(t.fault.what, NBL__FAULT_BYTES);
                check_int(t.set.built, false);
                check_int(build(&t), NBL_OK);
            }
            check_set(&t);
            close_setting(&t);
            batch_close(&t.batch);
        }
    }
}

static void limits_of_memory_hold(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 3100);
    open_setting(&t);
    batch_random(&t.batch, &g, BATCH_SYSTEMS);
    check_int(build(&t), NBL_OK);
    const uint64_t whole = t.m.memory.held;
    nbl__set_free(&t.set, &t.m.memory);
    for (uint64_t limit = 1; limit < whole; limit += whole / 50 + 1) {
        t.m.memory.limit = limit;
        check_int(build(&t), NBL_ELIMIT);
        check_int(t.fault.what, NBL__FAULT_BYTES);
        check_int(t.fault.limit, limit);
        check_int(t.set.built, false);
        assert_true(t.m.memory.held <= limit);
        nbl__set_free(&t.set, &t.m.memory);
    }
    t.m.memory.limit = whole;
    check_int(build(&t), NBL_OK);
    check_set(&t);
    close_setting(&t);
    batch_close(&t.batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_what_their_layers_make),
        cmocka_unit_test(bad_systems_are_refused_and_the_others_built),
        cmocka_unit_test(large_systems_do_not_depend_on_threads),
        cmocka_unit_test(the_lowest_atom_of_a_large_system_speaks),
        cmocka_unit_test(many_small_systems),
        cmocka_unit_test(a_lone_system_without_atoms_is_looked_at),
        cmocka_unit_test(no_systems),
        cmocka_unit_test(a_second_build_allocates_nothing),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(limits_of_memory_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
