/* SPDX-License-Identifier: MIT */
#include "search/worker.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "reference.h"
#include "scale.h"

enum { ROOM = WORLD_ATOMS + NBL__KERNEL_OVERRUN };

/* An open world, a job for it without any pieces of its own, and a worker that makes its rows. */
struct setting {
    struct world world;
    nbl__query query;
    nbl__target target;
    struct world_job made;
    nbl__worker worker;
    double most;                             /* how far from its origin the filter works, in units */
    int64_t order[WORLD_ATOMS][WORLD_ATOMS]; /* place of each atom among the candidates of a row */
    char place[ROOM * 16];
};

static void random_setting(struct setting *t, struct random *g, double error)
{
    world_open(&t->world);
    t->world.n = random_int(g, 1, random_chance(g, 8) ? 200 : 20);
    for (int64_t i = 0; i < t->world.n; i++)
        for (int k = 0; k < 3; k++)
            t->world.r[i][k] =
                random_chance(g, 2) ? 0.5 * (double)random_int(g, 0, 5) : random_range(g, 0, 2.5);
    check_int(world_wrap(&t->world), NBL_OK);
    t->world.plan.error = error;
    t->query = world_random_query(&t->world, g, random_chance(g, 2) ? 1.5 : 1.4142);
    t->query.n_centers = -1;
    t->most = random_chance(g, 2) ? 3.0 : random_chance(g, 8) ? HUGE_VAL : random_log(g, 1.0, 1e9);
}

/* Makes a job and a worker, with rows for all lists. */
static void start(struct setting *t, bool rows, bool kept, int32_t only)
{
    struct world *world = &t->world;
    t->target = (nbl__target){.rows = rows ? world->rows : NULL, .only = only, .arena = &world->arena};
    world->path = NBL__PATH_BLOCK;
    for (int32_t k = 0; k < t->query.n_lists && rows; k++) {
        check_int(nbl__rows_open(&world->rows[k], world->n, kept, &world->memory.memory, &world->fault),
                  NBL_OK);
        memset(world->rows[k].count, 0, (size_t)world->n * sizeof *world->rows[k].count);
    }
    nbl__arena_rewind(&world->arena);
    check_int(world_prepare(world, &t->made, &t->query, &t->target, NBL__PATH_BLOCK, 0, 0), NBL_OK);
    nbl__job_focus(&t->made.job, t->most * nbl__job_highest(&t->made.job)->cutoff);
    t->worker = nbl__worker_open(&t->made.team, 0);
}

/* What a filter would see: off by up to the error and its own rounding; a filter that sees nothing sees 0. */
static float seen2(const struct setting *t, struct random *g, double distance)
{
    const nbl__focus *focus = &t->made.job.focus;
    const double seen = (distance + focus->error * random_range(g, -0.99, 0.99)) / focus->unit +
                        focus->blur * random_range(g, -0.99, 0.99);
    return seen > 0.0 && seen < HUGE_VAL ? (float)(seen * seen * (1.0 + random_range(g, -4e-7, 4e-7))) : 0.0f;
}

/* What a filter would leave of a row: in any order, but for sorted ones; in doubt where it cannot know. */
static void filter_row(struct setting *t, struct random *g, int64_t i, nbl__found *found)
{
    const struct world *world = &t->world;
    const nbl__job *job = &t->made.job;
    int64_t order[WORLD_ATOMS];
    *found = (nbl__found){.count = 0};
    nbl__found_place(found, &t->query, ROOM, t->place);
    random_permutation(g, world->n, order);
    for (int64_t k = 0; k < world->n; k++) {
        const int64_t j = t->query.sorted ? k : order[k];
        double d[3];
        for (int a = 0; a < 3; a++)
            d[a] = world->r[j][a] - world->r[i][a];
        const float seen = seen2(t, g, sqrt(nbl__dot(d, d)));
        t->order[i][j] = k;
        if (!(seen < job->band.outer) || (j == i && !t->query.self) || (t->query.half && j < i))
            continue;
        found->numbers[found->count] = (uint32_t)j;
        found->d2[found->count] = seen;
        found->close |= !(seen < job->band.inner);
        found->count++;
    }
}

static nbl__view view_of(const struct setting *t, int64_t i)
{
    return (nbl__view){.atom = i, .r = t->made.job.scene.r, .lattice = &nbl__lattice_open};
}

