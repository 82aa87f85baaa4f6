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
    size_t first; /* its size in the first release, which stays good */
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

static nbl_status use_batch_handle_options(struct api *a, void *bytes)
{
    nbl_batch *batch = NULL;
    (void)a;
    nbl_status status = nbl_batch_create(&batch, bytes);
    nbl_batch_destroy(&batch);
    return status;
}

/* Two systems made of the atoms of the ordinary one. */
static void init_batch_input(void *bytes)
{
    static struct system s;
    static int64_t ptr[3];
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    system_plain(&s, 40, 17);
    ptr[1] = 15;
    ptr[2] = 40;
    in.n_systems = 2;
    in.n_atoms = 40;
    in.positions = s.r;
    in.ptr = ptr;
    in.cells = s.h;
    in.cutoffs = &s.rc;
    in.n_cells = in.n_cutoffs = 1;
    *(nbl_batch_input *)bytes = in;
}

/* A batch of its own for each use; what is not given is good. */
struct batch_use {
    const nbl_batch_input *input;
    const nbl_build_options *build;
    const nbl_search_options *search, *multi, *visit;
    const nbl_batch_input *verify_input;
    const nbl_build_options *verify_options;
    nbl_verify_report *report;
    nbl_batch_info *info;
};

static int ignore_rows(void *user, const nbl_rows *rows)
{
    (void)user;
    (void)rows;
    return 0;
}

/* The first status that is not NBL_OK ends the use. */
static nbl_status use_batch(struct api *a, const struct batch_use *u)
{
    nbl_batch_input good;
    nbl_batch *batch = NULL;
    init_batch_input(&good);
    const nbl_batch_input *input = u->input ? u->input : &good;
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    nbl_status status = nbl_batch_build(batch, input, u->build, NULL);
    if (status == NBL_OK && u->info)
        status = nbl_batch_get_info(batch, u->info);
    if (status == NBL_OK)
        status = nbl_batch_search_multi(batch, 1, 1, &a->s.rc, u->multi, a->result);
    if (status == NBL_OK)
        status = nbl_batch_visit(batch, 1, 1, &a->s.rc, u->visit, a->result, ignore_rows, NULL);
    if (status == NBL_OK)
        status = nbl_batch_search(batch, 0, NULL, u->search, a->result);
    if (status == NBL_OK && (u->verify_input || u->verify_options || u->report))
        status = nbl_verify_batch(a->result, 0, u->verify_input ? u->verify_input : &good, u->verify_options,
                                  u->report);
    nbl_batch_destroy(&batch);
    return status;
}

#define USE_OF_BATCH(name, field)                                                                              \
    static nbl_status name(struct api *a, void *bytes)                                                         \
    {                                                                                                          \
        const struct batch_use use = {.field = bytes};                                                         \
        return use_batch(a, &use);                                                                             \
    }

USE_OF_BATCH(use_batch_input, input)
USE_OF_BATCH(use_batch_build_options, build)
USE_OF_BATCH(use_batch_search_options, search)
USE_OF_BATCH(use_batch_multi_options, multi)
USE_OF_BATCH(use_batch_visit_options, visit)
USE_OF_BATCH(use_verify_batch_input, verify_input)
USE_OF_BATCH(use_verify_batch_options, verify_options)
USE_OF_BATCH(use_batch_report, report)
USE_OF_BATCH(use_batch_info, info)

static void init_batch_info(void *bytes)
{
    *(nbl_batch_info *)bytes = (nbl_batch_info)NBL_BATCH_INFO_INIT;
}

static nbl_status use_multi_options(struct api *a, void *bytes)
{
    api_build(a);
    return nbl_cell_list_search_multi(a->list, 1, &a->s.rc, bytes, a->result);
}

static nbl_status use_visit_options(struct api *a, void *bytes)
{
    api_build(a);
    return nbl_cell_list_visit(a->list, 1, &a->s.rc, bytes, a->result, ignore_rows, NULL);
}

/* Size today, and in the first release: named by the last field, for sizeof moves when a field is appended. */
#define SINCE(type, last_field) sizeof(type), (offsetof(type, last_field) + sizeof(((type *)0)->last_field))

