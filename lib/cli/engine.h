/* SPDX-License-Identifier: MIT */
/* Build and search with the options of the command line: the handles that all frames share. */
#ifndef NBL_CLI_ENGINE_H
#define NBL_CLI_ENGINE_H

#include <nblist/nblist.h>

struct nbl__cli_frame;
struct nbl__cli_options;

struct nbl__cli_engine {
    const struct nbl__cli_options *options;
    nbl_cell_list *list;
    nbl_result *result;
    double seconds;      /* of the last run */
    const char *message; /* of the last run that failed, valid until the next */
};

nbl_status nbl__cli_engine_create(struct nbl__cli_engine *engine, const struct nbl__cli_options *options);
void nbl__cli_engine_destroy(struct nbl__cli_engine *engine);

/* Makes engine->result the list of the frame. */
nbl_status nbl__cli_engine_run(struct nbl__cli_engine *engine, const struct nbl__cli_frame *frame);

/* Says "file: frame K: message", with a line where one is to blame, and returns the exit status that this
 * failure means. */
int nbl__cli_engine_complain(const struct nbl__cli_frame *frame, nbl_status status, const char *message);

#endif
