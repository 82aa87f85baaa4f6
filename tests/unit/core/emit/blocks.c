/* SPDX-License-Identifier: MIT */
#include "emit/blocks.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"
#include "counted.h"
#include "random.h"
#include "scale.h"
#include "search/dispatch.h"

/*
 * Systems of made-up rows: what is handed over must be them, whatever the blocks. Rows are given as numbers of
 * images, as plain atoms, or as images themselves, like those of the three ways to search.
 */
enum { SYSTEMS = 6, ROWS = 150, MOST = 3000, THREADS = 4, ALL = 15 };

static double positions[MOST + 1][3]; /* one atom more than can be named: emit/expand.h */
static nbl__image images[MOST];
static uint32_t numbers[SYSTEMS][ROWS][40];

struct row {
    uint32_t count, from; /* its entries are images from ... from + count - 1, or those of numbers[][] */
    int seen;
};

/* Everything that the visitor is to see, and the books of what it saw. */
struct setting {
    struct unit_memory m;
    nbl__buffer threads;
    nbl__blocks blocks;
    nbl__lattice lattice;
    struct row rows[SYSTEMS][ROWS];
    int64_t n_rows[SYSTEMS], first[SYSTEMS + 1];
    int form[SYSTEMS]; /* 0: numbers of images, 1: atoms, 2: images */
    int32_t w[ROWS][3];
    nbl__shells shells[SYSTEMS];
    int32_t thread; /* that the rows are given to */
    long long calls, stop_at;
    int wrong;
};

static void shells_of(const void *context, int64_t system, nbl__shells *shells)
{
    *shells = ((const struct setting *)context)->shells[system];
}

static nbl__view view_of(const struct setting *t, int64_t system, int64_t i)
{
    const struct row *row = &t->rows[system][i];
    nbl__view view = {.count = row->count,
                      .atom = i,
                      .system = system,
                      .first = t->first[system],
                      .r = (const double(*)[3])positions,
                      .lattice = t->form[system] == 1 ? &nbl__lattice_open : &t->lattice};
    if (t->form[system] != 2)
        view.number = row->count > 40 ? NULL : numbers[system][i];
    if (t->form[system] == 0)
        view.images = images;
    if (!view.number)
        view.images = images + row->from;
    if (view.number && t->form[system] == 0)
        memcpy(view.w, t->w[i], sizeof view.w);
    return view;
}

/* The entry, put together again from what view_of() was made of. */
static nbl__image entry_of(const struct setting *t, int64_t system, int64_t i, uint32_t e)
{
    const struct row *row = &t->rows[system][i];
    if (row->count > 40 || t->form[system] == 2)
        return images[row->from + e];
    const uint32_t number = numbers[system][i][e];
    nbl__image image = {.atom = (int32_t)number};
    if (t->form[system] == 0)
        image = images[number];
    for (int k = 0; k < 3 && t->form[system] == 0; k++)
        image.shift[k] += t->w[i][k];
    return image;
}

static bool right_pair(const struct setting *t, const nbl_rows *rows, int64_t i, int64_t at, uint32_t e)
{
    const nbl__image image = entry_of(t, rows->system, i, e);
    const bool open = t->form[rows->system] == 1;
    double d[3], d2 = 0.0;
    bool right = rows->j[at] == image.atom;
    for (int k = 0; k < 3; k++) {
        const double moved = open ? 0.0 : 4.0 * image.shift[k];
        d[k] = (positions[image.atom][k] - positions[i][k]) + moved + 0.0;
        d2 += d[k] * d[k];
        right &= !rows->shifts || rows->shifts[3 * at + k] == image.shift[k];
        right &= !rows->vectors || memcmp(&rows->vectors[3 * at + k], &d[k], sizeof d[k]) == 0;
    }
    right &= !rows->d2 || memcmp(&rows->d2[at], &d2, sizeof d2) == 0;
    const nbl__shells *shells = &t->shells[rows->system];
    int32_t shell = 0;
    while (shell < shells->n - 1 && d2 >= shells->limits[shell])
        shell++;
    return right && (!rows->shells || rows->shells[at] == shells->lists[shell]);
}

