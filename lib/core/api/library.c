/* SPDX-License-Identifier: MIT */
#include <nblist/nblist.h>

#include "base/threads.h"
#include "search/dispatch.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER "unknown"
#endif

#ifdef _OPENMP
#define THREADS "OpenMP " TEXT(_OPENMP)
#else
#define THREADS "none"
#endif

int32_t nbl_version(void)
{
    return NBL_VERSION;
}

const char *nbl_version_string(void)
{
    return NBL_VERSION_STRING;
}

const char *nbl_build_info(void)
{
    return "version=" NBL_VERSION_STRING "\ncompiler=" COMPILER "\nthreads=" THREADS;
}

const char *nbl_isa_name(int32_t isa)
{
    return nbl__dispatch_name(isa);
}

int32_t nbl_isa_detect(void)
{
    return nbl__dispatch_level(NBL_ISA_AUTO);
}

int32_t nbl_max_threads(void)
{
    return nbl__threads_count(0);
}
