/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <math.h>
#include <string.h>

#include <immintrin.h>

#include "search/simd_past.h"

static inline __m512 place(const double *p, __m512d o, __m512d s)
{
    const __m256 low = _mm512_cvtpd_ps(_mm512_mul_pd(_mm512_sub_pd(_mm512_loadu_pd(p), o), s));
    const __m256 high = _mm512_cvtpd_ps(_mm512_mul_pd(_mm512_sub_pd(_mm512_loadu_pd(p + 8), o), s));
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}

/*
 * Lanes behind the chosen ones keep what is there, which nobody reads: on Zen 4, zeros in their place would
 * cost three more cycles, as packing then waits for what its register held before (search, random rc 6: 123 ->
 * 114 ns per atom).
 */
static inline void pack_numbers(uint32_t *out, __m512i v, __mmask16 chosen)
{
    _mm512_storeu_si512(out, _mm512_mask_compress_epi32(v, chosen, v));
}

static inline void pack_reals(float *out, __m512 v, __mmask16 chosen)
{
    _mm512_storeu_ps(out, _mm512_mask_compress_ps(v, chosen, v));
}

static inline __m512i less_where(__mmask16 m, __m512i n)
{
    return _mm512_mask_sub_epi32(n, m, n, _mm512_set1_epi32(1));
}

/* As bits, floats that are not negative are in the same order, and nothing below `inner` is little above it. */
static inline __m512i above(__m512 d2, __m512 inner)
{
    return _mm512_sub_epi32(_mm512_castps_si512(d2), _mm512_castps_si512(inner));
}

/* Eight triples, component by component. */
static inline void load_three(const double *p, __m512d v[3])
{
    const __m512d a = _mm512_loadu_pd(p), b = _mm512_loadu_pd(p + 8), c = _mm512_loadu_pd(p + 16);
    const __m512d x = _mm512_permutex2var_pd(a, _mm512_setr_epi64(0, 3, 6, 9, 12, 15, 0, 0), b);
    const __m512d y = _mm512_permutex2var_pd(a, _mm512_setr_epi64(1, 4, 7, 10, 13, 0, 0, 0), b);
    const __m512d z = _mm512_permutex2var_pd(a, _mm512_setr_epi64(2, 5, 8, 11, 14, 0, 0, 0), b);
    v[0] = _mm512_permutex2var_pd(x, _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 10, 13), c);
    v[1] = _mm512_permutex2var_pd(y, _mm512_setr_epi64(0, 1, 2, 3, 4, 8, 11, 14), c);
    v[2] = _mm512_permutex2var_pd(z, _mm512_setr_epi64(0, 1, 2, 3, 4, 9, 12, 15), c);
}

#define EXPAND_NAME expand
#include "emit/expand_row_tmpl.h"

#define KERNEL_NAME                nbl__kernels_avx512
#define KERNEL_EXPAND              expand
#define KERNEL_SHARE               0.5
#define KERNEL_LANES               16
#define KERNEL_REAL                __m512
#define KERNEL_SET(a)              _mm512_set1_ps(a)
#define KERNEL_LOAD(p)             _mm512_loadu_ps(p)
#define KERNEL_STORE(p, a)         _mm512_storeu_ps((p), (a))
#define KERNEL_WIDE                __m512d
#define KERNEL_SET_WIDE(a)         _mm512_set1_pd(a)
#define KERNEL_PLACE(p, o, s)      place((p), (o), (s))
#define KERNEL_SUB(a, b)           _mm512_sub_ps((a), (b))
#define KERNEL_MUL(a, b)           _mm512_mul_ps((a), (b))
#define KERNEL_ABS(a)              _mm512_abs_ps(a)
#define KERNEL_MAX(a, b)           _mm512_max_ps((a), (b))
#define KERNEL_MULADD(a, b, c)     _mm512_fmadd_ps((a), (b), (c))
#define KERNEL_NUMBERS             __m512i
#define KERNEL_SET_NUMBER(a)       _mm512_set1_epi32((int)(a))
#define KERNEL_LOAD_NUMBERS(p)     _mm512_loadu_si512(p)
#define KERNEL_STORE_NUMBERS(p, a) _mm512_storeu_si512((p), (a))
#define KERNEL_AWAY(p, o)          _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_loadu_si512(p), (o)))
#define WIDE_LANES                 8
#define WIDE_MASK                  __mmask8
#define WIDE_NONE                  0
#define WIDE_LOAD_THREE(p, v)      load_three((p), (v))
#define WIDE_STORE(p, a)           _mm512_storeu_pd((p), (a))
#define WIDE_STORE_WHOLE(p, a)     _mm512_storeu_si512((p), _mm512_cvttpd_epi64(a))
#define WIDE_ADD(a, b)             _mm512_add_pd((a), (b))
#define WIDE_SUB(a, b)             _mm512_sub_pd((a), (b))
#define WIDE_MUL(a, b)             _mm512_mul_pd((a), (b))
#define WIDE_ABS(a)                _mm512_abs_pd(a)
#define WIDE_FLOOR(a)              _mm512_roundscale_pd((a), _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC)
#define WIDE_MIN(a, b)             _mm512_min_pd((a), (b))
#define WIDE_MAX(a, b)             _mm512_max_pd((a), (b))
#define WIDE_LESS(a, b)            _mm512_cmp_pd_mask((a), (b), _CMP_LT_OQ)
#define WIDE_NOT_LESS(a, b)        _mm512_cmp_pd_mask((a), (b), _CMP_NLT_UQ)
#define WIDE_OR(a, b)              ((__mmask8)((a) | (b)))
#define WIDE_ANY(m)                ((m) != 0)
#define WIDE_ADD_WHERE(a, m, b)    _mm512_mask_add_pd((a), (m), (a), (b))
#define WIDE_CHOOSE(m, a, b)       _mm512_mask_blend_pd((m), (b), (a))
#define COUNT_FROM(a)                                                                                          \
    _mm512_add_epi32(_mm512_set1_epi32((int)(a)),                                                              \
                     _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15))
