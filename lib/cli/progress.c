/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool enabled, shown;
static double start, last;

double nbl__cli_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void nbl__cli_progress_enable(bool wanted)
{
    enabled = wanted && isatty(STDERR_FILENO);
    start = last = nbl__cli_now();
}

void nbl__cli_progress(int64_t frames, double fraction)
{
    if (!enabled)
        return;
    double now = nbl__cli_now();
    if (now - start < 1.0 || now - last < 0.2)
        return;
    last = now;
    nbl__cli_progress_clear();
    fprintf(stderr, "%lld frames, %.3g frames/s", (long long)frames, (double)frames / (now - start));
    if (fraction >= 0)
        fprintf(stderr, ", %.0f %%", 100 * fraction);
    fflush(stderr);
    shown = true;
}

void nbl__cli_progress_clear(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