static nbl_status finish_rows(struct setting *t, struct random *g)
{
    nbl_status status = NBL_OK;
    for (int64_t i = 0; i < t->world.n && status == NBL_OK; i++) {
        nbl__found found;
        filter_row(t, g, i, &found);
        nbl__view view = view_of(t, i);
        status = nbl__worker_finish(&t->worker, &t->made.job, &view, &found);
    }
    return status;
}

static void close_rows(struct setting *t)
{
    for (int32_t k = 0; k < t->query.n_lists; k++)
        nbl__rows_close(&t->world.rows[k], t->query.kernels->expand, 1);
}

/* Rows keep the order of the candidates, whatever becomes of them. */
static void check_order(const struct setting *t)
{
    for (int32_t k = 0; k < t->query.n_lists; k++)
        for (int64_t i = 0; i < t->world.n; i++) {
            const uint32_t *numbers = t->world.rows[k].entry[i];
            for (uint32_t e = 1; e < t->world.rows[k].count[i]; e++)
                assert_true(t->order[i][numbers[e - 1]] < t->order[i][numbers[e]]);
        }
}

/* Whatever the filter left open within its error, the lists are those of the formula. */
static void rows_are_decided_by_the_formula(void **state)
{
    (void)state;
    static struct setting t;
    for (int64_t seed = scale_count(2000, 200); seed > 0; seed--) {
        struct random g;
        char text[240];
        random_seed(&g, (uint64_t)seed);
        random_setting(&t, &g, random_chance(&g, 3) ? 0.0 : random_log(&g, 1e-14, 0.2));
        start(&t, true, true, -1);
        check_int(finish_rows(&t, &g), NBL_OK);
        close_rows(&t);
        const char *wrong = unit_lists_differ(&t.world, &t.query, t.query.sorted);
        if (wrong)
            fail_msg("seed %lld, %s: %s", (long long)seed, world_query_text(&t.query, text), wrong);
        check_order(&t);
        check_int(nbl__worker_report(&t.worker), true);
        check_int(atomic_load(&t.made.team.pairs), unit_total(&t.world, &t.query));
        int64_t kept = 0;
        for (int32_t k = 0; k < t.query.n_lists; k++)
            kept += t.world.rows[k].total * (int64_t)sizeof(uint32_t);
        check_int(t.worker.kept_bytes, kept);
        check_int(world_close(&t.world), 0);
    }
}

/* A list by itself out of several: the same rows as among all, in the first place. */
static void one_list_of_several(void **state)
{
    (void)state;
    static struct setting t;
    for (int64_t seed = scale_count(400, 40); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed + 3000);
        random_setting(&t, &g, 0.0);
        t.query.sorted = true; /* finish_rows() shuffles */
        start(&t, true, true, -1);
        check_int(finish_rows(&t, &g), NBL_OK);
        close_rows(&t);
        struct unit_pairs all[WORLD_LISTS] = {{NULL, 0, 0}};
        for (int32_t k = 0; k < t.query.n_lists; k++)
            unit_rows(&t.world, k, &all[k]);
        for (int32_t k = 0; k < t.query.n_lists; k++) {
            struct unit_pairs one = {NULL, 0, 0};
            start(&t, true, true, k);
            check_int(finish_rows(&t, &g), NBL_OK);
            close_rows(&t);
            unit_rows(&t.world, 0, &one);
            check_int(unit_pairs_differ(&one, &all[k]), -1);
            for (int32_t other = 1; other < t.query.n_lists; other++)
                check_int(t.world.rows[other].total, 0);
            unit_pairs_free(&one);
            unit_pairs_free(&all[k]);
        }
        check_int(world_close(&t.world), 0);
    }
}

struct consumer {
    int calls, wrong;
    uint32_t count;
    nbl_status answer;
};

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    struct consumer *consumer = context;
    consumer->calls++;
    consumer->wrong += thread != 3;
    consumer->count = view->count;
    return consumer->answer;
}

