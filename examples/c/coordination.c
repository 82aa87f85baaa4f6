/* SPDX-License-Identifier: MIT */
/*
 * Coordination numbers on a surface: a slab that is periodic in the plane and open across it, with the row
 * pointer as output. The lattice vector of an open axis is never read, so it may be anything; here zero.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

enum { SIDE = 4, LAYERS = 4, N = 2 * SIDE * SIDE * LAYERS };

int main(void)
{
    /* Aluminium, (001) surface: square layers of two atoms per cubic cell, a/2 apart, every second shifted. */
    const double a = 4.0495;
    const double cell[3][3] = {{SIDE * a, 0, 0}, {0, SIDE * a, 0}, {0, 0, 0}};
    const uint8_t pbc[3] = {1, 1, 0};
    double positions[N][3];
    int n = 0;
    for (int z = 0; z < LAYERS; z++)
        for (int y = 0; y < 2 * SIDE; y++)
            for (int x = (y + z) % 2; x < 2 * SIDE; x += 2, n++) {
                positions[n][0] = x * a / 2;
                positions[n][1] = y * a / 2;
                positions[n][2] = z * a / 2;
            }

    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    if (nbl_cell_list_create(&list, NULL) != NBL_OK || nbl_result_create(&result, NULL) != NBL_OK)
        return 1;

    /* Between the first shell, a/sqrt(2) = 2.86, and the second, a = 4.05. */
    if (nbl_cell_list_build(list, N, positions, cell, pbc, 3.4, NULL) != NBL_OK) {
        fprintf(stderr, "%s\n", nbl_cell_list_message(list));
        return 1;
    }
    if (nbl_cell_list_search(list, 3.4, NULL, result) != NBL_OK) {
        fprintf(stderr, "%s\n", nbl_result_message(result));
        return 1;
    }

    /* The pairs of atom i are entries row[i] ... row[i + 1] - 1 of every output with one entry per pair. */
    int64_t row[N + 1];
    int64_t *j = malloc((size_t)nbl_result_n_pairs(result, 0) * sizeof *j);
    if (j == NULL)
        return 1;
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.pair_capacity = nbl_result_n_pairs(result, 0);
    out.row_capacity = N;
    out.j = j;
    out.row_ptr = row;
    if (nbl_result_fetch(result, 0, &out) != NBL_OK) {
        fprintf(stderr, "%s\n", nbl_result_message(result));
        return 1;
    }

    for (int layer = 0; layer < LAYERS; layer++) {
        const int per_layer = N / LAYERS;
        int64_t up = 0, within = 0, down = 0;
        for (int i = layer * per_layer; i < (layer + 1) * per_layer; i++)
            for (int64_t e = row[i]; e < row[i + 1]; e++) {
                const int64_t other = j[e] / per_layer;
                up += other > layer;
                within += other == layer;
                down += other < layer;
            }
        printf("layer %d: coordination %2d = %d below + %d within + %d above\n", layer,
               (int)((down + within + up) / per_layer), (int)(down / per_layer), (int)(within / per_layer),
               (int)(up / per_layer));
    }
    free(j);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return 0;
}
