/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <math.h>

#include "check.h"
#include "reference.h"
#include "scale.h"

/* A verification of a random world, and the right rows to spoil. */
struct setting {
    struct world world;
    struct unit_pairs pairs;
    nbl__verify verify;
    nbl__fault fault;
    uint64_t seed;
};

static void open_setting(struct setting *t, uint64_t seed, int64_t most)
{
    struct random g;
    memset(t, 0, sizeof *t);
    t->seed = seed;
    random_seed(&g, seed);
    world_random(&t->world, &g, most);
    check_int(world_wrap(&t->world), NBL_OK);
    t->verify.n = t->world.n;
    t->verify.r = (const double(*)[3])t->world.r;
    t->verify.lattice = &t->world.lattice;
    t->verify.cutoff = fmin(t->world.rc, 4.0);
    t->verify.half = random_chance(&g, 2);
    t->verify.inclusive = random_chance(&g, 2);
    t->verify.self = random_chance(&g, 2);
    t->verify.sorted = random_chance(&g, 2);
    t->verify.memory = &t->world.memory.memory;
    const struct unit_rule rule = {t->verify.half, t->verify.inclusive, t->verify.self, t->world.n};
    unit_reference(&t->world, t->verify.cutoff, &rule, &t->pairs);
}

static void close_setting(struct setting *t)
{
    nbl__buffer_free(t->verify.memory, &t->verify.reference);
    nbl__buffer_free(t->verify.memory, &t->verify.scratch);
    unit_pairs_free(&t->pairs);
    check_int(world_close(&t->world), 0);
}

/* The right row of atom i in the form that verify takes, with room for one more; freed by the caller. */
static nbl__verify_pair *right_row(const struct setting *t, int64_t i, int64_t *count)
{
    nbl__verify_pair *row = test_calloc(t->pairs.count + 2, sizeof *row);
    *count = 0;
    for (size_t e = 0; e < t->pairs.count; e++) {
        const struct unit_pair *pair = &t->pairs.data[e];
        if (pair->i != i)
            continue;
        nbl__verify_pair *out = &row[(*count)++];
        out->j = pair->j;
        out->distance = pair->distance;
        memcpy(out->d, pair->d, sizeof out->d);
        for (int k = 0; k < 3; k++)
            out->shift[k] = (int32_t)pair->s[k];
    }
    return row;
}

static void verify_right_row(struct setting *t, int64_t i)
{
    int64_t count;
    nbl__verify_pair *row = right_row(t, i, &count);
    check_int(nbl__verify_row(&t->verify, i, row, count, &t->fault), NBL_OK);
    test_free(row);
}

static void right_rows_are_equal(void **state)
{
    (void)state;
    int64_t n = scale_count(400, 40);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct setting t;
        open_setting(&t, seed, 15);
        for (int64_t i = t.world.n - 1; i >= 0; i--)
            verify_right_row(&t, i);
        if (t.verify.report.verdict != NBL_VERIFY_EQUAL)
            fail_msg("seed %llu: verdict %d at (%lld, %lld)", (unsigned long long)seed, t.verify.report.verdict,
                     (long long)t.verify.report.i, (long long)t.verify.report.j);
        check_int(t.verify.report.n_pairs, t.pairs.count);
        close_setting(&t);
    }
}

/* A shell: what a smaller cutoff holds already is not in the list, and what is at its edge follows the rule. */
static void shells_begin_where_the_lower_cutoff_ends(void **state)
{
    (void)state;
    for (int64_t seed = scale_count(300, 40); seed > 0; seed--) {
        struct setting t;
        struct random g;
        open_setting(&t, (uint64_t)seed + 500, 15);
        random_seed(&g, (uint64_t)seed);
        t.verify.lower = t.verify.cutoff * random_unit(&g);
        if (t.pairs.count > 0 && random_chance(&g, 2))
            t.verify.lower = t.pairs.data[random_int(&g, 0, (int64_t)t.pairs.count - 1)].distance;
        size_t kept = 0;
        for (size_t e = 0; e < t.pairs.count; e++) {
            const double distance = t.pairs.data[e].distance;
            const bool below = t.verify.inclusive ? distance <= t.verify.lower : distance < t.verify.lower;
            t.pairs.data[kept] = t.pairs.data[e];
            kept += !below || !(t.verify.lower > 0.0);
        }
        t.pairs.count = kept;
        for (int64_t i = 0; i < t.world.n; i++)
            verify_right_row(&t, i);
        check_int(t.verify.report.verdict, NBL_VERIFY_EQUAL);
        check_int(t.verify.report.n_pairs, kept);
        close_setting(&t);
    }
}

enum spoil { DROP, REPEAT, INVENT, VECTOR, DISTANCE, SIGN_OF_ZERO, SHIFT, SPOILS };

