/* SPDX-License-Identifier: MIT */
/*
 * Numbers and flags from the command line, checked to the last character. Only decimal notation is
 * accepted: what strtod() would also read (nan, inf, hexadecimal) is never meant. The numeric locale of the
 * program is always "C".
 *
 * Each function returns NULL, or what is wrong in words that follow the text ("is not a number").
 */
#ifndef NBL_CLI_NUMBER_H
#define NBL_CLI_NUMBER_H

#include <stdint.h>

const char *nbl__cli_parse_real(const char *text, double *value);
const char *nbl__cli_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value);

/* Three flags: "TTF", "T T F", "1,1,0", "true true false"; or one for all axes. */
const char *nbl__cli_parse_pbc(const char *text, uint8_t pbc[3]);

/* Nine numbers (rows a, b, c) or three (an orthorhombic cell), separated by spaces or commas. */
const char *nbl__cli_parse_cell(const char *text, double cell[9]);

#endif
