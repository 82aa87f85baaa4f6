/* SPDX-License-Identifier: MIT */
/*
 * What a call asks for, checked: options and outputs with their defaults, and what has to be computed for them.
 * Invariant: after nbl__request_read() succeeded, nothing in it is refused any more but sizes that depend on
 * the atoms.
 */
#ifndef NBL_METRICS_REQUEST_H
#define NBL_METRICS_REQUEST_H

#include <nblist/metrics.h>
#include <stdbool.h>

enum { NBL__MESSAGE_BYTES = 320 };

/* Parts of the work; ROWS: any that needs the traversal. */
enum nbl__need {
    NBL__NEED_RADII = 1 << 0,
    NBL__NEED_CHI = 1 << 1,
    NBL__NEED_SHAPE = 1 << 2,
    NBL__NEED_VOLUME = 1 << 3,
    NBL__NEED_DEGREE = 1 << 4,
    NBL__NEED_HISTOGRAM = 1 << 5,
    NBL__NEED_HARMONICS = 1 << 6,
    NBL__NEED_AVERAGE = 1 << 7,
    NBL__NEED_ANGLES = 1 << 8,
    NBL__NEED_TRIANGLES = 1 << 9,
    NBL__NEED_CNA = 1 << 10,
    NBL__NEED_CNA_ADAPTIVE = 1 << 11,
    NBL__NEED_GRAPH = 1 << 12,
    NBL__NEED_RADIAL = 1 << 13,
    NBL__NEED_ANISOTROPY = 1 << 14,
    NBL__NEED_POLAR = 1 << 15,
    NBL__NEED_COORDINATION = 1 << 16,
    NBL__NEED_ROWS = ((1 << 17) - 1) & ~(NBL__NEED_RADII | NBL__NEED_SHAPE | NBL__NEED_VOLUME)
};

typedef struct nbl__request {
    nbl_metrics_options options;
    nbl_metrics_outputs outputs;
    nbl_build_options build;
    uint32_t needs;
    /* The set of l: those of the caller's list first, each once, then 4, 6, 8 for the metrics. */
    int32_t n_l, n_l_stored; /* stored: how many of the caller's */
    int32_t l[NBL_METRICS_L_MAX + 1];
    int32_t place[NBL_METRICS_L_MAX + 1]; /* of l in the set */
} nbl__request;

/* Sets the message (NBL__MESSAGE_BYTES) and returns the status. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
nbl_status
nbl__metrics_say(char *message, nbl_status status, const char *format, ...);

nbl_status nbl__request_read(nbl__request *request, const nbl_metrics_options *options,
                             const nbl_metrics_outputs *outputs, char *message);

/* What depends on the sizes: cutoffs and capacities against n_systems and n_atoms. */
nbl_status nbl__request_fit(const nbl__request *request, int64_t n_systems, int64_t n_atoms, char *message);

static inline bool nbl__wants(const nbl__request *request, int32_t metric)
{
    return request->outputs.values && (request->outputs.metrics & NBL_METRIC_BIT(metric)) != 0;
}

#endif
