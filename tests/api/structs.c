/* SPDX-License-Identifier: MIT */
/*
 * Structs carry their size: impossible sizes are refused, larger ones are accepted where the unknown tail
 * is zero, and what the library fills never gets more bytes than its size says.
 */
#include "api.h"

enum { TAIL = 40 };

/* One struct that callers fill: how to use it, and the status of that use. */
struct use {
    const char *name;
    size_t size;
    void (*init)(void *bytes);
    nbl_status (*call)(struct api *a, void *bytes);
};

static void init_handle_options(void *bytes)
{
    *(nbl_handle_options *)bytes = (nbl_handle_options)NBL_HANDLE_OPTIONS_INIT;
}

static nbl_status use_list_options(struct api *a, void *bytes)
{
    nbl_cell_list *list = NULL;
    (void)a;
    nbl_status status = nbl_cell_list_create(&list, bytes);
    nbl_cell_list_destroy(&list);
    return status;
}

static nbl_status use_result_options(struct api *a, void *bytes)
{
    nbl_result *result = NULL;
    (void)a;
    nbl_status status = nbl_result_create(&result, bytes);
    nbl_result_destroy(&result);
    return status;
}

static void init_build_options(void *bytes)
{
    *(nbl_build_options *)bytes = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
}

static nbl_status use_build_options(struct api *a, void *bytes)
{
    return nbl_cell_list_build(a->list, a->s.n, a->s.r, a->s.h, NULL, a->s.rc, bytes);
}

static void init_search_options(void *bytes)
{
    *(nbl_search_options *)bytes = (nbl_search_options)NBL_SEARCH_OPTIONS_INIT;
}

static nbl_status use_search_options(struct api *a, void *bytes)
{
    api_build(a);
    return nbl_cell_list_search(a->list, a->s.rc, bytes, a->result);
}

static void init_outputs(void *bytes)
{
    *(nbl_outputs *)bytes = (nbl_outputs)NBL_OUTPUTS_INIT;
}

static nbl_status use_outputs(struct api *a, void *bytes)
{
    api_build(a);
    api_search(a, 0, 0);
    return nbl_result_fetch(a->result, 0, bytes);
}

static nbl_status use_verify_options(struct api *a, void *bytes)
{
    api_build(a);
    api_search(a, 0, 0);
    return nbl_verify(a->result, 0, a->s.n, a->s.r, a->s.h, NULL, bytes, NULL);
}

static void init_info(void *bytes)
{
    *(nbl_cell_list_info *)bytes = (nbl_cell_list_info)NBL_CELL_LIST_INFO_INIT;
}

static nbl_status use_info(struct api *a, void *bytes)
{
    api_build(a);
    return nbl_cell_list_get_info(a->list, bytes);
}

static void init_report(void *bytes)
{
    *(nbl_verify_report *)bytes = (nbl_verify_report)NBL_VERIFY_REPORT_INIT;
}

static nbl_status use_report(struct api *a, void *bytes)
{
    api_build(a);
    api_search(a, 0, 0);
    return nbl_verify(a->result, 0, a->s.n, a->s.r, a->s.h, NULL, NULL, bytes);
}

static const struct use read_by_library[] = {
    {"handle options of a list", sizeof(nbl_handle_options), init_handle_options, use_list_options},
    {"handle options of a result", sizeof(nbl_handle_options), init_handle_options, use_result_options},
    {"build options", sizeof(nbl_build_options), init_build_options, use_build_options},
    {"search options", sizeof(nbl_search_options), init_search_options, use_search_options},
    {"outputs", sizeof(nbl_outputs), init_outputs, use_outputs},
    {"build options of verify", sizeof(nbl_build_options), init_build_options, use_verify_options},
};

static const struct use filled_by_library[] = {
    {"info", sizeof(nbl_cell_list_info), init_info, use_info},
    {"report", sizeof(nbl_verify_report), init_report, use_report},
};

/* The struct with `size` in its first field and `room` bytes before the guard page. */
static void *make(struct guard *g, const struct use *u, size_t size, size_t room)
{
    union {
        max_align_t align;
        unsigned char bytes[512];
    } whole;
    memset(&whole, 0, sizeof whole);
    u->init(whole.bytes);
    memcpy(whole.bytes, &size, sizeof size);
    void *at = guard_take(g, room);
    memcpy(at, whole.bytes, room);
    return at;
}

static void expect(struct api *a, const struct use *u, void *bytes, nbl_status expected)
{
    nbl_status found = u->call(a, bytes);
    if (found != expected)
        fail_msg("%s: status %s, expected %s", u->name, nbl_status_name(found), nbl_status_name(expected));
}

static void each_impossible_size(struct api *a, const struct use *u)
{
    struct guard g = GUARD_INIT;
    const size_t sizes[] = {0, 1, 8, u->size - 1, SIZE_MAX, (size_t)1 << 40};
    for (int k = 0; k < 6; k++) {
        size_t room = sizes[k] < 8 ? 8 : sizes[k] < u->size ? (sizes[k] + 7) / 8 * 8 : u->size;
        expect(a, u, make(&g, u, sizes[k], room), NBL_ESTRUCT);
    }
    expect(a, u, make(&g, u, u->size, u->size), NBL_OK);
    guard_free(&g);
}