static void deliveries_go_where_the_target_says(void **state)
{
    (void)state;
    static struct setting t;
    const uint32_t numbers[5] = {4, 0, 3, 1, 2};
    struct random g;
    random_seed(&g, 11);
    for (int kept = 0; kept < 2; kept++)
        for (int wide = 0; wide < 2; wide++)
            for (int32_t only = -1; only <= 1; only++) {
                struct consumer consumer = {.answer = NBL_OK};
                nbl__image images[5];
                random_setting(&t, &g, 0.0);
                t.world.n = 9;
                t.query.n_lists = 2;
                t.world.cutoffs[0] = t.world.cutoffs[1] = 1.0;
                start(&t, true, kept, only);
                t.target.consume = consume;
                t.target.context = &consumer;
                t.worker.thread = 3;
                nbl__view view = view_of(&t, 2);
                for (int e = 0; e < 5; e++)
                    images[e] = (nbl__image){{e, -e, 7}, (int32_t)numbers[e]};
                view.number = wide ? NULL : numbers;
                view.images = wide ? images : NULL;
                view.count = 5;
                check_int(nbl__worker_deliver(&t.worker, &t.made.job, 1, &view), NBL_OK);
                const bool goes = only != 0;
                const nbl__rows *rows = only < 0 ? &t.world.rows[1] : &t.world.rows[0];
                check_int(consumer.calls, goes);
                check_int(consumer.wrong, 0);
                check_int(rows->count[2], goes ? 5 : 0);
                check_int(t.world.rows[only < 0 ? 0 : 1].count[2], 0);
                if (goes && kept)
                    assert_memory_equal(rows->entry[2], wide ? (const void *)images : numbers,
                                        wide ? sizeof images : sizeof numbers);
                check_int(t.worker.kept_bytes, goes && kept ? wide ? sizeof images : sizeof numbers : 0);

                consumer.answer = NBL_EARGUMENT;
                view.atom = 3;
                check_int(nbl__worker_deliver(&t.worker, &t.made.job, 1, &view), goes ? NBL_EARGUMENT : NBL_OK);
                check_int(rows->count[3], 0);
                if (goes)
                    check_int(t.worker.fault.a, 3);
                check_int(world_close(&t.world), 0);
            }
}

/* A row that was made where it stays is not moved; one that was made elsewhere is copied. */
static void rows_made_in_place_stay(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 12);
    random_setting(&t, &g, 0.0);
    t.world.n = 9;
    t.query.n_lists = 1;
    start(&t, true, true, -1);
    check_int(nbl__arena_room(&t.world.arena, t.worker.kept, 4000, &t.world.fault), NBL_OK);
    uint32_t *place = (uint32_t *)(void *)t.worker.kept->next;
    for (uint32_t e = 0; e < 9; e++)
        place[e] = e;
    nbl__view view = view_of(&t, 0);
    view.number = place;
    view.count = 4;
    check_int(nbl__worker_deliver(&t.worker, &t.made.job, 0, &view), NBL_OK);
    assert_ptr_equal(t.world.rows[0].entry[0], place);
    assert_ptr_equal(t.worker.kept->next, place + 4);
    view.atom = 1;
    view.number = place + 1;
    view.count = 3;
    check_int(nbl__worker_deliver(&t.worker, &t.made.job, 0, &view), NBL_OK);
    assert_ptr_equal(t.world.rows[0].entry[1], place + 4);
    assert_memory_equal(t.world.rows[0].entry[1], place + 1, 3 * sizeof *place);
    view.atom = 2;
    view.number = (const uint32_t *)(const void *)t.worker.kept->next;
    view.count = 0;
    check_int(nbl__worker_deliver(&t.worker, &t.made.job, 0, &view), NBL_OK);
    check_int(t.world.rows[0].count[2], 0);
    check_int(world_close(&t.world), 0);
}

/* Segments may follow each other: scratch that begins where a full segment ends is not where rows stay. */
static void rows_made_behind_a_full_segment_are_moved(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 14);
    random_setting(&t, &g, 0.0);
    t.world.n = 9;
    t.query.n_lists = 1;
    start(&t, true, true, -1);
    check_int(nbl__arena_room(&t.world.arena, t.worker.kept, 4000, &t.world.fault), NBL_OK);
    t.worker.kept->next = t.worker.kept->end = t.worker.kept->next + 2000;
    nbl__image *scratch = (nbl__image *)(void *)t.worker.kept->end;
    for (int32_t e = 0; e < 5; e++)
        scratch[e] = (nbl__image){.atom = e};
    nbl__view view = view_of(&t, 0);
    view.images = scratch;
    view.count = 5;
    check_int(nbl__worker_deliver(&t.worker, &t.made.job, 0, &view), NBL_OK);
    const void *kept = t.world.rows[0].entry[0];
    assert_ptr_not_equal(kept, scratch);
    assert_memory_equal(kept, scratch, 5 * sizeof *scratch);
    assert_ptr_equal(t.worker.kept->next, (const char *)kept + 5 * sizeof *scratch);
    assert_true(t.worker.kept->next <= t.worker.kept->end);
    check_int(world_close(&t.world), 0);
}

