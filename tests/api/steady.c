/* SPDX-License-Identifier: MIT */
/*
 * With one thread, a second build, search or visit, and fetch through the same handles makes no allocation at
 * all in the whole process, whatever goes through the hooks or past them.
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

enum { SYSTEMS = 90, LISTS = 3 };

/* One handle of each kind, and the cutoffs and buffers of the sequences over them. */
struct handles {
    nbl_cell_list *list;
    nbl_batch *batch;
    nbl_result *result;
    int64_t ptr[SYSTEMS + 1], *j, capacity;
    double sets[SYSTEMS][LISTS];
};

static int count_rows(void *user, const nbl_rows *rows)
{
    *(int64_t *)user += rows->n_rows;
    return 0;
}

static int fetch_all(struct handles *to, int32_t n_lists)
{
    for (int32_t k = 0; k < n_lists; k++) {
        nbl_outputs o = NBL_OUTPUTS_INIT;
        o.pair_capacity = to->capacity;
        o.j = to->j;
        if (nbl_result_n_pairs(to->result, k) > to->capacity || nbl_result_fetch(to->result, k, &o) != NBL_OK)
            return -1;
    }
    return 0;
}

static int build_both(struct handles *to, int64_t n, int32_t algorithm)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    static double cutoffs[SYSTEMS];
    build.algorithm = algorithm;
    build.n_threads = 1;
    for (int b = 0; b < SYSTEMS; b++) {
        cutoffs[b] = 1.7;
        to->ptr[b + 1] = b == 0 ? n / 2 : n / 2 + (n - n / 2) * b / (SYSTEMS - 1);
    }
    in.n_systems = SYSTEMS;
    in.n_atoms = n;
    in.positions = r;
    in.ptr = to->ptr;
    in.cells = h;
    in.n_cells = 1;
    in.cutoffs = cutoffs;
    in.n_cutoffs = SYSTEMS;
    return nbl_cell_list_build(to->list, n, r, h, NULL, 1.7, &build) == NBL_OK &&
                   nbl_batch_build(to->batch, &in, &build, NULL) == NBL_OK
               ? 0
               : -1;
}

/* All that has several lists, systems or rows. */
static int many_once(struct handles *to, int64_t n, int32_t algorithm, uint32_t flags, int32_t mode)
{
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    int64_t rows = 0;
    search.n_threads = 1;
    search.flags = flags;
    search.mode = mode;
    if (build_both(to, n, algorithm) != 0 ||
        nbl_cell_list_search_multi(to->list, LISTS, to->sets[0], &search, to->result) != NBL_OK ||
        fetch_all(to, LISTS) != 0 || nbl_batch_search(to->batch, 0, NULL, &search, to->result) != NBL_OK ||
        fetch_all(to, 1) != 0 ||
        nbl_batch_search_multi(to->batch, LISTS, SYSTEMS, to->sets[0], &search, to->result) != NBL_OK ||
        fetch_all(to, LISTS) != 0 ||
        nbl_cell_list_visit(to->list, LISTS, to->sets[0], &search, to->result, count_rows, &rows) != NBL_OK ||
        nbl_batch_visit(to->batch, LISTS, SYSTEMS, to->sets[0], &search, to->result, count_rows, &rows) !=
            NBL_OK)
        return -1;
    return rows == 2 * n ? 0 : -1;
}

static int check_many(int64_t n, int32_t algorithm, uint32_t flags, int32_t mode)
{
    static struct handles to;
    for (int b = 0; b < SYSTEMS; b++)
        for (int k = 0; k < LISTS; k++)
            to.sets[b][k] = 1.7 - 0.3 * (double)((k + 1) % LISTS);
    to.capacity = 64 * n;
    to.j = malloc((size_t)to.capacity * sizeof *to.j);
    int bad = !to.j || nbl_cell_list_create(&to.list, NULL) != NBL_OK ||
              nbl_batch_create(&to.batch, NULL) != NBL_OK || nbl_result_create(&to.result, NULL) != NBL_OK ||
              many_once(&to, n, algorithm, flags, mode) != 0;
    long long before = malloc_count();
    bad = bad || many_once(&to, n, algorithm, flags, mode) != 0;
    long long made = malloc_count() - before;
    if (bad || made != 0)
        printf("many: n %lld algorithm %d flags %u mode %d: %s, %lld allocations\n", (long long)n, algorithm,
               flags, mode, bad ? nbl_result_message(to.result) : "done", made);
    free(to.j);
    nbl_cell_list_destroy(&to.list);
    nbl_batch_destroy(&to.batch);
    nbl_result_destroy(&to.result);
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
    nbl_result *probe = NULL;
    nbl_status status = nbl_result_create(&probe, NULL);
    nbl_result_destroy(&probe);
    if (status != NBL_OK || malloc_count() == start) {
        printf("what libraries allocate is not counted\n");
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
            bad += check_many(300, NBL_ALGORITHM_BRUTE, flags, mode);
            bad += check_many(ATOMS, NBL_ALGORITHM_AUTO, flags | (flags % 3 ? 0 : NBL_DISJOINT), mode);
        }
    printf("%d of 240 sequences allocated in their steady state\n", bad);
    return bad != 0;
}
