/* SPDX-License-Identifier: MIT */
#include "emit/rows.h"

#include "check.h"
#include "counted.h"
#include "isa.h"
#include "random.h"
#include "scale.h"

enum { THREADS = 7, KEPT = 4, SCRATCH = 2 };

static void room_is_never_given_twice(void **state)
{
    (void)state;
    struct random g;
    struct unit_memory m;
    nbl__arena arena;
    nbl__fault fault;
    random_seed(&g, 1);
    unit_memory_open(&m);
    nbl__arena_init(&arena, &m.memory);
    for (int round = 0; round < 3; round++) {
        nbl__cursor cursors[THREADS] = {{.taker = 0}};
        struct {
            unsigned char *at;
            size_t bytes;
        } pieces[400];
        nbl__arena_rewind(&arena);
        for (int p = 0; p < 400; p++) {
            nbl__cursor *cursor = &cursors[random_int(&g, 0, THREADS - 1)];
            size_t bytes = (size_t)random_log(&g, 1.0, p % 50 == 0 ? 2e6 : 3e4);
            void *place;
            if (random_chance(&g, 2)) {
                check_int(nbl__arena_room(&arena, cursor, bytes, &fault), NBL_OK);
                assert_true((size_t)(cursor->end - cursor->next) >= bytes);
                place = cursor->next;
                cursor->next += bytes;
            } else {
                check_int(nbl__arena_keep(&arena, cursor, bytes, &place, &fault), NBL_OK);
            }
            pieces[p].at = place;
            pieces[p].bytes = bytes;
            memset(pieces[p].at, p % 251, bytes);
        }
        for (int p = 0; p < 400; p++)
            for (size_t b = 0; b < pieces[p].bytes; b += 1 + pieces[p].bytes / 64)
                check_int(pieces[p].at[b], p % 251);
    }
    nbl__arena_free(&arena);
    check_int(unit_memory_leaks(&m), 0);
}

static void room_that_is_there_is_not_taken_again(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__arena arena;
    nbl__cursor cursor = {.taker = 0};
    nbl__fault fault;
    unit_memory_open(&m);
    nbl__arena_init(&arena, &m.memory);
    check_int(nbl__arena_room(&arena, &cursor, 1000, &fault), NBL_OK);
    char *at = cursor.next;
    long long calls = unit_memory_calls(&m);
    size_t rest = (size_t)(cursor.end - cursor.next);
    check_int(nbl__arena_room(&arena, &cursor, 0, &fault), NBL_OK);
    check_int(nbl__arena_room(&arena, &cursor, rest, &fault), NBL_OK);
    assert_ptr_equal(cursor.next, at);
    check_int(unit_memory_calls(&m), calls);
    check_int(nbl__arena_room(&arena, &cursor, rest + 1, &fault), NBL_OK);
    assert_true(cursor.next != at);
    nbl__arena_free(&arena);
    check_int(unit_memory_leaks(&m), 0);
}

/* The same work a second time, by one thread: nothing is allocated. */
static void rewinding_makes_all_segments_free(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__arena arena;
    nbl__fault fault;
    unit_memory_open(&m);
    nbl__arena_init(&arena, &m.memory);
    for (int round = 0; round < 4; round++) {
        struct random g;
        nbl__cursor cursor = {.taker = 0};
        random_seed(&g, 77);
        nbl__arena_rewind(&arena);
        count_alloc_arm(&m.counter, 0, 0);
        for (int p = 0; p < 300; p++) {
            size_t bytes = (size_t)random_log(&g, 1.0, 6e5);
            check_int(nbl__arena_room(&arena, &cursor, bytes, &fault), NBL_OK);
            cursor.next += bytes;
        }
        assert_true(round == 0 || unit_memory_calls(&m) == 0);
    }
    nbl__arena_free(&arena);
    check_int(unit_memory_leaks(&m), 0);
}

