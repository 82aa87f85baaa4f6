/* SPDX-License-Identifier: MIT */
/* cmocka with the headers that it needs before it, and the assertions that it lacks. */
#ifndef TESTS_SUPPORT_CHECK_H
#define TESTS_SUPPORT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* cmocka compares integers as unsigned long, and prints them so: negative values are unreadable. */
#define check_int(found, expected)                                                                             \
    check_int_at((long long)(found), (long long)(expected), #found, __FILE__, __LINE__)

static inline void check_int_at(long long found, long long expected, const char *what, const char *file,
                                int line)
{
    if (found != expected) {
        print_error("%s is %lld, expected %lld\n", what, found, expected);
        _fail(file, line);
    }
}

/* Equal as numbers and as bytes: tells 0 from -0. */
#define check_bits(found, expected) check_bits_at((found), (expected), #found, __FILE__, __LINE__)

static inline void check_bits_at(double found, double expected, const char *what, const char *file, int line)
{
    if (memcmp(&found, &expected, sizeof found) != 0) {
        print_error("%s is %.17g, expected %.17g\n", what, found, expected);
        _fail(file, line);
    }
}

#define check_contains(text, part) check_contains_at((text), (part), __FILE__, __LINE__)

static inline void check_contains_at(const char *text, const char *part, const char *file, int line)
{
    if (!text || !strstr(text, part)) {
        print_error("\"%s\" does not contain \"%s\"\n", text ? text : "(null)", part);
        _fail(file, line);
    }
}

#endif
