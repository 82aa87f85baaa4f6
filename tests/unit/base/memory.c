/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <pthread.h>

#include "check.h"
#include "counted.h"
#include "random.h"
#include "scale.h"

static void default_hooks_give_aligned_memory(void **state)
{
    (void)state;
    nbl__memory memory;
    nbl__fault fault;
    nbl__memory_init(&memory, NULL);
    const size_t sizes[] = {1, 63, 64, 65, 4097, 1000000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        void *block;
        check_int(nbl__memory_take(&memory, sizes[k], &block, &fault), NBL_OK);
        assert_true((uintptr_t)block % 64 == 0);
        memset(block, 0x5a, sizes[k]);
        check_int(memory.held, sizes[k]);
        nbl__memory_give(&memory, block, sizes[k]);
        check_int(memory.held, 0);
    }
}

static void held_is_the_sum_of_what_is_out(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    void *a, *b;
    unit_memory_open(&m);
    check_int(nbl__memory_take(&m.memory, 100, &a, &fault), NBL_OK);
    check_int(nbl__memory_take(&m.memory, 50, &b, &fault), NBL_OK);
    check_int(m.memory.held, 150);
    nbl__memory_give(&m.memory, NULL, 7);
    check_int(m.memory.held, 150);
    nbl__memory_give(&m.memory, a, 100);
    check_int(m.memory.held, 50);
    nbl__memory_give(&m.memory, b, 50);
    check_int(unit_memory_leaks(&m), 0);
}

static void limit_holds_to_the_byte(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    void *a, *b;
    unit_memory_open(&m);
    m.memory.limit = 1000;
    check_int(nbl__memory_take(&m.memory, 400, &a, &fault), NBL_OK);
    count_alloc_arm(&m.counter, 0, 0);
    check_int(nbl__memory_take(&m.memory, 601, &b, &fault), NBL_ELIMIT);
    assert_null(b);
    check_int(fault.what, NBL__FAULT_BYTES);
    check_int(fault.need, 1001);
    check_int(fault.limit, 1000);
    check_int(unit_memory_calls(&m), 0);
    check_int(m.memory.held, 400);
    check_int(nbl__memory_take(&m.memory, 600, &b, &fault), NBL_OK);
    nbl__memory_give(&m.memory, b, 600);

    /* A later call may set a limit below what is held already. */
    m.memory.limit = 399;
    check_int(nbl__memory_take(&m.memory, 1, &b, &fault), NBL_ELIMIT);
    check_int(nbl__memory_take(&m.memory, SIZE_MAX, &b, &fault), NBL_ELIMIT);
    assert_true(fault.need == UINT64_MAX);
    m.memory.limit = 0;
    check_int(nbl__memory_take(&m.memory, 5000, &b, &fault), NBL_OK);
    nbl__memory_give(&m.memory, b, 5000);
    nbl__memory_give(&m.memory, a, 400);
    check_int(unit_memory_leaks(&m), 0);
}

static void impossible_sizes_never_reach_the_hooks(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    unit_memory_open(&m);
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 63, (size_t)PTRDIFF_MAX + 1};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        void *block = &m;
        nbl__buffer buffer = {NULL, 0};
        check_int(nbl__memory_take(&m.memory, sizes[k], &block, &fault), NBL_ENOMEM);
        assert_null(block);
        check_int(fault.what, NBL__FAULT_BYTES);
        assert_true(fault.need == sizes[k]);
        check_int(nbl__buffer_reserve(&m.memory, &buffer, sizes[k], &fault), NBL_ENOMEM);
        check_int(nbl__buffer_grow(&m.memory, &buffer, 0, sizes[k], &fault), NBL_ENOMEM);
        assert_null(buffer.data);
        check_int(buffer.bytes, 0);
    }
    check_int(unit_memory_calls(&m), 0);
}

static void reserve_allocates_only_to_grow(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    nbl__buffer buffer = {NULL, 0};
    unit_memory_open(&m);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 0, &fault), NBL_OK);
    assert_null(buffer.data);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 1000, &fault), NBL_OK);
    void *data = buffer.data;
    for (size_t bytes = 0; bytes <= 1000; bytes += 100)
        check_int(nbl__buffer_reserve(&m.memory, &buffer, bytes, &fault), NBL_OK);
    assert_ptr_equal(buffer.data, data);
    check_int(unit_memory_calls(&m), 1);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 1001, &fault), NBL_OK);
    assert_true(buffer.bytes >= 1001);
    memset(buffer.data, 1, buffer.bytes);
    check_int(m.memory.held, buffer.bytes);
    check_int(atomic_load(&m.counter.live), 1);
    nbl__buffer_free(&m.memory, &buffer);
    assert_null(buffer.data);
    check_int(buffer.bytes, 0);
    nbl__buffer_free(&m.memory, &buffer);
    check_int(unit_memory_leaks(&m), 0);
}