/* Spoils entry e of a row; returns the verdict that is due, or -1 where it cannot be done. */
static int spoil_row(const struct setting *t, nbl__verify_pair *row, int64_t *count, int64_t e, enum spoil how)
{
    nbl__verify_pair *pair = &row[e];
    switch (how) {
    case DROP:
        memmove(pair, pair + 1, (size_t)(--*count - e) * sizeof *row);
        return NBL_VERIFY_MISSING;
    case REPEAT:
        memmove(pair + 1, pair, (size_t)((*count)++ - e) * sizeof *row);
        return NBL_VERIFY_EXTRA;
    case INVENT:
        row[*count] = row[*count - 1];
        row[*count].j = t->world.n;
        ++*count;
        return NBL_VERIFY_EXTRA;
    case VECTOR:
        pair->d[1] = nextafter(pair->d[1], 99.0);
        return NBL_VERIFY_WRONG;
    case DISTANCE:
        pair->distance = nextafter(pair->distance, 0.0);
        return pair->distance == 0.0 ? -1 : NBL_VERIFY_WRONG;
    case SIGN_OF_ZERO:
        for (int k = 0; k < 3; k++)
            if (pair->d[k] == 0.0) {
                pair->d[k] = -0.0;
                return NBL_VERIFY_WRONG;
            }
        return -1;
    case SHIFT:
        pair->shift[2] += 1000;
        return NBL_VERIFY_MISSING;
    default:
        return -1;
    }
}

static void every_kind_of_fault_is_found(void **state)
{
    (void)state;
    int found[SPOILS] = {0};
    int64_t n = scale_count(600, 120);
    for (uint64_t seed = 1; seed <= (uint64_t)n; seed++) {
        struct setting t;
        struct random g;
        enum spoil how = (enum spoil)(seed % SPOILS);
        open_setting(&t, seed + 100, 12);
        t.verify.sorted = false;
        random_seed(&g, seed);
        int64_t i = random_int(&g, 0, t.world.n - 1), count;
        nbl__verify_pair *row = right_row(&t, i, &count);
        if (count > 0) {
            int64_t e = random_int(&g, 0, count - 1);
            const nbl__verify_pair victim = row[e];
            int verdict = spoil_row(&t, row, &count, e, how);
            if (verdict >= 0) {
                found[how]++;
                check_int(nbl__verify_row(&t.verify, i, row, count, &t.fault), NBL_OK);
                const nbl_verify_report *report = &t.verify.report;
                bool moved = how == SHIFT && report->verdict == NBL_VERIFY_EXTRA;
                check_int(moved ? NBL_VERIFY_MISSING : report->verdict, verdict);
                check_int(report->i, i);
                if (how != INVENT && !moved) {
                    check_int(report->j, victim.j);
                    assert_memory_equal(report->shift, victim.shift, sizeof victim.shift);
                    assert_true(fabs(report->distance - report->distance_long) <=
                                1e-13 * t.verify.cutoff + 1e-9);
                }
            }
        }
        test_free(row);
        close_setting(&t);
    }
    for (int k = 0; k < SPOILS; k++)
        if (k != SIGN_OF_ZERO)
            assert_true(found[k] > 3);
}

static void the_order_counts_where_it_was_asked_for(void **state)
{
    (void)state;
    int tried = 0;
    for (uint64_t seed = 1; seed <= 60; seed++)
        for (int sorted = 0; sorted < 2; sorted++) {
            struct setting t;
            int64_t count;
            open_setting(&t, seed + 200, 12);
            t.verify.sorted = sorted;
            nbl__verify_pair *row = right_row(&t, 0, &count);
            if (count > 1) {
                nbl__verify_pair swap = row[0];
                row[0] = row[count - 1];
                row[count - 1] = swap;
                tried++;
                check_int(nbl__verify_row(&t.verify, 0, row, count, &t.fault), NBL_OK);
                check_int(t.verify.report.verdict, sorted ? NBL_VERIFY_WRONG : NBL_VERIFY_EQUAL);
            }
            test_free(row);
            close_setting(&t);
        }
    assert_true(tried > 20);
}

