/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "check.h"
#include "guard.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/* Points in the order of their keys, by every instruction set that can; what lies behind them stays as it is.
 */
enum { MOST = 600, ARRAYS = 11, WORD = 64, FARTHEST = 1024 * WORD, FEW = 12, OVERRUN = NBL__KERNEL_OVERRUN };

static struct random g;

struct points {
    struct guard guards[ARRAYS];
    nbl__near from, to;
    uint32_t *homes, n_homes, before[2 * MOST];
};

static void *take(struct points *p, int which, uint32_t n)
{
    return guard_take(&p->guards[which], n * sizeof(uint32_t));
}

static void open_points(struct points *p, uint32_t n, uint32_t n_homes)
{
    nbl__near *both[] = {&p->from, &p->to};
    for (int k = 0; k < 2; k++)
        *both[k] = (nbl__near){.x = take(p, 5 * k, n),
                               .y = take(p, 5 * k + 1, n),
                               .z = take(p, 5 * k + 2, n),
                               .number = take(p, 5 * k + 3, n),
                               .key = take(p, 5 * k + 4, n + OVERRUN),
                               .n = n};
    p->n_homes = n_homes;
    p->homes = take(p, 10, n_homes);
    for (uint32_t k = 0; k < n_homes; k++)
        p->homes[k] = p->before[k] = (uint32_t)random_int(&g, 0, n - 1);
}

/* n different keys of a span, in any order, and coordinates that tell which is whose. */
static void draw_points(struct points *p, uint32_t n, uint32_t least, uint32_t span)
{
    static uint8_t taken[4 * FARTHEST];
    memset(taken, 0, span);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t at = k == 0 ? 0 : k == 1 ? span - 1 : (uint32_t)random_int(&g, 0, span - 1);
        while (taken[at])
            at = (at + 1) % span;
        taken[at] = 1;
        p->from.key[k] = least + at;
    }
    for (uint32_t k = n; k > 1; k--) {
        const uint32_t other = (uint32_t)random_int(&g, 0, k - 1), key = p->from.key[k - 1];
        p->from.key[k - 1] = p->from.key[other];
        p->from.key[other] = key;
    }
    for (uint32_t k = 0; k < n; k++) {
        p->from.x[k] = (float)k;
        p->from.y[k] = (float)k + 0.25f;
        p->from.z[k] = -(float)k;
        p->from.number[k] = 7 * k;
    }
}

static void check_points(const struct points *p, uint32_t n, bool keys)
{
    uint32_t last = 0;
    for (uint32_t at = 0; at < n; at++) {
        const uint32_t k = (uint32_t)p->to.x[at];
        assert_true(k < n && (at == 0 || last < p->from.key[k]));
        last = p->from.key[k];
        assert_true(p->to.number[at] == 7 * k && p->to.key[at] == (keys ? last : p->from.key[at]));
        assert_true((uint32_t)(p->to.y[at] * 4.0f) == 4 * k + 1 && (uint32_t)-p->to.z[at] == k);
    }
    for (uint32_t k = 0; k < p->n_homes; k++)
        assert_true(p->homes[k] < n && (uint32_t)p->to.x[p->homes[k]] == p->before[k]);
    for (int k = 0; k < ARRAYS; k++)
        assert_true(guard_front_untouched(&p->guards[k]));
}

static void points_are_put_in_order_or_left(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;) {
        static struct points p;
        int64_t ordered = 0, left = 0;
        random_seed(&g, 71);
        for (int64_t trial = scale_count(4000, 400); trial > 0; trial--) {
            const uint32_t n = (uint32_t)random_int(&g, 1, random_chance(&g, 3) ? MOST : 20);
            const uint32_t bound = 2 * n * WORD < FARTHEST ? 2 * n * WORD : FARTHEST; /* of what pays */
            const uint32_t widest = random_chance(&g, 3) ? 2 * bound : bound;
            uint32_t span = random_chance(&g, 3) ? n : (uint32_t)random_int(&g, n, widest);
            if (random_chance(&g, 8))
                span = bound + (uint32_t)random_int(&g, 0, 1);
            const bool keys = random_chance(&g, 2);
            open_points(&p, n, (uint32_t)random_int(&g, 0, 2 * n));
            draw_points(&p, n, random_chance(&g, 2) ? 0 : UINT32_MAX - 4 * FARTHEST, span);
            const bool by_bits = isa == NBL_ISA_AVX2 || isa == NBL_ISA_AVX512, near = n == 1 || span <= bound;
            memcpy(p.to.key, p.from.key, n * sizeof *p.to.key); /* left there if keys are not wanted */
            const bool done = kernels->order(&p.from, &p.to, keys, p.homes, p.n_homes);
            assert_true(done || (n > FEW && !(by_bits && near)));
            if (done)
                check_points(&p, n, keys);
            else
                assert_memory_equal(p.homes, p.before, p.n_homes * sizeof *p.homes);
            ordered += done;
            left += !done;
        }
        assert_true(ordered > 50 && left > 2);
        for (int k = 0; k < ARRAYS; k++)
            guard_free(&p.guards[k]);
    }
}

static void no_points_are_in_order(void **state)
{
    (void)state;
    const nbl__kernels *kernels;
    const nbl__near none = {.n = 0};
    nbl__near to = none;
    for (int32_t isa = 0; (kernels = unit_next_kernels(&isa)) != NULL;)
        assert_true(kernels->order(&none, &to, true, NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_put_in_order_or_left),
        cmocka_unit_test(no_points_are_in_order),
    };
    return cmocka_run_group_tests_name("search/kernel_order", tests, NULL, NULL);
}
