/* SPDX-License-Identifier: MIT */
#include "oracle.h"

#include <math.h>

static void cross(const long double a[3], const long double b[3], long double c[3])
{
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

static long double dot(const long double a[3], const long double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* u, perpendicular to the other periodic vectors and scaled so that u . h[a] = 1, becomes row a. */
static void scale_row(long double u[3], const long double h[3], long double row[3])
{
    long double product = dot(u, h);
    for (int k = 0; k < 3; k++)
        row[k] = u[k] / product;
}

void oracle_dual(const double *h, const uint8_t pbc[3], long double dual[3][3])
{
    long double v[3][3];
    int axes[3], n = 0;
    for (int a = 0; a < 3; a++) {
        for (int k = 0; k < 3; k++) {
            dual[a][k] = 0;
            v[a][k] = pbc[a] ? (long double)h[3 * a + k] : 0;
        }
        if (pbc[a])
            axes[n++] = a;
    }

    long double u[3], normal[3];
    if (n == 1) {
        scale_row(v[axes[0]], v[axes[0]], dual[axes[0]]);
    } else if (n == 2) {
        cross(v[axes[0]], v[axes[1]], normal);
        cross(v[axes[1]], normal, u);
        scale_row(u, v[axes[0]], dual[axes[0]]);
        cross(v[axes[0]], normal, u);
        scale_row(u, v[axes[1]], dual[axes[1]]);
    } else if (n == 3) {
        for (int a = 0; a < 3; a++) {
            cross(v[(a + 1) % 3], v[(a + 2) % 3], u);
            scale_row(u, v[a], dual[a]);
        }
    }
}

double oracle_images(const double *h, const uint8_t pbc[3], double rc)
{
    long double dual[3][3], images = 1;
    oracle_dual(h, pbc, dual);
    for (int a = 0; a < 3; a++)
        if (pbc[a])
            images *= floorl(2 * (long double)rc * sqrtl(dot(dual[a], dual[a]))) + 5;
    return (double)images;
}

double oracle_ulps(double x, int steps)
{
    double towards = steps < 0 ? -HUGE_VAL : HUGE_VAL;
    for (int k = 0; k < (steps < 0 ? -steps : steps); k++)
        x = nextafter(x, towards);
    return x;
}

void oracle_vector(const struct oracle_input *in, struct pair *p)
{
    for (int k = 0; k < 3; k++) {
        double t = 0;
        int terms = 0;
        for (int a = 0; a < 3; a++) {
            if (!in->pbc[a])
                continue;
            double term = (double)p->s[a] * in->h[3 * a + k];
            t = terms ? t + term : term;
            terms++;
        }
        p->d[k] = ((in->r[3 * p->j + k] - in->r[3 * p->i + k]) + t) + 0.0;
    }
    p->r = sqrt((p->d[0] * p->d[0] + p->d[1] * p->d[1]) + p->d[2] * p->d[2]);
}

struct search {
    const struct oracle_input *in;
    struct pairs *out;
    double low, high; /* rc less and plus 4 ulp */
    int64_t n_close;
};

static void look_at(struct search *search, struct pair *p)
{
    oracle_vector(search->in, p);
    int identity = p->i == p->j && p->s[0] == 0 && p->s[1] == 0 && p->s[2] == 0;
    if (!identity && p->r >= search->low && p->r <= search->high)
        search->n_close++;
    if (identity || p->r <= search->in->rc)
        *pairs_push(search->out) = *p;
}

/* Shifts first[a]..last[a] bring the image of j into the slab of half width rc around i, and two beyond. */
static int shift_range(const struct oracle_input *in, long double dual[3][3], int64_t i, int64_t j,
                       int64_t first[3], int64_t last[3])
{
    long double between[3];
    for (int k = 0; k < 3; k++)
        between[k] = (long double)in->r[3 * j + k] - (long double)in->r[3 * i + k];
    for (int a = 0; a < 3; a++) {
        first[a] = last[a] = 0;
        if (!in->pbc[a])
            continue;
        long double centre = -dot(between, dual[a]);
        long double reach = (long double)in->rc * sqrtl(dot(dual[a], dual[a]));
        if (!(fabsl(centre) + reach < 0x1p62L))
            return -1;
        first[a] = (int64_t)ceill(centre - reach) - 2;
        last[a] = (int64_t)floorl(centre + reach) + 2;
    }
    return 0;
}

int oracle_find(const struct oracle_input *in, struct pairs *out, int64_t *n_close)
{
    struct search search = {in, out, oracle_ulps(in->rc, -4), oracle_ulps(in->rc, 4), 0};
    long double dual[3][3];
    oracle_dual(in->h, in->pbc, dual);

    for (int64_t i = 0; i < in->n; i++)
        for (int64_t j = 0; j < in->n; j++) {
            int64_t first[3], last[3];
            if (shift_range(in, dual, i, j, first, last) != 0)
                return -1;
            struct pair p = {i, j, {0, 0, 0}, {0, 0, 0}, 0};
            for (p.s[0] = first[0]; p.s[0] <= last[0]; p.s[0]++)
                for (p.s[1] = first[1]; p.s[1] <= last[1]; p.s[1]++)
                    for (p.s[2] = first[2]; p.s[2] <= last[2]; p.s[2]++)
                        look_at(&search, &p);
        }
    *n_close = search.n_close;
    return 0;
}

static int wanted(const struct pair *p, double rc, unsigned flags)
{
    int sign = 0;
    for (int k = 2; k >= 0; k--)
        if (p->s[k] != 0)
            sign = p->s[k] > 0 ? 1 : -1;
    if (p->i == p->j && sign == 0)
        return (flags & ORACLE_SELF) != 0;
    if ((flags & ORACLE_HALF) && !(p->i < p->j || (p->i == p->j && sign > 0)))
        return 0;
    return p->r < rc || ((flags & ORACLE_INCLUSIVE) && p->r == rc);
}

void oracle_select(const struct pairs *all, double rc, unsigned flags, int64_t n_centers, struct pairs *out)
{
    for (int64_t e = 0; e < all->n; e++)
        if (all->at[e].i < n_centers && wanted(&all->at[e], rc, flags))
            *pairs_push(out) = all->at[e];
}
