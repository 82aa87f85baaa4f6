/* SPDX-License-Identifier: MIT */
/* A self-contained SVG picture in a file of its own: no fonts, scripts or styles from elsewhere. */
#ifndef NBL_CLI_SVG_H
#define NBL_CLI_SVG_H

#include <stdbool.h>
#include <stdio.h>

enum { CLI_SVG_WIDTH = 760 };

struct nbl__cli_histogram;
struct nbl__cli_totals;
struct nbl__cli_svg;

/* What a picture shows, below a title and a smaller line of text. */
struct nbl__cli_drawing {
    int height;
    const char *title, *below;
    void (*draw)(FILE *f, const void *data);
    const void *data;
};

/*
 * Opens the file, "-" for standard output, before there is anything to draw, so that one which cannot be
 * written is found before the work. NULL: an error message has been printed.
 */
struct nbl__cli_svg *nbl__cli_svg_open(const char *path, bool force);

/* Draws and completes the file; false: an error message has been printed. */
bool nbl__cli_svg_finish(struct nbl__cli_svg *svg, const struct nbl__cli_drawing *drawing);

/* The same with both histograms of pairs. */
bool nbl__cli_svg_finish_pairs(struct nbl__cli_svg *svg, const struct nbl__cli_histogram *histogram,
                               const char *title);

/* The same with a histogram of each metric over the frames. */
bool nbl__cli_svg_finish_metrics(struct nbl__cli_svg *svg, const struct nbl__cli_totals *totals,
                                 const char *title);

/* Frees all; a file that was not finished is removed. NULL is fine. */
void nbl__cli_svg_close(struct nbl__cli_svg *svg);

#endif
