/* SPDX-License-Identifier: MIT */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "take.h"

const uint32_t engine_kinds[ENGINE_KINDS] = {0, NBL_HALF, NBL_SORTED, NBL_HALF | NBL_SORTED};

void engine_need(const struct engine *e, nbl_status status, const char *what)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "%s: %s: %s%s%s\n", what, nbl_status_name(status),
            e->list ? nbl_cell_list_message(e->list) : "", e->batch ? nbl_batch_message(e->batch) : "",
            e->result ? nbl_result_message(e->result) : "");
    exit(1);
}

void engine_open(struct engine *e, int32_t isa, uint64_t seed)
{
    nbl_handle_options options = NBL_HANDLE_OPTIONS_INIT;
    memset(e, 0, sizeof *e);
    random_seed(&e->g, seed);
    options.isa = isa;
    options.n_threads = 1;
    engine_need(e, nbl_cell_list_create(&e->list, &options), "create");
    engine_need(e, nbl_batch_create(&e->batch, &options), "create");
    engine_need(e, nbl_result_create(&e->result, &options), "create");
}

void engine_close(struct engine *e)
{
    nbl_result_destroy(&e->result);
    nbl_batch_destroy(&e->batch);
    nbl_cell_list_destroy(&e->list);
}

nbl_status engine_build(struct engine *e, const struct input *in, double rc, int32_t algorithm,
                        int32_t n_threads)
{
    nbl_build_options options = NBL_BUILD_OPTIONS_INIT;
    options.algorithm = algorithm;
    options.n_threads = n_threads;
    options.positions_dtype = in->low ? NBL_FLOAT32 : NBL_FLOAT64;
    const void *positions = in->low ? (const void *)in->low : in->r;
    return nbl_cell_list_build(e->list, in->n, positions, in->has_cell ? in->h : NULL, in->pbc, rc, &options);
}

/* What a search of this kind of list may have beside: drawn from what goes with it. */
nbl_search_options engine_draw_search(struct engine *e, uint32_t kind, int64_t n)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = kind;
    if (random_chance(&e->g, 4))
        options.flags |= NBL_INCLUSIVE;
    if (random_chance(&e->g, 4))
        options.flags |= NBL_SELF;
    if (n > 0 && !(kind & NBL_HALF) && random_chance(&e->g, 6)) {
        options.flags |= NBL_CENTERS;
        options.n_centers = random_int(&e->g, 0, n);
    }
    options.mode = (int32_t)random_int(&e->g, NBL_MODE_AUTO, NBL_MODE_COUNTS);
    options.n_threads = random_chance(&e->g, 2) ? 3 : 1;
    return options;
}

void engine_tally(struct engine *e, const nbl_search_options *options)
{
    unsigned ways = (unsigned)random_int(&e->g, 0, 3);
    int has_reverse = !(options->flags & (NBL_HALF | NBL_CENTERS | NBL_DISJOINT));
    for (int32_t list = 0; list < nbl_result_n_lists(e->result); list++)
        tally_list(&e->tally, e->result, list, options->flags, ways, has_reverse);
}

static void search(struct engine *e, double rc, const nbl_search_options *options)
{
    engine_need(e, nbl_cell_list_search(e->list, rc, options, e->result), "search");
    engine_tally(e, options);
}

void engine_lists(struct engine *e, const struct input *in)
{
    for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++) {
        double beyond = random_chance(&e->g, 3) ? 1.25 : 1;
        int32_t n_threads = random_chance(&e->g, 2) ? 3 : 1;
        engine_need(e, engine_build(e, in, in->rc * beyond, algorithm, n_threads), "build");
        for (int f = 0; f < ENGINE_KINDS; f++) {
            nbl_search_options options = engine_draw_search(e, engine_kinds[f], in->n);
            search(e, in->rc, &options);
        }
    }
}