/* Work that is a little larger than the work before, as that of atoms that moved, allocates nothing. */
static void a_little_more_finds_room(void **state)
{
    (void)state;
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
        struct unit_memory m;
        nbl__arena arena;
        nbl__fault fault;
        unit_memory_open(&m);
        nbl__arena_init(&arena, &m.memory);
        for (int64_t pieces = 20000; pieces <= 20400; pieces += 80) {
            const int64_t before = arena.n_segments;
            nbl__cursor cursor = {.taker = 0};
            nbl__arena_rewind(&arena);
            count_alloc_arm(&m.counter, 0, 0);
            for (int64_t p = 0; p < pieces; p++) {
                check_int(nbl__arena_room(&arena, &cursor, 4000, &fault), NBL_OK);
                cursor.next += 4000;
            }
            nbl__arena_provide_spare(&arena, before);
            const nbl__need need = {n_threads, 4000 * (uint64_t)pieces, 1, 0, 2};
            if (n_threads > 1)
                check_int(nbl__arena_provide(&arena, &need, &fault), NBL_OK);
            assert_true(pieces == 20000 || unit_memory_calls(&m) == 0);
        }
        nbl__arena_free(&arena);
        check_int(unit_memory_leaks(&m), 0);
    }
}

/* Whoever asks first: of segments that all will do, a thread gets one of those that it had. */
static void threads_get_back_what_they_had(void **state)
{
    (void)state;
    enum { TAKERS = 3, EACH = 8 };
    struct unit_memory m;
    struct random g;
    nbl__arena arena;
    nbl__fault fault;
    const char *had[TAKERS][EACH];
    unit_memory_open(&m);
    random_seed(&g, 5);
    nbl__arena_init(&arena, &m.memory);
    for (int round = 0; round < 6; round++) {
        int n[TAKERS] = {0};
        nbl__arena_rewind(&arena);
        for (int taken = 0; taken < TAKERS * EACH;) {
            const int taker = (int)random_int(&g, 0, TAKERS - 1);
            nbl__cursor cursor = {.taker = taker};
            if (n[taker] == EACH)
                continue;
            check_int(nbl__arena_room(&arena, &cursor, 1000, &fault), NBL_OK);
            bool found = round == 0;
            for (int k = 0; k < EACH && !found; k++)
                found = had[taker][k] == cursor.next;
            assert_true(found);
            if (round == 0)
                had[taker][n[taker]] = cursor.next;
            n[taker]++;
            taken++;
        }
        check_int(arena.n_segments, TAKERS * EACH);
    }
    nbl__arena_free(&arena);
    check_int(unit_memory_leaks(&m), 0);
}

/* The rows of one search: what each keeps, and what it needs while it is made. */
struct work {
    size_t keep[800], make[800];
    int count;
    uint64_t total;
};

static void make_work(struct work *work, struct random *g, size_t piece, size_t scratch)
{
    bool equal = random_chance(g, 3);
    work->total = 0;
    work->count = (int)random_int(g, 1, piece > 100000 ? 60 : 800);
    for (int p = 0; p < work->count; p++) {
        work->keep[p] = equal ? piece : (size_t)random_int(g, 1, (int64_t)piece);
        work->make[p] = (size_t)random_int(g, 1, (int64_t)scratch);
        work->total += work->keep[p];
    }
}

/* Rows are handed to threads in any way; each thread makes them at some cursors and keeps them at others. */
static void do_work(nbl__arena *arena, struct random *g, const struct work *work, const nbl__need *need)
{
    nbl__cursor kept[THREADS][KEPT] = {{{.taker = 0}}}, made[THREADS][SCRATCH];
    for (int k = 0; k < THREADS * SCRATCH; k++)
        made[k / SCRATCH][k % SCRATCH] = (nbl__cursor){.scratch = true};
    nbl__fault fault;
    int64_t order[800], greedy = random_int(g, 0, 2);
    random_permutation(g, work->count, order);
    nbl__arena_rewind(arena);
    for (int p = 0; p < work->count; p++) {
        int64_t thread = greedy ? 0 : random_int(g, 0, need->n_threads - 1);
        const int64_t cursor = random_int(g, 0, need->n_kept - 1);
        for (int c = 0; c < need->n_scratch; c++)
            check_int(nbl__arena_room(arena, &made[thread][c], work->make[order[p]], &fault), NBL_OK);
        void *place;
        check_int(nbl__arena_keep(arena, &kept[thread][cursor], work->keep[order[p]], &place, &fault), NBL_OK);
    }
}

