/* SPDX-License-Identifier: MIT */
/*
 * Numbers as text, both ways, whatever the locale. Invariants: a real is read with one correct rounding; a
 * real is written byte for byte as printf's %.17g writes it in the C locale, or in the fewest of 15, 16 or
 * 17 digits that read back as the same number. Knows nothing of files.
 */
#ifndef NBL_IO_NUMBER_H
#define NBL_IO_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nbl__io_number {
    NBL__NUMBER_OK = 0,
    NBL__NUMBER_BAD,     /* not a number */
    NBL__NUMBER_RANGE,   /* a number too large for the type */
    NBL__NUMBER_SPECIAL, /* nan, inf or infinity, in any case of letters; *out holds it */
    NBL__NUMBER_NOMEM
};

/* longest text of an int64 or of a double in 17 digits, without a terminating zero */
enum { NBL__INTEGER_TEXT = 20, NBL__REAL_TEXT = 24 };

/* The whole of [text, end) must be the number. text[0 ... end] must be readable. */
enum nbl__io_number nbl__io_integer_read(const char *text, const char *end, int64_t *out);
enum nbl__io_number nbl__io_real_read(const char *text, const char *end, double *out);

/* T, true, 1: 1; F, false, 0: 0, in any case of letters; -1 if it is no flag. */
int nbl__io_flag_read(const char *text, const char *end);

/* Write without a terminating zero and return the end; _short needs room for one byte more. */
char *nbl__io_integer_write(char *out, int64_t value);
char *nbl__io_real_write(char *out, double value);       /* %.17g */
char *nbl__io_real_write_short(char *out, double value); /* fewest digits */

#endif
