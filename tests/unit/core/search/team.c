/* SPDX-License-Identifier: MIT */
#include "search/team.h"

#include "check.h"
#include "random.h"
#include "scale.h"

enum { PIECES = 500 };

/* What the pieces of a run do, and what became of them. */
struct job {
    nbl__team team;
    nbl_status fails[PIECES]; /* NBL_OK: it succeeds */
    uint64_t pairs[PIECES];
    atomic_int started[PIECES];
    atomic_int finished[PIECES];
    atomic_int disordered;
};

static void open_job(struct job *job, int64_t n_pieces, int64_t max_pairs)
{
    memset(job, 0, sizeof *job);
    nbl__team_init(&job->team, n_pieces, max_pairs);
}

static void work(void *context, int thread, int team_size)
{
    struct job *job = context;
    int64_t piece, before = -1;
    while ((piece = nbl__team_next(&job->team, thread)) >= 0) {
        if (piece >= PIECES)
            atomic_fetch_add(&job->disordered, 1);
        if (team_size == 1 && piece != before + 1)
            atomic_fetch_add(&job->disordered, 1);
        before = piece;
        atomic_fetch_add(&job->started[piece], 1);
        if (job->fails[piece] != NBL_OK) {
            nbl__fault fault = {.what = NBL__FAULT_ATOM, .a = piece};
            nbl__team_fail(&job->team, piece, job->fails[piece], &fault);
        }
        nbl__team_count(&job->team, job->pairs[piece]);
        if (nbl__team_wants(&job->team, piece))
            atomic_fetch_add(&job->finished[piece], 1);
    }
}

/* One thread alone goes through them in order. */
static void every_piece_once(void **state)
{
    (void)state;
    static struct job job;
    for (int n_threads = 1; n_threads <= 6; n_threads++)
        for (int64_t n = 0; n <= PIECES; n = 3 * n + 1) {
            open_job(&job, n, 0);
            nbl__team_run(&job.team, n_threads, 1, work, &job);
            check_int(atomic_load(&job.disordered), 0);
            for (int64_t k = 0; k < PIECES; k++) {
                check_int(atomic_load(&job.started[k]), k < n);
                check_int(atomic_load(&job.finished[k]), k < n);
            }
            check_int(job.team.status, NBL_OK);
            check_int(nbl__team_next(&job.team, 0), -1);
        }
}

static void note_size(void *context, int thread, int team_size)
{
    (void)thread;
    atomic_fetch_add((atomic_int *)context, 1000 + team_size);
}

static void no_more_threads_than_pieces(void **state)
{
    (void)state;
    nbl__team team;
    for (int64_t pieces = 0; pieces <= 3; pieces++) {
        atomic_int sum;
        atomic_init(&sum, 0);
        nbl__team_init(&team, pieces, 0);
        nbl__team_run(&team, 50, 1, note_size, &sum);
        int threads = atomic_load(&sum) / 1000;
        assert_true(threads >= 1 && threads <= (pieces > 0 ? pieces : 1));
        check_int(atomic_load(&sum), threads * (1000 + threads));
        assert_true(team.n_threads <= (pieces > 0 ? pieces : 1));
    }
}

/* A thread that would have less than `least` pieces to do is not started. */
static void threads_are_worth_their_start(void **state)
{
    (void)state;
    for (int64_t pieces = 0; pieces <= 70; pieces++)
        for (int least = 1; least <= 33; least += 8) {
            nbl__team team;
            atomic_int sum;
            atomic_init(&sum, 0);
            nbl__team_init(&team, pieces, 0);
            nbl__team_run(&team, 4, least, note_size, &sum);
            int threads = atomic_load(&sum) / 1000;
            assert_true(threads >= 1 && threads <= 4);
            assert_true(threads == 1 || threads * least <= pieces);
        }
}

