/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: one system decoded from the input, searched by brute force and by cells, held against what
 * must be true of every list. Any status is fine as long as both ways agree on it; a limit keeps each input
 * short, and where one is hit there is nothing to compare. What is left of the input makes further systems:
 * search_many.c takes them all as a batch.
 */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nblist/nblist.h>

#include "search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_PAIRS = 4000 };

/* A list in the caller's plainest form, sorted, so that equal lists are equal bytes. */
typedef struct pairs {
    nbl_status status;
    int64_t m;
    int64_t i[MAX_PAIRS], j[MAX_PAIRS], reverse[MAX_PAIRS];
    int32_t s[MAX_PAIRS][3];
    double d[MAX_PAIRS][3], distance[MAX_PAIRS];
    int64_t row_ptr[MAX_ATOMS + 1];
} pairs;

static pairs brute, cells, counted, half;

/* Mostly short dyadic numbers, where shells and faces are hit exactly; now and then any double at all. */
static double number(input *in)
{
    const unsigned kind = fuzz_byte(in);
    if (kind == 255) {
        uint64_t bits = 0;
        double value;
        for (int k = 0; k < 8; k++)
            bits = bits << 8 | fuzz_byte(in);
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    const int low = fuzz_byte(in), high = (int8_t)fuzz_byte(in);
    const double value = high * 256.0 + low;
    if (kind >= 240)
        return ldexp(value, (int)(kind - 240) * 4 - 32);
    return kind >= 128 ? value / 100 : ldexp(value, -9);
}

static void decode(input *in, system_in *out)
{
    memset(out, 0, sizeof *out);
    const unsigned head = fuzz_byte(in), tail = fuzz_byte(in);
    for (unsigned k = 0; k < 3; k++)
        out->pbc[k] = head >> k & 1;
    out->flags = (head & 8 ? NBL_INCLUSIVE : 0) | (head & 16 ? NBL_SELF : 0);
    out->n = tail % (MAX_ATOMS + 1);
    out->cutoff = head & 32 ? number(in) : 1.0 + (head >> 6);
    for (int row = 0; row < 3; row++) {
        for (int k = 0; k < 3; k++)
            out->cell[row][k] = number(in);
        if (tail & 128) /* a diagonal part makes usable cells more frequent than singular ones */
            out->cell[row][row] += 3;
    }
    for (int64_t atom = 0; atom < out->n; atom++)
        for (int k = 0; k < 3; k++)
            out->positions[atom][k] = number(in);
    /* The cutoff becomes a distance that occurs, or its neighbour: the hardest decision there is. */
    const unsigned snap = fuzz_byte(in);
    if (out->n > 1 && snap & 1) {
        const double *p = out->positions[0], *q = out->positions[1];
        const double x = q[0] - p[0], y = q[1] - p[1], z = q[2] - p[2];
        const double r = sqrt((x * x + y * y) + z * z);
        out->cutoff = snap & 2 ? nextafter(r, snap & 4 ? 0 : INFINITY) : r;
    }
}

static double norm_cross(const double a[3], const double b[3])
{
    const double x = a[1] * b[2] - a[2] * b[1], y = a[2] * b[0] - a[0] * b[2], z = a[0] * b[1] - a[1] * b[0];
    return sqrt(x * x + y * y + z * z);
}

static double length(const double a[3])
{
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

/* Of the parallelepiped, parallelogram or line that the periodic axes span. */
static double height_of(int n_axes, const double a[3], const double b[3], const double c[3])
{
    if (n_axes == 1)
        return length(a);
    if (n_axes == 2)
        return norm_cross(a, b) / length(b);
    return fabs(a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) +
                a[2] * (b[0] * c[1] - b[1] * c[0])) /
           norm_cross(b, c);
}

/*
 * Candidates that brute force has to look at: pairs of atoms times images in reach, where atoms far away are
 * seen with so much rounding that it reaches over many images of a slim cell. A cutoff of a million cells is
 * legal and takes as long as it takes, which teaches a fuzzer nothing.
 */
static double amount_of_work(const system_in *in)
{
    double axes[3][3], heights[3], images = 1, far = 0;
    int n_axes = 0;
    for (int k = 0; k < 3; k++)
        if (in->pbc[k])
            memcpy(axes[n_axes++], in->cell[k], sizeof axes[0]);
    for (int64_t atom = 0; atom < in->n; atom++)
        far = fmax(far, 2 * length(in->positions[atom]));
    if (far > 1e101) /* refused, which costs nothing */
        far = 0;
    double size = far;
    for (int k = 0; k < n_axes; k++) {
        heights[k] = height_of(n_axes, axes[k], axes[(k + 1) % n_axes], axes[(k + 2) % n_axes]);
        size += ((far + in->cutoff) / heights[k] + 2) * length(axes[k]);
    }
    for (int k = 0; k < n_axes; k++)
        images *= 2 * (in->cutoff + 64 * DBL_EPSILON * size) / heights[k] + 3;
    return images * (double)(in->n * in->n);
}

/* Whether a status stands for work refused because of its amount. */
static int refused(nbl_status status)
{
    return status == NBL_ELIMIT || status == NBL_ENOMEM;
}

static void search(const system_in *in, int32_t algorithm, uint32_t flags, int32_t mode, pairs *out)
{
    nbl_cell_list *list = NULL;
    nbl_result *result = NULL;
    REQUIRE(nbl_cell_list_create(&list, NULL) == NBL_OK && nbl_result_create(&result, NULL) == NBL_OK);

    nbl_build_options build = NBL_BUILD_OPTIONS_INIT;
    build.algorithm = algorithm;
    build.n_threads = 1;
    build.max_bytes = 64u << 20;
    nbl_search_options options = NBL_SEARCH_OPTIONS_INIT;
    options.flags = in->flags | flags | NBL_SORTED;
    options.mode = mode;
    options.max_pairs = MAX_PAIRS;
    options.n_threads = 1;

    memset(out, 0, sizeof *out);
    out->status = nbl_cell_list_build(list, in->n, in->positions, in->cell, in->pbc, in->cutoff, &build);
    REQUIRE((out->status == NBL_OK) == (nbl_cell_list_message(list)[0] == '\0'));
    if (out->status == NBL_OK) {
        out->status = nbl_cell_list_search(list, in->cutoff, &options, result);
        REQUIRE((out->status == NBL_OK) == (nbl_result_message(result)[0] == '\0'));
    }
    if (out->status == NBL_OK) {
        out->m = nbl_result_n_pairs(result, 0);
        REQUIRE(out->m >= 0 && out->m <= MAX_PAIRS);
        nbl_outputs to = NBL_OUTPUTS_INIT;
        to.pair_capacity = out->m;
        to.row_capacity = in->n;
        to.i = out->i;
        to.j = out->j;
        to.shifts = out->s;
        to.vectors = out->d;
        to.distances = out->distance;
        to.row_ptr = out->row_ptr;
        to.reverse = flags & NBL_HALF ? NULL : out->reverse;
        REQUIRE(nbl_result_fetch(result, 0, &to) == NBL_OK);
        REQUIRE(nbl_verify(result, 0, in->n, in->positions, in->cell, in->pbc, &build, NULL) == NBL_OK);
    }
    REQUIRE(nbl_status_text(out->status)[0] != '\0' && strcmp(nbl_status_name(out->status), "NBL_E?") != 0);
    nbl_result_destroy(&result);
    nbl_cell_list_destroy(&list);
}

static int same_bits(double x, double y)
{
    return memcmp(&x, &y, sizeof x) == 0;
}

/* What is true of every full list. */
static void check_full(const system_in *in, const pairs *p)
{
    for (int64_t e = 0; e < p->m; e++) {
        const int64_t i = p->i[e], j = p->j[e], mirror = p->reverse[e];
        REQUIRE(i >= 0 && i < in->n && j >= 0 && j < in->n);
        REQUIRE(e >= p->row_ptr[i] && e < p->row_ptr[i + 1]);
        REQUIRE(in->flags & NBL_INCLUSIVE ? p->distance[e] <= in->cutoff : p->distance[e] < in->cutoff);
        REQUIRE(mirror >= 0 && mirror < p->m && p->reverse[mirror] == e);
        REQUIRE(p->i[mirror] == j && p->j[mirror] == i && same_bits(p->distance[mirror], p->distance[e]));
        for (int k = 0; k < 3; k++) {
            REQUIRE(in->pbc[k] || p->s[e][k] == 0);
            REQUIRE(p->s[mirror][k] == -p->s[e][k]);
            REQUIRE(same_bits(p->d[mirror][k], 0.0 - p->d[e][k]));
        }
        if (i == j && p->s[e][0] == 0 && p->s[e][1] == 0 && p->s[e][2] == 0)
            REQUIRE(in->flags & NBL_SELF);
        if (e > p->row_ptr[i]) { /* strictly ascending: sorted, and no pair twice */
            const int64_t before[4] = {p->j[e - 1], p->s[e - 1][0], p->s[e - 1][1], p->s[e - 1][2]};
            const int64_t here[4] = {j, p->s[e][0], p->s[e][1], p->s[e][2]};
            int k = 0;
            while (k < 3 && before[k] == here[k])
                k++;
            REQUIRE(before[k] < here[k]);
        }
    }
    REQUIRE(p->row_ptr[0] == 0 && p->row_ptr[in->n] == p->m);
}

static void check_half(const system_in *in, const pairs *full, const pairs *p)
{
    const int64_t identities = in->flags & NBL_SELF ? in->n : 0;
    REQUIRE(2 * (p->m - identities) + identities == full->m);
    for (int64_t e = 0; e < p->m; e++) {
        const int32_t *s = p->s[e];
        const int32_t first = s[0] ? s[0] : s[1] ? s[1] : s[2];
        REQUIRE(p->i[e] < p->j[e] || (p->i[e] == p->j[e] && (first > 0 || (first == 0 && identities))));
    }
}

/* Every way to search one system. */
static void one_system(const system_in *in)
{
    search(in, NBL_ALGORITHM_BRUTE, 0, NBL_MODE_PAIRS, &brute);
    search(in, NBL_ALGORITHM_CELLS, 0, NBL_MODE_PAIRS, &cells);
    if (brute.status == NBL_OK)
        check_full(in, &brute);
    if (refused(brute.status) || refused(cells.status))
        return;
    REQUIRE(memcmp(&brute, &cells, sizeof brute) == 0);
    if (brute.status != NBL_OK)
        return;
    search(in, NBL_ALGORITHM_AUTO, 0, NBL_MODE_COUNTS, &counted);
    if (!refused(counted.status))
        REQUIRE(memcmp(&brute, &counted, sizeof brute) == 0);
    search(in, NBL_ALGORITHM_CELLS, NBL_HALF, NBL_MODE_AUTO, &half);
    if (!refused(half.status)) {
        REQUIRE(half.status == NBL_OK);
        check_half(in, &brute, &half);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static system_in systems[MAX_SYSTEMS];
    input in = {data, size};
    int n = 0;
    while (n < MAX_SYSTEMS && (n == 0 || in.left > 20)) {
        decode(&in, &systems[n]);
        if (amount_of_work(&systems[n]) > 2e5) /* false for NaN: what the library refuses costs nothing */
            break;
        n++;
    }
    if (n > 0)
        one_system(&systems[0]);
    fuzz_many(&in, systems, n);
    return 0;
}
