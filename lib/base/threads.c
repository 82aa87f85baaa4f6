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

#ifdef _OPENMP
/* A team to be: how many threads there are, the caller's among them. Touched by the latest of them alone. */
struct trial {
    int wanted, running;
};

/* Starts the next thread, which does the same, and waits for it: in the end all are there at once. */
static void *join_team(void *context)
{
    struct trial *trial = context;
    pthread_t next;
    trial->running++;
    if (trial->running < trial->wanted && pthread_create(&next, NULL, join_team, trial) == 0)
        pthread_join(next, NULL);
    return NULL;
}

/* How large a team of n_threads can be, where the last one of this thread of the caller was smaller. */
static int largest_team(int n_threads)
{
    static _Thread_local int last = 1;
    if (omp_get_active_level() >= omp_get_max_active_levels())
        return 1;
    if (n_threads > last) {
        struct trial trial = {.wanted = n_threads};
        join_team(&trial);
        n_threads = trial.running;
    }
    return last = n_threads;
}
#endif
#else
static bool in_forked_child(void)
{
    return false;
}

#ifdef _OPENMP
static int largest_team(int n_threads)
{
    return n_threads;
}
#endif
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
    if (n_threads > 1)
        n_threads = largest_team(n_threads);
    if (n_threads > 1) {
#pragma omp parallel num_threads(n_threads) default(none) shared(work, context)
        work(context, omp_get_thread_num(), omp_get_num_threads());
        return;
    }
#endif
    (void)n_threads;
    work(context, 0, 1);
}

typedef struct pass {
    int64_t n;
    void (*run)(void *context, int64_t k);
    void *context;
} pass;

static void run_stretch(void *context, int thread, int team)
{
    const pass *p = context;
    const int64_t end = p->n * (thread + 1) / team;
    for (int64_t k = p->n * thread / team; k < end; k++)
        p->run(p->context, k);
}

void nbl__threads_each(int n_threads, int64_t n, void (*run)(void *context, int64_t k), void *context)
{
    pass p = {n, run, context};
    nbl__threads_run(n_threads < n ? n_threads : (int)n, run_stretch, &p);
}
