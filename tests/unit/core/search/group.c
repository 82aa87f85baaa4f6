/* SPDX-License-Identifier: MIT */
#include "groups.h"

#include <math.h>

/* Kernels that count how rows are asked for. */
static int asked_together, asked_alone;
static const nbl__kernels *real;

static uint32_t counting_rows(const nbl__near *near, const nbl__ask *ask, uint32_t *out, float *d2,
                              uint32_t *counts, bool *close)
{
    for (uint32_t k = near->n; k < near->n + NBL__KERNEL_OVERRUN; k++)
        if (near->x[k] != HUGE_VALF || near->y[k] != HUGE_VALF || near->z[k] != HUGE_VALF)
            abort();
    asked_together += !d2;
    asked_alone += d2 != NULL;
    return real->rows(near, ask, out, d2, counts, close);
}

static nbl__kernels counting_kernels(const nbl__kernels *kernels)
{
    nbl__kernels counting = *kernels;
    real = kernels;
    asked_together = asked_alone = 0;
    counting.rows = counting_rows;
    return counting;
}

/* Scratch that nobody has asked for stays as it is. */
static void fill_scratch(struct group *t)
{
    check_int(nbl__worker_scratch(&t->worker, &t->arena, &t->worker.made, 1), NBL_OK);
    memset(t->worker.made.next, 0x5a, (size_t)(t->worker.made.end - t->worker.made.next));
    t->worker.most_scratch = 0;
}

static void check_scratch(const struct group *t)
{
    for (const char *c = t->worker.made.next + t->worker.most_scratch; c < t->worker.made.end; c++)
        if (*c != 0x5a)
            fail_msg("byte %lld of scratch, of which %zu were asked for", (long long)(c - t->worker.made.next),
                     t->worker.most_scratch);
}

/* Of lower levels, those of whose cursors the last row ends where what is free begins. */
static int64_t count_in_place(const struct group *t)
{
    int64_t n = 0;
    for (int32_t k = 0; k < t->job.n_levels - 1 && t->group.n_rows > 0; k++) {
        const nbl__rows *rows = &t->rows[t->levels[k].list];
        const int64_t at = GROUP_FIRST + t->images[t->number[group_home(t, t->group.n_rows - 1)]].atom;
        const nbl__cursor *cursor = &t->worker.kept[t->job.n_levels - 1 - k];
        if (rows->kept && rows->count[at] > 0)
            n += (const char *)((const uint32_t *)rows->entry[at] + rows->count[at]) == cursor->next;
    }
    return n;
}

/* Kept or only counted, by any number of lists, with doubts and without: the rows of the formula. */
static void rows_are_those_of_the_formula(void **state)
{
    (void)state;
    static struct group t;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        const nbl__kernels counting = counting_kernels(kernels);
        int64_t in_place = 0;
        for (int64_t seed = scale_count(500, 150); seed > 0; seed--) {
            struct random g;
            random_seed(&g, (uint64_t)seed);
            const int64_t n = random_int(&g, 1, random_chance(&g, 3) ? 60 : 15);
            group_random(&t, &g, n, random_chance(&g, 2) ? 1.0 : 3.0, random_chance(&g, 2), &counting);
            const bool kept = !random_chance(&g, 4);
            group_rows(&t, kept);
            group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            fill_scratch(&t);
            check_int(nbl__group_search(&t.group), NBL_OK);
            check_scratch(&t);
            in_place += count_in_place(&t);
            const int64_t bytes = group_check(&t, 0, t.group.n_rows, kept);
            check_int(t.worker.kept_bytes, kept ? bytes : 0);
            check_int(t.worker.kept_rows, kept ? t.group.n_rows * (uint32_t)t.query.n_lists : 0);
            for (int k = 0; k < GROUP_FIRST; k++)
                check_int(t.rows[0].count[k], 0);
            nbl__worker_close(&t.worker);
            check_int(atomic_load(&t.team.pairs), group_pairs(&t));
            group_close(&t);
        }
        assert_true(asked_together > 0 && asked_alone > asked_together);
        assert_true(in_place > 10);
    }
}

/* Whether some pair is too near to the cutoff for a filter: they are either far from it or exactly there. */
static bool has_doubts(const struct group *t)
{
    const double cutoff = t->cutoffs[0];
    for (uint32_t row = 0; row < t->group.n_rows; row++)
        for (uint32_t c = 0; c < t->n_candidates; c++) {
            const uint32_t home = group_home(t, row);
            const double distance =
                group_distance(t, t->images[t->number[home]].atom, &t->images[t->number[c]]);
            if (fabs(distance - cutoff) < 1e-5 * cutoff && (!t->query.half || t->key[c] > t->key[home]))
                return true;
        }
    return false;
}

