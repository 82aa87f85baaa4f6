/* SPDX-License-Identifier: MIT */
/*
 * Do not trust, check: nbl_verify() holds a result against brute force on your own input. This program
 * checks a strongly skewed cell whose atoms lie anywhere, then lets one atom move behind
 * the library's back and shows how the stale list is found out; and what errors look like.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include <nblist/nblist.h>

enum { N = 40 };

int main(void)
{
    const double cell[3][3] = {{4, 0, 0}, {7.5, 4, 0}, {-9, 5, 12}};
    double positions[N][3];
    for (int atom = 0; atom < N; atom++)
        for (int k = 0; k < 3; k++)
            positions[atom][k] = 40 * sin(1.3 * atom + 2.1 * k); /* anywhere: wrapping is not your task */

    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    if (nbl_cell_list_create(&list, NULL) != NBL_OK || nbl_result_create(&result, NULL) != NBL_OK)
        return 1;
    if (nbl_cell_list_build(list, N, positions, cell, NULL, 6.0, NULL) != NBL_OK ||
        nbl_cell_list_search(list, 6.0, NULL, result) != NBL_OK) {
        fprintf(stderr, "%s%s\n", nbl_cell_list_message(list), nbl_result_message(result));
        return 1;
    }

    nbl_verify_report report = NBL_VERIFY_REPORT_INIT;
    nbl_status status = nbl_verify(result, 0, N, positions, cell, NULL, NULL, &report);
    printf("as built: %s\n", nbl_status_name(status));
    if (status != NBL_OK)
        return 1;

    /* Lists do not follow atoms. Here atom 3 moves by half an Angstrom, and nobody builds again. */
    positions[3][0] += 0.5;
    status = nbl_verify(result, 0, N, positions, cell, NULL, NULL, &report);
    static const char *const verdicts[] = {"equal", "missing", "extra", "wrong"};
    printf("moved:    %s, first pair in question is %s\n", nbl_status_name(status),
           report.verdict >= 0 && report.verdict <= 3 ? verdicts[report.verdict] : "?");
    if (status != NBL_EVERIFY)
        return 1;

    /* Errors are statuses with a message that names argument, index and value. Nothing aborts. */
    positions[17][2] = NAN;
    status = nbl_cell_list_build(list, N, positions, cell, NULL, 6.0, NULL);
    printf("bad atom: %s, %s\n", nbl_status_name(status), nbl_cell_list_message(list));

    /* The failed build made the result stale: a fetch says so instead of returning old pairs. */
    nbl_outputs out = NBL_OUTPUTS_INIT;
    printf("stale:    %s\n", nbl_status_name(nbl_result_fetch(result, 0, &out)));

    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return 0;
}
