/* SPDX-License-Identifier: MIT */
/* Batches of all kinds are drawn; requests and row books see what they are there to see. */
#include <math.h>
#include <stdlib.h>

#include "batches.h"
#include "check.h"
#include "listing.h"
#include "request.h"
#include "rowbook.h"

enum { SEEDS = 600 };

static void variety(void **state)
{
    (void)state;
    int given[3][3] = {{0}}, flags = 0, f32 = 0, cell_f32 = 0, ids = 0, ids_32 = 0, stride = 0, zero = 0;
    int64_t masks[8] = {0}, systems = 0, empty = 0, large = 0, trailing = 0, open = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct batch_draft d;
        batch_draw(&d, seed, 50);
        assert_in_range(d.n_systems, 0, 50);
        given[0][d.cells]++;
        given[1][d.pbc]++;
        given[2][d.cutoffs]++;
        flags += d.cell_flags;
        f32 += d.positions_f32;
        cell_f32 += d.cell_f32;
        ids += d.by_ids;
        ids_32 += d.ids_32;
        stride += d.stride != 0;
        zero += d.n_systems == 0;
        systems += d.n_systems;
        trailing += d.n_systems > 0 && d.at[d.n_systems - 1].n == 0;
        for (int64_t b = 0; b < d.n_systems; b++) {
            const struct batch_member *m = &d.at[b];
            empty += m->n == 0;
            large += m->n > SYSTEM_ATOMS;
            open += m->n > 0 && !m->has_cell;
            masks[m->n > 0 ? (m->pbc[0] != 0) + 2 * (m->pbc[1] != 0) + 4 * (m->pbc[2] != 0) : 0]++;
        }
        batch_free(&d);
    }
    print_message("%lld systems, %lld empty, %lld large, %lld without a cell\n", (long long)systems,
                  (long long)empty, (long long)large, (long long)open);
    for (int k = 0; k < 3; k++)
        for (int how = k == 2 ? 1 : 0; how < 3; how++)
            assert_true(given[k][how] > SEEDS / 20);
    for (int k = 0; k < 8; k++)
        assert_true(masks[k] > systems / 30);
    assert_true(flags > SEEDS / 10 && f32 > SEEDS / 10 && cell_f32 > SEEDS / 10 && ids > SEEDS / 10 &&
                ids_32 > SEEDS / 10 && stride > SEEDS / 10);
    assert_true(zero > 0 && empty > systems / 10 && empty < systems / 2 && large > SEEDS / 40 &&
                trailing > SEEDS / 10 && open > systems / 30);
}

/* The same seed gives the same bytes, and a copy without a system has the others. */
static void repeatable(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct batch_draft a, b;
        batch_draw(&a, seed, 20);
        batch_copy(&b, &a, -1);
        check_int(b.n_systems, a.n_systems);
        batch_free(&b);
        for (int64_t out = 0; out < a.n_systems; out++) {
            batch_copy(&b, &a, out);
            check_int(b.n_systems, a.n_systems - 1);
            check_int(batch_atoms(&b), batch_atoms(&a) - a.at[out].n);
            for (int64_t k = 0; k < b.n_systems; k++) {
                const struct batch_member *m = &a.at[k + (k >= out)];
                check_int(b.at[k].n, m->n);
                if (m->n > 0)
                    assert_memory_equal(b.at[k].r, m->r, sizeof(double) * 3 * (size_t)m->n);
            }
            batch_free(&b);
        }
        batch_draw(&b, seed, 20);
        check_int(batch_atoms(&b), batch_atoms(&a));
        batch_free(&a);
        batch_free(&b);
    }
}

/* Of twenty random fetches of a list with one wrong pair, several are found out; of the right list, none. */
static void requests_see(void **state)
{
    (void)state;
    struct system s;
    struct listing l;
    struct request q;
    struct random g;
    struct pairs p = {0, 0, NULL};
    struct variant v = {0, 0, 0, 1, 0, 0};
    const int64_t first[2] = {0, 30};
    char text[COMPARE_TEXT];
    memset(&q, 0, sizeof q);
    random_seed(&g, 1);
    system_plain(&s, 30, 3);
    assert_int_equal(listing_open(&l, NULL), 0);
    assert_int_equal(listing_find(&l, &s, &v, &p), 0);
    for (int how = 0; how < 5; how++) {
        struct request_list known = {&p, 30, 1, first, 1};
        struct pair kept = p.at[20];
        int found = 0;
        if (how == 1)
            p.at[20].j ^= 1;
        else if (how == 2)
            p.at[20].s[1]++;
        else if (how == 3)
            p.at[20].d[2] = -p.at[20].d[2];
        else if (how == 4)
            p.at[20].r += 0.125;
        for (int k = 0; k < 20; k++)
            found += request_check(&q, l.result, 0, &known, &g, text);
        assert_true(how == 0 ? found == 0 : found >= 5);
        p.at[20] = kept;
    }
    request_free(&q);
    pairs_free(&p);
    listing_close(&l);
}

/* Two rows of three pairs, as a visit would show them. */
static const int32_t row_atoms[2] = {1, 0}, row_j[3] = {0, 0, 1}, row_s[9] = {0, 0, -1, 0, 0, 0, 0, 0, 1};
static const double row_d[9] = {0, 0, 2, 0, 0, -1, 0, 0, -2}, row_d2[3] = {4, 1, 4};
static const uint8_t row_shells[3] = {0, 1, 0};
static const int64_t row_ptr[3] = {0, 1, 3}, row_first[2] = {0, 2};

static const nbl_rows two_rows = {sizeof(nbl_rows), 0,     0,     0,     2,      row_atoms,
                                  row_ptr,          row_j, row_s, row_d, row_d2, row_shells};

static void books_see(void **state)
{
    (void)state;
    const double cutoffs[2] = {3, 1.5};
    char text[COMPARE_TEXT];
    struct pair list[3] = {
        {0, 0, {0, 0, 0}, {0, 0, -1}, 1}, {0, 1, {0, 0, 1}, {0, 0, -2}, 2}, {1, 0, {0, 0, -1}, {0, 0, 2}, 2}};
    struct pairs p = {3, 3, list};
    for (int how = 0; how < 9; how++) {
        struct rowbook b;
        nbl_rows rows = two_rows;
        struct pair kept = list[1];
        rowbook_open(&b, 1, row_first);
        b.n_cutoffs = 2;
        rows.thread = how == 5;
        rows.vectors = how == 6 ? NULL : row_d;
        rows.n_rows = how == 7 ? 1 : 2;
        list[1].s[2] += how == 1;
        list[1].d[1] = how == 2 ? -0.0 : 0;
        p.n = how == 3 ? 2 : 3;
        check_int(rowbook_visit(&b, &rows), 0);
        if (how == 4)
            check_int(rowbook_visit(&b, &rows), 0);
        const double other[2] = {1.5, 3};
        check_int(rowbook_compare(&b, &p, NULL, how == 8 ? other : cutoffs, 1, 0, text), how != 0);
        list[1] = kept;
        rowbook_close(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variety),
        cmocka_unit_test(repeatable),
        cmocka_unit_test(requests_see),
        cmocka_unit_test(books_see),
    };
    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
