/* SPDX-License-Identifier: MIT */
/*
 * Fetches of so many bytes that they go past the caches, against fetches of one array each, which are smaller
 * and do not: the same bytes, in every array, of a large system, of a batch of small ones, periodic or open,
 * and of a few atoms with very long rows, for several numbers of threads and types, also in plain C, which has
 * no such stores.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "guard.h"
#include "need.h"
#include "random.h"
#include "scale.h"

/* Bytes of a pair: the largest array alone stays below the limit, the smallest choice of all of them is beyond.
 */
enum { MOST_TEAMS = 3, CHOICES = 3, ARRAYS = 8, LARGEST = 24, SMALLEST = 27, MIB = 1024 * 1024 };

struct subject {
    const char *name;
    int64_t n_systems, n; /* atoms in each */
    double rc;            /* at density 1 */
    bool open;
    int32_t algorithm;
    int teams;     /* of 1, 2 ... threads; what is one piece of work has no need of more than one */
    int64_t limit; /* bytes, from batch/kept.c */
};

/* Types of one fetch, and whether it has every array or those that are asked for most. */
struct choice {
    int32_t index_dtype, shift_dtype, real_dtype, base;
    int all;
};

static const struct subject subjects[] = {
    {"cells", 1, 49152, 1.47, false, NBL_ALGORITHM_CELLS, 3, 16 * MIB},
    {"batch", 1152, 64, 1.47, false, NBL_ALGORITHM_AUTO, 3, 24 * MIB},
    {"open batch", 1152, 64, 2.04, true, NBL_ALGORITHM_AUTO, 3, 24 * MIB},
    {"long rows", 1, 10, 25, false, NBL_ALGORITHM_BRUTE, 1, 16 * MIB},
};

static const struct choice choices[CHOICES] = {
    {NBL_INT64, NBL_INT32, NBL_FLOAT64, 0, 0},
    {NBL_INT32, NBL_INT8, NBL_FLOAT32, 1, 0},
    {NBL_INT64, NBL_INT8, NBL_FLOAT32, 1, 1},
};

static int64_t failures, fetches;

/* Cubes with atoms anywhere, a few of them outside. */
static void build(nbl_batch *batch, const struct subject *s)
{
    const int64_t n_atoms = s->n_systems * s->n;
    const double edge = cbrt((double)s->n);
    const double cell[9] = {edge, 0, 0, 0, edge, 0, 0, 0, edge};
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    double *r = room_for(3 * n_atoms, sizeof *r);
    int64_t *ptr = room_for(s->n_systems + 1, sizeof *ptr);
    struct random g;
    random_seed(&g, 77);
    for (int64_t k = 0; k < 3 * n_atoms; k++)
        r[k] = random_range(&g, 0, edge) - (random_chance(&g, 16) ? edge : 0);
    for (int64_t k = 0; k <= s->n_systems; k++)
        ptr[k] = k * s->n;
    in.n_systems = s->n_systems, in.n_atoms = n_atoms, in.positions = r, in.ptr = ptr;
    if (!s->open)
        in.cells = cell, in.n_cells = 1;
    in.cutoffs = &s->rc, in.n_cutoffs = 1;
    options.algorithm = s->algorithm;
    need(nbl_batch_build(batch, &in, &options, NULL), nbl_batch_message(batch));
    free(r);
    free(ptr);
}

static nbl_outputs outputs_of(const struct choice *c, int64_t pairs)
{
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.index_dtype = c->index_dtype;
    out.shift_dtype = c->shift_dtype;
    out.real_dtype = c->real_dtype;
    out.index_base = c->base;
    out.pair_capacity = pairs;
    return out;
}

/* Where the address of an array goes, and how many bytes a pair has in it; 0: not of this choice. */
static size_t array_of(nbl_outputs *out, const struct choice *c, int which, void ***field)
{
    void **const fields[ARRAYS] = {&out->i,         &out->j,          &out->shifts, &out->vectors,
                                   &out->distances, &out->edge_index, &out->pairs,  &out->batch};
    const size_t index = c->index_dtype == NBL_INT32 ? 4 : 8, real = c->real_dtype == NBL_FLOAT32 ? 4 : 8;
    const size_t items[ARRAYS] = {
        index, index, c->shift_dtype == NBL_INT8 ? 3 : 12, 3 * real, real, 2 * index, 2 * index, index};
    *field = fields[which];
    return which < 5 || c->all ? items[which] : 0;
}

