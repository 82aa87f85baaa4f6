/* SPDX-License-Identifier: MIT */
#include "metrics/cna.h"

#include <math.h>
#include <nblist/metrics.h>
#include <stdlib.h>

#include "check.h"
#include "rows.h"
#include "scale.h"

static struct made_row made;

/* All lattice points within `reach` of one of them (an atom), nearest distance 1; icosahedral: three shells. */
static int32_t cluster(enum crystal crystal, double reach, double (*points)[3])
{
    static const double fcc[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
    static const double hcp[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 5 / 6.0, 0.5}, {0, 1 / 3.0, 0.5}};
    static const double bcc[2][3] = {{0, 0, 0}, {0.5, 0.5, 0.5}};
    const double a = crystal == FCC ? sqrt(2.0) : crystal == BCC ? 2 / sqrt(3.0) : 1;
    const double edges[3] = {a, crystal == HCP ? sqrt(3.0) : a, crystal == HCP ? sqrt(8 / 3.0) : a};
    const double(*basis)[3] = crystal == FCC ? fcc : crystal == HCP ? hcp : bcc;
    const int n_basis = crystal == BCC ? 2 : crystal == SC ? 1 : 4;
    int32_t n = 0;
    if (crystal == ICOSAHEDRON) {
        n = crystal_vectors(ICOSAHEDRON, points);
        for (int32_t e = 0; e < 12; e++, n++) /* Mackay's second shell: corners */
            for (int c = 0; c < 3; c++)
                points[n][c] = 2 * points[e][c];
        return n;
    }
    for (int x = -3; x <= 3; x++)
        for (int y = -3; y <= 3; y++)
            for (int z = -3; z <= 3; z++)
                for (int b = 0; b < n_basis; b++) {
                    double v[3] = {(x + basis[b][0]) * edges[0], (y + basis[b][1]) * edges[1],
                                   (z + basis[b][2]) * edges[2]};
                    double d = sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
                    if (d > 0.1 && d <= reach && n < LONGEST)
                        memcpy(points[n++], v, sizeof v);
                }
    return n;
}

static const struct {
    enum crystal crystal;
    double cutoff; /* half-way between the shells */
    int class;
} perfect[] = {
    {FCC, 1.2, NBL_CNA_FCC},
    {HCP, 1.2, NBL_CNA_HCP},
    {BCC, 1.4, NBL_CNA_BCC}, /* shells at 1, 1.155 and 1.633 */
    {ICOSAHEDRON, 1.3, NBL_CNA_ICOSAHEDRAL},
    {SC, 1.2, NBL_CNA_OTHER},
};
enum { N_PERFECT = sizeof perfect / sizeof *perfect };

static void shuffle(struct random *g, int32_t k, double (*vectors)[3])
{
    for (int32_t e = k - 1; e > 0; e--) {
        double v[3];
        const int64_t other = random_int(g, 0, e);
        memcpy(v, vectors[e], sizeof v);
        memcpy(vectors[e], vectors[other], sizeof v);
        memcpy(vectors[other], v, sizeof v);
    }
}

static void resize(int32_t k, double (*vectors)[3], double scale)
{
    for (int32_t e = 0; e < k; e++)
        for (int c = 0; c < 3; c++)
            vectors[e][c] *= scale;
}

/* In any orientation and order, of any size, with more neighbours than needed for the adaptive kind. */
static void perfect_crystals(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 1);
    for (int round = 0; round < 50; round++)
        for (int p = 0; p < N_PERFECT; p++) {
            double vectors[LONGEST][3], m[3][3];
            const double scale = random_range(&g, 0.1, 10);
            random_rotation(&g, m);
            int32_t k = cluster(perfect[p].crystal, perfect[p].cutoff, vectors), inside = 0;
            for (int32_t e = 0; e < k; e++) { /* the icosahedron brings a second shell */
                double d = hypot(hypot(vectors[e][0], vectors[e][1]), vectors[e][2]);
                if (d <= perfect[p].cutoff)
                    memmove(vectors[inside++], vectors[e], sizeof vectors[e]);
            }
            rotate(m, inside, vectors);
            shuffle(&g, inside, vectors);
            resize(inside, vectors, scale);
            row_make(&made, inside, vectors, perfect[p].cutoff * scale);
            check_int(nbl__cna_fixed(&made.row), perfect[p].class);
            check_int(nbl__cna_adaptive(&made.row), perfect[p].class);
            k = cluster(perfect[p].crystal, random_range(&g, 1.7, 2.2), vectors);
            rotate(m, k, vectors);
            shuffle(&g, k, vectors);
            resize(k, vectors, scale);
            row_make(&made, k, vectors, 5 * scale);
            check_int(nbl__cna_adaptive(&made.row), perfect[p].class);
            check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
        }
}

