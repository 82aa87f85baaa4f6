/* SPDX-License-Identifier: MIT */
#include "metrics/request.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/struct.h"
#include "base/threads.h"

/* Sizes of the structs in their first release. */
enum {
    OPTIONS_FIRST = NBL__THROUGH(nbl_metrics_options, reserved),
    OUTPUTS_FIRST = NBL__THROUGH(nbl_metrics_outputs, anisotropy),
    BUILD_OPTIONS_FIRST = NBL__THROUGH(nbl_build_options, max_bytes)
};

enum { MAX_BINS = 65536, MAX_COUNTS = 1 << 20, KNOWN_METRICS = (1 << (NBL_METRIC_ANGULAR_ENTROPY + 1)) - 1 };

static const uint32_t needs_of_metrics[] = {
    [NBL_METRIC_H_ATOM] = 0,
    [NBL_METRIC_H_SPATIAL] = NBL__NEED_HISTOGRAM,
    [NBL_METRIC_H_TOTAL] = NBL__NEED_HISTOGRAM,
    [NBL_METRIC_RDF_DEV] = NBL__NEED_HISTOGRAM | NBL__NEED_VOLUME,
    [NBL_METRIC_SHAPE_ANISO] = NBL__NEED_SHAPE,
    [NBL_METRIC_Q4] = NBL__NEED_HARMONICS,
    [NBL_METRIC_Q6] = NBL__NEED_HARMONICS,
    [NBL_METRIC_Q8] = NBL__NEED_HARMONICS,
    [NBL_METRIC_GRAPH_LCC] = NBL__NEED_GRAPH,
    [NBL_METRIC_GRAPH_CC] = NBL__NEED_TRIANGLES,
    [NBL_METRIC_RING_FRACTION] = NBL__NEED_GRAPH,
    [NBL_METRIC_CHARGE_FRUSTRATION] = NBL__NEED_CHI,
    [NBL_METRIC_MORAN_I_CHI] = NBL__NEED_CHI,
    [NBL_METRIC_BOND_ANGLE_ENTROPY] = NBL__NEED_ANGLES,
    [NBL_METRIC_COORDINATION_VARIANCE] = NBL__NEED_DEGREE,
    [NBL_METRIC_RADIAL_VARIANCE] = NBL__NEED_RADIAL,
    [NBL_METRIC_LOCAL_ANISOTROPY] = NBL__NEED_ANISOTROPY,
    [NBL_METRIC_ANGULAR_ENTROPY] = NBL__NEED_POLAR,
};

nbl_status nbl__metrics_say(char *message, nbl_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, NBL__MESSAGE_BYTES, format, arguments);
    va_end(arguments);
    return status;
}

typedef struct integer {
    bool bad;
    nbl_status status;
    const char *name;
    int64_t value;
} integer;

static nbl_status check_integers(const integer *rows, size_t n, char *message)
{
    for (size_t k = 0; k < n; k++)
        if (rows[k].bad)
            return nbl__metrics_say(message, rows[k].status, "%s is %" PRId64, rows[k].name, rows[k].value);
    return NBL_OK;
}

#define CHECK_INTEGERS(rows, message) check_integers(rows, sizeof(rows) / sizeof *(rows), message)

static nbl_status check_reals(const nbl_metrics_options *o, char *message)
{
    const struct {
        const char *name;
        double value;
        bool positive;
    } rows[] = {
        {"cov_scale", o->cov_scale, true},
        {"bond_scale", o->bond_scale, true},
        {"w_atom", o->w_atom, false},
        {"w_spatial", o->w_spatial, false},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (!isfinite(rows[k].value))
            return nbl__metrics_say(message, NBL_EOPTION, "%s is %g", rows[k].name, rows[k].value);
        if (rows[k].positive && rows[k].value <= 0)
            return nbl__metrics_say(message, NBL_EOPTION, "%s is %g, not positive", rows[k].name,
                                    rows[k].value);
    }
    return NBL_OK;
}

/* NaN means the built-in value. */
static nbl_status check_table(const char *name, const double *table, int32_t n, bool positive, char *message)
{
    for (int32_t z = 0; table && z < n; z++) {
        if (fabs(table[z]) > 1e100)
            return nbl__metrics_say(message, NBL_EOPTION, "%s[%" PRId32 "] is %g", name, z, table[z]);
        if (positive && table[z] <= 0)
            return nbl__metrics_say(message, NBL_EOPTION, "%s[%" PRId32 "] is %g, not positive", name, z,
                                    table[z]);
    }
    return NBL_OK;
}