static void check_provided(size_t piece, size_t scratch)
{
    struct random g;
    random_seed(&g, piece);
    for (int64_t trial = scale_count(9, 3); trial > 0; trial--) {
        static struct work work;
        struct unit_memory m;
        nbl__arena arena;
        nbl__fault fault;
        nbl__need need = {.n_threads = (int)random_int(&g, 1, THREADS),
                          .n_kept = (int)random_int(&g, 1, KEPT),
                          .n_scratch = (int)(trial % (SCRATCH + 1))};
        need.scratch = need.n_scratch ? scratch : 0;
        unit_memory_open(&m);
        nbl__arena_init(&arena, &m.memory);
        make_work(&work, &g, piece, scratch);
        need.kept = work.total;
        do_work(&arena, &g, &work, &need);
        check_int(nbl__arena_provide(&arena, &need, &fault), NBL_OK);
        count_alloc_arm(&m.counter, 0, 0);
        for (int split = 0; split < 12; split++) {
            do_work(&arena, &g, &work, &need);
            check_int(nbl__arena_provide(&arena, &need, &fault), NBL_OK);
            if (unit_memory_calls(&m) != 0)
                fail_msg(
                    "%llu bytes in rows of up to %zu, made in %d times %zu, for %d threads: %lld allocations",
                    (unsigned long long)work.total, piece, need.n_scratch, scratch, need.n_threads,
                    unit_memory_calls(&m));
        }
        nbl__arena_free(&arena);
        check_int(unit_memory_leaks(&m), 0);
    }
}

static void what_was_provided_suffices_for_short_rows(void **state)
{
    (void)state;
    check_provided(64, 500);
    check_provided(5000, 30000);
    check_provided(60000, 400000);
}

static void what_was_provided_suffices_for_long_rows(void **state)
{
    (void)state;
    check_provided(140000, 900000);
    check_provided(200000, 200000);
    check_provided(262144, 262144);
}

static void what_was_provided_suffices_for_rows_beyond_a_segment(void **state)
{
    (void)state;
    check_provided(300000, 2000000);
    check_provided(1000000, 1000000);
}

/* For scratch, segments of each power of two up to what it takes, one for each cursor of each thread. */
static void no_more_is_provided_than_what_may_be_needed(void **state)
{
    (void)state;
    const size_t smallest = 262144, scratch[] = {0, 100, 262144, 262145, 600000, 1048576};
    const int64_t classes[] = {1, 1, 1, 2, 3, 3};
    for (size_t k = 0; k < sizeof scratch / sizeof *scratch; k++) {
        struct unit_memory m;
        nbl__arena arena;
        nbl__fault fault;
        unit_memory_open(&m);
        nbl__arena_init(&arena, &m.memory);
        const nbl__need need = {.n_threads = 3, .n_kept = 4, .scratch = scratch[k], .n_scratch = 2};
        check_int(nbl__arena_provide(&arena, &need, &fault), NBL_OK);
        check_int(arena.n_segments, 6 * classes[k]);
        const nbl__segment *segments = arena.list.data;
        for (int64_t s = 0; s < arena.n_segments; s++)
            check_int(segments[s].bytes, smallest << s / 6);
        nbl__arena_free(&arena);
        check_int(unit_memory_leaks(&m), 0);
    }
}

/* 12 bytes for the 4 of a pair, and 4 MiB for a thread. */
static void memory_stays_in_proportion_to_what_is_kept(void **state)
{
    (void)state;
    const size_t pieces[] = {100, 10000, 87000, 100000, 132000, 150000, 250000, 263000, 400000, 1100000};
    for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
        struct unit_memory m;
        nbl__arena arena;
        nbl__cursor cursor = {.taker = 0};
        nbl__fault fault;
        uint64_t kept = 0;
        unit_memory_open(&m);
        nbl__arena_init(&arena, &m.memory);
        while (kept < 20000000) {
            void *place;
            check_int(nbl__arena_keep(&arena, &cursor, pieces[k], &place, &fault), NBL_OK);
            kept += pieces[k];
        }
        if (m.memory.held > 3 * kept + 4194304)
            fail_msg("rows of %zu bytes: %llu held for %llu", pieces[k], (unsigned long long)m.memory.held,
                     (unsigned long long)kept);
        nbl__arena_free(&arena);
        check_int(unit_memory_leaks(&m), 0);
    }
}

