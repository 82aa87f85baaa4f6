/* SPDX-License-Identifier: MIT */
/*
 * Several cutoffs in one pass over the atoms, each list fetched in the form that its reader wants: bonds as
 * int32 pairs, the edges of a message-passing graph as edge_index with vectors in single precision, and for
 * the long range only the number of neighbours. Then the same cutoffs as disjoint shells.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

enum { SIDE = 4, N = SIDE * SIDE * SIDE, LISTS = 3 };

static const double cutoffs[LISTS] = {3.0, 6.0, 10.0}; /* any order; equal ones are fine */

static void check(nbl_status status, const char *message)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "%s: %s\n", nbl_status_name(status), message);
    exit(1);
}

static void *room(int64_t count, size_t entry)
{
    void *array = malloc((size_t)count * entry);
    if (array == NULL)
        exit(1);
    return array;
}

/* Sodium chloride: the neighbours of an ion along the axes, 2.82 away, are of the other kind. */
static int is_sodium(int64_t atom)
{
    return (atom + atom / SIDE + atom / SIDE / SIDE) % 2 == 0;
}

/* List 0, bonds: pairs [m][2] in int32. */
static void bonds(nbl_result *result)
{
    const int64_t m = nbl_result_n_pairs(result, 0);
    int32_t(*pairs)[2] = room(m, sizeof *pairs);
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.index_dtype = NBL_INT32;
    out.pair_capacity = m;
    out.pairs = pairs;
    check(nbl_result_fetch(result, 0, &out), nbl_result_message(result));

    int64_t unlike = 0;
    for (int64_t e = 0; e < m; e++)
        unlike += is_sodium(pairs[e][0]) != is_sodium(pairs[e][1]);
    printf("within  3: %6" PRId64 " bonds, %" PRId64 " of them between unlike ions\n", m, unlike);
    free(pairs);
}

/* List 1, a graph: edge_index [2][m] in int64, vectors [m][3] in float32. */
static void graph(nbl_result *result)
{
    const int64_t m = nbl_result_n_pairs(result, 1);
    int64_t *edge_index = room(m, 2 * sizeof *edge_index);
    float(*vectors)[3] = room(m, sizeof *vectors);
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.pair_capacity = m;
    out.edge_index = edge_index;
    out.real_dtype = NBL_FLOAT32;
    out.vectors = vectors;
    check(nbl_result_fetch(result, 1, &out), nbl_result_message(result));

    /* One message: the ion at the far end sends its charge over the distance. */
    double received[N] = {0};
    for (int64_t e = 0; e < m; e++) {
        const float *d = vectors[e];
        const double charge = is_sodium(edge_index[m + e]) ? 1 : -1;
        received[edge_index[e]] +=
            charge / sqrt((double)d[0] * d[0] + (double)d[1] * d[1] + (double)d[2] * d[2]);
    }
    printf("within  6: %6" PRId64 " edges, message to atom 0: %+.4f\n", m, received[0]);
    free(edge_index);
    free(vectors);
}

/* List 2, counts: no pair is written at all. */
static void counts(nbl_result *result)
{
    int32_t count[N];
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.offset_dtype = NBL_INT32;
    out.row_capacity = N;
    out.counts = count;
    check(nbl_result_fetch(result, 2, &out), nbl_result_message(result));
    printf("within 10: %6" PRId64 " pairs, atom 0 has %d neighbours, the longest row %" PRId64 "\n",
           nbl_result_n_pairs(result, 2), (int)count[0], nbl_result_max_count(result, 2));
}

/* Shells: list k holds the pairs between the next smaller cutoff and its own. */
static void shells(nbl_result *result)
{
    int64_t total = 0;
    for (int k = 0; k < LISTS; k++) {
        const int64_t m = nbl_result_n_pairs(result, k);
        double *distance = room(m, sizeof *distance), least = INFINITY, most = 0;
        nbl_outputs out = NBL_OUTPUTS_INIT;
        out.pair_capacity = m;
        out.distances = distance;
        check(nbl_result_fetch(result, k, &out), nbl_result_message(result));
        for (int64_t e = 0; e < m; e++) {
            least = fmin(least, distance[e]);
            most = fmax(most, distance[e]);
        }
        total += m;
        printf("shell %d:   %6" PRId64 " pairs from %.2f to %.2f\n", k, m, least, most);
        free(distance);
    }
    printf("together:  %6" PRId64 " pairs\n", total);
}

int main(void)
{
    const double a = 2.82, side = SIDE * a;
    const double cell[3][3] = {{side, 0, 0}, {0, side, 0}, {0, 0, side}};
    double positions[N][3];
    for (int atom = 0; atom < N; atom++) {
        positions[atom][0] = a * (atom % SIDE);
        positions[atom][1] = a * (atom / SIDE % SIDE);
        positions[atom][2] = a * (atom / SIDE / SIDE);
    }

    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    check(nbl_cell_list_create(&list, NULL), "cell list");
    check(nbl_result_create(&result, NULL), "result");
    check(nbl_cell_list_build(list, N, positions, cell, NULL, 10.0, NULL), nbl_cell_list_message(list));

    /* One search makes all lists; list k is, byte for byte, what a search at cutoffs[k] alone would give. */
    check(nbl_cell_list_search_multi(list, LISTS, cutoffs, NULL, result), nbl_result_message(result));
    bonds(result);
    graph(result);
    counts(result);

    nbl_search_options disjoint = NBL_SEARCH_OPTIONS_INIT;
    disjoint.flags = NBL_DISJOINT;
    check(nbl_cell_list_search_multi(list, LISTS, cutoffs, &disjoint, result), nbl_result_message(result));
    shells(result);

    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return 0;
}
