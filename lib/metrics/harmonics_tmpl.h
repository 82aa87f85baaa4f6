/* SPDX-License-Identifier: MIT */
/*
 * The moments of a row for one width of vectors. Included by harmonics.c, with
 *
 *     NAME(x)     names of this instance
 *     TARGET      attributes of its functions
 *     V, V_LOOSE  a vector of V_LANES doubles, 2 or 4; the same without alignment
 *     V_ALL(x), V_TURN(x), V_POWER(a, b, c, d)     (x, x, ...), (-x, x, ...), (a, b, ...)
 *     V_SWAP(v)   entries 0 and 1, 2 and 3 exchanged
 *
 * Entries of a vector are the real and imaginary part of z^p (x + i y)^m, of an odd m, and, with four, of m + 1
 * behind them. From m to m + 2 all are multiplied by (x + i y)^2. The sums of a row stay in registers: with two
 * entries, odd and even m have passes of their own. Neighbours are added one by one, as in sum_plain().
 */
#define GET(p)    (*(const V_LOOSE *)(p))
#define PUT(p, v) (*(V_LOOSE *)(p) = (v))

/* sums of e, e w, e w^2, ...: n of them, a constant */
#define ADD(n, s, e, w)                                                                                        \
    do {                                                                                                       \
        V e_ = (e);                                                                                            \
        if ((n) > 0)                                                                                           \
            s##0 += e_;                                                                                        \
        if ((n) > 1)                                                                                           \
            e_ *= (w), s##1 += e_;                                                                             \
        if ((n) > 2)                                                                                           \
            e_ *= (w), s##2 += e_;                                                                             \
        if ((n) > 3)                                                                                           \
            e_ *= (w), s##3 += e_;                                                                             \
    } while (0)
#define KEEP(n, s, m)                                                                                          \
    do {                                                                                                       \
        double *at_ = moments + 2 * (m)-1;                                                                     \
        if ((n) > 0)                                                                                           \
            PUT(at_, s##0);                                                                                    \
        if ((n) > 1)                                                                                           \
            PUT(at_ + ROW, s##1);                                                                              \
        if ((n) > 2)                                                                                           \
            PUT(at_ + 2 * ROW, s##2);                                                                          \
        if ((n) > 3)                                                                                           \
            PUT(at_ + 3 * ROW, s##3);                                                                          \
    } while (0)

/* m = first, first + 2, ..., and those behind them; m = 0 with the last pass. D has the parity of l. */
TARGET static ALWAYS_INLINE void NAME(pass)(const int D, const int first, const nbl__row *row,
                                            double *restrict moments)
{
    const int n0 = POWERS(D, first), n1 = POWERS(D, first + 2), n2 = POWERS(D, first + 4),
              n3 = POWERS(D, first + 6);
    const bool even = D % 2 == 0, zero = first + V_LANES / 2 > 2;
    V r0 = {0}, r1 = {0}, r2 = {0}, r3 = {0}, s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    V t0 = {0}, t1 = {0}, t2 = {0}, t3 = {0}, u0 = {0}, u1 = {0}, u2 = {0}, u3 = {0}, p0 = {0}, p1 = {0};
    const double *restrict ux = row->ux, *restrict uy = row->uy, *restrict uz = row->uz;
    const ptrdiff_t k = row->k;
    for (ptrdiff_t j = 0; j < k; j++) {
        const double x = ux[j], y = uy[j], z = uz[j], xx = x * x, yy = y * y, xy = x * y;
        const double w = z * z - (xx + yy), c = xx - yy, s = xy + xy;
        if (zero) {
            double w0 = even ? w : z, w1 = w0 * w, w2 = w1 * w, w3 = w2 * w;
            p0 += V_POWER(w0, w1, w2, w3);
            if (V_LANES == 2)
                p1 += V_POWER(w2, w3, w2, w3);
        }
        V e, f = V_ALL(w), turn_re = V_ALL(c), turn_im = V_TURN(s);
        if (first == 1)
            e = even ? V_POWER(x * z, y * z, c, s) : V_POWER(x, y, c * z, s * z);
        else
            e = even ? V_POWER(c, s, c, s) : V_POWER(c * z, s * z, c, s);
        ADD(n0, r, e, f);
        e = e * turn_re + V_SWAP(e) * turn_im;
        ADD(n1, s, e, f);
        e = e * turn_re + V_SWAP(e) * turn_im;
        ADD(n2, t, e, f);
        e = e * turn_re + V_SWAP(e) * turn_im;
        ADD(n3, u, e, f);
    }
    KEEP(n0, r, first);
    KEEP(n1, s, first + 2);
    KEEP(n2, t, first + 4);
    KEEP(n3, u, first + 6);
    if (zero) {
        double sums[4];
        PUT(sums, p0);
        if (V_LANES == 2)
            PUT(sums + 2, p1);
        for (int a = even; a <= D / 2; a++)
            moments[a * ROW] = sums[a - even];
    }
}

TARGET static void NAME(sum)(int32_t degree, const nbl__row *row, double *restrict moments)
{
#define PASSES(D)                                                                                              \
    do {                                                                                                       \
        NAME(pass)(D, 1, row, moments);                                                                        \
        if (V_LANES == 2)                                                                                      \
            NAME(pass)(D, 2, row, moments);                                                                    \
    } while (0)
    if (degree == 4)
        PASSES(4);
    else if (degree == 6)
        PASSES(6);
    else if (degree == 7)
        PASSES(7);
    else
        PASSES(8);
#undef PASSES
}

/* The harmonics of l from the moments. */
TARGET static ALWAYS_INLINE void NAME(combine_one)(const int l, const double *restrict factors,
                                                   const double *restrict moments, double *restrict sums)
{
    const int n = 2 * l + 1, whole = n - n % V_LANES;
    for (int t = 0; t < whole; t += V_LANES) {
        V sum = GET(factors + t) * GET(moments + t);
        for (int a = 1; 2 * (l - 2 * a) + 1 > t; a++) /* the last block may reach past its row: factors of 0 */
            sum += GET(factors + a * ROW + t) * GET(moments + a * ROW + t);
        PUT(sums + t, sum);
    }
    for (int t = whole; t < n; t++) /* only m near l, where w is not needed */
        sums[t] = factors[t] * moments[t];
}

TARGET static void NAME(combine)(int32_t l, const double *restrict factors, const double *restrict moments,
                                 double *restrict sums)
{
    if (l == 4)
        NAME(combine_one)(4, factors, moments, sums);
    else if (l == 6)
        NAME(combine_one)(6, factors, moments, sums);
    else if (l == 8)
        NAME(combine_one)(8, factors, moments, sums);
    else
        NAME(combine_one)(l, factors, moments, sums);
}

#undef GET
#undef PUT
#undef ADD
#undef KEEP
#undef NAME
#undef TARGET
#undef V
#undef V_LOOSE
#undef V_LANES
#undef V_SWAP
#undef V_ALL
#undef V_TURN
#undef V_POWER
