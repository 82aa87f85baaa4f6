/* SPDX-License-Identifier: MIT */
/*
 * The one call: positions, cell and cutoff in; pairs in your own arrays out.
 *
 *     cc neighbors.c $(pkg-config --cflags --libs nblist) -o neighbors
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/nblist.h>

int main(void)
{
    /* Silicon: eight atoms in a cubic cell of 5.43 Angstrom. Rows of the cell are the lattice vectors. */
    const double a = 5.43;
    const double cell[3][3] = {{a, 0, 0}, {0, a, 0}, {0, 0, a}};
    const uint8_t pbc[3] = {1, 1, 1};
    const double sites[8][3] = {{0, 0, 0}, {0, 2, 2}, {2, 0, 2}, {2, 2, 0},
                                {1, 1, 1}, {1, 3, 3}, {3, 1, 3}, {3, 3, 1}};
    double positions[8][3];
    for (int atom = 0; atom < 8; atom++)
        for (int k = 0; k < 3; k++)
            positions[atom][k] = sites[atom][k] * a / 4;

    nbl_search_options search = NBL_SEARCH_OPTIONS_INIT;
    search.flags = NBL_SORTED; /* rows by j, then shift: a defined order to print */

    /* Without outputs the call only counts, and the count is exact: allocate just what is needed. */
    char message[200];
    int64_t m = 0;
    if (nbl_neighbors(8, positions, cell, pbc, 2.5, NULL, &search, NULL, &m, message, sizeof message) !=
        NBL_OK) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }

    /* Ask for what you use, and leave the other pointers NULL. */
    int64_t *i = malloc((size_t)m * sizeof *i), *j = malloc((size_t)m * sizeof *j);
    int32_t(*s)[3] = malloc((size_t)m * sizeof *s);
    double *distance = malloc((size_t)m * sizeof *distance);
    if (!i || !j || !s || !distance)
        return 1;
    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.pair_capacity = m;
    out.i = i;
    out.j = j;
    out.shifts = s;
    out.distances = distance;
    if (nbl_neighbors(8, positions, cell, pbc, 2.5, NULL, &search, &out, &m, message, sizeof message) !=
        NBL_OK) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }

    /* The pair (i, j, s) is atom i and the copy of atom j that lies s lattice vectors away. */
    printf("%" PRId64 " pairs within 2.5 Angstrom\n", m);
    for (int64_t e = 0; e < m && i[e] < 2; e++)
        printf("%" PRId64 " -> %" PRId64 "  shift %2d %2d %2d  distance %.5f\n", i[e], j[e], (int)s[e][0],
               (int)s[e][1], (int)s[e][2], distance[e]);

    /* All images count, however large the cutoff is against the cell. */
    for (int rc = 6; rc <= 14; rc += 8) {
        if (nbl_neighbors(8, positions, cell, pbc, rc, NULL, NULL, NULL, &m, message, sizeof message) !=
            NBL_OK) {
            fprintf(stderr, "%s\n", message);
            return 1;
        }
        printf("%" PRId64 " pairs within %d Angstrom\n", m, rc);
    }
    free(i);
    free(j);
    free(s);
    free(distance);
    return 0;
}
