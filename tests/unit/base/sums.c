/* SPDX-License-Identifier: MIT */
#include "base/sums.h"

#include "check.h"

static void counts_become_places(void **state)
{
    (void)state;
    int64_t counts[] = {3, 0, 5, INT64_C(1) << 40, 7};
    const int64_t places[] = {0, 3, 3, 8};
    check_int(nbl__sums_place(counts, 0), 0);
    check_int(counts[0], 3);
    check_int(nbl__sums_place(counts, 4), (INT64_C(1) << 40) + 8);
    for (int k = 0; k < 4; k++)
        check_int(counts[k], places[k]);
    check_int(counts[4], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_become_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
