/* SPDX-License-Identifier: MIT */
/*
 * Far more threads asked for than an address space has room for: an OpenMP runtime that cannot create a
 * thread ends the process, so the library must not ask it for them. The number of threads is the argument.
 * A program of its own, without a fork, as a forked process runs on one thread.
 */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <nblist/nblist.h>

#include "sanitized.h"

enum { SKIPPED = 77, EDGE = 50, LAYERS = 40, ATOMS = EDGE * EDGE * LAYERS };

/*
 * 1 GiB, and room for the stacks of eight threads per processor: too little for 600 threads of 8 MiB each on
 * an ordinary machine, and for 65,536 on any.
 */
static int limit_addresses(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    rlim_t size = ((rlim_t)1 << 30) + (rlim_t)(processors > 0 ? processors : 1) * ((rlim_t)1 << 26);
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) != 0)
        return -1;
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < size)
        size = limit.rlim_max;
    limit.rlim_cur = size;
    return setrlimit(RLIMIT_AS, &limit);
}

static double *grid_of_atoms(void)
{
    double *r = malloc(sizeof(double) * 3 * ATOMS);
    for (int i = 0; r && i < ATOMS; i++) {
        r[3 * i] = i % EDGE;
        r[3 * i + 1] = i / EDGE % EDGE;
        r[3 * i + 2] = i / (EDGE * EDGE);
    }
    return r;
}

static int failed(const char *what, nbl_status status, const char *message)
{
    fprintf(stderr, "%s: %s: %s\n", what, nbl_status_name(status), message);
    return 1;
}

/* Six neighbours for every atom, from a build, a search and a fetch on so many threads. */
static int six_each(nbl_cell_list *list, nbl_result *result, const double *r, int32_t n_threads, int32_t mode)
{
    const double h[9] = {EDGE, 0, 0, 0, EDGE, 0, 0, 0, LAYERS};
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs outputs = NBL_OUTPUTS_INIT;
    build.n_threads = search.n_threads = n_threads;
    search.mode = mode;
    nbl_status status = nbl_cell_list_build(list, ATOMS, r, h, NULL, 1.25, &build);
    if (status != NBL_OK)
        return failed("build", status, nbl_cell_list_message(list));
    status = nbl_cell_list_search(list, 1.25, &search, result);
    if (status != NBL_OK)
        return failed("search", status, nbl_result_message(result));
    int64_t m = nbl_result_n_pairs(result, 0);
    double *distances = malloc(sizeof(double) * 6 * ATOMS);
    if (!distances || m != 6 * ATOMS) {
        fprintf(stderr, "%lld pairs, expected %d\n", (long long)m, 6 * ATOMS);
        free(distances);
        return 1;
    }
    outputs.pair_capacity = m;
    outputs.distances = distances;
    status = nbl_result_fetch(result, 0, &outputs);
    int wrong = status != NBL_OK ? failed("fetch", status, nbl_result_message(result)) : 0;
    for (int64_t e = 0; e < m && !wrong; e++)
        wrong = !(distances[e] >= 1 && distances[e] <= 1);
    free(distances);
    return wrong;
}

int main(int argc, char **argv)
{
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    int32_t n_threads = argc == 2 ? (int32_t)strtol(argv[1], NULL, 10) : 600;
    if (SANITIZED || limit_addresses() != 0)
        return SKIPPED;
    double *r = grid_of_atoms();
    if (!r || nbl_cell_list_create(&list, NULL) != NBL_OK || nbl_result_create(&result, NULL) != NBL_OK)
        return 1;
    int wrong = six_each(list, result, r, n_threads, NBL_MODE_PAIRS);
    wrong |= six_each(list, result, r, n_threads, NBL_MODE_COUNTS);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    free(r);
    return wrong;
}
