/* SPDX-License-Identifier: MIT */
#include "api.h"

int api_open(void **state)
{
    static struct api a;
    memset(&a, 0, sizeof a);
    system_plain(&a.s, 40, 17);
    *state = &a;
    return nbl_cell_list_create(&a.list, NULL) != NBL_OK || nbl_result_create(&a.result, NULL) != NBL_OK;
}

int api_close(void **state)
{
    struct api *a = *state;
    nbl_result_destroy(&a->result);
    nbl_cell_list_destroy(&a->list);
    return 0;
}

void api_build(struct api *a)
{
    check_int(nbl_cell_list_build(a->list, a->s.n, a->s.r, a->s.h, NULL, a->s.rc, NULL), NBL_OK);
    assert_string_equal(nbl_cell_list_message(a->list), "");
}

void api_search(struct api *a, uint32_t flags, int32_t mode)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = flags;
    options.mode = mode;
    check_int(nbl_cell_list_search(a->list, a->s.rc, &options, a->result), NBL_OK);
    assert_string_equal(nbl_result_message(a->result), "");
    assert_true(nbl_result_n_pairs(a->result, 0) > 100);
}

void api_refused(nbl_status found, nbl_status expected, const char *message, const char *part, const char *more)
{
    if (found != expected) {
        print_error("status %s, expected %s; message \"%s\"\n", nbl_status_name(found),
                    nbl_status_name(expected), message);
        fail();
    }
    if (part)
        check_contains(message, part);
    if (more)
        check_contains(message, more);
    assert_string_not_equal(message, "");
}
