/* SPDX-License-Identifier: MIT */
#include "search/dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

typedef struct level {
    int32_t isa;
    const char *name;
    nbl__kernel kernel;
} level;

static const level levels[] = {
    {NBL_ISA_PORTABLE, "portable", nbl__kernel_portable},
};

enum { N_LEVELS = sizeof levels / sizeof *levels };

const char *nbl__dispatch_name(int32_t isa)
{
    for (int k = 0; k < N_LEVELS; k++)
        if (levels[k].isa == isa)
            return levels[k].name;
    return NULL;
}

/* The level named by the environment, or the highest: an unknown name caps nothing. */
static int32_t environment_cap(void)
{
    static atomic_int cached;
    int cap = atomic_load_explicit(&cached, memory_order_relaxed);
    if (cap == 0) {
        const char *name = getenv("NBLIST_ISA");
        cap = levels[N_LEVELS - 1].isa;
        for (int k = 0; name && k < N_LEVELS; k++)
            if (strcmp(levels[k].name, name) == 0)
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

nbl__kernel nbl__dispatch_kernel(int32_t cap)
{
    return choose(cap)->kernel;
}
