/* SPDX-License-Identifier: MIT */
/*
 * A batch as a training loop meets it: structures of all sizes, collated in the manner of PyTorch Geometric
 * (pos, batch, cell, pbc), become edge_index [2][m], shifts and distances in one build, one search and one
 * fetch. Handles and arrays are used again for the next batch; a structure with a bad position is left out
 * by its status, and the others are right all the same.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

enum { MAX_SYSTEMS = 8, MAX_ATOMS = 64 };

/* One structure of a data set. Molecules have zeros for a cell: that of an open axis is never read. */
struct structure {
    const char *name;
    int n;
    double r[8][3];
    double h[3][3];
    uint8_t pbc[3];
};

static const struct structure empty = {.name = "empty"};
static const struct structure water = {
    .name = "water",
    .n = 3,
    .r = {{0, 0, 0}, {0.7572, 0.5859, 0}, {-0.7572, 0.5859, 0}},
};
static const struct structure methane = {
    .name = "methane",
    .n = 5,
    .r = {{0, 0, 0},
          {0.6276, 0.6276, 0.6276},
          {0.6276, -0.6276, -0.6276},
          {-0.6276, 0.6276, -0.6276},
          {-0.6276, -0.6276, 0.6276}},
};
static const struct structure copper = {
    .name = "copper",
    .n = 4,
    .r = {{0, 0, 0}, {0, 1.8075, 1.8075}, {1.8075, 0, 1.8075}, {1.8075, 1.8075, 0}},
    .h = {{3.615, 0, 0}, {0, 3.615, 0}, {0, 0, 3.615}},
    .pbc = {1, 1, 1},
};
static const struct structure broken = {
    .name = "broken",
    .n = 3,
    .r = {{0, 0, 0}, {0, 0, NAN}, {1, 0, 0}},
};

/* What a data loader hands over: all atoms of all structures, and per structure a cell and three flags. */
struct collated {
    int64_t n_systems, n_atoms;
    double pos[MAX_ATOMS][3];
    int64_t batch[MAX_ATOMS]; /* structure of each atom; that of an empty structure does not occur */
    double cell[MAX_SYSTEMS][3][3];
    uint8_t pbc[MAX_SYSTEMS][3];
};

static void collate(struct collated *c, int64_t n, const struct structure *const *structures)
{
    c->n_systems = n;
    c->n_atoms = 0;
    for (int64_t b = 0; b < n; b++) {
        const struct structure *one = structures[b];
        memcpy(c->cell[b], one->h, sizeof one->h);
        memcpy(c->pbc[b], one->pbc, sizeof one->pbc);
        for (int atom = 0; atom < one->n; atom++, c->n_atoms++) {
            memcpy(c->pos[c->n_atoms], one->r[atom], sizeof one->r[atom]);
            c->batch[c->n_atoms] = b;
        }
    }
}

static void check(nbl_status status, const char *message)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "%s: %s\n", nbl_status_name(status), message);
    exit(1);
}

/* The arrays that a model reads. They grow when a batch has more edges than all before, and never shrink. */
struct edges {
    int64_t m, capacity;
    int64_t *index; /* [2][m] */
    int32_t (*shift)[3];
    double *distance;
    int64_t *batch;
    int64_t ptr[MAX_SYSTEMS + 1]; /* edges of structure b are ptr[b] ... ptr[b + 1] - 1 */
};

static void make_room(struct edges *edges, int64_t m)
{
    edges->m = m;
    if (m <= edges->capacity)
        return;
    edges->capacity = m + m / 8;
    const size_t room = (size_t)edges->capacity;
    free(edges->index);
    free(edges->shift);
    free(edges->distance);
    free(edges->batch);
    edges->index = malloc(room * 2 * sizeof *edges->index);
    edges->shift = malloc(room * sizeof *edges->shift);
    edges->distance = malloc(room * sizeof *edges->distance);
    edges->batch = malloc(room * sizeof *edges->batch);
    if (!edges->index || !edges->shift || !edges->distance || !edges->batch)
        exit(1);
}

