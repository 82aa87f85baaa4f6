/* SPDX-License-Identifier: MIT */
/*
 * Work for several threads. The only part of the library that knows OpenMP. Invariants: with one thread
 * the OpenMP runtime is never entered; no global setting of OpenMP is touched; in a process forked after
 * the library was loaded the answer is always one thread (the runtime's pool does not survive a fork).
 */
#ifndef NBL_BASE_THREADS_H
#define NBL_BASE_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { NBL__THREADS_MAX = 65536, NBL__THREADS_PER_PROCESSOR = 4 };

/*
 * How many threads a call with n_threads = `wanted` gets here and now; 0 = the default. At least 1, at most
 * NBL__THREADS_PER_PROCESSOR per processor.
 */
int nbl__threads_count(int wanted);

/*
 * Calls work(context, t, team) once for every t in 0 ... team - 1, with team <= n_threads. An OpenMP runtime
 * that cannot create a thread ends the process: so whenever a team grows, as many threads are started and
 * joined first, and it is made of those that the system granted.
 */
void nbl__threads_run(int n_threads, void (*work)(void *context, int thread, int team), void *context);

/*
 * Calls run(context, k) once for every k in 0 ... n - 1, on up to n_threads threads, each of which takes a
 * stretch: with teams of one size the same ones, so that it reads what it wrote when it was called before.
 */
void nbl__threads_each(int n_threads, int64_t n, void (*run)(void *context, int64_t k), void *context);

/* A lock for short, rare sections (taking a segment of memory from a shared pool). */
typedef struct nbl__lock {
    atomic_flag flag;
} nbl__lock;

static inline void nbl__lock_init(nbl__lock *lock)
{
    atomic_flag_clear(&lock->flag);
}

static inline void nbl__lock_take(nbl__lock *lock)
{
    while (atomic_flag_test_and_set_explicit(&lock->flag, memory_order_acquire))
        ;
}

static inline void nbl__lock_give(nbl__lock *lock)
{
    atomic_flag_clear_explicit(&lock->flag, memory_order_release);
}

#endif
