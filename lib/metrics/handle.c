/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cpu.h"
#include "base/struct.h"
#include "metrics/run.h"

enum {
    HANDLE_OPTIONS_FIRST = NBL__THROUGH(nbl_handle_options, isa),
    ALLOCATOR_FIRST = NBL__THROUGH(nbl_allocator, user)
};

/* What does not depend on any call. */
static void make_tables(nbl_metrics *m)
{
    nbl__elements_default(&m->defaults);
    nbl__logs_init(&m->logs);
    nbl__wigner_init(&m->wigner);
    nbl__angle_bins_init(&m->bond_angles, NBL_METRICS_ANGLE_BINS, m->bond_edges);
}

static nbl_status make_parts(nbl_metrics *m, const nbl_handle_options *options)
{
    nbl_status status = nbl_cell_list_create(&m->list, options);
    if (status == NBL_OK)
        status = nbl_batch_create(&m->batch, options);
    if (status == NBL_OK)
        status = nbl_result_create(&m->result, options);
    return status;
}

/* The core's own checks of the options come first: its handles are made from the same ones. */
nbl_status nbl_metrics_create(nbl_metrics **metrics, const nbl_handle_options *options)
{
    nbl_handle_options own = NBL_HANDLE_OPTIONS_INIT;
    nbl_allocator hooks = NBL_ALLOCATOR_INIT;
    nbl_cell_list *probe = NULL;
    nbl__memory memory;
    nbl__fault fault;
    void *made;
    if (!metrics)
        return NBL_ENULL;
    *metrics = NULL;
    nbl_status status = nbl_cell_list_create(&probe, options);
    nbl_cell_list_destroy(&probe);
    if (status == NBL_OK)
        status = nbl__struct_read(&own, sizeof own, HANDLE_OPTIONS_FIRST, options);
    if (status == NBL_OK && own.allocator)
        status = nbl__struct_read(&hooks, sizeof hooks, ALLOCATOR_FIRST, own.allocator);
    if (status != NBL_OK)
        return status;
    nbl__memory_init(&memory, own.allocator ? &hooks : NULL);
    status = nbl__memory_take(&memory, sizeof(nbl_metrics), &made, &fault);
    if (status != NBL_OK)
        return status;
    nbl_metrics *m = made;
    memset(m, 0, sizeof *m);
    m->memory = memory;
    m->n_threads = own.n_threads;
    const int32_t isa = own.isa == NBL_ISA_AUTO ? nbl_isa_detect() : own.isa;
    m->avx2 = nbl__cpu_has_avx2() && (isa == NBL_ISA_AVX2 || isa == NBL_ISA_AVX512);
    nbl__lock_init(&m->lock);
    nbl__lock_init(&m->edges.lock);
    make_tables(m);
    status = make_parts(m, options);
    *metrics = m;
    if (status != NBL_OK)
        nbl_metrics_destroy(metrics);
    return status;
}

void nbl_metrics_destroy(nbl_metrics **metrics)
{
    if (!metrics || !*metrics)
        return;
    nbl_metrics *m = *metrics;
    *metrics = NULL;
    nbl_result_destroy(&m->result);
    nbl_batch_destroy(&m->batch);
    nbl_cell_list_destroy(&m->list);
    nbl__run_free(m);
    nbl__memory memory = m->memory;
    nbl__memory_give(&memory, m, sizeof *m);
}

const char *nbl_metrics_message(const nbl_metrics *metrics)
{
    return metrics ? metrics->message : "";
}