/* Rows come in the order of bins: what is reported is the lowest row with a fault, whatever comes after. */
static void the_lowest_row_with_a_fault_is_reported(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 81);
    for (int64_t trial = scale_count(200, 40); trial > 0; trial--) {
        struct setting t;
        int64_t order[12], lowest = INT64_MAX;
        open_setting(&t, (uint64_t)trial + 300, 12);
        random_permutation(&g, t.world.n, order);
        for (int64_t k = 0; k < t.world.n; k++) {
            int64_t count, i = order[k];
            nbl__verify_pair *row = right_row(&t, i, &count);
            if (count > 0 && random_chance(&g, 3)) {
                count--;
                lowest = i < lowest ? i : lowest;
            }
            check_int(nbl__verify_row(&t.verify, i, row, count, &t.fault), NBL_OK);
            test_free(row);
        }
        if (lowest == INT64_MAX) {
            check_int(t.verify.report.verdict, NBL_VERIFY_EQUAL);
        } else {
            check_int(t.verify.report.verdict, NBL_VERIFY_MISSING);
            check_int(t.verify.report.i, lowest);
        }
        close_setting(&t);
    }
}

static void rows_beyond_the_input_are_extra(void **state)
{
    (void)state;
    struct setting t;
    open_setting(&t, 5, 6);
    nbl__verify_pair pair = {.j = 0};
    int64_t n = t.world.n;
    check_int(nbl__verify_row(&t.verify, n, NULL, 0, &t.fault), NBL_OK);
    check_int(t.verify.report.verdict, NBL_VERIFY_EQUAL);
    check_int(nbl__verify_row(&t.verify, n, &pair, 1, &t.fault), NBL_OK);
    check_int(t.verify.report.verdict, NBL_VERIFY_EXTRA);
    check_int(t.verify.report.i, n);
    close_setting(&t);
}

static void close_calls_are_counted(void **state)
{
    (void)state;
    struct setting t;
    memset(&t, 0, sizeof t);
    world_open(&t.world);
    t.world.n = 3;
    t.world.r[1][0] = 2.0;
    t.world.r[2][1] = nextafter(2.0, 3.0);
    check_int(world_wrap(&t.world), NBL_OK);
    t.verify = (nbl__verify){.n = 3,
                             .r = (const double(*)[3])t.world.r,
                             .lattice = &t.world.lattice,
                             .cutoff = 2.0,
                             .memory = &t.world.memory.memory};
    check_int(nbl__verify_row(&t.verify, 0, NULL, 0, &t.fault), NBL_OK);
    check_int(t.verify.report.verdict, NBL_VERIFY_EQUAL);
    check_int(t.verify.report.n_close, 2);
    close_setting(&t);
}

static void shifts_beyond_32_bits_end_it(void **state)
{
    (void)state;
    struct setting t;
    memset(&t, 0, sizeof t);
    world_open(&t.world);
    t.world.n = 1;
    t.world.pbc[0] = 1;
    t.world.h[0][0] = 1e-9;
    check_int(world_wrap(&t.world), NBL_OK);
    t.verify = (nbl__verify){.n = 1,
                             .r = (const double(*)[3])t.world.r,
                             .lattice = &t.world.lattice,
                             .cutoff = 5.0,
                             .memory = &t.world.memory.memory};
    check_int(nbl__verify_row(&t.verify, 0, NULL, 0, &t.fault), NBL_ESHIFT);
    check_int(t.fault.what, NBL__FAULT_PAIR);
    close_setting(&t);
}

static void memory_that_fails_is_reported(void **state)
{
    (void)state;
    struct setting t;
    int64_t count = 0;
    uint64_t seed = 400;
    nbl__verify_pair *row = NULL;
    for (; count < 1; seed++) {
        open_setting(&t, seed, 12);
        row = right_row(&t, 0, &count);
        if (count < 1) {
            test_free(row);
            close_setting(&t);
        }
    }
    count_alloc_arm(&t.world.memory.counter, 1, 1);
    check_int(nbl__verify_row(&t.verify, 0, row, count, &t.fault), NBL_ENOMEM);
    check_int(t.fault.what, NBL__FAULT_BYTES);
    count_alloc_arm(&t.world.memory.counter, 0, 0);
    t.verify.memory->limit = 8;
    check_int(nbl__verify_row(&t.verify, 0, row, count, &t.fault), NBL_ELIMIT);
    check_int(t.fault.limit, 8);
    t.verify.memory->limit = 0;
    check_int(nbl__verify_row(&t.verify, 0, row, count, &t.fault), NBL_OK);
    check_int(t.verify.report.verdict, NBL_VERIFY_EQUAL);
    test_free(row);
    close_setting(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_rows_are_equal),
        cmocka_unit_test(shells_begin_where_the_lower_cutoff_ends),
        cmocka_unit_test(every_kind_of_fault_is_found),
        cmocka_unit_test(the_order_counts_where_it_was_asked_for),
        cmocka_unit_test(the_lowest_row_with_a_fault_is_reported),
        cmocka_unit_test(rows_beyond_the_input_are_extra),
        cmocka_unit_test(close_calls_are_counted),
        cmocka_unit_test(shifts_beyond_32_bits_end_it),
        cmocka_unit_test(memory_that_fails_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
