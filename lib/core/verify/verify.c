/* SPDX-License-Identifier: MIT */
#include "verify/verify.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/size.h"
#include "base/sort.h"

/* Largest number of images of one pair of atoms to look through. */
static const double most_images = 4503599627370496.0; /* 2^52 */

static int compare_pairs(const void *a, const void *b)
{
    const nbl__verify_pair *x = a, *y = b;
    if (x->j != y->j)
        return x->j < y->j ? -1 : 1;
    for (int k = 0; k < 3; k++)
        if (x->shift[k] != y->shift[k])
            return x->shift[k] < y->shift[k] ? -1 : 1;
    return 0;
}

/* The formula of the public header. Stores keep each operation apart, whatever the compiler is told. */
static double formula(const nbl__verify *verify, int64_t i, int64_t j, const int64_t s[3], double d[3])
{
    const double(*h)[3] = verify->lattice->h;
    volatile double sum, square;
    for (int k = 0; k < 3; k++) {
        volatile double t = 0.0;
        for (int a = 0; a < 3; a++) {
            if (!verify->lattice->pbc[a])
                continue;
            volatile double term = (double)s[a] * h[a][k];
            t = t + term;
        }
        sum = verify->r[j][k] - verify->r[i][k];
        sum = sum + t;
        d[k] = sum + 0.0;
    }
    sum = d[0] * d[0];
    square = d[1] * d[1];
    sum = sum + square;
    square = d[2] * d[2];
    sum = sum + square;
    return sqrt(sum);
}

static long double distance_long(const nbl__verify *verify, int64_t i, int64_t j, const int64_t s[3])
{
    long double square = 0.0L;
    for (int k = 0; k < 3; k++) {
        long double x = (long double)verify->r[j][k] - (long double)verify->r[i][k];
        for (int a = 0; a < 3; a++)
            x += (long double)s[a] * (long double)verify->lattice->h[a][k];
        square += x * x;
    }
    return sqrtl(square);
}

static bool wanted(const nbl__verify *verify, int64_t i, int64_t j, const int64_t s[3])
{
    int64_t first = s[0] != 0 ? s[0] : s[1] != 0 ? s[1] : s[2];
    if (i == j && first == 0)
        return verify->self;
    if (!verify->half)
        return true;
    return i == j ? first > 0 : i < j;
}

static nbl_status add(nbl__verify *verify, size_t *count, const nbl__verify_pair *pair, nbl__fault *fault)
{
    size_t used = *count * sizeof *pair;
    if (used + sizeof *pair > verify->reference.bytes) {
        nbl_status status =
            nbl__buffer_grow(verify->memory, &verify->reference, used, 2 * used + 64 * sizeof *pair, fault);
        if (status != NBL_OK)
            return status;
    }
    ((nbl__verify_pair *)verify->reference.data)[(*count)++] = *pair;
    return NBL_OK;
}

/* Whether an image is farther than `most`, which includes all rounding: spares the formula. */
static bool is_far(const nbl__verify *verify, int64_t i, int64_t j, const int64_t s[3], double most)
{
    const double(*h)[3] = verify->lattice->h;
    double square = 0.0;
    for (int k = 0; k < 3; k++) {
        double x = verify->r[j][k] - verify->r[i][k];
        x += (double)s[0] * h[0][k] + (double)s[1] * h[1][k] + (double)s[2] * h[2][k];
        square += x * x;
    }
    return square > most * most;
}

