/* SPDX-License-Identifier: MIT */
/* Both histograms as one self-contained SVG picture: no fonts, scripts or styles from elsewhere. */
#ifndef NBL_CLI_SVG_H
#define NBL_CLI_SVG_H

#include <stdbool.h>
#include <stdio.h>

struct nbl__cli_histogram;

/* Writes the picture. Errors of the stream are left for the caller to find. */
void nbl__cli_svg_write(FILE *stream, const struct nbl__cli_histogram *histogram, const char *title);

/* Whether the file may be written as far as can be seen beforehand; false: an error has been printed. */
bool nbl__cli_svg_allowed(const char *path, bool force);

/*
 * The picture into a file, by way of `path`.part, which is renamed when it is complete; a device is written
 * directly. An existing file is refused unless force is set. False: nothing was left behind, and an error
 * message has been printed.
 */
bool nbl__cli_svg_save(const char *path, bool force, const struct nbl__cli_histogram *histogram,
                       const char *title);

#endif