static int visit(void *user, const nbl_rows *rows)
{
    struct setting *t = user;
    const uint32_t fields = t->blocks.fields;
    bool right = rows->size == sizeof *rows && rows->n_rows >= 1 && rows->thread == t->thread;
    right &= rows->system >= 0 && rows->system < SYSTEMS && rows->first_atom == t->first[rows->system];
    right &= rows->row_ptr[0] == 0;
    right &= !rows->shifts == !(fields & NBL_ROW_SHIFTS) && !rows->vectors == !(fields & NBL_ROW_VECTORS);
    right &= !rows->d2 == !(fields & NBL_ROW_D2);
    right &= !rows->shells == !(fields & NBL_ROW_SHELLS && t->blocks.n_cutoffs > 1);
    t->calls++;
    for (int32_t k = 0; k < rows->n_rows && right; k++) {
        struct row *row = &t->rows[rows->system][rows->i[k]];
        right &= rows->row_ptr[k + 1] - rows->row_ptr[k] == row->count;
        for (uint32_t e = 0; e < row->count && right; e++)
            right &= right_pair(t, rows, rows->i[k], rows->row_ptr[k] + e, e);
        row->seen++;
    }
    t->wrong += !right;
    return t->calls == t->stop_at ? -9 : 0;
}

static void random_shells(struct random *g, nbl__shells *shells, int32_t n)
{
    double limit = 0.0;
    shells->n = n;
    for (int32_t k = 0; k < n; k++) {
        limit += random_chance(g, 4) ? 0.0 : random_range(g, 0.0, 60.0);
        shells->limits[k] = limit;
        shells->lists[k] = (uint8_t)(n - 1 - k);
    }
}

static void random_setting(struct setting *t, struct random *g)
{
    double h[3][3] = {{4, 0, 0}, {0, 4, 0}, {0, 0, 4}};
    const uint8_t pbc[3] = {1, 1, 1};
    nbl__fault fault;
    memset(t, 0, sizeof *t);
    unit_memory_open(&t->m);
    check_int(nbl__lattice_init(&t->lattice, h, pbc, &fault), NBL_OK);
    const int32_t n_cutoffs = random_chance(g, 2) ? 1 : (int32_t)random_int(g, 2, 7);
    for (int e = 0; e < MOST; e++) {
        images[e].atom = (int32_t)random_int(g, 0, MOST - 1);
        for (int k = 0; k < 3; k++) {
            images[e].shift[k] = (int32_t)random_int(g, -3, 3);
            positions[e][k] = 0.125 * (double)random_int(g, -64, 64);
        }
    }
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < 3; k++)
            t->w[i][k] = (int32_t)random_int(g, -2, 2);
    for (int s = 0; s < SYSTEMS; s++) {
        t->n_rows[s] = random_chance(g, 4) ? 0 : random_int(g, 1, ROWS);
        t->first[s + 1] = t->first[s] + t->n_rows[s];
        t->form[s] = (int)random_int(g, 0, 2);
        random_shells(g, &t->shells[s], n_cutoffs);
        for (int64_t i = 0; i < t->n_rows[s]; i++) {
            struct row *row = &t->rows[s][i];
            row->count = (uint32_t)(random_chance(g, 3) ? 0 : random_int(g, 0, 40));
            if (random_chance(g, 40))
                row->count = (uint32_t)random_int(g, 41, random_chance(g, 2) ? 700 : MOST);
            row->from = (uint32_t)random_int(g, 0, MOST - row->count);
            for (int e = 0; e < 40; e++)
                numbers[s][i][e] = (uint32_t)random_int(g, 0, MOST - 1);
        }
    }
    t->blocks = (nbl__blocks){.expand = nbl__dispatch_kernels(NBL_ISA_AUTO)->expand,
                              .visitor = visit,
                              .user = t,
                              .fields = (uint32_t)random_int(g, 0, ALL),
                              .n_cutoffs = n_cutoffs,
                              .shells_of = shells_of,
                              .shells_context = t,
                              .memory = &t->m.memory};
}

static void close_setting(struct setting *t)
{
    nbl__blocks_free(&t->threads, &t->m.memory);
    check_int(unit_memory_leaks(&t->m), 0);
}

static nbl_status open_blocks(struct setting *t, int32_t n_threads)
{
    nbl__fault fault;
    for (int s = 0; s < SYSTEMS; s++)
        for (int i = 0; i < ROWS; i++)
            t->rows[s][i].seen = 0;
    t->calls = 0;
    return nbl__blocks_open(&t->blocks, n_threads, &t->threads, &fault);
}

