/* SPDX-License-Identifier: MIT */
/*
 * The public calls on one input, in all their variants, into a tally. Knows which variants there are; draws
 * those that are not gone through one by one.
 */
#ifndef TESTS_CROSS_ENGINE_H
#define TESTS_CROSS_ENGINE_H

#include <nblist/nblist.h>

#include "inputs.h"
#include "tally.h"

struct engine {
    nbl_cell_list *list;
    nbl_batch *batch;
    nbl_result *result;
    struct random g;
    struct tally tally;
};

/* Handles capped at `isa`, an enum nbl_isa. */
void engine_open(struct engine *e, int32_t isa, uint64_t seed);
void engine_close(struct engine *e);

/* Ends the process with 1 and the message where `status` is not NBL_OK. */
void engine_need(const struct engine *e, nbl_status status, const char *what);

/* Builds the input for searches up to `rc`. */
nbl_status engine_build(struct engine *e, const struct input *in, double rc, int32_t algorithm,
                        int32_t n_threads);

/* Full and half, sorted and not, by every algorithm; further options are drawn. */
void engine_lists(struct engine *e, const struct input *in);

/* The same search with one thread and with three; by brute force only where there are no images. */
void engine_threads(struct engine *e, const struct input *in);

/* Searches at the exact length of a pair, and one ulp beside it. */
void engine_lengths(struct engine *e, const struct input *in);

/* Several cutoffs at once. */
void engine_multi(struct engine *e, const struct input *in);

/* Rows on the fly, one cutoff and several. */
void engine_visit(struct engine *e, const struct input *in);

/* For what is made of lists elsewhere: the kinds that are gone through, options of one kind, all its lists. */
enum { ENGINE_KINDS = 4 };
extern const uint32_t engine_kinds[ENGINE_KINDS];
nbl_search_options engine_draw_search(struct engine *e, uint32_t kind, int64_t n);
void engine_tally(struct engine *e, const nbl_search_options *options);

/* A batch of these systems: searches, several cutoffs, rows on the fly. */
void engine_batch(struct engine *e, const struct input *systems, int64_t n_systems);

#endif
