/* SPDX-License-Identifier: MIT */
/* The numbers of files against the C library's, for random bit patterns and at the edges. */
#include "scratch.h"

#include "io/number.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t random_state = 20260101;

static uint64_t next_random(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int rounds(int at_full_scale)
{
    const char *scale = getenv("NBL_TEST_SCALE");
    int n = (int)(at_full_scale * (scale != NULL ? strtod(scale, NULL) : 1.0));
    return n < 100 ? 100 : n;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static enum nbl__io_number read_real(const char *text, double *value)
{
    return nbl__io_real_read(text, text + strlen(text), value);
}

static void check_read(const char *text)
{
    double got = -1;
    assert_int_equal(read_real(text, &got), NBL__NUMBER_OK);
    double expected = strtod(text, NULL);
    if (bits_of(got) != bits_of(expected))
        fail_msg("%s read as %a, not %a", text, got, expected);
}

static void check_write(double value)
{
    char expected[64], got[64];
    snprintf(expected, sizeof expected, "%.17g", value);
    *nbl__io_real_write(got, value) = '\0';
    assert_string_equal(got, expected);
    assert_true(strlen(got) <= NBL__REAL_TEXT);

    *nbl__io_real_write_short(got, value) = '\0';
    assert_true(bits_of(strtod(got, NULL)) == bits_of(value));
    assert_true(strlen(got) <= strlen(expected));
}

/* A double of the sizes that files hold, and now and then any double at all. */
static double random_real(void)
{
    uint64_t bits = next_random();
    switch (bits % 4) {
    case 0:
        return (double)(int64_t)(bits >> 20) / 1e8;
    case 1:
        return ldexp((double)(int64_t)next_random(), (int)(bits >> 8) % 140 - 120);
    case 2:
        return (double)(bits >> 40) / 1024;
    default:
        do
            bits = next_random();
        while (!isfinite(from_bits(bits)));
        return from_bits(bits);
    }
}

static void test_reals_round_trip(void **state)
{
    (void)state;
    for (int k = 0; k < rounds(200000); k++) {
        double value = random_real();
        char text[64];
        check_write(value);
        snprintf(text, sizeof text, "%.*g", 1 + (int)(next_random() % 21), value);
        check_read(text);
        snprintf(text, sizeof text, "%.*f", (int)(next_random() % 12), fmod(value, 1e6));
        check_read(text);
    }
}

/* Exactly half way between two doubles, and one unit beside it: where a wrong rounding shows. */
static void test_ties(void **state)
{
    (void)state;
    for (int k = 0; k < rounds(20000); k++) {
        uint64_t m = (next_random() >> 11) | (uint64_t)1 << 52;
        int shift = 1 + (int)(next_random() % 10);
        uint64_t tie = (m << shift) | (uint64_t)1 << (shift - 1);
        char text[64];
        for (int step = -1; step <= 1; step++) {
            snprintf(text, sizeof text, "%" PRIu64, tie + (uint64_t)step);
            check_read(text);
            snprintf(text, sizeof text, "%" PRIu64 "e-%d", tie + (uint64_t)step, (int)(next_random() % 30));
            check_read(text);
            snprintf(text, sizeof text, "%" PRIu64 "e%d", tie + (uint64_t)step, (int)(next_random() % 30));
            check_read(text);
        }
    }
    check_write(9007199254740993.0);
    check_write(0.5);
    check_write(1e17);
    check_write(99999999999999999.0);
    check_write(9.9999999999999995e-5);
    check_write(0.0001);
    check_write(1e-5);
    check_write(123456789012345680.0);
    check_write(2.5e-16);
}

static void test_edges(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "+1",
                                        ".5",
                                        "5.",
                                        "-.5e1",
                                        "1e22",
                                        "1e23",
                                        "9007199254740993",
                                        "179769313486231570e291",
                                        "4.9406564584124654e-324",
                                        "2.4703282292062328e-324",
                                        "2.2250738585072011e-308",
                                        "0.000000000000000000000000000000000000000000001",
                                        "100000000000000000000000000000000000000000",
                                        "1e-400",
                                        "0e999999999999",
                                        "1.00000000000000000000000000000000000000000000001"};
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        check_read(texts[k]);
    check_write(0.0);
    check_write(-0.0);
    check_write(4.9406564584124654e-324);
    check_write(1.7976931348623157e308);
    check_write(-4e-52);

    double value;
    assert_int_equal(read_real("1.0D+00", &value), NBL__NUMBER_OK);
    assert_true(value == 1.0);
    assert_int_equal(read_real("-2.5d-3", &value), NBL__NUMBER_OK);
    assert_true(value == -2.5e-3);
    assert_int_equal(read_real("1234567890123456789012345D-5", &value), NBL__NUMBER_OK);
    assert_true(value == 1234567890123456789012345e-5);
}

static void test_long_text(void **state)
{
    (void)state;
    char text[2000];
    memset(text, '3', sizeof text);
    memcpy(text, "0.", 2);
    text[sizeof text - 1] = '\0';
    check_read(text);
}

static void test_not_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "+",     "-",   ".",  "e5",   "1e",   "1e+", "1d",
                                      "0x10", "1.2.3", "1,5", "1 ", "1e5x", "--1",  "1_0", "nanx",
                                      "in",   "***",   "1f",  "e",  "1ee5", "1e5.0"};
    double value;
    int64_t integer;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_int_equal(read_real(bad[k], &value), NBL__NUMBER_BAD);
        assert_int_equal(nbl__io_integer_read(bad[k], bad[k] + strlen(bad[k]), &integer), NBL__NUMBER_BAD);
    }
    assert_int_equal(read_real("1e309", &value), NBL__NUMBER_RANGE);
    assert_int_equal(read_real("-1e999999999", &value), NBL__NUMBER_RANGE);
    assert_int_equal(read_real("NaN", &value), NBL__NUMBER_SPECIAL);
    assert_true(isnan(value));
    assert_int_equal(read_real("-Infinity", &value), NBL__NUMBER_SPECIAL);
    assert_true(value == -HUGE_VAL);
    assert_int_equal(read_real("+inf", &value), NBL__NUMBER_SPECIAL);
    assert_true(value == HUGE_VAL);
}

