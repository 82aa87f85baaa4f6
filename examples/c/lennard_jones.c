/* SPDX-License-Identifier: MIT */
/*
 * Lennard-Jones energy, forces and coordination numbers without a list: nbl_cell_list_visit() hands each
 * atom's complete row to a function of yours, from several threads, and nothing is stored.
 *
 * Order of reduction. A row always has the same pairs in the same order, so what is summed over one row has
 * the same bits for every number of threads. Each row adds only to the entries of its own atom: no locks,
 * no arrays per thread. The energies of the atoms are then summed in the order of the atoms. So the total has
 * the same bits for 1 thread and for 16, and those of a stored list that is read row by row, as the end of
 * this program checks. (Sums in the order in which threads finish would differ in the last digits; sums of
 * integers would not: for those, one accumulator for each rows->thread is as good.)
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

enum { SIDE = 6, SITES = 4 * SIDE * SIDE * SIDE, VACANT = 8, N = SITES - VACANT };

static const double cutoffs[2] = {1.5, 2.5}; /* first coordination shell; potential. In units of sigma */

/* One entry per atom. */
struct field {
    double energy[N];
    double force[N][3];
    int32_t coordination[N];
};

/* The terms of atom i: half the energy of its pairs, 4 (r^-12 - r^-6), and the whole force on it. */
static void row_terms(struct field *field, int64_t i, int64_t count, const double *d)
{
    double energy = 0, force[3] = {0, 0, 0};
    for (int64_t e = 0; e < count; e++, d += 3) {
        const double inverse2 = 1 / (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        const double inverse6 = inverse2 * inverse2 * inverse2;
        const double pull = 24 * inverse2 * inverse6 * (1 - 2 * inverse6);
        energy += 2 * inverse6 * (inverse6 - 1);
        for (int k = 0; k < 3; k++)
            force[k] += pull * d[k];
    }
    field->energy[i] = energy;
    memcpy(field->force[i], force, sizeof force);
}

/* Called with some rows at a time, by several threads at once. The arrays are gone after the call. */
static int visit(void *user, const nbl_rows *rows)
{
    struct field *field = user;
    for (int32_t k = 0; k < rows->n_rows; k++) {
        const int64_t first = rows->row_ptr[k], end = rows->row_ptr[k + 1];
        row_terms(field, rows->i[k], end - first, rows->vectors + 3 * first);
        int32_t near = 0;
        for (int64_t e = first; e < end; e++)
            near += rows->shells[e] == 0; /* the pair is within cutoffs[0] */
        field->coordination[rows->i[k]] = near;
    }
    return 0; /* anything else would stop the visit */
}

static double total(const struct field *field)
{
    double sum = 0;
    for (int atom = 0; atom < N; atom++)
        sum += field->energy[atom];
    return sum;
}

static void check(nbl_status status, const char *message)
{
    if (status == NBL_OK)
        return;
    fprintf(stderr, "%s: %s\n", nbl_status_name(status), message);
    exit(1);
}

/* The same from a stored list. */
static void from_list(struct field *field, const nbl_cell_list *list, nbl_result *result)
{
    check(nbl_cell_list_search_multi(list, 2, cutoffs, NULL, result), nbl_result_message(result));
    const int64_t m = nbl_result_n_pairs(result, 1);
    double *vectors = malloc((size_t)m * 3 * sizeof *vectors);
    static int64_t row[N + 1];
    if (vectors == NULL)
        exit(1);

    nbl_outputs out = NBL_OUTPUTS_INIT;
    out.offset_dtype = NBL_INT32;
    out.row_capacity = N;
    out.counts = field->coordination;
    check(nbl_result_fetch(result, 0, &out), nbl_result_message(result));

    out = (nbl_outputs)NBL_OUTPUTS_INIT;
    out.pair_capacity = m;
    out.row_capacity = N;
    out.vectors = vectors;
    out.row_ptr = row;
    check(nbl_result_fetch(result, 1, &out), nbl_result_message(result));
    for (int atom = 0; atom < N; atom++)
        row_terms(field, atom, row[atom + 1] - row[atom], vectors + 3 * row[atom]);
    free(vectors);
}

static void report(const struct field *field)
{
    double sum[3] = {0, 0, 0}, largest = 0;
    int shells[32] = {0};
    for (int atom = 0; atom < N; atom++) {
        for (int k = 0; k < 3; k++) {
            sum[k] += field->force[atom][k];
            largest = fmax(largest, fabs(field->force[atom][k]));
        }
        shells[field->coordination[atom] & 31]++;
    }
    printf("%d atoms, energy per atom %.6f, largest force component %.4f\n", N, total(field) / N, largest);
    printf("forces sum to zero within rounding: %s\n",
           fmax(fabs(sum[0]), fmax(fabs(sum[1]), fabs(sum[2]))) < N * 1e-15 * largest ? "yes" : "no");
    for (int c = 0; c < 32; c++)
        if (shells[c] > 0)
            printf("%4d atoms with coordination %d\n", shells[c], c);
}

int main(void)
{
    /* A hot crystal: face-centred cubic, some sites vacant, each atom off its site by a fixed pattern. */
    static const double site[4][3] = {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}};
    const double a = 1.68, side = SIDE * a;
    const double cell[3][3] = {{side, 0, 0}, {0, side, 0}, {0, 0, side}};
    static double positions[N][3];
    int n = 0;
    for (int at = 0; at < SITES; at++) {
        const int box[3] = {at / 4 % SIDE, at / 4 / SIDE % SIDE, at / 4 / SIDE / SIDE};
        if (at % (SITES / VACANT) == 5)
            continue;
        for (int k = 0; k < 3; k++)
            positions[n][k] = a * (box[k] + site[at % 4][k]) + 0.07 * sin(at * (1.7 + k));
        n++;
    }

    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    check(nbl_cell_list_create(&list, NULL), "cell list");
    check(nbl_result_create(&result, NULL), "result");
    check(nbl_cell_list_build(list, N, positions, cell, NULL, 2.5, NULL), nbl_cell_list_message(list));

    static struct field stored, visited;
    from_list(&stored, list, result);
    report(&stored);

    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.fields = NBL_ROW_VECTORS | NBL_ROW_SHELLS; /* what is not asked for is not made */
    static const int32_t threads[] = {1, 2, 3, 7};
    for (int t = 0; t < 4; t++) {
        memset(&visited, 0xff, sizeof visited);
        options.n_threads = threads[t];
        check(nbl_cell_list_visit(list, 2, cutoffs, &options, result, visit, &visited),
              nbl_result_message(result));
        const double difference = total(&visited) - total(&stored);
        const int same = memcmp(&visited, &stored, sizeof stored) == 0;
        printf("%" PRId32 " threads, without a list: energy differs by %g, all entries: %s\n", threads[t],
               difference, same ? "same bits" : "different");
    }
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
    return 0;
}
