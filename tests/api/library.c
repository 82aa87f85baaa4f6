/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/* Statuses, versions, levels, and the making and ending of handles. */
#include <dlfcn.h>
#include <stdlib.h>

#include "api.h"
#include "count_alloc.h"

/* Values are pinned: a new status goes to the end, an old one never moves. */
static void statuses_are_pinned(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t value;
    } pinned[] = {
        {"NBL_OK", 0},          {"NBL_ENULL", -1},     {"NBL_ESIZE", -2},     {"NBL_ESTRUCT", -3},
        {"NBL_EOPTION", -4},    {"NBL_ECONFLICT", -5}, {"NBL_EPOSITION", -6}, {"NBL_ECELL", -7},
        {"NBL_ESINGULAR", -8},  {"NBL_ERANGE", -9},    {"NBL_ECUTOFF", -10},  {"NBL_ECUTOFF_BUILD", -11},
        {"NBL_ESHIFT", -12},    {"NBL_EUNBUILT", -13}, {"NBL_ESTALE", -14},   {"NBL_EARGUMENT", -15},
        {"NBL_ECAPACITY", -16}, {"NBL_ENARROW", -17},  {"NBL_ELIMIT", -18},   {"NBL_ENOMEM", -19},
        {"NBL_EVERIFY", -20},   {"NBL_EBATCH", -21},   {"NBL_EPTR", -22},     {"NBL_EIDS", -23},
        {"NBL_ESTOP", -24},
    };
    for (size_t k = 0; k < sizeof pinned / sizeof pinned[0]; k++)
        assert_string_equal(nbl_status_name(pinned[k].value), pinned[k].name);
#define ROW(name, value, text)                                                                                 \
    assert_string_equal(nbl_status_name(value), #name);                                                        \
    assert_string_equal(nbl_status_text(value), text);                                                         \
    check_int(name, value);
    NBL_STATUS_MAP(ROW)
#undef ROW
}

static void unknown_statuses_have_a_name(void **state)
{
    (void)state;
    static const nbl_status unknown[] = {1, -25, 1000, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 5; k++) {
        assert_string_equal(nbl_status_name(unknown[k]), "NBL_E?");
        assert_string_equal(nbl_status_text(unknown[k]), "unknown status");
    }
}

static void version_is_that_of_the_header(void **state)
{
    (void)state;
    check_int(nbl_version(), NBL_VERSION);
    assert_string_equal(nbl_version_string(), NBL_VERSION_STRING);
    const char *info = nbl_build_info();
    assert_non_null(info);
    for (const char *line = info; *line;) {
        const char *end = strchr(line, '\n'), *equals = strchr(line, '=');
        assert_true(equals && equals > line && (!end || equals < end));
        line = end ? end + 1 : line + strlen(line);
    }
}

/* Whether there is an OpenMP runtime in the process, and what the library says about it. */
static void build_info_tells_of_threads(void **state)
{
    (void)state;
    const char *const told = strstr(nbl_build_info(), "\nthreads=");
    assert_non_null(told);
    const int found = dlsym(RTLD_DEFAULT, "omp_get_max_threads") != NULL;
    check_int(strncmp(told, "\nthreads=OpenMP ", 16) == 0, found);
    check_int(strcmp(told, "\nthreads=none") == 0, !found);
}

static void levels(void **state)
{
    (void)state;
    assert_string_equal(nbl_isa_name(NBL_ISA_PORTABLE), "portable");
    assert_non_null(nbl_isa_name(nbl_isa_detect()));
    assert_true(nbl_isa_detect() >= NBL_ISA_PORTABLE);
    assert_null(nbl_isa_name(-1));
    assert_null(nbl_isa_name(9999));
    assert_true(nbl_max_threads() >= 1);
}

static void handles_begin_empty(void **state)
{
    (void)state;
    nbl_cell_list *list = NULL;
    nbl_batch *batch = NULL;
    nbl_result *result = NULL;
    check_int(nbl_cell_list_create(&list, NULL), NBL_OK);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    check_int(nbl_result_create(&result, NULL), NBL_OK);
    assert_true(list && batch && result);
    assert_string_equal(nbl_cell_list_message(list), "");
    assert_string_equal(nbl_batch_message(batch), "");
    assert_string_equal(nbl_result_message(result), "");
    check_int(nbl_result_n_systems(result), NBL_EUNBUILT);
    check_int(nbl_result_system_status(result, 0), NBL_EUNBUILT);
    check_int(nbl_result_n_systems(NULL), NBL_ENULL);
    check_int(nbl_result_system_status(NULL, 0), NBL_ENULL);
    for (int twice = 0; twice < 2; twice++) {
        nbl_cell_list_destroy(&list);
        nbl_batch_destroy(&batch);
        nbl_result_destroy(&result);
        assert_true(!list && !batch && !result);
    }
    nbl_cell_list_destroy(NULL);
    nbl_batch_destroy(NULL);
    nbl_result_destroy(NULL);
}

static void create_without_a_place(void **state)
{
    (void)state;
    check_int(nbl_cell_list_create(NULL, NULL), NBL_ENULL);
    check_int(nbl_batch_create(NULL, NULL), NBL_ENULL);
    check_int(nbl_result_create(NULL, NULL), NBL_ENULL);
}

