/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "interrupt.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 2 }; /* --output and --svg */

static char paths[MOST_FILES][PATH_MAX];
static volatile sig_atomic_t guarded[MOST_FILES];

static void on_signal(int number)
{
    for (int k = 0; k < MOST_FILES; k++)
        if (guarded[k])
            unlink(paths[k]);
    _exit(128 + number);
}

void nbl__cli_interrupt_setup(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    action.sa_handler = on_signal;
    for (size_t k = 0; k < sizeof signals / sizeof *signals; k++) {
        /* A shell that runs us in the background, or nohup, ignores signals on our behalf. */
        if (sigaction(signals[k], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[k], &action, NULL);
    }
}

bool nbl__cli_interrupt_guard(const char *path)
{
    for (int k = 0; k < MOST_FILES; k++) {
        if (guarded[k])
            continue;
        int length = snprintf(paths[k], sizeof paths[k], "%s.part", path);
        guarded[k] = length > 0 && (size_t)length < sizeof paths[k];
        return guarded[k];
    }
    return false;
}

void nbl__cli_interrupt_release(const char *path)
{
    const size_t length = strlen(path);
    for (int k = 0; k < MOST_FILES; k++)
        if (guarded[k] && strncmp(paths[k], path, length) == 0 && strcmp(paths[k] + length, ".part") == 0)
            guarded[k] = 0;
}
