/* SPDX-License-Identifier: MIT */
#include "stores.h"

#include <string.h>

#if defined(__has_builtin)
#if __has_builtin(__builtin_nontemporal_store)
#define STREAM(p, v) __builtin_nontemporal_store((v), (p))
#endif
#endif
#if !defined(STREAM) && defined(__GNUC__) && defined(__SSE2__)
#define STREAM(p, v) __builtin_ia32_movntdq((p), (v))
#endif

#if defined(__GNUC__)
typedef long long stripe __attribute__((vector_size(16)));
#define STRIPE(k)  ((stripe){(long long)(k), (long long)(k)})
#define OBSERVE(p) __asm__ volatile("" : : "r"(p) : "memory")
#else
typedef uint64_t stripe;
#define STRIPE(k)  ((stripe)(k))
#define OBSERVE(p) (*(volatile unsigned char *)(p))
#endif

/* Whole cache lines in one step; the value depends on the line, or the loop would become a memset(). */
enum { LINE = 64, STEPS = LINE / (int)sizeof(stripe) };

typedef void filler(stripe *buffer, int64_t begin, int64_t end);

typedef struct store_work {
    stripe *buffer;
    int64_t lines;
    int n_threads;
    filler *fill;
} store_work;

static void fill_regular(stripe *buffer, int64_t begin, int64_t end)
{
    for (int64_t line = begin; line < end; line++)
        for (int k = 0; k < STEPS; k++)
            buffer[line * STEPS + k] = STRIPE(line);
    OBSERVE(buffer);
}

#if defined(STREAM)
/* The last lines count only when they have left the write-combining buffers, which the fence waits for. */
static void fill_stream(stripe *buffer, int64_t begin, int64_t end)
{
    for (int64_t line = begin; line < end; line++)
        for (int k = 0; k < STEPS; k++)
            STREAM(buffer + line * STEPS + k, STRIPE(line));
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    OBSERVE(buffer);
}
#endif

/* One thread stays out of the OpenMP runtime, whose start of a region costs more than a small buffer. */
static bool pass(void *context, double *phases)
{
    const store_work *work = context;
    (void)phases;
    if (work->n_threads <= 1) {
        work->fill(work->buffer, 0, work->lines);
        return true;
    }
#if defined(_OPENMP)
#pragma omp parallel for num_threads(work->n_threads) schedule(static)
#endif
    for (int t = 0; t < work->n_threads; t++)
        work->fill(work->buffer, work->lines * t / work->n_threads, work->lines * (t + 1) / work->n_threads);
    return true;
}

static bool speed(store_work *work, filler *how, bench_budget budget, double *bytes_per_s)
{
    bench_timing timing;
    work->fill = how;
    if (!nbl__bench_measure_pass(pass, work, budget, &timing))
        return false;
    *bytes_per_s = (double)work->lines * LINE / timing.median;
    return true;
}

bool nbl__bench_stores(void *buffer, size_t size, int n_threads, bench_budget budget, bench_stores *stores)
{
    store_work work = {buffer, (int64_t)(size / LINE), n_threads, NULL};
    memset(stores, 0, sizeof *stores);
    if (work.lines == 0)
        return true;
    if (!speed(&work, fill_regular, budget, &stores->regular))
        return false;
#if defined(STREAM)
    if (!speed(&work, fill_stream, budget, &stores->stream))
        return false;
#endif
    stores->best = stores->stream > stores->regular ? stores->stream : stores->regular;
    return true;
}
