/* SPDX-License-Identifier: MIT */
/*
 * The progress line on standard error, a bar and rates: only where that is a terminal, only after a second,
 * redrawn a few times per second. Everything else that is printed clears it first.
 */
#ifndef NBL_CLI_PROGRESS_H
#define NBL_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds on a clock that never jumps. */
double nbl__cli_now(void);

/* Progress is off until this is called with true. */
void nbl__cli_progress_enable(bool wanted);

/* What is done, negative numbers left out; `fraction` of the input is read, negative where that is unknown. */
void nbl__cli_progress(int64_t frames, int64_t atoms, int64_t pairs, double fraction);

void nbl__cli_progress_clear(void);

#endif