static void threads(struct engine *e, const struct input *in, int32_t algorithm)
{
    for (int32_t n_threads = 1; n_threads <= 3; n_threads += 2) {
        engine_need(e, engine_build(e, in, in->rc, algorithm, n_threads), "build");
        for (int f = 0; f < ENGINE_KINDS; f++) {
            nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
            options.flags = engine_kinds[f];
            options.n_threads = n_threads;
            search(e, in->rc, &options);
        }
    }
}

void engine_threads(struct engine *e, const struct input *in)
{
    threads(e, in, NBL_ALGORITHM_CELLS);
    if (!in->has_cell)
        threads(e, in, NBL_ALGORITHM_BRUTE);
}

/* The distance of some pair of list 0; 0: there is none. */
static double some_length(struct engine *e)
{
    int64_t pairs = nbl_result_n_pairs(e->result, 0);
    double *lengths = take(pairs, sizeof *lengths);
    nbl_outputs o = NBL_OUTPUTS_INIT;
    o.pair_capacity = pairs;
    o.distances = lengths;
    engine_need(e, nbl_result_fetch(e->result, 0, &o), "fetch");
    double length = pairs > 0 ? lengths[random_int(&e->g, 0, pairs - 1)] : 0;
    free(lengths);
    return length;
}

void engine_lengths(struct engine *e, const struct input *in)
{
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = NBL_SORTED; /* so that the choice does not depend on the order of rows */
    engine_need(e, engine_build(e, in, in->rc, NBL_ALGORITHM_AUTO, 1), "build");
    engine_need(e, nbl_cell_list_search(e->list, in->rc, &options, e->result), "search");
    double length = some_length(e);
    if (length == 0)
        return;
    for (int64_t ulps = -1; ulps <= 1; ulps++) {
        double rc = input_ulps(length, ulps);
        engine_need(e, engine_build(e, in, rc, (int32_t)(ulps + 1), 1), "build");
        for (int inclusive = 0; inclusive < 2; inclusive++) {
            options = engine_draw_search(e, engine_kinds[random_int(&e->g, 0, 3)], in->n);
            options.flags = (options.flags & ~(uint32_t)NBL_INCLUSIVE) | (inclusive ? NBL_INCLUSIVE : 0);
            search(e, rc, &options);
        }
    }
}

/* Up to six cutoffs in no order, repeated ones among them; they fit a build at rc. */
static int32_t draw_cutoffs(struct engine *e, double rc, double cutoffs[6])
{
    int32_t count = (int32_t)random_int(&e->g, 1, 6);
    for (int32_t k = 0; k < count; k++)
        cutoffs[k] = rc * ((double)random_int(&e->g, 2, 8) / 8);
    return count;
}

void engine_multi(struct engine *e, const struct input *in)
{
    for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++) {
        engine_need(e, engine_build(e, in, in->rc, algorithm, 1), "build");
        for (int f = 0; f < ENGINE_KINDS; f++) {
            double cutoffs[6];
            int32_t count = draw_cutoffs(e, in->rc, cutoffs);
            nbl_search_options options = engine_draw_search(e, engine_kinds[f], in->n);
            if (random_chance(&e->g, 2))
                options.flags |= NBL_DISJOINT;
            engine_need(e, nbl_cell_list_search_multi(e->list, count, cutoffs, &options, e->result), "search");
            engine_tally(e, &options);
        }
    }
}

void engine_visit(struct engine *e, const struct input *in)
{
    for (int32_t algorithm = NBL_ALGORITHM_AUTO; algorithm <= NBL_ALGORITHM_CELLS; algorithm++) {
        engine_need(e, engine_build(e, in, in->rc, algorithm, 1), "build");
        for (int f = 0; f < ENGINE_KINDS; f++) {
            double cutoffs[6];
            int32_t count = draw_cutoffs(e, in->rc, cutoffs);
            nbl_search_options options = engine_draw_search(e, engine_kinds[f], in->n);
            struct tally_rows rows = {0};
            engine_need(e,
                        nbl_cell_list_visit(e->list, count, cutoffs, &options, e->result, tally_visit, &rows),
                        "visit");
            tally_visited(&e->tally, &rows, options.flags);
        }
    }
}
