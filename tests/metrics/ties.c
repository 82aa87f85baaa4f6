/* SPDX-License-Identifier: MIT */
/*
 * Every atom has a list of entropies, one for each way to share its tied angles out between the bins on both
 * sides of their edge. Wanted is one of each list, with a given sum. Where there are few combinations, all are
 * tried. Else all atoms but those of two small groups draw at random, and the groups, all of whose combinations
 * are listed and sorted, must make up for the rest.
 */
#include "ties.h"

#include <math.h>
#include <stdlib.h>

#include "check.h"

enum { BINS = 36, MOST = 300000 };

static const double tie = 1e-9; /* of the width of a bin */

struct options {
    int n;
    double *values;
};

struct angles {
    int fixed[BINS];
    int tied[BINS + 1]; /* at the lower edge of each bin */
};

static int direction(const struct structure *s, int64_t i, int64_t j, double rc, double u[3])
{
    double d = 0;
    for (int k = 0; k < 3; k++) {
        u[k] = s->r[3 * j + k] - s->r[3 * i + k];
        d += u[k] * u[k];
    }
    d = sqrt(d);
    if (d < 1e-10 || d > rc)
        return 0;
    for (int k = 0; k < 3; k++)
        u[k] /= d;
    return 1;
}

/* By arctangent, which is exact near 0 and pi, too. */
static double angle(const double a[3], const double b[3])
{
    const double c[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    return atan2(sqrt(c[0] * c[0] + c[1] * c[1] + c[2] * c[2]), a[0] * b[0] + a[1] * b[1] + a[2] * b[2]);
}

/* Angles of atom i; returns its degree. At 0 and pi there is no other side. */
static int sort_angles(const struct structure *s, int64_t i, double rc, struct angles *to)
{
    static double u[4096][3];
    int k = 0;
    memset(to, 0, sizeof *to);
    for (int64_t j = 0; j < s->n; j++)
        if (j != i && direction(s, i, j, rc, u[k])) {
            k++;
            assert_true(k < 4096);
        }
    for (int a = 0; a < k; a++)
        for (int b = 0; b < a; b++) {
            const double x = angle(u[a], u[b]) / (acos(-1) / BINS);
            const double edge = floor(x + 0.5);
            if (fabs(x - edge) < tie * 100 && edge > 0.5 && edge < BINS - 0.5)
                to->tied[(int)edge]++;
            else
                to->fixed[x < BINS ? (int)x : BINS - 1]++;
        }
    return k;
}

static double entropy(const int *counts, int total)
{
    double sum = 0;
    for (int b = 0; b < BINS; b++)
        if (counts[b] > 0)
            sum -= (double)counts[b] / total * log((double)counts[b] / total);
    return sum;
}

/* All ways to share out: those of edge `e` and above, with `counts` as they are below. */
static void share(const struct angles *a, int e, int *counts, int total, struct options *to)
{
    while (e <= BINS && a->tied[e] == 0)
        e++;
    if (e > BINS) {
        const double value = entropy(counts, total);
        to->values = realloc(to->values, (size_t)(to->n + 1) * sizeof *to->values);
        assert_non_null(to->values);
        to->values[to->n++] = value;
        return;
    }
    for (int below = 0; below <= a->tied[e]; below++) {
        counts[e - 1] += below;
        counts[e] += a->tied[e] - below;
        share(a, e + 1, counts, total, to);
        counts[e - 1] -= below;
        counts[e] -= a->tied[e] - below;
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorted, values that differ by rounding alone once. */
static int unique(double *values, int n)
{
    int kept = 0;
    qsort(values, (size_t)n, sizeof *values, ascending);
    for (int k = 0; k < n; k++)
        if (kept == 0 || values[k] - values[kept - 1] > 1e-13)
            values[kept++] = values[k];
    return kept;
}

/* Sums of one of each list from *at on, until there would be too many; *at is where it stopped. */
static int all_sums(const struct options *lists, int64_t n, int64_t *at, double *sums)
{
    static double next[MOST];
    int count = 1;
    sums[0] = 0;
    for (; *at < n && (int64_t)count * lists[*at].n <= MOST; (*at)++) {
        int made = 0;
        for (int k = 0; k < count; k++)
            for (int o = 0; o < lists[*at].n; o++)
                next[made++] = sums[k] + lists[*at].values[o];
        count = unique(next, made);
        memcpy(sums, next, (size_t)count * sizeof *sums);
    }
    return count;
}

/* A pair of one sum each that gives `target`. */
static int meet(const double *a, int n_a, const double *b, int n_b, double target, double tolerance)
{
    int y = n_b - 1;
    for (int x = 0; x < n_a; x++) {
        while (y > 0 && a[x] + b[y] > target + tolerance)
            y--;
        if (fabs(a[x] + b[y] - target) <= tolerance)
            return 1;
    }
    return 0;
}

static int find(const struct options *lists, int64_t n, double target, double tolerance)
{
    static double a[MOST], b[MOST];
    struct random g;
    int64_t at = 0;
    random_seed(&g, 1);
    const int n_a = all_sums(lists, n, &at, a), n_b = all_sums(lists, n, &at, b);
    for (int tries = 0; tries < (at < n ? 2000 : 1); tries++) {
        /* All alike now and then: in a crystal that is not rotated, all atoms round alike. */
        const double lean = random_unit(&g);
        double rest = target;
        for (int64_t k = at; k < n; k++) {
            const int64_t last = lists[k].n - 1;
            rest -= lists[k].values[tries % 2 ? (int64_t)(lean * (double)last + 0.5) : random_int(&g, 0, last)];
        }
        if (meet(a, n_a, b, n_b, rest, tolerance))
            return 1;
    }
    return 0;
}

int ties_can_give(const struct structure *s, double rc, double value, double tolerance)
{
    struct options *lists = calloc((size_t)s->n, sizeof *lists);
    int64_t n = 0, with_two = 0;
    double fixed = 0;
    assert_non_null(lists);
    for (int64_t i = 0; i < s->n; i++) {
        struct angles angles;
        const int k = sort_angles(s, i, rc, &angles);
        if (k < 2)
            continue;
        with_two++;
        share(&angles, 0, angles.fixed, k * (k - 1) / 2, &lists[n]);
        lists[n].n = unique(lists[n].values, lists[n].n);
        if (lists[n].n > 1) {
            n++;
            continue;
        }
        fixed += lists[n].values[0];
        free(lists[n].values);
        lists[n] = (struct options){0, NULL};
    }
    const int found = with_two == 0
                          ? value == 0
                          : find(lists, n, value * (double)with_two - fixed, tolerance * (double)with_two);
    for (int64_t k = 0; k < n; k++)
        free(lists[k].values);
    free(lists);
    return found;
}
