/* SPDX-License-Identifier: MIT */
/*
 * Which instance of the kernel runs. Invariant: levels ascend, the first one runs everywhere; a cap never
 * raises the level. The environment is read once per process.
 */
#ifndef NBL_SEARCH_DISPATCH_H
#define NBL_SEARCH_DISPATCH_H

#include "search/kernel.h"

/* NULL where the library has no such level */
const char *nbl__dispatch_name(int32_t isa);

/* The level that runs under a cap (NBL_ISA_AUTO: none). */
int32_t nbl__dispatch_level(int32_t cap);

const nbl__kernels *nbl__dispatch_kernels(int32_t cap);

#endif