/* Takes one segment after the other; returns how many allocations the last one took, of itself. */
static long long take_segments(nbl__arena *arena, struct unit_memory *m, int n)
{
    nbl__fault fault;
    for (int k = 0; k < n; k++) {
        nbl__cursor cursor = {.taker = 0};
        count_alloc_arm(&m->counter, 0, 0);
        check_int(nbl__arena_room(arena, &cursor, 100, &fault), NBL_OK);
        check_int(cursor.end - cursor.next, 262144);
        memset(cursor.next, k % 251, 262144);
    }
    return unit_memory_calls(m);
}

/* From the ninth on, eight at a time; where there is a limit, one. */
static void many_segments_are_parts_of_blocks(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__arena arena;
    nbl__cursor cursor = {.taker = 0};
    nbl__fault fault;
    unit_memory_open(&m);
    nbl__arena_init(&arena, &m.memory);
    check_int(take_segments(&arena, &m, 8), 1);
    check_int(arena.n_segments, 8);
    check_int(take_segments(&arena, &m, 1), 1);
    check_int(arena.n_segments, 16);
    check_int(take_segments(&arena, &m, 7), 0);
    count_alloc_arm(&m.counter, 1, 0);
    check_int(nbl__arena_room(&arena, &cursor, 100, &fault), NBL_ENOMEM);
    check_int(fault.need, 8 * 262144);
    check_int(arena.n_segments, 16);
    m.memory.limit = m.memory.held + 4000000;
    check_int(take_segments(&arena, &m, 1), 1);
    check_int(arena.n_segments, 17);
    m.memory.limit = 0;
    const nbl__segment *segments = arena.list.data;
    for (int k = 0; k < 16; k++) {
        check_int(segments[k].data[0], k < 8 ? k : k == 8 ? 0 : k - 9);
        if (k > 8)
            assert_ptr_equal(segments[k].data, segments[k - 1].data + 262144);
    }
    nbl__arena_free(&arena);
    check_int(unit_memory_leaks(&m), 0);
}

static void refusals_leave_the_arena_usable(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__arena arena;
    nbl__cursor cursor = {.taker = 0};
    nbl__fault fault;
    unit_memory_open(&m);
    nbl__arena_init(&arena, &m.memory);
    for (long long nth = 1; nth <= 2; nth++) {
        count_alloc_arm(&m.counter, nth, 1);
        check_int(nbl__arena_room(&arena, &cursor, 100, &fault), NBL_ENOMEM);
        check_int(fault.what, NBL__FAULT_BYTES);
    }
    count_alloc_arm(&m.counter, 0, 0);
    m.memory.limit = 2000;
    check_int(nbl__arena_room(&arena, &cursor, 100, &fault), NBL_ELIMIT);
    check_int(fault.limit, 2000);
    check_int(nbl__arena_provide(&arena, &(nbl__need){2, 1000000, 1, 100, 1}, &fault), NBL_ELIMIT);
    m.memory.limit = 0;
    check_int(nbl__arena_room(&arena, &cursor, SIZE_MAX, &fault), NBL_ENOMEM);
    check_int(nbl__arena_room(&arena, &cursor, 100, &fault), NBL_OK);
    memset(cursor.next, 1, 100);
    nbl__arena_free(&arena);
    check_int(unit_memory_leaks(&m), 0);
}

