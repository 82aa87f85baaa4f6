/* SPDX-License-Identifier: MIT */
/* What the processor, and the system's saving of its registers, allow. */
#ifndef NBL_BASE_CPU_H
#define NBL_BASE_CPU_H

#include <stdbool.h>

/* AVX2 with FMA and BMI2. */
bool nbl__cpu_has_avx2(void);

/* AVX-512 F, VL, BW and DQ, and all of the above. */
bool nbl__cpu_has_avx512(void);

/*
 * Whether several arrays that are written past the caches in turns should get whole lines at once: Intel's
 * processors send lines in parts otherwise, AMD's (Zen 1, Zen 4) do not. True where nobody has measured.
 */
bool nbl__cpu_wants_lines(void);

#endif