/* Whatever is added for growth must not be the reason for a refusal. */
static void reserve_takes_the_exact_size_where_more_does_not_fit(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    nbl__buffer buffer = {NULL, 0};
    unit_memory_open(&m);
    m.memory.limit = 2000;
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 1000, &fault), NBL_OK);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 2000, &fault), NBL_OK);
    check_int(buffer.bytes, 2000);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 2001, &fault), NBL_ELIMIT);
    check_int(fault.need, 2001);
    assert_null(buffer.data);
    check_int(buffer.bytes, 0);
    check_int(unit_memory_leaks(&m), 0);
}

static void grow_keeps_what_was_used(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    nbl__buffer buffer = {NULL, 0};
    unit_memory_open(&m);
    check_int(nbl__buffer_grow(&m.memory, &buffer, 0, 256, &fault), NBL_OK);
    for (int k = 0; k < 256; k++)
        ((unsigned char *)buffer.data)[k] = (unsigned char)k;
    check_int(nbl__buffer_grow(&m.memory, &buffer, 256, 300, &fault), NBL_OK);
    assert_true(buffer.bytes >= 300);
    for (int k = 0; k < 256; k++)
        check_int(((unsigned char *)buffer.data)[k], k);

    void *data = buffer.data;
    size_t bytes = buffer.bytes;
    count_alloc_arm(&m.counter, 1, 1);
    check_int(nbl__buffer_grow(&m.memory, &buffer, 256, 100000, &fault), NBL_ENOMEM);
    check_int(fault.need, 100000);
    assert_ptr_equal(buffer.data, data);
    check_int(buffer.bytes, bytes);
    check_int(((unsigned char *)buffer.data)[255], 255);
    nbl__buffer_free(&m.memory, &buffer);
    check_int(unit_memory_leaks(&m), 0);
}

static void a_failed_reserve_leaves_an_empty_usable_buffer(void **state)
{
    (void)state;
    struct unit_memory m;
    nbl__fault fault;
    nbl__buffer buffer = {NULL, 0};
    unit_memory_open(&m);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 64, &fault), NBL_OK);
    count_alloc_arm(&m.counter, 1, 1);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 4096, &fault), NBL_ENOMEM);
    check_int(fault.what, NBL__FAULT_BYTES);
    check_int(fault.need, 4096);
    assert_null(buffer.data);
    check_int(m.memory.held, 0);
    count_alloc_arm(&m.counter, 0, 0);
    check_int(nbl__buffer_reserve(&m.memory, &buffer, 4096, &fault), NBL_OK);
    assert_true(buffer.bytes >= 4096);
    nbl__buffer_free(&m.memory, &buffer);
    check_int(unit_memory_leaks(&m), 0);
}

enum { THREADS = 6, ROUNDS = 3000, BLOCKS = 8 };

/* Several threads over one memory, each with blocks of its own: cmocka's assertions are for the main thread. */
struct crowd {
    struct unit_memory m;
    atomic_int begun, wrong, refused, granted;
};

static void take_or_give(struct crowd *crowd, struct random *g, unsigned char **block, size_t *bytes, int mark)
{
    nbl__fault fault;
    void *data;
    if (*block) {
        for (size_t b = 0; b < *bytes; b += 1 + *bytes / 8)
            if ((*block)[b] != mark)
                atomic_fetch_add(&crowd->wrong, 1);
        nbl__memory_give(&crowd->m.memory, *block, *bytes);
        *block = NULL;
        return;
    }
    const size_t wanted = (size_t)random_int(g, 1, 300);
    nbl_status status = nbl__memory_take(&crowd->m.memory, wanted, &data, &fault);
    if (status == NBL_OK) {
        *block = data;
        *bytes = wanted;
        memset(data, mark, wanted);
        atomic_fetch_add(&crowd->granted, 1);
        return;
    }
    atomic_fetch_add(&crowd->refused, 1);
    if (status != NBL_ELIMIT || data || fault.what != NBL__FAULT_BYTES ||
        fault.limit != crowd->m.memory.limit || fault.need <= fault.limit || fault.need > fault.limit + wanted)
        atomic_fetch_add(&crowd->wrong, 1);
}

