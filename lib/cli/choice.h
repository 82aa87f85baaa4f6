/* SPDX-License-Identifier: MIT */
/* Which metrics the command line names, by the names of the library. */
#ifndef NBL_CLI_CHOICE_H
#define NBL_CLI_CHOICE_H

#include <stdbool.h>

struct nbl__cli_options;

/* "NAME,NAME,...": the metrics to be shown, instead of those of an earlier call. False, with a message: one is
   none. */
bool nbl__cli_choose_metrics(struct nbl__cli_options *options, const char *text, char message[160]);

/* "NAME:MIN:MAX", with - for an open end. */
bool nbl__cli_add_filter(struct nbl__cli_options *options, const char *text, char message[160]);

#endif
