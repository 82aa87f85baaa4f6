/* SPDX-License-Identifier: MIT */
#include "base/cpu.h"

#include "check.h"

/* The first line of Linux's own account that begins with a name, or false. */
static bool read_line(const char *name, char *line, int size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    bool found = false;
    while (file && !found && fgets(line, size, file))
        found = strncmp(line, name, strlen(name)) == 0;
    if (file)
        fclose(file);
    return found;
}

static bool has(const char *flags, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = strstr(flags, name); at; at = strstr(at + 1, name))
        if (at[-1] == ' ' && (at[length] == ' ' || at[length] == '\n'))
            return true;
    return false;
}

/* Never more than the system says there is: an instruction too many ends the program. */
static void the_system_agrees(void **state)
{
    (void)state;
    static char flags[16384];
    if (!read_line("flags", flags, sizeof flags))
        return;
    const bool avx2 = has(flags, "avx2") && has(flags, "fma") && has(flags, "bmi2");
    const bool avx512 = avx2 && has(flags, "avx512f") && has(flags, "avx512vl") && has(flags, "avx512bw") &&
                        has(flags, "avx512dq");
    assert_true(avx2 || !nbl__cpu_has_avx2());
    assert_true(avx512 || !nbl__cpu_has_avx512());
}

/* AMD's processors are named by their maker. */
static void a_known_maker_decides_about_lines(void **state)
{
    (void)state;
    static char maker[256];
    if (!read_line("vendor_id", maker, sizeof maker))
        return;
    if (strstr(maker, "AuthenticAMD"))
        assert_false(nbl__cpu_wants_lines());
    if (strstr(maker, "GenuineIntel"))
        assert_true(nbl__cpu_wants_lines());
}

static void levels_contain_each_other(void **state)
{
    (void)state;
    assert_true(nbl__cpu_has_avx2() || !nbl__cpu_has_avx512());
    for (int k = 0; k < 3; k++) {
        check_int(nbl__cpu_has_avx2(), nbl__cpu_has_avx2());
        check_int(nbl__cpu_has_avx512(), nbl__cpu_has_avx512());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_agrees),
        cmocka_unit_test(a_known_maker_decides_about_lines),
        cmocka_unit_test(levels_contain_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