/* Without doubts one pass makes many rows; one doubt makes each row by itself. */
static void rows_are_made_together_if_they_can(void **state)
{
    (void)state;
    static struct group t;
    int seen[2] = {0, 0};
    for (uint64_t seed = 1; seed <= 60; seed++) {
        const nbl__kernels counting = counting_kernels(nbl__dispatch_kernels(NBL_ISA_AUTO));
        struct random g;
        random_seed(&g, seed);
        group_random(&t, &g, 20, 1.0, seed % 2, &counting);
        t.query.n_lists = 1;
        t.cutoffs[0] = 1.0;
        group_rows(&t, true);
        group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
        check_int(nbl__group_search(&t.group), NBL_OK);
        const bool doubts = has_doubts(&t);
        check_int(asked_together, t.group.n_rows > 0);
        check_int(asked_alone, doubts ? t.group.n_rows : 0);
        group_check(&t, 0, t.group.n_rows, true);
        seen[doubts]++;
        group_close(&t);
    }
    assert_true(seen[0] > 5 && seen[1] > 5);
}

/* Candidates of more than 64 KiB: rows are made elsewhere, and what is kept takes no more than its pairs. */
static void rows_that_are_longer_than_their_place(void **state)
{
    (void)state;
    static struct group t;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (int64_t seed = scale_count(10, 3); seed > 0; seed--)
            for (int64_t n = 604; n <= GROUP_ATOMS; n++) { /* 16308 candidates, and 16335, still fit */
                struct random g;
                random_seed(&g, (uint64_t)(seed + 100 * n));
                if (n > 609)
                    n = GROUP_ATOMS;
                group_random(&t, &g, n, 3.0, random_chance(&g, 2), kernels);
                if (t.group.n_rows > 6)
                    t.group.n_rows = 6;
                const bool kept = !random_chance(&g, 4);
                group_rows(&t, kept);
                group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
                check_int(nbl__group_search(&t.group), NBL_OK);
                const int64_t bytes = group_check(&t, 0, t.group.n_rows, kept);
                check_int(t.worker.kept_bytes, kept ? bytes : 0);
                group_close(&t);
            }
}

/* One row of which everything is a neighbour, many times the place. */
static void the_longest_row(void **state)
{
    (void)state;
    static struct group t;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct random g;
        random_seed(&g, seed);
        group_random(&t, &g, GROUP_ATOMS, 24.0, false, nbl__dispatch_kernels(NBL_ISA_AUTO));
        t.group.n_rows = t.group.n_rows < 2 ? t.group.n_rows : 2;
        group_rows(&t, true);
        group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
        check_int(nbl__group_search(&t.group), NBL_OK);
        check_int(t.worker.kept_bytes, group_check(&t, 0, t.group.n_rows, true));
        group_close(&t);
    }
}

static nbl_status consume(void *context, int thread, const nbl__view *view)
{
    struct group *t = context;
    const uint32_t row = (uint32_t)t->calls++;
    const int32_t list = t->target.only >= 0 ? t->target.only : 0,
                  i = t->images[t->number[group_home(t, row)]].atom;
    const uint32_t count = group_expect(t, row, list);
    bool right = thread == 0 && view->atom == i && view->first == GROUP_FIRST && view->count == count;
    right &= view->images == t->group.images && view->r == (const double(*)[3])t->r;
    right &= count == 0 || (right && memcmp(view->number, t->expected, count * sizeof *t->expected) == 0);
    for (uint32_t e = 0; e < count && right; e++) {
        double d[3];
        const nbl__image image = nbl__view_at(view, e);
        right &= sqrt(nbl__view_d2(view, e, d)) == group_distance(t, i, &image);
    }
    t->consumed[i] += right ? 1 : 1000;
    return i == t->refuse ? NBL_EARGUMENT : NBL_OK;
}

