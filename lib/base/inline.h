/* SPDX-License-Identifier: MIT */
/*
 * Functions whose flags are constants where they are called: inlined, each call becomes a loop without them.
 */
#ifndef NBL_BASE_INLINE_H
#define NBL_BASE_INLINE_H

#if defined(__GNUC__)
#define NBL__INLINE inline __attribute__((always_inline))
#else
#define NBL__INLINE inline
#endif

#endif