/* The failure of the lowest failing piece, whichever thread comes first, and all pieces below are done. */
static void the_lowest_failure_is_reported(void **state)
{
    (void)state;
    static struct job job;
    struct random g;
    random_seed(&g, 41);
    for (int64_t trial = scale_count(400, 60); trial > 0; trial--) {
        open_job(&job, PIECES, 0);
        int64_t lowest = PIECES;
        for (int64_t k = random_int(&g, 1, 8); k > 0; k--) {
            int64_t piece = random_int(&g, 0, PIECES - 1);
            job.fails[piece] = piece % 2 ? NBL_ESHIFT : NBL_ENOMEM;
            lowest = piece < lowest ? piece : lowest;
        }
        nbl__team_run(&job.team, (int)random_int(&g, 1, 6), 1, work, &job);
        check_int(job.team.status, job.fails[lowest]);
        check_int(job.team.fault.what, NBL__FAULT_ATOM);
        check_int(job.team.fault.a, lowest);
        for (int64_t k = 0; k < lowest; k++)
            check_int(atomic_load(&job.finished[k]), 1);
        check_int(nbl__team_wants(&job.team, lowest - 1), 1);
        check_int(nbl__team_wants(&job.team, lowest), 0);
        check_int(nbl__team_next(&job.team, 0), -1);
    }
}

static void a_later_failure_of_a_lower_piece_wins(void **state)
{
    (void)state;
    nbl__team team;
    nbl__fault fault = {.a = 7};
    nbl__team_init(&team, 10, 0);
    nbl__team_fail(&team, 7, NBL_ENOMEM, &fault);
    fault.a = 8;
    nbl__team_fail(&team, 8, NBL_ELIMIT, &fault);
    check_int(team.status, NBL_ENOMEM);
    check_int(team.fault.a, 7);
    fault.a = 2;
    nbl__team_fail(&team, 2, NBL_ESHIFT, &fault);
    check_int(team.status, NBL_ESHIFT);
    check_int(team.fault.a, 2);
}

static void the_limit_of_pairs_is_exact(void **state)
{
    (void)state;
    static struct job job;
    struct random g;
    random_seed(&g, 42);
    for (int64_t trial = scale_count(400, 60); trial > 0; trial--) {
        int64_t total = 0, n = random_int(&g, 1, PIECES);
        open_job(&job, n, 0);
        for (int64_t k = 0; k < n; k++) {
            job.pairs[k] = random_chance(&g, 3) ? 0 : (uint64_t)random_int(&g, 0, 1000000000);
            total += (int64_t)job.pairs[k];
        }
        int over = random_chance(&g, 2) && total > 1;
        if (total == 0)
            continue;
        job.team.max_pairs = total - over;
        nbl__team_run(&job.team, (int)random_int(&g, 1, 6), 1, work, &job);
        check_int(job.team.status, over ? NBL_ELIMIT : NBL_OK);
        if (over) {
            check_int(job.team.fault.what, NBL__FAULT_PAIRS);
            check_int(job.team.fault.limit, total - 1);
        } else {
            check_int(atomic_load(&job.team.pairs), total);
        }
    }
}

static void beyond_the_limit_all_work_stops(void **state)
{
    (void)state;
    nbl__team team;
    nbl__team_init(&team, 10, 100);
    check_int(nbl__team_next(&team, 0), 0);
    assert_true(nbl__team_count(&team, 100));
    check_int(nbl__team_next(&team, 0), 1);
    assert_false(nbl__team_count(&team, 1));
    assert_false(nbl__team_wants(&team, 0));
    check_int(nbl__team_next(&team, 0), -1);
    check_int(team.status, NBL_ELIMIT);
    nbl__team_init(&team, 10, 0);
    assert_true(nbl__team_count(&team, (uint64_t)1 << 60));
    check_int(team.status, NBL_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_once),
        cmocka_unit_test(no_more_threads_than_pieces),
        cmocka_unit_test(threads_are_worth_their_start),
        cmocka_unit_test(the_lowest_failure_is_reported),
        cmocka_unit_test(a_later_failure_of_a_lower_piece_wins),
        cmocka_unit_test(the_limit_of_pairs_is_exact),
        cmocka_unit_test(beyond_the_limit_all_work_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
