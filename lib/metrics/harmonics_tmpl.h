/* SPDX-License-Identifier: MIT */
/*
 * The moments of a piece of a row. Included by harmonics.c for each instruction set, with
 *
 *     NAME(x)     names of this instance
 *     TARGET      attributes of its functions
 *     V, V_LOOSE  a vector of V_LANES doubles, 1, 2 or LANES; the same without alignment
 *
 * A vector holds as many neighbours. Few moments are summed at a time, so that they stay in registers; the
 * powers of x + i y wait in memory. `lane` is where vectors begin: 0, and with fewer lanes each vector in turn.
 */
#define GET(p)    (*(const V_LOOSE *)(p))
#define PUT(p, v) (*(V_LOOSE *)(p) = (v))

/* Sums of e, e w, e w^2, ...: n of them, a constant. */
#define SUMS(s) V s##0 = {0}, s##1 = {0}, s##2 = {0}, s##3 = {0}, s##4 = {0}, s##5 = {0}, s##6 = {0}
#define ADD_NEXT(n, a, s, e, w)                                                                                \
    if ((n) > (a))                                                                                             \
    e *= (w), s##a += e
#define ADD(n, s, power, w)                                                                                    \
    do {                                                                                                       \
        V e_ = (power);                                                                                        \
        if ((n) > 0)                                                                                           \
            s##0 += e_;                                                                                        \
        ADD_NEXT(n, 1, s, e_, w);                                                                              \
        ADD_NEXT(n, 2, s, e_, w);                                                                              \
        ADD_NEXT(n, 3, s, e_, w);                                                                              \
        ADD_NEXT(n, 4, s, e_, w);                                                                              \
        ADD_NEXT(n, 5, s, e_, w);                                                                              \
        ADD_NEXT(n, 6, s, e_, w);                                                                              \
    } while (0)
