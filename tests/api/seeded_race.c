/* SPDX-License-Identifier: MIT */
/*
 * A data race on purpose, inside a parallel region: a run under a thread sanitizer that does not report it
 * cannot see into OpenMP, and its silence about the library is worth nothing. Not a test of the library.
 */
#include <stdio.h>

int main(void)
{
    int shared = 0;
#pragma omp parallel for num_threads(4) schedule(static, 1)
    for (int k = 0; k < 1000; k++)
        shared += k;
    printf("%d\n", shared);
    return 0;
}
