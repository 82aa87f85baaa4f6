/* SPDX-License-Identifier: MIT */
/*
 * How disordered is it? Copper in its crystal, nearly at rest and much displaced, and as many atoms anywhere in
 * the same cell: all metrics of the three structures from one call, and what their atoms look like by
 * common-neighbour analysis. Link with -lnblist-metrics (pkg-config nblist-metrics).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <nblist/metrics.h>

enum { SIDE = 5, N = 4 * SIDE * SIDE * SIDE, STRUCTURES = 3 };

static const double a = 3.615;

/* At least 0, less than 1, and the same on every machine. */
static double draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 32) / 4294967296.0;
}

static void make_crystal(double (*r)[3], double reach, uint64_t *state)
{
    static const double basis[4][3] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
    for (int n = 0; n < N; n++) {
        const int cube = n / 4, place[3] = {cube % SIDE, cube / SIDE % SIDE, cube / SIDE / SIDE};
        for (int k = 0; k < 3; k++)
            r[n][k] = a * (place[k] + basis[n % 4][k]) + reach * (2 * draw(state) - 1);
    }
}

static void make_gas(double (*r)[3], uint64_t *state)
{
    for (int n = 0; n < N; n++)
        for (int k = 0; k < 3; k++)
            r[n][k] = SIDE * a * draw(state);
}

static void print_values(const double values[STRUCTURES][NBL_METRICS_COUNT])
{
    printf("%-22s %9s %9s %9s\n", "", "cold", "warm", "random");
    for (int32_t metric = 0; metric < NBL_METRICS_COUNT; metric++) {
        printf("%-22s", nbl_metric_name(metric));
        for (int k = 0; k < STRUCTURES; k++)
            printf(" %9.4f", values[k][metric] + 0.0);
        printf("\n");
    }
}

static void print_classes(const uint8_t *fixed, const uint8_t *adaptive)
{
    static const char *const names[] = {[NBL_CNA_OTHER] = "other",
                                        [NBL_CNA_FCC] = "fcc",
                                        [NBL_CNA_HCP] = "hcp",
                                        [NBL_CNA_BCC] = "bcc",
                                        [NBL_CNA_ICOSAHEDRAL] = "icosahedral"};
    int counts[2][STRUCTURES][5] = {{{0}}};
    for (int n = 0; n < STRUCTURES * N; n++) {
        counts[0][n / N][fixed[n]]++;
        counts[1][n / N][adaptive[n]]++;
    }
    for (int way = 0; way < 2; way++) {
        printf("\natoms by their common neighbours, %s cutoff\n", way == 0 ? "one" : "an adaptive");
        for (int c = 0; c < 5; c++)
            printf("%-22s %9d %9d %9d\n", names[c], counts[way][0][c], counts[way][1][c], counts[way][2][c]);
    }
}

int main(void)
{
    static double positions[STRUCTURES][N][3];
    static int32_t numbers[STRUCTURES * N];
    const int64_t ptr[STRUCTURES + 1] = {0, N, 2 * N, 3 * N};
    const double cell[3][3] = {{SIDE * a, 0, 0}, {0, SIDE * a, 0}, {0, 0, SIDE * a}};
    const uint8_t pbc[3] = {1, 1, 1};
    uint64_t state = 1;
    /* Not quite at rest: in a perfect crystal angles lie on the edges of bins, and rounding decides. */
    make_crystal(positions[0], 0.01, &state);
    make_crystal(positions[1], 0.3, &state);
    make_gas(positions[2], &state);
    for (int n = 0; n < STRUCTURES * N; n++)
        numbers[n] = 29;

    nbl_batch_input in = NBL_BATCH_INPUT_INIT;
    in.n_systems = STRUCTURES;
    in.n_atoms = STRUCTURES * N;
    in.positions = positions;
    in.ptr = ptr;
    in.cells = cell; /* one for all */
    in.n_cells = 1;
    in.pbc = pbc;
    in.n_pbc = 1;

    /* Between the first shell, a/sqrt(2) = 2.56, and the second, a = 3.62. */
    const double cutoff = 3.1;
    nbl_metrics_options options = NBL_METRICS_OPTIONS_INIT;
    options.cutoffs = &cutoff;
    options.n_cutoffs = 1;

    static double values[STRUCTURES][NBL_METRICS_COUNT];
    static uint8_t fixed[STRUCTURES * N], adaptive[STRUCTURES * N];
    nbl_metrics_outputs out = NBL_METRICS_OUTPUTS_INIT; /* all seventeen */
    out.system_capacity = STRUCTURES;
    out.values = values[0];
    out.atom_capacity = STRUCTURES * N;
    out.cna = fixed;
    out.cna_adaptive = adaptive;

    nbl_metrics *metrics = NULL;
    if (nbl_metrics_create(&metrics, NULL) != NBL_OK)
        return 1;
    nbl_status status = nbl_metrics_compute_batch(metrics, &in, numbers, &options, &out, NULL);
    if (status != NBL_OK) {
        fprintf(stderr, "%s: %s\n", nbl_status_name(status), nbl_metrics_message(metrics));
        nbl_metrics_destroy(&metrics);
        return 1;
    }
    print_values((const double(*)[NBL_METRICS_COUNT])values);
    print_classes(fixed, adaptive);
    nbl_metrics_destroy(&metrics);
    return 0;
}
