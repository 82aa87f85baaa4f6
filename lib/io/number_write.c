/* SPDX-License-Identifier: MIT */
#include "io/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_DIGITS = 17 };

char *nbl__io_integer_write(char *out, int64_t value)
{
    char digits[NBL__INTEGER_TEXT];
    int n = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        digits[n++] = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0)
        *out++ = '-';
    while (n > 0)
        *out++ = digits[--n];
    return out;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

/* a * 5^k; the caller knows that it fits */
static wide times_five(wide a, int k)
{
    for (; k >= 13; k -= 13)
        a *= 1220703125u;
    for (; k > 0; k--)
        a *= 5;
    return a;
}

/*
 * The first `digits` decimal digits of a positive normal number, correctly rounded (ties to even, as
 * printf does), and its decimal exponent, in integers: value = m * 2^e, and m * 5^k needs at most
 * 53 + 2.33 k bits, which fits 128 for k <= 32. False where k is out of that range.
 */
static bool first_digits(double value, int digits, uint64_t *whole, int *exponent)
{
    int e;
    uint64_t m = (uint64_t)ldexp(frexp(value, &e), 53);
    e -= 53;
    int guess = (int)floor((e + 52) * 0.30102999566398120); /* right, or one too small */
    uint64_t limit = (uint64_t)times_five(1, digits) << digits;
    for (int x = guess; x <= guess + 1; x++) {
        int k = digits - 1 - x;
        int shift = e + k;
        if (k < 0 || k > 32 || shift > 10 || shift < -127)
            return false;
        wide product = times_five(m, k);
        uint64_t d;
        if (shift >= 0) {
            d = (uint64_t)(product << shift);
        } else {
            wide half = (wide)1 << (-shift - 1);
            wide low = product & ((half << 1) - 1);
            d = (uint64_t)(product >> -shift);
            if (low > half || (low == half && (d & 1) != 0))
                d++;
        }
        if (d < limit) {
            *whole = d;
            *exponent = x;
            return true;
        }
    }
    return false;
}
#else
static bool first_digits(double value, int digits, uint64_t *whole, int *exponent)
{
    (void)value, (void)digits, (void)whole, (void)exponent;
    return false;
}
#endif

/* The same through printf, whose decimal point, of any locale, is whatever is no digit. */
static void first_digits_slowly(double value, int digits, uint64_t *whole, int *exponent)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    uint64_t d = 0;
    const char *p = text;
    for (; *p != 'e'; p++)
        if (*p >= '0' && *p <= '9')
            d = d * 10 + (unsigned)(*p - '0');
    bool minus = *++p == '-';
    int x = 0;
    for (p++; *p != '\0'; p++)
        x = x * 10 + (*p - '0');
    *whole = d;
    *exponent = minus ? -x : x;
}

static char *copy_digits(char *out, const char *digits, int n)
{
    memcpy(out, digits, (size_t)n);
    return out + n;
}

/* What %.17g makes of `n` digits: fixed for exponents -4 ... 16, no zeros at the end. */
static char *lay_out(char *out, const char *digits, int n, int exponent)
{
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (exponent < -4 || exponent >= MAX_DIGITS) {
        *out++ = digits[0];
        if (n > 1) {
            *out++ = '.';
            out = copy_digits(out, digits + 1, n - 1);
        }
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
        if (size >= 100)
            *out++ = (char)('0' + size / 100);
        *out++ = (char)('0' + size / 10 % 10);
        *out++ = (char)('0' + size % 10);
        return out;
    }
    if (exponent < 0) {
        *out++ = '0';
        *out++ = '.';
        for (int k = -1; k > exponent; k--)
            *out++ = '0';
        return copy_digits(out, digits, n);
    }
    int before = exponent + 1;
    if (n <= before) {
        out = copy_digits(out, digits, n);
        for (int k = n; k < before; k++)
            *out++ = '0';
        return out;
    }
    out = copy_digits(out, digits, before);
    *out++ = '.';
    return copy_digits(out, digits + before, n - before);
}

static char *write_digits(char *out, double value, int precision)
{
    if (isnan(value)) {
        memcpy(out, signbit(value) ? "-nan" : "nan", 4);
        return out + (signbit(value) ? 4 : 3);
    }
    if (signbit(value)) {
        *out++ = '-';
        value = -value;
    }
    if (isinf(value)) {
        memcpy(out, "inf", 3);
        return out + 3;
    }
    if (value == 0) {
        *out++ = '0';
        return out;
    }
    uint64_t whole;
    int exponent;
    if (!first_digits(value, precision, &whole, &exponent))
        first_digits_slowly(value, precision, &whole, &exponent);
    char digits[MAX_DIGITS];
    for (int k = precision; k-- > 0; whole /= 10)
        digits[k] = (char)('0' + whole % 10);
    return lay_out(out, digits, precision, exponent);
}

char *nbl__io_real_write(char *out, double value)
{
    return write_digits(out, value, MAX_DIGITS);
}

char *nbl__io_real_write_short(char *out, double value)
{
    for (int precision = 15; precision < MAX_DIGITS; precision++) {
        char *end = write_digits(out, value, precision);
        double back;
        *end = '\0';
        enum nbl__io_number answer = nbl__io_real_read(out, end, &back);
        if (answer == NBL__NUMBER_SPECIAL || (answer == NBL__NUMBER_OK && back == value))
            return end;
    }
    return write_digits(out, value, MAX_DIGITS);
}
