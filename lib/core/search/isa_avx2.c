/* SPDX-License-Identifier: MIT */
#include "search/kernel.h"
#include "search/simd_avx2.h"

#define KERNEL_NAME                 nbl__kernels_avx2
#define KERNEL_LANES                4
#define KERNEL_REAL                 __m256d
#define KERNEL_SET(a)               _mm256_set1_pd(a)
#define KERNEL_LOAD(p, rest)        _mm256_maskload_pd((p), lanes(rest))
#define KERNEL_SUB(a, b)            _mm256_sub_pd((a), (b))
#define KERNEL_MUL(a, b)            _mm256_mul_pd((a), (b))
#define KERNEL_MAX(a, b)            _mm256_max_pd((a), (b))
#define KERNEL_MULADD(a, b, c)      _mm256_fmadd_pd((a), (b), (c))
#define KERNEL_BOUND                __m256d
#define KERNEL_MASK                 uint32_t
#define KERNEL_SET_BOUND(a)         _mm256_set1_pd(a)
#define KERNEL_LESS(a, b, rest)     (less_mask((a), (b)) & tail(rest))
#define KERNEL_ALL(rest)            tail(rest)
#define KERNEL_COUNT(m)             ((uint32_t)_mm_popcnt_u32(m))
#define KERNEL_PACK(out, p, m)      pack_numbers((out), (p), (m))
#define KERNEL_PACK_REAL(out, v, m) pack_reals((out), (v), (m))
#include "search/kernel_tmpl.h"