/* On error the handle becomes NULL whatever stood there. */
static void create_refuses(const nbl_handle_options *options, nbl_status expected)
{
    nbl_cell_list *list = (nbl_cell_list *)(void *)&expected;
    nbl_batch *batch = (nbl_batch *)(void *)&expected;
    nbl_result *result = (nbl_result *)(void *)&expected;
    check_int(nbl_cell_list_create(&list, options), expected);
    check_int(nbl_batch_create(&batch, options), expected);
    check_int(nbl_result_create(&result, options), expected);
    assert_true(!list && !batch && !result);
}

static void create_checks_options(void **state)
{
    (void)state;
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    static const int32_t threads[] = {-1, 65537, INT32_MAX, INT32_MIN};
    for (int k = 0; k < 4; k++) {
        options.n_threads = threads[k];
        create_refuses(&options, NBL_ESIZE);
    }
    options.n_threads = 65536;
    static const int32_t isa[] = {-1, 9999, INT32_MAX};
    for (int k = 0; k < 3; k++) {
        options.isa = isa[k];
        create_refuses(&options, NBL_EOPTION);
    }
}

static void create_checks_the_allocator(void **state)
{
    (void)state;
    static struct count_alloc counter;
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    nbl_allocator hooks = count_alloc_hooks(&counter), good = hooks;
    options.allocator = &hooks;
    hooks.allocate = NULL;
    create_refuses(&options, NBL_ENULL);
    hooks = good;
    hooks.release = NULL;
    create_refuses(&options, NBL_ENULL);
    hooks = good;
    hooks.size = 0;
    create_refuses(&options, NBL_ESTRUCT);
    hooks.size = sizeof hooks - 1;
    create_refuses(&options, NBL_ESTRUCT);
    hooks = good;
    count_alloc_arm(&counter, 1, 1);
    create_refuses(&options, NBL_ENOMEM);
    count_alloc_arm(&counter, 2, 1);
    nbl_cell_list *list = NULL;
    if (nbl_cell_list_create(&list, &options) == NBL_OK)
        nbl_cell_list_destroy(&list);
    check_int(atomic_load(&counter.live), 0);
    check_int(atomic_load(&counter.faults), 0);
}

/* The hooks are copied, and every byte comes from them. */
static void the_allocator_is_used(void **state)
{
    (void)state;
    static struct count_alloc counter;
    nbl_allocator hooks = count_alloc_hooks(&counter);
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    struct listing l;
    struct system s;
    struct pairs p = {0, 0, NULL};
    struct variant v = {0, 0, 0, 1, 0, 0};
    options.allocator = &hooks;
    system_plain(&s, 60, 3);
    assert_int_equal(listing_open(&l, &options), 0);
    memset(&hooks, 0xff, sizeof hooks);
    assert_int_equal(listing_find(&l, &s, &v, &p), 0);
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    check_int(nbl_cell_list_get_info(l.list, &info), NBL_OK);
    int64_t held = (int64_t)info.n_bytes + nbl_result_n_bytes(l.result);
    assert_true(held > 60 * 24);
    assert_true(atomic_load(&counter.live_bytes) >= held);
    nbl_cell_list_destroy(&l.list);
    listing_close(&l);
    check_int(atomic_load(&counter.live), 0);
    check_int(atomic_load(&counter.live_bytes), 0);
    check_int(atomic_load(&counter.faults), 0);
    pairs_free(&p);
}

/* A cap on the level never changes a byte. */
static void the_level_changes_nothing(void **state)
{
    (void)state;
    struct system s;
    struct pairs reference = {0, 0, NULL}, other = {0, 0, NULL};
    system_plain(&s, 60, 5);
    for (int32_t isa = 0; isa < 64; isa++) {
        struct listing l;
        struct variant v = {NBL_ALGORITHM_CELLS, 0, 0, 1, 0, 0};
        nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
        options.isa = isa;
        if (isa != NBL_ISA_AUTO && !nbl_isa_name(isa))
            continue;
        struct pairs *p = isa == NBL_ISA_AUTO ? &reference : &other;
        p->n = 0;
        assert_int_equal(listing_open(&l, &options), 0);
        assert_int_equal(listing_find(&l, &s, &v, p), 0);
        check_int(p->n, reference.n);
        assert_memory_equal(p->at, reference.at, (size_t)reference.n * sizeof *p->at);
        listing_close(&l);
    }
    pairs_free(&reference);
    pairs_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_are_pinned),
        cmocka_unit_test(unknown_statuses_have_a_name),
        cmocka_unit_test(version_is_that_of_the_header),
        cmocka_unit_test(build_info_tells_of_threads),
        cmocka_unit_test(levels),
        cmocka_unit_test(handles_begin_empty),
        cmocka_unit_test(create_without_a_place),
        cmocka_unit_test(create_checks_options),
        cmocka_unit_test(create_checks_the_allocator),
        cmocka_unit_test(the_allocator_is_used),
        cmocka_unit_test(the_level_changes_nothing),
    };
    return cmocka_run_group_tests_name("api: library", tests, NULL, NULL);
}