static void offsets_are_the_sums_of_counts(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__rows rows;
    nbl__fault fault;
    unit_memory_open(&m);
    memset(&rows, 0, sizeof rows);
    for (int kept = 0; kept < 2; kept++)
        for (int64_t n = 120000; n >= 0; n = n > 200 ? n / 3 : n - 40) {
            const int n_threads = 1 + (int)(n % 5);
            check_int(nbl__rows_open(&rows, n, kept, &m.memory, &fault), NBL_OK);
            check_int(rows.n, n);
            check_int(rows.kept, kept);
            assert_false(rows.masked);
            int64_t total = 0, most = 0;
            for (int64_t i = 0; i < n; i++) {
                if (i % 3)
                    rows.entry[i] = &rows;
                else
                    rows.mask[i] = UINT64_MAX - (uint64_t)i;
                rows.count[i] = (uint32_t)(i * i % 17);
                total += rows.count[i];
                most = rows.count[i] > most ? rows.count[i] : most;
            }
            nbl__rows_close(&rows, nbl__kernels_portable.expand, n_threads);
            check_int(rows.total, total);
            check_int(rows.max_count, most);
            check_int(rows.offset[0], 0);
            check_int(rows.offset[n], total);
            for (int64_t i = 0; i < n; i++)
                check_int(rows.offset[i + 1] - rows.offset[i], rows.count[i]);
            for (int64_t i = 0; i < n; i++)
                assert_true(i % 3 ? rows.entry[i] == &rows : rows.mask[i] == UINT64_MAX - (uint64_t)i);
        }
    nbl__rows_free(&rows, &m.memory);
    check_int(unit_memory_leaks(&m), 0);
}

static void totals_are_64_bit(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__rows rows;
    nbl__fault fault;
    unit_memory_open(&m);
    memset(&rows, 0, sizeof rows);
    check_int(nbl__rows_open(&rows, 5, false, &m.memory, &fault), NBL_OK);
    for (int i = 0; i < 5; i++)
        rows.count[i] = UINT32_MAX;
    nbl__rows_close(&rows, nbl__kernels_portable.expand, 1);
    check_int(rows.total, 5ll * UINT32_MAX);
    check_int(rows.max_count, UINT32_MAX);
    check_int(rows.offset[3], 3ll * UINT32_MAX);
    nbl__rows_free(&rows, &m.memory);
    check_int(unit_memory_leaks(&m), 0);
}

static void rows_use_their_memory_again(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__rows rows;
    nbl__fault fault;
    unit_memory_open(&m);
    memset(&rows, 0, sizeof rows);
    check_int(nbl__rows_open(&rows, 1000, true, &m.memory, &fault), NBL_OK);
    for (int i = 0; i < 1000; i++)
        rows.count[i] = 9;
    nbl__rows_close(&rows, nbl__kernels_portable.expand, 1);
    count_alloc_arm(&m.counter, 1, 1);
    check_int(nbl__rows_open(&rows, 900, true, &m.memory, &fault), NBL_OK);
    for (int i = 0; i < 900; i++)
        rows.count[i] = 2;
    nbl__rows_close(&rows, nbl__kernels_portable.expand, 1);
    check_int(rows.total, 1800);
    check_int(rows.max_count, 2);
    check_int(nbl__rows_open(&rows, 5000, true, &m.memory, &fault), NBL_ENOMEM);
    check_int(nbl__rows_open(&rows, INT64_MAX / 4, true, &m.memory, &fault), NBL_ENOMEM);
    nbl__rows_free(&rows, &m.memory);
    check_int(unit_memory_leaks(&m), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_is_never_given_twice),
        cmocka_unit_test(room_that_is_there_is_not_taken_again),
        cmocka_unit_test(rewinding_makes_all_segments_free),
        cmocka_unit_test(a_little_more_finds_room),
        cmocka_unit_test(threads_get_back_what_they_had),
        cmocka_unit_test(what_was_provided_suffices_for_short_rows),
        cmocka_unit_test(what_was_provided_suffices_for_long_rows),
        cmocka_unit_test(what_was_provided_suffices_for_rows_beyond_a_segment),
        cmocka_unit_test(no_more_is_provided_than_what_may_be_needed),
        cmocka_unit_test(memory_stays_in_proportion_to_what_is_kept),
        cmocka_unit_test(many_segments_are_parts_of_blocks),
        cmocka_unit_test(refusals_leave_the_arena_usable),
        cmocka_unit_test(offsets_are_the_sums_of_counts),
        cmocka_unit_test(totals_are_64_bit),
        cmocka_unit_test(rows_use_their_memory_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
