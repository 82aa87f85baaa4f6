/* SPDX-License-Identifier: MIT */
/*
 * scale pairs    more than 2^31 pairs in one list: counts, offsets and every row of j are right
 * scale atoms    ten million atoms: the same, and the memory that it took
 *
 * Simple cubic lattices of unit edge, whose neighbours can be enumerated. Not among the ordinary tests, for
 * they need some 12 GiB and some minutes: tests/scale/run.sh runs them.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <nblist/nblist.h>

#define REQUIRE(condition)                                                                                     \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                          \
            exit(1);                                                                                           \
        }                                                                                                      \
    } while (0)

struct lattice {
    int64_t edge, n; /* atoms along an axis, and in all */
    double cutoff;
    int64_t reach, count; /* neighbours of each atom */
    double *r;
    uint8_t *seen; /* [n] */
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_gib(void)
{
    struct rusage usage;
    REQUIRE(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)usage.ru_maxrss / 1024 / 1024;
}

static int is_near(const struct lattice *l, int64_t x, int64_t y, int64_t z)
{
    const double d2 = (double)(x * x + y * y + z * z);
    return d2 > 0 && d2 < l->cutoff * l->cutoff;
}

/* All images are different atoms: the edge is more than twice the cutoff. */
static void make(struct lattice *l, int64_t edge, double cutoff)
{
    l->edge = edge;
    l->n = edge * edge * edge;
    l->cutoff = cutoff;
    l->reach = (int64_t)cutoff + 1;
    l->count = 0;
    REQUIRE(2 * l->reach < edge);
    for (int64_t x = -l->reach; x <= l->reach; x++)
        for (int64_t y = -l->reach; y <= l->reach; y++)
            for (int64_t z = -l->reach; z <= l->reach; z++)
                l->count += is_near(l, x, y, z);
    l->r = malloc((size_t)l->n * 3 * sizeof *l->r);
    l->seen = calloc((size_t)l->n, 1);
    REQUIRE(l->r && l->seen);
    for (int64_t i = 0; i < l->n; i++) {
        l->r[3 * i] = (double)(i / (edge * edge));
        l->r[3 * i + 1] = (double)(i / edge % edge);
        l->r[3 * i + 2] = (double)(i % edge);
    }
}

/* The way from a to b along an axis, by the nearest image. */
static int64_t way(int64_t a, int64_t b, int64_t edge)
{
    const int64_t d = b - a;
    return 2 * d > edge ? d - edge : 2 * d < -edge ? d + edge : d;
}

/* The row has as many atoms as it must, each near, and none twice. */
static void check_row(struct lattice *l, int64_t i, const int32_t *j, int64_t count)
{
    const int64_t e = l->edge;
    REQUIRE(count == l->count);
    for (int64_t k = 0; k < count; k++) {
        const int64_t a = j[k];
        REQUIRE(a >= 0 && a < l->n && !l->seen[a]);
        l->seen[a] = 1;
        REQUIRE(
            is_near(l, way(i / (e * e), a / (e * e), e), way(i / e % e, a / e % e, e), way(i % e, a % e, e)));
    }
    for (int64_t k = 0; k < count; k++)
        l->seen[j[k]] = 0;
}

static void run(struct lattice *l, int32_t mode, const char *name)
{
    const double h[9] = {(double)l->edge, 0, 0, 0, (double)l->edge, 0, 0, 0, (double)l->edge};
    const double before = peak_gib(), start = seconds();
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    nbl_outputs out = NBL_OUTPUTS_INIT;
    options.mode = mode;
    REQUIRE(nbl_cell_list_create(&list, NULL) == NBL_OK && nbl_result_create(&result, NULL) == NBL_OK);
    REQUIRE(nbl_cell_list_build(list, l->n, l->r, h, NULL, l->cutoff, NULL) == NBL_OK);
    REQUIRE(nbl_cell_list_search(list, l->cutoff, &options, result) == NBL_OK);
    const int64_t m = nbl_result_n_pairs(result, 0);
    REQUIRE(m == l->n * l->count && nbl_result_max_count(result, 0) == l->count);
    const double searched = seconds(), held = peak_gib();

    int64_t *row_ptr = malloc((size_t)(l->n + 1) * sizeof *row_ptr);
    int32_t *j = malloc((size_t)m * sizeof *j);
    REQUIRE(row_ptr && j);
    out.pair_capacity = m;
    out.row_capacity = l->n;
    out.index_dtype = NBL_INT32;
    out.offset_dtype = NBL_INT32;
    out.j = j;
    out.row_ptr = row_ptr;
    if (m > INT32_MAX) /* offsets do not fit, and nothing may be written */
        REQUIRE(nbl_result_fetch(result, 0, &out) == NBL_ENARROW);
    out.offset_dtype = NBL_INT64;
    REQUIRE(nbl_result_fetch(result, 0, &out) == NBL_OK);
    const double fetched = seconds();

    REQUIRE(row_ptr[0] == 0 && row_ptr[l->n] == m);
    for (int64_t i = 0; i < l->n; i++)
        check_row(l, i, j + row_ptr[i], row_ptr[i + 1] - row_ptr[i]);
    printf(
        "%s: %lld atoms, %lld pairs, all right; build and search %.1f s, fetch %.1f s; %.2f GiB for them, %.2f "
        "GiB with inputs and outputs\n",
        name, (long long)l->n, (long long)m, searched - start, fetched - searched, held - before, peak_gib());
    free(row_ptr);
    free(j);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
}

int main(int argc, char **argv)
{
    struct lattice l = {0, 0, 0, 0, 0, NULL, NULL};
    if (argc == 2 && strcmp(argv[1], "pairs") == 0) {
        make(&l, 47, 17.3);
        REQUIRE(l.n * l.count > INT32_MAX);
        run(&l, NBL_MODE_COUNTS, "pairs");
    } else if (argc == 2 && strcmp(argv[1], "atoms") == 0) {
        make(&l, 216, 2.3);
        run(&l, NBL_MODE_PAIRS, "atoms");
    } else {
        fputs("usage: scale pairs|atoms\n", stderr);
        return 2;
    }
    free(l.r);
    free(l.seen);
    return 0;
}
