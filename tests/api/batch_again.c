/* SPDX-License-Identifier: MIT */
/*
 * One batch after the other through the same handles: what is left of the last one changes nothing. Molecules
 * of which much is known from the batch before take turns with what is unlike them: empty systems, larger and
 * periodic ones, bad ones, other cutoffs, more of them and fewer.
 */
#include <math.h>
#include <stdlib.h>

#include <nblist/nblist.h>

#include "check.h"
#include "random.h"
#include "scale.h"

enum { SYSTEMS = 40, ATOMS = 80, ROOM = SYSTEMS * ATOMS };

/* The input, and what the next one is made from. */
struct sequence {
    double r[ROOM][3], cells[SYSTEMS][3][3], cutoffs[SYSTEMS];
    uint8_t pbc[SYSTEMS][3], has_cell[SYSTEMS];
    int64_t ptr[SYSTEMS + 1];
    int32_t narrow[SYSTEMS + 1];
    nbl_batch_input in;
};

/* What comes of a batch. */
struct outcome {
    nbl_batch *batch;
    nbl_result *result;
    nbl_status built, searched, statuses[SYSTEMS];
    int32_t build_statuses[SYSTEMS];
    int64_t n_pairs, *i, *j, *owner, row_ptr[ROOM + 1];
    int32_t (*shifts)[3];
};

static void make_molecules(struct sequence *q, struct random *g)
{
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    const int64_t most = random_chance(g, 8) ? ATOMS : random_int(g, 1, 20),
                  least = random_chance(g, 4) ? 0 : 1;
    in.n_systems = random_chance(g, 2) ? SYSTEMS : random_int(g, 0, SYSTEMS);
    for (int64_t s = 0; s < in.n_systems; s++) {
        q->ptr[s + 1] = q->ptr[s] + random_int(g, least, most);
        q->cutoffs[s] = 1.5;
    }
    in.n_atoms = q->ptr[in.n_systems];
    for (int64_t i = 0; i < in.n_atoms; i++)
        for (int k = 0; k < 3; k++)
            q->r[i][k] = random_range(g, 0.0, 3.0);
    in.positions = q->r;
    in.ptr = q->ptr;
    in.cutoffs = q->cutoffs;
    in.n_cutoffs = 1;
    q->in = in;
}

/* Something that the batch before did not have. */
static void change(struct sequence *q, struct random *g)
{
    const int64_t s = q->in.n_systems > 0 ? random_int(g, 0, q->in.n_systems - 1) : 0;
    switch (random_int(g, 0, 6)) {
    case 0:
        if (q->in.n_atoms > 0)
            q->r[random_int(g, 0, q->in.n_atoms - 1)][1] = NAN;
        break;
    case 1:
        q->in.n_cutoffs = q->in.n_systems;
        q->cutoffs[s] = random_chance(g, 3) ? -1.0 : 1.0;
        break;
    case 2:
        q->cutoffs[0] = random_chance(g, 4) ? HUGE_VAL : 2.0;
        break;
    case 3:
        memset(q->has_cell, 0, sizeof q->has_cell);
        memset(q->pbc, 0, sizeof q->pbc);
        memset(q->cells, 0, sizeof q->cells);
        for (int a = 0; a < 3; a++)
            q->cells[s][a][a] = 3.5;
        q->has_cell[s] = q->pbc[s][0] = q->pbc[s][2] = 1;
        q->in.cells = q->cells;
        q->in.has_cell = q->has_cell;
        q->in.pbc = q->pbc[0];
        q->in.n_cells = q->in.n_pbc = q->in.n_systems;
        break;
    case 4:
        for (int64_t k = 0; k <= q->in.n_systems; k++)
            q->narrow[k] = (int32_t)q->ptr[k];
        q->in.ptr = q->narrow;
        q->in.ids_dtype = NBL_INT32;
        break;
    default:
        break;
    }
}

static void open_outcome(struct outcome *o, int32_t n_threads)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.n_threads = n_threads;
    memset(o, 0, sizeof *o);
    check_int(nbl_batch_create(&o->batch, &options), NBL_OK);
    check_int(nbl_result_create(&o->result, &options), NBL_OK);
}

static void free_arrays(struct outcome *o)
{
    free(o->i);
    free(o->j);
    free(o->owner);
    free(o->shifts);
}

static void close_outcome(struct outcome *o)
{
    free_arrays(o);
    nbl_batch_destroy(&o->batch);
    nbl_result_destroy(&o->result);
}

