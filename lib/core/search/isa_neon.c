/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <math.h>
#include <string.h>

#include "search/simd_neon.h"
#include "search/simd_pairs.h"

#define EXPAND_NAME expand
#include "emit/expand_row_tmpl.h"

#define KERNEL_NAME                  nbl__kernels_neon
#define KERNEL_EXPAND                expand
#define KERNEL_SHARE                 0.2
#define KERNEL_LANES                 4
#define KERNEL_REAL                  float32x4_t
#define KERNEL_SET(a)                vdupq_n_f32(a)
#define KERNEL_LOAD(p)               vld1q_f32(p)
#define KERNEL_STORE(p, a)           vst1q_f32((p), (a))
#define KERNEL_WIDE                  float64x2_t
#define KERNEL_SET_WIDE(a)           vdupq_n_f64(a)
#define KERNEL_PLACE(p, o, s)        place((p), (o), (s))
#define KERNEL_SUB(a, b)             vsubq_f32((a), (b))
#define KERNEL_MUL(a, b)             vmulq_f32((a), (b))
#define KERNEL_ABS(a)                vabsq_f32(a)
#define KERNEL_MAX(a, b)             vmaxq_f32((a), (b))
#define KERNEL_MULADD(a, b, c)       vfmaq_f32((c), (a), (b))
#define KERNEL_NUMBERS               uint32x4_t
#define KERNEL_SET_NUMBER(a)         vdupq_n_u32(a)
#define KERNEL_LOAD_NUMBERS(p)       vld1q_u32(p)
#define KERNEL_STORE_NUMBERS(p, a)   vst1q_u32((p), (a))
#define KERNEL_AWAY(p, o)            vcvtq_f32_s32(vreinterpretq_s32_u32(vsubq_u32(vld1q_u32(p), (o))))
#define KERNEL_MASK                  uint32x4_t
#define KERNEL_NONE                  vdupq_n_u32(0)
#define KERNEL_LESS(a, b)            vcltq_f32((a), (b))
#define KERNEL_SAME(a, b)            vceqq_u32((a), (b))
#define KERNEL_NOT_BELOW(a, b)       vcgeq_u32((a), (b))
#define KERNEL_RANK(n, a, b)         vaddq_u32((n), vcgeq_u32((a), (b)))
#define KERNEL_WATCH                 uint32x4_t
#define KERNEL_UNSEEN                vdupq_n_u32(UINT32_MAX)
#define KERNEL_SEE(w, m, d2, in)     vminq_u32((w), above((d2), (in)))
#define KERNEL_SEEN(w, in, out)      (vmaxvq_u32(vcltq_u32((w), above((out), (in)))) != 0)
#define KERNEL_AND(a, b)             vandq_u32((a), (b))
#define KERNEL_OR(a, b)              vorrq_u32((a), (b))
#define KERNEL_BUT(a, b)             vbicq_u32((a), (b))
#define KERNEL_ANY(m)                (vmaxvq_u32(m) != 0)
#define KERNEL_FIRST(rest)           first_lanes(rest)
#define KERNEL_CHOICE                choice
#define KERNEL_CHOOSE(m)             choose(m)
#define KERNEL_COUNT(c)              ((c).count)
#define KERNEL_BITS(m)               bits_of(m)
#define KERNEL_CHOICE_OF(b)          choose_bits(b)
#define KERNEL_PACK(out, v, c)       pack_numbers((out), (v), (c))
#define KERNEL_PACK_REAL(out, v, c)  pack_reals((out), (v), (c))
#define KERNEL_PACK_LANES(out, n, o) pack_numbers((out), vaddq_u32(lanes(), vdupq_n_u32(n)), (o))
#include "search/kernel_tmpl.h"
