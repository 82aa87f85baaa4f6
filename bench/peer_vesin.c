/* SPDX-License-Identifier: MIT */
/*
 * Speaks to a libvesin that was opened at run time. The declarations below are the facts of its C interface
 * in the releases 0.5.0 to 0.5.8: field order and argument order. Versions after that put the number of
 * threads before the output switches; a probe tells the two apart, and the newer ones are refused rather
 * than called with shifted arguments. vesin 0.5 runs on one thread, whatever --threads says.
 */
#include "peers.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct options {
    double cutoff;
    bool full, sorted;
    int32_t algorithm; /* 0: its own choice */
    bool with_shifts, with_distances, with_vectors;
};

struct device {
    int32_t kind, number; /* kind 1: CPU */
};

struct neighbors { /* zeroed before the first call; keeps its arrays from call to call */
    size_t length;
    struct device device;
    size_t *pairs; /* i, j interleaved */
    int32_t *shifts;
    double *distances, *vectors;
    void *opaque;
};

/*
 * The options, followed by the pointer that takes their place on the stack's next slot in the older layout
 * and lies in the last field, a double, of the newer one. Both readings are harmless: a place for an error
 * message, and a number next to zero.
 */
struct probe_options {
    struct options options;
    const char **message;
};

typedef int find_function(const double *positions, size_t n, const double *cell, const bool *pbc,
                          struct device device, struct options options, struct neighbors *neighbors,
                          const char **message);
typedef int probe_function(const double *positions, size_t n, const double *cell, const bool *pbc,
                           struct device device, struct probe_options options, struct neighbors *neighbors,
                           const char **message);
typedef void free_function(struct neighbors *neighbors);

struct state {
    find_function *find;
    free_function *release;
    struct neighbors neighbors;
};

static const struct device cpu = {1, 0};

/* True if the switch at the place of `with_shifts` of the older layout does switch shifts on. */
static bool layout_fits(void *symbol, free_function *release)
{
    static const double positions[6] = {0, 0, 0, 0.5, 0, 0}, cell[9] = {4, 0, 0, 0, 4, 0, 0, 0, 4};
    static const bool pbc[3] = {true, true, true};
    const char *message = NULL;
    struct neighbors neighbors;
    struct probe_options probe;
    probe_function *run;
    memset(&neighbors, 0, sizeof neighbors);
    memset(&probe, 0, sizeof probe);
    memcpy(&run, &symbol, sizeof symbol);
    probe.options.cutoff = 1;
    probe.options.full = true;
    probe.options.with_shifts = true; /* one thread, in the newer layout */
    probe.message = &message;
    int status = run(positions, 2, cell, pbc, cpu, probe, &neighbors, &message);
    bool fits = status == 0 && neighbors.length == 2 && neighbors.pairs && neighbors.shifts;
    release(&neighbors);
    return fits;
}

void *nbl__bench_vesin_state(void *library, const char **reason)
{
    void *find = dlsym(library, "vesin_neighbors"), *release = dlsym(library, "vesin_free");
    struct state *state = NULL;
    if (!find || !release) {
        *reason = "exports neither nbl_bench_peer_run nor vesin_neighbors and vesin_free";
        return NULL;
    }
    if (sizeof(size_t) != sizeof(int64_t)) {
        *reason = "vesin's indices are not 64 bits wide here";
        return NULL;
    }
    state = calloc(1, sizeof *state);
    if (!state) {
        *reason = "out of memory";
        return NULL;
    }
    memcpy(&state->find, &find, sizeof find);
    memcpy(&state->release, &release, sizeof release);
    if (!layout_fits(find, state->release)) {
        *reason = "not a vesin of the versions 0.5.0 to 0.5.8, the only ones that are known here";
        free(state);
        return NULL;
    }
    return state;
}

int nbl__bench_vesin_run(void **state_, const nbl_bench_peer_input *input, nbl_bench_peer_output *output)
{
    struct state *state = *state_;
    if (!input) {
        state->release(&state->neighbors);
        free(state);
        *state_ = NULL;
        return 0;
    }
    const bool pbc[3] = {input->pbc[0] != 0, input->pbc[1] != 0, input->pbc[2] != 0};
    struct options options;
    memset(&options, 0, sizeof options);
    options.cutoff = input->cutoff;
    options.full = true;
    options.with_shifts = true;
    options.with_vectors = (input->fields & NBL_BENCH_PEER_VECTORS) != 0;
    options.with_distances = (input->fields & NBL_BENCH_PEER_DISTANCES) != 0;
    int status = state->find(input->positions, (size_t)input->n, input->cell, pbc, cpu, options,
                             &state->neighbors, &output->message);
    output->n_pairs = (int64_t)state->neighbors.length;
    output->i = (const int64_t *)state->neighbors.pairs;
    output->j = output->i ? output->i + 1 : NULL;
    output->stride = 2;
    output->shifts = state->neighbors.shifts;
    output->vectors = state->neighbors.vectors;
    output->distances = state->neighbors.distances;
    return status;
}
