/* SPDX-License-Identifier: MIT */
#include "everything.h"

#include <stdlib.h>

#include "check.h"

static const int32_t all_l[EVERYTHING_L] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

/* Where a field is, what one entry takes, and whether there is one per atom or per system. */
struct field {
    const char *name;
    size_t offset, bytes;
    int of_atoms;
};

#define SYSTEMS(name, type, count)                                                                             \
    {                                                                                                          \
#name, offsetof(nbl_metrics_outputs, name), sizeof(type) * (count), 0                                  \
    }
#define ATOMS(name, type, count)                                                                               \
    {                                                                                                          \
#name, offsetof(nbl_metrics_outputs, name), sizeof(type) * (count), 1                                  \
    }

static const struct field fields[] = {
    SYSTEMS(values, double, EVERYTHING_VALUES),
    SYSTEMS(cutoffs_used, double, 1),
    SYSTEMS(rdf, double, EVERYTHING_BINS),
    SYSTEMS(angle_counts, int64_t, NBL_METRICS_ANGLE_BINS),
    SYSTEMS(degree_counts, int64_t, EVERYTHING_COUNTS),
    SYSTEMS(coordination_counts, int64_t, EVERYTHING_COUNTS),
    ATOMS(degree, int32_t, 1),
    ATOMS(coordination, int32_t, 1),
    ATOMS(component, int32_t, 1),
    ATOMS(ring, uint8_t, 1),
    ATOMS(cna, uint8_t, 1),
    ATOMS(cna_adaptive, uint8_t, 1),
    ATOMS(q, double, EVERYTHING_L),
    ATOMS(w, double, EVERYTHING_L),
    ATOMS(q_averaged, double, EVERYTHING_L),
    ATOMS(clustering, double, 1),
    ATOMS(angle_entropy, double, 1),
    ATOMS(radial_variance, double, 1),
    ATOMS(anisotropy, double, 1),
};

enum { FIELDS = sizeof fields / sizeof *fields };

static unsigned char *array_of(const struct everything *e, int f)
{
    void *array;
    memcpy(&array, (const char *)&e->out + fields[f].offset, sizeof array);
    return array;
}

void everything_make(struct everything *e, int64_t n_systems, int64_t n_atoms)
{
    memset(e, 0, sizeof *e);
    e->n_systems = n_systems;
    e->n_atoms = n_atoms;
    e->out = (nbl_metrics_outputs)NBL_METRICS_OUTPUTS_INIT;
    e->out.metrics = NBL_METRICS_ALL | NBL_METRIC_BIT(NBL_METRIC_ANGULAR_ENTROPY);
    e->out.l = all_l;
    e->out.n_l = EVERYTHING_L;
    e->out.n_counts = EVERYTHING_COUNTS;
    e->out.system_capacity = n_systems;
    e->out.atom_capacity = n_atoms;
    for (int f = 0; f < FIELDS; f++)
        e->bytes += fields[f].bytes * (size_t)(fields[f].of_atoms ? n_atoms : n_systems) + 8;
    e->block = malloc(e->bytes);
    assert_non_null(e->block);
    unsigned char *at = e->block;
    for (int f = 0; f < FIELDS; f++) {
        void *array = at;
        memcpy((char *)&e->out + fields[f].offset, &array, sizeof array);
        at += (fields[f].bytes * (size_t)(fields[f].of_atoms ? n_atoms : n_systems) + 7) / 8 * 8;
    }
    everything_clear(e);
}

void everything_clear(struct everything *e)
{
    memset(e->block, 0xa5, e->bytes);
}

void everything_free(struct everything *e)
{
    free(e->block);
    memset(e, 0, sizeof *e);
}

void everything_same_bytes(const struct everything *batch, int64_t system, int64_t atom,
                           const struct everything *single, const char *what)
{
    for (int f = 0; f < FIELDS; f++) {
        const size_t skip = (size_t)(fields[f].of_atoms ? atom : system) * fields[f].bytes;
        const size_t bytes =
            fields[f].bytes * (size_t)(fields[f].of_atoms ? single->n_atoms : single->n_systems);
        if (memcmp(array_of(batch, f) + skip, array_of(single, f), bytes) != 0)
            fail_msg("%s: %s differs", what, fields[f].name);
    }
}
