/* SPDX-License-Identifier: MIT */
/*
 * The pairs of all frames in one CSV or npz file. In an npz file the names depend on whether a second frame
 * exists, so a first one that comes alone waits in its result until the next one turns up or the input ends.
 */
#ifndef NBL_CLI_SINK_H
#define NBL_CLI_SINK_H

#include <stdbool.h>
#include <stdint.h>

struct nbl__cli_frame;
struct nbl__cli_lists;
struct nbl__cli_options;
struct nbl__cli_sink;

/* Opens the output that options name, for what is fetched through `lists`. NULL: an error message has been
 * printed. */
struct nbl__cli_sink *nbl__cli_sink_open(const struct nbl__cli_options *options, struct nbl__cli_lists *lists);

/*
 * In this order; false: it failed, and an error message has been printed.
 *   next   n frames exist; call it while the result of those before is still that of their search
 *   add    list `number` of one of them, whose atoms begin at `first` in the search: all lists of one frame one
 *          after the other, frames that the library refused left out
 */
bool nbl__cli_sink_next(struct nbl__cli_sink *sink, int64_t n);
bool nbl__cli_sink_add(struct nbl__cli_sink *sink, const struct nbl__cli_frame *frame, int64_t first,
                       int32_t number);

/* After the last frame: completes the file. */
bool nbl__cli_sink_finish(struct nbl__cli_sink *sink);

/* Frees the sink; a file that was not finished is removed. NULL is fine. */
void nbl__cli_sink_close(struct nbl__cli_sink *sink);

#endif