static void test_integers(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 1, -1, 9, 10, -10, INT32_MAX, INT64_MAX, INT64_MIN, INT64_MIN + 1};
    char text[64];
    int64_t back;
    for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
        *nbl__io_integer_write(text, values[k]) = '\0';
        assert_true(strlen(text) <= NBL__INTEGER_TEXT);
        assert_int_equal(nbl__io_integer_read(text, text + strlen(text), &back), NBL__NUMBER_OK);
        assert_true(back == values[k]);
        assert_true(strtoll(text, NULL, 10) == values[k]);
    }
    static const char *const large[] = {"9223372036854775808", "-9223372036854775809",
                                        "99999999999999999999999"};
    for (size_t k = 0; k < 3; k++)
        assert_int_equal(nbl__io_integer_read(large[k], large[k] + strlen(large[k]), &back), NBL__NUMBER_RANGE);
    static const char real[] = "1.0";
    assert_int_equal(nbl__io_integer_read(real, real + 3, &back), NBL__NUMBER_BAD);
}

/* Where a locale with a decimal comma is installed, it changes nothing. */
static void test_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ru_RU.UTF-8"};
    bool found = false;
    for (size_t k = 0; k < 4 && !found; k++)
        found = setlocale(LC_ALL, names[k]) != NULL;
    if (!found)
        skip();
    char text[64];
    double value = 0;
    *nbl__io_real_write(text, 1.5e-300) = '\0';
    enum nbl__io_number answer = read_real("1.50000000000000000000000001e-310", &value);
    setlocale(LC_ALL, "C");
    assert_string_equal(text, "1.5000000000000001e-300");
    assert_int_equal(answer, NBL__NUMBER_OK);
    assert_true(value == 1.5e-310);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reals_round_trip),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_not_numbers),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
