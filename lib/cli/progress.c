/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SHORTEST_BAR = 5, LONGEST_BAR = 40 };

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

/* Three digits and a prefix: "830", "12.3k", "1.5M". */
static const char *put_rate(char text[16], double rate)
{
    static const char prefixes[] = {' ', 'k', 'M', 'G', 'T'};
    size_t k = 0;
    for (; k + 1 < sizeof prefixes && rate >= 999.5; k++)
        rate /= 1000;
    const int decimals = k == 0 || rate >= 99.95 ? 0 : rate >= 9.995 ? 1 : 2;
    snprintf(text, 16, "%.*f%.*s", decimals, rate, k > 0, &prefixes[k]);
    return text;
}

static int terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* The bar takes what the numbers leave of the line, which must not be broken: it could not be cleared. */
static void draw(const char *numbers, double fraction)
{
    const int width = terminal_width() - 1, length = (int)strlen(numbers);
    int cells = width - length - 10;
    cells = cells > LONGEST_BAR ? LONGEST_BAR : cells;
    if (fraction >= 0 && cells >= SHORTEST_BAR) {
        static const char full[] = "########################################";
        const int done = (int)(fraction * cells);
        fprintf(stderr, "[%.*s%*s] ", done, full, cells - done, "");
        fprintf(stderr, "%3.0f %%  ", 100 * fraction);
    }
    fprintf(stderr, "%.*s", width, numbers);
    fflush(stderr);
}

void nbl__cli_progress(int64_t frames, int64_t atoms, int64_t pairs, double fraction)
{
    if (!enabled)
        return;
    const double now = nbl__cli_now(), seconds = now - start;
    if (seconds < 1.0 || now - last < 0.2)
        return;
    last = now;
    nbl__cli_progress_clear();
    char numbers[160], by_frame[16], by_atom[16], by_pair[16];
    int length =
        snprintf(numbers, sizeof numbers, "%lld frames, %s frames/s, %s atoms/s", (long long)frames,
                 put_rate(by_frame, (double)frames / seconds), put_rate(by_atom, (double)atoms / seconds));
    if (pairs >= 0)
        snprintf(numbers + length, sizeof numbers - (size_t)length, ", %s pairs/s",
                 put_rate(by_pair, (double)pairs / seconds));
    draw(numbers, fraction);
    shown = true;
}

void nbl__cli_progress_clear(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    shown = false;
}