static nbl_status read_options(nbl__request *request, const nbl_metrics_options *given, char *message)
{
    nbl_metrics_options *o = &request->options;
    *o = (nbl_metrics_options)NBL_METRICS_OPTIONS_INIT;
    request->build = (nbl_build_options)NBL_BUILD_OPTIONS_INIT;
    if (nbl__struct_read(o, sizeof *o, OPTIONS_FIRST, given) != NBL_OK)
        return nbl__metrics_say(message, NBL_ESTRUCT, "options: size is %zu, or unknown fields are not zero",
                                given->size);
    if (nbl__struct_read(&request->build, sizeof request->build, BUILD_OPTIONS_FIRST, o->build) != NBL_OK)
        return nbl__metrics_say(message, NBL_ESTRUCT,
                                "build options: size is %zu, or unknown fields are not zero", o->build->size);
    const integer rows[] = {
        {o->n_cutoffs < 0, NBL_ESIZE, "n_cutoffs", o->n_cutoffs},
        {o->n_elements < 0, NBL_ESIZE, "n_elements", o->n_elements},
        {o->n_bins < 1 || o->n_bins > MAX_BINS, NBL_ESIZE, "n_bins", o->n_bins},
        {o->n_threads < 0 || o->n_threads > NBL__THREADS_MAX, NBL_ESIZE, "n_threads", o->n_threads},
        {o->reserved != 0, NBL_EOPTION, "reserved", o->reserved},
    };
    nbl_status status = CHECK_INTEGERS(rows, message);
    if (status == NBL_OK)
        status = check_reals(o, message);
    if (status != NBL_OK)
        return status;
    if (!o->cutoffs && o->n_cutoffs > 0)
        return nbl__metrics_say(message, NBL_ECONFLICT, "cutoffs is NULL, n_cutoffs is %" PRId64, o->n_cutoffs);
    if (!o->radii && !o->electronegativities && o->n_elements > 0)
        return nbl__metrics_say(message, NBL_ECONFLICT,
                                "radii and electronegativities are NULL, n_elements is %" PRId32,
                                o->n_elements);
    status = check_table("radii", o->radii, o->n_elements, true, message);
    if (status == NBL_OK)
        status = check_table("electronegativities", o->electronegativities, o->n_elements, false, message);
    return status;
}

static uint32_t needs_of(const nbl__request *request)
{
    const nbl_metrics_outputs *o = &request->outputs;
    const struct {
        bool wanted;
        uint32_t needs;
    } rows[] = {
        {!request->options.cutoffs || request->options.n_cutoffs == 0, NBL__NEED_RADII},
        {o->rdf, NBL__NEED_HISTOGRAM | NBL__NEED_VOLUME},
        {o->angle_counts || o->angle_entropy, NBL__NEED_ANGLES},
        {o->degree || o->degree_counts, NBL__NEED_DEGREE},
        {o->coordination || o->coordination_counts, NBL__NEED_COORDINATION | NBL__NEED_RADII},
        {o->component || o->ring, NBL__NEED_GRAPH},
        {o->cna, NBL__NEED_CNA},
        {o->cna_adaptive, NBL__NEED_CNA_ADAPTIVE},
        {o->n_l > 0 && (o->q || o->w), NBL__NEED_HARMONICS},
        {o->n_l > 0 && o->q_averaged, NBL__NEED_HARMONICS | NBL__NEED_AVERAGE},
        {o->clustering, NBL__NEED_TRIANGLES},
        {o->radial_variance, NBL__NEED_RADIAL},
        {o->anisotropy, NBL__NEED_ANISOTROPY},
    };
    uint32_t needs = 0;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        needs |= rows[k].wanted ? rows[k].needs : 0;
    for (int32_t m = 0; m <= NBL_METRIC_ANGULAR_ENTROPY; m++)
        needs |= nbl__wants(request, m) ? needs_of_metrics[m] : 0;
    return needs;
}

static void add_l(nbl__request *request, int32_t l)
{
    if (request->place[l] >= 0)
        return;
    request->place[l] = request->n_l;
    request->l[request->n_l++] = l;
}

static void make_l(nbl__request *request)
{
    const nbl_metrics_outputs *o = &request->outputs;
    const struct {
        int32_t metric, l;
    } metrics[] = {{NBL_METRIC_Q4, 4}, {NBL_METRIC_Q6, 6}, {NBL_METRIC_Q8, 8}};
    request->n_l = 0;
    for (int32_t l = 0; l <= NBL_METRICS_L_MAX; l++)
        request->place[l] = -1;
    for (int32_t k = 0; k < o->n_l && (o->q || o->w || o->q_averaged); k++)
        add_l(request, o->l[k]);
    request->n_l_stored = request->n_l;
    for (int k = 0; k < 3; k++)
        if (nbl__wants(request, metrics[k].metric))
            add_l(request, metrics[k].l);
}

