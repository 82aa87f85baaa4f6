/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "lists.h"

static void add_pair(struct nbl__cli_histogram *histogram, double distance, int64_t weight)
{
    size_t shell = (size_t)(distance / histogram->cutoff * CLI_N_SHELLS);
    /* A distance just below the cutoff, or at it in an inclusive list, may round to the end. */
    histogram->shells[shell < CLI_N_SHELLS ? shell : CLI_N_SHELLS - 1] += weight;
}

void nbl__cli_stats_compute(struct nbl__cli_stats *stats, const struct nbl__cli_list *list, int64_t *neighbours,
                            struct nbl__cli_histogram *histogram)
{
    const bool half = (list->flags & NBL_HALF) != 0;
    *stats = (struct nbl__cli_stats){.n_atoms = list->n_atoms, .n_pairs = list->n_pairs, .shortest = INFINITY};
    for (int64_t i = 0; i < list->n_atoms; i++)
        neighbours[i] = list->row_ptr[i + 1] - list->row_ptr[i];
    int64_t e = 0;
    for (int64_t i = 0; i < list->n_atoms; i++) {
        /* The identity is one entry at distance 0 in each row; further ones are coincident atoms. */
        bool identity = (list->flags & NBL_SELF) != 0;
        for (const int64_t end = list->row_ptr[i + 1] - list->row_ptr[0]; e < end; e++) {
            double d = list->distances[e];
            if (identity && d <= 0 && (!half || list->j[e] == i)) {
                identity = false;
                continue;
            }
            if (d < stats->shortest)
                stats->shortest = d;
            if (half)
                neighbours[list->j[e]]++;
            if (histogram)
                add_pair(histogram, d, half ? 2 : 1);
        }
    }
    for (int64_t i = 0; i < list->n_atoms; i++) {
        int64_t count = neighbours[i];
        stats->n_neighbours += count;
        if (i == 0 || count < stats->min)
            stats->min = count;
        if (count > stats->max)
            stats->max = count;
    }
}

static double volume(const double *h)
{
    return fabs(h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) +
                h[2] * (h[3] * h[7] - h[4] * h[6]));
}

/* Room for atoms with up to `most` neighbours. */
static bool reserve(struct nbl__cli_histogram *histogram, int64_t most)
{
    const size_t needed = (size_t)most + 1;
    if (needed <= histogram->n_coordination)
        return true;
    int64_t *larger = realloc(histogram->coordination, needed * sizeof *larger);
    if (!larger)
        return false;
    memset(larger + histogram->n_coordination, 0, (needed - histogram->n_coordination) * sizeof *larger);
    histogram->coordination = larger;
    histogram->n_coordination = needed;
    return true;
}

bool nbl__cli_histogram_add_frame(struct nbl__cli_histogram *histogram,
                                  const struct nbl__cli_histogram_frame *frame)
{
    const uint8_t *pbc = frame->pbc;
    int64_t most = 0;
    for (int64_t i = 0; i < frame->n_atoms; i++)
        most = frame->neighbours[i] > most ? frame->neighbours[i] : most;
    if (!reserve(histogram, most))
        return false;
    for (int64_t i = 0; i < frame->n_atoms; i++)
        histogram->coordination[frame->neighbours[i]]++;
    histogram->n_frames++;
    histogram->n_atoms += frame->n_atoms;
    histogram->n_pairs += frame->n_pairs;
    if (frame->cell && pbc[0] && pbc[1] && pbc[2])
        histogram->norm += (double)frame->n_atoms * (double)frame->n_atoms / volume(frame->cell);
    else
        histogram->open = true;
    return true;
}

void nbl__cli_histogram_radial(const struct nbl__cli_histogram *histogram, int n_bins, double *values)
{
    const double third = 4.0 / 3.0 * 3.14159265358979323846;
    for (int k = 0; k < n_bins; k++) {
        int from = (int)((int64_t)k * CLI_N_SHELLS / n_bins),
            to = (int)((int64_t)(k + 1) * CLI_N_SHELLS / n_bins);
        int64_t count = 0;
        for (int s = from; s < to; s++)
            count += histogram->shells[s];
        if (histogram->open) {
            values[k] = 0.5 * (double)count;
            continue;
        }
        double r0 = histogram->cutoff * from / CLI_N_SHELLS, r1 = histogram->cutoff * to / CLI_N_SHELLS;
        double expected = histogram->norm * third * (r1 * r1 * r1 - r0 * r0 * r0);
        values[k] = expected > 0 ? (double)count / expected : 0;
    }
}

double nbl__cli_nice_step(double range, int most)
{
    double least = range / most;
    double power = pow(10.0, floor(log10(least)));
    static const double factors[] = {1, 2, 5, 10};
    for (int k = 0; k < 4; k++)
        /* The tolerance keeps a range such as 0.3 from losing its step to the rounding of 0.3 / 3. */
        if (factors[k] * power >= least * (1 - 1e-9))
            return factors[k] * power;
    return 10 * power;
}

void nbl__cli_histogram_groups(const struct nbl__cli_histogram *histogram, int max_groups,
                               struct nbl__cli_groups *groups)
{
    int64_t first = 0, last = (int64_t)histogram->n_coordination - 1;
    *groups = (struct nbl__cli_groups){.width = 1};
    if (max_groups > 64)
        max_groups = 64;
    while (first <= last && histogram->coordination[first] == 0)
        first++;
    if (first > last)
        return;
    if (last - first >= max_groups)
        /* One part is kept back for the first group, which starts at a multiple of the width. */
        groups->width = (int64_t)nbl__cli_nice_step((double)(last - first + 1), max_groups - 1);
    groups->first = first / groups->width * groups->width;
    groups->n = (int)((last - groups->first) / groups->width) + 1;
    for (int64_t k = first; k <= last; k++) {
        int64_t *atoms = &groups->atoms[(k - groups->first) / groups->width];
        *atoms += histogram->coordination[k];
        if (*atoms > groups->largest)
            groups->largest = *atoms;
    }
}

void nbl__cli_histogram_free(struct nbl__cli_histogram *histogram)
{
    free(histogram->coordination);
    histogram->coordination = NULL;
    histogram->n_coordination = 0;
}
