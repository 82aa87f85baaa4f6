/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include "interrupt.h"

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 2 }; /* --output and --svg */

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define N_SIGNALS (sizeof signals / sizeof *signals)

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
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
    action.sa_handler = on_signal;
    for (size_t k = 0; k < N_SIGNALS; k++) {
        /* A shell that runs us in the background, or nohup, ignores signals on our behalf. */
        if (sigaction(signals[k], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[k], &action, NULL);
    }
}

void nbl__cli_interrupt_hold(bool hold)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t k = 0; k < N_SIGNALS; k++)
        sigaddset(&set, signals[k]);
    sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

int nbl__cli_interrupt_guard(const char *part)
{
    for (int k = 0; part && k < MOST_FILES; k++) {
        if (guarded[k])
            continue;
        const size_t size = strlen(part) + 1;
        if (size > sizeof paths[k])
            return -1;
        memcpy(paths[k], part, size);
        guarded[k] = 1;
        return k;
    }
    return -1;
}

void nbl__cli_interrupt_release(int number)
{
    if (number >= 0)
        guarded[number] = 0;
}
