/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <math.h>
#include <string.h>

#if defined(__GNUC__)
#include "search/simd_generic.h"
#endif
#if defined(__SSE2__) && defined(__x86_64__)
#include "search/simd_past.h"
#elif defined(__GNUC__)
#include "search/simd_pairs.h"
#endif
#define EXPAND_NAME expand
#include "emit/expand_row_tmpl.h"

#define KERNEL_NAME   nbl__kernels_portable
#define KERNEL_EXPAND expand
#define KERNEL_SHARE  0.2
#if defined(__GNUC__)
#define KERNEL_LANES                 LANES
#define KERNEL_REAL                  reals
#define KERNEL_SET(a)                ((reals){0} + (a))
#define KERNEL_LOAD(p)               load_reals(p)
#define KERNEL_WIDE                  double
#define KERNEL_SET_WIDE(a)           (a)
#define KERNEL_PLACE(p, o, s)        place((p), (o), (s))
#define KERNEL_SUB(a, b)             ((a) - (b))
#define KERNEL_MUL(a, b)             ((a) * (b))
#define KERNEL_ABS(a)                magnitude(a)
#define KERNEL_MAX(a, b)             greater((a), (b))
#define KERNEL_MULADD(a, b, c)       ((c) + (a) * (b))
#define KERNEL_NUMBERS               naturals
#define KERNEL_SET_NUMBER(a)         ((naturals){0} + (a))
#define KERNEL_LOAD_NUMBERS(p)       load_naturals(p)
#define KERNEL_STORE_NUMBERS(p, a)   memcpy((p), &(a), sizeof(a))
#define KERNEL_AWAY(p, o)            __builtin_convertvector((mask)(load_naturals(p) - (o)), reals)
#define KERNEL_MASK                  mask
#define KERNEL_NONE                  ((mask){0})
#define KERNEL_LESS(a, b)            ((mask)((a) < (b)))
#define KERNEL_SAME(a, b)            ((mask)((a) == (b)))
#define KERNEL_NOT_BELOW(a, b)       ((mask)((a) >= (b)))
#define KERNEL_RANK(n, a, b)         ((n) + (naturals)((a) >= (b)))
#define KERNEL_AND(a, b)             ((a) & (b))
#define KERNEL_OR(a, b)              ((a) | (b))
#define KERNEL_BUT(a, b)             ((a) & ~(b))
#define KERNEL_ANY(m)                any(m)
#define KERNEL_FIRST(rest)           ((mask)(lane < (uint32_t)((rest) < LANES ? (rest) : LANES)))
#define KERNEL_CHOICE                uint32_t
#define KERNEL_CHOOSE(m)             bits_of(m)
#define KERNEL_COUNT(c)              count_bits(c)
#define KERNEL_BITS(m)               bits_of(m)
#define KERNEL_CHOICE_OF(b)          (b)
#define KERNEL_TWO_PASSES            64
#define KERNEL_STORE(p, a)           memcpy((p), &(a), sizeof(a))
#define KERNEL_PACK(out, v, c)       pack((out), (v), (c))
#define KERNEL_PACK_REAL(out, v, c)  pack((out), (naturals)(v), (c))
#define KERNEL_PACK_LANES(out, n, o) KERNEL_PACK((out), lane + (n), (o))
#else /* one lane; what is not wanted is overwritten by what comes next, without a jump */
#define KERNEL_LANES                 1
#define KERNEL_REAL                  float
#define KERNEL_SET(a)                (a)
#define KERNEL_LOAD(p)               (*(p))
#define KERNEL_STORE(p, a)           (*(p) = (a))
#define KERNEL_WIDE                  double
#define KERNEL_SET_WIDE(a)           (a)
#define KERNEL_PLACE(p, o, s)        ((float)((*(p) - (o)) * (s)))
#define KERNEL_SUB(a, b)             ((a) - (b))
#define KERNEL_MUL(a, b)             ((a) * (b))
#define KERNEL_ABS(a)                fabsf(a)
#define KERNEL_MAX(a, b)             ((a) > (b) ? (a) : (b))
#define KERNEL_MULADD(a, b, c)       ((c) + (a) * (b))
#define KERNEL_NUMBERS               uint32_t
#define KERNEL_SET_NUMBER(a)         (a)
#define KERNEL_LOAD_NUMBERS(p)       (*(p))
#define KERNEL_STORE_NUMBERS(p, a)   (*(p) = (a))
#define KERNEL_AWAY(p, o)            ((float)(int32_t)(*(p) - (o)))
#define KERNEL_MASK                  uint32_t
#define KERNEL_NONE                  0
#define KERNEL_LESS(a, b)            ((uint32_t)((a) < (b)))
#define KERNEL_SAME(a, b)            ((uint32_t)((a) == (b)))
#define KERNEL_NOT_BELOW(a, b)       ((uint32_t)((a) >= (b)))
#define KERNEL_RANK(n, a, b)         ((n) - ((a) >= (b)))
#define KERNEL_AND(a, b)             ((a) & (b))
#define KERNEL_OR(a, b)              ((a) | (b))
#define KERNEL_BUT(a, b)             ((a) & ((b) ^ 1u))
#define KERNEL_ANY(m)                ((m) != 0)
#define KERNEL_FIRST(rest)           1u
#define KERNEL_CHOICE                uint32_t
#define KERNEL_CHOOSE(m)             (m)
#define KERNEL_COUNT(c)              (c)
#define KERNEL_BITS(m)               (m)
#define KERNEL_CHOICE_OF(b)          (b)
#define KERNEL_PACK(out, v, c)       ((void)(c), *(out) = (v))
#define KERNEL_PACK_REAL(out, v, c)  ((void)(c), *(out) = (v))
#define KERNEL_PACK_LANES(out, n, o) ((void)(o), *(out) = (n))
#endif
#include "search/kernel_tmpl.h"
