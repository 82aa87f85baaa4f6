/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <stdlib.h>
#include <string.h>

int nbl__bench_thread_counts(int32_t greatest, int32_t threads[BENCH_MAX_RUNS])
{
    int n = 0;
    for (int32_t k = 1; k < greatest && n < BENCH_MAX_RUNS - 1; k *= 2)
        threads[n++] = k;
    threads[n++] = greatest;
    return n;
}

static bool failed(bench_scaling *scaling, const char *message)
{
    snprintf(scaling->error, sizeof scaling->error, "%s", message[0] ? message : "out of memory");
    return false;
}

/* All have handles of their own and write into the block of the first. */
static bool open_all(bench_library *libraries, const bench_case *item, const bench_work *work,
                     const bench_settings *settings, bench_scaling *scaling)
{
    const bench_way *way = nbl__bench_case_way(item);
    for (int k = 0; k < scaling->n_runs; k++) {
        const bench_manner manner = {.n_threads = scaling->runs[k].n_threads, .isa = settings->isa};
        if (!nbl__bench_library_open(libraries + k, way, work, &manner, k > 0 ? libraries : NULL))
            return failed(scaling, libraries[k].message);
    }
    return true;
}

static bench_budget budget_of(const bench_settings *settings)
{
    return settings->quick ? (bench_budget){5e-3, 0.05, 0.02} : (bench_budget){5e-2, 1.0, 0.02};
}

static bool measure_all(bench_library *libraries, const bench_settings *settings, bench_scaling *scaling)
{
    bench_contender contenders[BENCH_MAX_RUNS];
    for (int k = 0; k < scaling->n_runs; k++)
        contenders[k] = nbl__bench_library_contender(libraries + k);
    if (!nbl__bench_measure(contenders, scaling->n_runs, budget_of(settings))) {
        int k = 0;
        while (k + 1 < scaling->n_runs && libraries[k].message[0] == '\0')
            k++;
        return failed(scaling, libraries[k].message);
    }
    for (int k = 0; k < scaling->n_runs; k++)
        scaling->runs[k].time = contenders[k].timing;
    return true;
}

static bool compare_all(bench_library *libraries, bench_scaling *scaling)
{
    scaling->same = true;
    for (int k = 0; k < scaling->n_runs; k++) {
        bench_digest digest;
        if (!nbl__bench_library_digest(libraries + k, &digest))
            return failed(scaling, libraries[k].message);
        if (k == 0)
            scaling->digest = digest;
        scaling->same &= nbl__bench_digest_same(&digest, &scaling->digest);
    }
    return true;
}

static bool measure_stores(bench_library *lender, const bench_settings *settings, bench_scaling *scaling)
{
    for (int k = 0; k < scaling->n_runs; k++)
        if (!nbl__bench_stores(lender->block, lender->block_size, (int)scaling->runs[k].n_threads,
                               nbl__bench_store_budget(settings), &scaling->runs[k].stores))
            return failed(scaling, "");
    return true;
}

void nbl__bench_scale(const bench_case *item, bench_systems *set, const bench_settings *settings,
                      const int32_t *threads, int n_runs, bench_scaling *scaling)
{
    const bench_work work = nbl__bench_case_work(item, set);
    bench_library *libraries = calloc((size_t)n_runs, sizeof *libraries);
    memset(scaling, 0, sizeof *scaling);
    nbl__bench_subject(item, set, &scaling->subject);
    scaling->n_runs = n_runs;
    for (int k = 0; k < n_runs; k++)
        scaling->runs[k].n_threads = threads[k];
    if (!libraries)
        failed(scaling, "");
    else if (open_all(libraries, item, &work, settings, scaling) && measure_all(libraries, settings, scaling) &&
             compare_all(libraries, scaling))
        measure_stores(libraries, settings, scaling);
    for (int k = n_runs; libraries && k-- > 0;)
        nbl__bench_library_close(libraries + k);
    free(libraries);
    nbl__bench_systems_free(set);
}