/* All edges of a batch. statuses[b] tells why structure b was refused, or NBL_OK. */
static void find_edges(nbl_batch *handle, nbl_result *result, const struct collated *c, double cutoff,
                       struct edges *edges, int32_t *statuses)
{
    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = c->n_systems;
    in.n_atoms = c->n_atoms;
    in.positions = c->pos;
    in.batch = c->batch;
    in.cells = c->cell;
    in.n_cells = c->n_systems;
    in.pbc = &c->pbc[0][0];
    in.n_pbc = c->n_systems;
    in.cutoffs = &cutoff; /* one for all; n_cutoffs = n_systems would be one for each */
    in.n_cutoffs = 1;

    /* NBL_EBATCH: some structures were refused, the others are built. (The flag NBL_ALL_OR_NOTHING is for
       programs that would rather stop.) */
    nbl_status status = nbl_batch_build(handle, &in, NULL, statuses);
    if (status == NBL_EBATCH)
        printf("  %s\n", nbl_batch_message(handle));
    else
        check(status, nbl_batch_message(handle));

    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    search.flags = NBL_SORTED; /* only because this program prints some edges */
    check(nbl_batch_search(handle, 0, NULL, &search, result), nbl_result_message(result));

    make_room(edges, nbl_result_n_pairs(result, 0));
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.pair_capacity = edges->m; /* also the distance of the two rows of edge_index: [2][m] without a gap */
    out.system_capacity = c->n_systems;
    out.edge_index = edges->index;
    out.shifts = edges->shift;
    out.distances = edges->distance;
    out.batch = edges->batch;
    out.edge_ptr = edges->ptr;
    check(nbl_result_fetch(result, 0, &out), nbl_result_message(result));

    /* Not a part of a training loop: brute force on the same input agrees, refused structures left out. */
    check(nbl_verify_batch(result, 0, &in, NULL, NULL), nbl_result_message(result));
}

static void report(const struct structure *const *structures, const struct collated *c,
                   const struct edges *edges, const int32_t *statuses)
{
    printf("  %" PRId64 " structures, %" PRId64 " atoms, %" PRId64 " edges\n", c->n_systems, c->n_atoms,
           edges->m);
    for (int64_t b = 0; b < c->n_systems; b++) {
        const int64_t first = edges->ptr[b], count = edges->ptr[b + 1] - first;
        printf("  %" PRId64 " %-8s", b, structures[b]->name);
        if (statuses[b] != NBL_OK) {
            printf("left out: %s\n", nbl_status_text(statuses[b]));
            continue;
        }
        printf("%4" PRId64 " edges", count);
        if (count > 0) {
            /* Atoms are numbered through the batch: index[0][e] and index[1][e] lie in structure batch[e]. */
            const int64_t i = edges->index[first], j = edges->index[edges->m + first];
            const int32_t *s = edges->shift[first];
            printf(", the first %2" PRId64 " -> %2" PRId64 ", shift %2d %2d %2d, distance %.4f", i, j,
                   (int)s[0], (int)s[1], (int)s[2], edges->distance[first]);
            if (edges->batch[first] != b || c->batch[i] != b || c->batch[j] != b)
                check(NBL_EVERIFY, "an edge between two structures");
        }
        printf("\n");
    }
}

int main(void)
{
    const struct structure *const batches[2][MAX_SYSTEMS] = {
        {&water, &empty, &copper, &methane},
        {&methane, &copper, &broken, &water, &copper, &methane},
    };
    const int64_t sizes[2] = {4, 6};

    nbl_batch *handle = NULL;
    nbl_result *result = NULL;
    check(nbl_batch_create(&handle, NULL), "batch");
    check(nbl_result_create(&result, NULL), "result");

    struct edges edges = {0};
    static struct collated collated;
    int32_t statuses[MAX_SYSTEMS];
    for (int k = 0; k < 2; k++) {
        printf("batch %d\n", k);
        collate(&collated, sizes[k], batches[k]);
        find_edges(handle, result, &collated, 5.0, &edges, statuses);
        report(batches[k], &collated, &edges, statuses);
    }
    free(edges.index);
    free(edges.shift);
    free(edges.distance);
    free(edges.batch);
    nbl_result_destroy(&result);
    nbl_batch_destroy(&handle);
    return 0;
}