/* All rows to one thread, system by system, as a thread meets them. */
static nbl_status give_rows(struct setting *t)
{
    nbl_status status = NBL_OK;
    for (int s = 0; s < SYSTEMS; s++)
        for (int64_t i = 0; i < t->n_rows[s] && status == NBL_OK; i++) {
            const nbl__view view = view_of(t, s, i);
            status = nbl__blocks_row(&t->blocks, t->thread, &view);
        }
    return status;
}

static void check_seen(const struct setting *t, int times)
{
    check_int(t->wrong, 0);
    for (int s = 0; s < SYSTEMS; s++)
        for (int64_t i = 0; i < t->n_rows[s]; i++)
            check_int(t->rows[s][i].seen, times);
}

static void every_row_is_handed_over_once(void **state)
{
    (void)state;
    static struct setting t;
    for (int64_t seed = scale_count(300, 40); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed);
        random_setting(&t, &g);
        t.thread = (int32_t)random_int(&g, 0, THREADS - 1);
        for (int round = 0; round < 3; round++) {
            count_alloc_arm(&t.m.counter, 0, 0);
            check_int(open_blocks(&t, THREADS), NBL_OK);
            check_int(give_rows(&t), NBL_OK);
            check_int(nbl__blocks_close(&t.blocks), NBL_OK);
            check_seen(&t, 1);
            /* A handful of rows or many pairs at a time: few calls, but no block of everything. */
            assert_true(t.calls >= (t.first[SYSTEMS] + 63) / 64);
            assert_true(round == 0 || unit_memory_calls(&t.m) == 0);
            t.blocks.fields = (uint32_t)random_int(&g, 0, ALL);
        }
        close_setting(&t);
    }
}

/* Each thread has a block of its own; what they hold in the end is handed over under their numbers. */
static void threads_do_not_share_blocks(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 5000);
    random_setting(&t, &g);
    for (int s = 0; s < SYSTEMS; s++) {
        t.n_rows[s] = 3;
        for (int i = 0; i < 3; i++)
            t.rows[s][i].count = 5;
    }
    check_int(open_blocks(&t, THREADS), NBL_OK);
    for (int i = 0; i < 3; i++)
        for (int s = 0; s < THREADS; s++) {
            const nbl__view view = view_of(&t, s, i);
            t.thread = s;
            check_int(nbl__blocks_row(&t.blocks, s, &view), NBL_OK);
        }
    check_int(t.calls, 0);
    for (int s = 0; s < THREADS; s++)
        check_int(t.blocks.threads[s].n_rows, 3);
    t.blocks.n_threads = 1; /* one after the other, so that the visitor knows who calls */
    nbl__block *threads = t.blocks.threads;
    t.thread = 0;
    check_int(nbl__blocks_close(&t.blocks), NBL_OK);
    check_int(t.calls, 1);
    check_int(t.rows[0][2].seen, 1);
    check_int(threads[1].n_rows, 3);
    /* Opened again, blocks are empty, and of the rows that were dropped none comes back. */
    t.thread = 0;
    check_int(open_blocks(&t, THREADS), NBL_OK);
    check_int(nbl__blocks_close(&t.blocks), NBL_OK);
    check_int(t.calls, 0);
    check_int(t.wrong, 0);
    close_setting(&t);
}

/* Who is given no rows takes no memory for any. */
static void idle_threads_take_nothing(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 5200);
    random_setting(&t, &g);
    check_int(open_blocks(&t, THREADS), NBL_OK);
    check_int(nbl__blocks_close(&t.blocks), NBL_OK);
    for (int s = 0; s < THREADS; s++)
        check_int(t.blocks.threads[s].memory.bytes, 0);
    check_int(t.calls, 0);
    close_setting(&t);
}

/* A block waits for more as long as it has fewer pairs than a full one. */
static void a_full_block_waits_for_nothing(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 5100);
    random_setting(&t, &g);
    t.n_rows[0] = 2;
    for (uint32_t count = 511; count <= 512; count++) {
        t.rows[0][0].count = count - 200;
        t.rows[0][1].count = 200;
        for (int i = 0; i < 2; i++)
            t.rows[0][i].from = 0;
        check_int(open_blocks(&t, 1), NBL_OK);
        for (int i = 0; i < 2; i++) {
            const nbl__view view = view_of(&t, 0, i);
            check_int(t.calls, 0);
            check_int(nbl__blocks_row(&t.blocks, 0, &view), NBL_OK);
        }
        check_int(t.calls, count == 512);
        check_int(nbl__blocks_close(&t.blocks), NBL_OK);
        check_int(t.calls, 1);
    }
    check_int(t.wrong, 0);
    close_setting(&t);
}