/* Nearly normal, variance 1. */
static double bell(struct random *g)
{
    double sum = -6;
    for (int k = 0; k < 12; k++)
        sum += random_unit(g);
    return sum;
}

/* Each coordinate of each atom, the middle one too, is off by a standard deviation of 2 % of the nearest
   distance. */
static void noise(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 2);
    const int64_t rounds = scale_count(2000, 100);
    for (int64_t round = 0; round < rounds; round++)
        for (int p = 0; p < N_PERFECT; p++) {
            double vectors[LONGEST][3], middle[3];
            const int32_t k = cluster(perfect[p].crystal, 2.1, vectors);
            for (int c = 0; c < 3; c++)
                middle[c] = 0.02 * bell(&g);
            for (int32_t e = 0; e < k; e++)
                for (int c = 0; c < 3; c++)
                    vectors[e][c] += 0.02 * bell(&g) - middle[c];
            shuffle(&g, k, vectors);
            row_make(&made, k, vectors, 3);
            check_int(nbl__cna_adaptive(&made.row), perfect[p].class);
        }
}

/* Too few neighbours, one that is missing, one too many, one that is elsewhere. */
static void other(void **state)
{
    (void)state;
    struct random g;
    random_seed(&g, 3);
    double vectors[LONGEST][3];
    for (int32_t k = 0; k < 12; k++) {
        cluster(FCC, 1.2, vectors);
        row_make(&made, k, vectors, 1.2);
        check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
        check_int(nbl__cna_adaptive(&made.row), NBL_CNA_OTHER);
    }
    for (int p = 0; p < 3; p++) {
        int32_t k = cluster(perfect[p].crystal, perfect[p].cutoff, vectors);
        for (int c = 0; c < 3; c++)
            vectors[0][c] *= -0.8;
        row_make(&made, k, vectors, perfect[p].cutoff);
        check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
        check_int(nbl__cna_adaptive(&made.row), NBL_CNA_OTHER);
        vectors[k][0] = vectors[k][1] = vectors[k][2] = 0.4;
        row_make(&made, k + 1, vectors, perfect[p].cutoff);
        check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
    }
    for (int round = 0; round < 200; round++) {
        row_random(&made, &g, 12 + 2 * (round % 2));
        check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
        check_int(nbl__cna_adaptive(&made.row), NBL_CNA_OTHER);
    }
    memset(vectors, 0, sizeof vectors); /* all at one place */
    for (int e = 0; e < 14; e++)
        vectors[e][0] = 1;
    for (int32_t k = 12; k <= 14; k++) {
        row_make(&made, k, vectors, 1);
        check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
        check_int(nbl__cna_adaptive(&made.row), NBL_CNA_OTHER);
    }
}

/* The bonds of the fixed kind are edges: at a cutoff of exactly the nearest distance there are all of them, one
   ulp below none. */
static void at_the_cutoff(void **state)
{
    (void)state;
    double vectors[LONGEST][3];
    int32_t k = 0;
    for (int x = -1; x <= 1; x++)
        for (int y = -1; y <= 1; y++)
            for (int z = -1; z <= 1; z++)
                if (abs(x) + abs(y) + abs(z) == 2) {
                    vectors[k][0] = x, vectors[k][1] = y, vectors[k][2] = z;
                    k++;
                }
    row_make(&made, k, vectors, sqrt(2.0));
    check_int(nbl__cna_fixed(&made.row), NBL_CNA_FCC);
    row_make(&made, k, vectors, nextafter(sqrt(2.0), 0));
    check_int(nbl__cna_fixed(&made.row), NBL_CNA_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(perfect_crystals),
        cmocka_unit_test(noise),
        cmocka_unit_test(other),
        cmocka_unit_test(at_the_cutoff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
