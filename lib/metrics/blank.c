/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "metrics/run.h"

static void fill(double *array, int64_t width, int64_t begin, int64_t end, double value)
{
    for (int64_t k = begin * width; array && k < end * width; k++)
        array[k] = value;
}

static void clear(void *array, int64_t bytes, int64_t begin, int64_t end)
{
    if (array)
        memset((char *)array + begin * bytes, 0, (size_t)((end - begin) * bytes));
}

void nbl__run_blank(nbl_metrics *m, int64_t system)
{
    const nbl__run *run = &m->run;
    const nbl_metrics_outputs *out = &run->request.outputs;
    const int64_t b = system, begin = run->first[b], end = run->first[b + 1];
    double *const reals[] = {out->clustering, out->angle_entropy, out->radial_variance, out->anisotropy};
    double *const orders[] = {out->q, out->w, out->q_averaged};
    int32_t *const integers[] = {out->degree, out->coordination, out->component};
    uint8_t *const bytes[] = {out->ring, out->cna, out->cna_adaptive};
    fill(out->values, nbl_metrics_n_columns(out->metrics), b, b + 1, NAN);
    fill(out->cutoffs_used, 1, b, b + 1, NAN);
    fill(out->rdf, run->request.options.n_bins, b, b + 1, 0);
    clear(out->angle_counts, NBL_METRICS_ANGLE_BINS * (int64_t)sizeof(int64_t), b, b + 1);
    clear(out->degree_counts, out->n_counts * (int64_t)sizeof(int64_t), b, b + 1);
    clear(out->coordination_counts, out->n_counts * (int64_t)sizeof(int64_t), b, b + 1);
    for (int k = 0; k < 4; k++)
        fill(reals[k], 1, begin, end, NAN);
    for (int k = 0; k < 3; k++) {
        fill(orders[k], out->n_l, begin, end, NAN);
        clear(integers[k], sizeof(int32_t), begin, end);
        clear(bytes[k], 1, begin, end);
    }
}
