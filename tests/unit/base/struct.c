/* SPDX-License-Identifier: MIT */
#include "base/struct.h"

#include "check.h"
#include "guard.h"

/* Today's struct of the library, and what its first release had. */
struct today {
    size_t size;
    int32_t a, b;
    int64_t c;
};

enum { FIRST = sizeof(size_t) + 2 * sizeof(int32_t), TODAY = sizeof(struct today) };

static const struct today defaults = {sizeof(struct today), 1, 2, 3};

/* A caller's struct of `size` bytes that ends at an unreadable page, all of its fields filled with `fill`. */
static unsigned char *caller(struct guard *guard, size_t bytes, size_t size, int fill)
{
    unsigned char *given = guard_take(guard, bytes);
    memset(given, fill, bytes);
    memcpy(given, &size, sizeof size);
    return given;
}

static void without_a_struct_the_defaults_stay(void **state)
{
    (void)state;
    struct today own = defaults;
    check_int(nbl__struct_read(&own, TODAY, FIRST, NULL), NBL_OK);
    assert_memory_equal(&own, &defaults, sizeof own);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    const size_t sizes[] = {0, 1, sizeof(size_t), FIRST - 1, FIRST + 4, TODAY + 1, 65537, SIZE_MAX};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct today own = defaults;
        unsigned char *given = caller(&guard, sizeof(size_t), sizes[k], 0);
        check_int(nbl__struct_read(&own, TODAY, FIRST, given), NBL_ESTRUCT);
        assert_memory_equal(&own, &defaults, sizeof own);
        check_int(nbl__struct_check(given, FIRST), NBL_ESTRUCT);
        check_int(nbl__struct_write(given, FIRST, &own, TODAY), NBL_ESTRUCT);
    }
    guard_free(&guard);
}

static void older_structs_leave_newer_fields_alone(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    struct today own = defaults;
    check_int(nbl__struct_read(&own, TODAY, FIRST, caller(&guard, FIRST, FIRST, 0x11)), NBL_OK);
    check_int(own.size, TODAY);
    check_int(own.a, 0x11111111);
    check_int(own.b, 0x11111111);
    check_int(own.c, 3);
    guard_free(&guard);
}

static void todays_structs_are_copied(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    struct today own = defaults;
    check_int(nbl__struct_read(&own, TODAY, FIRST, caller(&guard, TODAY, TODAY, 0x22)), NBL_OK);
    check_int(own.a, 0x22222222);
    check_int(own.b, 0x22222222);
    check_int(own.c, 0x2222222222222222);
    check_int(own.size, TODAY);
    guard_free(&guard);
}

static void newer_structs_must_not_use_what_is_unknown_here(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    const size_t sizes[] = {TODAY + 8, TODAY + 40, 65536};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t size = sizes[k];
        struct today own = defaults;
        unsigned char *given = caller(&guard, size, size, 0);
        check_int(nbl__struct_read(&own, TODAY, FIRST, given), NBL_OK);
        check_int(own.a, 0);
        check_int(own.size, TODAY);
        for (size_t at = TODAY; at<size; at += size> 1000 ? 641 : 1) {
            own = defaults;
            given[at] = 1;
            check_int(nbl__struct_read(&own, TODAY, FIRST, given), NBL_ESTRUCT);
            assert_memory_equal(&own, &defaults, sizeof own);
            given[at] = 0;
        }
        given[size - 1] = 0x80;
        check_int(nbl__struct_read(&own, TODAY, FIRST, given), NBL_ESTRUCT);
    }
    guard_free(&guard);
}

static void a_write_ends_where_the_caller_says(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    for (size_t size = FIRST; size <= TODAY; size += sizeof size) {
        struct today own = {TODAY, 0x33333333, 0x33333333, 0x3333333333333333};
        unsigned char *given = caller(&guard, size, size, 0x44);
        check_int(nbl__struct_check(given, FIRST), NBL_OK);
        check_int(nbl__struct_write(given, FIRST, &own, TODAY), NBL_OK);
        size_t told;
        memcpy(&told, given, sizeof told);
        check_int(told, size);
        for (size_t at = sizeof told; at < size; at++)
            check_int(given[at], 0x33);
    }
    guard_free(&guard);
}

static void a_write_to_a_newer_struct_leaves_its_tail_alone(void **state)
{
    (void)state;
    struct guard guard = GUARD_INIT;
    struct today own = {TODAY, 0x33333333, 0x33333333, 0x3333333333333333};
    unsigned char *given = caller(&guard, TODAY + 16, TODAY + 16, 0x44);
    check_int(nbl__struct_write(given, FIRST, &own, TODAY), NBL_OK);
    for (size_t at = sizeof(size_t); at < TODAY + 16; at++)
        check_int(given[at], at < TODAY ? 0x33 : 0x44);
    guard_free(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_struct_the_defaults_stay),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(older_structs_leave_newer_fields_alone),
        cmocka_unit_test(todays_structs_are_copied),
        cmocka_unit_test(newer_structs_must_not_use_what_is_unknown_here),
        cmocka_unit_test(a_write_ends_where_the_caller_says),
        cmocka_unit_test(a_write_to_a_newer_struct_leaves_its_tail_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
