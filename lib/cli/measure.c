/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include "engine.h"
#include "group.h"
#include "options.h"
#include "progress.h"
#include "source.h"

/* Bytes per atom of each array, in the order of places(). */
static const size_t widths[CLI_N_ATOM_ARRAYS] = {
    4, 4, 4, 1, 1, 1, 8 * CLI_N_L, 8 * CLI_N_L, 8 * CLI_N_L, 8, 8, 8, 8,
};

nbl_status nbl__cli_measure_create(struct nbl__cli_measure *measure, const struct nbl__cli_options *options)
{
    nbl_handle_options handle = NBL_HANDLE_OPTIONS_INIT;
    handle.n_threads = options->n_threads;
    *measure = (struct nbl__cli_measure){.options = options, .computed = options->metrics, .message = ""};
    for (int k = 0; k < options->n_filters; k++)
        measure->computed |= NBL_METRIC_BIT(options->filters[k].metric);
    measure->n_columns = nbl_metrics_n_columns(measure->computed);
    return nbl_metrics_create(&measure->metrics, &handle);
}

void nbl__cli_measure_destroy(struct nbl__cli_measure *measure)
{
    nbl_metrics_destroy(&measure->metrics);
    nbl__cli_buffer_free(&measure->values);
    nbl__cli_buffer_free(&measure->cutoffs);
    nbl__cli_buffer_free(&measure->statuses);
    for (int k = 0; k < CLI_N_ATOM_ARRAYS; k++)
        nbl__cli_buffer_free(&measure->atoms[k]);
}

static nbl_metrics_options library_options(const struct nbl__cli_options *options,
                                           const nbl_build_options *build)
{
    nbl_metrics_options own = NBL_METRICS_OPTIONS_INIT;
    own.cutoffs = options->n_cutoffs > 0 ? options->cutoffs : NULL;
    own.n_cutoffs = options->n_cutoffs;
    own.cov_scale = options->cov_scale;
    own.w_atom = options->w_atom;
    own.w_spatial = options->w_spatial;
    own.n_bins = options->n_bins;
    own.build = build;
    return own;
}

static void *atom_array(const struct nbl__cli_measure *measure, int array, int64_t atom)
{
    return (char *)measure->atoms[array].data + (size_t)atom * widths[array];
}

/* Where what belongs to frame k, whose atoms begin with number `atom`, and to all after it, goes. */
static nbl_metrics_outputs places(const struct nbl__cli_measure *measure, int64_t k, int64_t n_systems,
                                  int64_t atom, int64_t n_atoms)
{
    static const int32_t l[CLI_N_L] = {4, 6, 8};
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT;
    out.metrics = measure->computed;
    out.system_capacity = n_systems;
    out.values = (double *)measure->values.data + k * measure->n_columns;
    out.cutoffs_used = (double *)measure->cutoffs.data + k;
    if (!measure->options->per_atom)
        return out;
    out.atom_capacity = n_atoms;
    out.n_l = CLI_N_L;
    out.l = l;
    out.degree = atom_array(measure, 0, atom);
    out.coordination = atom_array(measure, 1, atom);
    out.component = atom_array(measure, 2, atom);
    out.ring = atom_array(measure, 3, atom);
    out.cna = atom_array(measure, 4, atom);
    out.cna_adaptive = atom_array(measure, 5, atom);
    out.q = atom_array(measure, 6, atom);
    out.w = atom_array(measure, 7, atom);
    out.q_averaged = atom_array(measure, 8, atom);
    out.clustering = atom_array(measure, 9, atom);
    out.angle_entropy = atom_array(measure, 10, atom);
    out.radial_variance = atom_array(measure, 11, atom);
    out.anisotropy = atom_array(measure, 12, atom);
    return out;
}

static bool reserve(struct nbl__cli_measure *measure, int64_t n_systems, int64_t n_atoms)
{
    const size_t row = (size_t)measure->n_columns * sizeof(double);
    bool good = nbl__cli_buffer_get(&measure->values, n_systems, row) &&
                nbl__cli_buffer_get(&measure->cutoffs, n_systems, sizeof(double)) &&
                nbl__cli_buffer_get(&measure->statuses, n_systems, sizeof(int32_t));
    for (int k = 0; good && measure->options->per_atom && k < CLI_N_ATOM_ARRAYS; k++)
        good = nbl__cli_buffer_get(&measure->atoms[k], n_atoms, widths[k]) != NULL;
    return good;
}

nbl_status nbl__cli_measure_run(struct nbl__cli_measure *measure, struct nbl__cli_group *group, int64_t first,
                                int64_t count)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    build.algorithm = measure->options->algorithm;
    const nbl_metrics_options options = library_options(measure->options, &build);
    const nbl_batch_input input = nbl__cli_group_input(group, first, count);
    if (!reserve(measure, count, input.n_atoms))
        return NBL_ENOMEM;
    const nbl_metrics_outputs out = places(measure, 0, count, 0, input.n_atoms);
    const int32_t *numbers = group->numbers ? group->numbers + group->first[first] : NULL;
    const double start = nbl__cli_now();
    nbl_status status =
        nbl_metrics_compute_batch(measure->metrics, &input, numbers, &options, &out, measure->statuses.data);
    measure->seconds = nbl__cli_now() - start;
    return status == NBL_EBATCH ? NBL_OK : status;
}

nbl_status nbl__cli_measure_run_alone(struct nbl__cli_measure *measure, const struct nbl__cli_frame *frame,
                                      int64_t k, int64_t atom)
{
    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    build.algorithm = measure->options->algorithm;
    const nbl_metrics_options options = library_options(measure->options, &build);
    measure->message = nbl__cli_engine_lacks_cell(measure->options, frame);
    if (measure->message)
        return NBL_ECELL;
    measure->message = "";
    if (!reserve(measure, k + 1, atom + frame->n))
        return NBL_ENOMEM;
    const nbl_metrics_outputs out = places(measure, k, 1, atom, frame->n);
    nbl_status status = nbl_metrics_compute(measure->metrics, frame->n, frame->positions, frame->cell,
                                            frame->pbc, frame->numbers, &options, &out);
    measure->message = nbl_metrics_message(measure->metrics);
    return status;
}

nbl_status nbl__cli_measure_status(const struct nbl__cli_measure *measure, int64_t k)
{
    return ((const int32_t *)measure->statuses.data)[k];
}

double nbl__cli_measure_cutoff(const struct nbl__cli_measure *measure, int64_t k)
{
    return ((const double *)measure->cutoffs.data)[k];
}

double nbl__cli_measure_value(const struct nbl__cli_measure *measure, int64_t k, int32_t metric)
{
    const int32_t column = nbl_metrics_column(measure->computed, metric);
    return ((const double *)measure->values.data)[k * measure->n_columns + column];
}

bool nbl__cli_measure_passes(const struct nbl__cli_measure *measure, int64_t k)
{
    for (int f = 0; f < measure->options->n_filters; f++) {
        const struct nbl__cli_filter *filter = &measure->options->filters[f];
        const double value = nbl__cli_measure_value(measure, k, filter->metric);
        if (!(value >= filter->min && value <= filter->max))
            return false;
    }
    return true;
}

nbl_metrics_outputs nbl__cli_measure_atoms(const struct nbl__cli_measure *measure, int64_t atom)
{
    return places(measure, 0, 0, atom, 0);
}
