/* SPDX-License-Identifier: MIT */
#include "base/cpu.h"

/* The compiler's check asks the processor, and the control register in which the system says what it saves. */
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
bool nbl__cpu_has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

bool nbl__cpu_has_avx512(void)
{
    return nbl__cpu_has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

bool nbl__cpu_wants_lines(void)
{
    __builtin_cpu_init();
    return !__builtin_cpu_is("amd");
}
#else
bool nbl__cpu_has_avx2(void)
{
    return false;
}

bool nbl__cpu_has_avx512(void)
{
    return false;
}

bool nbl__cpu_wants_lines(void)
{
    return true;
}
#endif