/* After the visitor's no it is not called again, by any thread, and every way out says so. */
static void a_stop_is_a_stop(void **state)
{
    (void)state;
    static struct setting t;
    int stopped = 0;
    for (int64_t seed = scale_count(100, 20); seed > 0; seed--) {
        struct random g;
        random_seed(&g, (uint64_t)seed + 6000);
        random_setting(&t, &g);
        t.stop_at = random_int(&g, 1, 6);
        check_int(open_blocks(&t, THREADS), NBL_OK);
        /* What another thread holds when the stop comes is never handed over. */
        t.thread = 1;
        nbl__view view = view_of(&t, 0, 0);
        view.count = 0;
        check_int(nbl__blocks_row(&t.blocks, 1, &view), NBL_OK);
        t.thread = 0;
        nbl_status status = give_rows(&t);
        if (status == NBL_OK) {
            close_setting(&t);
            continue;
        }
        stopped++;
        check_int(status, NBL_ESTOP);
        check_int(t.calls, t.stop_at);
        check_int(give_rows(&t), NBL_ESTOP);
        t.thread = 1;
        check_int(nbl__blocks_close(&t.blocks), NBL_ESTOP);
        check_int(t.calls, t.stop_at);
        check_int(t.wrong, 0);

        t.stop_at = 0;
        t.thread = 2;
        check_int(open_blocks(&t, THREADS), NBL_OK);
        check_int(give_rows(&t), NBL_OK);
        check_int(nbl__blocks_close(&t.blocks), NBL_OK);
        check_seen(&t, 1);
        close_setting(&t);
    }
    assert_true(stopped > 5);
}

static void failed_allocations_are_reported(void **state)
{
    (void)state;
    static struct setting t;
    nbl_status status = NBL_ENOMEM;
    for (long long nth = 1; status != NBL_OK; nth++) {
        struct random g;
        nbl__fault fault;
        random_seed(&g, 7000);
        random_setting(&t, &g);
        t.n_rows[3] = 1;
        t.rows[3][0].count = MOST;
        t.rows[3][0].from = 0;
        count_alloc_arm(&t.m.counter, nth, 1);
        status = nbl__blocks_open(&t.blocks, THREADS, &t.threads, &fault);
        if (status != NBL_OK)
            check_int(fault.what, NBL__FAULT_BYTES);
        if (status == NBL_OK)
            status = give_rows(&t);
        if (status == NBL_OK)
            status = nbl__blocks_close(&t.blocks);
        check_int(status, status == NBL_OK ? NBL_OK : NBL_ENOMEM);
        assert_true(status != NBL_OK || nth > 3);
        count_alloc_arm(&t.m.counter, 0, 0);
        check_int(open_blocks(&t, THREADS), NBL_OK);
        check_int(give_rows(&t), NBL_OK);
        check_int(nbl__blocks_close(&t.blocks), NBL_OK);
        check_seen(&t, 1);
        close_setting(&t);
    }
}

/* Visits with more threads, then fewer, then more: buffers of the idle ones stay, and all are freed. */
static void buffers_of_idle_threads_stay(void **state)
{
    (void)state;
    static struct setting t;
    struct random g;
    random_seed(&g, 8000);
    random_setting(&t, &g);
    const int32_t sizes[] = {2, 9, 1, 9, 3};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        count_alloc_arm(&t.m.counter, 0, 0);
        check_int(open_blocks(&t, sizes[k]), NBL_OK);
        for (t.thread = 0; t.thread < sizes[k]; t.thread++) {
            check_int(give_rows(&t), NBL_OK);
        }
        t.blocks.n_threads = 0; /* what they still hold is not of interest */
        assert_true(k < 2 || unit_memory_calls(&t.m) == 0);
    }
    check_int(t.wrong, 0);
    close_setting(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_handed_over_once),
        cmocka_unit_test(threads_do_not_share_blocks),
        cmocka_unit_test(idle_threads_take_nothing),
        cmocka_unit_test(a_full_block_waits_for_nothing),
        cmocka_unit_test(a_stop_is_a_stop),
        cmocka_unit_test(failed_allocations_are_reported),
        cmocka_unit_test(buffers_of_idle_threads_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