static void *jostle(void *context)
{
    struct crowd *crowd = context;
    unsigned char *blocks[BLOCKS] = {NULL};
    size_t bytes[BLOCKS] = {0};
    struct random g;
    const int mark = 1 + atomic_fetch_add(&crowd->begun, 1);
    random_seed(&g, (uint64_t)mark);
    while (atomic_load(&crowd->begun) < THREADS)
        ;
    for (int64_t round = scale_count(ROUNDS, 300); round > 0; round--) {
        const int64_t k = random_int(&g, 0, BLOCKS - 1);
        take_or_give(crowd, &g, &blocks[k], &bytes[k], mark);
    }
    for (int k = 0; k < BLOCKS; k++)
        nbl__memory_give(&crowd->m.memory, blocks[k], bytes[k]);
    return NULL;
}

/* The limit holds whoever takes, and the books are even in the end. */
static void threads_take_and_give_at_once(void **state)
{
    (void)state;
    static struct crowd crowd;
    for (uint64_t limit = 0; limit <= 1000; limit += 500) {
        pthread_t threads[THREADS];
        memset(&crowd, 0, sizeof crowd);
        unit_memory_open(&crowd.m);
        crowd.m.memory.limit = limit;
        for (int t = 0; t < THREADS; t++)
            check_int(pthread_create(&threads[t], NULL, jostle, &crowd), 0);
        for (int t = 0; t < THREADS; t++)
            check_int(pthread_join(threads[t], NULL), 0);
        check_int(atomic_load(&crowd.wrong), 0);
        assert_true(atomic_load(&crowd.granted) > 0);
        check_int(atomic_load(&crowd.refused) > 0, limit != 0);
        if (limit != 0)
            assert_true((uint64_t)atomic_load(&crowd.m.counter.peak_bytes) <= limit);
        check_int(crowd.m.memory.held, 0);
        check_int(unit_memory_leaks(&crowd.m), 0);
    }
}

static void *grow_a_buffer(void *context)
{
    struct crowd *crowd = context;
    nbl__buffer buffer = {NULL, 0};
    nbl__fault fault;
    struct random g;
    const int mark = 1 + atomic_fetch_add(&crowd->begun, 1);
    random_seed(&g, (uint64_t)mark + 90);
    for (int64_t round = scale_count(ROUNDS, 300) / 4; round > 0; round--) {
        const size_t bytes = (size_t)random_int(&g, 1, 2000);
        const bool keep = random_chance(&g, 2);
        const size_t used = buffer.bytes;
        nbl_status status = keep ? nbl__buffer_grow(&crowd->m.memory, &buffer, used, bytes, &fault)
                                 : nbl__buffer_reserve(&crowd->m.memory, &buffer, bytes, &fault);
        bool right = status == NBL_OK ? buffer.bytes >= bytes : status == NBL_ELIMIT;
        for (size_t b = 0; keep && b < used && b < buffer.bytes; b += 50)
            right &= ((unsigned char *)buffer.data)[b] == mark;
        if (!right)
            atomic_fetch_add(&crowd->wrong, 1);
        if (buffer.bytes != 0)
            memset(buffer.data, mark, buffer.bytes);
        if (random_chance(&g, 4))
            nbl__buffer_free(&crowd->m.memory, &buffer);
    }
    nbl__buffer_free(&crowd->m.memory, &buffer);
    return NULL;
}

static void threads_have_buffers_of_their_own(void **state)
{
    (void)state;
    static struct crowd crowd;
    pthread_t threads[THREADS];
    memset(&crowd, 0, sizeof crowd);
    unit_memory_open(&crowd.m);
    crowd.m.memory.limit = 3000;
    for (int t = 0; t < THREADS; t++)
        check_int(pthread_create(&threads[t], NULL, grow_a_buffer, &crowd), 0);
    for (int t = 0; t < THREADS; t++)
        check_int(pthread_join(threads[t], NULL), 0);
    check_int(atomic_load(&crowd.wrong), 0);
    assert_true((uint64_t)atomic_load(&crowd.m.counter.peak_bytes) <= 3000);
    check_int(unit_memory_leaks(&crowd.m), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_hooks_give_aligned_memory),
        cmocka_unit_test(held_is_the_sum_of_what_is_out),
        cmocka_unit_test(limit_holds_to_the_byte),
        cmocka_unit_test(impossible_sizes_never_reach_the_hooks),
        cmocka_unit_test(reserve_allocates_only_to_grow),
        cmocka_unit_test(reserve_takes_the_exact_size_where_more_does_not_fit),
        cmocka_unit_test(grow_keeps_what_was_used),
        cmocka_unit_test(a_failed_reserve_leaves_an_empty_usable_buffer),
        cmocka_unit_test(threads_take_and_give_at_once),
        cmocka_unit_test(threads_have_buffers_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