/* Arrays of a found row do not overlap and end within the bytes that were asked for. */
static void what_is_found_has_its_place(void **state)
{
    (void)state;
    for (int32_t n_lists = 1; n_lists <= 3; n_lists++)
        for (size_t room = 1; room <= 1000; room = 3 * room + 1) {
            const nbl__query query = {.n_lists = n_lists};
            const size_t bytes = nbl__found_bytes(&query, room);
            void *place = malloc(bytes);
            nbl__found found = {.count = 0};
            assert_non_null(place);
            nbl__found_place(&found, &query, room, place);
            check_int(found.spare != NULL, n_lists > 1);
            assert_true(found.d2 && found.numbers);
            for (size_t e = 0; e < room; e++) {
                found.numbers[e] = 1;
                if (found.spare)
                    found.spare[e] = 2;
                found.d2[e] = 3.0f;
            }
            for (size_t e = 0; e < room; e++) {
                check_int(found.numbers[e], 1);
                assert_true(!found.spare || found.spare[e] == 2);
                assert_true(found.d2[e] == 3.0f);
            }
            free(place);
        }
    const nbl__query query = {.n_lists = 2};
    assert_true(nbl__found_bytes(&query, SIZE_MAX / 4) == SIZE_MAX);
}

static void a_job_fails_at_its_lowest_piece(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 13);
    for (int trial = 0; trial < 50; trial++) {
        random_setting(&t, &g, 0.0);
        start(&t, false, false, -1);
        nbl__job *job = &t.made.job;
        int64_t lowest = INT64_MAX;
        nbl__team_init(&t.made.team, 200, 0);
        job->first_piece = 40;
        check_int(job->status, NBL_OK);
        for (int k = 0; k < 5; k++) {
            const int64_t piece = random_int(&g, 0, 99);
            const nbl__fault fault = {.what = NBL__FAULT_PAIR, .a = piece};
            nbl__job_fail(job, piece, piece % 2 ? NBL_ESHIFT : NBL_ENOMEM, &fault);
            lowest = piece < lowest ? piece : lowest;
            check_int(job->status, lowest % 2 ? NBL_ESHIFT : NBL_ENOMEM);
            check_int(job->fault.a, lowest);
        }
        for (t.worker.piece = 40; t.worker.piece < 140; t.worker.piece++)
            check_int(nbl__job_wants(job, &t.worker), t.worker.piece - 40 <= lowest);
        check_int(t.made.team.status, NBL_OK);
        const nbl__fault fault = {.what = NBL__FAULT_NONE};
        nbl__team_fail(&t.made.team, 40, NBL_ENOMEM, &fault);
        t.worker.piece = 40;
        assert_false(nbl__job_wants(job, &t.worker));
        check_int(world_close(&t.world), 0);
    }
}

static void a_job_has_what_its_system_and_query_say(void **state)
{
    (void)state;
    static struct setting t;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct random g;
        random_seed(&g, seed + 60);
        random_setting(&t, &g, 1e-3);
        t.query.n_centers = random_int(&g, -1, t.world.n + 3);
        const nbl__scene scene = world_scene(&t.world);
        nbl__level levels[WORLD_LISTS];
        nbl__job job;
        double largest = 0.0;
        for (int32_t k = 0; k < t.query.n_lists; k++)
            largest = fmax(largest, t.world.cutoffs[k]);
        nbl__levels_make(levels, t.world.cutoffs, t.query.n_lists, t.query.inclusive);
        nbl__job_init(&job, &scene, &t.query, &t.target, levels, 5, 123);
        check_int(job.system, 5);
        check_int(job.first, 123);
        check_int(job.n_rows,
                  t.query.n_centers < 0 || t.query.n_centers > t.world.n ? t.world.n : t.query.n_centers);
        check_int(job.n_pieces, 1);
        check_int(job.first_piece, 0);
        check_int(job.status, NBL_OK);
        check_bits(nbl__job_highest(&job)->cutoff, largest);
        nbl__job_focus(&job, 3.0 * largest);
        check_bits(job.focus.error, 1e-3);
        check_bits(job.focus.unit, largest + 3e-3);
        assert_true(job.focus.blur > 0.0 && job.focus.blur < 1e-6);
        const double inner = (largest - 1e-3) / (largest + 3e-3), outer = (largest + 1e-3) / (largest + 3e-3);
        assert_true((double)job.band.inner <= inner * inner && (double)job.band.inner > 0.99 * inner * inner);
        assert_true((double)job.band.outer >= outer * outer && (double)job.band.outer < 1.01 * outer * outer);
        assert_true(job.band.outer < 1.0f); /* the error three times: room for what gathers candidates */
        nbl__job_focus(&job, HUGE_VAL);
        assert_true(job.band.inner == 0.0f && job.band.outer == HUGE_VALF);
        check_int(world_close(&t.world), 0);
    }
}