#define KEEP_ONE(sums, n, a, s, t)                                                                             \
    if ((n) > (a))                                                                                             \
    PUT(sums + LANES * ((a)*ROW + (t)) + lane, s##a)
#define KEEP(sums, n, s, t)                                                                                    \
    do {                                                                                                       \
        KEEP_ONE(sums, n, 0, s, t);                                                                            \
        KEEP_ONE(sums, n, 1, s, t);                                                                            \
        KEEP_ONE(sums, n, 2, s, t);                                                                            \
        KEEP_ONE(sums, n, 3, s, t);                                                                            \
        KEEP_ONE(sums, n, 4, s, t);                                                                            \
        KEEP_ONE(sums, n, 5, s, t);                                                                            \
        KEEP_ONE(sums, n, 6, s, t);                                                                            \
    } while (0)

/* m = 0 and 1, and the powers that the others start from. Even degrees need a factor z for odd m, odd degrees
   for even m. */
TARGET static NBL__INLINE void NAME(begin)(const int D, const int lane, const struct piece *piece,
                                           struct powers *restrict k, double *restrict sums)
{
    const int n0 = POWERS(D, 0), n1 = POWERS(D, 1);
    const double *restrict ux = piece->x, *restrict uy = piece->y, *restrict uz = piece->z;
    SUMS(p);
    SUMS(r);
    SUMS(i);
    for (int j = lane; j < piece->n; j += LANES) {
        V x = GET(ux + j), y = GET(uy + j), z = GET(uz + j);
        V xx = x * x, yy = y * y, xy = x * y;
        V w = z * z - (xx + yy), c = xx - yy, s = xy + xy;
        PUT(k->w + j, w);
        PUT(k->c + j, c);
        PUT(k->s + j, s);
        if (D % 2 == 0) {
            x *= z, y *= z;
        } else {
            PUT(k->even_re + j, c * z);
            PUT(k->even_im + j, s * z);
        }
        PUT(k->odd_re + j, x);
        PUT(k->odd_im + j, y);
        ADD(n1, r, x, w);
        ADD(n1, i, y, w);
        if (D % 2 == 0)
            ADD(n0 - 1, p, w, w); /* the power 0 sums to k */
        else
            ADD(n0, p, z, w);
    }
    if (D % 2 == 0)
        KEEP(sums + LANES * ROW, n0 - 1, p, 0);
    else
        KEEP(sums, n0, p, 0);
    KEEP(sums, n1, r, 1);
    KEEP(sums, n1, i, 2);
}

/* m = 2, and the powers 3 and 4. */
TARGET static NBL__INLINE void NAME(second)(const int D, const int lane, const struct piece *piece,
                                            struct powers *restrict k, double *restrict sums)
{
    const int n2 = POWERS(D, 2);
    SUMS(r);
    SUMS(i);
    for (int j = lane; j < piece->n; j += LANES) {
        V w = GET(k->w + j), c = GET(k->c + j), s = GET(k->s + j), re = c, im = s;
        if (D % 2 != 0)
            re = GET(k->even_re + j), im = GET(k->even_im + j);
        ADD(n2, r, re, w);
        ADD(n2, i, im, w);
        PUT(k->even_re + j, re * c - im * s);
        PUT(k->even_im + j, re * s + im * c);
        re = GET(k->odd_re + j), im = GET(k->odd_im + j);
        PUT(k->odd_re + j, re * c - im * s);
        PUT(k->odd_im + j, re * s + im * c);
    }
    KEEP(sums, n2, r, 3);
    KEEP(sums, n2, i, 4);
}

/* m and m + 1, m odd, and the powers m + 2 and m + 3 if there are moments of these. */
TARGET static NBL__INLINE void NAME(two)(const int D, const int m, const int lane, const struct piece *piece,
                                         struct powers *restrict k, double *restrict sums)
{
    const int n1 = POWERS(D, m), n2 = POWERS(D, m + 1);
    SUMS(r);
    SUMS(i);
    SUMS(t);
    SUMS(u);
    for (int j = lane; j < piece->n; j += LANES) {
        V w = GET(k->w + j), c = GET(k->c + j), s = GET(k->s + j);
        V re = GET(k->odd_re + j), im = GET(k->odd_im + j);
        ADD(n1, r, re, w);
        ADD(n1, i, im, w);
        if (m + 2 <= D) {
            PUT(k->odd_re + j, re * c - im * s);
            PUT(k->odd_im + j, re * s + im * c);
        }
        if (n2 > 0) {
            re = GET(k->even_re + j), im = GET(k->even_im + j);
            ADD(n2, t, re, w);
            ADD(n2, u, im, w);
        }
        if (m + 3 <= D) {
            PUT(k->even_re + j, re * c - im * s);
            PUT(k->even_im + j, re * s + im * c);
        }
    }
    KEEP(sums, n1, r, 2 * m - 1);
    KEEP(sums, n1, i, 2 * m);
    KEEP(sums, n2, t, 2 * m + 1);
    KEEP(sums, n2, u, 2 * m + 2);
}

/* The last four of an even D, m = D - 3 ... D: two, two, one and one moments. */
TARGET static NBL__INLINE void NAME(last)(const int D, const int lane, const struct piece *piece,
                                          const struct powers *restrict k, double *restrict sums)
{
    const int m = D - 3;
    SUMS(r);
    SUMS(i);
    SUMS(t);
    SUMS(u);
    V a0 = {0}, b0 = {0}, f0 = {0}, g0 = {0};
    for (int j = lane; j < piece->n; j += LANES) {
        V w = GET(k->w + j), c = GET(k->c + j), s = GET(k->s + j);
        V re = GET(k->odd_re + j), im = GET(k->odd_im + j);
        ADD(2, r, re, w);
        ADD(2, i, im, w);
        a0 += re * c - im * s;
        b0 += re * s + im * c;
        re = GET(k->even_re + j), im = GET(k->even_im + j);
        ADD(2, t, re, w);
        ADD(2, u, im, w);
        f0 += re * c - im * s;
        g0 += re * s + im * c;
    }
    KEEP(sums, 2, r, 2 * m - 1);
    KEEP(sums, 2, i, 2 * m);
    KEEP(sums, 2, t, 2 * m + 1);
    KEEP(sums, 2, u, 2 * m + 2);
    KEEP_ONE(sums, 1, 0, a, 2 * m + 3);
    KEEP_ONE(sums, 1, 0, b, 2 * m + 4);
    KEEP_ONE(sums, 1, 0, f, 2 * m + 5);
    KEEP_ONE(sums, 1, 0, g, 2 * m + 6);
}

/* (0 + 1) + (2 + 3) of as many moments as a vector has lanes. */
TARGET static NBL__INLINE V NAME(lanes_of)(const double *restrict s)
{
#if V_LANES == 4
    const V a = GET(s), b = GET(s + 4), c = GET(s + 8), d = GET(s + 12);
    const V ab = (V){a[0], b[0], a[2], b[2]} + (V){a[1], b[1], a[3], b[3]};
    const V cd = (V){c[0], d[0], c[2], d[2]} + (V){c[1], d[1], c[3], d[3]};
    return (V){ab[0], ab[1], cd[0], cd[1]} + (V){ab[2], ab[3], cd[2], cd[3]};
#elif V_LANES == 2
    const V a = GET(s), c = GET(s + 2), b = GET(s + 4), d = GET(s + 6);
    return ((V){a[0], b[0]} + (V){a[1], b[1]}) + ((V){c[0], d[0]} + (V){c[1], d[1]});
#else
    return (s[0] + s[1]) + (s[2] + s[3]);
#endif
}

/* Sums of the lanes; 0 behind each row, where blocks of factors reach. */
TARGET static NBL__INLINE void NAME(add_lanes)(const int D, const double *restrict sums,
                                               double *restrict moments)
{
    for (int a = 0; a <= D / 2; a++) {
        const int n = 2 * (D - 2 * a) + 1;
        const double *s = sums + LANES * a * ROW;
        double *m = moments + a * ROW;
        int t = 0;
        for (; t + V_LANES <= n; t += V_LANES)
            PUT(m + t, NAME(lanes_of)(s + LANES * t));
        for (; t < n; t++)
            m[t] = (s[LANES * t] + s[LANES * t + 1]) + (s[LANES * t + 2] + s[LANES * t + 3]);
        for (t = n; t < n + V_LANES - 1; t++)
            m[t] = 0;
    }
}

TARGET static NBL__INLINE void NAME(passes)(const int D, const struct piece *piece, double *restrict moments)
{
    double sums[LANES * ROWS * ROW];
    sums[0] = sums[1] = sums[2] = sums[3] = 0; /* of even degrees, not summed */
    struct powers k;
    for (int lane = 0; lane < LANES; lane += V_LANES) {
        NAME(begin)(D, lane, piece, &k, sums);
        NAME(second)(D, lane, piece, &k, sums);
        if (D != 6)
            NAME(two)(D, 3, lane, piece, &k, sums);
        if (D == 7 || D > 8)
            NAME(two)(D, 5, lane, piece, &k, sums);
        if (D == 7 || D > 8)
            NAME(two)(D, 7, lane, piece, &k, sums);
        if (D == 11)
            NAME(two)(D, 9, lane, piece, &k, sums);
        if (D == 11)
            NAME(two)(D, 11, lane, piece, &k, sums);
        if (D % 2 == 0 && D > 4)
            NAME(last)(D, lane, piece, &k, sums);
    }
    NAME(add_lanes)(D, sums, moments);
}

TARGET static void NAME(sum)(int32_t degree, const struct piece *piece, double *restrict moments)
{
    if (degree == 4)
        NAME(passes)(4, piece, moments);
    else if (degree == 6)
        NAME(passes)(6, piece, moments);
    else if (degree == 7)
        NAME(passes)(7, piece, moments);
    else if (degree == 8)
        NAME(passes)(8, piece, moments);
    else if (degree == 11)
        NAME(passes)(11, piece, moments);
    else
        NAME(passes)(12, piece, moments);
}

/* The harmonics of l from the moments. */
TARGET static NBL__INLINE void NAME(combine_one)(const int l, const double *restrict factors,
                                                 const double *restrict moments, double *restrict sums)
{
    const int n = 2 * l + 1, whole = n - n % V_LANES;
    for (int t = 0; t < whole; t += V_LANES) {
        V sum = GET(factors + t) * GET(moments + t);
        for (int a = 1; 2 * (l - 2 * a) + 1 > t; a++) /* a block may reach past its row: factors of 0 */
            sum += GET(factors + a * ROW + t) * GET(moments + a * ROW + t);
        PUT(sums + t, sum);
    }
    for (int t = whole; t < n; t++) /* at most the last three, which have no power of w */
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
#undef SUMS
#undef ADD_NEXT
#undef ADD
#undef KEEP_ONE
#undef KEEP
#undef NAME
#undef TARGET
#undef V
#undef V_LOOSE
#undef V_LANES
