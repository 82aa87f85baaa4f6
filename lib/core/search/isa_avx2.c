/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"

#include <math.h>
#include <string.h>

#include "search/simd_avx2.h"
#include "search/simd_past.h"

#define EXPAND_NAME expand
#include "emit/expand_row_tmpl.h"

#define KERNEL_NAME                  nbl__kernels_avx2
#define KERNEL_EXPAND                expand
#define KERNEL_SHARE                 0.2
#define KERNEL_LANES                 8
#define KERNEL_REAL                  __m256
#define KERNEL_SET(a)                _mm256_set1_ps(a)
#define KERNEL_LOAD(p)               _mm256_loadu_ps(p)
#define KERNEL_WIDE                  __m256d
#define KERNEL_SET_WIDE(a)           _mm256_set1_pd(a)
#define KERNEL_PLACE(p, o, s)        place((p), (o), (s))
#define KERNEL_SUB(a, b)             _mm256_sub_ps((a), (b))
#define KERNEL_MUL(a, b)             _mm256_mul_ps((a), (b))
#define KERNEL_ABS(a)                _mm256_andnot_ps(_mm256_set1_ps(-0.0f), (a))
#define KERNEL_MAX(a, b)             _mm256_max_ps((a), (b))
#define KERNEL_MULADD(a, b, c)       _mm256_fmadd_ps((a), (b), (c))
#define KERNEL_NUMBERS               __m256i
#define KERNEL_SET_NUMBER(a)         _mm256_set1_epi32((int)(a))
#define KERNEL_LOAD_NUMBERS(p)       load_numbers(p)
#define KERNEL_STORE_NUMBERS(p, a)   store_numbers((p), (a))
#define KERNEL_AWAY(p, o)            _mm256_cvtepi32_ps(_mm256_sub_epi32(load_numbers(p), (o)))
#define WIDE_LANES                   4
#define WIDE_MASK                    __m256d
#define WIDE_NONE                    _mm256_setzero_pd()
#define WIDE_LOAD_THREE(p, v)        load_three((p), (v))
#define WIDE_STORE(p, a)             _mm256_storeu_pd((p), (a))
#define WIDE_STORE_WHOLE(p, a)       store_whole((p), (a))
#define WIDE_ADD(a, b)               _mm256_add_pd((a), (b))
#define WIDE_SUB(a, b)               _mm256_sub_pd((a), (b))
#define WIDE_MUL(a, b)               _mm256_mul_pd((a), (b))
#define WIDE_ABS(a)                  _mm256_andnot_pd(_mm256_set1_pd(-0.0), (a))
#define WIDE_FLOOR(a)                _mm256_floor_pd(a)
#define WIDE_MIN(a, b)               _mm256_min_pd((a), (b))
#define WIDE_MAX(a, b)               _mm256_max_pd((a), (b))
#define WIDE_LESS(a, b)              _mm256_cmp_pd((a), (b), _CMP_LT_OQ)
#define WIDE_NOT_LESS(a, b)          _mm256_cmp_pd((a), (b), _CMP_NLT_UQ)
#define WIDE_OR(a, b)                _mm256_or_pd((a), (b))
#define WIDE_ANY(m)                  (_mm256_movemask_pd(m) != 0)
#define WIDE_ADD_WHERE(a, m, b)      _mm256_add_pd((a), _mm256_and_pd((m), (b)))
#define WIDE_CHOOSE(m, a, b)         _mm256_blendv_pd((b), (a), (m))
#define KERNEL_MASK                  __m256
#define KERNEL_NONE                  _mm256_setzero_ps()
#define KERNEL_LESS(a, b)            _mm256_cmp_ps((a), (b), _CMP_LT_OQ)
#define KERNEL_SAME(a, b)            _mm256_castsi256_ps(same((a), (b)))
#define KERNEL_NOT_BELOW(a, b)       _mm256_castsi256_ps(same(_mm256_max_epu32((a), (b)), (a)))
#define KERNEL_RANK(n, a, b)         _mm256_add_epi32((n), same(_mm256_max_epu32((a), (b)), (a)))
#define KERNEL_WATCH                 __m256i
#define KERNEL_UNSEEN                _mm256_set1_epi32(-1)
#define KERNEL_SEE(w, m, d2, in)     _mm256_min_epu32((w), above((d2), (in)))
#define KERNEL_SEEN(w, in, out)      any_below((w), above((out), (in)))
#define KERNEL_AND(a, b)             _mm256_and_ps((a), (b))
#define KERNEL_OR(a, b)              _mm256_or_ps((a), (b))
#define KERNEL_BUT(a, b)             _mm256_andnot_ps((b), (a))
#define KERNEL_ANY(m)                (_mm256_movemask_ps(m) != 0)
#define KERNEL_FIRST(rest)           first_lanes(rest)
#define KERNEL_CHOICE                choice
#define KERNEL_CHOOSE(m)             choose(m)
#define KERNEL_COUNT(c)              ((c).count)
#define KERNEL_BITS(m)               ((uint32_t)_mm256_movemask_ps(m))
#define KERNEL_CHOICE_OF(b)          choose_bits(b)
#define KERNEL_TWO_PASSES            64
#define KERNEL_STORE(p, a)           _mm256_storeu_ps((p), (a))
#define KERNEL_POPCOUNT(x)           ((uint32_t)_mm_popcnt_u64(x))
#define KERNEL_LOW(x, n)             _bzhi_u64((x), (n))
#define KERNEL_PACK(out, v, c)       pack_numbers((out), (v), (c).order)
#define KERNEL_PACK_REAL(out, v, c)  _mm256_storeu_ps((out), _mm256_permutevar8x32_ps((v), (c).order))
#define KERNEL_PACK_LANES(out, n, o) store_numbers((out), _mm256_add_epi32((o).order, KERNEL_SET_NUMBER(n)))
#include "search/kernel_tmpl.h"