/* Pairs are reported now and then: a limit is noticed before a worker has finished. */
static void limits_are_noticed_on_the_way(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 14);
    random_setting(&t, &g, 0.0);
    t.world.n = 200;
    memset(t.world.r, 0, sizeof t.world.r);
    t.query = world_query(&t.world, 1.0);
    t.query.max_pairs = 1000;
    start(&t, true, false, -1);
    int64_t rows = 0;
    while (nbl__team_wants(&t.made.team, 0) && rows < 10 * t.world.n) {
        nbl__found found;
        filter_row(&t, &g, rows % t.world.n, &found);
        nbl__view view = view_of(&t, rows++ % t.world.n);
        check_int(nbl__worker_finish(&t.worker, &t.made.job, &view, &found), NBL_OK);
    }
    check_int(t.made.team.status, NBL_ELIMIT);
    check_int(t.made.team.fault.what, NBL__FAULT_PAIRS);
    assert_true(rows * (t.world.n - 1) < 70000);
    check_int(world_close(&t.world), 0);
}

static void scratch_is_noted(void **state)
{
    (void)state;
    struct world world;
    nbl__worker worker = {.most_scratch = 0};
    world_open(&world);
    check_int(nbl__worker_scratch(&worker, &world.arena, &worker.made, 1000), NBL_OK);
    assert_true((size_t)(worker.made.end - worker.made.next) >= 1000);
    check_int(nbl__worker_scratch(&worker, &world.arena, &worker.fixed, 500000), NBL_OK);
    assert_true((size_t)(worker.fixed.end - worker.fixed.next) >= 500000);
    assert_ptr_not_equal(worker.fixed.next, worker.made.next);
    check_int(nbl__worker_scratch(&worker, &world.arena, &worker.made, 10), NBL_OK);
    check_int(worker.most_scratch, 500000);
    world.memory.memory.limit = 1;
    check_int(nbl__worker_scratch(&worker, &world.arena, &worker.made, 3000000), NBL_ELIMIT);
    check_int(worker.fault.what, NBL__FAULT_BYTES);
    check_int(world_close(&world), 0);
}

/* A traversal of so many lists needs a segment per cursor and thread, beyond what is kept. */
static void cursors_are_counted(void **state)
{
    (void)state;
    static const struct {
        int32_t n_lists;
        int n_kept;
    } cases[] = {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 4}, {NBL_MAX_LISTS, 4}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const nbl__need need = nbl__worker_need(3, 70000, 5000000, cases[k].n_lists);
        check_int(need.n_threads, 3);
        check_int(need.n_kept, cases[k].n_kept);
        check_int(need.n_scratch, 2);
        assert_true(need.scratch == 70000 && need.kept == 5000000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_decided_by_the_formula),
        cmocka_unit_test(one_list_of_several),
        cmocka_unit_test(deliveries_go_where_the_target_says),
        cmocka_unit_test(rows_made_in_place_stay),
        cmocka_unit_test(rows_made_behind_a_full_segment_are_moved),
        cmocka_unit_test(what_is_found_has_its_place),
        cmocka_unit_test(a_job_fails_at_its_lowest_piece),
        cmocka_unit_test(a_job_has_what_its_system_and_query_say),
        cmocka_unit_test(limits_are_noticed_on_the_way),
        cmocka_unit_test(scratch_is_noted),
        cmocka_unit_test(cursors_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
