/* SPDX-License-Identifier: MIT */
/*
 * Handles: what a molecular-dynamics loop or a data loader uses. The handles keep their memory, so that
 * steps after the first allocate nothing; one built list serves several cutoffs; and outputs come in the
 * form that a model eats: float32 vectors, int32 indices, or a dense table.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

enum { SIDE = 6, N = 4 * SIDE * SIDE * SIDE, STEPS = 5 };

static float positions[N][3]; /* single precision, as many codes keep them; no copy is needed */

/* Copper, shaken a little more at every step by a fixed pattern: the stand-in for an integrator. */
static void move(int step)
{
    static const double corner[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
    for (int atom = 0; atom < N; atom++) {
        const int box[3] = {atom / 4 % SIDE, atom / 4 / SIDE % SIDE, atom / 4 / SIDE / SIDE};
        for (int k = 0; k < 3; k++)
            positions[atom][k] =
                (float)(3.615 * (box[k] + corner[atom % 4][k]) + 0.04 * step * sin(atom * (1.7 + k) + step));
    }
}

static void check(nbl_status status, const char *message)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "%s: %s\n", nbl_status_name(status), message);
    exit(1);
}

/* Grows a buffer to at least `count` entries; a loop settles on the largest size that it has seen. */
static void *room(void **buffer, int64_t *capacity, int64_t count, size_t entry)
{
    if (count > *capacity) {
        free(*buffer);
        *capacity = count + count / 8;
        *buffer = malloc((size_t)*capacity * entry);
        if (*buffer == NULL)
            exit(1);
    }
    return *buffer;
}

int main(void)
{
    const double a = 3.615 * SIDE, cell[3][3] = {{a, 0, 0}, {0, a, 0}, {0, 0, a}};
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    check(nbl_cell_list_create(&list, NULL), "cell list");
    check(nbl_result_create(&result, NULL), "result");

    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    build.positions_dtype = NBL_FLOAT32;
    nbl_search_options half = NBL_SEARCH_OPTIONS_INIT;
    half.flags = NBL_HALF; /* each pair once: enough for a pair potential */

    void *vectors = NULL, *table = NULL;
    int64_t vectors_capacity = 0, table_capacity = 0;
    static int32_t counts[N];
    for (int step = 0; step < STEPS; step++) {
        move(step);

        /* Built for the larger cutoff, searched with both. pbc = NULL: periodic where there is a cell. */
        check(nbl_cell_list_build(list, N, positions, cell, NULL, 5.0, &build), nbl_cell_list_message(list));

        /* Short range, half list: vectors in single precision, summed up as a force field would. */
        check(nbl_cell_list_search(list, 3.0, &half, result), nbl_result_message(result));
        const int64_t m = nbl_result_n_pairs(result, 0);
        nbl_outputs pairs = NBL_OUTPUTS_INIT;
        pairs.pair_capacity = m;
        pairs.real_dtype = NBL_FLOAT32;
        pairs.vectors = room(&vectors, &vectors_capacity, m, 3 * sizeof(float));
        check(nbl_result_fetch(result, 0, &pairs), nbl_result_message(result));
        double energy = 0;
        for (int64_t e = 0; e < m; e++) {
            const float *d = (const float *)vectors + 3 * e;
            const double r = sqrt((double)d[0] * d[0] + (double)d[1] * d[1] + (double)d[2] * d[2]);
            energy += exp(-2 * (r - 2.556)) - 2 * exp(-(r - 2.556));
        }

        /* Long range, full list, dense: one row of equal width per atom, the rest filled with -1. */
        check(nbl_cell_list_search(list, 5.0, NULL, result), nbl_result_message(result));
        const int64_t width = nbl_result_max_count(result, 0);
        nbl_outputs dense = NBL_OUTPUTS_INIT;
        dense.layout = NBL_LAYOUT_DENSE;
        dense.index_dtype = NBL_INT32;
        dense.offset_dtype = NBL_INT32;
        dense.row_capacity = N;
        dense.dense_width = width;
        dense.dense_fill = -1;
        dense.j = room(&table, &table_capacity, N * width, sizeof(int32_t));
        dense.counts = counts;
        check(nbl_result_fetch(result, 0, &dense), nbl_result_message(result));
        int64_t filled = 0;
        for (int64_t entry = 0; entry < N * width; entry++)
            filled += ((const int32_t *)table)[entry] >= 0;

        printf("step %d: %lld pairs within 3, energy %.2f; %lld neighbours within 5, at most %lld, atom 0 has "
               "%d\n",
               step, (long long)m, energy, (long long)filled, (long long)width, (int)counts[0]);
    }
    free(vectors);
    free(table);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return 0;
}
