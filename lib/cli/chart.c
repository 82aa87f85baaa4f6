/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE

#include "chart.h"

#include <langinfo.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "histogram.h"
#include "number.h"

enum { MARGIN = 9, HEIGHT = 12, MOST_COLUMNS = 200, MOST_GROUPS = 30 };

struct canvas {
    int width;
    bool utf8;
};

static int terminal_width(void)
{
    const char *columns = getenv("COLUMNS");
    int64_t width = 0;
    struct winsize size;
    if (!columns || nbl__cli_parse_integer(columns, 1, 100000, &width) != NULL)
        width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    if (width == 0)
        width = 80;
    return width < 40 ? 40 : width > MOST_COLUMNS ? MOST_COLUMNS : (int)width;
}

/* `eighths` of a character cell filled from below. */
static void put_column(const struct canvas *canvas, int eighths)
{
    if (eighths <= 0)
        putchar(' ');
    else if (!canvas->utf8)
        putchar(eighths < 3 ? '.' : eighths < 6 ? ':' : '#');
    else /* U+2581 ... U+2588 */
        printf("\xe2\x96%c", 0x80 + (eighths < 8 ? eighths : 8));
}

/* A bar of `eighths` of a character from the left, padded to `cells`. */
static void put_bar(const struct canvas *canvas, int eighths, int cells)
{
    int used = eighths / 8, rest = eighths % 8;
    for (int k = 0; k < used; k++)
        fputs(canvas->utf8 ? "\xe2\x96\x88" : "#", stdout);
    if (rest > 0 && used < cells) {
        if (canvas->utf8) /* U+258F is one eighth, U+2589 seven */
            printf("\xe2\x96%c", 0x90 - rest);
        else
            putchar(rest < 4 ? '.' : ':');
        used++;
    }
    for (int k = used; k < cells; k++)
        putchar(' ');
}

static void draw_radial_axis(const struct canvas *canvas, double cutoff, int columns)
{
    char labels[MOST_COLUMNS + 32];
    const double step = nbl__cli_nice_step(cutoff, columns / 10 > 3 ? columns / 10 : 3);
    int tick = 0;

    memset(labels, ' ', sizeof labels);
    printf("%*s %s", MARGIN - 2, "0", canvas->utf8 ? "\xe2\x94\x94" : "+");
    for (int k = 0; k < columns; k++) {
        int next = (int)lround((tick + 1) * step / cutoff * columns);
        if (k + 1 == next) {
            char text[32];
            int length = snprintf(text, sizeof text, "%.6g", (tick + 1) * step);
            memcpy(labels + (k + 1 > length / 2 ? k + 1 - length / 2 : 0), text, (size_t)length);
            fputs(canvas->utf8 ? "\xe2\x94\xb4" : "+", stdout);
            tick++;
        } else {
            fputs(canvas->utf8 ? "\xe2\x94\x80" : "-", stdout);
        }
    }
    size_t end = sizeof labels;
    while (end > 0 && labels[end - 1] == ' ')
        end--;
    printf("\n%*s%.*s\n", MARGIN - 1, "", (int)end, labels);
}

static void draw_radial(const struct canvas *canvas, const struct nbl__cli_histogram *histogram)
{
    double values[MOST_COLUMNS], top = 0;
    const int columns = canvas->width - MARGIN - 1;
    nbl__cli_histogram_radial(histogram, columns, values);
    for (int k = 0; k < columns; k++)
        top = fmax(top, values[k]);

    printf("\n%s\n", histogram->open
                         ? "Pairs by distance (an axis is open: not normalised), each pair once"
                         : "Radial distribution function g(r) by distance, normalised by the density");
    if (!(top > 0)) {
        puts("  no pairs");
        return;
    }
    /* At most three ticks, whose number divides the height. */
    const double step = nbl__cli_nice_step(top, 3);
    const int n_ticks = (int)ceil(top / step - 1e-9), apart = HEIGHT / n_ticks;
    top = n_ticks * step;
    for (int row = HEIGHT - 1; row >= 0; row--) {
        if ((row + 1) % apart == 0)
            printf("%*.*g %s", MARGIN - 2, 5, (row + 1) / apart * step, canvas->utf8 ? "\xe2\x94\xa4" : "+");
        else
            printf("%*s%s", MARGIN - 1, "", canvas->utf8 ? "\xe2\x94\x82" : "|");
        for (int k = 0; k < columns; k++) {
            int level = (int)lround(values[k] / top * HEIGHT * 8);
            if (level == 0 && values[k] > 0)
                level = 1; /* rare is not none */
            put_column(canvas, level - 8 * row);
        }
        putchar('\n');
    }
    draw_radial_axis(canvas, histogram->cutoff, columns);
}

static void draw_coordination(const struct canvas *canvas, const struct nbl__cli_histogram *histogram)
{
    struct nbl__cli_groups groups;
    nbl__cli_histogram_groups(histogram, MOST_GROUPS, &groups);
    printf("\nAtoms by number of neighbours\n");
    if (groups.n == 0) {
        puts("  no atoms");
        return;
    }
    const int cells = canvas->width - 40;
    for (int k = 0; k < groups.n; k++) {
        char label[48];
        int64_t low = groups.first + k * groups.width;
        if (groups.width == 1)
            snprintf(label, sizeof label, "%lld", (long long)low);
        else
            snprintf(label, sizeof label, "%lld-%lld", (long long)low, (long long)(low + groups.width - 1));
        int eighths =
            (int)lround(8.0 * (cells > 8 ? cells : 8) * (double)groups.atoms[k] / (double)groups.largest);
        if (eighths == 0 && groups.atoms[k] > 0)
            eighths = 1;
        printf("%15s %s", label, canvas->utf8 ? "\xe2\x94\x82" : "|");
        put_bar(canvas, eighths, cells > 8 ? cells : 8);
        printf(" %lld (%.1f %%)\n", (long long)groups.atoms[k],
               100.0 * (double)groups.atoms[k] / (double)histogram->n_atoms);
    }
}

void nbl__cli_chart_draw(const struct nbl__cli_histogram *histogram)
{
    const struct canvas canvas = {terminal_width(), strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0};
    draw_radial(&canvas, histogram);
    draw_coordination(&canvas, histogram);
}
