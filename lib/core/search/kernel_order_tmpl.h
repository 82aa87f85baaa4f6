/* SPDX-License-Identifier: MIT */
/*
 * Points in the order of their keys: the body of `order`. A point's place is the number of lower keys, of which
 * a few are counted one by one, and more by a bit for each, if they lie near each other. Included by
 * kernel_tmpl.h alone, in the midst of an instance.
 */

/*
 * Points that are compared with each other; with more, the general sort is as fast. ns per atom of the search
 * of sorted rows, with the general sort and with this (Zen 4): random rc 3, 60 points, 203 / 100, with AVX2 206
 * / 120, in plain C 273 / 246; rc 5, 250 points, 202 / 231.
 */
enum { ORDER_FEW = 12 * KERNEL_LANES };

static NBL__INLINE void put_point(const nbl__near *from, uint32_t k, nbl__near *to, uint32_t place, bool keys)
{
    to->x[place] = from->x[k];
    to->y[place] = from->y[k];
    to->z[place] = from->z[k];
    to->number[place] = from->number[k];
    if (keys)
        to->key[place] = from->key[k];
}

static void order_few(const nbl__near *from, nbl__near *to, bool keys, uint32_t *homes, uint32_t n_homes)
{
    const uint32_t n = from->n;
    uint32_t places[ORDER_FEW + NBL__KERNEL_OVERRUN];
    for (uint32_t c = 0; c < n; c += KERNEL_LANES) {
        const KERNEL_NUMBERS own = KERNEL_LOAD_NUMBERS(from->key + c);
        KERNEL_NUMBERS place = KERNEL_SET_NUMBER(n);
        for (uint32_t k = 0; k < n; k++)
            place = KERNEL_RANK(place, KERNEL_SET_NUMBER(from->key[k]), own);
        KERNEL_STORE_NUMBERS(places + c, place);
    }
    for (uint32_t k = 0; k < n; k++)
        put_point(from, k, to, places[k], keys);
    for (uint32_t k = 0; k < n_homes; k++)
        homes[k] = places[homes[k]];
}

#if defined(KERNEL_POPCOUNT)
enum { ORDER_WORDS = 1024 };

typedef struct ranking {
    uint32_t least; /* key, of bit 0 */
    uint64_t bits[ORDER_WORDS];
    uint32_t before[ORDER_WORDS]; /* bits in earlier words */
} ranking;

static inline uint32_t rank_of(const ranking *r, uint32_t key)
{
    const uint32_t at = key - r->least;
    return r->before[at / 64] + KERNEL_POPCOUNT(KERNEL_LOW(r->bits[at / 64], at % 64));
}

static inline void mark(uint64_t *bits, uint32_t at)
{
    bits[at / 64] |= UINT64_C(1) << at % 64;
}

/*
 * Keys near each other follow each other, and a word that was just written is not to be read again at once:
 * marks are made in four places in turns.
 */
static void rank_keys(ranking *r, const uint32_t *key, uint32_t n, uint32_t words)
{
    const uint32_t quarter = n / 4;
    uint32_t sum = 0;
    memset(r->bits, 0, words * sizeof *r->bits);
    for (uint32_t k = 0; k < quarter; k++)
        for (uint32_t q = 0; q < 4; q++)
            mark(r->bits, key[k + q * quarter] - r->least);
    for (uint32_t k = 4 * quarter; k < n; k++)
        mark(r->bits, key[k] - r->least);
    for (uint32_t w = 0; w < words; w++) {
        r->before[w] = sum;
        sum += KERNEL_POPCOUNT(r->bits[w]);
    }
}

/*
 * Not where keys lie so far apart that there is no room for their words, or more of these than vectors to
 * compare all points with each other (search of sorted rows of copper, 256,000 atoms, with twice as many words
 * as points at most and so, Zen 4: 125 and 104 ns per atom, with AVX2 141 and 116).
 */
static bool order_many(const nbl__near *from, nbl__near *to, bool keys, uint32_t *homes, uint32_t n_homes)
{
    const uint32_t n = from->n, *key = from->key;
    uint32_t least = UINT32_MAX, most = 0;
    ranking r;
    for (uint32_t k = 0; k < n; k++) {
        least = key[k] < least ? key[k] : least;
        most = key[k] > most ? key[k] : most;
    }
    const uint32_t words = n > 0 ? (most - least) / 64 + 1 : 0;
    if (words > ORDER_WORDS || words > (uint64_t)n * n / KERNEL_LANES)
        return false;
    r.least = least;
    rank_keys(&r, key, n, words);
    for (uint32_t k = 0; k < n; k++)
        put_point(from, k, to, rank_of(&r, key[k]), keys);
    for (uint32_t k = 0; k < n_homes; k++)
        homes[k] = rank_of(&r, key[homes[k]]);
    return true;
}
#endif

static bool order(const nbl__near *from, nbl__near *to, bool keys, uint32_t *homes, uint32_t n_homes)
{
#if defined(KERNEL_POPCOUNT)
    if (order_many(from, to, keys, homes, n_homes))
        return true;
#endif
    if (from->n > ORDER_FEW)
        return false;
    order_few(from, to, keys, homes, n_homes);
    return true;
}
