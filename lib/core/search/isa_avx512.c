/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <immintrin.h>

#define TAIL(rest) ((__mmask8)((rest) < 8 ? (1u << (rest)) - 1u : 0xffu))

#define KERNEL_NAME             nbl__kernels_avx512
#define KERNEL_LANES            8
#define KERNEL_REAL             __m512d
#define KERNEL_SET(a)           _mm512_set1_pd(a)
#define KERNEL_LOAD(p, rest)    _mm512_maskz_loadu_pd(TAIL(rest), (p))
#define KERNEL_SUB(a, b)        _mm512_sub_pd((a), (b))
#define KERNEL_MUL(a, b)        _mm512_mul_pd((a), (b))
#define KERNEL_MAX(a, b)        _mm512_max_pd((a), (b))
#define KERNEL_MULADD(a, b, c)  _mm512_fmadd_pd((a), (b), (c))
#define KERNEL_BOUND            __m512d
#define KERNEL_MASK             uint32_t
#define KERNEL_SET_BOUND(a)     _mm512_set1_pd(a)
#define KERNEL_LESS(a, b, rest) ((uint32_t)_mm512_mask_cmp_pd_mask(TAIL(rest), (a), (b), _CMP_LT_OQ))
#define KERNEL_ALL(rest)        ((uint32_t)TAIL(rest))
#define KERNEL_COUNT(m)         ((uint32_t)_mm_popcnt_u32(m))
#define KERNEL_PACK(out, p, m)                                                                                 \
    _mm256_storeu_si256(                                                                                       \
        (__m256i *)(void *)(out),                                                                              \
        _mm256_maskz_compress_epi32((__mmask8)(m), _mm256_maskz_loadu_epi32((__mmask8)(m), (p))))
#define KERNEL_PACK_REAL(out, v, m) _mm512_storeu_pd((out), _mm512_maskz_compress_pd((__mmask8)(m), (v)))
#include "search/kernel_tmpl.h"
