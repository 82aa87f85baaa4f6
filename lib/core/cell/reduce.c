/* SPDX-License-Identifier: MIT */
#include "cell/reduce.h"

#include <math.h>

#include "cell/lattice.h"

/* A step must shorten a vector by this much: equal lengths (hexagonal cells) must not alternate. */
static const double gain = 1.0 - 1e-9;

static const double integer_limit = 1125899906842624.0;    /* 2^50 */
static const double product_limit = 4611686018427387904.0; /* 2^62 */

/* sum += a * b, as an unevaluated sum of two doubles; exact product by Dekker's splitting */
static void add_product(double sum[2], double a, double b)
{
    const double splitter = 134217729.0; /* 2^27 + 1 */
    double p = a * b;
    double ca = splitter * a, cb = splitter * b;
    double ah = ca - (ca - a), al = a - ah;
    double bh = cb - (cb - b), bl = b - bh;
    double error = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
    double s = sum[0] + p;
    double v = s - sum[0];
    double e = (sum[0] - (s - v)) + (p - v);
    sum[0] = s;
    sum[1] += e + error;
}

static void row(double h[3][3], const uint8_t pbc[3], const int64_t *m, double *r)
{
    for (int k = 0; k < 3; k++) {
        double sum[2] = {0.0, 0.0};
        for (int b = 0; b < 3; b++)
            if (pbc[b] && m[b] != 0)
                add_product(sum, (double)m[b], h[b][k]);
        r[k] = sum[0] + sum[1];
    }
}

/*
 * Whether r[a] + q r[b] + p r[c] is surely no shorter: nearly all steps that are tried, and a few products
 * instead of a row in twice the precision.
 */
static bool is_useless(double r[3][3], int a, int b, double q, int c, double p)
{
    const double aa = nbl__dot(r[a], r[a]), bb = q * q * nbl__dot(r[b], r[b]),
                 cc = p * p * nbl__dot(r[c], r[c]);
    const double mixed = q * nbl__dot(r[a], r[b]) + p * nbl__dot(r[a], r[c]) + q * p * nbl__dot(r[b], r[c]);
    return bb + cc + 2.0 * mixed > 1e-12 * (aa + bb + cc);
}

/* r[a] += q r[b] (+ p r[c]) if that shortens it */
static bool step(double h[3][3], const uint8_t pbc[3], int64_t m[3][3], double r[3][3], int a, int b, double q,
                 int c, double p, bool *fits)
{
    int64_t tried_m[3];
    double tried_r[3];
    if (is_useless(r, a, b, q, c, p))
        return false;
    for (int k = 0; k < 3; k++) {
        double qm = q * (double)m[b][k], pm = p * (double)m[c][k];
        if (!(fabs(qm) < product_limit && fabs(pm) < product_limit &&
              fabs((double)m[a][k] + qm + pm) < integer_limit)) {
            *fits = false;
            return false;
        }
        tried_m[k] = m[a][k] + (int64_t)q * m[b][k] + (int64_t)p * m[c][k];
    }
    row(h, pbc, tried_m, tried_r);
    if (!(nbl__dot(tried_r, tried_r) < gain * nbl__dot(r[a], r[a])))
        return false;
    for (int k = 0; k < 3; k++) {
        m[a][k] = tried_m[k];
        r[a][k] = tried_r[k];
    }
    return true;
}

static bool pair_step(double h[3][3], const uint8_t pbc[3], int64_t m[3][3], double r[3][3], int a, int b,
                      bool *fits)
{
    double q = -nearbyint(nbl__dot(r[a], r[b]) / nbl__dot(r[b], r[b]));
    if (!(fabs(q) < integer_limit)) {
        *fits = isnan(q) ? *fits : false;
        return false;
    }
    return q != 0.0 && step(h, pbc, m, r, a, b, q, b, 0.0, fits);
}

static bool triple_step(double h[3][3], const uint8_t pbc[3], int64_t m[3][3], double r[3][3], int a,
                        bool *fits)
{
    int b = (a + 1) % 3, c = (a + 2) % 3;
    for (int sign = 0; sign < 4; sign++) {
        double q = sign & 1 ? 1.0 : -1.0, p = sign & 2 ? 1.0 : -1.0;
        if (step(h, pbc, m, r, a, b, q, c, p, fits))
            return true;
    }
    return false;
}

bool nbl__reduce(double h[3][3], const uint8_t pbc[3], int64_t m[3][3], double r[3][3])
{
    for (int a = 0; a < 3; a++)
        for (int k = 0; k < 3; k++) {
            m[a][k] = a == k;
            if (pbc[a])
                r[a][k] = h[a][k];
        }
    bool fits = true, changed = true;
    while (changed && fits) {
        changed = false;
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                if (a != b && pbc[a] && pbc[b] && pair_step(h, pbc, m, r, a, b, &fits))
                    changed = true;
        if (!changed && pbc[0] && pbc[1] && pbc[2])
            for (int a = 0; a < 3 && !changed; a++)
                changed = triple_step(h, pbc, m, r, a, &fits);
    }
    return fits;
}
