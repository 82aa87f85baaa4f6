/* SPDX-License-Identifier: MIT */
/*
 * One panel of an SVG picture: a rectangle of data with its axes. Knows how numbers become places and ticks;
 * nothing of what is drawn.
 */
#ifndef NBL_CLI_PANEL_H
#define NBL_CLI_PANEL_H

#include <stdio.h>

/* The rectangle of the data in the picture, and what its axes span. */
struct nbl__cli_panel {
    double left, top, width, height;
    double x0, x1, y1, y_step; /* y starts at 0 */
};

/* Places in the picture of values on the axes. */
double nbl__cli_panel_x(const struct nbl__cli_panel *panel, double x);
double nbl__cli_panel_y(const struct nbl__cli_panel *panel, double y);

/* Makes y reach up to the largest value or the first tick above it; counts have steps of at least 1. */
void nbl__cli_panel_set_height(struct nbl__cli_panel *panel, double largest, double least_step, int most_ticks);

void nbl__cli_panel_put_y_axis(FILE *f, const struct nbl__cli_panel *panel, const char *title);

/* A tick at x, and ticks at the multiples of a step that suits at most `most` of them. */
void nbl__cli_panel_put_x_tick(FILE *f, const struct nbl__cli_panel *panel, double x, const char *text);
void nbl__cli_panel_put_x_ticks(FILE *f, const struct nbl__cli_panel *panel, int most);

/* Both axes as lines, a heading above and the title of x below. */
void nbl__cli_panel_put_frame(FILE *f, const struct nbl__cli_panel *panel, const char *heading,
                              const char *x_title);

/* A text, of any origin, in one of the classes of the picture's style. anchor: "start", "middle" or "end". */
void nbl__cli_panel_put_text(FILE *f, double x, double y, const char *anchor, const char *class,
                             const char *text);

#endif
