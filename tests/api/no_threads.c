/* SPDX-License-Identifier: MIT */
/*
 * A system that grants few threads or none: an OpenMP runtime that cannot create one ends the process, so
 * the library must not ask it for them. pthread_create() is ours here, for the library and the runtime.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "sanitized.h"

enum { SKIPPED = 77, EDGE = 20, ATOMS = EDGE * EDGE * EDGE, MOST = 4 };

#if !SANITIZED /* the sanitizers have a pthread_create() of their own */

static atomic_int room, refused;

struct start {
    void *(*routine)(void *);
    void *argument;
};

static void *run(void *context)
{
    struct start start = *(struct start *)context;
    free(context);
    void *value = start.routine(start.argument);
    atomic_fetch_add(&room, 1);
    return value;
}

__attribute__((visibility("default"))) int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                                          void *(*routine)(void *), void *argument)
{
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = NULL;
    void *found = dlsym(RTLD_NEXT, "pthread_create");
    memcpy(&create, &found, sizeof create);
    struct start *start = malloc(sizeof *start);
    if (!start || !create || atomic_fetch_sub(&room, 1) <= 0) {
        atomic_fetch_add(&room, 1);
        atomic_fetch_add(&refused, 1);
        free(start);
        return 11; /* EAGAIN */
    }
    *start = (struct start){routine, argument};
    return create(thread, attributes, run, start);
}

/* Six neighbours for every atom of a cubic lattice, by a build, a search, a fetch and single calls. */
static int six_each(int32_t n_threads)
{
    static double r[3 * ATOMS], distances[6 * ATOMS];
    static int64_t counts[ATOMS];
    const double h[9] = {EDGE, 0, 0, 0, EDGE, 0, 0, 0, EDGE};
    for (int i = 0; i < ATOMS; i++) {
        r[3 * i] = i % EDGE;
        r[3 * i + 1] = i / EDGE % EDGE;
        r[3 * i + 2] = i / (EDGE * EDGE);
    }
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs outputs = NBL_OUTPUTS_INIT;
    build.n_threads = search.n_threads = n_threads;
    outputs.pair_capacity = 6 * ATOMS;
    outputs.row_capacity = ATOMS;
    outputs.distances = distances;
    outputs.counts = counts;
    nbl_status status = nbl_cell_list_create(&list, NULL);
    if (status == NBL_OK)
        status = nbl_result_create(&result, NULL);
    if (status == NBL_OK)
        status = nbl_cell_list_build(list, ATOMS, r, h, NULL, 1.25, &build);
    if (status == NBL_OK)
        status = nbl_cell_list_search(list, 1.25, &search, result);
    if (status == NBL_OK)
        status = nbl_result_fetch(result, 0, &outputs);
    int wrong = status != NBL_OK || nbl_result_n_pairs(result, 0) != 6 * ATOMS;
    for (int i = 0; i < ATOMS && !wrong; i++)
        wrong = counts[i] != 6;
    for (int e = 0; e < 6 * ATOMS && !wrong; e++)
        wrong = !(distances[e] >= 1 && distances[e] <= 1);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    if (wrong)
        fprintf(stderr, "%d threads: %s\n", (int)n_threads, nbl_status_name(status));
    return wrong;
}

static void *others_turn(void *context)
{
    *(int *)context = six_each(MOST);
    return NULL;
}

int main(void)
{
    int wrong = 0;
    atomic_store(&room, 0);
    wrong |= six_each(MOST);
    int without = atomic_exchange(&refused, 0);
    for (int granted = 1; granted <= MOST; granted++) {
        atomic_fetch_add(&room, 1);
        wrong |= six_each(MOST) | six_each(2) | six_each(MOST - 1) | six_each(MOST);
        pthread_t other; /* a thread of the caller has a team of its own */
        int its = 1;
        atomic_fetch_add(&room, 1);
        if (pthread_create(&other, NULL, others_turn, &its) != 0 || pthread_join(other, NULL) != 0)
            return 1;
        wrong |= its;
        atomic_fetch_sub(&room, 1);
    }
    if (strstr(nbl_build_info(), "OpenMP") && !without) {
        fputs("no thread was ever refused: this tests nothing\n", stderr);
        wrong = 1;
    }
    return wrong;
}

#else

int main(void)
{
    return SKIPPED;
}

#endif
