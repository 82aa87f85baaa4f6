/* SPDX-License-Identifier: MIT */
/*
 * With one thread, a second build, search and fetch through the same handles makes no allocation at all in
 * the whole process, whatever goes through the hooks or past them.
 */
#include <nblist/nblist.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "malloc_count.h"
#include "random.h"

enum { ATOMS = 4000, SKIPPED = 77 };

static double r[ATOMS][3];
static const double h[3][3] = {{16, 0, 0}, {2, 16, 0}, {-3, 1, 15.5}};

struct arrays {
    int64_t *j, *reverse;
    double *vectors;
};

static int once(nbl_cell_list *list, nbl_result *result, int64_t n, int32_t algorithm, uint32_t flags,
                int32_t mode, const struct arrays *to, int64_t capacity)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs o = NBL_OUTPUTS_INIT;
    build.algorithm = algorithm;
    build.n_threads = search.n_threads = 1;
    search.flags = flags;
    search.mode = mode;
    if (nbl_cell_list_build(list, n, r, h, NULL, 1.7, &build) != NBL_OK ||
        nbl_cell_list_search(list, 1.7, &search, result) != NBL_OK)
        return -1;
    if (!to)
        return 0;
    o.pair_capacity = capacity;
    o.j = to->j;
    o.vectors = to->vectors;
    o.reverse = flags & NBL_HALF ? NULL : to->reverse;
    return nbl_result_fetch(result, 0, &o) == NBL_OK ? 0 : -1;
}

static int check(int64_t n, int32_t algorithm, uint32_t flags, int32_t mode)
{
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    if (nbl_cell_list_create(&list, NULL) != NBL_OK || nbl_result_create(&result, NULL) != NBL_OK ||
        once(list, result, n, algorithm, flags, mode, NULL, 0) != 0)
        return 1;
    int64_t m = nbl_result_n_pairs(result, 0);
    struct arrays to = {malloc((size_t)m * 8), malloc((size_t)m * 8), malloc((size_t)m * 24)};
    int bad = !to.j || !to.reverse || !to.vectors || m < 1;
    bad = bad || once(list, result, n, algorithm, flags, mode, &to, m) != 0;

    long long before = malloc_count();
    bad = bad || once(list, result, n, algorithm, flags, mode, &to, m) != 0;
    long long made = malloc_count() - before;
    if (bad || made != 0)
        printf("n %lld algorithm %d flags %u mode %d: %s, %lld allocations\n", (long long)n, algorithm, flags,
               mode, bad ? "failed" : "done", made);
    free(to.j);
    free(to.reverse);
    free(to.vectors);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return bad || made != 0;
}

int main(void)
{
    struct random g;
    int bad = 0;
    if (!malloc_count_works()) {
        printf("malloc cannot be interposed here\n");
        return SKIPPED;
    }
    long long start = malloc_count();
    void *volatile probe = malloc(100);
    free(probe);
    if (malloc_count() == start) {
        printf("the counter does not count\n");
        return 1;
    }
    random_seed(&g, 8);
    for (int x = 0; x < 3 * ATOMS; x++)
        r[x / 3][x % 3] = random_range(&g, -2, 18);
    for (uint32_t flags = 0; flags < 16; flags++)
        for (int32_t mode = 0; mode < 3; mode++) {
            bad += check(200, NBL_ALGORITHM_BRUTE, flags, mode);
            bad += check(ATOMS, NBL_ALGORITHM_CELLS, flags, mode);
            bad += check(ATOMS, NBL_ALGORITHM_AUTO, flags, mode);
        }
    printf("%d of 144 sequences allocated in their steady state\n", bad);
    return bad != 0;
}