#define KERNEL_MASK                    __mmask16
#define KERNEL_NONE                    0
#define KERNEL_LESS(a, b)              _mm512_cmp_ps_mask((a), (b), _CMP_LT_OQ)
#define KERNEL_SAME(a, b)              _mm512_cmpeq_epi32_mask((a), (b))
#define KERNEL_NOT_BELOW(a, b)         _mm512_cmpge_epu32_mask((a), (b))
#define KERNEL_RANK(n, a, b)           less_where(KERNEL_NOT_BELOW((a), (b)), (n))
#define KERNEL_WATCH                   __m512i
#define KERNEL_UNSEEN                  _mm512_set1_epi32(-1)
#define KERNEL_SEE(w, m, d2, in)       _mm512_min_epu32((w), above((d2), (in)))
#define KERNEL_SEEN(w, in, out)        (_mm512_cmplt_epu32_mask((w), above((out), (in))) != 0)
#define KERNEL_AND(a, b)               ((__mmask16)((a) & (b)))
#define KERNEL_OR(a, b)                ((__mmask16)((a) | (b)))
#define KERNEL_BUT(a, b)               ((__mmask16)((a) & ~(b)))
#define KERNEL_ANY(m)                  ((m) != 0)
#define KERNEL_FIRST(rest)             ((__mmask16)((rest) < 16 ? (1u << (rest)) - 1u : 0xffffu))
#define KERNEL_CHOICE                  __mmask16
#define KERNEL_CHOOSE(m)               (m)
#define KERNEL_COUNT(c)                ((uint32_t)_mm_popcnt_u32(c))
#define KERNEL_BITS(m)                 ((uint32_t)(m))
#define KERNEL_CHOICE_OF(b)            ((__mmask16)(b))
#define KERNEL_TWO_PASSES              64
#define KERNEL_UNROLLED                12
#define KERNEL_POPCOUNT(x)             ((uint32_t)_mm_popcnt_u64(x))
#define KERNEL_LOW(x, n)               _bzhi_u64((x), (n))
#define KERNEL_PACK(out, v, c)         pack_numbers((out), (v), (c))
#define KERNEL_PACK_REAL(out, v, c)    pack_reals((out), (v), (c))
#define KERNEL_ORDER                   __m512i
#define KERNEL_ORDER_OF(c)             _mm512_mask_compress_epi32(COUNT_FROM(0), (c), COUNT_FROM(0))
#define KERNEL_PACK_BY(out, v, o)      _mm512_storeu_si512((out), _mm512_permutexvar_epi32((o), (v)))
#define KERNEL_PACK_REAL_BY(out, v, o) _mm512_storeu_ps((out), _mm512_permutexvar_ps((o), (v)))
#define KERNEL_PACK_LANES(out, n, o)   _mm512_storeu_si512((out), _mm512_add_epi32((o), KERNEL_SET_NUMBER(n)))
#include "search/kernel_tmpl.h"
