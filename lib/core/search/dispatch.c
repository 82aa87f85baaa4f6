/* SPDX-License-Identifier: MIT */
#include "search/dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "base/cpu.h"

typedef struct level {
    int32_t isa;
    const char *name;
    const nbl__kernels *kernels;
    bool (*runs_here)(void); /* NULL: everywhere */
} level;

static const level levels[] = {
    {NBL_ISA_PORTABLE, "portable", &nbl__kernels_portable, NULL},
#if defined(NBL_HAVE_AVX2)
    {NBL_ISA_AVX2, "avx2", &nbl__kernels_avx2, nbl__cpu_has_avx2},
#endif
#if defined(NBL_HAVE_AVX512)
    {NBL_ISA_AVX512, "avx512", &nbl__kernels_avx512, nbl__cpu_has_avx512},
#endif
#if defined(NBL_HAVE_NEON)
    {NBL_ISA_NEON, "neon", &nbl__kernels_neon, NULL},
#endif
};

enum { N_LEVELS = sizeof levels / sizeof *levels };

const char *nbl__dispatch_name(int32_t isa)
{
    for (int k = 0; k < N_LEVELS; k++)
        if (levels[k].isa == isa)
            return levels[k].name;
    return NULL;
}

/* The highest level of this machine, or the one that the environment names: an unknown name caps nothing. */
static int32_t environment_cap(void)
{
    static atomic_int cached;
    int cap = atomic_load_explicit(&cached, memory_order_relaxed);
    if (cap == 0) {
        const char *name = getenv("NBLIST_ISA");
        int32_t wanted = INT32_MAX;
        for (int k = 0; name && k < N_LEVELS; k++)
            if (strcmp(levels[k].name, name) == 0)
                wanted = levels[k].isa;
        for (int k = 0; k < N_LEVELS; k++)
            if (levels[k].isa <= wanted && (!levels[k].runs_here || levels[k].runs_here()))
                cap = levels[k].isa;
        atomic_store_explicit(&cached, cap, memory_order_relaxed);
    }
    return cap;
}

static const level *choose(int32_t cap)
{
    int32_t environment = environment_cap();
    if (cap == NBL_ISA_AUTO || cap > environment)
        cap = environment;
    int best = 0;
    for (int k = 1; k < N_LEVELS; k++)
        if (levels[k].isa <= cap)
            best = k;
    return &levels[best];
}

int32_t nbl__dispatch_level(int32_t cap)
{
    return choose(cap)->isa;
}

const nbl__kernels *nbl__dispatch_kernels(int32_t cap)
{
    return choose(cap)->kernels;
}
