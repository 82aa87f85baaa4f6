/* SPDX-License-Identifier: MIT */
#include "base/threads.h"
#include "metrics/run.h"

/*
 * A thread takes some microseconds to start: with the default number of threads there is one for so many atoms.
 * Parts are small enough to even out systems of different size, and large enough for the counter not to matter.
 */
enum { ATOMS_PER_THREAD = 4096, PARTS_PER_THREAD = 16 };

typedef struct work {
    nbl_metrics *metrics;
    nbl__part *part;
    int64_t n, step;
    atomic_llong next;
} work;

static void take_parts(void *context, int thread, int team)
{
    work *w = context;
    (void)team;
    for (;;) {
        const int64_t begin = atomic_fetch_add_explicit(&w->next, w->step, memory_order_relaxed);
        if (begin >= w->n)
            return;
        w->part(w->metrics, begin, w->n - begin < w->step ? w->n : begin + w->step,
                &w->metrics->run.scratch[thread]);
    }
}

void nbl__run_parts(nbl_metrics *m, int64_t n, int64_t atoms, nbl__part *part)
{
    int64_t threads = m->run.team;
    if (m->run.n_threads == 0 && threads > 1 + atoms / ATOMS_PER_THREAD)
        threads = 1 + atoms / ATOMS_PER_THREAD;
    threads = threads < n ? threads : n;
    if (threads < 1)
        return;
    work w = {.metrics = m, .part = part, .n = n, .step = n / (threads * PARTS_PER_THREAD)};
    w.step = threads == 1 ? n : w.step < 1 ? 1 : w.step;
    atomic_init(&w.next, 0);
    nbl__threads_run((int)threads, take_parts, &w);
}

int64_t nbl__run_system_of(const nbl__run *run, int64_t atom)
{
    int64_t low = 0, high = run->input.n_systems;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (run->first[middle] <= atom)
            low = middle;
        else
            high = middle;
    }
    return low;
}
