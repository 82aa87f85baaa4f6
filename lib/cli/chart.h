/* SPDX-License-Identifier: MIT */
/*
 * Histograms drawn on standard output with block characters, in plain ASCII where the locale has none. As
 * wide as the terminal (or the environment variable COLUMNS) and 80 columns elsewhere.
 */
#ifndef NBL_CLI_CHART_H
#define NBL_CLI_CHART_H

struct nbl__cli_histogram;

void nbl__cli_chart_draw(const struct nbl__cli_histogram *histogram);

#endif
