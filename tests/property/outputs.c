/* SPDX-License-Identifier: MIT */
/*
 * Every output in every layout, type and index base against the plain int64 and float64 fetch of the same
 * result, of hard systems in all variants. What is asked for, and how it is compared, is in support/request.
 */
#include <stdio.h>

#include "compare.h"
#include "request.h"
#include "scale.h"

enum { FETCHES = 8 };

static int64_t failures, wide;

static void report(const struct system *s, const struct variant *v, const char *text)
{
    char name[80];
    variant_name(v, name);
    if (failures++ < 10)
        fprintf(stderr, "seed %llu, %s: %s\n", (unsigned long long)s->seed, name, text);
}

static struct variant draw_variant(struct random *g, int64_t n)
{
    uint32_t flags = (uint32_t)random_int(g, 0, 15);
    struct variant v = {(int32_t)random_int(g, 0, 2), flags, (int32_t)random_int(g, 0, 2), 1, 0, 0};
    if (random_chance(g, 4)) {
        v.flags = (v.flags & ~(uint32_t)NBL_HALF) | NBL_CENTERS;
        v.n_centers = random_int(g, 0, n);
    }
    return v;
}

static int leaves_int8(const struct pairs *p)
{
    for (int64_t e = 0; e < p->n; e++)
        for (int k = 0; k < 3; k++)
            if (p->at[e].s[k] < -128 || p->at[e].s[k] > 127)
                return 1;
    return 0;
}

static void one_system(struct listing *l, struct request *q, uint64_t seed)
{
    struct system s;
    struct random g;
    struct pairs plain = {0, 0, NULL};
    char text[COMPARE_TEXT];
    random_seed(&g, seed);
    system_random(&s, seed);
    const struct variant v = draw_variant(&g, s.n);
    if (listing_find(l, &s, &v, &plain) != 0) {
        report(&s, &v, l->text);
    } else {
        const int64_t atom_ptr[2] = {0, nbl_result_n_rows(l->result)};
        const struct request_list list = {&plain, atom_ptr[1], 1, atom_ptr,
                                          !(v.flags & (NBL_HALF | NBL_CENTERS))};
        wide += leaves_int8(&plain);
        for (int k = 0; k < FETCHES; k++)
            if (request_check(q, l->result, 0, &list, &g, text) != 0)
                report(&s, &v, text);
    }
    pairs_free(&plain);
}

int main(void)
{
    uint64_t first = scale_seed("NBL_TEST_SEED", 1300000);
    int64_t count = scale_count(3000, 200);
    static struct request q;
    struct listing l;
    if (listing_open(&l, NULL) != 0)
        return 1;
    for (int64_t k = 0; k < count; k++)
        one_system(&l, &q, first + (uint64_t)k);
    listing_close(&l);
    request_free(&q);
    printf("seeds %llu..%llu: %lld fetches, %lld systems with shifts beyond int8, %lld failures\n",
           (unsigned long long)first, (unsigned long long)(first + (uint64_t)count - 1),
           (long long)(FETCHES * count), (long long)wide, (long long)failures);
    return failures != 0 || wide == 0;
}