static const struct use read_by_library[] = {
    {"handle options of a list", SINCE(nbl_handle_options, isa), init_handle_options, use_list_options},
    {"handle options of a result", SINCE(nbl_handle_options, isa), init_handle_options, use_result_options},
    {"build options", SINCE(nbl_build_options, max_bytes), init_build_options, use_build_options},
    {"search options", SINCE(nbl_search_options, fields), init_search_options, use_search_options},
    {"outputs", SINCE(nbl_outputs, reverse), init_outputs, use_outputs},
    {"build options of verify", SINCE(nbl_build_options, max_bytes), init_build_options, use_verify_options},
    {"search options of several", SINCE(nbl_search_options, fields), init_search_options, use_multi_options},
    {"search options of a visit", SINCE(nbl_search_options, fields), init_search_options, use_visit_options},
    {"handle options of a batch", SINCE(nbl_handle_options, isa), init_handle_options,
     use_batch_handle_options},
    {"batch input", SINCE(nbl_batch_input, reserved), init_batch_input, use_batch_input},
    {"build options of a batch", SINCE(nbl_build_options, max_bytes), init_build_options,
     use_batch_build_options},
    {"search options of a batch", SINCE(nbl_search_options, fields), init_search_options,
     use_batch_search_options},
    {"and of several", SINCE(nbl_search_options, fields), init_search_options, use_batch_multi_options},
    {"and of a batch visit", SINCE(nbl_search_options, fields), init_search_options, use_batch_visit_options},
    {"batch input of verify", SINCE(nbl_batch_input, reserved), init_batch_input, use_verify_batch_input},
    {"options of verify batch", SINCE(nbl_build_options, max_bytes), init_build_options,
     use_verify_batch_options},
};

static const struct use filled_by_library[] = {
    {"info", SINCE(nbl_cell_list_info, pbc), init_info, use_info},
    {"report", SINCE(nbl_verify_report, n_close), init_report, use_report},
    {"batch info", SINCE(nbl_batch_info, n_bytes), init_batch_info, use_batch_info},
    {"report of a batch", SINCE(nbl_verify_report, n_close), init_report, use_batch_report},
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
    const size_t sizes[] = {0, 1, 8, u->first - 1, u->first + 1, SIZE_MAX, (size_t)1 << 40};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t room = sizes[k] < 8 ? 8 : sizes[k] < u->size ? (sizes[k] + 7) / 8 * 8 : u->size;
        expect(a, u, make(&g, u, sizes[k], room), NBL_ESTRUCT);
    }
    expect(a, u, make(&g, u, u->size, u->size), NBL_OK);
    expect(a, u, make(&g, u, u->first, u->first), NBL_OK);
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

        size = u->first - 1;
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
    nbl_batch *batch = NULL;
    nbl_batch_input input;
    nbl_batch_info batch_info = NBL_BATCH_INFO_INIT;
    init_batch_input(&input);
    check_int(nbl_batch_create(&batch, NULL), NBL_OK);
    input.size = batch_info.size = 3;
    api_refused(nbl_batch_build(batch, &input, NULL, NULL), NBL_ESTRUCT, nbl_batch_message(batch), "input",
                "size is 3");
    init_batch_input(&input);
    check_int(nbl_batch_build(batch, &input, NULL, NULL), NBL_OK);
    api_refused(nbl_batch_get_info(batch, &batch_info), NBL_ESTRUCT, nbl_batch_message(batch), "info",
                "size is 3");
    api_refused(nbl_batch_get_info(batch, NULL), NBL_ENULL, nbl_batch_message(batch), "info", NULL);
    batch_info.size = sizeof batch_info;
    check_int(nbl_batch_get_info(NULL, &batch_info), NBL_ENULL);
    nbl_batch_destroy(&batch);
}

/* Zeroed structs with their size set are the defaults: what the INIT macros give. */
static void zero_is_the_default(void **state)
{
    (void)state;
    static const struct use *const tables[] = {read_by_library, filled_by_library};
    static const size_t lengths[] = {sizeof read_by_library / sizeof *read_by_library,
                                     sizeof filled_by_library / sizeof *filled_by_library};
    for (int t = 0; t < 2; t++)
        for (size_t k = 0; k < lengths[t]; k++) {
            union {
                max_align_t align;
                unsigned char bytes[512];
            } made, zeroed;
            memset(&made, 0, sizeof made);
            memset(&zeroed, 0, sizeof zeroed);
            if (tables[t][k].init == init_batch_input)
                *(nbl_batch_input *)made.bytes = (nbl_batch_input)NBL_BATCH_INPUT_INIT;
            else
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
