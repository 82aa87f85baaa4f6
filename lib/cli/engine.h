/* SPDX-License-Identifier: MIT */
/* Build and search with the options of the command line: the handles that all frames share. */
#ifndef NBL_CLI_ENGINE_H
#define NBL_CLI_ENGINE_H

#include <nblist/nblist.h>

struct nbl__cli_frame;
struct nbl__cli_group;
struct nbl__cli_options;

/* Pairs, of all lists together, that a call for more than one frame may make: 64 MiB when all is fetched. */
#define CLI_MOST_PAIRS (INT64_C(1) << 20)

struct nbl__cli_engine {
    const struct nbl__cli_options *options;
    nbl_batch *batch;
    nbl_result *result;  /* of the last run */
    double seconds;      /* of the last run */
    nbl_cell_list *list; /* of a frame alone */
    nbl_result *alone;
    const char *message; /* of the last frame that was refused alone, valid until the next */
};

nbl_status nbl__cli_engine_create(struct nbl__cli_engine *engine, const struct nbl__cli_options *options);
void nbl__cli_engine_destroy(struct nbl__cli_engine *engine);

/*
 * Makes engine->result the lists of frames first ... first + count - 1 of the group, one list per cutoff;
 * frames that the library refuses have their status there. NBL_ELIMIT where several frames have too many
 * pairs for one call, or the only one more than --max-pairs.
 */
nbl_status nbl__cli_engine_run(struct nbl__cli_engine *engine, struct nbl__cli_group *group, int64_t first,
                               int64_t count);

/*
 * Makes engine->alone the lists of one frame; or tells, by its status and in words that know of no other
 * frames, why it is refused.
 */
nbl_status nbl__cli_engine_run_alone(struct nbl__cli_engine *engine, const struct nbl__cli_frame *frame);

/* What is wrong with a frame that has a periodic axis, but no cell; NULL for any other. The library would name
   its arguments, which the user of the program has never seen. */
const char *nbl__cli_engine_lacks_cell(const struct nbl__cli_options *options,
                                       const struct nbl__cli_frame *frame);

/* Says "file: frame K: message", with a line where one is to blame, and returns the exit status that this
 * failure means. */
int nbl__cli_engine_complain(const struct nbl__cli_frame *frame, nbl_status status, const char *message);

#endif
