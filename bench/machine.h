/* SPDX-License-Identifier: MIT */
/*
 * The machine that the figures belong to, and the memory of this process. What the system does not tell
 * stays 0, or -1 for memory.
 */
#ifndef NBL_BENCH_MACHINE_H
#define NBL_BENCH_MACHINE_H

#include <stdint.h>

typedef struct bench_machine {
    char cpu[128];
    char system[128]; /* "Linux 6.1.0 x86_64" */
    int64_t cores;    /* online */
    int64_t memory;   /* bytes */
    double load;      /* of the last minute, when the program began: figures of a busy machine are worth less */
} bench_machine;

void nbl__bench_machine(bench_machine *machine);

/* Gives freed memory back to the system; the same, and the peak starts anew. */
void nbl__bench_memory_trim(void);
void nbl__bench_memory_reset(void);

/* Resident bytes of this process, and their highest number since the reset. */
int64_t nbl__bench_memory_now(void);
int64_t nbl__bench_memory_peak(void);

#endif
