/* SPDX-License-Identifier: MIT */
/* A verification that always finds a missing pair: loaded in front of the library by test_verify.py. */
#include <nblist/nblist.h>

nbl_status nbl_verify(nbl_result *result, int32_t list, int64_t n, const void *positions, const void *cell,
                      const uint8_t *pbc, const nbl_build_options *options, nbl_verify_report *report)
{
    (void)result, (void)list, (void)n, (void)positions, (void)cell, (void)pbc, (void)options;
    report->verdict = NBL_VERIFY_MISSING;
    return NBL_EVERIFY;
}

const char *nbl_result_message(const nbl_result *result)
{
    (void)result;
    return "pair (3, 5, [0, 0, 1]) is missing";
}
