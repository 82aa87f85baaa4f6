/* SPDX-License-Identifier: MIT */
/* Rows of groups that go past the caches. */
#include "groups.h"

static int fences;
static const nbl__kernels *real;

static void counting_fence(void)
{
    fences++;
    real->expand->past->fence();
}

/* Kernels that count fences. */
static nbl__kernels counting_kernels(const nbl__kernels *kernels)
{
    static nbl__expand expand, past;
    nbl__kernels counting = *kernels;
    real = kernels;
    fences = 0;
    expand = *kernels->expand;
    if (expand.past) {
        past = *expand.past;
        past.fence = counting_fence;
        expand.past = &past;
    }
    counting.expand = &expand;
    return counting;
}

/* By any number of lists, with doubts and without: the rows of the formula, and a fence behind them. */
static void rows_are_those_of_the_formula(void **state)
{
    (void)state;
    static struct group t;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        const nbl__kernels counting = counting_kernels(kernels);
        int64_t past[2] = {0, 0}, past_of_many = 0;
        for (int64_t seed = scale_count(300, 150); seed > 0; seed--) {
            struct random g;
            random_seed(&g, (uint64_t)seed + 100000);
            const int64_t n = random_int(&g, 1, random_chance(&g, 3) ? 60 : 15);
            group_random(&t, &g, n, random_chance(&g, 2) ? 1.0 : 3.0, random_chance(&g, 2), &counting);
            group_rows(&t, true);
            group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            const uint64_t before = group_as_if_long(&t, true);
            check_int(nbl__group_search(&t.group), NBL_OK);
            check_int(t.worker.kept_bytes - before, group_check(&t, 0, t.group.n_rows, true));
            check_int(t.worker.kept_rows - 1, t.group.n_rows * (uint32_t)t.query.n_lists);
            past[t.worker.past != NULL]++;
            past_of_many += t.worker.past && t.query.n_lists > 1;
            const int before_close = fences;
            nbl__worker_close(&t.worker);
            check_int(fences - before_close, t.worker.past != NULL);
            check_int(atomic_load(&t.team.pairs), group_pairs(&t));
            group_close(&t);
        }
        assert_true(past[0] > 0 && (past[1] > 0) == (kernels->expand->past != NULL));
        assert_true((past_of_many > 0) == (kernels->expand->past != NULL));
    }
}

/* What is free begins at any entry, and is at times no more than a group may need. Returns where it ends. */
static const char *shorten_segment(struct group *t, struct random *g)
{
    nbl__cursor *kept = t->worker.kept;
    const int64_t skipped = 4 * random_int(g, 0, 15), rest = 64 * random_int(g, 0, 300);
    kept->next += skipped <= kept->end - kept->next ? skipped : 0;
    if (random_chance(g, 3) && rest < kept->end - kept->next)
        kept->end = kept->next + rest;
    return kept->end;
}

/*
 * Of many groups, one after the other, each begins a line if it has more than a few entries, and all lie in
 * segments, of which they fill more than one; what was moved before stays.
 */
static void rows_fill_segments(void **state)
{
    (void)state;
    static struct group t;
    const nbl__kernels *kernels;
    int64_t lines = 0, segments = 0, ends = 0;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (uint64_t seed = 1; kernels->expand->past && seed <= 12; seed++) {
            struct random g;
            random_seed(&g, seed + 300);
            group_random(&t, &g, random_int(&g, 20, 60), 3.0, false, kernels);
            group_rows(&t, true);
            group_start(&t, &(nbl__target){.rows = t.rows, .only = -1});
            group_as_if_long(&t, true);
            const uint32_t n_rows = t.group.n_rows;
            for (int round = 0; round < 60 && n_rows > 0; round++) {
                t.group.n_rows = round == 0 ? n_rows : (uint32_t)random_int(&g, 1, n_rows);
                const char *const end = shorten_segment(&t, &g);
                check_int(nbl__group_search(&t.group), NBL_OK);
                const int64_t bytes = group_check(&t, 0, t.group.n_rows, true),
                              at = GROUP_FIRST + t.images[t.number[group_home(&t, 0)]].atom;
                if (t.query.n_lists == 1 && t.rows[0].count[at] > 0 && bytes >= 512) {
                    check_int((uintptr_t)t.rows[0].entry[at] % 64, 0);
                    if (t.group.n_rows <= 10) /* made in one pass */
                        check_int((uintptr_t)t.worker.kept->next % 64, 0);
                    lines++;
                }
                assert_true(t.worker.kept->next <= t.worker.kept->end);
                ends += t.worker.kept->end == end;
            }
            if (n_rows > 0)
                group_check(&t, t.group.n_rows, n_rows - t.group.n_rows, true);
            segments += t.arena.n_taken;
            group_close(&t);
        }
    assert_true(segments == 0 || (lines > 50 && segments > 30 && ends > 20));
}

static nbl_status consume_nothing(void *context, int thread, const nbl__view *view)
{
    (void)context;
    (void)thread;
    (void)view;
    return NBL_OK;
}

/* Only rows that stay, not very short, of a result that is large; and only where there are such stores. */
static void what_goes_past_the_caches(void **state)
{
    (void)state;
    static struct group t;
    const nbl__kernels *kernels;
    const double mib = 1024.0 * 1024.0;
    const struct {
        int64_t n, kept_rows;
        double bytes; /* of each row */
        int32_t only, n_lists;
        bool kept, past;
    } cases[] = {
        {32768, 100, 192.0, -1, 1, true, true},   {32768, 100, 191.0, -1, 1, true, false},
        {32768, 100, 96.0, -1, 2, true, true},    {32768, 100, 96.0, 0, 2, true, false},
        {32768, 100, 192.0, -1, 1, false, false}, {1000000, 100, 64.0, -1, 1, true, true},
        {1000000, 100, 63.0, -1, 1, true, false}, {1000000, 0, 0.0, -1, 1, true, false},
    };
    assert_true(32768 * 192.0 == 6.0 * mib);
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
            for (int consumes = 0; consumes < 2; consumes++) {
                memset(&t, 0, sizeof t);
                t.query = (nbl__query){.n_lists = cases[c].n_lists, .kernels = kernels};
                t.rows[0] = t.rows[1] = (nbl__rows){.n = cases[c].n, .kept = cases[c].kept};
                t.target = (nbl__target){
                    .rows = t.rows, .only = cases[c].only, .consume = consumes ? consume_nothing : NULL};
                t.job.query = &t.query;
                t.job.target = &t.target;
                t.worker.kept_rows = (uint64_t)cases[c].kept_rows;
                t.worker.kept_bytes = (uint64_t)(cases[c].bytes * (double)cases[c].kept_rows);
                t.group.worker = &t.worker;
                t.group.job = &t.job;
                check_int(nbl__group_goes_past(&t.group),
                          cases[c].past && !consumes && kernels->expand->past != NULL);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_those_of_the_formula),
        cmocka_unit_test(rows_fill_segments),
        cmocka_unit_test(what_goes_past_the_caches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
