/* SPDX-License-Identifier: MIT */
/*
 * guard_cases NAME: one fixed case, run twice. The second run, in warm handles and by one thread, is the call
 * of guard_measured(), around which run.sh has instructions counted: build, search, and fetch of int64 i and j
 * and of the shifts. Prints the level of instructions that was used, and the pairs found.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "random.h"

enum { MOST_ATOMS = 8000, MOST_PAIRS = 250000, LISTS = 3, MOLECULE = 9 };

struct work {
    nbl_cell_list *list;
    nbl_batch *batch;
    nbl_result *result;
    int64_t n, n_systems; /* n_systems: 0, one periodic system in the cube */
    double r[MOST_ATOMS][3], edge;
    int64_t ptr[MOST_ATOMS / MOLECULE + 1];
    double cutoffs[LISTS];
    int32_t n_lists;
    uint32_t flags;
    int64_t i[MOST_PAIRS], j[MOST_PAIRS], pairs;
    int32_t shifts[MOST_PAIRS][3];
};

int guard_measured(struct work *w);

static nbl_status build(struct work *w)
{
    double h[9] = {w->edge, 0, 0, 0, w->edge, 0, 0, 0, w->edge};
    if (w->n_systems == 0)
        return nbl_cell_list_build(w->list, w->n, w->r, h, NULL, w->cutoffs[w->n_lists - 1], NULL);
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = w->n_systems;
    in.n_atoms = w->n;
    in.positions = w->r;
    in.ptr = w->ptr;
    in.cutoffs = w->cutoffs;
    in.n_cutoffs = 1;
    return nbl_batch_build(w->batch, &in, NULL, NULL);
}

static nbl_status search(struct work *w)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = w->flags;
    if (w->n_systems > 0)
        return nbl_batch_search(w->batch, 0, NULL, &options, w->result);
    return nbl_cell_list_search_multi(w->list, w->n_lists, w->cutoffs, &options, w->result);
}

/* 0, or 1 where any call fails. */
static int run(struct work *w)
{
    if (build(w) != NBL_OK || search(w) != NBL_OK)
        return 1;
    w->pairs = 0;
    for (int32_t list = 0; list < w->n_lists; list++) {
        nbl_outputs out = NBL_OUTPUTS_INIT;
        out.pair_capacity = MOST_PAIRS;
        out.i = w->i;
        out.j = w->j;
        out.shifts = w->shifts;
        if (nbl_result_fetch(w->result, list, &out) != NBL_OK)
            return 1;
        w->pairs += nbl_result_n_pairs(w->result, list);
    }
    return 0;
}

int guard_measured(struct work *w)
{
    return run(w);
}

/* repeat^3 cubes of edge a, each with these atoms in quarters of a, every one moved a little. */
static void draw_crystal(struct work *w, double a, int repeat, int n_sites, const int sites[][3])
{
    struct random g;
    random_seed(&g, 1);
    w->edge = a * repeat;
    for (int cube = 0; cube < repeat * repeat * repeat; cube++)
        for (int s = 0; s < n_sites; s++) {
            int at[3] = {cube % repeat, cube / repeat % repeat, cube / repeat / repeat};
            for (int k = 0; k < 3; k++)
                w->r[w->n][k] = a * (at[k] + 0.25 * sites[s][k]) + random_range(&g, -0.05, 0.05);
            w->n++;
        }
}

static void draw_random(struct work *w, int64_t n, double edge)
{
    struct random g;
    random_seed(&g, 2);
    w->n = n;
    w->edge = edge;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++)
            w->r[i][k] = random_range(&g, 0, edge);
}

static int draw(struct work *w, const char *name)
{
    static const int fcc[][3] = {{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {2, 2, 0}};
    static const int diamond[][3] = {{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {2, 2, 0},
                                     {1, 1, 1}, {1, 3, 3}, {3, 1, 3}, {3, 3, 1}};
    w->n_lists = 1;
    if (strcmp(name, "copper") == 0) {
        draw_crystal(w, 3.615, 10, 4, fcc);
        w->cutoffs[0] = 5;
    } else if (strcmp(name, "silicon-half-sorted") == 0) {
        draw_crystal(w, 5.43, 10, 8, diamond);
        w->cutoffs[0] = 6;
        w->flags = NBL_HALF | NBL_SORTED;
    } else if (strcmp(name, "molecules") == 0) {
        w->n_systems = 200;
        draw_random(w, w->n_systems * MOLECULE, 4);
        for (int64_t b = 0; b <= w->n_systems; b++)
            w->ptr[b] = b * MOLECULE;
        w->cutoffs[0] = 5;
    } else if (strcmp(name, "cutoffs") == 0) {
        static const double cutoffs[LISTS] = {5, 5.5, 6};
        draw_random(w, 2000, 27);
        w->n_lists = LISTS;
        memcpy(w->cutoffs, cutoffs, sizeof cutoffs);
    } else {
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct work w;
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    options.n_threads = 1;
    if (argc != 2 || draw(&w, argv[1]) != 0) {
        fputs("usage: guard_cases copper|silicon-half-sorted|molecules|cutoffs\n", stderr);
        return 2;
    }
    int (*volatile measured)(struct work * w) = guard_measured; /* so that it stays a function */
    if (nbl_cell_list_create(&w.list, &options) != NBL_OK || nbl_batch_create(&w.batch, &options) != NBL_OK ||
        nbl_result_create(&w.result, &options) != NBL_OK)
        return 1;
    if (run(&w) != 0 || measured(&w) != 0)
        return 1;
    printf("%s %lld\n", nbl_isa_name(nbl_isa_detect()), (long long)w.pairs);
    return 0;
}