static nbl_status try_image(nbl__verify *verify, int64_t i, int64_t j, const int64_t m[3], double most,
                            size_t *count, nbl__fault *fault)
{
    const nbl__lattice *lattice = verify->lattice;
    int64_t s[3];
    for (int b = 0; b < 3; b++)
        s[b] = m[0] * lattice->m[0][b] + m[1] * lattice->m[1][b] + m[2] * lattice->m[2][b];
    if (is_far(verify, i, j, s, most))
        return NBL_OK;
    nbl__verify_pair pair = {.j = j};
    pair.distance = formula(verify, i, j, s, pair.d);
    bool near = verify->inclusive ? pair.distance <= verify->cutoff : pair.distance < verify->cutoff;
    if (verify->lower > 0.0)
        near &= verify->inclusive ? pair.distance > verify->lower : pair.distance >= verify->lower;
    double ulp = nextafter(verify->cutoff, HUGE_VAL) - verify->cutoff;
    if (wanted(verify, i, j, s) && fabs(pair.distance - verify->cutoff) <= 4.0 * ulp)
        verify->report.n_close++;
    if (!near || !wanted(verify, i, j, s))
        return NBL_OK;
    for (int k = 0; k < 3; k++) {
        if (s[k] < INT32_MIN || s[k] > INT32_MAX) {
            *fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = k, .a = i, .b = j, .value = (double)s[k]};
            return NBL_ESHIFT;
        }
        pair.shift[k] = (int32_t)s[k];
    }
    pair.distance_long = distance_long(verify, i, j, s);
    return add(verify, count, &pair, fault);
}

/*
 * How far rounding may move an image of j around i that comes near; f: where j lies, in rows of the lattice. An
 * image that comes near is so many steps away, and each step adds to the rounding: as long as this ends, the
 * farthest such image tells how many.
 */
static long double rounding_of(const nbl__verify *verify, int64_t i, int64_t j, const long double f[3])
{
    const nbl__lattice *lattice = verify->lattice;
    const long double unit = 32.0L * (long double)DBL_EPSILON, cutoff = (long double)verify->cutoff;
    const long double slack = 1e-9L; /* of what the lattice's inverse is known to */
    long double size = 0.0L, farthest = cutoff, growth = 0.0L,
                place[3] = {fabsl(f[0]), fabsl(f[1]), fabsl(f[2])};
    for (int k = 0; k < 3; k++) {
        const long double x = fabsl((long double)verify->r[j][k] - (long double)verify->r[i][k]);
        size += x;
        for (int a = 0; a < 3; a++)
            place[a] += slack * x * fabsl((long double)lattice->g[a][k]);
    }
    farthest += unit * size;
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a]) {
            farthest += unit * place[a] * (long double)lattice->spread[a];
            growth += unit * (long double)lattice->spread[a] / (long double)lattice->height[a];
        }
    const bool ends = growth < 0.5L;
    farthest = ends ? farthest / (1.0L - growth) : cutoff;
    for (int a = 0; a < 3; a++)
        if (lattice->pbc[a]) {
            const long double reach = place[a] + farthest / (long double)lattice->height[a];
            size += (ends ? floorl(reach * (1.0L + slack) + slack) : reach + 2.0L) *
                    (long double)lattice->spread[a];
        }
    return unit * size;
}

/* Images of j around i, one more on every side than heights and rounding ask for. */
static nbl_status reference_pairs(nbl__verify *verify, int64_t i, int64_t j, size_t *count, nbl__fault *fault)
{
    const nbl__lattice *lattice = verify->lattice;
    long double low[3], high[3], images = 1.0L, f[3];
    for (int a = 0; a < 3; a++) {
        f[a] = 0.0L;
        for (int k = 0; k < 3; k++)
            f[a] +=
                (long double)lattice->g[a][k] * ((long double)verify->r[j][k] - (long double)verify->r[i][k]);
    }
    const long double error = rounding_of(verify, i, j, f);
    for (int a = 0; a < 3; a++)
        if (!lattice->pbc[a] &&
            fabsl(f[a]) > 1.001L * ((long double)verify->cutoff + error) / (long double)lattice->height[a])
            return NBL_OK;
    for (int a = 0; a < 3; a++) {
        long double steps = ((long double)verify->cutoff + error) / (long double)lattice->height[a];
        low[a] = lattice->pbc[a] ? floorl(-f[a] - steps) - 1.0L : 0.0L;
        high[a] = lattice->pbc[a] ? ceill(-f[a] + steps) + 1.0L : 0.0L;
        images *= high[a] - low[a] + 1.0L;
        if (!(fabsl(low[a]) < 9e15L && fabsl(high[a]) < 9e15L && images < (long double)most_images)) {
            *fault = (nbl__fault){.what = NBL__FAULT_PAIR, .k = a, .a = i, .b = j, .value = (double)high[a]};
            return NBL_ESHIFT;
        }
    }
    const double most = (verify->cutoff + 2.0 * (double)error) * (1.0 + 1e-9);
    int64_t m[3];
    nbl_status status = NBL_OK;
    for (m[0] = (int64_t)low[0]; m[0] <= (int64_t)high[0] && status == NBL_OK; m[0]++)
        for (m[1] = (int64_t)low[1]; m[1] <= (int64_t)high[1] && status == NBL_OK; m[1]++)
            for (m[2] = (int64_t)low[2]; m[2] <= (int64_t)high[2] && status == NBL_OK; m[2]++)
                status = try_image(verify, i, j, m, most, count, fault);
    return status;
}

