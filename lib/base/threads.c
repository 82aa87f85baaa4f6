/* SPDX-License-Identifier: MIT */
#include "base/threads.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>

static atomic_bool forked;

static void note_fork(void)
{
    atomic_store_explicit(&forked, true, memory_order_relaxed);
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, note_fork);
}

static bool in_forked_child(void)
{
    return atomic_load_explicit(&forked, memory_order_relaxed);
}
#else
static bool in_forked_child(void)
{
    return false;
}
#endif

int nbl__threads_count(int wanted)
{
#ifdef _OPENMP
    if (wanted == 1 || in_forked_child())
        return 1;
    if (wanted == 0)
        wanted = omp_get_max_threads();
    int most = NBL__THREADS_PER_PROCESSOR * omp_get_num_procs();
    most = most < omp_get_thread_limit() ? most : omp_get_thread_limit();
    wanted = wanted < most ? wanted : most;
    return wanted < 1 ? 1 : wanted;
#else
    (void)wanted;
    (void)in_forked_child;
    return 1;
#endif
}

void nbl__threads_run(int n_threads, void (*work)(void *context, int thread, int team), void *context)
{
#ifdef _OPENMP
    if (n_threads > 1) {
#pragma omp parallel num_threads(n_threads) default(none) shared(work, context)
        work(context, omp_get_thread_num(), omp_get_num_threads());
        return;
    }
#endif
    (void)n_threads;
    work(context, 0, 1);
}
