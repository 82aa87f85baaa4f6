/* SPDX-License-Identifier: MIT */
/* The one call: count, then fill; or offer arrays and see. */
#include <stdlib.h>

#include "api.h"

struct call {
    nbl_build_options build;
    nbl_search_options search;
    nbl_outputs outputs;
    int64_t n_pairs;
    char message[200];
};

static struct call fresh(void)
{
    struct call c = {NBL_BUILD_OPTIONS_INIT, NBL_SEARCH_OPTIONS_INIT, NBL_OUTPUTS_INIT, -77, "before"};
    return c;
}

static nbl_status neighbors(const struct system *s, struct call *c, const nbl_outputs *outputs)
{
    return nbl_neighbors(s->n, s->r, s->h, NULL, s->rc, &c->build, &c->search, outputs, &c->n_pairs, c->message,
                         sizeof c->message);
}

/* The bytes are those of build, search and fetch, and the capacity may be larger than needed. */
static void count_then_fill(void **state)
{
    struct api *a = *state;
    struct listing l;
    assert_int_equal(listing_open(&l, NULL), 0);
    for (uint32_t flags = 0; flags < 16; flags++) {
        struct pairs expected = {0, 0, NULL};
        struct variant v = {(int32_t)(flags % 3), flags, 0, 1, 0, 0};
        struct call c = fresh();
        struct guard g[3] = {GUARD_INIT, GUARD_INIT, GUARD_INIT};
        assert_int_equal(listing_find(&l, &a->s, &v, &expected), 0);
        c.build.algorithm = v.algorithm;
        c.search.flags = flags;
        check_int(neighbors(&a->s, &c, NULL), NBL_OK);
        check_int(c.n_pairs, expected.n);
        assert_string_equal(c.message, "");

        size_t m = (size_t)c.n_pairs;
        int64_t *i = guard_take(&g[0], 8 * m), *j = guard_take(&g[1], 8 * m);
        double *d = guard_take(&g[2], 8 * m);
        c.outputs.i = i;
        c.outputs.j = j;
        c.outputs.distances = d;
        c.outputs.pair_capacity = c.n_pairs;
        check_int(neighbors(&a->s, &c, &c.outputs), NBL_OK);
        for (int64_t e = 0; e < expected.n; e++) {
            check_int(i[e], expected.at[e].i);
            check_int(j[e], expected.at[e].j);
            check_bits(d[e], expected.at[e].r);
        }
        for (int k = 0; k < 3; k++)
            guard_free(&g[k]);
        pairs_free(&expected);
    }
    listing_close(&l);
}

/* Too small: the number is told, the arrays are untouched, and a second call with it succeeds. */
static void guess_then_fill(void **state)
{
    struct api *a = *state;
    struct call c = fresh();
    struct guard g = GUARD_INIT;
    c.outputs.pair_capacity = 3;
    c.outputs.j = guard_take(&g, 24);
    api_refused(neighbors(&a->s, &c, &c.outputs), NBL_ECAPACITY, c.message, "pair_capacity", "3");
    assert_true(c.n_pairs > 100);
    assert_true(guard_untouched(&g));
    c.outputs.pair_capacity = c.n_pairs;
    c.outputs.j = guard_take(&g, 8 * (size_t)c.n_pairs);
    check_int(neighbors(&a->s, &c, &c.outputs), NBL_OK);
    assert_false(guard_untouched(&g));
    guard_free(&g);
}

static void message_is_cut(void **state)
{
    struct api *a = *state;
    const struct system *s = &a->s;
    int64_t n_pairs = -5;
    char whole[200], text[8];
    check_int(nbl_neighbors(-1, s->r, s->h, NULL, 1, NULL, NULL, NULL, &n_pairs, whole, sizeof whole),
              NBL_ESIZE);
    check_contains(whole, "n is -1");
    check_int(n_pairs, -5);
    for (size_t size = 0; size <= 7; size++) {
        memset(text, 0x55, sizeof text);
        check_int(nbl_neighbors(-1, s->r, s->h, NULL, 1, NULL, NULL, NULL, &n_pairs, text, size), NBL_ESIZE);
        if (size > 0) {
            check_int(strlen(text), strlen(whole) < size - 1 ? strlen(whole) : size - 1);
            assert_memory_equal(text, whole, strlen(text));
        }
        for (size_t k = size; k < sizeof text; k++)
            check_int(text[k], 0x55);
    }
    check_int(nbl_neighbors(-1, s->r, s->h, NULL, 1, NULL, NULL, NULL, &n_pairs, NULL, 0), NBL_ESIZE);
    check_int(nbl_neighbors(-1, s->r, s->h, NULL, 1, NULL, NULL, NULL, &n_pairs, NULL, 100), NBL_ESIZE);
}

static void passes_on_every_refusal(void **state)
{
    struct api *a = *state;
    struct system s = a->s;
    struct call c = fresh();
    c.build.algorithm = 9;
    api_refused(neighbors(&s, &c, NULL), NBL_EOPTION, c.message, "algorithm", NULL);
    c = fresh();
    c.search.flags = 1u << 20;
    api_refused(neighbors(&s, &c, NULL), NBL_EOPTION, c.message, "flags", NULL);
    check_int(c.n_pairs, -77);
    c = fresh();
    c.search.max_pairs = 5;
    api_refused(neighbors(&s, &c, NULL), NBL_ELIMIT, c.message, "max_pairs", "5");
    check_int(c.n_pairs, -77);
    c = fresh();
    c.outputs.layout = 5;
    api_refused(neighbors(&s, &c, &c.outputs), NBL_EOPTION, c.message, "layout", NULL);
    assert_true(c.n_pairs > 100);
    c = fresh();
    s.r[17][2] = NAN;
    api_refused(neighbors(&s, &c, NULL), NBL_EPOSITION, c.message, "positions[17][2]", "nan");
    c = fresh();
    check_int(nbl_neighbors(s.n, s.r, s.h, NULL, 1, NULL, NULL, NULL, NULL, c.message, sizeof c.message),
              NBL_ENULL);
    check_contains(c.message, "n_pairs");
}

static void defaults_all_the_way(void **state)
{
    int64_t n_pairs = -1, i[2];
    const double r[6] = {0, 0, 0, 1, 0, 0};
    nbl_outputs o = NBL_OUTPUTS_INIT;
    (void)state;
    o.i = i;
    o.pair_capacity = 2;
    check_int(nbl_neighbors(2, r, NULL, NULL, 1.5, NULL, NULL, &o, &n_pairs, NULL, 0), NBL_OK);
    check_int(n_pairs, 2);
    check_int(i[0], 0);
    check_int(i[1], 1);
    check_int(nbl_neighbors(0, NULL, NULL, NULL, 1.5, NULL, NULL, NULL, &n_pairs, NULL, 0), NBL_OK);
    check_int(n_pairs, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_then_fill),      cmocka_unit_test(guess_then_fill),
        cmocka_unit_test(message_is_cut),       cmocka_unit_test(passes_on_every_refusal),
        cmocka_unit_test(defaults_all_the_way),
    };
    return cmocka_run_group_tests_name("api: neighbors", tests, api_open, api_close);
}