static void impossible_sizes(void **state)
{
    for (size_t k = 0; k < sizeof read_by_library / sizeof *read_by_library; k++)
        each_impossible_size(*state, &read_by_library[k]);
    for (size_t k = 0; k < sizeof filled_by_library / sizeof *filled_by_library; k++)
        each_impossible_size(*state, &filled_by_library[k]);
}

/* A caller of the future: unknown fields, zero or not. */
static void larger_sizes(void **state)
{
    struct guard g = GUARD_INIT;
    for (size_t k = 0; k < sizeof read_by_library / sizeof *read_by_library; k++) {
        const struct use *u = &read_by_library[k];
        unsigned char *bytes = make(&g, u, u->size + TAIL, u->size + TAIL);
        expect(*state, u, bytes, NBL_OK);
        for (size_t at = 0; at < TAIL; at += TAIL - 1) {
            bytes[u->size + at] = 1;
            expect(*state, u, bytes, NBL_ESTRUCT);
            bytes[u->size + at] = 0;
        }
        expect(*state, u, bytes, NBL_OK);
    }
    guard_free(&g);
}

/* Filled structs: the size stays, the tail stays, and a refused one stays as it was. */
static void filled_structs(void **state)
{
    struct guard g = GUARD_INIT;
    for (size_t k = 0; k < sizeof filled_by_library / sizeof *filled_by_library; k++) {
        const struct use *u = &filled_by_library[k];
        unsigned char *bytes = make(&g, u, u->size + TAIL, u->size + TAIL);
        unsigned char before[512];
        size_t size;
        memset(bytes + sizeof size, 0xb7, u->size + TAIL - sizeof size);
        expect(*state, u, bytes, NBL_OK);
        memcpy(&size, bytes, sizeof size);
        check_int(size, u->size + TAIL);
        for (size_t at = u->size; at < u->size + TAIL; at++)
            check_int(bytes[at], 0xb7);

        size = u->size - 1;
        memcpy(bytes, &size, sizeof size);
        memset(bytes + sizeof size, 0xb7, u->size + TAIL - sizeof size);
        memcpy(before, bytes, u->size + TAIL);
        expect(*state, u, bytes, NBL_ESTRUCT);
        assert_memory_equal(bytes, before, u->size + TAIL);
    }
    guard_free(&g);
}

static void messages_name_the_struct(void **state)
{
    struct api *a = *state;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs outputs = NBL_OUTPUTS_INIT;
    nbl_cell_list_info info = NBL_CELL_LIST_INFO_INIT;
    build.size = search.size = outputs.size = info.size = 3;
    api_refused(nbl_cell_list_build(a->list, 0, NULL, NULL, NULL, 1, &build), NBL_ESTRUCT,
                nbl_cell_list_message(a->list), "build options", "size is 3");
    api_build(a);
    api_refused(nbl_cell_list_search(a->list, 1, &search, a->result), NBL_ESTRUCT,
                nbl_result_message(a->result), "search options", "size is 3");
    api_search(a, 0, 0);
    api_refused(nbl_result_fetch(a->result, 0, &outputs), NBL_ESTRUCT, nbl_result_message(a->result), "outputs",
                "size is 3");
    api_refused(nbl_cell_list_get_info(a->list, &info), NBL_ESTRUCT, nbl_cell_list_message(a->list), "info",
                "size is 3");
    api_refused(nbl_cell_list_get_info(a->list, NULL), NBL_ENULL, nbl_cell_list_message(a->list), "info", NULL);
    info.size = sizeof info;
    check_int(nbl_cell_list_get_info(NULL, &info), NBL_ENULL);
}

/* Zeroed structs with their size set are the defaults: what the INIT macros give. */
static void zero_is_the_default(void **state)
{
    (void)state;
    static const struct use *const tables[] = {read_by_library, filled_by_library};
    static const size_t lengths[] = {6, 2};
    for (int t = 0; t < 2; t++)
        for (size_t k = 0; k < lengths[t]; k++) {
            union {
                max_align_t align;
                unsigned char bytes[512];
            } made, zeroed;
            memset(&made, 0, sizeof made);
            memset(&zeroed, 0, sizeof zeroed);
            tables[t][k].init(made.bytes);
            memcpy(zeroed.bytes, &tables[t][k].size, sizeof(size_t));
            assert_memory_equal(made.bytes, zeroed.bytes, tables[t][k].size);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible_sizes),    cmocka_unit_test(larger_sizes),
        cmocka_unit_test(filled_structs),      cmocka_unit_test(messages_name_the_struct),
        cmocka_unit_test(zero_is_the_default),
    };
    return cmocka_run_group_tests_name("api: structs", tests, api_open, api_close);
}