static void tell(nbl__verify *verify, int64_t i, const nbl__verify_pair *pair, int32_t verdict)
{
    nbl_verify_report *report = &verify->report;
    int64_t s[3];
    double d[3];
    report->verdict = verdict;
    report->i = i;
    report->j = pair->j;
    for (int k = 0; k < 3; k++)
        s[k] = report->shift[k] = pair->shift[k];
    bool known = i < verify->n && pair->j < verify->n;
    report->distance = known ? formula(verify, i, pair->j, s, d) : pair->distance;
    report->distance_long = known ? (double)distance_long(verify, i, pair->j, s) : pair->distance;
}

static bool same_bits(const nbl__verify_pair *a, const nbl__verify_pair *b)
{
    return memcmp(a->d, b->d, sizeof a->d) == 0 && memcmp(&a->distance, &b->distance, sizeof a->distance) == 0;
}

/* Rows come in any order: a row that is equal leaves what an earlier call told. */
static void compare(nbl__verify *verify, int64_t i, const nbl__verify_pair *found, size_t n_found,
                    const nbl__verify_pair *reference, size_t n_reference)
{
    size_t f = 0, r = 0;
    while (f < n_found || r < n_reference) {
        int order = f == n_found ? 1 : r == n_reference ? -1 : compare_pairs(&found[f], &reference[r]);
        if (order < 0) {
            tell(verify, i, &found[f], NBL_VERIFY_EXTRA);
            return;
        }
        if (order > 0) {
            tell(verify, i, &reference[r], NBL_VERIFY_MISSING);
            return;
        }
        if (!same_bits(&found[f], &reference[r])) {
            tell(verify, i, &reference[r], NBL_VERIFY_WRONG);
            return;
        }
        f++;
        r++;
    }
}

nbl_status nbl__verify_row(nbl__verify *verify, int64_t i, nbl__verify_pair *found, int64_t count,
                           nbl__fault *fault)
{
    size_t n_reference = 0, n_found = (size_t)count;
    nbl_status status = NBL_OK;
    verify->report.n_pairs += count;
    for (int64_t j = 0; i < verify->n && j < verify->n && status == NBL_OK; j++)
        status = reference_pairs(verify, i, j, &n_reference, fault);
    if (status != NBL_OK || (verify->report.verdict != NBL_VERIFY_EQUAL && verify->report.i < i))
        return status;
    const nbl__verify_pair *disordered = NULL;
    for (size_t e = 1; verify->sorted && e < n_found && !disordered; e++)
        if (compare_pairs(&found[e - 1], &found[e]) > 0)
            disordered = &found[e];
    if (disordered) {
        tell(verify, i, disordered, NBL_VERIFY_WRONG);
        return NBL_OK;
    }
    size_t most = n_reference > n_found ? n_reference : n_found;
    status = nbl__buffer_reserve(verify->memory, &verify->scratch, nbl__size_mul(most, sizeof *found), fault);
    if (status != NBL_OK)
        return status;
    nbl__sort(verify->reference.data, n_reference, sizeof *found, compare_pairs, verify->scratch.data);
    nbl__sort(found, n_found, sizeof *found, compare_pairs, verify->scratch.data);
    compare(verify, i, found, n_found, verify->reference.data, n_reference);
    return NBL_OK;
}
