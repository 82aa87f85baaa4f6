/* SPDX-License-Identifier: MIT */
/*
 * NBL__INLINE: functions whose flags are constants where they are called: inlined, each call becomes a loop
 * without them. NBL__ALONE: loops that would lose their registers to what is around them.
 */
#ifndef NBL_BASE_INLINE_H
#define NBL_BASE_INLINE_H

#if defined(__GNUC__)
#define NBL__INLINE inline __attribute__((always_inline))
#define NBL__ALONE  __attribute__((noinline))
#else
#define NBL__INLINE inline
#define NBL__ALONE
#endif

#endif