struct arrays {
    struct guard guards[ARRAYS];
    void *at[ARRAYS];
    size_t bytes[ARRAYS];
};

static void fetch_alone(struct arrays *a, nbl_result *result, const struct choice *c, int64_t pairs)
{
    for (int k = 0; k < ARRAYS; k++) {
        nbl_outputs out = outputs_of(c, pairs);
        void **field;
        a->bytes[k] = (size_t)pairs * array_of(&out, c, k, &field);
        if (a->bytes[k] == 0)
            continue;
        a->at[k] = *field = guard_take(&a->guards[k], a->bytes[k]);
        need(nbl_result_fetch(result, 0, &out), nbl_result_message(result));
    }
}

static void fetch_together(struct arrays *a, nbl_result *result, const struct choice *c, int64_t pairs)
{
    nbl_outputs out = outputs_of(c, pairs);
    for (int k = 0; k < ARRAYS; k++) {
        void **field;
        a->bytes[k] = (size_t)pairs * array_of(&out, c, k, &field);
        if (a->bytes[k] > 0)
            a->at[k] = *field = guard_take(&a->guards[k], a->bytes[k]);
    }
    need(nbl_result_fetch(result, 0, &out), nbl_result_message(result));
    fetches++;
}

static void compare(const struct arrays *a, const struct arrays *b, const char *name, int choice, int n_threads)
{
    for (int k = 0; k < ARRAYS; k++)
        if (a->bytes[k] > 0 &&
            (memcmp(a->at[k], b->at[k], a->bytes[k]) != 0 || !guard_front_untouched(&b->guards[k]))) {
            failures++;
            fprintf(stderr, "%s, choice %d, %d threads: array %d differs\n", name, choice, n_threads, k);
        }
}

/* One result for each number of threads, the first of one thread. */
static int64_t search(const nbl_batch *batch, nbl_result *results[MOST_TEAMS], const struct subject *s,
                      const nbl_handle_options *handle)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.mode = NBL_MODE_PAIRS;
    for (int t = 0; t < s->teams; t++) {
        options.n_threads = t + 1;
        need(nbl_result_create(&results[t], handle), "result");
        need(nbl_batch_search(batch, 1, &s->rc, &options, results[t]), nbl_result_message(results[t]));
    }
    return nbl_result_n_pairs(results[0], 0);
}

/* Each choice by another number of threads. */
static void check_subject(const struct subject *s, int32_t isa, struct arrays *alone, struct arrays *together)
{
    nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
    nbl_batch *batch = NULL;
    nbl_result *results[MOST_TEAMS] = {NULL};
    handle.isa = isa;
    need(nbl_batch_create(&batch, &handle), "batch");
    build(batch, s);
    const int64_t pairs = search(batch, results, s, &handle);
    if (pairs * LARGEST >= s->limit || pairs * SMALLEST < s->limit) {
        fprintf(stderr, "%s: %lld pairs are not between %lld and %lld\n", s->name, (long long)pairs,
                (long long)((s->limit + SMALLEST - 1) / SMALLEST), (long long)((s->limit - 1) / LARGEST));
        failures++;
    }
    for (int c = 0; c < CHOICES; c++) {
        const int team = c % s->teams;
        fetch_alone(alone, results[0], &choices[c], pairs);
        fetch_together(together, results[team], &choices[c], pairs);
        compare(alone, together, s->name, c, team + 1);
    }
    for (int t = 0; t < s->teams; t++)
        nbl_result_destroy(&results[t]);
    nbl_batch_destroy(&batch);
}

/* Fetches cannot be made smaller and stay large: with a small scale there are none. */
int main(void)
{
    static struct arrays alone, together;
    if (scale_count(10, 0) < 1) {
        printf("skipped: NBL_TEST_SCALE is below 0.1\n");
        return 77;
    }
    for (size_t k = 0; k < sizeof subjects / sizeof *subjects; k++)
        for (int32_t isa = NBL_ISA_AUTO; isa <= NBL_ISA_PORTABLE; isa++)
            check_subject(&subjects[k], isa, &alone, &together);
    for (int k = 0; k < ARRAYS; k++) {
        guard_free(&alone.guards[k]);
        guard_free(&together.guards[k]);
    }
    printf("%lld fetches past the caches, %lld failures\n", (long long)fetches, (long long)failures);
    return failures != 0;
}
