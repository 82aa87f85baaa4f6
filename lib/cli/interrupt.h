/* SPDX-License-Identifier: MIT */
/*
 * What happens on SIGINT, SIGTERM and SIGHUP: the partial files named here are removed and the process ends
 * with status 128 + signal. SIGPIPE and SIGXFSZ are ignored, so that a closed pipe and a limit on file
 * sizes are write errors like any other.
 */
#ifndef NBL_CLI_INTERRUPT_H
#define NBL_CLI_INTERRUPT_H

#include <stdbool.h>

void nbl__cli_interrupt_setup(void);

/* Puts these signals off, or lets them in again: a file must be named before one can come. */
void nbl__cli_interrupt_hold(bool hold);

/*
 * The file takes part in the clean-up from now on; NULL is none. Returns a number to release it with, once
 * the file is no longer there or no longer ours. release() ignores negative numbers.
 */
int nbl__cli_interrupt_guard(const char *part);
void nbl__cli_interrupt_release(int number);

#endif
