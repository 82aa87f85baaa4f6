/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#define KERNEL_NAME             nbl__kernel_portable
#define KERNEL_LANES            1
#define KERNEL_REAL             double
#define KERNEL_SET(a)           (a)
#define KERNEL_LOAD(p, rest)    (*(p))
#define KERNEL_SUB(a, b)        ((a) - (b))
#define KERNEL_MUL(a, b)        ((a) * (b))
#define KERNEL_MULADD(a, b, c)  ((c) + (a) * (b))
#define KERNEL_LESS(a, b, rest) ((uint32_t)((a) < (b)))
#define KERNEL_PACK(out, p, m)  (*(out) = *(p), (m))
#include "search/kernel_tmpl.h"
