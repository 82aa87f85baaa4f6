/* SPDX-License-Identifier: MIT */
/*
 * The pairs of all frames in one CSV or npz file. In an npz file the names depend on whether a second frame
 * exists, so the first one waits in its result until the next one turns up or the input ends.
 */
#ifndef NBL_CLI_SINK_H
#define NBL_CLI_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include <nblist/nblist.h>

struct nbl__cli_options;
struct nbl__cli_sink;

/* Opens the output that options name. NULL: an error message has been printed. */
struct nbl__cli_sink *nbl__cli_sink_open(const struct nbl__cli_options *options);

/*
 * Each frame of the input, in this order; false: it failed, and an error message has been printed.
 *   next   a frame exists; call it while the result of the frame before is still that of its search
 *   add    its pairs, unless the library refused it
 */
bool nbl__cli_sink_next(struct nbl__cli_sink *sink);
bool nbl__cli_sink_add(struct nbl__cli_sink *sink, int64_t frame, nbl_result *result);

/* After the last frame: completes the file. */
bool nbl__cli_sink_finish(struct nbl__cli_sink *sink);

/* Frees the sink; a file that was not finished is removed. NULL is fine. */
void nbl__cli_sink_close(struct nbl__cli_sink *sink);

#endif
