/* SPDX-License-Identifier: MIT */
/*
 * What happens on SIGINT, SIGTERM and SIGHUP: the partial files named here are removed and the process ends
 * with status 128 + signal. SIGPIPE is ignored, so that a closed pipe is a write error like any other.
 */
#ifndef NBL_CLI_INTERRUPT_H
#define NBL_CLI_INTERRUPT_H

#include <stdbool.h>

void nbl__cli_interrupt_setup(void);

/* Takes part in the clean-up from now on: the file `path`.part. A path too long to remember is false. */
bool nbl__cli_interrupt_guard(const char *path);

/* The file `path`.part is no longer there, or no longer ours. */
void nbl__cli_interrupt_release(const char *path);

#endif
