/* SPDX-License-Identifier: MIT */
/* What the processor, and the system's saving of its registers, allow. */
#ifndef NBL_BASE_CPU_H
#define NBL_BASE_CPU_H

#include <stdbool.h>

/* AVX2 with FMA and BMI2. */
bool nbl__cpu_has_avx2(void);

/* AVX-512 F, VL, BW and DQ, and all of the above. */
bool nbl__cpu_has_avx512(void);

#endif