static void fetch(struct outcome *o)
{
    nbl_outputs out = NBL_OUTPUTS_INIT;
    const size_t room = (size_t)o->n_pairs + 1;
    free_arrays(o);
    out.i = o->i = malloc(room * sizeof *o->i);
    out.j = o->j = malloc(room * sizeof *o->j);
    out.batch = o->owner = malloc(room * sizeof *o->owner);
    out.shifts = o->shifts = malloc(room * sizeof *o->shifts);
    out.row_ptr = o->row_ptr;
    out.row_capacity = ROOM;
    out.pair_capacity = o->n_pairs;
    check_int(nbl_result_fetch(o->result, 0, &out), NBL_OK);
}

static void run(struct outcome *o, const struct sequence *q, const nbl_search_options *options,
                int64_t n_cutoffs, const double *cutoffs)
{
    memset(o->build_statuses, 0, sizeof o->build_statuses);
    memset(o->statuses, 0, sizeof o->statuses);
    o->n_pairs = -1;
    o->built = nbl_batch_build(o->batch, &q->in, NULL, o->build_statuses);
    o->searched = nbl_batch_search(o->batch, n_cutoffs, cutoffs, options, o->result);
    if (o->searched != NBL_OK && o->searched != NBL_EBATCH)
        return;
    for (int64_t b = 0; b < q->in.n_systems; b++)
        o->statuses[b] = nbl_result_system_status(o->result, b);
    o->n_pairs = nbl_result_n_pairs(o->result, 0);
    fetch(o);
}

static void check_same(const struct outcome *a, const struct outcome *b, int64_t n_atoms)
{
    check_int(a->built, b->built);
    check_int(a->searched, b->searched);
    check_int(a->n_pairs, b->n_pairs);
    assert_string_equal(nbl_batch_message(a->batch), nbl_batch_message(b->batch));
    assert_string_equal(nbl_result_message(a->result), nbl_result_message(b->result));
    assert_memory_equal(a->build_statuses, b->build_statuses, sizeof a->build_statuses);
    assert_memory_equal(a->statuses, b->statuses, sizeof a->statuses);
    if (a->n_pairs < 0)
        return;
    const size_t n = (size_t)a->n_pairs;
    assert_memory_equal(a->row_ptr, b->row_ptr, ((size_t)n_atoms + 1) * sizeof *a->row_ptr);
    assert_memory_equal(a->i, b->i, n * sizeof *a->i);
    assert_memory_equal(a->j, b->j, n * sizeof *a->j);
    assert_memory_equal(a->owner, b->owner, n * sizeof *a->owner);
    assert_memory_equal(a->shifts, b->shifts, n * sizeof *a->shifts);
}

/* The handles that were used before, on one thread and on several, against new ones. */
static void what_was_before_changes_nothing(void **state)
{
    (void)state;
    static struct sequence q;
    static struct outcome used[2], fresh;
    struct random g;
    int64_t n_found = 0, n_refused = 0;
    random_seed(&g, 77);
    for (int k = 0; k < 2; k++)
        open_outcome(&used[k], k == 0 ? 1 : 3);
    for (int64_t trial = scale_count(3000, 300); trial > 0; trial--) {
        nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
        const double wanted = random_chance(&g, 3) ? 1.2 : random_chance(&g, 8) ? 2.5 : 1.5;
        const int64_t n_cutoffs = random_chance(&g, 4) ? 0 : 1;
        make_molecules(&q, &g);
        if (random_chance(&g, 2))
            change(&q, &g);
        options.flags = random_chance(&g, 4) ? NBL_HALF : 0;
        open_outcome(&fresh, 1);
        run(&fresh, &q, &options, n_cutoffs, n_cutoffs > 0 ? &wanted : NULL);
        for (int k = 0; k < 2; k++) {
            run(&used[k], &q, &options, n_cutoffs, n_cutoffs > 0 ? &wanted : NULL);
            check_same(&used[k], &fresh, q.in.n_atoms);
        }
        n_found += fresh.n_pairs > 0;
        n_refused += fresh.built != NBL_OK || fresh.searched != NBL_OK;
        close_outcome(&fresh);
    }
    assert_true(n_found > scale_count(1500, 150) && n_refused > scale_count(150, 15));
    for (int k = 0; k < 2; k++)
        close_outcome(&used[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_before_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
