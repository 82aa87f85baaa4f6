/* SPDX-License-Identifier: MIT */
#include "metrics/steinhardt.h"

#include <float.h>
#include <math.h>

#include "metrics/wigner.h"

/*
 * In W_l the triples (a, b, -a - b), their permutations and their negatives give the same real part:
 * q_-m = (-1)^m conj(q_m), and the symbol of an even l is the same for all of them. Of the six permutations and
 * two signs of a > b > 0 all 12 differ; of a = b > 0 and of b = 0 < a, 6; of a = b = 0, 1.
 */
void nbl__wigner_init(nbl__wigner *wigner)
{
    int32_t n = 0;
    for (int32_t l = 0; l <= NBL__L_MAX; l++) {
        wigner->first[l] = n;
        for (int32_t a = 0; l % 2 == 0 && a <= l; a++)
            for (int32_t b = 0; b <= a && a + b <= l; b++) {
                int32_t same = a == 0 ? 1 : b == 0 || b == a ? 6 : 12;
                /* sums are sqrt(2) (-1)^m q_m, of m = 0 q_m itself; the signs leave that of q_-(a+b) */
                double scale = pow(0.5, 0.5 * ((a > 0) + (b > 0) + (a + b > 0))) * ((a + b) % 2 ? -1 : 1);
                wigner->terms[n].a = a;
                wigner->terms[n].b = b;
                wigner->terms[n++].factor = same * scale * nbl__wigner_3j(l, l, l, a, b, -a - b);
            }
    }
    wigner->first[NBL__L_MAX + 1] = n;
}

/* In four sums: a single one would wait for each addition. */
static double norm2(int32_t l, const double *sums)
{
    double s0 = sums[0] * sums[0], s1 = 0, s2 = 0, s3 = 0;
    int32_t t = 1;
    for (; t + 4 <= 2 * l + 1; t += 4) {
        s0 += sums[t] * sums[t];
        s1 += sums[t + 1] * sums[t + 1];
        s2 += sums[t + 2] * sums[t + 2];
        s3 += sums[t + 3] * sums[t + 3];
    }
    if (t < 2 * l + 1) {
        s0 += sums[t] * sums[t];
        s1 += sums[t + 1] * sums[t + 1];
    }
    return (s0 + s1) + (s2 + s3);
}

double nbl__steinhardt_q(int32_t l, const double *sums, int32_t k)
{
#define SHARE(l) (4 * 3.14159265358979323846 / (2 * (l) + 1))
    static const double shares[NBL__L_MAX + 1] = {SHARE(0),  SHARE(1),  SHARE(2), SHARE(3), SHARE(4),
                                                  SHARE(5),  SHARE(6),  SHARE(7), SHARE(8), SHARE(9),
                                                  SHARE(10), SHARE(11), SHARE(12)};
#undef SHARE
    return k > 0 ? sqrt(shares[l] * norm2(l, sums)) / k : 0;
}

double nbl__steinhardt_w(const nbl__wigner *wigner, int32_t l, const double *sums, int32_t k)
{
    const double norm = sqrt(norm2(l, sums));
    /* Harmonics are at most about sqrt((2 l + 1) / 4 pi) <= 1.5; sums of k that cancel leave some k ulps. */
    if (l % 2 != 0 || k <= 0 || norm <= 32 * DBL_EPSILON * k)
        return 0;
    double re[NBL__L_MAX + 1], im[NBL__L_MAX + 1];
    re[0] = sums[0] / norm;
    im[0] = 0;
    for (int32_t m = 1; m <= l; m++) {
        re[m] = sums[2 * m - 1] / norm;
        im[m] = sums[2 * m] / norm;
    }
    double sum = 0;
    for (int32_t t = wigner->first[l]; t < wigner->first[l + 1]; t++) {
        int32_t a = wigner->terms[t].a, b = wigner->terms[t].b;
        double product_re = re[a] * re[b] - im[a] * im[b], product_im = re[a] * im[b] + im[a] * re[b];
        sum += wigner->terms[t].factor * (product_re * re[a + b] + product_im * im[a + b]);
    }
    return sum;
}

void nbl__steinhardt_average(int32_t width, const double *q, int64_t i, int32_t k, const int32_t *j,
                             double *restrict mean)
{
    const double *own = q + i * width;
    for (int32_t t = 0; t < width; t++)
        mean[t] = own[t];
    for (int32_t e = 0; e < k; e++) {
        const double *of = q + (int64_t)j[e] * width;
        for (int32_t t = 0; t < width; t++)
            mean[t] += of[t];
    }
    for (int32_t t = 0; t < width; t++)
        mean[t] /= k + 1;
}
