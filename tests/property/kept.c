/* SPDX-License-Identifier: MIT */
/*
 * Results whose kept rows are so large that they go past the caches, against results that keep none: the same
 * pairs, byte for byte, full, half, sorted and at several cutoffs, for several numbers of threads and levels of
 * instructions; searched again, without an allocation; and with no more memory than they need.
 */
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "need.h"
#include "random.h"
#include "scale.h"

/* At density 1; the limit is in search/group.c. */
enum { ATOMS = 30000, LISTS = 3, MOST_TEAM = 3, LIMIT = 6 * 1024 * 1024 };

static const double cutoffs[LISTS] = {2.9, 1.5, 2.2};

struct lists {
    int64_t pairs[LISTS];
    int32_t *i[LISTS], *j[LISTS];
    int8_t (*shifts[LISTS])[3];
};

static int64_t failures, compared;
static atomic_llong allocations;

static void *counting_allocate(void *user, size_t bytes, size_t alignment)
{
    (void)user;
    atomic_fetch_add(&allocations, 1);
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

static void counting_release(void *user, void *pointer, size_t bytes)
{
    (void)user;
    (void)bytes;
    free(pointer);
}

static void build(nbl_cell_list *list)
{
    static double r[ATOMS][3];
    const double edge = cbrt((double)ATOMS);
    const double cell[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
    struct random g;
    random_seed(&g, 78);
    for (int64_t i = 0; i < ATOMS; i++)
        for (int k = 0; k < 3; k++)
            r[i][k] = random_range(&g, 0, edge) - (random_chance(&g, 16) ? edge : 0);
    need(nbl_cell_list_build(list, ATOMS, r, cell, NULL, cutoffs[0], NULL), nbl_cell_list_message(list));
}

static void search(nbl_cell_list *list, nbl_result *result, int32_t n_lists, uint32_t flags, int32_t mode,
                   int n_threads)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = flags;
    options.mode = mode;
    options.n_threads = n_threads;
    need(nbl_cell_list_search_multi(list, n_lists, cutoffs, &options, result), nbl_result_message(result));
}

/* Arrays for what a result has. */
static void make_lists(struct lists *lists, const nbl_result *result, int32_t n_lists)
{
    for (int32_t k = 0; k < n_lists; k++) {
        lists->pairs[k] = nbl_result_n_pairs(result, k);
        lists->i[k] = room_for(lists->pairs[k], sizeof *lists->i[k]);
        lists->j[k] = room_for(lists->pairs[k], sizeof *lists->j[k]);
        lists->shifts[k] = room_for(lists->pairs[k], sizeof *lists->shifts[k]);
    }
}

/* More pairs than there is room for are refused; nothing is left of what was fetched before. */
static void fetch(nbl_result *result, int32_t n_lists, struct lists *to)
{
    for (int32_t k = 0; k < n_lists; k++) {
        nbl_outputs out = NBL_OUTPUTS_INIT;
        memset(to->i[k], -1, (size_t)to->pairs[k] * sizeof *to->i[k]);
        memset(to->j[k], -1, (size_t)to->pairs[k] * sizeof *to->j[k]);
        memset(to->shifts[k], -1, (size_t)to->pairs[k] * sizeof *to->shifts[k]);
        out.index_dtype = NBL_INT32;
        out.shift_dtype = NBL_INT8;
        out.pair_capacity = to->pairs[k];
        out.i = to->i[k];
        out.j = to->j[k];
        out.shifts = to->shifts[k];
        need(nbl_result_fetch(result, k, &out), nbl_result_message(result));
    }
}

static void free_lists(struct lists *lists, int32_t n_lists)
{
    for (int32_t k = 0; k < n_lists; k++) {
        free(lists->i[k]);
        free(lists->j[k]);
        free(lists->shifts[k]);
    }
}

static void compare(nbl_result *result, const struct lists *a, const struct lists *b, int32_t n_lists,
                    const char *what)
{
    for (int32_t k = 0; k < n_lists; k++) {
        const size_t pairs = (size_t)a->pairs[k];
        const bool same = a->pairs[k] == nbl_result_n_pairs(result, k) &&
                          memcmp(a->i[k], b->i[k], pairs * sizeof(int32_t)) == 0 &&
                          memcmp(a->j[k], b->j[k], pairs * sizeof(int32_t)) == 0 &&
                          memcmp(a->shifts[k], b->shifts[k], pairs * sizeof *a->shifts[k]) == 0;
        compared++;
        if (same)
            continue;
        failures++;
        fprintf(stderr, "%s: list %d differs\n", what, (int)k);
    }
}

/* Searches of so many threads, twice each, into one result. */
static void check_threads(nbl_cell_list *list, nbl_result *result, int32_t n_lists, uint32_t flags,
                          const struct lists *expected, struct lists *found)
{
    for (int team = 1; team <= MOST_TEAM; team++)
        for (int round = 0; round < 2; round++) {
            char what[80];
            const long long before = atomic_load(&allocations);
            search(list, result, n_lists, flags, NBL_MODE_PAIRS, team);
            const long long more = atomic_load(&allocations) - before;
            snprintf(what, sizeof what, "%d lists, flags %u, %d threads", (int)n_lists, (unsigned)flags, team);
            if (round == 1 && more != 0) {
                failures++;
                fprintf(stderr, "%s: %lld allocations the second time\n", what, more);
            }
            fetch(result, n_lists, found);
            compare(result, expected, found, n_lists, what);
        }
}

static void check_search(nbl_cell_list *list, const nbl_handle_options *handle, int32_t n_lists, uint32_t flags)
{
    nbl_result *kept = NULL, *counted = NULL;
    struct lists expected, found;
    int64_t entries = 0;
    need(nbl_result_create(&kept, handle), "result");
    need(nbl_result_create(&counted, handle), "result");
    search(list, counted, n_lists, flags, NBL_MODE_COUNTS, 1);
    make_lists(&expected, counted, n_lists);
    make_lists(&found, counted, n_lists);
    fetch(counted, n_lists, &expected);
    for (int32_t k = 0; k < n_lists; k++)
        entries += expected.pairs[k];
    if (entries * (int64_t)sizeof(uint32_t) < 5 * LIMIT / 4) {
        failures++;
        fprintf(stderr, "%lld entries are not many more than the limit\n", (long long)entries);
    }
    check_threads(list, kept, n_lists, flags, &expected, &found);
    free_lists(&expected, n_lists);
    free_lists(&found, n_lists);
    nbl_result_destroy(&kept);
    nbl_result_destroy(&counted);
}

/* Results cannot be made smaller and stay large: with a small scale, one level makes them, or none does. */
int main(void)
{
    const struct {
        int32_t n_lists;
        uint32_t flags;
    } searches[] = {{1, NBL_SELF}, {1, NBL_SORTED}, {3, 0}, {3, NBL_SORTED}, {3, NBL_HALF}, {3, NBL_DISJOINT}};
    nbl_allocator counting = NBL_ALLOCATOR_INIT;
    counting.allocate = counting_allocate;
    counting.release = counting_release;
    if (scale_count(20, 0) < 1) {
        printf("skipped: NBL_TEST_SCALE is below 0.05\n");
        return 77;
    }
    const int32_t last = scale_count(1, 0) < 1 ? NBL_ISA_AUTO : NBL_ISA_AVX2;
    for (int32_t isa = NBL_ISA_AUTO; isa <= last; isa++) {
        nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
        nbl_cell_list *list = NULL;
        handle.isa = isa;
        handle.allocator = &counting;
        need(nbl_cell_list_create(&list, &handle), "cell list");
        build(list);
        for (size_t k = 0; k < sizeof searches / sizeof *searches; k++)
            check_search(list, &handle, searches[k].n_lists, searches[k].flags);
        nbl_cell_list_destroy(&list);
    }
    printf("%lld lists, %lld failures\n", (long long)compared, (long long)failures);
    return failures != 0;
}
