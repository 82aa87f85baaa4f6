/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "io/number.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __APPLE__
#include <xlocale.h>
#endif

_Static_assert(FLT_EVAL_METHOD == 0, "the exact path needs operations that round once, to double");

enum { WHOLE_DIGITS = 19 }; /* that many decimal digits always fit 64 bits */

/* A number as text: w * 10^exponent; `exact` if w holds all digits. */
struct decimal {
    uint64_t w;
    int exponent;
    bool negative;
    bool exact;
};

static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

enum nbl__io_number nbl__io_integer_read(const char *text, const char *end, int64_t *out)
{
    bool negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    if (text == end)
        return NBL__NUMBER_BAD;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;
    bool over = false;
    for (; text < end; text++) {
        if (!is_digit(*text))
            return NBL__NUMBER_BAD;
        unsigned digit = (unsigned)(*text - '0');
        if (over || value > (limit - digit) / 10)
            over = true;
        else
            value = value * 10 + digit;
    }
    if (over)
        return NBL__NUMBER_RANGE;
    *out = negative ? (value == limit ? INT64_MIN : -(int64_t)value) : (int64_t)value;
    return NBL__NUMBER_OK;
}

static bool same_word(const char *text, const char *end, const char *word)
{
    for (; text < end && *word != '\0'; text++, word++)
        if ((*text | 0x20) != *word)
            return false;
    return text == end && *word == '\0';
}

int nbl__io_flag_read(const char *text, const char *end)
{
    if (end - text == 1 && (*text == '0' || *text == '1'))
        return *text - '0';
    if (same_word(text, end, "t") || same_word(text, end, "true"))
        return 1;
    return same_word(text, end, "f") || same_word(text, end, "false") ? 0 : -1;
}

static enum nbl__io_number read_special(const char *text, const char *end, double *out)
{
    bool negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    if (same_word(text, end, "nan"))
        *out = (double)NAN;
    else if (same_word(text, end, "inf") || same_word(text, end, "infinity"))
        *out = negative ? -HUGE_VAL : HUGE_VAL;
    else
        return NBL__NUMBER_BAD;
    return NBL__NUMBER_SPECIAL;
}

/* Digits after the 19th significant one are left to the slow path: *exact becomes false. */
static bool scan(const char *text, const char *end, struct decimal *d)
{
    int used = 0, scale = 0;
    bool any = false, point = false;
    d->w = 0;
    d->exact = true;
    d->negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    for (; text < end; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(*text))
            break;
        any = true;
        if (used == WHOLE_DIGITS) {
            d->exact = false;
            continue;
        }
        d->w = d->w * 10 + (unsigned)(*text - '0');
        used += d->w != 0;
        scale -= point;
    }
    if (!any)
        return false;
    int exponent = 0;
    if (text < end && ((*text | 0x20) == 'e' || (*text | 0x20) == 'd')) {
        text++;
        bool minus = text < end && *text == '-';
        if (text < end && (*text == '-' || *text == '+'))
            text++;
        if (text == end)
            return false;
        for (; text < end && is_digit(*text); text++)
            if (exponent < 1000000)
                exponent = exponent * 10 + (*text - '0');
        if (minus)
            exponent = -exponent;
    }
    d->exponent = exponent + scale;
    return text == end;
}

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

static const uint64_t fives[28] = {1u,
                                   5u,
                                   25u,
                                   125u,
                                   625u,
                                   3125u,
                                   15625u,
                                   78125u,
                                   390625u,
                                   1953125u,
                                   9765625u,
                                   48828125u,
                                   244140625u,
                                   1220703125u,
                                   6103515625u,
                                   30517578125u,
                                   152587890625u,
                                   762939453125u,
                                   3814697265625u,
                                   19073486328125u,
                                   95367431640625u,
                                   476837158203125u,
                                   2384185791015625u,
                                   11920928955078125u,
                                   59604644775390625u,
                                   298023223876953125u,
                                   1490116119384765625u,
                                   7450580596923828125u};

static int bits_of(wide x)
{
    uint64_t high = (uint64_t)(x >> 64);
    return high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)x);
}

/*
 * w * 10^q, |q| <= 27, in integers: 10^q = 5^q * 2^q, and 5^27 fits 64 bits. For q < 0 the quotient has at
 * least 64 bits, and its remainder decides ties. No such number is subnormal or overflows.
 */
static double assemble(uint64_t w, int q)
{
    wide x;
    bool rest = false;
    int shift = q;
    if (q >= 0) {
        x = (wide)w * fives[q];
    } else {
        int up = 127 - bits_of(w);
        wide top = (wide)w << up;
        x = top / fives[-q];
        rest = top != x * fives[-q];
        shift -= up;
    }
    int drop = bits_of(x) - 53;
    if (drop > 0) {
        wide half = (wide)1 << (drop - 1);
        wide low = x & ((half << 1) - 1);
        x >>= drop;
        if (low > half || (low == half && (rest || (x & 1) != 0)))
            x++;
        shift += drop;
    }
    return ldexp((double)(uint64_t)x, shift);
}
#endif

/* strtod in the C locale on a copy, whose d for e is put right. */
static enum nbl__io_number read_slowly(const char *text, const char *end, double *out)
{
    size_t length = (size_t)(end - text);
    char local[512];
    char *copy = length < sizeof local ? local : malloc(length + 1);
    locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (copy == NULL || c_locale == (locale_t)0) {
        if (copy != local)
            free(copy);
        if (c_locale != (locale_t)0)
            freelocale(c_locale);
        return NBL__NUMBER_NOMEM;
    }
    for (size_t k = 0; k < length; k++)
        copy[k] = text[k] == 'd' || text[k] == 'D' ? 'e' : text[k];
    copy[length] = '\0';
    locale_t before = uselocale(c_locale);
    int saved = errno;
    *out = strtod(copy, NULL);
    errno = saved;
    uselocale(before);
    freelocale(c_locale);
    if (copy != local)
        free(copy);
    return isinf(*out) ? NBL__NUMBER_RANGE : NBL__NUMBER_OK;
}

enum nbl__io_number nbl__io_real_read(const char *text, const char *end, double *out)
{
    struct decimal d;
    if (text == end || !scan(text, end, &d))
        return read_special(text, end, out);

    double value;
    if (d.exact && d.w == 0) {
        value = 0;
    } else if (d.exact && d.w <= (uint64_t)1 << 53 && d.exponent >= -22 && d.exponent <= 22) {
        /* both operands are exact, so that the one operation rounds correctly */
        value = d.exponent < 0 ? (double)d.w / powers[-d.exponent] : (double)d.w * powers[d.exponent];
#ifdef __SIZEOF_INT128__
    } else if (d.exact && d.exponent >= -27 && d.exponent <= 27) {
        value = assemble(d.w, d.exponent);
#endif
    } else {
        return read_slowly(text, end, out);
    }
    *out = d.negative ? -value : value;
    return NBL__NUMBER_OK;
}