/* What is handed over are the rows in their order, of one list; a refusal ends it. */
static void rows_are_handed_over(void **state)
{
    (void)state;
    static struct group t;
    for (int64_t seed = scale_count(400, 60); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed + 5000);
        group_random(&t, &g, random_int(&g, 1, 30), random_chance(&g, 2) ? 1.0 : 3.0, random_chance(&g, 2),
                     nbl__dispatch_kernels(NBL_ISA_AUTO));
        int32_t only = t.query.n_lists > 1 ? (int32_t)random_int(&g, 0, t.query.n_lists - 1) : -1;
        if (only < 0 && random_chance(&g, 2))
            only = 0;
        const bool with_rows = random_chance(&g, 2), kept = random_chance(&g, 2);
        if (with_rows)
            group_rows(&t, kept);
        group_start(
            &t,
            &(nbl__target){.rows = with_rows ? t.rows : NULL, .only = only, .consume = consume, .context = &t});
        check_int(nbl__group_search(&t.group), NBL_OK);
        check_int(t.calls, t.group.n_rows);
        for (uint32_t row = 0; row < t.group.n_rows; row++) {
            const int64_t i = t.images[t.number[group_home(&t, row)]].atom;
            const uint32_t count = group_expect(&t, row, only > 0 ? only : 0);
            check_int(t.consumed[i], 1);
            if (with_rows)
                check_int(t.rows[0].count[GROUP_FIRST + i], count);
            if (with_rows && kept && count > 0)
                assert_memory_equal(t.rows[0].entry[GROUP_FIRST + i], t.expected, count * sizeof *t.expected);
        }
        if (t.group.n_rows > 0) {
            const uint32_t row = (uint32_t)random_int(&g, 0, t.group.n_rows - 1);
            t.refuse = t.images[t.number[group_home(&t, row)]].atom;
            t.calls = 0;
            check_int(nbl__group_search(&t.group), NBL_EARGUMENT);
            check_int(t.calls, row + 1);
            check_int(t.worker.fault.a, GROUP_FIRST + t.refuse);
        }
        group_close(&t);
    }
}

/* Where the search has failed elsewhere, rows are left out; where there are too many pairs, it is noticed. */
static void rows_that_nobody_wants(void **state)
{
    (void)state;
    static struct group t;
    struct random g;
    random_seed(&g, 77);
    group_random(&t, &g, GROUP_ATOMS, 3.0, false, nbl__dispatch_kernels(NBL_ISA_AUTO));
    t.query.n_lists = 1;
    t.query.max_pairs = 100000;
    t.cutoffs[0] = 24.0;
    t.plain = false;
    group_start(&t, &(nbl__target){.only = -1, .consume = NULL});
    nbl__job_fail(&t.job, -1, NBL_ESHIFT, &t.fault);
    check_int(nbl__group_search(&t.group), NBL_OK);
    nbl__worker_report(&t.worker);
    assert_true(atomic_load(&t.team.pairs) <= 2 * GROUP_CANDIDATES);

    group_start(&t, &(nbl__target){.only = -1, .consume = NULL});
    check_int(nbl__group_search(&t.group), NBL_OK);
    check_int(t.team.status, NBL_ELIMIT);
    check_int(t.team.fault.what, NBL__FAULT_PAIRS);
    assert_true(atomic_load(&t.team.pairs) <= 100000 + 65536 + GROUP_CANDIDATES);
    group_close(&t);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    static struct group t;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        nbl_status status = NBL_ENOMEM;
        for (long long nth = 1; status != NBL_OK; nth++) {
            struct random g;
            random_seed(&g, seed);
            group_random(&t, &g, seed % 2 ? 20 : GROUP_ATOMS, 1.0, seed % 3 == 0,
                         nbl__dispatch_kernels(NBL_ISA_AUTO));
            t.group.n_rows = t.group.n_rows < 20 ? t.group.n_rows : 20;
            group_rows(&t, true);
            group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            group_as_if_long(&t, seed % 4 < 2);
            count_alloc_arm(&t.memory.counter, nth, 1);
            status = nbl__group_search(&t.group);
            const bool failed = unit_memory_calls(&t.memory) >= nth;
            count_alloc_arm(&t.memory.counter, 0, 0);
            check_int(status == NBL_OK, !failed);
            if (status == NBL_OK) {
                assert_true(nth > 1 || t.group.n_rows == 0);
                group_check(&t, 0, t.group.n_rows, true);
            } else {
                check_int(status, NBL_ENOMEM);
                check_int(t.worker.fault.what, NBL__FAULT_BYTES);
            }
            group_close(&t);
        }
    }
}

/* Arrays that follow each other, each at a line of the cache; what cannot be is more than there is. */
static void arrays_are_taken_one_after_the_other(void **state)
{
    (void)state;
    char memory[300], *place = memory;
    assert_ptr_equal(nbl__group_take(&place, 3, 8), memory);
    assert_ptr_equal(nbl__group_take(&place, 0, 8), memory + 64);
    assert_ptr_equal(nbl__group_take(&place, 16, 4), memory + 64);
    assert_ptr_equal(nbl__group_take(&place, 17, 4), memory + 128);
    assert_ptr_equal(place, memory + 256);
    assert_true(nbl__group_bytes(SIZE_MAX / 2, 4) > SIZE_MAX / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_the_formula),
        cmocka_unit_test(rows_are_made_together_if_they_can),
        cmocka_unit_test(rows_that_are_longer_than_their_place),
        cmocka_unit_test(the_longest_row),
        cmocka_unit_test(rows_are_handed_over),
        cmocka_unit_test(rows_that_nobody_wants),
        cmocka_unit_test(every_failed_allocation_is_reported),
        cmocka_unit_test(arrays_are_taken_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
