/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "search/dispatch.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nblist/nblist.h>

#include "check.h"

enum { HIGHEST = 64 };

/* What question() says in a process of its own, where the environment has not been read yet. */
static int ask(const char *environment, int (*question)(int32_t argument), int32_t argument)
{
    pid_t child = fork();
    if (child == 0) {
        if (environment)
            setenv("NBLIST_ISA", environment, 1);
        else
            unsetenv("NBLIST_ISA");
        _exit(question(argument));
    }
    int status = 0;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int level(int32_t cap)
{
    return (int)nbl__dispatch_level(cap);
}

static int level_after_change(int32_t cap)
{
    int first = (int)nbl__dispatch_level(cap);
    setenv("NBLIST_ISA", "portable", 1);
    return first == (int)nbl__dispatch_level(cap) ? first : 200;
}

static int kernels_agree(int32_t cap)
{
    const nbl__kernels *kernels = nbl__dispatch_kernels(cap);
    return kernels && kernels->gather && kernels->rows && kernels->doubts && kernels->part && kernels->narrow &&
           kernels->expand && kernels == nbl__dispatch_kernels(nbl__dispatch_level(cap));
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(nbl__dispatch_name(NBL_ISA_PORTABLE), "portable");
    assert_null(nbl__dispatch_name(NBL_ISA_AUTO));
    assert_null(nbl__dispatch_name(-1));
    assert_null(nbl__dispatch_name(INT32_MAX));
    for (int32_t a = 1; a <= HIGHEST; a++)
        for (int32_t b = 1; b < a; b++)
            if (nbl__dispatch_name(a) && nbl__dispatch_name(b))
                assert_string_not_equal(nbl__dispatch_name(a), nbl__dispatch_name(b));
}

static void a_cap_never_raises_the_level(void **state)
{
    (void)state;
    int best = ask(NULL, level, NBL_ISA_AUTO);
    assert_true(best >= NBL_ISA_PORTABLE);
    assert_non_null(nbl__dispatch_name(best));
    int last = 0;
    for (int32_t cap = 1; cap <= HIGHEST; cap++) {
        int got = ask(NULL, level, cap);
        assert_true(got >= NBL_ISA_PORTABLE && got <= best);
        assert_true(got <= cap);
        assert_true(got >= last);
        last = got;
        check_int(ask(NULL, kernels_agree, cap), 1);
    }
    check_int(ask(NULL, level, INT32_MAX), best);
    check_int(ask(NULL, kernels_agree, NBL_ISA_AUTO), 1);
}

/* By what the compiler finds out of the processor. */
static void the_best_level_is_chosen(void **state)
{
    (void)state;
    int best = NBL_ISA_PORTABLE;
#if defined(__x86_64__) && defined(__GNUC__)
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                      __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
    if (nbl__dispatch_name(NBL_ISA_AVX2) && avx2)
        best = NBL_ISA_AVX2;
    if (nbl__dispatch_name(NBL_ISA_AVX512) && avx2 && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq"))
        best = NBL_ISA_AVX512;
#endif
    if (nbl__dispatch_name(NBL_ISA_NEON))
        best = NBL_ISA_NEON;
    check_int(ask(NULL, level, NBL_ISA_AUTO), best);
}

static void the_environment_caps(void **state)
{
    (void)state;
    int best = ask(NULL, level, NBL_ISA_AUTO);
    for (int32_t isa = 1; isa <= HIGHEST; isa++) {
        if (!nbl__dispatch_name(isa))
            continue;
        int got = ask(nbl__dispatch_name(isa), level, NBL_ISA_AUTO);
        check_int(got, isa < best ? ask(NULL, level, isa) : best);
        for (int32_t cap = 1; cap <= HIGHEST; cap++)
            assert_true(ask(nbl__dispatch_name(isa), level, cap) <= isa);
    }
    check_int(ask("no such level", level, NBL_ISA_AUTO), best);
    check_int(ask("", level, NBL_ISA_AUTO), best);
    check_int(ask("PORTABLE ", level, NBL_ISA_AUTO), best);
}

static void the_environment_is_read_once(void **state)
{
    (void)state;
    check_int(ask(NULL, level_after_change, NBL_ISA_AUTO), ask(NULL, level, NBL_ISA_AUTO));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(a_cap_never_raises_the_level),
        cmocka_unit_test(the_best_level_is_chosen),
        cmocka_unit_test(the_environment_caps),
        cmocka_unit_test(the_environment_is_read_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