static nbl_status read_outputs(nbl__request *request, const nbl_metrics_outputs *given, char *message)
{
    nbl_metrics_outputs *o = &request->outputs;
    *o = (nbl_metrics_outputs)NBL_METRICS_OUTPUTS_INIT;
    if (!given)
        return nbl__metrics_say(message, NBL_ENULL, "outputs is NULL");
    if (nbl__struct_read(o, sizeof *o, OUTPUTS_FIRST, given) != NBL_OK)
        return nbl__metrics_say(message, NBL_ESTRUCT, "outputs: size is %zu, or unknown fields are not zero",
                                given->size);
    const bool counts = o->degree_counts || o->coordination_counts;
    const integer rows[] = {
        {o->n_l < 0 || o->n_l > NBL_METRICS_L_MAX + 1, NBL_ESIZE, "n_l", o->n_l},
        {o->n_counts < 0 || o->n_counts > MAX_COUNTS || (counts && o->n_counts == 0), NBL_ESIZE, "n_counts",
         o->n_counts},
        {o->reserved != 0, NBL_EOPTION, "reserved", o->reserved},
        {o->system_capacity < 0, NBL_ESIZE, "system_capacity", o->system_capacity},
        {o->atom_capacity < 0, NBL_ESIZE, "atom_capacity", o->atom_capacity},
    };
    nbl_status status = CHECK_INTEGERS(rows, message);
    if (status != NBL_OK)
        return status;
    if ((o->metrics & ~(uint32_t)KNOWN_METRICS) != 0)
        return nbl__metrics_say(message, NBL_EOPTION, "metrics is 0x%" PRIx32 ", known are 0x%x", o->metrics,
                                KNOWN_METRICS);
    if (o->n_l > 0 && !o->l)
        return nbl__metrics_say(message, NBL_ENULL, "l is NULL, n_l is %" PRId32, o->n_l);
    for (int32_t k = 0; k < o->n_l; k++)
        if (o->l[k] < 0 || o->l[k] > NBL_METRICS_L_MAX)
            return nbl__metrics_say(message, NBL_EARGUMENT, "l[%" PRId32 "] is %" PRId32 ", not 0 ... %d", k,
                                    o->l[k], NBL_METRICS_L_MAX);
    return NBL_OK;
}

nbl_status nbl__request_read(nbl__request *request, const nbl_metrics_options *options,
                             const nbl_metrics_outputs *outputs, char *message)
{
    nbl_status status = read_options(request, options, message);
    if (status == NBL_OK)
        status = read_outputs(request, outputs, message);
    if (status != NBL_OK)
        return status;
    make_l(request);
    request->needs = needs_of(request);
    return NBL_OK;
}

nbl_status nbl__request_fit(const nbl__request *request, int64_t n_systems, int64_t n_atoms, char *message)
{
    const nbl_metrics_outputs *o = &request->outputs;
    const int64_t n_cutoffs = request->options.n_cutoffs;
    const bool systems = (o->values && o->metrics != 0) || o->cutoffs_used || o->rdf || o->angle_counts ||
                         o->degree_counts || o->coordination_counts;
    const bool harmonics = o->n_l > 0 && (o->q || o->w || o->q_averaged);
    const bool atoms = o->degree || o->coordination || o->component || o->ring || o->cna || o->cna_adaptive ||
                       o->clustering || o->angle_entropy || o->radial_variance || o->anisotropy || harmonics;
    if (n_cutoffs > 1 && n_cutoffs != n_systems)
        return nbl__metrics_say(message, NBL_ESIZE,
                                "n_cutoffs is %" PRId64 ", not 0, 1 or n_systems = %" PRId64, n_cutoffs,
                                n_systems);
    if (systems && o->system_capacity < n_systems)
        return nbl__metrics_say(message, NBL_ECAPACITY,
                                "system_capacity is %" PRId64 ", %" PRId64 " are needed", o->system_capacity,
                                n_systems);
    if (atoms && o->atom_capacity < n_atoms)
        return nbl__metrics_say(message, NBL_ECAPACITY, "atom_capacity is %" PRId64 ", %" PRId64 " are needed",
                                o->atom_capacity, n_atoms);
    return NBL_OK;
}
