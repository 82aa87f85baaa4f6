/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "check.h"
#include "guard.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

/* Points in the order of their keys, by every instruction set that can; what lies behind them stays as it is.
 */
enum { MOST = 600, ARRAYS = 11, WORD = 64, FARTHEST = 1024 * WORD };

static struct random g;

struct points {
    struct guard guards[ARRAYS];
    nbl__near from, to;
    uint32_t *rank;
};

static void *take(struct points *p, int which, uint32_t n)
{
    return guard_take(&p->guards[which], n * sizeof(uint32_t));
}

static void open_points(struct points *p, uint32_t n)
{
    nbl__near *both[] = {&p->from, &p->to};
    for (int k = 0; k < 2; k++)
        *both[k] = (nbl__near){.x = take(p, 5 * k, n),
                               .y = take(p, 5 * k + 1, n),
                               .z = take(p, 5 * k + 2, n),
                               .number = take(p, 5 * k + 3, n),
                               .key = take(p, 5 * k + 4, n),
                               .n = n};
    p->rank = take(p, 10, n);
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

static void check_points(const struct points *p, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t at = p->rank[k];
        assert_true(at < n && p->to.key[at] == p->from.key[k] &&
                    (at == 0 || p->to.key[at - 1] < p->to.key[at]));
        assert_true((uint32_t)p->to.x[at] == k && p->to.number[at] == 7 * k);
        assert_true((uint32_t)(p->to.y[at] * 4.0f) == 4 * k + 1 && (uint32_t)-p->to.z[at] == k);
    }
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
        for (int64_t trial = kernels->order ? scale_count(4000, 400) : 0; trial > 0; trial--) {
            const uint32_t n = (uint32_t)random_int(&g, 1, random_chance(&g, 3) ? MOST : 20);
            const uint32_t bound = 2 * n * WORD < FARTHEST ? 2 * n * WORD : FARTHEST; /* of what pays */
            const uint32_t widest = random_chance(&g, 3) ? 2 * bound : bound;
            uint32_t span = random_chance(&g, 3) ? n : (uint32_t)random_int(&g, n, widest);
            if (random_chance(&g, 8))
                span = bound + (uint32_t)random_int(&g, 0, 1);
            open_points(&p, n);
            draw_points(&p, n, random_chance(&g, 2) ? 0 : UINT32_MAX - 4 * FARTHEST, span);
            const bool pays = n == 1 || span <= bound;
            check_int(kernels->order(&p.from, &p.to, p.rank), pays);
            if (pays)
                check_points(&p, n);
            ordered += pays;
            left += !pays;
        }
        assert_true(!kernels->order || (ordered > 50 && left > 20));
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
        assert_true(!kernels->order || kernels->order(&none, &to, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_put_in_order_or_left),
        cmocka_unit_test(no_points_are_in_order),
    };
    return cmocka_run_group_tests_name("search/kernel_order", tests, NULL, NULL);
}
