/* SPDX-License-Identifier: MIT */
/* Guards, counting allocator, comparer and shrinker: that they see what they are there to see. */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "compare.h"
#include "count_alloc.h"

/* What a child process that touches buffer[at] dies of; 0 if it lives. */
static int signal_of_touch(volatile unsigned char *buffer, int64_t at, int write_it)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        signal(SIGBUS, SIG_DFL);
        if (write_it)
            buffer[at] = 1;
        else
            (void)buffer[at];
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void guard_stops(void **state)
{
    (void)state;
    struct guard g = GUARD_INIT;
    const size_t sizes[] = {0, 1, 8, 4096, 5000, 24};
    for (int k = 0; k < 6; k++) {
        unsigned char *buffer = guard_take(&g, sizes[k]);
        int64_t size = (int64_t)sizes[k];
        assert_true(guard_untouched(&g) && guard_front_untouched(&g));
        assert_int_not_equal(signal_of_touch(buffer, size, 1), 0);
        assert_int_not_equal(signal_of_touch(buffer, size, 0), 0);
        if (size > 0) {
            check_int(signal_of_touch(buffer, size - 1, 1), 0);
            buffer[size - 1] ^= 1;
            assert_false(guard_untouched(&g));
        }
        buffer = guard_take(&g, sizes[k]);
        buffer[-1] ^= 1;
        assert_false(guard_front_untouched(&g));
    }
    guard_free(&g);
    guard_free(&g);
}

static void allocator_counts(void **state)
{
    (void)state;
    static struct count_alloc c;
    nbl_allocator hooks = count_alloc_hooks(&c);
    for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        unsigned char *block = hooks.allocate(hooks.user, 100, alignment);
        assert_non_null(block);
        check_int((uintptr_t)block % alignment, 0);
        check_int((uintptr_t)block / alignment % 2, 1);
        memset(block, 1, 100);
        check_int(atomic_load(&c.live), 1);
        check_int(atomic_load(&c.live_bytes), 100);
        hooks.release(hooks.user, block, 100);
        check_int(atomic_load(&c.live), 0);
    }
    check_int(atomic_load(&c.faults), 0);
    check_int(atomic_load(&c.peak_bytes), 100);
}

static void allocator_finds_faults(void **state)
{
    (void)state;
    static struct count_alloc c;
    nbl_allocator hooks = count_alloc_hooks(&c);
    unsigned char *block = hooks.allocate(hooks.user, 10, 8);
    hooks.release(hooks.user, block, 11);
    check_int(atomic_load(&c.faults), 1);
    check_int(atomic_load(&c.live), 1);
    block[10] = 0;
    hooks.release(hooks.user, block, 10);
    check_int(atomic_load(&c.faults), 2);
    hooks.release(hooks.user, NULL, 10);
    check_int(atomic_load(&c.faults), 3);
    hooks.release(hooks.user, hooks.allocate(hooks.user, 10, 3), 10);
    check_int(atomic_load(&c.faults), 4);
}

static void allocator_fails_on_demand(void **state)
{
    (void)state;
    static struct count_alloc c;
    nbl_allocator hooks = count_alloc_hooks(&c);
    for (int rest = 0; rest < 2; rest++) {
        void *blocks[4];
        count_alloc_arm(&c, 2, rest);
        for (int k = 0; k < 4; k++)
            blocks[k] = hooks.allocate(hooks.user, 1, 1);
        check_int(atomic_load(&c.calls), 4);
        assert_true(blocks[0] && !blocks[1] && (blocks[2] == NULL) == rest && (blocks[3] == NULL) == rest);
        for (int k = 0; k < 4; k++)
            if (blocks[k])
                hooks.release(hooks.user, blocks[k], 1);
    }
    check_int(atomic_load(&c.live), 0);
}

static void add(struct pairs *p, int64_t i, int64_t j, int64_t s, double r)
{
    *pairs_push(p) = (struct pair){i, j, {0, s, 0}, {r, 0, 0}, r};
}

static void comparer_sees(void **state)
{
    (void)state;
    char text[COMPARE_TEXT];
    struct pairs a = {0, 0, NULL}, b = {0, 0, NULL};
    add(&a, 0, 1, -1, 2);
    add(&a, 0, 1, 1, 2);
    add(&a, 1, 0, 0, 2);
    add(&b, 0, 1, 1, 2);
    add(&b, 0, 1, -1, 2);
    check_int(compare_pairs(&a, &b, 1, text), 1);
    check_contains(text, "sorted order");
    check_int(compare_pairs(&a, &b, 0, text), 1);
    check_contains(text, "missing pair: i=1 j=0");
    add(&b, 1, 0, 0, 2);
    check_int(compare_pairs(&a, &b, 1, text), 0);
    check_int(compare_pairs(&a, &b, 0, text), 0);
    b.at[1].r = oracle_ulps(2, 1);
    check_int(compare_pairs(&a, &b, 0, text), 1);
    check_contains(text, "formula: i=0 j=1 s=(0 1 0)");
    b.at[1].r = 2;
    b.at[1].d[1] = -0.0;
    check_int(compare_pairs(&a, &b, 0, text), 1);
    b.at[1].d[1] = 0;
    add(&b, 1, 0, 0, 2);
    check_int(compare_pairs(&a, &b, 0, text), 1);
    check_contains(text, "twice");
    b.at[3].j = 7;
    check_int(compare_pairs(&a, &b, 0, text), 1);
    check_contains(text, "extra pair: i=1 j=7");
    pairs_free(&a);
    pairs_free(&b);
}

/* Stands for a defect that needs two certain atoms. */
static int both_there(const struct system *s, void *context)
{
    const double *x = context;
    int found = 0;
    for (int64_t i = 0; i < s->n; i++)
        found += s->r[i][0] == x[0] || s->r[i][0] == x[1];
    return found == 2;
}

static void shrinker_shrinks(void **state)
{
    (void)state;
    struct system s;
    system_plain(&s, 40, 7);
    s.stride = 40;
    double x[2] = {s.r[3][0], s.r[39][0]};
    check_int(compare_shrink(&s, both_there, x), 38);
    check_int(s.n, 2);
    check_int(s.stride, 0);
    assert_true(both_there(&s, x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guard_stops),
        cmocka_unit_test(allocator_counts),
        cmocka_unit_test(allocator_finds_faults),
        cmocka_unit_test(allocator_fails_on_demand),
        cmocka_unit_test(comparer_sees),
        cmocka_unit_test(shrinker_shrinks),
    };
    return cmocka_run_group_tests_name("tools", tests, NULL, NULL);
}
